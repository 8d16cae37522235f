/* SPDX-License-Identifier: ISC
 *
 * Fuzz target: the token doctor, with whatever is given as a token. Bytes
 * after the first newline are read as a server's challenge.
 */
#include <string.h>

#include "probes/base/bug.h"
#include "probes/base/mem.h"
#include "probes/token.h"
#include "tests/fuzz/target.h"

#define NOW_MS 1763896320000

static void
check_printable(const char *text)
{
	for (const char *s = text; *s; s++)
		if ((unsigned char)*s < ' ' || *s == 0x7f)
			BUG("byte %d reached a text", *s);
}

static void
check_report(const struct token_report *r)
{
	struct strs said = {0};

	token_complaints(r, NOW_MS, &said);
	token_describe(r, NOW_MS, &said);
	for (size_t i = 0; i < said.n; i++) {
		check_printable(said.v[i]);
		if (strlen(said.v[i]) > 4000)
			BUG("%zu bytes in a sentence", strlen(said.v[i]));
	}
	for (size_t i = 0; i < r->faults.n; i++)
		if (!token_fault_text(r->faults.v[i]))
			BUG("no text for %s", r->faults.v[i]);
	strs_done(&said);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *text = (const char *)data;
	const char *end = size ? memchr(text, '\n', size) : NULL;
	struct token_report r;
	char *json, *sentence;

	token_read(text, size, "anna@bakery.example", NOW_MS, &r);
	check_report(&r);
	token_report_done(&r);
	token_read(text, end ? (size_t)(end - text) : size, NULL, NOW_MS, &r);
	check_report(&r);
	token_report_done(&r);
	json = end ? mem_dupn(end + 1, size - (size_t)(end + 1 - text))
		   : mem_dupn(text, size);
	sentence = token_challenge_text(json);
	check_printable(sentence);
	mem_free(sentence);
	mem_free(json);
	return 0;
}
