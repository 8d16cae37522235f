/* SPDX-License-Identifier: ISC
 *
 * The screens. A view draws the state it is given on a canvas and changes
 * nothing but where it is scrolled to; screen.c decides which one is shown.
 */
#ifndef UI_VIEW_H
#define UI_VIEW_H

#include "canvas.h"
#include "consent_form.h"
#include "form.h"
#include "session.h"

#define VIEW_MIN_ROWS 15
#define VIEW_MIN_COLUMNS 60

/* What is shown in place of the walk, until Esc. */
enum page {
	PAGE_NONE,
	PAGE_HELP,
	PAGE_WHY,
	PAGE_DETAILS,
	PAGE_WAY,
	PAGE_WHERE,
};

struct view {
	struct session *s; /* borrowed */
	struct form form;
	struct consent_form consent;
	size_t action; /* at the result: the one with the focus */
	enum page page;
	int scroll; /* first row shown of what scrolls */
	bool by_hand; /* scrolled with PgUp/PgDn: the focus may be out */
	int shown_rows; /* height of what scrolls, as drawn last */
	char *message; /* owned or NULL: in place of the keys */
};

/* The whole screen: frame and the view that the state calls for. */
void view_draw(struct view *v, struct canvas *c);

/* Bodies; each draws on a canvas of the size it may use. */
void view_ask(struct view *v, struct canvas *c);
void view_tell(struct view *v, struct canvas *c);
void view_consent(struct view *v, struct canvas *c);
void view_probe(struct view *v, struct canvas *c);
void view_verdict(struct view *v, struct canvas *c);
void view_details(struct view *v, struct canvas *c);
void view_way(struct view *v, struct canvas *c);
void view_why(struct view *v, struct canvas *c);
void view_where(struct view *v, struct canvas *c);
void view_help(struct view *v, struct canvas *c);

/* The tests so far, with the table of ports; gives the row after it. Names
 * that are fine are left out where it would take more than `most` rows. */
int view_panel(const struct session *s, struct canvas *c, int row, int most);

/* Shows a page that may be longer than its place, rows [row, row + rows),
 * scrolled so that its mark is seen; says how much is hidden. */
void view_scroll(struct view *v, struct canvas *c, int row, int rows,
    const struct canvas *page);
/* The same for a document over the whole canvas. Frees it. */
void view_doc(struct view *v, struct canvas *c, struct doc *d);

#endif
