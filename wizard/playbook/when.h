/* SPDX-License-Identifier: ISC
 *
 * Conditions: a map of fact to value or list of values, all of which must
 * hold; `any:` takes a list of conditions of which one must hold, `not:` one
 * that must not. There is nothing else: no code, no comparison of free text.
 */
#ifndef PLAYBOOK_WHEN_H
#define PLAYBOOK_WHEN_H

#include "playbook.h"

struct yaml;

enum when_kind { WHEN_ALL, WHEN_ANY, WHEN_NOT, WHEN_FACT };

struct when {
	enum when_kind kind;
	char *fact; /* WHEN_FACT: owned */
	struct strs values; /* WHEN_FACT: one of these */
	struct when **parts; /* the others: owned */
	size_t n;
	struct place at;
};

/* Looks up a fact's value; NULL counts as "unknown". */
typedef const char *when_lookup(const void *arg, const char *fact);

/*
 * Parses a condition; problems go to `c` (unknown facts and impossible
 * values are checked later, by when_check). NULL when it is no condition.
 */
struct when *when_parse(const struct yaml *y, struct complaints *c);
void when_free(struct when *w);

bool when_holds(const struct when *w, when_lookup *lookup, const void *arg);

/* Appends the name of every fact the condition tests, each once. */
void when_facts(const struct when *w, struct strs *names);

/*
 * Can all of `branches` together miss a combination of the values of the
 * facts they name? Writes one such combination ("a=x, b=y") to *example
 * (owned by the caller) and returns false. At most WHEN_MAX_COMBINATIONS are
 * tried; above that returns true with *too_many set.
 */
#define WHEN_MAX_COMBINATIONS 4096
typedef const char *when_values(const void *arg, const char *fact);
bool when_cover(struct when *const *branches, size_t n, when_values *values,
    const void *arg, char **example, bool *too_many);

#endif
