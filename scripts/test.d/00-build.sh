#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Both trees build without a warning.
# needs: configure.ac
# timeout: 1200
# deps: build cluster test
# shellcheck source=scripts/lib/part.sh
. "$(dirname "$0")/../lib/part.sh"

need_tree plain
ok "_build, warnings as errors"
if [ "${XPM_QUICK:-0}" = 0 ]; then
	need_tree sanitizers
	ok "_build-asan, with sanitizers"
fi
