// SPDX-License-Identifier: GPL-2.0-or-later
#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "say.h"
#include "script.h"

static void add_word(struct xpm_script *script, const char *word, size_t len)
{
	script->words = xpm_realloc(script->words, script->words_len + 2, sizeof(*script->words));
	script->words[script->words_len] = strndup(word, len);
	if (!script->words[script->words_len])
		xpm_die(XPM_EXIT_SYSTEM, "out of memory");
	script->words[++script->words_len] = NULL;
}

/*
 * One word from p on into buf. Returns where it ends, or NULL at the end of the line; -1 in *bad for a quote without its
 * other half, ':' for the separator that Slurm does not take here. A word without a character ("") ends the line: so does
 * it in sbatch.
 */
static const char *next_word(const char *p, char *buf, int *bad)
{
	char quote = 0;
	int escaped = 0;
	size_t n = 0;

	while (isspace((unsigned char)*p))
		p++;
	if (*p == ':') {
		*bad = ':';
		return NULL;
	}
	for (; *p && (quote || !isspace((unsigned char)*p)); p++) {
		if (escaped) {
			escaped = 0;
		} else if (*p == '\\') {
			escaped = 1;
			continue;
		} else if (quote) {
			if (*p == quote) {
				quote = 0;
				continue;
			}
		} else if (*p == '"' || *p == '\'') {
			quote = *p;
			continue;
		} else if (*p == '#') {
			break;
		}
		buf[n++] = *p;
	}
	buf[n] = '\0';
	if (quote) {
		*bad = quote;
		return NULL;
	}
	return n ? p : NULL;
}

static int parse_line(const char *name, unsigned number, const char *line, struct xpm_script *script, char *why,
		      size_t size)
{
	char *buf = xpm_alloc(strlen(line) + 1);
	const char *p = line;
	int bad = 0;

	while ((p = next_word(p, buf, &bad)))
		add_word(script, buf, strlen(buf));
	free(buf);
	if (bad == ':')
		snprintf(why, size, "%s: line %u: unexpected ':'", name, number);
	else if (bad)
		snprintf(why, size, "%s: line %u: unmatched %c", name, number, bad);
	return bad ? -1 : 0;
}

static int is_command(const char *line)
{
	while (isspace((unsigned char)*line))
		line++;
	return *line && *line != '#';
}

static int parse_lines(const char *name, struct xpm_script *script, char *why, size_t size)
{
	const char *p = script->text;
	unsigned number = 1;

	for (; *p; number++) {
		const char *end = strchrnul(p, '\n');
		char *line = strndup(p, (size_t)(end - p));
		int bad = 0, stop = 0;

		if (!line)
			xpm_die(XPM_EXIT_SYSTEM, "out of memory");
		if (!strncmp(line, "#SBATCH", 7)) {
			if (strcasestr(line, "hetjob") || strcasestr(line, "packjob")) {
				snprintf(why, size, "%s: line %u: a heterogeneous job has no local meaning", name,
					 number);
				bad = -1;
			} else {
				bad = parse_line(name, number, line + 7, script, why, size);
			}
		} else if (!strncmp(line, "#SLURM", 6)) {
			script->old_name = 1;
			bad = parse_line(name, number, line + 6, script, why, size);
		} else {
			stop = is_command(line);
		}
		free(line);
		if (bad || stop)
			return bad;
		p = *end ? end + 1 : end;
	}
	return 0;
}

static int check(const char *name, const char *text, size_t len, char *why, size_t size)
{
	size_t i = 0;

	if (!len)
		snprintf(why, size, "%s: the batch script is empty", name);
	else if (memchr(text, '\0', len))
		snprintf(why, size, "%s: the batch script contains a NUL byte", name);
	else {
		while (i < len && isspace((unsigned char)text[i]))
			i++;
		if (i == len)
			snprintf(why, size, "%s: the batch script contains only blanks", name);
		else if (strncmp(text, "#!", 2))
			snprintf(why, size, "%s does not look like a batch script: its first line must start with #! "
				 "and the path of an interpreter", name);
		else if (strstr(text, "\r\n"))
			snprintf(why, size, "%s contains DOS line breaks (\\r\\n) instead of UNIX line breaks (\\n)",
				 name);
		else
			return 0;
	}
	return -1;
}

int xpm_script_parse(const char *name, char *text, size_t len, struct xpm_script *script, char *why, size_t size)
{
	memset(script, 0, sizeof(*script));
	script->text = text;
	script->len = len;
	script->words = xpm_alloc(sizeof(*script->words));
	if (!check(name, text, len, why, size) && !parse_lines(name, script, why, size))
		return 0;
	xpm_script_free(script);
	return -1;
}

int xpm_script_read(const char *path, struct xpm_script *script, int *readable, char *why, size_t size)
{
	size_t len = 0, room = 8192;
	int is_stdin = !strcmp(path, "-");
	int fd = is_stdin ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC);
	char *text;
	ssize_t n;

	memset(script, 0, sizeof(*script));
	*readable = 0;
	if (fd < 0) {
		snprintf(why, size, "cannot open %s: %s", path, strerror(errno));
		return -1;
	}
	text = xpm_alloc(room + 1);
	while ((n = read(fd, text + len, room - len)) > 0 || (n < 0 && errno == EINTR)) {
		len += n > 0 ? (size_t)n : 0;
		if (len == room && len < XPM_SCRIPT_MAX)
			text = xpm_realloc(text, (room *= 2) + 1, 1);
		if (len >= XPM_SCRIPT_MAX) {
			n = -1;
			errno = EFBIG;
			break;
		}
	}
	if (n < 0)
		snprintf(why, size, "cannot read %s: %s", path, strerror(errno));
	if (!is_stdin)
		close(fd);
	if (n < 0) {
		free(text);
		return -1;
	}
	text[len] = '\0';
	*readable = 1;
	return xpm_script_parse(is_stdin ? "the script from stdin" : path, text, len, script, why, size);
}

void xpm_script_free(struct xpm_script *script)
{
	for (size_t i = 0; i < script->words_len; i++)
		free(script->words[i]);
	free(script->words);
	free(script->text);
	memset(script, 0, sizeof(*script));
}

int xpm_script_interpreter(const struct xpm_script *script, char **path, char **argument)
{
	const char *p = script->text + 2, *end = strchrnul(script->text, '\n'), *word;

	*path = *argument = NULL;
	while (p < end && (*p == ' ' || *p == '\t'))
		p++;
	while (end > p && (end[-1] == ' ' || end[-1] == '\t'))
		end--;
	for (word = p; p < end && *p != ' ' && *p != '\t'; p++)
		;
	if (word == p)
		return -1;
	*path = strndup(word, (size_t)(p - word));
	while (p < end && (*p == ' ' || *p == '\t'))
		p++;
	if (p < end)
		*argument = strndup(p, (size_t)(end - p));
	return 0;
}
