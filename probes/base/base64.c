/* SPDX-License-Identifier: ISC
 *
 * Base64: one alphabet to write, both to read.
 */
#include "base64.h"

#include <stdint.h>
#include <string.h>

static const char alphabet[] =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

size_t
base64_size(size_t n)
{
	return (n + 2) / 3 * 4 + 1;
}

void
base64_encode(const void *data, size_t len, char *out)
{
	const unsigned char *in = data;

	for (size_t i = 0; i < len; i += 3) {
		uint32_t v = (uint32_t)in[i] << 16;

		if (i + 1 < len)
			v |= (uint32_t)in[i + 1] << 8;
		if (i + 2 < len)
			v |= in[i + 2];
		*out++ = alphabet[v >> 18 & 63];
		*out++ = alphabet[v >> 12 & 63];
		*out++ = i + 1 < len ? alphabet[v >> 6 & 63] : '=';
		*out++ = i + 2 < len ? alphabet[v & 63] : '=';
	}
	*out = '\0';
}

/* The value of a digit, -1 for what is none. */
static int
digit(char c)
{
	if (c >= 'A' && c <= 'Z')
		return c - 'A';
	if (c >= 'a' && c <= 'z')
		return c - 'a' + 26;
	if (c >= '0' && c <= '9')
		return c - '0' + 52;
	if (c == '+' || c == '-')
		return 62;
	return c == '/' || c == '_' ? 63 : -1;
}

bool
base64_decode(const char *text, size_t len, char *out, size_t *out_len)
{
	uint32_t v = 0;
	size_t n = 0;
	int bits = 0;

	for (int i = 0; i < 2 && len > 0 && text[len - 1] == '='; i++)
		len--;
	if (len % 4 == 1)
		return false;
	for (size_t i = 0; i < len; i++) {
		int d = digit(text[i]);

		if (d < 0)
			return false;
		v = (v << 6 | (uint32_t)d) & 0xfff;
		bits += 6;
		if (bits >= 8) {
			bits -= 8;
			out[n++] = (char)(v >> bits & 0xff);
		}
	}
	out[n] = '\0';
	*out_len = n;
	return true;
}
