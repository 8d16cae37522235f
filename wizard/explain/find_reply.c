/* SPDX-License-Identifier: ISC
 *
 * Where in a text a server's reply stands. Three digits alone are not
 * enough, a port or a count looks the same: what stands around them counts.
 */
#include "explain.h"

#include <string.h>

static bool
is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool
is_letter(char c)
{
	return (c | 32) >= 'a' && (c | 32) <= 'z';
}

/* Length of "5.7.139" at s, 0: none. */
static size_t
enhanced_len(const char *s)
{
	size_t y, z;

	if (*s != '2' && *s != '4' && *s != '5')
		return 0;
	if (s[1] != '.')
		return 0;
	y = strspn(s + 2, "0123456789");
	if (y < 1 || y > 3 || s[2 + y] != '.')
		return 0;
	z = strspn(s + 3 + y, "0123456789");
	if (z < 1 || z > 3 || (s[3 + y + z] == '.' && is_digit(s[4 + y + z])))
		return 0;
	return is_letter(s[3 + y + z]) ? 0 : 3 + y + z;
}

/* The word in front, as in "code 535" or "responded: 535". */
static bool
is_announced(const char *text, const char *at)
{
	static const char *const words[] = {"code", "error", "reply",
	    "response", "status", "smtp", "returned", "says", "said", "reports",
	    "answered"};

	while (at > text && strchr(" \t(\"'#<[*", at[-1]))
		at--;
	if (at > text && (at[-1] == ':' || at[-1] == ';' || at[-1] == '='))
		return true;
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		size_t len = strlen(words[i]);

		if ((size_t)(at - text) >= len &&
		    str_starts_nocase(at - len, words[i]))
			return true;
	}
	return false;
}

static bool
begins_line(const char *text, const char *at)
{
	while (at > text && strchr(" \t<>|*\"'`(", at[-1]))
		at--;
	return at == text || at[-1] == '\n' || at[-1] == '\r';
}

/* How much three digits look like a reply; 0: not at all. */
static int
rate(const char *text, const char *at)
{
	const char *after = at + 3;
	int score = 0;

	if (*at < '2' || *at > '5' || !is_digit(at[1]) || !is_digit(at[2]) ||
	    is_digit(*after))
		return 0;
	/* Ports, and years that were cut, are no replies. */
	if (str_starts(at, "465") || str_starts(at, "587") ||
	    (at[1] > '5' && *at < '4'))
		return 0;
	if (at > text &&
	    (is_digit(at[-1]) || is_letter(at[-1]) || strchr(".-/_@", at[-1])))
		return 0;
	if (*after && !strchr(" -\r\n\t,:;.'\")]", *after))
		return 0;
	if (*after == '-' && is_digit(after[1]) && !enhanced_len(after + 1))
		return 0;
	after += strspn(after, "- \t,#b'\"");
	if (enhanced_len(after))
		score += 4;
	if (begins_line(text, at))
		score += 2;
	else if (is_announced(text, at))
		score += 2;
	if (score > 0 && (*at == '4' || *at == '5'))
		score += 3;
	return score;
}

/* The first enhanced code of the reply, or of the text. */
static const char *
find_enhanced(const char *text, char enhanced[16])
{
	for (const char *at = text; *at; at++) {
		size_t len = enhanced_len(at);

		if (len == 0 || len > 15 ||
		    (at > text && (is_digit(at[-1]) || is_letter(at[-1]) ||
				      at[-1] == '.')))
			continue;
		memcpy(enhanced, at, len);
		enhanced[len] = '\0';
		return at;
	}
	enhanced[0] = '\0';
	return NULL;
}

const char *
explain_find_reply(const char *text, int *code, char enhanced[16])
{
	const char *best = NULL;
	int best_score = 0;

	*code = 0;
	for (const char *at = text; *at; at++) {
		int score = is_digit(*at) ? rate(text, at) : 0;

		if (score > best_score) {
			best_score = score;
			best = at;
		}
	}
	if (!best)
		return find_enhanced(text, enhanced);
	*code = (best[0] - '0') * 100 + (best[1] - '0') * 10 + (best[2] - '0');
	find_enhanced(best, enhanced);
	return best;
}
