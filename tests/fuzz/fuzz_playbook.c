/* SPDX-License-Identifier: ISC
 *
 * Fuzz target: a stranger's playbook. Either it is refused with a reason, or
 * what comes out is whole.
 */
#include <string.h>

#include "probes/base/bug.h"
#include "tests/fuzz/target.h"
#include "wizard/engine/facts.h"
#include "wizard/playbook/playbook.h"

static void
check_node(const struct playbook *p, const struct node *n)
{
	int nodes = (int)p->n_nodes;
	bool ends = n->kind == NODE_VERDICT;

	if (n->target >= nodes || (ends && n->target >= 0) ||
	    (!ends && n->kind != NODE_DECIDE && n->target < 0))
		BUG("node %s leads nowhere", n->id);
	for (size_t i = 0; i < n->n_branches; i++)
		if (!n->branches[i].when ||
		    (!ends && (n->branches[i].target < 0 ||
				  n->branches[i].target >= nodes)))
			BUG("branch %zu of %s leads nowhere", i, n->id);
	for (size_t i = 0; i < n->n_calls; i++)
		if (!n->calls[i].probe)
			BUG("a call of %s has no probe", n->id);
	if (n->n_ahead > PLAYBOOK_AHEAD_CALLS)
		BUG("%zu calls ahead of %s", n->n_ahead, n->id);
	if (playbook_node(p, n->id) != n)
		BUG("%s is not found again", n->id);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char *const causes[] = {
	    "works", "port-blocked", "inconclusive", NULL};
	static const char *const names[] = {"domains", NULL};
	const struct playbook_world world = {
	    .facts = engine_facts_table, .causes = causes, .data = names};
	struct complaints c = {0};
	struct playbook *p =
	    playbook_parse("fuzz", (const char *)data, size, &world, &c);
	size_t errors = 0;

	for (size_t i = 0; i < c.n; i++) {
		errors += !c.v[i].is_warning;
		if (!*c.v[i].text || strpbrk(c.v[i].text, "\n\x1b"))
			BUG("complaint %s does not print", c.v[i].id);
	}
	if (!p != (errors > 0))
		BUG("%zu errors, yet playbook is %p", errors, (void *)p);
	for (size_t i = 0; p && i < p->n_nodes; i++)
		check_node(p, &p->nodes[i]);
	playbook_free(p);
	complaints_done(&c);
	return 0;
}
