/* SPDX-License-Identifier: ISC
 *
 * A question of the program's own in front of a loaded playbook.
 */
#include "playbook.h"

#include <string.h>

#include "../../probes/base/mem.h"

void
playbook_ask_first(struct playbook *p, struct node *taken)
{
	size_t at = 0, n = p->n_nodes;

	*MEM_PUSH(&p->nodes, &p->n_nodes, &p->cap_nodes) = *taken;
	memset(taken, 0, sizeof(*taken));
	p->start = (int)n;
	p->by_id = mem_resize(p->by_id, n + 1, sizeof(*p->by_id));
	while (at < n && strcmp(p->nodes[p->by_id[at]].id, p->nodes[n].id) < 0)
		at++;
	memmove(&p->by_id[at + 1], &p->by_id[at], (n - at) * sizeof(*p->by_id));
	p->by_id[at] = (int)n;
}
