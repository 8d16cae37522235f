/* SPDX-License-Identifier: ISC
 *
 * The journal: one JSON object a line. Events are written whole, so that
 * feeding them to a new engine builds the same state; decisions and verdict
 * are there for people. Passwords and tokens are no facts and never come by.
 */
#include "engine_in.h"

#include "../../probes/base/clock.h"
#include "../../probes/base/mem.h"

#include <jansson.h>
#include <stdlib.h>

static json_t *
text(const char *s)
{
	json_t *j = json_string(s ? s : "");

	return j ? j : json_string("[not UTF-8]");
}

static json_t *
object_of(const struct kvs *s)
{
	json_t *o = json_object();

	for (size_t i = 0; s && i < s->n; i++)
		json_object_set_new(o, s->v[i].name, text(s->v[i].value));
	return o;
}

static json_t *
array_of(const struct strs *s)
{
	json_t *a = json_array();

	for (size_t i = 0; i < s->n; i++)
		json_array_append_new(a, text(s->v[i]));
	return a;
}

static json_t *
line_new(const struct engine *e, const char *kind)
{
	char at[CLOCK_TEXT];
	json_t *o = json_object();

	clock_format(e->now_ms, at);
	json_object_set_new(o, "at", text(at));
	json_object_set_new(o, "event", text(kind));
	return o;
}

static void
line_write(struct engine *e, json_t *o)
{
	char *dumped = json_dumps(o, JSON_COMPACT);

	effect_journal(e, mem_dup(dumped));
	free(dumped);
	json_decref(o);
}

static json_t *
imported_of(const struct imported *im)
{
	json_t *a = json_array();

	for (size_t i = 0; i < im->n; i++) {
		json_t *o = json_object();

		json_object_set_new(o, "name", text(im->v[i].name));
		json_object_set_new(o, "facts", object_of(&im->v[i].facts));
		json_array_append_new(a, o);
	}
	return a;
}

void
journal_start(struct engine *e)
{
	const struct playbook *p = e->setup.playbook;
	json_t *o = line_new(e, "start");

	json_object_set_new(o, "journal", text("smtpwiz-journal-1"));
	json_object_set_new(o, "version", text(e->setup.version));
	json_object_set_new(o, "playbook", text(p->id));
	json_object_set_new(o, "playbook_version", text(p->version));
	json_object_set_new(o, "answers", object_of(&e->setup.answers));
	json_object_set_new(o, "offers", object_of(&e->setup.offers));
	if (e->setup.imported.n > 0) {
		json_object_set_new(
		    o, "imported_from", text(e->setup.imported.from));
		json_object_set_new(
		    o, "imported", imported_of(&e->setup.imported));
	}
	json_object_set_new(o, "no_input", json_boolean(e->setup.no_input));
	json_object_set_new(
	    o, "own_resolver", json_boolean(e->setup.own_resolver));
	json_object_set_new(o, "timeout_ms", json_integer(e->setup.timeout_ms));
	line_write(e, o);
}

static json_t *
findings_of(const struct probe_result *r)
{
	static const char *const grades[] = {
	    "ok", "info", "warn", "fail", "unknown"};
	json_t *a = json_array();

	for (size_t i = 0; i < r->n_findings; i++) {
		json_t *f = json_object();

		json_object_set_new(
		    f, "grade", text(grades[r->findings[i].grade]));
		json_object_set_new(f, "id", text(r->findings[i].id));
		json_object_set_new(f, "text", text(r->findings[i].text));
		json_array_append_new(a, f);
	}
	return a;
}

static void
add_result(const struct engine *e, json_t *o, const struct event *ev)
{
	static const char *const status[] = {"done", "failed", "cancelled"};
	const struct probe_result *r = ev->result;
	const struct job *j =
	    ev->job > 0 && ev->job <= e->n_jobs ? &e->jobs[ev->job - 1] : NULL;

	json_object_set_new(o, "job", json_integer((json_int_t)ev->job));
	if (j) {
		json_object_set_new(o, "probe", text(j->probe->name));
		json_object_set_new(o, "with", object_of(&j->params));
		json_object_set_new(o, "ahead", json_boolean(j->ahead));
	}
	if (!r)
		return;
	json_object_set_new(o, "status", text(status[r->status]));
	if (r->status == PROBE_FAILED)
		json_object_set_new(o, "error", text(r->err.msg));
	json_object_set_new(o, "started_ms", json_integer(r->started_ms));
	json_object_set_new(o, "ms", json_integer(r->ms));
	json_object_set_new(o, "facts", object_of(&r->facts));
	json_object_set_new(o, "findings", findings_of(r));
	json_object_set_new(o, "transcript", array_of(&r->transcript));
}

void
journal_event(struct engine *e, const struct event *ev)
{
	static const char *const names[] = {
	    [EVENT_START] = "start",
	    [EVENT_ANSWER] = "answer",
	    [EVENT_CONTINUE] = "continue",
	    [EVENT_RESULT] = "result",
	    [EVENT_BACK] = "back",
	    [EVENT_AGAIN] = "again",
	    [EVENT_CHANGED] = "changed",
	    [EVENT_STILL] = "still",
	    [EVENT_STOP] = "stop",
	    [EVENT_LOGIN] = "login",
	    [EVENT_SEND] = "send",
	    [EVENT_CONSENT] = "consent",
	    [EVENT_REFUSE] = "refuse",
	    [EVENT_TICK] = "tick",
	};
	json_t *o = line_new(e, names[ev->kind]);

	json_object_set_new(
	    o, "node", text(e->setup.playbook->nodes[e->node].id));
	if (ev->answers)
		json_object_set_new(o, "answers", object_of(ev->answers));
	if (ev->kind == EVENT_RESULT)
		add_result(e, o, ev);
	line_write(e, o);
}

void
journal_decision(
    struct engine *e, const char *kind, const char *name, const char *outcome)
{
	json_t *o = line_new(e, kind);

	json_object_set_new(o, "node", text(name));
	json_object_set_new(o, "outcome", text(outcome));
	line_write(e, o);
}

void
journal_verdict(struct engine *e)
{
	json_t *o = line_new(e, "verdict");
	const struct verdict *v = e->verdict;

	json_object_set_new(o, "cause", text(v->cause));
	json_object_set_new(o, "also", array_of(&v->also));
	json_object_set_new(
	    o, "questions_asked", json_integer(e->questions_asked));
	line_write(e, o);
}
