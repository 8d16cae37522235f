/* SPDX-License-Identifier: ISC
 *
 * What the files of this folder share while a playbook is being read and
 * checked. Not for anybody else.
 */
#ifndef PLAYBOOK_PARSE_H
#define PLAYBOOK_PARSE_H

#include "playbook.h"
#include "when.h"

struct yaml;

/* One load: everything the checks need. */
struct reader {
	struct playbook *p;
	const struct playbook_world *world;
	struct complaints *c;
	long budget; /* condition tests left for the checks of coverage */
};

/* complain.c: an error and a warning. Past PLAYBOOK_MAX_COMPLAINTS they are
 * counted out silently; the first ones are what the author mends first. */
void complain(struct complaints *c, const char *id, struct place at,
    const char *fmt, ...) __attribute__((format(printf, 4, 5)));
void complain_mildly(struct complaints *c, const char *id, struct place at,
    const char *fmt, ...) __attribute__((format(printf, 4, 5)));
bool complaints_full(const struct complaints *c); /* guessing is wasted */
size_t complaints_errors(const struct complaints *c);
void complaints_sort(struct complaints *c);
struct place place_of(const struct yaml *y);

/* The candidate most like a misspelt word. */
struct guess {
	const char *word;
	const char *best;
	int distance;
	int tries;
	char text[PLAYBOOK_MAX_NAME + 40];
};
void guess_start(struct guess *g, const char *word);
void guess_try(struct guess *g, const char *candidate);
void guess_try_all(struct guess *g, const char *const *candidates);
void guess_try_set(struct guess *g, const char *set); /* "a|b|c" */
/* ", did you mean "x"?" or "" */
const char *guess_text(struct guess *g);

/*
 * read.c: what stands under a key of a map. Each complains of what is not as
 * it should be. `what` is whose key it is, for messages: "a field". Texts are
 * printable, within max bytes, and freed by the caller.
 */
extern const char *const read_no_keys[];
/* Complains of every key that is in neither list. */
void read_known_keys(struct reader *r, const struct yaml *y,
    const char *const *keys, const char *const *more_keys, const char *what);
bool read_is_map(struct reader *r, const struct yaml *y, const char *what);
/* A list of 1 to max items, or NULL; the key must be there. */
const struct yaml *read_list(
    struct reader *r, const struct yaml *y, const char *key, size_t max);
/* The text that y itself is, or NULL. */
char *read_scalar(
    struct reader *r, const struct yaml *y, const char *key, size_t max);
/* NULL where it is absent, empty or bad. */
char *read_text(
    struct reader *r, const struct yaml *y, const char *key, size_t max);
/* The same where it must be there: "" in place of NULL. */
char *read_need(struct reader *r, const struct yaml *y, const char *key,
    size_t max, const char *what);
/* The same for an id, value or fact: a-z, 0-9 and the bytes of extra. */
char *read_name(struct reader *r, const struct yaml *y, const char *key,
    const char *extra, const char *what);
struct when *read_when(struct reader *r, const struct yaml *y, const char *key);
bool read_yes(struct reader *r, const struct yaml *y, const char *key);
/* Made of a-z, 0-9 and the bytes of extra only, and not empty. */
bool text_is_name(const char *s, const char *extra);

/* parse_field.c: one item of `fields`, added to the node. */
void parse_field(struct reader *r, struct node *n, const struct yaml *y);

/* lint.c: names, facts, values, probes, causes. */
void lint_names(struct reader *r, const struct yaml *file);
/* flow.c: the graph; call only when every target is known. */
void flow_check(struct reader *r);
void flow_ahead(struct playbook *p);

/* when.c: when_cover that also counts its work down. */
bool when_cover_within(struct when *const *branches, size_t n,
    when_values *values, const void *arg, char **example, bool *too_many,
    long *budget);
#define WHEN_MAX_PARTS 256 /* facts, any and not in one condition */

/* Is it one of the facts that hold a secret, or a consent? */
bool fact_is_secret(const char *name);
bool fact_is_consent(const char *name);

#endif
