/* SPDX-License-Identifier: ISC
 *
 * clients.yaml: where things stand in mail programs: the clicks that enter
 * the recommended settings, and those that set an account up anew.
 */
#include "load.h"

#include <stddef.h>

#include "../../probes/base/mem.h"
#include "../playbook/when.h"

#define ALL(name, required_)                                    \
	LOAD_FIELD(struct client, name, LOAD_TEXTS, required_), \
	    .count = offsetof(struct client, n_##name)

static const struct load_key keys[] = {
    {LOAD_FIELD(struct client, id, LOAD_WORD, true),
	.set = "outlook-classic|outlook-new|outlook-mac|outlook-mobile|"
	       "thunderbird|apple-mail|other"},
    {LOAD_FIELD(struct client, name, LOAD_TEXT, true)},
    {ALL(steps, true)},
    {ALL(rebuild, true)},
    {LOAD_FIELD(struct client, source, LOAD_TEXT, true)},
    {LOAD_FIELD(struct client, checked, LOAD_DATE, true)},
    {.key = NULL},
};

bool
load_clients(struct load *l, const struct yaml *y)
{
	struct knowledge *k = l->k;

	if (!load_is_list(l, y, "clients"))
		return false;
	for (size_t i = 0; i < y->n; i++) {
		struct client *c =
		    MEM_PUSH(&k->clients, &k->n_clients, &k->cap_clients);

		if (!load_map(l, y->items[i], "a mail program", keys, c))
			return false;
	}
	return true;
}

const struct client *
knowledge_client(const struct knowledge *k, const char *id)
{
	for (size_t i = 0; i < k->n_clients; i++)
		if (str_eq(k->clients[i].id, id))
			return &k->clients[i];
	return NULL;
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
client_done(struct client *c)
{
	mem_free(c->id);
	mem_free(c->name);
	texts_done(c->steps, c->n_steps);
	texts_done(c->rebuild, c->n_rebuild);
	mem_free(c->source);
	mem_free(c->checked);
}
