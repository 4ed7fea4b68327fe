#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
load helpers

submit() { "$XPM_LOCAL" --quiet --parsable --detach "$@"; }

@test "detach, list, attach, wait-for" {
	id=$(submit -o out-%j --xpm-spec='cuda() & cpu(mem=1G)' --wrap 'echo begin; sleep 0.5; echo end; exit 3')
	run -0 "$XPM_LOCAL" --list --format=json
	[[ $output == *'"state": "running"'*'cuda:0'* ]]
	run -3 "$XPM_LOCAL" --attach "$id"
	[ "$output" = "begin
end" ]
	run -3 "$XPM_LOCAL" --wait-for "$id"
	# shellcheck disable=SC1010 # an argument of that name
	[ "$(state_of "$id")" = done ]
	[ "$(cat out-"$id")" = "begin
end" ]
	run -4 "$XPM_LOCAL" --wait-for 99
}

@test "a detached job survives its terminal" {
	setsid -w sh -c "'$XPM_LOCAL' --quiet --detach --wrap 'sleep 0.5; echo there'; kill -HUP 0" || true
	run -0 "$XPM_LOCAL" --wait-for 1
	[ "$(cat slurm-1.out)" = there ]
}

@test "first come, first served; a smaller job passes only where it cannot delay" {
	a=$(submit -c 6 --wrap 'sleep 60')
	until_ok is "$a" running
	b=$(submit -c 4 --wrap 'sleep 60')
	until_ok is "$b" waiting
	c=$(submit -c 2 --wrap 'sleep 60')
	# a or b: 6 + 2 and 4 + 2 fit beside it, and b cannot start before a ends
	until_ok is "$c" running
	d=$(submit -c 1 --wrap 'true')
	sleep 0.3
	[ "$(state_of "$d")" = waiting ]
	[ "$(state_of "$b")" = waiting ]
	"$XPM_LOCAL" --cancel "$a"
	until_ok is "$b" running
	run -0 "$XPM_LOCAL" --wait-for "$d"
	run -143 "$XPM_LOCAL" --wait-for "$a"
}

@test "hold takes a job out of the queue, release puts it back; cancel before it starts" {
	a=$(submit --xpm-tags=licence --wrap 'sleep 60')
	b=$(submit --xpm-tags=licence --wrap 'true')
	c=$(submit --xpm-tags=licence --wrap 'true')
	until_ok is "$b" waiting
	run -0 "$XPM_LOCAL" --hold "$b"
	[ "$(state_of "$b")" = held ]
	run -4 "$XPM_LOCAL" --hold "$a"
	"$XPM_LOCAL" --cancel "$a"
	run -0 "$XPM_LOCAL" --wait-for "$c"
	[ "$(state_of "$b")" = held ]
	run -0 "$XPM_LOCAL" --release "$b"
	run -0 "$XPM_LOCAL" --wait-for "$b"
	d=$(submit --xpm-tags=licence --wrap 'sleep 60')
	e=$(submit --xpm-tags=licence --wrap 'touch ran')
	until_ok is "$e" waiting
	"$XPM_LOCAL" --cancel "$e"
	run -143 "$XPM_LOCAL" --wait-for "$e"
	[ ! -e ran ]
	run -4 "$XPM_LOCAL" --cancel "$e"
}

@test "no-wait and wait" {
	a=$(submit --xpm-tags=licence --wrap 'sleep 60')
	until_ok is "$a" running
	run -1 "$XPM_LOCAL" --no-wait --xpm-tags=licence -- true
	[[ $output == *"waits for token licence"*"job $a"* ]]
	run -1 "$XPM_LOCAL" --wait=1s --xpm-tags=licence -- true
	[ "$("$XPM_LOCAL" --list | wc -l)" = 2 ]
}

@test "waiting says nothing when piped, and ends on a signal" {
	a=$(submit -c 8 --wrap 'sleep 60')
	until_ok is "$a" running
	"$XPM_LOCAL" -- true >out 2>&1 &
	pid=$!
	gone() { [ "$("$XPM_LOCAL" --list | wc -l)" = 3 ]; }
	until_ok gone
	kill -INT $pid
	kill -TERM $pid
	run wait $pid
	[ ! -s out ]
}

@test "root and nobody share one folder" {
	[ "$(id -u)" = 0 ] || skip "needs root"
	mkdir ledger
	chmod 1777 ledger
	chmod 777 "$TMP"
	as_nobody() { setpriv --reuid=65534 --regid=65534 --clear-groups "$@"; }
	a=$(as_nobody "$XPM_LOCAL" --quiet --parsable --detach --xpm-spec='gpu()*2' --wrap 'sleep 60')
	until_ok is "$a" running
	run -1 "$XPM_LOCAL" --no-wait --xpm-spec='gpu()' -- true
	[[ $output == *"nobody's job $a holds"* ]]
	b=$(submit --xpm-spec='cpu(cores=8)' --wrap 'sleep 60')
	run -4 as_nobody "$XPM_LOCAL" --cancel "$b"
	run -0 "$XPM_LOCAL" --cancel "$a"
	run -143 as_nobody "$XPM_LOCAL" --wait-for "$a"
}

@test "waiting on a terminal is one line that is written anew; piped, nothing" {
	id=$(submit --xpm-spec='cpu(cores=8)' --wrap 'sleep 2')
	until_ok is "$id" running
	run -0 python3 -c 'import pty, sys; sys.exit(pty.spawn(sys.argv[1:]) >> 8)' "$XPM_LOCAL" --xpm-spec='cpu()' -- echo ran
	printf '%q\n' "$output"
	[[ $output == *$'\r\e[Kxpm-local: job '*"waits for cores"*"job $id holds 8 cores"* ]]
	[[ $output == *ran* ]]
	id=$(submit --xpm-spec='cpu(cores=8)' --wrap 'sleep 1')
	until_ok is "$id" running
	run -0 "$XPM_LOCAL" --xpm-spec='cpu()' -- echo ran
	[ "$output" = ran ]
}
