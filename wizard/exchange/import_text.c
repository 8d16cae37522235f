/* SPDX-License-Identifier: ISC
 *
 * Text as it comes out of Windows: UTF-16LE, or one byte a letter.
 */
#include "import_in.h"

#include "../../probes/base/mem.h"

/* Writes one code point; gives the place after it. */
static char *
put_utf8(char *to, uint32_t c)
{
	if (c < 0x80) {
		*to++ = (char)c;
	} else if (c < 0x800) {
		*to++ = (char)(0xc0 | c >> 6);
		*to++ = (char)(0x80 | (c & 0x3f));
	} else if (c < 0x10000) {
		*to++ = (char)(0xe0 | c >> 12);
		*to++ = (char)(0x80 | (c >> 6 & 0x3f));
		*to++ = (char)(0x80 | (c & 0x3f));
	} else {
		*to++ = (char)(0xf0 | c >> 18);
		*to++ = (char)(0x80 | (c >> 12 & 0x3f));
		*to++ = (char)(0x80 | (c >> 6 & 0x3f));
		*to++ = (char)(0x80 | (c & 0x3f));
	}
	return to;
}

static uint32_t
unit_at(const char *bytes, size_t i)
{
	return (uint32_t)((unsigned char)bytes[i] | (unsigned char)bytes[i + 1]
							<< 8);
}

char *
import_from_utf16(const char *bytes, size_t len, size_t *out_len)
{
	char *out = mem_alloc(len / 2 * 3 + 4);
	char *to = out;

	for (size_t i = 0; i + 1 < len; i += 2) {
		uint32_t c = unit_at(bytes, i);
		bool is_high = c >= 0xd800 && c < 0xdc00;
		uint32_t low =
		    is_high && i + 3 < len ? unit_at(bytes, i + 2) : 0;

		if (low >= 0xdc00 && low < 0xe000) {
			c = 0x10000 + ((c - 0xd800) << 10) + (low - 0xdc00);
			i += 2;
		} else if (c >= 0xd800 && c < 0xe000) {
			c = 0xfffd;
		}
		to = put_utf8(to, c);
	}
	if (len % 2 != 0)
		to = put_utf8(to, 0xfffd);
	*out_len = (size_t)(to - out);
	return out;
}

char *
import_from_latin1(const char *bytes, size_t len, size_t *out_len)
{
	char *out = mem_alloc(len * 2 + 1);
	char *to = out;

	for (size_t i = 0; i < len; i++)
		to = put_utf8(to, (unsigned char)bytes[i]);
	*out_len = (size_t)(to - out);
	return out;
}

/* Bytes that a first byte announces to follow; -1: it is none. */
static int
followers(unsigned char c)
{
	if (c < 0x80)
		return 0;
	if (c >= 0xc2 && c < 0xe0)
		return 1;
	if (c >= 0xe0 && c < 0xf0)
		return 2;
	if (c >= 0xf0 && c < 0xf5)
		return 3;
	return -1;
}

bool
import_is_utf8(const char *bytes, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		int more = followers((unsigned char)bytes[i]);

		if (more < 0 || len - i <= (size_t)more)
			return false;
		for (; more > 0; more--)
			if (((unsigned char)bytes[++i] & 0xc0) != 0x80)
				return false;
	}
	return true;
}
