/* SPDX-License-Identifier: ISC
 *
 * Fuzz target: a file of another program's settings. What comes out is
 * bounded and printable, has unique names, and fits what is asked for.
 */
#include <string.h>

#include "probes/base/bug.h"
#include "probes/base/kv.h"
#include "probes/base/str.h"
#include "tests/fuzz/target.h"
#include "wizard/exchange/import.h"

static void
check_printable(const char *text)
{
	for (; *text; text++)
		if ((unsigned char)*text < ' ' || *text == 0x7f)
			BUG("byte %d came out", *text);
}

static void
check_account(const struct imported *im, size_t at)
{
	const struct kvs *facts = &im->v[at].facts;
	const char *port = kvs_get(facts, "app.port");
	int64_t n;

	check_printable(im->v[at].name);
	for (size_t i = 0; i < at; i++)
		if (str_same(im->v[i].name, im->v[at].name))
			BUG("two accounts are called %s", im->v[i].name);
	for (size_t i = 0; i < facts->n; i++) {
		check_printable(facts->v[i].value);
		if (!*facts->v[i].value || strlen(facts->v[i].value) > 320)
			BUG("%s has %zu bytes", facts->v[i].name,
			    strlen(facts->v[i].value));
	}
	if (port && !str_number(port, 1, 65535, &n))
		BUG("the port is %s", port);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct imported im = {0};
	struct err err = {0};

	if (!import_parse("file", (const char *)data, size, &im, &err)) {
		if (err.kind == ERR_NONE || !err.msg[0])
			BUG("refused without a word");
		check_printable(err.msg);
		return 0;
	}
	if (im.n == 0 || im.n > IMPORT_ACCOUNTS_MAX)
		BUG("%zu accounts", im.n);
	for (size_t i = 0; i < im.n; i++)
		check_account(&im, i);
	imported_done(&im);
	return 0;
}
