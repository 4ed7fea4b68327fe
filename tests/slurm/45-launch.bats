#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# libxpmlaunch with the real sbatch and the real xpm-local; a site's own spec in the real slurmctld.
load helpers

setup() {
	need_product
	LAUNCH=$XPM_BUILD/tests/api/launch
	[ -x "$LAUNCH" ] || make -s -C "$XPM_BUILD" tests/api/launch >/dev/null
	RULES=$XPM_CLUSTER_DIR/etc/launchers.yaml
	cd "$WORK" || return 1
}
teardown() { cancel_all; }

launch() { (cd "$WORK" && timeout 60 "$LAUNCH" "$@"); }

@test "submit: the job runs where the plugin sends it, with what was derived" {
	printf '#!/bin/sh\n#SBATCH -o %%j.out\necho "$SLURMD_NODENAME $CUDA_VISIBLE_DEVICES $1 $2"\n' >job.sh
	id=$(launch submit "$RULES" slurm 'cuda(mem=60G)' 'comment=two words; $HOME' time=720 -- ./job.sh "it's" 'a  b')
	[[ "$id" =~ ^[0-9]+$ ]]
	wait_done "$id"
	[[ "$(job_output "$id")" =~ ^n5\ [0-9]\ it\'s\ a\ \ b$ ]]
	[ "$(job_field "$id" TimeLimit)" = 00:12:00 ]
	[[ "$(job_record "$id")" == *'Comment=two words; $HOME'* ]]
	plugin=$(submit --xpm-spec='cuda(mem=60G)' --wrap true)
	for name in Partition QOS Account Features TresPerNode; do
		[ "$(job_field "$id" $name)" = "$(job_field "$plugin" $name)" ]
	done
}

@test "submit: a command, its words kept as they are" {
	id=$(launch submit "$RULES" - 'cpu(cores=2)' -- -c printf '<%s>' "a 'b'" '$HOME' '' '*' 'back\slash')
	wait_done "$id"
	[ "$(cat "$WORK/slurm-$id.out")" = "<a 'b'><\$HOME><><*><back\\slash>" ]
	[ "$(job_field "$id" NumCPUs)" -ge 2 ]
}

@test "submit: what sbatch refuses, it is quoted with" {
	run launch submit "$RULES" slurm 'cuda()' reservation=nosuch -- -c true
	[ "$status" = 110 ]
	[[ "$output" == *"sbatch ended with status 1"*"reservation"* ]]
	run launch submit "$RULES" slurm 'cuda()' -- ./no-such-script
	[ "$status" = 110 ]
	[[ "$output" == *"no-such-script"* ]]
	run launch submit "$RULES" slurm 'cuda()*2' gpus_per_node=1 -- -c true
	[ "$status" = 109 ]
	[[ "$output" == *"--gres=gpu:2"*"--gpus-per-node=1"* ]]
	run launch run "$RULES" slurm 'cuda()' -- -c true
	[[ "$status" = 104 && "$output" == *"submit it"* ]]
}

@test "submit: what the launcher's path says comes before PATH" {
	sed 's|^    connector: local|    path: /nonexistent|' "$RULES" >rules.yaml
	run launch submit "$WORK/rules.yaml" slurm 'cuda()' -- -c true
	[[ "$status" = 110 && "$output" == *"/nonexistent/sbatch cannot be run: No such file"* ]]
	sed "s|^    connector: local|    path: $(dirname "$(command -v sbatch)")|" "$RULES" >rules.yaml
	mkdir -p other && printf '#!/bin/sh\nexit 9\n' >other/sbatch && chmod +x other/sbatch
	id=$(PATH=$WORK/other:$PATH launch submit "$WORK/rules.yaml" slurm 'cuda()' -- -c true)
	wait_done "$id"
}

local_setup() {
	[ -x "$XPM_BUILD/xpm-local" ] || skip "xpm-local is not built"
	rm -rf "$WORK/launch" && mkdir -p "$WORK/launch/shim"
	ln -s "$XPM_BUILD/local/shim/srun" "$WORK/launch/shim/srun"
	ln -s "$XPM_BUILD/local/topology" "$WORK/launch/topology"
	printf 'local:\n- id: here\n  tags: [desk]\n  cpu: {cores: 4}\n  gpu: [{count: 2, memory: 16GiB}]\n' >"$WORK/launch/rules.yaml"
	export PATH=$XPM_BUILD:$PATH XPM_LEDGER=$WORK/launch/ledger XPM_SHIM_DIR=$WORK/launch/shim HWLOC_SYNTHETIC="core:8 pu:1"
	unset CUDA_VISIBLE_DEVICES
}

@test "run: a local launcher runs through xpm-local, with its input, output and status" {
	local_setup
	run launch run "$WORK/launch/rules.yaml" desk,other 'cuda(mem=8G)*2 & cpu(cores=2)' -- -c \
		sh -c 'echo "$CUDA_VISIBLE_DEVICES $SLURM_CPUS_PER_TASK $1"; exit 5' sh "a  'b'"
	[ "$status" = 5 ]
	[ "$output" = "0,1 2 a  'b'" ]
	[ "$(echo in | launch run "$WORK/launch/rules.yaml" - '' -- -c cat)" = in ]
	run launch run "$WORK/launch/rules.yaml" - 'cuda()*2' -- -c sh -c 'kill -9 $$'
	[ "$status" = 137 ]
}

@test "submit: a local launcher goes to the background, with an id" {
	local_setup
	printf '#!/bin/sh\n#SBATCH -o out\nsleep 1; echo "$CUDA_VISIBLE_DEVICES"\n' >"$WORK/launch/job.sh"
	cd "$WORK/launch"
	id=$(timeout 60 "$LAUNCH" submit rules.yaml desk 'cuda()' -- ./job.sh)
	[[ "$id" =~ ^[0-9]+$ ]]
	xpm-local --list | grep -q "^ *$id "
	timeout 30 xpm-local --wait-for "$id"
	[[ "$(cat out)" =~ ^[01]$ ]]
}

@test "slurmctld: a site builds the spec from a comment" {
	sed -n '/^local xpm/,$p' "$XPM_CLUSTER_DIR/etc/job_submit.lua" >before
	[ -s before ]
	{
		sed '/^function slurm_job_submit/,/^end/d; /^return/d' "$XPM_CLUSTER_DIR/etc/job_submit.lua"
		cat <<-'LUA'
			function slurm_job_submit(job_desc, part_list, submit_uid)
				local gpus, mem = (job_desc.comment or ""):match("gpus=(%d+) mem=(%w+)")
				local options
				if gpus then options = { spec = xpm.all(xpm.cuda_gpu { mem = mem } * tonumber(gpus), "cpu(cores=2)") } end
				return xpm.job_submit(job_desc, part_list, submit_uid, options)
			end
			function slurm_job_modify() return slurm.SUCCESS end
			return slurm.SUCCESS
		LUA
	} >site.lua
	cluster_put job_submit.lua <site.lua
	restart_ctld
	run submit --comment='please gpus=1 mem=60G' --wrap true
	first=$output
	run submit --comment='please gpus=1 mem=60' --wrap true
	second=$output
	run submit --xpm-spec='cpu()' --comment='please gpus=1 mem=60G' --wrap true
	third=$output
	run submit --comment='nothing of the kind' --wrap true
	fourth=$output
	product_files
	restart_ctld
	[[ "$first" == *"cuda(mem=60G) & cpu(cores=2) -> partition big"* ]]
	[[ "$second" == *"did you mean '60G'"* && "$second" != *[0-9][0-9]$'\n' ]]
	[[ "$third" == *"cpu(cores=1) -> "* ]]
	[[ "$fourth" =~ ^[0-9]+$ ]]
}
