/* SPDX-License-Identifier: ISC
 *
 * Connects on loopback: what became of each, how long it took, and where
 * the redirect table led. Also the one wait under them.
 */
#include "probes/net/tcp.h"

#include "probes/base/clock.h"
#include "probes/base/mem.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#define TIMEOUT_MS 400

struct world {
	struct net_options options;
	struct net net;
};

static void
setup(struct world *w)
{
	*w = (struct world){.options.connect_timeout_ms = TIMEOUT_MS};
	w->net = (struct net){.options = &w->options,
	    .deadline_ms = clock_mono_ms() + 10000,
	    .cancel_fd = -1,
	    .yield_fd = -1};
}

static void
rule(struct world *w, const char *text)
{
	struct err err = {0};

	if (!net_options_redirect(&w->options, text, &err))
		fail_msg("%s", err.msg);
}

static void
errno_rule(struct world *w, const char *host, int error)
{
	char text[96];

	snprintf(text, sizeof(text), "%s::127.0.0.1:1", host);
	rule(w, text);
	w->options.redirects[w->options.n_redirects - 1].error = error;
}

/* A bound socket on an unused port of 127.0.0.1; backlog -1: not listening. */
static int
server(int backlog, int *port)
{
	struct sockaddr_in sa = {
	    .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t len = sizeof(sa);
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	assert_true(fd >= 0);
	assert_int_equal(bind(fd, (struct sockaddr *)&sa, len), 0);
	if (backlog >= 0)
		assert_int_equal(listen(fd, backlog), 0);
	assert_int_equal(getsockname(fd, (struct sockaddr *)&sa, &len), 0);
	*port = ntohs(sa.sin_port);
	return fd;
}

static void
test_open(void **state)
{
	struct world w;
	struct tcp_result r;
	int port, fd = server(4, &port);

	(void)state;
	setup(&w);
	r = tcp_connect(&w.net, NULL, "127.0.0.1", port, NULL, NULL);
	assert_int_equal(r.reach, TCP_OPEN);
	assert_false(r.redirected);
	assert_true(fcntl(r.fd, F_GETFL) & O_NONBLOCK);
	assert_true(fcntl(r.fd, F_GETFD) & FD_CLOEXEC);
	close(r.fd);
	close(fd);
}

static int
segment_of(int fd)
{
	int segment = 0;
	socklen_t len = sizeof(segment);

	assert_int_equal(
	    getsockopt(fd, IPPROTO_TCP, TCP_MAXSEG, &segment, &len), 0);
	return segment;
}

/* Both ends keep to a small segment; without, loopback's are large. */
static void
test_segment(void **state)
{
	struct world w;
	struct tcp_result r;
	int port, fd = server(4, &port), other;

	(void)state;
	setup(&w);
	w.net.max_segment = NET_SMALL_SEGMENT;
	r = tcp_connect(&w.net, NULL, "127.0.0.1", port, NULL, NULL);
	assert_int_equal(r.reach, TCP_OPEN);
	other = accept(fd, NULL, NULL);
	assert_in_range(segment_of(r.fd), 400, NET_SMALL_SEGMENT);
	assert_in_range(segment_of(other), 400, NET_SMALL_SEGMENT);
	close(other);
	close(r.fd);
	w.net.max_segment = 0;
	r = tcp_connect(&w.net, NULL, "127.0.0.1", port, NULL, NULL);
	assert_true(segment_of(r.fd) > 2 * NET_SMALL_SEGMENT);
	close(r.fd);
	close(fd);
}

/* What nobody reads stays unacknowledged, and is gone after an abort. */
static void
test_unsent(void **state)
{
	static const char data[4096];
	struct world w;
	struct tcp_result r;
	int port, fd = server(4, &port), other;
	char got[4096];
	ssize_t n;

	(void)state;
	setup(&w);
	r = tcp_connect(&w.net, NULL, "127.0.0.1", port, NULL, NULL);
	other = accept(fd, NULL, NULL);
	assert_int_equal(tcp_unsent(r.fd), 0);
	while (send(r.fd, data, sizeof(data), MSG_DONTWAIT) > 0)
		;
	assert_true(tcp_unsent(r.fd) > 0);
	tcp_abort_on_close(r.fd);
	close(r.fd);
	do
		n = recv(other, got, sizeof(got), 0);
	while (n > 0);
	assert_int_equal(n, -1);
	assert_int_equal(errno, ECONNRESET);
	assert_int_equal(tcp_unsent(-1), -1);
	close(other);
	close(fd);
}

static void
test_refused(void **state)
{
	struct world w;
	struct tcp_result r;
	int port, fd = server(-1, &port);

	(void)state;
	setup(&w);
	r = tcp_connect(&w.net, NULL, "127.0.0.1", port, NULL, NULL);
	assert_int_equal(r.reach, TCP_REFUSED);
	assert_int_equal(r.sys, ECONNREFUSED);
	assert_int_equal(r.fd, -1);
	close(fd);
}

static void
count(void *arg)
{
	(*(int *)arg)++;
}

static void
test_dropped_by_full_backlog(void **state)
{
	struct world w;
	struct tcp_result r;
	int port, fd = server(0, &port), fill[8], n_slow = 0, n = 0;

	(void)state;
	setup(&w);
	/* the queue takes one more than its backlog */
	do {
		r = tcp_connect(&w.net, NULL, "127.0.0.1", port, NULL, NULL);
		if (r.reach == TCP_OPEN)
			fill[n++] = r.fd;
	} while (r.reach == TCP_OPEN && n < 8);
	assert_int_equal(r.reach, TCP_DROPPED);
	r = tcp_connect(&w.net, NULL, "127.0.0.1", port, count, &n_slow);
	assert_int_equal(r.reach, TCP_DROPPED);
	assert_int_equal(r.sys, 0);
	assert_int_equal(n_slow, 1);
	assert_in_range(r.ms, TIMEOUT_MS - 5, TIMEOUT_MS + 300);
	while (n > 0)
		close(fill[--n]);
	close(fd);
}

static void
test_redirects(void **state)
{
	struct world w;
	struct tcp_result r;
	char text[96];
	int port, fd = server(16, &port);
	static const struct {
		const char *rule, *host, *address;
		int port;
	} cases[] = {
	    {"mail.example:25:127.0.0.1", "MAIL.example", "192.0.2.1", 25},
	    {":25:127.0.0.1", NULL, "192.0.2.1", 25},
	    {"::127.0.0.1", "x.example", "2001:db8::1", 465},
	    {"192.0.2.1::127.0.0.1", "x.example", "192.0.2.1", 465},
	    {"[2001:db8:0::1]:25:127.0.0.1", "x", "2001:DB8::0:1", 25},
	    {"[2001:db8::1]:25:127.0.0.1", "x", "[2001:db8::1]", 25},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		setup(&w);
		errno_rule(&w, "other.example", ECONNREFUSED);
		errno_rule(&w, "192.0.2.2", ECONNREFUSED);
		snprintf(text, sizeof(text), "mail.example:26:127.0.0.1:1");
		rule(&w, text);
		snprintf(text, sizeof(text), "%s:%d", cases[i].rule, port);
		rule(&w, text);
		errno_rule(&w, "", ECONNREFUSED); /* never reached */
		r = tcp_connect(&w.net, cases[i].host, cases[i].address,
		    cases[i].port, NULL, NULL);
		if (r.reach != TCP_OPEN || !r.redirected)
			fail_msg(
			    "%s: %s", cases[i].rule, tcp_reach_name(r.reach));
		close(r.fd);
		net_options_done(&w.options);
	}
	close(fd);
}

static void
test_bad_rules(void **state)
{
	static const char *const bad[] = {"", "a", "a:b", "a:25:127.0.0.1:x",
	    "a:70000:127.0.0.1:1", "a:25:mail.example:25", "a:25::25",
	    "[::1:25:127.0.0.1:1", "a:-1:127.0.0.1:1", "a:25:127.0.0.1:0"};
	struct net_options o = {0};

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct err err = {0};

		if (net_options_redirect(&o, bad[i], &err))
			fail_msg("\"%s\" was taken", bad[i]);
		assert_int_equal(err.kind, ERR_USAGE);
	}
	assert_int_equal(o.n_redirects, 0);
	net_options_done(&o);
}

static void
test_errno_rules(void **state)
{
	static const struct {
		int error;
		enum tcp_reach reach;
	} cases[] = {
	    {ENETUNREACH, TCP_NO_ROUTE},
	    {EHOSTUNREACH, TCP_UNREACHABLE},
	    {EACCES, TCP_PROHIBITED},
	    {EPERM, TCP_PROHIBITED},
	    {ECONNREFUSED, TCP_REFUSED},
	    {ETIMEDOUT, TCP_DROPPED},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct world w;
		struct tcp_result r;
		int n_slow = 0;
		bool is_drop = cases[i].reach == TCP_DROPPED;

		setup(&w);
		errno_rule(&w, "192.0.2.1", cases[i].error);
		r = tcp_connect(&w.net, NULL, "192.0.2.1", 25, count, &n_slow);
		assert_int_equal(r.reach, cases[i].reach);
		assert_int_equal(r.sys, is_drop ? 0 : cases[i].error);
		assert_int_equal(r.fd, -1);
		assert_true(r.redirected);
		assert_int_equal(n_slow, is_drop);
		if (is_drop)
			assert_in_range(r.ms, TIMEOUT_MS - 5, 10000);
		net_options_done(&w.options);
	}
}

struct canceller {
	int fd;
	int after_ms;
};

static void *
cancel_later(void *arg)
{
	struct canceller *c = arg;

	poll(NULL, 0, c->after_ms);
	close(c->fd);
	return NULL;
}

static void
test_cancel(void **state)
{
	struct world w;
	struct tcp_result r;
	pthread_t thread;
	struct canceller c = {.after_ms = 50};
	int fds[2];
	int64_t start;

	(void)state;
	setup(&w);
	w.options.connect_timeout_ms = 5000;
	errno_rule(&w, "", ETIMEDOUT);
	assert_int_equal(pipe(fds), 0);
	w.net.cancel_fd = fds[0];
	c.fd = fds[1];
	start = clock_mono_ms();
	assert_int_equal(pthread_create(&thread, NULL, cancel_later, &c), 0);
	r = tcp_connect(&w.net, NULL, "192.0.2.1", 25, NULL, NULL);
	assert_int_equal(r.reach, TCP_CANCELLED);
	assert_in_range(clock_mono_ms() - start, 40, 150);
	pthread_join(thread, NULL);
	/* and from then on nothing is begun */
	r = tcp_connect(&w.net, NULL, "192.0.2.1", 25, NULL, NULL);
	assert_int_equal(r.reach, TCP_CANCELLED);
	close(fds[0]);
	net_options_done(&w.options);
}

static void
test_yield(void **state)
{
	struct world w;
	int fds[2];

	(void)state;
	setup(&w);
	assert_int_equal(pipe(fds), 0);
	w.net.yield_fd = fds[0];
	assert_int_equal(net_wait(&w.net, -1, 0, 20), NET_TIMEOUT);
	assert_int_equal(write(fds[1], "x", 1), 1);
	assert_int_equal(net_wait(&w.net, -1, 0, 5000), NET_CANCELLED);
	close(fds[0]);
	close(fds[1]);
}

static void
test_deadline(void **state)
{
	struct world w;
	struct tcp_result r;
	int fds[2];

	(void)state;
	setup(&w);
	errno_rule(&w, "", ETIMEDOUT);
	w.options.connect_timeout_ms = 5000;
	w.net.deadline_ms = clock_mono_ms() + 100;
	r = tcp_connect(&w.net, NULL, "192.0.2.1", 25, NULL, NULL);
	assert_int_equal(r.reach, TCP_DROPPED);
	assert_in_range(r.ms, 95, 400);
	/* past it, not even what is ready is waited for */
	assert_int_equal(pipe(fds), 0);
	assert_int_equal(write(fds[1], "x", 1), 1);
	assert_int_equal(net_wait(&w.net, fds[0], POLLIN, 50), NET_TIMEOUT);
	w.net.deadline_ms = clock_mono_ms() + 100;
	assert_int_equal(net_wait(&w.net, fds[0], POLLIN, 0), NET_READY);
	close(fds[0]);
	close(fds[1]);
	net_options_done(&w.options);
}

static void
test_addresses(void **state)
{
	static const struct {
		const char *text;
		int family, port; /* family 0: refused */
	} cases[] = {
	    {"192.0.2.1", 4, 53},
	    {"192.0.2.1:5353", 4, 5353},
	    {"[::1]:53", 6, 53},
	    {"[::1]", 6, 53},
	    {"::1", 6, 53},
	    {"2001:db8::1:25", 6, 53},
	    {"192.0.2.1:", 0, 0},
	    {"192.0.2.1:65536", 0, 0},
	    {"192.0.2.256", 0, 0},
	    {"mail.example", 0, 0},
	    {"mail.example:25", 0, 0},
	    {"", 0, 0},
	    {"[]", 0, 0},
	    {"[", 0, 0},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct net_addr a;
		struct err err = {0};
		bool ok = tcp_parse_addr(cases[i].text, 53, &a, &err);

		if (ok != (cases[i].family != 0))
			fail_msg("\"%s\": %d", cases[i].text, ok);
		if (!ok)
			continue;
		assert_int_equal(
		    a.sa.ss_family, cases[i].family == 4 ? AF_INET : AF_INET6);
		assert_int_equal(tcp_port(&a), cases[i].port);
	}
	assert_int_equal(tcp_family("127.0.0.1"), 4);
	assert_int_equal(tcp_family("[::1]"), 6);
	assert_int_equal(tcp_family("localhost"), 0);
	assert_int_equal(tcp_family(""), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_open),
	    cmocka_unit_test(test_segment),
	    cmocka_unit_test(test_unsent),
	    cmocka_unit_test(test_refused),
	    cmocka_unit_test(test_dropped_by_full_backlog),
	    cmocka_unit_test(test_redirects),
	    cmocka_unit_test(test_bad_rules),
	    cmocka_unit_test(test_errno_rules),
	    cmocka_unit_test(test_cancel),
	    cmocka_unit_test(test_yield),
	    cmocka_unit_test(test_deadline),
	    cmocka_unit_test(test_addresses),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
