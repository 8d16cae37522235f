/* SPDX-License-Identifier: ISC
 *
 * The facts of a case: a small table, rebuilt after every event from what
 * was answered and what came back, so that going back needs no undo.
 */
#include "engine_in.h"

#include "../../probes/base/buf.h"
#include "../../probes/base/mem.h"
#include "facts.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

const char *
fact_from_name(enum fact_from f)
{
	switch (f) {
	case FROM_ANSWER:
		return "answer";
	case FROM_IMPORT:
		return "import";
	case FROM_PROBE:
		return "probe";
	case FROM_PROVIDER:
		return "provider";
	case FROM_DERIVED:
		return "derived";
	}
	return "derived";
}

static struct fact *
fact_find(const struct engine *e, const char *name)
{
	for (size_t i = 0; i < e->n_facts; i++)
		if (str_eq(e->facts[i].name, name))
			return &e->facts[i];
	return NULL;
}

const char *
fact_value(const struct engine *e, const char *name)
{
	const struct fact *f = fact_find(e, name);

	return f ? f->value : NULL;
}

bool
fact_is(const struct engine *e, const char *name, const char *value)
{
	const char *now = fact_value(e, name);

	return str_eq(now ? now : "unknown", value);
}

const char *
fact_lookup(const void *engine, const char *name)
{
	return fact_value(engine, name);
}

/* Printable line by line: what a server says may have several. */
static char *
printable_lines(const char *value)
{
	char *all = NULL;

	for (const char *line = value;; line++) {
		size_t len = strcspn(line, "\n");
		char *clean = str_printable(line, len);
		char *both = all ? mem_printf("%s\n%s", all, clean) : NULL;

		mem_free(all);
		all = both ? both : clean;
		if (both)
			mem_free(clean);
		line += len;
		if (!*line)
			return all;
	}
}

void
fact_put(struct engine *e, const char *name, const char *value,
    enum fact_from from, const char *by)
{
	struct fact *f = fact_find(e, name);

	if (!value || !*value)
		return;
	if (!f) {
		f = MEM_PUSH(&e->facts, &e->n_facts, &e->cap_facts);
		f->name = mem_dup(name);
	}
	mem_free(f->value);
	mem_free(f->by);
	f->value = printable_lines(value);
	f->by = mem_dup(by);
	f->from = from;
	f->at_ms = e->now_ms;
}

void
fact_putf(struct engine *e, const char *name, enum fact_from from,
    const char *by, const char *fmt, ...)
{
	char text[512];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	fact_put(e, name, text, from, by);
}

static void
fact_done(struct fact *f)
{
	mem_free(f->name);
	mem_free(f->value);
	mem_free(f->by);
}

void
facts_clear(struct engine *e)
{
	for (size_t i = 0; i < e->n_facts; i++)
		fact_done(&e->facts[i]);
	mem_free(e->facts);
	e->facts = NULL;
	e->n_facts = e->cap_facts = 0;
}

void
facts_forget_derived(struct engine *e)
{
	size_t kept = 0;

	for (size_t i = 0; i < e->n_facts; i++) {
		struct fact *f = &e->facts[i];

		if (f->from == FROM_DERIVED || f->from == FROM_PROVIDER)
			fact_done(f);
		else
			e->facts[kept++] = *f;
	}
	e->n_facts = kept;
}

const char *
engine_fact(const struct engine *e, const char *name)
{
	return fact_value(e, name);
}

const struct fact *
engine_facts(const struct engine *e, size_t *n)
{
	*n = e->n_facts;
	return e->facts;
}

bool
facts_fill_all(const struct engine *e, const char *text)
{
	const char *open = strchr(text, '{');

	while (open) {
		const char *close = strchr(open, '}');
		char *name;
		bool known;

		if (!close)
			return true;
		name = mem_dupn(open + 1, (size_t)(close - open - 1));
		known = fact_value(e, name) && !fact_is(e, name, "unknown");
		mem_free(name);
		if (!known)
			return false;
		open = strchr(close, '{');
	}
	return true;
}

char *
engine_fill(const struct engine *e, const char *text)
{
	struct buf out;
	const char *at = text;

	buf_init(&out, BUF_OURS);
	while (at && *at) {
		const char *open = strchr(at, '{');
		const char *close = open ? strchr(open, '}') : NULL;
		char *name, *time;
		const char *value;

		if (!close) {
			buf_adds(&out, at);
			break;
		}
		buf_add(&out, at, (size_t)(open - at));
		name = mem_dupn(open + 1, (size_t)(close - open - 1));
		value = fact_value(e, name);
		time = value ? words_time(value) : NULL;
		buf_adds(&out, time ? time : value ? value : "unknown");
		mem_free(time);
		mem_free(name);
		at = close + 1;
	}
	return buf_take(&out);
}
