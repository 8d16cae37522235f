/* SPDX-License-Identifier: ISC
 *
 * Typing blind: only the end can be edited, for nobody sees a cursor move.
 */
#include "secret_edit.h"

#include <string.h>

#include "../../probes/base/mem.h"

void
secret_edit_clear(struct secret_edit *e)
{
	if (e->text)
		secret_wipe(e->text, SECRET_MAX + 1);
	e->len = 0;
	e->is_too_long = false;
}

void
secret_edit_done(struct secret_edit *e)
{
	secret_edit_clear(e);
	mem_free(e->text);
	e->text = NULL;
}

void
secret_edit_add(struct secret_edit *e, const char *bytes, size_t len)
{
	if (!e->text)
		e->text = mem_alloc(SECRET_MAX + 1);
	if (len > SECRET_MAX - e->len) {
		e->is_too_long = true;
		return;
	}
	memcpy(e->text + e->len, bytes, len);
	e->len += len;
}

void
secret_edit_backspace(struct secret_edit *e)
{
	while (e->len) {
		unsigned char last = (unsigned char)e->text[--e->len];

		e->text[e->len] = '\0';
		if ((last & 0xc0) != 0x80)
			break;
	}
}

static void
paste(struct secret_edit *e, const char *text)
{
	size_t len = strlen(text);

	while (len && (text[len - 1] == '\n' || text[len - 1] == '\r'))
		len--;
	secret_edit_add(e, text, len);
}

bool
secret_edit_key(struct secret_edit *e, const struct input *in)
{
	if (in->press == PRESS_TEXT)
		secret_edit_add(e, in->text, strlen(in->text));
	else if (in->press == PRESS_PASTE && in->paste)
		paste(e, in->paste);
	else if (in->press == PRESS_BACKSPACE || in->press == PRESS_DELETE)
		secret_edit_backspace(e);
	else if (in->press == PRESS_CTRL_U || in->press == PRESS_CTRL_W ||
		 in->press == PRESS_CTRL_K)
		secret_edit_clear(e);
	else
		return false;
	return true;
}

static void
drop_blanks(struct secret_edit *e)
{
	size_t n = 0;

	for (size_t i = 0; i < e->len; i++)
		if (!strchr(" \t\r\n", e->text[i]) || !e->text[i])
			e->text[n++] = e->text[i];
	secret_wipe(e->text + n, e->len - n);
	e->len = n;
}

bool
secret_edit_take(
    struct secret_edit *e, bool is_token, struct secret **out, struct err *err)
{
	bool ok;

	*out = NULL;
	if (is_token && e->len)
		drop_blanks(e);
	if (e->is_too_long)
		ok = err_set(err, ERR_LIMIT,
		    "That is longer than %d bytes. Please copy it again.",
		    SECRET_MAX);
	else if (!e->len)
		ok = err_set(err, ERR_USAGE, "Nothing was typed yet.");
	else
		ok = secret_set(out, e->text, e->len, err);
	secret_edit_clear(e);
	return ok;
}

int
secret_edit_draw(const struct secret_edit *e, struct canvas *c, int row,
    int column, bool focus)
{
	int end = canvas_put(c, row, column, focus ? LOOK_BOLD : LOOK_PLAIN,
	    e->len ? "typed: yes" : "typed: nothing yet");

	if (focus)
		canvas_cursor(c, row, end + 1);
	return row + 1;
}
