/* SPDX-License-Identifier: ISC
 *
 * What the token doctor saw, in sentences for people.
 */
#include "token.h"

#include <stdarg.h>
#include <string.h>

#include "base/clock.h"
#include "base/mem.h"
#include "token_claims.h"

/* "3 minutes", for what is past or to come. */
static char *
duration(int64_t ms)
{
	static const struct {
		int64_t ms;
		const char *one, *many;
	} units[] = {
	    {86400000, "day", "days"},
	    {3600000, "hour", "hours"},
	    {60000, "minute", "minutes"},
	    {1000, "second", "seconds"},
	};

	if (ms < 0)
		ms = -ms;
	for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++) {
		int64_t n = ms / units[i].ms;

		if (n > 0)
			return mem_printf("%lld %s", (long long)n,
			    n == 1 ? units[i].one : units[i].many);
	}
	return mem_dup("a moment");
}

static void
add_time(struct strs *to, const char *fmt_past, const char *fmt_future,
    int64_t at_ms, int64_t now_ms)
{
	char when[CLOCK_TEXT];
	char *text;
	bool past = at_ms <= now_ms;

	clock_format(at_ms, when);
	text = duration(at_ms - now_ms);
	if (past)
		strs_addf(to, "%s %s ago (%s).", fmt_past, text, when);
	else
		strs_addf(to, "%s %s (%s).", fmt_future, text, when);
	mem_free(text);
}

/* Sentences with their ids, side by side. */
struct complaints {
	struct strs *ids, *texts;
};

static void complain(struct complaints *c, const char *id, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

static void
complain(struct complaints *c, const char *id, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	strs_take(c->texts, mem_vprintf(fmt, ap));
	va_end(ap);
	strs_add(c->ids, id);
}

static void
complain_audience(const struct token_report *r, struct complaints *c)
{
	switch (r->audience) {
	case TOKEN_AUDIENCE_GRAPH:
		complain(c, "audience",
		    "The token is for Microsoft Graph (aud), not for the mail "
		    "server: ask for the scope "
		    "https://outlook.office.com/SMTP.Send, in a request of "
		    "its own.");
		return;
	case TOKEN_AUDIENCE_OTHER:
		complain(c, "audience",
		    "The token is for \"%s\" (aud), which is none of "
		    "Microsoft's mail servers.",
		    r->audience_text);
		return;
	case TOKEN_AUDIENCE_SMTP:
	case TOKEN_AUDIENCE_UNKNOWN:
		return;
	}
}

static void
complain_scope(const struct token_report *r, struct complaints *c)
{
	if (r->scope != TOKEN_SCOPE_MISSING)
		return;
	if (*r->scope_text)
		complain(c, "scope",
		    "The token permits \"%s\" and not sending by SMTP: that "
		    "needs SMTP.Send (or, for a program without a user, the "
		    "role SMTP.SendAsApp).",
		    r->scope_text);
	else
		complain(c, "scope",
		    "The token names no permission; sending by SMTP needs "
		    "SMTP.Send or the role SMTP.SendAsApp.");
}

static void
complain_user(const struct token_report *r, struct complaints *c)
{
	if (r->user_matches != TOKEN_NO)
		return;
	complain(c, "user",
	    "The token belongs to \"%s\", not to the account that signs in; "
	    "that works only for a shared mailbox this person may send from.",
	    *r->user_text ? r->user_text : r->blob_user);
}

static void
complain_expiry(
    const struct token_report *r, int64_t now_ms, struct complaints *c)
{
	if (r->expired != TOKEN_YES)
		return;
	add_time(c->texts, "The token expired", "", r->ends_ms, now_ms);
	strs_add(c->ids, "expired");
}

void
token_findings(const struct token_report *r, int64_t now_ms, struct strs *ids,
    struct strs *texts)
{
	struct complaints c = {ids, texts};

	if (r->kind == TOKEN_UNKNOWN && r->faults.n == 0)
		complain(
		    &c, "unknown", "This does not look like an access token.");
	for (size_t i = 0; i < r->faults.n; i++) {
		const char *text = token_fault_text(r->faults.v[i]);

		if (text)
			complain(&c, r->faults.v[i], "%s", text);
	}
	if (r->kind == TOKEN_BLOB)
		complain(&c, "blob",
		    "This is a whole sign-in response, not only the token in "
		    "it.");
	complain_expiry(r, now_ms, &c);
	complain_audience(r, &c);
	complain_scope(r, &c);
	complain_user(r, &c);
}

void
token_complaints(const struct token_report *r, int64_t now_ms, struct strs *to)
{
	struct strs ids = {0};

	token_findings(r, now_ms, &ids, to);
	strs_done(&ids);
}

static void
describe_kind(const struct token_report *r, struct strs *to)
{
	switch (r->kind) {
	case TOKEN_NONE:
		strs_add(to, "There is no token.");
		return;
	case TOKEN_JWT:
		strs_addf(to,
		    "A JSON web token%s%s; its signature was not verified.",
		    r->maker ? " of " : "", r->maker ? r->maker : "");
		return;
	case TOKEN_OPAQUE:
		strs_addf(to,
		    "An opaque token%s%s: only the server that made it can "
		    "say what it permits and how long.",
		    r->maker ? " of " : "", r->maker ? r->maker : "");
		return;
	case TOKEN_BLOB:
		strs_addf(to, "A whole %s response for \"%s\".",
		    r->blob_is_bearer ? "OAUTHBEARER" : "XOAUTH2",
		    r->blob_user);
		return;
	case TOKEN_UNKNOWN:
		return;
	}
}

static void
describe_text(struct strs *to, const char *label, const char *text)
{
	if (*text)
		strs_addf(to, "%s: %s", label, text);
}

void
token_describe(const struct token_report *r, int64_t now_ms, struct strs *to)
{
	describe_kind(r, to);
	describe_text(to, "For (aud)", r->audience_text);
	describe_text(to, "Permits (scp, roles)", r->scope_text);
	describe_text(to, "User", r->user_text);
	describe_text(to, "Tenant (tid)", r->tenant);
	describe_text(to, "Application (appid)", r->app);
	describe_text(to, "Issued by (iss)", r->issuer);
	if (r->issued_ms)
		add_time(to, "Issued", "Issued, by its own word, in",
		    r->issued_ms, now_ms);
	if (r->ends_ms && r->ends_ms > now_ms)
		add_time(to, "", "Valid for another", r->ends_ms, now_ms);
}

static const char *
status_meaning(const char *status)
{
	if (str_eq(status, "401") || str_same(status, "invalid_token"))
		return "the token has expired, was withdrawn or is not valid; "
		       "get a new one";
	if (str_same(status, "insufficient_scope"))
		return "the token lacks the permission to send mail";
	if (str_eq(status, "400"))
		return "the token lacks the permission to send mail, or "
		       "belongs to another user";
	if (str_same(status, "invalid_request"))
		return "the sign-in was not put together as the server wants "
		       "it";
	return "the token was refused";
}

char *
token_challenge_text(const char *json)
{
	struct token_challenge c;
	char *text;

	if (!token_read_challenge(json, &c))
		return mem_dup("The server said something about the token "
			       "that cannot be read.");
	text =
	    mem_printf("The server says of the token: status \"%s\" (%s)%s%s%s",
		c.status, status_meaning(c.status),
		*c.scope ? "; it asks for the scope " : "", c.scope, ".");
	token_challenge_done(&c);
	return text;
}
