#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# One script, byte for byte, by sbatch on the private cluster and by xpm-local: same output, same exit status.
load helpers

setup_file() {
	export XPM_LOCAL=${XPM_LOCAL:-$XPM_BUILD/xpm-local} XPM_SRUN=${XPM_SRUN:-$XPM_BUILD/local/shim/srun}
	[ -x "$XPM_LOCAL" ] || skip "xpm-local is not built"
	CASES=$BATS_TEST_DIRNAME/local
	BOTH=$WORK/both
	rm -rf "$BOTH"
	mkdir -p "$BOTH/shim"
	cp "$CASES"/*.sh "$CASES/input.txt" "$BOTH"
	ln -s "$XPM_SRUN" "$BOTH/shim/srun"
	ln -s "${XPM_SRUN%/*}/../topology" "$BOTH/topology"
	cat >"$BOTH/launchers.yaml" <<-'YAML'
		local:
		- id: here
		  gpu: [{count: 2, memory: 16GiB}]
	YAML
	export CASES BOTH LETTER=a XPM_LEDGER=$BOTH/ledger XPM_LAUNCHERS=$BOTH/launchers.yaml XPM_SHIM_DIR=$BOTH/shim
	export HWLOC_SYNTHETIC="core:8 pu:1"
	unset CUDA_VISIBLE_DEVICES
}

# sbatch NAME ARGS...: $BOTH/NAME.sbatch and the status as a shell would have it
by_sbatch() {
	local name=$1 id code
	shift
	id=$(cd "$BOTH" && timeout 30 sbatch --parsable -o "$BOTH/$name.sbatch" "$name" "$@") || return 1
	wait_over "${id%%;*}" 60 || return 1
	code=$(job_field "${id%%;*}" ExitCode)
	if [ "${code#*:}" != 0 ]; then echo $((128 + ${code#*:})); else echo "${code%%:*}"; fi
}

by_xpm_local() {
	local name=$1 status=0
	shift
	(cd "$BOTH" && "$XPM_LOCAL" --quiet -o "$BOTH/$name.local" "$name" "$@" </dev/null >&2) || status=$?
	echo $status
}

@test "every script does the same by sbatch and by xpm-local" {
	local name arguments theirs ours bad=0 n=0
	while IFS=$'\t' read -r name arguments; do
		[[ $name != "#"* ]] || continue
		eval "set -- $arguments"
		theirs=$(by_sbatch "$name" "$@") || theirs=failed
		ours=$(by_xpm_local "$name" "$@")
		if [ "$theirs" != "$ours" ] || ! cmp -s "$BOTH/$name.sbatch" "$BOTH/$name.local"; then
			echo "$name: sbatch status $theirs, xpm-local $ours"
			diff "$BOTH/$name.sbatch" "$BOTH/$name.local" || true
			bad=1
		fi
		n=$((n + 1))
	done <"$CASES/CASES"
	echo "$n scripts"
	[ "$n" -ge 12 ]
	[ $bad = 0 ]
}
