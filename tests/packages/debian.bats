#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# The Debian packages of $XPM_DEBS on this machine: what is in them, installation, a job on a private cluster with what is
# installed and nothing else, upgrade, a wrong Slurm, removal. Not to be run where slurm-xpm is installed in earnest.
bats_require_minimum_version 1.5.0
load ../slurm/helpers

ALL="slurm-xpm slurm-xpm-spank slurm-xpm-lua libxpmatch0 libxpmatch-dev"

as_root() { if [ "$(id -u)" = 0 ]; then "$@"; else sudo "$@"; fi; }
put() { bash "$CLUSTER" put "$1"; }
deb() { ls "$XPM_DEBS/$1"_*.deb; }
debs() { local p; for p in $ALL; do deb "$p"; done; }
state() { dpkg-query -W -f '${db:Status-Abbrev}' "$1" 2>/dev/null | tr -d ' '; }
plugin() { dpkg -L slurm-xpm-spank | grep 'spank_xpm.so$'; }

# The product of the cluster is what the packages put where Slurm and Lua look for it.
use_installed() {
	echo "include /etc/slurm/plugstack.conf.d/*.conf" | put plugstack.conf
	put job_submit.lua </usr/share/doc/slurm-xpm-lua/examples/job_submit.lua.example
	as_root xpm snapshot -q
	sleep 1.1 # the age of job_submit.lua is told in seconds
}
main_job() { run_job --xpm-spec='cuda(mem=24G)*2' --wrap 'echo "$SLURMD_NODENAME $CUDA_VISIBLE_DEVICES"'; }

setup_file() {
	local p
	for p in $ALL; do
		[ "$(state "$p")" != ii ] || skip "$p is installed here"
	done
	as_root rm -rf /etc/xpm
	export XPM_CLUSTER_DIR=${TMPDIR:-/tmp}/xpm-packages-$UID-$$
	XPM_BUILD=none bash "$CLUSTER" up >"$BATS_FILE_TMPDIR/up.log" 2>&1 || { cat "$BATS_FILE_TMPDIR/up.log" >&2; return 1; }
}
setup() {
	eval "$(XPM_BUILD=none bash "$CLUSTER" env)"
	unset XPM_LAUNCHERS LD_LIBRARY_PATH
	# shellcheck disable=SC2034 # of the helpers
	WORK=$XPM_CLUSTER_DIR/work
	export XPM_BUILD=none
}
teardown_file() {
	# shellcheck disable=SC2086 # a list
	as_root dpkg -P $ALL >/dev/null 2>&1
	as_root rm -rf /etc/xpm
	XPM_BUILD=none bash "$CLUSTER" down --wipe >/dev/null 2>&1
}

@test "each package has the files of its list" {
	for p in $ALL; do
		dpkg-deb -c "$(deb "$p")" | awk '$1 !~ /^d/ { print $6 }' | sed 's|^\./|/|; s|x86_64-linux-gnu|ARCH|; s|aarch64-linux-gnu|ARCH|' |
			grep -v '^/usr/share/doc/[^/]*/[a-zA-Z.]*$' | sort | sed "s|^|$p |"
	done >"$BATS_TEST_TMPDIR/files"
	diff "$BATS_TEST_DIRNAME/debian.files" "$BATS_TEST_TMPDIR/files"
}

@test "lintian has no error to tell" {
	run -0 lintian --fail-on error --allow-root "$XPM_DEBS"/*.changes
}

@test "one command installs; the main job runs with what is installed, and doctor finds nothing wrong" {
	# shellcheck disable=SC2046 # names without blanks
	as_root dpkg -i $(debs)
	[ ! -e /etc/systemd/system/timers.target.wants/xpm-snapshot.timer ]
	use_installed
	run -0 main_job
	echo "$output"
	[[ $output =~ n[3-6]\ [0-9],[0-9]$ ]]
	run xpm doctor
	echo "$output"
	[ "$status" -eq 0 ]
	[[ $output != *FAIL* && $output != *warn* ]]
	run -0 timeout 30 srun --xpm-spec='cuda(mem=24G)' hostname
	run -0 timeout 30 salloc --xpm-spec='cuda(mem=24G)' true
	run -0 man -P cat xpm
	run -0 sh -c 'cd /tmp && cc -o "$0" /usr/share/doc/libxpmatch-dev/examples/submit.c $(pkg-config --cflags --libs xpmlaunch xpmatch)' "$BATS_TEST_TMPDIR/submit"
}

@test "the plugins replaced under a running slurmctld: it goes on" {
	pid=$(cat "$XPM_CLUSTER_DIR/run/slurmctld.pid")
	# shellcheck disable=SC2046 # names without blanks
	as_root dpkg -i $(debs)
	run -0 main_job
	[ "$(cat "$XPM_CLUSTER_DIR/run/slurmctld.pid")" = "$pid" ]
	kill -0 "$pid" || as_root kill -0 "$pid"
	restart_ctld
	run -0 main_job
}

@test "an upgrade keeps an edited launchers.yaml" {
	echo "# edited" | as_root tee -a /etc/xpm/launchers.yaml >/dev/null
	dpkg-deb -R "$(deb slurm-xpm)" "$BATS_TEST_TMPDIR/new"
	sed -i 's/^Version: .*/&.1/' "$BATS_TEST_TMPDIR/new/DEBIAN/control"
	dpkg-deb --root-owner-group -b "$BATS_TEST_TMPDIR/new" "$BATS_TEST_TMPDIR/slurm-xpm.deb"
	as_root dpkg -i "$BATS_TEST_TMPDIR/slurm-xpm.deb"
	[[ $(dpkg-query -W -f '${Version}' slurm-xpm) == *.1 ]]
	[ "$(tail -n 1 /etc/xpm/launchers.yaml)" = "# edited" ]
	run -0 main_job
}

@test "a package for another Slurm is refused, and says which one it wants" {
	dpkg-deb -R "$(deb slurm-xpm-spank)" "$BATS_TEST_TMPDIR/other"
	sed -i '/^Depends:/ { s/plugins (>= [0-9.]*)/plugins (>= 30.11)/; s/<< [0-9.]*~/<< 30.12~/ }; s/^Version: .*/&.1/' \
		"$BATS_TEST_TMPDIR/other/DEBIAN/control"
	dpkg-deb --root-owner-group -b "$BATS_TEST_TMPDIR/other" "$BATS_TEST_TMPDIR/other.deb"
	before=$(dpkg-query -W -f '${Version}' slurm-xpm-spank)
	run as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y --no-download "$BATS_TEST_TMPDIR/other.deb"
	echo "$output"
	[ "$status" -ne 0 ]
	[[ $output == *"slurm-wlm-basic-plugins (>= 30.11)"* ]]
	[ "$(dpkg-query -W -f '${Version}' slurm-xpm-spank)" = "$before" ]
}

@test "a plugin of another Slurm, forced in: sbatch goes on without it, and doctor finds it" {
	python3 - "$(plugin)" "$BATS_TEST_TMPDIR/forced.so" <<-'P'
		import subprocess, sys
		data = bytearray(open(sys.argv[1], "rb").read())
		address = next(int(l.split()[0], 16) for l in subprocess.check_output(["nm", "-D", sys.argv[1]], text=True).splitlines()
		               if l.endswith(" plugin_version"))
		for line in subprocess.check_output(["readelf", "-lW", sys.argv[1]], text=True).splitlines():
		    words = line.split()
		    if words[:1] == ["LOAD"]:
		        offset, at, size = (int(w, 16) for w in (words[1], words[2], words[4]))
		        if at <= address < at + size:
		            data[offset + address - at + 1] += 6  # the minor
		open(sys.argv[2], "wb").write(data)
	P
	good=$(plugin)
	as_root install -m 644 "$BATS_TEST_TMPDIR/forced.so" "$good"
	run run_job --wrap 'echo there'
	echo "$output"
	[[ $output == *there* ]]
	run xpm doctor
	echo "$output"
	[ "$status" -ne 0 ]
	[[ $output == *"FAIL  "*spank_xpm.so* ]]
	as_root dpkg -i "$(deb slurm-xpm-spank)"
	run -0 main_job
}

@test "removal: sbatch works, and nothing is left but configuration; purge leaves nothing" {
	for p in $ALL; do dpkg -L "$p"; done | sort -u >"$BATS_TEST_TMPDIR/all"
	printf 'function slurm_job_submit() return 0 end\nfunction slurm_job_modify() return 0 end\nreturn 0\n' | put job_submit.lua
	sleep 1.1
	# shellcheck disable=SC2086 # a list
	as_root dpkg -r $ALL
	run -0 run_job --wrap 'echo there'
	[[ $output == *there* ]]
	while read -r file; do
		[ -d "$file" ] || [ ! -e "$file" ] || echo "$file"
	done <"$BATS_TEST_TMPDIR/all" >"$BATS_TEST_TMPDIR/left"
	diff - "$BATS_TEST_TMPDIR/left" <<-'L'
		/etc/slurm/plugstack.conf.d/xpm.conf
		/etc/xpm/launchers.yaml
	L
	[ "$(tail -n 1 /etc/xpm/launchers.yaml)" = "# edited" ]
	# shellcheck disable=SC2086 # a list
	as_root dpkg -P $ALL
	[ ! -e /etc/xpm/launchers.yaml ] && [ ! -e /etc/slurm/plugstack.conf.d/xpm.conf ]
	run -0 run_job --wrap 'echo still'
}
