/* SPDX-License-Identifier: ISC
 *
 * The dialogue of the smtp_port probe, in the order of the RFCs: greeting
 * (RFC 5321 section 3.1), EHLO, HELO when that is refused (section 3.2),
 * STARTTLS (smtp_starttls.c), EHLO again, QUIT. Says what was seen; the
 * sentences are in smtp_findings.c.
 */
#include "smtp_port.h"

#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/mem.h"
#include "smtp_first_bytes.h"

#define SAID_LINES 8 /* of the server's own words */
#define MORE_GREETINGS 3 /* replies of 220 taken for one greeting */

void
port_keep_said(struct port_look *l, const struct smtp_reply *r)
{
	struct strs *said = &l->seen.said;

	for (size_t i = 0; i < r->lines.n && said->n < SAID_LINES; i++)
		if (*r->lines.v[i])
			strs_add(said, r->lines.v[i]);
}

void
port_keep_controls(struct port_look *l, const struct smtp_reply *r)
{
	l->seen.odd_controls |= r->odd_controls;
}

/* The protocol was broken at this point. */
void
port_say_broken(struct port_look *l, const struct smtp_reply *r, const char *at)
{
	l->seen.speaks = "broken";
	l->seen.broken_by = r->status;
	l->seen.broken_at = at;
	l->seen.closed = true;
	port_keep_said(l, r);
}

/*
 * Inside TLS 1.3 a server that wants a client certificate says so only
 * after the handshake: by an alert, or by hanging up (RFC 8446 section
 * 4.4.2.4). True when that is what happened.
 */
static bool
wants_client_cert(struct port_look *l, const struct smtp_reply *r)
{
	bool over = r->status == SMTP_ALERT || r->status == SMTP_CLOSED ||
		    r->status == SMTP_RESET;

	if (!l->seen.shaken || l->seen.shake.outcome != TLS_DONE)
		return false;
	if (!over || !l->seen.shake.client_cert_asked)
		return false;
	l->seen.tls = "client-cert";
	return true;
}

/* A refusal in words that names the certificate it misses. */
static bool
reply_wants_cert(const struct port_look *l, const struct smtp_reply *r)
{
	if (!l->seen.shaken || r->code < 400)
		return false;
	for (size_t i = 0; i < r->lines.n; i++)
		if (str_find_nocase(r->lines.v[i], "certificate"))
			return true;
	return false;
}

/* A reply that ended early inside TLS; true when TLS explains it. */
static bool
tls_explains(struct port_look *l, const struct smtp_reply *r)
{
	if (wants_client_cert(l, r)) {
		l->seen.closed = true;
		return true;
	}
	if (r->status != SMTP_ALERT)
		return false;
	l->seen.tls = "failed";
	l->seen.shake.outcome = TLS_ALERT;
	l->seen.closed = true;
	return true;
}

/* ------------------------------------------------------------- greeting */

static void
keep_greeting(struct port_look *l, const struct smtp_reply *r)
{
	struct port_seen *s = &l->seen;

	for (size_t i = 0; i < r->lines.n; i++) {
		int64_t date;
		strs_add(&s->greeting, r->lines.v[i]);
		if (!s->date_ms && clock_find(r->lines.v[i], &date)) {
			s->date_ms = date;
			s->date_off_s = (date - clock_utc_ms()) / 1000;
		}
	}
	if (greeting_is_masked(&s->greeting))
		s->masked = "yes";
	else if (!s->masked)
		s->masked = "no";
}

/* Something came, but it is no SMTP greeting. */
static void
judge_foreign(struct port_look *l, const struct smtp_reply *r)
{
	struct port_seen *s = &l->seen;

	s->closed = true;
	s->other_words = first_bytes_words(r->first, r->first_len);
	port_keep_said(l, r);
	switch (first_bytes_judge(r->first, r->first_len)) {
	case FIRST_IMAP:
		s->speaks = "imap";
		break;
	case FIRST_POP3:
		s->speaks = "pop3";
		break;
	case FIRST_HTTP:
		s->speaks = "http";
		l->http_seen = true;
		break;
	case FIRST_TLS:
		s->speaks = "tls";
		break;
	case FIRST_OTHER:
		s->speaks = "other";
		break;
	case FIRST_NOTHING: /* blank lines only */
	case FIRST_SMTP: /* nearly: "\r\n220 ..." */
		s->speaks = "broken";
		s->broken_by = SMTP_MALFORMED;
		s->broken_at = "greeting";
		break;
	}
}

/* Cut off in the middle of the greeting: "554 go away" without a line end
 * is still a refusal. */
static void
judge_cut_greeting(struct port_look *l, const struct smtp_reply *r)
{
	int code = first_bytes_code(r->first, r->first_len);

	if (!r->first_len) {
		l->seen.speaks = "closed";
		l->seen.closed = true;
	} else if (code / 100 == 4 || code / 100 == 5) {
		l->seen.speaks = code / 100 == 4 ? "busy" : "rejected";
		l->seen.closed = true;
		port_keep_said(l, r);
	} else if (first_bytes_judge(r->first, r->first_len) == FIRST_SMTP) {
		port_say_broken(l, r, "greeting");
	} else {
		judge_foreign(l, r);
	}
}

static bool
judge_greeting_code(struct port_look *l, const struct smtp_reply *r)
{
	keep_greeting(l, r);
	if (r->code == 220)
		return true;
	port_keep_said(l, r);
	if (reply_wants_cert(l, r)) {
		l->seen.tls = "client-cert";
		l->seen.speaks = "tls";
	} else if (r->code / 100 == 4) {
		l->seen.speaks = "busy";
	} else if (r->code / 100 == 5) {
		l->seen.speaks = "rejected";
	} else {
		l->seen.speaks = "other";
		l->seen.other_words = first_bytes_words(r->first, r->first_len);
		l->seen.closed = true;
	}
	return false;
}

/* True when the greeting was 220. */
static bool
judge_greeting(struct port_look *l, const struct smtp_reply *r)
{
	port_keep_controls(l, r);
	if (r->status != SMTP_OK && tls_explains(l, r)) {
		l->seen.speaks = "tls";
		return false;
	}
	switch (r->status) {
	case SMTP_OK:
		return judge_greeting_code(l, r);
	case SMTP_TIMEOUT: /* a drip counts as silence */
		l->seen.speaks = "silent";
		l->seen.closed = true;
		port_keep_said(l, r);
		return false;
	case SMTP_CANCELLED:
		l->seen.cancelled = true;
		l->seen.closed = true;
		return false;
	case SMTP_CLOSED:
	case SMTP_RESET:
	case SMTP_ALERT:
		judge_cut_greeting(l, r);
		return false;
	case SMTP_NOT_SMTP:
		judge_foreign(l, r);
		return false;
	case SMTP_NUL:
	case SMTP_MALFORMED:
	case SMTP_TOO_LONG:
		if (first_bytes_judge(r->first, r->first_len) == FIRST_SMTP)
			port_say_broken(l, r, "greeting");
		else
			judge_foreign(l, r);
		return false;
	}
	return false;
}

static bool
greeting(
    struct port_look *l, struct port_line *line, bool in_tls, int timeout_ms)
{
	struct smtp_reply r;

	probe_stage(l->ctx, "greeting");
	/* A web server inside TLS waits to be asked. */
	if (in_tls && !smtp_await(&line->smtp, NET_SILENCE_MS) &&
	    !l->http_asked && port_ask_http(l, -1, true)) {
		l->seen.closed = true;
		return false;
	}
	smtp_read(&line->smtp, &r, timeout_ms);
	l->seen.greeting_ms = (int)(clock_mono_ms() - line->opened_ms);
	bool go_on = judge_greeting(l, &r);
	smtp_reply_done(&r);
	return go_on;
}

/* ----------------------------------------------------------- EHLO, HELO */

/* A reply did not come whole; judged by where that happened. */
static void
judge_cut_reply(struct port_look *l, const struct smtp_reply *r, const char *at)
{
	l->seen.closed = true;
	if (tls_explains(l, r))
		return;
	if (r->status == SMTP_CANCELLED) {
		l->seen.cancelled = true;
	} else if (r->status == SMTP_TIMEOUT) {
		l->seen.speaks = "silent";
		l->seen.broken_at = at;
		port_keep_said(l, r);
	} else {
		port_say_broken(l, r, at);
	}
}

/*
 * Sends a greeting of ours. Some servers send their own in several replies
 * of 220; what is left of it is not the answer.
 */
static void
hello_command(struct port_look *l, struct port_line *line, const char *verb,
    struct smtp_reply *r)
{
	char name[300];
	char *command;

	smtp_ehlo_name(&line->smtp, name, sizeof(name));
	command = mem_printf("%s %s", verb, name);
	smtp_command(&line->smtp, command, r, l->reply_ms);
	mem_free(command);
	for (int i = 0; i < MORE_GREETINGS; i++) {
		if (r->status != SMTP_OK || r->code != 220)
			break;
		keep_greeting(l, r);
		smtp_reply_done(r);
		smtp_read(&line->smtp, r, l->reply_ms);
	}
	port_keep_controls(l, r);
}

/* EHLO was refused: some old servers and filters know HELO only. */
static bool
try_helo(struct port_look *l, struct port_line *line, bool in_tls,
    const struct smtp_reply *ehlo)
{
	struct smtp_reply r;
	struct port_seen *s = &l->seen;
	bool accepted = false;

	hello_command(l, line, "HELO", &r);
	if (r.status == SMTP_CANCELLED) {
		s->cancelled = s->closed = true;
	} else if (r.status == SMTP_OK && r.code == 250) {
		if (!s->ehlo)
			s->ehlo = "helo-only";
		s->ehlo_in_tls = in_tls; /* and AUTH is not offered */
		accepted = true;
	} else if (reply_wants_cert(l, ehlo) || reply_wants_cert(l, &r)) {
		s->tls = "client-cert";
		port_keep_said(l, ehlo);
	} else if (r.status == SMTP_OK && r.code / 100 == 4) {
		s->speaks = "busy";
		port_keep_said(l, &r);
	} else {
		if (!s->ehlo)
			s->ehlo = "refused";
		s->closed = r.status != SMTP_OK;
		s->other_words =
		    words_of_replies(&s->greeting, &ehlo->lines, &r.lines);
		s->speaks = s->other_words ? "other" : "helo-refused";
		port_keep_said(l, ehlo);
		port_keep_said(l, &r);
	}
	smtp_reply_done(&r);
	return accepted;
}

static void
keep_ehlo(struct port_look *l, const struct smtp_reply *r, bool in_tls)
{
	struct smtp_ehlo *e = in_tls ? &l->seen.after : &l->seen.before;

	smtp_ehlo_done(e);
	smtp_ehlo_read(r, e);
	if (in_tls)
		l->seen.ehlo_in_tls = true;
	else
		l->seen.ehlo_in_clear = true;
	if (e->masked) {
		l->seen.masked = "yes";
		l->seen.ehlo_masked = true;
		port_keep_said(l, r);
	}
}

/* True when the dialogue can go on with EHLO's answer or after HELO. */
static bool
hello(struct port_look *l, struct port_line *line, bool in_tls)
{
	struct smtp_reply r;
	struct port_seen *s = &l->seen;
	bool go_on = false;

	probe_stage(l->ctx, "ehlo");
	hello_command(l, line, "EHLO", &r);
	if (r.status != SMTP_OK) {
		judge_cut_reply(l, &r, "EHLO");
	} else if (r.code == 250) {
		keep_ehlo(l, &r, in_tls);
		if (!s->ehlo)
			s->ehlo = "ok";
		go_on = true;
	} else if (r.code / 100 == 4 && reply_wants_cert(l, &r)) {
		s->tls = "client-cert";
		port_keep_said(l, &r);
	} else if (r.code / 100 == 4) {
		s->speaks = "busy";
		port_keep_said(l, &r);
	} else if (r.code == 521) { /* RFC 7504: takes no mail at all */
		s->speaks = "rejected";
		port_keep_said(l, &r);
	} else if (r.code / 100 == 5) {
		go_on = try_helo(l, line, in_tls, &r);
		if (go_on)
			port_keep_said(l, &r);
	} else {
		r.status = SMTP_MALFORMED;
		port_say_broken(l, &r, "EHLO");
	}
	smtp_reply_done(&r);
	return go_on;
}

/* ------------------------------------------------------------- all of it */

void
port_dialogue(
    struct port_look *l, struct port_line *line, bool in_tls, int greeting_ms)
{
	bool go_on =
	    greeting(l, line, in_tls, greeting_ms) && hello(l, line, in_tls);

	if (go_on) {
		l->seen.speaks = "smtp";
		if (!in_tls && port_start_tls(l, line))
			hello(l, line, true);
	}
	if (!l->seen.closed && !l->seen.cancelled)
		smtp_quit(&line->smtp);
}
