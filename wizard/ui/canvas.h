/* SPDX-License-Identifier: ISC
 *
 * A grid of character cells that views draw on: UTF-8 aware, clipped by
 * columns, with one cursor. It knows no terminal; term.c puts it on one.
 */
#ifndef UI_CANVAS_H
#define UI_CANVAS_H

#include <stdbool.h>
#include <stddef.h>

/* What a cell means; never the only carrier of that meaning. */
enum look {
	LOOK_PLAIN,
	LOOK_BOLD,
	LOOK_DIM,
	LOOK_GOOD,
	LOOK_BAD,
	LOOK_WAIT,
	LOOK_BAR, /* head and key line */
};

#define GLYPH_BYTES 20 /* a character with its combining marks */

struct glyph {
	char text[GLYPH_BYTES]; /* "" reads as a blank */
	unsigned char width; /* columns; 0 = right half of a wide one */
	unsigned char look;
};

struct canvas {
	struct glyph *cells; /* owned: rows * columns */
	int rows, columns;
	bool grows; /* drawing below the last row adds rows */
	int cursor_row, cursor_column; /* -1: no cursor */
	int mark_row, mark_rows; /* rows that must be seen; -1: none */
};
#define CANVAS_MAX_ROWS 20000 /* of a page that grows */

void canvas_init(struct canvas *c, int rows, int columns);
/* No rows yet; drawing adds them. */
void canvas_init_page(struct canvas *c, int columns);
void canvas_done(struct canvas *c);

/* Draws one line of printable text, clipped; gives the column after it. */
int canvas_put(
    struct canvas *c, int row, int column, enum look look, const char *text);
/* The same, never past column `end`. */
int canvas_put_to(struct canvas *c, int row, int column, int end,
    enum look look, const char *text);
/* Word-wrapped from `column` on the first row, from `hang` on the others;
 * gives the row after the last. A newline ends a line. */
int canvas_wrap(struct canvas *c, int row, int column, int hang, enum look look,
    const char *text);
/* Gives every cell of a row this look. */
void canvas_row_look(struct canvas *c, int row, enum look look);
void canvas_cursor(struct canvas *c, int row, int column);
/* The rows [row, row + rows) must be seen when the page is scrolled. */
void canvas_mark(struct canvas *c, int row, int rows);

/* Copies n rows of `from` to row `row`, the cursor with them. */
void canvas_copy(
    struct canvas *to, int row, const struct canvas *from, int from_row, int n);
/* Is a row the same on both? */
bool canvas_same_row(const struct canvas *a, const struct canvas *b, int row);

/* A row as text, without blanks at its end. The caller frees. */
char *canvas_row_text(const struct canvas *c, int row);

/*
 * How many bytes of s go on a line of `columns` columns, and in *next where
 * the rest begins. Breaks at blanks, in a word only when it is longer than a
 * line.
 */
size_t text_wrap(const char *s, int columns, size_t *next);
/* Lines as written become paragraphs: a single newline turns into a blank
 * unless the next line is a list item or indented. The caller frees. */
char *text_flow(const char *s);
/* Bytes of the first character of s with its combining marks; 0 at the end. */
size_t text_char(const char *s);

#endif
