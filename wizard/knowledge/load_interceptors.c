/* SPDX-License-Identifier: ISC
 *
 * interceptors.yaml: products that open encrypted connections and show
 * certificates of their own, recognised by the issuer's name.
 */
#include "load.h"

#include <stddef.h>
#include <string.h>

#include "../../probes/base/mem.h"

static const struct load_key keys[] = {
    {LOAD_FIELD(struct interceptor, name, LOAD_TEXT, true)},
    {LOAD_FIELD(struct interceptor, kind, LOAD_WORD, true),
	.set = "antivirus|company-proxy|filter|developer"},
    {LOAD_FIELD(struct interceptor, issuers, LOAD_STRS, true)},
    {LOAD_FIELD(struct interceptor, advice, LOAD_TEXT, true)},
    {LOAD_FIELD(struct interceptor, source, LOAD_TEXT, true)},
    {LOAD_FIELD(struct interceptor, checked, LOAD_DATE, true)},
    {.key = NULL},
};

/* Shorter fragments turn up in names that have nothing to do with it. */
#define FRAGMENT_MIN 6

bool
load_interceptors(struct load *l, const struct yaml *y)
{
	struct knowledge *k = l->k;

	if (!load_is_list(l, y, "interceptors"))
		return false;
	for (size_t i = 0; i < y->n; i++) {
		struct interceptor *x = MEM_PUSH(
		    &k->interceptors, &k->n_interceptors, &k->cap_interceptors);

		if (!load_map(l, y->items[i], "an interceptor", keys, x))
			return false;
		for (size_t j = 0; j < x->issuers.n; j++)
			if (strlen(x->issuers.v[j]) < FRAGMENT_MIN)
				return load_bad(l, y->items[i],
				    "the issuer \"%s\" is too short, expected "
				    "%d characters or more, or it matches by "
				    "accident; write more of the name",
				    x->issuers.v[j], FRAGMENT_MIN);
	}
	return true;
}
