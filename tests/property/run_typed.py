#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Property test of what was typed: random files, specs and options beside them, each answer held against typed.py.

    run_typed.py [--pairs N] [--seed N] [--driver PATH] [--shown N] [--jobs N] [--keys KEY,KEY]

Prints the seed first, then mismatches with a shrunken file, statistics, and one TAP line for each property.
Exit status as run.py.
"""
from __future__ import annotations

import argparse
import json
import multiprocessing
import os
import random
import sys
import tempfile
from collections import Counter
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Iterator, Optional

sys.path.insert(0, str(Path(__file__).resolve().parent))

from checks import Problem
from generate import Maker, Specs, emit
from oracle import considered, cores_needed, decide
from reading import Alternative, Launcher, Row, SpecError, load_launchers, parse_spec
from run import SPECS_PER_FILE, smaller, without
from run_explain import WordDriver
from typed import MIB, PROPERTIES, Checked, Typed, check

KEYS = (("partition", 4), ("qos", 2), ("account", 2), ("constraint", 5), ("exclude", 4), ("nodelist", 3), ("gres", 7),
        ("time", 2), ("cpus_per_task", 1), ("mem", 1), ("mem_per_cpu", 1))


# ---- options

class Typist:
    """Options that somebody might type beside a spec: mostly such as the candidates have."""

    def __init__(self, launchers: list[Launcher], tags: list[str], spec: str, seed: str) -> None:
        self.rng = random.Random(seed)
        rng = self.rng
        scope = considered(launchers, "slurm", tags) or launchers
        pairs = [(l, r) for l in scope for r in l.rows if l.kind == "slurm"]
        try:
            alternatives = parse_spec(spec)
        except SpecError:
            alternatives = []
        self.alt = alternatives[0] if alternatives else Alternative()
        decision = decide(launchers, "slurm", tags, alternatives)
        if decision.matched and decision.launcher and rng.random() < 0.75:
            assert decision.alternative is not None
            self.alt = alternatives[decision.alternative]
            satisfying = [r for r in decision.launcher.rows if not decision.fails[r.index]]
            pairs = [(decision.launcher, rng.choice(satisfying if rng.random() < 0.7 else decision.members))]
        self.launcher, self.row = rng.choice(pairs) if pairs else (None, None)
        self.rows: list[Row] = self.launcher.rows if self.launcher else []

    def some(self, names: list[str], most: int) -> list[str]:
        return self.rng.sample(names, min(len(names), self.rng.randint(1, most)))

    def hosts(self) -> str:
        rng = self.rng
        row = self.row if self.row and self.row.hosts and rng.random() < 0.6 else rng.choice(self.rows or [None])
        names = sorted(row.hosts) if row and row.hosts else []
        if rng.random() < 0.35:
            names = self.some(names, 2)
        if rng.random() < 0.2:
            names += self.some(sorted({h for r in self.rows for h in r.hosts or ()} - set(names)), 2)
        if rng.random() < 0.1 or not names:
            names.append("zz9")
        numbers = sorted(int(n[1:]) for n in names if n != "zz9" and n[1:].isdigit())
        if len(numbers) == len(names) > 1 and rng.random() < 0.4:
            return "n[" + ",".join(map(str, numbers)) + "]"
        return ",".join(names)

    def constraint(self) -> str:
        rng = self.rng
        own = list(self.row.features) if self.row else []
        every = sorted({f for r in self.rows for f in r.features})

        def name() -> str:
            roll = rng.random()
            return rng.choice(own if own and roll < 0.65 else every if every and roll < 0.93 else ["rack1", "rack2"])

        form = rng.choice(("{}", "{}", "{}", "{}&{}", "{}|{}", "{}|{}", "{}&{}&{}", "{}|{}|{}", "({}&{})|{}",
                           "({}&{})|({}&{})", "{}&({}|{})", "({}|{})&({}|{})", "{}&{}|{}", "{}|{}&{}"))
        return form.format(*(name() for _ in range(4)))

    def gres(self) -> str:
        rng = self.rng
        count = len(self.alt.items)
        own = [a.gres_type for a, _ in self.row.entries if a.gres_type] if self.row else []
        every = sorted({a.gres_type for r in self.rows for a, _ in r.entries if a.gres_type})
        items = []
        if count or rng.random() < 0.1:
            if rng.random() < 0.06:
                count += rng.choice((1, -1))
            name = None
            if rng.random() < 0.7:
                roll = rng.random()
                name = rng.choice(own if own and roll < 0.6 else every if every and roll < 0.95 else ["other"])
            item = "gpu" + (f":{name}" if name else "")
            items.append(item if count == 1 and rng.random() < 0.3 else f"{item}:{max(count, 1)}")
        if not items or rng.random() < 0.3:
            items.insert(rng.randint(0, len(items)), rng.choice(("shard:1", "tmpdisk", "nic:mlx:2")))
        return ",".join(items)

    def value(self, name: str) -> Optional[str]:
        rng, row, alt = self.rng, self.row, self.alt
        if name == "partition":
            every = list(dict.fromkeys(r.partition or "" for r in self.rows))
            names = [row.partition or ""] if row and rng.random() < 0.8 else []
            names += [p for p in self.some(every, 3) if p not in names] if not names or rng.random() < 0.6 else []
            rng.shuffle(names)
            return ",".join(names or ["nowhere"])
        if name in ("qos", "account"):
            mine = getattr(row, name) if row else None
            every = sorted({getattr(r, name) for r in self.rows} - {None})
            return mine if mine and rng.random() < 0.7 else rng.choice(every + ["other"])
        if name == "constraint":
            return self.constraint()
        if name in ("exclude", "nodelist"):
            return self.hosts()
        if name == "gres":
            return self.gres()
        if name == "time":
            longest = (row.max_duration if row else 0) or 7200
            if alt.duration and rng.random() < 0.75:
                return str(rng.choice((alt.duration, -(-alt.duration // 60) * 60)))
            return str(rng.choice((1800, longest, longest + 60, 61)))
        if name == "cpus_per_task":
            need = cores_needed(alt, self.launcher, row.mem_per_cpu) if row and self.launcher else alt.cores
            return str(need if need and rng.random() < 0.8 else rng.choice((1, 2, 8)))
        need = alt.mem
        if name == "mem":
            return str(-(-need // MIB) * MIB if need and rng.random() < 0.8 else rng.choice((1024, 4096)) * MIB)
        each = row.mem_per_cpu if row and row.mem_per_cpu and rng.random() < 0.6 else None
        cores = (cores_needed(alt, self.launcher, row.mem_per_cpu) if row and self.launcher else None) or 1
        if need and not each and rng.random() < 0.6:
            each = -(-need // cores)
        return str(-(-(each or 2 ** 31) // MIB) * MIB)

    def options(self, keys: list[str]) -> dict[str, str]:
        rng = self.rng
        weights = [w for k, w in KEYS if k in keys]
        found: dict[str, str] = {}
        for _ in range(rng.choice((1, 1, 1, 2, 2, 3, 4))):
            name = rng.choices([k for k, _ in KEYS if k in keys], weights)[0]
            if name in ("mem", "mem_per_cpu") and ("mem" in found or "mem_per_cpu" in found):
                continue
            value = self.value(name)
            if value is not None:
                found[name] = value
        return found


# Beneath plan and what was typed: `options:` of a launcher.
DEFAULTS = {"mem": "4G", "mem_per_cpu": "2G", "time": "1h", "cpus_per_task": "2", "exclude": "n99", "gres": "shard:7",
            "constraint": "default", "qos": "default", "account": "default", "nodelist": "n98",
            "comment": "default"}


def add_defaults(data: dict[str, Any], rng: random.Random) -> None:
    for launcher in data["slurm"]:
        if rng.random() < 0.2:
            names = rng.sample(list(DEFAULTS), rng.randint(1, 3))
            if not {"mem", "mem_per_cpu"} <= set(names):
                launcher["options"] = {name: DEFAULTS[name] for name in names}


# ---- one question

@dataclass
class Case:
    data: Any
    number: int
    tags: list[str]
    spec: str
    options: dict[str, str]


class TypedDriver(WordDriver):
    def question(self, file: Path, tags: list[str], spec: str, typed: Typed) -> dict[str, Any]:
        return self.ask(file, "slurm", tags, f"{spec}\t{typed.line()}" if typed.options else spec)


FLAGS = {"--partition": "partition", "--qos": "qos", "--account": "account", "--constraint": "constraint",
         "--exclude": "exclude", "--nodelist": "nodelist", "--gres": "gres", "--time": "time",
         "--cpus-per-task": "cpus_per_task", "--mem": "mem", "--mem-per-cpu": "mem_per_cpu"}


def check_relaxed(driver: TypedDriver, file: Path, tags: list[str], spec: str, typed: Typed, got: dict[str, Any],
                  checked: Checked) -> None:
    for text in got.get("relaxations") or []:
        checked.notes.add("relaxed")
        answer = driver.question(file, tags, text, typed)
        if not answer.get("matched"):
            checked.problems.append(Problem("relaxed", f"{text} is not accepted: {answer.get('error')}"))
    name = got.get("without")
    if name is None:
        return
    checked.notes.add("without an option")
    if FLAGS.get(name) not in typed.options:
        checked.problems.append(Problem("relaxed", f"without {name}, which was not typed"))
        return
    rest = Typed({k: v for k, v in typed.options.items() if k != FLAGS[name]})
    answer = driver.question(file, tags, spec, rest)
    if not answer.get("matched"):
        checked.problems.append(Problem("relaxed", f"not accepted without {name}: {answer.get('error')}"))


def judge(driver: TypedDriver, file: Path, launchers: list[Launcher], case: Case) -> tuple[Checked, dict[str, Any]]:
    typed = Typed(case.options)
    got = driver.question(file, case.tags, case.spec, typed)
    if "broken" in got:
        return Checked([Problem("answer", got["broken"])]), got
    try:
        checked = check(got, launchers, case.tags, case.spec, typed)
    except (KeyError, TypeError, AttributeError, ValueError, IndexError) as err:
        return Checked([Problem("answer", f"not in the agreed form: {type(err).__name__} {err}")]), got
    if "error" not in got and not got["matched"]:
        check_relaxed(driver, file, case.tags, case.spec, typed, got, checked)
    return checked, got


def cases(seed: int, first: int, pairs: int, folder: Path,
          keys: list[str]) -> Iterator[tuple[Case, Path, list[Launcher]]]:
    """`pairs` questions from file seed `first` on."""
    number, left = first, pairs
    while left:
        file_seed = seed * 1_000_003 + number
        data = Maker(file_seed).file()
        data.pop("local", None)
        add_defaults(data, random.Random(file_seed))
        file = folder / f"launchers-{number}.yaml"
        file.write_text(emit(data))
        launchers = load_launchers(file.read_text())
        specs = Specs(launchers, file_seed)
        for each in range(min(SPECS_PER_FILE, left)):
            spec, (_, tags) = specs.spec(), specs.scope()
            options = Typist(launchers, tags, spec, f"{file_seed} {each}").options(keys)
            yield Case(data, number, tags, spec, options), file, launchers
            left -= 1
        file.unlink()
        number += 1


def work(args: tuple[int, int, int, str, str, list[str]]) -> tuple[Counter[str], Counter[str], list[tuple[Case, str]]]:
    """A share of the questions: statistics, how often each property did not hold, and where."""
    seed, first, pairs, path, folder, keys = args
    driver = TypedDriver(path)
    stats: Counter[str] = Counter()
    broken: Counter[str] = Counter()
    failures: list[tuple[Case, str]] = []
    for case, file, launchers in cases(seed, first, pairs, Path(folder), keys):
        checked, _ = judge(driver, file, launchers, case)
        stats["pairs"] += 1
        stats.update(checked.notes)
        stats.update(f"--{name}" + (" and matched" if "matched" in checked.notes else "") for name in case.options)
        found = {p.prop for p in checked.problems}
        broken.update(found)
        failures += [(case, prop) for prop in sorted(found) if len(failures) < 500]
    driver.stop()
    return stats, broken, failures


# ---- shrinking

def fails(driver: TypedDriver, folder: Path, case: Case, prop: str, at: list[int]) -> bool:
    at[0] += 1
    file = folder / f"shrinking-{at[0]}.yaml"       # a new name: the driver keeps what it has read
    try:
        file.write_text(emit(case.data))
        launchers = load_launchers(file.read_text())
        if any(r.hosts is not None and not r.hosts for l in launchers for r in l.rows):
            return False
        return any(p.prop == prop for p in judge(driver, file, launchers, case)[0].problems)
    except (ValueError, KeyError, TypeError, AttributeError, AssertionError):
        return False
    finally:
        file.unlink(missing_ok=True)


def shrink(driver: TypedDriver, folder: Path, case: Case, prop: str, budget: int = 400) -> Case:
    """Takes things out of options, spec and file while the same property still does not hold."""
    at = [0]
    for name in list(case.options):
        trial = replace(case, options={k: v for k, v in case.options.items() if k != name})
        if fails(driver, folder, trial, prop, at):
            case = trial
    for mark in ("|", "&"):
        for part in case.spec.split(mark):
            trial = replace(case, spec=mark.join(p for p in case.spec.split(mark) if p != part))
            if trial.spec and fails(driver, folder, trial, prop, at):
                case = trial
    changed = True
    while changed and at[0] < budget:
        changed = False
        for path in smaller(case.data):
            trial = replace(case, data=without(case.data, path))
            if at[0] < budget and fails(driver, folder, trial, prop, at):
                case, changed = trial, True
                break
    return case


def report(driver: TypedDriver, folder: Path, case: Case, prop: str, at: int) -> None:
    case = shrink(driver, folder, case, prop)
    file = folder / f"shrunken-{at}.yaml"
    file.write_text(emit(case.data))
    checked, got = judge(driver, file, load_launchers(file.read_text()), case)
    print(f"# mismatch {at}: {prop}, file {case.number}, tags {case.tags}\n# spec: {case.spec}\n# typed: "
          + " ".join(f"--{k.replace('_', '-')}={v}" for k, v in case.options.items()))
    for line in file.read_text().splitlines():
        print(f"#   | {line}")
    for name, text in checked.problems[:6]:
        print(f"#   {name}: {text}")
    print("#   sbatch: " + " ".join(got.get("sbatch", [])))
    print("#   product: " + json.dumps({k: v for k, v in got.items() if k not in ("table", "short", "tokens", "spec")}))


def main() -> int:
    parser = argparse.ArgumentParser(description="property test of what was typed")
    parser.add_argument("--pairs", type=int, default=5000)
    parser.add_argument("--seed", type=int, default=None)
    beside = Path(__file__).resolve().parent / "driver"
    parser.add_argument("--driver", default=os.environ.get("XPM_DRIVER", str(beside)))
    parser.add_argument("--shown", type=int, default=2, help="mismatches of each property, shrunken and printed")
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--keys", default=",".join(k for k, _ in KEYS), help="only these options are typed")
    args = parser.parse_args()
    seed = random.SystemRandom().randrange(10 ** 6) if args.seed is None else args.seed
    print(f"# seed {seed}", flush=True)
    if not os.access(args.driver, os.X_OK):
        print(f"Bail out! no driver at {args.driver}")
        return 2
    jobs = max(1, min(args.jobs, args.pairs // 50 or 1))
    share = -(-args.pairs // jobs)
    stats: Counter[str] = Counter()
    broken: Counter[str] = Counter()
    failures: list[tuple[Case, str]] = []
    with tempfile.TemporaryDirectory(prefix="xpm-property-") as folder:
        shares = [(seed, 1_000_000 * i, min(share, args.pairs - i * share), args.driver, folder, args.keys.split(","))
                  for i in range(jobs)]
        with multiprocessing.Pool(jobs) as pool:
            for one, two, three in pool.map(work, shares, chunksize=1):
                stats += one
                broken += two
                failures += three
        driver = TypedDriver(args.driver)
        shown: Counter[str] = Counter()
        for case, prop in failures:
            if shown[prop] < args.shown:
                shown[prop] += 1
                report(driver, Path(folder), case, prop, sum(shown.values()))
        driver.stop()
    for name, value in stats.most_common():
        print(f"# {100 * value / (stats['pairs'] or 1):6.2f} %  {value:6d}  {name}")
    for number, (prop, text) in enumerate(PROPERTIES.items(), 1):
        times = f" # {broken[prop]} of {stats['pairs']} pairs, seed {seed}" if broken[prop] else ""
        print(f"{'not ok' if broken[prop] else 'ok'} {number} - {prop}: {text}{times}")
    print(f"1..{len(PROPERTIES)}")
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main())
