#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Faulty matchers: the oracle with one rule broken answers in the product's place. Random pairs must find each one out.

    faults.py [SEED [FILES]]       every fault, on FILES (100) files of ten specs
    faults.py --serve NAME         one of them as a driver

mutants.py asks whether the checks notice a wrong answer; this asks whether the generator makes the files that tell.
"""
from __future__ import annotations

import json
import re
import sys
from collections import Counter
from contextlib import ExitStack
from fractions import Fraction
from pathlib import Path
from typing import Any, Callable, Iterator
from unittest.mock import patch

sys.path.insert(0, str(Path(__file__).resolve().parent))

import oracle
import reading
from checks import check
from generate import Maker, Specs, emit
from oracle import Request, Scene
from reading import Accelerator, Effective, Item, Launcher, Row, SpecError

Patch = tuple[Any, str, Any]


def zipped(items: tuple[Item, ...], devices: tuple[Accelerator, ...]) -> bool:
    pairs = zip(sorted(items, key=lambda i: i.mem or 0), sorted(devices, key=lambda d: d.memory))
    return len(items) <= len(devices) and all(oracle.fits(i, d) for i, d in pairs)


def anywhere(self: Effective, pattern: re.Pattern[str], name: str,
             real: Callable[..., None] = Effective.capture) -> None:
    m = pattern.search(name)
    real(self, pattern, name[m.start():] if m else name)


def whole_name(self: Effective, pattern: re.Pattern[str], name: str,
               real: Callable[..., None] = Effective.capture) -> None:
    if pattern.fullmatch(name):
        real(self, pattern, name)


def base_ignored(self: Effective, conf: Any, real: Callable[..., None] = Effective.apply) -> None:
    if isinstance((conf or {}).get("gpu"), list):
        self.base = {}
    real(self, conf)


def later_mapping_lost(self: Effective, got: dict[str, Any]) -> None:
    self.base.update(got)


def no_min_gpu_at_zero(row: Row, alt: Any, launcher: Any, real: Any = oracle.failing) -> set[str]:
    return real(row, alt, launcher) - ({"min_gpu"} if not alt.items else set())


def drop(name: str) -> Callable[..., set[str]]:
    def failing(row: Row, alt: Any, launcher: Any, real: Any = oracle.failing) -> set[str]:
        return real(row, alt, launcher) - {name}
    return failing


def edited_rows(edit: Callable[[Launcher], None]) -> Callable[[str], list[Launcher]]:
    def load(text: str, real: Any = reading.load_launchers) -> list[Launcher]:
        found = real(text)
        for launcher in found:
            edit(launcher)
        return found
    return load


def no_memory_product(launcher: Launcher) -> None:
    for row in launcher.rows:
        if row.mem_per_cpu and row.cores and row.memory == row.cores * row.mem_per_cpu:
            row.memory = None


def flat_priority(launcher: Launcher) -> None:
    for row in launcher.rows:
        row.priority = 0


def zero_is_unset(launcher: Launcher) -> None:
    for row in launcher.rows:
        row.memory = row.memory or None


def accounts_ignored(launcher: Launcher) -> None:
    for row in launcher.rows:
        row.account = None


def closed(hosts_of_t: bool = True, exact: bool = False, partly: bool = False) -> Callable[..., Any]:
    """Scene.closed with one of its conditions gone."""
    def faulty(self: Scene, chosen: list[Row], gres_type: Any) -> Any:
        request = self.strongest(chosen, gres_type)
        if any(row.index in self.bad or not request.admits_class(row) for row in chosen):
            return None
        shut: set[str] = set()
        for row in self.rows:
            admitted = request.admits_class(row)
            if exact and request.clauses is not None:
                admitted = admitted and row.fset in request.clauses
            if row.index in self.bad and admitted:
                if row.hosts is None or not self.launcher.use_hosts:
                    return None
                shut |= set(sorted(row.hosts)[:1]) if partly else row.hosts
        if hosts_of_t and any(row.hosts is not None and row.hosts & shut for row in chosen):
            return None
        request.exclude = frozenset(shut)
        return request
    return faulty


def only_own_pairs(self: Scene, chosen: list[Row], gres_type: Any) -> Any:
    """Leaks of each member alone, not of the product of partitions and features."""
    requests = [closed()(self, [row], gres_type) for row in chosen]
    if not all(requests):
        return None
    whole = self.strongest(chosen, gres_type)
    whole.exclude = frozenset().union(*(r.exclude for r in requests))
    return whole


def first_is_best(launcher: Launcher, alt: Any, fails: Any, typed: bool, real: Any = oracle.choose_rows) -> Any:
    """Gives up where the first satisfying row is not sound, instead of passing it over."""
    found = real(launcher, alt, fails, typed)
    order = sorted((r for r in launcher.rows if not fails[r.index]), key=lambda r: (-r.priority, r.index))
    return found if found and found.best is order[0] else None


def alone(launcher: Launcher, alt: Any, fails: Any, typed: bool, real: Any = oracle.choose_rows) -> Any:
    found = real(launcher, alt, fails, typed)
    if found:
        scene = Scene.around(launcher, alt, found.best, fails)
        found.members, found.joined = [found.best], set()
        found.request = scene.closed([found.best], found.request.gres_type)
    return found if found and found.request else None


def any_type(row: Row, gres_type: Any) -> int:
    return len(row.devices)


def exact_type(row: Row, gres_type: Any) -> int:
    return sum(n for acc, n in row.entries if gres_type in (None, acc.gres_type))


def within(item: Item, acc: Accelerator) -> bool:
    return item.model is None or (acc.model is not None and item.model.lower() in acc.model.lower())


def strict_memory(item: Item, acc: Accelerator) -> bool:
    return item.mem is None or item.mem < acc.memory


def strict_ratio(item: Item, acc: Accelerator) -> bool:
    return item.mem is None or (item.mem >= acc.min_memory and item.mem > acc.ratio * acc.memory)


def always_ratio(item: Item, acc: Accelerator) -> bool:
    return (item.mem or 0) >= acc.min_memory and (item.mem or 0) >= acc.ratio * acc.memory


def no_weights(text: str, real: Any = reading.load_launchers) -> list[Launcher]:
    return sorted(real(text), key=lambda l: (l.kind != "local", l.order))


def slurm_first(text: str, real: Any = reading.load_launchers) -> list[Launcher]:
    return sorted(real(text), key=lambda l: (-l.weight, l.kind == "local", l.order))


def all_tags(launchers: list[Launcher], kind: str, tags: list[str]) -> list[Launcher]:
    return [l for l in launchers if not l.disabled and kind in (l.kind, "both") and set(tags) <= set(l.tags)]


def unweakened(scene: Scene, request: Request) -> Any:
    return request.clauses if request.clauses is None or all(request.clauses) else None


def no_gres_types(row: Row, alt: Any) -> list[str]:
    return []


CLAUSES = oracle.ACC_CLAUSES
FAULTS: dict[str, list[Patch]] = {
    "sort and zip instead of an assignment": [(oracle, "assignable", zipped)],
    "pattern matches anywhere in the name": [(Effective, "capture", anywhere)],
    "pattern must match the whole name": [(Effective, "capture", whole_name)],
    "a list does not start from the base": [(Effective, "apply", base_ignored)],
    "a mapping after a list is lost": [(Effective, "set_gpu", later_mapping_lost)],
    "min_gpu does not count for jobs without": [(oracle, "failing", no_min_gpu_at_zero)],
    **{f"{name} is not looked at": [(oracle, "failing", drop(name))] for name in ("cores", "memory", "duration", "min_gpu")},
    "memory is not cores times mem_per_cpu": [(reading, "load_launchers", edited_rows(no_memory_product))],
    "memory 0 is unknown": [(reading, "load_launchers", edited_rows(zero_is_unset))],
    "priorities are ignored": [(reading, "load_launchers", edited_rows(flat_priority))],
    "accounts are ignored": [(reading, "load_launchers", edited_rows(accounts_ignored))],
    "launchers in file order": [(reading, "load_launchers", no_weights)],
    "slurm before local at the same weight": [(reading, "load_launchers", slurm_first)],
    "a good host is excluded": [(Scene, "closed", closed(hosts_of_t=False))],
    "only equal feature sets leak": [(Scene, "closed", closed(exact=True))],
    "one host of a leak is excluded": [(Scene, "closed", closed(partly=True))],
    "members are sound one by one": [(Scene, "closed", only_own_pairs)],
    "an unsound first row ends it": [(oracle, "choose_rows", first_is_best)],
    "nothing joins": [(oracle, "choose_rows", alone)],
    "every node has every gres_type": [(oracle, "gres_count", any_type)],
    "untyped accelerators have no type": [(oracle, "gres_count", exact_type)],
    "gres_type is never used": [(oracle, "servable_types", no_gres_types)],
    "mixed hosts get gpu:N": [(oracle, "any_will_do", lambda items, entries: True)],
    "model anywhere in the name": [(oracle, "ACC_CLAUSES", {**CLAUSES, "gpu_model": within})],
    "memory must be above": [(oracle, "ACC_CLAUSES", {**CLAUSES, "gpu_memory": strict_memory})],
    "ratio must be exceeded": [(oracle, "ACC_CLAUSES", {**CLAUSES, "gpu_min_memory": strict_ratio})],
    "ratio counts without mem": [(oracle, "ACC_CLAUSES", {**CLAUSES, "gpu_min_memory": always_ratio})],
    "all tags are needed": [(oracle, "considered", all_tags)],
    "the constraint is as strong as can be": [(oracle, "plainest", unweakened)],
    "mem_per_cpu buys no cores": [(oracle, "cores_needed", lambda alt, launcher, mpc: alt.cores)],
    "GiB is GB": [(reading, "UNITS", {**reading.UNITS, "GiB": 10 ** 9})],
    "ratios are ignored": [(reading, "GPU_FIELDS", {**reading.GPU_FIELDS,
                                                               "min_mem_ratio": lambda t: Fraction(0)})],
}


def forget() -> None:
    for func in (oracle.fits, oracle.pairs, oracle.any_will_do):
        func.cache_clear()


def faulty_answers(patches: list[Patch], jobs: list[tuple[str, str, list[str], str]]) -> Iterator[Any]:
    forget()
    with ExitStack() as stack:
        for target, name, value in patches:
            stack.enter_context(patch.object(target, name, value))
        for text, kind, tags, spec in jobs:
            try:
                yield json.loads(json.dumps(oracle.answer(reading.load_launchers(text), kind, tags, spec)))
            except (SpecError, AttributeError) as err:
                yield {"error": str(err)}
    forget()


def make_jobs(seed: int, files: int) -> list[tuple[str, str, list[str], str]]:
    found = []
    for number in range(seed * 1000, seed * 1000 + files):
        text = emit(Maker(number).file())
        specs = Specs(reading.load_launchers(text), number)
        for _ in range(10):
            spec, (kind, tags) = specs.spec(), specs.scope()
            found.append((text, kind, tags, spec))
    return found


def serve(patches: list[Patch]) -> int:
    """Speaks as the driver does: for trying run.py on a product that is wrong."""
    for line in sys.stdin:
        file, kind, tags, spec = line.rstrip("\n").split("\t")
        job = (Path(file).read_text(), kind, [t for t in tags.split(",") if t], spec)
        print(json.dumps(next(faulty_answers(patches, [job]))), flush=True)
    return 0


def main() -> int:
    if sys.argv[1:2] == ["--serve"]:
        return serve(FAULTS[sys.argv[2]])
    jobs = make_jobs(int(sys.argv[1]) if len(sys.argv) > 1 else 1, int(sys.argv[2]) if len(sys.argv) > 2 else 100)
    known = {text: reading.load_launchers(text) for text, *_ in jobs}
    result = 0
    for number, (name, patches) in enumerate(FAULTS.items(), 1):
        answers = list(faulty_answers(patches, jobs))
        props: Counter[str] = Counter()
        pairs = 0
        for got, (text, kind, tags, spec) in zip(answers, jobs):
            found = {p.prop for p in check(got, known[text], kind, tags, spec).problems}
            pairs += bool(found)
            props.update(found)
        result |= not pairs
        print(f"{'ok' if pairs else 'not ok'} {number} - {name} # {pairs} of {len(jobs)} pairs: "
              f"{', '.join(p for p, _ in props.most_common(4))}", flush=True)
    print(f"1..{len(FAULTS)}")
    return result


if __name__ == "__main__":
    sys.exit(main())
