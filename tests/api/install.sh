#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# What `make install` puts into a folder is enough to build and run a program, by pkg-config alone.
: "${XPM_TOP:?}" "${XPM_LIB_SO:?}"
build=${XPM_LIB_SO%/.libs/*}
if ! command -v pkg-config >/dev/null || [ ! -f "$XPM_LIB_SO" ]; then exit 77; fi
work=$(mktemp -d) && trap 'rm -rf "$work"' EXIT
fail() {
	echo "$*" >&2
	exit 1
}
# the make that runs us may pass on its own variables and jobs
unset MAKEFLAGS MFLAGS MAKELEVEL DESTDIR
make -s -C "$build" DESTDIR="$work/root" install-libLTLIBRARIES install-pkgconfigDATA install-xpmatchincludeHEADERS \
	install-xpmlaunchincludeHEADERS >"$work/log" 2>&1 || fail "$(tail -n 20 "$work/log")"

pc=$(find "$work/root" -name xpmlaunch.pc)
[ -n "$pc" ] || fail "no xpmlaunch.pc was installed"
export PKG_CONFIG_LIBDIR="${pc%/*}" PKG_CONFIG_SYSROOT_DIR="$work/root"
unset PKG_CONFIG_PATH
lib=$(dirname "$(dirname "$pc")")
cc=${XPM_CC:-cc}

# compile NAME FLAGS... : from the installed tree, and from nothing else; sanitizers of the build have to go along
compile() {
	program=$1
	shift
	# shellcheck disable=SC2086 # words
	(cd "$work" && $cc -std=c11 -Wall -Wextra -Werror ${XPM_SANITIZE:-} "$program.c" "$@" -o "$program") || fail "$program does not build: $*"
}

cp "$XPM_TOP/etc/submit.c" "$work/submit.c"
# shellcheck disable=SC2046 # words
compile submit $(pkg-config --cflags --libs xpmlaunch)
# a header at a time, in C and in C++, with xpmatch.pc alone
for header in "$XPM_TOP"/lib/xpmatch/*.h; do
	name=${header##*/}
	printf '#include <xpmatch/%s>\n#include <xpmatch/%s>\nint main(void) { return 0; }\n' "$name" "$name" >"$work/one.c"
	# shellcheck disable=SC2046 # words
	compile one $(pkg-config --cflags --libs xpmatch)
done
if command -v "${CXX:-c++}" >/dev/null; then
	printf '#include <xpmatch/xpmatch.h>\n#include <xpmlaunch/launch.h>\nint main() { xpm_launcher_destroy(nullptr); return 0; }\n' >"$work/plus.cc"
	# shellcheck disable=SC2046,SC2086 # words
	(cd "$work" && "${CXX:-c++}" -Wall -Wextra -Werror ${XPM_SANITIZE:-} plus.cc $(pkg-config --cflags --libs xpmlaunch) -o plus) ||
		fail "the headers are no C++"
fi

# what it is linked with is what was installed
export LD_LIBRARY_PATH="$lib"
ldd "$work/submit" | grep -q "libxpmatch.so.0 => $lib/" ||
	fail "not linked with the installed library: $(ldd "$work/submit")"
mkdir "$work/bin"
printf '#!/bin/sh\necho "$@" >"%s/words"\necho "41;c"\n' "$work" >"$work/bin/sbatch"
chmod 755 "$work/bin/sbatch"
cat >"$work/launchers.yaml" <<YAML
slurm:
  - id: there
    tags: [slurm]
    path: $work/bin
    options: { nodes: 1 }
    partitions: { gpu: { nodes: [ { hosts: g1, configuration: { gpu: { count: 2, memory: 16G } } } ] } }
YAML
check() { # check STATUS WANTED ARGS...
	wanted_status=$1 wanted=$2
	shift 2
	out=$("$work/submit" "$@" 2>&1)
	status=$?
	[ "$out $status" = "$wanted $wanted_status" ] || fail "submit $*: status $status, $out"
}
line="slurm launcher there: --partition=gpu --nodes=1 --gres=gpu:2 --comment='two gpus'"
check 0 "$line" "$work/launchers.yaml" -
check 0 "$line
job 41" "$work/launchers.yaml" slurm job.sh 1
[ "$(cat "$work/words")" = "--parsable --partition=gpu --nodes=1 --gres=gpu:2 --comment=two gpus job.sh 1" ] || fail "$(cat "$work/words")"
check 1 "error: no launcher satisfies the spec: none of this kind and tag has a candidate to offer" "$work/launchers.yaml" other job.sh
echo 'exit 3' >"$work/bin/sbatch"
check 4 "$line
error: $work/bin/sbatch cannot be run: Exec format error" "$work/launchers.yaml" slurm job.sh
exit 0
