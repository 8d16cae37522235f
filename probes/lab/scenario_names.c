/* SPDX-License-Identifier: ISC
 *
 * The names of a scenario: what its resolver answers.
 */
#include "scenario_parse.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <stddef.h>
#include <string.h>

#include "../base/mem.h"

#define STATUS_WORDS "ok|servfail|refused|silent|nxdomain|truncated|broken"

/* "a.b" or "_x._tcp.b": what may stand in a DNS question of ours. */
static bool
is_name(const char *name)
{
	size_t label = 0, len = strlen(name);

	if (len == 0 || len > 253)
		return false;
	for (size_t i = 0; i < len; i++) {
		unsigned char c = (unsigned char)name[i];

		if (c == '.') {
			if (label == 0)
				return false;
			label = 0;
		} else if (islower(c) || isdigit(c) || c == '-' || c == '_') {
			label++;
		} else {
			return false;
		}
		if (label > 63)
			return false;
	}
	return label > 0;
}

static bool
read_numbers(const char **text, int *out, int n)
{
	for (int i = 0; i < n; i++) {
		size_t len = strcspn(*text, " ");
		char *word = mem_dupn(*text, len);
		int64_t number;
		bool ok = str_number(word, 0, 65535, &number);

		mem_free(word);
		if (!ok || (*text)[len] != ' ')
			return false;
		out[i] = (int)number;
		*text += len + strspn(*text + len, " ");
	}
	return true;
}

static bool
read_target(struct lab_record *r, const char *text)
{
	if (!str_eq(text, ".") && !is_name(text))
		return false;
	r->text = mem_dup(text);
	return true;
}

static bool
read_address(struct lab_record *r, const char *text, int family)
{
	unsigned char raw[16];
	char canonical[INET6_ADDRSTRLEN];

	if (inet_pton(family, text, raw) != 1)
		return false;
	inet_ntop(family, raw, canonical, sizeof(canonical));
	r->text = mem_dup(canonical);
	return true;
}

static bool
read_record(struct lab_record *r, const char *text)
{
	int numbers[3] = {0, 0, 0};

	switch (r->type) {
	case LAB_A:
		return read_address(r, text, AF_INET);
	case LAB_AAAA:
		return read_address(r, text, AF_INET6);
	case LAB_MX:
		if (!read_numbers(&text, numbers, 1))
			return false;
		r->priority = numbers[0];
		return read_target(r, text);
	case LAB_SRV:
		if (!read_numbers(&text, numbers, 3))
			return false;
		r->priority = numbers[0];
		r->weight = numbers[1];
		r->port = numbers[2];
		return read_target(r, text);
	case LAB_CNAME:
		return read_target(r, text);
	case LAB_TXT:
		r->text = mem_dup(text);
		return true;
	case LAB_OTHER_TYPE:
		break;
	}
	return false;
}

static bool
add_record(struct scenario_reader *r, struct lab_name *name,
    const struct yaml *value, const struct scenario_key *key)
{
	const char *text = scenario_text(r, value);
	struct lab_record record = {.type = (enum lab_type)key->at};

	if (text == NULL)
		return false;
	if (name->n >= SCENARIO_MAX_RECORDS) {
		return scenario_fail(
		    r, value, "more than %d records", SCENARIO_MAX_RECORDS);
	}
	if (!read_record(&record, text)) {
		return scenario_fail(r, value, "\"%.100s\" is no %s record: %s",
		    text, key->name, key->words);
	}
	*MEM_PUSH(&name->v, &name->n, &name->cap) = record;
	return true;
}

static bool
set_records(struct scenario_reader *r, void *object, const struct yaml *value,
    const struct scenario_key *key)
{
	struct lab_name *name = object;

	if (value->kind == YAML_LIST) {
		for (size_t i = 0; i < value->n; i++) {
			if (!add_record(r, name, value->items[i], key))
				return false;
		}
		return true;
	}
	if (value->kind == YAML_TEXT && str_in_set(value->text, STATUS_WORDS)) {
		unsigned status = 0;

		if (!scenario_read_word(r, value, STATUS_WORDS, &status))
			return false;
		name->type_status[key->at] = (enum lab_status)status;
		return true;
	}
	return add_record(r, name, value, key);
}

static const struct scenario_key name_keys[] = {
    {"a", set_records, LAB_A, "an IPv4 address", 0},
    {"aaaa", set_records, LAB_AAAA, "an IPv6 address", 0},
    {"mx", set_records, LAB_MX, "priority and host", 0},
    {"srv", set_records, LAB_SRV, "priority, weight, port and host", 0},
    {"cname", set_records, LAB_CNAME, "a host", 0},
    {"txt", set_records, LAB_TXT, "a text", 0},
    {"status", scenario_set_word, offsetof(struct lab_name, status),
	STATUS_WORDS, 0},
    {NULL, NULL, 0, NULL, 0},
};

bool
scenario_set_names(struct scenario_reader *r, void *object,
    const struct yaml *value, const struct scenario_key *key)
{
	struct scenario *s = object;

	(void)key;
	if (value->kind != YAML_MAP)
		return scenario_fail(r, value, "names must be a map");
	if (value->n > SCENARIO_MAX_NAMES) {
		return scenario_fail(
		    r, value, "more than %d names", SCENARIO_MAX_NAMES);
	}
	for (size_t i = 0; i < value->n; i++) {
		const struct yaml *at = value->keys[i];
		struct lab_name *name =
		    MEM_PUSH(&s->names, &s->n_names, &s->cap_names);

		name->name = mem_dup(at->text);
		if (!str_eq(at->text, "*") && !is_name(at->text)) {
			return scenario_fail(r, at,
			    "\"%.100s\" is no host name in lower case",
			    at->text);
		}
		if (!scenario_read_map(r, name, value->items[i], name_keys))
			return false;
	}
	return true;
}

static void
name_done(struct lab_name *name)
{
	for (size_t i = 0; i < name->n; i++)
		mem_free(name->v[i].text);
	mem_free(name->v);
	mem_free(name->name);
}

void
scenario_free_names(struct scenario *s)
{
	for (size_t i = 0; i < s->n_names; i++)
		name_done(&s->names[i]);
	mem_free(s->names);
}

static bool
leads_to(const struct scenario *s, const struct lab_name *name,
    const char *address, int depth)
{
	for (size_t i = 0; i < name->n; i++) {
		const struct lab_record *r = &name->v[i];

		if ((r->type == LAB_A || r->type == LAB_AAAA) &&
		    str_eq(r->text, address))
			return true;
		if (r->type != LAB_CNAME || depth == 0)
			continue;
		for (size_t j = 0; j < s->n_names; j++) {
			if (str_eq(s->names[j].name, r->text) &&
			    leads_to(s, &s->names[j], address, depth - 1))
				return true;
		}
	}
	return false;
}

void
scenario_names_of(
    const struct scenario *s, const char *address, struct strs *names)
{
	for (size_t i = 0; i < s->n_names; i++) {
		if (!str_eq(s->names[i].name, "*") &&
		    leads_to(s, &s->names[i], address, 8))
			strs_add(names, s->names[i].name);
	}
}
