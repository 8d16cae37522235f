/* SPDX-License-Identifier: ISC
 *
 * Line mode's question before a sign-in. A password is typed at a terminal
 * that does not show it; from a pipe none is ever read here.
 */
#include "line.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "../../probes/base/mem.h"
#include "loop.h"
#include "quiet.h"
#include "secret_edit.h"

/* ---- typing blind ----------------------------------------------------- */

#define CTRL_D ('D' & 31)
#define CTRL_U ('U' & 31)
#define BACKSPACE '\b'
#define DELETE 0177

enum typed { TYPED_MORE, TYPED_LINE, TYPED_EOF };

static enum typed
take_byte(struct secret_edit *e, char byte)
{
	if (byte == '\n' || byte == '\r')
		return TYPED_LINE;
	if (byte == CTRL_D && !e->len)
		return TYPED_EOF;
	if (byte == CTRL_U)
		secret_edit_clear(e);
	else if (byte == BACKSPACE || byte == DELETE)
		secret_edit_backspace(e);
	else
		secret_edit_add(e, &byte, 1);
	return TYPED_MORE;
}

/* What comes after the end of the line is thrown away with it. */
static enum typed
read_bytes(struct secret_edit *e)
{
	char bytes[512];
	ssize_t n = read(STDIN_FILENO, bytes, sizeof(bytes));
	enum typed typed = TYPED_MORE;

	if (n < 0 && (errno == EINTR || errno == EAGAIN))
		return TYPED_MORE;
	if (n <= 0)
		return TYPED_EOF;
	for (ssize_t i = 0; i < n && typed == TYPED_MORE; i++)
		typed = take_byte(e, bytes[i]);
	secret_wipe(bytes, sizeof(bytes));
	return typed;
}

static void
prompt(struct line_ui *u, bool is_token)
{
	fprintf(u->out, "%s (nothing is shown while you type): ",
	    is_token ? "Token" : "Password");
	fflush(u->out);
}

/* False when a signal asks to end. */
static bool
signals_allow(struct line_ui *u, bool is_token)
{
	for (int sig = session_signal(); sig; sig = session_signal()) {
		if (sig == SIGINT || sig == SIGTERM || sig == SIGHUP)
			return false;
		if (sig != SIGTSTP)
			continue;
		quiet_end();
		(void)kill(getpid(), SIGSTOP);
		if (!quiet_begin())
			return false;
		prompt(u, is_token);
	}
	return true;
}

static enum said
type_blind(struct line_ui *u, bool is_token, struct secret_edit *e)
{
	enum typed typed = TYPED_MORE;
	bool go_on = true;

	if (!quiet_begin()) {
		fputs("The echo of this terminal cannot be switched off, so "
		      "no password is read from it.\n",
		    u->out);
		return SAID_BACK;
	}
	prompt(u, is_token);
	while (go_on && typed == TYPED_MORE) {
		struct loop_ready ready = loop_wait(
		    STDIN_FILENO, session_fd(u->s), session_signals_fd(), -1);

		if (ready.signal)
			go_on = signals_allow(u, is_token);
		if (ready.news)
			(void)session_pump(u->s);
		if (go_on && ready.input)
			typed = read_bytes(e);
	}
	quiet_end();
	fputc('\n', u->out);
	if (!go_on)
		return SAID_SIGNAL;
	return typed == TYPED_LINE ? SAID_ANSWER : SAID_BACK;
}

/* ---- the questions ---------------------------------------------------- */

/* Numbered; Enter takes the last one, which does nothing. */
static enum said
pick(struct line_ui *u, const char *const *labels, size_t n, size_t *picked)
{
	char *text = mem_printf("Number [%zu]", n);
	enum said said;
	int64_t number;
	char *line;

	for (size_t i = 0; i < n; i++)
		fprintf(u->out, "%2zu  %s\n", i + 1, labels[i]);
	for (;;) {
		said = line_prompt(u, text, true, &line);
		if (said != SAID_ANSWER)
			break;
		number = (int64_t)n;
		bool good = !*line || str_number(line, 1, (int64_t)n, &number);
		mem_free(line);
		*picked = (size_t)number - 1;
		if (good)
			break;
		fprintf(u->out, "Please type a number from 1 to %zu.\n", n);
	}
	mem_free(text);
	return said;
}

/* Says what is odd; SAID_DONE: type it again. */
static enum said
ask_odd(struct line_ui *u, const struct secret *secret, bool is_token)
{
	static const char *const labels[] = {"Go on with it", "Type it again"};
	struct doc d = {.plain = true};
	struct strs odd = {0};
	size_t picked = 0;
	enum said said = SAID_ANSWER;

	odd_ids(secret, is_token, &odd);
	if (odd.n) {
		fputc('\n', u->out);
		say_oddities(&odd, is_token, &d);
		line_doc(u, &d);
		fputc('\n', u->out);
		said = pick(u, labels, 2, &picked);
	}
	strs_done(&odd);
	return said == SAID_ANSWER && picked == 1 ? SAID_DONE : said;
}

/* SAID_ANSWER: the session holds it; SAID_DONE: once more; else given up. */
static enum said
type_once(struct line_ui *u, bool is_token)
{
	struct secret_edit edit = {0};
	struct secret *secret = NULL;
	struct err err = {0};
	enum said said = type_blind(u, is_token, &edit);

	if (said == SAID_ANSWER &&
	    !secret_edit_take(&edit, is_token, &secret, &err)) {
		bool is_empty = err.kind == ERR_USAGE;

		fprintf(u->out, "%s\n",
		    is_empty ? "Nothing typed: no sign-in." : err.msg);
		said = is_empty ? SAID_BACK : SAID_DONE;
	}
	secret_edit_done(&edit);
	if (secret)
		said = ask_odd(u, secret, is_token);
	if (said == SAID_ANSWER)
		session_set_secret(
		    u->s, is_token ? "token" : "password", secret);
	else
		secret_free(secret);
	return said;
}

static enum said
type_secret(struct line_ui *u)
{
	static const char *const labels[] = {"An OAuth2 token", "The password"};
	size_t picked = 1;
	enum said said;

	if (!quiet_possible()) {
		fputs("A password is only typed at a terminal. Give it with "
		      "--password-command, --password-file or "
		      "--token-command.\n",
		    u->out);
		return SAID_BACK;
	}
	fputs("\nWhat is the sign-in tested with?\n", u->out);
	said = pick(u, labels, 2, &picked);
	while (said == SAID_ANSWER) {
		said = type_once(u, picked == 0);
		if (said != SAID_DONE)
			return said;
		said = SAID_ANSWER;
	}
	return said;
}

static enum said
obtain_secret(struct line_ui *u, bool another)
{
	struct err err = {0};

	if (another)
		return type_secret(u);
	if (session_secret(u->s))
		return SAID_ANSWER;
	if (!session_can_read_secret(u->s))
		return type_secret(u);
	if (session_read_secret(u->s, &err))
		return SAID_ANSWER;
	fprintf(u->out, "%s\n", err.msg);
	return type_secret(u);
}

static enum said
ask_consent(struct line_ui *u, const struct consent *consent)
{
	const char *labels[3];
	bool has_secret = session_secret(u->s) || session_can_read_secret(u->s);
	struct doc d = {.plain = true};
	size_t n = 0, picked = 0;
	enum said said;

	fputc('\n', u->out);
	say_consent(u->s, consent, &d);
	line_doc(u, &d);
	labels[n++] = yes_words(consent, session_secret(u->s) != NULL);
	if (has_secret && consent->effect == PROBE_LOGS_IN && quiet_possible())
		labels[n++] = "Yes, with another password or token";
	labels[n++] = "No";
	fputc('\n', u->out);
	said = pick(u, labels, n, &picked);
	if (said != SAID_ANSWER)
		return said;
	return picked == n - 1 ? SAID_BACK : obtain_secret(u, picked == 1);
}

enum said
line_consent(struct line_ui *u)
{
	struct consent consent = {0};
	enum said said;

	engine_consent(line_engine(u), &consent);
	said = ask_consent(u, &consent);
	consent_done(&consent);
	switch (said) {
	case SAID_ANSWER:
		session_agree(u->s);
		break;
	case SAID_DONE:
	case SAID_BACK:
		session_event(u->s, EVENT_REFUSE, NULL);
		fputs("No sign-in, nothing sent.\n", u->out);
		return SAID_ANSWER;
	case SAID_MOVED:
	case SAID_AGAIN:
	case SAID_STOP:
	case SAID_EOF:
	case SAID_SIGNAL:
		break;
	}
	return said;
}
