/* SPDX-License-Identifier: ISC
 *
 * Base64 (RFC 4648). Encodes into memory of the caller's, so that whoever
 * encodes a secret can wipe what came out.
 */
#ifndef BASE_BASE64_H
#define BASE_BASE64_H

#include "err.h"

#include <stddef.h>

/* Bytes that the text of n bytes takes, its NUL included. */
size_t base64_size(size_t n);

/* Standard alphabet, padded, no line breaks; out has base64_size(len). */
void base64_encode(const void *data, size_t len, char *out);

/*
 * Standard or URL alphabet, padded or not, nothing else in between. out has
 * room for len bytes; it ends in a NUL that is not counted.
 */
MUST_CHECK bool base64_decode(
    const char *text, size_t len, char *out, size_t *out_len);

#endif
