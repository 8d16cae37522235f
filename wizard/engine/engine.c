/* SPDX-License-Identifier: ISC
 *
 * Events in, effects out: the engine's door. After every event the facts are
 * rebuilt, the walk goes on as far as it can, and probes are started ahead of
 * the reader.
 */
#include "engine_in.h"

#include "../../probes/base/mem.h"

struct effect *
effect_add(struct engine *e, enum effect_kind kind)
{
	struct effect *f =
	    MEM_PUSH(&e->effects, &e->n_effects, &e->cap_effects);

	f->kind = kind;
	return f;
}

bool
engine_effect(struct engine *e, struct effect *out)
{
	if (e->effects_at == e->n_effects) {
		e->effects_at = e->n_effects = 0;
		return false;
	}
	*out = e->effects[e->effects_at++];
	return true;
}

void
effect_journal(struct engine *e, char *line)
{
	effect_add(e, EFFECT_JOURNAL)->line = line;
}

struct step *
step_add(
    struct engine *e, const char *kind, const char *name, const char *outcome)
{
	static struct step overflow;
	struct step *s = &overflow;

	if (e->n_steps < ENGINE_MAX_STEPS)
		s = MEM_PUSH(&e->steps, &e->n_steps, &e->cap_steps);
	else {
		mem_free(s->name);
		mem_free(s->outcome);
	}
	s->at_ms = e->now_ms;
	s->kind = kind;
	s->name = mem_dup(name);
	s->outcome = mem_dup(outcome);
	return s;
}

static void
answer(struct engine *e, const struct event *ev)
{
	const struct node *n = &e->setup.playbook->nodes[e->node];

	if (e->state != ENGINE_ASKING)
		return;
	e->questions_asked++;
	record_answers(e, n, ev->answers, true);
	e->disclosed = e->disclosed || n->discloses;
	facts_rebuild(e);
	e->node = n->target;
	walk(e);
}

static void
read_on(struct engine *e)
{
	const struct node *n = &e->setup.playbook->nodes[e->node];
	struct trail *t;

	if (e->state != ENGINE_READING)
		return;
	t = MEM_PUSH(&e->trail, &e->n_trail, &e->cap_trail);
	t->node = e->node;
	t->at_ms = e->now_ms;
	e->questions_asked++;
	e->disclosed = e->disclosed || n->discloses;
	step_add(e, n->kind == NODE_MANUAL ? "manual" : "tell", n->id, "read");
	e->node = n->target;
	walk(e);
}

static void
stop(struct engine *e)
{
	if (e->state == ENGINE_DONE)
		return;
	effect_add(e, EFFECT_CANCEL_ALL);
	walk_finish(e, &e->setup.playbook->nodes[e->node], true);
}

static void
result(struct engine *e, struct event *ev)
{
	take_result(e, ev);
	if (ev->job > 0 && ev->job <= e->n_jobs)
		step_for_job(e, &e->jobs[ev->job - 1]);
	facts_rebuild(e);
	if (e->state == ENGINE_PROBING)
		walk(e);
}

void
engine_event(struct engine *e, struct event *ev)
{
	e->now_ms = ev->at_ms;
	if (ev->kind == EVENT_START) {
		e->started_ms = ev->at_ms;
		journal_start(e);
	} else if (ev->kind != EVENT_TICK)
		journal_event(e, ev);
	switch (ev->kind) {
	case EVENT_START:
		facts_rebuild(e);
		walk(e);
		break;
	case EVENT_ANSWER:
		answer(e, ev);
		break;
	case EVENT_CONTINUE:
		read_on(e);
		break;
	case EVENT_RESULT:
		result(e, ev);
		break;
	case EVENT_BACK:
		go_back(e);
		break;
	case EVENT_AGAIN:
		walk_again(e, true);
		break;
	case EVENT_CHANGED:
		take_recommendation(e);
		walk_again(e, true);
		break;
	case EVENT_STILL:
		set_answer(e, "app.still_fails", "yes");
		walk_again(e, false);
		break;
	case EVENT_STOP:
		stop(e);
		break;
	case EVENT_LOGIN:
		consent_request(e, PROBE_LOGS_IN);
		break;
	case EVENT_SEND:
		consent_request(e, PROBE_SENDS_MAIL);
		break;
	case EVENT_CONSENT:
		if (e->state == ENGINE_CONSENT)
			consent_answer(e, ev->answers);
		break;
	case EVENT_REFUSE:
		if (e->state == ENGINE_CONSENT)
			consent_refuse(e);
		break;
	case EVENT_TICK:
		if (e->state != ENGINE_PROBING)
			break;
		facts_rebuild(e); /* who is late is a matter of time */
		walk(e);
		break;
	}
	if (e->state == ENGINE_ASKING || e->state == ENGINE_READING ||
	    e->state == ENGINE_PROBING)
		run_ahead(e);
	effects_point_at_params(e);
	effect_add(e, EFFECT_CHANGED);
}

void
imported_done(struct imported *im)
{
	for (size_t i = 0; i < im->n; i++) {
		mem_free(im->v[i].name);
		kvs_done(&im->v[i].facts);
	}
	mem_free(im->v);
	mem_free(im->from);
	*im = (struct imported){0};
}

struct engine *
engine_new(struct engine_setup *setup)
{
	struct engine *e = mem_new(struct engine);

	e->setup = *setup;
	setup->answers = (struct kvs){0};
	setup->offers = (struct kvs){0};
	setup->imported = (struct imported){0};
	e->node = setup->playbook->start;
	return e;
}

void
engine_free(struct engine *e)
{
	if (!e)
		return;
	for (size_t i = 0; i < e->n_jobs; i++) {
		mem_free(e->jobs[i].key);
		kvs_done(&e->jobs[i].params);
		probe_result_done(&e->jobs[i].result);
	}
	for (size_t i = 0; i < e->n_steps; i++) {
		mem_free(e->steps[i].name);
		mem_free(e->steps[i].outcome);
		strs_done(&e->steps[i].transcript);
	}
	for (size_t i = e->effects_at; i < e->n_effects; i++)
		mem_free(e->effects[i].line);
	trail_cut(e, 0);
	facts_clear(e);
	verdict_free(e->verdict);
	kvs_done(&e->kept);
	kvs_done(&e->setup.answers);
	kvs_done(&e->setup.offers);
	imported_done(&e->setup.imported);
	mem_free(e->jobs);
	mem_free(e->steps);
	mem_free(e->effects);
	mem_free(e->trail);
	mem_free(e);
}

enum engine_state
engine_state(const struct engine *e)
{
	return e->state;
}

const struct node *
engine_node(const struct engine *e)
{
	return &e->setup.playbook->nodes[e->node];
}

const struct playbook *
engine_playbook(const struct engine *e)
{
	return e->setup.playbook;
}

const struct knowledge *
engine_knowledge(const struct engine *e)
{
	return e->setup.knowledge;
}

const char *
engine_error_meaning(const struct engine *e, const char *text)
{
	const struct error_text *t = knowledge_error(e->setup.knowledge, text);

	return t ? t->meaning : NULL;
}

size_t
engine_jobs(const struct engine *e)
{
	return e->n_jobs;
}

struct job_info
engine_job(const struct engine *e, size_t i)
{
	const struct job *j = &e->jobs[i];

	return (struct job_info){
	    .id = j->id,
	    .probe = j->probe,
	    .params = &j->params,
	    .result = j->ended ? &j->result : NULL,
	    .started_ms = j->started_ms,
	    .ahead = j->ahead,
	    .wanted = j->wanted && !j->stale,
	};
}

size_t
engine_jobs_running(const struct engine *e)
{
	size_t n = 0;

	for (size_t i = 0; i < e->n_jobs; i++)
		n += !e->jobs[i].ended;
	return n;
}

const struct step *
engine_steps(const struct engine *e, size_t *n)
{
	*n = e->n_steps;
	return e->steps;
}

int
engine_questions_asked(const struct engine *e)
{
	return e->questions_asked;
}

int64_t
engine_started(const struct engine *e)
{
	return e->started_ms;
}

int64_t
engine_ended(const struct engine *e)
{
	return e->ended_ms;
}

const struct verdict *
engine_verdict(const struct engine *e)
{
	return e->state == ENGINE_DONE ? e->verdict : NULL;
}
