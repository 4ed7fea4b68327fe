#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# The filter among real users: accounts, QoS and partitions that change under it, and the snapshot that it reads.
bats_require_minimum_version 1.5.0
load helpers

SNAPSHOT=$XPM_CLUSTER_DIR/etc/snapshot.yaml

setup_file() {
	need_product
	need_dbd
	cat >"$WORK/xpm-snapshot" <<-E
		#!/bin/sh
		exec "$XPM_BUILD/xpm" snapshot -q -f "$XPM_CLUSTER_DIR/etc/launchers.yaml" \
			--gpu-models "$BATS_TEST_DIRNAME/../../etc/gpu-models.yaml" -o "$SNAPSHOT"
	E
	chmod 755 "$WORK/xpm-snapshot"
}
setup() {
	need_product
	need_dbd
	product_files
	log_mark
}
teardown() {
	cancel_all
	rm -rf "$SNAPSHOT"
	timeout 10 scontrol update partition=gpu state=UP MaxTime=4-0 AllowQos=ALL
	timeout 10 scontrol update partition=big state=UP AllowAccounts=ALL
	product_files
}

SPECS=('cuda(mem=24G)*2' 'cuda(mem=60G)' 'cuda(model=rtx3090)' 'cuda(mem=24G)*2 & duration=3h' 'cuda(mem=30G)*4 & duration=1h'
	'cpu(cores=4, mem=4G)' 'cpu(cores=12)' 'duration=3d & cuda()' 'cuda(mem=90G) | cuda(mem=30G)*3' 'cuda()*3 | cuda()'
	'gpu(model=a100)' 'cpu(mem=20G)')

snapshot() { "$WORK/xpm-snapshot"; }

# rules_big ACCOUNTS : a launcher whose only partition is big
rules_big() {
	cluster_put launchers.yaml <<-E
		slurm:
		  - id: big
		    partitions:
		      big: {accounts: [$1], nodes: [{hosts: n5, configuration: {gpu: {count: 2, memory: 80G}}}]}
	E
}
account_of() { job_field "$1" Account; }

# decided SPEC : the fields that a plan writes, of a job that is held; or "refused"
decided() {
	local id
	id=$(submit --hold --xpm-spec="$1" --wrap true 2>/dev/null) || true
	if [ -z "$id" ]; then
		echo refused
		return
	fi
	job_record "$id" | tr ' ' '\n' | grep -E '^(Partition|QOS|Account|TresPerNode|Features|ExcNodeList|CPUs/Task|MinMemoryNode|TimeLimit)=' |
		tr '\n' ' '
	scancel "$id"
}

@test "a user without the account gets the next one of the list, or is refused with that reason; given back: the first again" {
	rules_big "projb, proja"
	snapshot
	id=$(submit_as games --hold --xpm-spec='cuda(mem=60G)' --wrap true)
	[ "$(account_of "$id")" = projb ]
	sacctmgr -i delete user name=games where account=projb
	snapshot
	id=$(submit_as games --xpm-spec='cuda(mem=60G)' --wrap 'echo "$SLURMD_NODENAME"')
	after=$(account_of "$id")
	wait_done "$id"
	rules_big projb
	run submit_as games --hold --xpm-spec='cuda(mem=60G)' --wrap true
	sacctmgr -i add user games account=projb
	snapshot
	echo "$after; $output"
	[ "$after" = proja ]
	[ "$(job_output "$id")" = n5 ]
	[[ $output == *"user games may not use account projb"* && $output == *"xpm explain 'cuda(mem=60G)'"* ]]
	id=$(submit_as games --hold --xpm-spec='cuda(mem=60G)' --wrap true)
	[ "$(account_of "$id")" = projb ]
}

@test "a QoS that the user's association does not have: the next one; given back: again" {
	cluster_put launchers.yaml <<-'E'
		slurm:
		  - id: q
		    qos: {gpuq: {priority: 5}}
		    partitions:
		      gpu: {accounts: proja, qos: [gpuq, normal], nodes: [{hosts: n4, configuration: {gpu: {count: 4, memory: 40G}}}]}
	E
	sacctmgr -i modify user games where account=proja set qos-=gpuq
	snapshot
	id=$(submit_as games --hold --xpm-spec='cuda()' --wrap true)
	without=$(job_field "$id" QOS)
	sacctmgr -i modify user games where account=proja set qos+=gpuq
	snapshot
	id=$(submit_as games --hold --xpm-spec='cuda()' --wrap true)
	echo "without: $without, with: $(job_field "$id" QOS)"
	[ "$without" = normal ]
	[ "$(job_field "$id" QOS)" = gpuq ]
}

@test "a partition DOWN, a MaxTime too low, a QoS not allowed: the next best is taken at once; restored: the first again" {
	spec='cuda(mem=30G)*2 & duration=90min'
	before=$(decided "$spec")
	echo "before: $before"
	[[ $before == *"Partition=gpu"* ]]
	for change in state=DOWN MaxTime=60 AllowQos=gpuq; do
		scontrol update partition=gpu "$change"
		after=$(decided "$spec")
		run submit --hold -p gpu --xpm-spec="$spec" --wrap true
		scontrol update partition=gpu state=UP MaxTime=4-0 AllowQos=ALL
		echo "$change: $after; $output"
		[[ $after == *Partition=* && $after != *"Partition=gpu"* && $after != *",gpu"* ]]
		case $change in
		state=DOWN) [[ $output == *"is down"* ]] ;;
		MaxTime=60) [[ $output == *"MaxTime is 1h"* ]] ;;
		AllowQos=gpuq) [[ $output == *"does not admit QoS"* ]] ;;
		esac
		[ "$(decided "$spec")" = "$before" ]
	done
}

@test "round trip: the generated file and query_slurm with a snapshot decide equally in the filter" {
	scontrol show partitions >"$BATS_TEST_TMPDIR/partitions"
	scontrol show nodes | "$XPM_BUILD/xpm" convert --gpu-models "$BATS_TEST_DIRNAME/../../etc/gpu-models.yaml" \
		--partitions "$BATS_TEST_TMPDIR/partitions" >"$BATS_TEST_TMPDIR/generated.yaml"
	cluster_put launchers.yaml <"$BATS_TEST_TMPDIR/generated.yaml"
	local expected=()
	for spec in "${SPECS[@]}"; do expected+=("$(decided "$spec")"); done
	printf 'slurm:\n  - {id: slurm, query_slurm: true}\n' | cluster_put launchers.yaml
	snapshot
	local i=0
	for spec in "${SPECS[@]}"; do
		got=$(decided "$spec")
		echo "$spec: ${expected[i]}"
		[ "$got" = "${expected[i]}" ] || { echo "but: $got"; return 1; }
		i=$((i + 1))
	done
	[[ "${expected[1]}" == *"Partition="*big* ]]
}

@test "a snapshot that is missing, half, huge, unreadable or a FIFO: nobody waits, the last good one stays in force" {
	printf 'slurm:\n  - {id: slurm, query_slurm: true}\n' | cluster_put launchers.yaml
	rm -f "$SNAPSHOT"
	restart_ctld
	run submit --hold --xpm-spec='cuda(mem=60G)' --wrap true
	[[ $output == *"no snapshot of the cluster"* ]]
	wait_log 'no snapshot of the cluster'
	id=$(submit --hold --wrap true)
	[ -n "$id" ]
	snapshot
	good=$(decided 'cuda(mem=60G)')
	[[ $good == *big* ]]
	cp "$SNAPSHOT" "$BATS_TEST_TMPDIR/good.yaml"
	for damage in half huge fifo garbage folder gone; do
		rm -rf "$SNAPSHOT"
		case $damage in
		half) head -c 300 "$BATS_TEST_TMPDIR/good.yaml" >"$SNAPSHOT" ;;
		huge) truncate -s 200M "$SNAPSHOT" ;;
		fifo) mkfifo "$SNAPSHOT" ;;
		garbage) head -c 100000 /dev/urandom >"$SNAPSHOT" ;;
		folder) mkdir "$SNAPSHOT" ;;
		esac
		begin=$(now_ms)
		got=$(decided 'cuda(mem=60G)')
		took=$(($(now_ms) - begin))
		echo "$damage: $took ms: $got"
		[ "$got" = "$good" ]
		[ $took -lt 5000 ]
	done
	rm -rf "$SNAPSHOT"
}

@test "the snapshot replaced ten times a second while jobs are submitted: every one is decided right" {
	printf 'slurm:\n  - {id: slurm, query_slurm: true}\n' | cluster_put launchers.yaml
	snapshot
	good=$(decided 'cuda(mem=60G)')
	cp "$SNAPSHOT" "$BATS_TEST_TMPDIR/good.yaml"
	(
		cd "$XPM_CLUSTER_DIR/etc"
		for _ in $(seq 80); do
			cp "$BATS_TEST_TMPDIR/good.yaml" .snapshot.new
			mv -f .snapshot.new snapshot.yaml
			sleep 0.1
		done
	) 3>&- &
	writer=$!
	wrong=0
	count=0
	while kill -0 $writer 2>/dev/null; do
		[ "$(decided 'cuda(mem=60G)')" = "$good" ] || wrong=$((wrong + 1))
		count=$((count + 1))
	done
	echo "$count submissions, $wrong wrong"
	[ $wrong -eq 0 ]
	[ $count -ge 10 ]
}

@test "an old snapshot is used, and said to be old in the log and in a refusal" {
	printf 'slurm:\n  - {id: slurm, query_slurm: true, snapshot_max_age: 1h}\n' | cluster_put launchers.yaml
	snapshot
	good=$(decided 'cuda(mem=60G)')
	sed "s/^time: .*/time: $(($(date +%s) - 90000))/" "$SNAPSHOT" >"$SNAPSHOT.new"
	mv "$SNAPSHOT.new" "$SNAPSHOT"
	[ "$(decided 'cuda(mem=60G)')" = "$good" ]
	wait_log 'the snapshot of the cluster is 25h old, more than 1h'
	run submit --hold --xpm-spec='cuda(mem=900G)' --wrap true
	echo "$output"
	[[ $output == *"note: the snapshot of the cluster is 25h old"* ]]
}
