/* SPDX-License-Identifier: ISC
 *
 * What the checks of a playbook share: lint.c, lint_field.c, fact_names.c.
 */
#ifndef PLAYBOOK_LINT_H
#define PLAYBOOK_LINT_H

#include "parse.h"

struct probe_fact;

#define CALLED_MAX 64

struct lint {
	struct reader *r;
	/* Probes that set facts here; NULL: a misspelt one. */
	const struct probe *called[CALLED_MAX];
	size_t n_called;
};

/* fact_names.c */
/* What the user may be asked for; other facts of the world are derived. */
bool fact_is_contract(const char *name);
/* In a group that only the program itself sets. */
bool fact_is_reserved(const char *name);
const struct fact_info *fact_of_world(
    const struct playbook_world *world, const char *name);
const struct fact_info *fact_of_playbook(
    const struct playbook *p, const char *name);
const struct probe_fact *fact_of_probe(
    const struct probe *probe, const char *name);
const struct probe_fact *fact_of_any_probe(
    const char *name, const struct probe **by);
bool fact_value_possible(const char *values, const char *value);
/* "a|b|c" as "a, b, c"; the caller frees. */
char *fact_values_text(const char *values);
void lint_unknown_fact(struct lint *l, const char *fact, struct place at);
/* Fills playbook.facts from the questions. */
void lint_declare(struct reader *r);
void lint_note_calls(struct lint *l);

/* lint.c */
struct place lint_place(
    const struct yaml *y, const char *key, struct place otherwise);
/* Every fact and value of a condition, which may be NULL. */
void lint_when(struct lint *l, const struct when *w);
/* Warns of a probe's fact that is never set in this playbook. */
void lint_is_set(struct lint *l, const char *fact, struct place at);
/* A fact that is passed on: true when it exists and is no secret. */
bool lint_used_fact(struct lint *l, const char *fact, struct place at);
/* {fact} in a text. */
void lint_text(struct lint *l, const char *text, struct place at);

/* lint_field.c */
void lint_fields(struct lint *l, const struct node *n, const struct yaml *y);

#endif
