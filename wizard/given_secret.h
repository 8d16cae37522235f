/* SPDX-License-Identifier: ISC
 *
 * Where the password or token of this run comes from, as flags or an answers
 * file say. Only the place is kept; it is read when a sign-in needs it.
 */
#ifndef GIVEN_SECRET_H
#define GIVEN_SECRET_H

#include "../probes/base/secret.h"
#include "../probes/base/str.h"

enum given_from {
	GIVEN_NOT,
	GIVEN_ENV, /* text: the variable */
	GIVEN_FILE, /* text: the path, "-" is standard input */
	GIVEN_SHELL, /* text: a command for /bin/sh */
	GIVEN_COMMAND, /* argv: a program and its arguments */
	GIVEN_STORY, /* text: what somebody invented types in the lab */
};

struct given_secret {
	enum given_from from;
	bool is_token; /* else a password */
	char *text; /* owned or NULL */
	struct strs argv;
};
void given_secret_done(struct given_secret *g);

/* "password", "token" or "none": what the engine is told. */
const char *given_secret_kind(const struct given_secret *g);

/* The place in words: "what the command pass prints"; the caller frees. */
char *given_secret_words(const struct given_secret *g);

/* Takes the place over. ERR_USAGE when one is named already. */
MUST_CHECK bool given_secret_take(
    struct given_secret *to, struct given_secret *g, struct err *err);

/* Reads it; call once. False with err set, which never holds any of it. */
MUST_CHECK bool given_secret_read(
    const struct given_secret *g, struct secret **out, struct err *err);

#endif
