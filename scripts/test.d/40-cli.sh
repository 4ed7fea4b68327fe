#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The commands, without a cluster.
# needs: configure.ac tests/cli/*.bats
# timeout: 600
# shellcheck source=scripts/lib/part.sh
. "$(dirname "$0")/../lib/part.sh"

need_tree plain
PATH=$XPM_BUILD:$PATH run_bats tests/cli
