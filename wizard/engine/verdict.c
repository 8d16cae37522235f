/* SPDX-License-Identifier: ISC
 *
 * The end of a walk: which rung of the verdict node holds first, its words
 * from causes.yaml filled in, the recommendation with what proved it, and
 * the comparison with what the app is set to.
 */
#include "engine_in.h"

#include "../../probes/base/mem.h"
#include "../playbook/when.h"

#include <stdio.h>
#include <string.h>

static bool
holds(const struct engine *e, const struct when *w)
{
	return !w || when_holds(w, fact_lookup, e);
}

/* A text counts when its condition holds and all it mentions is known. */
static bool
fits_here(const struct engine *e, const struct text_when *t)
{
	return holds(e, t->when) && facts_fill_all(e, t->text);
}

/* The first text that fits, filled in; the caller frees. */
static char *
first_text(const struct engine *e, const struct text_when *t, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (fits_here(e, &t[i]))
			return engine_fill(e, t[i].text);
	return mem_dup("");
}

static void
all_texts(const struct engine *e, const struct text_when *t, size_t n,
    struct strs *out)
{
	for (size_t i = 0; i < n; i++)
		if (fits_here(e, &t[i]))
			strs_take(out, engine_fill(e, t[i].text));
}

/* ---- which cause ------------------------------------------------------- */

static void
add_also(const struct engine *e, struct verdict *v, const char *cause)
{
	const struct cause *c = knowledge_cause(e->setup.knowledge, cause);

	if (str_eq(cause, v->cause) || strs_has(&v->also, cause))
		return;
	strs_add(&v->also, cause);
	strs_take(&v->also_titles,
	    c ? first_text(e, c->title, c->n_title) : mem_dup(cause));
}

static void
pick_cause(const struct engine *e, const struct node *n, struct verdict *v)
{
	for (size_t i = 0; i < n->n_branches; i++) {
		const struct branch *b = &n->branches[i];

		if (!holds(e, b->when))
			continue;
		if (v->cause) {
			if (!str_in_set(b->cause, "works|profile-rebuild"))
				add_also(e, v, b->cause);
			continue;
		}
		v->cause = mem_dup(b->cause);
		v->confidence = mem_dup(b->confidence);
		if (b->when)
			when_facts(b->when, &v->because);
	}
	if (v->cause)
		return;
	v->cause = mem_dup(n->otherwise ? n->otherwise : "inconclusive");
	strs_add(&v->because, "mine.passes");
	strs_add(&v->because, "recommended.found");
}

/* Facts that say nothing are no reason. */
static void
drop_unknown(const struct engine *e, struct strs *because)
{
	struct strs kept = {0};

	for (size_t i = 0; i < because->n; i++)
		if (!fact_is(e, because->v[i], "unknown"))
			strs_add(&kept, because->v[i]);
	strs_done(because);
	*because = kept;
}

static void
cause_texts(const struct engine *e, struct verdict *v)
{
	const struct cause *c = knowledge_cause(e->setup.knowledge, v->cause);

	if (!c)
		return;
	v->blame = mem_dup(c->blame);
	if (!v->confidence)
		v->confidence = mem_dup(c->confidence);
	v->title = first_text(e, c->title, c->n_title);
	v->meaning = first_text(e, c->meaning, c->n_meaning);
	v->fixed_by = first_text(e, c->fixed_by, c->n_fixed_by);
	all_texts(e, c->why, c->n_why, &v->why);
	all_texts(e, c->remedy, c->n_remedy, &v->remedy);
	all_texts(e, c->prevent, c->n_prevent, &v->prevent);
}

/* ---- evidence ---------------------------------------------------------- */

static void
reproduce(const struct engine *e, struct verdict *v)
{
	const char *host = fact_value(e, "mine.host");
	const char *port = fact_value(e, "mine.port");
	const char *domain = fact_value(e, "address.domain");
	bool implicit = fact_is(e, "mine.serves", "implicit-tls") ||
			fact_is(e, "mine.security", "implicit-tls");

	if (!host || !port) {
		if (domain)
			strs_addf(&v->reproduce, "dig MX %s", domain);
		return;
	}
	strs_addf(&v->reproduce, "dig A %s; dig AAAA %s", host, host);
	strs_addf(&v->reproduce,
	    "openssl s_client %s-connect %s:%s -servername %s "
	    "-verify_hostname %s -crlf",
	    implicit ? "" : "-starttls smtp ", host, port, host, host);
	strs_addf(&v->reproduce,
	    "swaks --server %s --port %s %s --quit-after "
	    "EHLO",
	    host, port, implicit ? "--tls-on-connect" : "--tls");
}

/* Which step the cause comes from: "login", "send" or "mine". */
static const char *
decided_by(const struct engine *e, const struct verdict *v)
{
	if (fact_is(e, "login.cause", v->cause) ||
	    (fact_is(e, "login.cause", "other") &&
		str_eq(v->cause, "wrong-credentials")))
		return "login";
	if (fact_is(e, "send.cause", v->cause) ||
	    (fact_is(e, "send.cause", "other") &&
		str_eq(v->cause, "content-rejected")))
		return "send";
	return "mine";
}

static void
said(const struct engine *e, struct verdict *v)
{
	char name[32];
	const char *text;

	if (str_eq(decided_by(e, v), "send"))
		snprintf(name, sizeof(name), "sent.words");
	else
		snprintf(name, sizeof(name), "%s.said", decided_by(e, v));
	text = fact_value(e, name);
	if (text)
		strs_split(&v->server_said, text, "\n");
}

/* What was odd about the secret may be all there is to it. */
static void
odd_words(const struct engine *e, const char *step, struct strs *remedy)
{
	struct strs ids = {0};

	if (str_eq(step, "login") && fact_value(e, "login.odd"))
		strs_split(&ids, fact_value(e, "login.odd"), " ");
	for (size_t i = 0; i < ids.n; i++)
		if (words_odd(ids.v[i]))
			strs_add(remedy, words_odd(ids.v[i]));
	strs_done(&ids);
}

/* What is known about exactly this reply goes before the general words. */
static void
reply_words(const struct engine *e, struct verdict *v)
{
	const char *step = decided_by(e, v);
	struct strs general = v->remedy;
	char name[32];

	if (str_eq(step, "mine"))
		return;
	snprintf(name, sizeof(name), "%s.meaning", step);
	if (fact_value(e, name))
		strs_add(&v->why, fact_value(e, name));
	snprintf(
	    name, sizeof(name), "%s.who", str_eq(step, "send") ? "sent" : step);
	if (fact_value(e, name)) {
		mem_free(v->fixed_by);
		v->fixed_by = mem_dup(fact_value(e, name));
	}
	snprintf(name, sizeof(name), "%s.fix", step);
	v->remedy = (struct strs){0};
	odd_words(e, step, &v->remedy);
	if (fact_value(e, name))
		strs_add(&v->remedy, fact_value(e, name));
	strs_copy(&v->remedy, &general);
	strs_done(&general);
}

/* ---- recommendation and comparison ------------------------------------- */

/* A sign-in or message counts for it when it went to that very port. */
static void
tested_login(
    const struct engine *e, const struct candidate *c, struct recommendation *r)
{
	const char *target = fact_value(e, "login.target");
	const char *login = fact_value(e, "login.result");
	const char *send = fact_value(e, "send.result");
	struct probe_target t;

	if (!target || !probe_target_parse(target, &t) || t.port != c->port ||
	    !str_same(c->host, fact_value(e, "login.host")))
		return;
	if (login && !str_eq(login, "unknown"))
		kvs_set(&r->tested, "login",
		    str_eq(login, "accepted") ? "pass" : "fail");
	if (send && !str_eq(send, "unknown"))
		kvs_set(&r->tested, "send",
		    fact_is(e, "send.cause", "none") ? "pass" : "fail");
}

static void
recommendation(
    const struct engine *e, const char *cause, struct recommendation *r)
{
	struct candidate c;
	const char *mine_port = fact_value(e, "mine.port");
	char port[8];

	/* No outgoing server is used: then none is recommended. */
	if (str_eq(cause, "smtp-not-used") || !recommend_best(e, &c))
		return;
	snprintf(port, sizeof(port), "%d", c.port);
	r->found = true;
	r->host = mem_dup(c.host);
	r->port = c.port;
	r->security = mem_dup(c.security);
	r->auth = mem_dup(recommend_auth(e, &c));
	r->username = recommend_username(e);
	r->tested_ms = c.job->started_ms + c.job->result.ms;
	r->is_mine = str_same(c.host, fact_value(e, "mine.host")) &&
		     str_eq(port, mine_port) && fact_is(e, "mine.fits", "yes");
	r->why = mem_dup(
	    c.documented
		? "documented by the provider, and it passed every test here"
		: "it passed every test from this computer");
	kvs_set(&r->tested, "dns", "pass");
	kvs_set(&r->tested, "tcp", "pass");
	kvs_set(&r->tested, "tls", "pass");
	kvs_set(&r->tested, "cert", "pass");
	kvs_set(&r->tested, "auth_offered",
	    str_eq(kvs_get(&c.job->result.facts, "port.auth"), "yes") ? "pass"
								      : "skip");
	kvs_set(&r->tested, "login", "skip");
	kvs_set(&r->tested, "send", "skip");
	tested_login(e, &c, r);
}

static void
compare(const struct engine *e, struct verdict *v, const char *setting,
    const char *fact, const char *recommended)
{
	struct setting_change *c;
	const char *yours = fact_value(e, fact);

	if (!yours || str_eq(yours, "unknown"))
		yours = "";
	c = MEM_PUSH(&v->compare, &v->n_compare, &v->cap_compare);
	c->setting = mem_dup(setting);
	c->yours = mem_dup(yours);
	c->recommended = mem_dup(recommended);
	c->change = *yours && !str_same(yours, recommended) &&
		    !(str_eq(fact, "app.security") && str_eq(yours, "auto"));
}

static void
comparison(const struct engine *e, struct verdict *v)
{
	const struct recommendation *r = &v->recommended;
	char port[8];

	if (!r->found)
		return;
	snprintf(port, sizeof(port), "%d", r->port);
	compare(e, v, "host", "app.host", r->host);
	compare(e, v, "port", "app.port", port);
	compare(e, v, "security", "app.security", r->security);
	compare(e, v, "auth", "app.auth", r->auth);
	compare(e, v, "username", "account.username", r->username);
}

/* ---- what cannot be seen from here ------------------------------------- */

static void
limits(const struct engine *e, struct verdict *v)
{
	const char *where = fact_value(e, "app.where");

	if (where && str_in_set(where, "same-network|elsewhere"))
		strs_add(&v->limits,
		    "The mail program runs on another computer. Its antivirus, "
		    "VPN, proxy, clock and hosts file were not seen.");
	if (where && str_eq(where, "elsewhere"))
		strs_add(&v->limits,
		    "That computer is on another network. Whether its ports "
		    "are open there was not tested.");
	if (fact_is(e, "local.wsl", "yes"))
		strs_add(&v->limits,
		    "This runs inside Windows (WSL). Windows' own antivirus, "
		    "VPN and proxy may treat Outlook differently.");
	if (fact_is(e, "local.proxy", "yes"))
		strs_add(&v->limits,
		    "A web proxy is set on this computer. Mail does not go "
		    "through it; the network may expect that everything does.");
	if (!fact_value(e, "login.result") ||
	    fact_is(e, "login.result", "unknown"))
		strs_add(&v->limits,
		    "No sign-in was tried and no message was sent.");
	else if (!fact_value(e, "send.result") ||
		 fact_is(e, "send.result", "unknown"))
		strs_add(&v->limits, "No message was sent.");
}

struct verdict *
verdict_new(const struct engine *e, const struct node *node, bool cut_short)
{
	struct verdict *v = mem_new(struct verdict);

	if (cut_short || node->kind != NODE_VERDICT) {
		v->cause = mem_dup("inconclusive");
		strs_add(&v->limits,
		    "The walk was stopped before all tests had ended.");
	} else
		pick_cause(e, node, v);
	drop_unknown(e, &v->because);
	recommendation(e, v->cause, &v->recommended);
	comparison(e, v);
	cause_texts(e, v);
	reply_words(e, v);
	said(e, v);
	reproduce(e, v);
	limits(e, v);
	return v;
}

static void
recommendation_done(struct recommendation *r)
{
	mem_free(r->host);
	mem_free(r->security);
	mem_free(r->auth);
	mem_free(r->username);
	mem_free(r->why);
	kvs_done(&r->tested);
}

void
verdict_free(struct verdict *v)
{
	if (!v)
		return;
	mem_free(v->cause);
	mem_free(v->blame);
	mem_free(v->confidence);
	mem_free(v->fixed_by);
	mem_free(v->title);
	mem_free(v->meaning);
	strs_done(&v->also);
	strs_done(&v->also_titles);
	strs_done(&v->server_said);
	strs_done(&v->remedy);
	strs_done(&v->prevent);
	strs_done(&v->why);
	strs_done(&v->because);
	strs_done(&v->reproduce);
	strs_done(&v->limits);
	recommendation_done(&v->recommended);
	for (size_t i = 0; i < v->n_compare; i++) {
		mem_free(v->compare[i].setting);
		mem_free(v->compare[i].yours);
		mem_free(v->compare[i].recommended);
	}
	mem_free(v->compare);
	mem_free(v);
}
