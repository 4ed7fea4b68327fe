#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# The SPANK plugin shows Slurm its entry points and nothing else (a global of ours could bind to one of sbatch's own), and
# needs no library that a login node may lack.
: "${XPM_SPANK_SO:?}"
test -f "$XPM_SPANK_SO" || exit 77

expected='plugin_name plugin_type plugin_version slurm_spank_exit slurm_spank_init slurm_spank_init_post_opt spank_plugin_version'
found=$(nm -D --defined-only "$XPM_SPANK_SO" | sed 's/.* //' | grep -v '^\(__asan\|__odr_asan\|__gcov\|mangle_path\)' |
	LC_ALL=C sort | tr '\n' ' ')
if [ "$found" != "$expected " ]; then
	printf 'exported: %s\nexpected: %s\n' "$found" "$expected" >&2
	exit 1
fi
if readelf -d "$XPM_SPANK_SO" | grep 'NEEDED' | grep -Ev 'lib(c|gcc_s|asan|ubsan|gcov|m|dl|pthread|rt)\.so|ld-linux' >&2; then
	echo "needs more than libc" >&2
	exit 1
fi
