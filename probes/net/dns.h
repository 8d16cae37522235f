/* SPDX-License-Identifier: ISC
 *
 * DNS questions through c-ares, waited for in net_wait: 2 s a try, 2 tries.
 * Resolver sockets go through the same redirect table as everything else,
 * so the lab can make a resolver unreachable.
 */
#ifndef NET_DNS_H
#define NET_DNS_H

#include "wait.h"

enum dns_status {
	DNS_OK, /* answers came */
	DNS_NODATA, /* the name exists, no record of that type */
	DNS_NXDOMAIN,
	DNS_SERVFAIL,
	DNS_REFUSED, /* the resolver answers REFUSED, or its port is closed */
	DNS_TIMEOUT, /* no resolver answered */
	DNS_UNREACHABLE, /* no route to any resolver */
	DNS_BAD_NAME, /* not a name that can be asked for */
	DNS_BROKEN, /* an answer that cannot be read, or another rcode */
	DNS_CANCELLED,
};
const char *dns_status_name(enum dns_status s); /* "ok", "nxdomain", ... */

enum dns_type { DNS_A, DNS_AAAA, DNS_MX, DNS_SRV, DNS_CNAME };

struct dns_record {
	enum dns_type type;
	char *text; /* owned: address or target without final dot ("." stays) */
	int priority, weight, port; /* MX: priority; SRV: all three */
};

#define DNS_MAX_RECORDS 64
struct dns_answer {
	enum dns_status status;
	struct dns_record *v; /* owned; MX and SRV sorted by priority */
	size_t n, cap;
	char *canonical; /* end of the CNAME chain, or NULL */
	int ms;
};
void dns_answer_done(struct dns_answer *a);

struct dns_question {
	const char *name; /* an A-label name, final dot optional */
	enum dns_type type;
	struct dns_answer *answer; /* filled in */
};

/*
 * Asks all questions at once and returns when each has its status; no search
 * list is applied. Never fails otherwise than through the statuses.
 */
void dns_ask(const struct net *net, struct dns_question *q, size_t n);

/* "192.0.2.53, 192.0.2.54 (system)": who is asked. The caller frees. */
char *dns_resolvers(const struct net_options *o);

/*
 * The system's own view (getaddrinfo: hosts file, search list, mDNS, ...).
 * Blocks and cannot be interrupted; only the dns_system probe calls it.
 * Appends numeric addresses, at most 16; returns an EAI_ code or 0.
 */
int dns_system_lookup(const char *host, struct strs *addresses);

#endif
