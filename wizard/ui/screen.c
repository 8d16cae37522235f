/* SPDX-License-Identifier: ISC
 *
 * The full-screen interface: takes keys, asks the views' handlers what they
 * mean, does it, draws.
 */
#include "ui.h"

#include <signal.h>
#include <string.h>

#include "../../probes/base/clock.h"
#include "../../probes/base/mem.h"
#include "loop.h"
#include "term.h"
#include "view.h"

#define SCREEN_DEAD_READS 100 /* ready without a key: the terminal is gone */

enum outcome { GO_ON, ENDED, INTERRUPTED };

struct screen {
	struct view view;
	struct session *s;
	struct loop_pace pace;
	int dead_reads;
};

bool
ui_screen_possible(void)
{
	return term_possible();
}

static struct engine *
engine(const struct screen *u)
{
	return session_engine(u->s);
}

/* ---- what is shown ---------------------------------------------------- */

static void
set_message(struct screen *u, char *text)
{
	mem_free(u->view.message);
	u->view.message = text;
}

static void
show_page(struct screen *u, enum page page)
{
	u->view.page = u->view.page == page ? PAGE_NONE : page;
	u->view.scroll = 0;
	u->view.by_hand = false;
}

/* After an event another screen may be there: from its top. */
static void
feed_done(struct screen *u)
{
	u->view.page = PAGE_NONE;
	u->view.scroll = 0;
	u->view.by_hand = false;
	u->view.action = 0;
}

static void
feed(struct screen *u, enum event_kind kind, const struct kvs *answers)
{
	session_event(u->s, kind, answers);
	feed_done(u);
}

static void
scroll_by(struct screen *u, int direction)
{
	int by = u->view.shown_rows > 2 ? u->view.shown_rows - 1 : 1;

	u->view.scroll += direction * by;
	u->view.by_hand = true;
}

static void
draw(struct screen *u)
{
	struct canvas c;
	int rows, columns;

	form_sync(&u->view.form, engine(u));
	consent_form_sync(&u->view.consent, u->s);
	term_size(&rows, &columns);
	canvas_init(&c, rows, columns);
	view_draw(&u->view, &c);
	term_draw(&c);
	canvas_done(&c);
	u->pace = (struct loop_pace){.drawn_ms = clock_mono_ms()};
}

/* ---- what keys do ----------------------------------------------------- */

static void
go_back(struct screen *u)
{
	if (engine_can_go_back(engine(u)))
		feed(u, EVENT_BACK, NULL);
	else
		set_message(
		    u, mem_dup("This is the first question. Ctrl-Q stops."));
}

static enum outcome
run_action(struct screen *u, size_t i)
{
	struct action_item list[ACTIONS_MAX];
	size_t n = actions(engine(u), list);

	if (i >= n)
		return GO_ON;
	u->view.action = i;
	switch (list[i].action) {
	case ACTION_WHERE:
		show_page(u, PAGE_WHERE);
		break;
	case ACTION_CHANGED:
		feed(u, EVENT_CHANGED, NULL);
		break;
	case ACTION_AGAIN:
		feed(u, EVENT_AGAIN, NULL);
		break;
	case ACTION_STILL:
		feed(u, EVENT_STILL, NULL);
		set_message(u, mem_dup("Noted: it still fails."));
		break;
	case ACTION_LOGIN:
		feed(u, EVENT_LOGIN, NULL);
		break;
	case ACTION_SEND:
		feed(u, EVENT_SEND, NULL);
		break;
	case ACTION_SAVE:
		set_message(u, save_report(u->s));
		break;
	case ACTION_DETAILS:
		show_page(u, PAGE_DETAILS);
		break;
	case ACTION_DONE:
		return ENDED;
	}
	return GO_ON;
}

static enum outcome
result_key(struct screen *u, enum command command, const struct input *in)
{
	struct action_item list[ACTIONS_MAX];
	size_t n = actions(engine(u), list), half = (n + 1) / 2;
	size_t at = u->view.action;
	char digit = in->press == PRESS_TEXT && !in->text[1] ? in->text[0] : 0;

	if (command == DO_NEXT)
		return run_action(u, at);
	if (command == DO_BACK)
		go_back(u);
	else if (digit >= '1' && digit <= '9')
		return run_action(u, (size_t)(digit - '1'));
	else if (command == DO_UP || command == DO_FIELD_BEFORE)
		u->view.action = at ? at - 1 : n - 1;
	else if (command == DO_DOWN || command == DO_FIELD_NEXT)
		u->view.action = (at + 1) % n;
	else if (in->press == PRESS_RIGHT && at + half < n)
		u->view.action = at + half;
	else if (in->press == PRESS_LEFT && at >= half)
		u->view.action = at - half;
	return GO_ON;
}

static void
form_key(struct screen *u, enum command command, const struct input *in)
{
	struct kvs answers = {0};

	u->view.by_hand = false;
	switch (form_handle(&u->view.form, engine(u), command, in)) {
	case FORM_NOTHING:
		break;
	case FORM_SUBMIT:
		form_answers(&u->view.form, &answers);
		feed(u, EVENT_ANSWER, &answers);
		kvs_done(&answers);
		break;
	case FORM_BACK:
		go_back(u);
		break;
	}
}

/* A command that prints the password may ask for a passphrase itself. */
static void
read_and_agree(struct screen *u)
{
	struct err err = {0};
	bool good;

	term_leave();
	good = session_read_secret(u->s, &err);
	term_return();
	if (!good) {
		consent_form_type(&u->view.consent, err.msg);
		return;
	}
	session_agree(u->s);
	feed_done(u);
}

static void
consent_key(struct screen *u, enum command command, const struct input *in)
{
	switch (consent_form_handle(&u->view.consent, u->s, command, in)) {
	case CONSENT_WAIT:
		break;
	case CONSENT_AGREE:
		session_agree(u->s);
		feed_done(u);
		break;
	case CONSENT_READ:
		read_and_agree(u);
		break;
	case CONSENT_REFUSE:
		feed(u, EVENT_REFUSE, NULL);
		break;
	}
}

/* F4: at the result it is an action, before it a wish for later. */
static void
ask_login(struct screen *u)
{
	if (!can_ask_login(engine(u)))
		set_message(u,
		    mem_dup(engine_login_wanted(engine(u))
				? LOGIN_NOTED
				: "The sign-in cannot be tested from here."));
	else if (engine_state(engine(u)) == ENGINE_DONE)
		feed(u, EVENT_LOGIN, NULL);
	else {
		session_event(u->s, EVENT_LOGIN, NULL);
		set_message(u, mem_dup(LOGIN_NOTED));
	}
}

/* Keys of the view that the engine's state calls for. */
static enum outcome
state_key(struct screen *u, enum command command, const struct input *in)
{
	switch (engine_state(engine(u))) {
	case ENGINE_NEW:
		break;
	case ENGINE_CONSENT:
		consent_key(u, command, in);
		break;
	case ENGINE_ASKING:
		form_key(u, command, in);
		break;
	case ENGINE_READING:
		if (command == DO_NEXT)
			feed(u, EVENT_CONTINUE, NULL);
		else if (command == DO_BACK || command == DO_FIELD_BEFORE)
			go_back(u);
		break;
	case ENGINE_PROBING:
		if (command == DO_BACK || command == DO_FIELD_BEFORE)
			go_back(u);
		break;
	case ENGINE_DONE:
		return result_key(u, command, in);
	}
	return GO_ON;
}

static void
page_key(struct screen *u, enum command command)
{
	if (command == DO_BACK || command == DO_NEXT ||
	    command == DO_FIELD_BEFORE)
		show_page(u, u->view.page);
	else if (command == DO_UP || command == DO_DOWN) {
		u->view.scroll += command == DO_UP ? -1 : 1;
		u->view.by_hand = true;
	}
}

static enum outcome
stop(struct screen *u)
{
	if (engine_state(engine(u)) != ENGINE_DONE)
		session_event(u->s, EVENT_STOP, NULL);
	return ENDED;
}

static const struct page_key {
	enum command command;
	enum page page;
} page_keys[] = {
    {DO_HELP, PAGE_HELP},
    {DO_WHY, PAGE_WHY},
    {DO_DETAILS, PAGE_DETAILS},
    {DO_WAY, PAGE_WAY},
};

static bool
global_key(struct screen *u, enum command command)
{
	for (size_t i = 0; i < sizeof(page_keys) / sizeof(*page_keys); i++) {
		if (page_keys[i].command == command) {
			show_page(u, page_keys[i].page);
			return true;
		}
	}
	if (command == DO_SCROLL_UP || command == DO_SCROLL_DOWN)
		scroll_by(u, command == DO_SCROLL_UP ? -1 : 1);
	else if (command == DO_LOGIN)
		ask_login(u);
	else if (command == DO_AGAIN)
		feed(u, EVENT_AGAIN, NULL);
	else if (command == DO_SAVE)
		set_message(u, save_report(u->s));
	else if (command == DO_REDRAW)
		term_redraw();
	else if (command == DO_SUSPEND)
		term_suspend();
	else
		return false;
	return true;
}

static bool
is_in_text(const struct screen *u)
{
	if (engine_state(engine(u)) == ENGINE_CONSENT)
		return consent_form_in_text(&u->view.consent);
	return engine_state(engine(u)) == ENGINE_ASKING &&
	       form_in_text(&u->view.form);
}

static enum outcome
one_key(struct screen *u, const struct input *in)
{
	bool in_text = u->view.page == PAGE_NONE && is_in_text(u);
	enum command command = keys_command(in, in_text);

	set_message(u, NULL);
	if (command == DO_STOP)
		return stop(u);
	if (command == DO_INTERRUPT)
		return INTERRUPTED;
	if (global_key(u, command))
		return GO_ON;
	if (u->view.page != PAGE_NONE) {
		page_key(u, command);
		return GO_ON;
	}
	return state_key(u, command, in);
}

/* ---- the loop --------------------------------------------------------- */

/* What was typed may have been a password. */
static void
forget(struct input *in)
{
	if (in->paste)
		secret_wipe(in->paste, strlen(in->paste));
	mem_free(in->paste);
	secret_wipe(in, sizeof(*in));
}

static enum outcome
take_keys(struct screen *u)
{
	struct input in;
	enum outcome outcome = GO_ON;
	bool any = false;

	while (outcome == GO_ON && term_read(&in)) {
		any = true;
		form_sync(&u->view.form, engine(u));
		consent_form_sync(&u->view.consent, u->s);
		outcome = one_key(u, &in);
		forget(&in);
	}
	u->dead_reads = any ? 0 : u->dead_reads + 1;
	u->pace.due = true;
	u->pace.drawn_ms = 0;
	return u->dead_reads > SCREEN_DEAD_READS ? INTERRUPTED : outcome;
}

static enum outcome
take_signals(struct screen *u)
{
	for (int sig = session_signal(); sig; sig = session_signal()) {
		if (sig == SIGINT || sig == SIGTERM || sig == SIGHUP)
			return INTERRUPTED;
		if (sig == SIGTSTP)
			term_suspend();
		if (sig == SIGCONT)
			term_redraw();
		u->pace.due = true;
	}
	return GO_ON;
}

static bool
is_live(const struct screen *u)
{
	return engine_jobs_running(engine(u)) > 0 ||
	       engine_state(engine(u)) == ENGINE_PROBING;
}

static enum outcome
turn(struct screen *u)
{
	int64_t now = clock_mono_ms();

	if (loop_may_draw(&u->pace, now))
		draw(u);
	struct loop_ready ready =
	    loop_wait(term_fd(), session_fd(u->s), session_signals_fd(),
		loop_timeout(&u->pace, clock_mono_ms(), is_live(u)));
	enum outcome outcome = GO_ON;
	if (ready.signal)
		outcome = take_signals(u);
	if (outcome == GO_ON && ready.input)
		outcome = take_keys(u);
	/* Keys go first: results can wait for the next turn. */
	if (outcome == GO_ON && !ready.input && session_pump(u->s))
		u->pace.due = true;
	if (!ready.input && !ready.news && !ready.signal && is_live(u))
		u->pace.due = true;
	return outcome;
}

bool
ui_screen(struct session *s)
{
	struct screen u = {.s = s, .view = {.s = s}};
	enum outcome outcome = GO_ON;

	(void)session_signals_fd();
	if (!term_open(session_setup_of(s)->no_color))
		return ui_line(s);
	session_begin(s);
	u.pace.due = true;
	while (outcome == GO_ON)
		outcome = turn(&u);
	term_close();
	form_done(&u.view.form);
	consent_form_done(&u.view.consent);
	mem_free(u.view.message);
	return outcome != INTERRUPTED;
}
