/* SPDX-License-Identifier: ISC
 *
 * From the recommendation to the user's own mail program: where to click,
 * how to set an account up anew, and what a server offered.
 */
#include "engine_in.h"

#include <string.h>

#include "../../probes/base/mem.h"
#include "../playbook/when.h"

static const struct client *
client_of(const struct engine *e)
{
	return knowledge_client(e->setup.knowledge, fact_value(e, "app.name"));
}

const char *
engine_app_name(const struct engine *e)
{
	const struct client *c = client_of(e);

	return c ? c->name : NULL;
}

/* Those that hold and of which everything is known, filled in. */
static void
add_steps(const struct engine *e, const struct text_when *t, size_t n,
    struct strs *out)
{
	for (size_t i = 0; i < n; i++) {
		if (t[i].when && !when_holds(t[i].when, fact_lookup, e))
			continue;
		if (facts_fill_all(e, t[i].text))
			strs_take(out, engine_fill(e, t[i].text));
	}
}

void
engine_click_steps(const struct engine *e, struct strs *out)
{
	const struct client *c = client_of(e);

	if (c && fact_is(e, "recommended.found", "yes"))
		add_steps(e, c->steps, c->n_steps, out);
}

void
engine_rebuild_steps(const struct engine *e, struct strs *out)
{
	const struct client *c = client_of(e);

	if (c)
		add_steps(e, c->rebuild, c->n_rebuild, out);
}

const char *
engine_mechs(const struct engine *e, const char *host, int port)
{
	for (size_t i = 0; i < e->n_jobs; i++) {
		const struct job *j = &e->jobs[i];
		const char *mechs = kvs_get(&j->result.facts, "port.mechs");
		struct probe_target t;

		if (!j->ended || j->stale || !mechs ||
		    !str_same(kvs_get(&j->params, "host"), host))
			continue;
		if (probe_target_parse(kvs_get(&j->params, "target"), &t) &&
		    t.port == port)
			return mechs;
	}
	return "";
}
