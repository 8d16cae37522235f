/* SPDX-License-Identifier: ISC
 *
 * Finds and loads the data of a walk: knowledge and one playbook, built in
 * or the user's own. An older copy of the user's is named, never used.
 */
#ifndef BOOKS_H
#define BOOKS_H

#include "knowledge/knowledge.h"
#include "playbook/playbook.h"

struct books {
	struct knowledge *knowledge; /* owned */
	struct playbook *playbook; /* owned */
	char *older; /* owned or NULL: while loading */
};

/* Complaints go to standard error; false when anything is bad. */
MUST_CHECK bool books_load(struct books *b, const char *playbook);
void books_done(struct books *b);

#endif
