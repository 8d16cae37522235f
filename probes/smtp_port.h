/* SPDX-License-Identifier: ISC
 *
 * What the files of the smtp_port probe share: what was seen on a port, and
 * the parts that see it. smtp_port.c decides which end speaks first and
 * opens connections, smtp_dialogue.c and smtp_starttls.c talk, smtp_http.c
 * asks for a web page,
 * smtp_findings.c puts what was seen into facts and sentences.
 */
#ifndef SMTP_PORT_H
#define SMTP_PORT_H

#include "net/cert.h"
#include "net/smtp.h"
#include "net/tcp.h"
#include "probe.h"

/* Closed facts are words, NULL where nothing is known. */
struct port_seen {
	const char *speaks, *serves, *masked, *ehlo, *starttls, *tls;
	bool ehlo_masked;
	bool ehlo_in_clear; /* `before` holds an answer */
	bool ehlo_in_tls; /* `after` does */
	struct smtp_ehlo before; /* owned */
	struct smtp_ehlo after; /* owned */
	struct tls_result shake; /* owned */
	bool shaken; /* a handshake was tried; `shake` holds it */
	struct strs said; /* the deciding words, printable */
	struct strs greeting; /* printable lines */
	int greeting_ms;
	bool odd_controls;
	int64_t date_ms; /* banner date, 0 without one */
	int64_t date_off_s;
	/* What broke the protocol, when speaks is "broken". */
	enum smtp_status broken_by;
	const char *broken_at; /* "greeting", "EHLO", ... */
	const char *other_words; /* "an SSH server" */
	bool closed; /* QUIT is not proper any more */
	bool cancelled;
	bool blackhole; /* TLS began with small segments only */
};

struct port_look {
	struct probe_ctx *ctx;
	const char *host; /* borrowed: what the user calls it */
	struct probe_target target;
	int reply_ms, handshake_ms;
	int slot_wait_ms; /* for a place for a further connection */
	int64_t started_ms;
	bool connected; /* the first connect is over */
	enum tcp_reach reach;
	int connect_ms;
	bool http_seen; /* bytes that only a web server sends */
	bool http_asked; /* port_ask_http has been called */
	char *stranger; /* owned: bytes that are neither TLS nor a greeting,
			 * in answer to what we sent; printable */
	const char *stranger_words; /* "a Redis server", or NULL */
	bool tls_given_up; /* TLS first was tried and led nowhere */
	bool is_alone; /* no other connection to the address is open */
	bool closed_late; /* wordless, after a while */
	int max_segment; /* of connections still to be opened; 0: usual */
	struct port_seen seen;
};

/* One connection. net lives here because the stream borrows it. */
struct port_line {
	struct probe_ctx *ctx; /* borrowed */
	struct net net;
	struct smtp smtp;
	int fd; /* borrowed: the stream's */
	bool is_closed; /* given up already */
	bool has_slot; /* counts among the connections to its address */
	int64_t opened_ms;
};

/*
 * Connects; the first of a job decides `reach`. yield_fd: give up as soon as
 * that descriptor is readable, -1 for never. False when it is not open;
 * otherwise end with port_close.
 */
bool port_open(struct port_look *l, struct port_line *line, int yield_fd);
void port_close(struct port_line *line);

void port_seen_done(struct port_seen *s);

/*
 * The dialogue from the greeting to QUIT on an open line, in the clear or,
 * when `in_tls`, inside TLS that has begun already.
 */
void port_dialogue(
    struct port_look *l, struct port_line *line, bool in_tls, int greeting_ms);

/* For both files that talk: the deciding words, control characters, and
 * that the protocol was broken at a point ("EHLO"). */
void port_keep_said(struct port_look *l, const struct smtp_reply *r);
void port_keep_controls(struct port_look *l, const struct smtp_reply *r);
void port_say_broken(
    struct port_look *l, const struct smtp_reply *r, const char *at);

/* After EHLO or HELO in the clear: true when TLS has begun. */
bool port_start_tls(struct port_look *l, struct port_line *line);

/*
 * TLS fell silent after a good EHLO: once more with small segments, which
 * shows whether large packets are lost on the way. Notes seen.blackhole.
 */
void port_try_small_segments(struct port_look *l);

/* Starts TLS on the line and notes the outcome in seen.shake. */
void port_shake(struct port_look *l, struct port_line *line, int timeout_ms);

/* The word for a handshake: "ok", "too-old", "failed", ... */
const char *port_tls_word(const struct tls_result *t);

/*
 * Asks for a web page on a connection of its own, in the clear or inside
 * TLS. True when a web server answered; seen then says "http" or "portal".
 */
bool port_ask_http(struct port_look *l, int yield_fd, bool in_tls);

/* Keeps bytes that answered what we sent and are no mail server's. */
void port_keep_stranger(struct port_look *l, const char *data, size_t len);

/* Facts and findings from all that was seen. */
void port_report(struct port_look *l);

#endif
