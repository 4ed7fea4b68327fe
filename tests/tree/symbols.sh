#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# The version script of each library, the functions of its public headers and what it exports are one list.
: "${XPM_TOP:?}" "${XPM_LIB_SO:?}"
test -f "$XPM_LIB_SO" || exit 77
work=$(mktemp -d) && trap 'rm -rf "$work"' EXIT
export LC_ALL=C
status=0

compare() { # compare MAP LIBRARY HEADER...
	map=$1 library=$2
	shift 2
	sed -n 's/^\t\t\(xpm_[a-z0-9_]*\);$/\1/p' "$XPM_TOP/$map" | sort >"$work/map"
	nm -D --defined-only "$library" | sed -n 's/.* [TDRB] \(xpm_[a-z0-9_]*\).*/\1/p' | sort >"$work/library"
	# declarations only: comments away, then names before a parenthesis at the start of a line that ends in ; or ,
	cat "$@" | sed 's|/\*.*\*/||' | awk '/\/\*/ { inside = 1 } !inside { print } /\*\// { inside = 0 }' |
		grep -E '^[a-z].*\bxpm_[a-z0-9_]+\(' | grep -v '^typedef' |
		sed 's/.*[ *]\(xpm_[a-z0-9_]*\)(.*/\1/' | sort -u >"$work/headers"
	diff "$work/map" "$work/library" >&2 || { echo "$map (<) and the library (>) differ" >&2; status=1; }
	diff "$work/map" "$work/headers" >&2 || { echo "$map (<) and the public headers (>) differ" >&2; status=1; }
	test -s "$work/map" || status=1
}

compare lib/xpmatch.map "$XPM_LIB_SO" "$XPM_TOP"/lib/xpmatch/*.h
compare launch/xpmlaunch.map "${XPM_LIB_SO%/*}/libxpmlaunch.so" "$XPM_TOP"/launch/xpmlaunch/*.h
exit $status
