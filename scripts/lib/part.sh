# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
# What a part of the tests (scripts/test.d/*.sh) sources. A part prints TAP: "ok - what", "not ok - what",
# "ok - what # skip why"; other lines are shown and not counted. Comments of a part that scripts/test reads:
#   # needs: GLOB...     the part exists only when each pattern matches a file (from the top folder)
#   # timeout: SECONDS   (default 900)
#   # quick: no          left out by --quick
#   # deps: GROUP...     of lib/deps.sh (default: build test)
set -uo pipefail
# shellcheck source=scripts/lib/build.sh
. "$(dirname "${BASH_SOURCE[0]}")/build.sh"
cd "$XPM_TOP" || exit 1

ok() { echo "ok - $*"; }
not_ok() { echo "not ok - $*"; }
skip() { echo "ok - $1 # skip ${2:-}"; }
indent() { sed 's/^/# /'; }

# need_tree plain|sanitizers : build it or end the part as failed; sets XPM_BUILD
need_tree() {
	local out broken=${XPM_RUN_DIR:-/nonexistent}/broken-$1
	if [ -f "$broken" ]; then
		not_ok "build of the tree '$1' (said above)"
		exit 1
	fi
	out=$(build_tree "$1") || {
		[ -z "${XPM_RUN_DIR:-}" ] || touch "$broken"
		indent <<<"$out"
		not_ok "build of the tree '$1'"
		exit 1
	}
	XPM_BUILD=$(tree_dir "$1")
	export XPM_BUILD XPM_TOP
}

# tap NAME CMD... : CMD's own TAP when it prints some (a stream that breaks off counts as failed), else its exit status
tap() {
	local name=$1 out rc=0
	shift
	out=$(mktemp)
	"$@" >"$out" 2>&1 </dev/null || rc=$?
	if grep -qE '^(not )?ok\b|^1\.\.[0-9]+' "$out"; then
		cat "$out"
		local plan seen
		plan=$(sed -n 's/^1\.\.\([0-9]*\).*/\1/p' "$out" | tail -n 1)
		seen=$(grep -cE '^(not )?ok\b' "$out")
		if [ -n "$plan" ] && [ "$plan" != "$seen" ]; then
			not_ok "$name: $seen of $plan tests ran"
		elif [ $rc -ne 0 ] && ! grep -q '^not ok\b' "$out"; then
			not_ok "$name: exit status $rc"
		fi
	elif [ $rc -eq 0 ]; then
		ok "$name"
	elif [ $rc -eq 77 ]; then
		skip "$name" "$(tail -n 1 "$out")"
	else
		tail -n 30 "$out" | indent
		not_ok "$name (exit status $rc)"
	fi
	rm -f "$out"
}

# bats writes TAP as it goes, so it is shown as it goes
run_bats() {
	local rc=0
	bats --tap "$@" </dev/null || rc=$?
	return $rc
}

# report_check LOG... : the results of automake's harness; a Check program is counted test by test
report_check() {
	local log trs name result
	for log; do
		trs=${log%.log}.trs
		name=${log%.log}
		name=${name##*/}
		result=$(sed -n 's/^:global-test-result: *//p' "$trs" 2>/dev/null)
		awk -v name="$name" -v result="${result:-none}" '
			/:P:[^:]*:[^:]*:/ { split($0, f, ":"); line[++n] = "ok - " name ": " f[5]; next }
			/:[FES]:[^:]*:[^:]*:/ { split($0, f, ":"); bad[++m] = "not ok - " name ": " f[5]; text[m] = $0; next }
			/^[0-9]+%: Checks: / { gsub(/,/, ""); checks += $3; failed += $5 + $7; seen = 1 }
			END {
				for (i = 1; i <= n; i++) print line[i]
				for (i = n + 1; i <= checks - failed; i++) print "ok - " name " " i
				for (i = 1; i <= m; i++) print "# " text[i] "\n" bad[i]
				for (i = m + 1; i <= failed; i++) print "not ok - " name " failure " i
				if (result == "SKIP") print "ok - " name " # skip"
				else if (result != "PASS" && !m && !failed) { print "not ok - " name " (" result ")"; exit 1 }
				else if (result == "PASS" && !checks && !n) print "ok - " name
			}' "$log" || tail -n 25 "$log" | indent
	done
}

# run_check DIR [MAKE-ARGS...] : make check and its results
run_check() {
	local dir=$1 logs log
	shift
	find "$dir" -name '*.trs' -delete
	make -C "$dir" -k -j"$XPM_JOBS" check "$@" >"$dir/xpm-check.log" 2>&1 </dev/null || true
	if [ $# -gt 0 ]; then logs=$CHECK_LOGS; else logs=$(make_var "$dir" TEST_LOGS); fi
	for log in $logs; do
		if [ ! -f "$dir/$log" ]; then
			tail -n 20 "$dir/xpm-check.log" | indent
			not_ok "${log%.log}: did not run"
		else
			report_check "$dir/$log"
		fi
	done
}
