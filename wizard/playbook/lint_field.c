/* SPDX-License-Identifier: ISC
 *
 * The checks of questions: what may be asked for, in which way, and whether
 * choices, default, suggestion and click paths fit the fact.
 */
#include <string.h>

#include "../../probes/base/mem.h"
#include "../../probes/base/yaml.h"
#include "../../probes/probe.h"
#include "lint.h"

/* How the free texts of the contract are asked for. */
static const struct {
	const char *fact, *kinds, *say;
	unsigned allowed;
} contract_kinds[] = {
    {"account.email", "email", "an address", 1u << FIELD_EMAIL},
    {"account.username", "text or email", "a name",
	1u << FIELD_TEXT | 1u << FIELD_EMAIL},
    {"app.error", "text", "a text", 1u << FIELD_TEXT},
    {"app.error_at", "text", "a text", 1u << FIELD_TEXT},
    {"app.host", "host", "a server name", 1u << FIELD_HOST},
    {"app.port", "port", "a port", 1u << FIELD_PORT},
    {"message.size", "number", "a number", 1u << FIELD_NUMBER},
    {"send.to", "text or email", "a list of addresses",
	1u << FIELD_TEXT | 1u << FIELD_EMAIL},
};

static void
check_contract_kind(struct lint *l, const struct field *f,
    const struct fact_info *info, struct place at)
{
	const size_t n = sizeof(contract_kinds) / sizeof(contract_kinds[0]);

	if (info->values && f->kind != FIELD_CHOICE) {
		char *list = fact_values_text(info->values);
		complain(l->r->c, "wrong-kind", at,
		    "\"%s\" has a closed set of values; ask for it with "
		    "\"kind: choice\" and some of: %s",
		    f->fact, list);
		mem_free(list);
		return;
	}
	for (size_t i = 0; !info->values && i < n; i++) {
		if (!str_eq(contract_kinds[i].fact, f->fact) ||
		    (contract_kinds[i].allowed & 1u << f->kind))
			continue;
		complain(l->r->c, "wrong-kind", at,
		    "\"%s\" is %s; ask for it with kind %s", f->fact,
		    contract_kinds[i].say, contract_kinds[i].kinds);
	}
}

static void
check_contract_choices(
    struct lint *l, const struct field *f, const struct fact_info *info)
{
	for (size_t i = 0; info->values && i < f->n_choices; i++) {
		const struct choice *ch = &f->choices[i];
		struct guess g;
		if (!*ch->value || fact_value_possible(info->values, ch->value))
			continue;
		guess_start(&g, ch->value);
		guess_try_set(&g, info->values);
		char *list = fact_values_text(info->values);
		complain(l->r->c, "bad-choice", ch->at,
		    "\"%s\" cannot be \"%s\"%s its values are: %s", f->fact,
		    ch->value, *guess_text(&g) ? guess_text(&g) : ";", list);
		mem_free(list);
	}
}

/* A new fact that is spelt nearly like one of the contract. */
static void
check_new_name(struct lint *l, const struct field *f, struct place at)
{
	struct guess g;

	if (!fact_is_contract(f->fact))
		return;
	guess_start(&g, f->fact);
	g.distance = 3; /* at most two letters off: whole groups are alike */
	const struct fact_info *w = l->r->world ? l->r->world->facts : NULL;
	for (; w && w->name; w++)
		if (fact_is_contract(w->name))
			guess_try(&g, w->name);
	if (*guess_text(&g))
		complain_mildly(l->r->c, "near-fact", at,
		    "\"%s\" is a new fact%s rename it where it is meant to be "
		    "new",
		    f->fact, guess_text(&g));
}

static void
check_asked_fact(struct lint *l, const struct field *f, struct place at,
    struct place kind_at)
{
	const struct probe *by = NULL;
	const struct fact_info *info = fact_of_world(l->r->world, f->fact);

	if (!*f->fact)
		return;
	if (fact_is_consent(f->fact)) {
		complain(l->r->c, "consent", at,
		    "the program itself asks for \"%s\", in its own words; "
		    "take this field away",
		    f->fact);
	} else if (fact_is_secret(f->fact)) {
		complain(l->r->c, "secret", at,
		    "the program itself asks for \"%s\", when it is needed; "
		    "take this field away",
		    f->fact);
	} else if (fact_of_any_probe(f->fact, &by)) {
		complain(l->r->c, "derived-fact", at,
		    "\"%s\" is found out by probe %s and cannot be asked for; "
		    "run the probe",
		    f->fact, by->name);
	} else if (fact_is_reserved(f->fact) ||
		   (info && !fact_is_contract(f->fact))) {
		complain(l->r->c, "derived-fact", at,
		    "\"%s\" belongs to the program's own summaries and cannot "
		    "be asked for; choose another name",
		    f->fact);
	} else if (info) {
		check_contract_kind(l, f, info, kind_at);
		check_contract_choices(l, f, info);
	} else {
		check_new_name(l, f, at);
	}
}

static void
check_choices(struct lint *l, const struct field *f)
{
	for (size_t i = 1; i < f->n_choices; i++) {
		for (size_t k = 0; k < i; k++) {
			if (!*f->choices[i].value ||
			    !str_eq(f->choices[i].value, f->choices[k].value))
				continue;
			complain(l->r->c, "duplicate-choice", f->choices[i].at,
			    "\"%s\" already stands in line %d; take one away",
			    f->choices[i].value, f->choices[k].at.line);
			break;
		}
	}
}

static bool
has_choice(const struct field *f, const char *value)
{
	for (size_t i = 0; i < f->n_choices; i++)
		if (str_eq(f->choices[i].value, value))
			return true;
	return str_eq(value, "unknown");
}

static void
complain_choice(struct lint *l, const struct field *f, struct place at,
    const char *id, const char *what, const char *value)
{
	struct guess g;

	guess_start(&g, value);
	for (size_t i = 0; i < f->n_choices; i++)
		guess_try(&g, f->choices[i].value);
	complain(l->r->c, id, at,
	    "%s \"%.80s\" is not among the choices of \"%s\"%s take one of the "
	    "choices or unknown",
	    what, value, f->fact, *guess_text(&g) ? guess_text(&g) : ";");
}

/* What the default of a field that is no choice must look like. */
static bool
default_fits(const struct field *f)
{
	const char *value = f->default_value;
	int64_t number;

	if (str_eq(value, "unknown"))
		return true;
	switch (f->kind) {
	case FIELD_CHOICE:
		return has_choice(f, value);
	case FIELD_EMAIL:
		return strchr(value, '@') && !strpbrk(value, " \n");
	case FIELD_HOST:
		return !strpbrk(value, " \n@/");
	case FIELD_PORT:
		return str_number(value, 1, 65535, &number);
	case FIELD_TEXT:
		return true;
	case FIELD_NUMBER:
		return str_number(value, 0, INT64_MAX, &number);
	}
	return false;
}

static void
check_default(struct lint *l, const struct field *f, struct place at)
{
	if (!f->default_value || default_fits(f))
		return;
	if (f->kind == FIELD_CHOICE)
		complain_choice(
		    l, f, at, "bad-default", "the default", f->default_value);
	else
		complain(l->r->c, "bad-default", at,
		    "the default \"%.80s\" is no possible answer for \"%s\"; "
		    "give one that fits its kind, or unknown",
		    f->default_value, f->fact);
}

static void
check_suggest(struct lint *l, const struct field *f, struct place at)
{
	bool exists;

	if (!f->suggest || !lint_used_fact(l, f->suggest, at))
		return;
	lint_is_set(l, f->suggest, at);
	const char *values =
	    playbook_fact_values(l->r->p, l->r->world, f->suggest, &exists);
	if (f->kind != FIELD_CHOICE || !values)
		return;
	struct strs all = {0};
	strs_split(&all, values, "|");
	for (size_t i = 0; i < all.n; i++) {
		if (has_choice(f, all.v[i]))
			continue;
		complain_choice(
		    l, f, at, "bad-suggest", "the suggested value", all.v[i]);
		break;
	}
	strs_done(&all);
}

static void
check_where(struct lint *l, const struct yaml *map)
{
	bool exists;
	const char *apps =
	    playbook_fact_values(NULL, l->r->world, "app.name", &exists);

	for (size_t i = 0; map && apps && i < map->n; i++) {
		const char *app = map->keys[i]->text;
		struct guess g;
		if (str_eq(app, "any") || fact_value_possible(apps, app))
			continue;
		guess_start(&g, app);
		guess_try(&g, "any");
		guess_try_set(&g, apps);
		char *list = fact_values_text(apps);
		complain(l->r->c, "unknown-app", place_of(map->keys[i]),
		    "\"%.80s\" is no mail program%s use any, or one of: %s",
		    app, *guess_text(&g) ? guess_text(&g) : ";", list);
		mem_free(list);
	}
}

static void
check_field_texts(struct lint *l, const struct field *f, const struct yaml *y)
{
	lint_text(l, f->label, lint_place(y, "label", f->at));
	lint_text(l, f->why, lint_place(y, "why", f->at));
	for (size_t i = 0; i < f->where.n; i++)
		lint_text(
		    l, f->where.v[i].value, lint_place(y, "where", f->at));
	for (size_t i = 0; i < f->n_choices; i++) {
		lint_text(l, f->choices[i].label, f->choices[i].at);
		lint_text(l, f->choices[i].help, f->choices[i].at);
	}
}

static void
check_field(struct lint *l, const struct field *f, const struct yaml *y)
{
	struct place fact_at = lint_place(y, "fact", f->at);
	const struct yaml *where = yaml_get(y, "where");

	const char *kind = yaml_get_text(y, "kind");

	/* A kind that is none has been complained of. */
	if (kind && str_in_set(kind, "choice|email|host|port|text|number"))
		check_asked_fact(l, f, fact_at, lint_place(y, "kind", fact_at));
	check_choices(l, f);
	check_default(l, f, lint_place(y, "default", f->at));
	check_suggest(l, f, lint_place(y, "suggest", f->at));
	check_where(l, where && where->kind == YAML_MAP ? where : NULL);
	lint_when(l, f->when);
	check_field_texts(l, f, y);
}

void
lint_fields(struct lint *l, const struct node *n, const struct yaml *y)
{
	const struct yaml *list = yaml_get(y, "fields");

	for (size_t i = 0; i < n->n_fields; i++) {
		check_field(l, &n->fields[i], list->items[i]);
		for (size_t k = 0; k < i; k++) {
			if (!*n->fields[i].fact ||
			    !str_eq(n->fields[i].fact, n->fields[k].fact))
				continue;
			complain(l->r->c, "duplicate-field", n->fields[i].at,
			    "\"%s\" is already asked for in line %d of this "
			    "form; take one away",
			    n->fields[i].fact, n->fields[k].at.line);
			break;
		}
	}
}
