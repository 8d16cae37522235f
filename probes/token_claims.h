/* SPDX-License-Identifier: ISC
 *
 * What the token doctor's two files share: JSON from outside, bounded.
 */
#ifndef PROBE_TOKEN_CLAIMS_H
#define PROBE_TOKEN_CLAIMS_H

#include "token.h"

/*
 * Reads the claims of a JWT (base64url parts at text, as many dots as it
 * may have) into the report. False when it cannot be read; faults say why.
 */
bool token_read_claims(
    const char *text, size_t len, struct token_report *r, bool *has_scope);

/* Members of the JSON that came with a refusal; owned, "" when missing. */
struct token_challenge {
	char *status, *scope, *schemes;
};
bool token_read_challenge(const char *json, struct token_challenge *out);
void token_challenge_done(struct token_challenge *c);

#endif
