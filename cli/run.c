/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "run.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define ERR_MOST 65536 /* of stderr enough is kept to quote it */

/* One end of a pipe and what came out of it. */
struct stream {
	int fd;
	char *text;
	size_t len, room, most;
	int drop; /* what is too much is dropped, not a failure */
};

static int fail(struct xpm_error *err, const char *program, const char *what)
{
	if (err) {
		memset(err, 0, sizeof(*err));
		err->code = XPM_ERR_FILE;
		snprintf(err->text, sizeof(err->text), "%s: %s", program, what);
	}
	return -1;
}

static long long now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000LL + now.tv_nsec / 1000000;
}

/* In the child. Status 127 as a shell has it. */
static void become(const char *path, const char *const *argv, int out, int err)
{
	int null = open("/dev/null", O_RDONLY);
	char program[4096];
	sigset_t none;

	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	signal(SIGPIPE, SIG_DFL);
	setpgid(0, 0); /* to be ended with all its children */
	if (null < 0 || dup2(null, 0) < 0 || dup2(out, 1) < 0 || dup2(err, 2) < 0)
		_exit(126);
	setenv("LC_ALL", "C", 1);
	unsetenv("SLURM_TIME_FORMAT");
	if (path && (size_t)snprintf(program, sizeof(program), "%s/%s", path, argv[0]) < sizeof(program))
		execv(program, (char *const *)(const void *)argv);
	else if (!path)
		execvp(argv[0], (char *const *)(const void *)argv);
	dprintf(2, "%s%s%s: %s\n", path ? path : "", path ? "/" : "", argv[0], strerror(errno));
	_exit(127);
}

static pid_t start(const char *path, const char *const *argv, struct stream *out, struct stream *err)
{
	int pipes[2][2] = { { -1, -1 }, { -1, -1 } };
	pid_t pid = -1;

	if (pipe2(pipes[0], O_CLOEXEC) == 0 && pipe2(pipes[1], O_CLOEXEC) == 0)
		pid = fork();
	if (pid == 0)
		become(path, argv, pipes[0][1], pipes[1][1]);
	for (int i = 0; i < 2; i++) {
		if (pipes[i][1] >= 0)
			close(pipes[i][1]);
		if (pid < 0 && pipes[i][0] >= 0)
			close(pipes[i][0]);
	}
	out->fd = pipes[0][0];
	err->fd = pipes[1][0];
	return pid;
}

/* 1: go on. 0: the stream has ended. -1: memory, or too much. */
static int collect(struct stream *stream)
{
	ssize_t n;

	if (stream->room - stream->len < 65536) {
		size_t room = stream->room ? 2 * stream->room : 131072;
		char *text = realloc(stream->text, room);

		if (!text)
			return -1;
		stream->text = text;
		stream->room = room;
	}
	n = read(stream->fd, stream->text + stream->len, 65535);
	if (n < 0)
		return errno == EINTR || errno == EAGAIN ? 1 : 0;
	stream->len += (size_t)n;
	if (stream->len > stream->most) {
		stream->len = stream->most;
		if (!stream->drop)
			return -1;
	}
	stream->text[stream->len] = '\0';
	return n > 0;
}

/* Until both streams ended. NULL, or what went wrong. */
static const char *collect_all(struct stream *streams, long long deadline)
{
	struct pollfd fds[2] = { { streams[0].fd, POLLIN, 0 }, { streams[1].fd, POLLIN, 0 } };

	while (fds[0].fd >= 0 || fds[1].fd >= 0) {
		long long left = deadline - now_ms();

		if (left <= 0)
			return "ran too long and was ended";
		if (poll(fds, 2, left > 60000 ? 60000 : (int)left) < 0 && errno != EINTR)
			return strerror(errno);
		for (int i = 0; i < 2; i++) {
			int more = fds[i].fd >= 0 && fds[i].revents ? collect(&streams[i]) : 1;

			if (more < 0)
				return "wrote more than can be kept";
			if (more == 0)
				fds[i].fd = -1;
		}
	}
	return NULL;
}

/* Its exit status; a program that closed its streams and stays is ended as well. */
static int reap(pid_t pid, long long deadline, const char **trouble)
{
	int status;

	while (!*trouble) {
		pid_t done = waitpid(pid, &status, WNOHANG);

		if (done == pid)
			return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
		if (done < 0 && errno != EINTR)
			return 126;
		if (now_ms() >= deadline)
			*trouble = "ran too long and was ended";
		else
			poll(NULL, 0, 2);
	}
	kill(-pid, SIGKILL);
	kill(pid, SIGKILL);
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	return 137;
}

int cli_run(const char *path, const char *const *argv, unsigned seconds, size_t most, struct cli_output *output,
	    struct xpm_error *err)
{
	struct stream streams[2] = { { .most = most }, { .most = ERR_MOST, .drop = 1 } };
	long long deadline = now_ms() + seconds * 1000LL;
	const char *trouble;
	pid_t pid;

	memset(output, 0, sizeof(*output));
	pid = start(path, argv, &streams[0], &streams[1]);
	if (pid < 0)
		return fail(err, argv[0], strerror(errno));
	trouble = collect_all(streams, deadline);
	output->status = reap(pid, deadline, &trouble);
	close(streams[0].fd);
	close(streams[1].fd);
	output->out = streams[0].text;
	output->out_len = streams[0].len;
	output->err = streams[1].text;
	output->err_len = streams[1].len;
	if (!trouble && output->out && output->err)
		return 0;
	cli_output_free(output);
	return fail(err, argv[0], trouble ? trouble : "out of memory");
}

int cli_run_ok(const char *path, const char *const *argv, unsigned seconds, size_t most, struct cli_output *output,
	       struct xpm_error *err)
{
	char what[400];

	if (cli_run(path, argv, seconds, most, output, err))
		return -1;
	if (output->status == 0)
		return 0;
	snprintf(what, sizeof(what), "exit status %d%s%.*s", output->status, output->err_len ? ": " : "",
		 (int)strcspn(output->err, "\n"), output->err);
	cli_output_free(output);
	return fail(err, argv[0], what);
}

void cli_output_free(struct cli_output *output)
{
	free(output->out);
	free(output->err);
	memset(output, 0, sizeof(*output));
}
