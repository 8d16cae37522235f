/* SPDX-License-Identifier: ISC
 *
 * The one connect() of TCP. Tells apart what errno alone does not: no route
 * on this computer, a filter that answers at once, a router that gives up.
 * The redirect table's errno rules are the only simulation in the program.
 */
#include "tcp.h"

#include "../base/clock.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

/* Quicker than this, "unreachable" is a filter's answer; a neighbour that
 * does not answer ARP or a router that gives up takes longer. */
#define PROHIBITED_MS 1000

const char *
tcp_reach_name(enum tcp_reach r)
{
	switch (r) {
	case TCP_OPEN:
		return "open";
	case TCP_REFUSED:
		return "refused";
	case TCP_DROPPED:
		return "dropped";
	case TCP_UNREACHABLE:
		return "unreachable";
	case TCP_PROHIBITED:
		return "prohibited";
	case TCP_NO_ROUTE:
		return "no-route";
	case TCP_CANCELLED:
		return "cancelled";
	}
	return "unknown";
}

/* Copies the address without brackets; false when it cannot be one. */
static bool
bare_address(const char *text, char *out, size_t size)
{
	size_t len = strlen(text);

	if (len >= 2 && text[0] == '[' && text[len - 1] == ']') {
		text++;
		len -= 2;
	}
	if (len == 0 || len >= size)
		return false;
	memcpy(out, text, len);
	out[len] = '\0';
	return true;
}

static bool
fill_addr(const char *text, int port, struct net_addr *out)
{
	char bare[INET6_ADDRSTRLEN + 2];
	struct net_addr a = {0};
	struct sockaddr_in *v4 = (struct sockaddr_in *)&a.sa;
	struct sockaddr_in6 *v6 = (struct sockaddr_in6 *)&a.sa;

	if (!bare_address(text, bare, sizeof(bare)))
		return false;
	if (inet_pton(AF_INET, bare, &v4->sin_addr) == 1) {
		v4->sin_family = AF_INET;
		v4->sin_port = htons((uint16_t)port);
		a.len = sizeof(*v4);
	} else if (inet_pton(AF_INET6, bare, &v6->sin6_addr) == 1) {
		v6->sin6_family = AF_INET6;
		v6->sin6_port = htons((uint16_t)port);
		a.len = sizeof(*v6);
	} else {
		return false;
	}
	*out = a;
	return true;
}

int
tcp_family(const char *text)
{
	struct net_addr a;

	if (!fill_addr(text, 0, &a))
		return 0;
	return a.sa.ss_family == AF_INET ? 4 : 6;
}

bool
tcp_parse_addr(
    const char *text, int default_port, struct net_addr *out, struct err *err)
{
	const char *colon = strrchr(text, ':');
	const char *bracket = strrchr(text, ']');
	char host[INET6_ADDRSTRLEN + 4];
	int64_t port = default_port;
	size_t len = strlen(text);

	/* A port follows the last colon, unless that belongs to bare IPv6. */
	if (colon != NULL &&
	    (bracket != NULL ? colon > bracket : strchr(text, ':') == colon)) {
		len = (size_t)(colon - text);
		if (!str_number(colon + 1, 1, 65535, &port))
			return err_set(err, ERR_USAGE,
			    "\"%s\" has no port from 1 to 65535", text);
	}
	if (len >= sizeof(host))
		return err_set(err, ERR_USAGE, "\"%s\" is too long", text);
	memcpy(host, text, len);
	host[len] = '\0';
	if (!fill_addr(host, (int)port, out))
		return err_set(err, ERR_USAGE,
		    "\"%s\" is not a numeric address with an optional port",
		    text);
	return true;
}

int
tcp_port(const struct net_addr *a)
{
	if (a->sa.ss_family == AF_INET6)
		return ntohs(((const struct sockaddr_in6 *)&a->sa)->sin6_port);
	return ntohs(((const struct sockaddr_in *)&a->sa)->sin_port);
}

static void
set_port(struct net_addr *a, int port)
{
	if (a->sa.ss_family == AF_INET6)
		((struct sockaddr_in6 *)&a->sa)->sin6_port =
		    htons((uint16_t)port);
	else
		((struct sockaddr_in *)&a->sa)->sin_port =
		    htons((uint16_t)port);
}

static bool
same_ip(const struct net_addr *a, const struct net_addr *b)
{
	if (a->sa.ss_family != b->sa.ss_family)
		return false;
	if (a->sa.ss_family == AF_INET)
		return memcmp(&((const struct sockaddr_in *)&a->sa)->sin_addr,
			   &((const struct sockaddr_in *)&b->sa)->sin_addr,
			   sizeof(struct in_addr)) == 0;
	return memcmp(&((const struct sockaddr_in6 *)&a->sa)->sin6_addr,
		   &((const struct sockaddr_in6 *)&b->sa)->sin6_addr,
		   sizeof(struct in6_addr)) == 0;
}

bool
tcp_rule_matches(const struct net_redirect *rule, const char *host,
    const struct net_addr *real)
{
	struct net_addr a;

	if (rule->port != 0 && rule->port != tcp_port(real))
		return false;
	if (rule->host[0] == '\0')
		return true;
	if (fill_addr(rule->host, 0, &a))
		return same_ip(&a, real);
	return host != NULL && str_same(rule->host, host);
}

static const struct net_redirect *
find_rule(
    const struct net_options *o, const char *host, const struct net_addr *real)
{
	for (size_t i = 0; i < o->n_redirects; i++)
		if (tcp_rule_matches(&o->redirects[i], host, real))
			return &o->redirects[i];
	return NULL;
}

/* What connecting a datagram socket, which sends nothing, says of routes. */
static int
route_errno(const struct net_addr *to)
{
	int fd = socket(to->sa.ss_family, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	int sys = 0;

	if (fd < 0)
		return errno;
	if (connect(fd, (const struct sockaddr *)&to->sa, to->len) != 0)
		sys = errno;
	close(fd);
	return sys;
}

/* The errno of a real connect, which took ms. */
static enum tcp_reach
judge(int sys, int ms, const struct net_addr *to)
{
	switch (sys) {
	case ECONNREFUSED:
		return TCP_REFUSED;
	case ETIMEDOUT:
		return TCP_DROPPED;
	case EACCES:
	case EPERM:
		return TCP_PROHIBITED;
	case EADDRNOTAVAIL:
	case EAFNOSUPPORT:
		return TCP_NO_ROUTE;
	case EHOSTUNREACH:
	case ENETUNREACH:
		break;
	default:
		return TCP_UNREACHABLE;
	}
	switch (route_errno(to)) {
	case 0:
		break;
	case EACCES:
	case EPERM:
		return TCP_PROHIBITED;
	default:
		return TCP_NO_ROUTE;
	}
	return ms < PROHIBITED_MS ? TCP_PROHIBITED : TCP_UNREACHABLE;
}

/* The errno of a rule, which needs no guessing. */
static enum tcp_reach
judge_rule(int sys)
{
	switch (sys) {
	case ECONNREFUSED:
		return TCP_REFUSED;
	case ETIMEDOUT:
		return TCP_DROPPED;
	case EACCES:
	case EPERM:
		return TCP_PROHIBITED;
	case ENETUNREACH:
	case EADDRNOTAVAIL:
	case EAFNOSUPPORT:
		return TCP_NO_ROUTE;
	default:
		return TCP_UNREACHABLE;
	}
}

/* Waits the connect time-out, calling slow once on the way. */
static enum net_ready
wait_connect(const struct net *net, int fd, void (*slow)(void *), void *arg)
{
	int left = net->options->connect_timeout_ms;
	enum net_ready r;

	if (slow != NULL && left > TCP_SLOW_MS) {
		r = net_wait(net, fd, POLLOUT, TCP_SLOW_MS);
		if (r != NET_TIMEOUT)
			return r;
		slow(arg);
		left -= TCP_SLOW_MS;
	}
	return net_wait(net, fd, POLLOUT, left);
}

/* Connects fd; the errno in the end, ETIMEDOUT or ECANCELED among them. */
static int
connect_errno(const struct net *net, int fd, const struct net_addr *to,
    void (*slow)(void *), void *arg)
{
	int sys = 0;
	socklen_t len = sizeof(sys);

	if (connect(fd, (const struct sockaddr *)&to->sa, to->len) == 0)
		return 0;
	if (errno != EINPROGRESS && errno != EINTR)
		return errno;
	switch (wait_connect(net, fd, slow, arg)) {
	case NET_CANCELLED:
		return ECANCELED;
	case NET_TIMEOUT:
		return ETIMEDOUT;
	case NET_READY:
		break;
	}
	if (getsockopt(fd, SOL_SOCKET, SO_ERROR, &sys, &len) != 0)
		return errno;
	return sys;
}

static struct tcp_result
simulate(const struct net *net, int sys, void (*slow)(void *), void *arg)
{
	struct tcp_result r = {.fd = -1, .redirected = true};

	r.reach = judge_rule(sys);
	r.sys = sys;
	if (r.reach != TCP_DROPPED)
		return r;
	r.sys = 0;
	if (wait_connect(net, -1, slow, arg) == NET_CANCELLED)
		r.reach = TCP_CANCELLED;
	return r;
}

/* Both ends keep to it, since the handshake tells the other one. */
static int
limit_segment(int fd, int max_segment)
{
	if (max_segment <= 0 || setsockopt(fd, IPPROTO_TCP, TCP_MAXSEG,
				    &max_segment, sizeof(max_segment)) == 0)
		return 0;
	return errno;
}

static struct tcp_result
connect_to(const struct net *net, const struct net_addr *to,
    void (*slow)(void *), void *arg)
{
	struct tcp_result r = {.fd = -1};
	int64_t start = clock_mono_ms();
	int fd = socket(
	    to->sa.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

	r.sys = fd < 0 ? errno : limit_segment(fd, net->max_segment);
	if (r.sys == 0)
		r.sys = connect_errno(net, fd, to, slow, arg);
	/* A reset after the handshake: it was open, and hung up at once. */
	if (r.sys == 0 || (r.sys == ECONNRESET && fd >= 0)) {
		r.sys = 0;
		r.reach = TCP_OPEN;
		r.fd = fd;
		return r;
	}
	if (r.sys == ECANCELED)
		r.reach = TCP_CANCELLED;
	else
		r.reach = judge(r.sys, (int)(clock_mono_ms() - start), to);
	if (r.reach == TCP_DROPPED)
		r.sys = 0;
	if (fd >= 0)
		close(fd);
	return r;
}

struct tcp_result
tcp_connect(const struct net *net, const char *host, const char *address,
    int port, void (*slow)(void *), void *arg)
{
	struct tcp_result r = {.fd = -1};
	struct net_addr real, to;
	const struct net_redirect *rule;
	int64_t start = clock_mono_ms();

	if (!fill_addr(address, port, &real)) {
		r.reach = TCP_NO_ROUTE;
		r.sys = EAFNOSUPPORT;
		return r;
	}
	if (net_wait(net, -1, 0, 0) == NET_CANCELLED) {
		r.reach = TCP_CANCELLED;
		r.sys = ECANCELED;
		return r;
	}
	rule = find_rule(net->options, host, &real);
	if (rule != NULL && rule->error != 0) {
		r = simulate(net, rule->error, slow, arg);
	} else {
		to = rule != NULL ? rule->to : real;
		if (tcp_port(&to) == 0)
			set_port(&to, port);
		r = connect_to(net, &to, slow, arg);
		r.redirected = rule != NULL;
	}
	r.ms = (int)(clock_mono_ms() - start);
	return r;
}

int
tcp_unsent(int fd)
{
	int n = 0;

	return ioctl(fd, TIOCOUTQ, &n) == 0 ? n : -1;
}

void
tcp_abort_on_close(int fd)
{
	const struct linger now = {.l_onoff = 1, .l_linger = 0};

	setsockopt(fd, SOL_SOCKET, SO_LINGER, &now, sizeof(now));
}
