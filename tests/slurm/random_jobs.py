#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Random specs on the real cluster: random_jobs.py [--jobs 100] [--seed N] --xpm PATH --launchers FILE

Each spec is submitted as a user would. What nobody satisfies must be refused; every other job must start, on a node that
by the oracle's reading of the file satisfies the spec, with the devices it asked for, and the job's record must be the plan
that `xpm find --format json` prints. Ends with one line of TAP per property.
"""
import argparse
import json
import random
import re
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "property"))
from generate import Specs  # noqa: E402
from oracle import decide, failing  # noqa: E402
from reading import SpecError, load_launchers, parse_spec  # noqa: E402

PROPERTIES = {
    "refused": "what nobody satisfies is refused, with a reason",
    "accepted": "what somebody satisfies is accepted",
    "starts": "every accepted job starts and ends",
    "node": "the node it ran on satisfies the spec",
    "devices": "it was given as many devices as it asked for",
    "record": "the job's record is the plan that xpm find prints",
}
# Slurm itself stops these for good; waiting longer would not help.
# ReqNodeNotAvail is not among them: a node that did not answer once, on a busy machine, is back after slurmctld's next ping.
HOPELESS = ("BadConstraints", "PartitionTimeLimit", "PartitionNodeLimit", "InvalidQOS", "InvalidAccount", "AccountNotAllowed",
            "QOSNotAllowed")


def run(*argv: str, timeout: int = 60) -> subprocess.CompletedProcess:
    return subprocess.run(argv, capture_output=True, text=True, timeout=timeout, check=False)


def record_of(job: str) -> dict[str, str]:
    text = run("scontrol", "show", "job", "-o", job).stdout
    return dict(field.split("=", 1) for field in re.split(r" (?=[A-Z][A-Za-z:/]*=)", text.strip()) if "=" in field)


def seconds(text: str) -> int:
    days, _, clock = text.rpartition("-")
    hours, minutes, secs = (int(part) for part in clock.split(":"))
    return int(days or 0) * 86400 + hours * 3600 + minutes * 60 + secs


def gres_of(record: dict[str, str]) -> str:
    """gpu:2 or gpu:a100:2, whatever prefix this Slurm writes."""
    return re.sub(r"^gres[:/]", "", record.get("TresPerNode", ""))


def compare(record: dict[str, str], plan: dict) -> list[str]:
    """Where the job, as it was accepted, differs from the plan. Slurm narrows Partition when the job starts."""
    wrong = []
    if record.get("Partition", "") not in [",".join(plan["partition"]), *plan["partition"]]:
        wrong.append(f"partition {record.get('Partition')}, planned {plan['partition']}")
    for field, key in (("QOS", "qos"), ("Account", "account"), ("Features", "constraint")):
        have = record.get(field, "(null)")
        if plan[key] is not None and have != plan[key]:
            wrong.append(f"{key} {have}, planned {plan[key]}")
    if plan["constraint"] is None and record.get("Features", "(null)") != "(null)":
        wrong.append(f"constraint {record['Features']}, none planned")
    if gres_of(record) != (plan["gres"] or ""):
        wrong.append(f"gres {gres_of(record)!r}, planned {plan['gres']!r}")
    if plan["time_s"] and seconds(record["TimeLimit"]) != plan["time_s"]:
        wrong.append(f"time {record['TimeLimit']}, planned {plan['time_s']} s")
    if plan["mem_mib"] and record.get("MinMemoryNode") not in (f"{plan['mem_mib']}M", gib(plan["mem_mib"])):
        wrong.append(f"memory {record.get('MinMemoryNode')}, planned {plan['mem_mib']}M")
    if plan["cpus_per_task"] and record.get("CPUs/Task") != str(plan["cpus_per_task"]):
        wrong.append(f"cores {record.get('CPUs/Task')}, planned {plan['cpus_per_task']}")
    return wrong


def gib(mib: int) -> str:
    """Slurm prints whole thousands of MiB in G once they are large enough."""
    return f"{mib // 1024}G" if mib % 1024 == 0 else f"{mib}M"


class Run:
    def __init__(self, options: argparse.Namespace) -> None:
        self.options = options
        self.launchers = [l for l in load_launchers(Path(options.launchers).read_text()) if l.kind == "slurm"]
        self.specs = Specs(self.launchers, options.seed)
        self.failures: Counter[str] = Counter()
        self.jobs: list[dict] = []
        self.refused = 0

    def fail(self, prop: str, text: str) -> None:
        self.failures[prop] += 1
        print(f"# {prop}: {text}", flush=True)

    def submit(self, spec: str) -> None:
        alternatives = parse_spec(spec)
        decision = decide(self.launchers, "slurm", [], alternatives)
        said = run("sbatch", "--parsable", f"--xpm-spec={spec}", "-o", "%j.out", "--wrap",
                   'echo "$SLURMD_NODENAME ${CUDA_VISIBLE_DEVICES:-}"')
        if said.returncode != 0:
            self.refused += 1
            if decision.matched:
                self.fail("accepted", f"{spec!r} was refused: {said.stderr.strip()}")
            elif "closest" not in said.stderr:
                self.fail("refused", f"{spec!r}: no reason in {said.stderr.strip()!r}")
            return
        if not decision.matched:
            self.fail("refused", f"{spec!r} became job {said.stdout.strip()}")
        found = json.loads(run(self.options.xpm, "find", "-f", self.options.launchers, "--kind", "slurm", "--format",
                               "json", spec).stdout)
        job = {"id": said.stdout.strip().split(";")[0], "spec": spec, "plan": found["plan"],
               "alternative": alternatives[(found["alternative"] or 1) - 1]}
        self.jobs.append(job)
        for wrong in compare(record_of(job["id"]), found["plan"]):
            self.fail("record", f"job {job['id']} {spec!r}: {wrong}")

    def wait(self) -> None:
        end = time.time() + 240
        while time.time() < end:
            rows = [line.split("|") for line in run("squeue", "-h", "-a", "-o", "%A|%t|%r").stdout.splitlines()]
            mine = {job["id"] for job in self.jobs}
            if not any(row[0] in mine for row in rows):
                return
            stuck = [row for row in rows if row[0] in mine and any(word in row[2] for word in HOPELESS)]
            if stuck and len(stuck) == len([row for row in rows if row[0] in mine]):
                break
            time.sleep(0.3)
        for row in rows:
            self.fail("starts", f"job {row}: {next((j['spec'] for j in self.jobs if j['id'] == row[0]), '?')!r}")
            run("scancel", row[0])

    def judge(self, job: dict) -> None:
        record = record_of(job["id"])
        if record.get("JobState") != "COMPLETED":
            self.fail("starts", f"job {job['id']} {job['spec']!r} is {record.get('JobState')} ({record.get('Reason')})")
            return
        node, _, devices = Path(f"{job['id']}.out").read_text().strip().partition(" ")
        rows = [(l, r) for l in self.launchers for r in l.rows if r.partition == record["Partition"]
                and r.hosts is not None and node in r.hosts and r.qos in (None, record["QOS"])
                and r.account in (None, record["Account"])]
        if not any(not failing(r, job["alternative"], l) for l, r in rows):
            self.fail("node", f"job {job['id']} {job['spec']!r} ran on {node} in {record['Partition']}")
        given = len([d for d in devices.split(",") if d])
        if given != len(job["alternative"].items):
            self.fail("devices", f"job {job['id']} {job['spec']!r} got {devices!r} on {node}")

    def all(self) -> int:
        while len(self.jobs) < self.options.jobs and self.refused < 10 * self.options.jobs:
            spec = self.specs.spec()
            try:
                parse_spec(spec)
            except SpecError:
                continue
            self.submit(spec)
        self.wait()
        for job in self.jobs:
            self.judge(job)
        print(f"# {len(self.jobs)} jobs ran, {self.refused} were refused")
        if len(self.jobs) < self.options.jobs:
            self.fail("accepted", f"only {len(self.jobs)} of {self.options.jobs} specs were satisfiable")
        print(f"1..{len(PROPERTIES)}")
        for number, (prop, text) in enumerate(PROPERTIES.items(), 1):
            count = self.failures[prop]
            print(f"{'not ' if count else ''}ok {number} - {prop}: {text}")
        return int(bool(self.failures))


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--jobs", type=int, default=100)
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(10 ** 6))
    parser.add_argument("--xpm", required=True)
    parser.add_argument("--launchers", required=True)
    options = parser.parse_args()
    print(f"# seed {options.seed}", flush=True)
    return Run(options).all()


if __name__ == "__main__":
    sys.exit(main())
