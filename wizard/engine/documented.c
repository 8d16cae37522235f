/* SPDX-License-Identifier: ISC
 *
 * What is documented for a server: by the provider's data, else by the
 * settings that the domain publishes for mail programs, else by its SRV
 * records (RFC 6186, RFC 8314).
 */
#include "derive.h"

#include "../../probes/base/mem.h"

#include <stdio.h>
#include <string.h>

void
srv_targets(const struct engine *e, struct strs *out)
{
	if (given(e, "domain.srv_list"))
		strs_split(out, given(e, "domain.srv_list"), ",");
}

void
discovered_targets(const struct engine *e, struct strs *out)
{
	if (given(e, "discover.list"))
		strs_split(out, given(e, "discover.list"), ",");
}

bool
srv_parse(const char *text, struct documented *out, char *host, size_t size)
{
	const char *colon = strrchr(text, ':');
	const char *slash = colon ? strchr(colon, '/') : NULL;
	char number[8];
	int64_t value;

	if (!slash || (size_t)(colon - text) >= size ||
	    (size_t)(slash - colon) > sizeof(number))
		return false;
	snprintf(host, size, "%.*s", (int)(colon - text), text);
	snprintf(number, sizeof(number), "%.*s", (int)(slash - colon - 1),
	    colon + 1);
	if (!str_number(number, 1, 65535, &value))
		return false;
	out->port = (int)value;
	out->security =
	    str_eq(slash + 1, "implicit-tls") ? "implicit-tls" : "starttls";
	return true;
}

static size_t
by_provider(const struct engine *e, const char *host,
    struct documented out[DOCUMENTED_MAX])
{
	const struct provider *p = knowledge_by_host(e->setup.knowledge, host);
	size_t n = 0;

	if (!p)
		p = provider_by_id(e, given(e, "provider.id"));
	for (size_t i = 0; p && i < p->n_services && n < DOCUMENTED_MAX; i++) {
		char *name = service_host(e, &p->services[i]);

		if (str_same(name, host))
			out[n++] = (struct documented){
			    p->services[i].port, p->services[i].security};
		mem_free(name);
	}
	return n;
}

/* Those of a list of "host:port/security" that are for the host. */
static size_t
by_list(const struct strs *list, const char *host,
    struct documented out[DOCUMENTED_MAX])
{
	size_t n = 0;

	for (size_t i = 0; i < list->n && n < DOCUMENTED_MAX; i++) {
		char name[256];

		if (srv_parse(list->v[i], &out[n], name, sizeof(name)) &&
		    str_same(name, host))
			n++;
	}
	return n;
}

static size_t
by_discovery(const struct engine *e, const char *host,
    struct documented out[DOCUMENTED_MAX])
{
	struct strs list = {0};
	size_t n;

	discovered_targets(e, &list);
	n = by_list(&list, host, out);
	strs_done(&list);
	return n;
}

static size_t
by_srv(const struct engine *e, const char *host,
    struct documented out[DOCUMENTED_MAX])
{
	struct strs list = {0};
	size_t n;

	srv_targets(e, &list);
	n = by_list(&list, host, out);
	strs_done(&list);
	return n;
}

bool
is_discovered(const struct engine *e, const char *host)
{
	struct documented d[DOCUMENTED_MAX];

	return by_discovery(e, host, d) > 0;
}

bool
documented_by_provider(const struct engine *e, const char *host)
{
	struct documented d[DOCUMENTED_MAX];

	return by_provider(e, host, d) > 0;
}

size_t
documented_for(const struct engine *e, const char *host,
    struct documented out[DOCUMENTED_MAX])
{
	size_t n = host ? by_provider(e, host, out) : 0;

	if (!n && host)
		n = by_discovery(e, host, out);
	return n || !host ? n : by_srv(e, host, out);
}

const char *
documented_security(
    const struct engine *e, const char *host, int port, bool *known)
{
	struct documented d[DOCUMENTED_MAX];
	size_t n = documented_for(e, host, d);

	*known = n > 0;
	for (size_t i = 0; i < n; i++)
		if (d[i].port == port)
			return d[i].security;
	return NULL;
}
