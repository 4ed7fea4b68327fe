#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# Arrows go down: spank, jobsubmit, cli, local and launch never include each other, lib includes none of them, and the library
# neither prints, exits, forks nor reads the environment. launch, which starts processes, has only lib's public headers, and
# nothing that slurmctld loads is linked with it.
: "${XPM_TOP:?}"
cd "$XPM_TOP" || exit 1
status=0
complain() {
	echo "$1:" >&2
	echo "$2" >&2
	status=1
}

for room in spank jobsubmit cli local launch; do
	for other in spank jobsubmit cli local launch; do
		[ $room != $other ] || continue
		found=$(grep -nE "#include *\"(\.\./)?$other/" $room/*.[ch])
		[ -z "$found" ] || complain "$room includes $other" "$found"
	done
	found=$(grep -nE "#include *\"(\.\./)?$room/" lib/*.[ch] lib/xpmatch/*.h)
	[ -z "$found" ] || complain "lib includes $room" "$found"
done
# what stands beside a file of one room must be its own
for room in spank jobsubmit cli local launch lib; do
	# shellcheck disable=SC2013 # words are what it is for
	for header in $(sed -n 's/^#include "\([a-z_]*\.h\)".*/\1/p' $room/*.[ch] | sort -u); do
		[ -f "$room/$header" ] || [ -f "lib/$header" ] || [ "$header" = config.h ] ||
			complain "$room includes $header, which is neither its own nor lib's" "$header"
	done
done
# shellcheck disable=SC2013 # words are what it is for
for header in $(sed -n 's/^#include "\([a-z_]*\.h\)".*/\1/p' launch/*.[ch] | sort -u); do
	[ -f "launch/$header" ] || complain "launch includes a private header of lib" "$header"
done
found=$(grep -nE '[<"]xpmlaunch/|libxpmlaunch|-lxpmlaunch' lib/*.[ch] lib/xpmatch/*.h lib/Makemodule.am spank/* jobsubmit/*)
[ -z "$found" ] || complain "what slurmctld or sbatch loads knows libxpmlaunch" "$found"
found=$(grep -nE '[^a-z_](posix_spawnp?|execv[pe]*|execl[pe]*)\(' lib/*.c spank/*.c jobsubmit/*.c)
[ -z "$found" ] || complain "what slurmctld or sbatch loads starts processes" "$found"
found=$(grep -nE '(^|[^a-z_>."])(printf|puts|fprintf|vprintf|perror|exit|_exit|abort|assert|fork|vfork|popen|system|getenv|secure_getenv)\(' \
	lib/*.c | grep -vE '^[^:]*:[0-9]+:[ \t]*(/?\*|//)')
[ -z "$found" ] || complain "the library prints, ends, forks or reads the environment" "$found"
exit $status
