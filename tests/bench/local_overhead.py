#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""What `xpm-local -- true` costs above `env true`: both in turn, in one run, medians compared.

    local_overhead.py XPM_LOCAL [RUNS] [--check MS]

XPM_LOCAL is the program itself, installed or .libs/xpm-local with LD_LIBRARY_PATH: libtool's wrapper is a shell script.

Prints one line of JSON. With --check, status 1 when the difference is above MS milliseconds.
"""
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time


def once(argv, env):
    begin = time.perf_counter()
    subprocess.run(argv, env=env, check=True, stdin=subprocess.DEVNULL)
    return (time.perf_counter() - begin) * 1000


def main():
    args = sys.argv[1:]
    limit = None
    if "--check" in args:
        at = args.index("--check")
        limit = float(args[at + 1])
        del args[at:at + 2]
    runs = int(args[1]) if len(args) > 1 else 200
    with tempfile.TemporaryDirectory() as ledger:
        env = dict(os.environ, XPM_LEDGER=ledger)
        shim = os.path.dirname(os.path.abspath(args[0])) + "/local/shim"
        if os.path.isdir(shim):  # a build tree
            env["XPM_SHIM_DIR"] = shim
        ours, plain = [], []
        for _ in range(10):
            once([args[0], "--", "true"], env)
        for _ in range(runs):
            ours.append(once([args[0], "--", "true"], env))
            plain.append(once(["env", "true"], env))
    a, b = statistics.median(ours), statistics.median(plain)
    print(json.dumps({"runs": runs, "xpm_local_ms": round(a, 3), "env_ms": round(b, 3),
                      "above_ms": round(a - b, 3), "ratio": round(a / b, 2)}))
    return limit is not None and a - b > limit


sys.exit(main())
