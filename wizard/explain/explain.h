/* SPDX-License-Identifier: ISC
 *
 * What a text means that a mail program or server showed: a code, a sentence,
 * a whole dialog box, an SMTP reply, a returned message, a TLS verify result,
 * a token. Pure: reads nothing, asks nobody. A token never is part of what
 * comes out.
 */
#ifndef EXPLAIN_EXPLAIN_H
#define EXPLAIN_EXPLAIN_H

#include "../../probes/base/str.h"
#include "../knowledge/knowledge.h"

#include <stdint.h>

#define EXPLAIN_MAX (1u << 20) /* bytes that are read */

enum explain_kind {
	EXPLAIN_NOTHING, /* nothing in it is known */
	EXPLAIN_REPLY, /* of a mail server */
	EXPLAIN_CODE, /* a number of Outlook or Windows */
	EXPLAIN_APP, /* a sentence of a mail program */
	EXPLAIN_TLS, /* a verify result, or why a handshake failed */
	EXPLAIN_TOKEN,
	EXPLAIN_BOUNCE, /* one recipient of a returned message */
};
const char *explain_kind_name(enum explain_kind kind); /* "reply" */

enum explain_certainty {
	EXPLAIN_UNKNOWN,
	EXPLAIN_CLASS, /* only what its class proves */
	EXPLAIN_LIKELY, /* has several uses; this is the usual one */
	EXPLAIN_EXACT,
};
const char *explain_certainty_name(enum explain_certainty certainty);

/* Texts are owned and printable; NULL where there is nothing to say. */
struct explanation {
	enum explain_kind kind;
	enum explain_certainty certainty;
	char *cause; /* of the contract, none or unknown */
	char *title, *meaning;
	char *who; /* you|admin|provider|network|nobody */
	struct strs fix;
	char *matched; /* the words that were explained */
	char *source, *checked;
	struct strs others; /* what it could mean as well: "title (cause)" */
	/* of a returned message: */
	char *recipient, *action, *status, *remote;
};

struct explanations {
	struct explanation *v;
	size_t n, cap;
	bool cut; /* there was more than is read */
};

/* Explains; at least one explanation comes out. now_ms is for tokens. */
void explain_text(const struct knowledge *k, const char *text, size_t len,
    int64_t now_ms, struct explanations *out);
void explanations_done(struct explanations *e);

/* Is it, or does it hold, a token that must not stand in an argument? */
bool explain_holds_token(const char *text);

/* 78 columns, for people; and the same as JSON. Both are appended. */
struct buf;
void explain_show(const struct explanations *e, struct buf *out);
void explain_json(const struct explanations *e, struct buf *out);

/*
 * The reply that a text holds: its code (0: none), the first enhanced code
 * ("" without) and where it begins (NULL: nowhere).
 */
const char *explain_find_reply(const char *text, int *code, char enhanced[16]);

#endif
