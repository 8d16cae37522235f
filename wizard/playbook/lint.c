/* SPDX-License-Identifier: ISC
 *
 * What can be checked once the whole file is read: every fact, value, choice
 * and cause that is named must exist, what a playbook must not ask for is
 * refused, and branches must leave no combination of values uncovered. The
 * ways through the playbook are in flow.c.
 */
#include <string.h>

#include "../../probes/base/mem.h"
#include "../../probes/base/yaml.h"
#include "../../probes/probe.h"
#include "lint.h"

struct place
lint_place(const struct yaml *y, const char *key, struct place otherwise)
{
	const struct yaml *v = yaml_get(y, key);

	return v ? place_of(v) : otherwise;
}

/* ---- conditions ---- */

/* A fact of a probe that this playbook never runs by itself is unknown. */
void
lint_is_set(struct lint *l, const char *fact, struct place at)
{
	const struct probe *by;

	if (l->n_called == CALLED_MAX || fact_of_playbook(l->r->p, fact) ||
	    fact_of_world(l->r->world, fact) || !fact_of_any_probe(fact, &by))
		return;
	for (size_t i = 0; i < l->n_called; i++)
		if (!l->called[i] || fact_of_probe(l->called[i], fact))
			return; /* it, or a misspelt one that may be it */
	complain_mildly(l->r->c, "unset-fact", at,
	    "\"%s\" is always unknown here, since this playbook runs probe %s "
	    "never, or only with \"each\" or \"quiet\"; test a summary such "
	    "as mine.* or run the probe by itself",
	    fact, by->name);
}

static void
check_value(
    struct lint *l, const struct when *w, const char *values, const char *value)
{
	struct guess g;

	if (fact_value_possible(values, value))
		return;
	guess_start(&g, value);
	guess_try_set(&g, values);
	char *list = fact_values_text(values);
	complain(l->r->c, "impossible-value", w->at,
	    "\"%s\" is never \"%.80s\"%s its values are: %s", w->fact, value,
	    *guess_text(&g) ? guess_text(&g) : ";", list);
	mem_free(list);
}

static void
check_fact_condition(struct lint *l, const struct when *w)
{
	bool exists;
	const char *values =
	    playbook_fact_values(l->r->p, l->r->world, w->fact, &exists);

	if (fact_is_secret(w->fact)) {
		complain(l->r->c, "secret", w->at,
		    "\"%s\" is a secret that no playbook may look at; take the "
		    "condition away",
		    w->fact);
	} else if (!exists) {
		lint_unknown_fact(l, w->fact, w->at);
	} else if (!values) {
		complain(l->r->c, "free-text", w->at,
		    "\"%s\" is free text, which no condition can test; test a "
		    "fact with a closed set of values",
		    w->fact);
	} else {
		lint_is_set(l, w->fact, w->at);
		for (size_t i = 0; i < w->values.n; i++)
			check_value(l, w, values, w->values.v[i]);
	}
}

void
lint_when(struct lint *l, const struct when *w)
{
	if (!w)
		return;
	if (w->kind == WHEN_FACT)
		check_fact_condition(l, w);
	for (size_t i = 0; i < w->n; i++)
		lint_when(l, w->parts[i]);
}

static const char *
cover_values(const void *arg, const char *fact)
{
	const struct lint *l = arg;
	bool exists;

	return playbook_fact_values(l->r->p, l->r->world, fact, &exists);
}

/* Without an else, the branches must catch every combination. */
static void
check_cover(struct lint *l, const struct node *n)
{
	struct when **branches =
	    mem_alloc((n->n_branches + 1) * sizeof(*branches));
	char *example = NULL;
	bool too_many = false, all_there = true;

	for (size_t i = 0; i < n->n_branches; i++) {
		branches[i] = n->branches[i].when;
		all_there = all_there && branches[i];
	}
	if (all_there &&
	    !when_cover_within(branches, n->n_branches, cover_values, l,
		&example, &too_many, &l->r->budget))
		complain(l->r->c, "uncovered", n->at,
		    "no branch of \"%s\" holds for %s; add a branch for it or "
		    "an \"else\"",
		    n->id, example);
	else if (too_many)
		complain(l->r->c, "uncovered", n->at,
		    "\"%s\" tests too many combinations to see whether a "
		    "branch is missing; add an \"else\"",
		    n->id);
	mem_free(example);
	mem_free(branches);
}

/* ---- facts that are passed on or shown ---- */

/* A fact that is named to be used as text: it must exist and be no secret. */
bool
lint_used_fact(struct lint *l, const char *fact, struct place at)
{
	bool exists;

	if (fact_is_secret(fact) || fact_is_consent(fact)) {
		complain(l->r->c, fact_is_secret(fact) ? "secret" : "consent",
		    at, "\"%s\" is for the program alone; name another fact",
		    fact);
		return false;
	}
	playbook_fact_values(l->r->p, l->r->world, fact, &exists);
	if (!exists)
		lint_unknown_fact(l, fact, at);
	return exists;
}

/* {fact} in a text: what does not exist would read "unknown". */
void
lint_text(struct lint *l, const char *text, struct place at)
{
	for (; text && *text; text++) {
		if (*text != '{')
			continue;
		size_t len = strspn(text + 1, "abcdefghijklmnopqrstuvwxyz"
					      "0123456789_.");
		if (text[len + 1] != '}' || !memchr(text + 1, '.', len))
			continue;
		char *fact = mem_dupn(text + 1, len);
		bool exists;
		playbook_fact_values(l->r->p, l->r->world, fact, &exists);
		if (fact_is_secret(fact))
			complain(l->r->c, "secret", at,
			    "{%s} would show a secret; take it out of the text",
			    fact);
		else if (!exists)
			complain_mildly(l->r->c, "unknown-placeholder", at,
			    "{%.80s} is no fact and will read \"unknown\"; "
			    "\"smtpwiz facts\" lists them all",
			    fact);
		mem_free(fact);
	}
}

/* ---- calls and verdicts ---- */

static void
check_source(struct lint *l, const char *source, struct place at)
{
	const char *const *data = l->r->world ? l->r->world->data : NULL;
	struct guess g;

	if (!str_starts(source, "data.")) {
		if (lint_used_fact(l, source, at))
			lint_is_set(l, source, at);
		return;
	}
	if (!data)
		return;
	guess_start(&g, source + 5);
	for (; *data; data++) {
		if (str_eq(*data, source + 5))
			return;
		guess_try(&g, *data);
	}
	complain(l->r->c, "unknown-fact", at,
	    "there is no data called \"%.80s\"%s use what smtpwiz-playbook(5) "
	    "lists",
	    source, *guess_text(&g) ? guess_text(&g) : ";");
}

static void
check_sources(struct lint *l, const struct yaml *map)
{
	for (size_t i = 0; map && map->kind == YAML_MAP && i < map->n; i++) {
		const char *source = yaml_text(map->items[i]);
		if (source && text_is_name(source, "_.-") &&
		    strlen(source) <= PLAYBOOK_MAX_NAME)
			check_source(l, source, place_of(map->items[i]));
	}
}

static void
check_calls(struct lint *l, const struct node *n, const struct yaml *y)
{
	const struct yaml *list = yaml_get(y, "probes");

	for (size_t i = 0; i < n->n_calls; i++) {
		check_sources(l, yaml_get(list->items[i], "with"));
		check_sources(l, yaml_get(list->items[i], "each"));
		lint_when(l, n->calls[i].when);
	}
}

static void
check_cause(struct lint *l, const char *cause, struct place at)
{
	const char *const *causes = l->r->world ? l->r->world->causes : NULL;
	struct guess g;

	if (!cause || !*cause || !causes)
		return;
	guess_start(&g, cause);
	for (; *causes; causes++) {
		if (str_eq(*causes, cause))
			return;
		guess_try(&g, *causes);
	}
	complain(l->r->c, "unknown-cause", at,
	    "there is no cause \"%.80s\"%s \"smtpwiz causes\" lists them",
	    cause, *guess_text(&g) ? guess_text(&g) : ";");
}

static void
check_verdict(struct lint *l, const struct node *n, const struct yaml *y)
{
	const struct yaml *list = yaml_get(y, "verdict");

	for (size_t i = 0; i < n->n_branches; i++)
		check_cause(l, n->branches[i].cause,
		    lint_place(list->items[i], "cause", n->branches[i].at));
	check_cause(l, n->otherwise,
	    lint_place(y, n->n_branches ? "else" : "verdict", n->at));
}

static void
check_node(struct lint *l, const struct node *n, const struct yaml *y)
{
	size_t before = complaints_errors(l->r->c);

	lint_text(l, n->title, n->at);
	lint_text(l, n->text, lint_place(y, "text", n->at));
	lint_text(l, n->discloses, lint_place(y, "discloses", n->at));
	lint_when(l, n->skip);
	lint_fields(l, n, y);
	check_calls(l, n, y);
	if (n->kind == NODE_VERDICT)
		check_verdict(l, n, y);
	for (size_t i = 0; i < n->n_branches; i++)
		lint_when(l, n->branches[i].when);
	if (n->n_branches > 0 && !n->otherwise &&
	    complaints_errors(l->r->c) == before)
		check_cover(l, n);
}

void
lint_names(struct reader *r, const struct yaml *file)
{
	const struct yaml *list = yaml_get(file, "nodes");
	struct lint *l = mem_new(struct lint);

	l->r = r;
	lint_declare(r);
	lint_note_calls(l);
	for (size_t i = 0; i < r->p->n_nodes; i++)
		check_node(l, &r->p->nodes[i], list->items[i]);
	mem_free(l);
}
