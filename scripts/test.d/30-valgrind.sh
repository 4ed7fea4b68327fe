#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The unit tests under valgrind: one result for each program.
# needs: configure.ac
# timeout: 1800
# quick: no
# shellcheck source=scripts/lib/part.sh
. "$(dirname "$0")/../lib/part.sh"

need_tree plain
programs=" $(make_var "$XPM_BUILD" check_PROGRAMS) "
tests='' CHECK_LOGS=''
for t in $(make_var "$XPM_BUILD" TESTS); do
	[[ $programs == *" $t "* ]] || continue
	tests+=" $t" CHECK_LOGS+=" $t.log"
done
[ -n "$tests" ] || exit 0

flags="--quiet --error-exitcode=99 --leak-check=full --show-leak-kinds=definite,indirect --errors-for-leak-kinds=definite,indirect"
[ ! -f tests/valgrind.supp ] || flags+=" --suppressions=$XPM_TOP/tests/valgrind.supp"
# XPM_TEST_SLOW: a test with many rounds may do fewer
export CK_FORK=no CK_TIMEOUT_MULTIPLIER=30 CK_VERBOSITY=silent XPM_TEST_SLOW=1
# shellcheck disable=SC2016 # for make
run_check "$XPM_BUILD" TESTS="$tests" LOG_COMPILER='$(SHELL) $(top_builddir)/libtool --silent --mode=execute valgrind '"$flags" |
	sed 's/^\(not \)\{0,1\}ok - /&valgrind: /'
