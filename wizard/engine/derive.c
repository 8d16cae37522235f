/* SPDX-License-Identifier: ISC
 *
 * Everything that follows from answers, data and results, in order.
 */
#include "derive.h"

const char *
given(const struct engine *e, const char *name)
{
	const char *value = fact_value(e, name);

	return value && *value && !str_eq(value, "unknown") ? value : NULL;
}

void
put_summary(struct engine *e, const char *name, const char *value)
{
	fact_put(e, name, value, FROM_DERIVED, BY);
}

void
put_data(struct engine *e, const char *name, const char *value)
{
	fact_put(e, name, value, FROM_PROVIDER, "providers.yaml");
}

static void
derive_error(struct engine *e)
{
	const char *text = given(e, "app.error");
	const struct error_text *t =
	    text ? knowledge_error(e->setup.knowledge, text) : NULL;

	if (!text) {
		put_summary(e, "app.error_class",
		    fact_value(e, "app.error") ? "none" : "unknown");
		return;
	}
	put_summary(e, "app.error_class", t ? t->class : "other");
	if (t)
		put_summary(e, "error.meaning", t->meaning);
}

void
derive_all(struct engine *e)
{
	const struct provider *p;

	facts_forget_derived(e);
	fact_putf(e, "timeout.seconds", FROM_DERIVED, BY, "%g",
	    (double)e->setup.timeout_ms / 1000.0);
	derive_error(e);
	p = derive_provider(e);
	derive_setting(e, p);
	derive_names(e);
	derive_targets(e);
	derive_clock(e);
	derive_matrix(e);
	derive_login(e);
}
