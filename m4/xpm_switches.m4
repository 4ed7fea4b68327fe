# SPDX-License-Identifier: GPL-2.0-or-later
# Warnings, and the switches for developers: all off in a plain build.

# XPM_TRY_CFLAG(FLAG): append FLAG to XPM_CFLAGS if the compiler takes it
AC_DEFUN([XPM_TRY_CFLAG], [
  AC_MSG_CHECKING([whether $CC takes $1])
  xpm_saved_CFLAGS=$CFLAGS
  CFLAGS="$CFLAGS -Werror $1"
  AC_COMPILE_IFELSE([AC_LANG_PROGRAM([], [])],
    [AC_MSG_RESULT([yes]); XPM_CFLAGS="$XPM_CFLAGS $1"], [AC_MSG_RESULT([no])])
  CFLAGS=$xpm_saved_CFLAGS
])

AC_DEFUN([XPM_COMPILER_FLAGS], [
  XPM_CFLAGS="-std=gnu11"
  m4_foreach_w([flag], [-Wall -Wextra -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Wold-style-definition
    -Wpointer-arith -Wwrite-strings -Wformat=2 -Wformat-nonliteral -Wvla -Wundef -Wcast-qual
    -Wimplicit-fallthrough -fvisibility=hidden -fno-common], [XPM_TRY_CFLAG(flag)])
  AC_SUBST([XPM_CFLAGS])
])

AC_DEFUN([XPM_SWITCHES], [
  AC_ARG_ENABLE([werror], [AS_HELP_STRING([--enable-werror], [treat warnings as errors])], [], [enable_werror=no])
  AC_ARG_ENABLE([sanitizers], [AS_HELP_STRING([--enable-sanitizers], [AddressSanitizer and UBSan])], [],
    [enable_sanitizers=no])
  AC_ARG_ENABLE([coverage], [AS_HELP_STRING([--enable-coverage], [gcov instrumentation])], [], [enable_coverage=no])
  AC_ARG_ENABLE([fuzzing], [AS_HELP_STRING([--enable-fuzzing], [libFuzzer targets; wants CC=clang])], [],
    [enable_fuzzing=no])
  AS_IF([test "$enable_werror" = yes], [XPM_CFLAGS="$XPM_CFLAGS -Werror"])
  AS_IF([test "$enable_sanitizers" = yes], [
    XPM_CFLAGS="$XPM_CFLAGS -fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer"
    XPM_LDFLAGS="$XPM_LDFLAGS -fsanitize=address,undefined"])
  AS_IF([test "$enable_coverage" = yes], [
    XPM_CFLAGS="$XPM_CFLAGS --coverage -O0"; XPM_LDFLAGS="$XPM_LDFLAGS --coverage"])
  AS_IF([test "$enable_fuzzing" = yes], [
    XPM_CFLAGS="$XPM_CFLAGS -fsanitize=fuzzer-no-link,address,undefined -g"
    XPM_LDFLAGS="$XPM_LDFLAGS -fsanitize=address,undefined"])
  AM_CONDITIONAL([FUZZING], [test "$enable_fuzzing" = yes])
  AM_CONDITIONAL([SANITIZERS], [test "$enable_sanitizers" = yes])
  AC_SUBST([XPM_LDFLAGS])
])
