#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# Arrows go down: spank, jobsubmit, cli and local never include each other, lib includes none of them, and the library neither
# prints, exits, forks nor reads the environment.
: "${XPM_TOP:?}"
cd "$XPM_TOP" || exit 1
status=0
complain() {
	echo "$1:" >&2
	echo "$2" >&2
	status=1
}

for room in spank jobsubmit cli local; do
	for other in spank jobsubmit cli local; do
		[ $room != $other ] || continue
		found=$(grep -nE "#include *\"(\.\./)?$other/" $room/*.[ch])
		[ -z "$found" ] || complain "$room includes $other" "$found"
	done
	found=$(grep -nE "#include *\"(\.\./)?$room/" lib/*.[ch] lib/xpmatch/*.h)
	[ -z "$found" ] || complain "lib includes $room" "$found"
done
# what stands beside a file of one room must be its own
for room in spank jobsubmit cli local lib; do
	# shellcheck disable=SC2013 # words are what it is for
	for header in $(sed -n 's/^#include "\([a-z_]*\.h\)".*/\1/p' $room/*.[ch] | sort -u); do
		[ -f "$room/$header" ] || [ -f "lib/$header" ] || [ "$header" = config.h ] ||
			complain "$room includes $header, which is neither its own nor lib's" "$header"
	done
done
found=$(grep -nE '(^|[^a-z_>."])(printf|puts|fprintf|vprintf|perror|exit|_exit|abort|assert|fork|vfork|popen|system|getenv|secure_getenv)\(' \
	lib/*.c | grep -vE '^[^:]*:[0-9]+:[ \t]*(/?\*|//)')
[ -z "$found" ] || complain "the library prints, ends, forks or reads the environment" "$found"
exit $status
