/* SPDX-License-Identifier: ISC
 *
 * Unit tests of probes/base/yaml: the tree with its positions, every refusal
 * with its message, and the bounds.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "probes/base/buf.h"
#include "probes/base/clock.h"
#include "probes/base/mem.h"
#include "probes/base/str.h"
#include "probes/base/yaml.h"

#define N_OF(a) (sizeof(a) / sizeof((a)[0]))

/* Writes a tree on one line: text@line:column, [list], {map}. */
static void
show(struct buf *b, const struct yaml *y)
{
	switch (y->kind) {
	case YAML_TEXT:
		buf_addf(b, "%s@%d:%d", y->text, y->line, y->column);
		return;
	case YAML_LIST:
		buf_addf(b, "[@%d:%d", y->line, y->column);
		for (size_t i = 0; i < y->n; i++) {
			buf_addc(b, ' ');
			show(b, y->items[i]);
		}
		buf_addc(b, ']');
		return;
	case YAML_MAP:
		buf_addf(b, "{@%d:%d", y->line, y->column);
		for (size_t i = 0; i < y->n; i++) {
			buf_addc(b, ' ');
			show(b, y->keys[i]);
			buf_addc(b, '=');
			show(b, y->items[i]);
		}
		buf_addc(b, '}');
		return;
	}
}

static void
trees_know_their_places(void **state)
{
	static const char *const rows[][2] = {
	    {"a", "a@1:1"},
	    {"a: 1", "{@1:1 a@1:1=1@1:4}"},
	    {"a:\n  b: yes\n  c: [x, 1.50]\n",
		"{@1:1 a@1:1={@2:3 b@2:3=yes@2:6 c@3:3=[@3:6 x@3:7 "
		"1.50@3:10]}}"},
	    {"- a\n- - b\n  - c\n", "[@1:1 a@1:3 [@2:3 b@2:5 c@3:5]]"},
	    {"a: ~\nb: null\nc:\nd: ''\n",
		"{@1:1 a@1:1=~@1:4 b@2:1=null@2:4 c@3:1=@3:3 d@4:1=@4:4}"},
	    {"a: |\n  one\n  two\nb: >\n  x\n  y\n",
		"{@1:1 a@1:1=one\ntwo\n@1:4 b@4:1=x y\n@4:4}"},
	    {"\"q: 1\": 'it''s'", "{@1:1 q: 1@1:1=it's@1:9}"},
	    {"# comment\n\nx: 'y' # more\n", "{@3:1 x@3:1=y@3:4}"},
	    {"\xc3\xbc: \xe6\x97\xa5 z\n", "{@1:1 \xc3\xbc@1:1=\xe6\x97\xa5 "
					   "z@1:4}"},
	    {"[\xc3\xbc, b]", "[@1:1 \xc3\xbc@1:2 b@1:5]"},
	    {"{a: 1, b}", "{@1:1 a@1:2=1@1:5 b@1:8=@1:9}"},
	    {"[]", "[@1:1]"},
	    {"{}", "{@1:1}"},
	    {"---\na: b\n", "{@2:1 a@2:1=b@2:4}"},
	    {"---\na: b\n...\n", "{@2:1 a@2:1=b@2:4}"},
	    {"%YAML 1.1\n---\na: b\n", "{@3:1 a@3:1=b@3:4}"},
	    {"a: b\r\nc: d\r\n", "{@1:1 a@1:1=b@1:4 c@2:1=d@2:4}"},
	    {"a: b", "{@1:1 a@1:1=b@1:4}"},
	    {"192.0.2.10:587: dropped", "{@1:1 192.0.2.10:587@1:1=dropped@1:"
					"17}"},
	    {"'<<': x", "{@1:1 <<@1:1=x@1:7}"},
	    {"a: 'b!c'", "{@1:1 a@1:1=b!c@1:4}"},
	    {"a: \"\\u00fc\\x41\\t\"", "{@1:1 a@1:1=\xc3\xbc"
				       "A\t@1:4}"},
	};

	(void)state;
	for (size_t i = 0; i < N_OF(rows); i++) {
		struct err err = {.kind = ERR_DNS, .msg = "untouched"};
		struct yaml *y =
		    yaml_parse("t", rows[i][0], strlen(rows[i][0]), &err);
		struct buf b;

		assert_string_equal(err.msg, "untouched");
		assert_int_equal(err.kind, ERR_DNS);
		assert_non_null(y);
		buf_init(&b, 4096);
		show(&b, y);
		assert_string_equal(b.data, rows[i][1]);
		buf_done(&b);
		yaml_free(y);
	}
}

#define TEXT(s) s, sizeof(s) - 1

static void
refusals_say_where_and_what_to_do(void **state)
{
	static const struct {
		const char *text;
		size_t len;
		const char *starts; /* of the message */
		const char *has; /* further on */
	} rows[] = {
	    {TEXT(""), "t:1:1: expected", "empty"},
	    {TEXT("# nothing\n"), "t:1:1: expected", "empty"},
	    {TEXT("a: 1\nb: 2\na: 3\n"), "t:3:1: expected every name once",
		"\"a\" already stands in line 1; keep one"},
	    {TEXT("b: {c: 1, 'c': 2}"), "t:1:11: expected every name once",
		"\"c\" already stands in line 1"},
	    {TEXT("z: 1\ny: 1\nz: 2\ny: 2\n"), "t:3:1: ", "\"z\""},
	    {TEXT("\"\\e[2J\": 1\n\"\\e[2J\": 2\n"), "t:2:1: ", "\"\\x1b[2J\""},
	    {TEXT("a: &x 1\n"), "t:1:4: ", "anchor"},
	    {TEXT("a: &x {b: 1}\n"), "t:1:4: ", "anchor"},
	    {TEXT("a: &x [b]\n"), "t:1:4: ", "anchor"},
	    {TEXT("&x a: 1\n"), "t:1:1: ", "anchor"},
	    {TEXT("a: *x\n"), "t:1:4: ", "alias"},
	    {TEXT("- b\n- *x\n"), "t:2:3: ", "alias"},
	    {TEXT("*x : 1\n"), "t:1:1: ", "alias"},
	    {TEXT("a: *\n"), "t:1:4: ", "'*' or '&'"},
	    {TEXT("a: !!str x\n"), "t:1:4: ", "tag"},
	    {TEXT("a: !x [b]\n"), "t:1:4: ", "tag"},
	    {TEXT("a: ! {b: c}\n"), "t:1:4: ", "tag"},
	    {TEXT("a: !e!x b\n"), "t:1:4: ", "'!' in quotes"},
	    {TEXT("a: 1\n<<: {b: 2}\n"), "t:2:1: ", "merge key"},
	    {TEXT("[a]: 1\n"), "t:1:1: ", "name before ':'"},
	    {TEXT("? {a: 1}\n: 1\n"), "t:1:3: ", "name before ':'"},
	    {TEXT(": 1\n"), "t:1:1: ", "`name: value`"},
	    {TEXT("'': 1\n"), "t:1:1: ", "name before ':'"},
	    {TEXT("a: 1\n---\nb: 2\n"), "t:2:1: ", "second"},
	    {TEXT("a: 1\n  b: 2\n"), "t:2:4: ", "': '"},
	    {TEXT("a: b: c\n"), "t:1:5: ", "quotes"},
	    {TEXT("a:\n\tb: 1\n"), "t:2:1: ", "found a tab"},
	    {TEXT("a: @x\n"), "t:1:4: ", "'@' in quotes"},
	    {TEXT("a: `x`\n"), "t:1:4: ", "'`' in quotes"},
	    {TEXT("a: \"\xc3\xbc\"\nb: @x\n"), "t:2:4: ", "'@' in quotes"},
	    {TEXT("a: %x\n"), "t:1:4: ", "'%' in quotes"},
	    {TEXT("a: \"open\nb: 1\n"), "t:1:4: ", "closing quote"},
	    {TEXT("a: 'open\n"), "t:1:4: ", "closing quote"},
	    {TEXT("a: 'x\n---\n"), "t:1:4: ", "closing quote"},
	    {TEXT("a: [1, 2\nb: 3\n"), "t:2:", "']'"},
	    {TEXT("a: {b: 1\nc: 2\n"), "t:2:", "'}'"},
	    {TEXT("a: 1\nb\nc: 1\n"), "t:2:1: ", "`name: value`"},
	    {TEXT("a: \"x\" y\n"), "t:1:8: ", "closing quote"},
	    {TEXT("%YAML 3.0\n---\na: b\n"), "t:1:1: ", "'%' out"},
	    {TEXT("- a\nb: 1\n"), "t:2:1: ", "`- item`"},
	    {TEXT("a: - b\n"), "t:1:4: ", "line of its own"},
	    {TEXT("a: \"\\q\"\n"), "t:1:", "single quotes"},
	    {TEXT("a: \"\\xzz\"\n"), "t:1:", "single quotes"},
	    {TEXT("a: \"\\ud800\"\n"), "t:1:", "character"},
	    {TEXT("a: \"x\\0y\"\n"), "t:1:4: ", "NUL"},
	    {TEXT("\"\\0\": y\n"), "t:1:1: ", "NUL"},
	    {TEXT("a: |x\n b\n"), "t:1:", ""},
	    {TEXT("a: ]\n"), "t:1:4: ", "in quotes"},
	    {TEXT("}\n"), "t:1:1: ", "in quotes"},
	    {TEXT("a: x\0y\n"), "t:1:5: ", "control character 0x00"},
	    {TEXT("a: 1\nb: \x1b[2J\n"), "t:2:4: ", "control character 0x1b"},
	    {TEXT("a: M\xfcller\n"), "t:1:5: ", "UTF-8"},
	    {TEXT("\xc3\xbc: \xe2\x82\n"), "t:1:4: ", "UTF-8"},
	    {TEXT("a: \xc0\xaf\n"), "t:1:4: ", "UTF-8"},
	    {TEXT("a: \xed\xa0\x80\n"), "t:1:4: ", "UTF-8"},
	    {TEXT("a: \xe2\x82"), "t:1:4: ", "UTF-8"},
	    {TEXT("\xff\xfe"
		  "a\0"),
		"t:1:1: ", "UTF-8"},
	};

	(void)state;
	for (size_t i = 0; i < N_OF(rows); i++) {
		struct err err = {0};
		/* A copy of just this size: reading past it is noticed. */
		char *text = mem_resize(NULL, rows[i].len, 1);

		memcpy(text, rows[i].text, rows[i].len);

		struct yaml *y = yaml_parse("t", text, rows[i].len, &err);

		mem_free(text);
		if (y != NULL || !str_starts(err.msg, rows[i].starts) ||
		    strstr(err.msg, rows[i].has) == NULL) {
			print_error("row %zu: %s\n", i,
			    y != NULL ? "accepted" : err.msg);
			fail();
		}
		assert_int_equal(err.kind, ERR_SYNTAX);
		assert_non_null(strstr(err.msg, "; "));
		assert_false(str_ends(err.msg, "..."));
	}
}

static void
byte_order_mark_is_passed_over(void **state)
{
	static const char text[] = "\xef\xbb\xbf"
				   "a: b\n";
	struct err err = {0};
	struct yaml *y = yaml_parse("t", text, sizeof(text) - 1, &err);

	(void)state;
	assert_non_null(y);
	assert_string_equal(yaml_get_text(y, "a"), "b");
	yaml_free(y);
}

static void
getters_accept_anything(void **state)
{
	static const char text[] = "a: b\nc: [d]\ne: {f: g}\n";
	struct err err = {0};
	struct yaml *y = yaml_parse("t", text, sizeof(text) - 1, &err);

	(void)state;
	assert_non_null(y);
	assert_string_equal(yaml_get_text(y, "a"), "b");
	assert_null(yaml_get_text(y, "c"));
	assert_null(yaml_get_text(y, "x"));
	assert_null(yaml_get(yaml_get(y, "a"), "b"));
	assert_null(yaml_get(yaml_get(y, "c"), "d"));
	assert_null(yaml_get(NULL, "a"));
	assert_null(yaml_text(NULL));
	assert_null(yaml_get_text(NULL, "a"));
	assert_string_equal(yaml_get_text(yaml_get(y, "e"), "f"), "g");
	yaml_free(y);
	yaml_free(NULL);
}

/* One of each bound on either side. */
static void
check_bound(struct buf *b, bool is_good, const char *has)
{
	struct err err = {0};
	int64_t start = clock_mono_ms();
	struct yaml *y = yaml_parse("t", b->data, b->len, &err);
	int64_t took = clock_mono_ms() - start;

	assert_false(b->full);
	if (is_good) {
		if (y == NULL)
			print_error("%s\n", err.msg);
		assert_non_null(y);
	} else {
		assert_null(y);
		assert_int_equal(err.kind, ERR_LIMIT);
		if (strstr(err.msg, has) == NULL)
			print_error("%s\n", err.msg);
		assert_non_null(strstr(err.msg, has));
	}
	assert_true(took < 20000);
	yaml_free(y);
	buf_done(b);
}

static void
depth_is_bounded(void **state)
{
	static const size_t depths[] = {
	    YAML_MAX_DEPTH, YAML_MAX_DEPTH + 1, 100000, YAML_MAX_BYTES / 2};

	(void)state;
	for (size_t i = 0; i < N_OF(depths); i++) {
		struct buf b;

		buf_init(&b, BUF_OURS);
		for (size_t d = 0; d < depths[i]; d++)
			buf_addc(&b, '[');
		for (size_t d = 0; d < depths[i]; d++)
			buf_addc(&b, ']');
		check_bound(&b, depths[i] <= YAML_MAX_DEPTH,
		    "t:1:33: expected at most 32 levels");
	}

	struct buf b;

	buf_init(&b, BUF_OURS);
	for (size_t d = 0; d < 1000; d++)
		buf_adds(&b, "- ");
	check_bound(&b, false, "t:1:65: expected at most 32 levels");
	buf_init(&b, BUF_OURS);
	for (size_t d = 0; d < 1000; d++)
		buf_adds(&b, "{a: ");
	check_bound(&b, false, "expected at most 32 levels");
}

static void
nodes_are_bounded(void **state)
{
	(void)state;
	for (size_t n = YAML_MAX_NODES - 1; n <= YAML_MAX_NODES; n++) {
		struct buf b;

		buf_init(&b, BUF_OURS);
		for (size_t i = 0; i < n; i++)
			buf_adds(&b, "- a\n");
		check_bound(&b, n < YAML_MAX_NODES,
		    "t:400000:3: expected at most 400000");
	}
}

static void
bytes_are_bounded(void **state)
{
	(void)state;
	for (size_t more = 0; more < 2; more++) {
		struct buf b;

		buf_init(&b, BUF_OURS);
		buf_adds(&b, "a: \"");
		while (b.len < YAML_MAX_BYTES - 1 + more)
			buf_addc(&b, 'x');
		buf_addc(&b, '"');
		check_bound(&b, more == 0, "expected at most 4194304 bytes");
	}
}

/* Very many keys, equal at the end only: not quadratic. */
static void
many_keys_are_quick(void **state)
{
	struct buf b;
	struct err err = {0};

	(void)state;
	buf_init(&b, BUF_OURS);
	for (int i = 0; i < 150000; i++)
		buf_addf(&b, "key%d: a\n", i);
	buf_adds(&b, "key0: a\n");
	assert_null(yaml_parse("t", b.data, b.len, &err));
	assert_true(str_starts(err.msg, "t:150001:1: expected every name"));
	assert_non_null(strstr(err.msg, "in line 1;"));
	buf_done(&b);
}

/* A file as large as we have to bear: 10,000 nodes. */
static void
large_playbook_is_read(void **state)
{
	struct buf b;

	(void)state;
	buf_init(&b, BUF_OURS);
	buf_adds(&b, "playbook: large\nnodes:\n");
	for (int i = 0; i < 10000; i++)
		buf_addf(&b,
		    "  - id: n%d\n    stage: 1\n    ask: Which one is it?\n"
		    "    fields:\n      - fact: x.y\n        kind: choice\n"
		    "        label: A label\n        choices:\n"
		    "          - {value: a, label: A}\n"
		    "          - {value: b, label: B}\n"
		    "    next: n%d\n",
		    i, i + 1);
	check_bound(&b, true, "");
}

static void
names_in_messages_are_tame(void **state)
{
	struct err err = {0};
	char name[1001];

	(void)state;
	assert_null(yaml_parse("a\x1b[2J", "*", 1, &err));
	assert_true(str_starts(err.msg, "a\\x1b[2J:1:1: "));
	memset(name, 'd', sizeof(name) - 1);
	memcpy(name + 990, "/file.yaml", 11);
	assert_null(yaml_parse(name, "*", 1, &err));
	assert_true(str_starts(err.msg, "...ddd"));
	assert_non_null(strstr(err.msg, "d/file.yaml:1:1: expected"));
	assert_false(str_ends(err.msg, "..."));
}

/* Every start of a file, and every file with one byte changed, ends well. */
static void
damaged_files_do_no_harm(void **state)
{
	static const char good[] =
	    "a: |\n  x\n  y\nb: [c, 'd', \"e\\n\", {f: &g !h i, j: *g}]\n"
	    "? k\n: >-\n l\n\xc3\xbc: # m\n - n\n - - o\n...\n---\n";
	static const char bytes[] = "\0\t\n []{}:-?&*!|>'\"%@#\\\x80\xc3\xff"
				    "a0";
	struct err err = {0};

	(void)state;
	for (size_t len = 0; len < sizeof(good); len++) {
		char *text = mem_resize(NULL, len, 1);

		memcpy(text, good, len);
		yaml_free(yaml_parse("t", text, len, &err));
		for (size_t i = 0; i < sizeof(bytes) && len > 0; i++) {
			text[len / 2] = bytes[i];
			yaml_free(yaml_parse("t", text, len, &err));
		}
		mem_free(text);
	}
}

static void
files_are_read(void **state)
{
	struct err err = {0};
	char path[] = "/tmp/test_yaml.XXXXXX";
	int fd = mkstemp(path);

	(void)state;
	assert_true(fd >= 0);
	assert_int_equal(write(fd, "a: b\nc: @\n", 10), 10);
	assert_null(yaml_load(path, &err));
	assert_int_equal(err.kind, ERR_SYNTAX);
	assert_true(str_starts(err.msg, path));
	assert_true(str_starts(err.msg + strlen(path), ":2:4: "));
	assert_int_equal(ftruncate(fd, 5), 0);

	struct yaml *y = yaml_load(path, &err);

	assert_non_null(y);
	assert_string_equal(yaml_get_text(y, "a"), "b");
	yaml_free(y);
	assert_int_equal(ftruncate(fd, (off_t)1 << 30), 0);
	assert_null(yaml_load(path, &err));
	assert_int_equal(err.kind, ERR_LIMIT);
	close(fd);
	unlink(path);

	assert_null(yaml_load(path, &err));
	assert_int_equal(err.kind, ERR_FILE);
	assert_true(str_starts(err.msg, "cannot read /tmp/test_yaml."));
	assert_true(str_ends(err.msg, ": No such file or directory"));
	assert_null(yaml_load("/tmp", &err));
	assert_int_equal(err.kind, ERR_FILE);
	assert_string_equal(err.msg, "cannot read /tmp: Is a directory");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(trees_know_their_places),
	    cmocka_unit_test(refusals_say_where_and_what_to_do),
	    cmocka_unit_test(byte_order_mark_is_passed_over),
	    cmocka_unit_test(getters_accept_anything),
	    cmocka_unit_test(depth_is_bounded),
	    cmocka_unit_test(nodes_are_bounded),
	    cmocka_unit_test(bytes_are_bounded),
	    cmocka_unit_test(many_keys_are_quick),
	    cmocka_unit_test(large_playbook_is_read),
	    cmocka_unit_test(names_in_messages_are_tame),
	    cmocka_unit_test(damaged_files_do_no_harm),
	    cmocka_unit_test(files_are_read),
	};

	return cmocka_run_group_tests_name("yaml", tests, NULL, NULL);
}
