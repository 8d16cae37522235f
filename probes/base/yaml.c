/* SPDX-License-Identifier: ISC
 *
 * Builds the tree from libyaml's events, so that limits take hold before
 * anything large is in memory. Refuses what makes YAML surprising: anchors,
 * aliases, tags, merge keys, a key twice. Says what to do instead.
 */
#include "yaml.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <yaml.h>

#include "buf.h"
#include "bug.h"
#include "mem.h"
#include "str.h"
#include "utf8.h"
#include "yaml_advice.h"

#define KEY_COLUMNS 40 /* of a key in a message */
#define NAME_BYTES 160 /* of the file's name in a message */

struct reader {
	yaml_parser_t parser;
	const char *name; /* borrowed, printable */
	const char *text; /* borrowed */
	size_t len;
	size_t nodes;
	struct err *err; /* borrowed */
};

/* Takes the event over. NULL when err is set. */
static struct yaml *read_node(struct reader *r, yaml_event_t *event, int depth);

__attribute__((format(printf, 5, 6))) static bool
fail_at(struct reader *r, enum err_kind kind, size_t line, size_t column,
    const char *fmt, ...)
{
	char what[sizeof(r->err->msg)];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(what, sizeof(what), fmt, ap);
	va_end(ap);
	return err_set(
	    r->err, kind, "%s:%zu:%zu: %s", r->name, line, column, what);
}

static bool
fail_event(struct reader *r, const yaml_event_t *event, enum err_kind kind,
    const char *what)
{
	return fail_at(r, kind, event->start_mark.line + 1,
	    event->start_mark.column + 1, "%s", what);
}

/* libyaml counts the reader's trouble in bytes, sometimes one too far. */
static bool
fail_bytes(struct reader *r)
{
	size_t line = 1, column = 1;

	for (size_t i = 0; i < r->parser.problem_offset && i < r->len;) {
		uint32_t c;
		size_t bytes = utf8_read(r->text + i, r->len - i, &c);

		if (bytes == 0)
			break;
		column = c == '\n' ? 1 : column + 1;
		line += c == '\n';
		i += bytes;
	}
	if (strstr(r->parser.problem, "control") != NULL)
		return fail_at(r, ERR_SYNTAX, line, column,
		    "expected text, found the control character 0x%02x; "
		    "take it out",
		    (unsigned)r->parser.problem_value);
	return fail_at(r, ERR_SYNTAX, line, column,
	    "expected UTF-8 text, found other bytes; "
	    "save the file with the encoding UTF-8");
}

/* The byte at a position that libyaml counted in characters. */
static char
byte_at(const struct reader *r, const yaml_mark_t *mark)
{
	size_t seen = 0;

	for (size_t i = 0; i < r->len; i++) {
		if (((unsigned char)r->text[i] & 0xc0) == 0x80)
			continue;
		if (seen == mark->index)
			return r->text[i];
		seen++;
	}
	return '\0';
}

static bool
fail_token(struct reader *r, const yaml_mark_t *mark)
{
	char c = byte_at(r, mark);

	if (c == '\t')
		return fail_at(r, ERR_SYNTAX, mark->line + 1, mark->column + 1,
		    "expected blanks, found a tab; indent with blanks only");
	return fail_at(r, ERR_SYNTAX, mark->line + 1, mark->column + 1,
	    "expected a value; put a text that begins with '%c' in quotes", c);
}

static bool
fail_parser(struct reader *r)
{
	const yaml_parser_t *p = &r->parser;
	const yaml_mark_t *end = &p->problem_mark;
	const yaml_mark_t *start =
	    p->context != NULL ? &p->context_mark : &p->problem_mark;

	if (p->error == YAML_MEMORY_ERROR)
		BUG("out of memory in libyaml");
	if (p->error == YAML_READER_ERROR)
		return fail_bytes(r);
	if (strstr(p->problem, "cannot start any token") != NULL)
		return fail_token(r, end);

	const struct yaml_advice *advice = yaml_advice_for(p->problem);

	if (advice != NULL) {
		const yaml_mark_t *at = advice->is_at_start ? start : end;

		return fail_at(r, ERR_SYNTAX, at->line + 1, at->column + 1,
		    "%s", advice->say);
	}
	return fail_at(r, ERR_SYNTAX, end->line + 1, end->column + 1,
	    "expected YAML, but %s %s; correct this line or the one before",
	    p->problem, p->context != NULL ? p->context : "");
}

MUST_CHECK static bool
next_event(struct reader *r, yaml_event_t *event)
{
	if (yaml_parser_parse(&r->parser, event) != 0)
		return true;
	return fail_parser(r);
}

/* What stands in front of a value and is refused. */
static bool
has_anchor_or_tag(const yaml_event_t *e, bool *is_tag)
{
	const void *anchor = NULL, *tag = NULL;

	if (e->type == YAML_SCALAR_EVENT) {
		anchor = e->data.scalar.anchor;
		tag = e->data.scalar.tag;
	} else if (e->type == YAML_SEQUENCE_START_EVENT) {
		anchor = e->data.sequence_start.anchor;
		tag = e->data.sequence_start.tag;
	} else if (e->type == YAML_MAPPING_START_EVENT) {
		anchor = e->data.mapping_start.anchor;
		tag = e->data.mapping_start.tag;
	}
	*is_tag = tag != NULL;
	return anchor != NULL || tag != NULL;
}

MUST_CHECK static bool
check_event(struct reader *r, const yaml_event_t *e, int depth)
{
	size_t line = e->start_mark.line + 1, column = e->start_mark.column + 1;
	bool is_tag;

	if (e->type == YAML_ALIAS_EVENT)
		return fail_event(r, e, ERR_SYNTAX,
		    "expected a value, found an alias (*name); write the "
		    "value out, or put a text that begins with '*' in quotes");
	if (has_anchor_or_tag(e, &is_tag))
		return fail_event(r, e, ERR_SYNTAX,
		    is_tag ? "expected a value, found a tag (!name); take it "
			     "out, or put a text that begins with '!' in quotes"
			   : "expected a value, found an anchor (&name); take "
			     "it out, or put a text that begins with '&' in "
			     "quotes");
	if (depth > YAML_MAX_DEPTH)
		return fail_at(r, ERR_LIMIT, line, column,
		    "expected at most %d levels of lists and maps; write it "
		    "flatter",
		    YAML_MAX_DEPTH);
	if (++r->nodes > YAML_MAX_NODES)
		return fail_at(r, ERR_LIMIT, line, column,
		    "expected at most %d names and values; split the file",
		    YAML_MAX_NODES);
	return true;
}

static struct yaml *
node_new(const yaml_event_t *e, enum yaml_kind kind)
{
	struct yaml *y = mem_new(struct yaml);

	y->kind = kind;
	y->line = (int)(e->start_mark.line + 1);
	y->column = (int)(e->start_mark.column + 1);
	return y;
}

static struct yaml *
read_text(struct reader *r, const yaml_event_t *e)
{
	const char *value = (const char *)e->data.scalar.value;
	size_t len = e->data.scalar.length;

	if (memchr(value, '\0', len) != NULL) {
		fail_event(r, e, ERR_SYNTAX,
		    "expected a text without the character NUL; take the "
		    "\\0 out");
		return NULL;
	}

	struct yaml *y = node_new(e, YAML_TEXT);

	y->text = mem_dupn(value, len);
	return y;
}

static struct yaml *
read_list(struct reader *r, const yaml_event_t *start, int depth)
{
	struct yaml *y = node_new(start, YAML_LIST);
	size_t cap = 0;
	yaml_event_t event;

	for (;;) {
		if (!next_event(r, &event))
			break;
		if (event.type == YAML_SEQUENCE_END_EVENT) {
			yaml_event_delete(&event);
			return y;
		}

		struct yaml *item = read_node(r, &event, depth + 1);

		if (item == NULL)
			break;
		*MEM_PUSH(&y->items, &y->n, &cap) = item;
	}
	yaml_free(y);
	return NULL;
}

/* Takes the event over, as read_node does. */
static struct yaml *
read_key(struct reader *r, yaml_event_t *event, int depth)
{
	bool is_text = event->type == YAML_SCALAR_EVENT;
	bool is_merge =
	    is_text && event->data.scalar.style == YAML_PLAIN_SCALAR_STYLE &&
	    strcmp((const char *)event->data.scalar.value, "<<") == 0;
	const char *wrong = NULL;

	if (is_merge)
		wrong = "expected a name, found the merge key <<; write the "
			"names and values out";
	else if (is_text && event->data.scalar.length == 0)
		wrong = "expected a name before ':'; write it as `name: value`";
	else if (!is_text && event->type != YAML_ALIAS_EVENT)
		wrong = "expected a name before ':', found a list or a map; "
			"put a name that begins with '[', '{' or '?' in quotes";
	if (wrong == NULL)
		return read_node(r, event, depth);
	fail_event(r, event, ERR_SYNTAX, wrong);
	yaml_event_delete(event);
	return NULL;
}

static int
compare_keys(const void *a, const void *b)
{
	const struct yaml *x = *(struct yaml *const *)a;
	const struct yaml *y = *(struct yaml *const *)b;
	int order = strcmp(x->text, y->text);

	if (order == 0)
		order = (x->line > y->line) - (x->line < y->line);
	if (order == 0)
		order = (x->column > y->column) - (x->column < y->column);
	return order;
}

static bool
is_before(const struct yaml *a, const struct yaml *b)
{
	return a->line < b->line ||
	       (a->line == b->line && a->column < b->column);
}

/* Sorted, because a hostile file may have very many keys. */
MUST_CHECK static bool
check_keys_differ(struct reader *r, const struct yaml *map)
{
	if (map->n < 2)
		return true;

	struct yaml **sorted = mem_resize(NULL, map->n, sizeof(*sorted));
	const struct yaml *twice = NULL, *first = NULL;

	memcpy(sorted, map->keys, map->n * sizeof(*sorted));
	qsort(sorted, map->n, sizeof(*sorted), compare_keys);
	for (size_t i = 1; i < map->n; i++) {
		if (!str_eq(sorted[i]->text, sorted[i - 1]->text) ||
		    (twice != NULL && !is_before(sorted[i], twice)))
			continue;
		twice = sorted[i];
		first = sorted[i - 1];
	}
	mem_free(sorted);
	if (twice == NULL)
		return true;

	char *key = str_printable(twice->text, strlen(twice->text));

	fail_at(r, ERR_SYNTAX, (size_t)twice->line, (size_t)twice->column,
	    "expected every name once, but \"%.*s\" already stands in line "
	    "%d; keep one of the two",
	    (int)str_fit(key, KEY_COLUMNS), key, first->line);
	mem_free(key);
	return false;
}

static struct yaml *
read_map(struct reader *r, const yaml_event_t *start, int depth)
{
	struct yaml *y = node_new(start, YAML_MAP);
	size_t n_keys = 0, key_cap = 0, cap = 0;
	yaml_event_t event;

	for (;;) {
		if (!next_event(r, &event))
			break;
		if (event.type == YAML_MAPPING_END_EVENT) {
			yaml_event_delete(&event);
			if (!check_keys_differ(r, y))
				break;
			return y;
		}

		struct yaml *key = read_key(r, &event, depth + 1);

		if (key == NULL)
			break;

		struct yaml *value = next_event(r, &event)
					 ? read_node(r, &event, depth + 1)
					 : NULL;

		if (value == NULL) {
			yaml_free(key);
			break;
		}
		*MEM_PUSH(&y->keys, &n_keys, &key_cap) = key;
		*MEM_PUSH(&y->items, &y->n, &cap) = value;
	}
	yaml_free(y);
	return NULL;
}

static struct yaml *
read_node(struct reader *r, yaml_event_t *event, int depth)
{
	struct yaml *y = NULL;

	if (!check_event(r, event, depth))
		y = NULL;
	else if (event->type == YAML_SCALAR_EVENT)
		y = read_text(r, event);
	else if (event->type == YAML_SEQUENCE_START_EVENT)
		y = read_list(r, event, depth);
	else if (event->type == YAML_MAPPING_START_EVENT)
		y = read_map(r, event, depth);
	else
		BUG("libyaml gave event %d for a value", (int)event->type);
	yaml_event_delete(event);
	return y;
}

/* The one document: its root is all there is. */
static struct yaml *
read_stream(struct reader *r)
{
	yaml_event_t event;
	struct yaml *root = NULL;

	for (;;) {
		if (!next_event(r, &event))
			break;

		yaml_event_type_t type = event.type;

		if (type == YAML_STREAM_END_EVENT && root == NULL)
			fail_at(r, ERR_SYNTAX, 1, 1,
			    "expected `name: value` lines, found an empty "
			    "file; fill it in");
		if (type == YAML_DOCUMENT_START_EVENT && root != NULL) {
			fail_event(r, &event, ERR_SYNTAX,
			    "expected one document, found a second; take the "
			    "line `---` out, or split the file");
			yaml_event_delete(&event);
			break;
		}
		if (type == YAML_STREAM_START_EVENT ||
		    type == YAML_DOCUMENT_START_EVENT ||
		    type == YAML_DOCUMENT_END_EVENT ||
		    type == YAML_STREAM_END_EVENT) {
			yaml_event_delete(&event);
			if (type == YAML_STREAM_END_EVENT)
				return root;
			continue;
		}
		root = read_node(r, &event, 1);
		if (root == NULL)
			break;
	}
	yaml_free(root);
	return NULL;
}

/* A file's name fit for a message: the end of it says most. */
static char *
shown_name(const char *name)
{
	char *shown = str_printable(name, strlen(name));
	size_t len = strlen(shown);

	if (len <= NAME_BYTES)
		return shown;

	const char *tail = shown + len - NAME_BYTES;

	while (((unsigned char)*tail & 0xc0) == 0x80)
		tail++;

	char *cut = mem_printf("...%s", tail);

	mem_free(shown);
	return cut;
}

struct yaml *
yaml_parse(const char *name, const char *text, size_t len, struct err *err)
{
	char *shown = shown_name(name);
	struct reader r = {
	    .name = shown,
	    .text = text != NULL ? text : "",
	    .len = len,
	    .err = err,
	};
	struct yaml *root = NULL;

	if (len > YAML_MAX_BYTES) {
		err_set(err, ERR_LIMIT,
		    "%s:1:1: expected at most %u bytes; split the file", shown,
		    YAML_MAX_BYTES);
		goto out;
	}
	if (yaml_parser_initialize(&r.parser) == 0)
		BUG("out of memory in libyaml");
	yaml_parser_set_encoding(&r.parser, YAML_UTF8_ENCODING);
	yaml_parser_set_input_string(
	    &r.parser, (const unsigned char *)r.text, len);
	root = read_stream(&r);
	yaml_parser_delete(&r.parser);
out:
	mem_free(shown);
	return root;
}

/* Stops one byte past the limit, so that yaml_parse refuses. */
MUST_CHECK static bool
read_file(FILE *file, struct buf *b)
{
	while (b->len <= YAML_MAX_BYTES) {
		char chunk[4096];
		size_t want = YAML_MAX_BYTES + 1u - b->len;
		size_t n = fread(chunk, 1,
		    want < sizeof(chunk) ? want : sizeof(chunk), file);

		buf_add(b, chunk, n);
		if (n == 0)
			break;
	}
	return ferror(file) == 0;
}

struct yaml *
yaml_load(const char *path, struct err *err)
{
	char *shown = shown_name(path);
	struct yaml *root = NULL;
	struct buf b;

	buf_init(&b, YAML_MAX_BYTES + 1u);

	FILE *file = fopen(path, "re");

	if (file == NULL || !read_file(file, &b)) {
		err_sys(err, ERR_FILE, errno, "cannot read %s", shown);
		goto out;
	}
	root = yaml_parse(path, b.data, b.len, err);
out:
	buf_done(&b);
	mem_free(shown);
	if (file != NULL)
		fclose(file);
	return root;
}

void
yaml_free(struct yaml *y)
{
	if (y == NULL)
		return;
	for (size_t i = 0; i < y->n; i++) {
		yaml_free(y->items[i]);
		if (y->keys != NULL)
			yaml_free(y->keys[i]);
	}
	mem_free(y->items);
	mem_free(y->keys);
	mem_free(y->text);
	mem_free(y);
}

const struct yaml *
yaml_get(const struct yaml *y, const char *key)
{
	if (y == NULL || y->kind != YAML_MAP)
		return NULL;
	for (size_t i = 0; i < y->n; i++) {
		if (strcmp(y->keys[i]->text, key) == 0)
			return y->items[i];
	}
	return NULL;
}

const char *
yaml_text(const struct yaml *y)
{
	return y != NULL && y->kind == YAML_TEXT ? y->text : NULL;
}

const char *
yaml_get_text(const struct yaml *y, const char *key)
{
	return yaml_text(yaml_get(y, key));
}
