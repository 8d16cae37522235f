/* SPDX-License-Identifier: ISC
 *
 * What a text looks like, from its outside alone: a token, and of whom. For
 * telling a token that was given as a password; what is inside a token is
 * the token doctor's business.
 */
#ifndef BASE_TOKEN_SHAPE_H
#define BASE_TOKEN_SHAPE_H

#include <stddef.h>

enum token_shape {
	TOKEN_SHAPE_NONE,
	TOKEN_SHAPE_JWT, /* three parts: header, claims, signature */
	TOKEN_SHAPE_JWE, /* five parts: encrypted, for the server alone */
	TOKEN_SHAPE_MICROSOFT, /* "EwB...": a personal Microsoft account's */
	TOKEN_SHAPE_GOOGLE, /* "ya29." */
	TOKEN_SHAPE_REFRESH, /* a refresh token or an authorization code */
	TOKEN_SHAPE_BLOB, /* an XOAUTH2 response, encoded or not */
	TOKEN_SHAPE_LONG, /* too long and too even for a password */
};

enum token_shape token_shape_of(const char *text, size_t len);

#endif
