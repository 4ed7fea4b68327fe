/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Send a script where two GPUs of 14 GB are, with a comment of our own:
 *
 *     cc submit.c $(pkg-config --cflags --libs xpmlaunch) -o submit
 *     ./submit launchers.yaml slurm job.sh argument
 *
 * A tag of "-" is none. With no script it only says what it would do; for that, -lxpmatch (xpmatch.pc) would be enough.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <xpmatch/xpmatch.h>
#include <xpmlaunch/launch.h>

/* cuda(mem=14G)*2 */
static struct xpm_requirement *two_gpus(struct xpm_error *err)
{
	struct xpm_requirement *one = xpm_req_cuda(UINT64_C(14000000000), err);
	struct xpm_requirement *two = one ? xpm_req_times(one, 2, err) : NULL;

	xpm_requirement_destroy(one);
	return two;
}

/* The launcher they are on, with a comment; NULL with err. */
static struct xpm_launcher *find(const char *file, const char *tag, struct xpm_error *err)
{
	const char *const tags[] = { strcmp(tag, "-") != 0 ? tag : NULL, NULL };
	const struct xpm_slurm_options mine = { .comment = "two gpus" };
	struct xpm_launcher *launcher = NULL, *derived = NULL;
	struct xpm_launchers *launchers = xpm_launchers_load(file, NULL, err);
	struct xpm_requirement *need = launchers ? two_gpus(err) : NULL;

	if (need)
		launcher = xpm_find_launcher(launchers, need, tags, err);
	if (launcher)
		derived = xpm_launcher_config(launcher, &mine, err);
	xpm_launcher_destroy(launcher);
	xpm_requirement_destroy(need);
	xpm_launchers_destroy(launchers);
	return derived;
}

static enum xpm_code send(const struct xpm_launcher *launcher, char **argv, struct xpm_error *err)
{
	const struct xpm_job_command command = { .argv = (const char *const *)argv };
	struct xpm_job_id job;
	enum xpm_code code = xpm_launcher_submit(launcher, &command, &job, err);

	if (code == XPM_OK)
		printf("job %" PRIu64 "\n", job.id);
	return code;
}

int main(int argc, char **argv)
{
	struct xpm_error err = { 0 };
	struct xpm_launcher *launcher;
	char text[2000];

	if (argc < 3) {
		fprintf(stderr, "usage: %s launchers.yaml TAG|- [script [arguments]]\n", argv[0]);
		return 2;
	}
	launcher = find(argv[1], argv[2], &err);
	if (launcher) {
		xpm_launcher_print(launcher, text, sizeof(text));
		puts(text);
		fflush(stdout);
		if (argc > 3)
			(void)send(launcher, argv + 3, &err);
		xpm_launcher_destroy(launcher);
	}
	if (err.code == XPM_OK)
		return 0;
	xpm_error_print(&err, text, sizeof(text));
	fprintf(stderr, "%s\n", text);
	return err.code == XPM_ERR_NO_MATCH ? 1 : 4;
}
