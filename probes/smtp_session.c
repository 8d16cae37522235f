/* SPDX-License-Identifier: ISC
 *
 * Opening the strict connection, step by step; each step says what ended it.
 */
#include "smtp_session.h"

#include <string.h>

#include "base/clock.h"
#include "base/mem.h"
#include "net/cert.h"

#define INJECTION_GRACE_MS 60
#define SAID_MAX 2000
#define MORE_GREETINGS 5 /* some servers send several replies of 220 */

/* A step that failed; the stage is where we stand. */
static bool
ended(struct session *s, enum session_end end)
{
	s->end = end;
	/* what the server said last did not decide that */
	if (end == SESSION_NO_TLS)
		smtp_reply_done(&s->reply);
	return false;
}

/* A reply that did not come, or is not what goes on. */
static bool
ended_by_reply(struct session *s)
{
	const struct smtp_reply *r = &s->reply;

	if (r->status == SMTP_CANCELLED)
		s->is_open = false;
	if (r->status == SMTP_CANCELLED)
		return ended(s, SESSION_CANCELLED);
	if (r->status != SMTP_OK) {
		s->is_open = false;
		return ended(s, SESSION_DROPPED);
	}
	return ended(
	    s, r->code / 100 == 4 ? SESSION_TEMPORARY : SESSION_REFUSED);
}

static bool
is_fine(const struct session *s, int code)
{
	return s->reply.status == SMTP_OK && s->reply.code == code;
}

static bool
connect_to(struct session *s, struct probe_ctx *ctx, const char *host,
    const struct probe_target *target)
{
	struct tcp_result t;

	s->net = ctx->net;
	s->net.yield_fd = -1;
	probe_stage(ctx, "connecting");
	t = tcp_connect(
	    &s->net, host, target->address, target->port, NULL, NULL);
	s->reach = t.reach;
	probe_note(ctx, "connect to %s port %d: %s, %d ms", target->address,
	    target->port, tcp_reach_name(t.reach), t.ms);
	if (t.reach == TCP_CANCELLED)
		return ended(s, SESSION_CANCELLED);
	if (t.reach != TCP_OPEN)
		return ended(s, SESSION_DROPPED);
	smtp_init(&s->smtp, &s->net, t.fd, &ctx->result->transcript);
	/* A server may have kept it from an earlier connection. */
	if (ctx->password)
		smtp_hide(&s->smtp, ctx->password);
	if (ctx->token)
		smtp_hide(&s->smtp, ctx->token);
	s->is_connected = true;
	probe_stage(ctx, "connected");
	return true;
}

static void
read_reply(struct session *s)
{
	smtp_reply_done(&s->reply);
	smtp_read(&s->smtp, &s->reply, s->reply_ms);
}

static void
command(struct session *s, const char *line)
{
	smtp_reply_done(&s->reply);
	smtp_command(&s->smtp, line, &s->reply, s->reply_ms);
}

static bool
greeting(struct session *s, struct probe_ctx *ctx)
{
	probe_stage(ctx, "greeting");
	read_reply(s);
	s->is_open = s->reply.status == SMTP_OK;
	return is_fine(s, 220) || ended_by_reply(s);
}

static bool
hello(struct session *s, struct probe_ctx *ctx)
{
	char name[300];
	char *line;

	probe_stage(ctx, "ehlo");
	smtp_ehlo_name(&s->smtp, name, sizeof(name));
	line = mem_printf("EHLO %s", name);
	command(s, line);
	mem_free(line);
	for (int i = 0; i < MORE_GREETINGS && is_fine(s, 220); i++)
		read_reply(s);
	if (!is_fine(s, 250))
		return ended_by_reply(s);
	smtp_ehlo_done(&s->ehlo);
	smtp_ehlo_read(&s->reply, &s->ehlo);
	return true;
}

static void
note_shake(const struct session *s, struct probe_ctx *ctx)
{
	const struct tls_result *t = &s->shake;
	char *faults;

	if (t->outcome == TLS_DONE) {
		probe_note(ctx,
		    "TLS begun, certificate verified: %s, %s, %d ms",
		    t->version, t->cipher, t->ms);
		return;
	}
	faults = cert_faults_text(t->cert ? t->cert->faults : 0);
	if (*faults)
		probe_note(
		    ctx, "TLS not begun: the certificate is bad (%s)", faults);
	else
		probe_note(ctx, "TLS not begun: %s%s%s",
		    tls_outcome_name(t->outcome), *t->detail ? ": " : "",
		    t->detail);
	mem_free(faults);
}

static bool
shake(struct session *s, struct probe_ctx *ctx, const char *host)
{
	s->stage = "tls";
	probe_stage(ctx, "tls");
	tls_strict(s->smtp.stream, host,
	    NET_HANDSHAKE_FACTOR * s->net.options->connect_timeout_ms,
	    &s->shake);
	note_shake(s, ctx);
	if (s->shake.outcome == TLS_DONE)
		return true;
	s->is_open = false;
	return ended(s, s->shake.outcome == TLS_CANCELLED ? SESSION_CANCELLED
							  : SESSION_NO_TLS);
}

/* RFC 3207; what came behind the go-ahead in the clear ends it. */
static bool
start_tls(struct session *s, struct probe_ctx *ctx)
{
	char *text = NULL;

	s->stage = "tls";
	probe_stage(ctx, "starttls");
	if (!s->ehlo.starttls)
		return ended(s, SESSION_NO_TLS);
	command(s, "STARTTLS");
	if (!is_fine(s, 220))
		return ended_by_reply(s);
	s->was_injected = smtp_discard(&s->smtp, INJECTION_GRACE_MS, &text) > 0;
	if (s->was_injected)
		probe_note(ctx, "plaintext behind the go-ahead: %s", text);
	mem_free(text);
	if (s->was_injected) {
		s->is_open = false;
		return ended(s, SESSION_NO_TLS);
	}
	return true;
}

static bool
is_implicit(const struct probe_target *target)
{
	if (str_eq(target->security, "auto"))
		return target->port == 465;
	return str_eq(target->security, "implicit-tls");
}

bool
session_open(struct session *s, struct probe_ctx *ctx, const char *host,
    const struct probe_target *target)
{
	memset(s, 0, sizeof(*s));
	s->stage = "connect";
	s->reply_ms = NET_REPLY_FACTOR * ctx->net.options->connect_timeout_ms;
	s->shake.alert = -1;
	if (!connect_to(s, ctx, host, target))
		return false;
	if (is_implicit(target)) {
		if (!shake(s, ctx, host))
			return false;
		s->stage = "connect";
		return greeting(s, ctx) && hello(s, ctx);
	}
	return greeting(s, ctx) && hello(s, ctx) && start_tls(s, ctx) &&
	       shake(s, ctx, host) && hello(s, ctx);
}

void
session_close(struct session *s)
{
	if (s->is_open)
		smtp_quit(&s->smtp);
	if (s->is_connected)
		smtp_done(&s->smtp);
	smtp_ehlo_done(&s->ehlo);
	smtp_reply_done(&s->reply);
	tls_result_done(&s->shake);
	memset(s, 0, sizeof(*s));
}

void
session_login(struct session *s, struct probe_ctx *ctx, const char *host,
    const struct probe_target *target, const char *user,
    struct auth_result *out)
{
	probe_stage(ctx, "auth");
	s->stage = "auth";
	auth_try(&s->smtp, &s->ehlo.auth, user, ctx->password, ctx->token, host,
	    target->port, s->reply_ms, out);
	if (out->status == AUTH_BROKEN || out->status == AUTH_CANCELLED)
		s->is_open = out->reply.status == SMTP_OK;
}

char *
session_said(const struct smtp_reply *r)
{
	char *all = strs_join(&r->lines, "\n");
	size_t len = strlen(all);

	if (len > SAID_MAX) {
		len = SAID_MAX;
		while (len && ((unsigned char)all[len] & 0xc0) == 0x80)
			len--;
		all[len] = '\0';
	}
	return all;
}
