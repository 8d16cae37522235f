/* SPDX-License-Identifier: ISC
 *
 * The system's own view of a name (hosts file, search list, mDNS, ...),
 * which other programs here get. The only probe that blocks in the system's
 * resolver and therefore cannot be interrupted.
 */
#include "probe.h"

#include <netdb.h>
#include <string.h>

#include "base/mem.h"
#include "names.h"
#include "net/dns.h"
#include "net/tcp.h"

static void
report_addresses(struct probe_ctx *ctx, const struct strs *addresses)
{
	bool sunk = false;
	char *list = strs_join(addresses, ",");

	for (size_t i = 0; i < addresses->n; i++)
		sunk |= address_is_sinkhole(addresses->v[i]);
	probe_fact(ctx, "system.name", "ok");
	probe_fact(ctx, "system.addresses", list);
	probe_fact(ctx, "system.sinkhole", sunk ? "yes" : "no");
	if (sunk)
		probe_finding(ctx, FINDING_FAIL, "dns.system.sinkhole",
		    "This computer's own look-up (its hosts file included) "
		    "sends the name nowhere: %s.",
		    list);
	mem_free(list);
}

static bool
is_not_found(int code)
{
#ifdef EAI_NODATA
	if (code == EAI_NODATA)
		return true;
#endif
	return code == EAI_NONAME;
}

static void
look_up(struct probe_ctx *ctx, const char *host)
{
	struct strs addresses = {0};
	int code = dns_system_lookup(host, &addresses);

	if (code == 0 && addresses.n) {
		report_addresses(ctx, &addresses);
	} else if (code == 0 || is_not_found(code)) {
		probe_fact(ctx, "system.name", "nxdomain");
	} else {
		probe_fact(ctx, "system.name", "failed");
		probe_note(
		    ctx, "the system's resolver says: %s", gai_strerror(code));
	}
	strs_done(&addresses);
}

static const struct probe_param params[] = {
    {"host", true, "name of the server"},
    {NULL, false, NULL},
};

static const struct probe_fact facts[] = {
    {"system.name", "ok|nxdomain|failed|literal|unknown",
	"does the system's resolver find the name?"},
    {"system.addresses", NULL, "addresses it gives, comma-separated"},
    {"system.sinkhole", "yes|no|unknown",
	"is one of them 0.0.0.0, :: or a loopback address?"},
    {NULL, NULL, NULL},
};

static void
run(struct probe_ctx *ctx)
{
	const char *text = probe_param(ctx, "host");
	char *host = NULL;

	/* With a resolver of ours, the system's view is another world's. */
	if (!text || ctx->net.options->resolver_given) {
		probe_unknowns(ctx, facts);
		return;
	}
	if (tcp_family(text)) {
		probe_fact(ctx, "system.name", "literal");
	} else {
		host = name_to_ascii(text);
		if (host &&
		    (str_eq(host, "localhost") || str_ends(host, ".localhost")))
			probe_fact(ctx, "system.name", "ok");
		else if (host)
			look_up(ctx, host);
	}
	mem_free(host);
	probe_unknowns(ctx, facts);
}

const struct probe probe_dns_system = {
    .name = "dns_system",
    .summary = "asks the system's own resolver, hosts file included",
    .params = params,
    .facts = facts,
    .effect = PROBE_READS,
    .contacts = "this computer's name service",
    .uninterruptible = true,
    .run = run,
};
