/* SPDX-License-Identifier: ISC
 *
 * Keeps the place of a secret, and reads it when told to.
 */
#include "given_secret.h"

#include <string.h>

#include "../probes/base/mem.h"

/* A password manager may ask its user for a passphrase meanwhile. */
#define COMMAND_TIMEOUT_MS 120000

void
given_secret_done(struct given_secret *g)
{
	mem_free(g->text);
	strs_done(&g->argv);
	*g = (struct given_secret){0};
}

const char *
given_secret_kind(const struct given_secret *g)
{
	if (g->from == GIVEN_NOT)
		return "none";
	return g->is_token ? "token" : "password";
}

char *
given_secret_words(const struct given_secret *g)
{
	switch (g->from) {
	case GIVEN_NOT:
		break;
	case GIVEN_ENV:
		return mem_printf("from the variable %s", g->text);
	case GIVEN_FILE:
		return str_eq(g->text, "-")
			   ? mem_dup("from standard input")
			   : mem_printf("from the file %s", g->text);
	case GIVEN_SHELL:
		return mem_printf("what this command prints: %s", g->text);
	case GIVEN_COMMAND:
		return mem_printf("what %s prints", g->argv.v[0]);
	case GIVEN_STORY:
		return mem_dup("from the story of this scenario");
	}
	return mem_dup("typed");
}

bool
given_secret_take(
    struct given_secret *to, struct given_secret *g, struct err *err)
{
	if (to->from == GIVEN_NOT) {
		*to = *g;
		*g = (struct given_secret){0};
		return true;
	}
	given_secret_done(g);
	return err_set(err, ERR_USAGE,
	    "One password or one token is enough; two places are named.");
}

static bool
from_command(const struct given_secret *g, struct secret **out, struct err *err)
{
	const char **argv = mem_alloc((g->argv.n + 1) * sizeof(*argv));
	bool ok;

	for (size_t i = 0; i < g->argv.n; i++)
		argv[i] = g->argv.v[i];
	ok = secret_from_command(out, NULL, argv, COMMAND_TIMEOUT_MS, err);
	mem_free(argv);
	return ok;
}

static bool
read_it(const struct given_secret *g, struct secret **out, struct err *err)
{
	switch (g->from) {
	case GIVEN_NOT:
		break;
	case GIVEN_ENV:
		return secret_from_env(out, g->text, err);
	case GIVEN_FILE:
		return secret_from_file(out, g->text, err);
	case GIVEN_SHELL:
		return secret_from_command(
		    out, g->text, NULL, COMMAND_TIMEOUT_MS, err);
	case GIVEN_COMMAND:
		return from_command(g, out, err);
	case GIVEN_STORY:
		return secret_set(out, g->text, strlen(g->text), err);
	}
	return err_set(err, ERR_USAGE, "No password or token was given.");
}

bool
given_secret_read(
    const struct given_secret *g, struct secret **out, struct err *err)
{
	if (!read_it(g, out, err))
		return false;
	if (secret_len(*out) > 0)
		return true;
	secret_free(*out);
	*out = NULL;
	return err_set(err, ERR_USAGE, "The %s that was given is empty.",
	    given_secret_kind(g));
}
