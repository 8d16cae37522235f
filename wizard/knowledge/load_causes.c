/* SPDX-License-Identifier: ISC
 *
 * causes.yaml: for every cause of the contract the words a person reads, and
 * who can do something about it.
 */
#include "load.h"

#include <stddef.h>

#include "../../probes/base/mem.h"
#include "../playbook/when.h"

/* All that hold are shown. */
#define ALL(name, required_)                                   \
	LOAD_FIELD(struct cause, name, LOAD_TEXTS, required_), \
	    .count = offsetof(struct cause, n_##name)
/* The first that holds is shown. */
#define FIRST(name) ALL(name, true), .first_holds = true

static const struct load_key keys[] = {
    {LOAD_FIELD(struct cause, blame, LOAD_WORD, true),
	.set = "none|client|network|server|account|policy"},
    {LOAD_FIELD(struct cause, confidence, LOAD_WORD, true),
	.set = "certain|likely|possible"},
    {FIRST(title)},
    {FIRST(meaning)},
    {ALL(why, false)},
    {ALL(remedy, true)},
    {ALL(prevent, false)},
    {FIRST(fixed_by), .set = "you|admin|provider|network"},
    {.key = NULL},
};

bool
load_causes(struct load *l, const struct yaml *y)
{
	struct knowledge *k = l->k;

	if (!load_is_map(l, y, "causes"))
		return false;
	for (size_t i = 0; i < y->n; i++) {
		struct cause *c =
		    MEM_PUSH(&k->causes, &k->n_causes, &k->cap_causes);

		c->id = mem_dup(y->keys[i]->text);
		if (!load_map(l, y->items[i], "a cause", keys, c))
			return false;
	}
	return true;
}

static void
texts_done(struct text_when *v, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		mem_free(v[i].text);
		when_free(v[i].when);
	}
	mem_free(v);
}

void
cause_done(struct cause *c)
{
	mem_free(c->id);
	mem_free(c->blame);
	mem_free(c->confidence);
	texts_done(c->title, c->n_title);
	texts_done(c->meaning, c->n_meaning);
	texts_done(c->remedy, c->n_remedy);
	texts_done(c->prevent, c->n_prevent);
	texts_done(c->fixed_by, c->n_fixed_by);
	texts_done(c->why, c->n_why);
}
