/* SPDX-License-Identifier: ISC
 *
 * A password or token: the one type such a thing lives in. Its memory is
 * locked where the system allows, wiped when freed, and never copied into
 * anything that is shown, logged or stored.
 */
#ifndef BASE_SECRET_H
#define BASE_SECRET_H

#include "buf.h"
#include "err.h"

#include <stdbool.h>
#include <stddef.h>

#define SECRET_MAX 16384 /* a token may have 12 KiB (RFC 4954) */

struct secret;

/* Copies into *to, which is NULL or a secret that it replaces; false past
 * SECRET_MAX or with a NUL inside (ERR_LIMIT). The same for all that fill *to.
 */
MUST_CHECK bool secret_set(
    struct secret **to, const char *text, size_t len, struct err *err);
struct secret *secret_copy(const struct secret *s); /* NULL for NULL */
void secret_free(struct secret *s); /* wipes; accepts NULL */

/* Borrowed; NUL-ended. For the dialogue that sends it, nothing else. */
const char *secret_text(const struct secret *s);
size_t secret_len(const struct secret *s);

/* Bytes laid end to end: what is made of a secret is one too. */
struct secret_part {
	const void *data; /* borrowed; may hold NULs */
	size_t len;
};
struct secret *secret_join(const struct secret_part *parts, size_t n);
struct secret *secret_base64(const struct secret *s);

/* Overwrites memory in a way that the compiler keeps. */
void secret_wipe(void *p, size_t len);

/*
 * Reads a secret: a file (at most SECRET_MAX; one final newline is cut), the
 * first line of standard input ("-"), an environment variable (removed from
 * the environment afterwards), or the first line that a command prints (run
 * by /bin/sh -c, or as an argument vector; killed after timeout_ms; it reads
 * nothing, and its standard error is ours). The messages of err never hold
 * any of it.
 */
MUST_CHECK bool secret_from_file(
    struct secret **to, const char *path, struct err *err);
MUST_CHECK bool secret_from_env(
    struct secret **to, const char *name, struct err *err);
MUST_CHECK bool secret_from_command(struct secret **to, const char *shell,
    const char *const *argv, int timeout_ms, struct err *err);

/*
 * What is odd about a password, without showing any of it: each a stable id
 * ("leading-blank", "trailing-blank", "nbsp" (any blank that cannot be told
 * from a blank, or not seen), "caps-lock", "non-ascii",
 * "app-password-blanks", "app-password", "looks-like-token", "control",
 * "empty").
 */
struct strs;
void secret_oddities(const struct secret *s, struct strs *ids);

#endif
