# SPDX-License-Identifier: GPL-2.0-or-later
"""Holds one answer of the product against the file, the spec and the oracle's own decision.

An answer is the JSON object of `xpm explain --format json`. Each finding names the property that does not hold.
"""
from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any, NamedTuple, Optional

from oracle import Decision, Request, Scene, considered, cores_needed, decide, failing, servable_types
from reading import Alternative, Launcher, Row, SpecError, expand_hosts, parse_spec
from reasons import judge_reasons

PROPERTIES = {
    "answer": "every line is answered, in the form that was agreed",
    "verdict": "matched or not, alternative and launcher are the oracle's",
    "chosen": "exactly one candidate is chosen, and it is the best",
    "candidates": "every candidate is listed, and nothing else",
    "sound": "no host that the plan admits fails the spec",
    "complete": "the candidates used are those of the greedy choice",
    "maximal": "no satisfying candidate was kept out that could join soundly",
    "alive": "every partition listed keeps an admitted node",
    "order": "partitions stand best first",
    "qos": "QoS and account are those of the chosen candidate",
    "values": "GRES, CPUs, memory and time are what was asked, rounded up",
    "exclude": "hosts are excluded only where that keeps a failing one out",
    "plain": "the constraint has a form that Slurm takes",
    "minimal": "no feature and no clause of the constraint could go",
    "reasons": "every reason is true, every rejection has one",
    "trace": "every clause that does not hold is named",
    "tokens": "tokens are those of the launcher",
}


class Problem(NamedTuple):
    prop: str
    text: str


@dataclass
class Checked:
    problems: list[Problem]
    decision: Optional[Decision]
    notes: set[str] = field(default_factory=set)


# ---- forms

NAME = r"[A-Za-z0-9_.\-]+"
ALL_OF = rf"{NAME}(?:&{NAME})+"
TERM = rf"(?:{NAME}|\({ALL_OF}\))"


def parse_formula(text: str) -> list[frozenset[str]]:
    """A&B, A|B or (A&B)|C; anything else is a ValueError."""
    if re.fullmatch(ALL_OF, text):
        return [frozenset(text.split("&"))]
    if re.fullmatch(rf"{TERM}(?:\|{TERM})*", text) and not re.fullmatch(rf"\({ALL_OF}\)", text):
        return [frozenset(part.strip("()").split("&")) for part in text.split("|")]
    raise ValueError(f"not a plain formula: {text!r}")


def parse_gres(text: Optional[str]) -> tuple[int, Optional[str]]:
    if text is None:
        return 0, None
    m = re.fullmatch(r"gpu(?::([^:,]+))?:([1-9][0-9]*)", text)
    if not m:
        raise ValueError(f"not a GRES: {text!r}")
    return int(m[2]), m[1]


def host_set(value: Any) -> Optional[frozenset[str]]:
    """Names of a list of names or hostlist expressions; None when nothing is known."""
    if not value:
        return None
    texts = [value] if isinstance(value, str) else value
    return frozenset(h for text in texts for h in expand_hosts(text))


# ---- candidates of the answer and rows of the oracle

@dataclass
class Seen:
    cand: dict[str, Any]
    launcher: Launcher
    row: Row
    alt: int


def launcher_id(cand: dict[str, Any]) -> Any:
    named = cand.get("launcher")
    return named.get("id") if isinstance(named, dict) else named


def pair_up(answer: dict[str, Any], launchers: list[Launcher], kind: str, tags: list[str], alternatives: int,
            problems: list[Problem]) -> list[Seen]:
    """Gives each candidate of the answer its row; the same row again is the next alternative."""
    own: dict[Any, list[tuple[Launcher, Row]]] = {}
    active = considered(launchers, kind, tags)
    for launcher in active:
        for row in launcher.rows:
            key = (launcher.id, row.partition, row.qos, row.account, row.fset, row.hosts or None)
            own.setdefault(key, []).append((launcher, row))
    by_id = {l.id: l for l in launchers}
    counted: dict[Any, int] = {}
    found = []
    for cand in answer["candidates"]:
        name = launcher_id(cand)
        if name not in by_id:
            problems.append(Problem("candidates", f"launcher {name!r} is not in the file"))
            continue
        if by_id[name] not in active:
            why = {r.get("clause") for r in cand.get("reasons") or []}
            if cand["verdict"] != "rejected" or not why & {"tags", "kind", "disabled"}:
                problems.append(Problem("candidates", f"{name} is not considered, its candidate is {cand['verdict']}"))
            continue
        key = (name, cand.get("partition"), cand.get("qos"), cand.get("account"),
               frozenset(cand.get("features") or ()), host_set(cand.get("hosts")))
        if key not in own:
            problems.append(Problem("candidates", f"not a candidate of the file: {key}"))
            continue
        at = cand.get("alternative")
        place = (key, at) if isinstance(at, int) else key
        times = counted.get(place, 0)
        counted[place] = times + 1
        launcher, row = own[key][times % len(own[key])]
        found.append(Seen(cand, launcher, row, at - 1 if isinstance(at, int) else times // len(own[key])))
    last = (answer.get("alternative") or alternatives) - 1
    if last and not any("alternative" in s.cand for s in found) and all(s.alt == 0 for s in found):
        for seen in found:      # only the alternative that decided is listed
            seen.alt = last
    listed = {(s.launcher.id, s.row.index, s.alt) for s in found}
    if len(listed) != len(found):
        problems.append(Problem("candidates", "a candidate is listed twice"))
    first = last if found and all(s.alt == last for s in found) else 0
    won = (answer.get("launcher") or {}).get("id")
    for number in range(first, last + 1):
        for launcher in active:
            for row in launcher.rows:
                if (launcher.id, row.index, number) not in listed:
                    problems.append(Problem("candidates", f"not listed: {launcher.id} row {row.index} {row.partition} "
                                                          f"for alternative {number + 1}"))
            if answer.get("matched") and number == last and launcher.id == won:
                break
    return found


# ---- the plan of a slurm launcher

def read_plan(plan: dict[str, Any], problems: list[Problem]) -> Optional[Request]:
    try:
        clauses = parse_formula(plan["constraint"]) if plan["constraint"] is not None else None
    except ValueError as err:
        problems.append(Problem("plain", str(err)))
        return None
    try:
        count, gres_type = parse_gres(plan["gres"])
    except ValueError as err:
        problems.append(Problem("values", str(err)))
        return None
    parts = plan["partition"]
    if not parts or len(set(parts)) != len(parts):
        problems.append(Problem("answer", f"partitions {parts}"))
        return None
    return Request(list(parts), clauses, count, gres_type, host_set(plan["exclude"]) or frozenset())


def admitted_hosts(scene: Scene, request: Request) -> list[tuple[Row, Optional[str]]]:
    """Every (row, host) that gets the job; host None stands for hosts that the file does not name."""
    found: list[tuple[Row, Optional[str]]] = []
    for row in scene.rows:
        if request.admits_class(row):
            if row.hosts is None:
                found.append((row, None))
            else:
                found.extend((row, h) for h in sorted(row.hosts) if h not in request.exclude)
    return found


def check_admission(scene: Scene, request: Request, problems: list[Problem]) -> None:
    """Soundness, partitions that stay alive, and no exclusion for nothing."""
    inside = admitted_hosts(scene, request)
    for row, host in inside:
        if row.index in scene.bad:
            problems.append(Problem("sound", f"host {host or '(unnamed)'} of row {row.index} in {row.partition} is "
                                             f"admitted and fails"))
    for part in request.partitions:
        if not any(row.partition == part for row, _ in inside):
            problems.append(Problem("alive", f"partition {part} keeps no admitted node"))
    if request.exclude and not scene.launcher.use_hosts:
        problems.append(Problem("exclude", "use_hosts is false, and hosts are excluded"))
    needed = {h for r in scene.rows if r.index in scene.bad and request.admits_class(r) for h in r.hosts or ()}
    if request.exclude - needed:
        problems.append(Problem("exclude", f"excluded for nothing: {sorted(request.exclude - needed)}"))


def check_minimal(scene: Scene, request: Request, problems: list[Problem]) -> None:
    """No feature, no clause, and not the whole constraint could go."""
    if request.clauses is None:
        return
    if not scene.launcher.use_features:
        problems.append(Problem("minimal", "use_features is false, and there is a constraint"))

    def admitted(clauses: Optional[list[frozenset[str]]]) -> set[int]:
        trial = Request(request.partitions, clauses, request.count, request.gres_type, request.exclude)
        return {r.index for r in scene.rows if trial.admits(r)}

    if not admitted(None) & scene.bad:
        problems.append(Problem("minimal", "no constraint is needed"))
        return
    for clause in request.clauses:
        rest = [c for c in request.clauses if c is not clause]
        if rest and admitted(rest) == admitted(request.clauses):
            problems.append(Problem("minimal", f"clause {sorted(clause)} admits nothing of its own"))
        for name in sorted(clause):
            if len(clause) > 1 and not admitted(rest + [clause - {name}]) & scene.bad:
                problems.append(Problem("minimal", f"feature {name} of {sorted(clause)} could go"))


def check_values(plan: dict[str, Any], alt: Alternative, launcher: Launcher, best: Row, problems: list[Problem],
                 notes: set[str]) -> None:
    def same(name: str, want: Any) -> None:
        if plan[name] != want:
            problems.append(Problem("values", f"{name} is {plan[name]}, not {want}"))

    same("cpus_per_task", cores_needed(alt, launcher, best.mem_per_cpu))
    same("time_s", None if alt.duration is None else -(-alt.duration // 60) * 60)
    want = None if alt.mem is None else -(-alt.mem // 2 ** 20)
    if launcher.use_memory or alt.mem is None:
        same("mem_mib", want)
    else:
        notes.add("mem_mib null without memory constraint" if plan["mem_mib"] is None
                  else "mem_mib set without memory constraint")
        if plan["mem_mib"] is not None:
            same("mem_mib", want)


def check_sets(scene: Scene, request: Request, decision: Decision, best: Row, used: set[int],
               problems: list[Problem]) -> None:
    """What was used against the greedy choice, and against a search for one more that could join."""
    assert decision.request and decision.best
    alt, rows = scene.alt, {r.index: r for r in scene.rows}
    for index in sorted(used):
        if index not in rows or index in scene.bad or not request.admits(rows[index]):
            problems.append(Problem("sound", f"row {index} is used, and fails or is not admitted"))
            return
    must = {r.index for r in decision.members} | decision.joined
    may = must | {r.index for r in scene.rows if r.index not in scene.bad and request.admits(r)}
    if must - used or used - may:
        problems.append(Problem("complete", f"used rows {sorted(used)}, the oracle's {sorted(must)}"))
    if request.gres_type != decision.request.gres_type:
        problems.append(Problem("complete", f"gres_type {request.gres_type}, not {decision.request.gres_type}"))
    if set(request.partitions) != set(decision.request.partitions):
        problems.append(Problem("complete", f"partitions {request.partitions}, not {decision.request.partitions}"))
    elif request.partitions != decision.request.partitions:
        problems.append(Problem("order", f"partitions {request.partitions}, not {decision.request.partitions}"))

    def serves(row: Row, gres_type: Optional[str]) -> bool:
        return gres_type is None or gres_type in servable_types(row, alt)

    members = [r for r in scene.rows if r.index in used and r.mem_per_cpu == best.mem_per_cpu
               and serves(r, request.gres_type) and not (r.hosts or frozenset()) & request.exclude]
    types: list[Optional[str]] = [request.gres_type]
    if request.gres_type is None:
        types += servable_types(best, alt)
    for row in scene.rows:
        if row.index in used or row.index in scene.bad or row.mem_per_cpu != best.mem_per_cpu:
            continue
        for gres_type in types:
            trial = members + [row]
            if all(serves(r, gres_type) for r in trial) and scene.sound_by_hosts(trial, gres_type):
                problems.append(Problem("maximal", f"row {row.index} in {row.partition} could join with {gres_type}"))
                break


def check_slurm(answer: dict[str, Any], alt: Alternative, launcher: Launcher, best: Row, used: set[int],
                decision: Decision, notes: set[str]) -> list[Problem]:
    problems: list[Problem] = []
    plan = answer["plan"]
    request = read_plan(plan, problems)
    if (plan["qos"], plan["account"]) != (best.qos, best.account):
        problems.append(Problem("qos", f"{plan['qos']}, {plan['account']}: chosen has {best.qos}, {best.account}"))
    check_values(plan, alt, launcher, best, problems, notes)
    if request is None:
        return problems
    if request.count != len(alt.items):
        problems.append(Problem("values", f"gres {plan['gres']} for {len(alt.items)} accelerators"))
    fails = {r.index: failing(r, alt, launcher) for r in launcher.rows}
    scene = Scene.around(launcher, alt, best, fails)
    # What the plan admits is a matter of the plan alone: its QoS and account, not the chosen candidate's.
    plan_row = next((r for r in launcher.rows if (r.qos, r.account) == (plan["qos"], plan["account"])), None)
    if plan_row is None:
        problems.append(Problem("sound", "no candidate has the QoS and account of the plan"))
        return problems
    seen = scene if plan_row in scene.rows else Scene.around(launcher, alt, plan_row, fails)
    check_admission(seen, request, problems)
    check_minimal(seen, request, problems)
    if decision.launcher is launcher and decision.best is best:
        check_sets(scene, request, decision, best, used, problems)
    return problems


def check_local(plan: Optional[dict[str, Any]], alt: Alternative, launcher: Launcher, best: Row) -> list[Problem]:
    problems: list[Problem] = []
    if plan is None:
        return problems
    for name in ("partition", "qos", "account", "constraint", "exclude"):
        if plan.get(name):
            problems.append(Problem("values", f"{name} of a local plan: {plan[name]}"))
    check_values(plan, alt, launcher, best, problems, set())
    return problems


# ---- all of it

def well_formed(answer: dict[str, Any], problems: list[Problem]) -> bool:
    missing = [k for k in ("matched", "alternative", "launcher", "plan", "candidates") if k not in answer]
    if not missing and answer["matched"] and (answer["launcher"] or {}).get("kind") == "slurm":
        plan = answer["plan"] or {}
        missing = [k for k in ("partition", "qos", "account", "gres", "constraint", "exclude", "cpus_per_task", "mem_mib",
                               "time_s") if k not in plan]
    if missing:
        problems.append(Problem("answer", f"missing: {missing}"))
    elif any(c.get("verdict") not in ("chosen", "joined", "rejected") for c in answer["candidates"]):
        problems.append(Problem("answer", "a verdict is not chosen, joined or rejected"))
    elif not answer["matched"] and (answer["plan"] or answer["launcher"] or answer["alternative"]):
        problems.append(Problem("answer", "nothing matched, and yet there is a plan"))
    return not problems


def _check(answer: dict[str, Any], launchers: list[Launcher], kind: str, tags: list[str], spec: str,
           typed_joins: bool) -> Checked:
    problems: list[Problem] = []
    notes: set[str] = set()
    try:
        alternatives = parse_spec(spec)
    except SpecError as err:
        if "error" not in answer:
            problems.append(Problem("verdict", f"not a spec ({err}), and yet it was answered"))
        return Checked(problems, None, notes)
    decision = decide(launchers, kind, tags, alternatives, typed_joins)
    if "error" in answer:
        return Checked([Problem("answer", f"error: {answer['error']}")], decision, notes)
    if not well_formed(answer, problems):
        return Checked(problems, decision, notes)
    own = (decision.matched, decision.launcher and decision.launcher.id,
           None if decision.alternative is None else decision.alternative + 1)
    got = (answer["matched"], (answer["launcher"] or {}).get("id"), answer["alternative"])
    if own != got:
        problems.append(Problem("verdict", f"answer {got}, oracle {own}"))
    seen = pair_up(answer, launchers, kind, tags, len(alternatives), problems)
    chosen = [s for s in seen if s.cand["verdict"] == "chosen"]
    if len([c for c in answer["candidates"] if c["verdict"] == "chosen"]) != int(bool(answer["matched"])):
        problems.append(Problem("chosen", f"{len(chosen)} candidates are chosen"))
    best = None
    if answer["matched"] and len(chosen) == 1:
        best = chosen[0]
        alt = alternatives[answer["alternative"] - 1]
        if best.launcher.id != got[1] or best.alt != answer["alternative"] - 1:
            problems.append(Problem("chosen", "the chosen candidate is not of this launcher and alternative"))
        elif own == got and best.row is not decision.best:
            problems.append(Problem("chosen", f"row {best.row.index}, not {decision.best and decision.best.index}"))
        others = [s for s in seen if s.cand["verdict"] == "joined"]
        if any(s.launcher is not best.launcher or s.alt != best.alt for s in others):
            problems.append(Problem("sound", "joined across launchers or alternatives"))
        if best.launcher.kind == "slurm":
            used = {best.row.index} | {s.row.index for s in others}
            problems += check_slurm(answer, alt, best.launcher, best.row, used, decision, notes)
        else:
            problems += check_local(answer["plan"], alt, best.launcher, best.row)
        if (answer.get("tokens") or {}) != best.launcher.tokens:
            problems.append(Problem("tokens", f"{answer.get('tokens')}, not {best.launcher.tokens}"))
    for s in seen:
        ours = best.row if best and s.launcher is best.launcher and s.alt == best.alt else None
        for prop, text in judge_reasons(s.cand, s.row, alternatives[s.alt], s.launcher, ours):
            problems.append(Problem(prop, f"{s.launcher.id} row {s.row.index} {s.row.partition}, alternative "
                                          f"{s.alt + 1}: {text}"))
    return Checked(problems, decision, notes)


def check(answer: dict[str, Any], launchers: list[Launcher], kind: str, tags: list[str], spec: str) -> Checked:
    """Everything at once. Where the rules leave two readings (a mixed host that joins), either is fine."""
    first = _check(answer, launchers, kind, tags, spec, False)
    if first.problems:
        second = _check(answer, launchers, kind, tags, spec, True)
        if not second.problems:
            second.notes.add("typed joins")
            return second
    return first
