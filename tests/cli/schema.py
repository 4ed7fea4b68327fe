#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Holds etc/launchers.schema.json and the loader against each other on tests/data/launchers.

    schema.py [--xpm PATH]

Each valid file passes the schema; each invalid one fails it, but for what no schema can see (BEYOND). The loader is asked
through `xpm check`. Prints TAP. Needs jsonschema and PyYAML; without them everything is skipped.
"""
from __future__ import annotations

import argparse
import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

try:
    import yaml
    from jsonschema import Draft202012Validator
except ImportError as err:
    print(f"1..0 # SKIP {err}")
    sys.exit(77)

ROOT = Path(__file__).resolve().parents[2]

# Invalid files that a schema has to accept, by what it cannot see.
BEYOND = {
    "two keys or ids that are the same": {
        "alias-id", "alias-launcher-id", "launcher-id-like-default", "launcher-id-twice", "merged-id",
        "yaml-duplicate-key", "yaml-duplicate-lists", "yaml-duplicate-partition",
        "yaml-duplicate-quoted", "yaml-merge-twice"},
    "what a text means": {"duration-large", "memory-large", "group-hosts-many", "regex-far-group",
                          "regex-group-in-text", "regex-unclosed", "regex-unknown-group"},
    "how a number is written": {"cores-octal", "ratio-exponent", "ratio-fine"},
    "a key that is null": {"qos-name-null"},
}
# Valid files that PyYAML does not read.
UNREAD = {"anchor-redefined", "merge-other-spelling"}


class Core(yaml.SafeLoader):
    """YAML 1.2's core schema, as editors read it: only true, false, null and plain numbers are not text."""


Core.yaml_implicit_resolvers = {}
Core.add_implicit_resolver("tag:yaml.org,2002:null", re.compile(r"^(~|null|Null|NULL|)$"), ["~", "n", "N", ""])
Core.add_implicit_resolver("tag:yaml.org,2002:bool", re.compile(r"^(true|True|TRUE|false|False|FALSE)$"), list("tTfF"))
Core.add_implicit_resolver("tag:yaml.org,2002:int", re.compile(r"^[-+]?(0|[1-9][0-9]*)$"), list("-+0123456789"))
Core.add_implicit_resolver("tag:yaml.org,2002:float", re.compile(r"^[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?$"),
                           list("-+.0123456789"))
Core.add_implicit_resolver("tag:yaml.org,2002:merge", re.compile(r"^<<$"), ["<"])


def read(path: Path) -> Any:
    return yaml.load(path.read_bytes(), Core)


def accepts(validator: Any, path: Path) -> tuple[bool, str]:
    try:
        data = read(path)
    except (yaml.YAMLError, UnicodeError, ValueError, RecursionError) as err:
        return False, f"not YAML: {str(err).splitlines()[0]}"
    errors = sorted(validator.iter_errors(data), key=lambda e: list(map(str, e.absolute_path)))
    if errors:
        return False, f"{'/'.join(map(str, errors[0].absolute_path))}: {errors[0].message[:200]}"
    return True, ""


def main() -> int:
    parser = argparse.ArgumentParser(description="schema against loader")
    parser.add_argument("--xpm", default=os.environ.get("XPM", str(ROOT / "xpm")))
    args = parser.parse_args()
    schema = json.loads((ROOT / "etc/launchers.schema.json").read_text())
    Draft202012Validator.check_schema(schema)
    validator = Draft202012Validator(schema)
    number = failed = 0
    for kind in ("valid", "invalid"):
        for folder in sorted((ROOT / "tests/data/launchers" / kind).iterdir()):
            path = folder / "launchers.yaml"
            if not path.exists():
                continue
            number += 1
            ran = subprocess.run([args.xpm, "check", str(path)], capture_output=True, text=True, errors="replace")
            loads = ran.returncode == 0
            passes, why = accepts(validator, path)
            errors = [line for line in ran.stdout.splitlines() if ": error: " in line]
            excused = any(folder.name in names for names in BEYOND.values()) or folder.name in UNREAD
            good = loads == (kind == "valid") and (loads == passes) != excused
            failed += not good
            print(f"{'ok' if good else 'not ok'} {number} - {kind}/{folder.name}{' # beyond a schema' if excused else ''}")
            if not good:
                print(f"#   xpm check: {ran.returncode} {errors[:1]}\n#   schema: {why or 'accepts it'}")
    print(f"1..{number}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
