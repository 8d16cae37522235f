/* SPDX-License-Identifier: ISC
 *
 * Complaints about a playbook: where, which kind, and one sentence that says
 * what was expected and what to do; and the guess at what was meant.
 */
#include "parse.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../../probes/base/buf.h"
#include "../../probes/base/mem.h"
#include "../../probes/base/yaml.h"

#define COMPLAINT_TEXT_MAX 1000
/* Guessing costs time: only so many complaints and candidates are guessed. */
#define GUESS_TRIES 2000

static void __attribute__((format(printf, 5, 0)))
add(struct complaints *c, bool is_warning, const char *id, struct place at,
    const char *fmt, va_list ap)
{
	if (complaints_full(c))
		return;
	char text[COMPLAINT_TEXT_MAX];
	vsnprintf(text, sizeof(text), fmt, ap);
	struct complaint *x = MEM_PUSH(&c->v, &c->n, &c->cap);
	x->at = at;
	x->is_warning = is_warning;
	snprintf(x->id, sizeof(x->id), "%s", id);
	x->text = str_printable(text, strlen(text));
}

void
complain(
    struct complaints *c, const char *id, struct place at, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	add(c, false, id, at, fmt, ap);
	va_end(ap);
}

void
complain_mildly(
    struct complaints *c, const char *id, struct place at, const char *fmt, ...)
{
	/* Warnings leave half of the room to errors. */
	if (c->n >= PLAYBOOK_MAX_COMPLAINTS / 2)
		return;
	va_list ap;

	va_start(ap, fmt);
	add(c, true, id, at, fmt, ap);
	va_end(ap);
}

void
complaints_done(struct complaints *c)
{
	for (size_t i = 0; i < c->n; i++)
		mem_free(c->v[i].text);
	mem_free(c->v);
	*c = (struct complaints){0};
}

bool
complaints_full(const struct complaints *c)
{
	return c->n >= PLAYBOOK_MAX_COMPLAINTS;
}

size_t
complaints_errors(const struct complaints *c)
{
	size_t n = 0;

	for (size_t i = 0; i < c->n; i++)
		n += !c->v[i].is_warning;
	return n;
}

static int
by_place(const void *a, const void *b)
{
	const struct complaint *x = a, *y = b;

	if (x->at.line != y->at.line)
		return x->at.line < y->at.line ? -1 : 1;
	if (x->at.column != y->at.column)
		return x->at.column < y->at.column ? -1 : 1;
	return strcmp(x->id, y->id);
}

void
complaints_sort(struct complaints *c)
{
	if (c->n > 1)
		qsort(c->v, c->n, sizeof(*c->v), by_place);
}

struct place
place_of(const struct yaml *y)
{
	return (struct place){.line = y->line, .column = y->column};
}

void
guess_start(struct guess *g, const char *word)
{
	*g = (struct guess){.word = word};
	size_t len = strlen(word);
	/* A third of a short word may be wrong, never more than 3 letters. */
	int limit = len < 3 ? 1 : len < 6 ? 2 : 3;
	g->distance = limit + 1;
}

void
guess_try(struct guess *g, const char *candidate)
{
	if (g->tries >= GUESS_TRIES || g->distance == 1)
		return;
	int a = (int)strnlen(g->word, 256), b = (int)strnlen(candidate, 256);
	if (abs(a - b) >= g->distance)
		return;
	g->tries++;
	int d = str_distance(g->word, candidate, g->distance - 1);
	if (d >= g->distance || d == 0)
		return;
	g->distance = d;
	g->best = candidate;
	snprintf(g->text, sizeof(g->text), ", did you mean \"%.*s\"?",
	    PLAYBOOK_MAX_NAME, candidate);
}

void
guess_try_all(struct guess *g, const char *const *candidates)
{
	for (; candidates && *candidates; candidates++)
		guess_try(g, *candidates);
}

void
guess_try_set(struct guess *g, const char *set)
{
	struct strs words = {0};

	strs_split(&words, set, "|");
	for (size_t i = 0; i < words.n; i++)
		guess_try(g, words.v[i]);
	g->best = NULL; /* the words are gone; the text stays */
	strs_done(&words);
}

const char *
guess_text(struct guess *g)
{
	return g->text;
}
