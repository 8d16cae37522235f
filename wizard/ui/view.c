/* SPDX-License-Identifier: ISC
 *
 * The frame around every view: where I am, the keys, one line of news; and
 * scrolling.
 */
#include "view.h"

#include <stdio.h>
#include <string.h>

#include "../../probes/base/buf.h"
#include "../../probes/base/mem.h"

static void
draw_head(struct view *v, struct canvas *c)
{
	const struct engine *e = session_engine(v->s);
	const char *trouble = session_trouble(v->s);
	char *step = step_text(e);
	int width = str_width(step);
	int right = c->columns - 1 - width;

	canvas_put(c, 0, 1, LOOK_BAR, "smtpwiz");
	canvas_put_to(
	    c, 0, 10, right - 1, LOOK_PLAIN, engine_playbook(e)->title);
	canvas_put(c, 0, right > 10 ? right : 10, LOOK_PLAIN, step);
	for (int x = 1; x < c->columns - 1; x++)
		canvas_put(c, 1, x, LOOK_DIM, "-");
	if (trouble)
		canvas_put(c, 1, 1, LOOK_BAD, trouble);
	mem_free(step);
}

/* The label of a key depends on what it does just now. */
static const char *
key_label(const struct view *v, const struct key *k)
{
	enum engine_state state = engine_state(session_engine(v->s));

	if (v->page != PAGE_NONE)
		return k->command == DO_BACK   ? "back to where you were"
		       : k->command == DO_HELP ? k->label
					       : NULL;
	if (k->command == DO_NEXT && state == ENGINE_PROBING)
		return NULL;
	if (k->command == DO_NEXT && state == ENGINE_DONE)
		return "do it";
	if (k->command == DO_WHY && state != ENGINE_ASKING)
		return NULL;
	if (k->command == DO_LOGIN)
		return can_ask_login(session_engine(v->s)) ? k->label : NULL;
	if (k->command == DO_BACK && v->consent.page == CONSENT_ASK)
		return "no";
	if (k->command == DO_BACK && v->consent.page != CONSENT_CLOSED)
		return k->label;
	if (k->command == DO_STOP && state == ENGINE_DONE)
		return "end";
	if (k->command == DO_STOP && state == ENGINE_ASKING)
		return "stop (keeps your answers)";
	if (k->command == DO_BACK && !engine_can_go_back(session_engine(v->s)))
		return NULL;
	return k->label;
}

static int
key_width(const struct key *k, const char *label)
{
	return str_width(k->name) + 1 + str_width(label) + 2;
}

/* Every key that fits; the last one, stop, always does. */
static void
draw_keys(struct view *v, struct canvas *c)
{
	const struct key *stop = keys_for(DO_STOP);
	int room = c->columns -
		   (key_label(v, stop) ? key_width(stop, stop->label) : 0);
	int column = 1;

	for (const struct key *k = keys_table; k->name; k++) {
		const char *label = key_label(v, k);
		if (!label)
			continue;
		if (k == stop) {
			room = c->columns + 1;
			if (column + key_width(k, label) > room)
				label = k->label;
		}
		if (column + key_width(k, label) > room)
			continue;
		column = canvas_put(c, c->rows - 1, column, LOOK_BOLD, k->name);
		column =
		    canvas_put(c, c->rows - 1, column + 1, LOOK_PLAIN, label) +
		    2;
	}
}

/* News take the place of the keys until the next key. */
static bool
draw_message(struct view *v, struct canvas *c)
{
	const char *text = v->message;

	if (text)
		canvas_put(c, c->rows - 1, 1, LOOK_BOLD, text);
	return text != NULL;
}

static void
draw_too_small(struct canvas *c)
{
	int row = canvas_wrap(c, 0, 0, 0, LOOK_PLAIN,
	    "This window is too small for smtpwiz. Please make it 60 columns "
	    "by 15 rows or larger; nothing is lost.");

	canvas_wrap(c, row, 0, 0, LOOK_PLAIN, "Ctrl-Q stops.");
}

static void
draw_body(struct view *v, struct canvas *c)
{
	switch (v->page) {
	case PAGE_NONE:
		break;
	case PAGE_HELP:
		view_help(v, c);
		return;
	case PAGE_WHY:
		view_why(v, c);
		return;
	case PAGE_DETAILS:
		view_details(v, c);
		return;
	case PAGE_WAY:
		view_way(v, c);
		return;
	case PAGE_WHERE:
		view_where(v, c);
		return;
	}
	switch (engine_state(session_engine(v->s))) {
	case ENGINE_NEW:
		return;
	case ENGINE_CONSENT:
		view_consent(v, c);
		return;
	case ENGINE_ASKING:
		view_ask(v, c);
		return;
	case ENGINE_READING:
		view_tell(v, c);
		return;
	case ENGINE_PROBING:
		view_probe(v, c);
		return;
	case ENGINE_DONE:
		view_verdict(v, c);
		return;
	}
}

void
view_draw(struct view *v, struct canvas *c)
{
	struct canvas body;

	if (c->rows < VIEW_MIN_ROWS || c->columns < VIEW_MIN_COLUMNS) {
		draw_too_small(c);
		return;
	}
	draw_head(v, c);
	canvas_init(&body, c->rows - 3, c->columns);
	draw_body(v, &body);
	canvas_copy(c, 2, &body, 0, body.rows);
	canvas_done(&body);
	if (!draw_message(v, c))
		draw_keys(v, c);
}

/* ---- scrolling -------------------------------------------------------- */

static void
keep_mark_seen(struct view *v, int rows, const struct canvas *page)
{
	int top = page->mark_row, end = top + page->mark_rows;

	if (v->by_hand || top < 0)
		return;
	if (end > v->scroll + rows)
		v->scroll = end - rows;
	if (top < v->scroll)
		v->scroll = top;
}

void
view_scroll(struct view *v, struct canvas *c, int row, int rows,
    const struct canvas *page)
{
	int most = page->rows > rows ? page->rows - rows : 0;

	if (v->scroll == 0 && most > 0 && page->mark_row >= 0 &&
	    page->mark_row + page->mark_rows <= rows)
		v->by_hand = v->by_hand && v->scroll;
	keep_mark_seen(v, rows, page);
	if (v->scroll > most)
		v->scroll = most;
	if (v->scroll < 0)
		v->scroll = 0;
	v->shown_rows = rows;
	canvas_copy(c, row, page, v->scroll, rows);
	if (!most)
		return;
	char text[64];
	int below = most - v->scroll;
	snprintf(text, sizeof(text), "%s%d more line%s%s", below ? "" : "end; ",
	    below ? below : v->scroll,
	    (below ? below : v->scroll) == 1 ? "" : "s",
	    below ? " below: PgDn" : " above: PgUp");
	canvas_put(
	    c, row + rows, c->columns - 1 - str_width(text), LOOK_BOLD, text);
}

void
view_doc(struct view *v, struct canvas *c, struct doc *d)
{
	struct canvas page;

	canvas_init_page(&page, c->columns - 1);
	(void)doc_draw(d, &page, 0);
	view_scroll(
	    v, c, 0, page.rows > c->rows ? c->rows - 1 : c->rows, &page);
	canvas_done(&page);
	doc_done(d);
}
