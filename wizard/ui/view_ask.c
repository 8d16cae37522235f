/* SPDX-License-Identifier: ISC
 *
 * A question: its form above, who will see what and the tests that already
 * run below. When both do not fit, the form scrolls over a short panel.
 */
#include "view.h"

/* Rows of tests that stay in view, whatever the form needs. */
static int
panel_min(const struct canvas *c)
{
	return c->rows * 3 / 10 + 1;
}

static void
draw_form(struct view *v, struct canvas *page, bool compact)
{
	const struct engine *e = session_engine(v->s);
	struct doc d = {0};
	bool one = v->form.n == 1 && !v->form.v[0].is_list;

	say_node(e, &d);
	int row = doc_draw(&d, page, 0);
	doc_done(&d);
	if (!compact || one)
		row++;
	(void)form_draw(&v->form, e, page, row, compact);
}

static int
draw_discloses(struct view *v, struct canvas *page)
{
	struct doc d = {0};

	say_discloses(session_engine(v->s), &d);
	int row = doc_draw(&d, page, 0);
	doc_done(&d);
	return row;
}

static void
draw_tests(struct view *v, struct canvas *page, int most)
{
	const struct engine *e = session_engine(v->s);

	if (!engine_jobs(e))
		return;
	canvas_put(page, 0, 1, LOOK_BOLD,
	    engine_fact(e, "login.result")
		? "Tested from this computer:"
		: "Tested from this computer (nothing is sent, no sign-in):");
	(void)view_panel(v->s, page, 1, most - 1);
}

/* Heights of the parts below the form, blank lines between them. */
struct below {
	int told, tests;
};

static int
below_rows(const struct below *b)
{
	return b->told + (b->told ? 1 : 0) + b->tests + (b->tests ? 1 : 0);
}

/* An empty page of the same width. */
static void
again(struct canvas *page)
{
	int columns = page->columns;

	canvas_done(page);
	canvas_init_page(page, columns);
}

void
view_ask(struct view *v, struct canvas *c)
{
	struct canvas form, told, tests;
	struct below below;

	canvas_init_page(&told, c->columns - 1);
	canvas_init_page(&tests, c->columns - 1);
	canvas_init_page(&form, c->columns - 1);
	below.told = draw_discloses(v, &told);
	draw_form(v, &form, false);
	draw_tests(v, &tests, c->rows);
	below.tests = tests.rows;
	if (form.rows + below_rows(&below) > c->rows) {
		again(&form);
		draw_form(v, &form, true);
		int most =
		    c->rows - form.rows - below_rows(&below) + below.tests;
		most = most > panel_min(c) ? most : panel_min(c);
		again(&tests);
		draw_tests(v, &tests, most);
		below.tests = tests.rows < most ? tests.rows : most;
	}
	int room = c->rows - below_rows(&below);
	int rows = form.rows < room ? form.rows : room;
	view_scroll(v, c, 0, rows, &form);
	int row = rows + 1;
	canvas_copy(c, row, &told, 0, below.told);
	row += below.told ? below.told + 1 : 0;
	canvas_copy(c, row, &tests, 0, below.tests);
	canvas_done(&form);
	canvas_done(&told);
	canvas_done(&tests);
}
