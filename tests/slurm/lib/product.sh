# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Puts slurm-xpm into the cluster: copies in DIR/lib (a rebuilt tree does not change what runs, and every user may read them).
# XPM_BUILD is a build tree or an installed prefix; "none", or one without the plugins, gives a plain cluster.
# Uses: $D, $HERE (tests/slurm), $TOP.

# the Lua that slurmctld speaks here, as 5.1
slurm_lua_version() {
	local so
	for so in /usr/lib/*/slurm*/job_submit_lua.so /usr/lib*/slurm*/job_submit_lua.so; do
		[ -f "$so" ] || continue
		ldd "$so" | sed -n 's/.*liblua[-.]\{0,1\}\(5\.[0-9]\).*/\1/p' | head -n 1
		return
	done
}

# find_so NAME [PREFERRED-PART-OF-PATH]
find_so() {
	local all
	all=$(find -L "$XPM_BUILD" -name "$1" -type f 2>/dev/null | sort) || true
	{ grep -F "${2:-/.libs/}" <<<"$all" || cat <<<"$all"; } | head -n 1
}

install_so() { # install_so FROM : by rename, slurmctld may have the old one mapped
	local tmp=$D/lib/.${1##*/}.$$
	cp -L "$1" "$tmp"
	chmod 755 "$tmp"
	mv -f "$tmp" "$D/lib/${1##*/}"
}

# The library path that the plugins or the commands need because their runpath does not lead a job user to libxpmatch (a tree
# installed with DESTDIR, say); mostly nothing.
needed_library_path() {
	local so lib
	for so in "$D"/lib/*.so "$BIN_PATH/xpm"; do
		[ -f "$so" ] || continue
		setpriv --reuid=65534 --regid=65534 --clear-groups env -u LD_LIBRARY_PATH ldd "$so" 2>/dev/null |
			grep -q 'libxpmatch.*not found' || continue
		lib=$(find -L "$XPM_BUILD" -name 'libxpmatch.so.[0-9]' -type f 2>/dev/null | head -n 1)
		[ -n "$lib" ] || return 0
		install_so "$lib"
		echo "$D/lib"
		return
	done
}

find_product() {
	: "${XPM_BUILD:=$TOP/_build}"
	SPANK_SO='' LUA_SO='' LIB_PATH='' BIN_PATH='' XPM_COMMAND=''
	[ "$XPM_BUILD" != none ] && [ -d "$XPM_BUILD" ] || return 0
	XPM_BUILD=$(realpath "$XPM_BUILD")
	SPANK_SO=$(find_so spank_xpm.so)
	LUA_SO=$(find_so xpm.so "$(slurm_lua_version)")
	if [ -x "$XPM_BUILD/bin/xpm" ]; then
		XPM_COMMAND=$XPM_BUILD/bin/xpm
	elif [ -x "$XPM_BUILD/xpm" ]; then
		XPM_COMMAND=$XPM_BUILD/xpm
	else
		XPM_COMMAND=$(find -L "$XPM_BUILD" -path '*/bin/xpm' -type f 2>/dev/null | head -n 1)
	fi
}

# Links to our own commands only: a build tree also holds xpm-local's stand-in for srun.
put_commands() {
	local c
	rm -f "$D"/bin/*
	[ -n "$XPM_COMMAND" ] || return 0
	for c in "$XPM_COMMAND" "${XPM_COMMAND%/*}/xpm-local"; do
		[ ! -x "$c" ] || ln -s "$c" "$D/bin/"
	done
	BIN_PATH=$D/bin
}

plain_job_submit() {
	cat <<-'E'
		function slurm_job_submit(job_desc, part_list, uid) return slurm.SUCCESS end
		function slurm_job_modify(job_desc, job_rec, part_list, uid) return slurm.SUCCESS end
		return slurm.SUCCESS
	E
}

put_product() {
	rm -f "$D"/lib/*
	find_product
	put_commands
	put launchers.yaml <"$HERE/launchers.yaml"
	if [ -n "$LUA_SO" ]; then
		install_so "$LUA_SO"
		sed -e "s|@LIBDIR@|$D/lib|g" -e "s|@ETCDIR@|$D/etc|g" "$HERE/job_submit.lua.in" | put job_submit.lua
	else
		plain_job_submit | put job_submit.lua
	fi
	if [ -n "$SPANK_SO" ]; then
		install_so "$SPANK_SO"
		echo "optional $D/lib/${SPANK_SO##*/}" | put plugstack.conf
	else
		echo "# no spank_xpm.so" | put plugstack.conf
	fi
	LIB_PATH=$(needed_library_path)
	if [ -n "$LUA_SO$SPANK_SO" ]; then
		PRODUCT="${SPANK_SO:-no spank_xpm.so} ${LUA_SO:-no xpm.so}"
	else
		PRODUCT=none
	fi
	printf '%s=%q\n' LIB_PATH "$LIB_PATH" BIN_PATH "$BIN_PATH" PRODUCT "$PRODUCT" | put product
}
