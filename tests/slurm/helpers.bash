# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
# For the *.bats files beside it: `load helpers`. The cluster is the one of setup_suite.bash.
# XPM_CLUSTER_DIR, SLURM_CONF are set; jobs run and write in $WORK, which every user may write to.

WORK=$XPM_CLUSTER_DIR/work
CLUSTER=${BASH_SOURCE[0]%/*}/cluster.sh
ALL_STATES_OVER="COMPLETED|FAILED|CANCELLED|TIMEOUT|NODE_FAIL|OUT_OF_MEMORY|BOOT_FAIL|DEADLINE|PREEMPTED"

now_ms() { local t=${EPOCHREALTIME/[.,]/}; echo "${t%???}"; }

# wait_until SECONDS CMD... : every 60 ms until CMD succeeds
wait_until() {
	local end=$(($(now_ms) + $1 * 1000))
	shift
	until "$@" >/dev/null 2>&1; do
		if [ "$(now_ms)" -ge $end ]; then
			echo "not reached in time: $*" >&2
			return 1
		fi
		sleep 0.06
	done
}

# as_user NAME CMD... : with this environment, in $WORK
as_user() {
	local name=$1
	shift
	if [ "$(id -u)" = 0 ]; then
		(cd "$WORK" && exec setpriv --reuid="$name" --regid="$(id -g "$name")" --clear-groups \
			env HOME="$WORK" USER="$name" LOGNAME="$name" "$@")
	else
		(cd "$WORK" && exec sudo -u "$name" env HOME="$WORK" USER="$name" LOGNAME="$name" SLURM_CONF="$SLURM_CONF" \
			${LD_LIBRARY_PATH+LD_LIBRARY_PATH="$LD_LIBRARY_PATH"} "$@")
	fi
}

# submit [SBATCH-ARGS...] : the job's id; what sbatch says to stderr passes through. Output goes to $WORK/ID.out.
submit() { (cd "$WORK" && timeout 30 sbatch --parsable -o '%j.out' "$@") | sed 's/;.*//'; }
submit_as() {
	local name=$1
	shift
	as_user "$name" timeout 30 sbatch --parsable -o '%j.out' "$@" | sed 's/;.*//'
}

job_record() { timeout 10 scontrol show job -o "$1"; }

# job_field ID NAME : its value in scontrol show job, empty when there is no such field
job_field() { job_record "$1" | sed 's/ \([A-Z][A-Za-z:/]*=\)/\n\1/g' | sed -n "s/ *$//; s|^$2=||p" | head -n 1; }

# wait_state ID STATE[|STATE...] [SECONDS] : fails at once when the job ended otherwise
wait_state() {
	local end=$(($(now_ms) + ${3:-30} * 1000)) state
	while :; do
		state=$(job_field "$1" JobState)
		[[ "|$2|" != *"|$state|"* ]] || return 0
		if [[ "|$ALL_STATES_OVER|" == *"|$state|"* ]] || [ "$(now_ms)" -ge $end ]; then
			echo "job $1 is $state ($(job_field "$1" Reason)), not $2" >&2
			return 1
		fi
		sleep 0.06
	done
}
wait_done() { wait_state "$1" COMPLETED "${2:-30}"; }
wait_running() { wait_state "$1" RUNNING "${2:-30}"; }
wait_over() { wait_state "$1" "$ALL_STATES_OVER" "${2:-30}"; }

job_output() { cat "$WORK/$1.out"; }

# run_job ARGS... : submit, wait for its end, print its output
run_job() {
	local id
	id=$(submit "$@") && [ -n "$id" ] && wait_done "$id" && job_output "$id"
}

cancel_all() {
	local ids
	ids=$(timeout 10 squeue -h -a -o %A | sort -u)
	# shellcheck disable=SC2086 # a list of ids
	[ -z "$ids" ] || timeout 20 scancel $ids
	wait_until 15 no_jobs
}
no_jobs() { local ids; ids=$(timeout 10 squeue -h -a -o %A) && [ -z "$ids" ]; }

# --- logs: mark first, then look only at what came after
ctld_log() { echo "$XPM_CLUSTER_DIR/log/slurmctld.log"; }
log_mark() { LOG_MARK=$(wc -c <"$(ctld_log)"); }
log_since_mark() { tail -c +$((${LOG_MARK:-0} + 1)) "$(ctld_log)"; }
# log_has PATTERN (extended regular expression)
log_has() { log_since_mark | grep -E -- "$1"; }
wait_log() { wait_until "${2:-10}" log_has "$1"; }

# --- the cluster's files: replace one with stdin; product_files puts all of them back
cluster_put() { bash "$CLUSTER" put "$1"; }
product_files() { bash "$CLUSTER" product; }
restart_ctld() { bash "$CLUSTER" restart-ctld; }

need_product() { [ "${XPM_PRODUCT:-none}" != none ] || skip "slurm-xpm is not built"; }
need_dbd() { timeout 10 sacctmgr -n show cluster >/dev/null 2>&1 || skip "cluster without slurmdbd"; }
