/* SPDX-License-Identifier: ISC
 *
 * The way taken: one line per question, test and decision.
 */
#include "view.h"

void
view_way(struct view *v, struct canvas *c)
{
	struct doc d = {0};

	say_way(v->s, &d);
	view_doc(v, c, &d);
}
