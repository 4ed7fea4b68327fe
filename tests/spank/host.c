/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a plugin looks up must be visible, whatever the flags of the build say. */
#pragma GCC visibility push(default)
#include <slurm/spank.h>
#include <string.h>
#pragma GCC visibility pop

#include "host.h"

#include <dlfcn.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#define OPTIONS_MAX 8
#define ENV_MAX     32

int host_fail_register, host_fail_setenv, host_fail_strdup;

static struct {
	struct spank_option option; /* its strings are copies, as Slurm's */
	char *value;
	int found;
} options[OPTIONS_MAX];
static int options_len;
static char *job_env[ENV_MAX]; /* NAME=value */
static int job_env_len;
static char log_text[16384];
static spank_context_t current;
static void *plugin;
static spank_t const handle = (spank_t)0x1; /* opaque to the plugin */
static int in_init;

static int fails(int *when)
{
	return *when > 0 && --*when == 0;
}

/* The plugin's strdup() is this one: programs come before libraries. */
char *strdup(const char *text)
{
	size_t size = strlen(text) + 1;
	char *copy = fails(&host_fail_strdup) ? NULL : malloc(size);

	return copy ? memcpy(copy, text, size) : NULL;
}

static char *copy_of(const char *text)
{
	char *copy;

	if (!text)
		return NULL;
	copy = malloc(strlen(text) + 1);
	return copy ? strcpy(copy, text) : NULL;
}

/* ---- what spank.h promises to plugins */

spank_context_t spank_context(void)
{
	return current;
}

int spank_remote(spank_t spank)
{
	(void)spank;
	return current == S_CTX_REMOTE;
}

const char *spank_strerror(spank_err_t err)
{
	return err == ESPANK_SUCCESS ? "Success" : "Some error";
}

void slurm_error(const char *format, ...)
{
	size_t len = strlen(log_text);
	va_list args;

	va_start(args, format);
	vsnprintf(log_text + len, sizeof(log_text) - len - 1, format, args);
	va_end(args);
	strcat(log_text, "\n");
}

spank_err_t spank_option_register(spank_t spank, struct spank_option *option)
{
	if (spank != handle || !in_init || !option->name || !option->usage)
		return ESPANK_BAD_ARG;
	if (fails(&host_fail_register))
		return ESPANK_NOSPACE;
	options[options_len].option = *option;
	options[options_len].option.name = copy_of(option->name);
	options[options_len].option.arginfo = copy_of(option->arginfo);
	options[options_len++].option.usage = copy_of(option->usage);
	return ESPANK_SUCCESS;
}

static int find_job_env(const char *name)
{
	size_t len = strlen(name);
	int i;

	for (i = 0; i < job_env_len; i++)
		if (!strncmp(job_env[i], name, len) && job_env[i][len] == '=')
			return i;
	return -1;
}

static void set_job_env(const char *name, const char *value)
{
	int i = find_job_env(name);
	char *entry = malloc(strlen(name) + strlen(value) + 2);

	sprintf(entry, "%s=%s", name, value);
	if (i < 0)
		i = job_env_len++;
	else
		free(job_env[i]);
	job_env[i] = entry;
}

spank_err_t spank_job_control_setenv(spank_t spank, const char *name, const char *value,
                                     int overwrite)
{
	if (spank != handle || !overwrite)
		return ESPANK_BAD_ARG;
	if (current != S_CTX_LOCAL && current != S_CTX_ALLOCATOR)
		return ESPANK_NOT_LOCAL;
	if (fails(&host_fail_setenv))
		return ESPANK_BAD_ARG;
	set_job_env(name, value);
	return ESPANK_SUCCESS;
}

spank_err_t spank_job_control_unsetenv(spank_t spank, const char *name)
{
	int i = find_job_env(name);

	if (spank != handle)
		return ESPANK_BAD_ARG;
	if (current != S_CTX_LOCAL && current != S_CTX_ALLOCATOR) {
		slurm_error("job control environment touched on a node");
		return ESPANK_NOT_LOCAL;
	}
	if (i >= 0) {
		free(job_env[i]);
		job_env[i] = job_env[--job_env_len];
	}
	return ESPANK_SUCCESS;
}

/* ---- what Slurm does around the plugin */

static int call(const char *name)
{
	spank_f *function = (spank_f *)(uintptr_t)dlsym(plugin, name);
	char *argv[] = { NULL };

	return function ? function(handle, 0, argv) : 0;
}

int host_start(spank_context_t context)
{
	int code;

	plugin = dlopen(getenv("XPM_SPANK_SO"), RTLD_LAZY);
	if (!plugin) {
		fprintf(stderr, "%s\n", dlerror());
		exit(99);
	}
	current = context;
	in_init = 1;
	code = call("slurm_spank_init");
	in_init = 0;
	return code;
}

/* _opt_env_name(): the plugin's name, then the option's, dashes to underscores */
static void env_name(int i, char *name)
{
	char *c;

	sprintf(name, "_SLURM_SPANK_OPTION_%s_%s", (const char *)dlsym(plugin, "plugin_name"),
	        options[i].option.name);
	for (c = name; *c; c++)
		if (*c == '-')
			*c = '_';
}

/* _do_option_cb() */
static int option_given(int i, const char *value, int remote)
{
	int code = options[i].option.cb(options[i].option.val, value, remote);

	if (code)
		return code;
	if (options[i].option.has_arg) {
		free(options[i].value);
		options[i].value = copy_of(value);
	}
	options[i].found = 1;
	return 0;
}

/* spank_process_env_options() */
static int options_from_environment(void)
{
	char name[256] = "SLURM_SPANK_";
	int code, i;

	for (i = 0; i < options_len; i++) {
		env_name(i, name + strlen("SLURM_SPANK_"));
		if (getenv(name) && (code = option_given(i, getenv(name), 0)))
			return code;
	}
	return 0;
}

static int options_from_argv(const char *const *argv)
{
	int code, i;

	for (; argv && *argv; argv++) {
		const char *equals = strchr(*argv, '=');
		size_t len = equals ? (size_t)(equals - *argv) - 2 : strlen(*argv) - 2;

		for (i = 0; i < options_len; i++)
			if (!strncmp(options[i].option.name, *argv + 2, len) &&
			    !options[i].option.name[len])
				break;
		if (i == options_len)
			return 98; /* unrecognized */
		code = option_given(i, equals ? equals + 1 : NULL, 0);
		if (code)
			return code;
	}
	return 0;
}

/* spank_stack_set_remote_options_env(): Slurm keeps a copy of each option in both environments */
static void keep_options(void)
{
	char name[256];
	int i;

	for (i = 0; i < options_len; i++) {
		if (!options[i].found)
			continue;
		env_name(i, name);
		setenv(name, options[i].value ? options[i].value : "", 1);
		set_job_env(name, options[i].value ? options[i].value : "(null)");
	}
}

/* _set_spank_env(): what the job will find in its environment, and the next component in ours */
static void export_job_env(void)
{
	char name[256];
	int i;

	for (i = 0; i < job_env_len; i++) {
		char *equals = strchr(job_env[i], '=');

		snprintf(name, sizeof(name), "SLURM_SPANK_%.*s", (int)(equals - job_env[i]),
		         job_env[i]);
		setenv(name, equals + 1, 1);
	}
}

int host_component(const char *const *argv)
{
	int code = options_from_environment();

	if (!code)
		code = options_from_argv(argv);
	if (code)
		return code;
	keep_options();
	code = call("slurm_spank_init_post_opt");
	export_job_env();
	return code;
}

int host_remote_option(const char *name, const char *value)
{
	int i;

	for (i = 0; i < options_len; i++)
		if (!strcmp(options[i].option.name, name))
			return option_given(i, value, 1);
	return 97; /* Warning: SPANK plugin option not found */
}

int host_end(void)
{
	int code = call("slurm_spank_exit");

	while (options_len) {
		options_len--;
		free(options[options_len].option.name);
		free(options[options_len].option.arginfo);
		free(options[options_len].option.usage);
		free(options[options_len].value);
		memset(&options[options_len], 0, sizeof(options[0]));
	}
	dlclose(plugin);
	return code;
}

void host_reset(void)
{
	char *mark = copy_of(getenv("XPM_SPANK_SO"));

	clearenv();
	setenv("XPM_SPANK_SO", mark, 1);
	free(mark);
	while (job_env_len)
		free(job_env[--job_env_len]);
	log_text[0] = '\0';
	host_fail_register = host_fail_setenv = host_fail_strdup = 0;
}

const char *host_job_env(const char *name)
{
	int i = find_job_env(name);

	return i < 0 ? NULL : strchr(job_env[i], '=') + 1;
}

int host_job_env_count(void)
{
	return job_env_len;
}

const char *host_log(void)
{
	return log_text;
}

int host_options(void)
{
	return options_len;
}

const struct spank_option *host_option(int i)
{
	return &options[i].option;
}
