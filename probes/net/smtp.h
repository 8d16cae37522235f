/* SPDX-License-Identifier: ISC
 *
 * The SMTP dialogue (RFC 5321, 3207, 4954) as far as replies and EHLO: every
 * byte bounded, everything seen kept in a transcript. Knows no verdicts.
 */
#ifndef NET_SMTP_H
#define NET_SMTP_H

#include "../base/buf.h"
#include "../base/secret_forms.h"
#include "tls.h"

#define SMTP_LINE_MAX 4096 /* RFC 5321 says 512; some servers are chatty */
#define SMTP_REPLY_LINES 128
#define SMTP_REPLY_MAX (32u << 10)

enum smtp_status {
	SMTP_OK, /* a complete reply came */
	SMTP_TIMEOUT, /* nothing, or no complete reply, in time */
	SMTP_CANCELLED,
	SMTP_CLOSED, /* closed before a complete reply */
	SMTP_RESET,
	SMTP_ALERT, /* TLS alert in place of a reply */
	SMTP_NOT_SMTP, /* the first line does not begin with three digits */
	SMTP_NUL, /* a NUL byte in the reply (protocol error) */
	SMTP_MALFORMED, /* codes differ between lines, bad separator */
	SMTP_TOO_LONG, /* a line, the reply or the connection over its limit */
};
const char *smtp_status_name(enum smtp_status s);

struct smtp_reply {
	enum smtp_status status;
	int code; /* 220; 0 when there is none */
	char enhanced[16]; /* "5.7.139" or "" (RFC 3463) */
	struct strs lines; /* printable, with the code; also partial ones */
	char *first; /* owned: raw first bytes (at most 512), NUL-ended */
	size_t first_len;
	int ms;
	bool odd_controls; /* control characters other than NUL were seen */
};
void smtp_reply_done(struct smtp_reply *r);

/*
 * A reply reader that is fed bytes: the parser without a network, for tests
 * and the fuzzer. Returns true when the reply is complete or broken (then
 * reply->status says which); `used` is how many bytes it took.
 */
struct smtp_parser;
struct smtp_parser *smtp_parser_new(void);
bool smtp_parser_feed(struct smtp_parser *p, const char *data, size_t len,
    size_t *used, struct smtp_reply *reply);
/*
 * Gives what came of a reply that will not be completed, with this status;
 * SMTP_NOT_SMTP when it did not begin like one.
 */
void smtp_parser_end(
    struct smtp_parser *p, enum smtp_status status, struct smtp_reply *reply);
void smtp_parser_free(struct smtp_parser *p);

#define SMTP_TRANSCRIPT_LINES 200 /* per connection, then one "* ..." line */
#define SMTP_TRANSCRIPT_COLUMNS 512

struct smtp {
	struct stream *stream;
	struct strs
	    *transcript; /* borrowed: "C: EHLO x", "S: 250 y", "* note" */
	struct buf rest; /* bytes read but not used */
	const struct net *net; /* borrowed */
	size_t noted; /* lines written to the transcript */
	struct secret_forms hidden; /* never shown, whoever says it */
};

/* Takes the socket over; transcript is borrowed until smtp_done. */
void smtp_init(
    struct smtp *s, const struct net *net, int fd, struct strs *transcript);
void smtp_done(struct smtp *s); /* closes; sends nothing */

/* Waits for anything at all; false when the server stays silent. What ended
 * the connection, if anything did, is what smtp_read says next. */
bool smtp_await(struct smtp *s, int timeout_ms);
/* Reads one reply within timeout_ms for the whole of it. */
void smtp_read(struct smtp *s, struct smtp_reply *r, int timeout_ms);
/* Sends "line\r\n" and reads the reply. */
void smtp_command(
    struct smtp *s, const char *line, struct smtp_reply *r, int timeout_ms);
/*
 * The same for what must not be seen: the transcript gets `shown` in place
 * of the line. Whatever the server says from then on is searched for what
 * smtp_hide was given, in all its forms; a line that holds any of it reads
 * "535 [redacted: echo]" in the reply and in the transcript.
 */
void smtp_secret_line(struct smtp *s, const struct secret *line,
    const char *shown, struct smtp_reply *r, int timeout_ms);
void smtp_hide(struct smtp *s, const struct secret *what); /* copies */

/* QUIT, waiting at most 500 ms for its reply; errors do not matter. */
void smtp_quit(struct smtp *s);
/*
 * Plaintext that came behind the last reply (RFC 3207 section 4.2: buffer
 * must be discarded): waits `grace_ms` for more, removes it, returns how many
 * bytes there were and notes the first of them, printable, in *text (owned).
 */
size_t smtp_discard(struct smtp *s, int grace_ms, char **text);

struct smtp_ehlo {
	bool starttls;
	bool masked; /* a keyword of X characters only */
	struct strs keywords; /* as printed, printable, without the code */
	struct strs auth; /* mechanisms, upper case; from AUTH and "AUTH=" */
	int64_t size; /* SIZE value, -1 without, 0 = no fixed limit */
	bool smtputf8, pipelining;
};
void smtp_ehlo_read(const struct smtp_reply *r, struct smtp_ehlo *out);
void smtp_ehlo_done(struct smtp_ehlo *e);

/* What to call ourselves: options->ehlo_name, else "[local address]". */
void smtp_ehlo_name(const struct smtp *s, char *out, size_t size);

#endif
