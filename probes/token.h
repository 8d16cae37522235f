/* SPDX-License-Identifier: ISC
 *
 * The token doctor: what an OAuth2 token says about itself, read offline and
 * without verifying its signature, which only the mail server can. The token
 * itself is never part of what comes out.
 */
#ifndef PROBE_TOKEN_H
#define PROBE_TOKEN_H

#include "base/str.h"

#include <stdbool.h>
#include <stdint.h>

enum token_kind {
	TOKEN_NONE, /* empty */
	TOKEN_JWT, /* can be read */
	TOKEN_OPAQUE, /* means something to its server only */
	TOKEN_BLOB, /* a whole XOAUTH2 or OAUTHBEARER response */
	TOKEN_UNKNOWN, /* no token as far as can be seen */
};
const char *token_kind_name(enum token_kind k); /* "jwt" */

enum token_answer { TOKEN_UNSURE, TOKEN_NO, TOKEN_YES };

enum token_audience {
	TOKEN_AUDIENCE_UNKNOWN,
	TOKEN_AUDIENCE_SMTP, /* Microsoft's mail servers */
	TOKEN_AUDIENCE_GRAPH, /* Microsoft Graph: not for SMTP */
	TOKEN_AUDIENCE_OTHER,
};
const char *token_audience_name(enum token_audience a);

enum token_scope {
	TOKEN_SCOPE_UNKNOWN,
	TOKEN_SCOPE_SEND, /* SMTP.Send, https://mail.google.com/ */
	TOKEN_SCOPE_SEND_AS_APP, /* the role SMTP.SendAsApp */
	TOKEN_SCOPE_MISSING,
};
const char *token_scope_name(enum token_scope s);

/* Texts are owned, printable and bounded; "" where there is nothing. */
struct token_report {
	enum token_kind kind;
	const char *maker; /* "Google", "a personal Microsoft account"; NULL */
	struct strs faults; /* ids, see token_fault_text */
	char *audience_text, *scope_text, *user_text, *tenant, *issuer, *app;
	char *algorithm;
	enum token_audience audience;
	enum token_scope scope;
	enum token_answer expired;
	enum token_answer user_matches; /* the account; UNSURE without one */
	int64_t issued_ms, starts_ms, ends_ms; /* 0: it does not say */
	char *blob_user; /* of a blob: its user= */
	bool blob_is_bearer; /* OAUTHBEARER's form */
};

/*
 * Looks at a token, a JWT or a response blob; `account` (may be NULL) is
 * who it should be for. Reads at most SECRET_MAX bytes; now_ms is UTC.
 */
void token_read(const char *text, size_t len, const char *account,
    int64_t now_ms, struct token_report *out);
void token_report_done(struct token_report *r);

/*
 * What is wrong, most important first, and what was seen, as sentences for
 * people; appended.
 */
void token_complaints(
    const struct token_report *r, int64_t now_ms, struct strs *to);
void token_describe(
    const struct token_report *r, int64_t now_ms, struct strs *to);

/* token_complaints with an id for each ("expired", "audience", "scope",
 * "user", "blob", "unknown", or a fault), appended side by side. */
void token_findings(const struct token_report *r, int64_t now_ms,
    struct strs *ids, struct strs *texts);

/* One sentence for a fault id; NULL for what is none. */
const char *token_fault_text(const char *id);

/*
 * The JSON of a server that refuses a token ({"status":"400",...}), as a
 * sentence; owned, never NULL.
 */
char *token_challenge_text(const char *json);

#endif
