# SPDX-License-Identifier: GPL-2.0-or-later
"""The decision, evaluated a second time: who satisfies, what is sound, which launcher and which rows are chosen.

Numbers in comments are those of RULES.md. Written from that page alone, and kept plain rather than fast.
"""
from __future__ import annotations

from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, Callable, Iterable, Optional

from reading import Accelerator, Alternative, Item, Launcher, Row, parse_spec

Clause = frozenset[str]


# ---- the predicate

def kind_ok(item: Item, acc: Accelerator) -> bool:
    return item.kind in ("gpu", acc.kind)


def model_ok(item: Item, acc: Accelerator) -> bool:
    if item.model is None:
        return True
    if acc.model is None:
        return False
    want, have = item.model.lower(), acc.model.lower()
    return have == want or (have.startswith(want) and not have[len(want)].isalnum())


def memory_ok(item: Item, acc: Accelerator) -> bool:
    return item.mem is None or item.mem <= acc.memory


def min_memory_ok(item: Item, acc: Accelerator) -> bool:
    return item.mem is None or (item.mem >= acc.min_memory and item.mem >= acc.ratio * acc.memory)


ACC_CLAUSES: dict[str, Callable[[Item, Accelerator], bool]] = {
    "gpu_kind": kind_ok, "gpu_model": model_ok, "gpu_memory": memory_ok, "gpu_min_memory": min_memory_ok}
ALL_CLAUSES = frozenset(ACC_CLAUSES)


@lru_cache(maxsize=100_000)
def fits(item: Item, acc: Accelerator, clauses: frozenset[str] = ALL_CLAUSES) -> bool:
    return all(ACC_CLAUSES[name](item, acc) for name in clauses)


@lru_cache(maxsize=100_000)
def pairs(items: tuple[Item, ...], devices: tuple[Accelerator, ...],
          clauses: frozenset[str] = ALL_CLAUSES) -> int:
    """How many of the items can have a device of their own: augmenting paths over single devices."""
    owner: dict[int, int] = {}

    def place(i: int, seen: set[int]) -> bool:
        for d, acc in enumerate(devices):
            if d not in seen and fits(items[i], acc, clauses):
                seen.add(d)
                if d not in owner or place(owner[d], seen):
                    owner[d] = i
                    return True
        return False

    return sum(place(i, set()) for i in range(len(items)))


def assignable(items: tuple[Item, ...], devices: tuple[Accelerator, ...]) -> bool:
    return len(items) <= len(devices) and pairs(items, devices) == len(items)


@lru_cache(maxsize=20_000)
def any_will_do(items: tuple[Item, ...], entries: tuple[tuple[Accelerator, int], ...]) -> bool:
    """Whether every choice of N devices of the host satisfies the request (15)."""
    def choices(i: int, left: int) -> Iterable[tuple[Accelerator, ...]]:
        if i == len(entries):
            if left == 0:
                yield ()
            return
        acc, count = entries[i]
        for k in range(min(count, left) + 1):
            for rest in choices(i + 1, left - k):
                yield (acc,) * k + rest

    return all(assignable(items, devices) for devices in choices(0, len(items)))


def cores_needed(alt: Alternative, launcher: Launcher, mem_per_cpu: Optional[int]) -> Optional[int]:
    """Cores that the plan asks for on a node with this mem_per_cpu (10)."""
    if not launcher.use_memory and alt.mem is not None and mem_per_cpu:
        return max(alt.cores or 0, -(-alt.mem // mem_per_cpu))
    return alt.cores


def failing(row: Row, alt: Alternative, launcher: Launcher) -> set[str]:
    """Which of the clauses accelerators, min_gpu, cores, memory, duration do not hold."""
    found = set()
    if not assignable(alt.items, row.devices):
        found.add("accelerators")
    if len(alt.items) < row.min_gpu:
        found.add("min_gpu")
    need = cores_needed(alt, launcher, row.mem_per_cpu)
    if need is not None and row.cores is not None and need > row.cores:
        found.add("cores")
    if alt.mem is not None and row.memory is not None and alt.mem > row.memory:
        found.add("memory")
    if alt.duration is not None and row.max_duration and alt.duration > row.max_duration:
        found.add("duration")
    return found


# ---- the request and what it admits

@dataclass
class Request:
    """What Slurm is told, as far as it chooses nodes."""
    partitions: list[str]
    clauses: Optional[list[Clause]]      # None: no constraint
    count: int                           # accelerators, 0: no GRES
    gres_type: Optional[str] = None
    exclude: frozenset[str] = frozenset()

    def admits_class(self, row: Row) -> bool:
        """Whether a node of this row is admitted unless it is excluded by name (12)."""
        if row.partition not in self.partitions:
            return False
        if self.clauses is not None and not any(c <= row.fset for c in self.clauses):
            return False
        return gres_count(row, self.gres_type) >= self.count

    def admits(self, row: Row) -> bool:
        return self.admits_class(row) and (row.hosts is None or not row.hosts <= self.exclude)


def gres_count(row: Row, gres_type: Optional[str]) -> int:
    if gres_type is None:
        return len(row.devices)
    return sum(n for acc, n in row.entries if acc.gres_type in (None, gres_type))


def servable_types(row: Row, alt: Alternative) -> list[str]:
    """The gres_types that the row can serve, in the order of its entries (15)."""
    found: list[str] = []
    for acc, _ in row.entries:
        name = acc.gres_type
        if name is not None and name not in found and alt.items and assignable(
                alt.items, tuple(d for d in row.devices if d.gres_type == name)):
            found.append(name)
    return found


@dataclass
class Scene:
    """The rows of one launcher with one QoS and account, and which of them must not get the job."""
    launcher: Launcher
    alt: Alternative
    rows: list[Row]
    bad: set[int]

    @classmethod
    def around(cls, launcher: Launcher, alt: Alternative, best: Row, fails: dict[int, set[str]]) -> "Scene":
        rows = [r for r in launcher.rows if r.qos == best.qos and r.account == best.account]
        cpus = cores_needed(alt, launcher, best.mem_per_cpu)
        bad = set()
        for row in rows:
            short = (not launcher.use_memory and alt.mem is not None and cpus is not None
                     and row.mem_per_cpu is not None and best.mem_per_cpu is not None
                     and row.mem_per_cpu < best.mem_per_cpu and cpus * row.mem_per_cpu < alt.mem)  # (16)
            if fails[row.index] or short:
                bad.add(row.index)
        return cls(launcher, alt, rows, bad)

    def strongest(self, chosen: list[Row], gres_type: Optional[str]) -> Request:
        clauses = None
        if self.launcher.use_features:
            clauses = list(dict.fromkeys(r.fset for r in chosen))
        parts = list(dict.fromkeys(r.partition for r in chosen))
        return Request(parts, clauses, len(self.alt.items), gres_type)

    def closed(self, chosen: list[Row], gres_type: Optional[str]) -> Optional[Request]:
        """The request of the set with the hosts of its leaks excluded, or None when it is not sound (12)."""
        request = self.strongest(chosen, gres_type)
        if any(row.index in self.bad or not request.admits_class(row) for row in chosen):
            return None
        shut: set[str] = set()
        for row in self.rows:
            if row.index in self.bad and request.admits_class(row):
                if row.hosts is None or not self.launcher.use_hosts:
                    return None
                shut |= row.hosts
        if any(row.hosts is not None and row.hosts & shut for row in chosen):
            return None
        request.exclude = frozenset(shut)
        return request

    def sound_by_hosts(self, chosen: list[Row], gres_type: Optional[str]) -> bool:
        """The same question asked host by host: shut out every host that is not of the set; does a bad one remain?"""
        request = self.strongest(chosen, gres_type)
        if any(row.index in self.bad or not request.admits_class(row) for row in chosen):
            return False
        ours = {h for row in chosen for h in row.hosts or ()}
        for row in self.rows:
            if row.index not in self.bad or not request.admits_class(row):
                continue
            for host in (sorted(row.hosts) if row.hosts is not None else [None]):
                if host is None or not self.launcher.use_hosts or host in ours:
                    return False
        return True


# ---- the choice

@dataclass
class Decision:
    matched: bool = False
    alternative: Optional[int] = None            # 0-based
    launcher: Optional[Launcher] = None
    best: Optional[Row] = None
    members: list[Row] = field(default_factory=list)     # the set T, best first
    joined: set[int] = field(default_factory=set)        # rows used besides the best, those admitted anyhow too
    request: Optional[Request] = None
    fails: dict[int, set[str]] = field(default_factory=dict)
    kept_out: list[Row] = field(default_factory=list)
    error: Optional[str] = None


def choose_rows(launcher: Launcher, alt: Alternative, fails: dict[int, set[str]],
                typed_joins: bool) -> Optional[Decision]:
    """Rule 13 for one slurm launcher. typed_joins: a mixed host that joins asks for a TYPE as the best does."""
    order = sorted((r for r in launcher.rows if not fails[r.index]), key=lambda r: (-r.priority, r.index))
    for best in order:
        scene = Scene.around(launcher, alt, best, fails)
        types: list[Optional[str]] = list(servable_types(best, alt))
        plain_first = any_will_do(alt.items, best.entries)
        request = None
        for gres_type in ([None] + types if plain_first else types + [None]):
            request = scene.closed([best], gres_type)
            if request:
                break
        if not request:
            continue
        members = [best]
        mates = [r for r in order if r is not best and r.qos == best.qos and r.account == best.account
                 and r.mem_per_cpu == best.mem_per_cpu]
        for row in mates:
            common = [t for t in types if all(t in servable_types(r, alt) for r in members + [row])]
            if request.gres_type is not None:
                tries: list[Optional[str]] = [t for t in common if t == request.gres_type]
            elif typed_joins and not any_will_do(alt.items, row.entries):
                tries = common + [None]
            else:
                tries = [None] + common
            for gres_type in tries:
                better = scene.closed(members + [row], gres_type)
                if better:
                    request = better
                    members.append(row)
                    break
        inside = {r.index for r in members}
        joined = {r.index for r in scene.rows
                  if r.index in inside or (r.index not in scene.bad and request.admits(r))} - {best.index}
        kept = [r for r in mates if r.index not in joined]
        return Decision(True, None, launcher, best, members, joined, request, fails, kept)
    return None


def considered(launchers: list[Launcher], kind: str, tags: list[str]) -> list[Launcher]:
    return [l for l in launchers if not l.disabled and kind in (l.kind, "both")
            and (not tags or set(tags) & set(l.tags))]


def decide(launchers: list[Launcher], kind: str, tags: list[str], alternatives: list[Alternative],
           typed_joins: bool = False) -> Decision:
    """The choice (17): alternatives in order, for each the launchers in order."""
    for number, alt in enumerate(alternatives):
        for launcher in considered(launchers, kind, tags):
            fails = {row.index: failing(row, alt, launcher) for row in launcher.rows}
            found = None
            if launcher.kind == "slurm":
                found = choose_rows(launcher, alt, fails, typed_joins)
            elif not fails[0]:
                found = Decision(True, None, launcher, launcher.rows[0], [launcher.rows[0]], fails=fails)
            if found:
                found.alternative = number
                return found
    return Decision()


# ---- an answer in the product's form, made of the oracle's decision

def plainest(scene: Scene, request: Request) -> Optional[list[Clause]]:
    """The strongest formula weakened as far as no bad row gets in."""
    def leaks(clauses: Optional[list[Clause]]) -> bool:
        trial = Request(request.partitions, clauses, request.count, request.gres_type, request.exclude)
        return any(trial.admits(r) for r in scene.rows if r.index in scene.bad)

    def admitted(clauses: list[Clause]) -> set[int]:
        trial = Request(request.partitions, clauses, request.count, request.gres_type, request.exclude)
        return {r.index for r in scene.rows if trial.admits(r)}

    if request.clauses is None or not leaks(None):
        return None
    clauses = []
    for clause in request.clauses:
        for name in sorted(clause):
            if not leaks([clause - {name}]):
                clause = clause - {name}
        if clause not in clauses:
            clauses.append(clause)
    for clause in list(clauses):
        rest = [c for c in clauses if c != clause]
        if rest and admitted(rest) == admitted(clauses):
            clauses = rest
    return clauses


def formula_text(clauses: Optional[list[Clause]]) -> Optional[str]:
    if clauses is None:
        return None
    parts = ["&".join(sorted(c)) for c in clauses]
    return parts[0] if len(parts) == 1 else "|".join(f"({p})" if "&" in p else p for p in parts)


def reasons_of(row: Row, alt: Alternative, launcher: Launcher, fails: set[str]) -> list[dict[str, Any]]:
    n = len(alt.items)
    need = {"accelerators": ("gpu_assignment", n, pairs(alt.items, row.devices)),
            "min_gpu": ("min_gpu", row.min_gpu, n),
            "cores": ("cores", cores_needed(alt, launcher, row.mem_per_cpu), row.cores),
            "memory": ("memory", f"{alt.mem}B", f"{row.memory}B"),
            "duration": ("duration", f"{alt.duration}s", f"{row.max_duration}s")}
    return [dict(zip(("clause", "need", "have"), map(str, need[name]))) for name in sorted(fails)]


def plan_of(decision: Decision, alt: Alternative) -> dict[str, Any]:
    launcher, best, request = decision.launcher, decision.best, decision.request
    assert launcher and best
    plan: dict[str, Any] = {
        "partition": None, "qos": best.qos, "account": best.account, "gres": None, "constraint": None, "exclude": [],
        "cpus_per_task": cores_needed(alt, launcher, best.mem_per_cpu),
        "mem_mib": None if alt.mem is None else -(-alt.mem // 2 ** 20),
        "time_s": None if alt.duration is None else -(-alt.duration // 60) * 60}
    if request:
        scene = Scene.around(launcher, alt, best, decision.fails)
        plan["partition"] = request.partitions
        plan["constraint"] = formula_text(plainest(scene, request))
        plan["exclude"] = sorted(request.exclude)
        if request.count:
            plan["gres"] = ":".join(["gpu"] + ([request.gres_type] if request.gres_type else []) + [str(request.count)])
    return plan


def answer(launchers: list[Launcher], kind: str, tags: list[str], spec: str) -> dict[str, Any]:
    """What a product that decides like the oracle prints."""
    alternatives = parse_spec(spec)
    decision = decide(launchers, kind, tags, alternatives)
    out: dict[str, Any] = {"spec": spec, "matched": decision.matched, "alternative": None, "launcher": None, "plan": None,
                           "tokens": None, "candidates": []}
    for number, alt in enumerate(alternatives):
        last = decision.matched and number == decision.alternative
        for launcher in considered(launchers, kind, tags):
            won = last and launcher is decision.launcher
            for row in launcher.rows:
                fails = failing(row, alt, launcher)
                verdict = "rejected"
                if won and decision.best is row:
                    verdict = "chosen"
                elif won and row.index in decision.joined:
                    verdict = "joined"
                reasons = [] if verdict != "rejected" else reasons_of(row, alt, launcher, fails) or [
                    {"clause": "union", "need": "", "have": ""}]
                out["candidates"].append({
                    "launcher": launcher.id, "partition": row.partition, "qos": row.qos, "account": row.account,
                    "hosts": None if row.hosts is None else sorted(row.hosts), "features": list(row.features),
                    "verdict": verdict, "reasons": reasons})
            if won:
                break
        if last:
            assert decision.launcher and decision.alternative is not None
            out["alternative"] = number + 1
            out["launcher"] = {"kind": decision.launcher.kind, "id": decision.launcher.id,
                               "weight": decision.launcher.weight}
            out["plan"] = plan_of(decision, alt)
            out["tokens"] = decision.launcher.tokens
            break
    return out
