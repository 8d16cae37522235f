/* SPDX-License-Identifier: ISC
 *
 * The table of keys: what a press means, how the key is called and what the
 * help says of it. Views and handlers know commands, never key codes.
 */
#ifndef UI_KEYS_H
#define UI_KEYS_H

#include <stdbool.h>
#include <stddef.h>

/* What comes from the keyboard. */
enum press {
	PRESS_NONE,
	PRESS_TEXT, /* one character, in input.text */
	PRESS_PASTE, /* many, in input.paste */
	PRESS_ENTER,
	PRESS_TAB,
	PRESS_BACKTAB,
	PRESS_ESC,
	PRESS_UP,
	PRESS_DOWN,
	PRESS_LEFT,
	PRESS_RIGHT,
	PRESS_HOME,
	PRESS_END,
	PRESS_PGUP,
	PRESS_PGDN,
	PRESS_BACKSPACE,
	PRESS_DELETE,
	PRESS_F1,
	PRESS_F2,
	PRESS_F3,
	PRESS_F4,
	PRESS_F5,
	PRESS_F6,
	PRESS_F7,
	PRESS_F8,
	PRESS_CTRL_A,
	PRESS_CTRL_C,
	PRESS_CTRL_E,
	PRESS_CTRL_K,
	PRESS_CTRL_L,
	PRESS_CTRL_Q,
	PRESS_CTRL_U,
	PRESS_CTRL_W,
	PRESS_CTRL_Z,
};

struct input {
	enum press press;
	char text[8]; /* PRESS_TEXT: UTF-8 */
	char *paste; /* PRESS_PASTE: owned by the receiver */
};

enum command {
	DO_NOTHING,
	DO_NEXT, /* Enter */
	DO_BACK,
	DO_FIELD_NEXT,
	DO_FIELD_BEFORE,
	DO_UP,
	DO_DOWN,
	DO_SCROLL_UP,
	DO_SCROLL_DOWN,
	DO_HELP,
	DO_WHY,
	DO_DETAILS,
	DO_WAY,
	DO_LOGIN,
	DO_AGAIN,
	DO_SAVE,
	DO_STOP,
	DO_REDRAW,
	DO_INTERRUPT,
	DO_SUSPEND,
	DO_EDIT, /* belongs to the field that has the focus */
};

struct key {
	enum press press;
	const char *text; /* PRESS_TEXT: the character; else NULL */
	enum command command;
	const char *name; /* "Ctrl-Q" */
	const char *label; /* on the key line: "stop"; NULL: not there */
	const char *help; /* NULL: same line of the help as the one above */
};
extern const struct key keys_table[]; /* ends with a NULL name */

/* What a press means; in a text field characters belong to the text. */
enum command keys_command(const struct input *in, bool in_text);
/* The first key of a command; NULL when there is none. */
const struct key *keys_for(enum command command);

#endif
