#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# xpm find on a cluster that has neither the plugin nor the module.
load helpers

setup() {
	need_product
	need_dbd
	cluster_put plugstack.conf </dev/null
	printf '%s\n' 'function slurm_job_submit() return slurm.SUCCESS end' \
		'function slurm_job_modify() return slurm.SUCCESS end' 'return slurm.SUCCESS' | cluster_put job_submit.lua
	restart_ctld
}
teardown() {
	cancel_all
	product_files
	restart_ctld
}

words() { "$XPM_BUILD/xpm" find -f "$XPM_CLUSTER_DIR/etc/launchers.yaml" --kind slurm --format sbatch "$1"; }

@test "sbatch \$(xpm find --format sbatch SPEC): the job runs where the plugin would have sent it" {
	run submit --xpm-spec='cuda()' --wrap true
	[[ "$output" == *"unrecognized option"* ]]
	# one that needs a constraint, one with cores, memory and time
	for spec in 'cuda(mem=60G)' 'cuda(model=v100)*3 & cpu(cores=4, mem=2G) & duration=20min'; do
		# shellcheck disable=SC2046 # words are what it is for
		id=$(submit $(words "$spec") --wrap 'echo "$SLURMD_NODENAME $CUDA_VISIBLE_DEVICES"')
		[ -n "$id" ]
		wait_done "$id"
		case $spec in
		*60G*) [[ "$(job_output "$id")" =~ ^n5\ [0-9]$ ]] ;;
		*) [[ "$(job_output "$id")" =~ ^n3\ [0-9],[0-9],[0-9]$ ]] && [ "$(job_field "$id" TimeLimit)" = 00:20:00 ] ;;
		esac
	done
}
