/* SPDX-License-Identifier: ISC
 *
 * The comparison of the app's settings with the recommended ones: which of
 * its lines is an advice to change something.
 */
#include "engine_in.h"

bool
engine_mine_works(const struct engine *e)
{
	return fact_is(e, "mine.passes", "yes");
}

const char *
engine_works_words(const struct engine *e)
{
	if (fact_is(e, "login.result", "refused"))
		return "Server, port and encryption need no change: only the "
		       "sign-in is refused.";
	if (fact_is(e, "send.result", "refused"))
		return "Nothing has to be changed here: your settings passed "
		       "every test, only the message is refused.";
	return "Nothing has to be changed: your settings passed every test.";
}

/* Causes that lie in how the app signs in, about which mine.passes says
 * nothing. */
static const char auth_causes[] =
    "wrong-auth-method|basic-auth-disabled|app-password-required";

bool
engine_must_change(const struct engine *e, const struct setting_change *c)
{
	if (!c->change || !engine_mine_works(e))
		return c->change;
	return str_eq(c->setting, "auth") && e->verdict &&
	       str_in_set(e->verdict->cause, auth_causes);
}

bool
engine_must_change_any(const struct engine *e)
{
	const struct verdict *v = engine_verdict(e);

	for (size_t i = 0; v && v->recommended.found && i < v->n_compare; i++)
		if (engine_must_change(e, &v->compare[i]))
			return true;
	return false;
}
