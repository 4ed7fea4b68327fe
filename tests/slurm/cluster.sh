#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A private Slurm for tests: munged, mariadbd, slurmdbd, slurmctld, six slurmd, all on 127.0.0.1, all in one folder.
# No /etc/slurm, no systemd. Starts as root; for another user through sudo.
set -euo pipefail

HERE=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck disable=SC2034 # read by lib/product.sh
TOP=$(cd "$HERE/../.." && pwd)
PATH=$PATH:/usr/sbin:/sbin
for part in process config product; do
	# shellcheck source=/dev/null
	. "$HERE/lib/$part.sh"
done

usage() {
	cat <<-'E'
		usage: cluster.sh COMMAND [DIR]
		  up [--no-dbd] [DIR]    start (no-dbd: without accounting; quicker, but QoS and accounts are not enforced)
		  down [--wipe] [DIR]    cancel all jobs, end everything, with --wipe remove DIR
		  status [DIR]           what runs; exit status 0 when all of it does
		  env [DIR]              shell lines to reach the cluster: eval "$(cluster.sh env)"
		  put NAME [DIR]         replace DIR/etc/NAME by stdin in one step (job_submit.lua, launchers.yaml, plugstack.conf)
		  product [DIR]          put the product's own files back
		  restart-ctld [DIR]     end slurmctld and start it anew
		DIR: $XPM_CLUSTER_DIR or ${TMPDIR:-/tmp}/xpm-cluster-$UID. XPM_BUILD: build tree or prefix with the plugins, or none.
	E
}

die() { echo "cluster: $*" >&2; exit 1; }

as_root() {
	[ "$(id -u)" != 0 ] || return 0
	command -v sudo >/dev/null || die "needs root or sudo"
	exec sudo env XPM_CLUSTER_DIR="$D" XPM_CLUSTER_USER="$(id -un)" ${XPM_BUILD+XPM_BUILD="$XPM_BUILD"} \
		${XPM_DEBUG+XPM_DEBUG="$XPM_DEBUG"} bash "$HERE/cluster.sh" "$@"
}

slurm_env() {
	local v
	for v in "${!SLURM_@}" "${!SBATCH_@}" "${!SALLOC_@}" "${!SRUN_@}" "${!SQUEUE_@}" "${!SINFO_@}"; do unset "$v"; done
	export SLURM_CONF=$D/etc/slurm.conf
	if [ -f "$D/etc/product" ]; then
		# shellcheck source=/dev/null
		. "$D/etc/product"
		[ -z "${LIB_PATH:-}" ] || export LD_LIBRARY_PATH="$LIB_PATH${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}"
	fi
}

# A folder of the cluster's carries a mark; nothing else is ever written into or removed.
prepare_dir() {
	if [ -e "$D" ] && [ ! -f "$D/.xpm-cluster" ] && { [ ! -d "$D" ] || [ -n "$(ls -A "$D")" ]; }; then
		die "$D exists and is no folder of a cluster"
	fi
	mkdir -p "$D"
	[ "$(stat -c %u "$D")" = 0 ] || [ "$(stat -c %U "$D")" = "${XPM_CLUSTER_USER:-root}" ] || die "$D belongs to another user"
	touch "$D/.xpm-cluster"
	mkdir -p "$D"/{etc,log,run,db,state,spool,dev,munge,lib,bin,work}
	chmod 755 "$D" "$D"/{etc,log,run,state,spool,dev,munge,lib,bin}
	chmod 700 "$D/db"
	chmod 1777 "$D/work"
	local d=$D
	while [ "$d" != / ]; do
		[ $((0$(stat -c %a "$d") & 1)) = 1 ] || echo "cluster: warning: $d is closed to other users: their jobs will fail" >&2
		d=$(dirname "$d")
	done
}

lock() {
	exec 8>"$D/run/lock"
	flock -w 120 8 || die "$D is busy"
}

expected_daemons() {
	local n
	echo munged
	[ "$DBD" = 0 ] || echo "mariadbd slurmdbd"
	echo slurmctld
	for n in $XPM_NODES; do echo "slurmd-$n"; done
}

load_vars() {
	PORT=0 DBD=1
	# shellcheck source=/dev/null
	[ ! -f "$D/vars" ] || . "$D/vars"
}

all_alive() {
	local n
	[ -f "$D/vars" ] || return 1
	for n in $(expected_daemons); do alive "$n" || return 1; done
}

start_munged() {
	if [ ! -f "$D/munge/key" ]; then
		(umask 077 && head -c 128 /dev/urandom >"$D/munge/key")
	fi
	# force: the folder may lie in one that belongs to a user, which is all that munge has against it
	spawn munged munged -F --force --key-file="$D/munge/key" --socket="$D/run/munge.sock" --pid-file="$D/run/munged.pid" \
		--log-file="$D/log/munged.log" --seed-file="$D/munge/seed" --num-threads=2
}

# Durability is of no use here, speed is.
start_mariadb() {
	local opts=(--no-defaults --user=root --datadir="$D/db" --innodb-log-file-size=16M --innodb-doublewrite=0
		--innodb-flush-log-at-trx-commit=0 --innodb-flush-method=nosync)
	if [ ! -d "$D/db/mysql" ]; then
		mariadb-install-db "${opts[@]}" --auth-root-authentication-method=normal --skip-test-db >"$D/log/mariadb-install.log" 2>&1
	fi
	spawn mariadbd mariadbd "${opts[@]}" --socket="$D/run/mysql.sock" --pid-file="$D/run/mariadb.pid" \
		--bind-address=127.0.0.1 --port=$((PORT + 2)) --skip-name-resolve --performance-schema=OFF --skip-log-bin \
		--innodb-buffer-pool-size=64M --innodb-lock-wait-timeout=900 --max-allowed-packet=64M
}

make_database() {
	mariadb --no-defaults -uroot --socket="$D/run/mysql.sock" -e "
		create database if not exists slurm_acct;
		create user if not exists slurm@'127.0.0.1' identified by 'slurm';
		grant all on slurm_acct.* to slurm@'127.0.0.1';"
}

nodes_idle() {
	local n
	n=$(timeout 5 sinfo -hN -t idle -o %N | sort -u | wc -l)
	[ "$n" = 6 ]
}

start_ctld() {
	spawn slurmctld slurmctld -D
	WHILE=slurmctld retry 20 ctld_is_up
}
ctld_is_up() { timeout 5 scontrol ping | grep -q 'is UP'; }

step() { STEP=$1; [ -z "${XPM_VERBOSE:-}" ] || echo "[$(($(now_ms) - T0)) ms] $1" >&2; }

start_all() {
	local n fresh=0
	step munged
	start_munged
	step "configuration"
	write_config
	put_product
	slurm_env
	if [ "$DBD" = 1 ]; then
		step mariadbd
		start_mariadb
		WHILE=mariadbd retry 30 timeout 10 mariadb-admin --no-defaults -uroot --socket="$D/run/mysql.sock" ping
		step "database"
		make_database
	fi
	step "munge"
	WHILE=munged retry 10 timeout 5 munge -n -S "$D/run/munge.sock"
	if [ "$DBD" = 1 ]; then
		step slurmdbd
		spawn slurmdbd slurmdbd -D
		WHILE=slurmdbd retry 30 timeout 10 sacctmgr -n show cluster
		if [ ! -f "$D/db/accounts-made" ]; then
			step "accounts"
			make_accounts
			fresh=1
		fi
	fi
	step slurmctld
	start_ctld
	step slurmd
	for n in $XPM_NODES; do
		mkdir -p "$D/spool/$n"
		spawn "slurmd-$n" slurmd -D -N "$n"
	done
	if [ $fresh = 1 ]; then
		step "QoS limit on GPUs"
		limit_gpuq
		touch "$D/db/accounts-made"
	fi
	step "nodes idle"
	retry 30 nodes_idle
	step "done"
}

stop_all() {
	slurm_env
	if alive slurmctld; then
		timeout 10 squeue -h -a -o %A 2>/dev/null | sort -u | timeout 20 xargs -r scancel 2>/dev/null || true
		retry 5 no_jobs_left || true
	fi
	# shellcheck disable=SC2046 # lists of names
	if [ -n "$(daemon_names '*')" ]; then
		end_job_processes
		end_daemons slurmctld $(daemon_names 'slurmd-*')
		end_job_processes
		end_daemons $(daemon_names slurmdbd)
		end_daemons $(daemon_names mariadbd) $(daemon_names munged)
	fi
}
no_jobs_left() {
	local jobs
	jobs=$(timeout 5 squeue -h -a -o %A) && [ -z "$jobs" ]
}

start_failed() {
	local f
	trap - EXIT
	echo "cluster: could not start (at: ${STEP:-?}). The ends of the logs in $D/log:" >&2
	for f in "$D"/log/*; do
		if [ -s "$f" ]; then
			echo "== ${f##*/}"
			tail -n 8 "$f"
		fi
	done >&2
	set +e
	stop_all
	exit 1
}

cmd_up() {
	local want=1
	[ "${OPTION:-}" != --no-dbd ] || want=0
	as_root up ${OPTION:+"$OPTION"} "$D"
	command -v slurmctld >/dev/null || die "Slurm is not installed; scripts/cluster up installs it"
	T0=$(now_ms)
	prepare_dir
	lock
	load_vars
	if all_alive; then
		echo "already running: $D"
		return
	fi
	set +e
	stop_all # what may be left of a cluster that died in part
	set -e
	if [ "$DBD" != "$want" ]; then rm -rf "$D/state"; mkdir "$D/state"; fi
	DBD=$want
	PORT=$(choose_port "$PORT")
	printf 'PORT=%s DBD=%s\n' "$PORT" "$DBD" >"$D/vars"
	rm -f "$D"/log/*.out
	STEP=preparation
	trap start_failed EXIT
	trap 'exit 130' INT TERM
	start_all
	trap - EXIT INT TERM
	echo "up in $((($(now_ms) - T0) / 1000)).$((($(now_ms) - T0) / 100 % 10)) s: $D (ports $PORT-$((PORT + 9)); product: $PRODUCT)"
}

cmd_down() {
	[ -f "$D/.xpm-cluster" ] || { echo "no cluster in $D"; return; }
	as_root down ${OPTION:+"$OPTION"} "$D"
	lock
	load_vars
	set +e
	stop_all
	set -e
	if [ "${OPTION:-}" = --wipe ]; then
		rm -rf --one-file-system "$D"
		echo "ended, folder removed: $D"
	else
		echo "ended: $D"
	fi
}

cmd_status() {
	local n bad=0
	[ -f "$D/vars" ] || { echo "no cluster in $D"; return 1; }
	load_vars
	for n in $(expected_daemons); do
		if alive "$n"; then echo "$n: $(pid_of "$n")"; else echo "$n: not running"; bad=1; fi
	done
	if [ $bad = 0 ]; then
		slurm_env
		echo "product: ${PRODUCT:-none}"
		timeout 10 sinfo -a
	fi
	return $bad
}

cmd_env() {
	[ -f "$D/etc/slurm.conf" ] || die "no cluster in $D"
	local LIB_PATH='' BIN_PATH='' PRODUCT=''
	# shellcheck source=/dev/null
	. "$D/etc/product"
	# shellcheck disable=SC2016 # for the reader's shell
	echo 'unset ${!SLURM_*} ${!SBATCH_*} ${!SALLOC_*} ${!SRUN_*} 2>/dev/null || true'
	printf 'export %s=%q\n' SLURM_CONF "$D/etc/slurm.conf" XPM_CLUSTER_DIR "$D" XPM_LAUNCHERS "$D/etc/launchers.yaml" XPM_PRODUCT "$PRODUCT"
	# shellcheck disable=SC2016
	[ -z "$BIN_PATH" ] || printf 'export PATH=%q:$PATH\n' "$BIN_PATH"
	# shellcheck disable=SC2016
	[ -z "$LIB_PATH" ] || printf 'export LD_LIBRARY_PATH=%q${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}\n' "$LIB_PATH"
}

cmd_put() {
	as_root put "$NAME" "$D"
	[ -f "$D/.xpm-cluster" ] || die "no cluster in $D"
	put "$NAME"
}

cmd_product() {
	as_root product "$D"
	[ -f "$D/.xpm-cluster" ] || die "no cluster in $D"
	put_product
}

cmd_restart_ctld() {
	as_root restart-ctld "$D"
	[ -f "$D/vars" ] || die "no cluster in $D"
	lock
	load_vars
	slurm_env
	end_daemons slurmctld
	local mark
	mark=$(wc -c 2>/dev/null <"$D/log/slurmctld.log" || echo 0)
	if ! start_ctld || ! ask_nodes_to_register || ! retry 20 nodes_answer; then
		tail -c +$((mark + 1)) "$D/log/slurmctld.log" | tail -n 15 >&2
		tail -n 5 "$D/log/slurmctld.out" >&2
		die "slurmctld did not start"
	fi
}
# A new slurmctld takes its nodes for unknown, and jobs wait, until it asks them some seconds later; slurmd registers on HUP.
ask_nodes_to_register() {
	local n pid
	for n in $XPM_NODES; do
		pid=$(pid_of "slurmd-$n") && kill -HUP "$pid"
	done
}
nodes_answer() {
	local s
	s=$(timeout 5 sinfo -hN -o %t) && ! grep -q '[*]\|unk\|down' <<<"$s"
}

COMMAND=${1:-}
[ $# -eq 0 ] || shift
case $COMMAND in
up | down | status | env | product | restart-ctld) ;;
put)
	NAME=${1:-}
	case $NAME in '' | */*) usage >&2; exit 2 ;; esac
	shift
	;;
'' | help | -h | --help) usage; exit 0 ;;
*) usage >&2; exit 2 ;;
esac
OPTION=
case "$COMMAND ${1:-}" in
"up --no-dbd" | "down --wipe") OPTION=$1; shift ;;
*" -"*) usage >&2; exit 2 ;;
esac
D=$(realpath -m "${1:-${XPM_CLUSTER_DIR:-${TMPDIR:-/tmp}/xpm-cluster-$UID}}")
case $D in *[!A-Za-z0-9/._+-]*) die "$D: only letters, digits and / . _ + - in the folder's name" ;; esac
[ ${#D} -le 70 ] || die "$D: too long for the names of sockets in it"
"cmd_${COMMAND//-/_}"
