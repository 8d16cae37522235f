/* SPDX-License-Identifier: ISC
 *
 * discovery.yaml: public databases of mail settings.
 */
#include "load.h"

#include <stddef.h>
#include <string.h>

#include "../../probes/base/mem.h"

static const struct load_key keys[] = {
    {LOAD_FIELD(struct database, name, LOAD_TEXT, true)},
    {LOAD_FIELD(struct database, url, LOAD_TEXT, true)},
    {LOAD_FIELD(struct database, source, LOAD_TEXT, true)},
    {LOAD_FIELD(struct database, checked, LOAD_DATE, true)},
    {.key = NULL},
};

bool
load_databases(struct load *l, const struct yaml *y)
{
	struct knowledge *k = l->k;

	if (!load_is_list(l, y, "databases"))
		return false;
	for (size_t i = 0; i < y->n; i++) {
		struct database *d =
		    MEM_PUSH(&k->databases, &k->n_databases, &k->cap_databases);

		if (!load_map(l, y->items[i], "a database", keys, d))
			return false;
		if (!str_starts(d->url, "https://") || strchr(d->url, ' '))
			return load_bad(l, y->items[i],
			    "\"%.80s\" is no https URL; write one to which "
			    "the domain can be added",
			    d->url);
	}
	return true;
}

void
databases_done(struct knowledge *k)
{
	for (size_t i = 0; i < k->n_databases; i++) {
		mem_free(k->databases[i].name);
		mem_free(k->databases[i].url);
		mem_free(k->databases[i].source);
		mem_free(k->databases[i].checked);
	}
	mem_free(k->databases);
}
