#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# The way of the text: what a user types at sbatch, srun or salloc is what job_submit.lua receives, job by job, component by
# component. Here job_submit.lua only writes down what it got.
# shellcheck disable=SC2016,SC2154 # the quoted lines are for the jobs; stderr is what bats sets

bats_require_minimum_version 1.5.0
load helpers

setup_file() {
	need_product
	chmod 1777 "$WORK"
	cluster_put job_submit.lua <<-E
		function slurm_job_submit(job_desc, part_list, uid)
		  local entries = {}
		  for _, entry in pairs(job_desc.spank_job_env or {}) do entries[#entries + 1] = entry end
		  table.sort(entries)
		  local component = job_desc.het_job_offset
		  local file = io.open("$WORK/received", "a")
		  file:write(job_desc.name, component < 1000 and "+" .. component or "", ":")
		  for _, entry in ipairs(entries) do file:write(" [", entry, "]") end
		  file:write("\n")
		  file:close()
		  return slurm.SUCCESS
		end
		function slurm_job_modify(job_desc, job_rec, part_list, uid) return slurm.SUCCESS end
		return slurm.SUCCESS
	E
	sleep 1.1 # slurmctld looks at whole seconds
	timeout 20 sbatch --test-only --wrap true 2>/dev/null # it reads the file at the next submission
}

teardown_file() {
	product_files
	sleep 1.1
}

setup() {
	need_product
	[ -f "$XPM_CLUSTER_DIR/lib/spank_xpm.so" ] || skip "no SPANK plugin"
	rm -f "$WORK/received"
	cd "$WORK" || return 1
}
teardown() { cancel_all; }

# received LINE... : exactly these arrived, in this order
received() {
	local expected
	expected=$(printf '%s\n' "$@")
	[ "$(cat "$WORK/received")" = "$expected" ] && return
	printf 'received:\n%s\nexpected:\n%s\n' "$(cat "$WORK/received")" "$expected" >&2
	return 1
}

# script NAME < LINES : a batch script
script() { { echo '#!/bin/bash'; cat; } >"$WORK/$1"; }

@test "sbatch, srun, salloc pass spec, tags and the wish for an explanation on" {
	timeout 20 sbatch -J batch --xpm-spec='cuda(mem=24G)*2' --xpm-tags=' a , b' --xpm-explain --wrap true
	timeout 20 srun -J run --xpm-spec='cpu(cores=2) | cuda()' true
	timeout 20 salloc -J alloc --xpm-tags=x --xpm-spec='cpu()' true
	received 'batch: [XPM_EXPLAIN=1] [XPM_SPEC=cuda(mem=24G)*2] [XPM_TAGS=a,b]' \
		'run: [XPM_SPEC=cpu(cores=2) | cuda()]' 'alloc: [XPM_SPEC=cpu()] [XPM_TAGS=x]'
}

@test "a job without the options carries nothing" {
	timeout 20 sbatch -J batch --wrap true
	timeout 20 srun -J run true
	timeout 20 salloc -J alloc true
	received batch: run: alloc:
}

@test "every byte of a spec arrives" {
	timeout 20 sbatch -J batch --xpm-spec=$'\t'"cuda(model=\"a;b\$c!d>e\\\\f'g#h%s\", mem=1G)"$'\n& cpu()' --wrap true
	[ "$(cat received)" = "batch: [XPM_SPEC=$(printf '\t')cuda(model=\"a;b\$c!d>e\\\\f'g#h%s\", mem=1G)
& cpu()]" ]
}

@test "#SBATCH lines count, the command line wins" {
	script one.sh <<-'S'
		#SBATCH --xpm-spec="cuda(mem=24G) & duration=2h"
		#SBATCH --xpm-tags=x
		true
	S
	timeout 20 sbatch -J script one.sh
	timeout 20 sbatch -J line --xpm-spec='cpu()' one.sh
	received 'script: [XPM_SPEC=cuda(mem=24G) & duration=2h] [XPM_TAGS=x]' 'line: [XPM_SPEC=cpu()] [XPM_TAGS=x]'
}

@test "a typo is answered on the terminal, with its place, and nothing is submitted" {
	for command in "sbatch --wrap true" "srun true" "salloc true"; do
		read -ra words <<<"$command"
		run ! --separate-stderr timeout 20 "${words[0]}" --xpm-spec='cuda(memm=24G)' "${words[@]:1}"
		[ "${stderr_lines[0]}" = "${words[0]}: error: --xpm-spec: column 6: unknown key 'memm' in cuda() (did you mean 'mem'?)" ]
		[ "${stderr_lines[1]}" = "${words[0]}: error: cuda(memm=24G)" ]
		[ "${stderr_lines[2]}" = "${words[0]}: error:      ^" ]
	done
	script bad.sh <<-'S'
		#SBATCH --xpm-spec=gup(mem=1G)
		true
	S
	run ! --separate-stderr timeout 20 sbatch bad.sh
	[[ $stderr == *"(did you mean 'gpu'?)"* ]]
	run ! --separate-stderr timeout 20 sbatch --xpm-tags=a,,b --wrap true
	[[ $stderr == *"--xpm-tags: expected TAG or TAG,TAG"* ]]
	[ ! -e received ]
}

@test "an array is one request; --test-only asks too" {
	timeout 20 sbatch -J array --array=1-3 --xpm-spec='cpu()' --wrap true
	timeout 20 sbatch -J test --test-only --xpm-spec='cpu(cores=2)' --wrap true
	received 'array: [XPM_SPEC=cpu()]' 'test: [XPM_SPEC=cpu(cores=2)]'
}

# Every way that two components can have the option or not. NAME+OFFSET is a component.
component() { # component COMMAND SPEC1 SPEC2
	local command=$1 a=(-n1) b=(-n1) job=(true)
	[ -z "$2" ] || a+=(--xpm-spec="$2")
	[ -z "$3" ] || b+=(--xpm-spec="$3")
	[ "$command" != sbatch ] || job=(--wrap true)
	timeout 30 "$command" -J het "${a[@]}" : -J het "${b[@]}" "${job[@]}"
}

@test "components of a heterogeneous job: each has its own spec, and none the one of another" {
	for command in sbatch srun salloc; do
		rm -f received
		component "$command" 'cpu()' 'cpu(cores=2)'
		component "$command" 'cpu()' 'cpu()'
		component "$command" 'cpu()' ''
		component "$command" '' 'cpu()'
		received 'het+0: [XPM_SPEC=cpu()]' 'het+1: [XPM_SPEC=cpu(cores=2)]' \
			'het+0: [XPM_SPEC=cpu()]' 'het+1: [XPM_SPEC=cpu()]' \
			'het+0: [XPM_SPEC=cpu()]' 'het+1: [XPM_SPEC=]' \
			'het+0:' 'het+1: [XPM_SPEC=cpu()]'
	done
}

@test "a hetjob script: the same, over three components" {
	script het.sh <<-'S'
		#SBATCH -p cpu --xpm-spec=cpu() --xpm-tags=a
		#SBATCH hetjob
		#SBATCH -p gpu
		#SBATCH hetjob
		#SBATCH -p gpu --xpm-spec=cpu()
		true
	S
	timeout 20 sbatch -J het het.sh
	received 'het+0: [XPM_SPEC=cpu()] [XPM_TAGS=a]' 'het+1: [XPM_SPEC=] [XPM_TAGS=]' 'het+2: [XPM_SPEC=cpu()] [XPM_TAGS=]'
}

@test "a job submitted inside of a job inherits nothing, whatever --export says" {
	script inner.sh <<-'S'
		#SBATCH --xpm-spec=cpu(cores=3)
		true
	S
	script outer.sh <<-'S'
		#SBATCH --xpm-spec=cuda(mem=24G) --xpm-tags=a --xpm-explain
		sbatch -J plain --wrap true
		sbatch -J export --export=NONE --wrap true
		sbatch -J script inner.sh
		srun -J run -N1 -n1 --overlap true
	S
	id=$(submit -J outer outer.sh)
	wait_done "$id"
	timeout 30 salloc -J alloc --xpm-spec='cuda()' sbatch -J in-alloc --wrap true
	received 'outer: [XPM_EXPLAIN=1] [XPM_SPEC=cuda(mem=24G)] [XPM_TAGS=a]' plain: export: \
		'script: [XPM_SPEC=cpu(cores=3)]' 'alloc: [XPM_SPEC=cuda()]' in-alloc:
}

@test "steps: no effect, no error, also with the option; nothing in the logs of the nodes" {
	marks=$(cat "$XPM_CLUSTER_DIR"/log/slurmd-n*.log | wc -l)
	run -0 run_job -J job --xpm-spec='cpu()' --wrap 'srun true && srun --xpm-spec="cpu(cores=2)" --xpm-explain true && echo fine'
	[ "$output" = fine ]
	run -0 timeout 20 srun -J run --xpm-spec='cpu()' --xpm-tags=a --xpm-explain true
	received 'job: [XPM_SPEC=cpu()]' 'run: [XPM_EXPLAIN=1] [XPM_SPEC=cpu()] [XPM_TAGS=a]'
	run ! sh -c "cat '$XPM_CLUSTER_DIR'/log/slurmd-n*.log | tail -n +$((marks + 1)) | grep -i spank"
}

@test "the options are in --help" {
	for command in sbatch srun salloc; do
		run -0 "$command" --help
		[[ $output == *--xpm-spec=SPEC* && $output == *--xpm-tags=TAG* && $output == *--xpm-explain* ]]
	done
}
