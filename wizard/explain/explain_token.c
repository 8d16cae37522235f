/* SPDX-License-Identifier: ISC
 *
 * Tokens: seeing that a text is one or holds one, and what the token doctor
 * says about it. No part of a token leaves this file.
 */
#include <string.h>

#include "../../probes/base/base64.h"
#include "../../probes/base/mem.h"
#include "../../probes/base/token_shape.h"
#include "../../probes/token.h"
#include "explain_in.h"

char *
explain_challenge(const char *word, size_t len)
{
	size_t out_len = 0;
	char *out = mem_alloc(len + 4);

	if (len < 8 || len > 8192 || !base64_decode(word, len, out, &out_len) ||
	    out_len < 2 || out[0] != '{' || strlen(out) != out_len ||
	    !strstr(out, "\"status\"")) {
		mem_free(out);
		return NULL;
	}
	return out;
}

static bool
is_token_word(const char *word, size_t len)
{
	char *challenge;

	if (token_shape_of(word, len) == TOKEN_SHAPE_NONE)
		return false;
	challenge = explain_challenge(word, len);
	mem_free(challenge);
	return !challenge;
}

bool
explain_token_in(const char *word, size_t len)
{
	const char *at = word, *end = word + len;

	if (is_token_word(word, len))
		return true;
	while (at < end) {
		size_t part = 0;

		while (at + part < end && !strchr("=\"',:;&?<>()", at[part]))
			part++;
		if (part >= 20 && part < len && is_token_word(at, part))
			return true;
		at += part + 1;
	}
	return false;
}

bool
explain_holds_token(const char *text)
{
	if (token_shape_of(text, strlen(text)) != TOKEN_SHAPE_NONE &&
	    is_token_word(text, strlen(text)))
		return true;
	while (*text) {
		size_t len = strcspn(text, " \t\r\n");

		if (len > 0 && explain_token_in(text, len))
			return true;
		text += len;
		while (*text && strchr(" \t\r\n", *text))
			text++;
	}
	return false;
}

/* The cause that the worst fault of a token leads to. */
static void
judge_token(struct explanation *e, const struct token_report *t)
{
	e->certainty = t->kind == TOKEN_JWT ? EXPLAIN_EXACT : EXPLAIN_LIKELY;
	e->cause = mem_dup("none");
	e->who = mem_dup("nobody");
	e->title = mem_dup("An OAuth2 token that looks right");
	if (t->audience == TOKEN_AUDIENCE_GRAPH ||
	    t->audience == TOKEN_AUDIENCE_OTHER) {
		mem_free(e->cause);
		e->cause = mem_dup("token-wrong-audience");
		mem_free(e->title);
		e->title = mem_dup("An OAuth2 token for another service");
		strs_add(&e->fix, "Sign in again and ask for a token of the "
				  "mail server: Microsoft "
				  "https://outlook.office.com/SMTP.Send, "
				  "Google https://mail.google.com/");
	} else if (t->expired == TOKEN_YES) {
		mem_free(e->cause);
		e->cause = mem_dup("token-expired");
		mem_free(e->title);
		e->title = mem_dup("An OAuth2 token that has expired");
		strs_add(&e->fix, "Sign in again in the program, so that it "
				  "gets a new token.");
		strs_add(&e->fix, "Look at the computer's clock.");
	} else if (t->scope == TOKEN_SCOPE_MISSING) {
		mem_free(e->cause);
		e->cause = mem_dup("token-missing-scope");
		mem_free(e->title);
		e->title = mem_dup("An OAuth2 token that may not send");
		strs_add(&e->fix, "Sign in again and agree to the right to "
				  "send mail (SMTP.Send).");
	} else if (t->kind != TOKEN_JWT) {
		mem_free(e->title);
		e->title = mem_dup("A token that only its server can read");
		e->certainty = EXPLAIN_LIKELY;
	}
	if (!str_eq(e->cause, "none")) {
		mem_free(e->who);
		e->who = mem_dup("you");
	}
}

bool
explain_token(
    const char *text, size_t len, int64_t now_ms, struct explanations *out)
{
	struct token_report t = {0};
	struct strs said = {0};
	struct explanation *e;

	if (!is_token_word(text, len) ||
	    (memchr(text, ' ', len) &&
		token_shape_of(text, len) != TOKEN_SHAPE_BLOB))
		return false;
	token_read(text, len, NULL, now_ms, &t);
	if (t.kind == TOKEN_NONE || t.kind == TOKEN_UNKNOWN) {
		token_report_done(&t);
		return false;
	}
	e = explanations_add(out, EXPLAIN_TOKEN);
	judge_token(e, &t);
	token_complaints(&t, now_ms, &said);
	token_describe(&t, now_ms, &said);
	e->meaning = strs_join(&said, " ");
	if (e->fix.n == 0)
		strs_add(&e->fix, "Nothing is wrong with it as far as can be "
				  "seen; only the server can say whether it "
				  "takes it.");
	strs_add(&e->fix, "Treat it like a password: whoever has it can use "
			  "it until it expires.");
	e->source = mem_dup("the token itself, read without a network");
	strs_done(&said);
	token_report_done(&t);
	return true;
}
