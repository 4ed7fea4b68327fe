#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# What the user types beside the spec, a line each: accepted, and the job runs on a right node; or refused with both values.
bats_require_minimum_version 1.5.0
load helpers

setup() {
	need_product
	need_dbd
	product_files
}
teardown() { cancel_all; }

# SPEC ; OPTIONS ; what becomes of it:
#   = NODES GPUS [FIELD=VALUE]...   accepted: the nodes it runs on (each matches the pattern), how many devices it sees there
#                                   ("-" none, "+" at least as many as asked for), and what scontrol shows
#   ! WORD...                       refused, and all these words are said ("~" is a blank)
# S is cuda(mem=24G)*2.
table() {
	cat <<-'E'
		S ; --nodes=1 ; = n[3456] 2
		S ; -N 2 ; = n[3456] 2 NumNodes=2
		S ; -n 2 ; = n[3456] 2 NumTasks=2
		S ; -N 2 -n 4 ; = n[3456] 2 NumNodes=2 NumTasks=4
		S ; --ntasks-per-node=2 ; = n[3456] 2
		S ; --exclusive ; = n[3456] +
		S ; --gres=gpu:2 ; = n[3456] 2
		S ; --gres=gpu:1 ; ! gpu:2 1~GPU
		S ; --gres=gpu ; ! gpu:2 1~GPU
		S ; --gres=gpu:v100:2 ; = n3 2
		S ; --gres=gpu:a100:2 ; = n4 2
		S ; --gres=gpu:rtx3090:2 ; = n6 2
		S ; --gres=gpu:v100:3 ; ! 2 3
		S ; --gres=gpu:t4:2 ; ! t4
		S ; --gpus=2 ; = n[3456] 2
		S ; -N 2 --gpus=4 ; = n[3456] 2 NumNodes=2
		S ; --gpus=3 ; ! gpu:2 3
		S ; -N 1 --gpus=v100:2 ; = n3 2
		S ; --gpus=v100:2 ; ! --gpus=v100:2 --gres
		S ; --gpus-per-node=2 ; = n[3456] 2
		S ; --gpus-per-node=v100:2 ; = n3 2
		S ; --gpus-per-node=1 ; ! gpu:2 1~GPU
		S ; -n 2 --gpus-per-task=1 ; ! per~task spec
		S ; --cpus-per-gpu=2 ; ! --cpus-per-gpu cores
		S ; --gpus=2 --mem-per-gpu=1G ; ! --mem-per-gpu mem
		S ; -C v100 ; = n3 2
		S ; -C a100&GPU4 ; = n4 2
		S ; -C v100|rtx ; = n[36] 2
		S ; -C intel ; ! intel
		S ; -C [v100*1] ; = n3 2
		S ; -C [intel*1] ; ! intel
		S ; -x n3 ; = n[456] 2
		S ; -x n[3-5] ; = n6 2
		S ; -w n6 ; = n6 2
		S ; -w n1 ; ! n1
		S ; -w n1,n6 ; ! n1
		S ; -N 2 -w n3,n4 ; = n[34] 2
		S ; -w n6 -x n6 ; ! n6
		S ; -C v100 -x n3 ; ! v100 n3
		S ; -p gpu ; = n[346] 2 QOS=short
		S ; -p cpu,gpu ; = n[346] 2
		S ; -p big ; ! 24G 40G partition~big
		S ; -p nowhere ; ! nowhere
		S ; --qos=long ; = n[346] 2 QOS=long
		S ; --qos=gpuq ; ! gpuq
		S ; -A projb ; ! projb
		cuda(mem=60G) ; -A projb ; = n5 1 Account=projb
		S ; -t 90 ; = n[3456] 2 TimeLimit=01:30:00
		S ; -t 10-0 ; ! 10d 4d
		S & duration=1h ; -t 60 ; = n[3456] 2 TimeLimit=01:00:00
		S & duration=1h ; -t 30 ; ! 01:00:00 00:30:00
		cpu(mem=4G) ; --mem=3815M ; = n[1-6] - MinMemoryNode=3815M
		cpu(mem=4G) ; --mem=2G ; ! 3815M 2048M
		cpu(cores=2, mem=4GiB) ; --mem-per-cpu=2G ; = n[1-6] - MinMemoryCPU=2G
		cpu(cores=2, mem=4GiB) ; --mem-per-cpu=1G ; ! 4096M 1024M
		cpu(cores=2) ; --mem=1G ; = n[1-6] - MinMemoryNode=1G CPUs/Task=2
		cpu(cores=4) ; -c 4 ; = n[1-6] - CPUs/Task=4
		cpu(cores=4) ; -c 2 ; ! cpus-per-task=4 cpus-per-task=2
		cpu(cores=4) ; -n 2 ; = n[1-6] - CPUs/Task=4 NumTasks=2
		cpu() ; --gres=gpu:1 ; ! 1~GPU gpu()
		S ; --mem=0 ; = n[3456] 2
		S ; --array=0 --mem=100M ; = n[3456] 2
	E
}

each_row() { # each_row FUNCTION : SPEC, OPTIONS and the words of the outcome
	local spec options outcome
	while IFS=';' read -r spec options outcome; do
		spec=${spec/#S/cuda(mem=24G)*2}
		spec=${spec% }
		# shellcheck disable=SC2086 # words
		set -f && "$1" "$spec" "$options" $outcome && set +f
	done < <(table)
}

# What is wrong goes to $WORK/wrong; the accepted jobs to $WORK/started.
send() {
	local spec=$1 options=$2 kind=$3 said id status=0
	shift 3
	# shellcheck disable=SC2086 # words
	said=$(submit --xpm-spec="$spec" $options \
		--wrap 'echo "$(scontrol show hostnames | tr "\n" " ");${CUDA_VISIBLE_DEVICES:-}"' 2>&1) || status=$?
	id=$(grep -oE '^[0-9]+$' <<<"$said") || id=
	if [ "$kind" = = ]; then
		echo "$id;$spec $options;$*;$said" | tr '\n' ' ' >>"$WORK/started"
		echo >>"$WORK/started"
		return 0
	fi
	[ -z "$id" ] || echo "$spec $options: accepted as $id" >>"$WORK/wrong"
	for word; do
		[[ $said == *"${word//\~/ }"* ]] || echo "$spec $options: no '$word' in: $said" >>"$WORK/wrong"
	done
}

check_job() { # check_job ID ROW NODES GPUS FIELDS...
	local id=$1 row=$2 pattern=$3 gpus=$4 nodes devices node count=0 field
	shift 4
	wait_done "$id" 90 2>>"$WORK/wrong" || { echo "$row: did not end: $(job_field "$id" Reason)" >>"$WORK/wrong"; return 0; }
	IFS=';' read -r nodes devices <"$WORK/$id.out"
	[ -n "$nodes" ] || echo "$row: ran nowhere" >>"$WORK/wrong"
	for node in $nodes; do
		# shellcheck disable=SC2053 # a pattern
		[[ $node == $pattern ]] || echo "$row: ran on $nodes" >>"$WORK/wrong"
	done
	[ -z "$devices" ] || count=$(tr ',' '\n' <<<"$devices" | wc -l)
	case $gpus in
	-) [ "$count" -eq 0 ] ;;
	+) [ "$count" -ge 2 ] ;;
	*) [ "$count" -eq "$gpus" ] ;;
	esac || echo "$row: saw $count devices" >>"$WORK/wrong"
	for field; do
		[ "$(job_field "$id" "${field%%=*}")" = "${field#*=}" ] ||
			echo "$row: ${field%%=*} is $(job_field "$id" "${field%%=*}"), not ${field#*=}" >>"$WORK/wrong"
	done
}

@test "every line of the table is accepted and runs on a right node, or is refused with both values" {
	rm -f "$WORK/wrong" "$WORK/started"
	touch "$WORK/wrong" "$WORK/started"
	[ "$(table | wc -l)" -ge 40 ]
	each_row send
	while IFS=';' read -r id row outcome said; do
		if [ -z "$id" ]; then
			echo "$row: refused: $said" >>"$WORK/wrong"
			continue
		fi
		# shellcheck disable=SC2086 # words
		set -f && check_job "$id" "$row" $outcome && set +f
	done <"$WORK/started"
	cat "$WORK/wrong"
	[ "$(table | wc -l)" -eq "$(($(wc -l <"$WORK/started") + $(table | grep -c '; !')))" ]
	[ ! -s "$WORK/wrong" ]
}
