/* SPDX-License-Identifier: ISC
 *
 * One strict connection for the probes that sign in: connected, greeted,
 * inside verified TLS, with the keywords of the EHLO in there. Whatever is
 * missing of that ends it before a secret is near.
 */
#ifndef SMTP_SESSION_H
#define SMTP_SESSION_H

#include "net/auth.h"
#include "net/tcp.h"
#include "net/tls.h"
#include "probe.h"

enum session_end {
	SESSION_READY,
	SESSION_REFUSED, /* 5xx: see reply */
	SESSION_TEMPORARY, /* 4xx: see reply */
	SESSION_NO_TLS, /* none, not begun, or not genuine: see shake */
	SESSION_DROPPED, /* no connection, or lost; silence too */
	SESSION_CANCELLED,
};

struct session {
	struct net net; /* the stream borrows it: do not move the session */
	struct smtp smtp;
	struct smtp_ehlo ehlo; /* inside TLS */
	enum session_end end;
	const char *stage; /* "connect", "tls": how far it came */
	struct smtp_reply reply; /* the one that decided; may be empty */
	struct tls_result shake;
	enum tcp_reach reach;
	bool is_open; /* QUIT is proper */
	bool is_connected; /* smtp is in use */
	bool was_injected; /* plaintext came behind the STARTTLS go-ahead */
	int reply_ms; /* time-out of one reply */
};

/*
 * Opens it to `target` for the server that the user knows as `host`. True
 * when it is ready. End with session_close in any case.
 */
bool session_open(struct session *s, struct probe_ctx *ctx, const char *host,
    const struct probe_target *target);

/* QUIT when proper, closes, frees. */
void session_close(struct session *s);

/*
 * One sign-in with the secret of the context over a ready session; `target`
 * and `host` as above. Frees nothing of what *out held before.
 */
void session_login(struct session *s, struct probe_ctx *ctx, const char *host,
    const struct probe_target *target, const char *user,
    struct auth_result *out);

/* The lines of a reply joined by newlines, at most 2000 bytes; owned. */
char *session_said(const struct smtp_reply *r);

#endif
