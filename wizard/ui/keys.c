/* SPDX-License-Identifier: ISC
 *
 * The one list of keys. The key line, the help and the handlers read it.
 */
#include "keys.h"

#include <string.h>

const struct key keys_table[] = {
    {PRESS_ENTER, NULL, DO_NEXT, "Enter", "next", "take this answer and go on"},
    {PRESS_BACKTAB, NULL, DO_FIELD_BEFORE, "Shift-Tab", NULL,
	"the field before; from the first one, the question before"},
    {PRESS_ESC, NULL, DO_BACK, "Esc", "back",
	"back to the question before; answers are kept"},
    {PRESS_TAB, NULL, DO_FIELD_NEXT, "Tab", NULL, "the next field"},
    {PRESS_UP, NULL, DO_UP, "Up", NULL, "the choice or field above"},
    {PRESS_DOWN, NULL, DO_DOWN, "Down", NULL, "the choice or field below"},
    {PRESS_PGUP, NULL, DO_SCROLL_UP, "PgUp", NULL, "scroll up"},
    {PRESS_PGDN, NULL, DO_SCROLL_DOWN, "PgDn", NULL, "scroll down"},
    {PRESS_F1, NULL, DO_HELP, "F1", "keys",
	"this list; ? does the same outside a text field"},
    {PRESS_TEXT, "?", DO_HELP, "?", NULL, NULL},
    {PRESS_F2, NULL, DO_WHY, "F2", "why",
	"why we ask, and where to find the answer"},
    {PRESS_F3, NULL, DO_DETAILS, "F3", "details",
	"every line exchanged with the servers"},
    {PRESS_F4, NULL, DO_LOGIN, "F4", "sign-in",
	"also test the sign-in; you are asked before it happens"},
    {PRESS_F5, NULL, DO_WAY, "F5", NULL, "the way taken so far"},
    {PRESS_F6, NULL, DO_AGAIN, "F6", NULL,
	"run every test again with the same answers"},
    {PRESS_F8, NULL, DO_SAVE, "F8", NULL, "save the report to a file"},
    {PRESS_CTRL_Q, NULL, DO_STOP, "Ctrl-Q", "stop",
	"stop here; what you answered is kept"},
    {PRESS_CTRL_L, NULL, DO_REDRAW, "Ctrl-L", NULL, "draw the screen anew"},
    {PRESS_CTRL_Z, NULL, DO_SUSPEND, "Ctrl-Z", NULL,
	"put smtpwiz aside; fg brings it back"},
    {PRESS_CTRL_C, NULL, DO_INTERRUPT, "Ctrl-C", NULL, "end at once"},
    {0, NULL, DO_NOTHING, NULL, NULL, NULL},
};

enum command
keys_command(const struct input *in, bool in_text)
{
	if (in->press == PRESS_NONE)
		return DO_NOTHING;
	for (const struct key *k = keys_table; k->name; k++) {
		if (k->press != in->press)
			continue;
		if (!k->text)
			return k->command;
		if (!in_text && strcmp(k->text, in->text) == 0)
			return k->command;
	}
	return DO_EDIT;
}

const struct key *
keys_for(enum command command)
{
	for (const struct key *k = keys_table; k->name; k++) {
		if (k->command == command)
			return k;
	}
	return NULL;
}
