/* SPDX-License-Identifier: ISC
 *
 * STARTTLS as RFC 3207 has it: offered, refused, hidden, or with plaintext
 * smuggled in behind the go-ahead; and what a handshake came to, in words.
 */
#include "smtp_port.h"

#include <string.h>

#include "base/mem.h"
#include "smtp_first_bytes.h"

/* Longer than a delayed acknowledgement (40 ms), which holds back a second
 * small segment of the server's. */
#define INJECTION_GRACE_MS 60
#define HIDDEN_STARTTLS_MS 4000 /* for an answer to what was not offered */

const char *
port_tls_word(const struct tls_result *t)
{
	switch (t->outcome) {
	case TLS_DONE:
		return str_in_set(t->version, "TLSv1.2|TLSv1.3") ? "ok"
								 : "too-old";
	case TLS_TOO_OLD:
		return "too-old";
	case TLS_ALERT:
		/* 40 to 49 and 116 speak of the handshake's certificates. */
		if (t->client_cert_asked &&
		    ((t->alert >= 40 && t->alert <= 49) || t->alert == 116))
			return "client-cert";
		return "failed";
	case TLS_CLOSED:
	case TLS_RESET:
		return t->client_cert_asked ? "client-cert" : "failed";
	case TLS_SILENT:
		return "silent";
	case TLS_NOT_TLS:
	case TLS_BROKEN:
		return "failed";
	case TLS_CANCELLED:
		return NULL;
	}
	return NULL;
}

static void
note_shake(struct port_look *l, const struct tls_result *t)
{
	if (t->outcome == TLS_DONE)
		probe_note(l->ctx, "TLS begun: %s, %s, %d ms", t->version,
		    t->cipher, t->ms);
	else
		probe_note(l->ctx, "TLS did not begin: %s%s%s",
		    tls_outcome_name(t->outcome), *t->detail ? ": " : "",
		    t->detail);
	if (t->alert >= 0)
		probe_note(l->ctx, "TLS alert %d received", t->alert);
}

void
port_shake(struct port_look *l, struct port_line *line, int timeout_ms)
{
	struct port_seen *s = &l->seen;

	probe_stage(l->ctx, "tls");
	tls_result_done(&s->shake);
	tls_look(line->smtp.stream, l->host, timeout_ms, &s->shake);
	s->shaken = true;
	note_shake(l, &s->shake);
}

/*
 * After the go-ahead nothing but TLS may come; plaintext in the same breath
 * was put there by somebody else (RFC 3207 section 6, CVE-2011-0411). It is
 * thrown away and TLS is not begun.
 */
static bool
is_injected(struct port_look *l, struct port_line *line)
{
	char *text = NULL;
	size_t n = smtp_discard(&line->smtp, INJECTION_GRACE_MS, &text);
	bool injected = n > 0;

	if (injected && str_starts(text, "\\x15\\x03")) {
		/* The server gave up TLS before it began. */
		l->seen.tls = "failed";
		l->seen.closed = true;
	} else if (injected) {
		probe_note(l->ctx,
		    "plaintext behind the go-ahead, thrown "
		    "away: %s",
		    text);
		char *end = strstr(text, "\\x0");
		if (end) /* the first line will do */
			*end = '\0';
		strs_add(&l->seen.said, text);
		l->seen.starttls = "injected";
		l->seen.closed = true;
	}
	mem_free(text);
	return injected;
}

/*
 * In place of the server's hello came a reply that says yes to something
 * that was not asked: smuggled in late, and as little to be trusted.
 */
static void
judge_late_plaintext(struct port_look *l)
{
	struct port_seen *s = &l->seen;
	const struct tls_result *t = &s->shake;

	if (t->outcome != TLS_NOT_TLS ||
	    first_bytes_code(t->plain, t->plain_len) / 100 != 2)
		return;
	s->starttls = "injected";
	s->tls = NULL;
	char *text = str_printable(t->plain, strcspn(t->plain, "\r\n"));
	strs_add(&s->said, text);
	mem_free(text);
}

/* STARTTLS was offered and not answered by 220. */
static void
judge_refusal(struct port_look *l, const struct smtp_reply *r)
{
	struct port_seen *s = &l->seen;

	s->starttls = "offered";
	switch (r->status) {
	case SMTP_OK:
		s->starttls = "refused";
		port_keep_said(l, r);
		return;
	case SMTP_TIMEOUT:
		s->tls = "silent";
		break;
	case SMTP_CANCELLED:
		s->cancelled = true;
		break;
	case SMTP_CLOSED:
	case SMTP_RESET:
	case SMTP_ALERT:
		s->tls = "failed";
		break;
	case SMTP_NOT_SMTP:
	case SMTP_NUL:
	case SMTP_MALFORMED:
	case SMTP_TOO_LONG:
		port_say_broken(l, r, "STARTTLS");
		return;
	}
	s->closed = true;
	port_keep_said(l, r);
}

/* True when TLS has begun. */
static bool
offered_starttls(struct port_look *l, struct port_line *line)
{
	struct smtp_reply r;
	struct port_seen *s = &l->seen;
	bool begun = false;

	s->serves = "starttls";
	smtp_command(&line->smtp, "STARTTLS", &r, l->reply_ms);
	port_keep_controls(l, &r);
	if (r.status != SMTP_OK || r.code != 220) {
		judge_refusal(l, &r);
	} else {
		s->starttls = "offered";
		if (!is_injected(l, line)) {
			port_shake(l, line, l->handshake_ms);
			s->tls = port_tls_word(&s->shake);
			s->cancelled |= s->shake.outcome == TLS_CANCELLED;
			begun = s->shake.outcome == TLS_DONE;
			s->closed = !begun;
			judge_late_plaintext(l);
		}
	}
	smtp_reply_done(&r);
	return begun;
}

/*
 * Not in the list: asked for all the same, once, since a filter may have
 * hidden it. True when TLS has begun.
 */
static bool
hidden_starttls(struct port_look *l, struct port_line *line)
{
	struct smtp_reply r;
	struct port_seen *s = &l->seen;
	bool begun = false;
	int timeout_ms =
	    l->reply_ms < HIDDEN_STARTTLS_MS ? l->reply_ms : HIDDEN_STARTTLS_MS;

	s->starttls = "missing";
	s->serves = "none";
	smtp_command(&line->smtp, "STARTTLS", &r, timeout_ms);
	if (r.status != SMTP_OK) {
		s->closed = true;
		s->cancelled |= r.status == SMTP_CANCELLED;
	} else if (r.code == 220 && !is_injected(l, line)) {
		port_shake(l, line, l->handshake_ms);
		s->cancelled |= s->shake.outcome == TLS_CANCELLED;
		begun = s->shake.outcome == TLS_DONE;
		s->closed = !begun;
		if (begun) {
			s->starttls = "hidden";
			s->serves = "starttls";
			s->tls = port_tls_word(&s->shake);
		}
	} else if (r.code != 220) {
		port_keep_said(l, &r);
	}
	smtp_reply_done(&r);
	return begun;
}

/* Reads the greeting, says EHLO and STARTTLS; true when TLS may begin. */
static bool
repeat_opening(struct port_look *l, struct port_line *line)
{
	char name[300];
	char *ehlo;
	struct smtp_reply r;
	bool ok;

	smtp_read(&line->smtp, &r, l->reply_ms);
	ok = r.status == SMTP_OK && r.code == 220;
	smtp_reply_done(&r);
	if (!ok)
		return false;
	smtp_ehlo_name(&line->smtp, name, sizeof(name));
	ehlo = mem_printf("EHLO %s", name);
	smtp_command(&line->smtp, ehlo, &r, l->reply_ms);
	mem_free(ehlo);
	ok = r.status == SMTP_OK && r.code == 250;
	smtp_reply_done(&r);
	if (!ok)
		return false;
	smtp_command(&line->smtp, "STARTTLS", &r, l->reply_ms);
	ok = r.status == SMTP_OK && r.code == 220;
	smtp_reply_done(&r);
	return ok;
}

void
port_try_small_segments(struct port_look *l)
{
	struct port_seen *s = &l->seen;
	struct tls_result shake = {0};
	struct port_line line;

	if (!s->shaken || s->shake.outcome != TLS_SILENT || s->cancelled ||
	    !s->starttls || !str_eq(s->starttls, "offered"))
		return;
	probe_note(l->ctx, "once more, with segments of at most %d bytes",
	    NET_SMALL_SEGMENT);
	l->max_segment = NET_SMALL_SEGMENT;
	if (port_open(l, &line, -1)) {
		if (repeat_opening(l, &line)) {
			tls_look(line.smtp.stream, l->host,
			    l->handshake_ms / NET_HANDSHAKE_FACTOR, &shake);
			note_shake(l, &shake);
			s->blackhole = shake.outcome == TLS_DONE;
			s->cancelled |= shake.outcome == TLS_CANCELLED;
			tls_result_done(&shake);
		}
		port_close(&line);
	}
	l->max_segment = 0;
}

/* Encryption after an accepted EHLO or HELO in the clear. */
bool
port_start_tls(struct port_look *l, struct port_line *line)
{
	probe_stage(l->ctx, "starttls");
	if (!l->seen.ehlo_in_clear) { /* HELO knows no extensions */
		l->seen.starttls = "missing";
		l->seen.serves = "none";
		return false;
	}
	if (l->seen.before.starttls)
		return offered_starttls(l, line);
	return hidden_starttls(l, line);
}
