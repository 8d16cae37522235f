/* SPDX-License-Identifier: ISC
 *
 * The only place that allocates. Sizes are checked for overflow here, so
 * callers multiply nothing themselves.
 */
#include "mem.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bug.h"

#define FIRST_CAPACITY 4

void *
mem_alloc(size_t n)
{
	void *p = calloc(1, n > 0 ? n : 1);

	if (p == NULL)
		BUG("out of memory (%zu bytes wanted)", n);
	return p;
}

void *
mem_resize(void *p, size_t n, size_t size)
{
	if (size > 0 && n > SIZE_MAX / size)
		BUG("%zu items of %zu bytes are too many", n, size);

	size_t bytes = n * size;
	void *grown = realloc(p, bytes > 0 ? bytes : 1);

	if (grown == NULL)
		BUG("out of memory (%zu bytes wanted)", bytes);
	return grown;
}

char *
mem_dup(const char *s)
{
	return s != NULL ? mem_dupn(s, strlen(s)) : NULL;
}

char *
mem_dupn(const char *s, size_t n)
{
	if (s == NULL)
		return NULL;

	char *copy = mem_alloc(n + 1);

	memcpy(copy, s, n);
	return copy;
}

char *
mem_printf(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);

	char *text = mem_vprintf(fmt, ap);

	va_end(ap);
	return text;
}

char *
mem_vprintf(const char *fmt, va_list ap)
{
	va_list again;

	va_copy(again, ap);

	int len = vsnprintf(NULL, 0, fmt, again);

	va_end(again);
	if (len < 0)
		BUG("bad format \"%s\"", fmt);

	char *text = mem_alloc((size_t)len + 1);

	vsnprintf(text, (size_t)len + 1, fmt, ap);
	return text;
}

void
mem_free(void *p)
{
	free(p);
}

/* memcpy, because *v is in truth a pointer to some other type. */
void
mem_grow(void **v, size_t *n, size_t *cap, size_t size)
{
	void *items;

	memcpy(&items, v, sizeof(items));
	if (*n == *cap) {
		if (*cap > SIZE_MAX / 2)
			BUG("%zu items are too many", *cap);
		*cap = *cap > 0 ? *cap * 2 : FIRST_CAPACITY;
		items = mem_resize(items, *cap, size);
		memcpy(v, &items, sizeof(items));
	}
	memset((char *)items + *n * size, 0, size);
	*n += 1;
}
