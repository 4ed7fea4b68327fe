/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Every allocation of a load fails once, those inside of libyaml and PCRE2 too: the program's own malloc() stands before
 * the C library's, counts, and refuses the n-th; so do wrappers of the arena's functions, most of whose pieces need no
 * malloc(). The call ends with XPM_ERR_MEMORY, or did not need that memory; nothing is left behind.
 *
 * Linked with --wrap of each xpm_arena_...() below.
 */
#include <xpmatch/launchers.h>

#include <dlfcn.h>
#include <string.h>
#include "arena.h"
#include "unit.h"

#if defined(__has_feature)
#if __has_feature(address_sanitizer)
#define UNFIT 1 /* clang links its malloc() into the program */
#endif
#endif

#ifndef UNFIT

static void *(*real_malloc)(size_t size);
static void *(*real_calloc)(size_t count, size_t size);
static void *(*real_realloc)(void *piece, size_t size);
static void (*real_free)(void *piece);

static long left = -1; /* allocations until the one that fails; below 0 none does */
static long alive;     /* pieces, while counting */
static int counting, refused;

/* dlsym() itself may want memory before the real functions are known. */
static char early[4096];
static size_t early_used;

static void *early_alloc(size_t size)
{
	void *piece = early + early_used;

	size = (size + 15) / 16 * 16;
	if (size > sizeof(early) - early_used)
		return NULL;
	early_used += size;
	return piece;
}

static int is_early(const void *piece)
{
	return (const char *)piece >= early && (const char *)piece < early + sizeof(early);
}

static void find_real(void)
{
	static int looking;

	if (real_free || looking)
		return;
	looking = 1;
	*(void **)&real_malloc = dlsym(RTLD_NEXT, "malloc");
	*(void **)&real_calloc = dlsym(RTLD_NEXT, "calloc");
	*(void **)&real_realloc = dlsym(RTLD_NEXT, "realloc");
	*(void **)&real_free = dlsym(RTLD_NEXT, "free");
	looking = 0;
}

static int fails_now(void)
{
	if (left < 0 || left-- != 0)
		return 0;
	refused = 1;
	return 1;
}

static void *counted(void *piece)
{
	alive += piece && counting;
	return piece;
}

void *malloc(size_t size)
{
	find_real();
	if (!real_malloc)
		return early_alloc(size);
	return fails_now() ? NULL : counted(real_malloc(size));
}

void *calloc(size_t count, size_t size)
{
	find_real();
	if (!real_calloc)
		return early_alloc(count * size);
	return fails_now() ? NULL : counted(real_calloc(count, size));
}

void *realloc(void *piece, size_t size)
{
	find_real();
	if (fails_now())
		return NULL;
	return piece ? real_realloc(piece, size) : counted(real_realloc(piece, size));
}

void free(void *piece)
{
	if (!piece || is_early(piece))
		return;
	alive -= counting;
	real_free(piece);
}

void *__real_xpm_arena_alloc(struct xpm_arena *arena, size_t size);
void *__real_xpm_arena_array(struct xpm_arena *arena, size_t count, size_t size);
char *__real_xpm_arena_strndup(struct xpm_arena *arena, const char *text, size_t len);
char *__real_xpm_arena_strdup(struct xpm_arena *arena, const char *text);
void *__wrap_xpm_arena_alloc(struct xpm_arena *arena, size_t size);
void *__wrap_xpm_arena_array(struct xpm_arena *arena, size_t count, size_t size);
char *__wrap_xpm_arena_strndup(struct xpm_arena *arena, const char *text, size_t len);
char *__wrap_xpm_arena_strdup(struct xpm_arena *arena, const char *text);
char *__wrap_xpm_arena_printf(struct xpm_arena *arena, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

void *__wrap_xpm_arena_alloc(struct xpm_arena *arena, size_t size)
{
	return fails_now() ? NULL : __real_xpm_arena_alloc(arena, size);
}

void *__wrap_xpm_arena_array(struct xpm_arena *arena, size_t count, size_t size)
{
	return fails_now() ? NULL : __real_xpm_arena_array(arena, count, size);
}

char *__wrap_xpm_arena_strndup(struct xpm_arena *arena, const char *text, size_t len)
{
	return fails_now() ? NULL : __real_xpm_arena_strndup(arena, text, len);
}

char *__wrap_xpm_arena_strdup(struct xpm_arena *arena, const char *text)
{
	return fails_now() ? NULL : __real_xpm_arena_strdup(arena, text);
}

char *__wrap_xpm_arena_printf(struct xpm_arena *arena, const char *format, ...)
{
	char text[1024];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	return fails_now() ? NULL : __real_xpm_arena_strdup(arena, text);
}

static char *read_case(const char *which)
{
	const char *srcdir = getenv("srcdir");
	char path[4096], *text;
	FILE *file;

	snprintf(path, sizeof(path), "%s/tests/data/launchers/%s/launchers.yaml", srcdir ? srcdir : ".", which);
	file = fopen(path, "r");
	ck_assert_msg(file != NULL, "%s", path);
	text = calloc(1, 1 << 16);
	ck_assert_ptr_nonnull(text);
	ck_assert_uint_gt(fread(text, 1, (1 << 16) - 1, file), 0);
	fclose(file);
	return text;
}

/* One go with the n-th allocation refused; 0 when there are not so many. */
static int try(const char *text, long n, int with_report, enum xpm_code code)
{
	struct xpm_error err = { .code = XPM_OK };
	struct xpm_launchers *launchers;
	struct xpm_report *report;

	alive = refused = 0;
	counting = 1;
	left = n;
	report = with_report ? xpm_report_create(&err) : NULL;
	launchers = with_report && !report ? NULL
					   : xpm_launchers_parse(text, strlen(text), "x.yaml", report, &err);
	left = -1;
	xpm_launchers_destroy(launchers);
	xpm_report_destroy(report);
	counting = 0;
	ck_assert_int_eq(alive, 0);
	ck_assert(launchers ? err.code == XPM_OK : err.code == code || (refused && err.code == XPM_ERR_MEMORY));
	return refused;
}

static void try_all(const char *which, enum xpm_code code)
{
	char *text = read_case(which);
	int with_report;
	long n;

	for (with_report = 0; with_report < 2; with_report++) {
		for (n = 0; try(text, n, with_report, code); n++)
			;
		ck_assert_int_gt(n, 20);
	}
	free(text);
}

START_TEST(example)
{
	try_all("valid/example", XPM_OK);
}
END_TEST

START_TEST(everything_else)
{
	try_all("valid/merge-keys", XPM_OK);
	try_all("valid/options", XPM_OK);
	try_all("valid/local-full", XPM_OK);
	try_all("valid/warnings", XPM_OK);
}
END_TEST

START_TEST(wrong_files)
{
	try_all("invalid/everywhere", XPM_ERR_LAUNCHERS);
	try_all("invalid/regex-unclosed", XPM_ERR_LAUNCHERS);
	try_all("invalid/group-hosts", XPM_ERR_LAUNCHERS);
}
END_TEST

/* Files: the pieces that only a load takes. */
START_TEST(loading)
{
	const char *srcdir = getenv("srcdir");
	char path[4096];
	long n;

	snprintf(path, sizeof(path), "%s/tests/data/launchers/valid/tokens-beside/launchers.yaml", srcdir ? srcdir : ".");
	for (n = 0;; n++) {
		struct xpm_error err = { .code = XPM_OK };
		struct xpm_launchers *launchers;

		alive = refused = 0;
		counting = 1;
		left = n;
		launchers = xpm_launchers_load(path, NULL, &err);
		left = -1;
		xpm_launchers_destroy(launchers);
		counting = 0;
		ck_assert_int_eq(alive, 0);
		ck_assert(launchers ? err.code == XPM_OK : refused && err.code == XPM_ERR_MEMORY);
		if (!refused)
			break;
	}
	ck_assert_int_gt(n, 20);
}
END_TEST

UNIT_MAIN("launchers_memory", example, everything_else, wrong_files, loading)

#else

int main(void)
{
	return 77;
}

#endif
