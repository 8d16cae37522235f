/* SPDX-License-Identifier: ISC
 *
 * The text field and the choice.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "probes/base/mem.h"
#include "wizard/ui/widgets.h"

static void
press(struct edit *e, enum press p)
{
	struct input in = {.press = p};

	assert_true(edit_key(e, &in));
}

static void
type(struct edit *e, const char *text)
{
	while (*text) {
		struct input in = {.press = PRESS_TEXT};
		size_t len = text_char(text);
		memcpy(in.text, text, len);
		assert_true(edit_key(e, &in));
		text += len;
	}
}

static void
editing_keys(void **state)
{
	static const struct {
		const char *start;
		enum press keys[4];
		const char *type, *want;
		size_t at;
	} cases[] = {
	    {"abc", {PRESS_HOME}, "x", "xabc", 1},
	    {"abc", {PRESS_LEFT}, "x", "abxc", 3},
	    {"abc", {PRESS_BACKSPACE, PRESS_BACKSPACE}, "", "a", 1},
	    {"", {PRESS_BACKSPACE, PRESS_LEFT, PRESS_DELETE}, "", "", 0},
	    {"abc", {PRESS_HOME, PRESS_DELETE}, "", "bc", 0},
	    {"abc", {PRESS_END, PRESS_RIGHT, PRESS_DELETE}, "", "abc", 3},
	    {"Grüße", {PRESS_LEFT, PRESS_BACKSPACE}, "", "Grüe", 4},
	    {"Grüße", {PRESS_LEFT, PRESS_LEFT, PRESS_LEFT, PRESS_DELETE}, "",
		"Grße", 2},
	    {"e\xcc\x81", {PRESS_BACKSPACE}, "", "", 0},
	    {"one two", {PRESS_CTRL_W}, "", "one ", 4},
	    {"one two  ", {PRESS_CTRL_W, PRESS_CTRL_W}, "", "", 0},
	    {"one two", {PRESS_LEFT, PRESS_CTRL_U}, "", "o", 0},
	    {"one two", {PRESS_CTRL_A, PRESS_RIGHT, PRESS_CTRL_K}, "", "o", 1},
	    {"?", {PRESS_CTRL_E}, "?1q", "??1q", 4},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct edit e;
		edit_init(&e, false);
		edit_set(&e, cases[i].start);
		for (size_t k = 0; k < 4 && cases[i].keys[k]; k++)
			press(&e, cases[i].keys[k]);
		type(&e, cases[i].type);
		assert_string_equal(e.text.data, cases[i].want);
		assert_int_equal(e.at, cases[i].at);
		edit_done(&e);
	}
}

static void
paste_newlines(void **state)
{
	static const struct {
		const char *paste, *line, *text;
	} cases[] = {
	    {"a\nb", "a b", "a\nb"},
	    {"a\r\nb\r\n", "a b", "a\nb"},
	    {"a\rb", "a b", "a\nb"},
	    {"a\n\nb", "a  b", "a\n\nb"},
	    {"\n", "", ""},
	    {"a\tb", "a b", "a b"},
	    {"a\x1b[31mb", "a\\x1b[31mb", "a\\x1b[31mb"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct edit line, text;
		edit_init(&line, false);
		edit_init(&text, true);
		edit_insert(&line, cases[i].paste);
		edit_insert(&text, cases[i].paste);
		for (char *p = line.text.data; *p; p++)
			*p = *p >= 'A' && *p <= 'F' ? (char)(*p + 32) : *p;
		for (char *p = text.text.data; *p; p++)
			*p = *p >= 'A' && *p <= 'F' ? (char)(*p + 32) : *p;
		assert_string_equal(line.text.data, cases[i].line);
		assert_string_equal(text.text.data, cases[i].text);
		edit_done(&line);
		edit_done(&text);
	}
}

static void
too_much_is_refused(void **state)
{
	struct edit e;
	char *big = mem_alloc(EDIT_LONG_MAX * 2);

	(void)state;
	memset(big, 'x', EDIT_LONG_MAX * 2 - 1);
	edit_init(&e, false);
	edit_set(&e, "kept");
	edit_insert(&e, big);
	assert_true(e.text.len <= EDIT_LINE_MAX);
	assert_memory_equal(e.text.data, "kept", 4);
	for (int i = 0; i < EDIT_LINE_MAX + 50; i++)
		type(&e, "y");
	assert_true(e.text.len <= EDIT_LINE_MAX);
	edit_done(&e);
	mem_free(big);
}

static void
cursor_is_where_the_text_is(void **state)
{
	struct edit e;
	struct canvas c;

	(void)state;
	canvas_init(&c, 6, 20);
	edit_init(&e, false);
	edit_set(&e, "abc");
	press(&e, PRESS_LEFT);
	assert_int_equal(edit_draw(&e, &c, 0, 5, true), 1);
	assert_int_equal(c.cursor_row, 0);
	assert_int_equal(c.cursor_column, 7);
	edit_set(&e, "0123456789012345678901234567890");
	edit_draw(&e, &c, 1, 5, true);
	assert_int_equal(c.cursor_row, 1);
	assert_true(c.cursor_column < 20);
	edit_done(&e);
	edit_init(&e, true);
	edit_insert(&e, "one\ntwo\nthree\nfour\nfive\nsix");
	assert_int_equal(edit_draw(&e, &c, 0, 5, true), EDIT_LONG_ROWS);
	assert_int_equal(c.cursor_row, EDIT_LONG_ROWS - 1);
	assert_int_equal(c.cursor_column, 8);
	edit_done(&e);
	canvas_done(&c);
}

static void
choices_take_rows(void **state)
{
	static const struct choose_item v[] = {
	    {"Yes", NULL}, {"No", NULL}, {"I don't know", NULL}};
	struct canvas c;
	char *text;

	(void)state;
	assert_int_equal(choose_rows(v, 3, 80), 1);
	assert_int_equal(choose_rows(v, 3, 20), 2);
	assert_int_equal(choose_rows(v, 3, 16), 2);
	assert_int_equal(choose_rows(v, 3, 10), 0);
	canvas_init(&c, 6, 30);
	assert_int_equal(choose_draw_line(v, 3, 1, &c, 0, 4, true), 2);
	text = canvas_row_text(&c, 0);
	assert_string_equal(text, "    ( ) Yes  (*) No");
	mem_free(text);
	assert_int_equal(c.cursor_column, 14);
	assert_int_equal(choose_draw_list(v, 3, 2, &c, 2, 1, true), 5);
	text = canvas_row_text(&c, 4);
	assert_string_equal(text, " > 3  I don't know");
	mem_free(text);
	assert_int_equal(c.cursor_row, 4);
	canvas_done(&c);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(editing_keys),
	    cmocka_unit_test(paste_newlines),
	    cmocka_unit_test(too_much_is_refused),
	    cmocka_unit_test(cursor_is_where_the_text_is),
	    cmocka_unit_test(choices_take_rows),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
