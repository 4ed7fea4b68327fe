#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# Knowing the cluster: convert, snapshot, query_slurm, check --slurm, doctor, on the cluster's own output.
bats_require_minimum_version 1.5.0
load helpers

setup() {
	need_product
	need_dbd
	XPM=$XPM_BUILD/xpm
	MODELS=$BATS_TEST_DIRNAME/../../etc/gpu-models.yaml
	# shellcheck disable=SC2164 # a failing cd fails the test
	cd "$BATS_TEST_TMPDIR"
}
teardown() {
	cancel_all
	timeout 10 scontrol update partition=gpu state=UP MaxTime=4-0 AllowQos=ALL
	timeout 10 scontrol update partition=big state=UP AllowAccounts=ALL
	product_files
}

SPECS=('cuda(mem=24G)*2' 'cuda(mem=60G)' 'cuda(model=rtx3090)' 'cuda(mem=24G)*2 & duration=3h' 'cuda(mem=30G)*4 & duration=1h'
	'cpu(cores=4, mem=4G)' 'cpu(cores=12)' 'duration=3d & cuda()' 'cuda(mem=90G) | cuda(mem=30G)*3' 'cpu(mem=900G)' 'rocm()')

convert_live() { # [block|oneliner]
	# shellcheck disable=SC2094 # the same file is not written
	scontrol ${1:+--oneliner} show partitions >partitions
	# shellcheck disable=SC2086
	scontrol ${1:+--oneliner} show nodes | "$XPM" convert --gpu-models "$MODELS" --partitions partitions
}

# plan FILE SPEC ARGS... : what was decided, without the launcher's name
plan() {
	local file=$1 spec=$2
	shift 2
	timeout 30 "$XPM" find -f "$file" --kind slurm --format json "$@" "$spec" 2>/dev/null | jq -c '[.matched, .alternative, .plan]'
}

@test "convert takes both forms of this cluster's output, and xpm check its result" {
	convert_live >block.yaml
	convert_live oneliner >oneliner.yaml
	cmp block.yaml oneliner.yaml
	run "$XPM" check --werror block.yaml
	echo "$output"
	[ "$status" -eq 0 ]
	[[ $(cat block.yaml) == *'model: rtx3090, count: 2, memory: 24G, gres_type: rtx3090'* ]]
	run "$XPM" check --werror --slurm block.yaml
	echo "$output"
	[ "$status" -eq 0 ]
}

@test "the filter with the generated file: jobs land right" {
	convert_live | cluster_put launchers.yaml
	run run_job --xpm-spec='cuda(mem=60G)' --wrap 'echo "$SLURMD_NODENAME $CUDA_VISIBLE_DEVICES"'
	echo "$output"
	[[ $output =~ n5\ [0-9]$ ]]
	run run_job --xpm-spec='cuda(model=rtx3090)*2' --wrap 'echo "$SLURMD_NODENAME $CUDA_VISIBLE_DEVICES"'
	echo "$output"
	[[ $output =~ n6\ [0-9],[0-9]$ ]]
	run run_job --xpm-spec='cuda(mem=30G)*3' --wrap 'echo "$SLURMD_NODENAME $CUDA_VISIBLE_DEVICES"'
	echo "$output"
	[[ $output =~ n[34]\ [0-9],[0-9],[0-9]$ ]]
	run run_job --xpm-spec='cpu(cores=12)' --wrap 'echo "$SLURMD_NODENAME"'
	echo "$output"
	[[ $output =~ n[3456]$ ]]
	run submit --xpm-spec='cuda(mem=90G)' --wrap true
	[[ $output == *"xpm"* ]]
}

@test "round trip: generated file, query_slurm, both, and the snapshot alone decide equally" {
	convert_live >generated.yaml
	printf 'slurm:\n  - {id: slurm, query_slurm: true}\n' >query.yaml
	{ cat generated.yaml; echo '    query_slurm: true'; } >both.yaml
	mkdir -p away && cp query.yaml away/
	"$XPM" snapshot -q -f query.yaml --gpu-models "$MODELS" -o away/snapshot.yaml
	for spec in "${SPECS[@]}"; do
		expected=$(plan generated.yaml "$spec")
		echo "$spec: $expected"
		[ -n "$expected" ]
		[ "$(plan query.yaml "$spec")" = "$expected" ]
		[ "$(plan both.yaml "$spec")" = "$expected" ]
		# no Slurm at all: commands that are not there
		sed 's|id: slurm|path: /nonexistent, id: slurm|' query.yaml >away/query.yaml
		[ "$(plan away/query.yaml "$spec")" = "$expected" ]
	done
}

@test "a partition DOWN, a MaxTime too low, a QoS not allowed: the next best, with the reason; restored: again" {
	cat >query.yaml <<-'E'
		slurm:
		  - id: q
		    query_slurm: true
		    partitions:
		      gpu: {priority: 10, qos: [gpuq]}
		      mixed: {disabled: true}
	E
	before=$(plan query.yaml 'cuda(mem=30G)*2 & duration=2h' --as games)
	[[ $before == *'"gpu"'* ]]
	for change in state=DOWN MaxTime=60 AllowQos=normal; do
		scontrol update partition=gpu "$change"
		after=$(plan query.yaml 'cuda(mem=30G)*2 & duration=2h' --as games)
		run timeout 30 "$XPM" explain -f query.yaml --as games 'cuda(mem=30G)*2 & duration=2h'
		echo "$change: $after"
		echo "$output"
		[[ $after == *'"big"'* && $after != *'"gpu"'* ]]
		case $change in
		state=DOWN) [[ $output == *"partition gpu is DOWN"* ]] ;;
		MaxTime=60) [[ $output == *"duration 2h > 1h"* || $output == *"MaxTime of partition gpu is 1h"* ]] ;;
		AllowQos=normal) [[ $output == *"partition gpu does not take QoS gpuq"* ]] ;;
		esac
		scontrol update partition=gpu state=UP MaxTime=4-0 AllowQos=ALL
		[ "$(plan query.yaml 'cuda(mem=30G)*2 & duration=2h' --as games)" = "$before" ]
	done
}

@test "a user without the account: the next account of the list, or refused with that reason" {
	printf 'slurm:\n  - {id: q, query_slurm: true, partitions: {big: {accounts: [projb, proja]}, mixed: {disabled: true}}}\n' >query.yaml
	before=$(plan query.yaml 'cuda(mem=60G)' --as games)
	[[ $before == *'"account":"projb"'* ]]
	sacctmgr -i delete user name=games where account=projb
	after=$(plan query.yaml 'cuda(mem=60G)' --as games)
	sed -i 's/, proja//' query.yaml
	run timeout 30 "$XPM" explain -f query.yaml --as games 'cuda(mem=60G)'
	sacctmgr -i add user games account=projb
	echo "$after"
	echo "$output"
	[[ $after == *'"account":"proja"'* ]]
	[ "$status" -eq 1 ]
	[[ $output == *"user games may not use account projb"* ]]
	[[ $(plan query.yaml 'cuda(mem=60G)' --as games) == *'"account":"projb"'* ]]
}

@test "snapshot: whole, with uids, 0644; what fails leaves the old file" {
	run "$XPM" snapshot -f "$XPM_CLUSTER_DIR/etc/launchers.yaml" --gpu-models "$MODELS" -o snapshot.yaml
	echo "$output"
	[ "$status" -eq 0 ]
	[ "$(stat -c %a snapshot.yaml)" = 644 ]
	[ "$(tail -n 1 snapshot.yaml)" = "complete: true" ]
	[[ $(cat snapshot.yaml) == *"games:$(id -u games)"* ]]
	before=$(stat -c '%i %Y %s' snapshot.yaml)
	SLURM_CONF=$XPM_CLUSTER_DIR/etc/nothing.conf run -4 timeout 90 "$XPM" snapshot --path /nonexistent -o snapshot.yaml
	[ "$(stat -c '%i %Y %s' snapshot.yaml)" = "$before" ]
	[ "$(ls snapshot*)" = snapshot.yaml ]
}

@test "doctor: all is well here; what is not is named, with the cure" {
	run "$XPM" doctor
	echo "$output"
	[ "$status" -eq 0 ]
	[[ $output != *FAIL* ]]
	[[ $output == *"spank_xpm.so is built for Slurm"* && $output == *"loads xpm with slurmctld's Lua"* ]]
	[[ $output == *"carried a spec through"* ]]
	echo "# empty" | cluster_put plugstack.conf
	run -4 "$XPM" doctor
	echo "$output"
	[[ $output == *"FAIL  "*"does not name spank_xpm.so"*"optional spank_xpm.so"* ]]
	[[ $output == *"sbatch does not know --xpm-spec"* ]]
	product_files
	sleep 1.1 # slurmctld reads a script anew when its time, in whole seconds, is another
	printf 'function slurm_job_submit() return 0 end\nfunction slurm_job_modify() return 0 end\nreturn 0\n' | cluster_put job_submit.lua
	run -4 "$XPM" doctor
	echo "$output"
	[[ $output == *"FAIL  "*"does not call xpm.job_submit"* && $output == *"a spec that nothing satisfies was accepted"* ]]
}

@test "check --slurm: what is not there any more" {
	convert_live | sed 's/hosts: n5/hosts: "n[5,9]"/; s/^      big:/      huge:/' >old.yaml
	run "$XPM" check --slurm old.yaml
	echo "$output"
	[[ $output == *"the cluster has no partition huge"* && $output == *"host n9 is not in the cluster"* ]]
	[[ $output == *"partition big of the cluster is not in the file"* ]]
}
