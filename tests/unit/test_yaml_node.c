/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "yaml_node.h"

#include <string.h>

#include "unit.h"

static struct xpm_arena arena;
static struct xpm_report *report;

static const struct xpm_node *read_text(struct xpm_document *document, const char *text, size_t len)
{
	memset(document, 0, sizeof(*document));
	document->name = "x.yaml";
	document->text = text;
	document->len = len;
	document->arena = &arena;
	document->report = report;
	return xpm_yaml_read(document, &arena);
}

static void setup(void)
{
	memset(&arena, 0, sizeof(arena));
	report = xpm_report_create(NULL);
}

static void teardown(void)
{
	xpm_report_destroy(report);
	xpm_arena_free(&arena);
}

/* A node as text: scalars as 'text', without quotes when plain; each with its place. */
static void show(char *to, const struct xpm_node *node)
{
	size_t i;

	to += strlen(to);
	to += sprintf(to, "%u:%u", node->spot.place.line, node->spot.place.column);
	switch (node->kind) {
	case XPM_NODE_SCALAR:
		sprintf(to, node->null ? "~" : node->plain ? "=%s" : "='%s'", node->text);
		break;
	case XPM_NODE_LIST:
		strcat(to, "[");
		for (i = 0; i < node->len; i++) {
			strcat(to, i ? " " : "");
			show(to, node->items[i]);
		}
		strcat(to, "]");
		break;
	case XPM_NODE_MAP:
		strcat(to, "{");
		for (i = 0; i < node->len; i++) {
			strcat(to, i ? " " : "");
			show(to, node->entries[i].key);
			strcat(to, ">");
			show(to, node->entries[i].value);
		}
		strcat(to, "}");
		break;
	}
}

START_TEST(trees)
{
	static const struct {
		const char *text, *tree;
	} cases[] = {
		{ "a", "1:1=a" },
		{ "'a'", "1:1='a'" },
		{ "\"a\\tb\"", "1:1='a\tb'" },
		{ "''", "1:1=''" },
		{ "'null'", "1:1='null'" },
		{ "[a, b]", "1:1[1:2=a 1:5=b]" },
		{ "- a\n- b\n", "1:1[1:3=a 2:3=b]" },
		{ "- - a\n", "1:1[1:3[1:5=a]]" },
		{ "a: 1\nb:\n  c: ~\n", "1:1{1:1=a>1:4=1 2:1=b>3:3{3:3=c>3:6~}}" },
		{ "a:\nb: null\n", "1:1{1:1=a>1:3~ 2:1=b>2:4~}" },
		{ "{a: 1, b: [c]}", "1:1{1:2=a>1:5=1 1:8=b>1:11[1:12=c]}" },
		{ "\xc3\xa9: \xc3\xa9 \xe2\x82\xac\nx: {\xf0\x9f\x8e\x89: z}", NULL },
		{ "a: &x {b: 1}\nc: *x\n", "1:1{1:1=a>1:7{1:8=b>1:11=1} 2:1=c>2:4{1:8=b>1:11=1}}" },
		{ "a: &x\n  b: 1\nc: *x\n", "1:1{1:1=a>2:3{2:3=b>2:6=1} 3:1=c>3:4{2:3=b>2:6=1}}" },
		{ "a: &x y\n", "1:1{1:1=a>1:7=y}" },
		{ "a: !!str y\n", "1:1{1:1=a>1:10='y'}" },
		{ "a: &x\n", "1:1{1:1=a>1:4~}" },
		{ "a: &x\nb: !!null\n", "1:1{1:1=a>1:4~ 2:1=b>2:4~}" },
		{ "a: &x !!int # one\n  # two\n  1\n", "1:1{1:1=a>3:3='1'}" },
		{ "a: !!null ~\nb: !!str ~\n<<: ~\n", "1:1{1:1=a>1:11~ 2:1=b>2:10='~'}" },
		{ "- &x a\n- &x b\n- *x\n", "1:1[1:6=a 2:6=b 3:3=b]" },
		{ "- &a {x: 1, y: 2}\n- {<<: *a, y: 3}\n",
		  "1:1[1:6{1:7=x>1:10=1 1:13=y>1:16=2} 2:3{2:12=y>2:15=3 2:4=x>2:4=1}]" },
		{ "- &a {x: 1}\n- &b {x: 2, y: 2}\n- <<: [*a, *b]\n",
		  "1:1[1:6{1:7=x>1:10=1} 2:6{2:7=x>2:10=2 2:13=y>2:16=2} "
		  "3:3{3:3=x>3:3=1 3:3=y>3:3=2}]" },
		{ "- &a {x: 1}\n- &b {<<: *a, y: 2}\n- {<<: *b}\n",
		  "1:1[1:6{1:7=x>1:10=1} 2:6{2:15=y>2:18=2 2:7=x>2:7=1} 3:3{3:4=y>3:4=2 3:4=x>3:4=1}]" },
		{ "{\"<<\": 1}", "1:1{1:2='<<'>1:8=1}" },
		{ "{}", "1:1{}" },
		{ "[]", "1:1[]" },
		{ "<<: {}", "1:1{}" },
		{ "a: |\n  x\n  y\n", "1:1{1:1=a>1:4='x\ny\n'}" },
		{ "# c\r\na: 1\r\nb: 2\r\n", "2:1{2:1=a>2:4=1 3:1=b>3:4=2}" },
		{ "--- a\n", "1:5=a" },
		{ "%YAML 1.2\n--- a\n...\n", "2:5=a" },
	};
	struct xpm_document document;
	size_t i;

	setup();
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const struct xpm_node *root = read_text(&document, cases[i].text, strlen(cases[i].text));
		char tree[4096] = "";

		ck_assert_msg(root != NULL, "%s", cases[i].text);
		ck_assert_uint_eq(document.errors, 0);
		show(tree, root);
		if (cases[i].tree)
			ck_assert_str_eq(tree, cases[i].tree);
		else /* columns count bytes */
			ck_assert_str_eq(tree, "1:1{1:1=\xc3\xa9>1:5=\xc3\xa9 \xe2\x82\xac "
					       "2:1=x>2:4{2:5=\xf0\x9f\x8e\x89>2:11=z}}");
	}
	ck_assert_uint_eq(xpm_report_count(report), 0);
	teardown();
}
END_TEST

START_TEST(nothing)
{
	static const char *const texts[] = { "", "\n", "# x\n", "---\n", "~", "null", "---\n...\n" };
	struct xpm_document document;
	size_t i;

	setup();
	for (i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		ck_assert_ptr_null(read_text(&document, texts[i], strlen(texts[i])));
		ck_assert_uint_eq(document.errors, 0);
		ck_assert_int_eq(document.out_of_memory, 0);
	}
	teardown();
}
END_TEST

/* What a file may not have: where it is, and what is said. */
START_TEST(mistakes)
{
	static const struct {
		const char *text;
		size_t len; /* 0 = strlen() */
		const char *said;
	} cases[] = {
		{ "a\0b", 3, "x.yaml:1:2: error: the control character 0x00 may not stand here\na?b\n ^" },
		{ "\xff\xfe" "a\0", 4, "x.yaml:1:1: error: the byte 0xff is not UTF-8: save the file in that encoding\n??a?\n^" },
		{ "a: \xc3", 0, "x.yaml:1:4: error: the byte 0xc3 is not UTF-8: save the file in that encoding\na: ?\n   ^" },
		{ "a: \xed\xa0\x80", 0, "x.yaml:1:4: error: the byte 0xed is not UTF-8: save the file in that encoding\na: ???\n   ^" },
		{ "a: \xc0\xaf", 0, "x.yaml:1:4: error: the byte 0xc0 is not UTF-8: save the file in that encoding\na: ??\n   ^" },
		{ "a: \xc2\x9b", 0, "x.yaml:1:4: error: the control character 0x9b may not stand here\na: ?\n   ^" },
		{ "a: \xef\xbf\xbe", 0, "x.yaml:1:4: error: the control character 0xfffe may not stand here\na: \xef\xbf\xbe\n   ^" },
		{ "a: *b", 0, "x.yaml:1:4: error: the alias '*b' names no anchor above it\na: *b\n   ^" },
		{ "&a [*a]", 0, "x.yaml:1:5: error: the alias '*a' stands inside what it names\n&a [*a]\n    ^" },
		{ "a: 1\n--- b\n", 0, "x.yaml:2:1: error: a second document begins here: the file is to be one\n--- b\n^" },
		{ "!x a", 0, "x.yaml:1:1: error: the tag '!x' has no meaning here\n!x a\n^" },
		{ "{a: 1, b: 2, a: 3}", 0, "x.yaml:1:14: error: duplicate key 'a' (it is on line 1 already)\n{a: 1, b: 2, a: 3}\n             ^" },
		{ "[a", 0, "x.yaml:1:3: error: not YAML: did not find expected ',' or ']' while parsing a flow sequence\n[a\n  ^" },
	};
	struct xpm_document document;
	size_t i;

	setup();
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		char said[512];

		read_text(&document, cases[i].text, cases[i].len ? cases[i].len : strlen(cases[i].text));
		ck_assert_uint_eq(document.errors, 1);
		ck_assert_uint_eq(xpm_report_count(report), 1);
		xpm_diagnostic_print(xpm_report_get(report, 0), said, sizeof(said));
		ck_assert_str_eq(said, cases[i].said);
		ck_assert_int_eq(document.first.code, XPM_ERR_LAUNCHERS);
		teardown();
		setup();
	}
	teardown();
}
END_TEST

/* Every duplicate of a large mapping is found, and quickly. */
START_TEST(many_duplicates)
{
	static char text[2 << 20];
	struct xpm_document document;
	size_t len = 0;
	int i;

	setup();
	for (i = 0; i < 50000; i++)
		len += (size_t)sprintf(text + len, "k%d: 1\n", i);
	for (i = 0; i < 50000; i++)
		len += (size_t)sprintf(text + len, "k%d: 2\n", i);
	ck_assert_ptr_nonnull(read_text(&document, text, len));
	ck_assert_uint_eq(document.errors, 50000);
	ck_assert_uint_eq(document.first.line, 50001);
	ck_assert_uint_eq(xpm_report_count(report), XPM_REPORT_MAX);
	ck_assert_uint_eq(xpm_report_dropped(report), 50000 - XPM_REPORT_MAX);
	ck_assert_uint_eq(xpm_report_get(report, XPM_REPORT_MAX - 1)->what.line, 50000 + XPM_REPORT_MAX);
	teardown();
}
END_TEST

START_TEST(spots_in_scalars)
{
	static const char text[] = "- abc\n- \"abc\"\n- 'a''c'\n- \"a\\x62c\"\n- >\n  abc\n";
	static const unsigned columns[] = { 4, 5, 3, 3, 3 };
	struct xpm_document document;
	const struct xpm_node *root;
	size_t i;

	setup();
	root = read_text(&document, text, sizeof(text) - 1);
	ck_assert_ptr_nonnull(root);
	for (i = 0; i < 5; i++)
		ck_assert_uint_eq(xpm_node_spot_of(&document, root->items[i], 1).place.column, columns[i]);
	teardown();
}
END_TEST

START_TEST(lookup)
{
	static const char text[] = "{a: 1, b: ~, \"c\\0d\": 2}";
	struct xpm_document document;
	const struct xpm_node *root;

	setup();
	root = read_text(&document, text, sizeof(text) - 1);
	ck_assert_ptr_nonnull(xpm_node_get(root, "a"));
	ck_assert_ptr_null(xpm_node_get(root, "b"));
	ck_assert_ptr_null(xpm_node_get(root, "c"));
	ck_assert_ptr_null(xpm_node_get(xpm_node_get(root, "a"), "a"));
	teardown();
}
END_TEST

UNIT_MAIN("yaml_node", trees, nothing, mistakes, many_duplicates, spots_in_scalars, lookup)
