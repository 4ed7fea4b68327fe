/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "report_private.h"

#include <stdlib.h>
#include <string.h>

#include "error_private.h"

struct xpm_report {
	struct xpm_diagnostic **items; /* sorted */
	size_t len, room;
	size_t said[XPM_ERROR + 1]; /* of each severity, the dropped ones too */
	size_t dropped;
};

#define ROOM_FIRST 8

struct xpm_report *xpm_report_create(struct xpm_error *err)
{
	struct xpm_report *report = calloc(1, sizeof(*report));

	if (!report)
		xpm_fail_memory(err);
	return report;
}

void xpm_report_destroy(struct xpm_report *report)
{
	size_t i;

	if (!report)
		return;
	for (i = 0; i < report->len; i++)
		free(report->items[i]);
	free(report->items);
	free(report);
}

size_t xpm_report_count(const struct xpm_report *report)
{
	return report->len;
}

size_t xpm_report_count_of(const struct xpm_report *report, enum xpm_severity severity)
{
	return report->said[severity];
}

size_t xpm_report_dropped(const struct xpm_report *report)
{
	return report->dropped;
}

const struct xpm_diagnostic *xpm_report_get(const struct xpm_report *report, size_t i)
{
	return i < report->len ? report->items[i] : NULL;
}

size_t xpm_diagnostic_print(const struct xpm_diagnostic *diagnostic, char *buf, size_t size)
{
	static const char *const words[] = { "note", "warning", "error" };

	return xpm_error_print_as(&diagnostic->what, words[diagnostic->severity], buf, size);
}

/*
 * Where an entry of this place belongs: behind all of its file that stand before or at it. Files
 * come in the order in which they were first spoken of. The kept entries are few, so a walk from
 * the end is cheap.
 */
static size_t place_of(const struct xpm_report *report, const char *source, unsigned line,
                       unsigned column)
{
	size_t i = report->len;

	while (i > 0 && strcmp(report->items[i - 1]->what.source, source))
		i--;
	if (i == 0)
		return report->len; /* a new file */
	while (i > 0) {
		const struct xpm_error *what = &report->items[i - 1]->what;

		if (strcmp(what->source, source) || what->line < line ||
		    (what->line == line && what->column <= column))
			break;
		i--;
	}
	return i;
}

/*
 * Which entry of a full report gives way to a new one that would stand at place: the last of the least severe ones.
 * report->len when the new one is less severe than all, or as severe as those and behind them.
 */
static size_t victim_of(const struct xpm_report *report, enum xpm_severity severity, size_t place)
{
	size_t victim = report->len - 1, i;

	for (i = victim; i > 0; i--)
		if (report->items[i - 1]->severity < report->items[victim]->severity)
			victim = i - 1;
	if (severity == report->items[victim]->severity)
		return place <= victim ? victim : report->len;
	return severity > report->items[victim]->severity ? victim : report->len;
}

int xpm_report_refuses(struct xpm_report *report, enum xpm_severity severity, const char *source,
                       unsigned line, unsigned column)
{
	if (report->len < XPM_REPORT_MAX ||
	    victim_of(report, severity, place_of(report, source, line, column)) < report->len)
		return 0;
	report->said[severity]++;
	report->dropped++;
	return 1;
}

static void remove_at(struct xpm_report *report, size_t i)
{
	free(report->items[i]);
	report->len--;
	memmove(report->items + i, report->items + i + 1,
	        (report->len - i) * sizeof(report->items[0]));
}

static int make_room(struct xpm_report *report)
{
	struct xpm_diagnostic **items;
	size_t room = report->room ? 2 * report->room : ROOM_FIRST;

	if (report->len < report->room)
		return 1;
	items = realloc(report->items, room * sizeof(items[0]));
	if (!items)
		return 0;
	report->items = items;
	report->room = room;
	return 1;
}

static int said_before(const struct xpm_report *report, size_t place, enum xpm_severity severity,
                       const struct xpm_error *what)
{
	while (place-- > 0) {
		const struct xpm_diagnostic *item = report->items[place];

		if (item->what.line != what->line || item->what.column != what->column ||
		    strcmp(item->what.source, what->source))
			return 0;
		if (item->severity == severity && !strcmp(item->what.text, what->text))
			return 1;
	}
	return 0;
}

int xpm_report_has(const struct xpm_report *report, enum xpm_severity severity, const struct xpm_error *what)
{
	return said_before(report, place_of(report, what->source, what->line, what->column), severity, what);
}

enum xpm_code xpm_report_add(struct xpm_report *report, enum xpm_severity severity,
                             const struct xpm_error *what)
{
	size_t place = place_of(report, what->source, what->line, what->column), victim;
	struct xpm_diagnostic *item;

	if (said_before(report, place, severity, what))
		return XPM_OK;
	report->said[severity]++;
	if (report->len == XPM_REPORT_MAX) {
		victim = victim_of(report, severity, place);
		report->dropped++;
		if (victim == report->len)
			return XPM_OK;
		remove_at(report, victim);
		place -= victim < place;
	}
	item = malloc(sizeof(*item));
	if (!item || !make_room(report)) {
		free(item);
		return XPM_ERR_MEMORY;
	}
	item->severity = severity;
	item->what = *what;
	memmove(report->items + place + 1, report->items + place,
	        (report->len - place) * sizeof(report->items[0]));
	report->items[place] = item;
	report->len++;
	return XPM_OK;
}
