/* SPDX-License-Identifier: ISC
 *
 * A stream of bytes over TCP that can become TLS, and the handshake that
 * looks: it accepts everything (TLS 1.0 up, security level 0, any
 * certificate), so that every fault is seen at once, and therefore never
 * carries a secret. Logins use the strict one.
 */
#ifndef NET_TLS_H
#define NET_TLS_H

#include "wait.h"

struct stream; /* opaque: socket, TLS when on, read buffer */

/* Takes the socket over. Never NULL. */
struct stream *stream_new(const struct net *net, int fd);
void stream_free(struct stream *s); /* closes; accepts NULL */

enum stream_status {
	STREAM_OK,
	STREAM_TIMEOUT,
	STREAM_CANCELLED,
	STREAM_CLOSED, /* orderly end */
	STREAM_RESET, /* connection reset */
	STREAM_ALERT, /* a TLS alert came (see stream_alert) */
	STREAM_LIMIT, /* over STREAM_MAX_BYTES in all */
};
#define STREAM_MAX_BYTES (256u << 10) /* read per connection, both modes */

/* Reads what is there, waiting at most timeout_ms for the first byte. */
enum stream_status stream_read(
    struct stream *s, char *data, size_t size, size_t *got, int timeout_ms);
enum stream_status stream_write(
    struct stream *s, const char *data, size_t len, int timeout_ms);
/* The socket, borrowed: for getsockname() and the like. */
int stream_fd(const struct stream *s);
/* The number of the last alert received, or -1. */
int stream_alert(const struct stream *s);

enum tls_outcome {
	TLS_DONE,
	TLS_NOT_TLS, /* what came back is no TLS record: see `plain` */
	TLS_TOO_OLD, /* the server accepts only versions below 1.0 (alert 70) */
	TLS_ALERT,
	TLS_CLOSED,
	TLS_RESET,
	TLS_SILENT, /* nothing, or not enough, within the time */
	TLS_BROKEN, /* any other breach of the protocol */
	TLS_CANCELLED,
};

const char *tls_outcome_name(enum tls_outcome o);

#define TLS_MAX_CHAIN 10
struct tls_result {
	enum tls_outcome outcome;
	int alert; /* TLS_ALERT: its number; else -1 */
	int ms;
	char version[16]; /* "TLSv1.3" */
	char cipher[64];
	bool client_cert_asked;
	char plain[256]; /* TLS_NOT_TLS: first bytes received, raw, NUL-ended */
	size_t plain_len;
	char detail[160]; /* OpenSSL's own words for the failure, printable */
	struct cert_report *cert; /* owned by the result; NULL without one */
};
void tls_result_done(struct tls_result *r);

/*
 * Starts TLS on the stream as a client that accepts everything, with SNI
 * `host` unless it is an address. timeout_ms covers the whole handshake.
 * Bytes the stream had already buffered must be taken out before.
 * Judges the certificate against `host` (see cert.h).
 */
void tls_look(
    struct stream *s, const char *host, int timeout_ms, struct tls_result *out);

/*
 * The strict handshake, for everything that carries a secret: TLS 1.2 up,
 * default security level, the chain and the name verified at the one clock
 * against the system's store and --ca-file before it returns. TLS_DONE only
 * when all of that holds; otherwise `cert` in the result says what does not
 * (outcome TLS_ALERT or TLS_BROKEN), and the stream sends nothing any more.
 */
void tls_strict(
    struct stream *s, const char *host, int timeout_ms, struct tls_result *out);

/*
 * Gives an SSL_CTX of somebody else's (http.c: libcurl's) the trust of
 * tls_strict: the system's store and ca_file (may be NULL), at the one clock,
 * TLS 1.2 up. Verifying is up to its owner.
 */
MUST_CHECK bool tls_trust(void *ssl_ctx, const char *ca_file);

#endif
