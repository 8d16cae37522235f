/* SPDX-License-Identifier: ISC
 *
 * The canvas: clipping, wide and combining characters, wrapping, copying.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "probes/base/mem.h"
#include "wizard/ui/canvas.h"

static void
row_is(const struct canvas *c, int row, const char *want)
{
	char *have = canvas_row_text(c, row);

	assert_string_equal(have, want);
	mem_free(have);
}

static void
put_clips(void **state)
{
	static const struct {
		int column;
		const char *text, *want;
		int end;
	} cases[] = {
	    {0, "hello", "hello", 5},
	    {0, "0123456789abc", "0123456789", 10},
	    {8, "abc", "        ab", 10},
	    {10, "abc", "", 10},
	    {0, "", "", 0},
	    {0, "a\nb", "a", 1},
	    {0, "Grüße", "Grüße", 5},
	    {8, "日本", "        日", 10},
	    {9, "日本", "", 9}, /* half of a wide one is not drawn */
	    {0, "e\xcc\x81x", "e\xcc\x81x", 2},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct canvas c;
		canvas_init(&c, 1, 10);
		assert_int_equal(canvas_put(&c, 0, cases[i].column, LOOK_PLAIN,
				     cases[i].text),
		    cases[i].end);
		row_is(&c, 0, cases[i].want);
		canvas_done(&c);
	}
}

static void
put_outside_is_harmless(void **state)
{
	struct canvas c;

	(void)state;
	canvas_init(&c, 2, 4);
	(void)canvas_put(&c, -1, 0, LOOK_PLAIN, "x");
	(void)canvas_put(&c, 2, 0, LOOK_PLAIN, "x");
	(void)canvas_put(&c, 0, -3, LOOK_PLAIN, "x");
	(void)canvas_put(&c, 0, 99, LOOK_PLAIN, "x");
	(void)canvas_put(&c, 0, 0, LOOK_PLAIN, NULL);
	row_is(&c, 0, "");
	row_is(&c, 1, "");
	row_is(&c, 7, "");
	canvas_done(&c);
	canvas_init(&c, 0, 0);
	(void)canvas_put(&c, 0, 0, LOOK_PLAIN, "x");
	canvas_done(&c);
}

static void
many_marks_stay_in_their_cell(void **state)
{
	struct canvas c;
	char text[201] = "e";

	(void)state;
	for (size_t i = 1; i + 1 < sizeof(text); i += 2)
		memcpy(text + i, "\xcc\x81", 2);
	text[199] = '\0';
	canvas_init(&c, 1, 4);
	assert_int_equal(canvas_put(&c, 0, 0, LOOK_PLAIN, text), 1);
	assert_true(strlen(c.cells[0].text) < GLYPH_BYTES);
	canvas_done(&c);
}

static void
wrap_breaks_at_blanks(void **state)
{
	static const struct {
		const char *text;
		int columns;
		const char *lines[5];
	} cases[] = {
	    {"", 5, {""}},
	    {"one", 5, {"one"}},
	    {"one two", 5, {"one", "two"}},
	    {"one two", 7, {"one two"}},
	    {"one  two", 5, {"one", "two"}},
	    {"abcdefgh", 5, {"abcde", "fgh"}},
	    {"a bcdefgh", 5, {"a", "bcdef", "gh"}},
	    {"a\nb", 5, {"a", "b"}},
	    {"a\n\nb", 5, {"a", "", "b"}},
	    {"日本語日本語", 5, {"日本", "語日", "本語"}},
	    {"abcde fgh", 5, {"abcde", "fgh"}},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		const char *s = cases[i].text;
		size_t line = 0;
		do {
			size_t next;
			size_t len = text_wrap(s, cases[i].columns, &next);
			assert_non_null(cases[i].lines[line]);
			assert_int_equal(len, strlen(cases[i].lines[line]));
			assert_memory_equal(s, cases[i].lines[line], len);
			s += next;
			line++;
		} while (*s);
		assert_true(line == 5 || !cases[i].lines[line]);
	}
}

static void
wrap_always_gets_on(void **state)
{
	(void)state;
	for (int columns = -1; columns < 4; columns++) {
		const char *s = "日 a\xcc\x81 bcd  e\n\n f ";
		int lines = 0;
		while (*s && lines++ < 100) {
			size_t next;
			(void)text_wrap(s, columns, &next);
			assert_true(next > 0);
			s += next;
		}
		assert_true(lines < 100);
	}
}

static void
flow_joins_lines(void **state)
{
	static const struct {
		const char *text, *want;
	} cases[] = {
	    {"", ""},
	    {"a\nb\n", "a b"},
	    {"a\n\nb", "a\n\nb"},
	    {"a\n- b\n- c", "a\n- b\n- c"},
	    {"a\n  b", "a\n  b"},
	    {"a\n12. b\n3 c", "a\n12. b 3 c"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		char *have = text_flow(cases[i].text);
		assert_string_equal(have, cases[i].want);
		mem_free(have);
	}
}

static void
pages_grow_and_are_copied(void **state)
{
	struct canvas page, c;

	(void)state;
	canvas_init_page(&page, 8);
	assert_int_equal(
	    canvas_wrap(&page, 0, 2, 4, LOOK_BOLD, "one two three"), 4);
	assert_int_equal(page.rows, 4);
	row_is(&page, 0, "  one");
	row_is(&page, 1, "    two");
	row_is(&page, 2, "    thre");
	row_is(&page, 3, "    e");
	canvas_cursor(&page, 1, 4);
	canvas_init(&c, 3, 5);
	canvas_copy(&c, 1, &page, 1, 9);
	row_is(&c, 0, "");
	row_is(&c, 1, "    t");
	assert_int_equal(c.cursor_row, 1);
	assert_int_equal(c.cursor_column, 4);
	assert_false(canvas_same_row(&c, &page, 1));
	assert_true(canvas_same_row(&c, &c, 1));
	canvas_done(&c);
	canvas_done(&page);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(put_clips),
	    cmocka_unit_test(put_outside_is_harmless),
	    cmocka_unit_test(many_marks_stay_in_their_cell),
	    cmocka_unit_test(wrap_breaks_at_blanks),
	    cmocka_unit_test(wrap_always_gets_on),
	    cmocka_unit_test(flow_joins_lines),
	    cmocka_unit_test(pages_grow_and_are_copied),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
