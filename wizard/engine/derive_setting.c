/* SPDX-License-Identifier: ISC
 *
 * The server, port and encryption that are judged: the app's, where not given
 * the documented ones, else what works.
 */
#include "derive.h"

#include "../../probes/base/mem.h"

#include <stdio.h>
#include <string.h>

static void
put_mine(struct engine *e, const char *host, const char *from)
{
	char *lower = mem_dup(host);
	size_t len;

	str_lower(lower);
	len = strlen(lower);
	if (len > 1 && lower[len - 1] == '.')
		lower[len - 1] = '\0';
	put_summary(e, "mine.host", lower);
	put_summary(e, "mine.host_from", from);
	mem_free(lower);
}

static void
derive_host(struct engine *e, const struct provider *p)
{
	struct strs srv = {0}, guesses = {0}, found = {0};
	struct documented published;
	char host[256];

	srv_targets(e, &srv);
	discovered_targets(e, &found);
	if (given(e, "domain.guess_list"))
		strs_split(&guesses, given(e, "domain.guess_list"), ",");
	if (given(e, "app.host"))
		put_mine(e, given(e, "app.host"), "app");
	else if (p && p->n_services > 0)
		put_mine(e, given(e, "provider.host"), "provider");
	else if (found.n > 0 &&
		 srv_parse(found.v[0], &published, host, sizeof(host)))
		put_mine(e, host, "discovered");
	else if (srv.n > 0 &&
		 srv_parse(srv.v[0], &published, host, sizeof(host)))
		put_mine(e, host, "srv");
	else if (guesses.n > 0)
		put_mine(e, guesses.v[0], "guess");
	else
		put_summary(e, "mine.host_from", "unknown");
	strs_done(&srv);
	strs_done(&found);
	strs_done(&guesses);
}

/* The first documented port, one with that encryption before others; or 0. */
static int
documented_port(const struct engine *e, const char *host, const char *security)
{
	struct documented d[DOCUMENTED_MAX];
	size_t n = documented_for(e, host, d);

	for (size_t i = 0; security && i < n; i++)
		if (str_eq(d[i].security, security))
			return d[i].port;
	return n > 0 ? d[0].port : 0;
}

static bool
wants(const struct engine *e, const char *security)
{
	return fact_is(e, "app.security", security);
}

/* Neither given nor documented: the port that works is the one to judge. */
static int
default_port(const struct engine *e, const char *host, const char *security)
{
	static const int usual[] = {465, 587, 2525};
	struct port_view views[PORT_VIEWS_MAX];
	size_t n = port_views(e, host, views, PORT_VIEWS_MAX);
	int port = security && str_eq(security, "implicit-tls") ? 465 : 587;
	enum rung best = RUNG_CONNECT;

	for (size_t u = 0; u < sizeof(usual) / sizeof(usual[0]); u++)
		for (size_t i = 0; i < n; i++)
			if (views[i].port == usual[u] && views[i].best &&
			    views[i].rung > best &&
			    (!security ||
				result_rung(e, &views[i].best->result.facts,
				    security, host) == views[i].rung)) {
				best = views[i].rung;
				port = usual[u];
			}
	return port;
}

static void
derive_port(struct engine *e)
{
	const char *host = given(e, "mine.host");
	const char *app_port = given(e, "app.port");
	const char *security = wants(e, "implicit-tls") ? "implicit-tls"
			       : wants(e, "starttls")   ? "starttls"
							: NULL;
	int64_t port = 0;

	if (!host)
		return;
	if (app_port && str_number(app_port, 1, 65535, &port))
		put_summary(e, "mine.port_from", "app");
	else {
		port = documented_port(e, host, security);
		put_summary(e, "mine.port_from",
		    !port                             ? "default"
		    : documented_by_provider(e, host) ? "provider"
		    : is_discovered(e, host)          ? "discovered"
						      : "srv");
		if (!port)
			port = default_port(e, host, security);
	}
	fact_putf(e, "mine.port", FROM_DERIVED, BY, "%d", (int)port);
}

/* What the app is set to; where not given, whatever the port serves. */
static void
derive_security(struct engine *e)
{
	const char *set = given(e, "app.security");
	const char *port = given(e, "mine.port");
	int64_t number;
	bool known;

	if (!set && port && str_number(port, 1, 65535, &number)) {
		const char *documented = documented_security(
		    e, given(e, "mine.host"), (int)number, &known);

		set = documented ? documented : "auto";
	}
	put_summary(e, "mine.security", set ? set : "auto");
	put_summary(e, "mine.security_words",
	    words_security(fact_value(e, "mine.security")));
}

/*
 * Only the provider's data says which ports are all there are; SRV records
 * name the preferred ones and leave the others open.
 */
static void
derive_documented(struct engine *e)
{
	const char *host = given(e, "mine.host"), *port = given(e, "mine.port");
	int64_t number;
	bool known = false;
	const char *security;
	bool complete;

	if (!host || !port || !str_number(port, 1, 65535, &number))
		return;
	security = documented_security(e, host, (int)number, &known);
	complete = known && documented_by_provider(e, host);
	put_summary(e, "mine.documented",
	    security   ? "yes"
	    : complete ? "no"
		       : "unknown");
}

static void
derive_host_data(struct engine *e)
{
	const char *host = given(e, "mine.host");
	const char *data =
	    host ? knowledge_not_submission(e->setup.knowledge, host) : NULL;
	struct strs mx = {0};
	bool known = false;

	if (!host)
		return;
	documented_security(e, host, 0, &known);
	if (given(e, "domain.mx"))
		strs_split(&mx, given(e, "domain.mx"), ",");
	if (data && str_in_set(data, "imap|pop3|mx|retired"))
		put_data(e, "mine.host_data", data);
	else if (data)
		put_data(e, "mine.host_data", "other");
	else if (known)
		put_data(e, "mine.host_data", "submission");
	else if (knowledge_by_mx(e->setup.knowledge, host))
		put_data(e, "mine.host_data", "mx");
	else
		for (size_t i = 0; i < mx.n; i++)
			if (str_same(mx.v[i], host))
				put_summary(e, "mine.host_data", "mx");
	strs_done(&mx);
}

void
derive_setting(struct engine *e, const struct provider *p)
{
	derive_host(e, p);
	derive_port(e);
	derive_security(e);
	derive_documented(e);
	derive_host_data(e);
}
