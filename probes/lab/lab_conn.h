/* SPDX-License-Identifier: ISC
 *
 * One connection in the lab: reading lines, writing, turning to TLS, and
 * the ways to be silent or to go away. A thread of its own blocks on it.
 */
#ifndef LAB_LAB_CONN_H
#define LAB_LAB_CONN_H

#include "lab_inside.h"

struct ssl_st;

#define LAB_LINE_MAX 16384 /* an AUTH line may have 12288 (RFC 4954) */
#define LAB_IDLE_S 150 /* no connection waits longer for its client */

/* The message under way: the lab's mail part only. */
struct lab_mail {
	bool has_sender;
	int recipients;
};

struct lab_conn {
	struct lab_listener *listener; /* borrowed */
	const struct lab_server *server; /* borrowed */
	int fd;
	struct ssl_st *ssl; /* NULL before TLS */
	char in[LAB_LINE_MAX];
	size_t in_len;
	bool is_logged_in;
	bool gone; /* reset or closed early: no farewell */
	struct lab_mail mail;
};

/* All of it, or false when the client is gone. */
bool lab_write(struct lab_conn *c, const char *data, size_t len);
bool lab_write_text(struct lab_conn *c, const char *text);
/* Each line of text with CRLF, {date} and {host} filled in. */
bool lab_write_lines(struct lab_conn *c, const char *text);
bool lab_write_list(struct lab_conn *c, const struct strs *lines);

/*
 * One line without its end, at most size - 1 bytes; false when the client
 * is gone, sent no line in LAB_IDLE_S, or began a TLS handshake unasked.
 */
bool lab_read_line(struct lab_conn *c, char *line, size_t size);

/* Appends what comes next to c->in; false when the client is gone. */
bool lab_read_more(struct lab_conn *c);

/* Bytes that came before TLS and were not used, thrown away (RFC 3207). */
void lab_forget_input(struct lab_conn *c);

/* The server's side of the handshake with the fault the scenario wants. */
bool lab_start_tls(struct lab_conn *c);

void lab_silence(struct lab_conn *c); /* until the client goes away */
void lab_reset(struct lab_conn *c); /* RST */
void lab_sleep(int ms);

/* lab_smtp.c */
void lab_smtp(struct lab_conn *c);
/* A reply of the scenario: lines, or close, reset, silence; false when the
 * connection ends with it. */
bool lab_say(struct lab_conn *c, const char *reply);
/* lab_auth.c: a line that begins with AUTH; false when it is over. */
bool lab_auth(struct lab_conn *c, const char *line);
/* The scenario's reply to a line, or NULL. */
const char *lab_scripted(const struct lab_conn *c, const char *line);
/*
 * lab_mail.c, for servers with a mailbox: MAIL, RCPT, DATA, RSET. False when
 * the line is none of these; *go_on is false when the conversation is over.
 */
bool lab_mail(struct lab_conn *c, const char *line, bool *go_on);
/* Are this connection's segments too large for a black hole? */
bool lab_in_hole(const struct lab_conn *c);
/* lab_other.c: whatever is no SMTP dialogue; false when this server has one. */
bool lab_other(struct lab_conn *c);

#endif
