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
		put_summary(e, "send.kind", "size");
	if (fact_is(e, "send.types", "yes")) {
		put_summary(e, "send.utf8", "utf8");
		put_summary(e, "send.attachments", "attachments");
	}
	mem_free(text);
	strs_done(&all);
	strs_done(&others);
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
	if (fact_is(e, "login.token_expired", "yes"))
		return "token-expired";
	if (fact_is(e, "login.token_audience", "graph") ||
	    fact_is(e, "login.token_audience", "other"))
		return "token-wrong-audience";
	if (fact_is(e, "login.token_scope", "missing"))
		return "token-missing-scope";
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
}

static const char *
cause_of(const struct reply_text *r, const char *otherwise)
{
	return r && r->cause && !str_eq(r->cause, "none") ? r->cause
							  : otherwise;
}

static void
derive_login_cause(struct engine *e)
{
	const char *result = fact_value(e, "login.result");
	const struct job *j =
	    job_with(e, "auth_login", "host", given(e, "login.host"));
	const struct reply_text *r;

	if (!j || !result || !str_in_set(result, "refused|temporary")) {
		put_summary(e, "login.cause",
		    result && str_eq(result, "accepted") ? "none" : "unknown");
		return;
	}
	r = reply_of(e, &j->result.facts, "login");
	put_cause(e, "login.cause",
	    refine(e, cause_of(r, str_eq(result, "temporary")
				      ? "server-busy"
				      : "wrong-credentials")));
	put_words(e, "login", r);
}

/* What one message came to, as a contract cause. */
static const char *
message_cause(const struct kvs *f, const struct reply_text *r)
{
	const char *result = kvs_get_or(f, "send.result", "unknown");

	if (str_eq(kvs_get(f, "send.mss"), "blackhole"))
		return "mtu-blackhole";
	if (str_eq(result, "accepted"))
		return str_eq(kvs_get(f, "send.recipients"), "some")
			   ? "recipient-rejected"
			   : "none";
	if (str_in_set(result, "cut|timeout"))
		return "transfer-cut";
	if (str_eq(result, "temporary"))
		return cause_of(r, "server-busy");
	return str_eq(result, "refused") ? cause_of(r, "other") : "unknown";
}

/* The first message that was not simply accepted decides. */
static void
derive_send_cause(struct engine *e)
{
	const char *decided = "unknown";
	const struct reply_text *words = NULL;

	for (size_t i = 0; i < e->n_jobs; i++) {
		const struct job *j = &e->jobs[i];
		const struct reply_text *r;
		const char *cause;

		if (!j->ended || !job_counts(j) ||
		    j->probe->effect != PROBE_SENDS_MAIL)
			continue;
		r = reply_of(e, &j->result.facts, "send");
		cause = message_cause(&j->result.facts, r);
		if (!str_eq(decided, "unknown") && !str_eq(decided, "none"))
			break;
		decided = cause;
		words = str_eq(cause, "none") ? NULL : r;
	}
	put_cause(e, "send.cause", decided);
	put_words(e, "send", words);
}

void
derive_login(struct engine *e)
{
	derive_where(e);
	derive_login_cause(e);
	derive_send_cause(e);
}
