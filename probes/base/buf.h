/* SPDX-License-Identifier: ISC
 *
 * A byte buffer that states its maximum when it is made. Past the maximum it
 * takes no more and remembers that it overflowed; nothing is ever lost
 * silently because callers look at `full`. The bytes always end in a NUL
 * that is not counted.
 */
#ifndef BASE_BUF_H
#define BASE_BUF_H

#include <stdbool.h>
#include <stddef.h>

struct buf {
	char *data; /* owned; never NULL after buf_init */
	size_t len, cap, max;
	bool full; /* something did not fit */
};

/* For output whose size we decide ourselves. */
#define BUF_OURS ((size_t)64 << 20)

void buf_init(struct buf *b, size_t max);
void buf_done(struct buf *b); /* accepts a zeroed buffer */

/*
 * Append; false (and full) when it did not fit, then nothing was added. Once
 * full, a buffer takes nothing more, so that a text never has a hole in it.
 */
bool buf_add(struct buf *b, const void *data, size_t len);
bool buf_adds(struct buf *b, const char *s);
bool buf_addc(struct buf *b, char c);
bool buf_addf(struct buf *b, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

/* Takes the first n bytes away (n at most len). */
void buf_drop(struct buf *b, size_t n);

/* Gives the text away; the caller frees, the buffer is as after buf_done. */
char *buf_take(struct buf *b);

#endif
