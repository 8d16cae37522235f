/* SPDX-License-Identifier: ISC
 *
 * DNS questions against a tiny responder on 127.0.0.1 (UDP and TCP of one
 * port) that answers as the first label of the name says.
 */
#include "probes/net/dns.h"

#include "probes/base/clock.h"
#include "probes/base/mem.h"
#include "probes/net/dns_message.h"
#include "probes/net/tcp.h"

#include <arpa/inet.h>
#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#define MAX_MESSAGE 2048

struct responder {
	int udp, tcp, stop[2], port;
	pthread_t thread;
};

struct packet {
	unsigned char d[MAX_MESSAGE];
	size_t len;
};

static void
put_16(struct packet *p, unsigned v)
{
	p->d[p->len++] = (unsigned char)(v >> 8);
	p->d[p->len++] = (unsigned char)v;
}

static void
put_name(struct packet *p, const char *name)
{
	while (*name != '\0') {
		size_t n = strcspn(name, ".");

		p->d[p->len++] = (unsigned char)n;
		memcpy(p->d + p->len, name, n);
		p->len += n;
		name += n + (name[n] == '.');
	}
	p->d[p->len++] = 0;
}

/* The header of a record whose owner is the question (0xc00c) or a name. */
static size_t
put_rr(struct packet *p, const char *owner, unsigned type)
{
	if (owner != NULL)
		put_name(p, owner);
	else
		put_16(p, 0xc00c);
	put_16(p, type);
	put_16(p, 1);
	put_16(p, 0);
	put_16(p, 60);
	put_16(p, 0);
	p->d[7]++;
	return p->len;
}

static void
end_rr(struct packet *p, size_t start)
{
	size_t n = p->len - start;

	p->d[start - 2] = (unsigned char)(n >> 8);
	p->d[start - 1] = (unsigned char)n;
}

static void
put_a(struct packet *p, const char *owner, unsigned last)
{
	size_t at = put_rr(p, owner, 1);

	put_16(p, 192 << 8);
	put_16(p, 2 << 8 | last);
	end_rr(p, at);
}

static void
put_mx(struct packet *p, unsigned priority, const char *host)
{
	size_t at = put_rr(p, NULL, 15);

	put_16(p, priority);
	put_name(p, host);
	end_rr(p, at);
}

static void
put_srv(struct packet *p, unsigned priority, unsigned weight, unsigned port,
    const char *host)
{
	size_t at = put_rr(p, NULL, 33);

	put_16(p, priority);
	put_16(p, weight);
	put_16(p, port);
	put_name(p, host);
	end_rr(p, at);
}

static void
put_cname(struct packet *p, const char *owner, const char *target)
{
	size_t at = put_rr(p, owner, 5);

	put_name(p, target);
	end_rr(p, at);
}

static void
answer_ok(struct packet *p, unsigned type)
{
	if (type == 1) {
		put_a(p, NULL, 10);
		put_a(p, NULL, 11);
	} else if (type == 15) {
		put_mx(p, 20, "b.example");
		put_mx(p, 10, "a.example");
		put_mx(p, 10, "c d.example");
	} else if (type == 33) {
		put_srv(p, 1, 0, 587, "");
		put_srv(p, 0, 1, 465, "light.example");
		put_srv(p, 0, 9, 465, "heavy.example");
	}
}

/* Writes the reply behind the question; false for silence. */
static bool
make_reply(struct packet *p, bool is_tcp)
{
	char word[64] = "";
	size_t n = p->d[12];
	unsigned type;

	memcpy(word, p->d + 13, n < 63 ? n : 63);
	type = (unsigned)p->d[p->len - 4] << 8 | p->d[p->len - 3];
	p->d[2] = 0x84;
	p->d[3] = 0x80;
	if (strcmp(word, "silent") == 0)
		return false;
	if (strcmp(word, "nx") == 0) {
		p->d[3] |= 3;
	} else if (strcmp(word, "servfail") == 0) {
		p->d[3] |= 2;
	} else if (strcmp(word, "refused") == 0) {
		p->d[3] |= 5;
	} else if (strcmp(word, "notimp") == 0) {
		p->d[3] |= 4;
	} else if (strcmp(word, "garbage") == 0) {
		p->d[7] = 3;
		memset(p->d + p->len, 0xff, 40);
		p->len += 40;
	} else if (strcmp(word, "big") == 0) {
		if (is_tcp)
			for (unsigned i = 0; i < 80; i++)
				put_a(p, NULL, i);
		else
			p->d[2] |= 2;
	} else if (strcmp(word, "alias") == 0) {
		put_a(p, "end.example", 77); /* in any order */
		put_cname(p, "mid.example", "end.example");
		put_cname(p, NULL, "mid.example");
		put_a(p, "other.example", 66);
	} else if (strcmp(word, "loop") == 0) {
		put_cname(p, NULL, "loop2.example");
		put_cname(p, "loop2.example", "loop.example");
	} else if (strcmp(word, "ok") == 0) {
		answer_ok(p, type);
	}
	return true;
}

static void
serve_udp(int fd)
{
	struct packet p = {0};
	struct sockaddr_storage from;
	socklen_t len = sizeof(from);
	ssize_t n = recvfrom(fd, p.d, 512, 0, (struct sockaddr *)&from, &len);

	p.len = n > 0 ? (size_t)n : 0;
	if (p.len > 16 && make_reply(&p, false) &&
	    sendto(fd, p.d, p.len, 0, (struct sockaddr *)&from, len) < 0)
		perror("sendto");
}

static void
serve_tcp(int listener)
{
	int fd = accept(listener, NULL, NULL);
	struct packet p = {0};
	unsigned char size[2];

	if (fd >= 0 && recv(fd, size, 2, MSG_WAITALL) == 2) {
		size_t want = (size_t)size[0] << 8 | size[1];

		if (want <= 512 &&
		    recv(fd, p.d, want, MSG_WAITALL) == (ssize_t)want) {
			p.len = want;
			make_reply(&p, true);
			size[0] = (unsigned char)(p.len >> 8);
			size[1] = (unsigned char)p.len;
			if (send(fd, size, 2, MSG_NOSIGNAL) < 0 ||
			    send(fd, p.d, p.len, MSG_NOSIGNAL) < 0)
				perror("send");
		}
	}
	if (fd >= 0)
		close(fd);
}

static void *
serve(void *arg)
{
	struct responder *r = arg;

	for (;;) {
		struct pollfd fds[3] = {{.fd = r->stop[0], .events = POLLIN},
		    {.fd = r->udp, .events = POLLIN},
		    {.fd = r->tcp, .events = POLLIN}};

		poll(fds, 3, -1);
		if (fds[0].revents != 0)
			return NULL;
		if (fds[1].revents != 0)
			serve_udp(r->udp);
		if (fds[2].revents != 0)
			serve_tcp(r->tcp);
	}
}

static bool
bind_both(struct responder *r)
{
	struct sockaddr_in sa = {
	    .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t len = sizeof(sa);

	r->udp = socket(AF_INET, SOCK_DGRAM, 0);
	r->tcp = socket(AF_INET, SOCK_STREAM, 0);
	assert_int_equal(bind(r->udp, (struct sockaddr *)&sa, len), 0);
	assert_int_equal(getsockname(r->udp, (struct sockaddr *)&sa, &len), 0);
	r->port = ntohs(sa.sin_port);
	if (bind(r->tcp, (struct sockaddr *)&sa, len) == 0)
		return true;
	close(r->udp);
	close(r->tcp);
	return false;
}

static struct responder responder;

static int
start(void **state)
{
	(void)state;
	while (!bind_both(&responder))
		;
	if (listen(responder.tcp, 8) != 0 || pipe(responder.stop) != 0)
		return -1;
	return pthread_create(&responder.thread, NULL, serve, &responder);
}

static int
stop(void **state)
{
	(void)state;
	close(responder.stop[1]);
	pthread_join(responder.thread, NULL);
	close(responder.stop[0]);
	close(responder.udp);
	close(responder.tcp);
	return 0;
}

struct world {
	struct net_options options;
	struct net net;
};

static void
setup(struct world *w)
{
	*w = (struct world){.options.connect_timeout_ms = 400};
	w->net = (struct net){.options = &w->options,
	    .deadline_ms = clock_mono_ms() + 10000,
	    .cancel_fd = -1,
	    .yield_fd = -1};
	strs_addf(&w->options.resolvers, "127.0.0.1:%d", responder.port);
	w->options.resolver_given = true;
}

/* Replaces the resolver by an invented one, with a rule that leads on. */
static void
rule(struct world *w, const char *logical, int to_port, int error)
{
	char text[96];
	struct err err = {0};

	strs_done(&w->options.resolvers);
	strs_addf(&w->options.resolvers, "%s:53", logical);
	snprintf(text, sizeof(text), "%s:53:127.0.0.1:%d", logical, to_port);
	assert_true(net_options_redirect(&w->options, text, &err));
	w->options.redirects[w->options.n_redirects - 1].error = error;
}

static struct dns_answer
ask(struct world *w, const char *name, enum dns_type type)
{
	struct dns_answer a;
	struct dns_question q = {.name = name, .type = type, .answer = &a};

	dns_ask(&w->net, &q, 1);
	return a;
}

static void
test_statuses(void **state)
{
	static const struct {
		const char *name;
		enum dns_type type;
		enum dns_status status;
	} cases[] = {
	    {"ok.example", DNS_A, DNS_OK},
	    {"ok.example.", DNS_A, DNS_OK},
	    {"OK.example", DNS_AAAA, DNS_NODATA},
	    {"ok.example", DNS_AAAA, DNS_NODATA},
	    {"nx.example", DNS_A, DNS_NXDOMAIN},
	    {"servfail.example", DNS_A, DNS_SERVFAIL},
	    {"refused.example", DNS_A, DNS_REFUSED},
	    {"notimp.example", DNS_A, DNS_BROKEN},
	    {"garbage.example", DNS_A, DNS_BROKEN},
	    {"loop.example", DNS_A, DNS_BROKEN},
	    {"big.example", DNS_A, DNS_OK},
	    {"", DNS_A, DNS_BAD_NAME},
	    {".", DNS_A, DNS_BAD_NAME},
	    {"a..b", DNS_A, DNS_BAD_NAME},
	    {"a b.example", DNS_A, DNS_BAD_NAME},
	    {"a\\.example", DNS_A, DNS_BAD_NAME},
	    {"b\xc3\xbc.example", DNS_A, DNS_BAD_NAME},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct world w;
		struct dns_answer a;

		setup(&w);
		a = ask(&w, cases[i].name, cases[i].type);
		if (a.status != cases[i].status)
			fail_msg(
			    "%s: %s", cases[i].name, dns_status_name(a.status));
		assert_true(a.ms < 1500);
		assert_int_equal(a.status == DNS_OK, a.n > 0);
		dns_answer_done(&a);
		net_options_done(&w.options);
	}
}

static void
test_records(void **state)
{
	struct world w;
	struct dns_answer a;

	(void)state;
	setup(&w);
	a = ask(&w, "ok.example", DNS_A);
	assert_int_equal(a.n, 2);
	assert_string_equal(a.v[0].text, "192.0.2.10");
	assert_null(a.canonical);
	dns_answer_done(&a);
	a = ask(&w, "ok.example", DNS_MX);
	assert_int_equal(a.n, 3);
	assert_string_equal(a.v[0].text, "a.example");
	assert_string_equal(a.v[1].text, "c\\032d.example");
	assert_int_equal(a.v[2].priority, 20);
	dns_answer_done(&a);
	a = ask(&w, "ok.example", DNS_SRV);
	assert_int_equal(a.n, 3);
	assert_string_equal(a.v[0].text, "heavy.example");
	assert_string_equal(a.v[1].text, "light.example");
	assert_int_equal(a.v[1].port, 465);
	assert_string_equal(a.v[2].text, ".");
	dns_answer_done(&a);
	a = ask(&w, "alias.example", DNS_A);
	assert_int_equal(a.status, DNS_OK);
	assert_int_equal(a.n, 1);
	assert_string_equal(a.v[0].text, "192.0.2.77");
	assert_string_equal(a.canonical, "end.example");
	dns_answer_done(&a);
	a = ask(&w, "alias.example", DNS_CNAME);
	assert_int_equal(a.n, 1);
	assert_string_equal(a.v[0].text, "mid.example");
	dns_answer_done(&a);
	a = ask(&w, "big.example", DNS_A);
	assert_int_equal(a.n, DNS_MAX_RECORDS);
	dns_answer_done(&a);
	net_options_done(&w.options);
}

static void
test_all_at_once(void **state)
{
	struct world w;
	struct dns_answer a[4];
	struct dns_question q[4] = {
	    {"ok.example", DNS_A, &a[0]},
	    {"nx.example", DNS_MX, &a[1]},
	    {"-bad name-", DNS_A, &a[2]},
	    {"big.example", DNS_A, &a[3]},
	};
	char *who;

	(void)state;
	setup(&w);
	dns_ask(&w.net, q, 4);
	assert_int_equal(a[0].status, DNS_OK);
	assert_int_equal(a[1].status, DNS_NXDOMAIN);
	assert_int_equal(a[2].status, DNS_BAD_NAME);
	assert_int_equal(a[3].status, DNS_OK);
	for (size_t i = 0; i < 4; i++)
		dns_answer_done(&a[i]);
	dns_ask(&w.net, q, 0);
	who = dns_resolvers(&w.options);
	assert_memory_equal(who, "127.0.0.1:", 10);
	mem_free(who);
	net_options_done(&w.options);
}

static void
test_silence(void **state)
{
	struct world w;
	struct dns_answer a;

	(void)state;
	setup(&w);
	a = ask(&w, "silent.example", DNS_A);
	assert_int_equal(a.status, DNS_TIMEOUT);
	assert_in_range(a.ms, 3900, 4600); /* 2 s, 2 tries */
	net_options_done(&w.options);

	setup(&w);
	w.net.deadline_ms = clock_mono_ms() + 200;
	rule(&w, "192.0.2.53", 1, ETIMEDOUT);
	a = ask(&w, "ok.example", DNS_A);
	assert_int_equal(a.status, DNS_TIMEOUT);
	assert_in_range(a.ms, 150, 600);
	net_options_done(&w.options);
}

static void
test_second_resolver(void **state)
{
	struct world w;
	struct dns_answer a;

	(void)state;
	setup(&w);
	rule(&w, "192.0.2.53", 1, ECONNREFUSED);
	strs_addf(&w.options.resolvers, "127.0.0.1:%d", responder.port);
	a = ask(&w, "ok.example", DNS_A);
	assert_int_equal(a.status, DNS_OK);
	dns_answer_done(&a);
	a = ask(&w, "servfail.example", DNS_A);
	assert_int_equal(a.status, DNS_SERVFAIL);
	net_options_done(&w.options);
}

static void
test_redirected_resolver(void **state)
{
	static const struct {
		const char *logical;
		int error;
		enum dns_status status;
	} cases[] = {
	    {"192.0.2.53", 0, DNS_OK},
	    {"[2001:db8::53]", 0, DNS_OK}, /* another family */
	    {"192.0.2.53", ENETUNREACH, DNS_UNREACHABLE},
	    {"192.0.2.53", EHOSTUNREACH, DNS_REFUSED},
	    {"[2001:db8::53]", ENETUNREACH, DNS_UNREACHABLE},
	    {"192.0.2.53", ECONNREFUSED, DNS_REFUSED},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct world w;
		struct dns_answer a;

		setup(&w);
		rule(&w, cases[i].logical, responder.port, cases[i].error);
		a = ask(&w, "big.example", DNS_A);
		if (a.status != cases[i].status)
			fail_msg("%s %d: %s", cases[i].logical, cases[i].error,
			    dns_status_name(a.status));
		assert_true(a.ms < 1500);
		dns_answer_done(&a);
		net_options_done(&w.options);
	}
}

static void
test_closed_port(void **state)
{
	struct world w;
	struct dns_answer a;
	struct sockaddr_in sa = {
	    .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t len = sizeof(sa);
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	(void)state;
	setup(&w);
	/* a port whose UDP side is closed, most likely */
	assert_int_equal(bind(fd, (struct sockaddr *)&sa, len), 0);
	assert_int_equal(getsockname(fd, (struct sockaddr *)&sa, &len), 0);
	strs_done(&w.options.resolvers);
	strs_addf(&w.options.resolvers, "127.0.0.1:%d", ntohs(sa.sin_port));
	a = ask(&w, "ok.example", DNS_A);
	assert_int_equal(a.status, DNS_REFUSED);
	assert_true(a.ms < 1500);
	close(fd);
	net_options_done(&w.options);
}

/* A rule for every host is about mail servers, not the resolver. */
static void
test_general_rule(void **state)
{
	struct world w;
	struct dns_answer a;
	struct err err = {0};

	(void)state;
	setup(&w);
	assert_true(net_options_redirect(&w.options, "::127.0.0.1:1", &err));
	w.options.redirects[0].error = ECONNREFUSED;
	a = ask(&w, "ok.example", DNS_A);
	assert_int_equal(a.status, DNS_OK);
	dns_answer_done(&a);
	net_options_done(&w.options);
}

static void *
cancel_later(void *arg)
{
	poll(NULL, 0, 50);
	close(*(int *)arg);
	return NULL;
}

static void
test_cancel(void **state)
{
	struct world w;
	struct dns_answer a;
	pthread_t thread;
	int fds[2];

	(void)state;
	setup(&w);
	assert_int_equal(pipe(fds), 0);
	w.net.cancel_fd = fds[0];
	assert_int_equal(
	    pthread_create(&thread, NULL, cancel_later, &fds[1]), 0);
	a = ask(&w, "silent.example", DNS_A);
	assert_int_equal(a.status, DNS_CANCELLED);
	assert_in_range(a.ms, 40, 150);
	pthread_join(thread, NULL);
	close(fds[0]);
	net_options_done(&w.options);
}

/* Every prefix of a good reply, and every byte of it changed. */
static void
test_mangled(void **state)
{
	static const unsigned char question[] = {0, 1, 1, 0, 0, 1, 0, 0, 0, 0,
	    0, 0, 5, 'a', 'l', 'i', 'a', 's', 7, 'e', 'x', 'a', 'm', 'p', 'l',
	    'e', 0, 0, 1, 0, 1};
	struct packet p = {0}, copy;
	struct dns_answer a = {0};

	(void)state;
	memcpy(p.d, question, sizeof(question));
	p.len = sizeof(question);
	make_reply(&p, false);
	for (size_t len = 0; len < p.len; len++) {
		unsigned char *exact = mem_alloc(len);

		memcpy(exact, p.d, len);
		dns_message_read(exact, len, "alias.example", DNS_A, &a);
		assert_int_equal(a.status, DNS_BROKEN);
		mem_free(exact);
	}
	for (size_t i = 0; i < p.len * 256; i++) {
		copy = p;
		copy.d[i / 256] = (unsigned char)i;
		dns_message_read(copy.d, copy.len, "alias.example", DNS_A, &a);
	}
	dns_message_read(p.d, p.len, "alias.example.", DNS_A, &a);
	assert_int_equal(a.status, DNS_OK);
	dns_answer_done(&a);
}

static void
test_names(void **state)
{
	char name[300];

	(void)state;
	memset(name, 'a', sizeof(name));
	name[63] = '\0';
	assert_true(dns_name_is_valid(name));
	name[63] = 'a';
	name[64] = '\0';
	assert_false(dns_name_is_valid(name));
	memset(name, 'a', sizeof(name));
	for (size_t i = 1; i < sizeof(name); i += 2)
		name[i] = '.';
	name[253] = '\0';
	assert_true(dns_name_is_valid(name));
	name[253] = '.';
	name[254] = '\0';
	assert_true(dns_name_is_valid(name));
	name[254] = 'a';
	name[255] = '\0';
	assert_false(dns_name_is_valid(name));
	assert_true(dns_name_is_valid("_submissions._tcp.x.example"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_statuses),
	    cmocka_unit_test(test_records),
	    cmocka_unit_test(test_all_at_once),
	    cmocka_unit_test(test_second_resolver),
	    cmocka_unit_test(test_redirected_resolver),
	    cmocka_unit_test(test_closed_port),
	    cmocka_unit_test(test_general_rule),
	    cmocka_unit_test(test_cancel),
	    cmocka_unit_test(test_mangled),
	    cmocka_unit_test(test_names),
	    cmocka_unit_test(test_silence),
	};

	return cmocka_run_group_tests(tests, start, stop);
}
