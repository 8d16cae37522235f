/* SPDX-License-Identifier: ISC
 *
 * The one place where a probe waits. Everything a probe does on the network
 * carries a struct net: how long it may take in all, how it is cancelled,
 * and the options it shares (read only) with every other probe.
 */
#ifndef NET_WAIT_H
#define NET_WAIT_H

#include "../base/err.h"
#include "../base/str.h"

#include <netinet/in.h>
#include <stdatomic.h>
#include <stdint.h>
#include <sys/socket.h>

/* A numeric address with its port. */
struct net_addr {
	struct sockaddr_storage sa;
	socklen_t len;
};

/*
 * One --connect-to rule: where TCP really goes, or what connect() is made to
 * report. The lab's errno rules are the only simulation in the program.
 */
struct net_redirect {
	char *host; /* owned; "" matches every name and address */
	int port; /* 0 matches every port */
	struct net_addr to; /* used when error is 0 */
	int error; /* errno that the connect reports instead; 0 = go to `to` */
};

struct net_options {
	int connect_timeout_ms; /* --timeout; see the factors below */
	struct strs resolvers; /* "ADDR" or "ADDR:PORT"; empty: the system's */
	bool resolver_given; /* by --resolver or the lab: ours is the view */
	struct net_redirect *redirects; /* owned array; first match wins */
	size_t n_redirects;
	char *ca_file; /* owned or NULL: PEM trusted besides the system's */
	char *ehlo_name; /* owned or NULL: otherwise the address literal */
};

#define NET_REPLY_FACTOR 6 /* a reply may take 6 connect time-outs */
#define NET_HANDSHAKE_FACTOR 3 /* a TLS handshake 3 */
#define NET_PROBE_FACTOR 12 /* one probe never more than 12 */
#define NET_SILENCE_MS 2000 /* after this a second try speaks TLS first */

void net_options_done(struct net_options *o);

/* Reads "HOST:PORT:ADDR:PORT" (brackets around IPv6) and appends a rule. */
MUST_CHECK bool net_options_redirect(
    struct net_options *o, const char *text, struct err *err);

/*
 * How many connections there may be at once to one address, shared by all
 * jobs that go there: a counting eventfd, made by whoever runs the jobs.
 */
#define NET_SLOTS 4
struct net_slots {
	int fd;
	atomic_bool has_keeper; /* one silent line keeps its place */
};

struct net {
	const struct net_options *options; /* borrowed, read only */
	int64_t deadline_ms; /* clock_mono_ms() */
	int cancel_fd; /* readable or closed = cancelled; -1 = never */
	int yield_fd; /* readable = stop waiting as if cancelled; -1 = none.
		       * For a second try while a first one goes on waiting. */
	int max_segment; /* TCP_MAXSEG of new connections; 0: the system's */
	struct net_slots *slots; /* borrowed; NULL: no limit */
};

/*
 * Small enough for every path (RFC 9293 section 3.7.1): what passes with it
 * and not without shows that large packets are lost on the way (RFC 2923).
 */
#define NET_SMALL_SEGMENT 536

enum net_ready { NET_READY, NET_TIMEOUT, NET_CANCELLED };

/*
 * Waits until fd is ready for `events` (POLLIN, POLLOUT), timeout_ms have
 * passed, the deadline has passed (NET_TIMEOUT too) or the job is cancelled.
 * fd -1 only waits. The only poll() in a worker.
 */
enum net_ready net_wait(
    const struct net *net, int fd, short events, int timeout_ms);

struct pollfd;
/* The same for several descriptors at once (c-ares); fills in revents. */
enum net_ready net_wait_many(
    const struct net *net, struct pollfd *fds, size_t n, int timeout_ms);

/*
 * A place for one more connection, waited for at most timeout_ms; to be
 * given back when it is closed. Always true without a limit.
 */
bool net_slot_take(const struct net *net, int timeout_ms);
void net_slot_give(const struct net *net);

#endif
