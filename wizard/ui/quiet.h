/* SPDX-License-Identifier: ISC
 *
 * A terminal that shows nothing of what is typed, for line mode's passwords.
 * It is put back as it was on every way out, a crash included.
 */
#ifndef UI_QUIET_H
#define UI_QUIET_H

#include <stdbool.h>

/* Is standard input a terminal? Only then may a secret be typed. */
bool quiet_possible(void);
/* No echo, every key at once, what was typed ahead thrown away. False when
 * the terminal does not go along: then nothing may be typed. */
bool quiet_begin(void);
void quiet_end(void); /* may be called twice; throws away what is unread */

#endif
