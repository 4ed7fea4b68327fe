#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# Front ends and ways of nesting that the main job's file leaves out.
# shellcheck disable=SC2016 # the quoted lines are for the jobs

bats_require_minimum_version 1.5.0
load helpers

setup_file() { need_product; product_files; }
setup() {
	need_product
	# shellcheck disable=SC2164 # a failing cd fails the test
	cd "$WORK"
	cat >job.sh <<-'S'
		#!/bin/bash
		echo "$SLURMD_NODENAME ${CUDA_VISIBLE_DEVICES:--}"
	S
}
teardown() { cancel_all; }

SPEC='cuda(mem=24G)*2'

# fields ID NAME=VALUE... : what scontrol shows
fields() {
	local id=$1 want got bad=0
	shift
	for want; do
		got=$(job_field "$id" "${want%%=*}")
		if [ "${want%%=*}" = TresPerNode ]; then got=${got#gres[:/]}; fi
		if [ "$got" != "${want#*=}" ]; then
			echo "job $id: ${want%%=*} is '$got', not '${want#*=}'" >&2
			bad=1
		fi
	done
	return $bad
}

# two_gpus LINE : a node with two GPUs of at least 24 GB, and two of them are the job's
two_gpus() {
	local node=${1%% *} gpus=${1##* }
	# shellcheck disable=SC2015 # meant as it stands
	[[ " n3 n4 n5 n6 " == *" $node "* ]] && [[ $gpus =~ ^[0-9],[0-9]$ ]] || { echo "ran on '$1'" >&2; return 1; }
}

# the plan of the fixture: scontrol replaces the partition list by the one a job started in, so it is read while pending
is_main_job() {
	fields "$1" "Partition=gpu,mixed" QOS=short Account=proja TresPerNode=gpu:2 "Features=(null)" "ExcNodeList=(null)" \
		"AdminComment=xpm: launcher=xpm alternative=1 candidate=gpu/short/proja/n3"
	[[ $(job_field "$1" AdminComment) == "xpm: launcher=xpm alternative=1 candidate=gpu/short/proja/n3"* ]]
}

@test "sbatch says in one line what became of it" {
	run --separate-stderr -0 submit --hold --xpm-spec="$SPEC" job.sh
	# shellcheck disable=SC2154 # set by run --separate-stderr
	[ "$stderr" = "sbatch: xpm: cuda(mem=24G)*2 -> partition gpu,mixed, gres gpu:2, qos short, account proja" ]
}

@test "#SBATCH line, plain and quoted" {
	printf '%s\n' '#!/bin/bash' "#SBATCH --xpm-spec=$SPEC" 'echo "$SLURMD_NODENAME $CUDA_VISIBLE_DEVICES"' >line.sh
	id=$(submit --hold line.sh)
	is_main_job "$id"
	scontrol release "$id"
	wait_done "$id"
	two_gpus "$(job_output "$id")"
	printf '%s\n' '#!/bin/bash' '#SBATCH --xpm-spec="cpu(cores=2, mem=1G) & duration = 20 min"' true >line.sh
	id=$(submit --hold line.sh)
	fields "$id" QOS=short TimeLimit=00:20:00 MinMemoryNode=954M CPUs/Task=2 NumCPUs=2
	# the command line is above the script
	id=$(submit --hold --xpm-spec="cpu(cores=4)" line.sh)
	fields "$id" CPUs/Task=4
}

@test "salloc, and a step in it that has no spec of its own" {
	run --separate-stderr -0 timeout 30 salloc --xpm-spec="$SPEC" bash -c 'scontrol show job -o $SLURM_JOB_ID; srun bash job.sh'
	[[ ${lines[0]} == *"QOS=short"*"gres/gpu=2"* ]]
	two_gpus "${lines[1]}"
}

@test "a het job in which the first component has none" {
	cat >het.sh <<-S
		#!/bin/bash
		#SBATCH -p cpu
		#SBATCH hetjob
		#SBATCH --xpm-spec=cuda(mem=80G)*2
		srun --het-group=0 bash job.sh
		srun --het-group=1 bash job.sh
	S
	id=$(submit het.sh)
	wait_done "$id"
	run -0 job_output "$id"
	[[ ${lines[0]} == n[12]" -" ]]
	[ "${lines[1]}" = "n5 0,1" ]
}

@test "srun with components" {
	run -0 timeout 30 srun --quiet --xpm-spec="cuda(model=v100)" bash job.sh : -p cpu bash job.sh : --xpm-spec="cuda(mem=80G)*2" bash job.sh
	[[ $output == *"n3 "[0-9]* ]]
	[[ $output == *n[12]" -"* ]]
	[[ $output == *"n5 0,1"* ]]
}

@test "--xpm-tags" {
	id=$(submit --hold --xpm-tags=slurm --xpm-spec="$SPEC" job.sh)
	is_main_job "$id"
	run -1 submit_raw --xpm-tags=other --xpm-spec="$SPEC" job.sh
	[[ $output == *"tag"* ]]
}
submit_raw() { timeout 30 sbatch "$@"; }

@test "a job that submits jobs: the inner one has its own spec or none" {
	cat >inner.sh <<-'S'
		#!/bin/bash
		#SBATCH --hold
		#SBATCH --xpm-spec=cuda(mem=80G)*2
		true
	S
	cat >outer.sh <<-'S'
		#!/bin/bash
		sbatch --parsable --hold --wrap true
		sbatch --parsable inner.sh
		sbatch --parsable --hold --export=NONE --wrap true
		sbatch --parsable --hold --xpm-spec='cpu(cores=3)' --wrap true
		srun bash job.sh
	S
	run -0 --separate-stderr run_job --xpm-spec="cuda(model=v100)*2" -e outer.err outer.sh
	fields "${lines[0]}" Partition=cpu TresPerNode= AdminComment= CPUs/Task=1
	fields "${lines[1]}" TresPerNode=gpu:2
	fields "${lines[2]}" Partition=cpu TresPerNode= AdminComment=
	fields "${lines[3]}" CPUs/Task=3 NumCPUs=3 TresPerNode=
	[[ ${lines[4]} =~ ^n3\ [0-9],[0-9]$ ]]
}

@test "a salloc that submits and allocates: nothing is inherited" {
	run -0 timeout 30 salloc --quiet --xpm-spec="cuda(model=v100)*2" bash -c '
		sbatch --parsable --hold --wrap true
		env -u SLURM_JOB_ID -u SLURM_JOBID srun --quiet bash job.sh'
	fields "${lines[0]}" Partition=cpu TresPerNode= AdminComment=
	[[ ${lines[1]} == n[12]" -" ]]
}

# --- a job without the option

# comparable ID : its record without what differs between any two jobs
comparable() {
	job_record "$1" | tr ' ' '\n' | grep -vE '^(JobId|Priority|[A-Za-z]*Time|ArrayJobId|LastSchedEval|StdErr|StdOut|AllocNode:Sid|RunTime|SecsPreSuspend|Command)='
}

@test "a job without the option is the same, field by field, as without slurm-xpm" {
	rm -f with.txt without.txt
	local forms=("" "-p gpu --gres=gpu:2 -C a100 --mem=3G -c 2 -n 3 -t 20" "-p mixed,cpu --qos=normal -A projb --exclude=n1 -N 1-2 --comment=c"
		"--mem-per-cpu=100M --ntasks-per-node=2 --exclusive --gpus=1 -p big" "--array=1-2 --reservation= --licenses= -p cpu" )
	for form in "${forms[@]}"; do
		# shellcheck disable=SC2086 # words
		id=$(submit --hold $form --wrap true)
		comparable "$id" >>with.txt
	done
	: | cluster_put plugstack.conf
	printf '%s\n' 'function slurm_job_submit() return slurm.SUCCESS end' 'function slurm_job_modify() return slurm.SUCCESS end' \
		'return slurm.SUCCESS' | cluster_put job_submit.lua
	for form in "${forms[@]}"; do
		# shellcheck disable=SC2086 # words
		id=$(submit --hold $form --wrap true)
		comparable "$id" >>without.txt
	done
	product_files
	diff with.txt without.txt
	[ "$(wc -l <with.txt)" -gt 200 ]
}
