/* SPDX-License-Identifier: ISC
 *
 * smtpwiz explain: says what a code, a sentence, a reply, a returned message
 * or a token means. The text is the argument or comes from standard input.
 */
#include "commands.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "../probes/base/clock.h"
#include "../probes/base/mem.h"
#include "../probes/base/secret.h"
#include "explain/explain.h"
#include "knowledge/knowledge.h"
#include "paths.h"

/* Standard input up to one byte more than is explained. */
static bool
read_input(struct buf *in)
{
	char chunk[4096];
	ssize_t n = 0;

	if (isatty(STDIN_FILENO))
		note("Paste the text, then press Ctrl-D on a line of its "
		     "own.");
	while (in->len <= EXPLAIN_MAX) {
		n = read(STDIN_FILENO, chunk, sizeof(chunk));
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			break;
		buf_add(in, chunk, (size_t)n);
	}
	secret_wipe(chunk, sizeof(chunk));
	return n >= 0;
}

static int
explain(const struct options *o, const char *text, size_t len)
{
	struct explanations e = {0};
	struct err err = {0};
	char *dir = paths_playbooks();
	struct knowledge *k = knowledge_load(dir, &err);
	int status = 0;
	struct buf out;

	mem_free(dir);
	if (!k)
		return complain_usage("%s", err.msg);
	explain_text(k, text, len, clock_utc_ms(), &e);
	buf_init(&out, BUF_OURS);
	if (str_eq(o->format, "json"))
		explain_json(&e, &out);
	else
		explain_show(&e, &out);
	for (size_t i = 0; i < e.n; i++)
		if (e.v[i].certainty < EXPLAIN_LIKELY)
			status = EXIT_OPEN;
	if (fputs(out.data, stdout) < 0 || fflush(stdout) != 0)
		status =
		    complain_usage("Standard output cannot be written to.");
	buf_done(&out);
	explanations_done(&e);
	knowledge_free(k);
	return status;
}

int
command_explain(struct options *o)
{
	struct buf in;
	int status;

	if (o->operand && !str_eq(o->operand, "-")) {
		if (explain_holds_token(o->operand))
			return complain_usage(
			    "The argument looks like a token, and arguments "
			    "can be seen by others on this computer. Nothing "
			    "was read; give it on standard input: "
			    "smtpwiz explain < FILE");
		return explain(o, o->operand, strlen(o->operand));
	}
	buf_init(&in, EXPLAIN_MAX + 8192);
	if (!read_input(&in))
		status = complain_usage("Standard input cannot be read.");
	else if (strspn(in.data, " \t\r\n") == in.len)
		status = complain_usage("There is no text to explain: give it "
					"as an argument or on standard "
					"input.");
	else
		status = explain(o, in.data, in.len);
	secret_wipe(in.data, in.len);
	buf_done(&in);
	return status;
}
