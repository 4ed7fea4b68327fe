#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# make check
# needs: configure.ac
# timeout: 1500
# shellcheck source=scripts/lib/part.sh
. "$(dirname "$0")/../lib/part.sh"

need_tree plain
CK_VERBOSITY=verbose run_check "$XPM_BUILD"
