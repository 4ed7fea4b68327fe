// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "say.h"
#include "tool.h"

#define TOOL_MS  30000
#define TOOL_MAX (1 << 20) /* bytes */

extern char **environ;

static char *read_all(int fd, pid_t pid)
{
	size_t len = 0, room = 4096;
	char *text = xpm_alloc(room);
	int64_t end = xpm_now_ms() + TOOL_MS;
	struct pollfd wait = { .fd = fd, .events = POLLIN };

	for (;;) {
		int64_t left = end - xpm_now_ms();
		ssize_t n;

		if (left <= 0 || len > TOOL_MAX || poll(&wait, 1, (int)left) == 0) {
			kill(pid, SIGKILL);
			break;
		}
		n = read(fd, text + len, room - len - 1);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			break;
		len += (size_t)n;
		if (room - len < 2)
			text = xpm_realloc(text, room *= 2, 1);
	}
	text[len] = '\0';
	return text;
}

char *xpm_tool_run(char *const argv[], int *status)
{
	posix_spawn_file_actions_t actions;
	int pipes[2], fate = 0, error;
	char *text;
	pid_t pid;

	if (pipe2(pipes, O_CLOEXEC))
		return NULL;
	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
	posix_spawn_file_actions_adddup2(&actions, pipes[1], STDOUT_FILENO);
	posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
	error = posix_spawnp(&pid, argv[0], &actions, NULL, argv, environ);
	posix_spawn_file_actions_destroy(&actions);
	close(pipes[1]);
	if (error) {
		close(pipes[0]);
		errno = error;
		return NULL;
	}
	text = read_all(pipes[0], pid);
	close(pipes[0]);
	while (waitpid(pid, &fate, 0) < 0 && errno == EINTR)
		;
	*status = WIFEXITED(fate) ? WEXITSTATUS(fate) : -1;
	return text;
}
