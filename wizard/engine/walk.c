/* SPDX-License-Identifier: ISC
 *
 * The walk from node to node: as far as it goes without the user or a result,
 * back to the question before, and once more from the start.
 */
#include "engine_in.h"

#include "../../probes/base/mem.h"
#include "../playbook/when.h"

#include <stdio.h>

void
walk_finish(struct engine *e, const struct node *n, bool cut_short)
{
	e->state = ENGINE_DONE;
	e->ended_ms = e->now_ms;
	e->replaying = false;
	verdict_free(e->verdict);
	e->verdict = verdict_new(e, n, cut_short);
	step_add(e, "verdict", n->id, e->verdict->cause);
	journal_verdict(e);
}

static int
decide(struct engine *e, const struct node *n)
{
	for (size_t i = 0; i < n->n_branches; i++) {
		const struct branch *b = &n->branches[i];

		if (!when_holds(b->when, fact_lookup, e))
			continue;
		step_add(e, "decision", n->id, b->next);
		journal_decision(e, "decision", n->id, b->next);
		return b->target;
	}
	step_add(e, "decision", n->id, n->otherwise);
	journal_decision(e, "decision", n->id, n->otherwise);
	return n->target;
}

static bool
was_read(const struct engine *e, int node)
{
	for (size_t i = 0; i < e->n_trail; i++)
		if (e->trail[i].node == node)
			return true;
	return false;
}

/* Waiting for results, or for the user's yes. */
static bool
probes_hold_up(struct engine *e, const struct node *n)
{
	switch (run_calls(e, n)) {
	case CALLS_DONE:
		return false;
	case CALLS_WAIT:
		e->state = ENGINE_PROBING;
		return true;
	case CALLS_CONSENT:
		e->state = ENGINE_CONSENT;
		return true;
	}
	return false;
}

/* Goes on as far as possible without the user or a result. */
void
walk(struct engine *e)
{
	const struct playbook *p = e->setup.playbook;

	for (int passes = 0; passes < ENGINE_MAX_PASSES; passes++) {
		const struct node *n = &p->nodes[e->node];
		bool skip = n->skip && when_holds(n->skip, fact_lookup, e);

		switch (n->kind) {
		case NODE_ASK:
			e->disclosed =
			    e->disclosed || (n->discloses && e->n_trail > 0);
			if (!skip && !ask_passes(e, n)) {
				e->state = ENGINE_ASKING;
				return;
			}
			e->disclosed = e->disclosed || n->discloses;
			break;
		case NODE_TELL:
		case NODE_MANUAL:
			if (!skip && !e->setup.no_input &&
			    !was_read(e, e->node)) {
				e->state = ENGINE_READING;
				return;
			}
			e->disclosed = e->disclosed || n->discloses;
			break;
		case NODE_PROBE:
			if (!skip && probes_hold_up(e, n))
				return;
			if (engine_jobs_running(e) > 0)
				journal_decision(e, "patience", n->id,
				    "not waiting for silent other ports");
			break;
		case NODE_DECIDE:
			e->node = decide(e, n);
			continue;
		case NODE_VERDICT:
			walk_finish(e, n, false);
			return;
		}
		e->node = n->target;
	}
	walk_finish(e, &p->nodes[e->node], true);
}

void
trail_cut(struct engine *e, size_t keep)
{
	while (e->n_trail > keep)
		kvs_done(&e->trail[--e->n_trail].answers);
}

bool
engine_can_go_back(const struct engine *e)
{
	return e->n_trail > 0;
}

void
go_back(struct engine *e)
{
	if (e->n_trail == 0)
		return;
	e->node = e->trail[e->n_trail - 1].node;
	trail_cut(e, e->n_trail - 1);
	e->replaying = false;
	facts_rebuild(e);
	walk(e);
}

/* From the start again with the answers there are. */
void
walk_again(struct engine *e, bool test_again)
{
	if (test_again)
		for (size_t i = 0; i < e->n_jobs; i++)
			e->jobs[i].stale =
			    e->jobs[i].stale ||
			    e->jobs[i].probe->effect == PROBE_READS;
	if (test_again && engine_jobs_running(e) > 0)
		effect_add(e, EFFECT_CANCEL_ALL);
	trail_cut(e, 0);
	e->replaying = true;
	e->node = e->setup.playbook->start;
	facts_rebuild(e);
	walk(e);
}

/* Where the answer was given beforehand it is replaced there. */
void
set_answer(struct engine *e, const char *name, const char *value)
{
	kvs_set(&e->kept, name, value);
	kvs_set(&e->setup.answers, name, value);
}

void
take_recommendation(struct engine *e)
{
	const struct recommendation *r =
	    e->verdict ? &e->verdict->recommended : NULL;
	char port[8];

	if (!r || !r->found)
		return;
	snprintf(port, sizeof(port), "%d", r->port);
	set_answer(e, "app.host", r->host);
	set_answer(e, "app.port", port);
	set_answer(e, "app.security", r->security);
	set_answer(e, "app.auth", r->auth);
}
