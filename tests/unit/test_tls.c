/* SPDX-License-Identifier: ISC
 *
 * The handshake that looks, against servers in a thread: every outcome, and
 * the stream before and after it.
 */
#include "probes/net/tls.h"

#include "probes/base/clock.h"
#include "probes/net/cert.h"

#include <openssl/evp.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <poll.h>
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#define HOST "mail.bakery.example"

static EVP_PKEY *key;
static X509 *cert;

static int
start(void **state)
{
	X509_NAME *name;

	(void)state;
	signal(SIGPIPE, SIG_IGN); /* OpenSSL's side of the test */
	key = EVP_EC_gen("P-256");
	cert = X509_new();
	X509_set_version(cert, 2);
	name = X509_get_subject_name(cert);
	X509_NAME_add_entry_by_txt(
	    name, "CN", MBSTRING_ASC, (const unsigned char *)HOST, -1, -1, 0);
	X509_set_issuer_name(cert, name);
	X509_gmtime_adj(X509_getm_notBefore(cert), -3600);
	X509_gmtime_adj(X509_getm_notAfter(cert), 3600);
	X509_set_pubkey(cert, key);
	return X509_sign(cert, key, EVP_sha256()) > 0 ? 0 : -1;
}

static int
stop(void **state)
{
	(void)state;
	X509_free(cert);
	EVP_PKEY_free(key);
	return 0;
}

/* What the other side does once the ClientHello has come. */
struct script {
	const char *raw; /* sent instead of TLS */
	size_t raw_len;
	bool reads_first; /* the ClientHello, before anything else */
	int min, max; /* TLS versions; 0: TLS not spoken */
	bool wants_cert;
	const char *ciphers;
	bool stays; /* keeps the connection open until the client goes */
};

struct peer {
	struct script script;
	int fd;
	char sni[64];
	pthread_t thread;
};

static void
speak_tls(struct peer *p)
{
	SSL_CTX *ctx = SSL_CTX_new(TLS_server_method());
	SSL *ssl;
	char buf[64];
	int n;

	SSL_CTX_set_security_level(ctx, 0);
	SSL_CTX_set_min_proto_version(ctx, p->script.min);
	SSL_CTX_set_max_proto_version(ctx, p->script.max);
	if (p->script.ciphers != NULL)
		SSL_CTX_set_cipher_list(ctx, p->script.ciphers);
	SSL_CTX_use_certificate(ctx, cert);
	SSL_CTX_use_PrivateKey(ctx, key);
	if (p->script.wants_cert)
		SSL_CTX_set_verify(ctx,
		    SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, NULL);
	ssl = SSL_new(ctx);
	SSL_set_fd(ssl, p->fd);
	if (SSL_accept(ssl) == 1) {
		const char *sni =
		    SSL_get_servername(ssl, TLSEXT_NAMETYPE_host_name);

		snprintf(p->sni, sizeof(p->sni), "%s", sni ? sni : "none");
		n = SSL_read(ssl, buf, sizeof(buf));
		if (n > 0)
			SSL_write(ssl, buf, n);
		SSL_shutdown(ssl);
	}
	SSL_free(ssl);
	SSL_CTX_free(ctx);
}

static void *
play(void *arg)
{
	struct peer *p = arg;
	char buf[2048];

	if (p->script.reads_first && read(p->fd, buf, sizeof(buf)) < 0)
		perror("read");
	if (p->script.raw != NULL &&
	    send(p->fd, p->script.raw, p->script.raw_len, MSG_NOSIGNAL) < 0)
		perror("send");
	if (p->script.max != 0)
		speak_tls(p);
	if (p->script.stays)
		while (read(p->fd, buf, sizeof(buf)) > 0)
			;
	shutdown(p->fd, SHUT_WR);
	while (read(p->fd, buf, sizeof(buf)) > 0)
		;
	return NULL;
}

struct world {
	struct net_options options;
	struct net net;
	struct peer peer;
	struct stream *stream;
	struct tls_result result;
};

static void
meet(struct world *w, struct script script, const char *host, bool strictly)
{
	int fds[2];

	*w = (struct world){.options.connect_timeout_ms = 400};
	w->net = (struct net){.options = &w->options,
	    .deadline_ms = clock_mono_ms() + 10000,
	    .cancel_fd = -1,
	    .yield_fd = -1};
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, fds), 0);
	w->peer.script = script;
	w->peer.fd = fds[1];
	w->stream = stream_new(&w->net, fds[0]);
	assert_int_equal(
	    pthread_create(&w->peer.thread, NULL, play, &w->peer), 0);
	if (strictly)
		tls_strict(w->stream, host, 1000, &w->result);
	else
		tls_look(w->stream, host, 1000, &w->result);
}

static void
look(struct world *w, struct script script, const char *host)
{
	meet(w, script, host, false);
}

static void
done(struct world *w)
{
	stream_free(w->stream);
	pthread_join(w->peer.thread, NULL);
	close(w->peer.fd);
	tls_result_done(&w->result);
}

static void
test_versions(void **state)
{
	static const struct {
		int version;
		const char *name;
	} cases[] = {
	    {TLS1_VERSION, "TLSv1"},
	    {TLS1_1_VERSION, "TLSv1.1"},
	    {TLS1_2_VERSION, "TLSv1.2"},
	    {TLS1_3_VERSION, "TLSv1.3"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct world w;
		char buf[16];
		size_t got = 0;

		look(&w,
		    (struct script){
			.min = cases[i].version, .max = cases[i].version},
		    HOST ".");
		if (w.result.outcome != TLS_DONE)
			fail_msg("%s: %s %s", cases[i].name,
			    tls_outcome_name(w.result.outcome),
			    w.result.detail);
		assert_string_equal(w.result.version, cases[i].name);
		assert_true(w.result.cipher[0] != '\0');
		assert_int_equal(w.result.alert, -1);
		assert_false(w.result.client_cert_asked);
		assert_non_null(w.result.cert);
		assert_int_equal(w.result.cert->faults,
		    CERT_SELF_SIGNED | CERT_NAME_MISMATCH);
		assert_int_equal(
		    stream_write(w.stream, "hello", 5, 500), STREAM_OK);
		assert_int_equal(
		    stream_read(w.stream, buf, sizeof(buf), &got, 500),
		    STREAM_OK);
		assert_int_equal(got, 5);
		assert_memory_equal(buf, "hello", 5);
		assert_int_equal(
		    stream_read(w.stream, buf, sizeof(buf), &got, 500),
		    STREAM_CLOSED);
		assert_string_equal(w.peer.sni, HOST);
		done(&w);
	}
}

/* What tls_look takes, the strict handshake refuses, and then is mute. */
static void
test_strict(void **state)
{
	static const char plain[] = "220 mail.example ESMTP\r\n";
	const struct script scripts[] = {
	    {.max = TLS1_1_VERSION},
	    {.max = TLS1_2_VERSION},
	    {.max = TLS1_3_VERSION},
	    {.raw = plain, .raw_len = sizeof(plain) - 1, .stays = true},
	    {.raw = "", .raw_len = 0},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(scripts) / sizeof(scripts[0]); i++) {
		struct world w;

		meet(&w, scripts[i], HOST, true);
		assert_int_not_equal(w.result.outcome, TLS_DONE);
		if (i == 1 || i == 2) {
			assert_int_equal(w.result.outcome, TLS_BROKEN);
			assert_int_equal(w.result.cert->faults,
			    CERT_SELF_SIGNED | CERT_NAME_MISMATCH);
		}
		assert_int_equal(
		    stream_write(w.stream, "secret", 6, 100), STREAM_RESET);
		done(&w);
	}
}

static void
test_no_sni_for_addresses(void **state)
{
	struct world w;
	char buf[4];
	size_t got;

	(void)state;
	look(&w, (struct script){.max = TLS1_3_VERSION}, "192.0.2.1");
	assert_int_equal(w.result.outcome, TLS_DONE);
	stream_write(w.stream, "x", 1, 500);
	stream_read(w.stream, buf, sizeof(buf), &got, 500);
	assert_string_equal(w.peer.sni, "none");
	done(&w);
}

static void
test_not_tls(void **state)
{
	static const char hello[] = "220 mail.example ESMTP\r\n";
	struct world w;

	(void)state;
	look(&w,
	    (struct script){
		.raw = hello, .raw_len = sizeof(hello) - 1, .stays = true},
	    HOST);
	assert_int_equal(w.result.outcome, TLS_NOT_TLS);
	assert_string_equal(w.result.plain, hello);
	assert_int_equal(w.result.plain_len, sizeof(hello) - 1);
	assert_true(w.result.ms < 200);
	/* and the stream goes on in the clear */
	assert_int_equal(stream_write(w.stream, "x", 1, 100), STREAM_OK);
	done(&w);
	look(&w, (struct script){.raw = "\0\1\2", .raw_len = 3, .stays = true},
	    HOST);
	assert_int_equal(w.result.outcome, TLS_NOT_TLS);
	assert_int_equal(w.result.plain_len, 3);
	done(&w);
}

static void
test_raw_outcomes(void **state)
{
	static const struct {
		const char *raw;
		size_t len;
		bool stays;
		enum tls_outcome outcome;
		int alert;
	} cases[] = {
	    {"\x15\x03\x01\0\x02\x02\x28", 7, true, TLS_ALERT, 40},
	    {"\x15\x03\x01\0\x02\x02\x28", 7, false, TLS_ALERT, 40},
	    {"\x15\x03\x01\0\x02\x02\x46", 7, true, TLS_TOO_OLD, 70},
	    {"\x16\x03\x01\0\x04zzzz", 9, true, TLS_BROKEN, -1},
	    {"\x16\x03\x01\0\x04zzzz", 9, false, TLS_BROKEN, -1},
	    {"\x16\x03\x01", 3, false, TLS_CLOSED, -1},
	    {"\x16\x03\x01", 3, true, TLS_SILENT, -1},
	    {"", 0, false, TLS_CLOSED, -1},
	    {"", 0, true, TLS_SILENT, -1},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct world w;

		look(&w,
		    (struct script){.raw = cases[i].raw,
			.raw_len = cases[i].len,
			.reads_first = true,
			.stays = cases[i].stays},
		    HOST);
		if (w.result.outcome != cases[i].outcome ||
		    w.result.alert != cases[i].alert)
			fail_msg("case %zu: %s, alert %d, %s", i,
			    tls_outcome_name(w.result.outcome), w.result.alert,
			    w.result.detail);
		assert_null(w.result.cert);
		if (w.result.outcome == TLS_SILENT)
			assert_in_range(w.result.ms, 950, 1500);
		done(&w);
	}
}

static void
test_client_certificate(void **state)
{
	struct world w;
	char buf[4];
	size_t got;

	(void)state;
	look(&w, (struct script){.max = TLS1_2_VERSION, .wants_cert = true},
	    HOST);
	assert_int_equal(w.result.outcome, TLS_ALERT);
	assert_true(w.result.client_cert_asked);
	done(&w);
	/* TLS 1.3: the refusal comes in place of the first data */
	look(&w,
	    (struct script){.min = TLS1_3_VERSION,
		.max = TLS1_3_VERSION,
		.wants_cert = true},
	    HOST);
	assert_int_equal(w.result.outcome, TLS_DONE);
	assert_true(w.result.client_cert_asked);
	assert_int_equal(
	    stream_read(w.stream, buf, sizeof(buf), &got, 500), STREAM_ALERT);
	assert_int_equal(stream_alert(w.stream), 116);
	assert_int_not_equal(stream_write(w.stream, "x", 1, 100), STREAM_OK);
	done(&w);
}

static void
test_no_shared_cipher(void **state)
{
	struct world w;

	(void)state;
	/* the key is EC: nothing fits RSA suites */
	look(&w,
	    (struct script){.max = TLS1_2_VERSION, .ciphers = "AES128-SHA"},
	    HOST);
	assert_int_equal(w.result.outcome, TLS_ALERT);
	assert_int_equal(w.result.alert, 40);
	assert_true(w.result.detail[0] != '\0');
	done(&w);
}

struct later {
	int fd;
};

static void *
cancel_later(void *arg)
{
	poll(NULL, 0, 50);
	close(((struct later *)arg)->fd);
	return NULL;
}

static void
test_cancel(void **state)
{
	struct net_options options = {.connect_timeout_ms = 400};
	struct net net = {.options = &options,
	    .deadline_ms = clock_mono_ms() + 10000,
	    .yield_fd = -1};
	struct tls_result r;
	struct later l;
	struct stream *s;
	pthread_t thread;
	int fds[2], wake[2];

	(void)state;
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, fds), 0);
	assert_int_equal(pipe(wake), 0);
	net.cancel_fd = wake[0];
	l.fd = wake[1];
	s = stream_new(&net, fds[0]);
	assert_int_equal(pthread_create(&thread, NULL, cancel_later, &l), 0);
	tls_look(s, HOST, 5000, &r);
	assert_int_equal(r.outcome, TLS_CANCELLED);
	assert_in_range(r.ms, 40, 150);
	pthread_join(thread, NULL);
	stream_free(s);
	close(fds[1]);
	close(wake[0]);
}

/* A peer that pours must meet the limit; one that does not read, the clock. */
static void
test_plain_limits(void **state)
{
	struct net_options options = {.connect_timeout_ms = 400};
	struct net net = {.options = &options,
	    .deadline_ms = clock_mono_ms() + 10000,
	    .cancel_fd = -1,
	    .yield_fd = -1};
	static char block[STREAM_MAX_BYTES];
	enum stream_status status = STREAM_OK;
	size_t got, total = 0;
	struct stream *s;
	int fds[2];

	(void)state;
	assert_int_equal(
	    socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, fds), 0);
	s = stream_new(&net, fds[0]);
	while (status == STREAM_OK) {
		if (write(fds[1], block, 8192) < 0)
			break;
		status = stream_read(s, block, sizeof(block), &got, 100);
		total += got;
	}
	assert_int_equal(status, STREAM_LIMIT);
	assert_int_equal(total, STREAM_MAX_BYTES);
	do
		status = stream_write(s, block, sizeof(block), 50);
	while (status == STREAM_OK);
	assert_int_equal(status, STREAM_TIMEOUT);
	close(fds[1]);
	assert_int_equal(stream_write(s, "x", 1, 50), STREAM_RESET);
	stream_free(s);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_versions),
	    cmocka_unit_test(test_strict),
	    cmocka_unit_test(test_no_sni_for_addresses),
	    cmocka_unit_test(test_not_tls),
	    cmocka_unit_test(test_raw_outcomes),
	    cmocka_unit_test(test_client_certificate),
	    cmocka_unit_test(test_no_shared_cipher),
	    cmocka_unit_test(test_cancel),
	    cmocka_unit_test(test_plain_limits),
	};

	return cmocka_run_group_tests(tests, start, stop);
}
