/* SPDX-License-Identifier: ISC
 *
 * The live panel: names first, then a row per port with what was seen there.
 */
#include "view.h"

#include <stdio.h>

#include "../../probes/base/mem.h"
#include "../../probes/base/str.h"

#define PANEL_CELLS 5

struct panel { /* where its columns are */
	int subject_end;
	int cell_width;
};

static struct panel
measure(const struct canvas *c)
{
	struct panel p = {.cell_width = c->columns >= 76 ? 11 : 9};

	p.subject_end = c->columns - PANEL_CELLS * p.cell_width;
	if (p.subject_end > 46)
		p.subject_end = 46;
	return p;
}

static void
draw_item(struct canvas *c, int row, const struct item *item)
{
	int mark = c->columns >= 76 ? 58 : c->columns - 18;
	int text = c->columns >= 76 ? 26 : 20;
	char *ms = ms_text(item->ms);

	canvas_put_to(c, row, 3, text - 1, LOOK_PLAIN, item->subject);
	int end = canvas_put_to(c, row, text, mark - 1, LOOK_PLAIN, item->text);
	(void)end;
	canvas_put(c, row, mark, mark_look(item->mark),
	    item->mark == MARK_WAIT ? "waiting" : mark_word(item->mark));
	canvas_put(c, row, mark + 9, LOOK_PLAIN, ms);
	mem_free(ms);
}

static void
draw_cell(struct canvas *c, int row, int column, int width,
    const struct cell *cell, const char *waiting)
{
	static const enum look looks[] = {
	    LOOK_DIM, LOOK_WAIT, LOOK_GOOD, LOOK_BAD, LOOK_DIM};
	static const char *const words[] = {"-", "waiting", "yes", "NO", "-"};
	const char *text = *cell->text ? cell->text : words[cell->state];

	if (cell->state == CELL_WAIT && waiting)
		text = waiting;
	canvas_put_to(
	    c, row, column, column + width - 1, looks[cell->state], text);
}

static void
draw_row(const struct session *s, struct canvas *c, int row,
    const struct panel *p, const struct matrix_row *r)
{
	const struct cell *cells[PANEL_CELLS] = {
	    &r->reached, &r->mail, &r->encrypted, &r->genuine, &r->sign_in};
	int waited = port_waiting_ms(s, r);
	char *subject = mem_printf("%c port %-5d%s", r->is_mine ? '*' : ' ',
	    r->port, r->is_mine ? mine_word(session_engine(s)) : "");
	bool first = true;

	canvas_put_to(c, row, 1, p->subject_end - 1,
	    r->is_mine ? LOOK_BOLD : LOOK_PLAIN, subject);
	for (int i = 0; i < PANEL_CELLS; i++) {
		bool waits = cells[i]->state == CELL_WAIT;
		char *text =
		    waits && first && waited >= 0
			? mem_printf("wait %d.%d%s", waited / 1000,
			      waited / 100 % 10, p->cell_width > 9 ? " s" : "s")
			: mem_dup(waits ? "..." : NULL);
		draw_cell(c, row, p->subject_end + i * p->cell_width,
		    p->cell_width, cells[i], text);
		first = first && !waits;
		mem_free(text);
	}
	mem_free(subject);
}

static void
draw_head(struct canvas *c, int row, const struct panel *p, const char *host)
{
	const char *const heads[PANEL_CELLS] = {"reached", "mail",
	    p->cell_width > 9 ? "encrypted" : "encrypt.", "genuine", "sign-in"};

	canvas_put_to(c, row, 1, p->subject_end - 1, LOOK_BOLD, host);
	for (int i = 0; i < PANEL_CELLS; i++)
		canvas_put(c, row, p->subject_end + i * p->cell_width,
		    LOOK_BOLD, heads[i]);
}

static int
draw_matrix(const struct session *s, struct canvas *c, int row)
{
	struct matrix m = {0};
	struct panel p = measure(c);
	const char *host = NULL;

	engine_matrix(session_engine(s), &m);
	for (size_t i = 0; i < m.n; i++) {
		const struct matrix_row *r = &m.v[i];
		if (!host || !str_same(host, r->host))
			draw_head(c, row++, &p, r->host);
		host = r->host;
		draw_row(s, c, row++, &p, r);
	}
	for (size_t i = 0; i < m.n; i++) {
		if (!m.v[i].note)
			continue;
		char *text =
		    mem_printf("port %d: %s", m.v[i].port, m.v[i].note);
		row = canvas_wrap(c, row, 3, 5, LOOK_PLAIN, text);
		mem_free(text);
	}
	matrix_done(&m);
	return row;
}

static int
matrix_rows(const struct session *s)
{
	struct matrix m = {0};
	int rows = 0;

	engine_matrix(session_engine(s), &m);
	for (size_t i = 0; i < m.n; i++)
		rows += 1 + (i == 0 || !str_same(m.v[i].host, m.v[i - 1].host));
	matrix_done(&m);
	return rows;
}

int
view_panel(const struct session *s, struct canvas *c, int row, int most)
{
	struct items items = {0};
	int room = most - matrix_rows(s);

	items_names(s, &items);
	bool all = (int)items.n <= room;
	for (size_t i = 0; i < items.n; i++) {
		if (all || items.v[i].mark != MARK_OK)
			draw_item(c, row++, &items.v[i]);
	}
	items_done(&items);
	return draw_matrix(s, c, row);
}
