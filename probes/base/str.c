/* SPDX-License-Identifier: ISC
 *
 * Text helpers: comparing, searching, numbers, and making text from outside
 * fit for a screen. Lists of strings are in strs.c.
 */
#include "str.h"

#include <string.h>

#include "buf.h"
#include "mem.h"
#include "utf8.h"

#define DISTANCE_MAX 255

static unsigned char
lower(char c)
{
	return (unsigned char)(c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c);
}

static bool
is_blank(char c)
{
	return c == ' ' || (c >= '\t' && c <= '\r');
}

/* The first n bytes of both; neither has a NUL before that. */
static bool
same_bytes(const char *a, const char *b, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (lower(a[i]) != lower(b[i]))
			return false;
	}
	return true;
}

bool
str_eq(const char *a, const char *b)
{
	if (a == NULL || b == NULL)
		return a == b;
	return strcmp(a, b) == 0;
}

bool
str_same(const char *a, const char *b)
{
	if (a == NULL || b == NULL)
		return a == b;

	size_t len = strlen(a);

	return len == strlen(b) && same_bytes(a, b, len);
}

bool
str_starts(const char *s, const char *prefix)
{
	return s != NULL && strncmp(s, prefix, strlen(prefix)) == 0;
}

bool
str_ends(const char *s, const char *suffix)
{
	if (s == NULL)
		return false;

	size_t len = strlen(s), tail = strlen(suffix);

	return len >= tail && memcmp(s + len - tail, suffix, tail) == 0;
}

bool
str_starts_nocase(const char *s, const char *prefix)
{
	if (s == NULL)
		return false;

	size_t len = strlen(prefix);

	return strnlen(s, len) == len && same_bytes(s, prefix, len);
}

const char *
str_find_nocase(const char *s, const char *needle)
{
	if (s == NULL)
		return NULL;

	size_t len = strlen(s), want = strlen(needle);

	for (size_t i = 0; want <= len && i <= len - want; i++) {
		if (same_bytes(s + i, needle, want))
			return s + i;
	}
	return NULL;
}

void
str_lower(char *s)
{
	for (; *s != '\0'; s++)
		*s = (char)lower(*s);
}

char *
str_trim(char *s)
{
	while (is_blank(*s))
		s++;

	size_t len = strlen(s);

	while (len > 0 && is_blank(s[len - 1]))
		len--;
	s[len] = '\0';
	return s;
}

bool
str_in_set(const char *value, const char *set)
{
	if (value == NULL || set == NULL || *value == '\0')
		return false;

	size_t len = strlen(value);

	for (;;) {
		size_t word = strcspn(set, "|");

		if (word == len && memcmp(set, value, len) == 0)
			return true;
		if (set[word] == '\0')
			return false;
		set += word + 1;
	}
}

bool
str_number(const char *s, int64_t min, int64_t max, int64_t *out)
{
	if (s == NULL)
		return false;

	bool is_negative = *s == '-';
	int64_t v = 0;

	if (is_negative)
		s++;
	if (*s == '\0')
		return false;
	for (; *s != '\0'; s++) {
		if (*s < '0' || *s > '9')
			return false;

		int digit = is_negative ? '0' - *s : *s - '0';

		if (__builtin_mul_overflow(v, 10, &v) ||
		    __builtin_add_overflow(v, digit, &v))
			return false;
	}
	if (v < min || v > max)
		return false;
	*out = v;
	return true;
}

static int
least(int a, int b)
{
	return a < b ? a : b;
}

/* One line of the table: how far a's first i bytes are from all of b's. */
static int
distance_row(const char *a, const char *b, size_t i, size_t nb, int *now,
    const int *last, const int *before)
{
	int best = now[0] = (int)i;

	for (size_t j = 1; j <= nb; j++) {
		bool differs = lower(a[i - 1]) != lower(b[j - 1]);
		int d = least(last[j], now[j - 1]) + 1;

		d = least(d, last[j - 1] + differs);
		if (differs && i > 1 && j > 1 &&
		    lower(a[i - 1]) == lower(b[j - 2]) &&
		    lower(a[i - 2]) == lower(b[j - 1]))
			d = least(d, before[j - 2] + 1);
		now[j] = d;
		best = least(best, d);
	}
	return best;
}

int
str_distance(const char *a, const char *b, int limit)
{
	int rows[3][DISTANCE_MAX + 1];
	size_t na = strnlen(a, DISTANCE_MAX), nb = strnlen(b, DISTANCE_MAX);
	int last_best = 0;

	if (limit < 0)
		limit = 0;
	for (size_t j = 0; j <= nb; j++)
		rows[0][j] = (int)j;
	for (size_t i = 1; i <= na; i++) {
		int best = distance_row(a, b, i, nb, rows[i % 3],
		    rows[(i + 2) % 3], rows[(i + 1) % 3]);

		/* A swap looks back two lines, so both must be too far. */
		if (best > limit && last_best > limit)
			return limit + 1;
		last_best = best;
	}
	return least(rows[na % 3][nb], limit + 1);
}

/* Length without a final dot. */
static size_t
name_len(const char *name)
{
	size_t len = strlen(name);

	return len > 0 && name[len - 1] == '.' ? len - 1 : len;
}

bool
str_in_domain(const char *name, const char *suffix)
{
	if (name == NULL || suffix == NULL)
		return false;
	if (*suffix == '.')
		suffix++;

	size_t len = name_len(name), tail = name_len(suffix);

	if (tail == 0 || len < tail ||
	    !same_bytes(name + len - tail, suffix, tail))
		return false;
	return len == tail || name[len - tail - 1] == '.';
}

char *
str_printable(const char *s, size_t len)
{
	static const char hex[] = "0123456789abcdef";
	char *out = mem_resize(NULL, len + 1, 4);
	size_t n = 0, i = 0;

	while (i < len) {
		uint32_t c = 0;
		size_t bytes = utf8_read(s + i, len - i, &c);

		if (bytes > 0 && !utf8_is_hidden(c)) {
			memcpy(out + n, s + i, bytes);
			n += bytes;
			i += bytes;
			continue;
		}
		if (bytes == 0)
			bytes = 1;
		if (c == '\t') {
			out[n++] = ' ';
			i++;
			continue;
		}
		for (size_t end = i + bytes; i < end; i++) {
			unsigned char byte = (unsigned char)s[i];

			out[n++] = '\\';
			out[n++] = 'x';
			out[n++] = hex[byte >> 4];
			out[n++] = hex[byte & 15];
		}
	}
	out[n] = '\0';
	return mem_resize(out, n + 1, 1);
}

/* Length in bytes and columns of the character at s; a bad byte is one. */
static size_t
measure(const char *s, size_t len, int *columns)
{
	uint32_t c;
	size_t bytes = utf8_read(s, len, &c);

	*columns = bytes > 0 ? utf8_columns(c) : 1;
	return bytes > 0 ? bytes : 1;
}

int
str_width(const char *s)
{
	size_t len = strlen(s);
	int width = 0;

	for (size_t i = 0; i < len;) {
		int columns;

		i += measure(s + i, len - i, &columns);
		width += columns;
	}
	return width;
}

size_t
str_fit(const char *s, int columns)
{
	size_t len = strlen(s), i = 0;

	while (columns >= 0 && i < len) {
		int width;
		size_t bytes = measure(s + i, len - i, &width);

		if (width > columns || (i == 0 && columns == 0))
			break;
		columns -= width;
		i += bytes;
	}
	return i;
}
