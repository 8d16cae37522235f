/* SPDX-License-Identifier: ISC
 *
 * What http.c and http_transfer.c share; they alone know libcurl.
 */
#ifndef NET_HTTP_INSIDE_H
#define NET_HTTP_INSIDE_H

#include "http.h"

#include <curl/curl.h>

struct transfer {
	struct http_get *get; /* borrowed */
	const struct net *net; /* borrowed */
	CURL *easy; /* owned; NULL when it does not run */
	struct curl_slist *resolve; /* owned */
	char *url; /* owned: as it is now, after redirects */
	char host[256]; /* of url */
	int redirects;
	int64_t started_ms;
	char error[CURL_ERROR_SIZE];
};

/*
 * Takes the host out of t->url; false when that is not https to the usual port
 * of a name, or holds a user.
 */
MUST_CHECK bool http_take_host(struct transfer *t);

/*
 * Makes t->easy for t->url. libcurl never asks a name server: `addresses`
 * ("192.0.2.1,[2001:db8::1]") are the host's.
 */
MUST_CHECK bool http_prepare(struct transfer *t, const char *addresses);

#endif
