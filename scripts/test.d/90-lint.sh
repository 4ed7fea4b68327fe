#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Every shell file through shellcheck, the C files through cppcheck with the arguments in .cppcheck
# needs: scripts/test
# timeout: 600
# deps: test
# shellcheck source=scripts/lib/part.sh
. "$(dirname "$0")/../lib/part.sh"

files() {
	if git rev-parse --is-inside-work-tree >/dev/null 2>&1; then
		git ls-files --cached --others --exclude-standard
	else
		find . -path './_build*' -prune -o -type f -print | sed 's|^\./||'
	fi
}
shell_files() {
	local f
	files | while read -r f; do
		case $f in
		configure | build-aux/* | m4/*) ;;
		tests/data/* | tests/slurm/local/*) ;; # scripts that are input of tests, some of them wrong on purpose
		*.sh | *.bash | *.bats) echo "$f" ;;
		*) [ -f "$f" ] && head -c 64 "$f" | tr -d '\0' | head -n 1 | grep -qE '^#!.*\b(ba)?sh\b' && echo "$f" ;;
		esac
	done
}
while read -r f; do
	[ ! -f "$f" ] || tap "shellcheck $f" shellcheck -x "$f"
done < <(shell_files)

if [ -f .cppcheck ] && compgen -G 'lib/*.c' >/dev/null; then
	# shellcheck disable=SC2046 # arguments, one a line
	tap cppcheck cppcheck --quiet --error-exitcode=1 -j "$XPM_JOBS" $(grep -v '^#' .cppcheck) \
		$(for d in lib launch spank jobsubmit cli local; do compgen -G "$d/*.c" >/dev/null && echo "$d"; done)
fi
