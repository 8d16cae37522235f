/* SPDX-License-Identifier: ISC
 *
 * The outside of tokens, as their issuers make them.
 */
#include "token_shape.h"

#include <stdbool.h>
#include <string.h>

#define LONG_FOR_A_PASSWORD 120

struct start {
	const char *text;
	size_t min; /* the whole is at least that long */
	enum token_shape shape;
};

static const struct start starts[] = {
    /* base64 of "user=" */
    {"dXNlcj", 30, TOKEN_SHAPE_BLOB},
    {"user=", 30, TOKEN_SHAPE_BLOB},
    /* base64 of "n,a=", the start of OAUTHBEARER */
    {"bixhP", 30, TOKEN_SHAPE_BLOB},
    {"n,a=", 30, TOKEN_SHAPE_BLOB},
    {"EwA", 100, TOKEN_SHAPE_MICROSOFT},
    {"EwB", 100, TOKEN_SHAPE_MICROSOFT},
    {"EwC", 100, TOKEN_SHAPE_MICROSOFT},
    {"EwD", 100, TOKEN_SHAPE_MICROSOFT},
    {"ya29.", 20, TOKEN_SHAPE_GOOGLE},
    {"1//0", 40, TOKEN_SHAPE_REFRESH}, /* Google's refresh tokens */
    {"4/0A", 40, TOKEN_SHAPE_REFRESH}, /* Google's codes */
    {"M.C5", 40, TOKEN_SHAPE_REFRESH}, /* Microsoft's personal ones */
    {"M.R3", 40, TOKEN_SHAPE_REFRESH},
    {"0.A", 100, TOKEN_SHAPE_REFRESH}, /* Microsoft's for work */
    {"1.A", 100, TOKEN_SHAPE_REFRESH},
};

static bool
is_token_char(char c)
{
	return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
	       (c >= '0' && c <= '9') || strchr("-._~+/=!*$", c) != NULL;
}

/* Parts between dots, all in base64url: RFC 7515 section 3.1, RFC 7516. */
static enum token_shape
parts_of(const char *text, size_t len)
{
	size_t dots = 0;

	if (len < 20 || text[0] != 'e' || text[1] != 'y')
		return TOKEN_SHAPE_NONE;
	for (size_t i = 0; i < len; i++)
		dots += text[i] == '.';
	if (dots == 2)
		return TOKEN_SHAPE_JWT;
	return dots == 4 ? TOKEN_SHAPE_JWE : TOKEN_SHAPE_NONE;
}

enum token_shape
token_shape_of(const char *text, size_t len)
{
	enum token_shape parts;

	for (size_t i = 0; i < sizeof(starts) / sizeof(starts[0]); i++) {
		size_t n = strlen(starts[i].text);

		if (len >= starts[i].min &&
		    memcmp(text, starts[i].text, n) == 0)
			return starts[i].shape;
	}
	for (size_t i = 0; i < len; i++)
		if (text[i] == '\0' || !is_token_char(text[i]))
			return TOKEN_SHAPE_NONE;
	parts = parts_of(text, len);
	if (parts != TOKEN_SHAPE_NONE)
		return parts;
	return len >= LONG_FOR_A_PASSWORD ? TOKEN_SHAPE_LONG : TOKEN_SHAPE_NONE;
}
