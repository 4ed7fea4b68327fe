#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Answers that run_typed.py accepts, made wrong on purpose: every one of them must be noticed, by the property it breaks.

    run_typed_mutants.py [--driver PATH] [--seed N] [--pairs N]

A mutant changes the answer, or what was typed, in place, and says whether it could. Exit status as run.py.
"""
from __future__ import annotations

import argparse
import copy
import os
import random
import sys
import tempfile
from collections import Counter
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Callable

sys.path.insert(0, str(Path(__file__).resolve().parent))

from checks import host_set
from oracle import considered
from reading import Launcher, Row, SpecError, parse_spec
from run_typed import KEYS, Case, TypedDriver, cases, check_relaxed, judge
from typed import PROPERTIES, Typed, View, check

Answer = dict[str, Any]
TIMES = 5           # each mutant is applied so often


@dataclass
class Place:
    """Where an answer chose, with the rows of its launcher by what they are."""
    case: Case
    view: View
    rows: dict[int, Row]
    verdicts: dict[int, dict[str, Any]]

    def candidates(self, verdict: str) -> list[tuple[Row, dict[str, Any]]]:
        return [(self.rows[i], c) for i, c in self.verdicts.items() if c["verdict"] == verdict]


Mutant = Callable[[Answer, Place], bool]
MUTANTS: dict[str, tuple[set[str], Mutant]] = {}


def mutant(*props: str) -> Callable[[Mutant], Mutant]:
    def register(func: Mutant) -> Mutant:
        MUTANTS[func.__name__] = (set(props), func)
        return func
    return register


def place_of(got: Answer, case: Case, launchers: list[Launcher]) -> Place | None:
    """None where candidates of the answer cannot be told apart by what they show."""
    launcher = next(l for l in considered(launchers, "slurm", case.tags) if l.id == got["launcher"]["id"])
    view = View(launcher, parse_spec(case.spec)[got["alternative"] - 1], Typed(case.options))
    shown = [c for c in got["candidates"] if c["launcher"] == launcher.id and c["alternative"] == got["alternative"]]
    keys = [(c["partition"], c["qos"], c["account"], frozenset(c["features"]), host_set(c["hosts"])) for c in shown]
    rows = {(r.partition, r.qos, r.account, r.fset, r.hosts): r for r in launcher.rows}
    if len(set(keys)) != len(launcher.rows) or set(keys) != set(rows):
        return None
    return Place(case, view, {r.index: r for r in launcher.rows}, {rows[k].index: c for k, c in zip(keys, shown)})


def word(got: Answer, name: str) -> bool:
    """Takes a word out of the submission."""
    before = len(got["sbatch"])
    got["sbatch"] = [w for w in got["sbatch"] if not w.startswith(f"--{name}=")]
    return len(got["sbatch"]) < before


def words_mutants() -> None:
    for key, _ in KEYS:
        def lost(got: Answer, place: Place, key: str = key) -> bool:
            return key in place.case.options and word(got, key.replace("_", "-"))
        lost.__name__ = f"{key}_is_lost"
        mutant("kept")(lost)


words_mutants()


def put(got: Answer, name: str, value: str) -> bool:
    """Another value in the plan and in the submission."""
    got["plan"][name] = value
    word(got, name)
    got["sbatch"].append(f"--{name}={value}")
    return True


@mutant("kept")
def both_kinds_of_memory(got: Answer, place: Place) -> bool:
    if "mem" not in place.case.options:
        return False
    got["sbatch"].append("--mem-per-cpu=1024M")
    return True


@mutant("kept")
def other_gres_is_lost(got: Answer, place: Place) -> bool:
    items = (got["plan"]["gres"] or "").split(",")
    return len(items) > 1 and put(got, "gres", items[0])


@mutant("kept")
def gpu_is_not_first(got: Answer, place: Place) -> bool:
    items = (got["plan"]["gres"] or "").split(",")
    return len(items) > 1 and put(got, "gres", ",".join(items[1:] + items[:1]))


@mutant("kept", "sound")
def type_is_lost(got: Answer, place: Place) -> bool:
    name = place.view.typed.gres.gres_type
    return name is not None and put(got, "gres", got["plan"]["gres"].replace(f":{name}", ""))


@mutant("kept", "sound", "alive")
def another_type(got: Answer, place: Place) -> bool:
    name = place.view.typed.gres.gres_type
    return name is not None and put(got, "gres", got["plan"]["gres"].replace(f":{name}", ":bogus"))


@mutant("kept", "plain", "alive")
def typed_constraint_is_replaced(got: Answer, place: Place) -> bool:
    return "constraint" in place.case.options and put(got, "constraint", "elsewhere")


@mutant("kept")
def typed_constraint_is_forgotten(got: Answer, place: Place) -> bool:
    if "constraint" not in place.case.options:
        return False
    got["plan"]["constraint"] = None
    return word(got, "constraint")


@mutant("sound")
def own_constraint_is_forgotten(got: Answer, place: Place) -> bool:
    text = got["plan"]["constraint"]
    if text is None or text == place.case.options.get("constraint"):
        return False
    if "constraint" in place.case.options:
        return put(got, "constraint", place.case.options["constraint"])
    got["plan"]["constraint"] = None
    return word(got, "constraint")


@mutant("plain")
def needless_constraint(got: Answer, place: Place) -> bool:
    text = place.case.options.get("constraint")
    return bool(text) and text == got["plan"]["constraint"] and not set(text) & set("&|()") and put(
        got, "constraint", f"{text}&more")


@mutant("plain")
def clause_twice(got: Answer, place: Place) -> bool:
    text = got["plan"]["constraint"] or ""
    if text == place.case.options.get("constraint") or "|" not in text:
        return False
    return put(got, "constraint", f"{text}|{text.split('|')[0]}")


@mutant("plain")
def name_twice(got: Answer, place: Place) -> bool:
    text = got["plan"]["constraint"] or ""
    if text == place.case.options.get("constraint") or "|" in text or "&" not in text:
        return False
    return put(got, "constraint", f"{text}&{text.split('&')[0]}")


@mutant("plain")
def nested_parentheses(got: Answer, place: Place) -> bool:
    text = got["plan"]["constraint"] or ""
    return bool(text) and text != place.case.options.get("constraint") and put(got, "constraint", f"(({text}))&x")


@mutant("inside")
def a_partition_nobody_typed(got: Answer, place: Place) -> bool:
    listed = place.case.options.get("partition", "").split(",")
    more = [r.partition for r in place.rows.values() if r.partition not in listed]
    if "partition" in place.case.options and more:
        got["plan"]["partition"].append(more[0])
        return True
    return False


@mutant("inside")
def another_qos(got: Answer, place: Place) -> bool:
    return "qos" in place.case.options and put(got, "qos", "bogus")


@mutant("inside")
def another_account(got: Answer, place: Place) -> bool:
    return "account" in place.case.options and put(got, "account", "bogus")


def joins(place: Place, clause: str) -> bool:
    for row, cand in place.candidates("rejected"):
        if place.view.failed_typed(row) == {clause} and not place.view.fails[row.index]:
            cand.update(verdict="joined", reasons=[])
            return True
    return False


@mutant("inside")
def joins_from_a_partition_nobody_typed(got: Answer, place: Place) -> bool:
    return joins(place, "partition")


@mutant("inside")
def joins_without_the_constraint(got: Answer, place: Place) -> bool:
    return joins(place, "constraint")


@mutant("inside")
def joins_with_hosts_that_are_out(got: Answer, place: Place) -> bool:
    return joins(place, "hosts")


@mutant("inside")
def joins_with_another_type(got: Answer, place: Place) -> bool:
    return joins(place, "gres")


@mutant("kept")
def typed_host_is_let_in(got: Answer, place: Place) -> bool:
    shut = host_set(got["plan"]["exclude"]) or frozenset()
    if not place.view.typed.exclude:
        return False
    left = sorted(shut - {min(place.view.typed.exclude)})
    got["plan"]["exclude"] = left
    word(got, "exclude")
    got["sbatch"] += ["--exclude=" + ",".join(left)] if left else []
    return True


@mutant("sound")
def leak_is_let_in(got: Answer, place: Place) -> bool:
    shut = host_set(got["plan"]["exclude"]) or frozenset()
    leaks = shut - place.view.typed.exclude
    if not leaks:
        return False
    got["plan"]["exclude"] = sorted(shut - {min(leaks)})
    return True


@mutant("exclude", "sound")
def good_host_is_excluded(got: Answer, place: Place) -> bool:
    row, _ = place.candidates("chosen")[0]
    shut = host_set(got["plan"]["exclude"]) or frozenset()
    if not row.hosts or row.hosts <= shut:
        return False
    got["plan"]["exclude"] = sorted(shut | {min(row.hosts - shut)})
    return True


@mutant("alive", "sound")
def partition_dies(got: Answer, place: Place) -> bool:
    rows = [r for r in place.rows.values() if r.partition == got["plan"]["partition"][-1]]
    if any(r.hosts is None for r in rows):
        return False
    got["plan"]["exclude"] = sorted({h for r in rows for h in r.hosts or ()} | (host_set(got["plan"]["exclude"]) or set()))
    return True


@mutant("maximal")
def joined_is_kept_out(got: Answer, place: Place) -> bool:
    best, _ = place.candidates("chosen")[0]
    for row, cand in place.candidates("joined"):
        if (row.qos, row.account, row.mem_per_cpu) == (best.qos, best.account, best.mem_per_cpu) and row.hosts is None:
            cand.update(verdict="rejected", reasons=[{"clause": "union", "need": "", "have": ""}])
            return not place.view.typed.nodelist
    return False


@mutant("chosen")
def second_is_chosen(got: Answer, place: Place) -> bool:
    if place.view.typed.nodelist or not place.candidates("joined"):
        return False
    _, first = place.candidates("chosen")[0]
    _, second = place.candidates("joined")[0]
    first["verdict"], second["verdict"] = "joined", "chosen"
    return True


@mutant("complete")
def nothing_is_chosen(got: Answer, place: Place) -> bool:
    got.update(matched=False, alternative=None, launcher=None, plan=None)
    return not place.view.free


@mutant("refused")
def refused_for_nothing(got: Answer, place: Place) -> bool:
    got.clear()
    got.update(error="--time=1 was typed", conflict=True)
    return len(parse_spec(place.case.spec)) == 1 and not place.view.free


@mutant("answer")
def error_for_an_answer(got: Answer, place: Place) -> bool:
    got.clear()
    got.update(error="no")
    return True


@mutant("refused")
def another_time(got: Answer, place: Place) -> bool:
    return place.view.alt.duration is not None and typed_too(place, "time", str(place.view.alt.duration + 60))


@mutant("refused")
def other_cores(got: Answer, place: Place) -> bool:
    cores = got["plan"]["cpus_per_task"]
    return cores is not None and typed_too(place, "cpus_per_task", str(cores + 1))


@mutant("refused")
def another_memory(got: Answer, place: Place) -> bool:
    need = place.view.alt.mem
    return need is not None and typed_too(place, "mem", str(need + 2 ** 20))


@mutant("refused")
def another_count(got: Answer, place: Place) -> bool:
    return typed_too(place, "gres", f"gpu:{len(place.view.alt.items) + 1}")


@mutant("wanted")
def another_host_was_wanted(got: Answer, place: Place) -> bool:
    rows = [r for v in ("chosen", "joined") for r, _ in place.candidates(v)]
    if any(r.hosts is None for r in rows):
        return False  # may be any
    other = {h for r in place.rows.values() for h in r.hosts or ()} - {h for r in rows for h in r.hosts or ()}
    return bool(other) and typed_too(place, "nodelist", min(other))


def typed_too(place: Place, name: str, value: str) -> bool:
    """The answer as it is, to somebody who also typed this."""
    place.case.options[name] = value
    return True


@mutant("reasons")
def untrue_typed_reason(got: Answer, place: Place) -> bool:
    for row, cand in place.candidates("rejected"):
        names = {"partition", "constraint", "hosts", "gres"} - place.view.failed_typed(row)
        if names and not place.view.typed.nodelist:
            cand["reasons"].append({"clause": min(names), "need": "1", "have": "0"})
            return True
    return False


@mutant("reasons")
def typed_reason_is_missing(got: Answer, place: Place) -> bool:
    for row, cand in place.candidates("rejected"):
        if place.view.failed_typed(row) and not place.view.fails[row.index]:
            cand["reasons"] = [{"clause": "union", "need": "", "have": ""}]
            return True
    return False


# ---- the run

def run(driver: TypedDriver, seed: int, pairs: int, folder: Path) -> tuple[Counter[str], list[str]]:
    applied: Counter[str] = Counter()
    missed: list[str] = []
    keys = [k for k, _ in KEYS]
    for case, file, launchers in cases(seed, 0, pairs, folder, keys):
        left = [name for name in MUTANTS if applied[name] < TIMES]
        if not left and applied["no_relaxation"] == TIMES:
            break
        checked, got = judge(driver, file, launchers, case)
        if checked.problems or "error" in got:
            continue
        if not got["matched"]:
            wrong_relaxations(driver, file, case, got, applied, missed)
            continue
        if place_of(got, case, launchers) is None:
            continue
        for name in left:
            props, func = MUTANTS[name]
            answer, other = copy.deepcopy(got), replace(case, options=dict(case.options))
            place = place_of(answer, other, launchers)
            if place is None or not func(answer, place):
                continue
            applied[name] += 1
            found = {p.prop for p in check(answer, launchers, case.tags, case.spec, Typed(other.options)).problems}
            if not found & props:
                missed.append(f"{name}: {case.spec!r} {case.options} found {sorted(found)}: {got['plan']}")
    return applied, missed


def wrong_relaxations(driver: TypedDriver, file: Path, case: Case, got: Answer, applied: Counter[str],
                      missed: list[str]) -> None:
    """The spec itself is no relaxation; an option that was not typed cannot be left out."""
    for name, change in (("no_relaxation", {"relaxations": [case.spec]}), ("without_nothing", {"without": "--comment"})):
        if applied[name] == TIMES:
            continue
        applied[name] += 1
        checked = check({**got, **change}, [], [], "", Typed({}))
        check_relaxed(driver, file, case.tags, case.spec, Typed(case.options), {**got, **change}, checked)
        if not any(p.prop == "relaxed" for p in checked.problems):
            missed.append(f"{name}: {case.spec!r} {case.options}")


def main() -> int:
    parser = argparse.ArgumentParser(description="mutants of answers to what was typed")
    parser.add_argument("--pairs", type=int, default=6000)
    parser.add_argument("--seed", type=int, default=None)
    beside = Path(__file__).resolve().parent / "driver"
    parser.add_argument("--driver", default=os.environ.get("XPM_DRIVER", str(beside)))
    args = parser.parse_args()
    seed = random.SystemRandom().randrange(10 ** 6) if args.seed is None else args.seed
    print(f"# seed {seed}", flush=True)
    if not os.access(args.driver, os.X_OK):
        print(f"Bail out! no driver at {args.driver}")
        return 2
    driver = TypedDriver(args.driver)
    with tempfile.TemporaryDirectory(prefix="xpm-property-") as folder:
        applied, missed = run(driver, seed, args.pairs, Path(folder))
    driver.stop()
    for text in missed[:20]:
        print(f"# {text}")
    names = [*MUTANTS, "no_relaxation", "without_nothing"]
    bad = {text.partition(":")[0] for text in missed}
    for number, name in enumerate(names, 1):
        print(f"{'not ok' if name in bad or not applied[name] else 'ok'} {number} - {name} # {applied[name]} times")
    untested = set(PROPERTIES) - {p for props, _ in MUTANTS.values() for p in props} - {"relaxed"}
    print(f"{'not ok' if untested else 'ok'} {len(names) + 1} - every property has a mutant {sorted(untested) or ''}")
    print(f"1..{len(names) + 1}")
    return 1 if missed or untested or any(not applied[name] for name in names) else 0


if __name__ == "__main__":
    sys.exit(main())
