#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Property test of the two ways in: xpm.find in Lua and the JSON of the command say the same plan.

    run_lua.py [--pairs N] [--seed N] --driver PATH --lua LUA --cpath PATTERN

Random files and specs, each asked of both. Prints the seed first, then mismatches and one TAP line. Exit status as run.py.
"""
import argparse
import os
import random
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent))

from generate import Maker, Specs, emit
from reading import expand_hosts, load_launchers
from run import SPECS_PER_FILE, Driver

PLAN = ("qos", "account", "gres", "constraint", "cpus_per_task", "mem_mib", "time_s")


def of_json(answer: dict[str, Any]) -> dict[str, Any]:
    """The JSON's plan as the Lua driver would print it; {} when nothing matches."""
    if not answer.get("matched"):
        return {}
    plan = answer["plan"] or {}
    found = {"alternative": str(answer["alternative"]), "launcher": answer["launcher"]["id"],
             "kind": answer["launcher"]["kind"]}
    found |= {name: str(plan[name]) for name in PLAN if plan.get(name) is not None}
    if plan.get("partition"):
        found["partition"] = ",".join(plan["partition"])
    if plan.get("exclude"):
        found["exclude"] = hosts(",".join(plan["exclude"]))
    return found


def hosts(text: str) -> str:
    return ",".join(sorted(expand_hosts(text)))


def of_lua(line: str) -> dict[str, Any]:
    found = dict(field.split("=", 1) for field in line.split("\t") if field)
    if "none" in found:
        return {}
    if "exclude" in found:
        found["exclude"] = hosts(found["exclude"])
    return found


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pairs", type=int, default=4000)
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(10 ** 6))
    parser.add_argument("--driver", required=True)
    parser.add_argument("--lua", required=True)
    parser.add_argument("--cpath", required=True)
    options = parser.parse_args()
    print(f"# seed {options.seed}", flush=True)
    lua = subprocess.Popen([options.lua, str(Path(__file__).with_name("find.lua"))], stdin=subprocess.PIPE,
                           stdout=subprocess.PIPE, text=True, env=os.environ | {"LUA_CPATH": options.cpath})
    driver, bad, done, matched = Driver(options.driver), 0, 0, 0
    assert lua.stdin and lua.stdout
    with tempfile.TemporaryDirectory() as folder:
        for number in range(options.pairs // SPECS_PER_FILE):
            file = Path(folder) / f"{number}.yaml"
            file.write_text(emit(Maker(options.seed + number).file()))
            specs = Specs(load_launchers(file.read_text()), options.seed + number)
            for _ in range(SPECS_PER_FILE):
                spec, (kind, tags) = specs.spec(), specs.scope()
                lua.stdin.write(f"{file}\t{kind}\t{','.join(tags)}\t{spec}\n")
                lua.stdin.flush()
                ours, theirs = of_json(driver.ask(file, kind, tags, spec)), of_lua(lua.stdout.readline().rstrip("\n"))
                done += 1
                matched += bool(ours)
                if ours != theirs:
                    bad += 1
                    print(f"# {spec!r} {kind} {tags}\n#   json {ours}\n#   lua  {theirs}\n" + "".join(
                        f"#   | {row}\n" for row in file.read_text().splitlines()) if bad <= 3 else "", end="")
            file.unlink()
    driver.stop()
    lua.stdin.close()
    print(f"# {done} pairs, {matched} matched, lua ended with {lua.wait()}")
    bad += lua.returncode != 0 or matched < done // 3
    print(f"1..1\n{'not ' if bad else ''}ok 1 - xpm.find in Lua and the JSON say the same plan")
    return int(bool(bad))


if __name__ == "__main__":
    sys.exit(main())
