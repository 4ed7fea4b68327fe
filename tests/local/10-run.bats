#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
load helpers

@test "a command runs, and its status is passed through" {
	run -0 "$XPM_LOCAL" -- echo "a  b"
	[ "$output" = "a  b" ]
	run -7 "$XPM_LOCAL" -- sh -c 'exit 7'
	run -143 "$XPM_LOCAL" -- sh -c 'kill -TERM $$'
}

@test "a script gets its arguments, its stdin and its #SBATCH options; the command line wins" {
	script job.sh <<-'E'
		#!/bin/bash -e
		#SBATCH --job-name="my job" -c 2
		#SBATCH --partition=gpu --qos normal # a comment
		echo "$# [$1] [$2] $SLURM_JOB_NAME $SLURM_CPUS_PER_TASK $(cat)"
		#SBATCH --job-name=late
	E
	echo input >in
	run -0 --separate-stderr "$XPM_LOCAL" job.sh "a b" '*' <in
	[ "$output" = "2 [a b] [*] my job 2 input" ]
	# shellcheck disable=SC2154 # set by run --separate-stderr
	[[ $stderr == *"ignored: --partition, --qos"* ]]
	run -0 --separate-stderr "$XPM_LOCAL" -J other job.sh <in
	[[ $output == *"[] [] other 2 input" ]]
}

@test "output, error and their patterns; append; chdir" {
	mkdir sub
	run -0 --separate-stderr "$XPM_LOCAL" -J n -D sub -o 'o-%x-%u-%4j.txt' -e e.txt --wrap 'pwd; echo err >&2'
	[ -z "$output" ]
	[ "$(cat sub/o-n-"$(id -un)"-0001.txt)" = "$TMP/sub" ]
	[ "$(cat sub/e.txt)" = err ]
	run -0 "$XPM_LOCAL" -D sub -o e.txt --open-mode=append --wrap 'echo more'
	[ "$(cat sub/e.txt)" = "err
more" ]
}

@test "the grant is in the environment: cores, GPUs, tokens" {
	run -0 "$XPM_LOCAL" --xpm-spec='cuda(mem=8G)*2 & cpu(cores=3, mem=1G)' --quiet --wrap \
		'echo "$CUDA_VISIBLE_DEVICES|$XPM_CORES|$XPM_CPUS|$XPM_MEMORY|$SLURM_MEM_PER_NODE|$XPM_GPU_IDS"'
	[ "$output" = "0,1|3|0-2|1000000000|954|cuda:0,cuda:1" ]
	run -0 "$XPM_LOCAL" --wrap 'echo "[$CUDA_VISIBLE_DEVICES][$HIP_VISIBLE_DEVICES]"'
	[ "$output" = "[][]" ]
	run -0 "$XPM_LOCAL" --xpm-tags=licence --wrap 'echo "$XPM_TOKENS $XPM_LAUNCHER"'
	[ "$output" = "licence=1 licensed" ]
	run -0 "$XPM_LOCAL" --no-slurm-env --wrap 'echo "[$SLURM_JOB_ID][$XPM_JOB_ID]"'
	[[ $output == "[]["?*"]" ]]
}

@test "export" {
	export LETTER=a OTHER=b
	run -0 "$XPM_LOCAL" --export=NONE --wrap 'echo "[$LETTER]"'
	[ "$output" = "[]" ]
	run -0 "$XPM_LOCAL" --export=LETTER,NEW=x --wrap 'echo "[$LETTER][$OTHER][$NEW]"'
	[ "$output" = "[a][][x]" ]
}

@test "srun inside runs the command in the grant and names what it cannot honour" {
	run -0 --separate-stderr "$XPM_LOCAL" --wrap 'srun -n 4 --label -c 1 sh -c "echo \$SLURM_STEP_ID \$0" zero'
	[ "$output" = "0 zero" ]
	[[ $stderr == *"--ntasks=4"* && $stderr == *"--label"* ]]
	run -5 "$XPM_LOCAL" --wrap 'srun sh -c "exit 5"'
}

@test "the status before the job starts: 1 no match, 2 usage and spec, 3 launchers.yaml, 4 system" {
	run -1 "$XPM_LOCAL" --xpm-spec='cuda(mem=80G)' -- true
	[[ $output == *"here"*"gpu memory 80G"*"xpm explain --kind=local"* ]]
	run -2 "$XPM_LOCAL" --xpm-spec='cuda(mem=80)' -- true
	run -2 "$XPM_LOCAL" --nonsense -- true
	run -2 "$XPM_LOCAL" --time=soon -- true
	echo 'local: [{idd: x}]' >bad.yaml
	run -3 "$XPM_LOCAL" -f bad.yaml -- true
	[[ $output == *"bad.yaml:1:"*"idd"* ]]
	run -3 "$XPM_LOCAL" -f /nonexistent.yaml -- true
	run -4 "$XPM_LOCAL" -- /nonexistent
	run -4 "$XPM_LOCAL" nonexistent.sh
	printf '#!/no/interpreter\n' >job.sh
	run -4 "$XPM_LOCAL" job.sh
	[[ $output == *"/no/interpreter"* ]]
	run -4 "$XPM_LOCAL" -o /nonexistent/out --wrap true
	[[ $output == *"/nonexistent/out"* ]]
	run -2 "$XPM_LOCAL" "$XPM_LAUNCHERS"
	[ "$("$XPM_LOCAL" --list | wc -l)" = 1 ]
}

@test "what is typed twice must agree" {
	run -2 "$XPM_LOCAL" --xpm-spec='cpu(cores=2)' -c 3 -- true
	[[ $output == *"--cpus-per-task=3"*"cores=2"* ]]
	run -2 "$XPM_LOCAL" --xpm-spec='duration=1h' --time=30 -- true
	run -0 "$XPM_LOCAL" --xpm-spec='duration=1h & cpu(cores=2)' --time=60 -c 2 -- true
}

@test "time limit: SIGTERM, then SIGKILL, status 124" {
	run -124 "$XPM_LOCAL" --time=0:01 --wrap 'trap "echo term" TERM; sleep 20 & wait'
	[[ $output == *"time limit of 1s"* && $output == *term* ]]
	run -124 "$XPM_LOCAL" --time=0:01 -- sh -c 'trap "" TERM; while :; do sleep 1; done'
}

@test "memory limit: ended with status 125 and a word; a neighbour goes on" {
	"$XPM_LOCAL" --quiet --xpm-spec='cpu(mem=200M)' --wrap 'sleep 2; echo alive' >neighbour 2>&1 &
	run -125 "$XPM_LOCAL" --xpm-spec='cpu(mem=100M)' -- python3 -c 'import time; x = b"x" * 300000000; time.sleep(9)'
	[[ $output == *"memory limit"*"watching"* || $output == *"memory limit"*"cgroup"* ]]
	[[ $output == *"more than its memory limit of 100M"* ]]
	wait %1
	[ "$(cat neighbour)" = alive ]
}

@test "children that daemonise are ended with the job" {
	"$XPM_LOCAL" -- sh -c '(setsid sh -c "sleep 4711 & sleep 4711" &) ; sleep 0.3'
	run pgrep -f 'sleep 4711'
	[ "$status" = 1 ]
}

@test "signals are passed on; a job may outlive one" {
	"$XPM_LOCAL" --wrap 'trap "echo usr1" USR1; trap "echo int; exit 9" INT; echo ready
		while :; do sleep 0.1; done' >out 2>&1 &
	pid=$!
	until_ok grep -q ready out
	kill -USR1 $pid
	until_ok grep -q usr1 out
	kill -TERM $pid
	run wait $pid
	run -0 "$XPM_LOCAL" --list
	[ "$(wc -l <<<"$output")" = 1 ]
}

@test "stop and continue reach the job" {
	"$XPM_LOCAL" -- sh -c 'while :; do echo x; sleep 0.1; done' >out 2>&1 &
	pid=$!
	until_ok test -s out
	kill -TSTP $pid
	until_ok grep -q '^State:.*T' /proc/$pid/status
	sleep 0.3
	before=$(wc -c <out)
	sleep 0.5
	[ "$(wc -c <out)" = "$before" ]
	kill -CONT $pid
	more() { [ "$(wc -c <out)" -gt "$before" ]; }
	until_ok more
	kill -TERM $pid
	run wait $pid
}

@test "a killed runner takes its job with it and frees everything" {
	"$XPM_LOCAL" --xpm-spec='gpu()*2 & cpu(cores=8)' -- sh -c 'echo up >up; sleep 4712' &
	pid=$!
	until_ok test -s up
	kill -KILL $pid
	run -0 "$XPM_LOCAL" --wait=10s --xpm-spec='gpu()*2 & cpu(cores=8)' -- true
	run pgrep -f 'sleep 4712'
	[ "$status" = 1 ]
}

@test "nothing local satisfies: what sbatch would do, and --or-submit does it" {
	mkdir slurmbin
	script slurmbin/sbatch <<-'E'
		#!/bin/sh
		printf '<%s>' "$@"
	E
	chmod +x slurmbin/sbatch
	cat >>launchers.yaml <<-E
		slurm:
		- id: cluster
		  path: $TMP/slurmbin
		  partitions:
		    big:
		      configuration: {gpu: {count: 4, memory: 80G}}
	E
	run -1 "$XPM_LOCAL" --xpm-spec='cuda(mem=70G)' -- echo "a b"
	[[ $output == *"sbatch would run it"*"--partition=big"* ]]
	run -0 --separate-stderr "$XPM_LOCAL" --or-submit -J n --xpm-spec='cuda(mem=70G)' -- echo "a b"
	[[ $output == *"<--partition=big>"*"<--job-name=n><--wrap='echo' 'a b'>" ]]
}

@test "a dry run says where and runs nothing" {
	run -0 "$XPM_LOCAL" --dry-run --xpm-spec='cuda()' -- touch ran
	[[ $output == *"launcher: here"*"1 GPU"* ]]
	[ ! -e ran ]
}
