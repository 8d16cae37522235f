/* SPDX-License-Identifier: ISC
 *
 * The command line. One table holds every flag: its name, argument, help and
 * the commands it belongs to; the usage text is made from it.
 */
#ifndef OPTIONS_H
#define OPTIONS_H

#include "../probes/base/buf.h"
#include "../probes/probe.h"
#include "given_secret.h"

enum command {
	COMMAND_RUN,
	COMMAND_DEMO,
	COMMAND_LAB,
	COMMAND_EXPLAIN,
	COMMANDS, /* how many there are */
};
const char *command_name(enum command c);

struct options {
	enum command command;
	char *operand; /* owned or NULL: playbook, scenario or text */
	bool plain;
	bool no_input;
	bool no_color;
	bool no_send;
	bool is_json; /* --json, to tell it from --format */
	bool help, version;
	char *answers_file; /* owned or NULL */
	struct kvs set; /* --set, checked */
	struct strs reports; /* --report */
	bool report_to_output; /* `--report -` */
	char *format; /* owned or NULL: on standard output */
	char *case_file; /* owned or NULL */
	char *import_file, *account; /* owned or NULL */
	struct kvs exports; /* file -> format */
	int max_auth_tries;
	struct given_secret secret; /* where it is, not read */
	struct net_options net;
};

/* Reads the command line; ERR_USAGE. Call options_done in any case. */
MUST_CHECK bool options_read(
    struct options *o, int argc, char *const argv[], struct err *err);
void options_done(struct options *o);

/* All commands, or one with its flags. */
void options_usage(const struct options *o, struct buf *out);

/* "; did you mean X?" for the nearest of the NULL-ended names within two
 * slips, else "". */
#define NEAR_TEXT 96
void options_near(
    const char *word, const char *const *names, char out[NEAR_TEXT]);

#endif
