# SPDX-License-Identifier: GPL-2.0-or-later
"""Seeded random launchers.yaml texts, and specs that sit at the edges of what such a file offers.

A file is made as nested dicts, lists and texts (so that run.py can shrink it), and written by emit().
"""
from __future__ import annotations

import random
import re
from typing import Any, Optional

from reading import Accelerator, Launcher, Row

# model, kind, memory as written, gres_type
CARDS = (("V100", "cuda", "16G", "v100"), ("V100", "cuda", "32G", "v100l"), ("A100", "cuda", "40GiB", "a100"),
         ("A100-SXM4", "cuda", "80GiB", "a100x"), ("RTX 3090", "cuda", "24G", "rtx"), ("GTX1080", "cuda", "8116MiB", "gtx"),
         ("3080", "cuda", "10G", "3080"), ("L40S", "cuda", "48G", "l40s"), ("T4", "cuda", "16G", "t4"),
         ("MI250X", "rocm", "64G", "mi250"), ("M2 Ultra", "mps", "64GiB", "m2"), ("H100 NVL", "cuda", "94G", "h100"))
PATTERNS = (r"GPU(?P<cuda_count>\d+)", r"GPUM(?P<cuda_memory>\d+G)", r"g(?P<gpu_count>\d+)x(?P<gpu_memory>\d+G)?",
            r"(?P<gpu_model>[ahv]100)(?:_(?P<gpu_memory>\d+G))?", r"c(?P<cpu_cores>\d+)", r"mem(?P<cpu_memory>\d+G?)")
FEATURES = ("GPU2", "GPU4", "GPU8", "GPUM24G", "GPUM48G", "g2x24G", "g4x", "GPU4-new", "GPUM48G-b", "c16-old",
            "a100", "v100", "v100_32G", "h100", "c16", "c64x",
            "mem256G", "mem512", "big", "fast", "ib", "nvlink", "Tesla", "xGPU2", "v100-old", "on", "3080")
DURATIONS = ("30m", "2h", "20h", "1-00:00:00", "12:00:00", "4 days", "100h", "1w")
RATIOS = ("0.5", "0.7", "0.25", "0.9", "1", "0.33")


# ---- YAML

def scalar(text: Optional[str]) -> str:
    if text is None:
        return "null"
    if re.fullmatch(r"-?[A-Za-z0-9][A-Za-z0-9_.@+ -]*", text):
        return text
    return "'" + text.replace("'", "''") + "'"


def emit(value: Any, depth: int = 0) -> str:
    """Block style, but lists of scalars in one line."""
    pad = "  " * depth
    if isinstance(value, dict):
        if not value:
            return " {}\n"
        lines = []
        for key, item in value.items():
            if isinstance(item, (dict, list)):
                lines.append(f"{pad}{scalar(key)}:{emit(item, depth + 1)}")
            else:
                lines.append(f"{pad}{scalar(key)}: {scalar(item)}\n")
        return ("\n" if depth else "") + "".join(lines)
    if all(not isinstance(item, (dict, list)) for item in value):
        return " [" + ", ".join(scalar(item) for item in value) + "]\n"
    return "\n" + "".join(f"{pad}-{emit(item, depth + 1).replace(pad + '  ', '', 1).replace(chr(10), ' ', 1)}"
                          if isinstance(item, dict) and item else f"{pad}- {{}}\n" for item in value)


# ---- files

class Maker:
    """One file. `tight` files are built for leaks: few features, so that rows overlap; `crossed` files for formulas:
    every group has some of few features and a card of its own."""

    def __init__(self, seed: int) -> None:
        self.rng = random.Random(seed)
        rng = self.rng
        self.tight = rng.random() < 0.6
        self.crossed = rng.random() < 0.25
        self.features = rng.sample(FEATURES, rng.randint(2, 4) if self.tight else rng.randint(4, 9))
        self.cards = rng.sample(CARDS, rng.choice((1, 2, 2, 3, 4)))
        self.groups: list[dict[str, Any]] = []
        self.next_host = 1
        self.gres_rate = rng.choice((0.0, 0.5, 0.95, 0.95))
        self.hostless = rng.choice((0.05, 0.15, 0.5))
        if self.crossed:
            self.features = rng.sample(("big", "fast", "ib", "nvlink", "Tesla", "on"), rng.randint(3, 4))
            self.cards = rng.sample(CARDS, 2)
            self.hostless = rng.choice((0.2, 0.9))

    def maybe(self, share: float) -> bool:
        return self.rng.random() < share

    def gpu(self, whole: bool) -> dict[str, Any]:
        rng = self.rng
        model, kind, memory, gres = rng.choice(self.cards)
        got: dict[str, Any] = {}
        if whole or self.maybe(0.6):
            got["model"] = model
            if kind != "cuda" or self.maybe(0.2):
                got["kind"] = kind
        if whole or self.maybe(0.6):
            got["count"] = rng.choice(("1", "2", "2", "4", "4", "8", "0") if self.maybe(0.3) else ("1", "2", "4"))
        if whole or self.maybe(0.6):
            got["memory"] = memory if not self.maybe(0.03) else "0G"
        if self.maybe(0.12):
            got["min_mem_ratio"] = rng.choice(RATIOS)
        if self.maybe(0.06):
            got["min_memory"] = rng.choice(("4G", "16G", "20G"))
        if whole and self.maybe(self.gres_rate):
            got["gres_type"] = gres
        return got

    def gpus(self) -> Any:
        if self.maybe(0.25):
            found, types = [], set()
            for _ in range(self.rng.randint(1, 3)):
                item = self.gpu(True)
                if item.get("gres_type") in types:      # one type is one kind of device
                    continue
                types.add(item.get("gres_type") or len(types))
                if self.maybe(0.15):
                    del item["count"]
                found.append(item)
            return found if not self.maybe(0.02) else []
        return self.gpu(self.maybe(0.85))

    def cpu(self) -> dict[str, Any]:
        rng = self.rng
        got: dict[str, Any] = {}
        if self.maybe(0.6):
            got["cores"] = rng.choice(("4", "8", "16", "64"))
        if self.maybe(0.4):
            got["memory"] = rng.choice(("16G", "64G", "64GiB", "256G", "0G") if self.maybe(0.2) else ("64G", "256G"))
        if self.maybe(0.4):
            got["mem_per_cpu"] = rng.choice(("2048M", "4G", "4GiB", "4G"))
        if self.maybe(0.05):
            got["cpu_per_gpu"] = "8"
        return got

    def configuration(self, gpu: float, cpu: float) -> Optional[dict[str, Any]]:
        got: dict[str, Any] = {}
        if self.maybe(cpu):
            got["cpu"] = self.cpu()
        if self.maybe(gpu):
            got["gpu"] = self.gpus()
        if self.maybe(0.08):
            got["max_duration"] = self.rng.choice(DURATIONS + ("0h",))
        if self.maybe(0.05):
            got["min_gpu"] = self.rng.choice(("1", "2", "0"))
        return got or (None if self.maybe(0.5) else {})

    def hosts(self) -> list[str]:
        rng = self.rng
        count = rng.randint(1, 4)
        first = self.next_host
        self.next_host += count
        if self.maybe(0.1) and self.groups:      # a host that stands elsewhere, too
            first = max(1, first - rng.randint(1, 3))
        if count > 1 and self.maybe(0.4):
            return [rng.choice(("n[{}-{}]", "n[{0}-{1}]")).format(first, first + count - 1)]
        return [f"n{first + i}" for i in range(count)]

    def group(self) -> dict[str, Any]:
        rng = self.rng
        if self.crossed and self.maybe(0.8):
            got = {"features": rng.sample(self.features, rng.choice((1, 2, 2, 3))),
                   "configuration": {"gpu": {**self.gpu(True), "count": "2"}}}
            if not self.maybe(self.hostless):
                got["hosts"] = self.hosts()
            self.groups.append(got)
            return got
        if self.groups and self.maybe(0.3):      # a group of another partition, as it is or a little different
            group = dict(rng.choice(self.groups))
            if self.maybe(0.3):
                group["configuration"] = self.configuration(0.7, 0.3)
            elif self.maybe(0.2):
                group.pop("hosts", None)
            return group
        group = {}
        names = rng.sample(self.features, min(len(self.features), rng.choice((0, 1, 1, 1, 2, 2, 2, 3))))
        if self.groups and self.maybe(0.4):      # subset, superset or the same features as another group
            other = rng.choice(self.groups).get("features") or []
            names = [other] if isinstance(other, str) else list(other)
            roll = rng.random()
            if roll < 0.4:
                extra = [f for f in self.features if f not in names]
                names = names + rng.sample(extra, min(1, len(extra)))
            elif roll < 0.6:
                names = names[1:]
            elif roll < 0.7:
                names = names[::-1]
        if not self.maybe(self.hostless):
            hosts = self.hosts()
            group["hosts"] = hosts[0] if len(hosts) == 1 and self.maybe(0.5) else hosts
        if names:
            group["features"] = names[0] if len(names) == 1 and self.maybe(0.3) else names
        conf = self.configuration(0.75, 0.25)
        if conf is not None:
            group["configuration"] = conf
        if self.maybe(0.05):
            group["count"] = rng.choice(("0", "4"))
        self.groups.append(group)
        return group

    def partition(self, qos: list[str], accounts: list[str]) -> Optional[dict[str, Any]]:
        rng = self.rng
        part: dict[str, Any] = {}
        if qos and self.maybe(0.6):
            names = rng.sample(qos, rng.randint(1, min(2, len(qos))))
            part["qos"] = names[0] if len(names) == 1 and self.maybe(0.5) else names
        if accounts and self.maybe(0.6):
            part["accounts"] = rng.sample(accounts, rng.randint(1, len(accounts)))
        conf = self.configuration(0.3, 0.2)
        if conf is not None:
            part["configuration"] = conf
        if not self.maybe(0.08):
            part["nodes"] = [self.group() for _ in range(rng.choice((3, 4, 5) if self.crossed else (1, 2, 2, 3, 3, 4, 5)))]
            if self.maybe(0.03):
                part["nodes"] = []
        if self.maybe(0.35):
            part["priority"] = rng.choice(("1", "2", "5", "0", "-1"))
        if self.maybe(0.05):
            part["disabled"] = "true"
        return part or None

    def slurm(self, number: int) -> dict[str, Any]:
        rng = self.rng
        got: dict[str, Any] = {"id": f"cluster{number}", "connector": "local"}
        self.header(got)
        for name, rate in (("use_features", 0.15), ("use_hosts", 0.2),
                           (rng.choice(("use_memory_contraint", "use_memory_constraint")), 0.25)):
            if self.maybe(rate):
                got[name] = "false"
            elif self.maybe(0.1):
                got[name] = "true"
        if self.maybe(0.75):
            got["features_regex"] = rng.sample(PATTERNS, rng.randint(2, 5))
        if self.maybe(0.25):
            got["features"] = {name: rng.choice((None, {"configuration": self.configuration(0.5, 0.5) or {}}))
                               for name in rng.sample(self.features, rng.randint(1, 2))}
        qos: list[str] = []
        if self.maybe(0.45):
            qos = rng.sample(("short", "long", "gpu-t3"), rng.randint(1, 3))
            got["qos"] = {name: self.limits() for name in qos if not self.maybe(0.1)}
        accounts = rng.sample(("lab", "iea@a100"), rng.randint(1, 2)) if self.maybe(0.4) else []
        conf = self.configuration(0.7, 0.5)
        if conf is not None:
            got["configuration"] = conf
        got["partitions"] = {f"p{i}": self.partition(qos, accounts)
                             for i in range(rng.choice((1, 2, 2, 3, 3, 4, 5, 6)))}
        return got

    def limits(self) -> dict[str, Any]:
        got: dict[str, Any] = {}
        if self.maybe(0.5):
            got["max_duration"] = self.rng.choice(DURATIONS)
        if self.maybe(0.2):
            got["min_gpu"] = self.rng.choice(("1", "1", "2"))
        if self.maybe(0.4):
            got["priority"] = self.rng.choice(("1", "3", "-2"))
        return got

    def header(self, got: dict[str, Any]) -> None:
        if self.maybe(0.5):
            got["weight"] = self.rng.choice(("0", "1", "2", "3"))
        if self.maybe(0.4):
            tags = self.rng.sample(("slurm", "gpu", "fast"), self.rng.randint(1, 2))
            got["tags"] = tags[0] if len(tags) == 1 and self.maybe(0.5) else tags
        if self.maybe(0.04):
            got["disabled"] = "true"

    def local(self, number: int) -> dict[str, Any]:
        got: dict[str, Any] = {"connector": "local"}
        if self.maybe(0.5):
            got["id"] = f"here{number}"
        self.header(got)
        cpu = self.cpu()
        cpu.pop("mem_per_cpu", None)
        cpu.pop("cpu_per_gpu", None)
        if cpu:
            got["cpu"] = cpu
        if self.maybe(0.6):
            cards = self.gpus()
            for card in cards if isinstance(cards, list) else [cards]:
                card.pop("gres_type", None)
            got[self.rng.choice(("gpu", "gpus"))] = cards
        if self.maybe(0.2):
            got["tokens"] = {"disk": "1"}
        if self.maybe(0.2):
            got["max_duration"] = self.rng.choice(DURATIONS)
        return got

    def file(self) -> dict[str, Any]:
        rng = self.rng
        data: dict[str, Any] = {}
        if self.maybe(0.3):
            data["local"] = [self.local(i) for i in range(rng.randint(1, 2))]
        data["slurm"] = [self.slurm(i) for i in range(1 if self.maybe(0.7) or "local" in data else 2)]
        if self.maybe(0.05):
            data["slurm"].append(self.slurm(9))
        return data


# ---- specs

def number_text(rng: random.Random, value: int) -> str:
    """A size in bytes as some unit that is exact."""
    fine = [f"{value // unit}{name}" for name, unit in
            (("G", 10 ** 9), ("GiB", 2 ** 30), ("M", 10 ** 6), ("MiB", 2 ** 20), ("GB", 10 ** 9), ("K", 1000), ("KiB", 1024))
            if value % unit == 0]
    if fine:
        return rng.choice(fine[:2])
    return f"{value // 1000}K"      # rounded down: an edge missed by less than a kilobyte


class Specs:
    """Specs about the rows of one file."""

    def __init__(self, launchers: list[Launcher], seed: int) -> None:
        self.rng = random.Random(seed)
        self.rows = [(l, r) for l in launchers for r in l.rows if not l.disabled]
        self.gpu_rows = [pair for pair in self.rows if pair[1].entries]

    def mem_for(self, acc: Accelerator) -> Optional[int]:
        rng = self.rng
        low = max(acc.min_memory, -(-acc.ratio * acc.memory // 1), 10 ** 9)
        return rng.choice((acc.memory, acc.memory, acc.memory, int(low), (int(low) + acc.memory) // 2 // 10 ** 9 * 10 ** 9,
                           acc.memory + 10 ** 6, int(low) - 1000, None, None)) or None

    def accelerator(self, acc: Accelerator, count: int) -> str:
        rng = self.rng
        inside = []
        mem = self.mem_for(acc)
        if mem and mem > 1000:
            text = number_text(rng, mem)
            inside.append(f"mem={text}" if rng.random() < 0.8 else f'mem="{text}"')
        if acc.model and rng.random() < 0.3:
            model = acc.model
            roll = rng.random()
            if roll < 0.4:
                model = re.split(r"[ -]", model)[0]
            elif roll < 0.6:
                model = model.lower()
            elif roll < 0.7:
                model = model[:2]
            inside.append(f'model="{model}"' if not re.fullmatch(r"\w+", model) or rng.random() < 0.5 else f"model={model}")
        rng.shuffle(inside)
        word = acc.kind if rng.random() < 0.85 else "gpu"
        if word == "cuda" and rng.random() < 0.1:
            word = "cuda_gpu"
        star = "" if count == 1 and rng.random() < 0.8 else rng.choice(("*{}", " * {}")).format(count)
        return f"{word}({rng.choice((', ', ',')).join(inside)}){star}"

    def terms(self, launcher: Launcher, row: Row) -> list[str]:
        rng = self.rng
        terms = []
        if row.entries and rng.random() < 0.93:
            entries = list(row.entries)
            rng.shuffle(entries)
            for acc, count in entries[:1 if rng.random() < 0.6 else 2]:
                terms.append(self.accelerator(acc, rng.choice((1, 1, 1, 2, count, count, max(1, count - 1)))
                                              if rng.random() < 0.95 else count + 1))
        if rng.random() < 0.3 or not terms:
            inside = []
            if rng.random() < 0.5:
                there = row.cores or 8
                inside.append(f"cores={rng.choice((1, 4, there, there + 1) if rng.random() < 0.3 else (1, 2, 4))}")
            if rng.random() < 0.6:
                memory = row.memory if row.memory else 20 * 10 ** 9
                edges = (memory, 16 * 10 ** 9, 10 ** 9 + 10 ** 8, memory + 10 ** 6)
                inside.append("mem=" + number_text(rng, rng.choice(
                    edges if rng.random() < 0.3 else (8 * 10 ** 9, 4 * 2 ** 30))))
            if rng.random() < 0.1:
                terms.append("cpu(mem=2.5G)")
            terms.append(f"cpu({', '.join(inside)})")
        if rng.random() < 0.25:
            longest = row.max_duration or 7200
            terms.append("duration" + rng.choice(("=", " = ")) + rng.choice(
                ("30m", "1h", "90 s", "1 day", f"{longest}s", f"{longest + 1} s", "61sec", "20 hours", "1.5h", "2w")))
        rng.shuffle(terms)
        return terms

    def spec(self) -> str:
        rng = self.rng
        if rng.random() < 0.01:
            return rng.choice(("cuda(mem=24)", "cuda()*0", "cuda(mem=4G", "duration=3", "tpu()", "cuda(mem=4G,mem=5G)",
                               "cuda(mem=4G) &", "CUDA()", "| cpu()", "cpu(cores=0)", ""))
        parts = []
        for _ in range(rng.choice((1, 1, 1, 1, 2, 3))):
            pool = self.gpu_rows if self.gpu_rows and rng.random() < 0.85 else self.rows
            if not pool:
                parts.append("cpu(cores=2)")
                continue
            terms = self.terms(*rng.choice(pool))
            parts.append(rng.choice((" & ", "&")).join(terms))
        return rng.choice((" | ", "|")).join(parts)

    def scope(self) -> tuple[str, list[str]]:
        """KIND and TAGS."""
        rng = self.rng
        kind = rng.choice(("slurm",) * 6 + ("both",) * 4 + ("local",))
        tags = rng.sample(("slurm", "gpu", "fast", "other"), rng.randint(1, 2)) if rng.random() < 0.12 else []
        return kind, tags
