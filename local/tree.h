/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef XPM_LOCAL_TREE_H
#define XPM_LOCAL_TREE_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/*
 * All descendants of a process. When that process is a subreaper nothing escapes it: a daemon that cut its ties is its
 * child again.
 */
struct xpm_process {
	pid_t pid, parent;
};

/* To free with free(); *len of them. */
struct xpm_process *xpm_tree_list(pid_t root, size_t *len);

/* Send a signal to every descendant of this process, by pidfd, so that no stranger with a reused number gets it. */
void xpm_tree_signal(int signo);

/*
 * End every descendant of this process and reap them all. Comes back when none is left; tells of one that does not go. The wait
 * status of `main_child`, if it was among them, goes to *status.
 */
void xpm_tree_end(pid_t main_child, int *status);

/* Memory of all descendants in bytes. Shared pages count once when it matters: above `limit` the exact sum is taken. */
uint64_t xpm_tree_memory(uint64_t limit);

#endif
