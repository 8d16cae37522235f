/* SPDX-License-Identifier: ISC
 *
 * Cells, clipping and word wrap. Widths come from str_width, so that a
 * combining mark joins the cell before it and a wide character takes two.
 */
#include "canvas.h"

#include <string.h>

#include "../../probes/base/buf.h"
#include "../../probes/base/mem.h"
#include "../../probes/base/str.h"

static void
blank(struct canvas *c, int from_row)
{
	for (int i = from_row * c->columns; i < c->rows * c->columns; i++)
		c->cells[i] = (struct glyph){.width = 1};
}

void
canvas_init(struct canvas *c, int rows, int columns)
{
	*c = (struct canvas){.rows = rows < 0 ? 0 : rows,
	    .columns = columns < 1 ? 1 : columns,
	    .cursor_row = -1,
	    .cursor_column = -1,
	    .mark_row = -1};
	c->cells = mem_resize(NULL, (size_t)(c->rows + 1) * (size_t)c->columns,
	    sizeof(*c->cells));
	blank(c, 0);
}

void
canvas_init_page(struct canvas *c, int columns)
{
	canvas_init(c, 0, columns);
	c->grows = true;
}

void
canvas_done(struct canvas *c)
{
	mem_free(c->cells);
	*c = (struct canvas){.cursor_row = -1, .mark_row = -1};
}

static bool
has_row(struct canvas *c, int row)
{
	if (row < 0)
		return false;
	if (row < c->rows)
		return true;
	if (!c->grows || row >= CANVAS_MAX_ROWS)
		return false;
	int old = c->rows;
	c->rows = row + 1;
	c->cells = mem_resize(c->cells,
	    (size_t)(c->rows + 1) * (size_t)c->columns, sizeof(*c->cells));
	blank(c, old);
	return true;
}

static size_t
utf8_len(const char *s)
{
	unsigned char b = (unsigned char)*s;
	size_t want = b < 0x80 ? 1 : b < 0xe0 ? 2 : b < 0xf0 ? 3 : 4;
	size_t n = 1;

	if (!b)
		return 0;
	while (n < want && ((unsigned char)s[n] & 0xc0) == 0x80)
		n++;
	return n;
}

static int
width_of(const char *s, size_t len)
{
	char one[8];

	if (len >= sizeof(one))
		return 1;
	memcpy(one, s, len);
	one[len] = '\0';
	return str_width(one);
}

size_t
text_char(const char *s)
{
	size_t len = utf8_len(s);

	while (len && s[len]) {
		size_t more = utf8_len(s + len);
		if ((unsigned char)s[len] < 0x80 || width_of(s + len, more) > 0)
			break;
		len += more;
	}
	return len;
}

static int
char_width(const char *s)
{
	int w = width_of(s, utf8_len(s));

	return w < 1 ? 1 : w;
}

static void
set(struct canvas *c, int row, int column, enum look look, const char *s,
    size_t len, int width)
{
	struct glyph *g = &c->cells[row * c->columns + column];

	while (len >= GLYPH_BYTES) { /* too many marks: whole ones only */
		do
			len--;
		while (len && ((unsigned char)s[len] & 0xc0) == 0x80);
	}
	*g = (struct glyph){
	    .width = (unsigned char)width, .look = (unsigned char)look};
	memcpy(g->text, s, len);
	if (width == 2)
		g[1] = (struct glyph){.width = 0, .look = (unsigned char)look};
}

int
canvas_put_to(struct canvas *c, int row, int column, int end, enum look look,
    const char *text)
{
	if (!text || column < 0 || !has_row(c, row))
		return column;
	if (end > c->columns)
		end = c->columns;
	while (*text && *text != '\n') {
		size_t len = text_char(text);
		int width = char_width(text);
		if (column + width > end)
			break;
		set(c, row, column, look, text, len, width);
		column += width;
		text += len;
	}
	return column;
}

int
canvas_put(
    struct canvas *c, int row, int column, enum look look, const char *text)
{
	return canvas_put_to(c, row, column, c->columns, look, text);
}

size_t
text_wrap(const char *s, int columns, size_t *next)
{
	size_t at = 0, blank_at = 0, after_blank = 0;
	int width = 0;

	if (columns < 1)
		columns = 1;
	while (s[at] && s[at] != '\n') {
		size_t len = text_char(s + at);
		int w = char_width(s + at);
		if (s[at] == ' ') {
			if (!after_blank || after_blank != at)
				blank_at = at;
			after_blank = at + 1;
		} else if (width + w > columns) {
			if (after_blank && blank_at) {
				*next = after_blank;
				return blank_at;
			}
			*next = at ? at : len;
			return *next;
		}
		width += w;
		at += len;
	}
	*next = s[at] == '\n' ? at + 1 : at;
	while (at && s[at - 1] == ' ')
		at--;
	return at;
}

int
canvas_wrap(struct canvas *c, int row, int column, int hang, enum look look,
    const char *text)
{
	if (!text)
		return row;
	do {
		size_t next;
		size_t len = text_wrap(text, c->columns - column, &next);
		char *line = mem_dupn(text, len);
		canvas_put(c, row++, column, look, line);
		mem_free(line);
		text += next;
		column = hang;
	} while (*text);
	return row;
}

static bool
starts_item(const char *s)
{
	if (*s == ' ' || *s == '\n' || *s == '-' || *s == '*')
		return true;
	while (*s >= '0' && *s <= '9') {
		s++;
		if (*s == '.' || *s == ')')
			return true;
	}
	return false;
}

char *
text_flow(const char *s)
{
	struct buf b;

	buf_init(&b, BUF_OURS);
	for (; s && *s; s++) {
		if (*s != '\n')
			buf_addc(&b, *s);
		else if (!s[1])
			break;
		else if (starts_item(s + 1) || (b.len && s[-1] == '\n'))
			buf_addc(&b, '\n');
		else
			buf_addc(&b, ' ');
	}
	return buf_take(&b);
}

void
canvas_row_look(struct canvas *c, int row, enum look look)
{
	if (!has_row(c, row))
		return;
	for (int x = 0; x < c->columns; x++)
		c->cells[row * c->columns + x].look = (unsigned char)look;
}

void
canvas_cursor(struct canvas *c, int row, int column)
{
	c->cursor_row = row;
	c->cursor_column = column < c->columns ? column : c->columns - 1;
}

void
canvas_mark(struct canvas *c, int row, int rows)
{
	c->mark_row = row;
	c->mark_rows = rows;
}

void
canvas_copy(
    struct canvas *to, int row, const struct canvas *from, int from_row, int n)
{
	int columns = to->columns < from->columns ? to->columns : from->columns;

	for (int i = 0; i < n && from_row + i < from->rows; i++) {
		if (from_row + i < 0 || !has_row(to, row + i))
			continue;
		memcpy(&to->cells[(row + i) * to->columns],
		    &from->cells[(from_row + i) * from->columns],
		    (size_t)columns * sizeof(*to->cells));
	}
	if (from->cursor_row >= from_row && from->cursor_row < from_row + n)
		canvas_cursor(
		    to, row + from->cursor_row - from_row, from->cursor_column);
}

bool
canvas_same_row(const struct canvas *a, const struct canvas *b, int row)
{
	size_t n = (size_t)a->columns;

	return row < a->rows && row < b->rows && a->columns == b->columns &&
	       memcmp(&a->cells[(size_t)row * n], &b->cells[(size_t)row * n],
		   n * sizeof(*a->cells)) == 0;
}

char *
canvas_row_text(const struct canvas *c, int row)
{
	struct buf b;
	size_t end = 0;

	buf_init(&b, BUF_OURS);
	for (int x = 0; row >= 0 && row < c->rows && x < c->columns; x++) {
		const struct glyph *g = &c->cells[row * c->columns + x];
		if (g->width == 0)
			continue;
		buf_adds(&b, g->text[0] ? g->text : " ");
		if (g->text[0] && g->text[0] != ' ')
			end = b.len;
	}
	char *text = buf_take(&b);
	text[end] = '\0';
	return text;
}
