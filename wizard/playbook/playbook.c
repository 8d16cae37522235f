/* SPDX-License-Identifier: ISC
 *
 * From YAML to struct playbook: one small function per construct. What can be
 * seen at one place is complained of here; names and facts are checked in
 * lint.c, the ways through the playbook in flow.c.
 */
#include "playbook.h"

#include <stdlib.h>
#include <string.h>

#include "../../probes/base/mem.h"
#include "../../probes/base/yaml.h"
#include "../../probes/probe.h"
#include "parse.h"

/* Condition tests that one load may spend on looking for uncovered values. */
#define LOAD_BUDGET 20000000L

/* ---- a call of a probe ---- */

static const struct probe *
find_probe(struct reader *r, const struct yaml *y)
{
	char *name = read_need(r, y, "probe", PLAYBOOK_MAX_NAME, "a call");
	const struct probe *probe = *name ? probe_find(name) : NULL;
	struct guess g;

	if (*name && !probe) {
		guess_start(&g, name);
		for (size_t i = 0; probes_all[i]; i++)
			guess_try(&g, probes_all[i]->name);
		complain(r->c, "unknown-probe", place_of(yaml_get(y, "probe")),
		    "there is no probe \"%s\"%s \"smtpwiz probes\" lists them",
		    name, *guess_text(&g) ? guess_text(&g) : ";");
	}
	mem_free(name);
	return probe;
}

/* A fact name or data.NAME as the value of a parameter. */
static char *
take_fact(struct reader *r, const struct yaml *key, const struct yaml *y)
{
	char *fact = read_scalar(r, y, key->text, PLAYBOOK_MAX_NAME);

	if (fact && !text_is_name(fact, "_.-")) {
		complain(r->c, "bad-name", place_of(y),
		    "parameter \"%s\" takes the name of a fact or data.NAME, "
		    "never a value; ask for it or take it from a probe",
		    key->text);
		mem_free(fact);
		return NULL;
	}
	return fact;
}

static void
parse_with(struct reader *r, struct call *call, const struct yaml *y)
{
	const struct yaml *map = yaml_get(y, "with");

	if (!map || !read_is_map(r, map, "\"with\""))
		return;
	for (size_t i = 0; i < map->n && i < PLAYBOOK_MAX_CHOICES; i++) {
		char *fact = take_fact(r, map->keys[i], map->items[i]);
		if (fact)
			kvs_set(&call->with, map->keys[i]->text, fact);
		mem_free(fact);
	}
}

static void
parse_each(struct reader *r, struct call *call, const struct yaml *y)
{
	const struct yaml *map = yaml_get(y, "each");

	if (!map || !read_is_map(r, map, "\"each\""))
		return;
	if (map->n != 1) {
		complain(r->c, "too-many", place_of(map),
		    "\"each\" takes exactly one parameter; write \"each: "
		    "{parameter: list fact}\"");
		return;
	}
	call->each_fact = take_fact(r, map->keys[0], map->items[0]);
	if (call->each_fact)
		call->each_param = mem_dup(map->keys[0]->text);
}

static void
check_param(struct reader *r, const struct probe *probe, const char *name,
    struct place at)
{
	struct guess g;

	guess_start(&g, name);
	for (size_t i = 0; probe->params && probe->params[i].name; i++) {
		if (str_eq(probe->params[i].name, name))
			return;
		guess_try(&g, probe->params[i].name);
	}
	complain(r->c, "unknown-parameter", at,
	    "probe %s has no parameter \"%.80s\"%s \"smtpwiz probes\" lists "
	    "what it takes",
	    probe->name, name, *guess_text(&g) ? guess_text(&g) : ";");
}

static void
check_params(struct reader *r, const struct call *call, const struct yaml *y)
{
	static const char *const maps[] = {"with", "each", NULL};

	for (size_t m = 0; maps[m]; m++) {
		const struct yaml *map = yaml_get(y, maps[m]);
		for (size_t i = 0; map && map->kind == YAML_MAP && i < map->n;
		     i++)
			check_param(r, call->probe, map->keys[i]->text,
			    place_of(map->keys[i]));
	}
	if (call->each_param && kvs_get(&call->with, call->each_param))
		complain(r->c, "unknown-parameter", call->at,
		    "parameter \"%s\" stands in \"with\" and in \"each\"; give "
		    "it once",
		    call->each_param);
	const struct probe_param *p = call->probe->params;
	for (; p && p->name; p++) {
		if (!p->required || yaml_get(yaml_get(y, "with"), p->name) ||
		    yaml_get(yaml_get(y, "each"), p->name))
			continue;
		complain(r->c, "missing-parameter", call->at,
		    "probe %s needs its parameter \"%s\" (%s); add \"with: "
		    "{%s: FACT}\"",
		    call->probe->name, p->name, p->summary, p->name);
	}
}

static void
parse_call(struct reader *r, struct node *n, const struct yaml *y)
{
	static const char *const keys[] = {
	    "probe", "with", "each", "when", "quiet", NULL};
	struct call *call = MEM_PUSH(&n->calls, &n->n_calls, &n->cap_calls);

	call->at = place_of(y);
	if (!read_is_map(r, y, "a call of a probe"))
		return;
	read_known_keys(r, y, keys, read_no_keys, "a call of a probe");
	call->probe = find_probe(r, y);
	parse_with(r, call, y);
	parse_each(r, call, y);
	call->when = read_when(r, y, "when");
	call->quiet = read_yes(r, y, "quiet");
	if (call->probe)
		check_params(r, call, y);
}

/* ---- branches and rungs ---- */

static struct branch *
new_branch(struct reader *r, struct node *n, const struct yaml *y,
    const char *const *keys, const char *what)
{
	struct branch *b =
	    MEM_PUSH(&n->branches, &n->n_branches, &n->cap_branches);

	b->at = place_of(y);
	b->target = -1;
	if (!read_is_map(r, y, what))
		return b;
	read_known_keys(r, y, keys, read_no_keys, what);
	b->when = read_when(r, y, "when");
	if (!yaml_get(y, "when"))
		complain(r->c, "missing-key", b->at,
		    "%s needs \"when\"; what holds otherwise goes into the "
		    "node's \"else\"",
		    what);
	return b;
}

static void
parse_branch(struct reader *r, struct node *n, const struct yaml *y)
{
	static const char *const keys[] = {"when", "next", NULL};
	struct branch *b = new_branch(r, n, y, keys, "a branch");

	if (y->kind == YAML_MAP)
		b->next = read_name(r, y, "next", "_.-", "a branch");
}

static void
parse_rung(struct reader *r, struct node *n, const struct yaml *y)
{
	static const char *const keys[] = {"when", "cause", "confidence", NULL};
	struct branch *b = new_branch(r, n, y, keys, "a rung of a verdict");

	if (y->kind != YAML_MAP)
		return;
	b->cause = read_name(r, y, "cause", "_.-", "a rung of a verdict");
	b->confidence = read_text(r, y, "confidence", PLAYBOOK_MAX_NAME);
	if (!b->confidence ||
	    str_in_set(b->confidence, "certain|likely|possible"))
		return;
	struct guess g;
	guess_start(&g, b->confidence);
	guess_try_set(&g, "certain|likely|possible");
	complain(r->c, "bad-confidence", place_of(yaml_get(y, "confidence")),
	    "\"%s\" is no confidence%s use certain, likely or possible",
	    b->confidence, *guess_text(&g) ? guess_text(&g) : ";");
}

/* ---- nodes by kind ---- */

static void
parse_screen(
    struct reader *r, struct node *n, const struct yaml *y, const char *key)
{
	n->title = read_need(r, y, key, PLAYBOOK_MAX_LINE, "the node");
	n->text = read_text(r, y, "text", PLAYBOOK_MAX_TEXT);
	n->discloses = read_text(r, y, "discloses", PLAYBOOK_MAX_TEXT);
}

static void
parse_ask(struct reader *r, struct node *n, const struct yaml *y)
{
	parse_screen(r, n, y, "ask");
	if (!yaml_get(y, "fields")) {
		complain(r->c, "missing-key", n->at,
		    "an ask node needs \"fields\"; for a text without a "
		    "question use \"tell\"");
		return;
	}
	const struct yaml *list =
	    read_list(r, y, "fields", PLAYBOOK_MAX_FIELDS);
	for (size_t i = 0; list && i < list->n; i++)
		parse_field(r, n, list->items[i]);
}

static void
parse_tell(struct reader *r, struct node *n, const struct yaml *y)
{
	parse_screen(r, n, y, "tell");
}

static void
parse_manual(struct reader *r, struct node *n, const struct yaml *y)
{
	parse_screen(r, n, y, "manual");
}

static void
parse_probes(struct reader *r, struct node *n, const struct yaml *y)
{
	const struct yaml *list = read_list(r, y, "probes", PLAYBOOK_MAX_CALLS);

	for (size_t i = 0; list && i < list->n; i++)
		parse_call(r, n, list->items[i]);
}

static void
parse_decide(struct reader *r, struct node *n, const struct yaml *y)
{
	const struct yaml *list =
	    read_list(r, y, "decide", PLAYBOOK_MAX_BRANCHES);

	for (size_t i = 0; list && i < list->n; i++)
		parse_branch(r, n, list->items[i]);
	n->otherwise = read_text(r, y, "else", PLAYBOOK_MAX_NAME);
}

static void
parse_verdict(struct reader *r, struct node *n, const struct yaml *y)
{
	if (yaml_text(yaml_get(y, "verdict"))) {
		n->otherwise = read_name(r, y, "verdict", "-", "the node");
		if (yaml_get(y, "else"))
			complain(r->c, "unknown-key",
			    place_of(yaml_get(y, "else")),
			    "a verdict with one cause has no \"else\"; take it "
			    "away or list rungs");
		return;
	}
	const struct yaml *list =
	    read_list(r, y, "verdict", PLAYBOOK_MAX_BRANCHES);
	for (size_t i = 0; list && i < list->n; i++)
		parse_rung(r, n, list->items[i]);
	n->otherwise = read_text(r, y, "else", PLAYBOOK_MAX_NAME);
}

static const struct node_form {
	const char *key, *what;
	enum node_kind kind;
	const char *keys[8];
	void (*parse)(struct reader *r, struct node *n, const struct yaml *y);
} forms[] = {
    {"ask", "an ask node", NODE_ASK,
	{"ask", "text", "discloses", "fields", "skip", "next"}, parse_ask},
    {"tell", "a tell node", NODE_TELL,
	{"tell", "text", "discloses", "skip", "next"}, parse_tell},
    {"manual", "a manual node", NODE_MANUAL,
	{"manual", "text", "discloses", "skip", "next"}, parse_manual},
    {"probes", "a probe node", NODE_PROBE, {"probes", "title", "skip", "next"},
	parse_probes},
    {"decide", "a decide node", NODE_DECIDE, {"decide", "title", "else"},
	parse_decide},
    {"verdict", "a verdict node", NODE_VERDICT, {"verdict", "title", "else"},
	parse_verdict},
};
#define N_FORMS (sizeof(forms) / sizeof(forms[0]))

/* The one key that makes a node what it is; NULL (complained) otherwise. */
static const struct node_form *
find_form(struct reader *r, const struct yaml *y)
{
	const struct node_form *found = NULL;

	for (size_t i = 0; i < N_FORMS; i++) {
		if (!yaml_get(y, forms[i].key))
			continue;
		if (found) {
			complain(r->c, "node-kind", place_of(y),
			    "a node has one of \"%s\" and \"%s\", not both; "
			    "make "
			    "two nodes of it",
			    found->key, forms[i].key);
			return NULL;
		}
		found = &forms[i];
	}
	if (found)
		return found;
	struct guess g = {0};
	for (size_t k = 0; k < y->n && !*g.text; k++) {
		guess_start(&g, y->keys[k]->text);
		for (size_t i = 0; i < N_FORMS; i++)
			guess_try(&g, forms[i].key);
	}
	complain(r->c, "node-kind", place_of(y),
	    "this node does nothing%s it needs one of ask, tell, manual, "
	    "probes, decide or verdict",
	    *g.text ? g.text : ";");
	return NULL;
}

/* From 1 in the file; a node without stage is in that of the one before. */
static void
parse_stage(struct reader *r, struct node *n, const struct yaml *y)
{
	const struct yaml *v = yaml_get(y, "stage");
	size_t count = r->p->stages.n;
	int64_t stage;

	if (r->p->n_nodes > 1)
		n->stage = n[-1].stage;
	if (!v)
		return;
	const char *text = yaml_text(v);
	if (text && str_number(text, 1, (int64_t)count, &stage)) {
		n->stage = (int)stage - 1;
		return;
	}
	complain(r->c, "bad-stage", place_of(v),
	    "\"stage\" is a number from 1 to %zu, the length of \"stages\" at "
	    "the top of the file",
	    count);
}

static void
parse_next(struct reader *r, struct node *n, const struct yaml *y)
{
	if (n->kind == NODE_DECIDE || n->kind == NODE_VERDICT)
		return;
	if (yaml_get(y, "next")) {
		n->next = read_name(r, y, "next", "_.-", "a node");
		return;
	}
	complain(r->c, "no-verdict", n->at,
	    "the way ends at \"%s\" without a verdict; add \"next: NODE\"",
	    n->id);
}

static void
parse_node(struct reader *r, const struct yaml *y)
{
	static const char *const common[] = {"id", "stage", NULL};
	struct playbook *p = r->p;
	struct node *n = MEM_PUSH(&p->nodes, &p->n_nodes, &p->cap_nodes);

	n->at = place_of(y);
	n->target = -1;
	n->kind = NODE_TELL;
	if (!read_is_map(r, y, "a node")) {
		n->id = mem_dup("");
		return;
	}
	n->id = read_name(r, y, "id", "_.-", "a node");
	if (yaml_get(y, "id"))
		n->at = place_of(yaml_get(y, "id"));
	parse_stage(r, n, y);
	const struct node_form *form = find_form(r, y);
	if (!form)
		return;
	n->kind = form->kind;
	read_known_keys(r, y, common, form->keys, form->what);
	form->parse(r, n, y);
	if (!n->title && yaml_get(y, "title"))
		n->title = read_text(r, y, "title", PLAYBOOK_MAX_LINE);
	if (!n->title)
		n->title = mem_dup("");
	if (n->kind != NODE_DECIDE && n->kind != NODE_VERDICT)
		n->skip = read_when(r, y, "skip");
	parse_next(r, n, y);
}

/* ---- the file ---- */

static void
parse_stages(struct reader *r, const struct yaml *y)
{
	if (!yaml_get(y, "stages"))
		return;
	const struct yaml *list =
	    read_list(r, y, "stages", PLAYBOOK_MAX_STAGES);
	for (size_t i = 0; list && i < list->n; i++) {
		char *name =
		    read_scalar(r, list->items[i], "stages", PLAYBOOK_MAX_LINE);
		strs_take(&r->p->stages, name ? name : mem_dup(""));
	}
}

static void
parse_nodes(struct reader *r, const struct yaml *y)
{
	if (!yaml_get(y, "nodes")) {
		complain(r->c, "missing-key", place_of(y),
		    "a playbook needs \"nodes\"; list them as \"- id: ...\"");
		return;
	}
	const struct yaml *list = read_list(r, y, "nodes", PLAYBOOK_MAX_NODES);
	for (size_t i = 0; list && i < list->n; i++)
		parse_node(r, list->items[i]);
}

static int
compare_ids(const struct playbook *p, int a, int b)
{
	int order = strcmp(p->nodes[a].id, p->nodes[b].id);

	return order ? order : a - b;
}

/* Merge sort: qsort has no argument for the playbook. */
static void
sort_ids(const struct playbook *p, int *v, int *room, size_t n)
{
	if (n < 2)
		return;
	size_t half = n / 2, i = 0, k = half;

	sort_ids(p, v, room, half);
	sort_ids(p, v + half, room, n - half);
	for (size_t out = 0; out < n; out++) {
		bool left =
		    k == n || (i < half && compare_ids(p, v[i], v[k]) < 0);
		room[out] = left ? v[i++] : v[k++];
	}
	memcpy(v, room, n * sizeof(*v));
}

static void
index_nodes(struct reader *r)
{
	struct playbook *p = r->p;
	int *room = mem_alloc((p->n_nodes + 1) * sizeof(*room));

	p->by_id = mem_alloc((p->n_nodes + 1) * sizeof(*p->by_id));
	for (size_t i = 0; i < p->n_nodes; i++)
		p->by_id[i] = (int)i;
	sort_ids(p, p->by_id, room, p->n_nodes);
	mem_free(room);
	for (size_t i = 1; i < p->n_nodes; i++) {
		const struct node *a = &p->nodes[p->by_id[i - 1]];
		const struct node *b = &p->nodes[p->by_id[i]];
		if (*a->id && str_eq(a->id, b->id))
			complain(r->c, "duplicate-id", b->at,
			    "\"%s\" is already the id of the node in line %d; "
			    "give this one another",
			    b->id, a->at.line);
	}
}

const struct node *
playbook_node(const struct playbook *p, const char *id)
{
	size_t low = 0, high = p->n_nodes;

	while (low < high) {
		size_t mid = low + (high - low) / 2;
		const struct node *n = &p->nodes[p->by_id[mid]];
		int order = strcmp(n->id, id);
		if (order == 0)
			return n;
		if (order < 0)
			low = mid + 1;
		else
			high = mid;
	}
	return NULL;
}

/* Index of the node, or -1 (complained). */
static int
find_target(struct reader *r, const char *id, struct place at)
{
	const struct node *n = id && *id ? playbook_node(r->p, id) : NULL;
	struct guess g;

	if (n)
		return (int)(n - r->p->nodes);
	if (!id || !*id || complaints_full(r->c))
		return -1;
	guess_start(&g, id);
	for (size_t i = 0; i < r->p->n_nodes; i++)
		guess_try(&g, r->p->nodes[i].id);
	complain(r->c, "unknown-target", at,
	    "there is no node \"%s\"%s write the id of a node of this file", id,
	    *guess_text(&g) ? guess_text(&g) : ";");
	return -1;
}

static struct place
place_of_key(const struct yaml *y, const char *key, struct place otherwise)
{
	const struct yaml *v = yaml_get(y, key);

	return v ? place_of(v) : otherwise;
}

static void
resolve_node(struct reader *r, struct node *n, const struct yaml *y)
{
	if (n->kind == NODE_VERDICT)
		return;
	const struct yaml *list = yaml_get(y, "decide");
	for (size_t i = 0; i < n->n_branches; i++) {
		struct branch *b = &n->branches[i];
		b->target = find_target(
		    r, b->next, place_of_key(list->items[i], "next", b->at));
	}
	const char *to = n->kind == NODE_DECIDE ? n->otherwise : n->next;
	n->target = find_target(r, to,
	    place_of_key(y, n->kind == NODE_DECIDE ? "else" : "next", n->at));
}

static void
resolve(struct reader *r, const struct yaml *y)
{
	struct playbook *p = r->p;
	const struct yaml *list = yaml_get(y, "nodes");

	p->start = -1;
	for (size_t i = 0; i < p->n_nodes; i++)
		resolve_node(r, &p->nodes[i], list->items[i]);
	const struct yaml *start = yaml_get(y, "start");
	const char *id = yaml_text(start);
	if (id && *id)
		p->start = find_target(r, id, place_of(start));
	else
		complain(r->c, "missing-start", place_of(start ? start : y),
		    "a playbook needs \"start\"; name the node that comes "
		    "first");
}

static void
parse_file(struct reader *r, const struct yaml *y)
{
	static const char *const keys[] = {"playbook", "version", "title",
	    "summary", "stages", "start", "nodes", NULL};
	struct playbook *p = r->p;

	if (!read_is_map(r, y, "a playbook"))
		return;
	read_known_keys(r, y, keys, read_no_keys, "a playbook");
	p->id = read_name(r, y, "playbook", "-", "a playbook");
	p->version =
	    read_need(r, y, "version", PLAYBOOK_MAX_NAME, "a playbook");
	p->title = read_need(r, y, "title", PLAYBOOK_MAX_LINE, "a playbook");
	p->summary = read_text(r, y, "summary", PLAYBOOK_MAX_LINE);
	parse_stages(r, y);
	parse_nodes(r, y);
	if (p->n_nodes == 0)
		return;
	index_nodes(r);
	resolve(r, y);
	lint_names(r, y);
}

/* Takes "name:line:column: " off libyaml's message and keeps the place. */
static void
complain_yaml(const char *name, const struct err *err, struct complaints *c)
{
	const char *s = err->msg;
	struct place at = {.line = 1, .column = 1};
	char *end;

	if (str_starts(s, name) && s[strlen(name)] == ':') {
		s += strlen(name) + 1;
		long line = strtol(s, &end, 10);
		if (end != s && *end == ':' && line > 0 && line < 1 << 24) {
			at.line = (int)line;
			s = end + 1;
			long column = strtol(s, &end, 10);
			if (end != s && *end == ':' && column > 0 &&
			    column < 1 << 24) {
				at.column = (int)column;
				s = end + 1;
			}
		}
	}
	while (*s == ' ')
		s++;
	complain(c, err->kind == ERR_LIMIT ? "too-big" : "yaml", at, "%s", s);
}

struct playbook *
playbook_parse(const char *name, const char *text, size_t len,
    const struct playbook_world *world, struct complaints *c)
{
	struct err err = {0};
	struct yaml *y = yaml_parse(name, text, len, &err);

	if (!y) {
		complain_yaml(name, &err, c);
		return NULL;
	}
	struct playbook *p = mem_new(struct playbook);
	struct complaints mine = {0};
	struct reader r = {
	    .p = p, .world = world, .c = &mine, .budget = LOAD_BUDGET};
	p->file = mem_dup(name);
	parse_file(&r, y);
	yaml_free(y);
	if (complaints_errors(&mine) == 0)
		flow_check(&r);
	bool bad = complaints_errors(&mine) > 0;
	complaints_sort(&mine);
	for (size_t i = 0; i < mine.n; i++)
		*MEM_PUSH(&c->v, &c->n, &c->cap) = mine.v[i];
	mem_free(mine.v);
	if (bad) {
		playbook_free(p);
		return NULL;
	}
	flow_ahead(p);
	return p;
}

/* ---- freeing ---- */

static void
field_done(struct field *f)
{
	for (size_t i = 0; i < f->n_choices; i++) {
		mem_free(f->choices[i].value);
		mem_free(f->choices[i].label);
		mem_free(f->choices[i].help);
	}
	mem_free(f->choices);
	mem_free(f->fact);
	mem_free(f->label);
	mem_free(f->why);
	mem_free(f->default_value);
	mem_free(f->suggest);
	kvs_done(&f->where);
	when_free(f->when);
}

static void
node_done(struct node *n)
{
	for (size_t i = 0; i < n->n_fields; i++)
		field_done(&n->fields[i]);
	for (size_t i = 0; i < n->n_calls; i++) {
		kvs_done(&n->calls[i].with);
		mem_free(n->calls[i].each_param);
		mem_free(n->calls[i].each_fact);
		when_free(n->calls[i].when);
	}
	for (size_t i = 0; i < n->n_branches; i++) {
		when_free(n->branches[i].when);
		mem_free(n->branches[i].next);
		mem_free(n->branches[i].cause);
		mem_free(n->branches[i].confidence);
	}
	mem_free(n->fields);
	mem_free(n->calls);
	mem_free(n->branches);
	mem_free(n->ahead);
	mem_free(n->id);
	mem_free(n->title);
	mem_free(n->text);
	mem_free(n->discloses);
	mem_free(n->otherwise);
	mem_free(n->next);
	when_free(n->skip);
}

void
playbook_free(struct playbook *p)
{
	if (!p)
		return;
	for (size_t i = 0; i < p->n_nodes; i++)
		node_done(&p->nodes[i]);
	mem_free(p->nodes);
	mem_free(p->by_id);
	mem_free(p->facts);
	kvs_done(&p->owned_values);
	strs_done(&p->stages);
	mem_free(p->id);
	mem_free(p->version);
	mem_free(p->title);
	mem_free(p->summary);
	mem_free(p->file);
	mem_free(p);
}
