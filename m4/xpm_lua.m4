# SPDX-License-Identifier: GPL-2.0-or-later
# XPM_LUA: the Lua that the installed job_submit_lua.so uses. A module compiled against another version's headers loads
# and is silently wrong, so the installed plugin decides, and only --with-lua=VER overrides it.
# Sets have_lua, LUA_API (5.1 ... 5.4), LUA_CFLAGS, LUA_CMODDIR, LUA_SOURCE (how it was found), LUA_WANTED.
AC_DEFUN([XPM_LUA], [
  AC_ARG_WITH([lua], [AS_HELP_STRING([--with-lua=VER], [5.1, 5.2, 5.3 or 5.4 [the one job_submit_lua.so uses]])], [],
    [with_lua=check])
  AC_ARG_WITH([lua-cmoddir], [AS_HELP_STRING([--with-lua-cmoddir=DIR],
    [where require "xpm" finds xpm.so [LIBDIR/lua/VER]])], [], [with_lua_cmoddir=])
  have_lua=no
  LUA_API=
  LUA_WANTED=
  LUA_SOURCE=
  AC_MSG_CHECKING([the Lua of job_submit_lua.so])
  AS_CASE([$with_lua],
    [no], [LUA_SOURCE=none],
    [yes|check], [
      AS_IF([test -f "$SLURM_FOUND_PLUGINDIR/job_submit_lua.so"], [
        LUA_WANTED=`LC_ALL=C objdump -p "$SLURM_FOUND_PLUGINDIR/job_submit_lua.so" 2>/dev/null |
                    sed -n 's/.*NEEDED.*liblua@<:@-.@:>@*\(5\)\.*\(@<:@1-4@:>@\).*/\1.\2/p' | sed 1q`
        LUA_SOURCE="as job_submit_lua.so"])],
    [LUA_WANTED=$with_lua; LUA_SOURCE="as asked for"])
  AC_MSG_RESULT([${LUA_WANTED:-not known}])
  AS_IF([test "$LUA_SOURCE" != none], [
    for xpm_v in ${LUA_WANTED:-5.4 5.3 5.1 5.2}; do
      xpm_flat=`echo $xpm_v | tr -d .`
      for xpm_pc in lua$xpm_v lua-$xpm_v lua$xpm_flat lua; do
        AS_IF([test "$have_lua" = no && $PKG_CONFIG --exists $xpm_pc 2>/dev/null], [
          AS_CASE([`$PKG_CONFIG --modversion $xpm_pc`], [$xpm_v*], [
            have_lua=yes; LUA_API=$xpm_v; LUA_CFLAGS=`$PKG_CONFIG --cflags $xpm_pc`])])
      done
    done
    AS_IF([test -z "$LUA_SOURCE"], [LUA_SOURCE="no job_submit_lua.so to follow: the newest here"])
    AS_IF([test "$have_lua" = no && test "$with_lua" != check && test "$with_lua" != yes],
      [AC_MSG_ERROR([--with-lua=$with_lua: no pkg-config file for this Lua was found])])
  ])
  AS_IF([test -n "$with_lua_cmoddir"], [LUA_CMODDIR=$with_lua_cmoddir], [LUA_CMODDIR='${libdir}/lua/'"$LUA_API"])
  AC_SUBST([LUA_API])
  AC_SUBST([LUA_CFLAGS])
  AC_SUBST([LUA_CMODDIR])
])

# XPM_LUA_TESTED: every Lua of this machine that the tests can build the module for: pkg-config file and interpreter.
# Sets HAVE_LUA51 ... HAVE_LUA54 (conditionals), LUA51_CFLAGS ..., and LUA_TESTED ("5.1:/usr/bin/lua5.1 ...").
AC_DEFUN([XPM_LUA_TESTED], [
  LUA_TESTED=
  m4_foreach_w([ver], [51 52 53 54], [
    xpm_v=`echo ver | sed 's/^5/5./'`
    xpm_have=no
    LUA[]ver[]_CFLAGS=
    AC_PATH_PROGS([LUA]ver, [lua$xpm_v lua-$xpm_v lua]ver, [])
    for xpm_pc in lua$xpm_v lua-$xpm_v lua[]ver; do
      AS_IF([test "$xpm_have" = no && test -n "$LUA[]ver" && $PKG_CONFIG --exists $xpm_pc 2>/dev/null],
        [xpm_have=yes; LUA[]ver[]_CFLAGS=`$PKG_CONFIG --cflags $xpm_pc`; LUA_TESTED="$LUA_TESTED $xpm_v:$LUA[]ver"])
    done
    AC_SUBST(LUA[]ver[]_CFLAGS)
    AM_CONDITIONAL(HAVE_LUA[]ver, [test "$xpm_have" = yes])
  ])
  AC_SUBST([LUA_TESTED])
])
