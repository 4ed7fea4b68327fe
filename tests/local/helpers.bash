# SPDX-License-Identifier: GPL-2.0-or-later
# A ledger and a machine of its own for every test: 8 cores, 128 GiB, and two GPUs that only launchers.yaml knows.
setup() {
	bats_require_minimum_version 1.5.0
	: "${XPM_LOCAL:?where xpm-local is}" "${XPM_SRUN:?where the srun shim is}"
	TMP=$(mktemp -d "${BATS_TMPDIR:-/tmp}/xpm-local.XXXXXX")
	chmod 755 "$TMP"
	cd "$TMP" || return 1
	mkdir shim
	ln -s "$XPM_SRUN" shim/srun
	ln -s "${XPM_SRUN%/*}/../topology" topology
	export XPM_LEDGER=$TMP/ledger XPM_SHIM_DIR=$TMP/shim XPM_LAUNCHERS=$TMP/launchers.yaml XPM_KILL_WAIT=1
	export HWLOC_SYNTHETIC="[numa(memory=137438953472)] core:8 pu:1"
	unset XDG_RUNTIME_DIR CUDA_VISIBLE_DEVICES CUDA_DEVICE_ORDER SLURM_JOB_ID
	cat >launchers.yaml <<-'YAML'
		tokens:
		  licence: {count: 1}
		local:
		- id: here
		  tags: [plain]
		  cpu: {cores: 8, memory: 64GiB}
		  gpu:
		  - {count: 2, memory: 16GiB, kind: cuda, model: T4}
		  max_duration: 2h
		- id: licensed
		  weight: -1
		  tags: [licence]
		  cpu: {cores: 8, memory: 64GiB}
		  tokens: {licence: 1}
	YAML
}

teardown() {
	local ids id
	ids=$("$XPM_LOCAL" --list 2>/dev/null | awk 'NR > 1 && ($2 == "running" || $2 == "waiting" || $2 == "held") { print $1 }')
	for id in $ids; do XPM_KILL_WAIT=0 "$XPM_LOCAL" --cancel "$id" || true; done
	for id in $ids; do "$XPM_LOCAL" --wait-for "$id" >/dev/null 2>&1 || true; done
	umount "$TMP/small" 2>/dev/null || true
	rm -rf "$TMP"
}

# until COMMAND...: until it succeeds, at most 10 s
until_ok() {
	local i
	# shellcheck disable=SC2034 # only counts
	for i in $(seq 200); do "$@" && return 0; sleep 0.05; done
	return 1
}

state_of() {
	"$XPM_LOCAL" --list | awk -v id="$1" '$1 == id { print $2 }'
}

is() { [ "$(state_of "$1")" = "$2" ]; }

script() {
	cat >"$1"
}
