#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
load helpers

submit() { "$XPM_LOCAL" --quiet --parsable --detach "$@"; }

@test "a running job's record is put right, whatever happens to the file" {
	id=$(submit -c 8 --wrap 'sleep 60')
	until_ok is "$id" running
	echo garbage >"ledger/$id.job"
	until_ok is "$id" running
	: >"ledger/$id.job"
	run -1 "$XPM_LOCAL" --no-wait -- true
	until_ok is "$id" running
	rm "ledger/$id.job"
	until_ok is "$id" running
	ln -s /etc/passwd trap
	mv -T trap "ledger/$id.job"
	until_ok is "$id" running
	run -1 "$XPM_LOCAL" --no-wait -- true
	"$XPM_LOCAL" --cancel "$id"
	run -143 "$XPM_LOCAL" --wait-for "$id"
}

@test "strange files in the folder are left alone and do no harm" {
	mkdir -p ledger
	mkfifo ledger/1.job
	ln -s /etc/passwd ledger/2.job
	mkdir ledger/3.job
	echo '{"xpm":1}' >ledger/4.job
	head -c 100000 /dev/urandom >ledger/5.job
	: >ledger/99999999999999999999.job
	ln -s /nonexistent ledger/last-id
	run -0 timeout 20 "$XPM_LOCAL" -- echo fine
	[[ $output == *fine ]]
	[ -L ledger/last-id ]
	run -0 "$XPM_LOCAL" --list
}

@test "a forged record does not count: nobody holds its lock" {
	mkdir -p ledger
	id=$(submit -c 8 --wrap 'sleep 60')
	until_ok is "$id" running
	sed "s/\"id\":$id,/\"id\":77,/" "ledger/$id.job" >ledger/77.job
	"$XPM_LOCAL" --cancel "$id"
	run -143 "$XPM_LOCAL" --wait-for "$id"
	run -0 "$XPM_LOCAL" --wait=5s -c 8 -- true
}

@test "a folder that others could empty is refused" {
	mkdir -m 777 ledger
	run -4 "$XPM_LOCAL" -- true
	[[ $output == *"not sticky"* ]]
	[ "$(id -u)" = 0 ] || return 0
	chmod 755 ledger
	chown 65534 ledger
	run -4 "$XPM_LOCAL" -- true
	[[ $output == *"belongs to user"* ]]
}

@test "a full disk: a clear word before the job starts; a running one is not lost" {
	[ "$(id -u)" = 0 ] || skip "needs root"
	mkdir small
	mount -t tmpfs -o size=64k,mode=755 tmpfs small || skip "cannot mount"
	# shellcheck disable=SC2034 # exported by the helpers
	XPM_LEDGER=$TMP/small
	id=$(submit -c 8 --wrap 'sleep 1; exit 6')
	until_ok is "$id" running
	dd if=/dev/zero of=small/fill bs=4k 2>/dev/null || true
	run -4 "$XPM_LOCAL" -- true
	[[ $output == *"cannot take the job"*"No space left"* ]]
	run -6 "$XPM_LOCAL" --wait-for "$id"
}

@test "a read-only ledger" {
	[ "$(id -u)" = 0 ] || skip "needs root"
	mkdir small
	mount -t tmpfs -o size=64k,mode=755,ro tmpfs small || skip "cannot mount"
	XPM_LEDGER=$TMP/small run -4 "$XPM_LOCAL" -- true
	[[ $output == *"Read-only"* ]]
}

@test "an unreadable script" {
	[ "$(id -u)" = 0 ] || skip "needs root"
	printf '#!/bin/sh\n' >job.sh
	chmod 600 job.sh
	chmod 777 "$TMP"
	run -4 setpriv --reuid=65534 --regid=65534 --clear-groups env XPM_LEDGER="$TMP/own" "$XPM_LOCAL" "$TMP/job.sh"
	[[ $output == *"job.sh: Permission denied"* ]]
}
