/* SPDX-License-Identifier: ISC
 *
 * The lab's scenarios that are compiled in, by name.
 */
#ifndef SCENES_H
#define SCENES_H

#include "../probes/lab/lab.h"

/* NULL with err set; an unknown name gets a guess at what was meant. */
struct scenario *scenes_load(const char *name, struct err *err);

/* Prints them by topic to standard output; false when one is bad. */
MUST_CHECK bool scenes_list(struct err *err);

#endif
