/* SPDX-License-Identifier: ISC
 *
 * Shared by the two files that read scenarios: tables of keys, each with
 * the function that checks and stores its value, so that an unknown key or
 * a value out of bounds is always a message with its place.
 */
#ifndef LAB_SCENARIO_PARSE_H
#define LAB_SCENARIO_PARSE_H

#include "scenario.h"

#include "../base/yaml.h"

struct scenario_reader {
	const char *file; /* borrowed: for messages */
	struct err *err;
	struct scenario *s;
};

struct scenario_key {
	const char *name;
	bool (*set)(struct scenario_reader *r, void *object,
	    const struct yaml *value, const struct scenario_key *key);
	size_t at; /* offset of the member in the object */
	const char *words; /* for scenario_set_word: "a|b|c" */
	int64_t max; /* for numbers, durations (ms) */
};

/* Always false. */
bool scenario_fail(struct scenario_reader *r, const struct yaml *at,
    const char *fmt, ...) __attribute__((format(printf, 3, 4)));

/* Reads a map by a table that ends with a NULL name. */
bool scenario_read_map(struct scenario_reader *r, void *object,
    const struct yaml *y, const struct scenario_key *keys);

/* The index of value in "a|b|c", or an error that lists them. */
bool scenario_read_word(struct scenario_reader *r, const struct yaml *y,
    const char *words, unsigned *out);

typedef bool scenario_setter(struct scenario_reader *r, void *object,
    const struct yaml *value, const struct scenario_key *key);
scenario_setter scenario_set_text; /* char * */
scenario_setter scenario_set_lines; /* struct strs: text or list */
scenario_setter scenario_set_word; /* an enum */
scenario_setter scenario_set_bool; /* yes or no */
scenario_setter scenario_set_number; /* int64_t, 0 to max */
scenario_setter scenario_set_int; /* int, 0 to max */
scenario_setter scenario_set_duration; /* int, ms: 500ms 3s 2m */
scenario_setter scenario_set_pairs; /* struct kvs: text, lists joined */

/* The key's value as scalar text, NULL with the error set. */
const char *scenario_text(struct scenario_reader *r, const struct yaml *y);

/* "-1000d" to milliseconds; units ms s m h d. */
bool scenario_duration(const char *text, int64_t *out_ms);

/* scenario_names.c: the map of names into struct scenario. */
scenario_setter scenario_set_names;
void scenario_free_names(struct scenario *s);

/* scenario_server.c: reads the map of one server. NULL with err set. */
struct lab_server *scenario_read_server(
    struct scenario_reader *r, const struct yaml *y);
void scenario_free_server(struct lab_server *s);

#endif
