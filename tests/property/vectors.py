# SPDX-License-Identifier: GPL-2.0-or-later
"""The recorded decisions of the Python original for example.yaml, and where ours differ on purpose."""
from __future__ import annotations

import json
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent

# Rows of the table of differences that the vectors touch.
EACH_CLAUSE = "rejects on CPU only when memory and cores are both too small: each clause must hold"
UNKNOWN = "a slurm host without cpu data has 0 cores and 0 bytes: what the file does not give is unknown and passes"
SYNTAX = "*0 is one GPU, cpu() and cuda() are syntax errors: *0 is an error, the others are cpus and GPUs"


def local(index: int, alternative: int = 1) -> dict[str, Any]:
    return {"kind": "local", "id": f"local[{index}]", "alternative": alternative}


def slurm(*partitions: str, **more: Any) -> dict[str, Any]:
    return {"kind": "slurm", "id": "manual", "alternative": 1, "partition": set(partitions), **more}


NONE = {"kind": "none"}
# spec: (why, what we decide)
OWN: dict[str, tuple[str, dict[str, Any]]] = {
    "cpu(mem=2G)": (EACH_CLAUSE, local(1)),
    "cpu(mem=8G)": (EACH_CLAUSE, local(1)),
    "cpu(mem=9G)": (EACH_CLAUSE + "; " + UNKNOWN, slurm("biggpus", "smallgpus", mem_mib=8584)),
    "cpu(cores=41)": (EACH_CLAUSE + "; " + UNKNOWN, slurm("biggpus", "smallgpus", cpus_per_task=41)),
    "cpu(mem=2G, cores=41)": (EACH_CLAUSE + "; " + UNKNOWN, slurm("biggpus", "smallgpus", cpus_per_task=41, mem_mib=1908)),
    "cpu(mem=9G, cores=41)": (UNKNOWN, slurm("biggpus", "smallgpus", cpus_per_task=41, mem_mib=8584)),
    "cpu(mem=9G, cores=40)": (EACH_CLAUSE + "; " + UNKNOWN, slurm("biggpus", "smallgpus", cpus_per_task=40, mem_mib=8584)),
    "duration=1h & cpu(mem=4G, cores=2)": (EACH_CLAUSE, local(1)),
    "cuda(mem=24G)*2 & cpu(mem=64G, cores=16)": (UNKNOWN, slurm("biggpus", "smallgpus", gres="gpu:2", cpus_per_task=16,
                                                               mem_mib=61036)),
    "cuda(mem=24G) & cpu(mem=3G) & duration=30h": (UNKNOWN, slurm("biggpus", "smallgpus", gres="gpu:1", mem_mib=2862,
                                                                 time_s=108000)),
    "cuda(mem=24G)*2 & cpu(cores=8) & duration=90h & cpu(mem=10G)": (
        UNKNOWN, slurm("biggpus", "smallgpus", gres="gpu:2", cpus_per_task=8, mem_mib=9537, time_s=324000)),
    "cuda()": (SYNTAX, local(1)),
    "cpu()": (SYNTAX, local(0)),
    "cuda(mem=4G)*0 & cpu(mem=1M)": (SYNTAX, {"kind": "error"}),
}


def load() -> list[dict[str, Any]]:
    return [json.loads(line) for line in (HERE / "vectors.jsonl").read_text().splitlines()]


def expected(vector: dict[str, Any]) -> dict[str, Any]:
    """What we decide: as recorded, or as the table says."""
    if vector["spec"] in OWN:
        return OWN[vector["spec"]][1]
    old = vector["original"]
    if old["kind"] == "none":
        return NONE
    if old["kind"] == "local":
        return local(old["group_index"], old["alt"] + 1)
    hours, minutes, seconds = (int(t) for t in old.get("time", "0:0:0").split(":"))
    return {"kind": "slurm", "id": old["id"], "alternative": old["alt"] + 1, "partition": set(old["partition"]),
            "qos": old.get("qos"), "account": old.get("account"), "gres": f"gpu:{old['gpus_per_node']}",
            "time_s": hours * 3600 + minutes * 60 + seconds or None,
            "features": {name for clause in old["constraint"] for name in clause}}


def compare(answer: dict[str, Any], want: dict[str, Any]) -> list[str]:
    """Differences; the constraint may be weaker than the original's (no word of its own, that is)."""
    if "error" in answer or "broken" in answer:
        return [] if want["kind"] == "error" and "error" in answer else [f"error: {answer}"]
    launcher = answer["launcher"] or {}
    got = {"kind": launcher.get("kind", "none"), "id": launcher.get("id"), "alternative": answer["alternative"],
           **(answer["plan"] or {})}
    wrong = []
    for key, value in want.items():
        have = set(got["partition"] or ()) if key == "partition" else got.get(key)
        if key == "features":
            have = set((got["constraint"] or "").replace("|", "&").replace("(", "").replace(")", "").split("&")) - {""}
            if have <= value:
                continue
        if have != value:
            wrong.append(f"{key} is {have}, not {value}")
    return wrong
