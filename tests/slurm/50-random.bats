#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# Random specs: each accepted job must start, on a node that satisfies it, as xpm find said. The seed is in the output.
load helpers

setup() { need_product; need_dbd; product_files; }

@test "100 random specs start on nodes that satisfy them, the others are refused" {
	cd "$WORK"
	run timeout 400 python3 "$BATS_TEST_DIRNAME/random_jobs.py" --jobs 100 --xpm "$XPM_BUILD/xpm" \
		--launchers "$XPM_CLUSTER_DIR/etc/launchers.yaml" ${XPM_SEED:+--seed "$XPM_SEED"}
	echo "$output"
	[ "$status" -eq 0 ]
}
