#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# What the README shows of a cluster, on this one.

load helpers

@test "README: the commands for a cluster print what it says" {
	sbatch --help | grep -q -- --xpm-spec || skip "no plugin in this cluster"
	local top
	top=$(cd "$BATS_TEST_DIRNAME/../.." && pwd)
	XPM_TOP=$top XPM_BUILD=${XPM_BUILD:-none} run python3 "$top/tests/docs/examples.py" --cluster "$top/README.md"
	echo "$output"
	[ "$status" -eq 0 ]
	[[ $output == *"ok - README.md"* ]]
}
