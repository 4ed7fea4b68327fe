#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The documents: examples are run, options, keys, functions and links are those that exist.
# needs: configure.ac man/*.scd
# timeout: 600
# shellcheck source=scripts/lib/part.sh
. "$(dirname "$0")/../lib/part.sh"

need_tree plain
XPM_LUA=lua$(make_var "$XPM_BUILD" LUA_API)
export XPM_LUA
tap "documents and programs agree" python3 tests/docs/check.py
tap "examples" python3 tests/docs/examples.py README.md HACKING.md man/*.scd
