/* SPDX-License-Identifier: ISC
 *
 * One TCP connect to one numeric address, and what became of it.
 */
#ifndef NET_TCP_H
#define NET_TCP_H

#include "wait.h"

enum tcp_reach {
	TCP_OPEN,
	TCP_REFUSED, /* a RST or ICMP port unreachable */
	TCP_DROPPED, /* nothing came back within the time-out */
	TCP_UNREACHABLE, /* a router or the neighbour cache says so, late */
	TCP_PROHIBITED, /* refused by a filter: EACCES, EPERM, or a quick
			 * EHOSTUNREACH/ENETUNREACH though there is a route */
	TCP_NO_ROUTE, /* this computer has no address or route of the family */
	TCP_CANCELLED,
};

const char *tcp_reach_name(enum tcp_reach r); /* "open", "no-route", ... */

struct tcp_result {
	enum tcp_reach reach;
	int fd; /* TCP_OPEN: a non-blocking socket, the caller closes */
	int sys; /* errno otherwise, 0 for dropped; an errno that is not about
		  * the network (EMFILE) comes with TCP_UNREACHABLE */
	int ms; /* how long it took */
	bool redirected;
};

/*
 * Connects to address (numeric, no brackets) and port, by way of the
 * redirects: a rule matches when its host is empty, the address, or `host`
 * (the name the user knows, may be NULL). `slow`, when not NULL, is called
 * once with `arg` after TCP_SLOW_MS without an answer.
 */
#define TCP_SLOW_MS 300
struct tcp_result tcp_connect(const struct net *net, const char *host,
    const char *address, int port, void (*slow)(void *), void *arg);

/*
 * Bytes written that the other end has not acknowledged; -1 where the system
 * does not say.
 */
int tcp_unsent(int fd);
/* Closing will drop what is unsent and reset the connection. */
void tcp_abort_on_close(int fd);

/* Is text a numeric IPv4 or IPv6 address (brackets allowed)? 4, 6 or 0. */
int tcp_family(const char *text);

/* Splits "ADDR:PORT", "[V6]:PORT", "ADDR" (port stays 0) numerically. */
MUST_CHECK bool tcp_parse_addr(
    const char *text, int default_port, struct net_addr *out, struct err *err);

/* The port of an address. */
int tcp_port(const struct net_addr *a);

/*
 * Does the redirect rule hold for this address and port, known to the user
 * as host (may be NULL)? For dns.c, whose sockets obey the table too.
 */
bool tcp_rule_matches(const struct net_redirect *rule, const char *host,
    const struct net_addr *real);

#endif
