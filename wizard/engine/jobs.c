/* SPDX-License-Identifier: ISC
 *
 * Jobs: a probe with the values of its parameters. Which ones the playbook
 * calls for as the facts now are, which of them run, and what ended ones add to
 * the facts.
 */
#include "engine_in.h"

#include "../../probes/base/buf.h"
#include "../../probes/base/mem.h"
#include "../playbook/when.h"

#include <string.h>

static void
put_answers(struct engine *e, const struct kvs *answers, const char *by)
{
	for (size_t i = 0; i < answers->n; i++)
		fact_put(e, answers->v[i].name, answers->v[i].value,
		    FROM_ANSWER, by);
}

/* The newest answer, before there are facts. */
static const char *
given(const struct engine *e, const char *name)
{
	for (size_t i = e->n_trail; i-- > 0;)
		if (kvs_get(&e->trail[i].answers, name))
			return kvs_get(&e->trail[i].answers, name);
	return kvs_get(&e->setup.answers, name);
}

/* Of one account alone: the chosen one, or the only one. */
static void
put_imported(struct engine *e)
{
	const struct imported *im = &e->setup.imported;
	const char *chosen = given(e, "import.account");

	for (size_t i = 0; i < im->n; i++) {
		const struct kvs *facts = &im->v[i].facts;

		if (im->n > 1 && !str_eq(im->v[i].name, chosen))
			continue;
		fact_put(
		    e, "import.account", im->v[i].name, FROM_IMPORT, im->from);
		for (size_t k = 0; k < facts->n; k++)
			fact_put(e, facts->v[k].name, facts->v[k].value,
			    FROM_IMPORT, im->from);
	}
}

/* The value of a parameter: a fact, or data.NAME from the knowledge. */
static char *
param_value(const struct engine *e, const char *source)
{
	if (str_starts(source, "data."))
		return knowledge_data(e->setup.knowledge, source + 5);
	return mem_dup(fact_value(e, source));
}

static char *
job_key(const struct probe *probe, const struct kvs *params)
{
	struct buf b;

	buf_init(&b, BUF_OURS);
	buf_adds(&b, probe->name);
	for (size_t i = 0; i < params->n; i++)
		buf_addf(&b, "\n%s=%s", params->v[i].name, params->v[i].value);
	return buf_take(&b);
}

static struct job *
job_by_key(const struct engine *e, const char *key)
{
	for (size_t i = e->n_jobs; i-- > 0;)
		if (!e->jobs[i].stale && str_eq(e->jobs[i].key, key))
			return &e->jobs[i];
	return NULL;
}

/* Fills in the parameters; false when a required one is not known. */
static bool
call_params(const struct engine *e, const struct call *c, const char *item,
    struct kvs *params)
{
	for (size_t i = 0; i < c->with.n; i++) {
		char *value = param_value(e, c->with.v[i].value);

		if (value && *value && !str_eq(value, "unknown"))
			kvs_set(params, c->with.v[i].name, value);
		mem_free(value);
	}
	if (c->each_param)
		kvs_set(params, c->each_param, item);
	for (const struct probe_param *p = c->probe->params; p->name; p++)
		if (p->required && !kvs_get(params, p->name))
			return false;
	return true;
}

typedef bool each_params(
    struct engine *e, const struct call *c, struct kvs *params, void *arg);

/*
 * Calls `fn` with the parameters of every job that the call stands for as the
 * facts now are; stops when it returns false. Gives what `fn` last gave.
 */
static bool
call_expand(struct engine *e, const struct call *c, each_params *fn, void *arg)
{
	struct strs items = {0};
	bool go_on = true;

	if (c->when && !when_holds(c->when, fact_lookup, e))
		return true;
	if (c->each_fact) {
		const char *list = fact_value(e, c->each_fact);

		if (list && !str_eq(list, "unknown"))
			strs_split(&items, list, ",");
	} else
		strs_add(&items, "");
	for (size_t i = 0; go_on && i < items.n && i < ENGINE_MAX_TARGETS;
	     i++) {
		struct kvs params = {0};

		if (call_params(e, c, items.v[i], &params))
			go_on = fn(e, c, &params, arg);
		kvs_done(&params);
	}
	strs_done(&items);
	return go_on;
}

/* An ended job that matches a call counts; its facts are put once. */
static bool
apply_result(
    struct engine *e, const struct call *c, struct kvs *params, void *arg)
{
	bool *changed = arg;
	char *key = job_key(c->probe, params);
	struct job *j = job_by_key(e, key);

	mem_free(key);
	if (!j || j->wanted)
		return true;
	j->wanted = true;
	if (!j->ended)
		return true;
	*changed = true;
	if (c->quiet || c->each_param)
		return true;
	for (size_t i = 0; i < j->result.facts.n; i++)
		fact_put(e, j->result.facts.v[i].name,
		    j->result.facts.v[i].value, FROM_PROBE, j->probe->name);
	return true;
}

/* What later nodes call for is always based on what this one has found. */
static bool
apply_node(struct engine *e, const struct node *n)
{
	bool changed = false;

	for (size_t c = 0; c < n->n_calls; c++)
		call_expand(e, &n->calls[c], apply_result, &changed);
	if (changed)
		derive_all(e);
	return changed;
}

/* Results may give later calls their parameters: until nothing changes. */
static void
apply_results(struct engine *e)
{
	const struct playbook *p = e->setup.playbook;
	bool changed = true;

	for (int pass = 0; changed && pass < 10; pass++) {
		changed = false;
		derive_all(e);
		for (size_t n = 0; n < p->n_nodes; n++)
			changed = apply_node(e, &p->nodes[n]) || changed;
	}
	derive_all(e);
}

/* A fact that did not change keeps the time it became known. */
static void
keep_times(struct engine *e, const struct fact *old, size_t n_old)
{
	for (size_t i = 0; i < e->n_facts; i++)
		for (size_t k = 0; k < n_old; k++)
			if (str_eq(old[k].name, e->facts[i].name) &&
			    str_eq(old[k].value, e->facts[i].value))
				e->facts[i].at_ms = old[k].at_ms;
}

void
facts_rebuild(struct engine *e)
{
	struct fact *old = e->facts;
	size_t n_old = e->n_facts;

	e->facts = NULL;
	e->n_facts = e->cap_facts = 0;
	for (size_t i = 0; i < e->n_jobs; i++)
		e->jobs[i].wanted = false;
	fact_put(
	    e, "account.secret", e->setup.secret_kind, FROM_ANSWER, "given");
	put_imported(e);
	put_answers(e, &e->setup.answers, "given");
	for (size_t i = 0; i < e->n_trail; i++)
		put_answers(e, &e->trail[i].answers,
		    e->setup.playbook->nodes[e->trail[i].node].id);
	apply_results(e);
	keep_times(e, old, n_old);
	for (size_t i = 0; i < n_old; i++) {
		mem_free(old[i].name);
		mem_free(old[i].value);
		mem_free(old[i].by);
	}
	mem_free(old);
}

struct start {
	bool ahead;
	bool waiting; /* out: a job of the call has not ended */
	bool consent; /* out: one may start once the user agrees */
};

/* Does the cause hang on whether another port of the server answers? */
static bool
needs_other(const struct engine *e)
{
	const char *reach = fact_value(e, "mine.reach");
	const char *speaks = fact_value(e, "mine.speaks");

	if (fact_is(e, "mine.passes", "yes") ||
	    fact_is(e, "other.passes", "yes") ||
	    fact_is(e, "path.portal", "yes"))
		return false;
	return (reach && !str_in_set(reach, "open|unknown")) ||
	       (speaks && !str_in_set(speaks, "smtp|unknown")) ||
	       !(fact_is(e, "mine.fits", "yes") ||
		   fact_is(e, "mine.fits", "unknown")) ||
	       fact_is(e, "mine.auth", "not-offered");
}

/*
 * What the app is set to gets all the time the contract allows, and so do
 * the other ports while the cause hangs on them. Otherwise a port must have
 * shown by now whether it answers: a silent one never holds the result up.
 */
bool
job_is_awaited(const struct engine *e, const struct job *j)
{
	int64_t patience = e->setup.timeout_ms + NET_SILENCE_MS + 1000;
	int64_t full =
	    (int64_t)e->setup.timeout_ms * NET_REPLY_FACTOR + NET_SILENCE_MS;
	struct probe_target t;
	bool is_mine;

	if (j->ended)
		return false;
	/* Beside our own view the system's is only a comparison. */
	if (j->probe->uninterruptible && fact_is(e, "dns.name", "ok"))
		return e->now_ms < j->started_ms + NET_SILENCE_MS;
	if (!str_eq(j->probe->name, "smtp_port") ||
	    !probe_target_parse(kvs_get(&j->params, "target"), &t))
		return true;
	is_mine =
	    t.port == mine_port(e) &&
	    str_same(kvs_get(&j->params, "host"), fact_value(e, "mine.host"));
	if (is_mine && !fact_is(e, "mine.passes", "yes"))
		return true;
	return e->now_ms <
	       j->started_ms + (is_mine || needs_other(e) ? full : patience);
}

static bool
start_job(struct engine *e, const struct call *c, struct kvs *params, void *arg)
{
	struct start *s = arg;
	char *key = job_key(c->probe, params);
	struct job *j = job_by_key(e, key);
	struct effect *f;

	if (j || e->n_jobs >= ENGINE_MAX_JOBS) {
		s->waiting = s->waiting || (j && job_is_awaited(e, j));
		mem_free(key);
		return true;
	}
	if (!consent_given(e, c->probe->effect)) {
		s->consent = s->consent || consent_wanted(e, c->probe->effect);
		if (s->consent)
			e->consent_for = c->probe->effect;
		mem_free(key);
		return true;
	}
	j = MEM_PUSH(&e->jobs, &e->n_jobs, &e->cap_jobs);
	j->id = ++e->last_job;
	j->probe = c->probe;
	j->key = key;
	j->ahead = s->ahead;
	j->wanted = true;
	j->started_ms = e->now_ms;
	kvs_copy(&j->params, params);
	s->waiting = true;
	f = effect_add(e, EFFECT_START_JOB);
	f->job = j->id;
	f->probe = j->probe;
	return true;
}

/* Params of queued starts are looked up late: `jobs` may have moved. */
void
effects_point_at_params(struct engine *e)
{
	for (size_t i = e->effects_at; i < e->n_effects; i++)
		if (e->effects[i].kind == EFFECT_START_JOB)
			e->effects[i].params =
			    &e->jobs[e->effects[i].job - 1].params;
}

/* Starts what the node calls for and says what has to be waited for. */
enum calls
run_calls(struct engine *e, const struct node *n)
{
	struct start s = {0};

	for (size_t i = 0; i < n->n_calls; i++)
		call_expand(e, &n->calls[i], start_job, &s);
	if (s.waiting)
		return CALLS_WAIT;
	return s.consent ? CALLS_CONSENT : CALLS_DONE;
}

void
run_ahead(struct engine *e)
{
	const struct playbook *p = e->setup.playbook;
	const struct node *n = &p->nodes[e->node];
	struct start s = {.ahead = true};

	if (!e->disclosed)
		return;
	for (size_t i = 0; i < n->n_ahead; i++) {
		const struct node *at = &p->nodes[n->ahead[i].node];
		const struct call *c = &at->calls[n->ahead[i].call];

		if (c->probe->effect == PROBE_READS)
			call_expand(e, c, start_job, &s);
	}
}

void
take_result(struct engine *e, struct event *ev)
{
	struct job *j;

	if (!ev->result)
		return;
	if (ev->job == 0 || ev->job > e->n_jobs || e->jobs[ev->job - 1].ended) {
		probe_result_done(ev->result);
		return;
	}
	j = &e->jobs[ev->job - 1];
	j->ended = true;
	j->result = *ev->result;
	*ev->result = (struct probe_result){0};
	if (j->result.status == PROBE_CANCELLED)
		j->stale = true;
}

/* What a step of the log says about a result. */
void
step_for_job(struct engine *e, const struct job *j)
{
	const char *target = kvs_get(&j->params, "target");
	const char *host = kvs_get(&j->params, "host");
	const char *what = target ? target : host;
	struct step *s;
	char *name = what ? mem_printf("%s %s", j->probe->name, what)
			  : mem_dup(j->probe->name);
	const char *outcome = "nothing notable";

	if (j->result.status == PROBE_CANCELLED)
		outcome = "cancelled";
	else if (j->result.status == PROBE_FAILED)
		outcome = j->result.err.msg;
	for (size_t i = 0; i < j->result.n_findings; i++)
		if (i == 0 || j->result.findings[i].grade == FINDING_FAIL)
			outcome = j->result.findings[i].text;
	s = step_add(e, "probe", name, outcome);
	s->at_ms = j->started_ms;
	s->ms = j->result.ms;
	strs_copy(&s->transcript, &j->result.transcript);
	mem_free(name);
}
