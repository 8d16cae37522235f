/* SPDX-License-Identifier: ISC
 *
 * Times in the words of a sentence.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "probes/base/mem.h"
#include "wizard/engine/engine_in.h"

static void
times_are_written_out(void **state)
{
	static const struct {
		const char *value, *want; /* NULL: it stays as it is */
	} cases[] = {
	    {"2026-11-19T17:22:19.000Z", "19 November 2026, 17:22 UTC"},
	    {"2026-01-02T03:04:05Z", "2 January 2026, 03:04 UTC"},
	    {"2026-11-19", NULL},
	    {"smtp.bakery.example", NULL},
	    {"TESTS", NULL},
	    {"2026-13-19T17:22:19.000Z", NULL},
	    {"", NULL},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		char *text = words_time(cases[i].value);

		if (cases[i].want)
			assert_string_equal(text, cases[i].want);
		else
			assert_null(text);
		mem_free(text);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(times_are_written_out),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
