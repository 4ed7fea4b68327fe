#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# Completion, as bash would ask for it.

load helpers

setup() {
	setup_xpm
	PATH=$BATS_TEST_TMPDIR/bin:$PATH
	mkdir -p "$BATS_TEST_TMPDIR/bin"
	ln -s "$XPM" "$BATS_TEST_TMPDIR/bin/xpm"
	export XPM_LAUNCHERS=$DATA/explain/mixed.yaml
	. "$ROOT/etc/bash-completion/xpm"
	. "$ROOT/etc/bash-completion/xpm-local"
}

# ask FUNCTION WORD...: the last word is the one being completed
ask() {
	local function=$1

	shift
	COMP_WORDS=("$@") COMP_CWORD=$(($# - 1))
	"$function"
	printf '%s\n' "${COMPREPLY[@]}"
}

@test "commands" {
	run ask _xpm xpm ''
	[[ $output == *find*explain*check*convert*snapshot*doctor*help* ]]
	[[ $output != *complete* ]]
	run ask _xpm xpm ex
	[ "$output" = explain ]
}

@test "options belong to their command" {
	run ask _xpm xpm explain --a
	[[ $output == *--all* && $output == *--account* && $output == *--as* ]]
	run ask _xpm xpm find --al
	[ "$output" = "" ]
}

@test "every option of the help is completed" {
	for command in find explain check convert snapshot doctor; do
		for option in $("$XPM" help $command | grep -v Usage | grep -o -e '--[a-z-]*[a-z]' | sort -u); do
			case $option in --xpm-find-failed | --test-only | --format) continue ;; esac
			run ask _xpm xpm $command "$option"
			echo "$command $option: $output"
			[ "$output" = "$option" ] || [[ " $output " == *"$option"* ]]
		done
	done
}

@test "models in a quoted spec" {
	run ask _xpm xpm find "'cuda(mem=4G, model=V"
	[ "$output" = "cuda(mem=4G, model=V100" ]
	run ask _xpm xpm find "'cuda(model="
	[[ $output == *GTX1080*A100-SXM4-40GB*V100*MI250* ]]
}

@test "terms of a spec" {
	run ask _xpm xpm explain "'cu"
	[ "$output" = "cuda(" ]
	run ask _xpm xpm explain "'cuda(mem=4G) & du"
	[ "$output" = "cuda(mem=4G) & duration=" ]
}

@test "tags and partitions of the file that is named" {
	run ask _xpm xpm find -f "$DATA/explain/site.yaml" --tag s
	[ "$output" = $'site\nspare' ]
	run ask _xpm xpm find -f "$DATA/explain/site.yaml" --tag site,g
	[ "$output" = site,gpu ]
	run ask _xpm xpm find -f "$DATA/explain/site.yaml" -p d
	[ "$output" = dev ]
	run ask _xpm xpm find --kind = lo
	[ "$output" = local ]
}

@test "launcher ids" {
	run "$XPM" complete launchers -f "$DATA/explain/site.yaml"
	[ "$output" = $'site\nspare' ]
}

@test "a broken file says nothing" {
	echo 'slurm: [' >"$BATS_TEST_TMPDIR/bad.yaml"
	run "$XPM" complete models -f "$BATS_TEST_TMPDIR/bad.yaml"
	[ "$status" -eq 0 ]
	[ "$output" = "" ]
}

@test "a spec of xpm-local" {
	run ask _xpm_local xpm-local --xpm-spec = "'cuda(model=V"
	[ "$output" = "cuda(model=V100" ]
	run ask _xpm_local xpm-local --xpm-t
	[ "$output" = "--xpm-tags=" ]
}
