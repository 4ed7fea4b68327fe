#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# convert and snapshot without a Slurm: its commands are played by scripts that print what a real one did.

bats_require_minimum_version 1.5.0
load helpers

setup() {
	setup_xpm
	cd "$BATS_TEST_TMPDIR" || return 1
	SAMPLE=$DATA/scontrol/slurm-22.05-oneliner
	MODELS=$ROOT/etc/gpu-models.yaml
	mkdir bin
	cat >bin/scontrol <<-E
		#!/bin/sh
		case "\$*" in
		*config*) printf 'AccountingStorageEnforce = associations,qos\nClusterName = xpm\nSLURM_VERSION = 22.05.8\n' ;;
		*partitions*) cat $SAMPLE/partitions ;;
		*) cat $SAMPLE/input ;;
		esac
	E
	cat >bin/sacctmgr <<-'E'
		#!/bin/sh
		case "$*" in
		*assoc*) printf 'xpm|proja|root||normal,long|normal\nxpm|projb|ann||normal|\n' ;;
		*user*) printf 'root|proja\nann|projb\n' ;;
		*) printf 'normal|0||\nlong|0|7-00:00:00|\n' ;;
		esac
	E
	chmod +x bin/*
	printf 'slurm: [{id: q, path: %s/bin, query_slurm: true}]\n' "$PWD" >launchers.yaml
	TAKE=("$XPM" snapshot -f launchers.yaml --gpu-models "$MODELS")
}

# a command that plays otherwise
play() { printf '#!/bin/sh\n%s\n' "$2" >"bin/$1" && chmod +x "bin/$1"; }

@test "convert: standard input, a file, and what is wrong with them" {
	"$XPM" convert --gpu-models "$MODELS" <"$SAMPLE/input" >a.yaml
	"$XPM" convert --gpu-models "$MODELS" "$SAMPLE/input" >b.yaml
	cmp a.yaml b.yaml
	"$XPM" check a.yaml
	# shellcheck disable=SC2238 # a file of that name
	head -c 1000 "$SAMPLE/input" >cut
	run "$XPM" convert --gpu-models "$MODELS" cut
	[ "$status" -eq 2 ]
	[[ $output == *"cut:2:1: error: the input is cut off"* ]]
	run -4 "$XPM" convert /nonexistent
	run -2 "$XPM" convert --partitions - <"$SAMPLE/partitions"
	run -2 "$XPM" convert --nonsense
	run -2 "$XPM" convert a b
}

@test "convert writes nothing when it fails" {
	run --separate-stderr "$XPM" convert --gpu-models "$MODELS" <<<"slurm_load_node error: Unable to contact slurm controller"
	[ "$status" -eq 2 ]
	[ -z "$output" ]
}

@test "convert --no-hosts: counts in place of names" {
	run -0 "$XPM" convert --no-hosts --gpu-models "$MODELS" "$SAMPLE/input"
	[[ $output == *"count: 1"* && $output != *"hosts:"* ]]
}

@test "snapshot: beside launchers.yaml, 0644 less the umask, with names and uids" {
	run -0 "${TAKE[@]}"
	[ "$(stat -c %a snapshot.yaml)" = 644 ]
	grep -q 'root:0' snapshot.yaml
	(umask 077 && "${TAKE[@]}" -q)
	[ "$(stat -c %a snapshot.yaml)" = 600 ]
	run -0 "${TAKE[@]}" -q -o -
	[[ $output == *"complete: true" ]]
}

@test "snapshot: every failure keeps the old file, leaves nothing behind, and is status 4" {
	"${TAKE[@]}" -q
	before=$(stat -c '%i %Y %s' snapshot.yaml)
	while IFS='|' read -r command body; do
		cp "bin/$command" saved
		play "$command" "$body"
		run "${TAKE[@]}"
		echo "$command: $body: $status $output"
		[ "$status" -eq 4 ]
		[ "$(stat -c '%i %Y %s' snapshot.yaml)" = "$before" ]
		mv saved "bin/$command"
	done <<-'E'
		scontrol|exit 1
		scontrol|echo 'slurm_load_node error' >&2; exit 1
		scontrol|kill -9 $$
		scontrol|echo nonsense
		scontrol|true
		sacctmgr|exit 1
		sacctmgr|echo 'one|two'
		sacctmgr|printf 'normal|0|'
		sacctmgr|yes nonsense | head -n 5; exit 3
	E
	run -4 "${TAKE[@]}" -o /nonexistent/snapshot.yaml
	[ "$(echo snapshot*)" = snapshot.yaml ]
}

@test "snapshot: output that ends early is not taken, whatever the exit status" {
	play scontrol "case \"\$*\" in *config*) printf 'AccountingStorageEnforce=none\nClusterName=x\nSLURM_VERSION=22.05.8\n';; *partitions*) cat $SAMPLE/partitions;; *) head -c 1000 $SAMPLE/input;; esac"
	run -4 "${TAKE[@]}"
	[[ $output == *"cut off"* ]]
	[ ! -e snapshot.yaml ]
}

@test "query_slurm: the live cluster, else the snapshot with a note, else what the file says" {
	run -0 "$XPM" find -f launchers.yaml 'cuda(model=v100)'
	[[ $output == *"gpu"* ]]
	"${TAKE[@]}" -q
	play scontrol "exit 1"
	run -0 "$XPM" find -f launchers.yaml 'cuda(model=v100)'
	[[ $output == *"does not answer"*"snapshot.yaml"* ]]
	run -0 "$XPM" find -f launchers.yaml --as root 'cpu()'
	run -1 "$XPM" find -f launchers.yaml --as nobody-knows 'cpu()'
	rm snapshot.yaml
	run -1 "$XPM" find -f launchers.yaml 'cuda(model=v100)'
	[[ $output == *"nor is there a snapshot"* ]]
	run -4 "$XPM" find -f launchers.yaml --as root 'cpu()'
}

@test "doctor without a Slurm: everything is said, nothing hangs" {
	play scontrol "exit 1"
	run -4 "$XPM" doctor -f launchers.yaml
	[[ $output == *"FAIL  the cluster does not answer"* ]]
	[[ $output == *"FAIL  "*"snapshot.yaml"*"xpm snapshot writes one"* ]]
}

@test "check --slurm: what is found stands at its line, and a silent Slurm does not hide what the file says" {
	printf 'slurm:\n  - path: %s/bin\n    partitions:\n      gone: {nodes: [{hosts: [n1, n1]}]}\n' "$PWD" >launchers.yaml
	run -0 "$XPM" check --slurm launchers.yaml
	[[ $output == *"launchers.yaml:4:7: warning: the cluster has no partition gone
      gone: {nodes: [{hosts: [n1, n1]}]}
      ^"* ]]
	play scontrol "exit 1"
	run --separate-stderr -4 "$XPM" check --slurm launchers.yaml
	[[ $output == *"host 'n1' is in partition 'gone' already"*"0 errors, 1 warning, 0 notes in launchers.yaml" ]]
	[ -n "$stderr" ]
	run --separate-stderr -4 "$XPM" check --slurm --format json launchers.yaml
	[[ $output == *'"warnings":1'* || $output == *'"warnings": 1'* ]]
}
