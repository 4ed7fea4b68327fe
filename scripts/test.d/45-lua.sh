#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The Lua module in stock Lua: tests/lua/run.sh when there is one, else each file in the Lua it was built for.
# needs: configure.ac tests/lua/*
# timeout: 600
# shellcheck source=scripts/lib/part.sh
. "$(dirname "$0")/../lib/part.sh"

need_tree plain
export LUA_CPATH="$XPM_BUILD/.libs/?.so;;"
if [ -f tests/lua/run.sh ]; then
	tap lua bash tests/lua/run.sh
	exit
fi
lua=lua$(make_var "$XPM_BUILD" LUA_API)
for f in tests/lua/*.lua; do
	[ ! -f "$f" ] || tap "$f" "$lua" "$f"
done
for f in tests/lua/*.bats; do
	[ ! -f "$f" ] || run_bats "$f"
done
