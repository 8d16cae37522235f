/* SPDX-License-Identifier: ISC
 *
 * Streams and the handshake that looks. OpenSSL works on memory; this file
 * moves the bytes, so every wait is net_wait's, the first byte can be seen
 * before OpenSSL takes it, and a broken pipe never raises a signal.
 */
#include "tls.h"

#include "../base/clock.h"
#include "../base/mem.h"
#include "cert.h"
#include "tcp.h"

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define CHUNK 4096
#define PLAIN_GRACE_MS 300 /* for the rest of a line that is no TLS */
#define RECORD_ALERT 0x15
#define RECORD_HANDSHAKE 0x16
#define ALERT_CLOSE_NOTIFY 0
#define ALERT_PROTOCOL_VERSION 70

struct stream {
	const struct net *net; /* borrowed */
	int fd; /* owned */
	SSL *ssl; /* owned; NULL in the clear */
	BIO *in, *out; /* borrowed: the SSL's ends */
	int alert;
	size_t total; /* bytes received, as on the wire */
	bool broken; /* a fatal error: say no goodbye */
	bool sealed; /* tls_strict failed: nothing may be sent any more */
	bool client_cert_asked;
	const char *strict_host; /* borrowed during tls_strict, else NULL */
	struct cert_report *cert; /* owned: what tls_strict judged */
};

struct stream *
stream_new(const struct net *net, int fd)
{
	struct stream *s = mem_new(struct stream);

	s->net = net;
	s->fd = fd;
	s->alert = -1;
	return s;
}

/* A close_notify if it fits into the socket's buffer; nobody waits. */
static void
say_goodbye(struct stream *s)
{
	char *data;
	long len;

	if (s->broken || SSL_shutdown(s->ssl) < 0)
		return;
	len = BIO_get_mem_data(s->out, &data);
	if (len > 0 &&
	    send(s->fd, data, (size_t)len, MSG_NOSIGNAL | MSG_DONTWAIT) < 0)
		s->broken = true;
}

void
stream_free(struct stream *s)
{
	if (s == NULL)
		return;
	if (s->ssl != NULL) {
		say_goodbye(s);
		SSL_free(s->ssl);
		ERR_clear_error();
	}
	cert_report_free(s->cert);
	close(s->fd);
	mem_free(s);
}

int
stream_fd(const struct stream *s)
{
	return s->fd;
}

int
stream_alert(const struct stream *s)
{
	return s->alert;
}

static enum stream_status
status_of_wait(enum net_ready r)
{
	switch (r) {
	case NET_READY:
		return STREAM_OK;
	case NET_TIMEOUT:
		return STREAM_TIMEOUT;
	case NET_CANCELLED:
		return STREAM_CANCELLED;
	}
	return STREAM_CANCELLED;
}

static bool
is_again(int sys)
{
	return sys == EAGAIN || sys == EWOULDBLOCK || sys == EINTR;
}

static int
ms_left(int64_t end_ms)
{
	int64_t left = end_ms - clock_mono_ms();

	return left > 0 ? (int)left : 0;
}

/* Receives what is there, waiting until end_ms for the first byte. */
static enum stream_status
raw_read(struct stream *s, char *data, size_t size, size_t *got, int64_t end_ms)
{
	if (s->total >= STREAM_MAX_BYTES)
		return STREAM_LIMIT;
	if (size > STREAM_MAX_BYTES - s->total)
		size = STREAM_MAX_BYTES - s->total;
	for (;;) {
		enum net_ready r =
		    net_wait(s->net, s->fd, POLLIN, ms_left(end_ms));
		ssize_t n;

		if (r != NET_READY)
			return status_of_wait(r);
		n = recv(s->fd, data, size, MSG_DONTWAIT);
		if (n > 0) {
			s->total += (size_t)n;
			*got = (size_t)n;
			return STREAM_OK;
		}
		if (n == 0)
			return STREAM_CLOSED;
		if (!is_again(errno))
			return STREAM_RESET;
	}
}

static enum stream_status
raw_write(struct stream *s, const char *data, size_t len, int64_t end_ms)
{
	while (len > 0) {
		ssize_t n = send(s->fd, data, len, MSG_NOSIGNAL | MSG_DONTWAIT);
		enum net_ready r;

		if (n > 0) {
			data += n;
			len -= (size_t)n;
			continue;
		}
		if (n < 0 && !is_again(errno))
			return STREAM_RESET;
		r = net_wait(s->net, s->fd, POLLOUT, ms_left(end_ms));
		if (r != NET_READY)
			return status_of_wait(r);
	}
	return STREAM_OK;
}

/* Sends whatever OpenSSL has ready. */
static enum stream_status
flush_out(struct stream *s, int64_t end_ms)
{
	char chunk[CHUNK];
	int n;

	while (BIO_ctrl_pending(s->out) > 0) {
		enum stream_status status;

		n = BIO_read(s->out, chunk, sizeof(chunk));
		if (n <= 0)
			break;
		status = raw_write(s, chunk, (size_t)n, end_ms);
		if (status != STREAM_OK)
			return status;
	}
	return STREAM_OK;
}

/* Receives once and hands it to OpenSSL. */
static enum stream_status
fill_in(struct stream *s, int64_t end_ms)
{
	char chunk[CHUNK];
	size_t got = 0;
	enum stream_status status =
	    raw_read(s, chunk, sizeof(chunk), &got, end_ms);

	if (status == STREAM_OK && BIO_write(s->in, chunk, (int)got) <= 0)
		status = STREAM_RESET;
	return status;
}

/* After a fatal SSL error: what to tell the reader. */
static enum stream_status
tls_failure(struct stream *s)
{
	s->broken = true;
	return s->alert >= 0 ? STREAM_ALERT : STREAM_RESET;
}

static enum stream_status
tls_read(struct stream *s, char *data, size_t size, size_t *got, int64_t end_ms)
{
	for (;;) {
		enum stream_status status;
		int error;

		ERR_clear_error();
		if (SSL_read_ex(s->ssl, data, size, got) == 1)
			return STREAM_OK;
		error = SSL_get_error(s->ssl, 0);
		if (error == SSL_ERROR_ZERO_RETURN)
			return STREAM_CLOSED;
		if (error != SSL_ERROR_WANT_READ)
			return tls_failure(s);
		status = flush_out(s, end_ms);
		if (status == STREAM_OK)
			status = fill_in(s, end_ms);
		if (status != STREAM_OK)
			return status;
	}
}

enum stream_status
stream_read(
    struct stream *s, char *data, size_t size, size_t *got, int timeout_ms)
{
	int64_t end = clock_mono_ms() + timeout_ms;

	*got = 0;
	if (s->ssl != NULL)
		return tls_read(s, data, size, got, end);
	return raw_read(s, data, size, got, end);
}

enum stream_status
stream_write(struct stream *s, const char *data, size_t len, int timeout_ms)
{
	int64_t end = clock_mono_ms() + timeout_ms;
	size_t done = 0;

	if (s->sealed)
		return STREAM_RESET;
	if (s->ssl == NULL)
		return raw_write(s, data, len, end);
	if (len == 0)
		return STREAM_OK;
	ERR_clear_error();
	if (SSL_write_ex(s->ssl, data, len, &done) != 1)
		return tls_failure(s);
	return flush_out(s, end);
}

const char *
tls_outcome_name(enum tls_outcome o)
{
	switch (o) {
	case TLS_DONE:
		return "done";
	case TLS_NOT_TLS:
		return "not-tls";
	case TLS_TOO_OLD:
		return "too-old";
	case TLS_ALERT:
		return "alert";
	case TLS_CLOSED:
		return "closed";
	case TLS_RESET:
		return "reset";
	case TLS_SILENT:
		return "silent";
	case TLS_BROKEN:
		return "broken";
	case TLS_CANCELLED:
		return "cancelled";
	}
	return "unknown";
}

void
tls_result_done(struct tls_result *r)
{
	cert_report_free(r->cert);
	*r = (struct tls_result){.outcome = r->outcome, .alert = r->alert};
}

static void
on_info(const SSL *ssl, int where, int ret)
{
	struct stream *s = SSL_get_app_data(ssl);

	if ((where & SSL_CB_READ_ALERT) == SSL_CB_READ_ALERT && s != NULL &&
	    (ret & 0xff) != ALERT_CLOSE_NOTIFY)
		s->alert = ret & 0xff;
}

static int
on_client_cert(SSL *ssl, X509 **cert, EVP_PKEY **key)
{
	struct stream *s = SSL_get_app_data(ssl);

	(void)cert;
	(void)key;
	if (s != NULL)
		s->client_cert_asked = true;
	return 0; /* we have none */
}

/* Every certificate will do here: cert_judge() names the faults later. */
static int
on_verify(X509_STORE_CTX *ctx, void *arg)
{
	(void)ctx;
	(void)arg;
	return 1;
}

/*
 * Accepts all that can be accepted, whatever openssl.cnf demands: each
 * setting that a system-wide policy may have narrowed is set here.
 */
static SSL_CTX *
looking_context(void)
{
	SSL_CTX *ctx = SSL_CTX_new(TLS_client_method());

	if (ctx == NULL)
		return NULL;
	SSL_CTX_set_security_level(ctx, 0);
	SSL_CTX_clear_options(ctx, SSL_OP_NO_SSL_MASK);
	SSL_CTX_set_options(ctx, SSL_OP_LEGACY_SERVER_CONNECT |
				     SSL_OP_NO_RENEGOTIATION |
				     SSL_OP_NO_COMPRESSION);
	SSL_CTX_set_verify(ctx, SSL_VERIFY_NONE, NULL);
	SSL_CTX_set_cert_verify_callback(ctx, on_verify, NULL);
	SSL_CTX_set_client_cert_cb(ctx, on_client_cert);
	SSL_CTX_set_info_callback(ctx, on_info);
	SSL_CTX_set_session_cache_mode(ctx, SSL_SESS_CACHE_OFF);
	if (SSL_CTX_set_min_proto_version(ctx, TLS1_VERSION) != 1 ||
	    SSL_CTX_set_max_proto_version(ctx, 0) != 1 ||
	    SSL_CTX_set_cipher_list(ctx, "ALL:!aNULL:!eNULL:@SECLEVEL=0") !=
		1) {
		SSL_CTX_free(ctx);
		return NULL;
	}
	return ctx;
}

/* The leaf and at most TLS_MAX_CHAIN certificates, borrowed. */
static STACK_OF(X509) * short_chain(STACK_OF(X509) * all)
{
	STACK_OF(X509) *some = sk_X509_new_null();

	for (int i = 0; some != NULL && i < sk_X509_num(all); i++)
		if (i >= TLS_MAX_CHAIN ||
		    sk_X509_push(some, sk_X509_value(all, i)) == 0)
			break;
	return some;
}

/*
 * The strict handshake asks twice: our own judge, which names every fault,
 * and OpenSSL with its usual rules. Only what both let pass is genuine.
 */
static int
on_verify_strictly(X509_STORE_CTX *ctx, void *arg)
{
	SSL *ssl = X509_STORE_CTX_get_ex_data(
	    ctx, SSL_get_ex_data_X509_STORE_CTX_idx());
	struct stream *s = SSL_get_app_data(ssl);
	STACK_OF(X509) *chain = short_chain(X509_STORE_CTX_get0_untrusted(ctx));

	(void)arg;
	cert_report_free(s->cert);
	s->cert = cert_judge(X509_STORE_CTX_get0_cert(ctx), chain,
	    s->strict_host, s->net->options->ca_file);
	sk_X509_free(chain);
	if (s->cert->faults != 0) {
		X509_STORE_CTX_set_error(
		    ctx, s->cert->verify_error != 0
			     ? s->cert->verify_error
			     : X509_V_ERR_APPLICATION_VERIFICATION);
		return 0;
	}
	return X509_verify_cert(ctx) == 1;
}

/* Names and addresses are verified as what they are; the time is ours. */
static bool
expect_host(SSL *ssl, const char *host)
{
	X509_VERIFY_PARAM *param = SSL_get0_param(ssl);
	char name[256];
	size_t len = strlen(host);

	X509_VERIFY_PARAM_set_time(param, (time_t)(clock_utc_ms() / 1000));
	/* what somebody put into the trust store by hand is an anchor */
	X509_VERIFY_PARAM_set_flags(param, X509_V_FLAG_PARTIAL_CHAIN);
	X509_VERIFY_PARAM_set_hostflags(
	    param, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS |
		       X509_CHECK_FLAG_NEVER_CHECK_SUBJECT);
	if (len >= 2 && host[0] == '[' && host[len - 1] == ']') {
		host++;
		len -= 2;
	} else if (len > 1 && host[len - 1] == '.') {
		len--;
	}
	if (len == 0 || len >= sizeof(name))
		return false;
	memcpy(name, host, len);
	name[len] = '\0';
	if (tcp_family(name) != 0)
		return X509_VERIFY_PARAM_set1_ip_asc(param, name) == 1;
	return X509_VERIFY_PARAM_set1_host(param, name, len) == 1;
}

static SSL_CTX *
strict_context(const char *ca_file)
{
	SSL_CTX *ctx = SSL_CTX_new(TLS_client_method());

	if (ctx == NULL)
		return NULL;
	/* whatever openssl.cnf allows, never less than this */
	if (SSL_CTX_get_security_level(ctx) < 1)
		SSL_CTX_set_security_level(ctx, 1);
	SSL_CTX_set_options(ctx, SSL_OP_NO_RENEGOTIATION |
				     SSL_OP_NO_COMPRESSION |
				     SSL_OP_CLEANSE_PLAINTEXT);
	SSL_CTX_set_verify(ctx, SSL_VERIFY_PEER, NULL);
	SSL_CTX_set_cert_verify_callback(ctx, on_verify_strictly, NULL);
	SSL_CTX_set_client_cert_cb(ctx, on_client_cert);
	SSL_CTX_set_info_callback(ctx, on_info);
	SSL_CTX_set_session_cache_mode(ctx, SSL_SESS_CACHE_OFF);
	SSL_CTX_set_default_verify_paths(ctx);
	if (ca_file != NULL)
		SSL_CTX_load_verify_file(ctx, ca_file);
	if (SSL_CTX_set_min_proto_version(ctx, TLS1_2_VERSION) != 1 ||
	    SSL_CTX_set_max_proto_version(ctx, 0) != 1) {
		SSL_CTX_free(ctx);
		return NULL;
	}
	return ctx;
}

bool
tls_trust(void *ssl_ctx, const char *ca_file)
{
	SSL_CTX *ctx = ssl_ctx;
	X509_VERIFY_PARAM *param = SSL_CTX_get0_param(ctx);

	X509_VERIFY_PARAM_set_time(param, (time_t)(clock_utc_ms() / 1000));
	X509_VERIFY_PARAM_set_flags(param, X509_V_FLAG_PARTIAL_CHAIN);
	if (SSL_CTX_get_security_level(ctx) < 1)
		SSL_CTX_set_security_level(ctx, 1);
	SSL_CTX_set_default_verify_paths(ctx);
	return (ca_file == NULL ||
		   SSL_CTX_load_verify_file(ctx, ca_file) == 1) &&
	       SSL_CTX_set_min_proto_version(ctx, TLS1_2_VERSION) == 1;
}

/* SNI carries names only, without the final dot (RFC 6066 section 3). */
static void
set_sni(SSL *ssl, const char *host)
{
	char name[256];
	size_t len = strlen(host);

	if (len > 0 && host[len - 1] == '.')
		len--;
	if (len == 0 || len >= sizeof(name) || tcp_family(host) != 0)
		return;
	memcpy(name, host, len);
	name[len] = '\0';
	SSL_set_tlsext_host_name(ssl, name);
}

/* Takes the context. */
static bool
begin(struct stream *s, SSL_CTX *ctx, const char *host)
{
	if (ctx == NULL)
		return false;
	s->ssl = SSL_new(ctx);
	SSL_CTX_free(ctx); /* the SSL holds on to it */
	if (s->ssl == NULL)
		return false;
	s->in = BIO_new(BIO_s_mem());
	s->out = BIO_new(BIO_s_mem());
	if (s->in == NULL || s->out == NULL) {
		BIO_free(s->in);
		BIO_free(s->out);
		SSL_free(s->ssl);
		s->ssl = NULL;
		return false;
	}
	SSL_set_bio(s->ssl, s->in, s->out);
	SSL_set_app_data(s->ssl, s);
	SSL_set_connect_state(s->ssl);
	if (host != NULL)
		set_sni(s->ssl, host);
	return true;
}

/* Back to the clear: the handshake never began. */
static void
abandon(struct stream *s)
{
	SSL_free(s->ssl);
	s->ssl = NULL;
	s->in = s->out = NULL;
}

/* No TLS record: keeps what came, with a little patience for a whole line. */
static void
keep_plain(struct stream *s, struct tls_result *out, const char *data,
    size_t len, int64_t end_ms)
{
	int64_t grace = clock_mono_ms() + PLAIN_GRACE_MS;
	size_t room = sizeof(out->plain) - 1;

	if (grace > end_ms)
		grace = end_ms;
	out->plain_len = len < room ? len : room;
	memcpy(out->plain, data, out->plain_len);
	while (out->plain_len < room &&
	       memchr(out->plain, '\n', out->plain_len) == NULL) {
		if (raw_read(s, out->plain + out->plain_len,
			room - out->plain_len, &len, grace) != STREAM_OK)
			return;
		out->plain_len += len;
	}
}

/* The first bytes of the answer; false when the outcome is settled. */
static bool
first_bytes(struct stream *s, struct tls_result *out, int64_t end_ms,
    enum stream_status *status)
{
	char chunk[CHUNK];
	size_t got = 0;

	*status = raw_read(s, chunk, sizeof(chunk), &got, end_ms);
	if (*status != STREAM_OK)
		return true;
	if (chunk[0] != RECORD_ALERT && chunk[0] != RECORD_HANDSHAKE) {
		out->outcome = TLS_NOT_TLS;
		keep_plain(s, out, chunk, got, end_ms);
		return false;
	}
	if (BIO_write(s->in, chunk, (int)got) <= 0)
		*status = STREAM_RESET;
	return true;
}

static enum tls_outcome
outcome_of_stream(enum stream_status status)
{
	switch (status) {
	case STREAM_OK:
		return TLS_DONE;
	case STREAM_TIMEOUT:
		return TLS_SILENT;
	case STREAM_CANCELLED:
		return TLS_CANCELLED;
	case STREAM_CLOSED:
		return TLS_CLOSED;
	case STREAM_RESET:
		return TLS_RESET;
	case STREAM_ALERT:
		return TLS_ALERT;
	case STREAM_LIMIT:
		return TLS_BROKEN;
	}
	return TLS_BROKEN;
}

static void
set_detail(struct tls_result *out)
{
	unsigned long e = ERR_peek_error();
	const char *reason = e != 0 ? ERR_reason_error_string(e) : NULL;
	char number[48];
	char *clean;

	if (e == 0)
		return;
	if (reason == NULL) {
		snprintf(number, sizeof(number), "OpenSSL error %lx", e);
		reason = number;
	}
	clean = str_printable(reason, strlen(reason));
	snprintf(out->detail, sizeof(out->detail), "%s", clean);
	mem_free(clean);
}

/* Why OpenSSL gave up: the other side's alert, its version, or its bytes. */
static enum tls_outcome
outcome_of_failure(const struct stream *s)
{
	int reason = ERR_GET_REASON(ERR_peek_error());

	if (s->alert == ALERT_PROTOCOL_VERSION)
		return TLS_TOO_OLD;
	if (s->alert >= 0)
		return TLS_ALERT;
	if (reason == SSL_R_UNSUPPORTED_PROTOCOL ||
	    reason == SSL_R_WRONG_SSL_VERSION)
		return TLS_TOO_OLD;
	return TLS_BROKEN;
}

static void
shake(struct stream *s, struct tls_result *out, int64_t end_ms)
{
	bool is_first = true;

	for (;;) {
		enum stream_status status, sent;
		int r, error;

		ERR_clear_error();
		r = SSL_do_handshake(s->ssl);
		error = r == 1 ? SSL_ERROR_NONE : SSL_get_error(s->ssl, r);
		if (error != SSL_ERROR_NONE && error != SSL_ERROR_WANT_READ) {
			out->outcome = outcome_of_failure(s);
			set_detail(out);
			s->broken = true;
			/* our own alert, if there is one */
			if (flush_out(s, end_ms) == STREAM_CANCELLED)
				out->outcome = TLS_CANCELLED;
			return;
		}
		sent = flush_out(s, end_ms);
		if (r == 1) {
			out->outcome = outcome_of_stream(sent);
			return;
		}
		if (sent == STREAM_TIMEOUT || sent == STREAM_CANCELLED) {
			status = sent;
		} else if (is_first) {
			is_first = false;
			if (!first_bytes(s, out, end_ms, &status))
				return;
		} else {
			status = fill_in(s, end_ms);
		}
		if (status != STREAM_OK) {
			out->outcome = outcome_of_stream(status);
			s->broken = true;
			return;
		}
	}
}

static void
note_session(const struct stream *s, struct tls_result *out)
{
	const char *cipher = SSL_get_cipher_name(s->ssl);

	snprintf(
	    out->version, sizeof(out->version), "%s", SSL_get_version(s->ssl));
	snprintf(out->cipher, sizeof(out->cipher), "%s",
	    cipher != NULL ? cipher : "");
}

static void
look_at_certificate(struct stream *s, const char *host, struct tls_result *out)
{
	X509 *leaf = SSL_get0_peer_certificate(s->ssl);
	STACK_OF(X509) * chain;

	if (leaf == NULL)
		return;
	chain = short_chain(SSL_get_peer_cert_chain(s->ssl));
	out->cert = cert_judge(leaf, chain, host, s->net->options->ca_file);
	sk_X509_free(chain);
}

static void
cannot_begin(struct tls_result *out)
{
	snprintf(
	    out->detail, sizeof(out->detail), "TLS cannot be started here");
	ERR_clear_error();
}

/* The handshake and what both kinds note of it. */
static void
hold_handshake(
    struct stream *s, int64_t start, int timeout_ms, struct tls_result *out)
{
	shake(s, out, start + timeout_ms);
	out->ms = (int)(clock_mono_ms() - start);
	out->alert = s->alert;
	out->client_cert_asked = s->client_cert_asked;
	if (out->outcome == TLS_DONE)
		note_session(s, out);
	else if (out->outcome == TLS_NOT_TLS)
		abandon(s);
}

void
tls_look(
    struct stream *s, const char *host, int timeout_ms, struct tls_result *out)
{
	int64_t start = clock_mono_ms();

	*out = (struct tls_result){.outcome = TLS_BROKEN, .alert = -1};
	if (s->ssl != NULL || !begin(s, looking_context(), host)) {
		cannot_begin(out);
		return;
	}
	hold_handshake(s, start, timeout_ms, out);
	if (out->outcome == TLS_DONE)
		look_at_certificate(s, host, out);
	ERR_clear_error();
}

void
tls_strict(
    struct stream *s, const char *host, int timeout_ms, struct tls_result *out)
{
	int64_t start = clock_mono_ms();

	*out = (struct tls_result){.outcome = TLS_BROKEN, .alert = -1};
	s->sealed = true;
	s->strict_host = host;
	if (s->ssl != NULL ||
	    !begin(s, strict_context(s->net->options->ca_file), host) ||
	    !expect_host(s->ssl, host)) {
		cannot_begin(out);
		return;
	}
	hold_handshake(s, start, timeout_ms, out);
	out->cert = s->cert;
	s->cert = NULL;
	s->strict_host = NULL;
	/* never without a certificate that was looked at and found good */
	if (out->outcome == TLS_DONE &&
	    (out->cert == NULL || out->cert->faults != 0 ||
		SSL_get_verify_result(s->ssl) != X509_V_OK)) {
		out->outcome = TLS_BROKEN;
		s->broken = true;
	}
	s->sealed = out->outcome != TLS_DONE;
	ERR_clear_error();
}
