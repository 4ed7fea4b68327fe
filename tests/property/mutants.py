#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Correct answers made wrong on purpose: every one of them must be noticed, by the property it breaks.

A mutant changes the answer in place and says whether it could. It is only ever applied where the result is wrong.
"""
from __future__ import annotations

import copy
import sys
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Callable, Iterator

sys.path.insert(0, str(Path(__file__).resolve().parent))

from checks import check
from generate import Maker, Specs, emit
from oracle import Decision, answer, decide
from reading import Alternative, Launcher, SpecError, load_launchers, parse_spec

Answer = dict[str, Any]


@dataclass
class Case:
    launchers: list[Launcher]
    kind: str
    tags: list[str]
    spec: str
    decision: Decision

    @property
    def alt(self) -> Alternative:
        return parse_spec(self.spec)[self.decision.alternative or 0]


MUTANTS: dict[str, tuple[set[str], Callable[[Answer, Case], bool]]] = {}


def mutant(*props: str) -> Callable[[Callable[[Answer, Case], bool]], Callable[[Answer, Case], bool]]:
    """Registers a mutant of a slurm plan; one of `props` must notice it."""
    def register(func: Callable[[Answer, Case], bool]) -> Callable[[Answer, Case], bool]:
        MUTANTS[func.__name__] = (set(props), func)
        return func
    return register


def of(got: Answer, verdict: str) -> list[dict[str, Any]]:
    return [c for c in got["candidates"] if c["verdict"] == verdict]


def is_slurm(got: Answer) -> bool:
    return bool(got["matched"]) and got["launcher"]["kind"] == "slurm"


# ---- the plan

@mutant("sound")
def exclude_one_host_less(got: Answer, case: Case) -> bool:
    return is_slurm(got) and bool(got["plan"]["exclude"]) and got["plan"]["exclude"].pop() is not None


@mutant("exclude", "sound")
def exclude_a_good_host(got: Answer, case: Case) -> bool:
    hosts = is_slurm(got) and of(got, "chosen")[0]["hosts"]
    if hosts:
        got["plan"]["exclude"].append(hosts[0])
    return bool(hosts)


@mutant("complete", "sound", "alive")
def one_partition_more(got: Answer, case: Case) -> bool:
    if not is_slurm(got):
        return False
    assert case.decision.launcher
    more = [r.partition for r in case.decision.launcher.rows if r.partition not in got["plan"]["partition"]]
    got["plan"]["partition"] += more[:1]
    return bool(more)


@mutant("complete", "sound")
def one_partition_less(got: Answer, case: Case) -> bool:
    return is_slurm(got) and len(got["plan"]["partition"]) > 1 and got["plan"]["partition"].pop() is not None


@mutant("order")
def partitions_backwards(got: Answer, case: Case) -> bool:
    if not is_slurm(got) or len(got["plan"]["partition"]) < 2:
        return False
    got["plan"]["partition"].reverse()
    return True


def set_constraint(got: Answer, text: Any) -> bool:
    got["plan"]["constraint"] = text
    return True


def constraint(got: Answer) -> str:
    return (got["plan"]["constraint"] or "") if is_slurm(got) else ""


@mutant("sound")
def no_constraint(got: Answer, case: Case) -> bool:
    return bool(constraint(got)) and set_constraint(got, None)


@mutant("minimal")
def needless_feature(got: Answer, case: Case) -> bool:
    text = constraint(got)
    more = [f for f in of(got, "chosen")[0]["features"] if f not in text] if text and "|" not in text else []
    return bool(more) and set_constraint(got, f"{text}&{more[0]}")


@mutant("minimal")
def needless_constraint(got: Answer, case: Case) -> bool:
    if not is_slurm(got) or constraint(got) or len(of(got, "joined")) or not of(got, "chosen")[0]["features"]:
        return False
    return set_constraint(got, of(got, "chosen")[0]["features"][0])


@mutant("minimal")
def needless_clause(got: Answer, case: Case) -> bool:
    text = constraint(got)
    return bool(text) and set_constraint(got, f"({text})|nowhere" if "&" in text and "|" not in text else text + "|nowhere")


@mutant("sound", "complete")
def clause_missing(got: Answer, case: Case) -> bool:
    text = constraint(got)
    rest = text.rpartition("|")[0]
    return bool(rest) and set_constraint(got, rest.strip("()") if "|" not in rest else rest)


@mutant("sound", "complete")
def weaker_clause(got: Answer, case: Case) -> bool:
    text = constraint(got)
    return "&" in text and "|" not in text and set_constraint(got, text.rpartition("&")[0])


@mutant("sound", "complete")
def or_for_and(got: Answer, case: Case) -> bool:
    text = constraint(got)
    return "&" in text and "|" not in text and set_constraint(got, text.replace("&", "|"))


@mutant("plain")
def nested_parentheses(got: Answer, case: Case) -> bool:
    text = constraint(got)
    return bool(text) and set_constraint(got, f"(({text})|x)&y")


@mutant("plain")
def needless_parentheses(got: Answer, case: Case) -> bool:
    text = constraint(got)
    return bool(text) and "|" not in text and set_constraint(got, f"({text})")


@mutant("plain")
def left_to_right(got: Answer, case: Case) -> bool:
    text = constraint(got)
    return "&" in text and set_constraint(got, text.replace("(", "").replace(")", "") + "|z")


@mutant("qos")
def other_qos(got: Answer, case: Case) -> bool:
    if not is_slurm(got):
        return False
    assert case.decision.launcher
    more = [r.qos for r in case.decision.launcher.rows if r.qos != got["plan"]["qos"]]
    got["plan"]["qos"] = more[0] if more else "other"
    return True


@mutant("qos")
def other_account(got: Answer, case: Case) -> bool:
    if is_slurm(got):
        got["plan"]["account"] = None if got["plan"]["account"] else "other"
    return is_slurm(got)


def gres(got: Answer) -> tuple[str, int]:
    if not is_slurm(got) or not got["plan"]["gres"]:
        return "", 0
    head, _, count = got["plan"]["gres"].rpartition(":")
    return head, int(count)


def set_gres(got: Answer, text: Any) -> bool:
    got["plan"]["gres"] = text
    return True


@mutant("values")
def less_gres(got: Answer, case: Case) -> bool:
    head, count = gres(got)
    return bool(head) and set_gres(got, f"{head}:{count - 1}" if count > 1 else None)


@mutant("values")
def more_gres(got: Answer, case: Case) -> bool:
    head, count = gres(got)
    return is_slurm(got) and set_gres(got, f"{head or 'gpu'}:{count + 1}")


@mutant("sound", "complete")
def no_gres_type(got: Answer, case: Case) -> bool:
    head, count = gres(got)
    return head.count(":") == 1 and set_gres(got, f"gpu:{count}")


@mutant("complete", "sound")
def wrong_gres_type(got: Answer, case: Case) -> bool:
    head, count = gres(got)
    return bool(head) and set_gres(got, f"gpu:bogus:{count}")


def bump(got: Answer, name: str, by: int) -> bool:
    if not got["matched"] or not got["plan"] or got["plan"][name] is None:
        return False
    got["plan"][name] += by
    return True


@mutant("values")
def time_not_rounded(got: Answer, case: Case) -> bool:
    seconds = got["matched"] and case.alt.duration
    if not seconds or seconds % 60 == 0:
        return False
    got["plan"]["time_s"] = seconds
    return True


@mutant("values")
def time_rounded_down(got: Answer, case: Case) -> bool:
    return bool(got["matched"] and (case.alt.duration or 0) % 60) and bump(got, "time_s", -60)


@mutant("values")
def time_a_minute_more(got: Answer, case: Case) -> bool:
    return bump(got, "time_s", 60)


@mutant("values")
def memory_rounded_down(got: Answer, case: Case) -> bool:
    return bool(got["matched"] and (case.alt.mem or 0) % 2 ** 20) and bump(got, "mem_mib", -1)


@mutant("values")
def one_cpu_less(got: Answer, case: Case) -> bool:
    return bump(got, "cpus_per_task", -1)


@mutant("values")
def cpus_forgotten(got: Answer, case: Case) -> bool:
    if not got["matched"] or got["plan"]["cpus_per_task"] is None:
        return False
    got["plan"]["cpus_per_task"] = None
    return True


@mutant("tokens")
def tokens_changed(got: Answer, case: Case) -> bool:
    if got["matched"]:
        got["tokens"] = {} if got["tokens"] else {"disk": 1}
    return bool(got["matched"])


# ---- the verdict

@mutant("verdict", "chosen")
def no_match(got: Answer, case: Case) -> bool:
    if not got["matched"]:
        return False
    got.update(matched=False, alternative=None, launcher=None, plan=None)
    return True


@mutant("verdict")
def other_launcher(got: Answer, case: Case) -> bool:
    if got["matched"]:
        got["launcher"]["id"] += "x"
    return bool(got["matched"])


@mutant("verdict")
def other_alternative(got: Answer, case: Case) -> bool:
    if not got["matched"] or len(parse_spec(case.spec)) == 1:
        return False
    got["alternative"] = 1 if got["alternative"] > 1 else 2
    return True


@mutant("chosen")
def second_is_chosen(got: Answer, case: Case) -> bool:
    joined = of(got, "joined")
    if joined:
        of(got, "chosen")[0]["verdict"] = "joined"
        joined[0]["verdict"] = "chosen"
    return bool(joined)


@mutant("chosen")
def two_are_chosen(got: Answer, case: Case) -> bool:
    for cand in of(got, "joined")[:1]:
        cand["verdict"] = "chosen"
        return True
    return False


@mutant("complete", "maximal")
def joined_is_rejected(got: Answer, case: Case) -> bool:
    for cand in of(got, "joined")[:1]:
        cand["verdict"] = "rejected"
        cand["reasons"] = [{"clause": "union", "need": "sound", "have": "a leak"}]
        return True
    return False


@mutant("sound")
def failing_joins(got: Answer, case: Case) -> bool:
    for cand in of(got, "rejected"):
        if is_slurm(got) and cand["launcher"] == got["launcher"]["id"] and cand["reasons"][0]["clause"] != "union":
            cand.update(verdict="joined", reasons=[])
            return True
    return False


@mutant("complete", "sound")
def kept_out_joins(got: Answer, case: Case) -> bool:
    for cand in of(got, "rejected"):
        if is_slurm(got) and cand["launcher"] == got["launcher"]["id"] and cand["reasons"][0]["clause"] == "union":
            cand.update(verdict="joined", reasons=[])
            return True
    return False


# ---- the trace

@mutant("candidates")
def candidate_missing(got: Answer, case: Case) -> bool:
    for cand in of(got, "rejected")[:1]:
        got["candidates"].remove(cand)
        return True
    return False


@mutant("candidates", "chosen", "answer")
def candidate_of_nobody(got: Answer, case: Case) -> bool:
    if got["candidates"]:
        got["candidates"].append({**copy.deepcopy(got["candidates"][-1]), "partition": "nowhere"})
    return bool(got["candidates"])


@mutant("reasons")
def no_reasons(got: Answer, case: Case) -> bool:
    for cand in of(got, "rejected")[:1]:
        cand["reasons"] = []
        return True
    return False


@mutant("reasons")
def untrue_reason(got: Answer, case: Case) -> bool:
    """Names every clause of the predicate: at least one of them holds."""
    for cand in of(got, "rejected")[:1]:
        names = {r["clause"] for r in cand["reasons"]}
        if not names >= {"cores", "memory", "duration", "min_gpu"}:
            more = next(n for n in ("duration", "memory", "cores", "min_gpu") if n not in names)
            cand["reasons"].append({"clause": more, "need": "1", "have": "0"})
            return True
    return False


@mutant("trace")
def reason_missing(got: Answer, case: Case) -> bool:
    for cand in of(got, "rejected"):
        if len(cand["reasons"]) > 1:
            cand["reasons"].pop()
            return True
    return False


@mutant("reasons")
def union_for_a_clause(got: Answer, case: Case) -> bool:
    for cand in of(got, "rejected"):
        if cand["reasons"][0]["clause"] != "union":
            cand["reasons"] = [{"clause": "union", "need": "", "have": ""}]
            return True
    return False


@mutant("reasons")
def wrong_need(got: Answer, case: Case) -> bool:
    for cand in of(got, "rejected"):
        for reason in cand["reasons"]:
            if reason["clause"] in ("cores", "memory", "duration"):
                reason["need"] = "3" + reason["need"]
                return True
    return False


@mutant("answer")
def error_for_an_answer(got: Answer, case: Case) -> bool:
    got.clear()
    got["error"] = "no"
    return True


# ---- the run

def cases(seed: int) -> Iterator[Case]:
    while True:
        seed += 1
        launchers = load_launchers(emit(Maker(seed).file()))
        specs = Specs(launchers, seed)
        for _ in range(6):
            spec, (kind, tags) = specs.spec(), specs.scope()
            try:
                yield Case(launchers, kind, tags, spec, decide(launchers, kind, tags, parse_spec(spec)))
            except SpecError:
                continue


def run(seed: int, times: int = 12, limit: int = 6000) -> tuple[Counter[str], list[str]]:
    """Applies each mutant `times` times: how often each was, and what was not noticed."""
    applied: Counter[str] = Counter()
    missed: list[str] = []
    for number, case in enumerate(cases(seed)):
        left = [name for name in MUTANTS if applied[name] < times]
        if not left or number >= limit:
            return applied, missed
        right = answer(case.launchers, case.kind, case.tags, case.spec)
        for name in left:
            props, func = MUTANTS[name]
            got = copy.deepcopy(right)
            if not func(got, case) or got == right:
                continue
            applied[name] += 1
            found = {p.prop for p in check(got, case.launchers, case.kind, case.tags, case.spec).problems}
            if not found & props:
                missed.append(f"{name}: {case.kind} {case.spec!r} found {sorted(found)}: "
                              f"{got.get('plan')} for {right['plan']}")
    return applied, missed


def main() -> int:
    applied, missed = run(int(sys.argv[1]) if len(sys.argv) > 1 else 1)
    for text in missed[:20]:
        print(f"# {text}")
    bad = {text.partition(":")[0] for text in missed}
    for number, name in enumerate(MUTANTS, 1):
        print(f"{'not ok' if name in bad or not applied[name] else 'ok'} {number} - {name} # {applied[name]} times")
    print(f"1..{len(MUTANTS)}")
    return 1 if missed or any(not applied[name] for name in MUTANTS) else 0


if __name__ == "__main__":
    sys.exit(main())
