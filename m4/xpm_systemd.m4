# SPDX-License-Identifier: GPL-2.0-or-later
# XPM_SYSTEMD: where units go. Sets SYSTEMDUNITDIR; below our own prefix, so that nothing is written outside of it.
AC_DEFUN([XPM_SYSTEMD], [
  AC_ARG_WITH([systemdsystemunitdir], [AS_HELP_STRING([--with-systemdsystemunitdir=DIR],
    [where the unit files go [PREFIX/lib/systemd/system]])], [], [with_systemdsystemunitdir='${prefix}/lib/systemd/system'])
  SYSTEMDUNITDIR=$with_systemdsystemunitdir
  AC_SUBST([SYSTEMDUNITDIR])
])
