/* SPDX-License-Identifier: ISC
 *
 * Between the files of this folder.
 */
#ifndef EXPLAIN_EXPLAIN_IN_H
#define EXPLAIN_EXPLAIN_IN_H

#include "explain.h"

/* A new one at the end, zeroed but for its kind. */
struct explanation *explanations_add(
    struct explanations *out, enum explain_kind kind);

/* False where the text is no token. */
bool explain_token(
    const char *text, size_t len, int64_t now_ms, struct explanations *out);

/* Does the word hold a token, perhaps behind "Bearer=" or in quotes? */
bool explain_token_in(const char *word, size_t len);

/* "{...}" in base64 is what a server says about a token, not a token: its
 * text, which the caller frees, or NULL. */
char *explain_challenge(const char *word, size_t len);

#endif
