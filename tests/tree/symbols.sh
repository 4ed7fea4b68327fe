#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# lib/xpmatch.map, the functions of the public headers and what the built library exports are one list.
: "${XPM_TOP:?}" "${XPM_LIB_SO:?}"
test -f "$XPM_LIB_SO" || exit 77
work=$(mktemp -d) && trap 'rm -rf "$work"' EXIT
export LC_ALL=C

sed -n 's/^\t\t\(xpm_[a-z0-9_]*\);$/\1/p' "$XPM_TOP/lib/xpmatch.map" | sort >"$work/map"
nm -D --defined-only "$XPM_LIB_SO" | sed -n 's/.* [TDRB] \(xpm_[a-z0-9_]*\).*/\1/p' | sort >"$work/library"
# declarations only: comments away, then names before a parenthesis at the start of a line that ends in ; or ,
cat "$XPM_TOP"/lib/xpmatch/*.h | sed 's|/\*.*\*/||' | awk '/\/\*/ { inside = 1 } !inside { print } /\*\// { inside = 0 }' |
	grep -E '^[a-z].*\bxpm_[a-z0-9_]+\(' | grep -v '^typedef' |
	sed 's/.*[ *]\(xpm_[a-z0-9_]*\)(.*/\1/' | sort -u >"$work/headers"
status=0
diff "$work/map" "$work/library" >&2 || { echo "lib/xpmatch.map (<) and the library (>) differ" >&2; status=1; }
diff "$work/map" "$work/headers" >&2 || { echo "lib/xpmatch.map (<) and the public headers (>) differ" >&2; status=1; }
test -s "$work/map" || status=1
exit $status
