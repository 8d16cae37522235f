/* SPDX-License-Identifier: ISC
 *
 * Sends one test message over a strict connection: sign-in, MAIL, RCPT,
 * DATA (RFC 5321 section 3.3). A message is delivered at most once; only
 * where large packets seem to vanish on the way, and the final dot cannot
 * have arrived, it is tried again with small ones.
 */
#include "smtp_send.h"

#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/mem.h"
#include "net/cert.h"

#define STALL_FACTOR 2 /* connect time-outs without any acknowledgement */
#define HOLE_MESSAGE 1200 /* what is smaller fits into small packets */
#define HOLE_PASSED (64 << 10) /* more got through: then it is no hole */
#define WORDS_MAX 400 /* of a reply in the table */

static const struct probe_param params[] = {
    {"host", true, "the server's name as the user knows it"},
    {"target", true, "address:port/security"},
    {"username", false, "who signs in; needed with a password or token"},
    {"from", true, "the sender's address"},
    {"to", true, "the recipients' addresses, comma-separated, at most 5"},
    {"kind", false, "small, size, utf8 or attachments; otherwise small"},
    {"size", false, "bytes, for the kind size"},
    {NULL, false, NULL},
};

static const struct probe_fact facts[] = {
    {"send.result",
	"accepted|refused|temporary|cut|timeout|no-login|no-tls|unknown",
	"what became of the message"},
    {"send.stage", "connect|tls|auth|mail|rcpt|data|content|unknown",
	"where it ended"},
    {"send.code", NULL, "the reply code that decided it"},
    {"send.enhanced", NULL, "its enhanced code"},
    {"send.said", NULL, "the server's words"},
    {"send.table", NULL,
	"a line for each stage: stage, the server's words, seconds; tabs "
	"between"},
    {"send.id", NULL, "Message-ID of the test message"},
    {"send.size", NULL, "its bytes"},
    {"send.recipients", "all|some|none|unknown",
	"how many recipients were accepted"},
    {"send.refused", NULL, "a line for each one that was not"},
    {"send.mss", "ok|blackhole|unknown",
	"do packets of the usual size come through?"},
    {NULL, NULL, NULL},
};

/* ---- the table of stages ---- */

static void
add_row(struct sending *s, const char *stage, const char *words, int ms)
{
	/* printable already, so it holds no tab of its own */
	strs_addf(&s->table, "%s\t%.*s\t%.2f", stage,
	    (int)str_fit(words, WORDS_MAX), words, ms / 1000.0);
}

static void
add_reply(struct sending *s, const char *stage, const struct smtp_reply *r)
{
	char *words = strs_join(&r->lines, " / ");

	add_row(s, stage, *words ? words : smtp_status_name(r->status), r->ms);
	mem_free(words);
}

/* ---- the dialogue ---- */

/* The reply decides, and this stage is the last. */
static bool
end_with(struct delivery *d, const char *stage, struct smtp_reply *r)
{
	d->stage = stage;
	d->end = send_end_of_reply(r);
	smtp_reply_done(&d->reply);
	d->reply = *r;
	*r = (struct smtp_reply){0};
	if (d->reply.status != SMTP_OK)
		d->session.is_open = false;
	/* before DATA nothing is cut that could arrive in part */
	if (!str_eq(stage, "data") &&
	    (d->end == SEND_CUT || d->end == SEND_TIMEOUT))
		d->end = SEND_UNKNOWN;
	if (d->end == SEND_ACCEPTED) /* 2xx where 354 belongs */
		d->end = SEND_UNKNOWN;
	return false;
}

/* One command; true when the reply begins with this digit. */
static bool
step(struct sending *s, struct delivery *d, const char *stage, const char *line,
    int digit, struct smtp_reply *r)
{
	probe_stage(s->ctx, stage);
	smtp_command(&d->session.smtp, line, r, d->session.reply_ms);
	add_reply(s, stage, r);
	return r->status == SMTP_OK && r->code / 100 == digit;
}

static bool
offers(const struct smtp_ehlo *e, const char *keyword)
{
	for (size_t i = 0; i < e->keywords.n; i++)
		if (str_same(e->keywords.v[i], keyword))
			return true;
	return false;
}

/* How far the opening came, for the table. The caller frees. */
static char *
opening_words(const struct session *session)
{
	const struct tls_result *t = &session->shake;

	if (session->reach != TCP_OPEN)
		return mem_dup(tcp_reach_name(session->reach));
	if (session->end == SESSION_READY)
		return mem_dup(t->version);
	if (t->cert && t->cert->faults)
		return mem_dup("the certificate is not genuine");
	if (session->was_injected)
		return mem_dup("plaintext came with the go-ahead");
	if (session->end == SESSION_NO_TLS)
		return mem_dup(t->outcome == TLS_DONE
				   ? "STARTTLS is not offered"
				   : tls_outcome_name(t->outcome));
	if (session->reply.lines.n > 0)
		return strs_join(&session->reply.lines, " / ");
	return mem_dup(smtp_status_name(session->reply.status));
}

static bool
open_session(struct sending *s, struct delivery *d, int max_segment)
{
	struct probe_ctx ctx = *s->ctx;
	struct session *session = &d->session;
	int64_t start = clock_mono_ms();
	char *words;
	bool ok;

	ctx.net.max_segment = max_segment;
	ok = session_open(session, &ctx, s->host, &s->target);
	words = opening_words(session);
	add_row(s, session->stage, words, (int)(clock_mono_ms() - start));
	mem_free(words);
	d->stage = session->stage;
	switch (session->end) {
	case SESSION_READY:
		break;
	case SESSION_REFUSED:
		d->end = SEND_REFUSED;
		break;
	case SESSION_TEMPORARY:
		d->end = SEND_TEMPORARY;
		break;
	case SESSION_NO_TLS:
		d->end = SEND_NO_TLS;
		break;
	case SESSION_DROPPED:
		d->end = SEND_UNKNOWN;
		break;
	case SESSION_CANCELLED:
		d->end = SEND_CANCELLED;
		break;
	}
	/* a go-ahead for TLS that then failed decides nothing */
	if (session->reply.code >= 400 || session->reply.status != SMTP_OK) {
		d->reply = session->reply;
		session->reply = (struct smtp_reply){0};
	}
	return ok;
}

static bool
log_in(struct sending *s, struct delivery *d)
{
	if (!s->ctx->password && !s->ctx->token)
		return true;
	session_login(
	    &d->session, s->ctx, s->host, &s->target, s->user, &d->auth);
	add_reply(s, "auth", &d->auth.reply);
	if (d->auth.status == AUTH_ACCEPTED)
		return true;
	smtp_reply_done(&d->reply);
	d->reply = d->auth.reply;
	d->auth.reply = (struct smtp_reply){0};
	d->stage = "auth";
	d->end =
	    d->auth.status == AUTH_CANCELLED ? SEND_CANCELLED : SEND_NO_LOGIN;
	return false;
}

static bool
mail_from(struct sending *s, struct delivery *d, const struct message *m)
{
	const struct smtp_ehlo *e = &d->session.ehlo;
	char size[40] = "";
	char *line;
	struct smtp_reply r;
	bool ok;

	if (message_needs_utf8(m) && !e->smtputf8) {
		d->stage = "mail";
		d->end = SEND_UNKNOWN;
		d->lacks_utf8 = true;
		return false;
	}
	if (e->size >= 0)
		snprintf(size, sizeof(size), " SIZE=%lld",
		    (long long)message_size(m));
	line = mem_printf("MAIL FROM:<%s>%s%s%s", s->from, size,
	    message_is_eight_bit(m) && s->spec.eight_bit ? " BODY=8BITMIME"
							 : "",
	    message_needs_utf8(m) ? " SMTPUTF8" : "");
	ok = step(s, d, "mail", line, 2, &r) || end_with(d, "mail", &r);
	mem_free(line);
	smtp_reply_done(&r);
	return ok;
}

/* One recipient; false when the connection is over. */
static bool
rcpt_to(struct sending *s, struct delivery *d, const char *address)
{
	char *line = mem_printf("RCPT TO:<%s>", address);
	struct smtp_reply r;
	bool alive = true;

	if (step(s, d, "rcpt", line, 2, &r)) {
		d->taken++;
	} else if (r.status != SMTP_OK || r.code == 421) {
		alive = end_with(d, "rcpt", &r);
	} else {
		strs_addf(&d->refused, "%s: %s", address,
		    r.lines.n ? r.lines.v[r.lines.n - 1] : "");
		/* the first refusal decides, should all be refused */
		if (d->refused.n == 1)
			end_with(d, "rcpt", &r);
	}
	smtp_reply_done(&r);
	mem_free(line);
	return alive;
}

static bool
recipients(struct sending *s, struct delivery *d)
{
	for (size_t i = 0; i < s->to.n; i++)
		if (!rcpt_to(s, d, s->to.v[i]))
			return false;
	return d->taken > 0;
}

static void
data(struct sending *s, struct delivery *d, struct message *m)
{
	int stall_ms = STALL_FACTOR * s->ctx->net.options->connect_timeout_ms;
	struct smtp_reply r;

	if (!step(s, d, "data", "DATA", 3, &r)) {
		end_with(d, "data", &r);
		return;
	}
	smtp_reply_done(&r);
	probe_stage(s->ctx, "content");
	probe_note(
	    s->ctx, "the message goes: %lld bytes", (long long)message_size(m));
	upload_send(&d->session, m, stall_ms, &d->upload);
	add_reply(s, "content", &d->upload.reply);
	d->stage = "content";
	d->end = d->upload.end;
	smtp_reply_done(&d->reply);
	d->reply = d->upload.reply;
	d->upload.reply = (struct smtp_reply){0};
}

/* False when the message cannot be made: then the probe has failed. */
static bool
deliver(struct sending *s, int max_segment, struct delivery *d)
{
	struct message *m;

	if (!open_session(s, d, max_segment) || !log_in(s, d))
		return true;
	s->spec.eight_bit = offers(&d->session.ehlo, "8BITMIME");
	m = message_new(&s->spec, &s->ctx->result->err);
	if (!m)
		return false;
	d->size = message_size(m);
	d->id = mem_dup(message_id(m));
	if (mail_from(s, d, m) && recipients(s, d))
		data(s, d, m);
	message_free(m);
	return true;
}

void
delivery_done(struct delivery *d)
{
	session_close(&d->session);
	smtp_reply_done(&d->reply);
	auth_result_done(&d->auth);
	upload_done(&d->upload);
	strs_done(&d->refused);
	mem_free(d->id);
	memset(d, 0, sizeof(*d));
}

/* ---- the second try ---- */

/*
 * It stopped before much had come through, and the server cannot have the
 * whole message: large packets may be lost on the way (RFC 2923).
 */
static bool
is_hole_likely(const struct sending *s, const struct delivery *d)
{
	const struct upload *u = &d->upload;
	int64_t enough_ms = (int64_t)NET_HANDSHAKE_FACTOR *
			    s->ctx->net.options->connect_timeout_ms;

	return str_eq(d->stage, "content") &&
	       (d->end == SEND_CUT || d->end == SEND_TIMEOUT) &&
	       !u->may_have_arrived && d->size > HOLE_MESSAGE &&
	       u->passed < HOLE_PASSED &&
	       clock_mono_ms() + enough_ms < s->ctx->net.deadline_ms;
}

/* Much more came through with small segments than with the usual ones. */
static bool
has_passed(const struct delivery *d)
{
	return d->end == SEND_ACCEPTED ||
	       (d->end == SEND_SLOW && d->upload.passed >= HOLE_PASSED);
}

static void
try_small_segments(struct sending *s, struct delivery *first)
{
	struct delivery second = {0};

	/* reset, so that nothing of it is delivered any more */
	session_close(&first->session);
	probe_note(s->ctx, "once more, with segments of at most %d bytes",
	    NET_SMALL_SEGMENT);
	add_row(s, "again", "with small segments", 0);
	if (!deliver(s, NET_SMALL_SEGMENT, &second))
		s->ctx->result->status = PROBE_FAILED;
	s->blackhole = has_passed(&second);
	if (s->blackhole || second.upload.may_have_arrived ||
	    second.end == SEND_CANCELLED)
		send_report(s, &second);
	else
		send_report(s, first);
	delivery_done(&second);
}

static void
send_message(struct sending *s)
{
	struct delivery first = {0};

	if (!deliver(s, 0, &first))
		s->ctx->result->status = PROBE_FAILED;
	else if (is_hole_likely(s, &first))
		try_small_segments(s, &first);
	else
		send_report(s, &first);
	delivery_done(&first);
}

/* Made once on trial, so that a bad address is found before we connect. */
static bool
is_sendable(const struct sending *s, struct err *err)
{
	struct message *m = message_new(&s->spec, err);
	bool ok = m != NULL;

	message_free(m);
	return ok;
}

static void
run(struct probe_ctx *ctx)
{
	struct sending s = {.ctx = ctx};
	struct err *err = &ctx->result->err;

	s.spec.now_ms = clock_utc_ms();
	s.spec.version = VERSION;
	s.spec.to = &s.to;
	if (send_take_params(&s, err) && is_sendable(&s, err))
		send_message(&s);
	else
		ctx->result->status = PROBE_FAILED;
	strs_done(&s.to);
	strs_done(&s.table);
	mem_free(s.from);
	probe_unknowns(ctx, facts);
	probe_stage(ctx, "done");
}

const struct probe probe_smtp_send = {
    .name = "smtp_send",
    .summary = "sends one test message and says what became of it",
    .params = params,
    .facts = facts,
    .effect = PROBE_SENDS_MAIL,
    .contacts = "the mail server, and the recipients, who get a message",
    .gate_param = "target",
    .run = run,
};
