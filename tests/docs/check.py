#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Hold the documents against the programs. Prints TAP; XPM_BUILD and XPM_TOP are the build tree and the sources."""
import glob
import os
import re
import subprocess
import sys
import tempfile

TOP, BUILD = os.environ["XPM_TOP"], os.environ["XPM_BUILD"]
PAGES = sorted(glob.glob(f"{TOP}/man/*.scd"))
DOCUMENTS = [f"{TOP}/README.md", f"{TOP}/NEWS.md", f"{TOP}/HACKING.md"]
# pages of others that ours refer to
OTHERS = {"sbatch(1)", "srun(1)", "salloc(1)", "scontrol(1)", "sacctmgr(1)", "slurm.conf(5)", "gres.conf(5)", "spank(7)",
          "free(3)", "stat(2)", "systemd(1)"}
bad = 0


def ok(good, what, detail=""):
    global bad
    bad += not good
    for line in str(detail).split("\n") if detail and not good else []:
        print("# " + line)
    print(("ok" if good else "not ok") + " - " + what, flush=True)


def output(*command):
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL, text=True,
                          errors="replace")
    return done.stdout


def read(path):
    with open(path, encoding="utf-8") as f:
        return f.read()


def plain(scd):
    """The text of a page without scdoc's marks."""
    return re.sub(r"\\(.)", r"\1", re.sub(r"(?<!\\)\*", "", scd))


def page(name):
    return read(f"{TOP}/man/{name}.scd")


def section(scd, name):
    found = re.search(rf"^# {name}\n(.*?)(?=^# |\Z)", scd, re.M | re.S)
    return found.group(1) if found else ""


def page_options(scd):
    """Options that have an entry of their own: lines in bold at the margin, with text indented below."""
    lines = section(scd, "OPTIONS").split("\n")
    entries = [l for l, below in zip(lines, lines[1:]) if l.startswith("*-") and below.startswith("\t")]
    return set(re.findall(r"(?<![\w-])--?[a-zA-Z][a-z-]*", " ".join(plain(e) for e in entries)))


def help_options(text):
    text = re.sub(r"'[^'\n]*'|\$\([^)]*\)|`[^`]*`", "", text)  # commands that are quoted
    words = set()
    for line in text.split("\n"):
        # an option begins the line, or stands behind blanks in a table of them
        if re.match(r" +-", line) or " | --" in line or re.search(r"\[-", line):
            words |= set(re.findall(r"(?:^|\s{2,}|, |; |\| |\[|xpm-local )(--?[a-zA-Z][a-z-]*)", line))
            words |= set(re.findall(r" (-[a-zA-Z]), --", line))
            words |= set(re.findall(r"--mem|--gpus(?==)|--gres(?=[= ])", line)) if "--mem=" in line else set()
    return words


def options():
    for name in ("find", "explain", "check", "convert", "snapshot", "doctor"):
        said, written = help_options(output(f"{BUILD}/xpm", "help", name)), page_options(page(f"xpm-{name}.1"))
        ok(said == written, f"options of xpm {name}: help and page agree",
           f"only in --help: {sorted(said - written)}\nonly in the page: {sorted(written - said)}")
    if os.path.exists(f"{BUILD}/xpm-local"):
        said = help_options(output(f"{BUILD}/xpm-local", "--help")) | {"-h", "--help", "-V", "--version"}
        written = page_options(page("xpm-local.1"))
        ok(said == written, "options of xpm-local: help and page agree",
           f"only in --help: {sorted(said - written)}\nonly in the page: {sorted(written - said)}")
    said = {"--" + o for o in re.findall(r'\[\] = "(xpm-[a-z]+)"', read(f"{TOP}/spank/option.c"))}
    ok(said == page_options(page("spank_xpm.8")), "options of the plugin: source and page agree", said)
    commands = set(re.findall(r"^  (\w+) ", output(f"{BUILD}/xpm", "--help"), re.M))
    written = set(re.findall(r"^\*(\w+)\*", section(page("xpm.1"), "COMMANDS"), re.M)) - {"help"}
    ok(commands == written, "commands of xpm: help and page agree", commands ^ written)


def sections():
    for path in PAGES:
        scd, name = read(path), os.path.basename(path)[:-4]
        wanted = ["NAME", "EXAMPLES", "SEE ALSO"] + (["SYNOPSIS", "EXIT STATUS", "FILES"] if name.endswith(".1") else [])
        wanted += ["FILES"] if name.endswith((".5", ".8", ".3")) else []
        missing = [w for w in wanted if not section(scd, w)]
        ok(not missing, f"sections of {name}", missing)


def references():
    mine = {re.sub(r"\.(\d)$", r"(\1)", os.path.basename(p)[:-4]) for p in PAGES}
    for path in PAGES + DOCUMENTS:
        text = plain(read(path)) if path.endswith(".scd") else read(path)
        named = set(re.findall(r"(?<![\w.])([a-z][\w.-]*\([1-8]\))", text))
        lost = sorted(n for n in named - mine - OTHERS)
        ok(not lost, f"pages that {os.path.basename(path)} refers to exist", lost)


def exists(path):
    return bool(glob.glob(os.path.join(TOP, path)))


def links():
    for path in DOCUMENTS:
        text = read(path)
        lost = [t for t in re.findall(r"\]\(([^)#\s]+)[^)]*\)", text) if "://" not in t and not exists(t)]
        roots = "|".join(d for d in sorted(os.listdir(TOP)) if os.path.isdir(f"{TOP}/{d}") and not d.startswith(("_", ".")))
        for name in re.findall(rf"`((?:{roots})/[^`\s]*)`", text):
            if not re.search(r"[<>]|NAME|DIR", name) and not exists(name.rstrip("/")):
                lost.append(name)
        lost += [n for n in re.findall(r"(?:^|[\s`])(scripts/[\w.-]+)", text) if not exists(n)]
        ok(not lost, f"files and links in {os.path.basename(path)} exist", lost)
        # only what a reader has: no path of the machine it was written on
        here = re.findall(r"/work\b\S*|\.\./shared\S*|/tmp/w/\S*|/root/\S*", text)
        ok(not here, f"{os.path.basename(path)} names no path of one machine", here)
    for path in PAGES:
        here = re.findall(r"/work\b\S*|/tmp/w/\S*|/root/\S*", read(path))
        ok(not here, f"{os.path.basename(path)} names no path of one machine", here)


KNOWN_LINT = ("skipping paragraph macro", "missing date", "cannot parse date", "referenced manual not found")


def lint():
    if not any(os.access(f"{d}/mandoc", os.X_OK) for d in os.environ["PATH"].split(":")):
        print("ok - lint of the pages # skip no mandoc")
        return
    for path in PAGES:
        name = os.path.basename(path)[:-4]
        built = f"{BUILD}/man/{name}"
        if not os.path.exists(built):
            ok(False, f"{name} was built", "no man pages in the build tree")
            continue
        said = [l for l in output("mandoc", "-T", "lint", "-W", "warning", built).split("\n")
                if l and not any(k in l for k in KNOWN_LINT)]
        ok(not said, f"lint of {name}", "\n".join(said))
        wide = [l for l in output("mandoc", "-T", "utf8", "-O", "width=78", built).split("\n")
                if len(re.sub(".\b", "", l)) > 160]
        ok(not wide, f"{name} fits a screen", "\n".join(wide))


def check_file(text):
    with tempfile.NamedTemporaryFile("w", suffix=".yaml") as f:
        f.write(text)
        f.flush()
        return output(f"{BUILD}/xpm", "check", f.name)


def keys():
    """The loader lists a mapping's keys when it meets an unknown one: each must be in launchers.yaml(5)."""
    probes = {
        "the top level": "qqqqqqqqqq: 1\n",
        "a local launcher": "local:\n- {qqqqqqqqqq: 1}\n",
        "a slurm launcher": "slurm:\n- {qqqqqqqqqq: 1}\n",
        "a partition": "slurm:\n- partitions: {p: {qqqqqqqqqq: 1}}\n",
        "a node group": "slurm:\n- partitions: {p: {nodes: [{qqqqqqqqqq: 1}]}}\n",
        "a configuration": "slurm:\n- configuration: {qqqqqqqqqq: 1}\n",
        "cpu": "slurm:\n- configuration: {cpu: {qqqqqqqqqq: 1}}\n",
        "a gpu": "slurm:\n- configuration: {gpu: {qqqqqqqqqq: 1}}\n",
        "a QoS": "slurm:\n- qos: {q: {qqqqqqqqqq: 1}}\n",
        "a feature": "slurm:\n- features: {f: {qqqqqqqqqq: 1}}\n",
        "options": "slurm:\n- options: {qqqqqqqqqq: 1}\n",
        "a token": "tokens: {t: {qqqqqqqqqq: 1}}\n",
    }
    text = page("launchers.yaml.5")
    for what, probe in probes.items():
        said = re.search(r"which may have: ([\w, ]+)", check_file(probe))
        names = said.group(1).split(", ") if said else []
        missing = [n for n in names if not re.search(rf"\*[^*\n]*\b{re.escape(n.replace('_', chr(92) + '_'))}\b", text)]
        ok(names and not missing, f"launchers.yaml(5) has every key of {what}", f"keys {names}, missing {missing}")


def functions():
    declared = set()
    for path in glob.glob(f"{TOP}/lib/xpmatch/*.h"):
        code = re.sub(r"/\*.*?\*/", "", read(path), flags=re.S)
        code = re.sub(r"^typedef.*?;", "", code, flags=re.S | re.M)
        declared |= set(re.findall(r"\b(xpm_\w+)\(", code))
    written = set(re.findall(r"\b(xpm_\w+)\(\)", plain(section(page("libxpmatch.3"), "HEADERS"))))
    ok(declared == written, "libxpmatch(3) has every function of the headers",
       f"only in headers: {sorted(declared - written)}\nonly in the page: {sorted(written - declared)}")
    declared_launch = set(re.findall(r"\b(xpm_\w+)\(", re.sub(r"/\*.*?\*/", "", read(f"{TOP}/launch/xpmlaunch/launch.h"),
                                                              flags=re.S)))
    said = set(re.findall(r"\b(xpm_\w+)\(\)", plain(section(page("libxpmatch.3"), "STARTING JOBS"))))
    ok(declared_launch and declared_launch == said, "libxpmatch(3) has every function of launch.h", declared_launch ^ said)
    exported = {l.split()[-1].split("@")[0] for l in output("nm", "-D", "--defined-only", f"{BUILD}/.libs/libxpmatch.so")
                .split("\n") if " T " in l}
    ok(not declared - exported, "the library exports what its headers declare", sorted(declared - exported))
    names = {os.path.basename(h) for h in glob.glob(f"{TOP}/lib/xpmatch/*.h")}
    said = set(re.findall(r"xpmatch/(\w+\.h)", plain(section(page("libxpmatch.3"), "HEADERS"))))
    ok(names == said, "libxpmatch(3) has every header", names ^ said)


def bounds():
    text = plain(page("xpm-spec.7"))
    header = read(f"{TOP}/lib/xpmatch/spec.h")
    for name in ("XPM_SPEC_MAX", "XPM_ALTERNATIVES_MAX", "XPM_ACCELERATORS_MAX"):
        value = re.search(rf"#define {name} +(\d+)", header).group(1)
        ok(value in section(text, "BOUNDS"), f"xpm-spec(7) has the bound {name}", value)


def main():
    for part in (options, sections, references, links, lint, keys, functions, bounds):
        part()
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
