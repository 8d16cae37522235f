/* SPDX-License-Identifier: ISC
 *
 * The wizard line by line: for pipes, dumb terminals, screen readers and
 * braille. State words first, options numbered, nothing that moves.
 */
#include "ui.h"

#include "../../probes/base/mem.h"
#include "line.h"
#include "loop.h"

static enum said
wait_tests(struct line_ui *u)
{
	fprintf(u->out, "\nTesting from this computer:\n");
	fflush(u->out);
	while (engine_state(line_engine(u)) == ENGINE_PROBING) {
		struct loop_ready ready = loop_wait(-1, session_fd(u->s),
		    session_signals_fd(), SESSION_TICK_MS);
		if (ready.signal && line_signals_end())
			return SAID_SIGNAL;
		if (session_pump(u->s))
			line_progress(u);
	}
	return SAID_ANSWER;
}

static void
print_result(struct line_ui *u)
{
	struct doc d = {.plain = true};
	const char *trouble = session_trouble(u->s);

	line_progress(u);
	fputs("\nResult\n\n", u->out);
	say_verdict(u->s, &d);
	line_doc(u, &d);
	if (trouble)
		fprintf(u->out, "%s\n", trouble);
}

static enum said
act(struct line_ui *u, enum action action)
{
	struct doc d = {.plain = true};

	switch (action) {
	case ACTION_WHERE:
		say_where(u->s, &d);
		line_doc(u, &d);
		return SAID_DONE;
	case ACTION_CHANGED:
		strs_done(&u->told);
		session_event(u->s, EVENT_CHANGED, NULL);
		return SAID_ANSWER;
	case ACTION_AGAIN:
		return SAID_AGAIN;
	case ACTION_STILL:
		fputs("Noted: it still fails.\n", u->out);
		session_event(u->s, EVENT_STILL, NULL);
		return SAID_ANSWER;
	case ACTION_LOGIN:
		session_event(u->s, EVENT_LOGIN, NULL);
		return SAID_ANSWER;
	case ACTION_SEND:
		session_event(u->s, EVENT_SEND, NULL);
		return SAID_ANSWER;
	case ACTION_SAVE:
		return line_save(u);
	case ACTION_DETAILS:
		return line_details(u);
	case ACTION_DONE:
		return SAID_STOP;
	}
	return SAID_DONE;
}

static enum said
ask_action(struct line_ui *u)
{
	struct action_item list[ACTIONS_MAX];
	size_t n = actions(line_engine(u), list);
	char *line;
	int64_t number;

	fputs("\nWhat next?\n", u->out);
	for (size_t i = 0; i < n; i++)
		fprintf(u->out, "%2zu  %s\n", i + 1, list[i].label);
	for (;;) {
		enum said said = line_prompt(u, "Number [done]", true, &line);
		if (said != SAID_ANSWER)
			return said;
		bool is_number = str_number(line, 1, (int64_t)n, &number);
		bool is_empty = !*line;
		mem_free(line);
		if (is_empty)
			return SAID_STOP;
		if (!is_number) {
			fprintf(
			    u->out, "Please type a number from 1 to %zu.\n", n);
			continue;
		}
		said = act(u, list[number - 1].action);
		if (said != SAID_DONE)
			return said;
	}
}

static enum said
finish(struct line_ui *u)
{
	print_result(u);
	if (session_setup_of(u->s)->no_input)
		return SAID_STOP;
	return ask_action(u);
}

static enum said
one_step(struct line_ui *u)
{
	switch (engine_state(line_engine(u))) {
	case ENGINE_NEW:
		session_begin(u->s);
		return SAID_ANSWER;
	case ENGINE_ASKING:
		line_progress(u);
		return line_ask(u);
	case ENGINE_READING:
		line_progress(u);
		return line_read(u);
	case ENGINE_CONSENT:
		line_progress(u);
		return line_consent(u);
	case ENGINE_PROBING:
		return wait_tests(u);
	case ENGINE_DONE:
		return finish(u);
	}
	return SAID_STOP;
}

/* False when the walk is over. */
static bool
go_on(struct line_ui *u, enum said said)
{
	switch (said) {
	case SAID_ANSWER:
	case SAID_DONE:
	case SAID_MOVED:
		return true;
	case SAID_BACK:
		session_event(u->s, EVENT_BACK, NULL);
		return true;
	case SAID_AGAIN:
		strs_done(&u->told);
		session_event(u->s, EVENT_AGAIN, NULL);
		return true;
	case SAID_STOP:
	case SAID_EOF:
		if (engine_state(line_engine(u)) != ENGINE_DONE) {
			session_event(u->s, EVENT_STOP, NULL);
			fputs("Stopped.\n", u->out);
		}
		return false;
	case SAID_SIGNAL:
		break;
	}
	return false;
}

bool
ui_line(struct session *s)
{
	const struct session_setup *setup = session_setup_of(s);
	struct line_ui u = {
	    .s = s, .out = setup->talk_on_error ? stderr : stdout};
	enum said said;

	buf_init(&u.input, LINE_MAX_BYTES);
	fprintf(
	    u.out, "smtpwiz: %s\n", engine_playbook(line_engine(&u))->title);
	fputs("Type :help for the commands; Enter takes what is in "
	      "brackets.\n",
	    u.out);
	session_begin(s);
	do
		said = one_step(&u);
	while (go_on(&u, said));
	fflush(u.out);
	buf_done(&u.input);
	strs_done(&u.told);
	mem_free(u.step);
	return said != SAID_SIGNAL;
}
