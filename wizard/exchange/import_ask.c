/* SPDX-License-Identifier: ISC
 *
 * "Which account is it?": a question of the program's own in front of a
 * playbook, for a file with several accounts. It is a node as any other, so
 * both interfaces show it and going back leads to it.
 */
#include "import.h"

#include "../../probes/base/mem.h"
#include "../playbook/playbook.h"

#define ASKED_MAX 61 /* choices that a screen takes, without "none" */

static void
add_choice(struct field *f, const char *value, char *taken_label)
{
	struct choice *c =
	    MEM_PUSH(&f->choices, &f->n_choices, &f->cap_choices);

	c->value = mem_dup(value);
	c->label = taken_label;
}

/* "anna@bakery.example (smtp.bakery.example, port 587)" */
static char *
label_of(const struct imported_account *a)
{
	const char *host = kvs_get(&a->facts, "app.host");
	const char *port = kvs_get(&a->facts, "app.port");

	if (str_eq(kvs_get(&a->facts, "account.type"), "exchange"))
		return mem_printf("%s (Exchange)", a->name);
	if (!host)
		return mem_dup(a->name);
	return port ? mem_printf("%s (%s, port %s)", a->name, host, port)
		    : mem_printf("%s (%s)", a->name, host);
}

static void
fill_field(const struct imported *im, struct field *f)
{
	f->fact = mem_dup("import.account");
	f->kind = FIELD_CHOICE;
	f->label = mem_dup("Account");
	f->why = mem_dup("Its settings are taken from the file, so that they "
			 "need not be typed.");
	f->default_value = mem_dup(im->v[0].name);
	for (size_t i = 0; i < im->n && i < ASKED_MAX; i++)
		add_choice(f, im->v[i].name, label_of(&im->v[i]));
	add_choice(f, "unknown", mem_dup("None of these"));
}

void
import_ask(const struct imported *im, struct playbook *p)
{
	struct node n = {.kind = NODE_ASK, .target = p->start};

	if (im->n < 2)
		return;
	n.id = mem_dup("imported-account");
	n.title = mem_dup("Which account can't send?");
	n.text = mem_printf("%s holds %zu accounts. The settings of the one "
			    "you choose are taken from it.",
	    im->from, im->n);
	/* The screen that says it may not be shown any more. */
	n.discloses = mem_dup(p->nodes[p->start].discloses);
	n.next = mem_dup(p->nodes[p->start].id);
	fill_field(im, MEM_PUSH(&n.fields, &n.n_fields, &n.cap_fields));
	playbook_ask_first(p, &n);
}
