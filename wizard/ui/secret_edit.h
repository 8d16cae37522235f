/* SPDX-License-Identifier: ISC
 *
 * A field for a password or token. What is typed is kept in one place that
 * never moves and is wiped; it is never drawn, nor how long it is.
 */
#ifndef UI_SECRET_EDIT_H
#define UI_SECRET_EDIT_H

#include "canvas.h"
#include "keys.h"

#include "../../probes/base/secret.h"

struct secret_edit {
	char *text; /* owned: SECRET_MAX + 1 bytes; NULL: nothing yet */
	size_t len;
	bool is_too_long; /* something did not fit: it must not be sent */
};

void secret_edit_clear(struct secret_edit *e); /* wipes */
void secret_edit_done(struct secret_edit *e); /* the same, and frees */

/* Adds bytes at the end; line breaks at the end of a paste are cut. */
void secret_edit_add(struct secret_edit *e, const char *bytes, size_t len);
void secret_edit_backspace(struct secret_edit *e); /* a character */
/* An editing key; false when it is none. */
bool secret_edit_key(struct secret_edit *e, const struct input *in);

/* A copy, and the field is empty again. Of a token every blank and line
 * break is left out: they come from the window it was copied from. */
MUST_CHECK bool secret_edit_take(
    struct secret_edit *e, bool is_token, struct secret **out, struct err *err);

/* "typed: yes"; gives the row after it. With focus it sets the cursor. */
int secret_edit_draw(const struct secret_edit *e, struct canvas *c, int row,
    int column, bool focus);

#endif
