#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# The main job, in every way a job reaches Slurm: what it becomes, where it runs, and why it is refused.
load helpers

setup() {
	need_product
	need_dbd
}
teardown() { cancel_all; }

# every_field ID : the record's fields that describe the request, one per line, without what differs from job to job
request_fields() {
	job_record "$1" | sed 's/ \([A-Z][A-Za-z:/]*=\)/\n\1/g' | sed 's/ *$//' |
		grep -vE '^(JobId|SubmitTime|EligibleTime|AccrueTime|StartTime|EndTime|Deadline|LastSchedEval|StdErr|StdIn|StdOut|Scheduler|RunTime|Priority|JobState|Reason|NodeList|BatchHost|ExitCode|JobName|Nodes|SuspendTime|PreemptTime|PreemptEligibleTime|Time|SecsPreSuspend|NumNodes|TRES|CPU_IDs|MinMemoryCPU|ReqTRES|AllocTRES)='
}

plan_of() { "$XPM_BUILD/xpm" find -f "$XPM_CLUSTER_DIR/etc/launchers.yaml" --kind slurm --format json "$1"; }

@test "cuda(mem=24G)*2: the job is the plan, and it runs with two GPUs of 24 GB or more" {
	id=$(submit --hold --xpm-spec='cuda(mem=24G)*2' --wrap 'echo "$SLURMD_NODENAME $CUDA_VISIBLE_DEVICES"')
	plan=$(plan_of 'cuda(mem=24G)*2')
	[ "$(job_field "$id" Partition)" = "$(jq -r '.plan.partition | join(",")' <<<"$plan")" ]
	[ "$(job_field "$id" QOS)" = "$(jq -r .plan.qos <<<"$plan")" ]
	[ "$(job_field "$id" Account)" = "$(jq -r .plan.account <<<"$plan")" ]
	[[ "$(job_field "$id" TresPerNode)" =~ ^gres[:/]gpu:2$ ]]
	[ "$(job_field "$id" Features)" = "$(jq -r '.plan.constraint // "(null)"' <<<"$plan")" ]
	[[ "$(job_field "$id" AdminComment)" == *"launcher=xpm"* ]]
	scontrol release "$id"
	wait_done "$id"
	read -r node devices <<<"$(job_output "$id")"
	[[ "$node" =~ ^n[3456]$ ]]
	[[ "$devices" =~ ^[0-9]+,[0-9]+$ ]]
}

@test "as #SBATCH lines of the script" {
	cat >"$WORK/script.sh" <<-'E'
		#!/bin/bash
		#SBATCH --xpm-spec="cuda(model=v100, mem=30G) * 2 & cpu(cores=4, mem=4G)"
		echo "$SLURMD_NODENAME $CUDA_VISIBLE_DEVICES $SLURM_CPUS_PER_TASK"
	E
	run run_job "$WORK/script.sh"
	echo "$output"
	[[ "$output" =~ n3\ [0-9],[0-9]\ 4$ ]]
}

@test "srun and salloc" {
	cd "$WORK"
	run timeout 60 srun --xpm-spec='cuda(mem=60G)' -A projb sh -c 'echo "$SLURMD_NODENAME $CUDA_VISIBLE_DEVICES"'
	echo "$output"
	[[ "$output" =~ n5\ [0-9]$ ]]
	run timeout 60 salloc --xpm-spec='cuda(mem=24G)*2 & cuda(model=a100, mem=30G)' srun sh -c 'echo "$SLURMD_NODENAME $CUDA_VISIBLE_DEVICES"'
	echo "$output"
	[[ "$output" =~ n4\ [0-9],[0-9],[0-9] ]]
}

@test "an array: every task" {
	id=$(submit --array=1-3 --xpm-spec='cuda(model=rtx3090)' -o '%A_%a.out' --wrap 'echo "$SLURMD_NODENAME $CUDA_VISIBLE_DEVICES"')
	wait_until 60 no_jobs
	for i in 1 2 3; do [[ "$(cat "$WORK/${id}_$i.out")" =~ ^n6\ [0-9]$ ]]; done
}

@test "a het job: each component has its own spec, one has none" {
	cat >"$WORK/het.sh" <<-'E'
		#!/bin/bash
		#SBATCH --xpm-spec="cuda(model=v100)*2" --hold
		#SBATCH hetjob
		#SBATCH --xpm-spec="cpu(cores=2, mem=2G)"
		#SBATCH hetjob
		#SBATCH --ntasks=1 -p cpu
		srun --het-group=0,1,2 sh -c 'echo "$SLURM_PROCID $SLURMD_NODENAME"'
	E
	id=$(submit "$WORK/het.sh")
	records=$(scontrol show job -o "$id")
	echo "$records"
	[ "$(wc -l <<<"$records")" -eq 3 ]
	sed -n 1p <<<"$records" | grep -qE 'TresPerNode=gres[:/]gpu:2'
	sed -n 1p <<<"$records" | grep -q 'launcher=xpm'
	[ "$(sed -n 2p <<<"$records" | grep -c 'TresPerNode')" -eq 0 ]
	sed -n 2p <<<"$records" | grep -q 'CPUs/Task=2'
	sed -n 2p <<<"$records" | grep -q 'launcher=xpm'
	sed -n 3p <<<"$records" | grep -q ' Partition=cpu '
	[ "$(sed -n 3p <<<"$records" | grep -c 'launcher=xpm')" -eq 0 ]
	[ "$(sed -n 3p <<<"$records" | grep -c 'TresPerNode')" -eq 0 ]
}

@test "a user who is not root" {
	id=$(submit_as nobody --xpm-spec='cuda(mem=24G)*2' --wrap 'id -un; echo "$CUDA_VISIBLE_DEVICES"')
	wait_done "$id"
	run job_output "$id"
	[ "${lines[0]}" = nobody ]
	[[ "${lines[1]}" =~ ^[0-9],[0-9]$ ]]
}

@test "--test-only: nothing is submitted, and a bad spec is refused" {
	cd "$WORK"
	run sbatch --test-only --xpm-spec='cuda(model=a100, mem=60G)' --wrap true
	echo "$output"
	[ "$status" -eq 0 ]
	[[ "$output" == *"n5"* ]]
	no_jobs
	run sbatch --test-only --xpm-spec='cuda(mem=999G)' --wrap true
	[ "$status" -ne 0 ]
}

@test "the first alternative that can be satisfied is used" {
	id=$(submit --hold --xpm-spec='cuda(mem=200G) | cuda(model=v100)*4 | cuda()' --wrap true)
	[[ "$(job_field "$id" TresPerNode)" =~ gpu:4$ ]]
	[[ "$(job_field "$id" AdminComment)" == *"alternative=2"* ]]
	id=$(submit --hold --xpm-spec='cuda(model=v100) | cuda(mem=200G)' --wrap true)
	[[ "$(job_field "$id" AdminComment)" == *"alternative=1"* ]]
}

@test "durations choose the QoS and set the limit" {
	id=$(submit --hold --xpm-spec='cuda(model=v100) & duration=50min' --wrap true)
	[ "$(job_field "$id" QOS)" = short ]
	[ "$(job_field "$id" TimeLimit)" = 00:50:00 ]
	id=$(submit --hold --xpm-spec='cuda(model=v100) & duration=3 days' --wrap true)
	[ "$(job_field "$id" QOS)" != short ]
	[ "$(job_field "$id" TimeLimit)" = 3-00:00:00 ]
	id=$(submit --hold --time=2-00:00:00 --xpm-spec='cuda(model=v100)' --wrap true)
	[ "$(job_field "$id" QOS)" != short ]
	[ "$(job_field "$id" TimeLimit)" = 2-00:00:00 ]
}

@test "what nobody has is refused at once, with the closest candidate and what is missing" {
	cd "$WORK"
	for front in 'sbatch --wrap true' 'srun true' 'salloc true'; do
		# shellcheck disable=SC2086 # words
		run timeout 20 ${front%% *} --xpm-spec='cuda(mem=200G)*2' ${front#* }
		echo "$output"
		[ "$status" -ne 0 ]
		[[ "$output" == *"big"* ]]
		[[ "$output" == *"200G"*"80G"* ]]
		[[ "$output" == *"xpm explain 'cuda(mem=200G)*2'"* ]]
	done
	no_jobs
}

@test "a syntax error shows column and caret, before anything is sent" {
	cd "$WORK"
	run sbatch --xpm-spec='cuda(mem=24)*2' --wrap true
	echo "$output"
	[ "$status" -ne 0 ]
	[[ "$output" == *"column 10"* ]]
	[[ "$output" == *"cuda(mem=24)*2"*$'\n'*" ^"* ]]
	[[ "$output" == *"24G"* ]]
	run sbatch --xpm-spec='cudda(mem=24G)' --wrap true
	[ "$status" -ne 0 ]
	[[ "$output" == *"'cuda'"* ]]
}

@test "a job without the option is, field by field, the job it is without the plugin" {
	set -- --hold -p gpu -n 2 -c 2 --mem=3G -t 20 --gres=gpu:1 -C GPU4 -x n6 --comment=c -A proja --qos normal --wrap true
	with=$(request_fields "$(submit "$@")")
	bare=$(request_fields "$(submit --hold --wrap true)")
	cluster_put plugstack.conf </dev/null
	printf '%s\n' 'function slurm_job_submit() return slurm.SUCCESS end' \
		'function slurm_job_modify() return slurm.SUCCESS end' 'return slurm.SUCCESS' | cluster_put job_submit.lua
	restart_ctld
	without=$(request_fields "$(submit "$@")")
	bare_without=$(request_fields "$(submit --hold --wrap true)")
	product_files
	restart_ctld
	diff <(echo "$with") <(echo "$without")
	diff <(echo "$bare") <(echo "$bare_without")
	[ "$(wc -l <<<"$with")" -gt 15 ]
}

@test "a job that submits another job: the inner one has its own spec, or none" {
	cat >"$WORK/outer.sh" <<-'E'
		#!/bin/bash
		sbatch --parsable --hold -o /dev/null --wrap true
		sbatch --parsable --hold -o /dev/null --xpm-spec='cuda(model=v100)*3' --wrap true
		echo '#!/bin/bash
		#SBATCH --xpm-spec=cuda(model=rtx3090)
		true' >inner.sh
		sbatch --parsable --hold -o /dev/null inner.sh
		srun hostname >/dev/null && echo step
	E
	id=$(submit --xpm-spec='cuda(model=a100,mem=30G)*2' "$WORK/outer.sh")
	wait_done "$id" 60
	run job_output "$id"
	echo "$output"
	mapfile -t inner < <(grep -E '^[0-9]+$' <<<"$output")
	[ "${#inner[@]}" -eq 3 ]
	[ -z "$(job_field "${inner[0]}" TresPerNode)" ]
	[[ "$(job_field "${inner[0]}" AdminComment)" != *launcher=* ]]
	[[ "$(job_field "${inner[1]}" TresPerNode)" =~ gpu:3$ ]]
	[[ "$(job_field "${inner[2]}" TresPerNode)" =~ gpu:1$ ]]
	[[ "$output" == *step* ]]
}
