# SPDX-License-Identifier: GPL-2.0-or-later
"""What the file says and what the spec asks: the oracle's own reading of launchers.yaml(5) and xpm-spec(7).

Sizes are bytes, durations seconds, both whole numbers; ratios are fractions. None is "not given".
Nothing here decides anything: see oracle.py.
"""
from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from fractions import Fraction
from typing import Any, Iterator, Optional

import yaml

UNITS = {"": 1, "B": 1}
for _power, _letter in enumerate("KMGT", 1):
    UNITS[_letter] = UNITS[_letter + "B"] = 1000 ** _power
    UNITS[_letter + "iB"] = 1024 ** _power
SECONDS = {}
for _names, _value in (("s sec secs second seconds", 1), ("m min mins minute minutes", 60), ("h hour hours", 3600),
                       ("d day days", 86400), ("w week weeks", 604800)):
    for _name in _names.split():
        SECONDS[_name] = _value
KINDS = ("cuda", "rocm", "mps", "gpu")


class SpecError(ValueError):
    """The spec is not one."""


class FileError(ValueError):
    """The file is not one (or has something this reader leaves out)."""


# ---- scalars

def whole(number: Fraction, what: str) -> int:
    if number.denominator != 1:
        raise ValueError(f"{what} is not a whole number: {number}")
    return int(number)


def size(text: str) -> int:
    """Bytes of a size with unit."""
    m = re.fullmatch(r"(\d+(?:\.\d+)?)\s*([KMGT](?:i?B)?)", text.strip())
    if not m:
        raise ValueError(f"not a size with unit: {text!r}")
    return whole(Fraction(m[1]) * UNITS[m[2]], text)


def duration(text: str) -> int:
    """Seconds of a duration, in words or as Slurm writes it."""
    text = text.strip()
    m = re.fullmatch(r"(\d+(?:\.\d+)?)\s*([a-z]+)", text)
    if m and m[2] in SECONDS:
        return whole(Fraction(m[1]) * SECONDS[m[2]], text)
    m = re.fullmatch(r"(\d+)-(\d+):(\d+)(?::(\d+))?", text)
    if m:
        return int(m[1]) * 86400 + int(m[2]) * 3600 + int(m[3]) * 60 + int(m[4] or 0)
    m = re.fullmatch(r"(\d+):(\d+):(\d+)", text)
    if m:
        return int(m[1]) * 3600 + int(m[2]) * 60 + int(m[3])
    raise ValueError(f"not a duration with unit: {text!r}")


def expand_hosts(text: str) -> list[str]:
    """Names of a hostlist expression: n[001-003,7],login and r[1-2]n[1-4]."""
    parts, depth, part = [], 0, ""
    for char in text:
        depth += (char == "[") - (char == "]")
        if char == "," and depth == 0:
            parts.append(part)
            part = ""
        else:
            part += char
    parts.append(part)
    names: list[str] = []
    for part in parts:
        names.extend(_expand_one(part.strip()))
    return [n for n in names if n]


def _expand_one(text: str) -> Iterator[str]:
    m = re.match(r"([^\[]*)\[([^\]]*)\](.*)$", text)
    if not m:
        yield text
        return
    for piece in m[2].split(","):
        low, dash, high = piece.partition("-")
        for number in range(int(low), int(high if dash else low) + 1):
            for rest in _expand_one(m[3]):
                yield f"{m[1]}{number:0{len(low)}d}{rest}"


# ---- the spec

@dataclass(frozen=True)
class Item:
    """One requested accelerator."""
    kind: str
    mem: Optional[int] = None
    model: Optional[str] = None


@dataclass(frozen=True)
class Alternative:
    duration: Optional[int] = None
    cores: Optional[int] = None
    mem: Optional[int] = None
    items: tuple[Item, ...] = ()


TOKEN = re.compile(r"\s*(?:(\"[^\"]*\"|'[^']*')|([A-Za-z0-9_.][A-Za-z0-9_.\-]*)|(.))", re.S)


def parse_spec(text: str) -> list[Alternative]:
    """The alternatives of a spec, best first."""
    if len(text.encode()) > 4096:
        raise SpecError("longer than 4096 bytes")
    tokens = [(m[1][1:-1] if m[1] else m[2] or m[3]) for m in TOKEN.finditer(text.rstrip())]
    quoted = [bool(m[1]) for m in TOKEN.finditer(text.rstrip())]
    at = 0

    def peek() -> str:
        return tokens[at] if at < len(tokens) and not quoted[at] else ""

    def take(want: str = "") -> str:
        nonlocal at
        if at >= len(tokens) or (want and (tokens[at] != want or quoted[at])):
            raise SpecError(f"expected {want or 'more'} at token {at + 1} of {text!r}")
        at += 1
        return tokens[at - 1]

    def fields(allowed: tuple[str, ...]) -> dict[str, str]:
        found: dict[str, str] = {}
        take("(")
        while peek() != ")" or found:
            key = take()
            if key not in allowed or key in found:
                raise SpecError(f"key {key!r} of {text!r}")
            take("=")
            found[key] = take()
            if peek() == ")":
                break
            take(",")
        take(")")
        return found

    def number(value: str) -> int:
        if not re.fullmatch(r"[0-9]+", value) or int(value) == 0:
            raise SpecError(f"not a positive number: {value!r}")
        return int(value)

    def bytes_of(value: str) -> int:
        try:
            return size(value)
        except ValueError as err:
            raise SpecError(str(err)) from err

    def term(alt: Alternative) -> Alternative:
        word = take()
        if word == "duration":
            take("=")
            value = take()
            if re.fullmatch(r"[0-9.]+", value):
                value += take()
            if ":" in value or "-" in value:
                raise SpecError(f"duration {value!r}")
            try:
                return replace(alt, duration=max(alt.duration or 0, duration(value)))
            except ValueError as err:
                raise SpecError(str(err)) from err
        if word == "cpu":
            got = fields(("mem", "cores")) or {"cores": "1"}
            if "cores" in got:
                alt = replace(alt, cores=max(alt.cores or 0, number(got["cores"])))
            if "mem" in got:
                alt = replace(alt, mem=max(alt.mem or 0, bytes_of(got["mem"])))
            return alt
        kind = "cuda" if word == "cuda_gpu" else word
        if kind not in KINDS:
            raise SpecError(f"unknown word {word!r}")
        got = fields(("mem", "model"))
        count = 1
        if peek() == "*":
            take("*")
            count = number(take())
        item = Item(kind, bytes_of(got["mem"]) if "mem" in got else None, got.get("model"))
        if len(alt.items) + count > 1024:
            raise SpecError("more than 1024 accelerators")
        return replace(alt, items=alt.items + (item,) * count)

    found = []
    while True:
        alt = term(Alternative())
        while peek() == "&":
            take("&")
            alt = term(alt)
        found.append(alt)
        if at == len(tokens):
            break
        take("|")
    if len(found) > 64:
        raise SpecError("more than 64 alternatives")
    return found


# ---- the file

@dataclass(frozen=True)
class Accelerator:
    kind: str = "cuda"
    model: Optional[str] = None
    memory: int = 0
    min_memory: int = 0
    ratio: Fraction = Fraction(0)
    gres_type: Optional[str] = None


@dataclass
class Row:
    """One candidate: a class of nodes of a partition with a QoS and an account."""
    index: int
    partition: Optional[str]
    features: tuple[str, ...]
    hosts: Optional[frozenset[str]]
    qos: Optional[str]
    account: Optional[str]
    entries: tuple[tuple[Accelerator, int], ...]
    cores: Optional[int]
    memory: Optional[int]
    mem_per_cpu: Optional[int]
    min_gpu: int
    max_duration: int
    priority: int
    fset: frozenset[str] = frozenset()
    devices: tuple[Accelerator, ...] = ()

    def __post_init__(self) -> None:
        self.fset = frozenset(self.features)
        self.devices = tuple(acc for acc, count in self.entries for _ in range(count))


@dataclass
class Launcher:
    kind: str
    id: str
    weight: int
    order: int
    tags: tuple[str, ...] = ()
    disabled: bool = False
    tokens: dict[str, int] = field(default_factory=dict)
    use_features: bool = True
    use_hosts: bool = True
    use_memory: bool = True
    rows: list[Row] = field(default_factory=list)


def _plain(node: Any) -> Any:
    """A YAML node as dicts, lists, strings and None; every scalar stays text."""
    if isinstance(node, yaml.ScalarNode):
        return None if not node.style and node.value in ("", "~", "null", "Null", "NULL") else node.value
    if isinstance(node, yaml.SequenceNode):
        return [_plain(n) for n in node.value]
    merged: dict[str, Any] = {}
    own: dict[str, Any] = {}
    for key, value in node.value:
        if key.value == "<<" and not key.style:
            sources = value.value if isinstance(value, yaml.SequenceNode) else [value]
            for source in reversed(sources):
                merged.update(_plain(source))
        elif key.value in own:
            raise FileError(f"key {key.value} twice")
        else:
            own[key.value] = _plain(value)
    return {**merged, **own}


LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def load_yaml(text: str) -> dict[str, Any]:
    node = yaml.compose(text, Loader=LOADER)
    return _plain(node) or {} if node else {}


def _list(value: Any) -> list[Any]:
    return [] if value is None else value if isinstance(value, list) else [value]


def _flag(value: Any, default: bool) -> bool:
    if value is None:
        return default
    if value.lower() in ("true", "yes", "on"):
        return True
    if value.lower() in ("false", "no", "off"):
        return False
    raise FileError(f"not a boolean: {value}")


GPU_FIELDS = {"model": str, "count": int, "memory": size, "min_memory": size, "min_mem_ratio": Fraction, "kind": str,
              "gres_type": str}
CPU_FIELDS = {"cores": int, "memory": size, "mem_per_cpu": size, "cpu_per_gpu": int}
CAPTURES = {"cuda_count": "count", "gpu_count": "count", "cuda_memory": "memory", "gpu_memory": "memory",
            "gpu_model": "model", "cpu_cores": "cores", "cpu_memory": "memory"}


def _bytes0(value: str) -> int:
    return 0 if value == "0" else size(value)


def _fields(mapping: dict[str, Any], table: dict[str, Any]) -> dict[str, Any]:
    got = {}
    for key, value in mapping.items():
        if key not in table:
            raise FileError(f"unknown key {key}")
        if value is not None:
            convert = table[key]
            got[key] = (_bytes0 if convert is size else convert)(value)
    return got


class Effective:
    """The configuration of a node group while it is put together (RULES 1 to 3)."""

    def __init__(self) -> None:
        self.values: dict[str, int] = {}
        self.cpu: dict[str, int] = {}
        self.base: dict[str, Any] = {}
        self.items: Optional[list[dict[str, Any]]] = None

    def set_gpu(self, got: dict[str, Any]) -> None:
        for entry in [self.base] + (self.items or []):
            entry.update(got)

    def apply(self, conf: Optional[dict[str, Any]]) -> None:
        for key, value in (conf or {}).items():
            if value is None:
                continue
            if key == "max_duration":
                self.values[key] = duration(value)
            elif key == "min_gpu":
                self.values[key] = int(value)
            elif key == "cpu":
                self.cpu.update(_fields(value, CPU_FIELDS))
            elif key == "gpu" and isinstance(value, list):
                self.items = [{**self.base, **_fields(item or {}, GPU_FIELDS)} for item in value]
            elif key == "gpu":
                self.set_gpu(_fields(value, GPU_FIELDS))
            else:
                raise FileError(f"unknown key {key} in a configuration")

    def capture(self, pattern: re.Pattern[str], name: str) -> None:
        m = pattern.match(name)
        for group, text in (m.groupdict() if m else {}).items():
            if text is None or group not in CAPTURES:
                continue
            target = CAPTURES[group]
            try:
                value = (_bytes0 if target == "memory" else str if target == "model" else int)(text)
            except ValueError:
                continue
            if group.startswith("cpu_"):
                self.cpu[target] = value
            else:
                self.set_gpu({target: value})

    def memory(self) -> Optional[int]:
        """The host's memory; what its cores bring when it is not given (RULES 4)."""
        memory, cores, mpc = (self.cpu.get(k) for k in ("memory", "cores", "mem_per_cpu"))
        return cores * mpc if memory is None and cores is not None and mpc is not None else memory

    def entries(self, listed: bool = False) -> tuple[tuple[Accelerator, int], ...]:
        """The accelerators with their counts; listed: a mapping counts as a list of one (local launchers)."""
        found = []
        for entry in ([self.base] if self.items is None else self.items):
            count = entry.get("count", 0 if self.items is None and not listed else 1)
            found.append((Accelerator(entry.get("kind", "cuda"), entry.get("model"), entry.get("memory", 0),
                                      entry.get("min_memory", 0), entry.get("min_mem_ratio", Fraction(0)),
                                      entry.get("gres_type")), count))
        return tuple((acc, count) for acc, count in found if count > 0)


def _resolved(entries: tuple[tuple[Accelerator, int], ...]) -> tuple[Any, ...]:
    """What entries come to: equal ones together, and one least request instead of min_memory and ratio (RULES 6)."""
    counts: dict[Any, int] = {}
    for acc, count in entries:
        least = max(acc.min_memory, -(-acc.ratio * acc.memory // 1))
        key = (acc.kind, acc.model, acc.memory, least, acc.gres_type)
        counts[key] = counts.get(key, 0) + count
    return tuple(counts.items())


def _local(data: dict[str, Any], order: int) -> Launcher:
    eff = Effective()
    gpus = data.get("gpu") if data.get("gpu") is not None else data.get("gpus")
    eff.apply({"cpu": data.get("cpu"), "max_duration": data.get("max_duration"), "gpu": gpus})
    row = Row(0, None, (), None, None, None, eff.entries(isinstance(gpus, dict)), eff.cpu.get("cores"),
              eff.cpu.get("memory"), None, 0, eff.values.get("max_duration", 0), 0)
    return Launcher("local", data.get("id") or f"local[{order}]", int(data.get("weight") or 0), order,
                    tuple(_list(data.get("tags"))), _flag(data.get("disabled"), False),
                    {k: int(v) for k, v in (data.get("tokens") or {}).items()}, rows=[row])


def _classes(data: dict[str, Any], part: dict[str, Any], patterns: list[re.Pattern[str]]) -> list[dict[str, Any]]:
    """The classes of a partition, each at the place of its first node group (RULES 5 and 6)."""
    groups = part.get("nodes")
    if groups is None:
        groups = [] if _flag(data.get("query_slurm"), False) else [{}]
    known = data.get("features") or {}
    found: dict[Any, dict[str, Any]] = {}
    for group in groups:
        group = group or {}
        eff = Effective()
        for conf in (data.get("configuration"), part.get("configuration"), group.get("configuration")):
            eff.apply(conf)
        features = _list(group.get("features"))
        for name in features:
            eff.apply((known.get(name) or {}).get("configuration"))
            for pattern in patterns:
                eff.capture(pattern, name)
        hosts = None
        if group.get("hosts") is not None:
            hosts = frozenset(h for text in _list(group["hosts"]) for h in expand_hosts(text))
        entries = eff.entries()
        key = (frozenset(features), _resolved(entries), eff.memory(), eff.cpu.get("cores"),
               eff.cpu.get("mem_per_cpu") or 0, eff.cpu.get("cpu_per_gpu") or 0, eff.values.get("min_gpu", 0),
               eff.values.get("max_duration", 0))
        if key in found:
            old = found[key]["hosts"]
            found[key]["hosts"] = None if old is None or hosts is None else old | hosts
        else:
            found[key] = {"features": tuple(features), "hosts": hosts, "entries": entries, "eff": eff}
    return list(found.values())


def _slurm(data: dict[str, Any], order: int) -> Launcher:
    usemem = data.get("use_memory_constraint", data.get("use_memory_contraint"))
    launcher = Launcher("slurm", data["id"], int(data.get("weight") or 0), order, tuple(_list(data.get("tags"))),
                        _flag(data.get("disabled"), False), {}, _flag(data.get("use_features"), True),
                        _flag(data.get("use_hosts"), True), _flag(usemem, True))
    patterns = [re.compile(p, re.ASCII) for p in _list(data.get("features_regex"))]
    limits = data.get("qos") or {}
    for name, part in (data.get("partitions") or {}).items():
        part = part or {}
        if _flag(part.get("disabled"), False):
            continue
        for cls in _classes(data, part, patterns):
            eff = cls["eff"]
            cores, memory, mpc = eff.cpu.get("cores"), eff.memory(), eff.cpu.get("mem_per_cpu")
            for qos in _list(part.get("qos")) or [None]:
                limit = limits.get(qos) or {}
                longest = [d for d in (eff.values.get("max_duration", 0),
                                       duration(limit["max_duration"]) if limit.get("max_duration") else 0) if d]
                for account in _list(part.get("accounts")) or [None]:
                    launcher.rows.append(Row(
                        len(launcher.rows), name, cls["features"], cls["hosts"], qos, account, cls["entries"], cores,
                        memory, mpc, max(eff.values.get("min_gpu", 0), int(limit.get("min_gpu") or 0)),
                        min(longest, default=0), int(part.get("priority") or 0) + int(limit.get("priority") or 0)))
    return launcher


def load_launchers(text: str) -> list[Launcher]:
    """Every launcher of a file, disabled ones too, in the order in which they are tried."""
    data = load_yaml(text)
    found = [_local(d or {}, i) for i, d in enumerate(_list(data.get("local")))]
    found += [_slurm(d, i) for i, d in enumerate(_list(data.get("slurm")))]
    return sorted(found, key=lambda l: (-l.weight, l.kind != "local", l.order))
