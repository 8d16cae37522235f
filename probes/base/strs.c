/* SPDX-License-Identifier: ISC
 *
 * Lists of strings (the strs_ half of str.h).
 */
#include "str.h"

#include <stdarg.h>
#include <string.h>

#include "mem.h"

void
strs_take(struct strs *s, char *text)
{
	*MEM_PUSH(&s->v, &s->n, &s->cap) = text;
}

void
strs_add(struct strs *s, const char *text)
{
	strs_take(s, mem_dup(text));
}

void
strs_addf(struct strs *s, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);

	char *text = mem_vprintf(fmt, ap);

	va_end(ap);
	strs_take(s, text);
}

bool
strs_has(const struct strs *s, const char *text)
{
	for (size_t i = 0; i < s->n; i++) {
		if (str_eq(s->v[i], text))
			return true;
	}
	return false;
}

void
strs_copy(struct strs *to, const struct strs *from)
{
	size_t n = from->n; /* to and from may be the same list */

	for (size_t i = 0; i < n; i++)
		strs_add(to, from->v[i]);
}

void
strs_done(struct strs *s)
{
	for (size_t i = 0; i < s->n; i++)
		mem_free(s->v[i]);
	mem_free(s->v);
	*s = (struct strs){0};
}

char *
strs_join(const struct strs *s, const char *sep)
{
	size_t sep_len = strlen(sep), len = 0;

	for (size_t i = 0; i < s->n; i++)
		len += strlen(s->v[i]) + sep_len;

	char *text = mem_alloc(len + 1);
	char *p = text;

	for (size_t i = 0; i < s->n; i++) {
		size_t part = strlen(s->v[i]);

		if (i > 0) {
			memcpy(p, sep, sep_len);
			p += sep_len;
		}
		memcpy(p, s->v[i], part);
		p += part;
	}
	return text;
}

void
strs_split(struct strs *to, const char *text, const char *seps)
{
	if (text == NULL)
		return;
	for (;;) {
		text += strspn(text, seps);
		if (*text == '\0')
			return;

		size_t len = strcspn(text, seps);

		strs_take(to, mem_dupn(text, len));
		text += len;
	}
}
