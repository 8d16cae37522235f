/* SPDX-License-Identifier: ISC
 *
 * Which facts there are while a playbook is checked: those of the contract
 * and the summaries, those of the probes, and those that the playbook itself
 * declares by asking.
 */
#include <stdlib.h>
#include <string.h>

#include "../../probes/base/mem.h"
#include "../../probes/probe.h"
#include "lint.h"

#define DECLARED_VALUES_MAX 256

bool
fact_is_secret(const char *name)
{
	return str_in_set(name, "account.password|account.token");
}

bool
fact_is_consent(const char *name)
{
	return str_starts(name, "consent.");
}

/* What the user may be asked for; the rest of the world's facts is derived. */
bool
fact_is_contract(const char *name)
{
	static const char *const groups[] = {
	    "account.", "app.", "network.", "message.", "send.", NULL};

	for (size_t i = 0; groups[i]; i++)
		if (str_starts(name, groups[i]))
			return !str_eq(name, "app.error_class");
	return false;
}

/* Groups of facts that only the program itself sets. */
bool
fact_is_reserved(const char *name)
{
	static const char *const groups[] = {"mine.", "other.", "alt.", "path.",
	    "provider.", "server.", "error.", "data.", "import.", NULL};

	for (size_t i = 0; groups[i]; i++)
		if (str_starts(name, groups[i]))
			return true;
	return false;
}

const struct fact_info *
fact_of_world(const struct playbook_world *world, const char *name)
{
	const struct fact_info *f = world ? world->facts : NULL;

	for (; f && f->name; f++)
		if (str_eq(f->name, name))
			return f;
	return NULL;
}

const struct probe_fact *
fact_of_probe(const struct probe *probe, const char *name)
{
	const struct probe_fact *f = probe->facts;

	for (; f && f->name; f++)
		if (str_eq(f->name, name))
			return f;
	return NULL;
}

const struct probe_fact *
fact_of_any_probe(const char *name, const struct probe **by)
{
	for (size_t i = 0; probes_all[i]; i++) {
		const struct probe_fact *f = fact_of_probe(probes_all[i], name);
		if (f) {
			*by = probes_all[i];
			return f;
		}
	}
	return NULL;
}

const struct fact_info *
fact_of_playbook(const struct playbook *p, const char *name)
{
	size_t low = 0, high = p ? p->n_facts : 0;

	while (low < high) {
		size_t mid = low + (high - low) / 2;
		int order = strcmp(p->facts[mid].name, name);
		if (order == 0)
			return &p->facts[mid];
		if (order < 0)
			low = mid + 1;
		else
			high = mid;
	}
	return NULL;
}

const char *
playbook_fact_values(const struct playbook *p,
    const struct playbook_world *world, const char *fact, bool *exists)
{
	const struct probe *by;
	const struct fact_info *f = fact_of_playbook(p, fact);

	*exists = true;
	if (!f)
		f = fact_of_world(world, fact);
	if (f)
		return f->values;
	const struct probe_fact *pf = fact_of_any_probe(fact, &by);
	if (pf)
		return pf->values;
	*exists = false;
	return NULL;
}

bool
fact_value_possible(const char *values, const char *value)
{
	return str_in_set(value, values) || str_eq(value, "unknown");
}

/* "a|b|c" as "a, b, c"; the caller frees. */
char *
fact_values_text(const char *values)
{
	struct strs words = {0};

	strs_split(&words, values, "|");
	char *text = strs_join(&words, ", ");
	strs_done(&words);
	return text;
}

void
lint_unknown_fact(struct lint *l, const char *fact, struct place at)
{
	struct guess g;
	const struct playbook *p = l->r->p;

	if (complaints_full(l->r->c))
		return;
	guess_start(&g, fact);
	for (size_t i = 0; i < p->n_facts; i++)
		guess_try(&g, p->facts[i].name);
	const struct fact_info *f = l->r->world ? l->r->world->facts : NULL;
	for (; f && f->name; f++)
		guess_try(&g, f->name);
	for (size_t i = 0; probes_all[i]; i++) {
		const struct probe_fact *pf = probes_all[i]->facts;
		for (; pf && pf->name; pf++)
			guess_try(&g, pf->name);
	}
	complain(l->r->c, "unknown-fact", at,
	    "no question, probe or summary sets a fact \"%.80s\"%s \"smtpwiz "
	    "facts\" lists them all",
	    fact, *guess_text(&g) ? guess_text(&g) : ";");
}

/* ---- facts that the playbook declares by asking ---- */

struct asked {
	const char *fact;
	const struct field *field;
};

static int
by_fact(const void *a, const void *b)
{
	const struct asked *x = a, *y = b;
	int order = strcmp(x->fact, y->fact);

	if (order)
		return order;
	if (x->field->at.line == y->field->at.line)
		return 0;
	return x->field->at.line < y->field->at.line ? -1 : 1;
}

static bool
is_declared_here(struct reader *r, const char *fact)
{
	const struct probe *by;

	return *fact && !fact_is_secret(fact) && !fact_is_consent(fact) &&
	       !fact_is_reserved(fact) && !fact_of_world(r->world, fact) &&
	       !fact_of_any_probe(fact, &by);
}

/* The choices of all fields that ask for one fact, and `unknown`. */
static char *
declared_values(struct reader *r, const struct asked *v, size_t n)
{
	struct strs all = {0};

	for (size_t i = 0; i < n; i++) {
		const struct field *f = v[i].field;
		for (size_t k = 0; k < f->n_choices; k++) {
			const char *value = f->choices[k].value;
			if (*value && all.n < DECLARED_VALUES_MAX &&
			    !strs_has(&all, value))
				strs_add(&all, value);
		}
	}
	if (all.n == DECLARED_VALUES_MAX)
		complain(r->c, "too-many", v[0].field->at,
		    "\"%s\" has more than %d values; ask for less at once",
		    v[0].fact, DECLARED_VALUES_MAX - 1);
	if (!strs_has(&all, "unknown"))
		strs_add(&all, "unknown");
	char *text = strs_join(&all, "|");
	strs_done(&all);
	return text;
}

static void
declare(struct reader *r, const struct asked *v, size_t n)
{
	struct playbook *p = r->p;
	struct fact_info *f = MEM_PUSH(&p->facts, &p->n_facts, &p->cap_facts);

	*f =
	    (struct fact_info){.name = v[0].fact, .summary = v[0].field->label};
	for (size_t i = 1; i < n; i++) {
		if ((v[i].field->kind == FIELD_CHOICE) ==
		    (v[0].field->kind == FIELD_CHOICE))
			continue;
		complain(r->c, "wrong-kind", v[i].field->at,
		    "\"%s\" is asked as another kind in line %d; use the same "
		    "kind",
		    v[0].fact, v[0].field->at.line);
	}
	if (v[0].field->kind != FIELD_CHOICE)
		return;
	struct kv *kv = MEM_PUSH(
	    &p->owned_values.v, &p->owned_values.n, &p->owned_values.cap);
	kv->name = mem_dup(v[0].fact);
	kv->value = declared_values(r, v, n);
	f->values = kv->value;
}

void
lint_declare(struct reader *r)
{
	struct asked *v = NULL;
	size_t n = 0, cap = 0;

	for (size_t i = 0; i < r->p->n_nodes; i++) {
		const struct node *node = &r->p->nodes[i];
		for (size_t k = 0; k < node->n_fields; k++) {
			const struct field *f = &node->fields[k];
			if (is_declared_here(r, f->fact))
				*MEM_PUSH(&v, &n, &cap) =
				    (struct asked){.fact = f->fact, .field = f};
		}
	}
	if (n > 1)
		qsort(v, n, sizeof(*v), by_fact);
	for (size_t i = 0; i < n;) {
		size_t k = i + 1;
		while (k < n && str_eq(v[k].fact, v[i].fact))
			k++;
		declare(r, &v[i], k - i);
		i = k;
	}
	mem_free(v);
}

static void
note_call(struct lint *l, const struct call *call)
{
	/* Several results of one kind, or a quiet one, set no facts. */
	if (call->quiet || call->each_param || l->n_called == CALLED_MAX)
		return;
	for (size_t i = 0; i < l->n_called; i++)
		if (l->called[i] == call->probe)
			return;
	l->called[l->n_called++] = call->probe;
}

void
lint_note_calls(struct lint *l)
{
	const struct playbook *p = l->r->p;

	for (size_t i = 0; i < p->n_nodes; i++)
		for (size_t k = 0; k < p->nodes[i].n_calls; k++)
			note_call(l, &p->nodes[i].calls[k]);
}
