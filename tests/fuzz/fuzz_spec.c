/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Any text is parsed or refused with a place inside of it; what is parsed survives the round trip
 * through its canonical text, and the builders keep it. With -DXPM_FUZZ_MAIN a program that runs
 * each file it is given, for a corpus without libFuzzer.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <xpmatch/builders.h>
#include <xpmatch/spec.h>

#define must(condition)                                                                            \
	do {                                                                                       \
		if (!(condition)) {                                                                \
			fprintf(stderr, "line %d: %s\n", __LINE__, #condition);                    \
			abort();                                                                   \
		}                                                                                  \
	} while (0)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_parsed(const struct xpm_requirement *requirement)
{
	static char text[16 * XPM_SPEC_MAX];
	struct xpm_requirement *again;
	size_t len = xpm_requirement_print(requirement, text, sizeof(text));

	must(len < sizeof(text) && len == strlen(text));
	if (len > XPM_SPEC_MAX)
		return;
	again = xpm_spec_parse(text, NULL);
	must(again && xpm_requirement_equal(requirement, again));
	xpm_requirement_destroy(again);
	again = xpm_req_multiply_duration(requirement, 1, 1, NULL);
	must(again && xpm_requirement_equal(requirement, again));
	xpm_requirement_destroy(again);
	xpm_requirement_destroy(xpm_req_and(requirement, requirement, NULL));
}

static void check_refused(const char *text, const struct xpm_error *err)
{
	char printed[1024];

	must(err->code == XPM_ERR_SPEC || err->code == XPM_ERR_LIMIT);
	must(err->line >= 1 && err->column >= 1 && err->column <= strlen(text) + 1);
	must(err->caret <= strlen(err->excerpt));
	must(err->text[0] && !strpbrk(err->text, "\n\033") && !strpbrk(err->excerpt, "\n\033"));
	must(xpm_error_print(err, printed, sizeof(printed)) < sizeof(printed));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = malloc(size + 1);
	struct xpm_requirement *requirement;
	struct xpm_error err;

	must(text);
	if (size)
		memcpy(text, data, size);
	text[size] = '\0';
	requirement = xpm_spec_parse(text, &err);
	if (requirement)
		check_parsed(requirement);
	else
		check_refused(text, &err);
	xpm_requirement_destroy(requirement);
	free(text);
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
