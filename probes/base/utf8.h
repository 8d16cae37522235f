/* SPDX-License-Identifier: ISC
 *
 * UTF-8 one character at a time, and what a terminal makes of a character.
 * Never depends on the locale.
 */
#ifndef BASE_UTF8_H
#define BASE_UTF8_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * Reads the character at s (len bytes are there) and gives its length, 1 to
 * 4. 0 when the bytes are no valid UTF-8: overlong, surrogate, cut off.
 */
size_t utf8_read(const char *s, size_t len, uint32_t *c);

/* Control, bidirectional and other characters that show nothing. */
bool utf8_is_hidden(uint32_t c);

/* Columns on a terminal: 0 for combining marks, 2 for wide ones, else 1. */
int utf8_columns(uint32_t c);

#endif
