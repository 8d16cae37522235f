/* SPDX-License-Identifier: ISC
 *
 * The steps of the question, and what keys do in each. "No" has the focus
 * first, and Esc never signs in.
 */
#include "consent_form.h"

#include "../../probes/base/mem.h"

static void
set_complaint(struct consent_form *f, const char *text)
{
	mem_free(f->complaint);
	f->complaint = mem_dup(text);
}

static void
drop_typed(struct consent_form *f)
{
	secret_free(f->typed);
	f->typed = NULL;
	strs_done(&f->odd);
}

void
consent_form_done(struct consent_form *f)
{
	drop_typed(f);
	secret_edit_done(&f->edit);
	consent_done(&f->consent);
	mem_free(f->complaint);
	*f = (struct consent_form){0};
}

size_t
consent_form_items(const struct consent_form *f, const struct session *s,
    enum consent_item out[CONSENT_ITEMS_MAX])
{
	size_t n = 0;

	switch (f->page) {
	case CONSENT_CLOSED:
	case CONSENT_TYPE:
		break;
	case CONSENT_ASK:
		out[n++] = ITEM_YES;
		if (f->consent.effect == PROBE_LOGS_IN &&
		    (session_secret(s) || session_can_read_secret(s)))
			out[n++] = ITEM_OTHER;
		out[n++] = ITEM_NO;
		break;
	case CONSENT_ODD:
		out[n++] = ITEM_RETYPE;
		out[n++] = ITEM_GO_ON;
		break;
	}
	return n;
}

const char *
consent_form_label(const struct consent_form *f, const struct session *s,
    enum consent_item item)
{
	switch (item) {
	case ITEM_YES:
		return yes_words(&f->consent, session_secret(s) != NULL);
	case ITEM_OTHER:
		return "Yes, with another password or token";
	case ITEM_NO:
		return "No";
	case ITEM_GO_ON:
		return "Go on with it";
	case ITEM_RETYPE:
		return "Type it again";
	}
	return "";
}

static void
open_ask(struct consent_form *f, const struct session *s)
{
	enum consent_item items[CONSENT_ITEMS_MAX];

	f->page = CONSENT_ASK;
	f->chosen = consent_form_items(f, s, items) - 1;
}

void
consent_form_type(struct consent_form *f, const char *complaint)
{
	drop_typed(f);
	secret_edit_clear(&f->edit);
	f->page = CONSENT_TYPE;
	f->in_kind = false;
	set_complaint(f, complaint);
}

void
consent_form_sync(struct consent_form *f, const struct session *s)
{
	const struct engine *e = session_engine(s);
	bool is_asked = engine_state(e) == ENGINE_CONSENT;

	if (!is_asked && f->page != CONSENT_CLOSED)
		consent_form_done(f);
	if (!is_asked || f->page != CONSENT_CLOSED)
		return;
	engine_consent(e, &f->consent);
	f->is_token = str_eq(session_setup_of(s)->secret_kind, "token") ||
		      str_eq(engine_fact(e, "app.auth"), "oauth2");
	open_ask(f, s);
}

bool
consent_form_in_text(const struct consent_form *f)
{
	return f->page == CONSENT_TYPE && !f->in_kind;
}

/* ---- keys ------------------------------------------------------------- */

static enum consent_want
use_typed(struct consent_form *f, struct session *s)
{
	session_set_secret(s, f->is_token ? "token" : "password", f->typed);
	f->typed = NULL;
	return CONSENT_AGREE;
}

static enum consent_want
take_typed(struct consent_form *f, struct session *s)
{
	struct err err = {0};

	if (!secret_edit_take(&f->edit, f->is_token, &f->typed, &err)) {
		set_complaint(f, err.msg);
		return CONSENT_WAIT;
	}
	odd_ids(f->typed, f->is_token, &f->odd);
	if (!f->odd.n)
		return use_typed(f, s);
	f->page = CONSENT_ODD;
	f->chosen = 0;
	return CONSENT_WAIT;
}

static enum consent_want
agree(struct consent_form *f, struct session *s)
{
	if (session_secret(s))
		return CONSENT_AGREE;
	if (session_can_read_secret(s))
		return CONSENT_READ;
	consent_form_type(f, NULL);
	return CONSENT_WAIT;
}

static enum consent_want
take_item(struct consent_form *f, struct session *s, enum consent_item item)
{
	switch (item) {
	case ITEM_YES:
		return agree(f, s);
	case ITEM_OTHER:
	case ITEM_RETYPE:
		consent_form_type(f, NULL);
		return CONSENT_WAIT;
	case ITEM_GO_ON:
		return use_typed(f, s);
	case ITEM_NO:
		return CONSENT_REFUSE;
	}
	return CONSENT_WAIT;
}

static enum consent_want
item_key(struct consent_form *f, struct session *s, enum command command,
    const struct input *in)
{
	enum consent_item items[CONSENT_ITEMS_MAX];
	size_t n = consent_form_items(f, s, items);
	char digit = in->press == PRESS_TEXT && !in->text[1] ? in->text[0] : 0;

	if (f->chosen >= n)
		f->chosen = n - 1;
	if (command == DO_NEXT)
		return take_item(f, s, items[f->chosen]);
	if (command == DO_BACK && f->page == CONSENT_ASK)
		return CONSENT_REFUSE;
	if (command == DO_BACK)
		consent_form_type(f, NULL);
	else if (command == DO_UP || command == DO_FIELD_BEFORE)
		f->chosen = f->chosen ? f->chosen - 1 : n - 1;
	else if (command == DO_DOWN || command == DO_FIELD_NEXT)
		f->chosen = (f->chosen + 1) % n;
	else if (digit >= '1' && (size_t)(digit - '1') < n)
		f->chosen = (size_t)(digit - '1');
	return CONSENT_WAIT;
}

static void
kind_key(struct consent_form *f, const struct input *in)
{
	bool is_pick = in->press == PRESS_LEFT || in->press == PRESS_RIGHT ||
		       (in->press == PRESS_TEXT && in->text[0] == ' ');

	if (is_pick)
		f->is_token = !f->is_token;
	else if (in->press == PRESS_TEXT &&
		 (in->text[0] == '1' || in->text[0] == '2'))
		f->is_token = in->text[0] == '2';
}

static enum consent_want
type_key(struct consent_form *f, struct session *s, enum command command,
    const struct input *in)
{
	bool is_move = command == DO_UP || command == DO_DOWN ||
		       command == DO_FIELD_NEXT || command == DO_FIELD_BEFORE;

	set_complaint(f, NULL);
	if (command == DO_BACK) {
		secret_edit_clear(&f->edit);
		open_ask(f, s);
	} else if (is_move) {
		f->in_kind = !f->in_kind;
	} else if (command == DO_NEXT && f->in_kind) {
		f->in_kind = false;
	} else if (command == DO_NEXT) {
		return take_typed(f, s);
	} else if (f->in_kind) {
		kind_key(f, in);
	} else {
		(void)secret_edit_key(&f->edit, in);
	}
	return CONSENT_WAIT;
}

enum consent_want
consent_form_handle(struct consent_form *f, struct session *s,
    enum command command, const struct input *in)
{
	switch (f->page) {
	case CONSENT_CLOSED:
		break;
	case CONSENT_ASK:
	case CONSENT_ODD:
		return item_key(f, s, command, in);
	case CONSENT_TYPE:
		return type_key(f, s, command, in);
	}
	return CONSENT_WAIT;
}
