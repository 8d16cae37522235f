/* SPDX-License-Identifier: ISC
 *
 * The one clock. Wall time is this computer's UTC plus a shift that the lab
 * sets once, before any thread starts, to make the computer's clock wrong.
 */
#ifndef BASE_CLOCK_H
#define BASE_CLOCK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

int64_t clock_utc_ms(void); /* milliseconds since 1970, shifted */
int64_t clock_mono_ms(void); /* for durations and deadlines */
void clock_set_shift(int64_t shift_ms);
int64_t clock_build_ms(void); /* when this program was built, midnight UTC */

#define CLOCK_TEXT 32
/* "2026-11-23T14:02:11.123Z" (RFC 3339). */
void clock_format(int64_t utc_ms, char out[CLOCK_TEXT]);
/* Reads the same back, with or without milliseconds; or "YYYY-MM-DD". */
bool clock_parse(const char *text, int64_t *utc_ms);
/*
 * Finds a date in a line of text the way mail servers print it ("Sun, 23 Nov
 * 2025 11:12:20 +0000", "23 Nov 2025 11:12:20 GMT", ISO 8601 with zone).
 * False where there is none, or none with a time zone.
 */
bool clock_find(const char *line, int64_t *utc_ms);

#endif
