/* SPDX-License-Identifier: ISC
 *
 * A server's name: does it exist, which addresses has it, does a filter
 * send it nowhere, and when it does not exist: which name one slip of the
 * finger away does?
 */
#include "probe.h"

#include <string.h>

#include "base/mem.h"
#include "names.h"
#include "net/dns.h"
#include "net/tcp.h"

#define MAX_ADDRESSES 8
#define MAX_CANDIDATES 12 /* questions asked about slips, at once */

/* The fact's word for what became of a question. */
static const char *
failure_word(enum dns_status s)
{
	switch (s) {
	case DNS_OK:
		return "ok";
	case DNS_NODATA:
		return "no-address";
	case DNS_NXDOMAIN:
		return "nxdomain";
	case DNS_SERVFAIL:
	case DNS_BROKEN:
		return "servfail";
	case DNS_REFUSED:
		return "refused";
	case DNS_TIMEOUT:
		return "no-answer";
	case DNS_UNREACHABLE:
		return "unreachable";
	case DNS_BAD_NAME:
		return "bad-name";
	case DNS_CANCELLED:
		return "unknown";
	}
	return "unknown";
}

static const char *
record_word(enum dns_status s)
{
	if (s == DNS_OK)
		return "ok";
	return s == DNS_NODATA || s == DNS_NXDOMAIN ? "none" : "failed";
}

/* Both questions together. A failure of one says nothing certain about the
 * name unless the other has found addresses. */
static const char *
name_word(enum dns_status a, enum dns_status aaaa)
{
	if (a == DNS_OK || aaaa == DNS_OK)
		return "ok";
	if (a == DNS_NODATA)
		return aaaa == DNS_NXDOMAIN ? "no-address" : failure_word(aaaa);
	if (a == DNS_NXDOMAIN && aaaa == DNS_NODATA)
		return "no-address";
	return failure_word(a);
}

/* ---------------------------------------------------------- near misses */

static void
ask_candidates(struct probe_ctx *ctx, const struct strs *names)
{
	struct dns_question q[MAX_CANDIDATES];
	struct dns_answer answers[MAX_CANDIDATES];
	const char *found = NULL;

	memset(q, 0, sizeof(q));
	memset(answers, 0, sizeof(answers));
	for (size_t i = 0; i < names->n; i++) {
		q[i].name = names->v[i];
		q[i].type = DNS_A;
		q[i].answer = &answers[i];
	}
	if (names->n)
		dns_ask(&ctx->net, q, names->n);
	for (size_t i = 0; i < names->n; i++) {
		probe_note(ctx, "near miss %s: %s", names->v[i],
		    dns_status_name(answers[i].status));
		if (!found && answers[i].status == DNS_OK)
			found = names->v[i];
		dns_answer_done(&answers[i]);
	}
	probe_fact(ctx, "dns.near", found ? "found" : "none");
	if (found) {
		probe_fact(ctx, "dns.near_host", found);
		probe_finding(ctx, FINDING_INFO, "dns.near",
		    "A server with nearly the same name exists: %s.", found);
	}
}

static void
look_near(struct probe_ctx *ctx, const char *host)
{
	struct strs given = {0}, near = {0}, names = {0};
	const char *list = probe_param(ctx, "near");

	if (list)
		strs_split(&given, list, ", ");
	for (size_t i = 0; i < given.n; i++) {
		char *name = name_to_ascii(given.v[i]);
		if (name)
			strs_add(&near, name);
		mem_free(name);
	}
	name_host_candidates(host, &near, &names, MAX_CANDIDATES);
	ask_candidates(ctx, &names);
	strs_done(&names);
	strs_done(&near);
	strs_done(&given);
}

/* ------------------------------------------------------------ the name */

static void
add_addresses(struct strs *to, const struct dns_answer *a)
{
	for (size_t i = 0; i < a->n && to->n < MAX_ADDRESSES; i++)
		if ((a->v[i].type == DNS_A || a->v[i].type == DNS_AAAA) &&
		    !strs_has(to, a->v[i].text))
			strs_add(to, a->v[i].text);
}

static void
report_addresses(struct probe_ctx *ctx, const char *host,
    const struct dns_answer *a, const struct dns_answer *aaaa)
{
	struct strs list = {0};
	bool sunk = false;
	const char *end = a->canonical ? a->canonical : aaaa->canonical;

	/* An IPv6 address must not be pushed out by many IPv4 ones. */
	add_addresses(&list, a);
	if (list.n == MAX_ADDRESSES && aaaa->n) {
		mem_free(list.v[--list.n]);
		list.v[list.n] = NULL;
	}
	add_addresses(&list, aaaa);
	for (size_t i = 0; i < list.n; i++)
		sunk |= address_is_sinkhole(list.v[i]);
	char *joined = strs_join(&list, ",");
	probe_fact(ctx, "dns.addresses", joined);
	probe_fact(ctx, "dns.sinkhole", sunk ? "yes" : "no");
	if (end && !str_same(end, host))
		probe_fact(ctx, "dns.canonical", end);
	if (sunk)
		probe_finding(ctx, FINDING_FAIL, "dns.sinkhole",
		    "The name %s leads nowhere (%s): a filter or a hosts entry "
		    "blocks it.",
		    host, joined);
	else
		probe_finding(
		    ctx, FINDING_OK, "dns.ok", "%s is at %s.", host, joined);
	mem_free(joined);
	strs_done(&list);
}

static void
report_failure(struct probe_ctx *ctx, const char *host, const char *word)
{
	static const struct {
		const char *word, *id, *text;
	} table[] = {
	    {"nxdomain", "dns.nxdomain", "There is no server of the name %s."},
	    {"no-address", "dns.no-address",
		"The name %s exists, but no address belongs to it."},
	    {"servfail", "dns.servfail",
		"The name server could not find out about %s (SERVFAIL)."},
	    {"refused", "dns.refused",
		"The name server refuses to look %s up."},
	    {"no-answer", "dns.no-answer",
		"No name server answered the question about %s."},
	    {"unreachable", "dns.unreachable",
		"There is no way from here to a name server to ask about "
		"%s."},
	    {"bad-name", "dns.bad-name", "\"%s\" is not a server name."},
	};

	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		if (!str_eq(table[i].word, word))
			continue;
		char *text = NULL;
		const char *mark = strstr(table[i].text, "%s");
		text = mem_printf("%.*s%s%s", (int)(mark - table[i].text),
		    table[i].text, host, mark + 2);
		probe_finding(ctx, FINDING_FAIL, table[i].id, "%s", text);
		mem_free(text);
	}
}

static void
ask(struct probe_ctx *ctx, const char *host)
{
	struct dns_answer a = {0}, aaaa = {0};
	struct dns_question q[] = {{host, DNS_A, &a}, {host, DNS_AAAA, &aaaa}};

	probe_stage(ctx, "asking");
	dns_ask(&ctx->net, q, 2);
	if (a.status == DNS_CANCELLED || aaaa.status == DNS_CANCELLED) {
		ctx->result->status = PROBE_CANCELLED;
		goto out;
	}
	const char *word = name_word(a.status, aaaa.status);
	probe_note(ctx, "A %s: %s", host, dns_status_name(a.status));
	probe_note(ctx, "AAAA %s: %s", host, dns_status_name(aaaa.status));
	probe_fact(ctx, "dns.name", word);
	probe_fact(ctx, "dns.a", record_word(a.status));
	probe_fact(ctx, "dns.aaaa", record_word(aaaa.status));
	probe_factf(ctx, "dns.ms", "%d", a.ms > aaaa.ms ? a.ms : aaaa.ms);
	if (str_eq(word, "ok"))
		report_addresses(ctx, host, &a, &aaaa);
	else
		report_failure(ctx, host, word);
	if (str_in_set(word, "nxdomain|no-address"))
		look_near(ctx, host);
out:
	dns_answer_done(&aaaa);
	dns_answer_done(&a);
}

/* "smtp.gmail,com": no name, but tidied up it may be one. */
static void
report_bad_name(struct probe_ctx *ctx, const char *text)
{
	char *tidy = name_tidy(text);
	char *host = name_to_ascii(tidy);

	probe_fact(ctx, "dns.name", "bad-name");
	report_failure(ctx, text, "bad-name");
	if (host && strchr(host, '.')) {
		struct strs names = {0};
		strs_add(&names, host);
		name_host_candidates(host, NULL, &names, MAX_CANDIDATES);
		ask_candidates(ctx, &names);
		strs_done(&names);
	}
	mem_free(host);
	mem_free(tidy);
}

/* An address or "localhost": nothing to ask, nothing to filter. */
static void
report_given(struct probe_ctx *ctx, const char *word, const char *addresses)
{
	probe_fact(ctx, "dns.name", word);
	probe_fact(ctx, "dns.addresses", addresses);
	probe_fact(ctx, "dns.sinkhole", "no");
}

static void
report_literal(struct probe_ctx *ctx, const char *text)
{
	char *copy = mem_dup(text);
	char *s = str_trim(copy);
	size_t len = strlen(s);

	if (len > 2 && s[0] == '[' && s[len - 1] == ']') {
		s[len - 1] = '\0';
		s++;
	}
	report_given(ctx, "literal", s);
	mem_free(copy);
}

static const struct probe_param params[] = {
    {"host", true, "name of the server"},
    {"near", false, "names that may be meant, comma-separated"},
    {NULL, false, NULL},
};

static const struct probe_fact facts[] = {
    {"dns.name",
	"ok|nxdomain|no-address|servfail|no-answer|refused|unreachable|"
	"bad-name|literal|localhost|unknown",
	"does the name lead to an address?"},
    {"dns.a", "ok|none|failed|unknown", "has it IPv4 addresses?"},
    {"dns.aaaa", "ok|none|failed|unknown", "has it IPv6 addresses?"},
    {"dns.addresses", NULL, "its addresses, comma-separated, IPv4 first"},
    {"dns.sinkhole", "yes|no|unknown",
	"is one of them 0.0.0.0, :: or a loopback address?"},
    {"dns.canonical", NULL, "the name behind it (CNAME)"},
    {"dns.ms", NULL, "milliseconds for the answers"},
    {"dns.resolvers", NULL, "who was asked"},
    {"dns.near", "found|none|unknown",
	"does a name one slip away exist, where this one does not?"},
    {"dns.near_host", NULL, "that name"},
    {NULL, NULL, NULL},
};

static void
run(struct probe_ctx *ctx)
{
	const char *text = probe_param(ctx, "host");
	char *host = text ? name_to_ascii(text) : NULL;
	char *resolvers = dns_resolvers(ctx->net.options);

	if (resolvers)
		probe_fact(ctx, "dns.resolvers", resolvers);
	mem_free(resolvers);
	if (text && tcp_family(text))
		report_literal(ctx, text);
	else if (!host)
		report_bad_name(ctx, text ? text : "");
	else if (str_eq(host, "localhost") || str_ends(host, ".localhost"))
		report_given(ctx, "localhost", "127.0.0.1,::1");
	else
		ask(ctx, host);
	mem_free(host);
	probe_unknowns(ctx, facts);
}

const struct probe probe_dns_host = {
    .name = "dns_host",
    .summary = "looks a server's name up and finds near misses",
    .params = params,
    .facts = facts,
    .effect = PROBE_READS,
    .contacts = "the name servers this computer uses",
    .run = run,
};
