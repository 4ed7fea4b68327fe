#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Everything on a real Slurm: one private cluster for all files.
# needs: tests/slurm/*.bats
# timeout: 1800
# deps: build cluster test
# shellcheck source=scripts/lib/part.sh
. "$(dirname "$0")/../lib/part.sh"

export XPM_BUILD=none
if [ -f configure.ac ]; then need_tree plain; fi
export XPM_CLUSTER_DIR=${TMPDIR:-/tmp}/xpm-test-$UID-$$
# bats ends the cluster itself unless it is interrupted
trap 'bash tests/slurm/cluster.sh down --wipe >/dev/null' EXIT
trap 'exit 143' TERM INT HUP
run_bats tests/slurm
