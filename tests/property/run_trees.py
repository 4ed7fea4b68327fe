#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Property test of the builders: a requirement made of text, of calls in C and of values in Lua is one and the same.

    run_trees.py [--trees N] [--seed N] --driver PATH [--lua LUA --cpath PATTERN]...

Random trees of terms, "and", "or", "times" and longer durations. The text is worked out here, from the rules of the language
alone: alternatives multiplied out, durations scaled. --driver is the driver of run.py; ours (trees) lies beside it. Prints the
seed first, then mismatches and one TAP line a way.
"""
import argparse
import os
import random
import subprocess
import sys
from fractions import Fraction
from math import ceil
from pathlib import Path
from typing import Any

KINDS = ("cuda", "rocm", "mps", "gpu")
SIZES = ("", "14G", "24GiB", "400M", "1.5T", "80 GB", "16000MiB", "1K")
MODELS = ("", "", "A100", "RTX 3090", "h100_sxm", "O'Neill", 'say "x"')
DURATIONS = {"4 days": 345600, "90s": 90, "2 min": 120, "1.5h": 5400, "1w": 604800, "20h": 72000}

# An alternative is (seconds, [cpu terms], [(accelerator term, count)]): the text is written from it, not from the product.
Alternative = tuple[int, list[str], list[tuple[str, int]]]


class Tree:
    """Steps that build it, and its alternatives."""

    def __init__(self, steps: list[str], alternatives: list[Alternative]) -> None:
        self.steps, self.alternatives = steps, alternatives

    def text(self, rng: random.Random) -> str:
        return rng.choice((" | ", "|", "\n| ")).join(self.one(a, rng) for a in self.alternatives).replace("\n", " ")

    @staticmethod
    def one(alternative: Alternative, rng: random.Random) -> str:
        seconds, cpus, accels = alternative
        terms = [f"duration={seconds}s"] if seconds else []
        terms += cpus
        terms += [f"{a}*{n}" if n > 1 or rng.random() < 0.2 else a for a, n in accels]
        return rng.choice((" & ", "&", "  &  ")).join(terms)


def quoted(model: str) -> str:
    if '"' in model:
        return f"'{model}'"
    return f'"{model}"' if not model.replace("_", "").isalnum() else model


def leaf(rng: random.Random) -> Tree:
    which = rng.random()
    if which < 0.2:
        words = rng.choice(list(DURATIONS))
        return Tree([f"duration:{words}"], [(DURATIONS[words], [], [])])
    size = rng.choice(SIZES)
    if which < 0.45:
        cores = rng.choice(("", "1", "4", "64"))
        fields = ([f"mem={size}"] if size else []) + ([f"cores={cores}"] if cores else [])
        return Tree([f"cpu:{size}:{cores}"], [(0, [f"cpu({', '.join(fields)})"], [])])
    kind, model = rng.choice(KINDS), rng.choice(MODELS)
    fields = ([f"mem={size}"] if size else []) + ([f"model={quoted(model)}"] if model else [])
    return Tree([f"{kind}:{size}:{model}"], [(0, [], [(f"{kind}({', '.join(fields)})", 1)])])


def both(a: Tree, b: Tree) -> Tree:
    return Tree(a.steps + b.steps + ["and"], [(max(x[0], y[0]), x[1] + y[1], x[2] + y[2])
                                              for x in a.alternatives for y in b.alternatives])


def either(a: Tree, b: Tree) -> Tree:
    return Tree(a.steps + b.steps + ["or"], a.alternatives + b.alternatives)


def grow(rng: random.Random, depth: int) -> Tree:
    which = rng.random()
    if depth == 0 or which < 0.15:
        return leaf(rng)
    if which < 0.5:
        return both(grow(rng, depth - 1), grow(rng, depth - 1))
    if which < 0.75:
        return either(grow(rng, depth - 1), grow(rng, depth - 1))
    tree = grow(rng, depth - 1)
    if which < 0.9 and any(a[2] for a in tree.alternatives):
        n = rng.randint(1, 3)
        return Tree(tree.steps + [f"times:{n}"], [(s, c, [(t, n * m) for t, m in a]) for s, c, a in tree.alternatives])
    n, d = rng.randint(1, 9), rng.randint(1, 9)
    return Tree(tree.steps + [f"longer:{n}:{d}"], [(ceil(Fraction(s * n, d)), c, a) for s, c, a in tree.alternatives])


def start(*command: str, **more: Any) -> subprocess.Popen[str]:
    return subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, **more)


def ask(process: subprocess.Popen[str], line: str) -> list[str]:
    assert process.stdin and process.stdout
    process.stdin.write(line + "\n")
    process.stdin.flush()
    return process.stdout.readline().rstrip("\n").split("\t")


def end(process: subprocess.Popen[str]) -> int:
    assert process.stdin
    process.stdin.close()
    return process.wait()


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--trees", type=int, default=5000)
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(10 ** 6))
    parser.add_argument("--driver", required=True)
    parser.add_argument("--lua", action="append", default=[])
    parser.add_argument("--cpath", action="append", default=[])
    options = parser.parse_args()
    print(f"# seed {options.seed}", flush=True)
    rng = random.Random(options.seed)
    c = start(str(Path(options.driver).with_name("trees")))
    script = str(Path(__file__).with_name("trees.lua"))
    luas = {lua: start(lua, script, env=os.environ | {"LUA_CPATH": cpath}) for lua, cpath in zip(options.lua, options.cpath)}
    bad: dict[str, int] = {"C": 0} | dict.fromkeys(luas, 0)
    done = skipped = several = 0
    while done < options.trees:
        tree = grow(rng, rng.randint(0, 5))
        text = tree.text(rng)
        # beyond the bounds of the language the ways may differ in what they notice first
        if len(tree.alternatives) > 64 or len(text) > 2500:
            skipped += 1
            continue
        done += 1
        several += len(tree.alternatives) > 1
        line = "\t".join([text, *tree.steps])
        parsed, built, equal = ask(c, line)
        answers = {"C": [built, equal]} | {lua: ask(process, line) for lua, process in luas.items()}
        for way, answer in answers.items():
            if answer != [parsed, "1"]:
                bad[way] += 1
                if bad[way] <= 3:
                    print(f"# {way}: {tree.steps}\n#   text  {text!r}\n#   makes {parsed}\n#   built {answer}")
    print(f"# {done} trees, {several} with alternatives, {skipped} too large")
    for way, process in {"C": c, **luas}.items():
        bad[way] += end(process) != 0 or several < done // 10
    print(f"1..{len(bad)}")
    for i, (way, n) in enumerate(bad.items(), 1):
        print(f"{'not ' if n else ''}ok {i} - random requirements: text and {way} build the same")
    return int(any(bad.values()))


if __name__ == "__main__":
    sys.exit(main())
