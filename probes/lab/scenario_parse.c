/* SPDX-License-Identifier: ISC
 *
 * Reading maps of a scenario by tables of keys. Knows no key itself.
 */
#include "scenario_parse.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "../base/mem.h"

_Static_assert(sizeof(enum lab_cert) == sizeof(unsigned),
    "scenario_set_word stores every enum as an unsigned");

bool
scenario_fail(
    struct scenario_reader *r, const struct yaml *at, const char *fmt, ...)
{
	char text[400];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	return err_set(r->err, ERR_SYNTAX, "%s:%d:%d: %s", r->file, at->line,
	    at->column, text);
}

static const char *
nearest(const char *text, const struct scenario_key *keys)
{
	const char *best = NULL;
	int best_distance = 3;

	for (; keys->name != NULL; keys++) {
		int d = str_distance(text, keys->name, 2);

		if (d < best_distance) {
			best_distance = d;
			best = keys->name;
		}
	}
	return best;
}

static bool
unknown_key(struct scenario_reader *r, const struct yaml *key,
    const struct scenario_key *keys)
{
	const char *near = nearest(key->text, keys);

	if (near != NULL) {
		return scenario_fail(r, key,
		    "unknown key \"%.60s\"; did you mean \"%s\"?", key->text,
		    near);
	}
	return scenario_fail(r, key, "unknown key \"%.60s\"", key->text);
}

bool
scenario_read_map(struct scenario_reader *r, void *object, const struct yaml *y,
    const struct scenario_key *keys)
{
	if (y->kind != YAML_MAP)
		return scenario_fail(r, y, "a map of keys is expected here");
	for (size_t i = 0; i < y->n; i++) {
		const struct scenario_key *k = keys;

		while (k->name != NULL && !str_eq(k->name, y->keys[i]->text))
			k++;
		if (k->name == NULL)
			return unknown_key(r, y->keys[i], keys);
		if (!k->set(r, object, y->items[i], k))
			return false;
	}
	return true;
}

const char *
scenario_text(struct scenario_reader *r, const struct yaml *y)
{
	const char *text = yaml_text(y);

	if (text == NULL) {
		scenario_fail(r, y, "a text is expected here");
		return NULL;
	}
	if (strlen(text) > SCENARIO_MAX_TEXT) {
		scenario_fail(r, y, "longer than %d bytes", SCENARIO_MAX_TEXT);
		return NULL;
	}
	return text;
}

bool
scenario_set_text(struct scenario_reader *r, void *object,
    const struct yaml *value, const struct scenario_key *key)
{
	char **at = (char **)((char *)object + key->at);
	const char *text = scenario_text(r, value);

	if (text == NULL)
		return false;
	mem_free(*at);
	*at = mem_dup(text);
	return true;
}

bool
scenario_set_lines(struct scenario_reader *r, void *object,
    const struct yaml *value, const struct scenario_key *key)
{
	struct strs *at = (struct strs *)((char *)object + key->at);

	if (value->kind == YAML_TEXT) {
		const char *text = scenario_text(r, value);

		if (text != NULL)
			strs_split(at, text, "\n");
		return text != NULL;
	}
	if (value->kind != YAML_LIST)
		return scenario_fail(r, value, "a text or a list is expected");
	if (value->n > SCENARIO_MAX_LINES) {
		return scenario_fail(
		    r, value, "more than %d items", SCENARIO_MAX_LINES);
	}
	for (size_t i = 0; i < value->n; i++) {
		const char *text = scenario_text(r, value->items[i]);

		if (text == NULL)
			return false;
		strs_add(at, text);
	}
	return true;
}

bool
scenario_read_word(struct scenario_reader *r, const struct yaml *y,
    const char *words, unsigned *out)
{
	const char *text = scenario_text(r, y);
	struct strs list = {0};
	bool found = false;

	if (text == NULL)
		return false;
	strs_split(&list, words, "|");
	for (size_t i = 0; i < list.n && !found; i++) {
		if (str_eq(text, list.v[i])) {
			*out = (unsigned)i;
			found = true;
		}
	}
	strs_done(&list);
	if (!found) {
		return scenario_fail(
		    r, y, "\"%.60s\" is none of %s", text, words);
	}
	return true;
}

bool
scenario_set_word(struct scenario_reader *r, void *object,
    const struct yaml *value, const struct scenario_key *key)
{
	return scenario_read_word(
	    r, value, key->words, (unsigned *)((char *)object + key->at));
}

bool
scenario_set_bool(struct scenario_reader *r, void *object,
    const struct yaml *value, const struct scenario_key *key)
{
	unsigned yes;

	if (!scenario_read_word(r, value, "no|yes", &yes))
		return false;
	*(bool *)((char *)object + key->at) = yes != 0;
	return true;
}

bool
scenario_set_number(struct scenario_reader *r, void *object,
    const struct yaml *value, const struct scenario_key *key)
{
	const char *text = scenario_text(r, value);
	int64_t n;

	if (text == NULL)
		return false;
	if (!str_number(text, 0, key->max, &n)) {
		return scenario_fail(r, value,
		    "%s must be a number from 0 to %lld", key->name,
		    (long long)key->max);
	}
	*(int64_t *)((char *)object + key->at) = n;
	return true;
}

bool
scenario_set_int(struct scenario_reader *r, void *object,
    const struct yaml *value, const struct scenario_key *key)
{
	struct scenario_key plain = *key;
	int64_t n;

	plain.at = 0;
	if (!scenario_set_number(r, &n, value, &plain))
		return false;
	*(int *)((char *)object + key->at) = (int)n;
	return true;
}

bool
scenario_duration(const char *text, int64_t *out_ms)
{
	static const struct {
		const char *unit;
		int64_t ms;
	} units[] = {{"ms", 1}, {"s", 1000}, {"m", 60000}, {"h", 3600000},
	    {"d", 86400000}};
	const size_t n_units = sizeof(units) / sizeof(units[0]);

	for (size_t i = 0; i < n_units; i++) {
		char number[16];
		size_t len = strlen(text), unit_len = strlen(units[i].unit);
		int64_t n;

		if (!str_ends(text, units[i].unit) ||
		    len - unit_len >= sizeof(number))
			continue;
		memcpy(number, text, len - unit_len);
		number[len - unit_len] = '\0';
		if (str_number(number, -1000000000, 1000000000, &n)) {
			*out_ms = n * units[i].ms;
			return true;
		}
	}
	return false;
}

bool
scenario_set_duration(struct scenario_reader *r, void *object,
    const struct yaml *value, const struct scenario_key *key)
{
	const char *text = scenario_text(r, value);
	int64_t ms;

	if (text == NULL)
		return false;
	if (!scenario_duration(text, &ms) || ms < 0 || ms > key->max) {
		return scenario_fail(r, value,
		    "%s must be a time such as 500ms or 3s, at most %lld s",
		    key->name, (long long)key->max / 1000);
	}
	*(int *)((char *)object + key->at) = (int)ms;
	return true;
}

static bool
set_pair(struct scenario_reader *r, struct kvs *pairs, const char *name,
    const struct yaml *value)
{
	static const struct scenario_key lines = {.name = "list"};
	struct strs list = {0};
	char *joined;
	bool ok;

	if (value->kind == YAML_TEXT) {
		const char *text = scenario_text(r, value);

		if (text != NULL)
			kvs_set(pairs, name, text);
		return text != NULL;
	}
	ok = scenario_set_lines(r, &list, value, &lines);
	joined = strs_join(&list, "\n");
	if (ok)
		kvs_set(pairs, name, joined);
	mem_free(joined);
	strs_done(&list);
	return ok;
}

bool
scenario_set_pairs(struct scenario_reader *r, void *object,
    const struct yaml *value, const struct scenario_key *key)
{
	struct kvs *at = (struct kvs *)((char *)object + key->at);

	if (value->kind != YAML_MAP)
		return scenario_fail(r, value, "%s must be a map", key->name);
	if (value->n > SCENARIO_MAX_LINES) {
		return scenario_fail(
		    r, value, "more than %d items", SCENARIO_MAX_LINES);
	}
	for (size_t i = 0; i < value->n; i++) {
		const char *name = value->keys[i]->text;

		if (strlen(name) > 100 || name[0] == '\0')
			return scenario_fail(r, value->keys[i], "a bad name");
		if (!set_pair(r, at, name, value->items[i]))
			return false;
	}
	return true;
}
