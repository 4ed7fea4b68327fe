#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Property test: random files and specs through the product's driver, each answer held against the oracle.

    run.py [--pairs N] [--seed N] [--driver PATH] [--keep DIR] [--jobs N] [--vectors]
    run.py --self ...        the oracle answers itself: a test of this test

Prints the seed first, then mismatches (with a shrunken file), statistics, and one TAP line for each property.
Exit status: 0 all hold, 1 some do not, 2 the driver could not be run.
"""
from __future__ import annotations

import argparse
import copy
import json
import multiprocessing
import os
import random
import selectors
import subprocess
import sys
import tempfile
from collections import Counter
from pathlib import Path
from typing import Any, Iterator, Optional

sys.path.insert(0, str(Path(__file__).resolve().parent))

import vectors
from checks import PROPERTIES, Checked, Problem, check
from generate import Maker, Specs, emit
from oracle import answer as own_answer
from oracle import servable_types
from reading import Launcher, SpecError, load_launchers, parse_spec

SPECS_PER_FILE = 10
TIMEOUT = 20        # seconds for one answer
SHOWN = 5           # mismatches printed in full


class DriverDied(Exception):
    pass


class Driver:
    """The product: one line in, one line out. Started again after it died."""

    def __init__(self, path: str) -> None:
        self.path = path
        self.proc: Optional[subprocess.Popen[bytes]] = None
        self.rest = b""

    def start(self) -> subprocess.Popen[bytes]:
        self.rest = b""
        self.proc = subprocess.Popen([self.path], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        return self.proc

    def ask(self, file: Path, kind: str, tags: list[str], spec: str) -> dict[str, Any]:
        proc = self.proc or self.start()
        assert proc.stdin and proc.stdout
        try:
            proc.stdin.write(f"{file}\t{kind}\t{','.join(tags)}\t{spec}\n".encode())
            proc.stdin.flush()
            line = self.line(proc)
        except (BrokenPipeError, DriverDied) as err:
            self.stop(kill=True)
            return {"broken": f"the driver ended or hung: {err} (status {proc.returncode})"}
        try:
            got = json.loads(line)
            return got if isinstance(got, dict) else {"broken": f"not an object: {line!r}"}
        except ValueError as err:
            return {"broken": f"not JSON ({err}): {line[:500]!r}"}

    def line(self, proc: subprocess.Popen[bytes]) -> bytes:
        assert proc.stdout
        with selectors.DefaultSelector() as selector:
            selector.register(proc.stdout, selectors.EVENT_READ)
            while b"\n" not in self.rest:
                if not selector.select(TIMEOUT):
                    raise DriverDied(f"no answer in {TIMEOUT} s")
                chunk = os.read(proc.stdout.fileno(), 1 << 16)
                if not chunk:
                    raise DriverDied("end of output")
                self.rest += chunk
        line, _, self.rest = self.rest.partition(b"\n")
        return line

    def stop(self, kill: bool = False) -> None:
        if self.proc:
            if self.proc.stdin and not kill:
                self.proc.stdin.close()
            if kill:
                self.proc.kill()
            self.proc.wait()
            self.proc = None


class SelfDriver(Driver):
    """The oracle in the product's place."""

    def ask(self, file: Path, kind: str, tags: list[str], spec: str) -> dict[str, Any]:
        try:
            return own_answer(load_launchers(file.read_text()), kind, tags, spec)
        except SpecError as err:
            return {"error": str(err)}


def make_driver(path: Optional[str]) -> Driver:
    return Driver(path) if path else SelfDriver("")


def judge(got: dict[str, Any], launchers: list[Launcher], kind: str, tags: list[str], spec: str) -> Checked:
    if "broken" in got:
        return Checked([Problem("answer", got["broken"])], None)
    try:
        return check(got, launchers, kind, tags, spec)
    except (KeyError, TypeError, AttributeError, ValueError, IndexError) as err:
        return Checked([Problem("answer", f"not in the agreed form: {type(err).__name__} {err}")], None)


# ---- a share of the work

def count(stats: Counter[str], checked: Checked, launchers: list[Launcher], spec: str) -> None:
    stats["pairs"] += 1
    for note in checked.notes:
        stats[note] += 1
    decision = checked.decision
    if decision is None:
        stats["not a spec"] += 1
        return
    if not decision.matched:
        return
    stats["matched"] += 1
    stats["matched by a later alternative"] += decision.alternative != 0
    assert decision.launcher
    if decision.launcher.kind == "local":
        stats["matched local"] += 1
        return
    request = decision.request
    assert request and decision.best and decision.alternative is not None
    stats["union of several"] += len(decision.members) > 1
    stats["several partitions"] += len(request.partitions) > 1
    stats["hosts excluded"] += bool(request.exclude)
    stats["gres_type"] += request.gres_type is not None
    stats["kept out"] += bool(decision.kept_out)
    stats["use_features false"] += not decision.launcher.use_features
    if request.gres_type:
        types = servable_types(decision.best, parse_spec(spec)[decision.alternative])
        stats["gres_type, several to choose from"] += len(types) > 1


def work(args: tuple[int, int, int, Optional[str], str]) -> tuple[Counter[str], Counter[str], list[dict[str, Any]]]:
    """`pairs` pairs from file seed `first` on."""
    seed, first, pairs, path, folder = args
    driver = make_driver(path)
    stats: Counter[str] = Counter()
    broken: Counter[str] = Counter()
    failures: list[dict[str, Any]] = []
    number = first
    while stats["pairs"] < pairs:
        file_seed = seed * 1_000_003 + number
        data = Maker(file_seed).file()
        file = Path(folder, f"launchers-{number}.yaml")
        file.write_text(emit(data))
        launchers = load_launchers(file.read_text())
        specs = Specs(launchers, file_seed)
        failed = False
        for _ in range(min(SPECS_PER_FILE, pairs - stats["pairs"])):
            spec, (kind, tags) = specs.spec(), specs.scope()
            got = driver.ask(file, kind, tags, spec)
            checked = judge(got, launchers, kind, tags, spec)
            count(stats, checked, launchers, spec)
            constraint = (got.get("plan") or {}).get("constraint") or ""
            stats["a constraint"] += bool(constraint)
            stats["a constraint with & or |"] += "&" in constraint or "|" in constraint
            stats["a constraint with & and |"] += "&" in constraint and "|" in constraint
            for prop in {p.prop for p in checked.problems}:
                broken[prop] += 1
            if checked.problems:
                failed = True
                if len(failures) < 200:
                    failures.append({"data": data, "kind": kind, "tags": tags, "spec": spec, "number": number})
        if not failed:
            file.unlink()
        number += 1
    driver.stop()
    return stats, broken, failures


# ---- shrinking

def smaller(value: Any) -> Iterator[tuple[Any, ...]]:
    """Paths of everything that can be taken out, the big things first."""
    level: list[tuple[tuple[Any, ...], Any]] = [((), value)]
    while level:
        deeper = []
        for path, item in level:
            keys = list(item) if isinstance(item, dict) else range(len(item) - 1, -1, -1) if isinstance(item, list) else ()
            for key in keys:
                yield path + (key,)
                deeper.append((path + (key,), item[key]))
        level = deeper


def without(data: Any, path: tuple[Any, ...]) -> Any:
    data = copy.deepcopy(data)
    at = data
    for key in path[:-1]:
        at = at[key]
    del at[path[-1]]
    return data


def shrink(failure: dict[str, Any], props: set[str], driver: Driver, folder: Path, budget: int = 500) -> None:
    """Takes things out of file and spec while one of the same properties still does not hold."""
    file = folder / "shrinking.yaml"
    number = 0

    def fails(data: Any, spec: str) -> bool:
        nonlocal number
        number += 1
        path = file.with_name(f"shrinking-{number}.yaml")      # a new name: the product may keep what it has read
        try:
            text = emit(data)
            launchers = load_launchers(text)
            path.write_text(text)
            got = driver.ask(path, failure["kind"], failure["tags"], spec)
            if "error" in got and "answer" in props:
                return False
            return bool({p.prop for p in judge(got, launchers, failure["kind"], failure["tags"], spec).problems} & props)
        except (ValueError, KeyError, TypeError, AttributeError, AssertionError):
            return False
        finally:
            path.unlink(missing_ok=True)

    for mark in ("|", "&"):
        parts = failure["spec"].split(mark)
        for part in list(parts):
            rest = [p for p in parts if p is not part]
            if rest and fails(failure["data"], mark.join(rest)):
                parts = rest
        failure["spec"] = mark.join(parts)
    changed = True
    while changed and number < budget:
        changed = False
        for path in smaller(failure["data"]):
            if number >= budget:
                break
            trial = without(failure["data"], path)
            if fails(trial, failure["spec"]):
                failure["data"] = trial
                changed = True
                break


def report(failure: dict[str, Any], driver: Driver, folder: Path, keep: Optional[Path], number: int) -> None:
    def once(label: str) -> set[str]:
        file = folder / f"{label}-{number}.yaml"
        file.write_text(emit(failure["data"]))
        launchers = load_launchers(file.read_text())
        scope = (failure["kind"], failure["tags"], failure["spec"])
        got = driver.ask(file, *scope)
        checked = judge(got, launchers, *scope)
        print(f"# {label} file {failure['number']}, {failure['kind']}, tags {failure['tags']}\n# spec: {failure['spec']}")
        for line in file.read_text().splitlines():
            print(f"#   | {line}")
        for prop, text in checked.problems[:12]:
            print(f"#   {prop}: {text}")
        print("#   product: " + json.dumps(got))
        try:
            print("#   oracle:  " + json.dumps(own_answer(launchers, *scope)))
        except SpecError as err:
            print(f"#   oracle:  not a spec: {err}")
        if keep:
            (keep / file.name).write_text(file.read_text())
            (keep / f"{label}-{number}.txt").write_text("\t".join((file.name, failure["kind"], ",".join(failure["tags"]),
                                                                   failure["spec"])) + "\n")
        return {p.prop for p in checked.problems}

    props = once("mismatch")
    shrink(failure, props, driver, folder)
    once("shrunken")


# ---- main

def run_vectors(driver: Driver) -> list[str]:
    """What does not hold for the recorded decisions."""
    file = Path(__file__).resolve().parent / "example.yaml"
    launchers = load_launchers(file.read_text())
    wrong = []
    for vector in vectors.load():
        got = driver.ask(file, "both", vector["tags"], vector["spec"])
        wrong += [f"{vector['spec']}: {text}" for text in vectors.compare(got, vectors.expected(vector))]
        wrong += [f"{vector['spec']}: {p.prop}: {p.text}" for p in judge(got, launchers, "both", vector["tags"],
                                                                        vector["spec"]).problems]
    return wrong


def main() -> int:
    parser = argparse.ArgumentParser(description="property test of the matcher")
    parser.add_argument("--pairs", type=int, default=20000)
    parser.add_argument("--seed", type=int, default=None)
    beside = Path(__file__).resolve().parent / "driver"
    parser.add_argument("--driver", default=os.environ.get("XPM_DRIVER", str(beside)))
    parser.add_argument("--keep", type=Path)
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--vectors", action="store_true", help="the recorded vectors only")
    parser.add_argument("--self", dest="own", action="store_true", help="the oracle in the product's place")
    args = parser.parse_args()
    seed = random.SystemRandom().randrange(10 ** 6) if args.seed is None else args.seed
    print(f"# seed {seed}", flush=True)
    path = None if args.own else args.driver
    if path and not os.access(path, os.X_OK):
        print(f"Bail out! no driver at {path}")
        return 2
    if args.keep:
        args.keep.mkdir(parents=True, exist_ok=True)
    driver = make_driver(path)
    wrong = run_vectors(driver)
    for text in wrong:
        print(f"#   {text}")
    broken: Counter[str] = Counter()
    stats: Counter[str] = Counter()
    if not args.vectors:
        jobs = max(1, min(args.jobs, args.pairs // 50 or 1))
        share = -(-args.pairs // jobs)
        with tempfile.TemporaryDirectory(prefix="xpm-property-") as folder:
            shares = [(seed, 1_000_000 * i, min(share, args.pairs - i * share), path, folder) for i in range(jobs)]
            if jobs == 1:
                results = [work(shares[0])]
            else:
                with multiprocessing.Pool(jobs) as pool:
                    results = pool.map(work, shares, chunksize=1)
            failures = []
            for one, two, three in results:
                stats += one
                broken += two
                failures += three
            for number, failure in enumerate(failures[:SHOWN]):
                report(failure, driver, Path(folder), args.keep, number)
        total = stats["pairs"] or 1
        for name, value in stats.most_common():
            print(f"# {100 * value / total:6.2f} %  {value:6d}  {name}")
    driver.stop()
    number = 1
    print(f"{'not ok' if wrong else 'ok'} {number} - vectors: recorded decisions, or our own where NOTES says so")
    if not args.vectors:
        for prop, text in PROPERTIES.items():
            number += 1
            times = f" # {broken[prop]} of {stats['pairs']} pairs, seed {seed}" if broken[prop] else ""
            print(f"{'not ok' if broken[prop] else 'ok'} {number} - {prop}: {text}{times}")
    print(f"1..{number}")
    return 1 if wrong or broken else 0


if __name__ == "__main__":
    sys.exit(main())
