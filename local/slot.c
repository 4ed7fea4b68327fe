// SPDX-License-Identifier: GPL-2.0-or-later
/* The files in the ledger: reading everybody's, writing one's own. */
#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "ledger.h"
#include "say.h"

#define ENTRIES_MAX 16384
#define KEEP_S      (7 * 24 * 3600) /* ends of detached jobs stay on record this long */

/* "12.job", "12-1.job" (written anew beside a file that was put in its place): the id, or 0. */
static uint32_t name_id(const char *name)
{
	uint64_t id = 0;
	const char *p = name;

	if (*p < '1' || *p > '9')
		return 0;
	for (; isdigit((unsigned char)*p) && id < UINT32_MAX; p++)
		id = id * 10 + (uint64_t)(*p - '0');
	if (p[0] == '-' && isdigit((unsigned char)p[1]))
		p += 2;
	return strcmp(p, ".job") || id > INT32_MAX ? 0 : (uint32_t)id;
}

/* Locked for writing by somebody: only the owner's runner can do that. A lock for reading means nothing. */
static int is_alive(int fd)
{
	struct flock lock = { .l_type = F_RDLCK, .l_whence = SEEK_SET };

	return !fcntl(fd, F_OFD_GETLK, &lock) && lock.l_type == F_WRLCK;
}

/* 0 when the file is to be heard at all. */
static int read_entry(int dir, const char *name, struct xpm_entry *entry)
{
	char bytes[XPM_RECORD_SIZE + 1];
	struct stat st;
	ssize_t len;
	int fd = openat(dir, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);

	if (fd < 0)
		return -1;
	if (fstat(fd, &st) || !S_ISREG(st.st_mode)) {
		close(fd);
		return -1;
	}
	snprintf(entry->file, sizeof(entry->file), "%s", name);
	entry->uid = st.st_uid;
	entry->changed = st.st_mtim;
	entry->alive = is_alive(fd);
	len = pread(fd, bytes, sizeof(bytes), 0);
	close(fd);
	entry->empty = st.st_size == 0;
	entry->damaged = len <= 0 || len > XPM_RECORD_SIZE ||
			 xpm_record_decode(bytes, (size_t)len, &entry->record) ||
			 entry->record.id != name_id(name);
	if (entry->damaged)
		memset(&entry->record, 0, sizeof(entry->record));
	entry->record.id = name_id(name);
	return 0;
}

/* Dead runners leave nothing but their file. The end of a detached job is kept for a while. */
static int is_litter(const struct xpm_entry *entry)
{
	if (entry->alive || (entry->uid != geteuid() && geteuid() != 0))
		return 0;
	if (entry->empty || (!entry->damaged && !entry->record.detached))
		return 1;
	return xpm_wall_s() - (int64_t)entry->changed.tv_sec > KEEP_S;
}

struct xpm_entry *xpm_ledger_scan(const struct xpm_ledger *ledger, size_t *len)
{
	struct xpm_entry *entries = NULL;
	size_t room = 0;
	int fd = openat(ledger->dir, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *dir = fd < 0 ? NULL : fdopendir(fd);
	struct dirent *item;

	*len = 0;
	if (!dir) {
		xpm_say("the ledger %s cannot be read: %s", ledger->path, strerror(errno));
		if (fd >= 0)
			close(fd);
		return NULL;
	}
	while ((item = readdir(dir)) && *len < ENTRIES_MAX) {
		if (!name_id(item->d_name))
			continue;
		if (*len == room)
			entries = xpm_realloc(entries, room = room ? 2 * room : 16, sizeof(*entries));
		if (read_entry(ledger->dir, item->d_name, &entries[*len]))
			continue;
		if (is_litter(&entries[*len]))
			unlinkat(ledger->dir, item->d_name, 0);
		else
			(*len)++;
	}
	closedir(dir);
	return entries ? entries : xpm_alloc(1);
}

/*
 * The last id given, in a file that every user of the folder may write; a damaged one only costs that ids may come again.
 */
static uint32_t next_id(const struct xpm_ledger *ledger, uint32_t highest)
{
	char text[16] = "";
	uint64_t last = 0;
	int fd = openat(ledger->dir, "last-id", O_RDWR | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	struct stat st;

	if (fd < 0 && errno == ENOENT) {
		fd = openat(ledger->dir, "last-id", O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
		if (fd >= 0 && fchmod(fd, 0666))
			xpm_say("%s/last-id: %s", ledger->path, strerror(errno));
	}
	if (fd >= 0 && !fstat(fd, &st) && S_ISREG(st.st_mode) && pread(fd, text, 11, 0) >= 0) {
		text[strcspn(text, "\n")] = '\0';
		if (xpm_number(text, INT32_MAX - 1000000, &last))
			last = 0;
	}
	if (last < highest)
		last = highest;
	last++;
	snprintf(text, sizeof(text), "%010u\n", (unsigned)last);
	if (fd >= 0) {
		if (pwrite(fd, text, 11, 0) < 0)
			xpm_say("%s/last-id: %s", ledger->path, strerror(errno));
		close(fd);
	}
	return (uint32_t)last;
}

static int lock_file(int fd)
{
	struct flock lock = { .l_type = F_WRLCK, .l_whence = SEEK_SET };

	return fcntl(fd, F_OFD_SETLK, &lock);
}

/* Locked before anybody else can open it, readable for all from then on. */
static int create_file(const struct xpm_ledger *ledger, struct xpm_slot *slot)
{
	for (int k = 0; k < 10; k++) {
		if (k)
			snprintf(slot->file, sizeof(slot->file), "%u-%d.job", slot->record.id, k);
		else
			snprintf(slot->file, sizeof(slot->file), "%u.job", slot->record.id);
		slot->fd = openat(ledger->dir, slot->file, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
		if (slot->fd >= 0 || errno != EEXIST)
			break;
	}
	if (slot->fd < 0)
		return -1;
	if (!lock_file(slot->fd) && !xpm_slot_write(slot) && !fchmod(slot->fd, 0644))
		return 0;
	xpm_slot_remove(ledger, slot);
	return -1;
}

int xpm_slot_create(const struct xpm_ledger *ledger, struct xpm_slot *slot)
{
	size_t len;
	struct xpm_entry *entries = xpm_ledger_scan(ledger, &len);
	uint32_t highest = 0;
	uint64_t ticket = 0;

	if (!entries)
		return -1;
	for (size_t i = 0; i < len; i++) {
		highest = entries[i].record.id > highest ? entries[i].record.id : highest;
		if (entries[i].alive && entries[i].record.ticket > ticket)
			ticket = entries[i].record.ticket;
	}
	free(entries);
	/* the highest there is may be a file that only looks like a job's */
	slot->record.id = next_id(ledger, highest < INT32_MAX - 1000000 ? highest : 0);
	slot->record.ticket = ticket + 1;
	if (!create_file(ledger, slot))
		return 0;
	xpm_say("the ledger %s cannot take the job: %s", ledger->path, strerror(errno));
	return -1;
}

int xpm_slot_write(struct xpm_slot *slot)
{
	char bytes[XPM_RECORD_SIZE];
	ssize_t n;

	if (xpm_record_encode(&slot->record, bytes)) {
		errno = ENAMETOOLONG;
		return -1;
	}
	n = pwrite(slot->fd, bytes, sizeof(bytes), 0);
	if (n != (ssize_t)sizeof(bytes)) {
		errno = n < 0 ? errno : ENOSPC;
		return -1;
	}
	memcpy(slot->bytes, bytes, sizeof(bytes));
	return 0;
}

static int is_ours(const struct xpm_ledger *ledger, const struct xpm_slot *slot)
{
	struct stat named, open;

	return !fstatat(ledger->dir, slot->file, &named, AT_SYMLINK_NOFOLLOW) && !fstat(slot->fd, &open) &&
	       named.st_ino == open.st_ino && named.st_dev == open.st_dev;
}

int xpm_slot_heal(const struct xpm_ledger *ledger, struct xpm_slot *slot)
{
	char bytes[XPM_RECORD_SIZE + 1];
	int old = slot->fd;

	if (is_ours(ledger, slot)) {
		ssize_t n = pread(slot->fd, bytes, sizeof(bytes), 0);

		if (n == XPM_RECORD_SIZE && !memcmp(bytes, slot->bytes, XPM_RECORD_SIZE))
			return 0;
		if (n > XPM_RECORD_SIZE && ftruncate(slot->fd, XPM_RECORD_SIZE))
			return 1;
		xpm_slot_write(slot);
		return 1;
	}
	/* the old file keeps its lock until the new one has it */
	if (create_file(ledger, slot)) {
		slot->fd = old;
		return 1;
	}
	close(old);
	return 1;
}

void xpm_slot_remove(const struct xpm_ledger *ledger, struct xpm_slot *slot)
{
	if (slot->fd >= 0) {
		if (is_ours(ledger, slot))
			unlinkat(ledger->dir, slot->file, 0);
		close(slot->fd);
	}
	slot->fd = -1;
}
