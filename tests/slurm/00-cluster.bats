#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# The cluster itself, before anything of the product is asked of it.
# shellcheck disable=SC2016 # the quoted lines are for the jobs

bats_require_minimum_version 1.5.0
load helpers

teardown() {
	# a test that fails half-way may not leave its second cluster running
	[ -z "${OTHER:-}" ] || other down --wipe >/dev/null 2>&1 || true
	cancel_all
}

@test "all six nodes are idle" {
	run -0 sinfo -hN -t idle -o %N
	[ "$(sort -u <<<"$output" | wc -l)" = 6 ]
}

@test "sbatch runs a job and its output is there" {
	id=$(submit --wrap 'echo hello from $SLURMD_NODENAME')
	wait_done "$id"
	[[ $(job_output "$id") == "hello from n"[12] ]]
	[ "$(job_field "$id" Partition)" = cpu ]
}

@test "srun runs a step" {
	cd "$WORK"
	run -0 timeout 30 srun -p gpu -w n4 printenv SLURMD_NODENAME
	[ "$output" = n4 ]
}

@test "salloc holds an allocation while its command runs" {
	cd "$WORK"
	run -0 timeout 30 salloc -p mixed -w n6 bash -c 'scontrol show job -o $SLURM_JOB_ID; srun printenv SLURMD_NODENAME'
	[[ $output == *"JobState=RUNNING"* ]]
	[[ $output == *$'\n'n6* ]]
}

@test "an array, a heterogeneous job" {
	id=$(submit --array=1-3 --wrap 'true')
	wait_done "${id}_2"
	cat >"$WORK/het.sh" <<-'S'
		#!/bin/bash
		#SBATCH -p cpu
		#SBATCH hetjob
		#SBATCH -p gpu
		srun --het-group=0,1 printenv SLURMD_NODENAME
	S
	id=$(submit "$WORK/het.sh")
	wait_done "$id"
	[ "$(job_output "$id" | sort -u | wc -l)" = 2 ]
}

@test "gres: as many GPUs as asked for, on the node that has the type" {
	run -0 run_job -p gpu --gres=gpu:a100:3 --wrap 'echo $SLURMD_NODENAME $CUDA_VISIBLE_DEVICES'
	[ "$output" = "n4 0,1,2" ]
	run -0 run_job -p big --gres=gpu:2 --wrap 'echo $SLURMD_NODENAME $CUDA_VISIBLE_DEVICES'
	[ "$output" = "n5 0,1" ]
	run -0 run_job -p gpu --gres=gpu:rtx3090:1 --wrap 'echo $SLURMD_NODENAME $CUDA_VISIBLE_DEVICES'
	[ "$output" = "n6 0" ]
	run -0 run_job -p cpu --wrap 'echo "none:${CUDA_VISIBLE_DEVICES-}"'
	[ "$output" = "none:" ]
}

@test "gres: more GPUs than any node has are refused" {
	run -1 submit_raw -p gpu --gres=gpu:v100:5 --wrap true
	[[ $output == *"node configuration is not available"* ]]
}
submit_raw() { (cd "$WORK" && timeout 30 sbatch "$@"); }

@test "constraints choose the node" {
	for pair in "v100 n3" "GPUM40G n4" "(a100&GPUM80G)|(rtx&GPU4) n5" "amd n2"; do
		run -0 run_job -p mixed -C "${pair% *}" --wrap 'echo $SLURMD_NODENAME'
		[ "$output" = "${pair##* }" ]
	done
}

@test "accounts: the default is proja, an unknown one is refused" {
	need_dbd
	id=$(submit --wrap true)
	[ "$(job_field "$id" Account)" = proja ]
	id=$(submit -A projb --wrap true)
	[ "$(job_field "$id" Account)" = projb ]
	run -1 submit_raw -A nosuch --wrap true
	[[ $output == *"Invalid account"* ]]
}

@test "QoS: known ones are taken, an unknown one and one over its limit are refused" {
	need_dbd
	id=$(submit --qos=short -t 0:30:00 --wrap true)
	[ "$(job_field "$id" QOS)" = short ]
	run -1 submit_raw --qos=nosuch --wrap true
	[[ $output == *"Invalid qos"* ]]
	run -1 submit_raw --qos=short -t 2:00:00 --wrap true
	[[ $output == *"limit"* ]]
	run -1 submit_raw -p gpu --qos=gpuq --wrap true
	[[ $output == *"QOSMin"* || $output == *"limit"* ]]
	id=$(submit -p gpu --qos=gpuq --gres=gpu:1 --wrap true)
	wait_done "$id"
}

@test "a partition's time limit is enforced" {
	id=$(submit -p mixed -t 3:00:00 --wrap true)
	wait_until 10 eval '[ "$(job_field "$id" Reason)" = PartitionTimeLimit ]'
}

@test "a user who is not root submits and runs" {
	id=$(submit_as nobody --wrap 'id -un; echo $SLURM_JOB_ACCOUNT')
	wait_done "$id"
	[[ $(job_field "$id" UserId) == nobody* ]]
	[[ $(job_output "$id") == nobody* ]]
}

@test "every socket is on 127.0.0.1, while a step runs too" {
	cd "$WORK"
	timeout 30 srun -p cpu sleep 20 3>&- &
	wait_until 10 step_runs
	local base
	base=$(sed -n 's/^SlurmctldPort=//p' "$SLURM_CONF")
	run listeners_outside_loopback "$base"
	cancel_all
	wait
	[ "$output" = "" ]
}
step_runs() { squeue -h -s -o %i | grep '\.0$'; }

processes_of() { grep -lzxF "SLURM_CONF=$1" /proc/[0-9]*/environ 2>/dev/null || true; }

# The sockets of this cluster: its ten ports, and whatever a process listens on that has its slurm.conf in the environment.
listeners_outside_loopback() {
	local inodes state
	inodes=$(processes_of "$SLURM_CONF" | while read -r p; do
		find "${p%environ}fd" -lname 'socket:*' -printf '%l ' 2>/dev/null
	done)
	cat /proc/net/tcp /proc/net/tcp6 2>/dev/null | while read -r _ local _ state _ _ _ _ _ inode _; do
		[ "$state" = 0A ] || continue
		port=$((16#${local##*:}))
		if [[ " $inodes" == *"socket:[$inode]"* ]] || { [ $port -ge "$1" ] && [ $port -lt $(($1 + 10)) ]; }; then
			[ "${local%:*}" = 0100007F ] || echo "$local"
		fi
	done
}

@test "slurmctld alone restarts, with another job_submit.lua, and a running job stays" {
	id=$(submit --wrap 'sleep 60')
	wait_running "$id"
	cp "$XPM_CLUSTER_DIR/etc/job_submit.lua" "$BATS_TEST_TMPDIR/saved.lua"
	cluster_put job_submit.lua <<-'L'
		function slurm_job_submit(j, p, u) slurm.log_user("seen by test"); return slurm.SUCCESS end
		function slurm_job_modify(j, r, p, u) return slurm.SUCCESS end
		return slurm.SUCCESS
	L
	restart_ctld
	[ "$(job_field "$id" JobState)" = RUNNING ]
	run -0 submit_raw --wrap true
	[[ $output == *"seen by test"* ]]
	cluster_put job_submit.lua <"$BATS_TEST_TMPDIR/saved.lua"
	restart_ctld
	run -0 submit_raw --wrap true
	[[ $output != *"seen by test"* ]]
}

@test "a slurmctld that cannot start says why" {
	cp "$XPM_CLUSTER_DIR/etc/job_submit.lua" "$BATS_TEST_TMPDIR/saved.lua"
	echo 'this is no lua' | cluster_put job_submit.lua
	run -1 restart_ctld
	[[ $output == *"job_submit.lua"* ]]
	cluster_put job_submit.lua <"$BATS_TEST_TMPDIR/saved.lua"
	restart_ctld
}

# --- a second cluster, from its own folder, beside this one

other() { XPM_BUILD=none bash "$CLUSTER" "$@" "$OTHER"; }

@test "a second cluster runs beside this one and leaves nothing when it is ended" {
	OTHER=${XPM_CLUSTER_DIR}-2
	run -0 other up --no-dbd
	run -0 other up
	[[ $output == *"already running"* ]]
	run -0 other status
	local port
	port=$(sed -n 's/^SlurmctldPort=//p' "$OTHER/etc/slurm.conf")
	[ "$port" != "$(sed -n 's/^SlurmctldPort=//p' "$SLURM_CONF")" ]
	(cd "$OTHER/work" && SLURM_CONF=$OTHER/etc/slurm.conf sbatch -o %j.out --wrap 'sleep 300')
	run -0 env SLURM_CONF="$OTHER/etc/slurm.conf" timeout 20 srun -D "$OTHER/work" -p gpu --gres=gpu:1 printenv CUDA_VISIBLE_DEVICES
	[ "$output" = 0 ]
	run -0 other down --wipe
	[ ! -e "$OTHER" ]
	run -0 processes_of "$OTHER/etc/slurm.conf"
	[ "$output" = "" ]
	run ports_from "$port"
	[ "$output" = "" ]
	[ "$(sinfo -hN -t idle -o %N | sort -u | wc -l)" = 6 ]
}

ports_from() {
	local p
	sed -n 's/^ *[0-9]*: [0-9A-F]*:\([0-9A-F]*\) [0-9A-F:]* 0A .*/\1/p' /proc/net/tcp | while read -r p; do
		if [ $((16#$p)) -ge "$1" ] && [ $((16#$p)) -lt $(($1 + 10)) ]; then echo $((16#$p)); fi
	done
}

@test "a start that fails shows the logs and leaves no process" {
	OTHER=${XPM_CLUSTER_DIR}-3
	mkdir -p "$OTHER"
	touch "$OTHER/.xpm-cluster"
	mkdir -p "$OTHER/run/munge.sock" # munged cannot make its socket here
	run -1 other up --no-dbd
	[[ $output == *"could not start (at: munge)"* ]]
	[[ $output == *"== munged"* ]]
	run -1 other status
	[[ $output != *"munged: "[0-9]* ]]
	run -0 other down --wipe
	[ ! -e "$OTHER" ]
}

@test "a folder that is no cluster's is neither used nor removed" {
	OTHER=$BATS_TEST_TMPDIR/mine
	mkdir "$OTHER"
	touch "$OTHER/file"
	run -1 other up
	run -0 other down --wipe
	[ -e "$OTHER/file" ]
}
