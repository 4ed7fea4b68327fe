#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# xpm-local without a cluster: the command, and many runners at once.
# needs: configure.ac tests/local/*.bats
# timeout: 1500
# shellcheck source=scripts/lib/part.sh
. "$(dirname "$0")/../lib/part.sh"

need_tree plain
export XPM_LOCAL=$XPM_BUILD/xpm-local XPM_SRUN=$XPM_BUILD/local/shim/srun
run_bats tests/local
make -s -C "$XPM_BUILD" tests/local/stress_job >/dev/null
seconds=60
[ "${XPM_QUICK:-0}" = 0 ] || seconds=20
tap "50 runners for $seconds s" python3 tests/local/stress.py "$XPM_LOCAL" "$XPM_BUILD/tests/local/stress_job" $seconds
DAMAGE=1 tap "the same while the ledger is torn at" \
	python3 tests/local/stress.py "$XPM_LOCAL" "$XPM_BUILD/tests/local/stress_job" $((seconds / 3))
