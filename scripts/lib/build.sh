# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Build trees beside the sources: _build (warnings are errors), _build-asan (with sanitizers too). To be sourced.

XPM_TOP=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
XPM_JOBS=${XPM_JOBS:-$(nproc)}

# configure is made anew only when something it is made of is newer
fresh_configure() {
	[ -x "$XPM_TOP/configure" ] && [ -f "$XPM_TOP/Makefile.in" ] || return 1
	[ -z "$(find "$XPM_TOP/configure.ac" "$XPM_TOP/m4" "$XPM_TOP/Makefile.am" "$XPM_TOP"/*/Makemodule.am \
		-type f ! -name 'l*.m4' -newer "$XPM_TOP/Makefile.in" -print -quit 2>/dev/null)" ]
}
make_configure() {
	fresh_configure || (cd "$XPM_TOP" && autoreconf -fi && touch configure Makefile.in)
}

# configure_tree DIR ARGS... : again only when the arguments changed or the tree is not whole
configure_tree() {
	local dir=$1
	shift
	if [ -f "$dir/Makefile" ] && [ "$(cat "$dir/.xpm-args" 2>/dev/null)" = "$*" ] && [ ! "$XPM_TOP/configure" -nt "$dir/config.status" ]; then
		return 0
	fi
	mkdir -p "$dir"
	rm -f "$dir/.xpm-args"
	(cd "$dir" && "$XPM_TOP/configure" --quiet "$@") && echo "$*" >"$dir/.xpm-args"
}

tree_dir() {
	case $1 in
	plain) echo "$XPM_TOP/_build" ;;
	sanitizers) echo "$XPM_TOP/_build-asan" ;;
	esac
}

# build_tree plain|sanitizers [all] : quiet; on failure what make said of it. "all" leaves the test programs out.
build_tree() {
	local dir log rc=0 checks=1
	dir=$(tree_dir "$1")
	[ "${2:-}" != all ] || checks=0
	mkdir -p "$dir"
	log=$dir/xpm-build.log
	{
		make_configure && case $1 in
		plain) configure_tree "$dir" --enable-werror ;;
		sanitizers) configure_tree "$dir" --enable-werror --enable-sanitizers ;;
		esac && make -C "$dir" -j"$XPM_JOBS" all &&
			{ [ $checks = 0 ] || make -C "$dir" -j"$XPM_JOBS" check TESTS=; }
	} >"$log" 2>&1 </dev/null || rc=$?
	if [ $rc -ne 0 ]; then
		grep -E -A4 'error:|Error [0-9]+$|No rule' "$log" | head -n 60 || tail -n 30 "$log"
		return 1
	fi
}

# make_var DIR NAME : what a variable is in DIR/Makefile
make_var() {
	# shellcheck disable=SC2016 # for make
	printf 'include Makefile\nxpm-print: ; @echo $(%s)\n' "$2" | make -s --no-print-directory -C "$1" -f - xpm-print 2>/dev/null
}
