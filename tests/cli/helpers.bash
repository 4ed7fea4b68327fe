# SPDX-License-Identifier: GPL-2.0-or-later
# For the bats files of this folder. XPM names the command under test.

setup_xpm() {
	ROOT=$(cd "$BATS_TEST_DIRNAME/../.." && pwd)
	# shellcheck disable=SC2034 # for the files that load this
	DATA=$ROOT/tests/data
	XPM=${XPM:-$(command -v xpm || echo "$ROOT/xpm")}
	unset XPM_LAUNCHERS NO_COLOR XDG_CONFIG_HOME
	export HOME=$BATS_TEST_TMPDIR LC_ALL=C.UTF-8 COLUMNS=80
}
