# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
# One cluster for all files of this run. XPM_CLUSTER_DIR names one that runs already, or where to start one; one that was
# not running before is ended and removed afterwards.

setup_suite() {
	local here=$BATS_TEST_DIRNAME
	export XPM_CLUSTER_DIR=${XPM_CLUSTER_DIR:-${TMPDIR:-/tmp}/xpm-bats-$UID-$$}
	export XPM_SUITE_OWNS_CLUSTER=1
	bash "$here/cluster.sh" status >/dev/null 2>&1 && XPM_SUITE_OWNS_CLUSTER=0
	bash "$here/cluster.sh" up >"$BATS_SUITE_TMPDIR/up.log" 2>&1 || {
		cat "$BATS_SUITE_TMPDIR/up.log" >&2
		return 1
	}
	eval "$(bash "$here/cluster.sh" env)"
}

teardown_suite() {
	[ "${XPM_SUITE_OWNS_CLUSTER:-0}" = 1 ] || return 0
	bash "$BATS_TEST_DIRNAME/cluster.sh" down --wipe >/dev/null 2>&1
}
