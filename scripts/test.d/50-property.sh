#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Random cases against a second evaluation of the rules: tests/property/run* (by its shebang) with the driver that was built.
# needs: configure.ac tests/property/run*
# timeout: 1500
# quick: no
# shellcheck source=scripts/lib/part.sh
. "$(dirname "$0")/../lib/part.sh"

need_tree plain
make -s -C "$XPM_BUILD" tests/property/driver tests/property/trees || exit 1
driver=$XPM_BUILD/tests/property/driver
for f in tests/property/run*; do
	if [ ! -x "$f" ] || [ ! -f "$f" ]; then continue; fi
	case $f in
	*/run_lua.py)
		[ -f "$XPM_BUILD/.libs/xpm.so" ] || continue
		tap "$f" "$f" --driver "$driver" --lua "lua$(make_var "$XPM_BUILD" LUA_API)" --cpath "$XPM_BUILD/.libs/?.so"
		;;
	*/run_trees.py)
		luas=()
		for v in 1 3 4; do
			so=$XPM_BUILD/tests/lua/lua5$v/.libs
			if [ -f "$so/xpm.so" ] && command -v lua5.$v >/dev/null; then luas+=(--lua "lua5.$v" --cpath "$so/?.so"); fi
		done
		tap "$f" "$f" --driver "$driver" "${luas[@]}"
		;;
	*) tap "$f" "$f" --driver "$driver" ;;
	esac
done
tap "the oracle itself" python3 tests/property/test_oracle.py
