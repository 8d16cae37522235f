/* SPDX-License-Identifier: ISC
 *
 * Sums the port matrix up into closed facts: the app's own setting
 * (mine.*), the best other configuration (other.*), another server (alt.*)
 * and the way there (path.*).
 */
#include "engine_in.h"

#include "../../probes/base/mem.h"

#include <stdio.h>
#include <string.h>

#define BY "port matrix"

static void
put(struct engine *e, const char *name, const char *value)
{
	fact_put(e, name, value, FROM_DERIVED, BY);
}

static bool
is(const struct kvs *facts, const char *name, const char *value)
{
	return str_eq(kvs_get_or(facts, name, "unknown"), value);
}

int
mine_port(const struct engine *e)
{
	const char *text = fact_value(e, "mine.port");
	int64_t port;

	return text && str_number(text, 1, 65535, &port) ? (int)port : 0;
}

/* ---- the app's own setting --------------------------------------------- */

/* A test of the app's server and port, on whichever address? */
static bool
is_of_mine(const struct engine *e, const struct job *j, struct probe_target *t)
{
	return job_counts(j) && str_eq(j->probe->name, "smtp_port") &&
	       str_same(
		   kvs_get(&j->params, "host"), fact_value(e, "mine.host")) &&
	       probe_target_parse(kvs_get(&j->params, "target"), t) &&
	       t->port == mine_port(e);
}

/* The address judged: the one that gets furthest with the app's setting. */
static const struct job *
mine_job(const struct engine *e, const char *security)
{
	const char *host = fact_value(e, "mine.host");
	const struct job *best = NULL;
	enum rung top = RUNG_NONE;

	for (size_t i = 0; i < e->n_jobs; i++) {
		const struct job *j = &e->jobs[i];
		struct probe_target t;
		enum rung rung;

		if (!j->ended || !is_of_mine(e, j, &t))
			continue;
		rung = result_rung(e, &j->result.facts, security, host);
		if (!best || rung > top ||
		    (rung == top && rung == RUNG_CONNECT &&
			connect_weight(j) > connect_weight(best))) {
			best = j;
			top = rung;
		}
	}
	return best;
}

const struct job *
mine_job_now(const struct engine *e)
{
	const char *security = fact_value(e, "mine.security");

	return security ? mine_job(e, security) : NULL;
}

/* Does the app's encryption fit what the port serves? */
static const char *
fits(const struct kvs *f, const char *security)
{
	const char *serves = kvs_get_or(f, "port.serves", "unknown");
	bool plain_tls = str_eq(security, "starttls");

	if (str_eq(serves, "unknown"))
		return "unknown";
	if (str_eq(security, "auto") || str_eq(security, serves))
		return "yes";
	if (str_eq(security, "implicit-tls"))
		return "tls-on-plain";
	if (str_eq(serves, "implicit-tls"))
		return "plain-on-tls";
	if (plain_tls)
		return "yes"; /* the right mode; that none is offered is apart
			       */
	if (is(f, "port.auth_plain", "no") && is(f, "port.auth", "yes"))
		return "none-required";
	return "yes";
}

/* Contract, rule 4: stripping needs a positive sign. */
static const char *
starttls(const struct engine *e, const struct kvs *f)
{
	const char *seen = kvs_get_or(f, "port.starttls", "unknown");
	bool documented = false, known;
	bool sign =
	    is(f, "port.masked", "yes") || is(f, "port.ehlo", "helo-only");

	if (is(f, "port.serves", "implicit-tls"))
		return "not-needed";
	if (str_eq(seen, "hidden"))
		return "stripped";
	if (fact_value(e, "mine.host"))
		documented =
		    str_eq(documented_security(e, fact_value(e, "mine.host"),
			       mine_port(e), &known),
			"starttls") &&
		    knowledge_by_host(
			e->setup.knowledge, fact_value(e, "mine.host"));
	if (str_eq(seen, "missing"))
		return sign || documented ? "stripped" : "missing";
	if (str_eq(seen, "refused") && sign)
		return "stripped";
	return seen;
}

/*
 * What answers, as the app's setting meets it: with implicit TLS the client
 * speaks first, so what goes wrong then is a matter of the handshake
 * (contract, rule 5).
 */
static void
put_speaks_and_tls(struct engine *e, const struct kvs *f, const char *security)
{
	const char *speaks = kvs_get_or(f, "port.speaks", "unknown");
	const char *tls = kvs_get_or(f, "port.tls", "unknown");
	bool implicit = str_eq(security, "implicit-tls");
	bool tls_fell = str_in_set(tls, "failed|silent|too-old|client-cert");

	if (str_in_set(speaks, "silent|tls|other") && implicit && tls_fell)
		speaks = "unknown";
	if (is(f, "port.starttls", "refused"))
		tls = "failed";
	if (str_eq(tls, "silent"))
		tls = implicit || is(f, "port.starttls", "offered") ? "failed"
								    : "none";
	put(e, "mine.speaks", speaks);
	put(e, "mine.tls", tls);
}

static void
put_auth(struct engine *e, const struct kvs *f, const char *security)
{
	bool plain = str_eq(security, "none");
	const char *seen =
	    kvs_get_or(f, plain ? "port.auth_plain" : "port.auth", "unknown");
	const char *mechs =
	    kvs_get_or(f, plain ? "port.mechs_plain" : "port.mechs", "");
	const char *method = "unknown";
	bool offered = str_eq(seen, "yes");

	put(e, "mine.auth",
	    offered              ? "offered"
	    : str_eq(seen, "no") ? "not-offered"
				 : "unknown");
	put(e, "mine.mechs", mechs);
	if (fact_is(e, "app.auth", "none"))
		method = offered              ? "none-set"
			 : str_eq(seen, "no") ? "fits"
					      : "unknown";
	else if (fact_is(e, "app.auth", "oauth2") && offered)
		method = mechs_have(mechs, TOKEN_MECHS) ? "fits" : "not-taken";
	else if (fact_is(e, "app.auth", "password") ||
		 fact_is(e, "app.auth", "app-password")) {
		if (fact_is(e, "provider.passwords", "off"))
			method = "passwords-off";
		else if (offered)
			method = mechs_have(mechs, PASSWORD_MECHS)
				     ? "fits"
				     : "not-taken";
	}
	put(e, "mine.method", method);
}

/*
 * Each fault by itself, so that the ladder can tell them all, on whichever
 * address it was met: a program that meets it does not try the next. Beside
 * an interceptor's certificate no other fault is the server's; beside a
 * wrong clock the dates are not.
 */
static void
put_faults(struct engine *e, const char *verdict, bool v6)
{
	static const char *const table[][2] = {
	    {"self-signed", "cert.self_signed"},
	    {"chain-incomplete", "cert.chain_incomplete"},
	    {"untrusted", "cert.untrusted"},
	    {"other", "cert.untrusted"},
	    {"expired", "cert.expired"},
	    {"not-yet-valid", "cert.not_yet_valid"},
	    {"name-mismatch", "cert.name_mismatch"},
	    {"weak", "cert.weak"},
	};
	struct strs faults = {0};
	bool clock = fact_is(e, "path.clock", "wrong");

	if (str_eq(verdict, "unknown"))
		return;
	for (size_t i = 0; i < e->n_jobs; i++) {
		const struct kvs *f = &e->jobs[i].result.facts;
		struct probe_target t;

		if (is_of_mine(e, &e->jobs[i], &t) &&
		    (strchr(t.address, ':') != NULL) == v6 &&
		    !str_eq(verdict, "intercepted"))
			strs_split(&faults,
			    kvs_get_or(f, "port.cert_faults", ""), " ");
	}
	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		bool date = str_in_set(table[i][0], "expired|not-yet-valid");

		if (strs_has(&faults, table[i][0]) && !(date && clock))
			put(e, table[i][1], "yes");
		else if (!fact_value(e, table[i][1]))
			put(e, table[i][1], "no");
	}
	strs_done(&faults);
}

static void
put_cert(struct engine *e, const struct kvs *f, bool v6)
{
	const struct interceptor *who = NULL;
	const char *verdict =
	    cert_verdict(e, f, fact_value(e, "mine.host"), &who);

	put(e, "mine.cert", verdict);
	put_faults(e, verdict, v6);
	put(e, "mine.cert_names", kvs_get(f, "port.cert_names"));
	put(e, "mine.cert_issuer", kvs_get(f, "port.cert_issuer"));
	put(e, "mine.cert_not_after", kvs_get(f, "port.cert_not_after"));
	put(e, "mine.cert_not_before", kvs_get(f, "port.cert_not_before"));
	put(e, "mine.tls_version", kvs_get(f, "port.tls_version"));
	put(e, "path.interception",
	    str_eq(verdict, "unknown")       ? "unknown"
	    : str_eq(verdict, "intercepted") ? "yes"
					     : "no");
	if (!str_eq(verdict, "intercepted"))
		return;
	if (!who)
		return;
	put(e, "mine.interceptor", who->name);
	put(e, "mine.interceptor_kind", who->kind);
	put(e, "mine.interceptor_advice", who->advice);
}

/* Takes mail with a sign-in under the encryption that it serves? */
static const char *
submits(const struct kvs *f)
{
	if (!is(f, "port.speaks", "smtp"))
		return is(f, "port.speaks", "unknown") ? "unknown" : "no";
	if (is(f, "port.auth", "yes") || is(f, "port.auth_plain", "yes"))
		return "yes";
	if (is(f, "port.auth", "unknown") && !is(f, "port.serves", "none"))
		return "unknown";
	return "no";
}

/* Did it greet as a mail server does, whatever came after? */
static const char *
greeted(const struct kvs *f)
{
	const char *greeting = kvs_get(f, "port.greeting");

	if (!is(f, "port.reach", "open"))
		return "unknown";
	return greeting && str_starts(greeting, "220") ? "yes" : "no";
}

static void
put_mine(struct engine *e, const struct job *j, const char *security)
{
	const struct kvs *f = &j->result.facts;
	struct probe_target t;

	if (str_eq(security, "auto") && !is(f, "port.serves", "unknown"))
		security = kvs_get(f, "port.serves");
	put(e, "mine.reach", kvs_get_or(f, "port.reach", "unknown"));
	put(e, "mine.reach_words", words_reach(fact_value(e, "mine.reach")));
	put(e, "mine.connect_ms", kvs_get(f, "port.connect_ms"));
	put(e, "mine.serves", kvs_get_or(f, "port.serves", "unknown"));
	put(e, "mine.said", kvs_get(f, "port.said"));
	put(e, "mine.greeted", greeted(f));
	put(e, "mine.fits", fits(f, security));
	put(e, "mine.starttls", starttls(e, f));
	put(e, "mine.mss", kvs_get_or(f, "port.mss", "unknown"));
	put(e, "mine.submits", submits(f));
	put_speaks_and_tls(e, f, security);
	put_auth(e, f, security);
	put_cert(e, f, strchr(kvs_get(&j->params, "target"), '[') != NULL);
	put(e, "mine.passes",
	    result_rung(e, f, security, fact_value(e, "mine.host")) == RUNG_PASS
		? "yes"
		: "no");
	if (probe_target_parse(kvs_get(&j->params, "target"), &t))
		put(e, "mine.address", t.address);
}

/* ---- the other ports --------------------------------------------------- */

/* A port that answers as a mail server: 25 counts only with a sign-in. */
static bool
answers(const struct port_view *v)
{
	const struct kvs *f = v->best ? &v->best->result.facts : NULL;

	if (!f || !is(f, "port.reach", "open"))
		return false;
	if (v->port != 25)
		return str_in_set(kvs_get_or(f, "port.speaks", "unknown"),
			   "smtp|busy|rejected|tls") ||
		       is(f, "port.tls", "failed");
	return is(f, "port.auth", "yes") || is(f, "port.auth_plain", "yes");
}

static int
port_order(const struct engine *e, const char *host, int port)
{
	static const int order[] = {465, 587, 2525};
	bool known;

	if (documented_security(e, host, port, &known))
		return 0;
	for (int i = 0; i < 3; i++)
		if (order[i] == port)
			return i + 1;
	return port == 25 ? 9 : 5;
}

static bool
served_with_tls(const struct job *j)
{
	return is(&j->result.facts, "port.serves", "starttls") ||
	       is(&j->result.facts, "port.serves", "implicit-tls");
}

static void
put_other(struct engine *e, const struct port_view *v, size_t n)
{
	const struct port_view *best = NULL;
	bool answering = false, waiting = false;
	int mine = mine_port(e);
	const char *host = fact_value(e, "mine.host");

	for (size_t i = 0; i < n; i++) {
		waiting = waiting || v[i].running > 0;
		if (v[i].port == mine && fact_is(e, "mine.fits", "yes"))
			continue;
		if (v[i].port != mine)
			answering = answering || answers(&v[i]);
		if (v[i].rung != RUNG_PASS || !served_with_tls(v[i].best))
			continue;
		if (!best || v[i].port == mine ||
		    (best->port != mine && port_order(e, host, v[i].port) <
					       port_order(e, host, best->port)))
			best = &v[i];
	}
	put(e, "other.answers", answering ? "yes" : waiting ? "unknown" : "no");
	put(e, "other.passes", best ? "yes" : waiting ? "unknown" : "no");
	put(e, "other.kind",
	    !best                ? "none"
	    : best->port == mine ? "encryption"
				 : "port");
	if (!best)
		return;
	fact_putf(e, "other.port", FROM_DERIVED, BY, "%d", best->port);
	put(e, "other.security",
	    kvs_get(&best->best->result.facts, "port.serves"));
	put(e, "other.security_words",
	    words_security(fact_value(e, "other.security")));
	put(e, "other.connect_ms",
	    kvs_get(&best->best->result.facts, "port.connect_ms"));
}

/* 25 is a submission port only where it is set, or offers a sign-in. */
static bool
counts(const struct engine *e, const struct port_view *v)
{
	return v->port != 25 || mine_port(e) == 25 || answers(v);
}

/* What the submission ports of a server come to. */
struct tally {
	bool waiting; /* some tests are still awaited */
	bool something; /* a port is open, whatever answers there */
	bool open; /* the app's port, or one where mail is spoken */
	bool mute; /* another port is open, and no mail is spoken there */
	bool refused, blocked, unreachable, submission;
	bool unclear; /* a port is open and does not say what it is for */
};

static void
tally_port(const struct engine *e, const struct port_view *v, struct tally *t)
{
	const struct kvs *f = v->best ? &v->best->result.facts : NULL;
	const char *reach =
	    f ? kvs_get_or(f, "port.reach", "unknown") : "unknown";

	t->waiting |= v->running > 0;
	t->something |= str_eq(reach, "open");
	if (!counts(e, v))
		return;
	if (!f) {
		t->mute |= v->late > 0;
		t->unclear |= v->late > 0;
		return;
	}
	if (str_eq(reach, "open") && (v->port == mine_port(e) || answers(v)))
		t->open = true;
	else
		t->mute |= str_eq(reach, "open");
	t->refused |= str_eq(reach, "refused");
	t->blocked |= str_in_set(reach, "dropped|prohibited");
	t->unreachable |= str_eq(reach, "unreachable");
	t->unclear |= str_in_set(kvs_get_or(f, "port.speaks", "unknown"),
			  "silent|busy|rejected|closed|broken|helo-refused") &&
		      str_eq(reach, "open");
	t->submission |= (v->port != 25 && is(f, "port.speaks", "smtp")) ||
			 str_eq(submits(f), "yes");
}

static void
put_server(struct engine *e, const struct port_view *v, size_t n)
{
	struct tally t = {0};

	for (size_t i = 0; i < n; i++)
		tally_port(e, &v[i], &t);
	put(e, "server.ports",
	    t.open          ? "some-open"
	    : t.waiting     ? "unknown"
	    : t.blocked     ? "blocked"
	    : t.unreachable ? "unreachable"
	    : t.mute        ? "mute"
	    : t.refused     ? "all-refused"
			    : "unknown");
	put(e, "server.submission",
	    t.submission                                          ? "yes"
	    : t.waiting || t.unclear || !t.something || t.blocked ? "unknown"
								  : "no");
}

static void
put_alt(struct engine *e)
{
	const char *host = fact_value(e, "alt.host");
	struct port_view v[PORT_VIEWS_MAX];
	size_t n = port_views(e, host, v, PORT_VIEWS_MAX);
	const struct port_view *best = NULL;
	bool waiting = false;

	for (size_t i = 0; i < n; i++) {
		waiting = waiting || v[i].running > 0;
		if (v[i].rung == RUNG_PASS && served_with_tls(v[i].best) &&
		    (!best || port_order(e, host, v[i].port) <
				  port_order(e, host, best->port)))
			best = &v[i];
	}
	put(e, "alt.passes",
	    best                ? "yes"
	    : waiting || n == 0 ? "unknown"
				: "no");
	if (!best)
		return;
	fact_putf(e, "alt.port", FROM_DERIVED, BY, "%d", best->port);
	put(e, "alt.security",
	    kvs_get(&best->best->result.facts, "port.serves"));
}

/* ---- the way there ----------------------------------------------------- */

static void
put_ipv6(struct engine *e, const char *security)
{
	const char *host = fact_value(e, "mine.host");
	const char *name = fact_value(e, "dns.name");
	size_t v6 = 0, v6_ok = 0, v6_none = 0, running = 0;
	bool v4_passes = false;

	if (name && str_eq(name, "localhost")) {
		put(e, "path.ipv6", "not-used");
		return;
	}
	for (size_t i = 0; i < e->n_jobs; i++) {
		const struct job *j = &e->jobs[i];
		struct probe_target t;
		bool passes;

		if (!is_of_mine(e, j, &t))
			continue;
		running += job_is_awaited(e, j);
		passes = j->ended && result_rung(e, &j->result.facts, security,
					 host) == RUNG_PASS;
		if (!strchr(t.address, ':')) {
			v4_passes = v4_passes || passes;
			continue;
		}
		v6++;
		v6_ok += passes;
		v6_none += is(&j->result.facts, "port.reach", "no-route");
	}
	put(e, "path.ipv6",
	    running > 0     ? "unknown"
	    : v6 == 0       ? "not-used"
	    : v6_none == v6 ? "none"
	    : v6_ok > 0     ? "ok"
	    : v4_passes     ? "broken"
			    : "unknown");
}

static void
put_portal(struct engine *e)
{
	bool portal = false, seen = false;

	for (size_t i = 0; i < e->n_jobs; i++) {
		const struct job *j = &e->jobs[i];

		if (!j->ended || !job_counts(j) ||
		    !str_eq(j->probe->name, "smtp_port"))
			continue;
		seen = true;
		portal =
		    portal || is(&j->result.facts, "port.speaks", "portal");
	}
	put(e, "path.portal", portal ? "yes" : seen ? "no" : "unknown");
}

/* What the app would have to change for it. */
static const char *
what_changes(const struct engine *e, const struct candidate *c)
{
	const char *set = fact_value(e, "mine.security");
	bool same_port = c->port == mine_port(e);
	bool same_security = str_eq(set, "auto") || str_eq(set, c->security);

	if (!str_same(c->host, fact_value(e, "mine.host")))
		return "server";
	if (same_port)
		return same_security ? "none" : "encryption";
	return same_security ? "port" : "both";
}

void
derive_matrix(struct engine *e)
{
	const char *host = fact_value(e, "mine.host");
	const char *security = fact_value(e, "mine.security");
	struct port_view v[PORT_VIEWS_MAX];
	size_t n = port_views(e, host, v, PORT_VIEWS_MAX);
	const struct job *mine;
	struct candidate best;
	char *username;

	if (!host || !security)
		return;
	mine = mine_job_now(e);
	if (mine)
		put_mine(e, mine, security);
	put_other(e, v, n);
	put_server(e, v, n);
	put_alt(e);
	put_ipv6(e, security);
	put_portal(e);
	if (!recommend_best(e, &best)) {
		put(e, "recommended.found", mine ? "no" : "unknown");
		return;
	}
	put(e, "recommended.found", "yes");
	put(e, "recommended.change", what_changes(e, &best));
	put(e, "recommended.host", best.host);
	fact_putf(e, "recommended.port", FROM_DERIVED, BY, "%d", best.port);
	put(e, "recommended.security", best.security);
	put(e, "recommended.security_words", words_security(best.security));
	put(e, "recommended.auth", recommend_auth(e, &best));
	put(e, "recommended.auth_words", words_auth(recommend_auth(e, &best)));
	username = recommend_username(e);
	put(e, "recommended.username", username);
	mem_free(username);
}
