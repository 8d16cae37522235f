/* SPDX-License-Identifier: ISC
 *
 * Secrets live in pages of their own: locked into memory, left out of core
 * files and empty in child processes where the system can do that, and
 * wiped before they are given back. Where secrets come from is
 * secret_source.c.
 */
#include "secret.h"

#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base64.h"
#include "bug.h"
#include "mem.h"
#include "str.h"
#include "token_shape.h"

struct secret {
	char *text; /* pages of its own, NUL-ended */
	size_t len, size;
};

void
secret_wipe(void *p, size_t len)
{
	if (p != NULL && len > 0)
		explicit_bzero(p, len);
}

/* Room for len bytes and a NUL. */
static struct secret *
secret_new(size_t len)
{
	struct secret *s = mem_new(struct secret);
	size_t page = (size_t)sysconf(_SC_PAGESIZE);

	s->len = len;
	s->size = (len / page + 1) * page;
	s->text = mmap(NULL, s->size, PROT_READ | PROT_WRITE,
	    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (s->text == MAP_FAILED)
		BUG("out of memory (%zu bytes wanted)", s->size);
	/* each as far as the system goes along: none is needed to work */
	(void)mlock(s->text, s->size);
	(void)madvise(s->text, s->size, MADV_DONTDUMP);
	(void)madvise(s->text, s->size, MADV_WIPEONFORK);
	return s;
}

bool
secret_set(struct secret **to, const char *text, size_t len, struct err *err)
{
	struct secret *s;

	if (len > SECRET_MAX)
		return err_set(err, ERR_LIMIT,
		    "a password or token may have %d bytes at most",
		    SECRET_MAX);
	if (memchr(text, '\0', len) != NULL)
		return err_set(
		    err, ERR_LIMIT, "there is a NUL byte in the secret");
	s = secret_new(len);
	memcpy(s->text, text, len);
	secret_free(*to);
	*to = s;
	return true;
}

struct secret *
secret_copy(const struct secret *s)
{
	struct secret *copy;

	if (s == NULL)
		return NULL;
	copy = secret_new(s->len);
	memcpy(copy->text, s->text, s->len);
	return copy;
}

void
secret_free(struct secret *s)
{
	if (s == NULL)
		return;
	secret_wipe(s->text, s->size);
	munmap(s->text, s->size);
	secret_wipe(s, sizeof(*s));
	mem_free(s);
}

const char *
secret_text(const struct secret *s)
{
	return s->text;
}

size_t
secret_len(const struct secret *s)
{
	return s->len;
}

struct secret *
secret_join(const struct secret_part *parts, size_t n)
{
	struct secret *s;
	size_t len = 0, at = 0;

	for (size_t i = 0; i < n; i++)
		len += parts[i].len;
	s = secret_new(len);
	for (size_t i = 0; i < n; i++) {
		memcpy(s->text + at, parts[i].data, parts[i].len);
		at += parts[i].len;
	}
	return s;
}

struct secret *
secret_base64(const struct secret *s)
{
	struct secret *text = secret_new(base64_size(s->len) - 1);

	base64_encode(s->text, s->len, text->text);
	return text;
}

/* ---- what is odd about a password ---- */

static bool
is_blank(char c)
{
	return c == ' ' || c == '\t';
}

static bool
is_upper(char c)
{
	return c >= 'A' && c <= 'Z';
}

static bool
is_lower(char c)
{
	return c >= 'a' && c <= 'z';
}

/* Blanks that do not look like blanks, and what is not seen at all. */
static bool
has_hidden_blank(const char *text)
{
	static const char *const hidden[] = {
	    "\xc2\xa0", /* U+00A0 no-break space */
	    "\xe2\x80\x87", /* U+2007 figure space */
	    "\xe2\x80\xaf", /* U+202F narrow no-break space */
	    "\xe2\x80\x8b", /* U+200B zero width space */
	    "\xe2\x80\x8c", "\xe2\x80\x8d", /* zero width joiners */
	    "\xe2\x81\xa0", /* U+2060 word joiner */
	    "\xef\xbb\xbf", /* U+FEFF byte order mark */
	    "\xc2\xad", /* U+00AD soft hyphen */
	};

	for (size_t i = 0; i < sizeof(hidden) / sizeof(hidden[0]); i++)
		if (strstr(text, hidden[i]) != NULL)
			return true;
	return false;
}

/* "SECRET1" and "sECRET1": many letters, at most the first one small. */
static bool
looks_capsed(const char *text)
{
	size_t upper = 0, lower = 0;
	bool first_is_lower = false;

	for (const char *c = text; *c != '\0'; c++) {
		if (is_lower(*c) && upper + lower == 0)
			first_is_lower = true;
		upper += is_upper(*c);
		lower += is_lower(*c);
	}
	if (first_is_lower)
		return lower == 1 && upper >= 5;
	return lower == 0 && upper >= 5;
}

/*
 * The app passwords of Google, Yahoo and Microsoft: 16 small letters, shown
 * in four groups, the blanks between them not part of it.
 */
static bool
is_app_password(const char *text, bool in_groups)
{
	size_t letters = 0, blanks = 0;

	for (const char *c = text; *c != '\0'; c++) {
		if (is_lower(*c))
			letters++;
		else if (in_groups && *c == ' ' && letters % 4 == 0 &&
			 letters > 0 && c[-1] != ' ')
			blanks++;
		else
			return false;
	}
	return letters == 16 && (!in_groups || blanks == 3);
}

void
secret_oddities(const struct secret *s, struct strs *ids)
{
	const char *text = s->text;
	bool control = false, wide = false;

	if (s->len == 0) {
		strs_add(ids, "empty");
		return;
	}
	for (size_t i = 0; i < s->len; i++) {
		unsigned char c = (unsigned char)text[i];

		control |= (c < 0x20 && c != '\t') || c == 0x7f;
		wide |= c >= 0x80;
	}
	if (is_blank(text[0]))
		strs_add(ids, "leading-blank");
	if (is_blank(text[s->len - 1]))
		strs_add(ids, "trailing-blank");
	if (has_hidden_blank(text))
		strs_add(ids, "nbsp");
	else if (wide)
		strs_add(ids, "non-ascii");
	if (control)
		strs_add(ids, "control");
	if (token_shape_of(text, s->len) != TOKEN_SHAPE_NONE)
		strs_add(ids, "looks-like-token");
	else if (looks_capsed(text))
		strs_add(ids, "caps-lock");
	if (is_app_password(text, true))
		strs_add(ids, "app-password-blanks");
	else if (is_app_password(text, false))
		strs_add(ids, "app-password");
}
