/* SPDX-License-Identifier: ISC
 *
 * smtpwiz run: a walk through a playbook on the real network.
 */
#include "commands.h"

#include "answers.h"

int
command_run(struct options *o)
{
	struct walk w = {
	    .playbook = o->operand ? o->operand : DEFAULT_PLAYBOOK,
	    .keep_case = true,
	};
	struct err err = {0};

	kvs_copy(&w.answers, &o->set);
	if (o->answers_file &&
	    !answers_load(o->answers_file, &w.answers, &o->secret, &err)) {
		kvs_done(&w.answers);
		return complain_usage("%s", err.msg);
	}
	if (!walk_import(o, &w, &err)) {
		kvs_done(&w.answers);
		imported_done(&w.imported);
		return complain_usage("%s", err.msg);
	}
	return walk_run(o, &w);
}
