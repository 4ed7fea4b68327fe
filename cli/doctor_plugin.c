/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include <dlfcn.h>
#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common.h"
#include "doctor.h"

#define INCLUDE_DEPTH 8
#define PLUGIN        "spank_xpm.so"

/* The line of plugstack.conf that names the plugin. */
struct found {
	char *plugin;  /* as written */
	char *where;   /* the file that it stands in */
	int required;
};

static char *beside(const char *file, const char *name)
{
	const char *slash = strrchr(file, '/');

	if (*name == '/' || !slash)
		return strdup(name);
	return cli_format("%.*s%s", (int)(slash - file + 1), file, name);
}

static void read_stack(const char *path, struct found *found, int depth);

static void read_include(const char *file, const char *pattern, struct found *found, int depth)
{
	char *whole = beside(file, pattern);
	glob_t files;

	if (whole && glob(whole, 0, NULL, &files) == 0) {
		for (size_t i = 0; i < files.gl_pathc && !found->plugin; i++)
			read_stack(files.gl_pathv[i], found, depth + 1);
		globfree(&files);
	}
	free(whole);
}

/* The last part of a path, as plugstack.conf may name plugins without a folder. */
static int is_ours(const char *plugin)
{
	const char *slash = strrchr(plugin, '/');

	return !strcmp(slash ? slash + 1 : plugin, PLUGIN);
}

static void read_stack(const char *path, struct found *found, int depth)
{
	FILE *stream = depth < INCLUDE_DEPTH ? fopen(path, "re") : NULL;
	char *line = NULL, word[16], rest[2048];
	size_t room = 0;

	while (stream && !found->plugin && getline(&line, &room, stream) > 0) {
		if (sscanf(line, "%15s %2047s", word, rest) != 2 || *word == '#')
			continue;
		if (!strcmp(word, "include")) {
			read_include(path, rest, found, depth);
		} else if ((!strcmp(word, "required") || !strcmp(word, "optional")) && is_ours(rest)) {
			found->plugin = strdup(rest);
			found->where = strdup(path);
			found->required = !strcmp(word, "required");
		}
	}
	free(line);
	if (stream)
		fclose(stream);
}

/* Where PluginDir has it: several folders between colons. */
static char *in_plugin_dirs(const struct doctor *doctor)
{
	char *dirs = doctor_config(doctor, "PluginDir"), *save = NULL, *dir, *path = NULL;

	for (dir = dirs ? strtok_r(dirs, ":", &save) : NULL; dir; dir = strtok_r(NULL, ":", &save)) {
		path = cli_format("%s/" PLUGIN, dir);
		if (path && access(path, R_OK) == 0)
			break;
		free(path);
		path = NULL;
	}
	free(dirs);
	return path;
}

/* Slurm's own library, which has what a plugin asks for: one that binds at once (full RELRO) cannot be looked at without. */
static void *load_slurm(struct doctor *doctor)
{
	char *dirs = doctor_config(doctor, "PluginDir"), *path;
	void *library = NULL;

	if (dirs) {
		path = cli_format("%.*s/libslurmfull.so", (int)strcspn(dirs, ":"), dirs);
		library = path ? dlopen(path, RTLD_LAZY | RTLD_GLOBAL) : NULL;
		free(path);
	}
	free(dirs);
	return library;
}

/* Slurm refuses a plugin that was built for another major.minor. */
static void check_version(struct doctor *doctor, const char *path)
{
	char *running = doctor_config(doctor, "SLURM_VERSION");
	unsigned major = 0, minor = 0;
	const unsigned *version;
	void *slurm = load_slurm(doctor), *plugin = dlopen(path, RTLD_LAZY | RTLD_LOCAL);

	if (!plugin) {
		doctor_fail(doctor, "build it for this Slurm and install it again", "%s", dlerror());
		goto out;
	}
	version = dlsym(plugin, "plugin_version");
	if (!version)
		doctor_fail(doctor, "install it again", "%s is not a plugin of Slurm", path);
	else if (!running || sscanf(running, "%u.%u", &major, &minor) != 2)
		doctor_ok(doctor, "%s is built for Slurm %u.%02u", path, *version >> 16 & 255, *version >> 8 & 255);
	else if ((*version >> 16 & 255) != major || (*version >> 8 & 255) != minor)
		doctor_fail(doctor, "build it against the headers of the running Slurm: configure --with-slurm=...",
			    "%s is built for Slurm %u.%02u, and %s runs", path, *version >> 16 & 255,
			    *version >> 8 & 255, running);
	else
		doctor_ok(doctor, "%s is built for Slurm %u.%02u, as runs", path, major, minor);
	dlclose(plugin);
out:
	if (slurm)
		dlclose(slurm);
	free(running);
}

static void check_stack(struct doctor *doctor, struct found *found, const char *stack)
{
	char *path;

	read_stack(stack, found, 0);
	if (!found->plugin) {
		doctor_fail(doctor, "add the line: optional " PLUGIN, "%s does not name " PLUGIN, stack);
		return;
	}
	if (found->required)
		doctor_warn(doctor, "write optional: a required plugin that does not fit stops every job",
			    "%s: " PLUGIN " is required", found->where);
	else
		doctor_ok(doctor, "%s names " PLUGIN, found->where);
	path = *found->plugin == '/' ? strdup(found->plugin) : in_plugin_dirs(doctor);
	if (!path || access(path, R_OK))
		doctor_fail(doctor, "install slurm-xpm on this host", "%s is not there", path ? path : PLUGIN);
	else
		check_version(doctor, path);
	doctor->plugin = path;
}

void doctor_check_plugin(struct doctor *doctor)
{
	struct found found = { NULL, NULL, 0 };
	char *stack, *conf;

	if (!doctor->live)
		return;
	stack = doctor_config(doctor, "PlugStackConfig");
	if (!stack) {
		conf = doctor_config(doctor, "SLURM_CONF");
		stack = beside(conf ? conf : "/etc/slurm/slurm.conf", "plugstack.conf");
		free(conf);
	}
	if (stack)
		check_stack(doctor, &found, stack);
	free(found.plugin);
	free(found.where);
	free(stack);
}
