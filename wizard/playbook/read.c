/* SPDX-License-Identifier: ISC
 *
 * Keys, lists and scalars of a playbook, each within its bounds and
 * printable. What is not as it should be is complained of here, once.
 */
#include <string.h>

#include "../../probes/base/buf.h"
#include "../../probes/base/mem.h"
#include "../../probes/base/yaml.h"
#include "parse.h"

const char *const read_no_keys[] = {NULL};

/* Complains of every key that is not in the list. `what` is "a tell node". */
void
read_known_keys(struct reader *r, const struct yaml *y, const char *const *keys,
    const char *const *more_keys, const char *what)
{
	for (size_t i = 0; i < y->n; i++) {
		struct strs all = {0};
		struct guess g;
		const char *key = y->keys[i]->text;
		bool known = false;

		guess_start(&g, key);
		for (size_t k = 0; keys[k]; k++) {
			known = known || str_eq(key, keys[k]);
			strs_add(&all, keys[k]);
			guess_try(&g, keys[k]);
		}
		for (size_t k = 0; more_keys[k]; k++) {
			known = known || str_eq(key, more_keys[k]);
			strs_add(&all, more_keys[k]);
			guess_try(&g, more_keys[k]);
		}
		if (!known) {
			char *list = strs_join(&all, ", ");
			complain(r->c, "unknown-key", place_of(y->keys[i]),
			    "\"%.80s\" is no key of %s%s its keys are: %s", key,
			    what, *guess_text(&g) ? guess_text(&g) : ";", list);
			mem_free(list);
		}
		strs_done(&all);
	}
}

bool
read_is_map(struct reader *r, const struct yaml *y, const char *what)
{
	if (y->kind == YAML_MAP)
		return true;
	complain(r->c, "wrong-type", place_of(y),
	    "%s is a map of keys to values; write \"key: value\" lines here",
	    what);
	return false;
}

/* The list under a key, with 1 to max items; NULL (complained) otherwise. */
const struct yaml *
read_list(struct reader *r, const struct yaml *y, const char *key, size_t max)
{
	const struct yaml *list = yaml_get(y, key);

	if (list->kind != YAML_LIST) {
		complain(r->c, "wrong-type", place_of(list),
		    "\"%s\" is a list; begin each item with \"- \"", key);
		return NULL;
	}
	if (list->n == 0 || list->n > max) {
		complain(r->c, list->n ? "too-many" : "missing-key",
		    place_of(list), "\"%s\" takes 1 to %zu items, here are %zu",
		    key, max, list->n);
		return NULL;
	}
	return list;
}

/* Text from the file made printable, line by line. */
static char *
clean_text(const char *s)
{
	struct buf b;

	buf_init(&b, BUF_OURS);
	for (;;) {
		size_t len = strcspn(s, "\n");
		char *line = str_printable(s, len);
		buf_adds(&b, line);
		mem_free(line);
		s += len;
		if (!*s++ || !*s)
			break;
		buf_addc(&b, '\n');
	}
	return buf_take(&b);
}

/* A scalar within max bytes, printable; NULL (complained) otherwise. */
char *
read_scalar(struct reader *r, const struct yaml *y, const char *key, size_t max)
{
	const char *text = yaml_text(y);

	if (!text) {
		complain(r->c, "wrong-type", place_of(y),
		    "\"%s\" takes a text, not a list or map", key);
		return NULL;
	}
	if (strlen(text) > max) {
		complain(r->c, "too-long", place_of(y),
		    "\"%s\" has %zu bytes; shorten it to %zu", key,
		    strlen(text), max);
		return NULL;
	}
	return clean_text(text);
}

/* The text under a key; NULL when absent, empty or bad. */
char *
read_text(struct reader *r, const struct yaml *y, const char *key, size_t max)
{
	const struct yaml *v = yaml_get(y, key);

	if (!v)
		return NULL;
	char *text = read_scalar(r, v, key, max);
	if (text && !*text) {
		mem_free(text);
		text = NULL;
	}
	return text;
}

/* The same where it must be there. `what` is "a field". Never NULL. */
char *
read_need(struct reader *r, const struct yaml *y, const char *key, size_t max,
    const char *what)
{
	const char *raw = yaml_get_text(y, key);

	if (!yaml_get(y, key) || (raw && !*raw)) {
		complain(r->c, "missing-key", place_of(y),
		    "%s needs \"%s\"; add \"%s: ...\"", what, key, key);
		return mem_dup("");
	}
	char *text = read_text(r, y, key, max);
	return text ? text : mem_dup("");
}

bool
text_is_name(const char *s, const char *extra)
{
	if (!*s)
		return false;
	for (; *s; s++)
		if (!(*s >= 'a' && *s <= 'z') && !(*s >= '0' && *s <= '9') &&
		    !strchr(extra, *s))
			return false;
	return true;
}

/* An id, value or fact name: what it may be made of is complained of. */
char *
read_name(struct reader *r, const struct yaml *y, const char *key,
    const char *extra, const char *what)
{
	char *name = read_need(r, y, key, PLAYBOOK_MAX_NAME, what);

	if (*name && !text_is_name(name, extra))
		complain(r->c, "bad-name", place_of(yaml_get(y, key)),
		    "\"%s\" cannot be a name; use a-z, 0-9 and %s only", name,
		    extra);
	return name;
}

struct when *
read_when(struct reader *r, const struct yaml *y, const char *key)
{
	const struct yaml *v = yaml_get(y, key);

	return v ? when_parse(v, r->c) : NULL;
}

bool
read_yes(struct reader *r, const struct yaml *y, const char *key)
{
	const struct yaml *v = yaml_get(y, key);
	const char *text = yaml_text(v);

	if (v && (!text || !str_in_set(text, "yes|no|true|false")))
		complain(r->c, "wrong-type", place_of(v),
		    "\"%s\" takes yes or no", key);
	return text && str_in_set(text, "yes|true");
}
