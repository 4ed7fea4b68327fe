#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# make check under AddressSanitizer and UBSan
# needs: configure.ac
# timeout: 1200
# quick: no
# shellcheck source=scripts/lib/part.sh
. "$(dirname "$0")/../lib/part.sh"

need_tree sanitizers
export ASAN_OPTIONS="detect_leaks=1:strict_string_checks=1${ASAN_OPTIONS:+:$ASAN_OPTIONS}"
export UBSAN_OPTIONS="print_stacktrace=1${UBSAN_OPTIONS:+:$UBSAN_OPTIONS}"
export CK_TIMEOUT_MULTIPLIER=5
CK_VERBOSITY=verbose run_check "$XPM_BUILD"
