/* SPDX-License-Identifier: ISC
 *
 * What became of a test message, in facts and in sentences.
 */
#include "smtp_send.h"

#include <string.h>

#include "base/mem.h"
#include "net/cert.h"

#define LARGE_MESSAGE 16384 /* it took packets of the full size */

static const char *
result_word(enum send_end end)
{
	switch (end) {
	case SEND_ACCEPTED:
		return "accepted";
	case SEND_REFUSED:
		return "refused";
	case SEND_TEMPORARY:
		return "temporary";
	case SEND_CUT:
		return "cut";
	case SEND_TIMEOUT:
		return "timeout";
	case SEND_NO_LOGIN:
		return "no-login";
	case SEND_NO_TLS:
		return "no-tls";
	case SEND_UNKNOWN:
	case SEND_SLOW:
	case SEND_CANCELLED:
		break;
	}
	return "unknown";
}

/* What was refused, by the stage. */
static const char *
object_of(const char *stage)
{
	static const struct {
		const char *stage, *object;
	} table[] = {
	    {"connect", "the connection"},
	    {"tls", "the encryption"},
	    {"auth", "the sign-in"},
	    {"mail", "the sender"},
	    {"rcpt", "the recipient"},
	    {"data", "to take a message"},
	    {"content", "the message after it had been sent"},
	};

	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++)
		if (str_eq(table[i].stage, stage))
			return table[i].object;
	return "the message";
}

static const char *
last_line(const struct smtp_reply *r)
{
	return r->lines.n ? r->lines.v[r->lines.n - 1] : "";
}

/* Port and host, as the subject of a sentence. */
struct place {
	struct probe_ctx *ctx;
	const char *host;
	int port;
};

static void
say_accepted(struct place p, const struct sending *s, const struct delivery *d)
{
	char *to = strs_join(&s->to, ", ");

	if (d->refused.n == 0)
		probe_finding(p.ctx, FINDING_OK, "smtp.send.accepted",
		    "%s took the message of %lld bytes for %s: %s", p.host,
		    (long long)d->size, to, last_line(&d->reply));
	else
		probe_finding(p.ctx, FINDING_WARN, "smtp.send.partial",
		    "%s took the message for %zu of %zu recipients; refused: "
		    "%s",
		    p.host, d->taken, s->to.n, d->refused.v[0]);
	mem_free(to);
}

static void
say_interrupted(struct place p, const struct delivery *d)
{
	const struct upload *u = &d->upload;
	long long sent = (long long)u->passed;

	if (str_eq(d->stage, "data"))
		probe_finding(p.ctx, FINDING_FAIL, "smtp.send.cut",
		    "Port %d of %s gave no answer to DATA (%s).", p.port,
		    p.host, smtp_status_name(d->reply.status));
	else if (u->may_have_arrived)
		probe_finding(p.ctx, FINDING_FAIL, "smtp.send.unconfirmed",
		    "The whole message went to %s and no reply to it came; "
		    "it may have been delivered all the same, and was not "
		    "sent again.",
		    p.host);
	else if (d->end == SEND_SLOW)
		probe_finding(p.ctx, FINDING_WARN, "smtp.send.slow",
		    "The time was over when %lld of %lld bytes had gone to "
		    "%s; the line is slow, and nothing was cut.",
		    sent, (long long)d->size, p.host);
	else if (d->end == SEND_CUT)
		probe_finding(p.ctx, FINDING_FAIL, "smtp.send.cut",
		    "The connection to %s was cut in the middle of the "
		    "message, after %lld of %lld bytes or more.",
		    p.host, sent, (long long)d->size);
	else
		probe_finding(p.ctx, FINDING_FAIL, "smtp.send.stalled",
		    "The message to %s came to a halt: %lld of %lld bytes "
		    "went through, then nothing more.",
		    p.host, sent, (long long)d->size);
}

static void
say_no_login(struct place p, const struct delivery *d)
{
	if (d->auth.status == AUTH_NO_MECHANISM)
		probe_finding(p.ctx, FINDING_FAIL, "smtp.send.no-login",
		    "%s offers no sign-in that can be used, so nothing was "
		    "sent.",
		    p.host);
	else
		probe_finding(p.ctx, FINDING_FAIL, "smtp.send.no-login",
		    "The sign-in to %s did not succeed, so nothing was sent: "
		    "%s",
		    p.host,
		    d->reply.lines.n ? last_line(&d->reply)
				     : smtp_status_name(d->reply.status));
}

static void
say_no_tls(struct place p, const struct delivery *d)
{
	const struct cert_report *cert = d->session.shake.cert;
	char *faults = cert_faults_text(cert ? cert->faults : 0);

	probe_finding(p.ctx, FINDING_FAIL, "smtp.send.no-tls",
	    "Port %d of %s gives no encryption that can be trusted%s%s%s, so "
	    "nothing was sent.",
	    p.port, p.host, *faults ? " (certificate: " : "", faults,
	    *faults ? ")" : "");
	mem_free(faults);
}

static void
say_lost(struct place p, const struct delivery *d)
{
	if (d->lacks_utf8)
		probe_finding(p.ctx, FINDING_FAIL, "smtp.send.no-smtputf8",
		    "An address has letters outside ASCII before the @, and "
		    "%s does not take such addresses (SMTPUTF8).",
		    p.host);
	else if (d->session.reach != TCP_OPEN)
		probe_finding(p.ctx, FINDING_FAIL, "smtp.send.unreachable",
		    "Port %d of %s could not be reached to send (%s).", p.port,
		    p.host, tcp_reach_name(d->session.reach));
	else
		probe_finding(p.ctx, FINDING_FAIL, "smtp.send.lost",
		    "The dialogue with %s broke off at %s (%s): %s", p.host,
		    d->stage, smtp_status_name(d->reply.status),
		    last_line(&d->reply));
}

static void
say(struct place p, const struct sending *s, const struct delivery *d)
{
	switch (d->end) {
	case SEND_ACCEPTED:
		say_accepted(p, s, d);
		break;
	case SEND_REFUSED:
		probe_finding(p.ctx, FINDING_FAIL, "smtp.send.refused",
		    "%s refuses %s: %s", p.host, object_of(d->stage),
		    last_line(&d->reply));
		break;
	case SEND_TEMPORARY:
		probe_finding(p.ctx, FINDING_WARN, "smtp.send.temporary",
		    "%s refuses %s for now: %s", p.host, object_of(d->stage),
		    last_line(&d->reply));
		break;
	case SEND_CUT:
	case SEND_TIMEOUT:
	case SEND_SLOW:
		say_interrupted(p, d);
		break;
	case SEND_NO_LOGIN:
		say_no_login(p, d);
		break;
	case SEND_NO_TLS:
		say_no_tls(p, d);
		break;
	case SEND_UNKNOWN:
		say_lost(p, d);
		break;
	case SEND_CANCELLED:
		break;
	}
}

static void
put_text(struct probe_ctx *ctx, const char *fact, char *text)
{
	if (*text)
		probe_fact(ctx, fact, text);
	mem_free(text);
}

static void
put_recipients(struct probe_ctx *ctx, const struct delivery *d)
{
	if (d->taken > 0)
		probe_fact(
		    ctx, "send.recipients", d->refused.n > 0 ? "some" : "all");
	else if (d->refused.n > 0)
		probe_fact(ctx, "send.recipients", "none");
	put_text(ctx, "send.refused", strs_join(&d->refused, "\n"));
}

static void
put_facts(
    struct probe_ctx *ctx, const struct sending *s, const struct delivery *d)
{
	probe_fact(ctx, "send.result", result_word(d->end));
	probe_fact(ctx, "send.stage", d->stage);
	if (d->reply.code)
		probe_factf(ctx, "send.code", "%d", d->reply.code);
	if (*d->reply.enhanced)
		probe_fact(ctx, "send.enhanced", d->reply.enhanced);
	put_text(ctx, "send.said", session_said(&d->reply));
	put_text(ctx, "send.table", strs_join(&s->table, "\n"));
	if (d->id) {
		probe_fact(ctx, "send.id", d->id);
		probe_factf(ctx, "send.size", "%lld", (long long)d->size);
	}
	put_recipients(ctx, d);
	if (s->blackhole)
		probe_fact(ctx, "send.mss", "blackhole");
	else if (d->end == SEND_ACCEPTED && d->size >= LARGE_MESSAGE)
		probe_fact(ctx, "send.mss", "ok");
}

void
send_report(struct sending *s, struct delivery *d)
{
	struct place p = {s->ctx, s->host, s->target.port};

	if (d->end == SEND_CANCELLED) {
		s->ctx->result->status = PROBE_CANCELLED;
		return;
	}
	put_facts(s->ctx, s, d);
	if (s->blackhole)
		probe_finding(s->ctx, FINDING_FAIL, "net.mtu.blackhole",
		    "Large packets to port %d of %s are lost on the way: the "
		    "message came to a halt, and went through at once with "
		    "packets of %d bytes.",
		    p.port, p.host, NET_SMALL_SEGMENT);
	say(p, s, d);
}
