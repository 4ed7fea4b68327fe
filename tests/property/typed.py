# SPDX-License-Identifier: GPL-2.0-or-later
"""What was typed beside the spec: a brute force of its own on top of oracle.py, and what an answer is held to.

T1 .. T6 in comments are those of RULES.md. Written from that page alone, and kept plain rather than fast.
"""
from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from itertools import combinations
from typing import Any, Iterator, NamedTuple, Optional

from checks import Problem, Seen, host_set, pair_up, parse_formula, well_formed
from oracle import Clause, assignable, considered, cores_needed, failing, gres_count, servable_types
from reading import Alternative, Launcher, Row, SpecError, parse_spec
from reasons import judge_reasons

MIB = 2 ** 20

PROPERTIES = {
    "answer": "every line is answered, in the form that was agreed",
    "refused": "what contradicts the spec is refused, and nothing else is",
    "complete": "nothing is rejected that could soundly be used while nothing was chosen",
    "chosen": "the best that may be used is chosen",
    "inside": "what is used was allowed by what was typed",
    "sound": "no node that the plan admits fails the spec",
    "alive": "every partition listed keeps an admitted node",
    "maximal": "no satisfying candidate was kept out that could join soundly",
    "wanted": "every wanted host that is known is in the chosen union, in one partition",
    "exclude": "hosts are excluded because it was typed or because they fail",
    "plain": "the constraint has a form that Slurm takes, says nothing twice, and stands as typed where that will do",
    "kept": "nothing typed vanishes from what is submitted, and nothing of the plan",
    "relaxed": "every relaxation is accepted with the same typed options, and the spec is without the one named",
    "reasons": "every reason is true, every rejection has one",
}


# ---- what was typed

def user_formula(text: str) -> list[Clause]:
    """The clauses of a -C text: & and | from left to right, parentheses first (T2)."""
    tokens = re.findall(r"[&|()]|[^&|()]+", text)

    def group(at: int) -> tuple[list[Clause], int]:
        found: list[Clause] = []
        mark = "|"
        while at < len(tokens) and tokens[at] != ")":
            if tokens[at] in "&|":
                mark = tokens[at]
                at += 1
                continue
            if tokens[at] == "(":
                part, at = group(at + 1)
            else:
                part = [frozenset([tokens[at]])]
            at += 1
            found = [a | b for a in found for b in part] if mark == "&" else found + part
        return found, at

    return list(dict.fromkeys(group(0)[0]))


class Gres(NamedTuple):
    asked: bool                  # a gpu item was typed
    count: int
    gres_type: Optional[str]
    others: list[str]


def read_gres(text: Optional[str]) -> Gres:
    asked, count, gres_type = False, 0, None
    others = []
    for item in (text or "").split(","):
        name, *rest = item.split(":")
        if name != "gpu":
            others += [item] if item else []
            continue
        asked, count = True, 1
        if rest and rest[-1].isdigit():
            count = int(rest.pop())
        gres_type = rest[0] if rest else None
    return Gres(asked, count, gres_type, others)


@dataclass
class Typed:
    options: dict[str, str]
    formula: Optional[list[Clause]] = None
    exclude: frozenset[str] = frozenset()
    nodelist: frozenset[str] = frozenset()
    gres: Gres = Gres(False, 0, None, [])

    def __post_init__(self) -> None:
        self.formula = user_formula(self.options["constraint"]) if "constraint" in self.options else None
        self.exclude = host_set(self.options.get("exclude")) or frozenset()
        self.nodelist = host_set(self.options.get("nodelist")) or frozenset()
        self.gres = read_gres(self.options.get("gres"))

    def number(self, name: str) -> Optional[int]:
        return int(self.options[name]) if name in self.options else None

    def mib(self, name: str) -> Optional[int]:
        value = self.number(name)
        return None if value is None else -(-value // MIB)

    def line(self) -> str:
        return "\x1f".join(f"{k}={v}" for k, v in self.options.items())


def contradictions(alt: Alternative, launcher: Launcher, best: Optional[Row],
                   typed: Typed) -> tuple[set[str], set[str]]:
    """What must be refused, and what may be: T5 for the count, T6. Of the alternative as the spec has it."""
    must, may = set(), set()
    if typed.gres.asked and typed.gres.count != len(alt.items):
        must.add("gres")
    time = typed.number("time")
    if time is not None and alt.duration is not None and -(-time // 60) != -(-alt.duration // 60):
        must.add("time")
    need = None if alt.mem is None else -(-alt.mem // MIB)
    if need is not None and typed.mib("mem") not in (None, need):
        must.add("mem")
    if best is None:
        return must, may
    cores = cores_needed(alt, launcher, best.mem_per_cpu)
    cpus, each = typed.number("cpus_per_task"), typed.mib("mem_per_cpu")
    if cores is not None and cpus not in (None, cores):
        must.add("cpus_per_task")
    if need is not None and each is not None:
        have = each * (cores or cpus or 1)
        if launcher.use_memory:
            if have != need:
                may.add("mem_per_cpu")
        if have < need:
            (must if cores else may).add("mem_per_cpu")
    return must, may


# ---- the rows of one launcher, one alternative

@dataclass
class Ask:
    """An admission: partitions x formulas x GRES x hosts that are out."""
    partitions: list[str]
    formulas: list[list[Clause]]         # all must hold, by the names that are known
    count: int
    gres_type: Optional[str]
    exclude: frozenset[str]


@dataclass
class View:
    launcher: Launcher
    alt: Alternative                     # as the spec has it
    typed: Typed
    known: frozenset[str] = frozenset()
    fails: dict[int, set[str]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        time = self.typed.number("time")
        self.eff = replace(self.alt, duration=time) if self.alt.duration is None and time else self.alt   # T6
        self.known = frozenset(n for r in self.launcher.rows for n in r.features)
        self.fails = {r.index: failing(r, self.eff, self.launcher) for r in self.launcher.rows}
        there = frozenset(h for r in self.launcher.rows for h in r.hosts or ())
        self.wanted = self.typed.nodelist & there                                                          # T4
        # Where nobody knows a host that is wanted, T4 does not say which rows can have it: either is fine.
        self.free = bool(self.typed.nodelist - there)

    # one row

    def type_ok(self, row: Row) -> bool:
        """T5: the groups of that type alone satisfy, or those without any where there is none of it."""
        name = self.typed.gres.gres_type
        if name is None:
            return True
        own = tuple(d for d in row.devices if d.gres_type == name)
        return assignable(self.alt.items, own or tuple(d for d in row.devices if d.gres_type is None))

    def formula_ok(self, formula: Optional[list[Clause]], row: Row) -> bool:
        return formula is None or any(c & self.known <= row.fset for c in formula)                        # T2

    def failed_typed(self, row: Row) -> set[str]:
        """Typed clauses that keep the row from being used, by the names of the trace."""
        found = set()
        options = self.typed.options
        if "partition" in options and row.partition not in options["partition"].split(","):
            found.add("partition")
        for name in ("qos", "account"):
            if name in options and getattr(row, name) not in (None, options[name]):
                found.add(name)
        if not self.formula_ok(self.typed.formula, row):
            found.add("constraint")
        if row.hosts is not None and row.hosts <= self.typed.exclude:
            found.add("hosts")
        if not self.type_ok(row):
            found.add("gres")
        return found

    def usable(self, row: Row) -> bool:
        return not self.fails[row.index] and not self.failed_typed(row)

    def lane(self, row: Row) -> tuple[Optional[str], Optional[str]]:
        """QoS and account that a job gets which is sent there."""
        options = self.typed.options
        return row.qos or options.get("qos"), row.account or options.get("account")

    # the union

    def around(self, best: Row) -> tuple[list[Row], set[int]]:
        """Rows that share the best one's QoS and account, and which of them must not get the job (11, 16, T5)."""
        rows = [r for r in self.launcher.rows if self.lane(r) == self.lane(best)]
        cpus = cores_needed(self.alt, self.launcher, best.mem_per_cpu)
        bad = set()
        for row in rows:
            short = (not self.launcher.use_memory and self.alt.mem is not None and cpus is not None
                     and row.mem_per_cpu is not None and best.mem_per_cpu is not None
                     and row.mem_per_cpu < best.mem_per_cpu and cpus * row.mem_per_cpu < self.alt.mem)
            if self.fails[row.index] or short or not self.type_ok(row):
                bad.add(row.index)
        return rows, bad

    def admits_class(self, ask: Ask, row: Row) -> bool:
        return (row.partition in ask.partitions and all(self.formula_ok(f, row) for f in ask.formulas)
                and gres_count(row, ask.gres_type) >= ask.count)

    def hosts(self, ask: Ask, row: Row) -> list[Optional[str]]:
        """Hosts of the row that get the job; None for those without a name."""
        if not self.admits_class(ask, row):
            return []
        return [None] if row.hosts is None else [h for h in sorted(row.hosts) if h not in ask.exclude]

    def types(self, best: Row) -> list[Optional[str]]:
        """What the GRES can be, in no order: as typed, or plain and what the best row can serve."""
        if self.typed.gres.gres_type is not None:
            return [self.typed.gres.gres_type]
        return [None, *servable_types(best, self.alt)]

    def serves(self, row: Row, gres_type: Optional[str]) -> bool:
        return (gres_type is None or self.typed.gres.gres_type is not None
                or gres_type in servable_types(row, self.alt))

    def sound(self, chosen: list[Row], gres_type: Optional[str]) -> bool:
        """Whether every leak of the strongest request of these rows can be closed (12)."""
        rows, bad = self.around(chosen[0])
        formulas = [f for f in (self.typed.formula,) if f is not None]
        if self.launcher.use_features:
            formulas.append([r.fset for r in chosen])
        ask = Ask([r.partition or "" for r in chosen], formulas, len(self.alt.items), gres_type, self.typed.exclude)
        if any(r.index in bad or not self.hosts(ask, r) for r in chosen):
            return False
        ours = {h for r in chosen for h in self.hosts(ask, r)}
        for row in rows:
            for host in self.hosts(ask, row) if row.index in bad else []:
                if host is None or not self.launcher.use_hosts or host in ours:
                    return False
        return True

    def alone(self) -> Iterator[Row]:
        """Rows that may be used, each sound alone, best first."""
        for row in sorted(self.launcher.rows, key=lambda r: (-r.priority, r.index)):
            if self.usable(row) and any(self.serves(row, t) and self.sound([row], t) for t in self.types(row)):
                yield row

    def has_wanted(self, rows: list[Row], hosts: set[Optional[str]]) -> bool:
        """Whether these rows of one partition have all wanted hosts (T4)."""
        if not any(r.hosts is None for r in rows):
            return self.wanted <= hosts
        described = {h for r in self.launcher.rows if r.partition == rows[0].partition for h in r.hosts or ()}
        return self.wanted & described <= hosts

    def with_wanted(self) -> Optional[list[Row]]:
        """A sound set that has every wanted host in one partition, the smallest first (T4)."""
        if self.wanted & self.typed.exclude:
            return None
        rows = [r for r in self.launcher.rows if self.usable(r) and (r.hosts is None or r.hosts & self.wanted)]
        for number in (1, 2, 3):
            for chosen in map(list, combinations(rows, number)):
                best = chosen[0]
                if any((r.partition, r.qos, r.account, r.mem_per_cpu) != (best.partition, best.qos, best.account,
                                                                          best.mem_per_cpu) for r in chosen):
                    continue
                if self.has_wanted(chosen, {h for r in chosen for h in r.hosts or ()}) and any(
                        all(self.serves(r, t) for r in chosen) and self.sound(chosen, t) for t in self.types(best)):
                    return chosen
        return None

    def first(self) -> list[Row]:
        """What would be used here: rows, the best one first; none when nothing can be."""
        if self.wanted:
            return self.with_wanted() or []
        return [row for _, row in zip(range(1), self.alone())]


@dataclass
class Expected:
    """The first place that takes the job without contradicting what was typed, and whether any before it did."""
    alternative: Optional[int] = None
    view: Optional[View] = None
    rows: list[Row] = field(default_factory=list)
    must: set[str] = field(default_factory=set)      # contradictions on the way; hosts that cannot be had
    may: set[str] = field(default_factory=set)
    no_type: bool = False                            # a launcher was passed over with a TYPE that was typed


def expect(launchers: list[Launcher], tags: list[str], alternatives: list[Alternative], typed: Typed) -> Expected:
    want = Expected()
    for number, alt in enumerate(alternatives):
        for launcher in considered(launchers, "slurm", tags):
            must, may = contradictions(alt, launcher, None, typed)
            if must:
                want.must |= must
                continue
            view = View(launcher, alt, typed)
            rows = view.first()
            if view.wanted and not rows:
                want.must.add("nodelist")
            if typed.gres.gres_type is not None and not rows:
                want.no_type = True
            # A union is found from its best row on; that there is one with all hosts wanted does not say that it is this one.
            if view.free or (view.wanted and len(rows) > 1):
                want.may.add("nodelist")
            if not rows:
                continue
            must, may = contradictions(alt, launcher, rows[0], typed)
            want.may |= may
            if must:
                want.must |= must
                continue
            want.alternative, want.view, want.rows = number, view, rows
            return want
    return want


# ---- an answer

@dataclass
class Checked:
    problems: list[Problem]
    notes: set[str] = field(default_factory=set)


def minimal_formula(clauses: list[Clause]) -> bool:
    return not any(a <= b for i, a in enumerate(clauses) for j, b in enumerate(clauses) if i != j)


def check_constraint(view: View, ask: Ask, rows: list[Row], bad: set[int], text: Optional[str]) -> Iterator[Problem]:
    """T2; the admission of the plan stands in `ask`."""
    mine = view.typed.options.get("constraint")
    user = view.typed.formula
    alone = replace(ask, formulas=[] if user is None else [user])
    enough = not any(view.hosts(alone, r) for r in rows if r.index in bad)
    if text == mine:
        return
    if text is None:
        yield Problem("kept", f"the typed constraint {mine} is not in the plan")
        return
    if not view.launcher.use_features:
        yield Problem("plain", f"use_features is false, and the constraint is {text}")
    if enough:
        yield Problem("plain", f"{text}, where {mine} as typed would do")
    for clause in ask.formulas[0]:
        if user is not None and not any(c <= clause for c in user):
            yield Problem("kept", f"{sorted(clause)} of {text} does not imply {mine}")
    names = [re.split("&", part) for part in re.split(r"\|", re.sub(r"[()]", "", text))]
    if any(len(set(n)) != len(n) for n in names):
        yield Problem("plain", f"a name twice in a clause: {text}")
    if not minimal_formula([frozenset(n) for n in names]):
        yield Problem("plain", f"a clause is superfluous: {text}")


def option_words(words: list[str], problems: list[Problem]) -> dict[str, str]:
    found: dict[str, str] = {}
    for word in words:
        name, _, value = word.removeprefix("--").partition("=")
        if name in found:
            problems.append(Problem("kept", f"--{name} stands twice"))
        found[name] = value
    return found


def check_kept(answer: dict[str, Any], typed: Typed, alt: Alternative) -> list[Problem]:
    """What is submitted has all that the plan and the user say."""
    problems: list[Problem] = []
    plan, options = answer["plan"], typed.options
    words = option_words(answer["sbatch"], problems)

    def same(name: str, want: Optional[str], who: str) -> None:
        if want is not None and words.get(name) != want:
            problems.append(Problem("kept", f"--{name} is {words.get(name)}, {who} says {want}"))

    same("partition", ",".join(plan["partition"]), "the plan")
    for name in ("qos", "account", "constraint"):
        same(name, plan[name], "the plan")
    if plan["gres"] and read_gres(words.get("gres")) != read_gres(plan["gres"]):
        problems.append(Problem("kept", f"--gres is {words.get('gres')}, the plan says {plan['gres']}"))
    for name in ("qos", "account"):
        same(name, options.get(name), "the user")
    if typed.gres.others or typed.gres.asked:
        final = read_gres(words.get("gres"))
        if final.others != typed.gres.others:
            problems.append(Problem("kept", f"--gres={words.get('gres')} for {options['gres']}"))
        if typed.gres.asked and (final.count != typed.gres.count
                                 or typed.gres.gres_type not in (None, final.gres_type)):
            problems.append(Problem("kept", f"--gres={words.get('gres')} for {options['gres']}"))
        items = (plan["gres"] or "").split(",")
        if any(i.startswith("gpu") for i in items[1:]):
            problems.append(Problem("kept", f"the gpu item is not the first of the plan's {plan['gres']}"))
    if not typed.gres.asked and alt.items and read_gres(words.get("gres")).count != len(alt.items):
        problems.append(Problem("kept", f"--gres={words.get('gres')} for {len(alt.items)} accelerators"))
    out, shut = host_set(words.get("exclude")) or frozenset(), host_set(plan["exclude"]) or frozenset()
    if (out != shut and shut) or typed.exclude - out:
        problems.append(Problem("kept", f"--exclude={words.get('exclude')}, the plan has {plan['exclude']}, typed "
                                        f"{options.get('exclude')}"))
    if typed.nodelist and host_set(words.get("nodelist")) != typed.nodelist:
        problems.append(Problem("kept", f"--nodelist={words.get('nodelist')} for {options.get('nodelist')}"))
    cpus, time = typed.number("cpus_per_task"), typed.number("time")
    same("cpus-per-task", None if plan["cpus_per_task"] is None else str(plan["cpus_per_task"]), "the plan")
    same("cpus-per-task", None if cpus is None else str(cpus), "the user")
    same("time", None if plan["time_s"] is None else str(plan["time_s"] // 60), "the plan")
    same("time", None if time is None else str(-(-time // 60)), "the user")
    memory = {n: int(words[n].rstrip("M")) for n in ("mem", "mem-per-cpu") if n in words}
    if len(memory) == 2:
        problems.append(Problem("kept", f"both --mem and --mem-per-cpu: {memory}"))
    if plan["mem_mib"] is not None and memory.get("mem") != plan["mem_mib"] and "mem_per_cpu" not in options:
        problems.append(Problem("kept", f"{memory}, the plan has {plan['mem_mib']} MiB"))
    if "mem" in options and memory.get("mem") != typed.mib("mem"):
        problems.append(Problem("kept", f"{memory}, typed --mem is {typed.mib('mem')} MiB"))
    if "mem_per_cpu" in options and "mem" not in memory and memory.get("mem-per-cpu") != typed.mib("mem_per_cpu"):
        problems.append(Problem("kept", f"{memory}, typed --mem-per-cpu is {typed.mib('mem_per_cpu')} MiB"))
    return problems


def check_gres(plan: dict[str, Any], typed: Typed, alt: Alternative) -> Iterator[Problem]:
    final = read_gres(plan["gres"])
    if final.count != len(alt.items):
        yield Problem("kept", f"gres {plan['gres']} for {len(alt.items)} accelerators")
    if final.others != typed.gres.others and (alt.items or final.others):
        yield Problem("kept", f"gres {plan['gres']} of the plan, typed was {typed.options.get('gres')}")
    if typed.gres.gres_type not in (None, final.gres_type):
        yield Problem("kept", f"gres {plan['gres']} of the plan, typed was {typed.options.get('gres')}")


def check_plan(answer: dict[str, Any], view: View, best: Row, used: list[Row], want: Expected) -> list[Problem]:
    problems: list[Problem] = []
    plan, typed, alt = answer["plan"], view.typed, view.alt
    rows, bad = view.around(best)
    text = plan["constraint"]
    formulas: list[list[Clause]] = []
    if text is not None and text == typed.options.get("constraint"):
        formulas = [typed.formula or []]
    elif text is not None:
        try:
            formulas = [parse_formula(text)]
        except ValueError as err:
            return [Problem("plain", str(err))]
    shut = host_set(plan["exclude"]) or frozenset()
    parts = plan["partition"]
    ask = Ask(parts, formulas, len(alt.items), read_gres(plan["gres"]).gres_type, shut)
    for name in ("qos", "account"):
        if plan[name] not in (getattr(best, name), typed.options.get(name)):
            problems.append(Problem("inside", f"{name} {plan[name]}, the chosen has {getattr(best, name)}"))
    if "partition" in typed.options and set(parts) - set(typed.options["partition"].split(",")):
        problems.append(Problem("inside", f"partitions {parts}, typed {typed.options['partition']}"))
    for row in used:
        if not view.usable(row):
            problems.append(Problem("inside", f"row {row.index} is used, and yet it fails "
                                              f"{sorted(view.fails[row.index] | view.failed_typed(row))}"))
        elif view.lane(row) != view.lane(best):
            problems.append(Problem("inside", f"row {row.index} is used, with another QoS or account"))
        elif not view.hosts(ask, row):
            problems.append(Problem("sound", f"row {row.index} is used and not admitted"))
    for row in rows:
        for host in view.hosts(ask, row) if row.index in bad else []:
            why = sorted(view.fails[row.index]) or (["its gres_type"] if not view.type_ok(row) else ["mem_per_cpu"])
            problems.append(Problem("sound", f"host {host or '(unnamed)'} of row {row.index} in {row.partition} is "
                                             f"admitted and fails {why}"))
            break
    for part in parts:
        if not any(view.hosts(ask, r) for r in rows if r.partition == part):
            problems.append(Problem("alive", f"partition {part} keeps no admitted node"))
    if shut - typed.exclude and not view.launcher.use_hosts:
        problems.append(Problem("exclude", "use_hosts is false, and hosts are excluded"))
    needed = {h for r in rows if r.index in bad and view.admits_class(ask, r) for h in r.hosts or ()}
    if shut - typed.exclude - needed:
        problems.append(Problem("exclude", f"excluded for nothing: {sorted(shut - typed.exclude - needed)}"))
    problems += check_constraint(view, ask, rows, bad, text)
    problems += check_gres(plan, typed, alt)
    inside = [[r for r in used if r.partition == p] for p in parts]
    if view.wanted and not any(rows and view.has_wanted(rows, {h for r in rows for h in view.hosts(ask, r)})
                               for rows in inside):
        problems.append(Problem("wanted", f"{sorted(view.wanted)} are not in the union"))
    same = want.view is not None and want.view.launcher is view.launcher and want.view.alt is alt
    if same and not typed.nodelist and not want.must and best is not want.rows[0]:
        problems.append(Problem("chosen", f"row {best.index}, not {want.rows[0].index}"))
    if not typed.nodelist and not problems:
        problems += check_maximal(view, best, used, ask)
    return problems


def check_maximal(view: View, best: Row, used: list[Row], ask: Ask) -> Iterator[Problem]:
    inside = {r.index for r in used}
    closed = ask.exclude - view.typed.exclude
    members = [best] + [r for r in used if r is not best and r.mem_per_cpu == best.mem_per_cpu
                        and view.serves(r, ask.gres_type) and not (r.hosts or frozenset()) & closed]
    for row in view.launcher.rows:
        if (row.index in inside or not view.usable(row) or row.mem_per_cpu != best.mem_per_cpu
                or (row.qos, row.account) != (best.qos, best.account)):
            continue
        for gres_type in view.types(best) if ask.gres_type is None else [ask.gres_type]:
            if all(view.serves(r, gres_type) for r in members + [row]) and view.sound(members + [row], gres_type):
                yield Problem("maximal", f"row {row.index} in {row.partition} could join with {gres_type}")
                break


def check_reasons(seen: Seen, view: View, best: Optional[Row]) -> Iterator[Problem]:
    where = f"{view.launcher.id} row {seen.row.index} {seen.row.partition}, alternative {seen.alt + 1}: "
    row, typed = seen.row, view.typed
    for prop, text in judge_reasons(seen.cand, row, view.eff, view.launcher, best):
        yield Problem("reasons", where + text)
    if seen.cand["verdict"] != "rejected":
        return
    failed = view.failed_typed(row)
    truth = set(failed)
    if typed.nodelist and not (row.hosts is not None and typed.nodelist <= row.hosts):
        truth.add("hosts")
    if typed.gres.asked and typed.gres.count != len(view.alt.items):
        truth.add("gres")
    named = {r["clause"] for r in seen.cand["reasons"]}
    for name in ("partition", "constraint", "hosts", "gres"):
        if name in named and name not in truth:
            yield Problem("reasons", f"{where}{name} holds, and yet it is named: {seen.cand['reasons']}")
    for name in ("qos", "account"):
        if name in named and name not in truth and (best is None or getattr(row, name) == getattr(best, name)):
            yield Problem("reasons", f"{where}{name} holds, and yet it is named: {seen.cand['reasons']}")
    if failed and not view.fails[row.index] and not named & failed:
        yield Problem("reasons", f"{where}fails {sorted(failed)} of what was typed, and none of it is named: {named}")


def check(answer: dict[str, Any], launchers: list[Launcher], tags: list[str], spec: str, typed: Typed) -> Checked:
    checked = Checked([])
    problems = checked.problems
    try:
        alternatives = parse_spec(spec)
    except SpecError:
        if "error" not in answer:
            problems.append(Problem("answer", "not a spec, and yet it was answered"))
        return checked
    want = expect(launchers, tags, alternatives, typed)
    if "error" in answer:
        if not answer.get("conflict"):
            problems.append(Problem("answer", f"error: {answer['error']}"))
        elif not want.must and not want.may and (want.view is not None or not want.no_type):
            problems.append(Problem("refused", f"nothing contradicts, and yet: {answer['error']}"))
        elif want.view is not None and want.must:
            checked.notes.add("refused, and a later alternative or launcher would do")
        checked.notes.add("refused")
        return checked
    if not well_formed(answer, problems):
        return checked
    free = "nodelist" in want.may
    if not answer["matched"] and want.view is not None and not free:
        assert want.alternative is not None
        where = f"{want.view.launcher.id}, alternative {want.alternative + 1}, rows {[r.index for r in want.rows]}"
        problems.append(Problem("complete", f"nothing was chosen, and {where} could be used"))
    seen = pair_up(answer, launchers, "slurm", tags, len(alternatives), problems)
    views = {(l.id, n): View(l, a, typed)
             for l in considered(launchers, "slurm", tags) for n, a in enumerate(alternatives)}
    best = None
    if answer["matched"]:
        chosen = [s for s in seen if s.cand["verdict"] == "chosen"]
        if len(chosen) != 1:
            problems.append(Problem("answer", f"{len(chosen)} are chosen"))
            return checked
        best = chosen[0]
        view = views[best.launcher.id, best.alt]
        must, _ = contradictions(view.alt, view.launcher, best.row, typed)
        if must:
            problems.append(Problem("refused", f"{sorted(must)} contradict, and yet there is a plan"))
        where = want.view and (want.view.launcher.id, want.alternative)
        if not want.must and not free and where != (best.launcher.id, best.alt):
            problems.append(Problem("chosen", f"{best.launcher.id}, alternative {best.alt + 1}, not {where}"))
        used = [best.row] + [s.row for s in seen if s.cand["verdict"] == "joined"]
        problems += check_plan(answer, view, best.row, used, want)
        if "sbatch" in answer:
            problems += check_kept(answer, typed, view.alt)
        checked.notes.add("matched")
        checked.notes |= {"union of several"} if len(used) > 1 else set()
        checked.notes |= {"plan's and typed constraint"} if "constraint" in typed.options and (
            answer["plan"]["constraint"] != typed.options["constraint"]) else set()
    for s in seen:
        ours = best.row if best and s.launcher is best.launcher and s.alt == best.alt else None
        problems += check_reasons(s, views[s.launcher.id, s.alt], ours)
    return checked
