/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "process.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;

struct pipes {
	int out[2], words[2];
};

static void close_end(int *end)
{
	if (*end >= 0)
		close(*end);
	*end = -1;
}

static void pipes_close(struct pipes *pipes)
{
	close_end(&pipes->out[0]);
	close_end(&pipes->out[1]);
	close_end(&pipes->words[0]);
	close_end(&pipes->words[1]);
}

static int pipes_open(struct pipes *pipes)
{
	int rc;

	*pipes = (struct pipes){ { -1, -1 }, { -1, -1 } };
	if (pipe2(pipes->out, O_CLOEXEC) == 0 && pipe2(pipes->words, O_CLOEXEC) == 0)
		return 0;
	rc = errno;
	pipes_close(pipes);
	return rc;
}

/* An end that is 1 or 2 itself (our own is closed) stays open by dup2's rule for posix_spawn. */
static int redirect(posix_spawn_file_actions_t *actions, const struct pipes *pipes)
{
	int rc = posix_spawn_file_actions_addopen(actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);

	if (rc == 0)
		rc = posix_spawn_file_actions_adddup2(actions, pipes->out[1], STDOUT_FILENO);
	if (rc == 0)
		rc = posix_spawn_file_actions_adddup2(actions, pipes->words[1], STDERR_FILENO);
	return rc;
}

static int spawn(char *const *argv, const struct pipes *pipes, pid_t *pid)
{
	posix_spawn_file_actions_t actions;
	int rc = posix_spawn_file_actions_init(&actions);

	if (rc != 0)
		return rc;
	if (pipes)
		rc = redirect(&actions, pipes);
	if (rc == 0)
		rc = posix_spawnp(pid, argv[0], &actions, NULL, argv, environ);
	posix_spawn_file_actions_destroy(&actions);
	return rc;
}

static void keep_first(struct xpm_output *output, const char *text, size_t len)
{
	size_t room = sizeof(output->out) - output->out_len;

	if (len > room) {
		output->out_lost = 1;
		len = room;
	}
	memcpy(output->out + output->out_len, text, len);
	output->out_len += len;
}

static void keep_last(struct xpm_output *output, const char *text, size_t len)
{
	size_t size = sizeof(output->words), drop;

	if (len >= size) {
		memcpy(output->words, text + len - size, size);
		output->words_len = size;
		return;
	}
	drop = output->words_len + len > size ? output->words_len + len - size : 0;
	memmove(output->words, output->words + drop, output->words_len - drop);
	memcpy(output->words + output->words_len - drop, text, len);
	output->words_len += len - drop;
}

/* Both to their ends: a command that fills one pipe while we read the other would never end. */
static void read_all(struct pipes *pipes, struct xpm_output *output)
{
	struct pollfd ends[2] = { { pipes->out[0], POLLIN, 0 }, { pipes->words[0], POLLIN, 0 } };
	char text[XPM_OUTPUT_MAX];

	while (ends[0].fd >= 0 || ends[1].fd >= 0) {
		if (poll(ends, 2, -1) < 0 && errno != EINTR)
			return;
		for (int i = 0; i < 2; i++) {
			ssize_t n;

			if (ends[i].fd < 0 || !ends[i].revents)
				continue;
			n = read(ends[i].fd, text, sizeof(text));
			if (n > 0 && i == 0)
				keep_first(output, text, (size_t)n);
			else if (n > 0)
				keep_last(output, text, (size_t)n);
			else if (n == 0 || errno != EINTR)
				ends[i].fd = -1;
		}
	}
}

static int wait_for(pid_t pid, int *status)
{
	while (waitpid(pid, status, 0) < 0) {
		if (errno != EINTR)
			return errno;
	}
	return 0;
}

int xpm_process_run(char *const *argv, struct xpm_output *output, int *status)
{
	struct pipes pipes;
	pid_t pid;
	int rc;

	if (!output) {
		rc = spawn(argv, NULL, &pid);
		return rc ? rc : wait_for(pid, status);
	}
	output->out_len = output->words_len = 0;
	output->out_lost = 0;
	rc = pipes_open(&pipes);
	if (rc != 0)
		return rc;
	rc = spawn(argv, &pipes, &pid);
	close_end(&pipes.out[1]);
	close_end(&pipes.words[1]);
	if (rc == 0) {
		read_all(&pipes, output);
		rc = wait_for(pid, status);
	}
	pipes_close(&pipes);
	return rc;
}
