/* SPDX-License-Identifier: ISC
 *
 * Making the forms of a secret and looking for them.
 */
#include "secret_forms.h"

#include <string.h>

#include "mem.h"
#include "str.h"

#define PIECE 12
#define SHORT_FORM 256 /* longer ones are searched in steps of a piece */
#define BASE64_MIN 6 /* digits that stand for nothing but the secret */

void
secret_forms_take(struct secret_forms *f, struct secret *text)
{
	bool known = secret_len(text) < SECRET_FORMS_MIN;

	for (size_t i = 0; i < f->n && !known; i++)
		known = secret_len(f->v[i]) == secret_len(text) &&
			memcmp(secret_text(f->v[i]), secret_text(text),
			    secret_len(text)) == 0;
	if (known || f->n == SECRET_FORMS_MAX) {
		secret_free(text);
		return;
	}
	f->v[f->n++] = text;
}

static void
take_part(struct secret_forms *f, const char *text, size_t len)
{
	const struct secret_part part = {text, len};

	secret_forms_take(f, secret_join(&part, 1));
}

static void
add_printable(struct secret_forms *f, const struct secret *s)
{
	char *shown = str_printable(secret_text(s), secret_len(s));
	size_t len = strlen(shown);

	take_part(f, shown, len);
	secret_wipe(shown, len);
	mem_free(shown);
}

/* Percent-encoded, RFC 3986 section 2.1, with digits in both cases. */
static void
add_url(struct secret_forms *f, const struct secret *s, const char *digits)
{
	size_t len = secret_len(s), n = 0;
	char *url = mem_alloc(3 * len + 1);

	for (size_t i = 0; i < len; i++) {
		unsigned char c = (unsigned char)secret_text(s)[i];
		bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
			     (c >= '0' && c <= '9') ||
			     (c != '\0' && strchr("-._~", c) != NULL);

		if (plain) {
			url[n++] = (char)c;
			continue;
		}
		url[n++] = '%';
		url[n++] = digits[c >> 4];
		url[n++] = digits[c & 15];
	}
	take_part(f, url, n);
	secret_wipe(url, n);
	mem_free(url);
}

/* The same digits in the URL alphabet. */
static void
add_url_alphabet(struct secret_forms *f, const char *digits, size_t len)
{
	char *copy = mem_dupn(digits, len);

	for (size_t i = 0; i < len; i++) {
		if (copy[i] == '+')
			copy[i] = '-';
		else if (copy[i] == '/')
			copy[i] = '_';
	}
	take_part(f, copy, len);
	secret_wipe(copy, len);
	mem_free(copy);
}

/*
 * The digits that the secret alone decides when it stands `before` bytes
 * (modulo 3) into what is encoded.
 */
static void
add_base64(struct secret_forms *f, const struct secret *s, size_t before)
{
	const struct secret_part parts[] = {
	    {"\0\0", before}, {secret_text(s), secret_len(s)}};
	struct secret *bytes = secret_join(parts, 2);
	struct secret *text = secret_base64(bytes);
	size_t from = (before * 8 + 5) / 6;
	size_t to = (before + secret_len(s)) * 8 / 6;

	if (to >= from + BASE64_MIN) {
		take_part(f, secret_text(text) + from, to - from);
		add_url_alphabet(f, secret_text(text) + from, to - from);
	}
	secret_free(text);
	secret_free(bytes);
}

void
secret_forms_add(struct secret_forms *f, const struct secret *s)
{
	secret_forms_take(f, secret_copy(s));
	if (secret_len(s) < SECRET_FORMS_MIN)
		return;
	add_printable(f, s);
	add_url(f, s, "0123456789ABCDEF");
	add_url(f, s, "0123456789abcdef");
	for (size_t before = 0; before < 3; before++)
		add_base64(f, s, before);
}

/* Any of the text's own pieces in the form? */
static bool
has_piece(const struct secret *form, const char *text, size_t len)
{
	size_t step = secret_len(form) > SHORT_FORM ? PIECE : 1;

	if (secret_len(form) <= PIECE)
		return false; /* only as a whole */
	for (size_t at = 0; at + PIECE <= len; at += step)
		if (memmem(secret_text(form), secret_len(form), text + at,
			PIECE) != NULL)
			return true;
	return false;
}

bool
secret_forms_whole(const struct secret_forms *f, const char *text, size_t len)
{
	for (size_t i = 0; i < f->n; i++)
		if (memmem(text, len, secret_text(f->v[i]),
			secret_len(f->v[i])) != NULL)
			return true;
	return false;
}

bool
secret_forms_in(const struct secret_forms *f, const char *text, size_t len)
{
	if (secret_forms_whole(f, text, len))
		return true;
	for (size_t i = 0; i < f->n; i++)
		if (has_piece(f->v[i], text, len))
			return true;
	return false;
}

void
secret_forms_done(struct secret_forms *f)
{
	for (size_t i = 0; i < f->n; i++)
		secret_free(f->v[i]);
	*f = (struct secret_forms){0};
}
