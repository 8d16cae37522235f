/* SPDX-License-Identifier: ISC
 *
 * Pages that explain: the keys, why a question is asked, where to click.
 */
#include "view.h"

void
view_help(struct view *v, struct canvas *c)
{
	struct doc d = {0};

	doc_add(&d, DOC_HEAD, NULL, "Keys");
	for (const struct key *k = keys_table; k->name; k++) {
		if (k->help)
			doc_add(&d, DOC_LABEL, k->name, k->help);
	}
	doc_add(&d, DOC_LABEL, "1 to 9", "pick from a numbered list");
	doc_add(&d, DOC_TEXT, NULL,
	    "In a text field: Home, End, Left, Right, Delete; Ctrl-U empties "
	    "it to the left, Ctrl-W takes a word away.");
	view_doc(v, c, &d);
}

void
view_why(struct view *v, struct canvas *c)
{
	struct doc d = {0};

	say_why(session_engine(v->s), &d);
	view_doc(v, c, &d);
}

void
view_where(struct view *v, struct canvas *c)
{
	struct doc d = {0};

	say_where(v->s, &d);
	view_doc(v, c, &d);
}
