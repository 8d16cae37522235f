/* SPDX-License-Identifier: ISC
 *
 * What is tested: every port worth trying on every address of the app's server,
 * and on another server that data, SRV or a corrected name points to.
 */
#include "derive.h"

#include "../../probes/base/mem.h"

#include <string.h>

/* Which end speaks first there: documented, else by the port. */
static const char *
first_guess(const struct engine *e, const char *host, int port)
{
	bool known;
	const char *documented = documented_security(e, host, port, &known);

	if (documented)
		return documented;
	switch (port) {
	case 465:
	case 2465:
	case 8465:
	case 443:
	case 993:
	case 995:
		return "implicit-tls";
	default:
		return "starttls";
	}
}

static void
add_port(int *ports, size_t *n, int port)
{
	for (size_t i = 0; i < *n; i++)
		if (ports[i] == port)
			return;
	if (port > 0 && *n < PORT_VIEWS_MAX / 2)
		ports[(*n)++] = port;
}

static size_t
ports_of(const struct engine *e, const char *host, bool is_mine, int *ports)
{
	static const int usual[] = {465, 587, 25, 2525};
	struct documented d[DOCUMENTED_MAX];
	size_t n = 0, n_documented = documented_for(e, host, d);

	if (is_mine)
		add_port(ports, &n, mine_port(e));
	for (size_t i = 0; i < n_documented && n < 4; i++)
		add_port(ports, &n, d[i].port);
	for (size_t i = 0; i < sizeof(usual) / sizeof(usual[0]); i++)
		add_port(ports, &n, usual[i]);
	return n;
}

static void
put_targets(struct engine *e, const char *fact, const char *host,
    const char *addresses, bool is_mine)
{
	int ports[PORT_VIEWS_MAX];
	size_t n = ports_of(e, host, is_mine, ports);
	struct strs list = {0}, targets = {0};
	char *text;

	strs_split(&list, addresses, ",");
	for (size_t p = 0; p < n; p++)
		for (size_t a = 0; a < list.n && a < 8; a++) {
			bool v6 = strchr(list.v[a], ':') != NULL;

			strs_addf(&targets, "%s%s%s:%d/%s", v6 ? "[" : "",
			    list.v[a], v6 ? "]" : "", ports[p],
			    first_guess(e, host, ports[p]));
		}
	text = strs_join(&targets, ",");
	fact_put(e, fact, text, FROM_DERIVED, BY);
	mem_free(text);
	strs_done(&targets);
	strs_done(&list);
}

static bool
put_alt(struct engine *e, const char *host, const char *kind)
{
	if (!host || str_same(host, given(e, "mine.host")))
		return false;
	put_summary(e, "alt.host", host);
	put_summary(e, "alt.kind", kind);
	return true;
}

/*
 * The corrected name, what the provider documents, or what the domain
 * publishes, whichever is not what the app has already.
 */
static void
derive_alt(struct engine *e)
{
	const struct job *names;
	const char *found = fact_value(e, "provider.found");
	struct strs srv = {0}, guesses = {0};
	struct documented published;
	char host[256];
	bool done;

	srv_targets(e, &srv);
	if (given(e, "domain.guess_list"))
		strs_split(&guesses, given(e, "domain.guess_list"), ",");
	done = fact_is(e, "dns.near", "found") &&
	       put_alt(e, given(e, "dns.near_host"), "near");
	if (!done && found && str_in_set(found, "domain|mx|host"))
		done = put_alt(e, given(e, "provider.host"), "documented");
	if (!done && srv.n > 0 &&
	    srv_parse(srv.v[0], &published, host, sizeof(host)))
		done = put_alt(e, host, "srv");
	if (!done && guesses.n > 0 && given(e, "app.host"))
		done = put_alt(e, guesses.v[0], "guess");
	if (!done)
		put_summary(
		    e, "alt.kind", given(e, "mine.host") ? "none" : "unknown");
	strs_done(&srv);
	strs_done(&guesses);
	names = job_with(e, "dns_host", "host", given(e, "alt.host"));
	if (names && kvs_get(&names->result.facts, "dns.addresses"))
		put_targets(e, "alt.targets", given(e, "alt.host"),
		    kvs_get(&names->result.facts, "dns.addresses"), false);
}

/* Names that the app's server name may be a slip of. */
static void
derive_candidates(struct engine *e)
{
	const struct knowledge *k = e->setup.knowledge;
	const char *host = given(e, "app.host");
	const char *domain = given(e, "address.domain");
	struct strs list = {0};
	char *text;

	if (!host)
		return;
	if (domain) {
		strs_addf(&list, "smtp.%s", domain);
		strs_addf(&list, "mail.%s", domain);
	}
	for (size_t i = 0; i < k->n_providers; i++)
		for (size_t s = 0; s < k->providers[i].n_services; s++) {
			const char *name = k->providers[i].services[s].host;

			if (!strchr(name, '{') && !strs_has(&list, name) &&
			    str_distance(host, name, 2) <= 2)
				strs_add(&list, name);
		}
	text = strs_join(&list, ",");
	put_summary(e, "mine.candidates", text);
	mem_free(text);
	strs_done(&list);
}

void
derive_targets(struct engine *e)
{
	derive_candidates(e);
	if (given(e, "mine.addresses"))
		put_targets(e, "mine.targets", given(e, "mine.host"),
		    given(e, "mine.addresses"), true);
	derive_alt(e);
}
