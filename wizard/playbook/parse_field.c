/* SPDX-License-Identifier: ISC
 *
 * One question of a playbook, from YAML to struct field.
 */
#include <string.h>

#include "../../probes/base/mem.h"
#include "../../probes/base/yaml.h"
#include "parse.h"

static void
check_fact_name(struct reader *r, const char *name, struct place at)
{
	const char *dot = strchr(name, '.');

	if (*name && text_is_name(name, "_.") &&
	    (!dot || dot == name || !dot[1] || strstr(name, "..")))
		complain(r->c, "bad-name", at,
		    "\"%s\" cannot be a fact; name it as \"group.name\"", name);
}

static void
parse_choice(struct reader *r, struct field *f, const struct yaml *y)
{
	static const char *const keys[] = {"value", "label", "help", NULL};
	struct choice *ch =
	    MEM_PUSH(&f->choices, &f->n_choices, &f->cap_choices);

	ch->at = place_of(y);
	if (!read_is_map(r, y, "a choice")) {
		ch->value = mem_dup("");
		ch->label = mem_dup("");
		return;
	}
	read_known_keys(r, y, keys, read_no_keys, "a choice");
	ch->value = read_name(r, y, "value", "._-", "a choice");
	ch->label = read_need(r, y, "label", PLAYBOOK_MAX_LINE, "a choice");
	ch->help = read_text(r, y, "help", PLAYBOOK_MAX_TEXT);
}

static void
parse_choices(struct reader *r, struct field *f, const struct yaml *y)
{
	if (f->kind != FIELD_CHOICE) {
		complain(r->c, "wrong-kind", place_of(yaml_get(y, "choices")),
		    "only a field of kind choice has choices; say \"kind: "
		    "choice\" or take them away");
		return;
	}
	const struct yaml *list =
	    read_list(r, y, "choices", PLAYBOOK_MAX_CHOICES);
	for (size_t i = 0; list && i < list->n; i++)
		parse_choice(r, f, list->items[i]);
}

static enum field_kind
parse_kind(struct reader *r, const struct yaml *y)
{
	static const struct {
		const char *name;
		enum field_kind kind;
	} kinds[] = {
	    {"choice", FIELD_CHOICE},
	    {"email", FIELD_EMAIL},
	    {"host", FIELD_HOST},
	    {"port", FIELD_PORT},
	    {"text", FIELD_TEXT},
	    {"number", FIELD_NUMBER},
	};
	const size_t n = sizeof(kinds) / sizeof(kinds[0]);
	char *name = read_name(r, y, "kind", "_-", "a field");
	enum field_kind kind = FIELD_TEXT;
	bool found = false;
	struct guess g;

	guess_start(&g, name);
	for (size_t i = 0; i < n; i++) {
		guess_try(&g, kinds[i].name);
		if (!str_eq(kinds[i].name, name))
			continue;
		kind = kinds[i].kind;
		found = true;
	}
	if (*name && !found)
		complain(r->c, "unknown-kind", place_of(yaml_get(y, "kind")),
		    "\"%s\" is no kind of field%s use choice, email, host, "
		    "port, text or number",
		    name, *guess_text(&g) ? guess_text(&g) : ";");
	mem_free(name);
	return kind;
}

/* value of app.name -> click path; the values are checked in lint.c */
static void
parse_where(struct reader *r, struct field *f, const struct yaml *y)
{
	const struct yaml *map = yaml_get(y, "where");

	if (!map || !read_is_map(r, map, "\"where\""))
		return;
	if (map->n > PLAYBOOK_MAX_CHOICES) {
		complain(r->c, "too-many", place_of(map),
		    "\"where\" takes at most %d programs",
		    PLAYBOOK_MAX_CHOICES);
		return;
	}
	for (size_t i = 0; i < map->n; i++) {
		char *text = read_scalar(
		    r, map->items[i], map->keys[i]->text, PLAYBOOK_MAX_TEXT);
		if (text)
			kvs_set(&f->where, map->keys[i]->text, text);
		mem_free(text);
	}
}

static void
parse_why(struct reader *r, struct field *f, const struct yaml *y)
{
	f->why = read_text(r, y, "why", PLAYBOOK_MAX_TEXT);
	if (f->why)
		return;
	f->why = mem_dup("");
	const struct yaml *v = yaml_get(y, "why");
	if (!v || yaml_text(v))
		complain(r->c, "missing-why", v ? place_of(v) : place_of(y),
		    "the question for \"%s\" does not say why it is asked; add "
		    "\"why: ...\"",
		    f->fact);
}

void
parse_field(struct reader *r, struct node *n, const struct yaml *y)
{
	static const char *const keys[] = {"fact", "kind", "label", "why",
	    "where", "choices", "default", "suggest", "when", "optional", NULL};
	struct field *f = MEM_PUSH(&n->fields, &n->n_fields, &n->cap_fields);

	f->at = place_of(y);
	if (!read_is_map(r, y, "a field")) {
		f->fact = mem_dup("");
		f->label = mem_dup("");
		f->why = mem_dup("");
		return;
	}
	read_known_keys(r, y, keys, read_no_keys, "a field");
	f->fact = read_name(r, y, "fact", "_.", "a field");
	if (yaml_get(y, "fact"))
		check_fact_name(r, f->fact, place_of(yaml_get(y, "fact")));
	f->kind = parse_kind(r, y);
	f->label = read_need(r, y, "label", PLAYBOOK_MAX_LINE, "a field");
	parse_why(r, f, y);
	parse_where(r, f, y);
	if (yaml_get(y, "choices"))
		parse_choices(r, f, y);
	else if (f->kind == FIELD_CHOICE)
		complain(r->c, "missing-key", f->at,
		    "a field of kind choice needs \"choices\"; list them as "
		    "\"- {value: ..., label: ...}\"");
	f->default_value = read_text(r, y, "default", PLAYBOOK_MAX_LINE);
	f->suggest = read_text(r, y, "suggest", PLAYBOOK_MAX_NAME);
	f->when = read_when(r, y, "when");
	f->optional = read_yes(r, y, "optional");
}
