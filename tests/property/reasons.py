# SPDX-License-Identifier: GPL-2.0-or-later
"""Whether the reasons of a rejected candidate are true: {clause, need, have}, each evaluated again.

Tolerant on how need and have are written, strict on what they say: a clause that is named must not hold.
"""
from __future__ import annotations

import re
from fractions import Fraction
from functools import lru_cache
from itertools import combinations
from typing import Any, Iterator, Optional

from oracle import ACC_CLAUSES, assignable, cores_needed, failing, fits, pairs
from reading import SECONDS, UNITS, Accelerator, Alternative, Item, Launcher, Row

PLAIN_CLAUSES = ("min_gpu", "cores", "memory", "duration")
GPU_CLAUSES = (*ACC_CLAUSES, "gpu_count", "gpu_assignment")
# Clauses that are said of candidates which satisfy the spec but are not used.
DIFFERENCES = ("qos", "account", "mem_per_cpu")


@lru_cache(maxsize=50_000)
def acc_clause_fails(name: str, items: tuple[Item, ...], devices: tuple[Accelerator, ...]) -> bool:
    """Whether naming this clause is fair: alone, or on top of some of the others, it takes devices away."""
    count = len(items)
    if assignable(items, devices):
        return False
    if name == "gpu_assignment":
        return True
    if name == "gpu_count":
        return any(pairs(items, devices, frozenset(s)) < count for s in ((), ("gpu_kind",), ("gpu_kind", "gpu_model")))
    alone = frozenset([name])
    asked = [i for i in items if (i.model if name == "gpu_model" else True if name == "gpu_kind" else i.mem is not None)]
    if not devices:
        return bool(asked) and name != "gpu_min_memory"
    if any(not any(fits(i, d, alone) for d in devices) for i in asked):
        return True
    others = [c for c in ACC_CLAUSES if c != name]
    for size in range(len(others) + 1):
        for subset in combinations(others, size):
            base = frozenset(subset)
            if pairs(items, devices, base | alone) < pairs(items, devices, base):
                return True
            for item in set(items):
                left = [d for d in devices if fits(item, d, base)]
                if left and not any(fits(item, d, base | alone) for d in left):
                    return True
    return False


def numbers_of(text: Any, unit_table: dict[str, int]) -> Iterator[Fraction]:
    """The value of a text that is one number with (or without) a unit; nothing when it is more than that."""
    m = re.fullmatch(r"\s*(\d+(?:\.\d+)?)\s*([A-Za-z]*)\s*", str(text))
    if m and m[2] in unit_table:
        yield Fraction(m[1]) * unit_table[m[2]]


def close(value: Fraction, allowed: set[int]) -> bool:
    return any(abs(value - a) <= Fraction(a, 20) for a in allowed)


def text_problems(reason: dict[str, Any], row: Row, alt: Alternative, launcher: Launcher) -> Iterator[str]:
    """need and have, where they are numbers, must be numbers of this request and this candidate."""
    name = reason["clause"]
    count = len(alt.items)
    mems = {i.mem for i in alt.items if i.mem is not None}
    devices = row.devices
    thresholds = {int(max(d.min_memory, d.ratio * d.memory)) for d in devices}
    memories = {d.memory for d in devices} | {0}
    cores = {c for c in (cores_needed(alt, launcher, row.mem_per_cpu), alt.cores) if c is not None}
    table: dict[str, tuple[dict[str, int], set[int], set[int]]] = {
        "cores": ({"": 1}, cores, {row.cores or 0}),
        "memory": (UNITS, {alt.mem or 0}, {row.memory or 0}),
        "duration": ({**SECONDS, "": 1}, {alt.duration or 0}, {row.max_duration}),
        "min_gpu": ({"": 1}, {count, row.min_gpu}, {count, row.min_gpu}),
        "gpu_memory": (UNITS, mems, memories),
        "gpu_min_memory": (UNITS, mems | thresholds, mems | thresholds | memories)}
    if name not in table:
        return
    units, needs, haves = table[name]
    for side, allowed in (("need", needs), ("have", haves)):
        for value in numbers_of(reason.get(side), units):
            if not close(value, allowed):
                yield f"{name}: {side} {reason[side]!r} is none of {sorted(allowed)}"


def clause_true(name: str, row: Row, alt: Alternative, fails: set[str]) -> Optional[bool]:
    """Whether the clause does not hold, as claimed; None when it is not one of the predicate."""
    if name in PLAIN_CLAUSES:
        return name in fails
    if name in GPU_CLAUSES:
        return acc_clause_fails(name, alt.items, row.devices)
    return None


def judge_reasons(cand: dict[str, Any], row: Row, alt: Alternative, launcher: Launcher,
                  best: Optional[Row]) -> Iterator[tuple[str, str]]:
    """(property, text) for everything wrong with the reasons of one candidate."""
    reasons = cand.get("reasons") or []
    if cand["verdict"] != "rejected":
        if failing(row, alt, launcher):
            yield "sound", f"{cand['verdict']}, and yet it fails {sorted(failing(row, alt, launcher))}"
        if any(clause_true(r["clause"], row, alt, set()) is not None for r in reasons):
            yield "reasons", f"{cand['verdict']}, and yet it has reasons {reasons}"
        return
    fails = failing(row, alt, launcher)
    named = set()
    for reason in reasons:
        name = reason["clause"]
        named.add(name)
        truth = clause_true(name, row, alt, fails)
        if truth is False:
            yield "reasons", f"{name} holds, and yet it is named: {reason}"
        elif truth:
            for text in text_problems(reason, row, alt, launcher):
                yield "reasons", text
        elif name in DIFFERENCES and best and getattr(row, name) == getattr(best, name):
            yield "reasons", f"{name} is the chosen one's, and yet it is named: {reason}"
    if not reasons:
        yield "reasons", "rejected without a reason"
    elif fails and not named & {*PLAIN_CLAUSES, *GPU_CLAUSES}:
        yield "reasons", f"fails {sorted(fails)}, and none of it is named: {sorted(named)}"
    for name in PLAIN_CLAUSES:
        if name in fails and name not in named:
            yield "trace", f"{name} does not hold and is not named"
    if "accelerators" in fails and not named & set(GPU_CLAUSES):
        yield "trace", "the accelerators do not hold and none of it is named"
