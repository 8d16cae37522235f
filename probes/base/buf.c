/* SPDX-License-Identifier: ISC
 *
 * The byte buffer. Capacity doubles up to the stated maximum; the NUL at the
 * end is outside of both.
 */
#include "buf.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "bug.h"
#include "mem.h"

#define FIRST_CAPACITY 64

void
buf_init(struct buf *b, size_t max)
{
	*b = (struct buf){.max = max, .data = mem_alloc(1)};
}

void
buf_done(struct buf *b)
{
	mem_free(b->data);
	*b = (struct buf){0};
}

/* Makes room for `more` bytes and the NUL; false and full when it cannot. */
static bool
make_room(struct buf *b, size_t more)
{
	if (b->full || more > b->max - b->len) {
		b->full = true;
		return false;
	}

	size_t need = b->len + more;
	size_t cap = b->cap;

	if (need <= cap && b->data != NULL)
		return true;
	if (cap < FIRST_CAPACITY)
		cap = FIRST_CAPACITY;
	while (cap < need && cap <= b->max / 2)
		cap *= 2;
	if (cap < need || cap > b->max)
		cap = b->max;
	b->data = mem_resize(b->data, cap + 1, 1);
	b->cap = cap;
	return true;
}

bool
buf_add(struct buf *b, const void *data, size_t len)
{
	if (!make_room(b, len))
		return false;
	if (len > 0)
		memcpy(b->data + b->len, data, len);
	b->len += len;
	b->data[b->len] = '\0';
	return true;
}

bool
buf_adds(struct buf *b, const char *s)
{
	return buf_add(b, s, strlen(s));
}

bool
buf_addc(struct buf *b, char c)
{
	return buf_add(b, &c, 1);
}

bool
buf_addf(struct buf *b, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	int len = vsnprintf(NULL, 0, fmt, ap);
	va_end(ap);
	if (len < 0)
		BUG("bad format \"%s\"", fmt);
	if (!make_room(b, (size_t)len))
		return false;
	va_start(ap, fmt);
	vsnprintf(b->data + b->len, (size_t)len + 1, fmt, ap);
	va_end(ap);
	b->len += (size_t)len;
	return true;
}

void
buf_drop(struct buf *b, size_t n)
{
	if (n > b->len)
		BUG("dropping %zu bytes of %zu", n, b->len);
	if (n == 0)
		return;
	memmove(b->data, b->data + n, b->len - n + 1);
	b->len -= n;
}

char *
buf_take(struct buf *b)
{
	char *text = b->data != NULL ? b->data : mem_alloc(1);

	*b = (struct buf){0};
	return text;
}
