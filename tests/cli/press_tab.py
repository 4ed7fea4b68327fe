#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""What TAB makes of a line in an interactive bash: press_tab.py FOLDER_OF_COMPLETIONS LINE"""
import os
import pty
import sys
import tempfile

# The line as readline has it once TAB was pressed: a key bound to a function writes it, whatever the terminal shows.
RC = """
PS1='$ ' HISTFILE=
bind 'set bell-style none'; bind 'set show-all-if-ambiguous on'
. "{folder}/xpm"
. "{folder}/xpm-local"
_tell() {{ printf %s "$READLINE_LINE" >"{out}"; exit; }}
bind -x '"\\C-g": _tell'
"""


def main():
    folder, line = sys.argv[1:]
    with tempfile.TemporaryDirectory() as scratch:
        out, rc = scratch + "/line", scratch + "/rc"
        with open(rc, "w", encoding="utf-8") as file:
            file.write(RC.format(folder=folder, out=out))
        pid, terminal = pty.fork()
        if pid == 0:
            os.environ["TERM"] = "dumb"
            os.execvp("bash", ["bash", "--noprofile", "--rcfile", rc, "-i"])
        seen = b""
        while not seen.endswith(b"$ "):
            seen += os.read(terminal, 4096)
        os.write(terminal, line.encode() + b"\t\x07")
        try:
            while os.read(terminal, 4096):
                pass
        except OSError:  # bash has ended
            pass
        os.waitpid(pid, 0)
        with open(out, encoding="utf-8") as file:
            sys.stdout.write(file.read())


main()
