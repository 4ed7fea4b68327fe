#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The tarball and the packages made from it: built, installed, used and removed.
# needs: packaging/Makemodule.am tests/packages/*.bats
# timeout: 1800
# quick: no
# deps: build cluster test packages
# shellcheck source=scripts/lib/part.sh
. "$(dirname "$0")/../lib/part.sh"

need_tree plain
tap "make distcheck" make -C "$XPM_BUILD" -j"$XPM_JOBS" distcheck
# the tarball's own tests have just run
tap "make deb" env DEB_BUILD_OPTIONS="nocheck parallel=$XPM_JOBS" make -C "$XPM_BUILD" deb
export XPM_DEBS=$XPM_BUILD/packages/deb XPM_RPMS=$XPM_BUILD/packages/rpm
run_bats tests/packages/debian.bats
tap "make rpm" make -C "$XPM_BUILD" rpm RPMBUILD_FLAGS="--nodeps --nocheck"
run_bats tests/packages/rpm.bats
