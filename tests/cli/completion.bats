#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# Completion, as bash would ask for it.

load helpers

setup() {
	setup_xpm
	PATH=$BATS_TEST_TMPDIR/bin:$PATH
	mkdir -p "$BATS_TEST_TMPDIR/bin"
	ln -s "$XPM" "$BATS_TEST_TMPDIR/bin/xpm"
	ln -s "${XPM%/*}/xpm-local" "$BATS_TEST_TMPDIR/bin/xpm-local"
	export XPM_LAUNCHERS=$DATA/explain/mixed.yaml
	. "$ROOT/etc/bash-completion/xpm"
	. "$ROOT/etc/bash-completion/xpm-local"
}

# ask FUNCTION WORD...: the last word is the one being completed. No word breaks here: press has those.
ask() {
	local function=$1

	shift
	COMP_WORDS=("$@") COMP_CWORD=$(($# - 1)) COMP_LINE="$*"
	COMP_POINT=${#COMP_LINE}
	"$function"
	printf '%s\n' "${COMPREPLY[@]}"
}

# press LINE: what an interactive bash makes of it when TAB is pressed
press() {
	run python3 "$ROOT/tests/cli/press_tab.py" "$ROOT/etc/bash-completion" "$1"
	echo "$1 -> $output"
}

site() {
	mkdir -p "$BATS_TEST_TMPDIR/my files"
	cat >"$BATS_TEST_TMPDIR/my files/site.yaml" <<-'EOF'
		local:
		  - {id: ws, tags: [home, "a:b"], gpu: {model: RTX 3090, count: 1, memory: 24G}}
		slurm:
		  - id: big
		    tags: [site, gpu]
		    partitions:
		      dev: {qos: ["q:x"], nodes: [{hosts: g1, configuration: {gpu: {model: V100, count: 4, memory: 32G}}}]}
	EOF
	cp "$BATS_TEST_TMPDIR/my files/site.yaml" "$BATS_TEST_TMPDIR/site.yaml"
	cd "$BATS_TEST_TMPDIR" || return
	export XPM_LAUNCHERS=$BATS_TEST_TMPDIR/site.yaml
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
	[ "${lines[0]}" = "cuda(mem=4G, model=V100" ]
	run ask _xpm xpm find "'cuda(model="
	[[ $output == *GTX1080*A100-SXM4-40GB*V100*MI250* ]]
}

@test "terms of a spec" {
	run ask _xpm xpm explain "'cu"
	[ "${lines[0]}" = "cuda(" ]
	run ask _xpm xpm explain "'cuda(mem=4G) & du"
	[ "${lines[0]}" = "cuda(mem=4G) & duration=" ]
}

@test "tags and partitions of the file that is named" {
	run ask _xpm xpm find -f "$DATA/explain/site.yaml" --tag s
	[ "$output" = $'site\nspare' ]
	run ask _xpm xpm find -f "$DATA/explain/site.yaml" --tag site,g
	[ "$output" = site,gpu ]
	run ask _xpm xpm find -f "$DATA/explain/site.yaml" -p d
	[ "$output" = dev ]
	run ask _xpm xpm find --kind lo
	[ "$output" = local ]
}

@test "launcher ids of the file that is named" {
	run ask _xpm xpm find -f "$DATA/explain/site.yaml" --launcher s
	[ "$output" = $'site\nspare' ]
	run ask _xpm xpm explain -f "$DATA/explain/site.yaml" --launcher sp
	[ "$output" = spare ]
}

@test "a broken file says nothing" {
	echo 'slurm: [' >"$BATS_TEST_TMPDIR/bad.yaml"
	run "$XPM" complete models -f "$BATS_TEST_TMPDIR/bad.yaml"
	[ "$status" -eq 0 ]
	[ "$output" = "" ]
}

@test "every option of xpm-local's help is completed" {
	for option in $(xpm-local --help | grep -v Usage | grep -o -e '--[a-z-]*[a-z]' | sort -u); do
		run ask _xpm_local xpm-local "$option"
		echo "$option: $output"
		[[ $'\n'$output$'\n' == *$'\n'"$option"$'\n'* || $'\n'$output$'\n' == *$'\n'"$option="$'\n'* ]]
	done
}

@test "a spec in a real bash: the quote stays open, a model with a blank is quoted" {
	site
	press "xpm find 'cuda(model=R"
	[ "$output" = "xpm find 'cuda(model=\"RTX 3090\"" ]
	press "xpm find 'cuda(model=rtx 3"
	[ "$output" = "xpm find 'cuda(model=\"RTX 3090\"" ]
	press 'xpm find "cuda(model=R'
	[ "$output" = "xpm find \"cuda(model='RTX 3090'" ]
	press "xpm explain 'cuda(mem=4G) & du"
	[ "$output" = "xpm explain 'cuda(mem=4G) & duration=" ]
	press "xpm find cu"
	[ "$output" = "xpm find 'cuda(" ]
	press "xpm-local --xpm-spec='cuda(model=R"
	[ "$output" = "xpm-local --xpm-spec='cuda(model=\"RTX 3090\"" ]
}

@test "xpm-local has the models and tags of local launchers" {
	site
	run "$XPM" complete models -l
	[ "$output" = "RTX 3090" ]
	press "xpm-local --xpm-spec='cuda(model=V"
	[ "$output" = "xpm-local --xpm-spec='cuda(model=V" ]
	press "xpm-local --xpm-tags=h"
	[ "$output" = "xpm-local --xpm-tags=home " ]
}

@test "names with a colon, options with = in a real bash" {
	site
	for line in "--tag a:" "--tag=a:" "--tag a" "--tag=a"; do
		press "xpm find $line"
		[ "$output" = "xpm find ${line%:}:b " ]
	done
	press "xpm find --qos q:"
	[ "$output" = "xpm find --qos q:x " ]
	press "xpm find --tag=site,g"
	[ "$output" = "xpm find --tag=site,gpu " ]
}

@test "the file that is named, in whatever way, in a real bash" {
	site
	unset XPM_LAUNCHERS
	for file in --file=site.yaml "-f ~/site.yaml" "-f 'my files/site.yaml'" "-f my\\ files/site.yaml"; do
		press "xpm find $file --tag s"
		[ "$output" = "xpm find $file --tag site " ]
	done
	press "xpm-local --file=site.yaml --xpm-tags=h"
	[ "$output" = "xpm-local --file=site.yaml --xpm-tags=home " ]
}

@test "xpm-local: ids of jobs only, and words behind the script are the job's" {
	site
	export XPM_LEDGER=$BATS_TEST_TMPDIR/ledger
	press "xpm-local --cancel "
	[ "$output" = "xpm-local --cancel " ]
	press "xpm-local --time 5 job.sh --f"
	[ "$output" = "xpm-local --time 5 job.sh --f" ]
	press "xpm-local --time 5 --dr"
	[ "$output" = "xpm-local --time 5 --dry-run " ]
	press "xpm-local --xpm-t"
	[ "$output" = "xpm-local --xpm-tags=" ]
}
