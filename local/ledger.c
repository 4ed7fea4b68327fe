// SPDX-License-Identifier: GPL-2.0-or-later
/* The folder: which one, whether it can be trusted, its lock. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/sysmacros.h>
#include <time.h>
#include <unistd.h>

#include "ledger.h"
#include "say.h"

/*
 * A folder that others may write must be sticky, else they could remove our files. One that belongs to neither root nor us
 * could be emptied by its owner.
 */
static int trust(const char *path, int dir)
{
	struct stat st;

	if (fstat(dir, &st) || !S_ISDIR(st.st_mode)) {
		xpm_say("%s: %s", path, strerror(ENOTDIR));
		return -1;
	}
	if (st.st_uid != 0 && st.st_uid != geteuid()) {
		xpm_say("%s belongs to user %u, neither to you nor to root: not used as ledger", path,
			(unsigned)st.st_uid);
		return -1;
	}
	if ((st.st_mode & 022) && !(st.st_mode & S_ISVTX)) {
		xpm_say("%s may be written by others and is not sticky: not used as ledger", path);
		return -1;
	}
	return 0;
}

static int open_dir(const char *path, int create, int flags)
{
	int dir = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC | flags);

	if (dir >= 0 || errno != ENOENT || !create)
		return dir;
	if (mkdir(path, 0700) && errno != EEXIST)
		return -1;
	return open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC | flags);
}

static char *own_path(void)
{
	const char *runtime = getenv("XDG_RUNTIME_DIR");
	struct stat st;

	if (runtime && *runtime == '/' && !stat(runtime, &st) && st.st_uid == geteuid())
		return xpm_format("%s/xpm", runtime);
	return xpm_format("/tmp/xpm-%u", (unsigned)geteuid());
}

static int open_at(struct xpm_ledger *ledger, int create, int flags)
{
	ledger->dir = open_dir(ledger->path, create, flags);
	if (ledger->dir < 0) {
		if (create || errno != ENOENT)
			xpm_say("the ledger %s: %s", ledger->path, strerror(errno));
		return -1;
	}
	return trust(ledger->path, ledger->dir);
}

int xpm_ledger_open(struct xpm_ledger *ledger, int create)
{
	const char *named = getenv("XPM_LEDGER");
	struct stat st;

	if (named && *named) {
		ledger->path = xpm_strdup(named);
		return open_at(ledger, create, 0);
	}
	if (!stat(XPM_LEDGER_DIR, &st) && S_ISDIR(st.st_mode) && (st.st_mode & S_ISVTX)) {
		ledger->path = xpm_strdup(XPM_LEDGER_DIR);
		return open_at(ledger, 0, O_NOFOLLOW);
	}
	ledger->path = own_path();
	return open_at(ledger, create, O_NOFOLLOW);
}

int xpm_ledger_reopen(struct xpm_ledger *ledger)
{
	int dir = openat(ledger->dir, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (dir < 0)
		return -1;
	close(ledger->dir);
	ledger->dir = dir;
	return 0;
}

/* The process that holds an flock of the folder, from /proc/locks; 0 when it cannot be found. */
static long find_holder(int dir)
{
	FILE *locks = fopen("/proc/locks", "re");
	struct stat st;
	char line[256], kind[16], mode[16];
	unsigned major_id, minor_id;
	unsigned long long inode;
	long pid, found = 0;

	if (!locks)
		return 0;
	if (!fstat(dir, &st))
		while (!found && fgets(line, sizeof(line), locks))
			if (sscanf(line, "%*d: %15s %*s %15s %ld %x:%x:%llu", kind, mode, &pid, &major_id,
				   &minor_id, &inode) == 6 &&
			    !strcmp(kind, "FLOCK") && inode == st.st_ino && major_id == major(st.st_dev) &&
			    minor_id == minor(st.st_dev))
				found = pid;
	fclose(locks);
	return found;
}

static int ending(void)
{
	sigset_t pending;

	sigpending(&pending);
	return sigismember(&pending, SIGTERM) || sigismember(&pending, SIGINT) || sigismember(&pending, SIGHUP) ||
	       sigismember(&pending, SIGQUIT);
}

/* The lock is held for a scan of the folder, well below a millisecond: retry shortly, and longer when it is stuck. */
int xpm_ledger_lock(const struct xpm_ledger *ledger)
{
	struct timespec pause = { .tv_nsec = 100000 };
	int64_t begin = xpm_now_ms();
	int told = 0;

	while (flock(ledger->dir, LOCK_EX | LOCK_NB)) {
		if (errno != EWOULDBLOCK && errno != EINTR) {
			xpm_say("the ledger %s cannot be locked: %s", ledger->path, strerror(errno));
			return -1;
		}
		if (ending())
			return -1;
		if (!told && xpm_now_ms() - begin > 5000) {
			xpm_say("the ledger %s is kept locked by process %ld; still waiting", ledger->path,
				find_holder(ledger->dir));
			told = 1;
		}
		nanosleep(&pause, NULL);
		if (pause.tv_nsec < (told ? 500000000 : 8000000))
			pause.tv_nsec *= 2;
	}
	return 0;
}

void xpm_ledger_unlock(const struct xpm_ledger *ledger)
{
	flock(ledger->dir, LOCK_UN);
}
