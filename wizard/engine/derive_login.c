/* SPDX-License-Identifier: ISC
 *
 * Where a sign-in is tried, and what a refused one or a refused message
 * means: by the server's reply, the token itself, and dated data.
 */
#include "derive.h"

#include "../../probes/base/mem.h"
#include "facts.h"

#include <stdio.h>
#include <string.h>

#define SEND_MAX_OTHERS 4 /* never more than 5 recipients in all */

static bool
has_token(const struct engine *e)
{
	return fact_is(e, "account.secret", "token");
}

/* "ADDR:PORT/SECURITY" with the encryption that the port really serves. */
static void
put_target(struct engine *e, const struct job *j, const char *where)
{
	const char *target = kvs_get(&j->params, "target");
	const char *serves = kvs_get(&j->result.facts, "port.serves");
	int len = (int)strcspn(target, "/");

	put_summary(e, "login.where", where);
	put_summary(e, "login.host", kvs_get(&j->params, "host"));
	fact_putf(e, "login.target", FROM_DERIVED, BY, "%.*s/%s", len, target,
	    serves);
}

/* The user first; then those of send.to who are somebody else. */
static void
derive_recipients(struct engine *e)
{
	const char *self = given(e, "account.email");
	struct strs all = {0}, others = {0};
	char *text;

	put_summary(e, "send.from", self);
	put_summary(e, "send.first", self);
	if (given(e, "send.to"))
		strs_split(&all, given(e, "send.to"), ", ");
	for (size_t i = 0; i < all.n && others.n < SEND_MAX_OTHERS; i++)
		if (!str_same(all.v[i], self))
			strs_add(&others, all.v[i]);
	text = strs_join(&others, ",");
	put_summary(e, "send.others", text);
	if (given(e, "message.size"))
		put_summary(e, "kind.size", "size");
	if (fact_is(e, "send.types", "yes")) {
		put_summary(e, "kind.utf8", "utf8");
		put_summary(e, "kind.attachments", "attachments");
	}
	mem_free(text);
	strs_done(&all);
	strs_done(&others);
}

/* A password proves nothing about an app that signs in with a token. */
static void
derive_fits(struct engine *e)
{
	const char *set = given(e, "app.auth");
	bool by_token = has_token(e);

	if (!set)
		put_summary(e, "login.fits", "unknown");
	else
		put_summary(e, "login.fits",
		    str_eq(set, "oauth2") == by_token ? "yes" : "no");
}

static void
derive_where(struct engine *e)
{
	struct candidate best;
	const struct job *mine = mine_job_now(e);
	char *name;

	if (mine && fact_is(e, "mine.passes", "yes") &&
	    !str_eq(kvs_get(&mine->result.facts, "port.serves"), "none") &&
	    !fact_is(e, "mine.security", "none"))
		put_target(e, mine, "mine");
	else if (recommend_best(e, &best))
		put_target(e, best.job, "recommended");
	else {
		put_summary(e, "login.where", mine ? "none" : "unknown");
		return;
	}
	name = recommend_username(e);
	put_summary(e, "login.username", name);
	mem_free(name);
	derive_recipients(e);
}

/* Whose words they are: the provider's, else by the mark in the greeting. */
static const char *
speaker(const struct engine *e, const char *said)
{
	const struct job *mine = mine_job_now(e);
	const char *greeting =
	    mine ? kvs_get(&mine->result.facts, "port.greeting") : NULL;
	const char *found = given(e, "provider.id");

	if (!found && greeting)
		found = knowledge_speaker(e->setup.knowledge, greeting);
	return found || !said ? found
			      : knowledge_speaker(e->setup.knowledge, said);
}

/* The explanation of the reply in a result's facts ("login.", "send."). */
static const struct reply_text *
reply_of(const struct engine *e, const struct kvs *facts, const char *prefix)
{
	static const char *const parts[] = {
	    "stage", "code", "enhanced", "said"};
	const char *value[4];
	int64_t code = 0;

	for (int i = 0; i < 4; i++) {
		char name[32];

		snprintf(name, sizeof(name), "%s.%s", prefix, parts[i]);
		value[i] = kvs_get(facts, name);
	}
	if (!value[1] || !str_number(value[1], 0, 999, &code))
		return NULL;
	return knowledge_reply(e->setup.knowledge, speaker(e, value[3]),
	    value[0], (int)code, value[2], value[3]);
}

/* The token's own faults, where the server says no more than no. */
static const char *
token_cause(const struct engine *e)
{
	if (!has_token(e))
		return NULL;
	const char *said = given(e, "login.challenge");

	if (fact_is(e, "login.token_expired", "yes"))
		return "token-expired";
	if (fact_is(e, "login.token_audience", "graph") ||
	    fact_is(e, "login.token_audience", "other"))
		return "token-wrong-audience";
	if (fact_is(e, "login.token_scope", "missing"))
		return "token-missing-scope";
	/* What the server said of it (RFC 7628 section 3.2.2, and Google's). */
	if (said && (str_find_nocase(said, "insufficient_scope") ||
			(str_find_nocase(said, "\"400\"") &&
			    str_find_nocase(said, "scope"))))
		return "token-missing-scope";
	if (said && (str_find_nocase(said, "invalid_token") ||
			str_find_nocase(said, "\"401\"")))
		return "token-expired";
	return NULL;
}

/*
 * A reply that names nothing but wrong credentials may still be explained by
 * what is known: dated data, a second factor, the token.
 */
static const char *
refine(const struct engine *e, const char *cause)
{
	const char *token = token_cause(e);

	if (!str_eq(cause, "wrong-credentials"))
		return cause;
	if (token)
		return token;
	if (has_token(e))
		return cause;
	if (fact_is(e, "provider.passwords", "off"))
		return "basic-auth-disabled";
	if (fact_is(e, "app.auth", "app-password"))
		return cause;
	if (fact_is(e, "provider.passwords", "app-password") ||
	    fact_is(e, "account.two_factor", "yes"))
		return "app-password-required";
	return cause;
}

static void
put_cause(struct engine *e, const char *fact, const char *cause)
{
	const struct fact_info *info = engine_fact_info(fact);

	put_summary(e, fact, str_in_set(cause, info->values) ? cause : "other");
}

static void
put_words(struct engine *e, const char *prefix, const struct reply_text *r)
{
	char name[32];

	if (!r)
		return;
	snprintf(name, sizeof(name), "%s.meaning", prefix);
	put_data(e, name, r->meaning);
	snprintf(name, sizeof(name), "%s.fix", prefix);
	put_data(e, name, r->fix.n > 0 ? r->fix.v[0] : NULL);
	snprintf(name, sizeof(name), "%s.who",
	    str_eq(prefix, "send") ? "sent" : prefix);
	if (r->who && str_in_set(r->who, "you|admin|provider|network"))
		put_data(e, name, r->who);
}

static const char *
cause_of(const struct reply_text *r, const char *otherwise)
{
	if (!r || !r->cause || str_in_set(r->cause, "none|unknown|works"))
		return otherwise;
	return r->cause;
}

/* Before the sign-in itself no credentials can have been wrong. */
static const char *
login_default(const struct engine *e, const char *result)
{
	if (str_eq(result, "temporary"))
		return "server-busy";
	return fact_is(e, "login.stage", "connect") ||
		       fact_is(e, "login.stage", "tls")
		   ? "service-refused"
		   : "wrong-credentials";
}

static void
derive_login_cause(struct engine *e)
{
	const char *result = fact_value(e, "login.result");
	const struct job *j =
	    job_with(e, "auth_login", "host", given(e, "login.host"));
	const char *plain, *refined;
	const struct reply_text *r;

	if (!j || !result || !str_in_set(result, "refused|temporary")) {
		put_summary(e, "login.cause",
		    result && str_eq(result, "accepted") ? "none" : "unknown");
		return;
	}
	r = reply_of(e, &j->result.facts, "login");
	plain = cause_of(r, login_default(e, result));
	if (str_eq(result, "temporary") && str_eq(plain, "wrong-credentials"))
		plain = "server-busy";
	/* It was encrypted when it said so. */
	if (str_eq(plain, "wrong-encryption") &&
	    fact_is(e, "login.stage", "auth"))
		plain = "other";
	refined = refine(e, plain);
	put_cause(e, "login.cause", refined);
	if (str_eq(plain, refined)) /* else the words are about another cause */
		put_words(e, "login", r);
}

/* A refusal of which nothing more is known, by where it came. */
static const char *
send_default(const struct kvs *f)
{
	const char *stage = kvs_get_or(f, "send.stage", "unknown");

	if (str_eq(kvs_get(f, "send.result"), "temporary"))
		return "server-busy";
	if (str_in_set(stage, "connect|tls"))
		return "service-refused";
	if (str_eq(stage, "mail"))
		return "sender-not-allowed";
	return str_eq(stage, "rcpt") ? "recipient-rejected" : "other";
}

/* The first message goes to the user: a full mailbox is their own. */
static bool
is_own_mailbox(const struct engine *e, const struct job *j)
{
	const char *enhanced = kvs_get(&j->result.facts, "send.enhanced");

	return str_same(kvs_get(&j->params, "to"), given(e, "send.from")) &&
	       enhanced && str_ends(enhanced, ".2.2");
}

/* What one message came to, as a contract cause. */
static const char *
message_cause(
    const struct engine *e, const struct job *j, const struct reply_text *r)
{
	const struct kvs *f = &j->result.facts;
	const char *result = kvs_get_or(f, "send.result", "unknown");
	const char *cause;

	if (str_eq(kvs_get(f, "send.mss"), "blackhole"))
		return "mtu-blackhole";
	if (str_eq(result, "accepted"))
		return str_eq(kvs_get(f, "send.recipients"), "some")
			   ? "recipient-rejected"
			   : "none";
	if (str_in_set(result, "cut|timeout"))
		return "transfer-cut";
	if (!str_in_set(result, "temporary|refused"))
		return "unknown";
	cause = cause_of(r, send_default(f));
	return str_eq(cause, "recipient-rejected") && is_own_mailbox(e, j)
		   ? "mailbox-full"
		   : cause;
}

/* The first message that was not simply accepted decides. */
static void
derive_send_cause(struct engine *e)
{
	const char *decided = "unknown", *state = "not-tried";
	const struct reply_text *words = NULL;

	for (size_t i = 0; i < e->n_jobs; i++) {
		const struct job *j = &e->jobs[i];
		const struct reply_text *r;

		if (!j->ended || !job_counts(j) ||
		    j->probe->effect != PROBE_SENDS_MAIL)
			continue;
		r = reply_of(e, &j->result.facts, "send");
		decided = message_cause(e, j, r);
		state = str_eq(decided, "none") ? "passed" : "failed";
		if (str_eq(state, "passed"))
			continue;
		words = r;
		put_summary(e, "sent.words",
		    kvs_get(&j->result.facts,
			kvs_get(&j->result.facts, "send.refused")
			    ? "send.refused"
			    : "send.said"));
		break;
	}
	put_summary(e, "sent.state", state);
	put_cause(e, "send.cause", decided);
	put_words(e, "send", words);
}

void
derive_login(struct engine *e)
{
	derive_where(e);
	derive_fits(e);
	derive_login_cause(e);
	derive_send_cause(e);
}
