/* SPDX-License-Identifier: ISC
 *
 * Answers given before the questions: a YAML file of the user's own, and
 * single ones from the command line. Names and values are held against the
 * table of facts that answers may set.
 */
#ifndef ANSWERS_H
#define ANSWERS_H

#include "../probes/base/err.h"
#include "../probes/base/kv.h"
#include "given_secret.h"

#include <stddef.h>

/*
 * Adds what the file says to `out`, without touching what is there already.
 * Lists become texts joined by commas. A secret is given as {env: NAME},
 * {file: PATH} or {command: [ARGV...]}; it is not read here: where it is goes
 * to `secret`, unless that names a place already. Kinds: FILE, SYNTAX
 * ("file:line:column: ..."), LIMIT.
 */
MUST_CHECK bool answers_load(const char *path, struct kvs *out,
    struct given_secret *secret, struct err *err);

/* The same from text, for tests; name stands in messages. */
MUST_CHECK bool answers_parse(const char *name, const char *text, size_t len,
    struct kvs *out, struct given_secret *secret, struct err *err);

/* One "FACT=VALUE"; a later one replaces an earlier. ERR_USAGE. */
MUST_CHECK bool answers_set(struct kvs *out, const char *text, struct err *err);

#endif
