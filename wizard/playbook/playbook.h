/* SPDX-License-Identifier: ISC
 *
 * A playbook: the decision tree as data. Loading checks everything that can
 * be checked without running it, so that the engine never meets a surprise.
 * The language is described in smtpwiz-playbook(5).
 */
#ifndef PLAYBOOK_PLAYBOOK_H
#define PLAYBOOK_PLAYBOOK_H

#include "../../probes/base/err.h"
#include "../../probes/base/kv.h"
#include "../../probes/base/str.h"

#include <stddef.h>

struct probe;
struct when;

/* Where something stands in the file; for messages and lint. */
struct place {
	int line, column;
};

/* A fact that conditions may test, or that is only shown (values NULL). */
struct fact_info {
	const char *name;
	const char *values; /* "a|b|unknown"; NULL: free text */
	const char *summary;
};

enum field_kind {
	FIELD_CHOICE, /* one of the choices */
	FIELD_EMAIL,
	FIELD_HOST,
	FIELD_PORT,
	FIELD_TEXT, /* may be several lines: a pasted error message */
	FIELD_NUMBER,
};

struct choice {
	char *value; /* owned */
	char *label; /* owned */
	char *help; /* owned or NULL */
	struct place at;
};

/* One question: what it sets, why it is asked, where the answer is found. */
struct field {
	char *fact; /* owned */
	enum field_kind kind;
	char *label; /* owned: "Outgoing server (SMTP)" */
	char *why; /* owned: why we ask */
	struct kvs where; /* value of app.name (or "any") -> click path */
	struct choice *choices; /* owned */
	size_t n_choices, cap_choices;
	char *default_value; /* owned or NULL; used by --no-input */
	char *suggest; /* owned or NULL: fact whose value is offered */
	struct when *when; /* owned or NULL: asked only when it holds */
	bool optional; /* may be left empty: then `unknown` */
	struct place at;
};

/* One probe to run; `each` repeats it for every item of a list fact. */
struct call {
	const struct probe *probe; /* borrowed: static */
	struct kvs with; /* parameter -> fact name, or data.NAME */
	char *each_param; /* owned or NULL: this parameter takes each item */
	char *each_fact; /* owned or NULL: a comma-separated list */
	struct when *when; /* owned or NULL */
	bool quiet; /* its facts stay with the result: the summaries
		     * look them up by parameter (implied by each) */
	struct place at;
};

struct branch {
	struct when *when; /* owned */
	char *next; /* decide: node id; verdict: NULL */
	char *cause; /* verdict: cause; decide: NULL */
	char *confidence; /* verdict: certain|likely|possible, or NULL */
	int target; /* decide: index of the node */
	struct place at;
};

enum node_kind {
	NODE_ASK, /* a screen of one or more fields */
	NODE_TELL, /* a text to read; Enter goes on */
	NODE_MANUAL, /* something to do by hand; Enter when done */
	NODE_PROBE, /* runs its calls, waits for all of them */
	NODE_DECIDE, /* first branch that holds, else `next` */
	NODE_VERDICT, /* first rung that holds is the cause, later ones `also`;
		       * else `cause` */
};

struct node {
	char *id; /* owned */
	enum node_kind kind;
	int stage; /* index into playbook.stages, from 0 */
	char *title; /* owned: the question, or the headline */
	char *text; /* owned or NULL: paragraphs below it */
	char *discloses; /* owned or NULL: who will learn what; probes may
			  * start ahead only past such a node */
	struct field *fields;
	size_t n_fields, cap_fields;
	struct call *calls;
	size_t n_calls, cap_calls;
	struct branch *branches;
	size_t n_branches, cap_branches;
	char
	    *otherwise; /* decide: node id; verdict: cause; NULL without else */
	char *next; /* ask, tell, manual, probe: node id */
	int target; /* index of next / otherwise; -1 for none */
	struct when *skip; /* owned or NULL: passed over when it holds */
	/* Started ahead: indexes (node, call) of the read-only calls reachable
	 * from here, nearest first, within PLAYBOOK_AHEAD_*; never past a
	 * manual step; a call that contacts somebody only where every way
	 * here has shown a `discloses`. */
	struct ahead {
		int node, call;
	} * ahead;
	size_t n_ahead, cap_ahead;
	struct place at;
};

struct playbook {
	char *id, *version, *title, *summary; /* owned */
	char *file; /* owned: where it came from, "built in" */
	struct strs stages; /* names of the steps of the road */
	struct node *nodes;
	size_t n_nodes, cap_nodes;
	int start;
	struct fact_info
	    *facts; /* owned array: every fact it declares itself */
	size_t n_facts, cap_facts;
	struct kvs owned_values; /* keeps the texts of `facts` */
	int *by_id; /* owned: node indexes, sorted by id */
};

/* What one file may hold. Far above any real one; here so that a stranger's
 * file cannot be a burden. */
#define PLAYBOOK_MAX_NODES 20000
#define PLAYBOOK_MAX_STAGES 16
#define PLAYBOOK_MAX_FIELDS 32 /* of an ask node */
#define PLAYBOOK_MAX_CHOICES 64 /* of a field */
#define PLAYBOOK_MAX_CALLS 32 /* of a probe node */
#define PLAYBOOK_MAX_BRANCHES 200 /* of a decide or verdict node */
#define PLAYBOOK_MAX_NAME 64 /* bytes: ids, fact names, values */
#define PLAYBOOK_MAX_LINE 400 /* bytes: titles, labels */
#define PLAYBOOK_MAX_TEXT 8000 /* bytes: text, discloses, why, help */
#define PLAYBOOK_MAX_COMPLAINTS 200

/* How far node.ahead looks. */
#define PLAYBOOK_AHEAD_CALLS 64 /* at most so many calls, nearest first */
#define PLAYBOOK_AHEAD_DEEP 3 /* probe nodes one behind the other */
#define PLAYBOOK_AHEAD_NODES 256 /* nodes looked at */

/* What a playbook may use besides what it declares itself. */
struct playbook_world {
	const struct fact_info
	    *facts; /* derived and contract facts; NULL-ended */
	const char *const *causes; /* NULL-ended */
	const char *const *data; /* what may follow "data."; NULL-ended;
				  * NULL itself: not checked */
};

/* One problem found in a playbook. */
struct complaint {
	struct place at;
	char id[32]; /* "unknown-fact", "uncovered", ... stable */
	bool is_warning;
	char *text; /* owned: one sentence, says what to do */
};
struct complaints {
	struct complaint *v;
	size_t n, cap;
};
void complaints_done(struct complaints *c);

/*
 * Loads and checks. On any error-grade complaint returns NULL; `c` then holds
 * at least one. `name` is the file name for messages and playbook.file.
 */
struct playbook *playbook_parse(const char *name, const char *text, size_t len,
    const struct playbook_world *world, struct complaints *c);
void playbook_free(struct playbook *p);

/* Makes the question `taken` (emptied) the first node; its target is where the
 * playbook began. Only after playbook_parse. */
void playbook_ask_first(struct playbook *p, struct node *taken);

const struct node *playbook_node(const struct playbook *p, const char *id);

/* Values of a fact ("a|b|unknown"), NULL when unknown or free text. */
const char *playbook_fact_values(const struct playbook *p,
    const struct playbook_world *world, const char *fact, bool *exists);

#endif
