#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Run the examples of the documents.

    examples.py [--update] [--cluster] FILE...       TAP on stdout

In a page (*.scd) a comment before a literal block says what the block is; in Markdown an HTML comment before a fence:

    ; specs            <!-- specs -->            one spec a line: each must parse
    ; check            <!-- check -->            a launchers.yaml that `xpm check --werror` accepts
    ; file NAME        <!-- file NAME -->        a file of that name for the console blocks that follow
    ; console          <!-- console -->          "$ command" lines, each with exactly the output it has
    ; cluster          <!-- cluster -->          the same as console on a Slurm that the environment leads to: run with
                                                 --cluster only, and nothing else is then
    ; compile          <!-- compile -->          a C program: it is built against the library and run as ./example
    ; lua              <!-- lua -->              a Lua script, run with the module on its path; its output follows as
                                                 comments "--> text"

All blocks of one document share a folder. --update writes what the commands print into the document.
"""
import os
import re
import shutil
import subprocess
import sys
import tempfile

KINDS = ("specs", "check", "file", "console", "cluster", "compile", "lua")


class Block:
    def __init__(self, kind, name, start, lines):
        self.kind, self.name, self.start, self.lines = kind, name, start, lines


def blocks(path):
    lines = open(path, encoding="utf-8").read().split("\n")
    mark = re.compile(r"^; (\w+) ?(\S*)$" if path.endswith(".scd") else r"^<!-- (\w+) ?(\S*) -->$")
    found, pending, i = [], None, 0
    while i < len(lines):
        m = mark.match(lines[i].strip())
        if m and m.group(1) in KINDS:
            pending = m
        elif lines[i].strip().startswith("```"):
            indent = lines[i][: len(lines[i]) - len(lines[i].lstrip())]
            start = i + 1
            i += 1
            while lines[i].strip() != "```":
                i += 1
            if pending:
                body = [l[len(indent):] if l.startswith(indent) else l for l in lines[start:i]]
                if path.endswith(".scd"):
                    body = [re.sub(r"\\(.)", r"\1", l) for l in body]
                found.append(Block(pending.group(1), pending.group(2), start, body))
                found[-1].end, found[-1].indent = i, indent
                pending = None
        elif lines[i].strip() and pending:
            raise SystemExit(f"{path}:{i + 1}: a mark without a block below it")
        i += 1
    return lines, found


class Runner:
    def __init__(self, path, update, cluster):
        self.path, self.update, self.on_cluster = path, update, cluster
        self.build = os.environ["XPM_BUILD"]
        self.top = os.environ["XPM_TOP"]
        self.bad = self.n = 0
        self.dir = tempfile.mkdtemp(prefix="xpm-docs-")
        self.env = {
            "PATH": f"{self.build}:{os.environ['PATH']}", "HOME": self.dir, "LC_ALL": "C.UTF-8", "COLUMNS": "80",
            "USER": "ann", "LUA_CPATH": f"{self.build}/.libs/?.so;;", "TMPDIR": self.dir, "XDG_CONFIG_HOME": self.dir,
            "XPM_LEDGER": self.dir + "/ledger", "XPM_SHIM_DIR": f"{self.build}/local/shim",
        }
        os.mkdir(self.dir + "/ledger", 0o700)
        if cluster:
            os.chmod(self.dir, 0o755)
            self.env = dict(os.environ, COLUMNS="80")

    def result(self, good, block, what, detail=""):
        self.n += 1
        self.bad += not good
        for line in detail.split("\n") if not good and detail else []:
            print("# " + line)
        print(f"{'ok' if good else 'not ok'} - {os.path.basename(self.path)}:{block.start}: {what}", flush=True)

    def call(self, command, **more):
        return subprocess.run(command, shell=isinstance(command, str), executable="/bin/bash" if isinstance(command, str)
                              else None, cwd=self.dir, env=self.env, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                              stdin=subprocess.DEVNULL, text=True, errors="replace", timeout=120, **more)

    def write(self, name, lines):
        with open(os.path.join(self.dir, name), "w", encoding="utf-8") as f:
            f.write("\n".join(lines) + "\n")

    def specs(self, block):
        empty = os.path.join(self.dir, "empty.yaml")
        open(empty, "w").close()
        for spec in block.lines:
            if spec.strip():
                done = self.call(["xpm", "find", "-f", empty, "--", spec])
                self.result(done.returncode == 1, block, f"spec {spec}", done.stdout)

    def check(self, block):
        self.write("checked.yaml", block.lines)
        done = self.call("xpm check --werror checked.yaml")
        self.result(done.returncode == 0, block, "launchers.yaml is accepted", done.stdout)

    def file(self, block):
        self.write(block.name, block.lines)
        if block.name.endswith(".sh"):
            os.chmod(os.path.join(self.dir, block.name), 0o755)
        if block.name == "launchers.yaml":
            done = self.call("xpm check launchers.yaml")
            self.result(done.returncode == 0, block, "launchers.yaml is accepted", done.stdout)

    def console(self, block):
        new, commands = [], []
        for line in block.lines:
            if line.startswith("$ "):
                commands.append(([line], []))
            elif line.startswith("> ") and commands and not commands[-1][1]:
                commands[-1][0].append(line)
            elif commands:
                commands[-1][1].append(line)
        for typed, expected in commands:
            while expected and not expected[-1].strip():
                expected = expected[:-1]
            got = self.call("\n".join(l[2:] for l in typed)).stdout.replace(self.dir, "~").rstrip("\n").split("\n")
            got = [] if got == [""] else [l.rstrip() for l in got]
            if self.on_cluster:
                got = [re.sub(r"(Submitted batch job) \d+", r"\1 1", l) for l in got]
            new += typed + got
            self.result(got == expected or self.update, block, typed[0][2:],
                        "expected:\n" + "\n".join(expected) + "\ngot:\n" + "\n".join(got))
        block.new = new

    cluster = console

    def compile(self, block):
        self.write("example.c", block.lines)
        libs = subprocess.run(["pkg-config", "--libs", "yaml-0.1", "libpcre2-8"], capture_output=True, text=True).stdout
        sanitized = "-fsanitize=address,undefined" if "asan" in self.build else ""
        done = self.call(f"cc -std=c11 -Wall -Wextra -Werror {sanitized} -I'{self.top}/lib' -o example example.c "
                         f"-L'{self.build}/.libs' -Wl,-rpath,'{self.build}/.libs' -lxpmatch {libs}")
        self.result(done.returncode == 0, block, "the program builds", done.stdout)

    def lua(self, block):
        self.write("example.lua", block.lines)
        want = [l.split("--> ", 1)[1] for l in block.lines if "--> " in l]
        lua = os.environ.get("XPM_LUA", "lua")
        if not os.path.exists(f"{self.build}/.libs/xpm.so"):
            print(f"ok - {os.path.basename(self.path)}:{block.start}: Lua # skip no module was built")
            return
        done = self.call([lua, "example.lua"])
        self.result(done.returncode == 0 and done.stdout.rstrip("\n").split("\n") == want, block, "the Lua script",
                    "expected:\n" + "\n".join(want) + "\ngot:\n" + done.stdout)

    def run(self):
        lines, found = blocks(self.path)
        found = [b for b in found if (b.kind == "cluster") == self.on_cluster]
        for block in found:
            getattr(self, block.kind)(block)
        if self.update:
            for block in reversed([b for b in found if b.kind in ("console", "cluster")]):
                text = [block.indent + l for l in block.new]
                if self.path.endswith(".scd"):
                    text = [l.replace("\\", "\\\\") for l in text]
                lines[block.start:block.end] = text
            with open(self.path, "w", encoding="utf-8") as f:
                f.write("\n".join(lines))
        shutil.rmtree(self.dir)
        return self.bad


def main(argv):
    update, cluster = "--update" in argv, "--cluster" in argv
    bad = sum(Runner(path, update, cluster).run() for path in argv if not path.startswith("--"))
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
