#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# deps.sh --list | GROUP... : install what is missing of the groups build, cluster, test (Debian 12).
# Sourced, it only defines xpm_deps. Nothing is asked of apt when nothing is missing.
set -euo pipefail

declare -A XPM_DEPS=(
	[build]="gcc make autoconf automake libtool pkg-config libyaml-dev libpcre2-dev check libslurm-dev
		liblua5.1-0-dev lua5.1 lua5.3 lua5.4 liblua5.3-dev liblua5.4-dev libjansson-dev libhwloc-dev scdoc"
	[cluster]="slurmctld slurmd slurmdbd slurm-client slurm-wlm-basic-plugins slurm-wlm-mysql-plugin
		munge mariadb-server"
	[test]="bats valgrind python3 python3-yaml python3-jsonschema jq clang clang-14 libclang-rt-14-dev tmux cppcheck
		shellcheck mandoc"
	[packages]="debhelper lintian rpm rpmlint fakeroot dpkg-dev binutils man-db xz-utils"
)
XPM_DEPS_RPM="gcc make autoconf automake libtool pkgconf-pkg-config libyaml-devel pcre2-devel check-devel
	slurm-devel lua lua-devel jansson-devel hwloc-devel scdoc | slurm-slurmctld slurm-slurmd slurm-slurmdbd slurm
	munge mariadb-server | bats valgrind python3 python3-pyyaml python3-jsonschema jq clang compiler-rt tmux cppcheck
	ShellCheck mandoc"
XPM_SERVICES="munge mariadb slurmctld slurmd slurmdbd"

deps_missing() {
	local group pkg
	local -A have=()
	while read -r pkg; do have[${pkg%%:*}]=1; done < <(
		# shellcheck disable=SC2046,SC2086 # lists of words
		dpkg-query -W -f '${db:Status-Status} ${Package}\n' \
			$(for group; do echo ${XPM_DEPS[$group]}; done) 2>/dev/null | sed -n 's/^installed //p'
	)
	for group; do
		for pkg in ${XPM_DEPS[$group]}; do [ -n "${have[$pkg]:-}" ] || echo "$pkg"; done
	done
}

# invoke-rc.d asks policy-rc.d before it starts a service; 101 says no. A policy of the machine's own is put back.
deny_services() {
	local p=/usr/sbin/policy-rc.d
	[ ! -e $p.xpm-saved ] || mv -f $p.xpm-saved $p # a run that was killed left this
	if [ -x $p ]; then
		local rc=0
		$p slurmd start </dev/null >/dev/null 2>&1 || rc=$?
		[ $rc -ne 101 ] || return 0
		trap 'mv -f /usr/sbin/policy-rc.d.xpm-saved /usr/sbin/policy-rc.d' EXIT
		mv $p $p.xpm-saved
	else
		trap 'rm -f /usr/sbin/policy-rc.d' EXIT
	fi
	trap 'exit 130' INT TERM HUP
	printf '#!/bin/sh\nexit 101\n' >$p.xpm-new
	chmod 755 $p.xpm-new
	mv $p.xpm-new $p
}

# A package that was installed just now also enabled its service for the next boot: undo that much.
disable_new_services() {
	[ -d /run/systemd/system ] || return 0
	local s
	for s in $XPM_SERVICES; do
		case " $* " in *" $s "* | *" $s-server "*) systemctl disable "$s" >/dev/null 2>&1 || true ;; esac
	done
}

apt_install() (
	export DEBIAN_FRONTEND=noninteractive
	exec 9>/run/xpm-deps.lock
	flock -w 600 9
	deny_services
	apt-get update -qq -o DPkg::Lock::Timeout=300 9>&-
	apt-get install -y -qq --no-install-recommends -o DPkg::Lock::Timeout=300 -o Dpkg::Use-Pty=0 "$@" 9>&-
	disable_new_services "$@"
)

other_system() {
	echo "This script installs packages on Debian 12 only. Needed here:" >&2
	printf '  Debian names:%s\n' "$(for g; do printf ' %s' "${XPM_DEPS[$g]}"; done | tr -s '\n\t ' ' ')" >&2
	printf '  RPM names:    %s\n' "$(tr -s '\n\t ' ' ' <<<"$XPM_DEPS_RPM")" >&2
}

# xpm_deps GROUP... : returns 0 when everything is installed
xpm_deps() {
	local missing log group
	for group; do
		[ -n "${XPM_DEPS[$group]:-}" ] || { echo "deps: no group '$group' (${!XPM_DEPS[*]})" >&2; return 2; }
	done
	if ! command -v dpkg-query >/dev/null || ! command -v apt-get >/dev/null; then
		other_system "$@"
		return 1
	fi
	mapfile -t missing < <(deps_missing "$@")
	[ ${#missing[@]} -gt 0 ] || return 0
	echo "installing: ${missing[*]}" >&2
	log=$(mktemp)
	if ! deps_as_root "${missing[@]}" >"$log" 2>&1 </dev/null; then
		tail -n 30 "$log" >&2
		rm -f "$log"
		echo "deps: could not install: ${missing[*]}" >&2
		return 1
	fi
	rm -f "$log"
}

deps_as_root() {
	local self=${BASH_SOURCE[0]}
	if [ "$(id -u)" = 0 ]; then
		bash "$self" --apt "$@"
	elif command -v sudo >/dev/null; then
		sudo bash "$self" --apt "$@"
	else
		echo "neither root nor sudo: run as root: apt-get install --no-install-recommends $*"
		return 1
	fi
}

if [ "${BASH_SOURCE[0]}" = "$0" ]; then
	case ${1:-} in
	--apt) shift; apt_install "$@" ;;
	--list) for g in build cluster test packages; do echo "$g: $(tr -s '\n\t ' ' ' <<<"${XPM_DEPS[$g]}")"; done ;;
	'') xpm_deps build cluster test ;;
	*) xpm_deps "$@" ;;
	esac
fi
