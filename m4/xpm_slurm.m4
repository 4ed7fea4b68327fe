# SPDX-License-Identifier: GPL-2.0-or-later
# XPM_SLURM: Slurm's headers, its version, and the folder it loads plugins from.
# Sets have_slurm, SLURM_VERSION, SLURM_CPPFLAGS, SLURM_PLUGINDIR (where ours goes) and SLURM_FOUND_PLUGINDIR (where
# Slurm's own are, for the Lua look-up; empty when Slurm is not installed).
AC_DEFUN([XPM_SLURM], [
  AC_ARG_WITH([slurm], [AS_HELP_STRING([--with-slurm=DIR], [Slurm's prefix (headers in DIR/include)])], [],
    [with_slurm=check])
  AC_ARG_WITH([slurm-plugindir], [AS_HELP_STRING([--with-slurm-plugindir=DIR],
    [where Slurm loads plugins from [Slurm's own, else LIBDIR/slurm]])], [], [with_slurm_plugindir=])

  have_slurm=no
  SLURM_VERSION=
  SLURM_CPPFLAGS=
  AS_IF([test "$with_slurm" != no], [
    AS_CASE([$with_slurm], [yes|check], [], [SLURM_CPPFLAGS="-I$with_slurm/include"])
    xpm_saved_CPPFLAGS=$CPPFLAGS
    CPPFLAGS="$CPPFLAGS $SLURM_CPPFLAGS"
    AC_CHECK_HEADER([slurm/spank.h], [have_slurm=yes], [have_slurm=no], [#include <slurm/slurm.h>])
    AS_IF([test "$have_slurm" = yes], [
      AC_MSG_CHECKING([Slurm's version])
      xpm_number=`printf '#include <slurm/slurm_version.h>\nSLURM_VERSION_NUMBER\n' |
                  $CC -E $CPPFLAGS -x c - 2>/dev/null | sed -n 's/^ *(*\(0x@<:@0-9a-fA-F@:>@*\)).*/\1/p;s/^ *\(0x@<:@0-9a-fA-F@:>@*\)$/\1/p' | tail -1`
      AS_IF([test -n "$xpm_number"],
        [SLURM_VERSION=`printf '%d.%02d.%d' $(( (xpm_number >> 16) & 255 )) $(( (xpm_number >> 8) & 255 )) $(( xpm_number & 255 ))`])
      AC_MSG_RESULT([${SLURM_VERSION:-unknown}])
    ])
    CPPFLAGS=$xpm_saved_CPPFLAGS
    AS_IF([test "$have_slurm" = no && test "$with_slurm" != check],
      [AC_MSG_ERROR([--with-slurm=$with_slurm: slurm/spank.h was not found])])
  ])

  AC_MSG_CHECKING([where Slurm keeps its plugins])
  SLURM_FOUND_PLUGINDIR=
  AS_CASE([$with_slurm], [yes|no|check], [xpm_prefixes=], [xpm_prefixes="$with_slurm/lib/slurm $with_slurm/lib64/slurm"])
  for xpm_dir in $with_slurm_plugindir $xpm_prefixes /usr/lib64/slurm /usr/lib/*/slurm-wlm /usr/lib/*/slurm /usr/lib/slurm \
                 /usr/local/lib/slurm /usr/local/lib64/slurm /opt/slurm/lib/slurm /opt/slurm/lib64/slurm; do
    AS_IF([test -z "$SLURM_FOUND_PLUGINDIR" && ls "$xpm_dir"/auth_*.so >/dev/null 2>&1],
      [SLURM_FOUND_PLUGINDIR=$xpm_dir])
  done
  AS_IF([test -n "$with_slurm_plugindir"], [SLURM_PLUGINDIR=$with_slurm_plugindir],
        [test -n "$SLURM_FOUND_PLUGINDIR" && test "$prefix" = /usr], [SLURM_PLUGINDIR=$SLURM_FOUND_PLUGINDIR],
        [SLURM_PLUGINDIR='${libdir}/slurm'])
  AC_MSG_RESULT([${SLURM_FOUND_PLUGINDIR:-not installed}; ours goes to $SLURM_PLUGINDIR])
  AC_SUBST([SLURM_CPPFLAGS])
  AC_SUBST([SLURM_VERSION])
  AC_SUBST([SLURM_PLUGINDIR])
])
