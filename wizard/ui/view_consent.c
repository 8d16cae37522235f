/* SPDX-License-Identifier: ISC
 *
 * The question before a sign-in, and the field for the password. What is
 * typed is no part of any canvas.
 */
#include "view.h"

static int
draw_items(struct view *v, struct canvas *page, int row)
{
	const struct consent_form *f = &v->consent;
	enum consent_item items[CONSENT_ITEMS_MAX];
	struct choose_item list[CONSENT_ITEMS_MAX];
	size_t n = consent_form_items(f, v->s, items);

	for (size_t i = 0; i < n; i++)
		list[i] = (struct choose_item){
		    .label = consent_form_label(f, v->s, items[i])};
	return choose_draw_list(list, n, f->chosen, page, row, 1, true);
}

static int
draw_ask(struct view *v, struct canvas *page)
{
	struct doc d = {0};

	say_consent(v->s, &v->consent.consent, &d);
	int row = doc_draw(&d, page, 0) + 1;
	doc_done(&d);
	return draw_items(v, page, row);
}

static int
draw_odd(struct view *v, struct canvas *page)
{
	struct doc d = {0};

	say_oddities(&v->consent.odd, v->consent.is_token, &d);
	doc_blank(&d);
	say_login_target(session_engine(v->s), &d);
	int row = doc_draw(&d, page, 0) + 1;
	doc_done(&d);
	return draw_items(v, page, row);
}

#define TYPE_COLUMN 17

static int
draw_type(struct view *v, struct canvas *page)
{
	static const struct choose_item kinds[] = {
	    {.label = "Password"}, {.label = "Token (OAuth2)"}};
	const struct consent_form *f = &v->consent;
	struct doc d = {0};

	doc_add(&d, DOC_HEAD, NULL, "What is the sign-in tested with?");
	doc_blank(&d);
	say_login_target(session_engine(v->s), &d);
	int row = doc_draw(&d, page, 0) + 1;
	doc_done(&d);
	canvas_put(page, row, 1, LOOK_PLAIN, f->in_kind ? ">" : " ");
	canvas_put(page, row, 3, LOOK_PLAIN, "Sign in with");
	row = choose_draw_line(
	    kinds, 2, f->is_token ? 1 : 0, page, row, TYPE_COLUMN, f->in_kind);
	canvas_put(page, row, 1, LOOK_PLAIN, f->in_kind ? " " : ">");
	canvas_put(
	    page, row, 3, LOOK_PLAIN, f->is_token ? "Token" : "Password");
	row = secret_edit_draw(&f->edit, page, row, TYPE_COLUMN, !f->in_kind);
	if (f->complaint)
		row = canvas_wrap(page, row, TYPE_COLUMN, TYPE_COLUMN, LOOK_BAD,
		    f->complaint);
	row = canvas_wrap(page, row + 1, 1, 1, LOOK_PLAIN,
	    "Nothing of it is shown while you type or paste, not even how "
	    "long it is. Ctrl-U empties the field. It is not stored.");
	return canvas_wrap(page, row + 1, 1, 1, LOOK_PLAIN,
	    "Enter signs in once. Esc goes back without.");
}

void
view_consent(struct view *v, struct canvas *c)
{
	struct canvas page;

	canvas_init_page(&page, c->columns - 1);
	switch (v->consent.page) {
	case CONSENT_CLOSED:
		break;
	case CONSENT_ASK:
		(void)draw_ask(v, &page);
		break;
	case CONSENT_TYPE:
		(void)draw_type(v, &page);
		break;
	case CONSENT_ODD:
		(void)draw_odd(v, &page);
		break;
	}
	view_scroll(
	    v, c, 0, page.rows > c->rows ? c->rows - 1 : c->rows, &page);
	canvas_done(&page);
}
