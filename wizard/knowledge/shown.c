/* SPDX-License-Identifier: ISC
 *
 * Looking for fragments in what a program or a server showed.
 */
#include "shown.h"

#include <string.h>

#include "../../probes/base/buf.h"
#include "../../probes/base/str.h"

/* What is pasted beyond this is no error message. */
#define SHOWN_MAX 16384

static bool
is_alnum(char c)
{
	return (c >= '0' && c <= '9') || ((c | 32) >= 'a' && (c | 32) <= 'z');
}

static bool
is_hex(const char *s)
{
	return s[strspn(s, "0123456789abcdefABCDEF")] == '\0';
}

bool
shown_has(const char *text, const char *fragment)
{
	size_t len = strlen(fragment);
	const char *at = text;

	if (!is_hex(fragment))
		return str_find_nocase(text, fragment) != NULL;
	for (; (at = str_find_nocase(at, fragment)) != NULL; at++) {
		bool starts =
		    at == text || !is_alnum(at[-1]) ||
		    (at - text >= 2 && at[-2] == '0' && (at[-1] | 32) == 'x');

		if (starts && !is_alnum(at[len]))
			return true;
	}
	return false;
}

char *
shown_flatten(const char *s)
{
	static const struct {
		const char *from;
		char to;
	} plain[] = {{"\xe2\x80\x98", '\''}, {"\xe2\x80\x99", '\''},
	    {"\xc2\xa0", ' '}, {"\t", ' '}, {"\r", ' '}, {"\n", ' '}};
	struct buf b;

	buf_init(&b, SHOWN_MAX);
	while (*s && !b.full) {
		size_t len = 1;
		char c = *s;

		for (size_t i = 0; i < sizeof(plain) / sizeof(plain[0]); i++) {
			if (!str_starts(s, plain[i].from))
				continue;
			c = plain[i].to;
			len = strlen(plain[i].from);
		}
		s += len;
		if (c != ' ' || b.len == 0 || b.data[b.len - 1] != ' ')
			buf_addc(&b, c);
	}
	return buf_take(&b);
}
