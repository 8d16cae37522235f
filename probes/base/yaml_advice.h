/* SPDX-License-Identifier: ISC
 *
 * Turns libyaml's complaints into advice. Only for yaml.c.
 */
#ifndef BASE_YAML_ADVICE_H
#define BASE_YAML_ADVICE_H

#include <stdbool.h>

struct yaml_advice {
	const char *problem; /* part of what libyaml says */
	bool is_at_start; /* point to the begin of the thing, not its end */
	const char *say;
};

/* NULL when there is none. */
const struct yaml_advice *yaml_advice_for(const char *problem);

#endif
