/* SPDX-License-Identifier: ISC
 *
 * Name = value pairs, searched from the front because there are few.
 */
#include "kv.h"

#include <stdarg.h>
#include <string.h>

#include "mem.h"

static struct kv *
find(const struct kvs *s, const char *name)
{
	for (size_t i = 0; i < s->n; i++) {
		if (strcmp(s->v[i].name, name) == 0)
			return &s->v[i];
	}
	return NULL;
}

const char *
kvs_get(const struct kvs *s, const char *name)
{
	const struct kv *kv = find(s, name);

	return kv != NULL ? kv->value : NULL;
}

const char *
kvs_get_or(const struct kvs *s, const char *name, const char *otherwise)
{
	const char *value = kvs_get(s, name);

	return value != NULL ? value : otherwise;
}

/* Owns the value from here on. */
static void
set_take(struct kvs *s, const char *name, char *value)
{
	struct kv *kv = find(s, name);

	if (kv != NULL) {
		mem_free(kv->value);
		kv->value = value;
		return;
	}

	struct kv fresh = {.name = mem_dup(name), .value = value};

	*MEM_PUSH(&s->v, &s->n, &s->cap) = fresh;
}

void
kvs_set(struct kvs *s, const char *name, const char *value)
{
	if (value != NULL)
		set_take(s, name, mem_dup(value));
	else
		kvs_unset(s, name);
}

void
kvs_setf(struct kvs *s, const char *name, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);

	char *value = mem_vprintf(fmt, ap);

	va_end(ap);
	set_take(s, name, value);
}

void
kvs_unset(struct kvs *s, const char *name)
{
	struct kv *kv = find(s, name);

	if (kv == NULL)
		return;
	mem_free(kv->name);
	mem_free(kv->value);

	size_t after = s->n - (size_t)(kv - s->v) - 1;

	memmove(kv, kv + 1, after * sizeof(*kv));
	s->n--;
}

void
kvs_copy(struct kvs *to, const struct kvs *from)
{
	if (to == from)
		return;
	for (size_t i = 0; i < from->n; i++)
		kvs_set(to, from->v[i].name, from->v[i].value);
}

void
kvs_done(struct kvs *s)
{
	for (size_t i = 0; i < s->n; i++) {
		mem_free(s->v[i].name);
		mem_free(s->v[i].value);
	}
	mem_free(s->v);
	*s = (struct kvs){0};
}
