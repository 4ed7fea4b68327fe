#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# launchers.yaml while slurmctld runs: edited, spoiled, missing; and a module that fails closed.
load helpers

setup() {
	need_product
	need_dbd
	product_files
	log_mark
}
teardown() {
	cancel_all
	product_files
}

# One GPU class for all, and the memory that it is said to have.
rules() {
	cat <<-E
		slurm:
		  - id: $1
		    partitions:
		      gpu:
		        accounts: proja
		        nodes:
		          - { hosts: 'n[3,4,6]', configuration: { gpu: { count: 2, memory: $2 } } }
	E
}

gres_of() { job_field "$1" TresPerNode; }

@test "an edited launchers.yaml decides about the next job" {
	rules first 20G | cluster_put launchers.yaml
	id=$(submit --hold --xpm-spec='cuda(mem=20G)' --wrap true)
	[[ "$(job_field "$id" AdminComment)" == *launcher=first* ]]
	run submit --hold --xpm-spec='cuda(mem=30G)' --wrap true
	[[ "$output" == *"20G"* ]]
	rules second 30G | cluster_put launchers.yaml
	id=$(submit --hold --xpm-spec='cuda(mem=30G)' --wrap true)
	[[ "$(job_field "$id" AdminComment)" == *launcher=second* ]]
}

@test "edited to garbage: the old rules go on, the log has one error with its place" {
	rules good 20G | cluster_put launchers.yaml
	id=$(submit --hold --xpm-spec='cuda(mem=20G)' --wrap true)
	[ -n "$(gres_of "$id")" ]
	log_mark
	printf 'slurm:\n  - id: x\n    partitons: {}\n' | cluster_put launchers.yaml
	for _ in 1 2 3; do
		id=$(submit --hold --xpm-spec='cuda(mem=20G)' --wrap true)
		[[ "$(job_field "$id" AdminComment)" == *launcher=good* ]]
	done
	wait_log 'launchers.yaml:3:5'
	log_since_mark
	[ "$(log_since_mark | grep -c 'launchers.yaml:3:5')" -eq 1 ]
	[[ "$(log_since_mark | grep 'launchers.yaml:3:5')" == *partitions* ]]
}

@test "missing from the start: a spec is refused with the reason, other jobs are untouched" {
	rm -f "$XPM_CLUSTER_DIR/etc/launchers.yaml"
	restart_ctld
	run submit --hold --xpm-spec='cuda(mem=20G)' --wrap true
	echo "$output"
	[[ "$output" == *launchers.yaml* ]]
	[[ "$output" == *error* ]]
	id=$(submit --hold --wrap true)
	[ -n "$id" ]
	[ "$(job_field "$id" Partition)" = cpu ]
	rules late 20G | cluster_put launchers.yaml
	id=$(submit --hold --xpm-spec='cuda(mem=20G)' --wrap true)
	[[ "$(job_field "$id" AdminComment)" == *launcher=late* ]]
}

@test "a file that anybody may write is refused, and the old rules go on" {
	rules good 20G | cluster_put launchers.yaml
	id=$(submit --hold --xpm-spec='cuda(mem=20G)' --wrap true)
	log_mark
	rules evil 200G | cluster_put launchers.yaml
	chmod 666 "$XPM_CLUSTER_DIR/etc/launchers.yaml"
	touch "$XPM_CLUSTER_DIR/etc/launchers.yaml"
	run submit --hold --xpm-spec='cuda(mem=200G)' --wrap true
	echo "$output"
	[[ "$output" == *error* ]]
	id=$(submit --hold --xpm-spec='cuda(mem=20G)' --wrap true)
	[[ "$(job_field "$id" AdminComment)" == *launcher=good* ]]
}

@test "errors raised under the module: refused, never half rewritten" {
	# job_desc stands between: the n-th look-up or write raises
	cat >"$BATS_TEST_TMPDIR/job_submit.lua" <<-E
		package.cpath = "$XPM_CLUSTER_DIR/lib/?.so;" .. package.cpath
		local xpm = require "xpm"
		xpm.setup { launchers = "$XPM_CLUSTER_DIR/etc/launchers.yaml" }
		local function hurdle(job, reads, writes)
			local r, w = 0, 0
			return setmetatable({}, {
				__index = function(_, k)
					r = r + 1
					if r == reads then error("read " .. k) end
					return job[k]
				end,
				__newindex = function(_, k, v)
					w = w + 1
					if w == writes then error("write " .. k) end
					job[k] = v
				end })
		end
		function slurm_job_submit(job, parts, uid)
			local what, n = string.match(job.name or "", "^(%a+)(%d+)$")
			n = tonumber(n)
			return xpm.job_submit(hurdle(job, what == "read" and n or -1, what == "write" and n or -1), parts, uid)
		end
		function slurm_job_modify() return slurm.SUCCESS end
		return slurm.SUCCESS
	E
	cluster_put job_submit.lua <"$BATS_TEST_TMPDIR/job_submit.lua"
	restart_ctld
	for what in read write; do
		refused=0
		for n in 1 2 3 4 5 6 7 8 9 12 15 20 30; do
			run submit --hold -J "$what$n" --xpm-spec='cuda(model=v100)*2 & cpu(cores=2, mem=2G) & duration=10m' --wrap true
			if [[ "${lines[-1]}" =~ ^[0-9]+$ ]]; then
				# so many were not needed: then the job is whole
				id=${lines[-1]}
				[[ "$(gres_of "$id")" =~ gpu:2$ ]]
				[ "$(job_field "$id" TimeLimit)" = 00:10:00 ]
				[ "$(job_field "$id" CPUs/Task)" = 2 ]
			else
				refused=$((refused + 1))
				[[ "$output" == *error* ]]
			fi
		done
		[ "$refused" -ge 4 ]
	done
	restart_ctld
}

@test "beside a site's own rules: both apply" {
	cat >"$BATS_TEST_TMPDIR/job_submit.lua" <<-E
		package.cpath = "$XPM_CLUSTER_DIR/lib/?.so;" .. package.cpath
		local xpm = require "xpm"
		xpm.setup { launchers = "$XPM_CLUSTER_DIR/etc/launchers.yaml" }
		function slurm_job_submit(job, parts, uid)
			local code = xpm.job_submit(job, parts, uid)
			if code ~= slurm.SUCCESS then return code end
			job.comment = "site was here"
			return slurm.SUCCESS
		end
		function slurm_job_modify() return slurm.SUCCESS end
		return slurm.SUCCESS
	E
	cluster_put job_submit.lua <"$BATS_TEST_TMPDIR/job_submit.lua"
	restart_ctld
	id=$(submit --hold --xpm-spec='cuda(model=v100)*2' --wrap true)
	[[ "$(gres_of "$id")" =~ gpu:2$ ]]
	[ "$(job_field "$id" Comment)" = "site was here" ]
	product_files
	restart_ctld
}
