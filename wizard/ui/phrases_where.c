/* SPDX-License-Identifier: ISC
 *
 * The clicks in the user's own mail program, as a numbered list to work
 * through: to the recommended settings or, where these are right, to a new
 * profile. Both end in a test.
 */
#include "phrases.h"

#include <stdio.h>

#include "../../probes/base/mem.h"

static bool
is_rebuild(const struct engine *e)
{
	const struct verdict *v = engine_verdict(e);

	return v && str_eq(v->cause, "profile-rebuild");
}

static void
steps_of(const struct engine *e, struct strs *steps)
{
	if (is_rebuild(e))
		engine_rebuild_steps(e, steps);
	else if (engine_must_change_any(e))
		engine_click_steps(e, steps);
}

bool
say_clicks(const struct engine *e, struct doc *d)
{
	struct strs steps = {0};
	bool found;

	steps_of(e, &steps);
	found = steps.n > 0;
	if (found && d) {
		doc_addf(d, DOC_HEAD, NULL, "%s %s",
		    is_rebuild(e) ? "A new profile in" : "Where to click in",
		    engine_app_name(e));
		doc_blank(d);
	}
	for (size_t i = 0; d && i < steps.n; i++) {
		char number[32];

		snprintf(number, sizeof(number), "%zu.", i + 1);
		doc_add(d, DOC_STEP, number, steps.v[i]);
	}
	if (found && d) {
		doc_blank(d);
		doc_addf(d, DOC_TEXT, NULL, "When you are through: %s.",
		    is_rebuild(e) ? "\"Test again\""
				  : "\"I changed it: test again\"");
	}
	strs_done(&steps);
	return found;
}

const char *
clicks_label(const struct engine *e)
{
	return is_rebuild(e) ? "Show me how to make a new profile"
			     : "Show me where to click";
}
