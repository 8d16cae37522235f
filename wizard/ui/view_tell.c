/* SPDX-License-Identifier: ISC
 *
 * A text to read, or something to do by hand; the tests go on below it.
 */
#include "view.h"

void
view_tell(struct view *v, struct canvas *c)
{
	const struct engine *e = session_engine(v->s);
	struct canvas page;
	struct doc d = {0};

	say_node(e, &d);
	doc_blank(&d);
	say_discloses(e, &d);
	doc_blank(&d);
	if (engine_node(e)->kind == NODE_MANUAL)
		doc_add(&d, DOC_TEXT, NULL, "Press Enter when it is done.");
	else
		doc_add(&d, DOC_TEXT, NULL, "Press Enter to go on.");
	canvas_init_page(&page, c->columns - 1);
	int row = doc_draw(&d, &page, 0);
	canvas_cursor(&page, row - 1, 1);
	if (engine_jobs(e))
		(void)view_panel(v->s, &page, row + 1, c->rows - row - 1);
	view_scroll(
	    v, c, 0, page.rows > c->rows ? c->rows - 1 : c->rows, &page);
	canvas_done(&page);
	doc_done(&d);
}
