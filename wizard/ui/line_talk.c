/* SPDX-License-Identifier: ISC
 *
 * Line mode's talk: reading lines without holding up the tests, the commands
 * that may stand in place of an answer, and news of the tests.
 */
#include "line.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "../../probes/base/mem.h"
#include "loop.h"
#include "session.h"

struct engine *
line_engine(const struct line_ui *u)
{
	return session_engine(u->s);
}

void
line_doc(struct line_ui *u, struct doc *d)
{
	doc_print(d, u->out, LINE_COLUMNS);
	doc_done(d);
	fflush(u->out);
}

/* ---- progress --------------------------------------------------------- */

static void
tell(struct line_ui *u, const struct items *items)
{
	for (size_t i = 0; i < items->n; i++) {
		const struct item *item = &items->v[i];
		if (item->mark == MARK_WAIT)
			continue;
		char *line = item_line(item);
		if (!strs_has(&u->told, line)) {
			fprintf(u->out, "%s\n", line);
			strs_add(&u->told, line);
		}
		mem_free(line);
	}
	fflush(u->out);
}

void
line_progress(struct line_ui *u)
{
	struct items items = {0};

	items_names(u->s, &items);
	items_ports(u->s, &items);
	tell(u, &items);
	items_done(&items);
}

static void
print_state(struct line_ui *u)
{
	struct items items = {0};

	items_names(u->s, &items);
	items_ports(u->s, &items);
	for (size_t i = 0; i < items.n; i++) {
		char *line = item_line(&items.v[i]);
		fprintf(u->out, "%s\n", line);
		mem_free(line);
	}
	items_done(&items);
}

/* ---- input ------------------------------------------------------------ */

static bool
take_line(struct line_ui *u, char **line)
{
	char *end = memchr(u->input.data, '\n', u->input.len);
	size_t len = end ? (size_t)(end - u->input.data) : u->input.len;

	if (!end && !(u->is_eof && len) && !u->input.full)
		return false;
	*line = str_printable(u->input.data,
	    len && u->input.data[len - 1] == '\r' ? len - 1 : len);
	buf_drop(&u->input, end ? len + 1 : len);
	u->input.full = false;
	return true;
}

static void
read_some(struct line_ui *u)
{
	char bytes[4096];
	ssize_t n = read(STDIN_FILENO, bytes, sizeof(bytes));

	if (n < 0 && (errno == EINTR || errno == EAGAIN))
		return;
	if (n <= 0)
		u->is_eof = true;
	else if (!buf_add(&u->input, bytes, (size_t)n))
		u->input.full = true;
}

bool
line_signals_end(void)
{
	for (int sig = session_signal(); sig; sig = session_signal()) {
		if (sig == SIGINT || sig == SIGTERM || sig == SIGHUP)
			return true;
		if (sig == SIGTSTP)
			(void)kill(getpid(), SIGSTOP);
	}
	return false;
}

enum line_end
line_next(struct line_ui *u, char **line)
{
	fflush(u->out);
	for (;;) {
		if (take_line(u, line))
			return LINE_GOT;
		if (u->is_eof)
			return LINE_EOF;
		struct loop_ready ready = loop_wait(
		    STDIN_FILENO, session_fd(u->s), session_signals_fd(), -1);
		if (ready.signal && line_signals_end())
			return LINE_SIGNAL;
		if (ready.news)
			(void)session_pump(u->s);
		if (ready.input)
			read_some(u);
	}
}

/* ---- commands --------------------------------------------------------- */

static enum said
do_help(struct line_ui *u)
{
	fputs(":back   to the question before (also b or < at a choice)\n"
	      ":why    why we ask, and where to find it (also ?)\n"
	      ":details  every line we saw from the servers\n"
	      ":tests  what has been tested so far\n"
	      ":way    the way taken so far\n"
	      ":login  also test the sign-in; you are asked before it happens\n"
	      ":again  run every test again with the same answers\n"
	      ":save   save the report to a file\n"
	      ":stop   stop here; your answers are kept (also q at a choice)\n"
	      ":help   this list\n",
	    u->out);
	return SAID_DONE;
}

enum said
line_why(struct line_ui *u)
{
	struct doc d = {.plain = true};

	if (u->field)
		say_field_why(line_engine(u), u->field, &d);
	else
		say_why(line_engine(u), &d);
	line_doc(u, &d);
	return SAID_DONE;
}

enum said
line_details(struct line_ui *u)
{
	struct doc d = {.plain = true};

	say_details(u->s, &d);
	line_doc(u, &d);
	return SAID_DONE;
}

static enum said
do_way(struct line_ui *u)
{
	struct doc d = {.plain = true};

	say_way(u->s, &d);
	line_doc(u, &d);
	return SAID_DONE;
}

static enum said
do_tests(struct line_ui *u)
{
	print_state(u);
	return SAID_DONE;
}

enum said
line_save(struct line_ui *u)
{
	char *text = save_report(u->s);

	fprintf(u->out, "%s\n", text);
	mem_free(text);
	return SAID_DONE;
}

static enum said
do_back(struct line_ui *u)
{
	if (u->is_inside || engine_can_go_back(line_engine(u)))
		return SAID_BACK;
	fputs("This is the first question.\n", u->out);
	return SAID_DONE;
}

static enum said
do_again(struct line_ui *u)
{
	(void)u;
	return SAID_AGAIN;
}

static enum said
do_login(struct line_ui *u)
{
	bool was_done = engine_state(line_engine(u)) == ENGINE_DONE;

	if (can_ask_login(line_engine(u))) {
		session_event(u->s, EVENT_LOGIN, NULL);
		if (was_done)
			return SAID_MOVED;
	}
	fprintf(u->out, "%s\n",
	    engine_login_wanted(line_engine(u))
		? LOGIN_NOTED
		: "The sign-in cannot be tested from here.");
	return SAID_DONE;
}

static enum said
do_stop(struct line_ui *u)
{
	(void)u;
	return SAID_STOP;
}

static const struct line_command {
	const char *name;
	const char *brief; /* at a choice only */
	enum said (*run)(struct line_ui *u);
} line_commands[] = {
    {":back", "b", do_back},
    {":back", "<", do_back},
    {":why", "?", line_why},
    {":details", NULL, line_details},
    {":tests", NULL, do_tests},
    {":way", NULL, do_way},
    {":login", NULL, do_login},
    {":again", NULL, do_again},
    {":save", NULL, line_save},
    {":stop", "q", do_stop},
    {":quit", NULL, do_stop},
    {":help", NULL, do_help},
};

static enum said
run_command(struct line_ui *u, const char *line, bool at_choice)
{
	for (size_t i = 0; i < sizeof(line_commands) / sizeof(*line_commands);
	     i++) {
		const struct line_command *c = &line_commands[i];
		if (str_same(line, c->name) ||
		    (at_choice && c->brief && str_same(line, c->brief)))
			return c->run(u);
	}
	return SAID_ANSWER;
}

enum said
line_prompt(struct line_ui *u, const char *text, bool at_choice, char **line)
{
	*line = NULL;
	for (;;) {
		fprintf(u->out, "%s: ", text);
		enum line_end end = line_next(u, line);
		if (end != LINE_GOT)
			fputc('\n', u->out);
		if (end == LINE_EOF)
			return SAID_EOF;
		if (end == LINE_SIGNAL)
			return SAID_SIGNAL;
		char *trimmed = str_trim(*line);
		enum said said = run_command(u, trimmed, at_choice);
		if (said == SAID_ANSWER) {
			char *answer = mem_dup(trimmed);
			mem_free(*line);
			*line = answer;
			return said;
		}
		mem_free(*line);
		*line = NULL;
		if (said != SAID_DONE)
			return said;
	}
}
