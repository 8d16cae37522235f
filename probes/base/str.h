/* SPDX-License-Identifier: ISC
 *
 * Text helpers and lists of strings. Comparing names ignores ASCII case and
 * never depends on the locale.
 */
#ifndef BASE_STR_H
#define BASE_STR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct buf;

/* A list of strings, owned. */
struct strs {
	char **v;
	size_t n, cap;
};

void strs_add(struct strs *s, const char *text); /* copies */
void strs_take(struct strs *s, char *text); /* now owns text */
void strs_addf(struct strs *s, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));
bool strs_has(const struct strs *s, const char *text); /* exact */
void strs_copy(struct strs *to, const struct strs *from); /* appends */
void strs_done(struct strs *s);
/* Items joined by sep; the caller frees. */
char *strs_join(const struct strs *s, const char *sep);
/* Splits at any byte of seps, skips empty parts, appends copies. */
void strs_split(struct strs *to, const char *text, const char *seps);

bool str_eq(const char *a, const char *b); /* NULL equals only NULL */
bool str_same(const char *a, const char *b); /* ignores ASCII case */
bool str_starts(const char *s, const char *prefix);
bool str_ends(const char *s, const char *suffix);
bool str_starts_nocase(const char *s, const char *prefix);
/* Finds needle ignoring ASCII case; NULL when not there. */
const char *str_find_nocase(const char *s, const char *needle);
void str_lower(char *s);
char *str_trim(char *s); /* in place: returns the start, cuts the end */

/* Is value one of the words in "a|b|c"? */
bool str_in_set(const char *value, const char *set);

/* A decimal number within [min, max], the whole text; false otherwise. */
bool str_number(const char *s, int64_t min, int64_t max, int64_t *out);

/*
 * Edit distance (insert, delete, replace, swap neighbours = 1 each), at most
 * `limit` + 1. Ignores ASCII case. Both texts are cut off at 255 bytes.
 */
int str_distance(const char *a, const char *b, int limit);

/*
 * Domain name `name` ends in `suffix` on a label border ("a.b.com" in
 * "b.com" or ".b.com"), ignoring case and a final dot.
 */
bool str_in_domain(const char *name, const char *suffix);

/*
 * Text from outside made printable: valid UTF-8 stays except for control,
 * bidirectional and other invisible format characters; every other byte
 * becomes \xNN. Tabs become a blank. The caller frees.
 */
char *str_printable(const char *s, size_t len);

/* Columns the printable UTF-8 text takes on a terminal. */
int str_width(const char *s);

/* Bytes of s that fit into `columns` columns, never splitting a character. */
size_t str_fit(const char *s, int columns);

#endif
