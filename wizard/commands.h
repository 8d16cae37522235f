/* SPDX-License-Identifier: ISC
 *
 * The commands: each takes the read command line and gives the exit status
 * of the public contract.
 */
#ifndef COMMANDS_H
#define COMMANDS_H

#include "engine/engine.h"
#include "options.h"

#define EXIT_WORKS 0
#define EXIT_CAUSE 1
#define EXIT_USAGE 2
#define EXIT_OPEN 3 /* inconclusive, or cut short */
#define EXIT_INTERRUPTED 130

#define DEFAULT_PLAYBOOK "outlook-cannot-send"

int command_run(struct options *o);
int command_demo(struct options *o);
int command_lab(struct options *o);
int command_explain(struct options *o);

/* What one walk needs besides the options. */
struct walk {
	const char *playbook; /* name or path */
	struct kvs answers; /* given, not asked; taken over */
	struct kvs offers; /* offered, still asked; taken over */
	struct imported imported; /* by --import; taken over */
	bool keep_case; /* a case file even where none was asked for */
};
/* Reads --import, if there is one, into imported and, for --account, answers.
 * ERR_FILE and others, as import_load. */
MUST_CHECK bool walk_import(
    const struct options *o, struct walk *w, struct err *err);
/* Walks a playbook to its end and writes the reports; the exit status. */
int walk_run(const struct options *o, struct walk *w);

/* "smtpwiz: message" to standard error; gives EXIT_USAGE. */
int complain_usage(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
void note(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

#endif
