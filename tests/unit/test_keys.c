/* SPDX-License-Identifier: ISC
 *
 * The key table: what a press means in and outside a text field.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "wizard/ui/keys.h"

static void
presses_mean_what_they_say(void **state)
{
	static const struct {
		enum press press;
		const char *text;
		enum command in_text, outside;
	} cases[] = {
	    {PRESS_NONE, "", DO_NOTHING, DO_NOTHING},
	    {PRESS_TEXT, "?", DO_EDIT, DO_HELP},
	    {PRESS_TEXT, "q", DO_EDIT, DO_EDIT},
	    {PRESS_TEXT, "1", DO_EDIT, DO_EDIT},
	    {PRESS_ENTER, "", DO_NEXT, DO_NEXT},
	    {PRESS_ESC, "", DO_BACK, DO_BACK},
	    {PRESS_BACKTAB, "", DO_FIELD_BEFORE, DO_FIELD_BEFORE},
	    {PRESS_F1, "", DO_HELP, DO_HELP},
	    {PRESS_F2, "", DO_WHY, DO_WHY},
	    {PRESS_F3, "", DO_DETAILS, DO_DETAILS},
	    {PRESS_F5, "", DO_WAY, DO_WAY},
	    {PRESS_F6, "", DO_AGAIN, DO_AGAIN},
	    {PRESS_F8, "", DO_SAVE, DO_SAVE},
	    {PRESS_CTRL_Q, "", DO_STOP, DO_STOP},
	    {PRESS_CTRL_L, "", DO_REDRAW, DO_REDRAW},
	    {PRESS_PASTE, "", DO_EDIT, DO_EDIT},
	    {PRESS_LEFT, "", DO_EDIT, DO_EDIT},
	    {PRESS_CTRL_U, "", DO_EDIT, DO_EDIT},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct input in = {.press = cases[i].press};
		memcpy(in.text, cases[i].text, strlen(cases[i].text) + 1);
		assert_int_equal(keys_command(&in, true), cases[i].in_text);
		assert_int_equal(keys_command(&in, false), cases[i].outside);
	}
}

/* A key that stands twice would never reach its second meaning. */
static void
no_key_stands_twice(void **state)
{
	(void)state;
	for (const struct key *a = keys_table; a->name; a++) {
		assert_non_null(keys_for(a->command));
		for (const struct key *b = a + 1; b->name; b++)
			assert_true(a->press != b->press ||
				    (a->text && b->text &&
					strcmp(a->text, b->text) != 0));
	}
	assert_null(keys_for(DO_EDIT));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(presses_mean_what_they_say),
	    cmocka_unit_test(no_key_stands_twice),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
