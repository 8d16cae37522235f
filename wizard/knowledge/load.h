/* SPDX-License-Identifier: ISC
 *
 * Reading YAML maps into structs by table, shared by the loaders of the
 * knowledge files. Each table row is a key; what is not in the table is an
 * error with its place in the file. Not for other folders.
 */
#ifndef KNOWLEDGE_LOAD_H
#define KNOWLEDGE_LOAD_H

#include "../../probes/base/yaml.h"
#include "knowledge.h"

#include <stddef.h>

struct load {
	struct knowledge *k; /* borrowed: what is filled in */
	const char *file; /* borrowed: stands in messages */
	struct err *err; /* borrowed */
};

enum load_kind {
	LOAD_TEXT, /* char *: folded into one line, printable */
	LOAD_DATE, /* char *: YYYY-MM-DD */
	LOAD_WORD, /* char *: one of `set` */
	LOAD_STRS, /* struct strs: a text or a list of texts */
	LOAD_KVS, /* struct kvs: a map of texts */
	LOAD_YES, /* bool: yes or no */
	LOAD_PORT, /* int */
	LOAD_TEXTS, /* struct text_when *, and its count at `count` */
	LOAD_OWN, /* `read` does it */
};

struct load_key {
	const char *key;
	enum load_kind kind;
	bool required;
	size_t offset; /* of the member */
	const char *set; /* LOAD_WORD: "a|b"; LOAD_TEXTS: the words, or NULL */
	size_t count; /* LOAD_TEXTS: offset of the size_t */
	bool first_holds; /* LOAD_TEXTS: one is chosen, so one must hold */
	bool (*read)(struct load *l, const struct yaml *y, void *object);
};

/* A row whose key has the name of the member it fills. */
#define LOAD_FIELD(type, member, kind_, required_)                \
	.key = #member, .kind = (kind_), .required = (required_), \
	.offset = offsetof(type, member)

/* Sets "file:line:column: message"; always returns false. */
bool load_bad(struct load *l, const struct yaml *at, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

/* Fills object from the map y by a table that ends with a NULL key. `what`
 * names the object in messages: "a provider". */
MUST_CHECK bool load_map(struct load *l, const struct yaml *y, const char *what,
    const struct load_key *keys, void *object);

/* y must be a map (a list) for `what`. */
MUST_CHECK bool load_is_map(
    struct load *l, const struct yaml *y, const char *what);
MUST_CHECK bool load_is_list(
    struct load *l, const struct yaml *y, const char *what);

/* One text, folded and printable; NULL with err set. The caller frees. */
char *load_text(struct load *l, const struct yaml *y, const char *what);
/* The same for YYYY-MM-DD; also as milliseconds since 1970 (midnight UTC). */
char *load_date(struct load *l, const struct yaml *y, int64_t *ms);

/* The file kinds; y is the value of the key of the same name. */
bool load_providers(struct load *l, const struct yaml *y);
bool load_filters(struct load *l, const struct yaml *y);
bool load_interceptors(struct load *l, const struct yaml *y);
bool load_databases(struct load *l, const struct yaml *y);
bool load_errors(struct load *l, const struct yaml *y);
bool load_causes(struct load *l, const struct yaml *y);
bool load_replies(struct load *l, const struct yaml *y);
bool load_tls(struct load *l, const struct yaml *y);
bool load_codes(struct load *l, const struct yaml *y);
bool load_classes(struct load *l, const struct yaml *y);
bool load_marks(struct load *l, const struct yaml *y);
bool load_clients(struct load *l, const struct yaml *y);

/* Free what an entry owns. */
void provider_done(struct provider *p);
void cause_done(struct cause *c);
void reply_texts_done(struct reply_text *v, size_t n);
void client_done(struct client *c);
void databases_done(struct knowledge *k);
void marks_done(struct mark *v, size_t n);

#endif
