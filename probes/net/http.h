/* SPDX-License-Identifier: ISC
 *
 * HTTPS GET through libcurl, for published settings and for nothing else;
 * never for mail. Names are resolved by dns.h, connections obey the redirect
 * table, certificates are verified at the one clock, proxies are not used,
 * and every wait ends with the deadline or the cancelling of the job.
 */
#ifndef NET_HTTP_H
#define NET_HTTP_H

#include "../base/buf.h"
#include "wait.h"

#define HTTP_MAX_BODY (256u << 10)
#define HTTP_MAX_REDIRECTS 3 /* https to port 443 of a name only */
#define HTTP_MAX_GETS 4 /* at once */

enum http_outcome {
	HTTP_PENDING, /* only before and while it runs */
	HTTP_ANSWERED, /* whole: see status */
	HTTP_NO_NAME, /* the name or its addresses do not exist */
	HTTP_NO_LOOKUP, /* no name server said so or otherwise */
	HTTP_NO_CONNECT, /* refused or unreachable */
	HTTP_TIMEOUT,
	HTTP_UNTRUSTED, /* the certificate does not verify */
	HTTP_NO_TLS, /* any other failure of the handshake */
	HTTP_REDIRECTED, /* too often, or to where we do not go */
	HTTP_TOO_BIG,
	HTTP_BROKEN, /* no HTTP, cut short, a URL we do not take */
	HTTP_CANCELLED, /* or no longer needed */
};
const char *http_outcome_name(enum http_outcome o); /* "no-name", ... */

struct http_get {
	const char *url; /* borrowed: https://NAME/PATH */
	enum http_outcome outcome;
	int status; /* HTTP_ANSWERED: 200, 404, ... */
	struct buf body; /* owned; of the last answer */
	char *from; /* owned: the URL that answered last, or NULL */
	char detail[160]; /* libcurl's own words for the failure, printable */
	int ms;
};
/* Frees what it owns; accepts a zeroed one. */
void http_get_done(struct http_get *g);

/*
 * Gets all at once (at most HTTP_MAX_GETS) within timeout_ms. `enough`, when
 * not NULL, is asked after each that ends: true cancels the rest.
 */
void http_get_all(const struct net *net, struct http_get *v, size_t n,
    int timeout_ms, bool (*enough)(const struct http_get *v, void *arg),
    void *arg);

#endif
