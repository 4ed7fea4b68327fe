#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# The RPMs of $XPM_RPMS in an empty root: what is in them, what they ask for, installation and removal.
bats_require_minimum_version 1.5.0

setup_file() {
	export ROOT=$BATS_FILE_TMPDIR/root
	mkdir -p "$ROOT"
	rpm --root "$ROOT" --initdb
}
rpms() { find "$XPM_RPMS" -name '*.rpm' ! -name '*.src.rpm' ! -name '*debug*' | sort; }
rpm_of() { rpms | grep -E "/$1-[0-9]"; }

@test "each package has the files of its list" {
	for r in $(rpms); do
		rpm -qp --qf '[%{=NAME} %{FILENAMES}\n]' "$r" | grep -v build-id
	done | sed 's|/usr/lib/[a-z0-9_]*-linux-gnu/slurm-wlm|PLUGINS|; s|/usr/lib64/slurm|PLUGINS|; s|/usr/lib64|LIB|; s|-[0-9.]*$||; s|-[0-9.]*/COPYING|/COPYING|' |
		sort >"$BATS_TEST_TMPDIR/files"
	diff "$BATS_TEST_DIRNAME/rpm.files" "$BATS_TEST_TMPDIR/files"
}

@test "the plugin's package asks for the one Slurm it was built for; its release says which" {
	read -r this next < <(sh "$BATS_TEST_DIRNAME/../../packaging/slurm-range")
	run -0 rpm -qp --requires "$(rpm_of slurm-xpm-spank)"
	[[ $output == *"slurm >= $this"* && $output == *"slurm < $next"* ]]
	run -0 rpm -qp --qf '%{RELEASE}' "$(rpm_of slurm-xpm-spank)"
	[[ $output == *"slurm$this"* ]]
	# where there is no Slurm, or another one, it is refused with that word
	run rpm --root "$ROOT" -i --test "$(rpm_of slurm-xpm-spank)"
	[ "$status" -ne 0 ]
	[[ $output == *"slurm < $next is needed by slurm-xpm-spank"* ]]
}

@test "installed into an empty root: the commands run, launchers.yaml is configuration" {
	# shellcheck disable=SC2046 # names without blanks
	rpm --root "$ROOT" -i --nodeps $(rpms)
	run -0 env LD_LIBRARY_PATH="$ROOT/usr/lib64" "$ROOT/usr/bin/xpm" --version
	run -0 env LD_LIBRARY_PATH="$ROOT/usr/lib64" "$ROOT/usr/bin/xpm" check "$ROOT/etc/xpm/launchers.yaml"
	run -0 rpm --root "$ROOT" -q --qf '[%{FILENAMES} %{FILEFLAGS:fflags}\n]' slurm-xpm
	[[ $output == *"/etc/xpm/launchers.yaml cn"* ]]
	grep -q '^optional .*/spank_xpm.so$' "$ROOT/etc/slurm/plugstack.conf.d/xpm.conf"
	# shellcheck disable=SC2046 # a list of names
	run -0 rpm --root "$ROOT" -V --nodeps --nouser --nogroup --nomtime $(rpm --root "$ROOT" -qa)
}

@test "removal leaves nothing but an edited launchers.yaml" {
	echo "# edited" >>"$ROOT/etc/xpm/launchers.yaml"
	# shellcheck disable=SC2046 # a list of names
	rpm --root "$ROOT" -e --nodeps $(rpm --root "$ROOT" -qa)
	run -0 find "$ROOT" -path "$ROOT/var" -prune -o -path "$ROOT/root" -prune -o -type f -printf '%P\n'
	[ "$output" = etc/xpm/launchers.yaml.rpmsave ]
}

@test "rpmlint has no error to tell" {
	command -v rpmlint >/dev/null || skip "no rpmlint"
	# shellcheck disable=SC2046 # names without blanks
	run rpmlint -c "$BATS_TEST_DIRNAME/../../packaging/rpm/rpmlint.toml" $(rpms)
	echo "$output"
	[[ $output == *" 0 errors,"* ]]
}
