/* SPDX-License-Identifier: ISC
 *
 * Where the server is: our view of the name beside the system's, and what the
 * app will meet.
 */
#include "derive.h"

#include "../playbook/when.h"

#include <string.h>

/* Addresses as the app sees them: the system's view where we may ask it. */
static const char *
app_addresses(const struct engine *e)
{
	const char *ours = given(e, "dns.addresses");
	const char *system = given(e, "system.addresses");

	return fact_is(e, "system.name", "ok") && system ? system : ours;
}

/* Same set of addresses, whatever the order? */
static bool
same_addresses(const char *a, const char *b)
{
	struct strs x = {0}, y = {0};
	bool same;

	strs_split(&x, a, ",");
	strs_split(&y, b, ",");
	same = x.n > 0 && y.n > 0;
	for (size_t i = 0; same && i < x.n; i++)
		same = strs_has(&y, x.v[i]);
	strs_done(&x);
	strs_done(&y);
	return same;
}

static void
derive_dns_view(struct engine *e)
{
	const char *ours = given(e, "dns.addresses");
	const char *system = given(e, "system.addresses");
	const char *name = fact_value(e, "dns.name");

	if (!name)
		return;
	if (ours && system && !same_addresses(system, ours) &&
	    !same_addresses(ours, system))
		put_summary(e, "path.dns", "differs");
	else if (str_in_set(name, "servfail|no-answer|refused|unreachable"))
		put_summary(e, "path.dns", system ? "differs" : "failed");
	else
		put_summary(e, "path.dns", "ok");
}

static bool
only_ipv6(const char *addresses)
{
	struct strs list = {0};
	bool only;

	strs_split(&list, addresses ? addresses : "", ",");
	only = list.n > 0;
	for (size_t i = 0; only && i < list.n; i++)
		only = strchr(list.v[i], ':') != NULL;
	strs_done(&list);
	return only;
}

/* No local address of the family, or every IPv6 connect found no route. */
static bool
ipv6_has_no_route(const struct engine *e, const char *host)
{
	size_t tried = 0, no_route = 0;

	for (size_t i = 0; host && i < e->n_jobs; i++) {
		const struct job *j = &e->jobs[i];
		const char *target = kvs_get(&j->params, "target");

		if (!j->ended || j->stale || !target || target[0] != '[' ||
		    !str_same(kvs_get(&j->params, "host"), host))
			continue;
		tried++;
		no_route +=
		    str_eq(kvs_get(&j->result.facts, "port.reach"), "no-route");
	}
	return tried > 0 && tried == no_route;
}

/*
 * No route at all, or none to any name server. A name server that is merely
 * out of reach while there is a route is a matter of names.
 */
static bool
nothing_outside(const struct engine *e)
{
	bool host_known = !fact_is(e, "mine.host_from", "unknown");
	const char *name =
	    fact_value(e, host_known ? "dns.name" : "domain.name");
	bool no_route = fact_is(e, "local.route", "none") ||
			fact_is(e, "local.default", "none");

	if (!name || fact_is(e, "system.name", "ok"))
		return false;
	if (str_eq(name, "unreachable"))
		return no_route || e->setup.own_resolver ||
		       fact_is(e, "local.route", "unknown");
	return no_route && !e->setup.own_resolver &&
	       str_in_set(name, "servfail|no-answer|refused");
}

static const char *
name_verdict(const struct engine *e)
{
	static const char *const table[][2] = {
	    {"ok", "ok"},
	    {"literal", "ok"},
	    {"localhost", "ok"},
	    {"nxdomain", "not-found"},
	    {"no-address", "no-address"},
	    {"servfail", "failed"},
	    {"refused", "failed"},
	    {"no-answer", "no-answer"},
	    {"unreachable", "no-answer"},
	    {"bad-name", "bad-name"},
	    {NULL, NULL},
	};
	const char *name = fact_value(e, "dns.name");
	bool literal = name && str_in_set(name, "literal|localhost");

	if (!name)
		return "unknown";
	if (nothing_outside(e))
		return "no-network";
	if (!literal && (fact_is(e, "dns.sinkhole", "yes") ||
			    fact_is(e, "system.sinkhole", "yes")))
		return "sinkholed";
	if (only_ipv6(app_addresses(e)) &&
	    ipv6_has_no_route(e, given(e, "mine.host")))
		return "ipv6-only";
	if (fact_is(e, "system.name", "ok"))
		return "ok";
	for (size_t i = 0; table[i][0]; i++)
		if (str_eq(table[i][0], name))
			return table[i][1];
	return "unknown";
}

/*
 * NXDOMAIN means that nothing is below the name either (RFC 8020). A name
 * server that says so and yet knows a server below it is not believed.
 */
static void
derive_domain(struct engine *e)
{
	const char *domain = given(e, "address.domain");
	const char *host = given(e, "mine.host");
	bool below = domain && host && fact_is(e, "mine.name", "ok") &&
		     str_in_domain(host, domain);

	if (fact_is(e, "domain.name", "nxdomain"))
		put_summary(e, "path.domain", below ? "unknown" : "missing");
	else if (given(e, "domain.name"))
		put_summary(e, "path.domain", "ok");
}

/* Will the domain's own settings be known in a moment? */
static bool
discovery_is_open(const struct engine *e)
{
	const struct playbook *p = e->setup.playbook;

	if (fact_value(e, "discover.result") ||
	    !str_in_set(fact_value(e, "mine.host_from"), "srv|guess"))
		return false;
	for (size_t i = 0; i < p->n_nodes; i++)
		for (size_t k = 0; k < p->nodes[i].n_calls; k++) {
			const struct call *c = &p->nodes[i].calls[k];

			if (str_eq(c->probe->name, "discover"))
				return !c->when ||
				       when_holds(c->when, fact_lookup, e);
		}
	return false;
}

/*
 * The name is looked up once, when what it may be a slip of is known; a name
 * on this computer itself is marked.
 */
static void
derive_ready(struct engine *e)
{
	const char *host = given(e, "mine.host");
	bool email_open =
	    !fact_value(e, "account.email") ||
	    (given(e, "account.email") && !fact_value(e, "address.syntax"));

	put_summary(e, "mine.ready",
	    host && !email_open && !discovery_is_open(e) ? "yes" : "no");
	if (host)
		put_summary(e, "mine.local",
		    str_same(host, "localhost") || str_starts(host, "127.") ||
			    str_eq(host, "::1") || str_eq(host, "[::1]")
			? "yes"
			: "no");
}

void
derive_names(struct engine *e)
{
	derive_dns_view(e);
	put_summary(e, "mine.name", name_verdict(e));
	put_summary(e, "mine.addresses", app_addresses(e));
	derive_domain(e);
	derive_ready(e);
	put_summary(e, "mine.near", given(e, "dns.near_host"));
	put_summary(e, "path.vpn_name", given(e, "local.vpn_name"));
	put_summary(e, "path.network",
	    nothing_outside(e)     ? "down"
	    : given(e, "dns.name") ? "up"
				   : "unknown");
}
