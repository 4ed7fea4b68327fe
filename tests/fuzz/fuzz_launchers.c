/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Any bytes are read as launchers.yaml or refused with places inside of them, and the report says what the call says.
 * With -DXPM_FUZZ_MAIN a program that runs each file it is given, for a corpus without libFuzzer.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <xpmatch/launchers.h>

#define must(condition)                                                                              \
	do {                                                                                         \
		if (!(condition)) {                                                                  \
			fprintf(stderr, "line %d: %s\n", __LINE__, #condition);                      \
			abort();                                                                     \
		}                                                                                    \
	} while (0)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static size_t lines(const uint8_t *data, size_t size)
{
	size_t i, n = 1;

	for (i = 0; i < size; i++)
		n += data[i] == '\n';
	return n;
}

static void check_entry(const struct xpm_diagnostic *entry, const uint8_t *data, size_t size)
{
	const struct xpm_error *what = &entry->what;
	char printed[2048];

	must(what->line >= 1 && what->line <= lines(data, size));
	must(what->column >= 1 && what->column <= size + 1);
	must(what->caret <= strlen(what->excerpt));
	must(what->text[0] && !strpbrk(what->text, "\n\033") && !strpbrk(what->excerpt, "\n\033"));
	must(xpm_diagnostic_print(entry, printed, sizeof(printed)) < sizeof(printed));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct xpm_report *report = xpm_report_create(NULL);
	struct xpm_error err = { .code = XPM_OK };
	struct xpm_launchers *launchers;
	unsigned line = 0, column = 0;
	size_t i;

	must(report);
	launchers = xpm_launchers_parse((const char *)data, size, "launchers.yaml", report, &err);
	for (i = 0; i < xpm_report_count(report); i++) {
		const struct xpm_diagnostic *entry = xpm_report_get(report, i);

		check_entry(entry, data, size);
		must(entry->what.line > line || (entry->what.line == line && entry->what.column >= column));
		line = entry->what.line;
		column = entry->what.column;
	}
	must(!launchers == (xpm_report_count_of(report, XPM_ERROR) > 0));
	must(!launchers == (err.code == XPM_ERR_LAUNCHERS || err.code == XPM_ERR_LIMIT));
	xpm_launchers_destroy(launchers);
	xpm_report_destroy(report);
	return 0;
}

#ifdef XPM_FUZZ_MAIN
int main(int argc, char **argv)
{
	static uint8_t data[1 << 20];
	int i;

	for (i = 1; i < argc; i++) {
		FILE *file = fopen(argv[i], "rb");

		if (!file) {
			perror(argv[i]);
			return 1;
		}
		LLVMFuzzerTestOneInput(data, fread(data, 1, sizeof(data), file));
		fclose(file);
	}
	return 0;
}
#endif
