/* SPDX-License-Identifier: ISC
 *
 * Drives c-ares: a channel per call, its sockets made, redirected and waited
 * for here. Two rounds of one try each, because c-ares alone would double
 * the time-out, and would not ask the next resolver after a SERVFAIL that we
 * want to see.
 */
#define CARES_NO_DEPRECATED /* Debian 12 has only the calls of 1.18 */

#include "dns.h"

#include "../base/bug.h"
#include "../base/clock.h"
#include "../base/mem.h"
#include "dns_message.h"
#include "tcp.h"

#include <ares.h>
#include <arpa/inet.h>
#include <arpa/nameser.h>
#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <poll.h>
#include <string.h>
#include <sys/uio.h>
#include <threads.h>
#include <unistd.h>

#define TRY_MS 2000
#define ROUNDS 2
#define MAX_SOCKETS 64
#define MAX_RESOLVERS 8
#define DNS_PORT 53

struct sock {
	int fd;
	short events;
	bool is_hole; /* a rule says "dropped": nothing is sent */
	struct net_addr server; /* as c-ares knows it */
};

/* One channel's life. */
struct round {
	const struct net *net;
	ares_channel channel;
	struct sock socks[MAX_SOCKETS];
	size_t n_socks;
	size_t pending;
	bool is_refused; /* a resolver's port was closed */
	bool is_unreachable; /* a resolver could not be reached */
};

struct asked {
	struct round *round;
	struct dns_question *question;
	int64_t start_ms;
	bool is_done;
};

const char *
dns_status_name(enum dns_status s)
{
	switch (s) {
	case DNS_OK:
		return "ok";
	case DNS_NODATA:
		return "nodata";
	case DNS_NXDOMAIN:
		return "nxdomain";
	case DNS_SERVFAIL:
		return "servfail";
	case DNS_REFUSED:
		return "refused";
	case DNS_TIMEOUT:
		return "no-answer";
	case DNS_UNREACHABLE:
		return "unreachable";
	case DNS_BAD_NAME:
		return "bad-name";
	case DNS_BROKEN:
		return "broken";
	case DNS_CANCELLED:
		return "cancelled";
	}
	return "unknown";
}

void
dns_answer_done(struct dns_answer *a)
{
	for (size_t i = 0; i < a->n; i++)
		mem_free(a->v[i].text);
	mem_free(a->v);
	mem_free(a->canonical);
	a->v = NULL;
	a->n = a->cap = 0;
	a->canonical = NULL;
}

/* ---- sockets ---- */

static struct sock *
find_sock(struct round *r, int fd)
{
	for (size_t i = 0; i < r->n_socks; i++)
		if (r->socks[i].fd == fd)
			return &r->socks[i];
	return NULL;
}

/* Remembers why a resolver cannot be talked to. */
static void
note_errno(struct round *r, int sys)
{
	switch (sys) {
	case ECONNREFUSED:
	case EHOSTUNREACH: /* a filter, or nobody there: not a missing route */
	case EACCES:
	case EPERM:
		r->is_refused = true;
		break;
	case ENETUNREACH:
	case EADDRNOTAVAIL:
	case EAFNOSUPPORT:
		r->is_unreachable = true;
		break;
	default:
		break;
	}
}

static ares_socket_t
on_socket(int family, int type, int protocol, void *arg)
{
	struct round *r = arg;
	int fd;

	if (r->n_socks >= MAX_SOCKETS) {
		errno = EMFILE;
		return ARES_SOCKET_BAD;
	}
	fd = socket(family, type | SOCK_NONBLOCK | SOCK_CLOEXEC, protocol);
	if (fd < 0) {
		int sys = errno;

		note_errno(r, sys);
		errno = sys;
		return ARES_SOCKET_BAD;
	}
	r->socks[r->n_socks++] = (struct sock){.fd = fd};
	return fd;
}

static int
on_close(ares_socket_t fd, void *arg)
{
	struct round *r = arg;
	struct sock *s = find_sock(r, fd);

	if (s != NULL)
		*s = r->socks[--r->n_socks];
	return close(fd);
}

/*
 * Rules for a resolver name its address and its port: a rule for every host
 * is about mail servers.
 */
static const struct net_redirect *
find_rule(const struct net_options *o, const struct net_addr *server)
{
	for (size_t i = 0; i < o->n_redirects; i++) {
		const struct net_redirect *rule = &o->redirects[i];

		if (rule->host[0] != '\0' && rule->port != 0 &&
		    tcp_rule_matches(rule, NULL, server))
			return rule;
	}
	return NULL;
}

/* Puts a fresh socket of another family under the same number. */
static bool
replace_socket(int fd, int family, int type)
{
	int fresh = socket(family, type | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	bool done = fresh >= 0 && dup3(fresh, fd, O_CLOEXEC) >= 0;

	if (fresh >= 0)
		close(fresh);
	return done;
}

/* Where the connect really goes; an errno instead, or 0. */
static int
redirect(struct round *r, struct sock *s, struct net_addr *to)
{
	const struct net_redirect *rule = find_rule(r->net->options, to);
	int type = SOCK_DGRAM;
	socklen_t len = sizeof(type);

	if (rule == NULL)
		return 0;
	getsockopt(s->fd, SOL_SOCKET, SO_TYPE, &type, &len);
	if (rule->error == ETIMEDOUT) {
		/* an unconnected datagram socket polls as writable, quietly */
		if (!replace_socket(s->fd, AF_INET, SOCK_DGRAM))
			return EMFILE;
		s->is_hole = true;
		return 0;
	}
	if (rule->error != 0)
		return rule->error;
	if (rule->to.sa.ss_family != to->sa.ss_family &&
	    !replace_socket(s->fd, rule->to.sa.ss_family, type))
		return EMFILE;
	*to = rule->to;
	return 0;
}

static int
on_connect(
    ares_socket_t fd, const struct sockaddr *sa, ares_socklen_t len, void *arg)
{
	struct round *r = arg;
	struct sock *s = find_sock(r, fd);
	struct net_addr to = {.len = len};
	int sys;

	if (s == NULL || (size_t)len > sizeof(to.sa)) {
		errno = EBADF;
		return -1;
	}
	memcpy(&to.sa, sa, len);
	s->server = to;
	sys = redirect(r, s, &to);
	if (sys == 0 && !s->is_hole &&
	    connect(fd, (struct sockaddr *)&to.sa, to.len) != 0)
		sys = errno;
	if (sys == 0)
		return 0;
	note_errno(r, sys);
	errno = sys;
	return -1;
}

static ares_ssize_t
on_receive(ares_socket_t fd, void *data, size_t len, int flags,
    struct sockaddr *from, ares_socklen_t *from_len, void *arg)
{
	struct round *r = arg;
	struct sock *s = find_sock(r, fd);
	ssize_t n = recv(fd, data, len, flags);
	int sys = n < 0 ? errno : 0;

	note_errno(r, sys);
	/* the kernel takes replies of the peer only; c-ares compares too */
	if (s != NULL && from != NULL && from_len != NULL &&
	    *from_len >= s->server.len) {
		memcpy(from, &s->server.sa, s->server.len);
		*from_len = s->server.len;
	}
	errno = sys;
	return n;
}

static ares_ssize_t
on_send(ares_socket_t fd, const struct iovec *parts, int n_parts, void *arg)
{
	struct round *r = arg;
	struct sock *s = find_sock(r, fd);
	struct msghdr m = {
	    .msg_iov = (struct iovec *)parts, .msg_iovlen = (size_t)n_parts};
	ssize_t n = 0;
	int sys;

	if (s != NULL && s->is_hole) {
		for (int i = 0; i < n_parts; i++)
			n += (ssize_t)parts[i].iov_len;
		return n;
	}
	n = sendmsg(fd, &m, MSG_NOSIGNAL);
	/* That was the answer to an earlier question on this socket. Sent
	 * again, it comes back where c-ares gives up for all of them. */
	if (n < 0 && errno == ECONNREFUSED)
		n = sendmsg(fd, &m, MSG_NOSIGNAL);
	sys = n < 0 ? errno : 0;
	note_errno(r, sys);
	errno = sys;
	return n;
}

static const struct ares_socket_functions socket_functions = {
    .asocket = on_socket,
    .aclose = on_close,
    .aconnect = on_connect,
    .arecvfrom = on_receive,
    .asendv = on_send,
};

static void
on_state(void *arg, ares_socket_t fd, int readable, int writable)
{
	struct sock *s = find_sock(arg, fd);

	if (s != NULL)
		s->events =
		    (short)((readable ? POLLIN : 0) | (writable ? POLLOUT : 0));
}

/* ---- the channel ---- */

static once_flag library_once = ONCE_FLAG_INIT;

static void
init_library(void)
{
	if (ares_library_init(ARES_LIB_INIT_ALL) != ARES_SUCCESS)
		BUG("c-ares cannot be started");
}

static bool
open_channel(struct round *r, const struct net *net)
{
	struct ares_options o = {
	    .flags = ARES_FLAG_NOSEARCH | ARES_FLAG_NOALIASES |
		     ARES_FLAG_NOCHECKRESP,
	    .timeout = TRY_MS,
	    .tries = 1,
	    .sock_state_cb = on_state,
	    .sock_state_cb_data = r,
	};

	call_once(&library_once, init_library);
	*r = (struct round){.net = net};
	if (ares_init_options(&r->channel, &o,
		ARES_OPT_FLAGS | ARES_OPT_TIMEOUTMS | ARES_OPT_TRIES |
		    ARES_OPT_SOCK_STATE_CB | ARES_OPT_NOROTATE) != ARES_SUCCESS)
		return false;
	ares_set_socket_functions(r->channel, &socket_functions, r);
	return true;
}

static struct ares_addr_port_node
node_of(const struct net_addr *a)
{
	struct ares_addr_port_node node = {.family = a->sa.ss_family};

	node.udp_port = node.tcp_port = tcp_port(a);
	if (a->sa.ss_family == AF_INET)
		memcpy(&node.addr.addr4,
		    &((const struct sockaddr_in *)&a->sa)->sin_addr,
		    sizeof(struct in_addr));
	else
		memcpy(&node.addr.addr6,
		    &((const struct sockaddr_in6 *)&a->sa)->sin6_addr,
		    sizeof(struct in6_addr));
	return node;
}

/* The resolvers to ask, ours or the system's; how many. */
static size_t
list_resolvers(const struct net_options *o, ares_channel channel,
    struct ares_addr_port_node nodes[MAX_RESOLVERS])
{
	struct ares_addr_port_node *system = NULL;
	size_t n = 0;

	for (size_t i = 0; i < o->resolvers.n && n < MAX_RESOLVERS; i++) {
		struct net_addr a;
		struct err err = {0};

		if (tcp_parse_addr(o->resolvers.v[i], DNS_PORT, &a, &err))
			nodes[n++] = node_of(&a);
	}
	if (o->resolvers.n > 0)
		return n;
	if (ares_get_servers_ports(channel, &system) != ARES_SUCCESS)
		return 0;
	for (struct ares_addr_port_node *s = system;
	     s != NULL && n < MAX_RESOLVERS; s = s->next)
		nodes[n++] = *s;
	ares_free_data(system);
	return n;
}

/* Sets the resolvers, beginning with number `first`; how many there are. */
static size_t
set_resolvers(struct round *r, size_t first)
{
	struct ares_addr_port_node all[MAX_RESOLVERS] = {0};
	struct ares_addr_port_node turned[MAX_RESOLVERS] = {0};
	size_t n = list_resolvers(r->net->options, r->channel, all);

	for (size_t i = 0; i < n; i++) {
		turned[i] = all[(i + first) % n];
		turned[i].next = i + 1 < n ? &turned[i + 1] : NULL;
	}
	if (n == 0 ||
	    ares_set_servers_ports(r->channel, turned) != ARES_SUCCESS)
		return 0;
	return n;
}

/* Why there is no reply at all. */
static enum dns_status
status_without_reply(const struct round *r, int status)
{
	switch (status) {
	case ARES_ECONNREFUSED:
		if (r->is_refused)
			return DNS_REFUSED;
		return r->is_unreachable ? DNS_UNREACHABLE : DNS_TIMEOUT;
	case ARES_ETIMEOUT:
		return DNS_TIMEOUT;
	case ARES_EBADNAME:
		return DNS_BAD_NAME;
	case ARES_ENOTFOUND:
		return DNS_NXDOMAIN;
	case ARES_ENODATA:
		return DNS_NODATA;
	case ARES_ESERVFAIL:
		return DNS_SERVFAIL;
	case ARES_EREFUSED:
		return DNS_REFUSED;
	default:
		return DNS_BROKEN;
	}
}

static void
on_reply(void *arg, int status, int timeouts, unsigned char *msg, int len)
{
	struct asked *a = arg;
	struct dns_question *q = a->question;

	(void)timeouts;
	if (a->is_done)
		return;
	a->is_done = true;
	a->round->pending--;
	if (msg != NULL && len > 0)
		dns_message_read(msg, (size_t)len, q->name, q->type, q->answer);
	else
		q->answer->status = status_without_reply(a->round, status);
}

static int
wire_type(enum dns_type type)
{
	switch (type) {
	case DNS_A:
		return ns_t_a;
	case DNS_AAAA:
		return ns_t_aaaa;
	case DNS_MX:
		return ns_t_mx;
	case DNS_SRV:
		return ns_t_srv;
	case DNS_CNAME:
		return ns_t_cname;
	}
	return ns_t_a;
}

/* Gives the rest the same status: cancelled, or the deadline has passed. */
static void
give_up(struct asked *asked, size_t n, enum dns_status status)
{
	for (size_t i = 0; i < n; i++) {
		if (asked[i].is_done)
			continue;
		asked[i].is_done = true;
		asked[i].question->answer->status = status;
	}
}

static void
process(struct round *r, const struct pollfd *fds, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		bool in = (fds[i].revents & ~POLLOUT) != 0;
		bool out = (fds[i].revents & ~POLLIN) != 0;

		/* an earlier one may have closed it */
		if ((in || out) && find_sock(r, fds[i].fd) != NULL)
			ares_process_fd(r->channel,
			    in ? fds[i].fd : ARES_SOCKET_BAD,
			    out ? fds[i].fd : ARES_SOCKET_BAD);
	}
	ares_process_fd(r->channel, ARES_SOCKET_BAD, ARES_SOCKET_BAD);
}

/* Waits until all are answered; what ended it otherwise. */
static enum net_ready
drive(struct round *r)
{
	while (r->pending > 0) {
		struct pollfd fds[MAX_SOCKETS];
		struct timeval most = {.tv_sec = TRY_MS / 1000}, tv, *left;
		size_t n = 0;
		int ms;

		for (size_t i = 0; i < r->n_socks; i++)
			if (r->socks[i].events != 0)
				fds[n++] = (struct pollfd){.fd = r->socks[i].fd,
				    .events = r->socks[i].events};
		left = ares_timeout(r->channel, &most, &tv);
		ms = (int)(left->tv_sec * 1000 + left->tv_usec / 1000) + 1;
		if (net_wait_many(r->net, fds, n, ms) == NET_CANCELLED)
			return NET_CANCELLED;
		if (clock_mono_ms() >= r->net->deadline_ms)
			return NET_TIMEOUT;
		process(r, fds, n);
	}
	return NET_READY;
}

/* Is it worth asking again, perhaps another resolver? */
static bool
may_ask_again(enum dns_status status, size_t n_resolvers)
{
	switch (status) {
	case DNS_TIMEOUT:
		return true;
	case DNS_SERVFAIL:
	case DNS_REFUSED:
	case DNS_BROKEN:
		return n_resolvers > 1;
	case DNS_OK:
	case DNS_NODATA:
	case DNS_NXDOMAIN:
	case DNS_UNREACHABLE:
	case DNS_BAD_NAME:
	case DNS_CANCELLED:
		return false;
	}
	return false;
}

/* One try for everything that is open; how many resolvers there are. */
static size_t
ask_round(const struct net *net, struct asked *asked, size_t n, size_t first)
{
	struct round r;
	size_t n_resolvers;

	if (!open_channel(&r, net)) {
		give_up(asked, n, DNS_UNREACHABLE);
		return 0;
	}
	n_resolvers = set_resolvers(&r, first);
	if (n_resolvers == 0) {
		give_up(asked, n, DNS_UNREACHABLE);
	} else {
		for (size_t i = 0; i < n; i++) {
			if (asked[i].is_done)
				continue;
			asked[i].round = &r;
			r.pending++;
			ares_query(r.channel, asked[i].question->name, ns_c_in,
			    wire_type(asked[i].question->type), on_reply,
			    &asked[i]);
		}
		if (drive(&r) == NET_CANCELLED)
			give_up(asked, n, DNS_CANCELLED);
		else
			give_up(asked, n, DNS_TIMEOUT);
	}
	ares_destroy(r.channel);
	return n_resolvers;
}

/* Opens again what may do better in another round; was there any? */
static bool
reopen(const struct net *net, struct asked *asked, enum dns_status *before,
    size_t n, size_t n_resolvers)
{
	bool any = false;

	if (clock_mono_ms() >= net->deadline_ms)
		return false;
	for (size_t i = 0; i < n; i++) {
		struct dns_answer *a = asked[i].question->answer;

		before[i] = a->status;
		if (!may_ask_again(a->status, n_resolvers))
			continue;
		dns_answer_done(a);
		asked[i].is_done = false;
		any = true;
	}
	return any;
}

/* A resolver's SERVFAIL says more than the next one's silence. */
static void
keep_better(struct dns_answer *a, enum dns_status before)
{
	if (before == DNS_TIMEOUT || before == a->status)
		return;
	switch (a->status) {
	case DNS_TIMEOUT:
	case DNS_UNREACHABLE:
		a->status = before;
		break;
	case DNS_OK:
	case DNS_NODATA:
	case DNS_NXDOMAIN:
	case DNS_SERVFAIL:
	case DNS_REFUSED:
	case DNS_BAD_NAME:
	case DNS_BROKEN:
	case DNS_CANCELLED:
		break;
	}
}

void
dns_ask(const struct net *net, struct dns_question *q, size_t n)
{
	struct asked *asked = mem_alloc((n + 1) * sizeof(*asked));
	enum dns_status *before = mem_alloc((n + 1) * sizeof(*before));
	int64_t start = clock_mono_ms();
	size_t n_resolvers;

	for (size_t i = 0; i < n; i++) {
		*q[i].answer = (struct dns_answer){.status = DNS_BAD_NAME};
		asked[i].question = &q[i];
		asked[i].is_done = !dns_name_is_valid(q[i].name);
	}
	n_resolvers = ask_round(net, asked, n, 0);
	for (int round = 1; round < ROUNDS; round++) {
		if (!reopen(net, asked, before, n, n_resolvers))
			break;
		ask_round(net, asked, n, (size_t)round);
		for (size_t i = 0; i < n; i++)
			keep_better(q[i].answer, before[i]);
	}
	for (size_t i = 0; i < n; i++)
		q[i].answer->ms = (int)(clock_mono_ms() - start);
	mem_free(asked);
	mem_free(before);
}

char *
dns_resolvers(const struct net_options *o)
{
	struct ares_addr_port_node nodes[MAX_RESOLVERS];
	struct net net = {.options = o};
	struct strs list = {0};
	struct round r;
	size_t n;
	char *text, *joined;

	if (o->resolvers.n > 0)
		return strs_join(&o->resolvers, ", ");
	if (!open_channel(&r, &net))
		return mem_dup("none (system)");
	n = list_resolvers(o, r.channel, nodes);
	for (size_t i = 0; i < n; i++) {
		char addr[INET6_ADDRSTRLEN];

		if (inet_ntop(nodes[i].family, &nodes[i].addr, addr,
			sizeof(addr)) != NULL)
			strs_add(&list, addr);
	}
	ares_destroy(r.channel);
	joined = strs_join(&list, ", ");
	text = mem_printf("%s (system)", n > 0 ? joined : "none");
	mem_free(joined);
	strs_done(&list);
	return text;
}

#define MAX_SYSTEM_ADDRESSES 16

/*
 * "mail.exmaple.com" found as "mail.exmaple.com.corp.example": a search list
 * with a wildcard behind it hides that the name itself does not exist.
 */
static bool
is_search_hit(const char *host, const char *canonical)
{
	size_t len = strlen(host);

	return canonical != NULL && strchr(host, '.') != NULL &&
	       host[len - 1] != '.' && str_starts_nocase(canonical, host) &&
	       canonical[len] == '.' && canonical[len + 1] != '\0';
}

int
dns_system_lookup(const char *host, struct strs *addresses)
{
	struct addrinfo hints = {
	    .ai_socktype = SOCK_STREAM, .ai_flags = AI_CANONNAME};
	struct addrinfo *list = NULL;
	int status = getaddrinfo(host, NULL, &hints, &list);
	size_t most = addresses->n + MAX_SYSTEM_ADDRESSES;

	if (status != 0)
		return status;
	if (is_search_hit(host, list->ai_canonname)) {
		freeaddrinfo(list);
		return EAI_NONAME;
	}
	for (struct addrinfo *a = list; a != NULL && addresses->n < most;
	     a = a->ai_next) {
		char text[INET6_ADDRSTRLEN];
		const void *bytes;

		if (a->ai_family == AF_INET)
			bytes = &((struct sockaddr_in *)a->ai_addr)->sin_addr;
		else if (a->ai_family == AF_INET6)
			bytes = &((struct sockaddr_in6 *)a->ai_addr)->sin6_addr;
		else
			continue;
		if (inet_ntop(a->ai_family, bytes, text, sizeof(text)) !=
			NULL &&
		    !strs_has(addresses, text))
			strs_add(addresses, text);
	}
	freeaddrinfo(list);
	return 0;
}
