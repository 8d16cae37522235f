/* SPDX-License-Identifier: ISC
 *
 * Which entry explains a server's reply best. What is compared, and in which
 * order, stands in struct fit; nothing here knows a single reply.
 */
#include "knowledge.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../../probes/base/buf.h"
#include "../../probes/base/mem.h"
#include "shown.h"

#define ENHANCED_MAX 8 /* different enhanced codes in one reply */
#define REPLY_TEXT_MAX 16384

struct seen { /* a reply, prepared for comparing */
	const struct provider *provider; /* NULL: not known */
	const char *stage; /* NULL: not known */
	char code[12]; /* "" where there is none */
	char enhanced[ENHANCED_MAX][16];
	size_t n_enhanced;
	char *text; /* owned: one line without the codes in front */
};

/* Compared from the top; the greater one is more specific. */
struct fit {
	int tier; /* 2, weak 1, class 0 */
	int provider;
	int enhanced; /* exact 3, range 2, star 1 */
	int words; /* characters of all fragments */
	int fragments;
	int code; /* exact 2, star 1 */
	int stage;
	int general; /* for any provider: wins a draw */
};
#define FIT_PARTS (sizeof(struct fit) / sizeof(int))

static bool
is_known(const char *word)
{
	return word && *word && !str_in_set(word, "unknown|none|any");
}

static bool
is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* Length of "5.7.139" at s, 0 when there is none (RFC 3463 section 2). */
static size_t
enhanced_at(const char *s)
{
	size_t y, z;

	if (!strchr("245", *s) || !*s || s[1] != '.')
		return 0;
	y = strspn(s + 2, "0123456789");
	if (y < 1 || y > 3 || s[2 + y] != '.')
		return 0;
	z = strspn(s + 3 + y, "0123456789");
	if (z < 1 || z > 3)
		return 0;
	if (s[3 + y + z] == '.' && is_digit(s[4 + y + z]))
		return 0;
	return 3 + y + z;
}

/* May a number begin after this byte? Not inside a word or an address. */
static bool
may_follow(char c)
{
	return c != '.' && !is_digit(c) &&
	       !((c | 32) >= 'a' && (c | 32) <= 'z');
}

static void
add_enhanced(struct seen *s, const char *text, size_t len)
{
	char one[16];

	if (len == 0 || len >= sizeof(one) || s->n_enhanced == ENHANCED_MAX)
		return;
	memcpy(one, text, len);
	one[len] = '\0';
	for (size_t i = 0; i < s->n_enhanced; i++)
		if (str_eq(s->enhanced[i], one))
			return;
	memcpy(s->enhanced[s->n_enhanced++], one, sizeof(one));
}

static void
find_enhanced(struct seen *s, const char *text)
{
	for (const char *at = text; *at; at++) {
		size_t len = enhanced_at(at);

		if (len > 0 && (at == text || may_follow(at[-1])))
			add_enhanced(s, at, len);
	}
}

/* Takes "550-5.7.1 " off the start of a line, so that a sentence that a
 * server cut into lines is whole again. */
static const char *
skip_codes(const char *line)
{
	size_t len;

	line += strspn(line, " \t");
	if (strspn(line, "0123456789") == 3 &&
	    (line[3] == '-' || line[3] == ' '))
		line += 4;
	line += strspn(line, " \t#");
	len = enhanced_at(line);
	if (len > 0 && strchr(" \t\r\n", line[len]))
		line += len;
	return line;
}

static char *
join_lines(const char *text)
{
	struct buf b;
	char *joined, *flat;

	buf_init(&b, REPLY_TEXT_MAX);
	while (*text && !b.full) {
		const char *line = skip_codes(text);
		size_t len = strcspn(line, "\n");

		buf_add(&b, line, len);
		buf_addc(&b, ' ');
		text = line + len;
		if (*text)
			text++;
	}
	joined = buf_take(&b);
	flat = shown_flatten(joined);
	mem_free(joined);
	return flat;
}

/* Does "535", "4*", "5.7.*" or "5.7.606-649" cover the code? 3, 2 or 1 by
 * how closely, 0 when not. */
static int
covers(const char *pattern, const char *code)
{
	const char *star = strchr(pattern, '*');
	const char *dash = strchr(pattern, '-');
	const char *last;
	size_t same;
	long n;

	if (star)
		return strncmp(pattern, code, (size_t)(star - pattern)) == 0;
	if (!dash)
		return str_eq(pattern, code) ? 3 : 0;
	last = strrchr(pattern, '.');
	same = last ? (size_t)(last + 1 - pattern) : 0;
	if (strncmp(pattern, code, same) != 0 || !is_digit(code[same]))
		return 0;
	n = strtol(code + same, NULL, 10);
	return n >= strtol(pattern + same, NULL, 10) &&
		       n <= strtol(dash + 1, NULL, 10)
		   ? 2
		   : 0;
}

static int
covers_any(const struct strs *patterns, const char *code)
{
	int best = 0;

	for (size_t i = 0; i < patterns->n; i++) {
		int how = covers(patterns->v[i], code);

		if (how > best)
			best = how;
	}
	return best;
}

static bool
is_provider(const struct provider *p, const char *pattern)
{
	size_t len = strlen(pattern);

	if (len > 1 && pattern[len - 1] == '*')
		return strncmp(p->id, pattern, len - 1) == 0;
	return str_eq(p->id, pattern) || str_eq(p->kind, pattern);
}

static bool
fit_provider(const struct reply_text *r, const struct seen *s, struct fit *fit)
{
	fit->general = r->providers.n == 0;
	if (r->providers.n == 0)
		return true;
	if (!s->provider)
		return r->match.n > 0 && !r->ask_provider;
	for (size_t i = 0; i < r->providers.n; i++)
		if (is_provider(s->provider, r->providers.v[i]))
			fit->provider = 1;
	return fit->provider == 1;
}

/* The longest of "one | other" that is shown; 0: none. */
static int
fit_fragment(const char *fragment, const char *text)
{
	int best = 0;

	while (*fragment) {
		const char *end = strstr(fragment, " | ");
		size_t len = end ? (size_t)(end - fragment) : strlen(fragment);
		char *one = mem_dupn(fragment, len);

		if ((int)len > best && shown_has(text, one))
			best = (int)len;
		mem_free(one);
		fragment += len + (end ? 3 : 0);
	}
	return best;
}

static bool
fit_words(const struct strs *match, const char *text, struct fit *fit)
{
	for (size_t i = 0; i < match->n; i++) {
		int len = fit_fragment(match->v[i], text);

		if (len == 0)
			return false;
		fit->words += len;
		fit->fragments++;
	}
	return true;
}

/* An enhanced code that is missing or another one does not matter where the
 * words fit: servers use these codes freely. */
static bool
fit_enhanced(const struct reply_text *r, const struct seen *s, struct fit *fit)
{
	for (size_t i = 0; i < s->n_enhanced; i++) {
		int how = covers_any(&r->enhanced, s->enhanced[i]);

		if (how > fit->enhanced)
			fit->enhanced = how;
	}
	return r->enhanced.n == 0 || fit->enhanced > 0 || r->match.n > 0;
}

/* Where no code is known, the rest of the entry has to say enough; "5*" is
 * also shown by an enhanced code alone. */
static bool
fit_code(const struct reply_text *r, const struct seen *s, struct fit *fit)
{
	if (r->codes.n == 0)
		return true;
	if (!*s->code)
		return r->match.n > 0 || fit->enhanced > 0 ||
		       (s->n_enhanced > 0 &&
			   covers_any(&r->codes, s->enhanced[0]) > 0);
	fit->code = covers_any(&r->codes, s->code);
	return fit->code > 0;
}

/* Where nobody knows the stage, only the words can show that it fits. */
static bool
fit_stage(const struct reply_text *r, const struct seen *s, struct fit *fit)
{
	if (r->stages.n == 0)
		return true;
	if (!s->stage) {
		fit->tier = r->class ? 0 : 1;
		return r->match.n > 0;
	}
	fit->stage = strs_has(&r->stages, s->stage);
	return fit->stage == 1;
}

static bool
fits(const struct reply_text *r, const struct seen *s, struct fit *fit)
{
	memset(fit, 0, sizeof(*fit));
	fit->tier = r->class ? 0 : r->weak ? 1 : 2;
	/* The words last, they cost most. */
	return fit_provider(r, s, fit) && fit_enhanced(r, s, fit) &&
	       fit_code(r, s, fit) && fit_stage(r, s, fit) &&
	       fit_words(&r->match, s->text, fit);
}

static int
compare(const struct fit *a, const struct fit *b)
{
	int left[FIT_PARTS], right[FIT_PARTS];

	memcpy(left, a, sizeof(left));
	memcpy(right, b, sizeof(right));
	for (size_t i = 0; i < FIT_PARTS; i++)
		if (left[i] != right[i])
			return left[i] < right[i] ? -1 : 1;
	return 0;
}

static void
prepare(struct seen *s, const struct knowledge *k, const char *provider,
    const char *stage, int code, const char *enhanced, const char *text)
{
	memset(s, 0, sizeof(*s));
	for (size_t i = 0; is_known(provider) && i < k->n_providers; i++)
		if (str_eq(k->providers[i].id, provider))
			s->provider = &k->providers[i];
	s->stage = is_known(stage) ? stage : NULL;
	if (code > 0)
		snprintf(s->code, sizeof(s->code), "%d", code);
	if (enhanced)
		find_enhanced(s, enhanced);
	if (text)
		find_enhanced(s, text);
	s->text = join_lines(text ? text : "");
}

#define BEST_MAX 8

size_t
knowledge_replies(const struct knowledge *k, const char *provider,
    const char *stage, int code, const char *enhanced, const char *text,
    const struct reply_text **best, size_t max)
{
	struct fit fit, list[BEST_MAX];
	struct seen s;
	size_t n = 0;

	if (max > BEST_MAX)
		max = BEST_MAX;
	prepare(&s, k, provider, stage, code, enhanced, text);
	for (size_t i = 0; i < k->n_replies; i++) {
		size_t at = n;

		if (!fits(&k->replies[i], &s, &fit))
			continue;
		while (at > 0 && compare(&list[at - 1], &fit) < 0)
			at--;
		if (at >= max)
			continue;
		if (n < max)
			n++;
		memmove(
		    &list[at + 1], &list[at], (n - at - 1) * sizeof(list[0]));
		memmove(
		    &best[at + 1], &best[at], (n - at - 1) * sizeof(best[0]));
		list[at] = fit;
		best[at] = &k->replies[i];
	}
	mem_free(s.text);
	return n;
}

const struct reply_text *
knowledge_reply(const struct knowledge *k, const char *provider,
    const char *stage, int code, const char *enhanced, const char *text)
{
	const struct reply_text *best;

	if (knowledge_replies(
		k, provider, stage, code, enhanced, text, &best, 1) == 0)
		return NULL;
	return best;
}

const char *
knowledge_speaker(const struct knowledge *k, const char *text)
{
	for (size_t i = 0; i < k->n_marks; i++)
		for (size_t j = 0; j < k->marks[i].texts.n; j++)
			if (str_find_nocase(text, k->marks[i].texts.v[j]))
				return k->marks[i].provider;
	return NULL;
}

const struct reply_text *
knowledge_verify(const struct knowledge *k, int number)
{
	char text[12];

	snprintf(text, sizeof(text), "%d", number);
	for (size_t i = 0; i < k->n_tls; i++)
		if (covers_any(&k->tls[i].codes, text))
			return &k->tls[i];
	return NULL;
}

const struct reply_text *
knowledge_tls(const struct knowledge *k, const char *text)
{
	const struct reply_text *found = NULL;
	char *flat = shown_flatten(text);
	int best = 0;

	for (size_t i = 0; i < k->n_tls; i++) {
		const struct reply_text *r = &k->tls[i];
		struct fit fit = {0};

		for (size_t j = 0; j < r->names.n; j++)
			if (shown_has(flat, r->names.v[j]) &&
			    (int)strlen(r->names.v[j]) > fit.words)
				fit.words = (int)strlen(r->names.v[j]);
		if (fit.words == 0 &&
		    (r->match.n == 0 || !fit_words(&r->match, flat, &fit)))
			continue;
		if (fit.words <= best)
			continue;
		best = fit.words;
		found = r;
	}
	mem_free(flat);
	return found;
}

/* A number wherever it stands; a name only as it is written in headers, so
 * that plain words ("timeout") are none. */
static size_t
code_shown(const struct reply_text *r, const char *text)
{
	size_t best = 0;

	for (size_t i = 0; i < r->codes.n; i++)
		if (strlen(r->codes.v[i]) > best &&
		    shown_has(text, r->codes.v[i]))
			best = strlen(r->codes.v[i]);
	for (size_t i = 0; i < r->names.n; i++)
		if (strlen(r->names.v[i]) > best &&
		    strchr(r->names.v[i], '_') && strstr(text, r->names.v[i]))
			best = strlen(r->names.v[i]);
	return best;
}

const struct reply_text *
knowledge_code(const struct knowledge *k, const char *text)
{
	char *flat = shown_flatten(text);
	const struct reply_text *found = NULL;
	size_t best = 0;

	for (size_t i = 0; i < k->n_codes; i++) {
		size_t len = code_shown(&k->codes[i], flat);

		if (len <= best)
			continue;
		best = len;
		found = &k->codes[i];
	}
	mem_free(flat);
	return found;
}

const struct reply_text *
knowledge_class(const struct knowledge *k, const char *class)
{
	for (size_t i = 0; i < k->n_classes; i++)
		if (strs_has(&k->classes[i].names, class))
			return &k->classes[i];
	return NULL;
}
