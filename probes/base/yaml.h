/* SPDX-License-Identifier: ISC
 *
 * YAML as a tree of nodes that know their line and column. Every scalar is
 * text: `yes`, `no` and `1` stay what they look like. Anchors and aliases
 * are refused past a bound, so are depth, size and node count; tags are
 * refused; a key that stands twice in one map is an error. The only file
 * that knows libyaml.
 */
#ifndef BASE_YAML_H
#define BASE_YAML_H

#include "err.h"

#include <stdbool.h>
#include <stddef.h>

enum yaml_kind { YAML_TEXT, YAML_LIST, YAML_MAP };

struct yaml {
	enum yaml_kind kind;
	int line, column; /* from 1 */
	char *text; /* YAML_TEXT: owned, UTF-8 without NUL */
	struct yaml **items; /* list items, or map values; owned */
	struct yaml **keys; /* map keys (always YAML_TEXT), same order; owned */
	size_t n;
};

#define YAML_MAX_BYTES (4u << 20) /* a playbook of 10,000 nodes is 2 MiB */
#define YAML_MAX_NODES 400000
#define YAML_MAX_DEPTH 32
#define YAML_MAX_ALIASES 0 /* none: a list of names is clearer than a graph */

/*
 * Parses one document. `name` stands in messages: "name:line:column: ...".
 * NULL with err set (ERR_SYNTAX, ERR_LIMIT) otherwise. Free with yaml_free.
 */
struct yaml *yaml_parse(
    const char *name, const char *text, size_t len, struct err *err);

/* Reads a file (ERR_FILE too); "-" is not special. */
struct yaml *yaml_load(const char *path, struct err *err);

/* libyaml has a global yaml_free too, which ours would replace inside it. */
#define yaml_free yaml_tree_free
void yaml_free(struct yaml *y); /* accepts NULL */

/* The value of a key in a map; NULL where absent or y is no map. */
const struct yaml *yaml_get(const struct yaml *y, const char *key);

/* The text of a scalar; NULL for anything else or NULL. */
const char *yaml_text(const struct yaml *y);

/* yaml_text(yaml_get(y, key)). */
const char *yaml_get_text(const struct yaml *y, const char *key);

#endif
