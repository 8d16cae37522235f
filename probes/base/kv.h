/* SPDX-License-Identifier: ISC
 *
 * A small ordered set of name = value pairs, both text, both owned. Used
 * for parameters, facts and answers, which are few.
 */
#ifndef BASE_KV_H
#define BASE_KV_H

#include <stdbool.h>
#include <stddef.h>

struct kv {
	char *name;
	char *value;
};

struct kvs {
	struct kv *v;
	size_t n, cap;
};

/* The value, or NULL. Borrowed until the set changes. */
const char *kvs_get(const struct kvs *s, const char *name);
/* The value, or `otherwise`. */
const char *kvs_get_or(
    const struct kvs *s, const char *name, const char *otherwise);
/* Copies; a value of NULL takes the name away. */
void kvs_set(struct kvs *s, const char *name, const char *value);
void kvs_setf(struct kvs *s, const char *name, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));
void kvs_unset(struct kvs *s, const char *name);
void kvs_copy(struct kvs *to, const struct kvs *from); /* sets each */
void kvs_done(struct kvs *s); /* accepts a zeroed set; leaves it zeroed */

#endif
