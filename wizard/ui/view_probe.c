/* SPDX-License-Identifier: ISC
 *
 * Waiting for tests: what runs, for how long, what has come back.
 */
#include "view.h"

#include "../../probes/base/mem.h"

/* What happens while one waits is what was agreed to, and nothing else. */
static const char *
promise(const struct engine *e)
{
	for (size_t i = 0; i < engine_jobs(e); i++) {
		struct job_info j = engine_job(e, i);

		if (!j.result && j.probe->effect == PROBE_LOGS_IN)
			return "Signing in, as you agreed. Nothing is sent.";
		if (!j.result && j.probe->effect == PROBE_SENDS_MAIL)
			return "Sending the test message, as you agreed.";
	}
	if (engine_login_wanted(e))
		return "Nobody signs in before you have said yes to it.";
	return "Nothing is sent, nobody signs in. Esc goes back, Ctrl-Q "
	       "stops.";
}

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
	canvas_put(&page, 1, 1, LOOK_PLAIN, promise(e));
	mem_free(text);
	(void)view_panel(v->s, &page, 3, c->rows - 3);
	canvas_cursor(&page, 0, 1);
	view_scroll(
	    v, c, 0, page.rows > c->rows ? c->rows - 1 : c->rows, &page);
	canvas_done(&page);
}
