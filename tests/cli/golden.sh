#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# Golden tests of xpm find, explain and check. A case is a folder of tests/data/explain or tests/data/check:
#
#   args      the command line, a word per line (an empty line is an empty word)
#   use       the launchers.yaml of the case, as NAME of ../NAME.yaml; or a launchers.yaml of its own
#   expected  standard output, then what went to standard error below a line of its own
#   status    the exit status
#
# golden.sh [--update] [explain/CASE...]: --update writes expected and status instead of comparing them. XPM names the command.
set -u
here=$(cd "$(dirname "$0")" && pwd)
data=${XPM_TEST_DATA:-$here/../data}
xpm=${XPM:-$here/../../xpm}
update=
if [ "${1:-}" = --update ]; then
	update=1
	shift
fi
work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT
unset XPM_LAUNCHERS NO_COLOR
LC_ALL=C.UTF-8 COLUMNS=80
export LC_ALL COLUMNS

run_case() {
	file=launchers.yaml
	[ -e use ] && file=../$(cat use).yaml
	set --
	while IFS= read -r word; do
		set -- "$@" "$word"
	done <args
	command=$1
	shift
	"$xpm" "$command" -f "$file" "$@" >"$work/out" 2>"$work/err"
	echo $? >"$work/status"
	if [ -s "$work/err" ]; then
		echo '--- standard error ---' >>"$work/out"
		cat "$work/err" >>"$work/out"
	fi
}

# shellcheck disable=SC2046 # names of folders, without blanks
[ $# -gt 0 ] || set -- $(cd "$data" && find explain check -name args | sed 's|/args$||' | sort)
count=0 failed=0
for case in "$@"; do
	count=$((count + 1))
	cd "$data/$case" || exit 1
	run_case
	if [ -n "$update" ]; then
		cp "$work/out" expected
		cp "$work/status" status
	elif diff -u expected "$work/out" >"$work/diff" && diff -u status "$work/status" >>"$work/diff"; then
		echo "ok $count - $case"
	else
		failed=$((failed + 1))
		echo "not ok $count - $case"
		sed 's/^/# /' "$work/diff"
	fi
done
echo "1..$count"
[ "$failed" -eq 0 ]
