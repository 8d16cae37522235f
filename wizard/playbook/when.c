/* SPDX-License-Identifier: ISC
 *
 * Conditions: reading them, asking whether one holds, and finding a
 * combination of values that none of several conditions catches.
 */
#include "when.h"

#include <stdint.h>

#include "../../probes/base/buf.h"
#include "../../probes/base/mem.h"
#include "../../probes/base/yaml.h"
#include "parse.h"

/* The work of one when_cover alone; loads share one budget. */
#define COVER_BUDGET 10000000L
#define COVER_FACTS 64

static struct when *parse_map(
    const struct yaml *y, struct complaints *c, int *room);

static struct when *
when_new(enum when_kind kind, struct place at)
{
	struct when *w = mem_new(struct when);

	w->kind = kind;
	w->at = at;
	return w;
}

static void
add_part(struct when *w, struct when *part)
{
	w->parts = mem_resize(w->parts, w->n + 1, sizeof(*w->parts));
	w->parts[w->n++] = part;
}

void
when_free(struct when *w)
{
	if (!w)
		return;
	for (size_t i = 0; i < w->n; i++)
		when_free(w->parts[i]);
	mem_free(w->parts);
	strs_done(&w->values);
	mem_free(w->fact);
	mem_free(w);
}

static bool
add_value(struct when *w, const struct yaml *y, struct complaints *c)
{
	const char *text = yaml_text(y);

	if (text && *text) {
		strs_add(&w->values, text);
		return true;
	}
	complain(c, "wrong-type", place_of(y),
	    "\"%s\" is compared with a value or a list of values; write for "
	    "example \"%s: unknown\"",
	    w->fact, w->fact);
	return false;
}

static struct when *
parse_fact(const struct yaml *key, const struct yaml *y, struct complaints *c)
{
	struct when *w = when_new(WHEN_FACT, place_of(key));

	w->fact = mem_dup(key->text);
	if (y->kind != YAML_LIST) {
		if (add_value(w, y, c))
			return w;
		when_free(w);
		return NULL;
	}
	if (y->n == 0 || y->n > WHEN_MAX_PARTS) {
		complain(c, y->n ? "too-many" : "empty-condition", place_of(y),
		    "\"%s\" needs 1 to %d values; name the values that it may "
		    "have",
		    w->fact, WHEN_MAX_PARTS);
		when_free(w);
		return NULL;
	}
	for (size_t i = 0; i < y->n; i++) {
		if (!add_value(w, y->items[i], c)) {
			when_free(w);
			return NULL;
		}
	}
	return w;
}

static struct when *
parse_any(const struct yaml *key, const struct yaml *y, struct complaints *c,
    int *room)
{
	if (y->kind != YAML_LIST || y->n == 0) {
		complain(c,
		    y->kind == YAML_LIST ? "empty-condition" : "wrong-type",
		    place_of(y),
		    "\"any\" takes a list of conditions of which one must "
		    "hold; "
		    "write each as \"- {fact: value}\"");
		return NULL;
	}
	struct when *w = when_new(WHEN_ANY, place_of(key));

	for (size_t i = 0; i < y->n; i++) {
		struct when *part = parse_map(y->items[i], c, room);
		if (!part) {
			when_free(w);
			return NULL;
		}
		add_part(w, part);
	}
	return w;
}

static struct when *
parse_not(const struct yaml *key, const struct yaml *y, struct complaints *c,
    int *room)
{
	struct when *part = parse_map(y, c, room);

	if (!part)
		return NULL;
	struct when *w = when_new(WHEN_NOT, place_of(key));
	add_part(w, part);
	return w;
}

static struct when *
parse_entry(const struct yaml *key, const struct yaml *y, struct complaints *c,
    int *room)
{
	if (--*room < 0) {
		complain(c, "too-many", place_of(key),
		    "a condition has at most %d parts; split it over several "
		    "nodes",
		    WHEN_MAX_PARTS);
		return NULL;
	}
	if (str_eq(key->text, "any"))
		return parse_any(key, y, c, room);
	if (str_eq(key->text, "not"))
		return parse_not(key, y, c, room);
	return parse_fact(key, y, c);
}

static struct when *
parse_map(const struct yaml *y, struct complaints *c, int *room)
{
	if (y->kind != YAML_MAP || y->n == 0) {
		complain(c,
		    y->kind == YAML_MAP ? "empty-condition" : "wrong-type",
		    place_of(y),
		    "a condition is a map of facts to values; write for "
		    "example "
		    "\"{app.security: [starttls, auto]}\"");
		return NULL;
	}
	struct when *w = when_new(WHEN_ALL, place_of(y));

	for (size_t i = 0; i < y->n; i++) {
		struct when *part =
		    parse_entry(y->keys[i], y->items[i], c, room);
		if (!part) {
			when_free(w);
			return NULL;
		}
		add_part(w, part);
	}
	return w;
}

struct when *
when_parse(const struct yaml *y, struct complaints *c)
{
	int room = WHEN_MAX_PARTS;

	return parse_map(y, c, &room);
}

static bool
fact_holds(const struct when *w, when_lookup *lookup, const void *arg)
{
	const char *value = lookup(arg, w->fact);

	return strs_has(&w->values, value ? value : "unknown");
}

static bool
any_holds(const struct when *w, when_lookup *lookup, const void *arg)
{
	for (size_t i = 0; i < w->n; i++)
		if (when_holds(w->parts[i], lookup, arg))
			return true;
	return false;
}

static bool
all_hold(const struct when *w, when_lookup *lookup, const void *arg)
{
	for (size_t i = 0; i < w->n; i++)
		if (!when_holds(w->parts[i], lookup, arg))
			return false;
	return true;
}

bool
when_holds(const struct when *w, when_lookup *lookup, const void *arg)
{
	switch (w->kind) {
	case WHEN_ALL:
		return all_hold(w, lookup, arg);
	case WHEN_ANY:
		return any_holds(w, lookup, arg);
	case WHEN_NOT:
		return !when_holds(w->parts[0], lookup, arg);
	case WHEN_FACT:
		return fact_holds(w, lookup, arg);
	}
	return false;
}

void
when_facts(const struct when *w, struct strs *names)
{
	if (w->kind == WHEN_FACT && !strs_has(names, w->fact))
		strs_add(names, w->fact);
	for (size_t i = 0; i < w->n; i++)
		when_facts(w->parts[i], names);
}

/*
 * The values of one fact that make a difference: each one that a condition
 * names, and one that stands for all others.
 */
struct axis {
	const char *fact; /* borrowed: condition */
	struct strs values;
	size_t now;
};

struct axes {
	struct axis v[COVER_FACTS];
	size_t n;
	long parts; /* how much there is to test for one combination */
};

static struct axis *
axis_of(struct axes *a, const char *fact)
{
	for (size_t i = 0; i < a->n; i++)
		if (str_eq(a->v[i].fact, fact))
			return &a->v[i];
	if (a->n == COVER_FACTS)
		return NULL;
	a->v[a->n] = (struct axis){.fact = fact};
	return &a->v[a->n++];
}

/* False when there are more facts than axes. */
static bool
collect_axes(struct axes *a, const struct when *w)
{
	a->parts += 1 + (long)w->values.n;
	if (w->kind == WHEN_FACT) {
		struct axis *x = axis_of(a, w->fact);
		if (!x)
			return false;
		for (size_t i = 0; i < w->values.n; i++)
			if (!strs_has(&x->values, w->values.v[i]))
				strs_add(&x->values, w->values.v[i]);
	}
	for (size_t i = 0; i < w->n; i++)
		if (!collect_axes(a, w->parts[i]))
			return false;
	return true;
}

/* Adds the value that stands for those which no condition names. */
static void
add_others(struct axis *x, const char *set)
{
	struct strs all = {0};

	strs_split(&all, set ? set : "", "|");
	if (!strs_has(&all, "unknown"))
		strs_add(&all, "unknown");
	for (size_t i = 0; i < all.n; i++) {
		if (!strs_has(&x->values, all.v[i])) {
			strs_add(&x->values, all.v[i]);
			break;
		}
	}
	strs_done(&all);
}

static const char *
axes_lookup(const void *arg, const char *fact)
{
	const struct axes *a = arg;

	for (size_t i = 0; i < a->n; i++)
		if (str_eq(a->v[i].fact, fact))
			return a->v[i].values.v[a->v[i].now];
	return NULL;
}

/* Goes on to the next combination; false after the last. */
static bool
axes_step(struct axes *a)
{
	for (size_t i = 0; i < a->n; i++) {
		if (++a->v[i].now < a->v[i].values.n)
			return true;
		a->v[i].now = 0;
	}
	return false;
}

static char *
axes_text(const struct axes *a)
{
	struct strs words = {0};

	for (size_t i = 0; i < a->n; i++)
		strs_addf(&words, "%s=%s", a->v[i].fact,
		    a->v[i].values.v[a->v[i].now]);
	char *text = strs_join(&words, ", ");
	strs_done(&words);
	return text;
}

static bool
none_holds(struct when *const *branches, size_t n, const struct axes *a)
{
	for (size_t i = 0; i < n; i++)
		if (when_holds(branches[i], axes_lookup, a))
			return false;
	return true;
}

static bool
count_combinations(const struct axes *a, long *out)
{
	*out = 1;
	for (size_t i = 0; i < a->n; i++) {
		*out *= (long)a->v[i].values.n;
		if (*out > WHEN_MAX_COMBINATIONS)
			return false;
	}
	return true;
}

bool
when_cover_within(struct when *const *branches, size_t n, when_values *values,
    const void *arg, char **example, bool *too_many, long *budget)
{
	struct axes *a = mem_new(struct axes);
	bool covered = true;
	long combinations = 0;

	*example = NULL;
	*too_many = true;
	for (size_t i = 0; i < n; i++)
		if (!collect_axes(a, branches[i]))
			goto out;
	for (size_t i = 0; i < a->n; i++)
		add_others(&a->v[i], values(arg, a->v[i].fact));
	if (!count_combinations(a, &combinations) ||
	    combinations * (a->parts + 1) > *budget)
		goto out;
	*budget -= combinations * (a->parts + 1);
	*too_many = false;
	do {
		if (none_holds(branches, n, a)) {
			*example = axes_text(a);
			covered = false;
			break;
		}
	} while (axes_step(a));
out:
	for (size_t i = 0; i < a->n; i++)
		strs_done(&a->v[i].values);
	mem_free(a);
	return covered;
}

bool
when_cover(struct when *const *branches, size_t n, when_values *values,
    const void *arg, char **example, bool *too_many)
{
	long budget = COVER_BUDGET;

	return when_cover_within(
	    branches, n, values, arg, example, too_many, &budget);
}
