// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A job that does not believe the ledger: what it was granted it also locks in a folder of its own, CLAIMS, where no lock
 * may ever be refused. Locks go with the processes, so a runner that gives something away too early is seen at once; a
 * daemon that the job leaves behind keeps them, so it must be gone, too.
 *
 *     CLAIMS/core-N gpu-N token-N   locked while the job runs
 *     CLAIMS/runs/NAME              made once
 *     CLAIMS/violations             a line for each thing that must not be
 */
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <time.h>
#include <unistd.h>

static const char *claims;

static void violation(const char *format, ...) __attribute__((format(printf, 1, 2)));

static void violation(const char *format, ...)
{
	char path[4096], text[256];
	va_list args;
	int fd, n;

	va_start(args, format);
	n = vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	snprintf(path, sizeof(path), "%s/violations", claims);
	fd = open(path, O_WRONLY | O_APPEND);
	if (fd < 0 || write(fd, text, (size_t)n) != n)
		_exit(97);
	close(fd);
}

/* 0 when it is ours now */
static int claim(const char *kind, unsigned number)
{
	char path[4096];
	int fd;

	snprintf(path, sizeof(path), "%s/%s-%u", claims, kind, number);
	fd = open(path, O_RDWR);
	if (fd < 0)
		violation("job %s: no %s\n", getenv("XPM_JOB_ID"), path);
	return flock(fd, LOCK_EX | LOCK_NB); /* stays open to the end */
}

static void claim_list(const char *kind, const char *list)
{
	while (*list) {
		char *end;
		unsigned long from = strtoul(list, &end, 10), to = from;

		if (*end == '-')
			to = strtoul(end + 1, &end, 10);
		for (; from <= to; from++)
			if (claim(kind, (unsigned)from))
				violation("job %s: %s %lu is taken twice\n", getenv("XPM_JOB_ID"), kind, from);
		list = *end ? end + 1 : end;
	}
}

static void claim_token(void)
{
	for (unsigned i = 0; i < 3; i++)
		if (!claim("token", i))
			return;
	violation("job %s: more than 3 tokens\n", getenv("XPM_JOB_ID"));
}

static void mark_run(const char *name)
{
	char path[4096];
	int fd;

	snprintf(path, sizeof(path), "%s/runs/%s", claims, name);
	fd = open(path, O_WRONLY | O_CREAT | O_EXCL, 0644);
	if (fd < 0)
		violation("%s ran twice (%s)\n", name, strerror(errno));
	close(fd);
}

/* A child that cuts its ties and outlives us. */
static void daemonise(void)
{
	if (fork())
		return;
	setsid();
	if (fork())
		_exit(0);
	sleep(600);
	_exit(0);
}

int main(int argc, char **argv)
{
	long ms = argc > 2 ? atol(argv[2]) : 10;
	struct timespec pause = { .tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000 };
	const char *cpus = getenv("XPM_CPUS"), *gpus = getenv("CUDA_VISIBLE_DEVICES"), *tokens = getenv("XPM_TOKENS");

	claims = getenv("CLAIMS");
	if (argc < 2 || !claims || !cpus || !gpus || !tokens)
		return 98;
	mark_run(argv[1]);
	claim_list("core", cpus);
	claim_list("gpu", gpus);
	if (strstr(tokens, "licence=1"))
		claim_token();
	if (argc > 3)
		daemonise();
	nanosleep(&pause, NULL);
	return 0;
}
