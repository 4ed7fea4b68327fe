#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# Every test file under every Lua the module was built for. TAP. Run from make check, or with XPM_BUILD=build tree.
# XPM_QUICK=1: fewer rounds. XPM_WRAP: a command before the interpreter (valgrind ...).
here=$(cd "$(dirname "$0")" && pwd)
build=${XPM_BUILD:-$(pwd)}
# under make check (which sets srcdir) the quick form will do
XPM_QUICK=${XPM_QUICK:-0}
[ -z "${srcdir:-}" ] || XPM_QUICK=1
export XPM_QUICK LUA_PATH="$here/?.lua" XPM_LUA_TESTS="$here"
# an exported path of the caller's may not lead to another xpm.so
unset LUA_PATH_5_2 LUA_PATH_5_3 LUA_PATH_5_4 LUA_CPATH_5_2 LUA_CPATH_5_3 LUA_CPATH_5_4
files=${*:-find requirement launcher submit typed live snapshot faults reload limits example memory}
count=0 bad=0

interpreter() { # interpreter 51 : lua5.1, wherever
	for name in "lua5.${1#5}" "lua-5.${1#5}" "lua$1"; do
		command -v "$name" && return
	done
}

# A sanitizer's runtime must come first in a process that was not linked with it.
sanitizer() {
	objdump -p "$1" 2>/dev/null | sed -n 's/.*NEEDED *\(libasan[^ ]*\)/\1/p'
}

run_file() { # run_file VERSION LUA SO FILE
	preload=$(sanitizer "$3")
	[ -z "$preload" ] || preload=$(${CC:-cc} -print-file-name="${preload%.*}")
	out=$(LUA_CPATH="$(dirname "$3")/?.so" LD_PRELOAD=$preload $XPM_WRAP "$2" "$here/$4.lua" 2>&1)
	rc=$?
	printf '%s\n' "$out" | sed "s/^\(not \)\{0,1\}ok - /&lua$1 $4: /"
	here_count=$(printf '%s\n' "$out" | grep -c -E '^(not )?ok - ')
	here_bad=$(printf '%s\n' "$out" | grep -c '^not ok - ')
	count=$((count + here_count)) bad=$((bad + here_bad))
	# the last line says that the file was not left early; the exit status is the sanitizers' word as well
	if [ "$here_bad" = 0 ] && { [ $rc != 0 ] || ! printf '%s\n' "$out" | grep -qx '# end'; }; then
		echo "not ok - lua$1 $4: ended early (exit status $rc)"
		count=$((count + 1)) bad=$((bad + 1))
	fi
}

symbols() { # symbols VERSION SO : nothing of ours missing (the linker cannot tell, Lua's are), nothing but one function shown
	count=$((count + 1))
	if nm -D "$2" | grep -Eq ' U xpm_' || [ "$(nm -D --defined-only "$2" | grep -c ' T ')" != 1 ]; then
		nm -D "$2" | grep -E ' U xpm_| T ' | sed 's/^/# /'
		echo "not ok - lua$1 symbols of xpm.so"
		bad=$((bad + 1))
	else
		echo "ok - lua$1 symbols of xpm.so"
	fi
}

for v in 51 52 53 54; do
	so=$build/tests/lua/lua$v/.libs/xpm.so
	lua=$(interpreter $v)
	if [ ! -f "$so" ] || [ -z "$lua" ]; then continue; fi
	symbols "$v" "$so"
	for file in $files; do run_file "$v" "$lua" "$so" "$file"; done
done
if [ $count = 0 ]; then
	echo "no Lua with headers and interpreter"
	exit 77
fi
echo "1..$count"
[ $bad = 0 ]
