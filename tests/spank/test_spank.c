/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "host.h"

#include <string.h>
#include <sys/wait.h>
#include <unistd.h>
#include <xpmatch/spec.h>

#include "unit.h"

#define ARGV(...) ((const char *const[]){ __VA_ARGS__ __VA_OPT__(, ) NULL })

static const spank_context_t submitting[] = { S_CTX_ALLOCATOR, S_CTX_LOCAL };

/* A command of one component: what slurm_spank_init_post_opt() or a callback returned. */
static int command(spank_context_t context, const char *const *argv)
{
	int code;

	ck_assert_int_eq(host_start(context), 0);
	code = host_component(argv);
	ck_assert_int_eq(host_end(), 0);
	return code;
}

static void env_is(const char *spec, const char *tags, const char *explain)
{
	ck_assert_pstr_eq(host_job_env("XPM_SPEC"), spec);
	ck_assert_pstr_eq(host_job_env("XPM_TAGS"), tags);
	ck_assert_pstr_eq(host_job_env("XPM_EXPLAIN"), explain);
	ck_assert_int_eq(host_job_env_count(), !!spec + !!tags + !!explain);
}

START_TEST(options_are_described)
{
	size_t c;
	int i;

	for (c = 0; c < 2; c++) {
		host_reset();
		ck_assert_int_eq(host_start(submitting[c]), 0);
		ck_assert_int_eq(host_options(), 3);
		for (i = 0; i < 3; i++) {
			const struct spank_option *option = host_option(i);

			ck_assert_int_eq(strncmp(option->name, "xpm-", 4), 0);
			ck_assert_int_eq(!!option->arginfo, option->has_arg);
			ck_assert_uint_lt(strlen(option->usage), 160);
			ck_assert_ptr_null(strchr(option->usage, '\n'));
		}
		host_end();
	}
}
END_TEST

START_TEST(values_arrive)
{
	size_t c;

	for (c = 0; c < 2; c++) {
		host_reset();
		ck_assert_int_eq(command(submitting[c], ARGV()), 0);
		env_is(NULL, NULL, NULL);

		host_reset();
		ck_assert_int_eq(command(submitting[c], ARGV("--xpm-spec=cuda(mem=24G)*2")), 0);
		env_is("cuda(mem=24G)*2", NULL, NULL);

		host_reset();
		ck_assert_int_eq(command(submitting[c], ARGV("--xpm-explain", "--xpm-tags= a ,b b",
		                                             "--xpm-spec= cpu( )\n")),
		                 0);
		env_is(" cpu( )\n", "a,b b", "1");

		/* the last one wins, as with Slurm's own options */
		host_reset();
		ck_assert_int_eq(
		        command(submitting[c], ARGV("--xpm-spec=cuda()", "--xpm-spec=cpu()",
		                                    "--xpm-tags=a", "--xpm-tags=b")),
		        0);
		env_is("cpu()", "b", NULL);
		ck_assert_str_eq(host_log(), "");
	}
}
END_TEST

START_TEST(typos_are_answered)
{
	static const struct {
		const char *option, *log;
	} cases[] = {
		{ "--xpm-spec=cuda(memm=24G)", "--xpm-spec: column 6: unknown key 'memm' in cuda() "
		                               "(did you mean 'mem'?)\ncuda(memm=24G)\n     ^\n" },
		{ "--xpm-spec=cpu()\n& cdua()", "--xpm-spec: line 2, column 3: unknown term 'cdua' "
		                                "(did you mean 'cuda'?)\n& cdua()\n  ^\n" },
		{ "--xpm-spec=", "--xpm-spec: column 1: the spec is empty: expected a term such as "
		                 "cuda(mem=24G)\n" },
		{ "--xpm-spec=%s%n%500d", "--xpm-spec: column 1: expected a term such as "
		                          "cuda(mem=24G), got '%'\n%s%n%500d\n^\n" },
		{ "--xpm-tags=", "--xpm-tags: expected TAG or TAG,TAG,... without empty names\n" },
		{ "--xpm-tags=a,,b",
		  "--xpm-tags: expected TAG or TAG,TAG,... without empty names\n" },
		{ "--xpm-tags=a, ",
		  "--xpm-tags: expected TAG or TAG,TAG,... without empty names\n" },
		{ "--xpm-tags=a\nb",
		  "--xpm-tags: expected TAG or TAG,TAG,... without empty names\n" },
	};
	size_t i, c;

	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		for (c = 0; c < 2; c++) {
			host_reset();
			ck_assert_int_eq(command(submitting[c], ARGV(cases[i].option)), -1);
			ck_assert_str_eq(host_log(), cases[i].log);
			env_is(NULL, NULL, NULL);
		}
	}
}
END_TEST

START_TEST(long_values)
{
	char option[XPM_SPEC_MAX + 64];

	host_reset();
	snprintf(option, sizeof(option), "--xpm-spec=%*s", XPM_SPEC_MAX, "cuda()");
	ck_assert_int_eq(command(S_CTX_ALLOCATOR, ARGV(option)), 0);
	ck_assert_uint_eq(strlen(host_job_env("XPM_SPEC")), XPM_SPEC_MAX);

	host_reset();
	snprintf(option, sizeof(option), "--xpm-spec=%*s", XPM_SPEC_MAX + 1, "cuda()");
	ck_assert_int_eq(command(S_CTX_ALLOCATOR, ARGV(option)), -1);
	ck_assert_ptr_nonnull(strstr(host_log(), "the spec is longer than 4096 bytes\n"));

	host_reset();
	snprintf(option, sizeof(option), "--xpm-tags=%*s", XPM_SPEC_MAX + 1, "a");
	ck_assert_int_eq(command(S_CTX_ALLOCATOR, ARGV(option)), -1);
	ck_assert_str_eq(host_log(), "--xpm-tags: longer than 4096 bytes\n");
}
END_TEST

/*
 * Every way that two or three components can have the option or not; the same text in two of them
 * counts twice.
 */
START_TEST(components)
{
	static const char *const specs[] = { NULL, "cpu()", "cuda()" };
	size_t c;
	int n, i;

	for (c = 0; c < 2; c++) {
		for (n = 0; n < 27; n++) {
			int which[] = { n / 9, n / 3 % 3, n % 3 }, any = 0;

			host_reset();
			ck_assert_int_eq(host_start(submitting[c]), 0);
			for (i = 0; i < 3; i++) {
				const char *spec = specs[which[i]];
				char option[64];

				if (spec)
					snprintf(option, sizeof(option), "--xpm-spec=%s", spec);
				ck_assert_int_eq(host_component(spec ? ARGV(option) : ARGV()), 0);
				any |= spec != NULL;
				if (spec)
					env_is(spec, NULL, NULL);
				else
					env_is(any ? "" : NULL, NULL, NULL);
			}
			ck_assert_int_eq(host_end(), 0);
		}
	}
}
END_TEST

START_TEST(flags_and_tags_of_components)
{
	host_reset();
	host_start(S_CTX_ALLOCATOR);
	ck_assert_int_eq(host_component(ARGV("--xpm-spec=cpu()", "--xpm-explain", "--xpm-tags=a")),
	                 0);
	env_is("cpu()", "a", "1");
	ck_assert_int_eq(host_component(ARGV("--xpm-spec=cpu()")), 0);
	env_is("cpu()", "", "");
	ck_assert_int_eq(host_component(ARGV("--xpm-explain")), 0);
	env_is("", "", "1");
	host_end();
}
END_TEST

/* A job submitted from inside of a job has the outer one's variables in its environment. */
START_TEST(nested_jobs_start_afresh)
{
	size_t c;

	for (c = 0; c < 2; c++) {
		host_reset();
		ck_assert_int_eq(command(S_CTX_ALLOCATOR, ARGV("--xpm-spec=cuda()", "--xpm-tags=a",
		                                               "--xpm-explain")),
		                 0);
		ck_assert_ptr_nonnull(getenv("SLURM_SPANK_XPM_SPEC"));
		/* as an older plugin, or Slurm itself, would leave them */
		setenv("_SLURM_SPANK_OPTION_xpm_xpm_spec", "cuda()", 1);
		setenv("SLURM_SPANK__SLURM_SPANK_OPTION_xpm_xpm_spec", "cuda()", 1);
		setenv("SLURM_SPANK__SLURM_SPANK_OPTION_xpm_xpm_tags", "a", 1);
		setenv("SLURM_SPANK__SLURM_SPANK_OPTION_xpm_xpm_explain", "(null)", 1);
		setenv("XPM_SPEC", "cuda()", 1);
		while (host_job_env_count()) /* that was the outer command's */
			spank_job_control_unsetenv((spank_t)0x1, "XPM_SPEC"),
			        spank_job_control_unsetenv((spank_t)0x1, "XPM_TAGS"),
			        spank_job_control_unsetenv((spank_t)0x1, "XPM_EXPLAIN");

		ck_assert_int_eq(command(submitting[c], ARGV()), 0);
		env_is(NULL, NULL, NULL);
		ck_assert_ptr_null(getenv("SLURM_SPANK_XPM_SPEC"));
		ck_assert_ptr_null(getenv("SLURM_SPANK_XPM_TAGS"));
		ck_assert_ptr_null(getenv("SLURM_SPANK_XPM_EXPLAIN"));
		ck_assert_ptr_null(getenv("_SLURM_SPANK_OPTION_xpm_xpm_spec"));
		/* not ours: the user's own business */
		ck_assert_str_eq(getenv("XPM_SPEC"), "cuda()");

		ck_assert_int_eq(command(submitting[c], ARGV("--xpm-spec=cpu()")), 0);
		env_is("cpu()", NULL, NULL);
	}
}
END_TEST

/* Slurm keeps its own copy of each option in the job's environment; ours must not reach the job. */
START_TEST(no_copy_reaches_the_job)
{
	host_reset();
	ck_assert_int_eq(command(S_CTX_ALLOCATOR, ARGV("--xpm-spec=cuda()", "--xpm-explain")), 0);
	env_is("cuda()", NULL, "1");
	ck_assert_ptr_null(getenv("_SLURM_SPANK_OPTION_xpm_xpm_spec"));
	ck_assert_ptr_null(getenv("SLURM_SPANK__SLURM_SPANK_OPTION_xpm_xpm_spec"));
	ck_assert_ptr_null(getenv("_SLURM_SPANK_OPTION_xpm_xpm_explain"));
}
END_TEST

START_TEST(inert_on_nodes)
{
	static const spank_context_t others[] = { S_CTX_SLURMD, S_CTX_JOB_SCRIPT, S_CTX_ERROR };
	size_t i;

	for (i = 0; i < 3; i++) {
		host_reset();
		setenv("SLURM_SPANK_XPM_SPEC", "cuda()", 1);
		ck_assert_int_eq(host_start(others[i]), 0);
		ck_assert_int_eq(host_options(), 0);
		ck_assert_int_eq(host_component(ARGV()), 0);
		ck_assert_int_eq(host_end(), 0);
		ck_assert_str_eq(getenv("SLURM_SPANK_XPM_SPEC"), "cuda()");
		ck_assert_str_eq(host_log(), "");
		env_is(NULL, NULL, NULL);
	}

	/* slurmstepd gets srun's options, whatever they are, and minds none of them */
	host_reset();
	ck_assert_int_eq(host_start(S_CTX_REMOTE), 0);
	ck_assert_int_eq(host_remote_option("xpm-spec", "cuda()"), 0);
	ck_assert_int_eq(host_remote_option("xpm-spec", "cuda("), 0);
	ck_assert_int_eq(host_remote_option("xpm-tags", ",,"), 0);
	ck_assert_int_eq(host_remote_option("xpm-explain", NULL), 0);
	host_fail_setenv = 1;
	ck_assert_int_eq(host_component(ARGV()), 0);
	ck_assert_int_eq(host_end(), 0);
	ck_assert_ptr_null(host_job_env("XPM_SPEC"));
	ck_assert_str_eq(host_log(), "");

	host_reset();
	host_fail_register = 1;
	ck_assert_int_eq(host_start(S_CTX_REMOTE), 0);
	ck_assert_int_eq(host_end(), 0);
}
END_TEST

START_TEST(failures_are_told)
{
	int n, status;
	pid_t child;

	for (n = 1; n <= 3; n++) {
		host_reset();
		host_fail_register = n;
		ck_assert_int_eq(host_start(S_CTX_ALLOCATOR), -1);
		ck_assert_ptr_nonnull(strstr(host_log(), "xpm: cannot add --xpm-"));
		host_end();
	}
	host_reset();
	host_start(S_CTX_ALLOCATOR);
	host_fail_strdup = 1;
	ck_assert_int_eq(host_component(ARGV("--xpm-spec=cuda()")), -1);
	ck_assert_str_eq(host_log(), "xpm: out of memory\n");
	host_end();

	/* The job must not be submitted without its spec. */
	host_reset();
	child = fork();
	ck_assert_int_ge(child, 0);
	if (child == 0) {
		host_start(S_CTX_ALLOCATOR);
		host_fail_setenv = 1;
		host_component(ARGV("--xpm-spec=cuda()"));
		_exit(0);
	}
	waitpid(child, &status, 0);
	ck_assert_int_ne(status, 0);
}
END_TEST

/* A command can be many: drivers load the plugin again and again. */
START_TEST(again_and_again)
{
	int i;

	for (i = 0; i < 100; i++) {
		host_reset();
		ck_assert_int_eq(command(S_CTX_LOCAL, i % 2 ? ARGV("--xpm-spec=cuda()") : ARGV()),
		                 0);
		env_is(i % 2 ? "cuda()" : NULL, NULL, NULL);
	}
}
END_TEST

UNIT_MAIN("spank", options_are_described, values_arrive, typos_are_answered, long_values,
          components, flags_and_tags_of_components, nested_jobs_start_afresh,
          no_copy_reaches_the_job, inert_on_nodes, failures_are_told, again_and_again)
