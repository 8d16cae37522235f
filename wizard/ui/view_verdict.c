/* SPDX-License-Identifier: ISC
 *
 * The result: the verdict above, which scrolls, and what can be done next
 * below, which is always in view.
 */
#include "view.h"

#include "../../probes/base/mem.h"

static void
draw_action(struct canvas *c, int row, int column, size_t number,
    const struct action_item *item, bool focus)
{
	char *text =
	    mem_printf("%c %zu  %s", focus ? '>' : ' ', number, item->label);

	canvas_put(c, row, column, focus ? LOOK_BOLD : LOOK_PLAIN, text);
	if (focus)
		canvas_cursor(c, row, column);
	mem_free(text);
}

void
view_verdict(struct view *v, struct canvas *c)
{
	struct action_item list[ACTIONS_MAX];
	size_t n = actions(session_engine(v->s), list);
	int per_column = (int)(n + 1) / 2;
	int top = c->rows - per_column;
	struct canvas page;
	struct doc d = {0};

	say_verdict(v->s, &d);
	canvas_init_page(&page, c->columns - 1);
	(void)doc_draw(&d, &page, 0);
	view_scroll(v, c, 0, top - 1, &page);
	for (int i = 0; i < (int)n; i++)
		draw_action(c, top + i % per_column,
		    i < per_column ? 1 : c->columns / 2, (size_t)i + 1,
		    &list[i], (size_t)i == v->action);
	canvas_done(&page);
	doc_done(&d);
}
