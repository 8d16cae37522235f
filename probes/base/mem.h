/* SPDX-License-Identifier: ISC
 *
 * The only place that allocates. Memory comes zeroed; running out of it ends
 * the program through BUG(), so no caller tests for NULL. Whatever can grow
 * from outside has a limit of its own instead.
 */
#ifndef BASE_MEM_H
#define BASE_MEM_H

#include <stdarg.h>
#include <stddef.h>

/* Zeroed memory for n bytes (at least 1). The caller frees with mem_free. */
void *mem_alloc(size_t n);

/* Zeroed memory for one object of the type. */
#define mem_new(type) ((type *)mem_alloc(sizeof(type)))

/* Room for n items of the given size; the new part is not zeroed. */
void *mem_resize(void *p, size_t n, size_t size);

/* Copies of text; NULL gives NULL. The caller frees. */
char *mem_dup(const char *s);
char *mem_dupn(const char *s, size_t n);

/* Formatted text. The caller frees. */
char *mem_printf(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
char *mem_vprintf(const char *fmt, va_list ap)
    __attribute__((format(printf, 1, 0)));

/* Accepts NULL. */
void mem_free(void *p);

/*
 * Makes room for one more item in a growing array and gives its address:
 * `*MEM_PUSH(&list->v, &list->n, &list->cap) = item;`. The new item is zeroed.
 */
#define MEM_PUSH(v, n, cap) \
	(mem_grow((void **)(v), (n), (cap), sizeof(**(v))), &(*(v))[*(n)-1])

/* For MEM_PUSH only: one more item, capacity doubled when needed. */
void mem_grow(void **v, size_t *n, size_t *cap, size_t size);

#endif
