/* SPDX-License-Identifier: ISC
 *
 * The evidence: every job with its exact transcript.
 */
#include "view.h"

void
view_details(struct view *v, struct canvas *c)
{
	struct doc d = {0};

	say_details(v->s, &d);
	view_doc(v, c, &d);
}
