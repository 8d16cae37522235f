/* SPDX-License-Identifier: ISC
 *
 * Reads YAML maps into structs by table. Every complaint says where, what,
 * what was expected and what to do.
 */
#include "load.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "../../probes/base/buf.h"
#include "../../probes/base/clock.h"
#include "../../probes/base/mem.h"
#include "../playbook/when.h"

bool
load_bad(struct load *l, const struct yaml *at, const char *fmt, ...)
{
	char text[sizeof(l->err->msg)];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	return err_set(l->err, ERR_SYNTAX, "%s:%d:%d: %s", l->file, at->line,
	    at->column, text);
}

bool
load_is_map(struct load *l, const struct yaml *y, const char *what)
{
	if (y->kind == YAML_MAP)
		return true;
	return load_bad(l, y,
	    "%s is no map, expected `key: value` lines; indent them below "
	    "their name",
	    what);
}

bool
load_is_list(struct load *l, const struct yaml *y, const char *what)
{
	if (y->kind == YAML_LIST)
		return true;
	return load_bad(l, y,
	    "%s is no list, expected lines that start with a dash; put `- ` "
	    "before each item",
	    what);
}

/* Runs of white space become one blank, so a text may be wrapped freely. */
static char *
fold(const char *s)
{
	struct buf b;
	char *folded, *printable;

	buf_init(&b, BUF_OURS);
	for (; *s; s++) {
		bool blank = strchr(" \t\r\n", *s) != NULL;

		if (!blank)
			buf_addc(&b, *s);
		else if (b.len > 0 && b.data[b.len - 1] != ' ')
			buf_addc(&b, ' ');
	}
	if (b.len > 0 && b.data[b.len - 1] == ' ')
		b.data[--b.len] = '\0';
	folded = buf_take(&b);
	printable = str_printable(folded, strlen(folded));
	mem_free(folded);
	return printable;
}

char *
load_text(struct load *l, const struct yaml *y, const char *what)
{
	char *text;

	if (y->kind != YAML_TEXT) {
		load_bad(l, y,
		    "%s is a list or a map, expected one text; write it in "
		    "double quotes",
		    what);
		return NULL;
	}
	text = fold(y->text);
	if (*text)
		return text;
	load_bad(l, y, "%s is empty, expected a text; fill it in or remove it",
	    what);
	mem_free(text);
	return NULL;
}

char *
load_date(struct load *l, const struct yaml *y, int64_t *ms)
{
	const char *text = yaml_text(y);
	int64_t when_ms;

	if (!text || strlen(text) != 10 || !clock_parse(text, &when_ms)) {
		load_bad(l, y,
		    "\"%.40s\" is no date, expected year-month-day like "
		    "2026-11-23; write it so",
		    text ? text : "");
		return NULL;
	}
	if (ms)
		*ms = when_ms;
	return mem_dup(text);
}

static bool
one_of(struct load *l, const struct yaml *y, const char *key, const char *set,
    const char *text)
{
	if (str_in_set(text, set))
		return true;
	return load_bad(l, y,
	    "\"%.40s\" is no value of `%s`, expected one of %s; choose one",
	    text, key, set);
}

static bool
read_text(struct load *l, const struct yaml *y, const struct load_key *key,
    char **out)
{
	char *text = load_text(l, y, key->key);

	if (!text)
		return false;
	if (key->set && !one_of(l, y, key->key, key->set, text)) {
		mem_free(text);
		return false;
	}
	*out = text;
	return true;
}

static bool
read_strs(
    struct load *l, const struct yaml *y, const char *key, struct strs *out)
{
	size_t n = y->kind == YAML_LIST ? y->n : 1;

	for (size_t i = 0; i < n; i++) {
		const struct yaml *item =
		    y->kind == YAML_LIST ? y->items[i] : y;
		char *text = load_text(l, item, key);

		if (!text)
			return false;
		strs_take(out, text);
	}
	return true;
}

static bool
read_kvs(struct load *l, const struct yaml *y, const char *key, struct kvs *out)
{
	if (!load_is_map(l, y, key))
		return false;
	for (size_t i = 0; i < y->n; i++) {
		char *text = load_text(l, y->items[i], y->keys[i]->text);

		if (!text)
			return false;
		kvs_set(out, y->keys[i]->text, text);
		mem_free(text);
	}
	return true;
}

static bool
read_yes(struct load *l, const struct yaml *y, const char *key, bool *out)
{
	const char *text = yaml_text(y);

	if (!text || !str_in_set(text, "yes|no"))
		return load_bad(l, y,
		    "`%s` is neither, expected yes or no; choose one", key);
	*out = str_eq(text, "yes");
	return true;
}

static bool
read_port(struct load *l, const struct yaml *y, const char *key, int *out)
{
	const char *text = yaml_text(y);
	int64_t port;

	if (!text || !str_number(text, 1, 65535, &port))
		return load_bad(l, y,
		    "`%s` is no port, expected a number from 1 to 65535; "
		    "write it in digits",
		    key);
	*out = (int)port;
	return true;
}

/* A condition; its first problem becomes ours. */
static bool
read_when(struct load *l, const struct yaml *y, struct when **out)
{
	struct complaints c = {0};
	struct yaml at = *y;
	bool ok;

	*out = when_parse(y, &c);
	ok = *out && c.n == 0;
	if (!ok && c.n > 0) {
		at.line = c.v[0].at.line;
		at.column = c.v[0].at.column;
		load_bad(l, &at, "%s", c.v[0].text);
	} else if (!ok) {
		load_bad(l, y,
		    "this is no condition, expected a map of facts to values; "
		    "write `{fact: value}`");
	}
	complaints_done(&c);
	return ok;
}

/* "text", or {text: "...", when: {...}}; `who` in place of `text` where
 * the texts are words of a set. */
static bool
read_item(struct load *l, const struct yaml *y, const struct load_key *key,
    struct text_when *out)
{
	const char *name = key->set ? "who" : "text";

	if (y->kind != YAML_MAP)
		return read_text(l, y, key, &out->text);
	for (size_t i = 0; i < y->n; i++) {
		const char *k = y->keys[i]->text;

		if (!str_eq(k, name) && !str_eq(k, "when"))
			return load_bad(l, y->keys[i],
			    "unknown key `%s` in `%s`, expected `%s` or "
			    "`when`; rename or remove it",
			    k, key->key, name);
	}
	if (!yaml_get(y, name))
		return load_bad(l, y,
		    "an item of `%s` lacks `%s`, expected a text; add it",
		    key->key, name);
	if (!read_text(l, yaml_get(y, name), key, &out->text))
		return false;
	if (!yaml_get(y, "when"))
		return true;
	return read_when(l, yaml_get(y, "when"), &out->when);
}

static bool
read_texts(struct load *l, const struct yaml *y, const struct load_key *key,
    char *object)
{
	struct text_when **items =
	    (struct text_when **)(void *)(object + key->offset);
	size_t *count = (size_t *)(void *)(object + key->count);
	size_t n = y->kind == YAML_LIST ? y->n : 1;

	if (n == 0)
		return load_bad(l, y,
		    "`%s` is empty, expected at least one text; add one",
		    key->key);
	*items = mem_alloc(n * sizeof(**items));
	*count = n;
	for (size_t i = 0; i < n; i++) {
		const struct yaml *item =
		    y->kind == YAML_LIST ? y->items[i] : y;

		if (!read_item(l, item, key, &(*items)[i]))
			return false;
	}
	if (key->first_holds && (*items)[n - 1].when)
		return load_bad(l, y,
		    "the last item of `%s` has a condition, expected one that "
		    "always holds; add an item without `when` at the end",
		    key->key);
	return true;
}

static bool
read_key(struct load *l, const struct yaml *y, const struct load_key *key,
    char *object)
{
	void *member = object + key->offset;

	switch (key->kind) {
	case LOAD_TEXT:
	case LOAD_WORD:
		return read_text(l, y, key, member);
	case LOAD_DATE:
		*(char **)member = load_date(l, y, NULL);
		return *(char **)member != NULL;
	case LOAD_STRS:
		return read_strs(l, y, key->key, member);
	case LOAD_KVS:
		return read_kvs(l, y, key->key, member);
	case LOAD_YES:
		return read_yes(l, y, key->key, member);
	case LOAD_PORT:
		return read_port(l, y, key->key, member);
	case LOAD_TEXTS:
		return read_texts(l, y, key, object);
	case LOAD_OWN:
		return key->read(l, y, object);
	}
	return false;
}

/* "a, b, c", and the nearest of them to `wrong` or NULL. */
static const char *
list_keys(const struct load_key *keys, const char *wrong, struct buf *list)
{
	const char *nearest = NULL;
	int best = 3;

	for (const struct load_key *k = keys; k->key; k++) {
		int distance = str_distance(wrong, k->key, 2);

		buf_addf(list, "%s%s", k == keys ? "" : ", ", k->key);
		if (distance < best) {
			best = distance;
			nearest = k->key;
		}
	}
	return nearest;
}

static bool
unknown_key(struct load *l, const struct yaml *at, const char *what,
    const struct load_key *keys)
{
	struct buf list;
	const char *nearest;

	buf_init(&list, 400);
	nearest = list_keys(keys, at->text, &list);
	if (nearest)
		load_bad(l, at,
		    "unknown key `%.40s` in %s, expected one of %s; did you "
		    "mean `%s`?",
		    at->text, what, list.data, nearest);
	else
		load_bad(l, at,
		    "unknown key `%.40s` in %s, expected one of %s; rename or "
		    "remove it",
		    at->text, what, list.data);
	buf_done(&list);
	return false;
}

static const struct load_key *
find_key(const struct load_key *keys, const char *name)
{
	for (; keys->key; keys++)
		if (str_eq(keys->key, name))
			return keys;
	return NULL;
}

bool
load_map(struct load *l, const struct yaml *y, const char *what,
    const struct load_key *keys, void *object)
{
	if (!load_is_map(l, y, what))
		return false;
	for (size_t i = 0; i < y->n; i++) {
		const struct load_key *key = find_key(keys, y->keys[i]->text);

		if (!key)
			return unknown_key(l, y->keys[i], what, keys);
		if (!read_key(l, y->items[i], key, object))
			return false;
	}
	for (const struct load_key *k = keys; k->key; k++)
		if (k->required && !yaml_get(y, k->key))
			return load_bad(l, y,
			    "%s lacks `%s`, expected it in every one; add it",
			    what, k->key);
	return true;
}
