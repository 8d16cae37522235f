/* SPDX-License-Identifier: ISC
 *
 * Waiting for tests: what runs, for how long, what has come back.
 */
#include "view.h"

#include "../../probes/base/mem.h"

void
view_probe(struct view *v, struct canvas *c)
{
	const struct engine *e = session_engine(v->s);
	size_t running = engine_jobs_running(e);
	struct canvas page;

	canvas_init_page(&page, c->columns - 1);
	char *text = mem_printf(
	    "Testing from this computer: %zu still running.", running);
	canvas_put(&page, 0, 1, LOOK_BOLD, text);
	canvas_put(&page, 1, 1, LOOK_PLAIN,
	    "Nothing is sent, nobody signs in. Esc goes back, Ctrl-Q stops.");
	mem_free(text);
	(void)view_panel(v->s, &page, 3, c->rows - 3);
	canvas_cursor(&page, 0, 1);
	view_scroll(
	    v, c, 0, page.rows > c->rows ? c->rows - 1 : c->rows, &page);
	canvas_done(&page);
}
