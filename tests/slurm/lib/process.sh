# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Daemons of one cluster: started here, known by pid AND start time AND name, so that no other process is ever signalled.
# Uses: $D (the cluster's folder).

now_ms() { local t=${EPOCHREALTIME/[.,]/}; echo "${t%???}"; }

# retry SECONDS CMD... : until CMD, a program or function, succeeds; with WHILE=NAME only as long as that daemon lives
retry() {
	local end=$(($(now_ms) + $1 * 1000))
	shift
	until "$@" >/dev/null 2>&1; do
		[ "$(now_ms)" -lt $end ] || return 1
		[ -z "${WHILE:-}" ] || alive "$WHILE" || return 1
		sleep 0.05
	done
}

proc_start_time() {
	local stat
	stat=$(cat "/proc/$1/stat" 2>/dev/null) || return 1
	# shellcheck disable=SC2086 # the name, which may hold blanks, is cut off
	set -- ${stat##*) }
	echo "${20}"
}

# spawn NAME CMD... : a daemon in its own session, remembered in run/NAME.proc as "pid start-time"
spawn() {
	local name=$1 pid
	shift
	(
		# bats and the runner wait for the end of every pipe: a daemon may hold none of theirs
		for fd in /proc/self/fd/*; do
			fd=${fd##*/}
			if [ "$fd" -gt 2 ] && [ "$fd" != 255 ]; then eval "exec $fd>&-"; fi
		done
		cd / && exec setsid "$@" </dev/null >>"$D/log/$name.out" 2>&1
	) &
	pid=$!
	echo "$pid $(proc_start_time $pid || echo 0)" >"$D/run/$name.proc"
}

# pid_of NAME : its pid while that very process lives
pid_of() {
	local pid start comm
	read -r pid start 2>/dev/null <"$D/run/$1.proc" || return 1
	[ "$(proc_start_time "$pid")" = "$start" ] || return 1
	[ "$(sed -n 's/^State:\t\(.\).*/\1/p' "/proc/$pid/status" 2>/dev/null)" != Z ] || return 1
	comm=$(cat "/proc/$pid/comm" 2>/dev/null) || return 1
	# just after the start it is still the shell or setsid
	case $comm in "${1%-n[0-9]*}" | bash | setsid) echo "$pid" ;; *) return 1 ;; esac
}
alive() { pid_of "$1" >/dev/null; }
gone() { ! alive "$1"; }

# end_daemons NAME... : all at once, wait, then by force
end_daemons() {
	local name pid
	for name; do pid=$(pid_of "$name") && kill "$pid" 2>/dev/null; done
	for name; do
		if ! retry 15 gone "$name"; then
			pid=$(pid_of "$name") && kill -KILL "$pid" 2>/dev/null
			retry 5 gone "$name" || echo "could not end $name ($(pid_of "$name"))" >&2
		fi
		rm -f "$D/run/$name.proc"
	done
}

daemon_names() {
	local f
	for f in "$D"/run/$1.proc; do [ -f "$f" ] && basename "$f" .proc; done
	return 0
}

# What this cluster's slurmd started: its environment names our slurm.conf, and slurmd set the node's name (job processes)
# or it is a slurmstepd.
job_processes() {
	local f
	grep -lzxF "SLURM_CONF=$D/etc/slurm.conf" /proc/[0-9]*/environ 2>/dev/null | while read -r f; do
		if [ "$(cat "${f%environ}comm" 2>/dev/null)" = slurmstepd ] || grep -qz '^SLURMD_NODENAME=' "$f" 2>/dev/null; then
			f=${f#/proc/}
			echo "${f%/environ}"
		fi
	done
	return 0
}
no_job_processes() { [ -z "$(job_processes)" ]; }

end_job_processes() {
	local pids
	retry 6 no_job_processes && return
	pids=$(job_processes)
	# shellcheck disable=SC2086 # a list of pids
	[ -z "$pids" ] || kill -KILL $pids 2>/dev/null || true
}

# --- ports: ten in a row from a base outside the kernel's range for outgoing connections
listening_ports() {
	local port
	sed -n 's/^ *[0-9]*: [0-9A-F]*:\([0-9A-F]*\) [0-9A-F:]* 0A .*/\1/p' /proc/net/tcp /proc/net/tcp6 2>/dev/null |
		while read -r port; do echo $((16#$port)); done
}
ports_free() {
	local p
	for p in $(listening_ports); do
		if [ "$p" -ge "$1" ] && [ "$p" -lt $(($1 + 10)) ]; then return 1; fi
	done
}
# choose_port OLD : OLD when it is still free
choose_port() {
	local base=${1:-0} i
	for i in $(seq 200); do
		if [ "$base" -gt 0 ] && ports_free "$base"; then
			echo "$base"
			return
		fi
		base=$((20000 + RANDOM % 1200 * 10))
	done
	echo "no ten free ports found (after $i tries)" >&2
	return 1
}
