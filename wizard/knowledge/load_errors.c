/* SPDX-License-Identifier: ISC
 *
 * errors.yaml: what mail programs show, and what it means. An entry's
 * `match` is a list of alternatives; each is a text, or a list of texts that
 * must all be there. Every alternative becomes an entry of its own.
 */
#include "load.h"

#include <stddef.h>

#include "../../probes/base/mem.h"

struct draft {
	const struct yaml *match;
	char *class, *meaning, *source, *checked;
	bool weak;
};

static bool
read_match(struct load *l, const struct yaml *y, void *object)
{
	struct draft *d = object;

	d->match = y;
	if (y->kind == YAML_MAP || (y->kind == YAML_LIST && y->n == 0))
		return load_bad(l, y,
		    "`match` holds no texts, expected a text or a list of "
		    "them; add what the program shows");
	return true;
}

static const struct load_key keys[] = {
    {.key = "match", .kind = LOAD_OWN, .required = true, .read = read_match},
    {LOAD_FIELD(struct draft, class, LOAD_WORD, true),
	.set = "offline|outbox|name|connect|timeout|dropped|tls|cert|auth|"
	       "starttls|recipient|size|profile|other"},
    {LOAD_FIELD(struct draft, weak, LOAD_YES, false)},
    {LOAD_FIELD(struct draft, meaning, LOAD_TEXT, true)},
    {LOAD_FIELD(struct draft, source, LOAD_TEXT, true)},
    {LOAD_FIELD(struct draft, checked, LOAD_DATE, true)},
    {.key = NULL},
};

static bool
add_alternative(struct load *l, const struct yaml *y, const struct draft *d)
{
	struct knowledge *k = l->k;
	struct error_text *e =
	    MEM_PUSH(&k->errors, &k->n_errors, &k->cap_errors);
	size_t n = y->kind == YAML_LIST ? y->n : 1;

	e->class = mem_dup(d->class);
	e->meaning = mem_dup(d->meaning);
	e->weak = d->weak;
	e->source = mem_dup(d->source);
	e->checked = mem_dup(d->checked);
	for (size_t i = 0; i < n; i++) {
		const struct yaml *item =
		    y->kind == YAML_LIST ? y->items[i] : y;
		char *text = load_text(l, item, "match");

		if (!text)
			return false;
		strs_take(&e->match, text);
	}
	return true;
}

static bool
load_error(struct load *l, const struct yaml *y)
{
	struct draft d = {0};
	bool ok = load_map(l, y, "an error", keys, &d);
	size_t n = ok && d.match->kind == YAML_LIST ? d.match->n : 1;

	for (size_t i = 0; ok && i < n; i++)
		ok = add_alternative(l,
		    d.match->kind == YAML_LIST ? d.match->items[i] : d.match,
		    &d);
	mem_free(d.class);
	mem_free(d.meaning);
	mem_free(d.source);
	mem_free(d.checked);
	return ok;
}

bool
load_errors(struct load *l, const struct yaml *y)
{
	if (!load_is_list(l, y, "errors"))
		return false;
	for (size_t i = 0; i < y->n; i++)
		if (!load_error(l, y->items[i]))
			return false;
	return true;
}
