/* SPDX-License-Identifier: ISC
 *
 * Who carries the mail: by the domain, its MX, or the server in the app.
 */
#include "derive.h"

#include "../../probes/base/mem.h"

#include <string.h>

static const struct provider *
provider_by_mx(const struct engine *e, const struct mx_filter **filter)
{
	const struct provider *p = NULL;
	struct strs mx = {0};

	if (given(e, "domain.mx"))
		strs_split(&mx, given(e, "domain.mx"), ",");
	for (size_t i = 0; !p && i < mx.n; i++) {
		p = knowledge_by_mx(e->setup.knowledge, mx.v[i]);
		if (!p && !*filter)
			*filter = knowledge_filter(e->setup.knowledge, mx.v[i]);
	}
	strs_done(&mx);
	return p;
}

const struct provider *
provider_by_id(const struct engine *e, const char *id)
{
	const struct knowledge *k = e->setup.knowledge;

	for (size_t i = 0; id && i < k->n_providers; i++)
		if (str_eq(k->providers[i].id, id))
			return &k->providers[i];
	return NULL;
}

static const struct provider *
find_provider(struct engine *e, const char **found)
{
	const struct knowledge *k = e->setup.knowledge;
	const struct mx_filter *filter = NULL;
	const char *domain = given(e, "address.domain");
	const struct provider *p =
	    domain ? knowledge_by_domain(k, domain) : NULL;

	*found = "domain";
	if (p)
		return p;
	p = provider_by_mx(e, &filter);
	if (filter)
		put_data(e, "provider.filter", filter->name);
	*found = "mx";
	if (!p && fact_is(e, "domain.autodiscover", "microsoft"))
		p = provider_by_id(e, "microsoft-365");
	if (p)
		return p;
	*found = "host";
	return given(e, "app.host") ? knowledge_by_host(k, given(e, "app.host"))
				    : NULL;
}

static const char *
password_rule_name(enum password_rule rule)
{
	switch (rule) {
	case PASSWORDS_UNKNOWN:
		return "unknown";
	case PASSWORDS_ACCEPTED:
		return "accepted";
	case PASSWORDS_APP_ONLY:
		return "app-password";
	case PASSWORDS_OFF:
		return "off";
	case PASSWORDS_ADMIN:
		return "admin-decides";
	}
	return "unknown";
}

/* "smtp.{domain}" in data stands for the user's own domain. */
char *
service_host(const struct engine *e, const struct service *s)
{
	const char *hole = strstr(s->host, "{domain}");
	const char *domain = given(e, "address.domain");

	if (!hole)
		return mem_dup(s->host);
	return mem_printf("%.*s%s%s", (int)(hole - s->host), s->host,
	    domain ? domain : "", hole + strlen("{domain}"));
}

/*
 * Others than the name server learn the domain then, so only where somebody
 * has read that or said yes; a name server of our own means a world of our
 * own, where nobody outside is asked.
 */
static void
derive_discovery(struct engine *e)
{
	const struct knowledge *k = e->setup.knowledge;
	const char *may = given(e, "network.discovery");
	bool wanted = may ? !str_eq(may, "no") : !e->setup.no_input;

	put_summary(e, "discovery.wanted", wanted ? "yes" : "no");
	if (wanted && !str_eq(may, "provider") && !e->setup.own_resolver &&
	    k->n_databases > 0)
		fact_put(e, "discovery.database", k->databases[0].url,
		    FROM_PROVIDER, "discovery.yaml");
}

const struct provider *
derive_provider(struct engine *e)
{
	const char *found;
	const struct provider *p = find_provider(e, &found);
	bool looked = given(e, "domain.name") || given(e, "address.domain");

	derive_discovery(e);
	if (!p) {
		bool srv = fact_is(e, "domain.srv", "found");

		put_data(e, "provider.found",
		    srv      ? "srv"
		    : looked ? "none"
			     : "unknown");
		put_data(e, "provider.kind", looked ? "none" : "unknown");
		if (fact_is(e, "domain.srv", "refused"))
			put_data(e, "provider.submission", "none");
		return NULL;
	}
	put_data(e, "provider.found", found);
	put_data(e, "provider.id", p->id);
	put_data(e, "provider.name", p->name);
	put_data(e, "provider.kind", p->kind);
	put_data(e, "provider.note", p->note);
	put_data(e, "provider.oauth", p->oauth ? "yes" : "no");
	put_data(e, "provider.submission", p->no_submission ? "none" : "yes");
	put_data(e, "provider.passwords",
	    password_rule_name(knowledge_passwords(p, e->now_ms)));
	if (p->n_services > 0) {
		char *host = service_host(e, &p->services[0]);

		put_data(e, "provider.host", host);
		put_data(e, "provider.security", p->services[0].security);
		fact_putf(e, "provider.port", FROM_PROVIDER, "providers.yaml",
		    "%d", p->services[0].port);
		mem_free(host);
	}
	return p;
}
