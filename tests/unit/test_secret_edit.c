/* SPDX-License-Identifier: ISC
 *
 * The field that shows nothing: what it keeps, gives away and forgets.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <string.h>

#include "probes/base/mem.h"
#include "probes/base/str.h"
#include "wizard/ui/secret_edit.h"

static void
type(struct secret_edit *e, const char *text)
{
	while (*text) {
		struct input in = {.press = PRESS_TEXT};
		size_t len = text_char(text);

		memcpy(in.text, text, len);
		assert_true(secret_edit_key(e, &in));
		text += len;
	}
}

static void
press(struct secret_edit *e, enum press p)
{
	struct input in = {.press = p};

	assert_true(secret_edit_key(e, &in));
}

static void
paste(struct secret_edit *e, const char *text)
{
	struct input in = {.press = PRESS_PASTE, .paste = mem_dup(text)};

	assert_true(secret_edit_key(e, &in));
	mem_free(in.paste);
}

static void
assert_taken(struct secret_edit *e, bool is_token, const char *want)
{
	struct secret *s = NULL;
	struct err err = {0};

	if (!secret_edit_take(e, is_token, &s, &err))
		fail_msg("%s", err.msg);
	assert_string_equal(secret_text(s), want);
	secret_free(s);
	assert_int_equal(e->len, 0);
}

static void
editing(void **state)
{
	static const struct {
		const char *type;
		enum press keys[3];
		const char *then, *want;
	} cases[] = {
	    {"abc", {0}, "", "abc"},
	    {"abc", {PRESS_BACKSPACE}, "d", "abd"},
	    {"Gr\xc3\xbc\xc3\x9f", {PRESS_BACKSPACE}, "x", "Gr\xc3\xbcx"},
	    {"", {PRESS_BACKSPACE, PRESS_BACKSPACE}, "a", "a"},
	    {"old", {PRESS_CTRL_U}, "new", "new"},
	    {" a b ", {0}, "", " a b "},
	    {"\xc2\xa0", {0}, "?1q", "\xc2\xa0?1q"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct secret_edit e = {0};

		type(&e, cases[i].type);
		for (int k = 0; k < 3 && cases[i].keys[k]; k++)
			press(&e, cases[i].keys[k]);
		type(&e, cases[i].then);
		assert_taken(&e, false, cases[i].want);
		secret_edit_done(&e);
	}
}

static void
pastes(void **state)
{
	struct secret_edit e = {0};

	(void)state;
	paste(&e, "one two\r\n\n");
	assert_taken(&e, false, "one two");
	paste(&e, " ab\ncd \tef\r\n");
	assert_taken(&e, true, "abcdef");
	paste(&e, "ab\ncd");
	assert_taken(&e, false, "ab\ncd");
	secret_edit_done(&e);
}

static void
moving_is_nothing(void **state)
{
	static const enum press keys[] = {
	    PRESS_LEFT, PRESS_HOME, PRESS_ENTER, PRESS_F1, PRESS_TAB};
	struct secret_edit e = {0};

	(void)state;
	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
		struct input in = {.press = keys[i]};

		assert_false(secret_edit_key(&e, &in));
	}
	secret_edit_done(&e);
}

static void
nothing_and_too_much(void **state)
{
	char *much = mem_alloc(SECRET_MAX + 2);
	struct secret_edit e = {0};
	struct secret *s = NULL;
	struct err err = {0};

	(void)state;
	assert_false(secret_edit_take(&e, false, &s, &err));
	assert_null(s);
	assert_int_equal(err.kind, ERR_USAGE);
	memset(much, 'x', SECRET_MAX + 1);
	paste(&e, much);
	assert_false(secret_edit_take(&e, false, &s, &err));
	assert_null(s);
	assert_int_equal(err.kind, ERR_LIMIT);
	/* Too long once, and then one character: still not sent. */
	paste(&e, much);
	type(&e, "y");
	assert_false(secret_edit_take(&e, false, &s, &err));
	/* Exactly as much as fits. */
	much[SECRET_MAX] = '\0';
	paste(&e, much);
	assert_true(secret_edit_take(&e, false, &s, &err));
	assert_int_equal(secret_len(s), SECRET_MAX);
	secret_free(s);
	mem_free(much);
	secret_edit_done(&e);
}

static void
is_wiped(void **state)
{
	struct secret_edit e = {0};

	(void)state;
	type(&e, "hunter22");
	press(&e, PRESS_BACKSPACE);
	assert_int_equal(e.text[7], '\0');
	secret_edit_clear(&e);
	for (size_t i = 0; i <= SECRET_MAX; i++)
		assert_int_equal(e.text[i], '\0');
	secret_edit_done(&e);
	assert_null(e.text);
}

/* One character and many look the same, and neither is on the canvas. */
static void
shows_nothing(void **state)
{
	struct secret_edit e = {0};
	char *rows[2];

	(void)state;
	for (int i = 0; i < 2; i++) {
		struct canvas c;

		type(&e, i ? "QZXJQZXJQZXJ" : "Q");
		canvas_init(&c, 1, 40);
		assert_int_equal(secret_edit_draw(&e, &c, 0, 3, true), 1);
		rows[i] = canvas_row_text(&c, 0);
		canvas_done(&c);
	}
	assert_string_equal(rows[0], "   typed: yes");
	assert_string_equal(rows[1], rows[0]);
	mem_free(rows[0]);
	mem_free(rows[1]);
	secret_edit_done(&e);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(editing),
	    cmocka_unit_test(pastes),
	    cmocka_unit_test(moving_is_nothing),
	    cmocka_unit_test(nothing_and_too_much),
	    cmocka_unit_test(is_wiped),
	    cmocka_unit_test(shows_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
