/* SPDX-License-Identifier: ISC
 *
 * The report for programs. Its shape is public: keys may be added at the
 * end, never renamed or dropped.
 */
#include <jansson.h>
#include <string.h>

#include "../../probes/base/clock.h"
#include "../../probes/base/mem.h"
#include "report.h"

#define SCHEMA "smtpwiz-report-1"

void report_write_json(const struct report *r, struct buf *out);

/* Text as JSON; what is not UTF-8 is made printable first. */
static json_t *
text(const char *value)
{
	json_t *j = json_string(value ? value : "");
	char *printable;

	if (j)
		return j;
	printable = str_printable(value, strlen(value));
	j = json_string(printable);
	mem_free(printable);
	return j;
}

static void
set(json_t *object, const char *key, const char *value)
{
	json_object_set_new(object, key, text(value));
}

static json_t *
list(const struct strs *items)
{
	json_t *array = json_array();

	for (size_t i = 0; i < items->n; i++)
		json_array_append_new(array, text(items->v[i]));
	return array;
}

static json_t *
moment(int64_t utc_ms)
{
	char out[CLOCK_TEXT];

	clock_format(utc_ms, out);
	return text(out);
}

static const char * or (const char *value, const char *otherwise)
{
	return value && *value ? value : otherwise;
}

static json_t *
playbook(const struct playbook *p)
{
	json_t *o = json_object();

	set(o, "id", p->id);
	set(o, "version", p->version);
	set(o, "file", p->file);
	return o;
}

/* A case that was cut short has the shape of an inconclusive one. */
static json_t *
verdict(const struct verdict *given)
{
	static const struct verdict none = {0};
	const struct verdict *v = given ? given : &none;
	json_t *o = json_object();

	set(o, "cause", or (v->cause, "inconclusive"));
	json_object_set_new(o, "also", list(&v->also));
	set(o, "blame", or (v->blame, "none"));
	set(o, "confidence", or (v->confidence, "possible"));
	set(o, "fixed_by", or (v->fixed_by, "you"));
	set(o, "title", or (v->title, "The tests did not come to a verdict."));
	set(o, "meaning", v->meaning);
	json_object_set_new(o, "server_said", list(&v->server_said));
	json_object_set_new(o, "remedy", list(&v->remedy));
	json_object_set_new(o, "because", list(&v->because));
	json_object_set_new(o, "reproduce", list(&v->reproduce));
	return o;
}

static json_t *
tested(const struct kvs *results)
{
	static const char *const names[] = {
	    "dns", "tcp", "tls", "cert", "auth_offered", "login", "send"};
	json_t *o = json_object();

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		set(o, names[i], kvs_get_or(results, names[i], "skip"));
	return o;
}

static json_t *
recommended(const struct verdict *v)
{
	json_t *o;

	if (!v || !v->recommended.found)
		return json_null();
	o = json_object();
	set(o, "host", v->recommended.host);
	json_object_set_new(o, "port", json_integer(v->recommended.port));
	set(o, "security", v->recommended.security);
	set(o, "auth", v->recommended.auth);
	set(o, "username", v->recommended.username);
	json_object_set_new(o, "tested", tested(&v->recommended.tested));
	return o;
}

static json_t *
compare(const struct verdict *v)
{
	json_t *array = json_array();

	for (size_t i = 0; v && i < v->n_compare; i++) {
		const struct setting_change *c = &v->compare[i];
		json_t *o = json_object();

		set(o, "setting", c->setting);
		set(o, "yours", c->yours);
		set(o, "recommended", c->recommended);
		json_object_set_new(o, "change", json_boolean(c->change));
		json_array_append_new(array, o);
	}
	return array;
}

static json_t *
facts(const struct engine *e)
{
	size_t n = 0;
	const struct fact *all = engine_facts(e, &n);
	json_t *o = json_object();

	for (size_t i = 0; i < n; i++) {
		json_t *fact = json_object();

		set(fact, "value", all[i].value);
		set(fact, "from", fact_from_name(all[i].from));
		set(fact, "by", all[i].by);
		json_object_set_new(fact, "at", moment(all[i].at_ms));
		json_object_set_new(o, all[i].name, fact);
	}
	return o;
}

static json_t *
steps(const struct engine *e)
{
	size_t n = 0;
	const struct step *all = engine_steps(e, &n);
	json_t *array = json_array();

	for (size_t i = 0; i < n; i++) {
		json_t *o = json_object();

		json_object_set_new(o, "at", moment(all[i].at_ms));
		json_object_set_new(o, "ms", json_integer(all[i].ms));
		set(o, "kind", all[i].kind);
		set(o, "name", all[i].name);
		set(o, "outcome", all[i].outcome);
		json_object_set_new(o, "transcript", list(&all[i].transcript));
		json_array_append_new(array, o);
	}
	return array;
}

static const char *
state_name(enum cell_state state)
{
	switch (state) {
	case CELL_NONE:
		return "none";
	case CELL_WAIT:
		return "wait";
	case CELL_YES:
		return "yes";
	case CELL_NO:
		return "no";
	case CELL_SKIP:
		return "skip";
	}
	return "none";
}

static json_t *
cell(const struct cell *c)
{
	json_t *o = json_object();

	set(o, "state", state_name(c->state));
	set(o, "text", c->text);
	return o;
}

static json_t *
matrix_row(const struct matrix_row *row)
{
	json_t *o = json_object();

	set(o, "host", row->host);
	json_object_set_new(o, "port", json_integer(row->port));
	json_object_set_new(o, "mine", json_boolean(row->is_mine));
	json_object_set_new(o, "documented", json_boolean(row->is_documented));
	set(o, "serves", or (row->security, "unknown"));
	json_object_set_new(o, "reached", cell(&row->reached));
	json_object_set_new(o, "mail", cell(&row->mail));
	json_object_set_new(o, "encrypted", cell(&row->encrypted));
	json_object_set_new(o, "genuine", cell(&row->genuine));
	json_object_set_new(o, "sign_in", cell(&row->sign_in));
	json_object_set_new(o, "connect_ms",
	    row->ms >= 0 ? json_integer(row->ms) : json_null());
	json_object_set_new(o, "addresses", json_integer(row->addresses));
	json_object_set_new(o, "addresses_ok", json_integer(row->addresses_ok));
	json_object_set_new(o, "passes", json_boolean(row->passes));
	set(o, "note", row->note);
	return o;
}

static json_t *
matrix(const struct matrix *m)
{
	json_t *array = json_array();

	for (size_t i = 0; i < m->n; i++)
		json_array_append_new(array, matrix_row(&m->v[i]));
	return array;
}

static json_t *
sources(const struct report *r)
{
	const struct knowledge *k = engine_knowledge(r->engine);
	json_t *array = json_array();

	for (size_t i = 0; k && i < k->n_origins; i++) {
		json_t *o = json_object();

		set(o, "name", k->origins[i].name);
		set(o, "version", k->origins[i].version);
		set(o, "file", k->origins[i].file);
		if (k->origins[i].older)
			set(o, "older", k->origins[i].older);
		json_array_append_new(array, o);
	}
	return array;
}

static int
add_to_buf(const char *data, size_t len, void *arg)
{
	return buf_add(arg, data, len) ? 0 : -1;
}

void
report_write_json(const struct report *r, struct buf *out)
{
	static const struct strs none = {0};
	const struct engine *e = r->engine;
	const struct verdict *v = r->verdict;
	json_t *o = json_object();

	set(o, "schema", SCHEMA);
	set(o, "version", r->version);
	json_object_set_new(o, "playbook", playbook(engine_playbook(e)));
	json_object_set_new(o, "started", moment(engine_started(e)));
	json_object_set_new(o, "ended",
	    engine_ended(e) ? moment(engine_ended(e)) : json_null());
	json_object_set_new(o, "verdict", verdict(v));
	json_object_set_new(o, "recommended", recommended(v));
	json_object_set_new(o, "compare", compare(v));
	json_object_set_new(o, "facts", facts(e));
	json_object_set_new(o, "steps", steps(e));
	json_object_set_new(
	    o, "questions_asked", json_integer(engine_questions_asked(e)));
	json_object_set_new(o, "matrix", matrix(&r->matrix));
	json_object_set_new(o, "sources", sources(r));
	json_object_set_new(o, "limits", list(v ? &v->limits : &none));
	json_object_set_new(o, "versions", list(&r->versions));
	json_dump_callback(o, add_to_buf, out, JSON_INDENT(2));
	buf_addc(out, '\n');
	json_decref(o);
}
