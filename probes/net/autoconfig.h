/* SPDX-License-Identifier: ISC
 *
 * The XML with which a domain publishes the settings of its mail servers
 * (Thunderbird's autoconfig, draft-ietf-mailmaint-autoconfig): its servers
 * for sending. What comes out is bounded, printable and only a hint.
 */
#ifndef NET_AUTOCONFIG_H
#define NET_AUTOCONFIG_H

#include <stdbool.h>
#include <stddef.h>

#define AUTOCONFIG_MAX 8 /* servers; further ones are passed over */
#define AUTOCONFIG_MAX_DEPTH 16
#define AUTOCONFIG_MAX_ELEMENTS 4000

struct autoconfig_server {
	char host[256]; /* lower case, plain letters */
	int port;
	const char *security; /* "implicit-tls", "starttls", "none" */
	char auth[96]; /* "oauth2,password": in order of preference */
	char username[256]; /* filled in; "" when the file names none */
};

struct autoconfig {
	char name[128]; /* how the provider calls itself, or "" */
	struct autoconfig_server v[AUTOCONFIG_MAX]; /* preferred first */
	size_t n;
};

enum autoconfig_status {
	AUTOCONFIG_OK, /* at least one server for sending */
	AUTOCONFIG_NONE, /* such a file, without one that can be used */
	AUTOCONFIG_OTHER, /* well-formed, another kind of document */
	AUTOCONFIG_NOT_XML, /* or broken off */
	AUTOCONFIG_REFUSED, /* declares a document type or entities, or is too
			     * deep or large: nothing in it is believed */
};

/*
 * Reads the file for the address local@domain; local may be NULL, then user
 * names that need it stay empty. Servers with an unknown socketType, no valid
 * name or no port are passed over, unknown elements too.
 */
enum autoconfig_status autoconfig_parse(const char *xml, size_t len,
    const char *local, const char *domain, struct autoconfig *out);

#endif
