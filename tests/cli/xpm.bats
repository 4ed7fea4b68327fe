#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# The command as a user meets it; what find and explain print is in golden.sh.

load helpers

setup() {
	setup_xpm
	cd "$BATS_TEST_TMPDIR" || return 1
	cp "$DATA"/explain/*.yaml .
}

@test "no command: the overview, as an error" {
	run "$XPM"
	[ "$status" -eq 2 ]
	[[ $output == *"find"*"explain"*"check"* ]]
}

@test "version and help" {
	run "$XPM" --version
	[ "$status" -eq 0 ]
	[[ $output == "xpm (slurm-xpm) "* ]]
	run "$XPM" help
	[ "$status" -eq 0 ]
	for command in find explain check; do
		run "$XPM" help $command
		[ "$status" -eq 0 ]
		[[ $output == *"Usage: "*"xpm $command"*"Exit status"* ]]
		with=$("$XPM" $command --help)
		[ "$with" = "$output" ]
	done
	run "$XPM" help nonsense
	[ "$status" -eq 2 ]
	run "$XPM" nonsense
	[ "$status" -eq 2 ]
}

@test "help fits 90 columns" {
	for command in '' find explain check; do
		"$XPM" help $command | awk 'length > 90 { print; bad = 1 } END { exit bad }'
	done
}

@test "search path: variable, XDG, home, and what is said without any" {
	run "$XPM" find 'cpu()'
	[ "$status" -eq 3 ]
	[[ $output == *"$HOME/.config/experimaestro/launchers.yaml"* ]]
	mkdir -p .config/experimaestro xdg/xpm
	cp local.yaml .config/experimaestro/launchers.yaml
	run "$XPM" find 'cpu()'
	[[ $output == *"local launcher light"* ]]
	cp mixed.yaml xdg/xpm/launchers.yaml
	XDG_CONFIG_HOME=$PWD/xdg run "$XPM" find 'cpu()'
	[[ $output == *"slurm launcher mixed"* ]]
	XPM_LAUNCHERS=site.yaml XDG_CONFIG_HOME=$PWD/xdg run "$XPM" find 'cpu()'
	[[ $output == *"slurm launcher site"* ]]
	XPM_LAUNCHERS=site.yaml run "$XPM" find -f leak.yaml 'cpu()'
	[[ $output == *"slurm launcher leaky"* ]]
	XPM_LAUNCHERS=missing.yaml run "$XPM" find 'cpu()'
	[ "$status" -eq 3 ]
	[[ $output == *missing.yaml* ]]
}

@test "a file with errors: all of them, status 3" {
	printf 'slurm:\n  - weigth: 3\n    partitions: 7\n' >bad.yaml
	run "$XPM" find -f bad.yaml 'cpu()'
	[ "$status" -eq 3 ]
	[[ $output == *"bad.yaml:2:5: error: "*"did you mean 'weight'"*"bad.yaml:3:17: error: "* ]]
}

@test "sbatch: the words survive a shell, globs and all" {
	touch -- h3 h4 GPU2 --exclude=h3
	cat >sbatch <<-'END'
		#!/bin/sh
		printf '<%s>\n' "$@"
	END
	chmod +x sbatch
	run sh -c "./sbatch \$(\"$XPM\" find -f leak.yaml -p c --format sbatch 'cuda(mem=30G)') job.sh"
	[ "$output" = $'<--partition=c>\n<--gres=gpu:1>\n<--exclude=h3,h4,h5>\n<job.sh>' ]
	run bash -O extglob -O failglob -c "./sbatch \$(\"$XPM\" find -f many.yaml --format sbatch 'cuda(mem=24G)*3 & cpu(cores=32) & duration=5d') job.sh"
	[ "$status" -eq 0 ]
	[[ $output == *"<--constraint=f8|f13|f23|f28>"* ]]
}

@test "sbatch: a failed find hands over a word that sbatch refuses" {
	run sh -c "\"$XPM\" find -f example.yaml --format sbatch 'cuda(mem=80G)' 2>/dev/null"
	[ "$output" = --xpm-find-failed ]
	run sh -c "\"$XPM\" find -f none.yaml --format sbatch 'cuda()' 2>/dev/null"
	[ "$output" = --xpm-find-failed ]
}

@test "the command in a refusal shows the whole, when pasted" {
	run "$XPM" find -f example.yaml --kind=slurm -t 3h 'cuda(mem=80G, model="it is")'
	[ "$status" -eq 1 ]
	[ "${#lines[@]}" -le 5 ]
	line=${lines[-1]#xpm: see all: xpm }
	[ "$line" != "${lines[-1]}" ]
	run sh -c "\"$XPM\" $line"
	[ "$status" -eq 1 ]
	[[ $output == *"No launcher satisfies this."* ]]
}

@test "colour: on a terminal only, and not with NO_COLOR" {
	explain="'$XPM' explain -f example.yaml 'cuda(mem=24G)'"
	[[ $(sh -c "$explain") != *$'\033'* ]]
	command -v script >/dev/null || skip "no script(1)"
	[[ $(TERM=xterm script -qec "$explain" /dev/null) == *$'\033[32m'* ]]
	[[ $(TERM=xterm NO_COLOR=1 script -qec "$explain" /dev/null) != *$'\033'* ]]
	[[ $(TERM=dumb script -qec "$explain" /dev/null) != *$'\033'* ]]
}

@test "explain keeps to the width of the screen, and uses more if there is more" {
	for columns in 60 80 100 132 200; do
		for file in example mixed site many leak; do
			COLUMNS=$columns "$XPM" explain -f $file.yaml 'cuda(mem=70G)*5 & cpu(cores=3)' |
				awk -v most=$columns 'length > most { print FILENAME ": " $0; bad = 1 } END { exit bad }'
		done
	done
	narrow=$(COLUMNS=80 "$XPM" explain -f example.yaml 'cuda(mem=80G)' | wc -l)
	wide=$(COLUMNS=160 "$XPM" explain -f example.yaml 'cuda(mem=80G)' | wc -l)
	[ "$wide" -lt "$narrow" ]
}

@test "a closed pipe and a full disk are errors, not silence" {
	[ -e /dev/full ] || skip "no /dev/full"
	run sh -c "\"$XPM\" explain -f example.yaml 'cuda()' >/dev/full"
	[ "$status" -eq 4 ]
	run sh -c "\"$XPM\" find --format json -f example.yaml 'cuda()' >/dev/full"
	[ "$status" -eq 4 ]
}

@test "check: statuses" {
	run "$XPM" check mixed.yaml
	[ "$status" -eq 0 ]
	printf 'local:\n  - cpu: {cores: 4}\ntokens: {a: {count: 1}}\n' >warn.yaml
	run "$XPM" check warn.yaml
	[ "$status" -eq 0 ]
	[[ $output == *"warn.yaml:3:10: warning: no launcher takes token 'a'"* ]]
	run "$XPM" check --werror warn.yaml
	[ "$status" -eq 3 ]
	run "$XPM" check --werror example.yaml
	[ "$status" -eq 0 ]
	run "$XPM" check missing.yaml
	[ "$status" -eq 3 ]
	run "$XPM" check a b
	[ "$status" -eq 2 ]
}

@test "a warning counts and is shown, whatever number of notes stands before it" {
	{
		echo 'local: [{tokens: {'
		for i in $(seq 211); do echo "  t$i: 1,"; done
		echo '}}]'
		echo 'tokens: {unused: {count: 1}}'
	} >many.yaml
	run "$XPM" check --werror many.yaml
	[ "$status" -eq 3 ]
	[[ $output == *"many.yaml:214:10: warning: no launcher takes token 'unused'"* ]]
	[[ $output == *"and 12 more"$'\n'"0 errors, 1 warning, 211 notes in many.yaml" ]]
}

@test "check: json" {
	printf 'slurm:\n  - weigth: 3\n' >bad.yaml
	run "$XPM" check --format json bad.yaml
	[ "$status" -eq 3 ]
	[[ $output == *'"errors":1,"warnings":0'*'"severity":"error","file":"bad.yaml","line":2,"column":5'* ]]
}

@test "control characters of a spec or file never reach the terminal" {
	printf 'local:\n  - id: "a\\eb"\n    cpu: {cores: 1}\n' >odd.yaml
	run "$XPM" explain -f odd.yaml 'cpu(cores=2)'
	[[ $output != *$'\033'* ]]
	run "$XPM" explain -f example.yaml $'cuda(model="\033[31m")'
	[[ $output != *$'\033'* ]]
	run "$XPM" find -f example.yaml 'cuda(model="%s%n%s")'
	[ "$status" -eq 1 ]
	[[ $output == *'%s%n%s'* ]]
}
