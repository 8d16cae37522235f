/* SPDX-License-Identifier: ISC
 *
 * Questions: which fields are open, what is offered in them, what a proper
 * answer looks like, and the record of what was answered.
 */
#include "engine_in.h"

#include "../../probes/base/mem.h"
#include "../playbook/when.h"

#include <string.h>

static bool
was_asked(const struct engine *e, const char *fact)
{
	for (size_t i = 0; i < e->n_trail; i++)
		if (kvs_get(&e->trail[i].answers, fact))
			return true;
	return false;
}

bool
engine_field_open(const struct engine *e, const struct field *f)
{
	if (was_asked(e, f->fact) || kvs_get(&e->setup.answers, f->fact))
		return false;
	if (fact_value(e, f->fact) && !fact_is(e, f->fact, "unknown"))
		return false;
	return !f->when || when_holds(f->when, fact_lookup, e);
}

const char *
engine_field_offer(const struct engine *e, const struct field *f)
{
	const char *kept = kvs_get(&e->kept, f->fact);
	const char *value = f->suggest ? fact_value(e, f->suggest) : NULL;

	if (kept)
		return kept;
	if (kvs_get(&e->setup.offers, f->fact))
		return kvs_get(&e->setup.offers, f->fact);
	if (value && !str_eq(value, "unknown"))
		return value;
	return f->default_value;
}

static bool
check_choice(const struct field *f, const char *value, struct err *err)
{
	for (size_t i = 0; i < f->n_choices; i++)
		if (str_eq(f->choices[i].value, value))
			return true;
	if (str_eq(value, "unknown"))
		return true;
	return err_set(err, ERR_USAGE, "Please pick one of the choices.");
}

/* A name or address as people paste it: no blanks, no scheme, no slash. */
static bool
check_host(const char *value, struct err *err)
{
	if (strlen(value) > 253)
		return err_set(err, ERR_USAGE,
		    "A server name has at most 253 characters.");
	if (strpbrk(value, " \t/@,;\"'<>"))
		return err_set(err, ERR_USAGE,
		    "A server name looks like smtp.example.com: no blanks, "
		    "no / and no @.");
	return true;
}

bool
engine_field_check(const struct engine *e, const struct field *f,
    const char *value, struct err *err)
{
	int64_t number;

	(void)e;
	if (!value || !*value || str_eq(value, "unknown"))
		return f->optional || f->kind == FIELD_CHOICE ||
		       err_set(err, ERR_USAGE, "Please fill in: %s.", f->label);
	switch (f->kind) {
	case FIELD_CHOICE:
		return check_choice(f, value, err);
	case FIELD_EMAIL:
		if (strchr(value, '@') && strlen(value) <= 320)
			return true;
		return err_set(
		    err, ERR_USAGE, "An address looks like anna@example.com.");
	case FIELD_HOST:
		return check_host(value, err);
	case FIELD_PORT:
		if (str_number(value, 1, 65535, &number))
			return true;
		return err_set(err, ERR_USAGE,
		    "A port is a number from 1 to 65535, mostly 587 or 465.");
	case FIELD_NUMBER:
		if (str_number(value, 0, INT64_MAX, &number))
			return true;
		return err_set(err, ERR_USAGE, "Please give a whole number.");
	case FIELD_TEXT:
		return true;
	}
	return true;
}

void
record_answers(struct engine *e, const struct node *n,
    const struct kvs *answers, bool by_user)
{
	struct trail *t;
	struct kvs given = {0};

	for (size_t i = 0; i < n->n_fields; i++) {
		const struct field *f = &n->fields[i];
		const char *value = kvs_get(answers, f->fact);

		if (!engine_field_open(e, f))
			continue;
		if (!value || !*value)
			value = "unknown";
		kvs_set(&given, f->fact, value);
		if (by_user)
			kvs_set(&e->kept, f->fact, value);
	}
	t = MEM_PUSH(&e->trail, &e->n_trail, &e->cap_trail);
	t->node = e->node;
	t->at_ms = e->now_ms;
	t->answers = given;
	for (size_t i = 0; i < given.n; i++)
		step_add(e, "question", given.v[i].name, given.v[i].value);
}

/* Passes over a question without asking: nothing open, no input, replay. */
bool
ask_passes(struct engine *e, const struct node *n)
{
	struct kvs answers = {0};
	bool open = false, all_kept = true;

	for (size_t i = 0; i < n->n_fields; i++) {
		const struct field *f = &n->fields[i];
		const char *kept = kvs_get(&e->kept, f->fact);

		if (!engine_field_open(e, f))
			continue;
		open = true;
		all_kept = all_kept && kept;
		if (e->replaying && kept)
			kvs_set(&answers, f->fact, kept);
		else if (f->default_value)
			kvs_set(&answers, f->fact, f->default_value);
	}
	if (open && !e->setup.no_input && !(e->replaying && all_kept)) {
		kvs_done(&answers);
		e->replaying = false;
		return false;
	}
	if (open) {
		record_answers(e, n, &answers, false);
		facts_rebuild(e);
	}
	kvs_done(&answers);
	return true;
}
