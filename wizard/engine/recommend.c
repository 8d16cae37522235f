/* SPDX-License-Identifier: ISC
 *
 * Chooses the configuration to recommend among those that passed every test
 * short of a login from here, never one without TLS: what the provider
 * documents first, then implicit TLS on 465, STARTTLS on 587, then 2525,
 * then whatever else passes. The app's own server goes before another one.
 */
#include "engine_in.h"

#include "../../probes/base/mem.h"

#include <stdio.h>
#include <string.h>

/* A sign-in was accepted there: no other test says as much. */
static bool
is_proved(const struct engine *e, const struct candidate *c)
{
	const struct job *j = job_with(e, "auth_login", "host", c->host);
	struct probe_target t;

	return j &&
	       str_eq(kvs_get(&j->result.facts, "login.result"), "accepted") &&
	       probe_target_parse(kvs_get(&j->params, "target"), &t) &&
	       t.port == c->port;
}

static int
rank(const struct engine *e, const struct candidate *c)
{
	bool mine_host = str_same(c->host, fact_value(e, "mine.host"));
	char port[8];
	int base = mine_host ? 0 : 100;

	snprintf(port, sizeof(port), "%d", c->port);
	if (is_proved(e, c))
		return -1;
	if (c->documented && mine_host &&
	    str_eq(port, fact_value(e, "app.port")))
		return base;
	if (c->documented) {
		bool first = str_eq(port, fact_value(e, "provider.port"));

		return base + (first ? 1 : 2);
	}
	switch (c->port) {
	case 465:
		return base + 10;
	case 587:
		return base + 11;
	case 2525:
		return base + 12;
	case 25:
		return base + 40;
	default:
		return base + 30;
	}
}

static const char *
mechs_of(const struct candidate *c)
{
	return kvs_get_or(&c->job->result.facts, "port.mechs", "");
}

/* A sign-in that this program, or a mail program, can do with what a user
 * has: a password or a token. */
static bool
signs_in(const struct candidate *c)
{
	return mechs_have(mechs_of(c), PASSWORD_MECHS) ||
	       mechs_have(mechs_of(c), TOKEN_MECHS);
}

static void
consider(const struct engine *e, const char *host, struct candidate *best,
    bool *found)
{
	struct port_view v[PORT_VIEWS_MAX];
	size_t n = port_views(e, host, v, PORT_VIEWS_MAX);

	for (size_t i = 0; i < n; i++) {
		struct candidate c = {
		    .host = host, .port = v[i].port, .job = v[i].best};
		bool known;

		if (!v[i].best || v[i].rung != RUNG_PASS)
			continue;
		c.security =
		    kvs_get_or(&v[i].best->result.facts, "port.serves", "none");
		if (!str_in_set(c.security, "starttls|implicit-tls") ||
		    !signs_in(&c))
			continue;
		c.documented = documented_security(e, host, c.port, &known);
		if (!*found || rank(e, &c) < rank(e, best))
			*best = c;
		*found = true;
	}
}

bool
recommend_best(const struct engine *e, struct candidate *out)
{
	bool found = false;

	consider(e, fact_value(e, "mine.host"), out, &found);
	consider(e, fact_value(e, "alt.host"), out, &found);
	return found;
}

const char *
recommend_auth(const struct engine *e, const struct candidate *c)
{
	const char *set = fact_value(e, "app.auth");
	bool oauth = mechs_have(mechs_of(c), TOKEN_MECHS);
	bool passwords = mechs_have(mechs_of(c), PASSWORD_MECHS) &&
			 !fact_is(e, "provider.passwords", "off");

	if (is_proved(e, c) && fact_is(e, "account.secret", "token"))
		return "oauth2";
	if (set && str_eq(set, "oauth2") && oauth)
		return "oauth2";
	if (!passwords && oauth)
		return "oauth2";
	if (fact_is(e, "provider.passwords", "app-password"))
		return "app-password";
	if (fact_is(e, "provider.passwords", "admin-decides") && oauth)
		return set && str_eq(set, "password") ? "password" : "oauth2";
	if (set && str_eq(set, "app-password"))
		return "app-password";
	return "password";
}

char *
recommend_username(const struct engine *e)
{
	const char *given = fact_value(e, "account.username");
	const char *email = fact_value(e, "account.email");
	const struct knowledge *k = e->setup.knowledge;
	const char *id = fact_value(e, "provider.id");

	if (given && !str_eq(given, "unknown"))
		return mem_dup(given);
	if (!email || str_eq(email, "unknown"))
		return mem_dup("");
	for (size_t i = 0; id && i < k->n_providers; i++)
		if (str_eq(k->providers[i].id, id) &&
		    str_eq(k->providers[i].username, "local"))
			return mem_dupn(email, strcspn(email, "@"));
	return mem_dup(email);
}
