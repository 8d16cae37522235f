/* SPDX-License-Identifier: ISC
 *
 * What the files of the smtp_send probe share: one delivery of one message
 * and how it ended. smtp_send.c holds the dialogue, smtp_upload.c carries
 * the content, smtp_send_findings.c puts it into facts and sentences.
 */
#ifndef SMTP_SEND_H
#define SMTP_SEND_H

#include "net/message.h"
#include "probe.h"
#include "smtp_session.h"

enum send_end {
	SEND_UNKNOWN, /* out of protocol, or lost before the message */
	SEND_ACCEPTED,
	SEND_REFUSED, /* 5xx */
	SEND_TEMPORARY, /* 4xx */
	SEND_CUT, /* closed or reset inside DATA */
	SEND_TIMEOUT, /* silence inside DATA */
	SEND_SLOW, /* it went on, and the probe's time was over */
	SEND_NO_LOGIN,
	SEND_NO_TLS,
	SEND_CANCELLED,
};

/* What became of the content. */
struct upload {
	enum send_end end; /* SEND_ACCEPTED, _REFUSED, ... */
	int64_t bytes; /* of the message, handed to the system */
	int64_t passed; /* of these acknowledged by the other end, at least */
	bool dot_written;
	bool may_have_arrived; /* the server may have it, and did not say */
	struct smtp_reply reply; /* owned; may be empty */
	int ms;
};

/* What a reply to a stage comes to; 2xx is SEND_ACCEPTED. */
enum send_end send_end_of_reply(const struct smtp_reply *r);

/* Sends the content and the final dot, and reads the reply to it. */
void upload_send(
    struct session *s, struct message *m, int stall_ms, struct upload *u);
void upload_done(struct upload *u);

/* One try to deliver. */
struct delivery {
	enum send_end end;
	const char *stage; /* "connect", "mail", ... */
	struct smtp_reply reply; /* owned: the one that decided */
	struct session session; /* kept until the end for its tls_result */
	struct auth_result auth; /* owned */
	struct upload upload; /* owned */
	struct strs refused; /* "address: words" */
	size_t taken; /* recipients accepted */
	bool lacks_utf8; /* SMTPUTF8 is needed and not offered */
	int64_t size; /* of the message */
	char *id; /* owned: Message-ID; NULL before it was made */
};
void delivery_done(struct delivery *d);

struct sending {
	struct probe_ctx *ctx;
	const char *host, *user; /* borrowed; user may be NULL */
	char *from; /* owned; spec borrows it */
	struct probe_target target;
	struct strs to; /* owned; spec borrows it */
	struct strs table; /* owned: "stage\twords\tseconds" */
	struct message_spec spec;
	char unique[40];
	bool blackhole; /* the second try, with small segments, passed */
};

/*
 * Fills in what the parameters say; spec.to, now_ms and version are there
 * already. False with err set (USAGE, LIMIT).
 */
MUST_CHECK bool send_take_params(struct sending *s, struct err *err);

/* Facts and findings; `d` is the try that counts. */
void send_report(struct sending *s, struct delivery *d);

#endif
