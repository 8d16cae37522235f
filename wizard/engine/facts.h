/* SPDX-License-Identifier: ISC
 *
 * Every fact that is not declared by a probe or by a playbook's own
 * question: the answers of the public contract, and what the summaries of
 * this folder say about the app's setting (mine.*), the best other
 * configuration of that server (other.*), the server that data or a
 * correction points to (alt.*) and the way there (path.*).
 */
#ifndef ENGINE_FACTS_H
#define ENGINE_FACTS_H

#include "../playbook/playbook.h"

extern const struct fact_info engine_facts_table[]; /* ends with NULL name */

/* The entry for a name, NULL when there is none. */
const struct fact_info *engine_fact_info(const char *name);

/* May a user set it (--set, --answers)? */
bool engine_fact_is_answer(const char *name);

#endif
