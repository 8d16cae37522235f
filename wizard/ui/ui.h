/* SPDX-License-Identifier: ISC
 *
 * The two interfaces over one session. Both return when the user is through:
 * true when the walk ended by itself or by the user's wish, false when a
 * signal interrupted it.
 */
#ifndef UI_UI_H
#define UI_UI_H

#include "session.h"

/* Line by line, for pipes, dumb terminals, screen readers and braille. */
bool ui_line(struct session *s);

/* Full screen; needs a terminal that curses knows (ui_screen_possible). */
bool ui_screen(struct session *s);
bool ui_screen_possible(void);

#endif
