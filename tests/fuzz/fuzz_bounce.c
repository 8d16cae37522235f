/* SPDX-License-Identifier: ISC
 *
 * Fuzz target: a returned message, and any other text that is to be
 * explained. What comes out is bounded and printable.
 */
#include <string.h>

#include "probes/base/buf.h"
#include "probes/base/bug.h"
#include "tests/fuzz/target.h"
#include "wizard/explain/bounce.h"
#include "wizard/explain/explain.h"

static const struct knowledge *
the_knowledge(void)
{
	static struct knowledge *k;
	struct err err = {0};

	if (!k)
		k = knowledge_load(NULL, &err);
	if (!k)
		BUG("%s", err.msg);
	return k;
}

static void
check_printable(const char *text)
{
	for (; text && *text; text++)
		if (((unsigned char)*text < ' ' && *text != '\n') ||
		    *text == 0x7f)
			BUG("byte %d came out", *text);
}

static void
check_bounce(const char *data, size_t size)
{
	struct bounce b = {0};

	bounce_read(data, size, &b);
	if (b.n > BOUNCE_RECIPIENTS)
		BUG("%zu recipients", b.n);
	for (size_t i = 0; i < b.n; i++) {
		check_printable(b.v[i].address);
		check_printable(b.v[i].action);
		check_printable(b.v[i].status);
		check_printable(b.v[i].diagnostic);
		check_printable(b.v[i].remote);
	}
	bounce_done(&b);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct explanations e = {0};
	struct buf shown;

	check_bounce((const char *)data, size);
	explain_text(
	    the_knowledge(), (const char *)data, size, 1795392000000, &e);
	if (e.n == 0 || e.n > BOUNCE_RECIPIENTS)
		BUG("%zu explanations", e.n);
	buf_init(&shown, BUF_OURS);
	explain_show(&e, &shown);
	check_printable(shown.data);
	explain_json(&e, &shown);
	buf_done(&shown);
	explanations_done(&e);
	return 0;
}
