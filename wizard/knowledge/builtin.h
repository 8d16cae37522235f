/* SPDX-License-Identifier: ISC
 *
 * The files compiled into the program, made by tests/tools/embed.
 */
#ifndef KNOWLEDGE_BUILTIN_H
#define KNOWLEDGE_BUILTIN_H

#include <stddef.h>

struct builtin {
	const char *name; /* relative to playbooks/ */
	const char *text; /* ends with a NUL that is not counted */
	size_t len;
};
extern const struct builtin builtin_files[]; /* ends with a NULL name */

#endif
