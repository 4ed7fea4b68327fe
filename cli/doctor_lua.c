/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common.h"
#include "doctor.h"
#include "run.h"

#define JOB_SUBMIT   "job_submit_lua.so"
#define SECONDS      10
#define LIBRARY_MOST ((size_t)16 << 20)

/* Loads job_submit.lua as slurmctld does, with a stand-in for what Slurm offers. */
static const char probe[] =
	"local quiet = function() return 0 end\n"
	"slurm = setmetatable({ SUCCESS = 0, ERROR = -1, FAILURE = -1 }, { __index = function() return quiet end })\n"
	"local chunk, message = loadfile(os.getenv('XPM_DOCTOR_SCRIPT'))\n"
	"if not chunk then error(message, 0) end\n"
	"chunk()\n"
	"if type(slurm_job_submit) ~= 'function' then error('it does not define slurm_job_submit', 0) end\n"
	"local xpm = package.loaded['xpm']\n"
	"if not xpm then error('it does not require \"xpm\"', 0) end\n"
	"print('loaded', _VERSION)\n";

/* The Lua that the plugin is linked to, as "5.1": the name of the library stands in it. NULL when it does not. */
static const char *lua_of(const char *plugin)
{
	static const char *const versions[] = { "5.4", "5.3", "5.2", "5.1" };
	FILE *stream = fopen(plugin, "re");
	char *bytes = malloc(LIBRARY_MOST);
	const char *found = NULL;
	size_t len = stream && bytes ? fread(bytes, 1, LIBRARY_MOST, stream) : 0;

	for (size_t i = 0; i < sizeof(versions) / sizeof(versions[0]) && !found && len; i++) {
		static const char *const forms[] = { "liblua%s.so", "liblua-%s.so", "liblua.so.%s" };

		for (size_t f = 0; f < sizeof(forms) / sizeof(forms[0]); f++) {
			char name[32];
			const char *dot = strstr(forms[f], "%s");

			snprintf(name, sizeof(name), "%.*s%s%s", (int)(dot - forms[f]), forms[f], versions[i], dot + 2);
			if (memmem(bytes, len, name, strlen(name)))
				found = versions[i];
		}
	}
	free(bytes);
	if (stream)
		fclose(stream);
	return found;
}

/* Slurm's own plugin, in one of its folders; to free. */
static char *find_job_submit(const struct doctor *doctor)
{
	char *dirs = doctor_config(doctor, "PluginDir"), *save = NULL, *dir, *path = NULL;

	for (dir = dirs ? strtok_r(dirs, ":", &save) : NULL; dir; dir = strtok_r(NULL, ":", &save)) {
		path = cli_format("%s/" JOB_SUBMIT, dir);
		if (path && access(path, R_OK) == 0)
			break;
		free(path);
		path = NULL;
	}
	free(dirs);
	return path;
}

static void load_script(struct doctor *doctor, const char *version, const char *script)
{
	char interpreter[16];
	const char *const argv[] = { interpreter, "-e", probe, NULL };
	struct cli_output output;
	struct xpm_error err = { 0 };

	snprintf(interpreter, sizeof(interpreter), "lua%s", version);
	setenv("XPM_DOCTOR_SCRIPT", script, 1); /* as an argument the interpreter would run it once more */
	if (cli_run(NULL, argv, SECONDS, 1 << 20, &output, &err)) {
		doctor_warn(doctor, NULL, "%s", err.text);
		return;
	}
	if (output.status == 127)
		doctor_warn(doctor, "install that interpreter to have this looked at",
			    "%s was not tried: there is no %s here", script, interpreter);
	else if (output.status)
		doctor_fail(doctor, "slurmctld would not start, or would take jobs as they come",
			    "%s does not load with Lua %s: %.*s", script, version, (int)strcspn(output.err, "\n"),
			    output.err);
	else
		doctor_ok(doctor, "%s loads xpm with slurmctld's Lua %s", script, version);
	cli_output_free(&output);
}

/* Is there a call in it? The text is all there is to see: functions cannot be looked into. */
static void check_call(struct doctor *doctor, const char *script)
{
	FILE *stream = fopen(script, "re");
	char *line = NULL;
	size_t room = 0;
	int calls = 0;

	while (stream && !calls && getline(&line, &room, stream) > 0) {
		const char *call = strstr(line, "xpm.job_submit"), *comment = strstr(line, "--");

		calls = call && (!comment || call < comment);
	}
	free(line);
	if (stream)
		fclose(stream);
	if (calls)
		doctor_ok(doctor, "%s calls xpm.job_submit", script);
	else
		doctor_fail(doctor, "in slurm_job_submit: return xpm.job_submit(job_desc, part_list, submit_uid)",
			    "%s does not call xpm.job_submit", script);
}

static void check_script(struct doctor *doctor, const char *plugin)
{
	char *conf = doctor_config(doctor, "SLURM_CONF");
	const char *slash = conf ? strrchr(conf, '/') : NULL;
	char *script = cli_format("%.*sjob_submit.lua", slash ? (int)(slash - conf + 1) : 11,
				  slash ? conf : "/etc/slurm/");
	const char *version = lua_of(plugin);

	if (!script || access(script, F_OK)) {
		/* It lies where slurmctld runs, and nowhere else. */
		doctor_warn(doctor, "run xpm doctor where slurmctld runs", "there is no %s on this host",
			    script ? script : "job_submit.lua");
	} else {
		check_call(doctor, script);
		if (version)
			load_script(doctor, version, script);
		else
			doctor_warn(doctor, NULL, "%s: which Lua it is for cannot be seen", plugin);
	}
	free(script);
	free(conf);
}

void doctor_check_lua(struct doctor *doctor)
{
	char *plugins, *plugin;

	if (!doctor->live)
		return;
	plugins = doctor_config(doctor, "JobSubmitPlugins");
	if (!plugins || !strstr(plugins, "lua")) {
		doctor_fail(doctor, "slurm.conf: JobSubmitPlugins=lua, then restart slurmctld",
			    "slurmctld does not run job_submit.lua (JobSubmitPlugins=%s)", plugins ? plugins : "");
		free(plugins);
		return;
	}
	free(plugins);
	doctor_ok(doctor, "slurmctld runs job_submit.lua (JobSubmitPlugins)");
	plugin = find_job_submit(doctor);
	if (plugin)
		check_script(doctor, plugin);
	else
		doctor_warn(doctor, "run xpm doctor where slurmctld runs", "there is no " JOB_SUBMIT " on this host");
	free(plugin);
}
