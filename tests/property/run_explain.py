#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Property test of the words: what xpm explain and the refusal show is what the trace holds.

    run_explain.py [--pairs N] [--seed N] [--driver PATH]

Prints the seed first, then mismatches, statistics, and one TAP line for each property. Exit status as run.py.
"""
from __future__ import annotations

import argparse
import os
import random
import shlex
import subprocess
import sys
import tempfile
from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import Any, Iterator, Optional

sys.path.insert(0, str(Path(__file__).resolve().parent))

from generate import Maker, Specs, emit
from oracle import considered, decide
from reading import Alternative, Launcher, SpecError, load_launchers, parse_spec
from run import SPECS_PER_FILE, Driver

PROPERTIES = {
    "table": "the table has the candidates of the JSON, verdict by verdict",
    "clauses": "a line of the table has as many reasons as the JSON",
    "plan": "the options below the table are those of the plan",
    "matches": "every relaxation does match, for the product and for the oracle",
    "nearest": "where one changed field would do, the relaxation changes one",
    "short": "the refusal has at most five lines, the last a command that a shell reads back as the spec",
}
VERDICTS = {"chosen": "chosen", "joined": "joined", "kept out": "rejected", "rejected": "rejected"}


class WordDriver(Driver):
    def __init__(self, path: str) -> None:
        super().__init__(path)
        self.argv = [path, "--explain"]

    def start(self) -> Any:
        self.rest = b""
        self.proc = subprocess.Popen(self.argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        return self.proc


def table_rows(lines: list[str]) -> list[tuple[int, str, str]]:
    """(alternative, verdict, the line with its reasons) of each candidate, in the order shown."""
    rows: list[tuple[int, str, str]] = []
    alternative = 0
    for line in lines:
        if line.startswith("Alternative "):
            alternative += 1
        verdict = next((v for v in VERDICTS if line.startswith("  " + v)), None)
        if verdict:
            rows.append((max(alternative, 1), verdict, line[2:]))
        elif line.startswith("            ") and rows:
            rows[-1] = (*rows[-1][:2], rows[-1][2] + " " + line.strip())
    return rows


def check_table(got: dict[str, Any]) -> Iterator[tuple[str, str]]:
    rows = table_rows(got["table"])
    want = Counter((c["alternative"], c["verdict"]) for c in got["candidates"])
    shown = Counter((a, VERDICTS[v]) for a, v, _ in rows)
    if want != shown:
        yield "table", f"{shown} for {want}"
    unions = sum(any(r["clause"] == "union" for r in c["reasons"]) for c in got["candidates"])
    if unions != sum(v == "kept out" for _, v, _ in rows):
        yield "table", f"{unions} candidates were kept out"
    want_reasons = Counter((c["alternative"], len(c["reasons"])) for c in got["candidates"] if c["reasons"])
    shown_reasons = Counter((a, line.count("; ") + 1) for a, v, line in rows if v in ("kept out", "rejected"))
    if want_reasons != shown_reasons:
        yield "clauses", f"{shown_reasons} for {want_reasons}"
    for cand in got["candidates"]:
        for reason in cand["reasons"]:
            if not any(reason["need"] in line and reason["have"] in line for a, _, line in rows
                       if a == cand["alternative"]):
                yield "clauses", f"{reason} is nowhere in the table"


def check_plan(got: dict[str, Any]) -> Iterator[tuple[str, str]]:
    plan = got["plan"]
    if not plan or got["launcher"]["kind"] == "local":
        return
    text = " ".join(got["table"][got["table"].index(next(t for t in got["table"] if t.startswith("Chosen:"))) + 1:])
    for name in ("qos", "account", "gres", "constraint"):
        if plan[name] and f"--{name}={plan[name]}" not in text:
            yield "plan", f"--{name}={plan[name]} is not in {text}"
    if "--partition=" + ",".join(plan["partition"]) not in text:
        yield "plan", f"partitions {plan['partition']} are not in {text}"


def tries(launchers: list[Launcher], alt: Alternative) -> Iterator[Alternative]:
    """The alternative with one number of it changed to what some candidate has."""
    rows = [row for launcher in launchers for row in launcher.rows]
    for row in rows:
        if alt.cores and row.cores is not None and row.cores < alt.cores:
            yield replace(alt, cores=row.cores)
        if alt.mem and row.memory is not None and row.memory < alt.mem:
            yield replace(alt, mem=row.memory)
        if alt.duration and row.max_duration and row.max_duration < alt.duration:
            yield replace(alt, duration=row.max_duration)
    if len(set(alt.items)) == 1 and len(alt.items) > 1:
        for count in range(1, len(alt.items)):
            yield replace(alt, items=alt.items[:count])
    if len(set(alt.items)) == 1 and alt.items[0].mem:
        for mem in {d.memory for row in rows for d in row.devices if 0 < d.memory < (alt.items[0].mem or 0)}:
            yield replace(alt, items=tuple(replace(item, mem=mem) for item in alt.items))


def changed_items(before: Alternative, after: Alternative) -> int:
    """Fields of accelerator terms that differ; terms that became equal to others were merged."""
    gone, come = Counter(before.items), Counter(after.items)
    gone, come = gone - come, come - gone
    if not gone and not come:
        return 0
    if len(gone) > 1 or len(come) > 1:
        return 2
    if not gone or not come:
        return 1  # a count
    (old, n), (new, m) = *gone.items(), *come.items()
    return (n != m) + (old.kind != new.kind) + (old.mem != new.mem) + (old.model != new.model)


def changed(before: list[Alternative], after: list[Alternative]) -> int:
    return sum((a.cores != b.cores) + (a.mem != b.mem) + (a.duration != b.duration) + changed_items(a, b)
               for a, b in zip(before, after))


def check_relaxation(driver: Driver, file: Path, launchers: list[Launcher], kind: str, tags: list[str], spec: str,
                     got: dict[str, Any], stats: Counter[str]) -> Iterator[tuple[str, str]]:
    asked = parse_spec(spec)
    relaxed: Optional[list[Alternative]] = None
    for text in got["relaxations"]:
        stats["relaxed"] += 1
        if not driver.ask(file, kind, tags, text).get("matched"):
            yield "matches", f"the product rejects {text}"
        if not decide(launchers, kind, tags, parse_spec(text)).matched:
            yield "matches", f"the oracle rejects {text}"
        if not any(text in line for line in got["table"]):
            yield "table", f"{text} is not below the table"
    if got["relaxations"]:
        relaxed = parse_spec(got["relaxations"][0])
        if got["relaxations"][0] not in " ".join(got["short"]):
            yield "short", "the relaxation is not in the refusal"
    if relaxed and changed(asked, relaxed) == 1:
        stats["one field"] += 1
        return
    scope = considered(launchers, kind, tags)
    for at, alt in enumerate(asked):
        for other in tries(scope, alt):
            if not (other.cores or other.mem or other.duration or other.items):
                continue  # nothing is left of it, and that is no spec
            attempt = asked[:at] + [other] + asked[at + 1:]
            if decide(launchers, kind, tags, attempt).matched:
                yield "nearest", f"{got['relaxations']}, where {other} would do"
                return


def check_short(got: dict[str, Any], spec: str) -> Iterator[tuple[str, str]]:
    if not 2 <= len(got["short"]) <= 5:
        yield "short", f"{len(got['short'])} lines"
    words = shlex.split(got["short"][-1])
    if words != ["see", "all:", "xpm", "explain", spec]:
        yield "short", f"the last line is {words}"


def main() -> int:
    parser = argparse.ArgumentParser(description="property test of the words")
    parser.add_argument("--pairs", type=int, default=2000)
    parser.add_argument("--seed", type=int, default=None)
    beside = Path(__file__).resolve().parent / "driver"
    parser.add_argument("--driver", default=os.environ.get("XPM_DRIVER", str(beside)))
    args = parser.parse_args()
    seed = random.SystemRandom().randrange(10 ** 6) if args.seed is None else args.seed
    print(f"# seed {seed}", flush=True)
    if not os.access(args.driver, os.X_OK):
        print(f"Bail out! no driver at {args.driver}")
        return 2
    driver = WordDriver(args.driver)
    stats: Counter[str] = Counter()
    broken: Counter[str] = Counter()
    number = 0
    with tempfile.TemporaryDirectory(prefix="xpm-property-") as folder:
        while stats["pairs"] < args.pairs:
            file_seed = seed * 1_000_003 + number
            number += 1
            file = Path(folder, f"launchers-{number}.yaml")
            file.write_text(emit(Maker(file_seed).file()))
            launchers = load_launchers(file.read_text())
            specs = Specs(launchers, file_seed)
            for _ in range(SPECS_PER_FILE):
                spec, (kind, tags) = specs.spec(), specs.scope()
                stats["pairs"] += 1
                got = driver.ask(file, kind, tags, spec)
                if "error" in got:
                    continue
                if "broken" in got:
                    problems = [("table", got["broken"])]
                else:
                    problems = list(check_table(got)) + list(check_plan(got))
                    if not got["matched"]:
                        stats["unmatched"] += 1
                        problems += check_short(got, spec)
                        problems += check_relaxation(driver, file, launchers, kind, tags, spec, got, stats)
                for prop, text in problems:
                    if broken[prop] < 3:
                        print(f"# {prop}: file seed {file_seed}, {kind}, tags {tags}, spec {spec}\n#   {text}")
                        Path("/tmp" if "XPM_KEEP" in os.environ else folder,
                             f"explain-{prop}-{broken[prop]}.yaml").write_text(file.read_text())
                    broken[prop] += 1
            file.unlink()
    driver.stop()
    for name, count in stats.most_common():
        print(f"#   {name}: {count}")
    for i, (prop, text) in enumerate(PROPERTIES.items(), 1):
        print(f"{'not ok' if broken[prop] else 'ok'} {i} - {prop}: {text}" + (f" ({broken[prop]})" if broken[prop] else ""))
    print(f"1..{len(PROPERTIES)}")
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main())
