/* SPDX-License-Identifier: ISC
 *
 * Reads and checks answers. Texts are made printable and bounded here, at the
 * door, so that nothing later has to ask where an answer came from.
 */
#include "answers.h"

#include <stdio.h>
#include <string.h>

#include "../probes/base/mem.h"
#include "../probes/base/str.h"
#include "../probes/base/yaml.h"
#include "engine/facts.h"
#include "options.h"

#define ANSWER_MAX 4096 /* a pasted error message is at most a page */
#define ANSWER_LIST_MAX 100

static bool
is_secret(const char *name)
{
	return str_eq(name, "account.password") ||
	       str_eq(name, "account.token");
}

static bool
check_name(const char *name, struct err *err)
{
	const char *names[256] = {NULL};
	char near[NEAR_TEXT];
	size_t n = 0;

	if (engine_fact_is_answer(name))
		return true;
	if (engine_fact_info(name))
		return err_set(err, ERR_SYNTAX,
		    "%s is found out by smtpwiz and cannot be set.", name);
	for (const struct fact_info *f = engine_facts_table;
	     f->name && n + 1 < sizeof(names) / sizeof(names[0]); f++)
		if (engine_fact_is_answer(f->name))
			names[n++] = f->name;
	options_near(name, names, near);
	return err_set(err, ERR_SYNTAX, "There is no answer named \"%.60s\"%s",
	    name, *near ? near : ".");
}

static bool
check_number(const char *name, const char *value, int64_t min, int64_t max,
    struct err *err)
{
	int64_t number;

	if (str_eq(value, "unknown") || str_number(value, min, max, &number))
		return true;
	return err_set(err, ERR_SYNTAX,
	    "%s must be a number from %lld to %lld or unknown, not \"%.60s\".",
	    name, (long long)min, (long long)max, value);
}

static bool
check_closed(const struct fact_info *fact, const char *value, struct err *err)
{
	struct strs values = {0};
	const char *names[32] = {NULL};
	char near[NEAR_TEXT];
	char *list;

	if (str_in_set(value, fact->values))
		return true;
	strs_split(&values, fact->values, "|");
	for (size_t i = 0; i < values.n && i + 1 < 32; i++)
		names[i] = values.v[i];
	options_near(value, names, near);
	list = strs_join(&values, ", ");
	err_set(err, ERR_SYNTAX, "%s cannot be \"%.60s\"%s%s It is one of: %s.",
	    fact->name, value, near, *near ? "" : ".", list);
	mem_free(list);
	strs_done(&values);
	return false;
}

static bool
check_value(const char *name, const char *value, struct err *err)
{
	const struct fact_info *fact = engine_fact_info(name);

	if (strlen(value) > ANSWER_MAX)
		return err_set(err, ERR_LIMIT,
		    "%s is longer than %d bytes; give the beginning.", name,
		    ANSWER_MAX);
	if (fact->values)
		return check_closed(fact, value, err);
	if (str_eq(name, "app.port"))
		return check_number(name, value, 1, 65535, err);
	if (str_eq(name, "message.size"))
		return check_number(name, value, 0, (int64_t)1 << 50, err);
	return true;
}

/* A text on one line, made printable. The caller frees. */
static char *
one_line(const char *text)
{
	char *copy = mem_dup(text), *out;

	for (char *p = copy; *p; p++)
		if (*p == '\n' || *p == '\r')
			*p = ' ';
	char *trimmed = str_trim(copy);

	out = str_printable(trimmed, strlen(trimmed));
	mem_free(copy);
	return out;
}

static bool
add_answer(struct kvs *out, const char *name, const char *text, struct err *err)
{
	char *value = one_line(text);
	/* An empty text is a field left empty: nothing is known. */
	bool is_empty = !*value && !engine_fact_info(name)->values;
	bool ok = is_empty || check_value(name, value, err);

	if (ok && !is_empty)
		kvs_set(out, name, value);
	mem_free(value);
	return ok;
}

bool
answers_set(struct kvs *out, const char *text, struct err *err)
{
	const char *equals = strchr(text, '=');
	struct err why = {0};
	char *name;
	bool ok;

	if (!equals || equals == text)
		return err_set(err, ERR_USAGE,
		    "--set wants FACT=VALUE, as in app.port=587.");
	name = mem_dupn(text, (size_t)(equals - text));
	if (is_secret(name))
		ok = err_set(&why, ERR_USAGE,
		    "%s is a secret and must not stand in an argument; use "
		    "--%s-command%s, an answers file with {env: NAME}, or "
		    "type it when asked.",
		    name, name + strlen("account."),
		    str_eq(name, "account.token") ? "" : ", --password-file");
	else
		ok = check_name(name, &why) &&
		     add_answer(out, name, equals + 1, &why);
	mem_free(name);
	return ok || err_set(err, ERR_USAGE, "--set: %s", why.msg);
}

/* {env: NAME}, {file: PATH} or {command: [ARGV...]}. */
static bool
secret_place(const struct yaml *y, struct given_secret *out)
{
	const struct yaml *value =
	    y->kind == YAML_MAP && y->n == 1 ? y->items[0] : NULL;
	const char *key = value ? y->keys[0]->text : "";

	if (value && value->kind == YAML_TEXT && *value->text) {
		if (str_eq(key, "env"))
			out->from = GIVEN_ENV;
		else if (str_eq(key, "file"))
			out->from = GIVEN_FILE;
		out->text = out->from ? mem_dup(value->text) : NULL;
	} else if (value && str_eq(key, "command") &&
		   value->kind == YAML_LIST && value->n > 0) {
		out->from = GIVEN_COMMAND;
		for (size_t i = 0; i < value->n; i++) {
			if (value->items[i]->kind != YAML_TEXT)
				return false;
			strs_add(&out->argv, value->items[i]->text);
		}
	}
	return out->from != GIVEN_NOT;
}

static bool
read_secret(const char *name, const struct yaml *y, struct given_secret *out,
    struct err *err)
{
	struct given_secret found = {.is_token = str_eq(name, "account.token")};

	if (secret_place(y, &found))
		return given_secret_take(out, &found, err);
	given_secret_done(&found);
	return err_set(err, ERR_SYNTAX,
	    "%s must be {env: NAME}, {file: PATH} or {command: [PROGRAM, "
	    "ARGUMENT, ...]}, which say where it is%s.",
	    name,
	    y->kind == YAML_TEXT ? "; the secret itself must not stand in "
				   "this file"
				 : "");
}

struct found { /* in a file */
	struct kvs answers;
	struct given_secret secret;
};

/* The value as text, lists joined by commas; NULL with err set. */
static char *
value_text(const char *name, const struct yaml *y, struct err *err)
{
	struct strs parts = {0};
	char *text = NULL;

	if (y->kind == YAML_TEXT)
		return mem_dup(y->text);
	if (y->kind == YAML_LIST && y->n <= ANSWER_LIST_MAX) {
		size_t i = 0;

		for (; i < y->n && y->items[i]->kind == YAML_TEXT; i++)
			strs_add(&parts, y->items[i]->text);
		if (i == y->n)
			text = strs_join(&parts, ",");
	}
	strs_done(&parts);
	if (!text)
		err_set(err, ERR_SYNTAX,
		    "%s must be a text or a list of at most %d texts.", name,
		    ANSWER_LIST_MAX);
	return text;
}

static bool
read_answer(
    const char *name, const struct yaml *y, struct found *out, struct err *err)
{
	char *text;
	bool ok;

	if (is_secret(name))
		return read_secret(name, y, &out->secret, err);
	text = value_text(name, y, err);
	if (!text)
		return false;
	ok = add_answer(&out->answers, name, text, err);
	mem_free(text);
	return ok;
}

static bool
at(const char *file, const struct yaml *y, const struct err *why,
    struct err *err)
{
	return err_set(
	    err, why->kind, "%s:%d:%d: %s", file, y->line, y->column, why->msg);
}

static bool
read_answers(
    const char *file, const struct yaml *y, struct found *out, struct err *err)
{
	struct err why = {0};

	if (y->kind != YAML_MAP) {
		err_set(&why, ERR_SYNTAX,
		    "Answers are lines of the form FACT: VALUE.");
		return at(file, y, &why, err);
	}
	for (size_t i = 0; i < y->n; i++) {
		const char *name = y->keys[i]->text;

		if (!check_name(name, &why))
			return at(file, y->keys[i], &why, err);
		if (!read_answer(name, y->items[i], out, &why))
			return at(file, y->items[i], &why, err);
	}
	return true;
}

/* Reads into a set of its own first, so that out is untouched by failure
 * and a name of the file never replaces one that is there already. */
static bool
take_answers(const char *file, struct yaml *y, struct kvs *out,
    struct given_secret *secret, struct err *err)
{
	struct found found = {0};
	const struct kvs *new = &found.answers;
	bool ok = y && read_answers(file, y, &found, err);

	for (size_t i = 0; ok && i < new->n; i++)
		if (!kvs_get(out, new->v[i].name))
			kvs_set(out, new->v[i].name, new->v[i].value);
	if (ok && secret->from == GIVEN_NOT) {
		*secret = found.secret;
		found.secret = (struct given_secret){0};
	}
	kvs_done(&found.answers);
	given_secret_done(&found.secret);
	yaml_free(y);
	return ok;
}

bool
answers_load(const char *path, struct kvs *out, struct given_secret *secret,
    struct err *err)
{
	return take_answers(path, yaml_load(path, err), out, secret, err);
}

bool
answers_parse(const char *name, const char *text, size_t len, struct kvs *out,
    struct given_secret *secret, struct err *err)
{
	return take_answers(
	    name, yaml_parse(name, text, len, err), out, secret, err);
}
