/* SPDX-License-Identifier: ISC
 *
 * Editing a text by characters, and drawing text fields and choices.
 */
#include "widgets.h"

#include <stdio.h>
#include <string.h>

#include "../../probes/base/mem.h"
#include "../../probes/base/str.h"

#define EDIT_CLEAN_MAX (256 << 10) /* the longest paste, made printable */

void
edit_init(struct edit *e, bool is_long)
{
	*e = (struct edit){.is_long = is_long};
	buf_init(&e->text, is_long ? EDIT_LONG_MAX : EDIT_LINE_MAX);
}

void
edit_done(struct edit *e)
{
	buf_done(&e->text);
}

/* How much of a text fits in so many bytes, whole characters only. */
static size_t
fitting(const char *text, size_t room)
{
	size_t len = 0, next;

	while ((next = text_char(text + len)) > 0 && len + next <= room)
		len += next;
	return len;
}

static void
replace(struct edit *e, size_t from, size_t to, const char *with)
{
	char *tail = mem_dup(e->text.data + to);
	size_t max = e->text.max;
	char *head = mem_dupn(e->text.data, from);

	buf_done(&e->text);
	buf_init(&e->text, max);
	buf_adds(&e->text, head);
	size_t len = fitting(with, max - strlen(head) - strlen(tail));
	buf_add(&e->text, with, len);
	e->at = e->text.len;
	buf_adds(&e->text, tail);
	e->is_full = with[len] != '\0';
	mem_free(head);
	mem_free(tail);
}

void
edit_set(struct edit *e, const char *text)
{
	replace(e, 0, e->text.len, "");
	edit_insert(e, text ? text : "");
}

/* One line of a paste, made printable. */
static void
add_clean(struct buf *out, const char *line, size_t len)
{
	while (len && line[len - 1] == '\r')
		len--;
	char *clean = str_printable(line, len);
	buf_adds(out, clean);
	mem_free(clean);
}

void
edit_insert(struct edit *e, const char *text)
{
	struct buf clean;
	size_t end = strlen(text);

	while (end && (text[end - 1] == '\n' || text[end - 1] == '\r'))
		end--;
	buf_init(&clean, EDIT_CLEAN_MAX);
	for (size_t at = 0; at < end;) {
		size_t len = 0;
		while (at + len < end && text[at + len] != '\n' &&
		       !(text[at + len] == '\r' && text[at + len + 1] != '\n'))
			len++;
		add_clean(&clean, text + at, len);
		at += len;
		if (at < end)
			buf_addc(&clean, e->is_long ? '\n' : ' ');
		at++;
	}
	replace(e, e->at, e->at, clean.data);
	buf_done(&clean);
}

static size_t
before(const struct edit *e, size_t at)
{
	size_t last = 0;

	for (size_t i = 0; i < at; i += text_char(e->text.data + i))
		last = i;
	return last;
}

static size_t
after(const struct edit *e, size_t at)
{
	return at + text_char(e->text.data + at);
}

static size_t
word_before(const struct edit *e, size_t at)
{
	const char *s = e->text.data;

	while (at && (s[at - 1] == ' ' || s[at - 1] == '\n'))
		at--;
	while (at && s[at - 1] != ' ' && s[at - 1] != '\n')
		at--;
	return at;
}

static bool
edit_take(struct edit *e, const struct input *in)
{
	if (in->press == PRESS_TEXT)
		edit_insert(e, in->text);
	else if (in->press == PRESS_PASTE)
		edit_insert(e, in->paste);
	else
		return false;
	return true;
}

static bool
edit_move(struct edit *e, enum press press)
{
	if (press == PRESS_LEFT)
		e->at = before(e, e->at);
	else if (press == PRESS_RIGHT)
		e->at = after(e, e->at);
	else if (press == PRESS_HOME || press == PRESS_CTRL_A)
		e->at = 0;
	else if (press == PRESS_END || press == PRESS_CTRL_E)
		e->at = e->text.len;
	else
		return false;
	return true;
}

static bool
edit_cut(struct edit *e, enum press press)
{
	if (press == PRESS_BACKSPACE)
		replace(e, before(e, e->at), e->at, "");
	else if (press == PRESS_CTRL_U)
		replace(e, 0, e->at, "");
	else if (press == PRESS_CTRL_W)
		replace(e, word_before(e, e->at), e->at, "");
	else if (press == PRESS_DELETE)
		replace(e, e->at, after(e, e->at), "");
	else if (press == PRESS_CTRL_K)
		replace(e, e->at, e->text.len, "");
	else
		return false;
	return true;
}

bool
edit_key(struct edit *e, const struct input *in)
{
	return edit_take(e, in) || edit_move(e, in->press) ||
	       edit_cut(e, in->press);
}

/* Where the part shown of a one-line field begins. */
static size_t
scroll_start(const struct edit *e, int room)
{
	size_t start = 0;

	for (;;) {
		char *shown = mem_dupn(e->text.data + start, e->at - start);
		int width = str_width(shown);
		mem_free(shown);
		if (width < room || start >= e->at)
			return start;
		start = after(e, start);
	}
}

static int
draw_line(
    const struct edit *e, struct canvas *c, int row, int column, bool focus)
{
	int room = c->columns - column - 1;
	size_t start = focus ? scroll_start(e, room) : 0;
	const char *text = e->text.data + start;

	if (start && focus)
		canvas_put(c, row, column - 1, LOOK_DIM, "<");
	int end = canvas_put_to(c, row, column, c->columns - 1,
	    focus ? LOOK_BOLD : LOOK_PLAIN, text);
	if (str_width(text) > room)
		canvas_put(c, row, c->columns - 1, LOOK_DIM, ">");
	for (; focus && end < column + 24 && end < c->columns - 1; end++)
		canvas_put(c, row, end, LOOK_DIM, "_");
	if (focus) {
		char *left = mem_dupn(text, e->at - start);
		canvas_cursor(c, row, column + str_width(left));
		mem_free(left);
	}
	return row + 1;
}

/* Every row of a long field as it wraps; gives the cursor's row. */
static int
long_rows(const struct edit *e, int room, struct strs *rows, int *cursor)
{
	const char *s = e->text.data;
	size_t at = 0;
	int cursor_row = 0;

	do {
		size_t next;
		size_t len = text_wrap(s + at, room, &next);
		bool at_end =
		    !s[at + next] && !(next && s[at + next - 1] == '\n');
		strs_take(rows, mem_dupn(s + at, len));
		if (e->at >= at && (e->at < at + next || at_end)) {
			char *left = mem_dupn(s + at, e->at - at);
			cursor_row = (int)rows->n - 1;
			*cursor = str_width(left);
			mem_free(left);
		}
		at += next;
		if (!s[at] && at && s[at - 1] == '\n') {
			strs_add(rows, "");
			if (e->at == at) {
				cursor_row = (int)rows->n - 1;
				*cursor = 0;
			}
		}
	} while (s[at]);
	return cursor_row;
}

static int
draw_long(
    const struct edit *e, struct canvas *c, int row, int column, bool focus)
{
	struct strs rows = {0};
	int cursor = 0;
	int at = long_rows(e, c->columns - column - 1, &rows, &cursor);
	int n = (int)rows.n;
	int top = focus && at >= EDIT_LONG_ROWS ? at - EDIT_LONG_ROWS + 1 : 0;
	int last = n < top + EDIT_LONG_ROWS ? n : top + EDIT_LONG_ROWS;

	for (int i = top; i < last; i++, row++) {
		bool cut = (i == top && top > 0) || (i == last - 1 && last < n);
		canvas_put(c, row, column - 2, LOOK_DIM, cut ? ":" : "|");
		int end = canvas_put(
		    c, row, column, focus ? LOOK_BOLD : LOOK_PLAIN, rows.v[i]);
		for (; focus && n == 1 && end < column + 24; end++)
			canvas_put(c, row, end, LOOK_DIM, "_");
		if (focus && i == at)
			canvas_cursor(c, row, column + cursor);
	}
	strs_done(&rows);
	return row;
}

int
edit_draw(
    const struct edit *e, struct canvas *c, int row, int column, bool focus)
{
	return e->is_long ? draw_long(e, c, row, column, focus)
			  : draw_line(e, c, row, column, focus);
}

#define CHOOSE_MARK 4 /* "(*) " */
#define CHOOSE_GAP 2

int
choose_rows(const struct choose_item *v, size_t n, int columns)
{
	int rows = 1, at = 0;

	for (size_t i = 0; i < n; i++) {
		int width = CHOOSE_MARK + str_width(v[i].label);
		if (width > columns)
			return 0;
		if (at > 0 && at + width > columns) {
			rows++;
			at = 0;
		}
		at += width + CHOOSE_GAP;
	}
	return rows;
}

int
choose_draw_line(const struct choose_item *v, size_t n, size_t chosen,
    struct canvas *c, int row, int column, bool focus)
{
	int at = column;

	for (size_t i = 0; i < n; i++) {
		enum look look = focus && i == chosen ? LOOK_BOLD : LOOK_PLAIN;
		int width = CHOOSE_MARK + str_width(v[i].label);
		if (at > column && at + width > c->columns) {
			row++;
			at = column;
		}
		if (focus && i == chosen)
			canvas_cursor(c, row, at + 1);
		canvas_put(c, row, at, look, i == chosen ? "(*)" : "( )");
		canvas_put(c, row, at + CHOOSE_MARK, look, v[i].label);
		at += width + CHOOSE_GAP;
	}
	return row + 1;
}

int
choose_draw_list(const struct choose_item *v, size_t n, size_t chosen,
    struct canvas *c, int row, int column, bool focus)
{
	for (size_t i = 0; i < n; i++) {
		char number[32];
		enum look look = focus && i == chosen ? LOOK_BOLD : LOOK_PLAIN;
		int top = row;
		snprintf(number, sizeof(number), "%c %zu",
		    i != chosen ? ' '
		    : focus     ? '>'
				: '*',
		    i + 1);
		canvas_put(c, row, column, look, number);
		row = canvas_wrap(
		    c, row, column + 5, column + 5, look, v[i].label);
		if (i == chosen && focus) {
			if (v[i].help && *v[i].help)
				row = canvas_wrap(c, row, column + 5,
				    column + 5, LOOK_DIM, v[i].help);
			canvas_cursor(c, top, column);
			canvas_mark(c, top, row - top);
		}
	}
	return row;
}
