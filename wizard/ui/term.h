/* SPDX-License-Identifier: ISC
 *
 * The terminal: the only file that knows curses. It is put back as it was on
 * every way out, a crash included.
 */
#ifndef UI_TERM_H
#define UI_TERM_H

#include "canvas.h"
#include "keys.h"

/* Is standard input and output a terminal that can be drawn on? */
bool term_possible(void);
/* False when curses does not want this terminal. */
bool term_open(bool no_color);
void term_close(void); /* may be called twice */

int term_fd(void);
/* Asks for the size again, as after a resize. */
void term_size(int *rows, int *columns);
void term_draw(const struct canvas *c);
void term_redraw(void); /* the next picture is drawn from nothing */
/* The next key; false when there is none now. */
bool term_read(struct input *in);
/* Gives the terminal back, stops this process, takes the terminal again. */
void term_suspend(void);
/* Lends the terminal to a command, and takes it back. */
void term_leave(void);
void term_return(void);

#endif
