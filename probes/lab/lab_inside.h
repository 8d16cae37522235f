/* SPDX-License-Identifier: ISC
 *
 * What the lab's own files share inside the lab process. Threads read the
 * scenario and the listeners, which do not change any more; the one thing
 * they write is the count of open connections, under its lock.
 */
#ifndef LAB_LAB_INSIDE_H
#define LAB_LAB_INSIDE_H

#include "scenario.h"

#include <pthread.h>

struct ssl_ctx_st;
struct lab_world;

/* One server's socket. */
struct lab_listener {
	struct lab_world *world; /* borrowed */
	const struct lab_port *port; /* borrowed */
	struct ssl_ctx_st *tls; /* owned; NULL when it never does TLS */
	char host[256]; /* what it calls itself */
	int fd;
	int busy; /* open connections; under world->lock */
};

struct lab_world {
	const struct scenario *s; /* borrowed */
	int report_fd; /* the parent reads it */
	int dns_udp, dns_tcp;
	struct lab_listener *listeners;
	size_t n_listeners, cap_listeners;
	pthread_mutex_t lock;
	int connections; /* open in all; under lock */
	int messages; /* received in all; under lock */
	const char *dir; /* borrowed: the lab's own */
};

#define LAB_MAX_CONNECTIONS 600

/* Says that a client did what the scenario does not expect. */
void lab_complain(struct lab_world *w, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

/* Starts a thread that ends by itself; false when there is none to be had. */
MUST_CHECK bool lab_thread(void *(*run)(void *), void *arg);

/* lab_cert.c */
struct lab_certs;
/* Makes the lab's root and intermediate. NULL with err set. */
struct lab_certs *lab_certs_new(struct err *err);
void lab_certs_free(struct lab_certs *c);
/* A TLS server context with the certificate the server is to show. */
MUST_CHECK bool lab_certs_serve(struct lab_certs *c,
    const struct lab_server *server, const struct strs *names,
    struct ssl_ctx_st **out, struct err *err);
/* Writes what clients are to trust. */
MUST_CHECK bool lab_certs_write(
    const struct lab_certs *c, const char *path, struct err *err);

/* lab_dns.c: answers for ever; each in a thread of its own. */
void *lab_dns_udp(void *world);
void *lab_dns_tcp(void *world);
/*
 * The reply to one message, for tests too: false when there is to be none.
 * out has LAB_DNS_MAX bytes.
 */
#define LAB_DNS_MAX 16384
bool lab_dns_reply(const struct scenario *s, const unsigned char *query,
    size_t len, bool over_tcp, unsigned char *out, size_t *out_len);

/* lab_server.c: accepts for ever, a thread per connection. */
void *lab_serve(void *world);

#endif
