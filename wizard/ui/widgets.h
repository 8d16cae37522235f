/* SPDX-License-Identifier: ISC
 *
 * The two things a form is made of: a text field with its cursor, and a
 * choice. They know neither keys' meaning beyond editing nor the engine.
 */
#ifndef UI_WIDGETS_H
#define UI_WIDGETS_H

#include "canvas.h"
#include "keys.h"

#include "../../probes/base/buf.h"

/* Longest answers: RFC 5321 addresses are at most 254 bytes, names 253. */
#define EDIT_LINE_MAX 1000
#define EDIT_LONG_MAX 16000 /* a pasted error message or bounce */
#define EDIT_LONG_ROWS 4 /* shown of it */

struct edit {
	struct buf text; /* valid UTF-8, printable */
	size_t at; /* cursor: byte offset, on a character border */
	bool is_long; /* may hold newlines */
	bool is_full; /* of what was added last a part did not fit */
};

void edit_init(struct edit *e, bool is_long);
void edit_done(struct edit *e);
void edit_set(struct edit *e, const char *text); /* cursor to the end */
/* Adds text at the cursor; what cannot be shown is left out, a newline
 * becomes a blank in a field of one line. Takes as much as fits. */
void edit_insert(struct edit *e, const char *text);
/* An editing key; false when it is none. */
bool edit_key(struct edit *e, const struct input *in);
/* Draws it from `column` to the right border; gives the row after it. With
 * focus it sets the canvas's cursor. */
int edit_draw(
    const struct edit *e, struct canvas *c, int row, int column, bool focus);

struct choose_item {
	const char *label, *help; /* borrowed; help may be NULL */
};

/* Rows it takes as "(*) this  ( ) that" in `columns` columns; 0 when one of
 * them is wider than that. */
int choose_rows(const struct choose_item *v, size_t n, int columns);
/* Draws it so; gives the row after it. */
int choose_draw_line(const struct choose_item *v, size_t n, size_t chosen,
    struct canvas *c, int row, int column, bool focus);
/* A numbered list; gives the row after it. */
int choose_draw_list(const struct choose_item *v, size_t n, size_t chosen,
    struct canvas *c, int row, int column, bool focus);

#endif
