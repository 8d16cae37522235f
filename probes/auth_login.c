/* SPDX-License-Identifier: ISC
 *
 * Signs in once, with the password or token it was given, over a strict
 * connection of its own, and says what the server answered. Sends no mail.
 */
#include <string.h>

#include "base/clock.h"
#include "base/mem.h"
#include "base/secret.h"
#include "net/cert.h"
#include "probe.h"
#include "smtp_session.h"
#include "token.h"

static const struct probe_param params[] = {
    {"host", true, "the server's name as the user knows it"},
    {"target", true, "address:port/security"},
    {"username", true, "who signs in"},
    {NULL, false, NULL},
};

#define YES_NO "yes|no|unknown"

static const struct probe_fact facts[] = {
    {"login.result",
	"accepted|refused|temporary|no-mechanism|no-tls|dropped|unknown",
	"what became of the sign-in"},
    {"login.stage", "connect|tls|auth|unknown", "where it ended"},
    {"login.code", NULL, "the reply code that decided it"},
    {"login.enhanced", NULL, "its enhanced code"},
    {"login.said", NULL, "the server's words"},
    {"login.mech", NULL, "the mechanism that was used"},
    {"login.mechs", NULL, "the mechanisms that were offered"},
    {"login.challenge", NULL, "what the server said of a refused token"},
    {"login.odd", NULL, "what is odd about the secret, as ids"},
    {"login.token_kind", "jwt|opaque|blob|none|unknown",
	"what kind of token was given"},
    {"login.token_expired", YES_NO, "the token has expired by this clock"},
    {"login.token_audience", "smtp|graph|other|unknown",
	"whom the token is for"},
    {"login.token_scope", "send|send-as-app|missing|unknown",
	"whether the token permits sending by SMTP"},
    {"login.token_user", "match|other|unknown",
	"whether the token is for this user"},
    {NULL, NULL, NULL},
};

/* ---- the secret, before it is sent ---- */

static const char *
oddity_text(const char *id)
{
	static const struct {
		const char *id, *text;
	} texts[] = {
	    {"empty", "The password is empty."},
	    {"leading-blank", "The password begins with a blank."},
	    {"trailing-blank", "The password ends in a blank."},
	    {"nbsp", "The password holds a blank that is none, or a sign that "
		     "cannot be seen; copying it from a web page or a document "
		     "does that. Type it by hand."},
	    {"caps-lock", "The password is in capitals: is Caps Lock on?"},
	    {"non-ascii",
		"The password holds letters outside ASCII, which some "
		"servers and programs encode differently."},
	    {"app-password-blanks",
		"This looks like an app password with its blanks, which are "
		"only for reading; most providers want it without them."},
	    {"app-password", "This looks like an app password."},
	    {"looks-like-token",
		"This looks like an OAuth2 token, not like a password."},
	    {"control", "The password holds a control character or a line "
			"break."},
	};

	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		if (str_eq(texts[i].id, id))
			return texts[i].text;
	return id;
}

static void
judge_password(struct probe_ctx *ctx)
{
	struct strs odd = {0};
	char *joined;

	secret_oddities(ctx->password, &odd);
	joined = strs_join(&odd, " ");
	probe_fact(ctx, "login.odd", joined);
	mem_free(joined);
	probe_fact(ctx, "login.token_kind", "none");
	for (size_t i = 0; i < odd.n; i++) {
		char *id = mem_printf("login.odd.%s", odd.v[i]);
		bool fine = str_eq(odd.v[i], "app-password");

		probe_finding(ctx, fine ? FINDING_INFO : FINDING_WARN, id, "%s",
		    oddity_text(odd.v[i]));
		mem_free(id);
	}
	strs_done(&odd);
}

static const char *
answer_word(enum token_answer a, const char *yes, const char *no)
{
	switch (a) {
	case TOKEN_YES:
		return yes;
	case TOKEN_NO:
		return no;
	case TOKEN_UNSURE:
		break;
	}
	return "unknown";
}

static void
judge_token(struct probe_ctx *ctx, const char *user)
{
	const struct secret *s = ctx->token;
	int64_t now_ms = clock_utc_ms();
	struct token_report r;
	struct strs ids = {0}, texts = {0};
	char *faults;

	token_read(secret_text(s), secret_len(s), user, now_ms, &r);
	probe_fact(ctx, "login.token_kind", token_kind_name(r.kind));
	probe_fact(
	    ctx, "login.token_expired", answer_word(r.expired, "yes", "no"));
	probe_fact(
	    ctx, "login.token_audience", token_audience_name(r.audience));
	probe_fact(ctx, "login.token_scope", token_scope_name(r.scope));
	probe_fact(ctx, "login.token_user",
	    answer_word(r.user_matches, "match", "other"));
	faults = strs_join(&r.faults, " ");
	probe_fact(ctx, "login.odd", faults);
	mem_free(faults);
	token_findings(&r, now_ms, &ids, &texts);
	for (size_t i = 0; i < ids.n; i++) {
		char *id = mem_printf("login.token.%s", ids.v[i]);

		probe_finding(ctx, FINDING_WARN, id, "%s", texts.v[i]);
		mem_free(id);
	}
	strs_done(&ids);
	strs_done(&texts);
	token_report_done(&r);
}

/* ---- what came of it ---- */

static void
keep_reply(struct probe_ctx *ctx, const struct smtp_reply *r)
{
	char *said = session_said(r);

	if (r->code)
		probe_factf(ctx, "login.code", "%d", r->code);
	if (*r->enhanced)
		probe_fact(ctx, "login.enhanced", r->enhanced);
	if (*said)
		probe_fact(ctx, "login.said", said);
	mem_free(said);
}

static const char *
first_line(const struct smtp_reply *r)
{
	return r->lines.n ? r->lines.v[0] : "";
}

/* The certificate is bad, or TLS did not come about. */
static void
report_no_tls(struct probe_ctx *ctx, const struct session *s)
{
	const struct cert_report *cert = s->shake.cert;
	char *faults = cert_faults_text(cert ? cert->faults : 0);

	if (s->was_injected)
		probe_finding(ctx, FINDING_FAIL, "login.no-tls.injected",
		    "Something on the way put text behind the server's "
		    "STARTTLS go-ahead. Nothing secret was sent.");
	else if (*faults)
		probe_finding(ctx, FINDING_FAIL, "login.no-tls.certificate",
		    "The server's certificate is not genuine for this name "
		    "(%s). Nothing secret was sent.",
		    faults);
	else if (str_eq(s->stage, "tls") && s->ehlo.keywords.n &&
		 !s->ehlo.starttls)
		probe_finding(ctx, FINDING_FAIL, "login.no-tls.missing",
		    "The server offers no encryption (STARTTLS) here. Nothing "
		    "secret was sent.");
	else
		probe_finding(ctx, FINDING_FAIL, "login.no-tls",
		    "Encryption that can be trusted could not be begun "
		    "(%s%s%s). "
		    "Nothing secret was sent.",
		    tls_outcome_name(s->shake.outcome),
		    *s->shake.detail ? ": " : "", s->shake.detail);
	mem_free(faults);
}

/* The session ended before the sign-in. */
static void
report_session(struct probe_ctx *ctx, const struct session *s)
{
	probe_fact(ctx, "login.stage", s->stage);
	keep_reply(ctx, &s->reply);
	switch (s->end) {
	case SESSION_READY:
		return;
	case SESSION_REFUSED:
		probe_fact(ctx, "login.result", "refused");
		probe_finding(ctx, FINDING_FAIL, "login.refused-early",
		    "The server refused before the sign-in: %s",
		    first_line(&s->reply));
		return;
	case SESSION_TEMPORARY:
		probe_fact(ctx, "login.result", "temporary");
		probe_finding(ctx, FINDING_WARN, "login.temporary-early",
		    "The server put us off before the sign-in: %s",
		    first_line(&s->reply));
		return;
	case SESSION_NO_TLS:
		probe_fact(ctx, "login.result", "no-tls");
		report_no_tls(ctx, s);
		return;
	case SESSION_DROPPED:
		probe_fact(ctx, "login.result", "dropped");
		if (s->reach != TCP_OPEN)
			probe_finding(ctx, FINDING_FAIL, "login.unreachable",
			    "The server could not be reached for the sign-in "
			    "(%s).",
			    tcp_reach_name(s->reach));
		else
			probe_finding(ctx, FINDING_FAIL, "login.dropped-early",
			    "The connection was lost before the sign-in (%s).",
			    smtp_status_name(s->reply.status));
		return;
	case SESSION_CANCELLED:
		ctx->result->status = PROBE_CANCELLED;
		return;
	}
}

/* Mechanisms that we know by name and do not speak. */
static char *
unspoken(const struct strs *offered)
{
	struct strs names = {0};
	char *joined;

	for (size_t i = 0; i < offered->n; i++) {
		const char *m = offered->v[i];

		if (str_starts(m, "SCRAM-") ||
		    str_in_set(m, "CRAM-MD5|DIGEST-MD5|NTLM|GSSAPI|"
				  "GSS-SPNEGO|EXTERNAL|KERBEROS_V4"))
			strs_add(&names, m);
	}
	joined = strs_join(&names, ", ");
	strs_done(&names);
	return joined;
}

static void
report_no_mechanism(struct probe_ctx *ctx, const struct strs *offered)
{
	char *all = strs_join(offered, ", ");
	char *known = unspoken(offered);
	const char *need = ctx->token ? "XOAUTH2 or OAUTHBEARER for a token"
				      : "PLAIN or LOGIN for a password";

	if (offered->n == 0)
		probe_finding(ctx, FINDING_FAIL, "login.no-mechanism",
		    "The server offers no sign-in here, even inside TLS. "
		    "Nothing secret was sent.");
	else
		probe_finding(ctx, FINDING_FAIL, "login.no-mechanism",
		    "The server offers %s; smtpwiz speaks %s%s%s%s. Nothing "
		    "secret was sent.",
		    all, need, *known ? ", and does not speak " : "", known,
		    "");
	mem_free(all);
	mem_free(known);
}

static void
report_challenge(struct probe_ctx *ctx, const struct auth_result *a)
{
	char *text;

	if (!a->challenge)
		return;
	probe_fact(ctx, "login.challenge", a->challenge);
	text = token_challenge_text(a->challenge);
	probe_finding(ctx, FINDING_INFO, "login.challenge", "%s", text);
	mem_free(text);
}

static void
report_lost(struct probe_ctx *ctx, const struct auth_result *a)
{
	if (a->reply.status == SMTP_OK) {
		probe_fact(ctx, "login.result", "unknown");
		probe_finding(ctx, FINDING_FAIL, "login.protocol",
		    "The server answered the sign-in with something that is "
		    "no answer to it: %s",
		    first_line(&a->reply));
		return;
	}
	probe_fact(ctx, "login.result", "dropped");
	probe_finding(ctx, FINDING_FAIL, "login.dropped",
	    "No answer to the sign-in came (%s).",
	    smtp_status_name(a->reply.status));
}

static void
report_login(
    struct probe_ctx *ctx, const struct session *s, const struct auth_result *a)
{
	const char *what = ctx->token ? "token" : "password";

	probe_fact(ctx, "login.stage", "auth");
	if (*a->mechanism)
		probe_fact(ctx, "login.mech", a->mechanism);
	keep_reply(ctx, &a->reply);
	report_challenge(ctx, a);
	switch (a->status) {
	case AUTH_ACCEPTED:
		probe_fact(ctx, "login.result", "accepted");
		probe_finding(ctx, FINDING_OK, "login.ok",
		    "The server accepted the %s (%s).", what, a->mechanism);
		return;
	case AUTH_REFUSED:
		probe_fact(ctx, "login.result", "refused");
		probe_finding(ctx, FINDING_FAIL, "login.refused",
		    "The server refused the sign-in (%s): %s", a->mechanism,
		    first_line(&a->reply));
		return;
	case AUTH_TEMPORARY:
		probe_fact(ctx, "login.result", "temporary");
		probe_finding(ctx, FINDING_WARN, "login.temporary",
		    "The server cannot check the sign-in right now (%s): %s",
		    a->mechanism, first_line(&a->reply));
		return;
	case AUTH_NO_MECHANISM:
		probe_fact(ctx, "login.result", "no-mechanism");
		report_no_mechanism(ctx, &s->ehlo.auth);
		return;
	case AUTH_BROKEN:
		report_lost(ctx, a);
		return;
	case AUTH_CANCELLED:
		ctx->result->status = PROBE_CANCELLED;
		return;
	}
}

static void
log_in(struct probe_ctx *ctx, const char *host,
    const struct probe_target *target, const char *user)
{
	struct session s;
	struct auth_result a = {0};
	char *mechs;

	if (!session_open(&s, ctx, host, target)) {
		report_session(ctx, &s);
		session_close(&s);
		return;
	}
	mechs = strs_join(&s.ehlo.auth, " ");
	probe_fact(ctx, "login.mechs", mechs);
	mem_free(mechs);
	session_login(&s, ctx, host, target, user, &a);
	report_login(ctx, &s, &a);
	session_close(&s);
	auth_result_done(&a);
}

static void
run(struct probe_ctx *ctx)
{
	const char *host = probe_param(ctx, "host");
	const char *user = probe_param(ctx, "username");
	const char *text = probe_param(ctx, "target");
	struct probe_target target;

	if (!host || !user || !text || !probe_target_parse(text, &target)) {
		ctx->result->status = PROBE_FAILED;
		err_set(&ctx->result->err, ERR_USAGE,
		    "auth_login needs a host, a user name and a target.");
	} else if (!ctx->password == !ctx->token) {
		ctx->result->status = PROBE_FAILED;
		err_set(&ctx->result->err, ERR_USAGE,
		    "auth_login needs a password or a token.");
	} else {
		if (ctx->token)
			judge_token(ctx, user);
		else
			judge_password(ctx);
		if (str_eq(target.security, "none")) {
			probe_fact(ctx, "login.result", "no-tls");
			probe_finding(ctx, FINDING_FAIL, "login.no-tls",
			    "A sign-in without encryption is not tried: "
			    "anybody on the way could read the secret.");
		} else {
			log_in(ctx, host, &target, user);
		}
	}
	probe_unknowns(ctx, facts);
}

const struct probe probe_auth_login = {
    .name = "auth_login",
    .summary = "sign in once with a password or a token",
    .params = params,
    .facts = facts,
    .effect = PROBE_LOGS_IN,
    .contacts = "the mail server, which gets the user name and the secret",
    .gate_param = "target",
    .run = run,
};
