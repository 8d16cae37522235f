/* SPDX-License-Identifier: ISC
 *
 * The ways through a playbook: every node must be reached and lead to a
 * verdict, no loop may run by itself, nobody may learn anything before the
 * screen has said so; and which probes can be started ahead of the reader.
 * Every walk is a plain search over the edges, so large files stay fast.
 */
#include <string.h>

#include "../../probes/base/mem.h"
#include "../../probes/probe.h"
#include "parse.h"

#define WAY_SHOWN 6 /* nodes of a way that a message names */

/* The k-th edge of a node: -1 for one that leads nowhere. */
static size_t
n_edges(const struct node *n)
{
	return n->kind == NODE_VERDICT ? 0 : n->n_branches + 1;
}

static int
edge(const struct node *n, size_t k)
{
	return k < n->n_branches ? n->branches[k].target : n->target;
}

/* ---- reached from the start ---- */

/* A search that remembers by which node each node was first reached. */
struct search {
	const struct playbook *p;
	int *from; /* -1: not reached; the start is its own */
	int *queue;
	size_t n;
};

static void
search_done(struct search *s)
{
	mem_free(s->from);
	mem_free(s->queue);
}

/* From the start along all edges, but not on from nodes where stop holds. */
static void
search_run(struct search *s, const struct playbook *p,
    bool (*stop)(const struct node *n))
{
	*s = (struct search){.p = p};
	s->from = mem_alloc(p->n_nodes * sizeof(*s->from));
	s->queue = mem_alloc(p->n_nodes * sizeof(*s->queue));
	for (size_t i = 0; i < p->n_nodes; i++)
		s->from[i] = -1;
	s->from[p->start] = p->start;
	s->queue[s->n++] = p->start;
	for (size_t head = 0; head < s->n; head++) {
		int at = s->queue[head];
		const struct node *n = &p->nodes[at];
		for (size_t k = 0; !stop(n) && k < n_edges(n); k++) {
			int to = edge(n, k);
			if (to < 0 || s->from[to] >= 0)
				continue;
			s->from[to] = at;
			s->queue[s->n++] = to;
		}
	}
}

static char *
way_text(const struct playbook *p, const int *way, size_t n)
{
	struct strs words = {0};

	for (size_t i = 0; i < n; i++) {
		if (n > WAY_SHOWN && i == WAY_SHOWN / 2) {
			strs_add(&words, "...");
			i = n - WAY_SHOWN / 2;
		}
		strs_add(&words, p->nodes[way[i]].id);
	}
	char *text = strs_join(&words, " > ");
	strs_done(&words);
	return text;
}

/* The way on which a search came to a node; the caller frees. */
static char *
search_way(const struct search *s, int to)
{
	size_t n = 1;

	for (int at = to; s->from[at] != at; at = s->from[at])
		n++;
	int *way = mem_alloc(n * sizeof(*way));
	for (size_t i = n; i-- > 0; to = s->from[to])
		way[i] = to;
	char *text = way_text(s->p, way, n);
	mem_free(way);
	return text;
}

static bool
never(const struct node *n)
{
	(void)n;
	return false;
}

static void
check_reached(struct reader *r, const struct search *s)
{
	for (size_t i = 0; i < r->p->n_nodes; i++)
		if (s->from[i] < 0)
			complain(r->c, "unreachable", r->p->nodes[i].at,
			    "no way leads to \"%s\"; name it in a \"next\" or "
			    "\"else\", or take it away",
			    r->p->nodes[i].id);
}

/* ---- who learns what ---- */

/* A node with `skip` may be passed over, so it does not count. */
static bool
has_disclosed(const struct node *n)
{
	return n->discloses && !n->skip;
}

static void
check_disclosed(struct reader *r, const struct search *undisclosed)
{
	for (size_t i = 0; i < r->p->n_nodes; i++) {
		const struct node *n = &r->p->nodes[i];
		if (undisclosed->from[i] < 0)
			continue;
		for (size_t k = 0; k < n->n_calls; k++) {
			if (!n->calls[k].probe->contacts)
				continue;
			char *way = search_way(undisclosed, (int)i);
			complain(r->c, "undisclosed", n->calls[k].at,
			    "probe %s is heard by others (%s), and nothing on "
			    "the way %s says so; add \"discloses\" to a node "
			    "before it that has no \"skip\"",
			    n->calls[k].probe->name,
			    n->calls[k].probe->contacts, way);
			mem_free(way);
		}
	}
}

/* ---- every node leads to a verdict ---- */

/* Edges turned round: to[first[i] .. first[i + 1]) lead to node i. */
struct reverse {
	int *to;
	size_t *first;
};

static void
reverse_make(struct reverse *v, const struct playbook *p)
{
	size_t n = p->n_nodes, total = 0;

	v->first = mem_alloc((n + 2) * sizeof(*v->first));
	for (size_t i = 0; i < n; i++) {
		for (size_t k = 0; k < n_edges(&p->nodes[i]); k++) {
			int to = edge(&p->nodes[i], k);
			if (to >= 0) {
				v->first[to + 2]++;
				total++;
			}
		}
	}
	for (size_t i = 2; i < n + 2; i++)
		v->first[i] += v->first[i - 1];
	v->to = mem_alloc((total + 1) * sizeof(*v->to));
	for (size_t i = 0; i < n; i++) {
		for (size_t k = 0; k < n_edges(&p->nodes[i]); k++) {
			int to = edge(&p->nodes[i], k);
			if (to >= 0)
				v->to[v->first[to + 1]++] = (int)i;
		}
	}
}

static void
check_ends(struct reader *r, const struct search *reached)
{
	const struct playbook *p = r->p;
	struct reverse v = {0};
	bool *ends = mem_alloc(p->n_nodes);
	int *queue = mem_alloc(p->n_nodes * sizeof(*queue));
	size_t n = 0;

	reverse_make(&v, p);
	for (size_t i = 0; i < p->n_nodes; i++) {
		if (p->nodes[i].kind == NODE_VERDICT) {
			ends[i] = true;
			queue[n++] = (int)i;
		}
	}
	for (size_t head = 0; head < n; head++) {
		int at = queue[head];
		for (size_t k = v.first[at]; k < v.first[at + 1]; k++) {
			if (ends[v.to[k]])
				continue;
			ends[v.to[k]] = true;
			queue[n++] = v.to[k];
		}
	}
	for (size_t i = 0; i < p->n_nodes; i++) {
		if (ends[i] || reached->from[i] < 0)
			continue;
		complain(r->c, "no-verdict", p->nodes[i].at,
		    "no way leads from \"%s\" to a verdict; give one of the "
		    "nodes behind it a way out",
		    p->nodes[i].id);
		break; /* the others of the same trap would say the same */
	}
	mem_free(v.to);
	mem_free(v.first);
	mem_free(queue);
	mem_free(ends);
}

/* ---- loops ---- */

/*
 * Only these stop a loop from running by itself. A question does not: a fact
 * that is known is not asked for again. A probe neither: it is not run twice
 * with the same parameters.
 */
static bool
waits_for_user(const struct node *n)
{
	return (n->kind == NODE_TELL || n->kind == NODE_MANUAL) && !n->skip;
}

struct walk {
	int *stack; /* the nodes on the way here */
	size_t *next; /* for each of them, its next edge */
	size_t depth;
	char *state; /* 0 new, 1 on the way, 2 done */
};

static void
complain_loop(struct reader *r, const struct walk *w, int back)
{
	size_t i = w->depth;

	while (w->stack[i - 1] != back)
		i--;
	char *way = way_text(r->p, &w->stack[i - 1], w->depth - (i - 1));
	complain(r->c, "loop", r->p->nodes[w->stack[w->depth - 1]].at,
	    "%s goes round to %s, and nothing new can become known on the way; "
	    "put a tell or manual node without \"skip\" into the loop, or lead "
	    "on",
	    way, r->p->nodes[back].id);
	mem_free(way);
}

static void
walk_push(struct walk *w, int node)
{
	w->state[node] = 1;
	w->stack[w->depth] = node;
	w->next[w->depth++] = 0;
}

/* Depth first from one node, without recursion. */
static void
walk_from(struct reader *r, struct walk *w, int root)
{
	const struct playbook *p = r->p;

	walk_push(w, root);
	while (w->depth > 0) {
		int at = w->stack[w->depth - 1];
		size_t k = w->next[w->depth - 1]++;
		if (k >= n_edges(&p->nodes[at])) {
			w->state[at] = 2;
			w->depth--;
			continue;
		}
		int to = edge(&p->nodes[at], k);
		if (to < 0 || waits_for_user(&p->nodes[to]))
			continue;
		if (w->state[to] == 1)
			complain_loop(r, w, to);
		else if (w->state[to] == 0)
			walk_push(w, to);
	}
}

static void
check_loops(struct reader *r)
{
	const struct playbook *p = r->p;
	struct walk w = {
	    .stack = mem_alloc(p->n_nodes * sizeof(*w.stack)),
	    .next = mem_alloc(p->n_nodes * sizeof(*w.next)),
	    .state = mem_alloc(p->n_nodes),
	};

	for (size_t i = 0; i < p->n_nodes; i++)
		if (w.state[i] == 0 && !waits_for_user(&p->nodes[i]))
			walk_from(r, &w, (int)i);
	mem_free(w.stack);
	mem_free(w.next);
	mem_free(w.state);
}

void
flow_check(struct reader *r)
{
	struct search reached, undisclosed;

	search_run(&reached, r->p, never);
	search_run(&undisclosed, r->p, has_disclosed);
	check_reached(r, &reached);
	check_disclosed(r, &undisclosed);
	check_ends(r, &reached);
	check_loops(r);
	search_done(&reached);
	search_done(&undisclosed);
}

/* ---- started ahead ---- */

struct ahead_search {
	const struct playbook *p;
	int seen[PLAYBOOK_AHEAD_NODES];
	int deep[PLAYBOOK_AHEAD_NODES]; /* probe nodes up to and with it */
	size_t n;
	int *mark; /* which round has seen a node */
	int round;
};

/* Puts what follows a node into the search. */
static void
ahead_follow(struct ahead_search *s, const struct node *n, int deep)
{
	for (size_t k = 0; k < n_edges(n); k++) {
		int to = edge(n, k);
		if (to < 0 || s->n == PLAYBOOK_AHEAD_NODES ||
		    s->mark[to] == s->round)
			continue;
		s->mark[to] = s->round;
		s->seen[s->n] = to;
		s->deep[s->n++] =
		    deep + (s->p->nodes[to].kind == NODE_PROBE ? 1 : 0);
	}
}

static void
ahead_take(struct node *n, int at, const struct node *found, bool disclosed)
{
	for (size_t k = 0; k < found->n_calls; k++) {
		const struct probe *probe = found->calls[k].probe;
		if (n->n_ahead == PLAYBOOK_AHEAD_CALLS)
			return;
		if (probe->effect != PROBE_READS ||
		    (probe->contacts && !disclosed))
			continue;
		*MEM_PUSH(&n->ahead, &n->n_ahead, &n->cap_ahead) =
		    (struct ahead){.node = at, .call = (int)k};
	}
}

/*
 * What a manual step changes must be tested after it, so nothing behind one
 * is started before it.
 */
static void
ahead_node(struct ahead_search *s, struct node *n, bool disclosed)
{
	s->round++;
	s->n = 0;
	if (n->kind == NODE_MANUAL)
		return;
	ahead_follow(s, n, 0);
	for (size_t head = 0; head < s->n; head++) {
		const struct node *found = &s->p->nodes[s->seen[head]];
		if (n->n_ahead == PLAYBOOK_AHEAD_CALLS)
			break;
		if (found->kind == NODE_MANUAL)
			continue;
		ahead_take(n, s->seen[head], found, disclosed);
		if (s->deep[head] < PLAYBOOK_AHEAD_DEEP)
			ahead_follow(s, found, s->deep[head]);
	}
}

void
flow_ahead(struct playbook *p)
{
	struct ahead_search *s = mem_new(struct ahead_search);
	struct search undisclosed;

	search_run(&undisclosed, p, has_disclosed);
	s->p = p;
	s->mark = mem_alloc(p->n_nodes * sizeof(*s->mark));
	for (size_t i = 0; i < p->n_nodes; i++)
		ahead_node(s, &p->nodes[i], undisclosed.from[i] < 0);
	search_done(&undisclosed);
	mem_free(s->mark);
	mem_free(s);
}
