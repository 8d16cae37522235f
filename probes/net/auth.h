/* SPDX-License-Identifier: ISC
 *
 * Signing in (RFC 4954): PLAIN (RFC 4616) and LOGIN with a password,
 * XOAUTH2 and OAUTHBEARER (RFC 7628) with a token, over a connection whose
 * certificate was verified strictly. What the client sends after AUTH stands
 * in the transcript as [redacted], by its position in the protocol.
 */
#ifndef NET_AUTH_H
#define NET_AUTH_H

#include "smtp.h"

struct secret;

enum auth_status {
	AUTH_ACCEPTED, /* 235 */
	AUTH_REFUSED, /* 5xx */
	AUTH_TEMPORARY, /* 4xx */
	AUTH_NO_MECHANISM, /* nothing offered that we speak with this secret */
	AUTH_BROKEN, /* no reply, closed, or out of protocol: see reply */
	AUTH_CANCELLED,
};
const char *auth_status_name(enum auth_status s);

struct auth_result {
	enum auth_status status;
	char mechanism[20]; /* "XOAUTH2"; "" when none was chosen */
	struct smtp_reply reply; /* the final one */
	char *challenge; /* owned or NULL: decoded JSON of a refused
			  * token (printable), else NULL */
};
void auth_result_done(struct auth_result *r);

/*
 * One try. `offered` are the mechanisms of the EHLO after TLS. Exactly one
 * of password and token is given. timeout_ms is for each reply. Lines up to
 * 12288 octets and more (RFC 4954 section 4); an initial response that does
 * not fit into a command of 512 octets is sent as a separate line after the
 * 334. Until smtp_done nothing that the server sends back of the secret is
 * shown.
 */
void auth_try(struct smtp *s, const struct strs *offered, const char *user,
    const struct secret *password, const struct secret *token, const char *host,
    int port, int timeout_ms, struct auth_result *out);

#endif
