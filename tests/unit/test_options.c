/* SPDX-License-Identifier: ISC
 *
 * The command line: what is understood, and what is said about the rest.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "probes/base/mem.h"
#include "wizard/options.h"

#define MAX_WORDS 24

/* Reads a line of words parted by blanks. */
static bool
read_line(struct options *o, const char *line, struct err *err)
{
	struct strs words = {0};
	char *argv[MAX_WORDS + 2] = {NULL};
	bool ok;

	strs_add(&words, "smtpwiz");
	strs_split(&words, line, " ");
	assert_true(words.n <= MAX_WORDS);
	memcpy(argv, words.v, words.n * sizeof(argv[0]));
	ok = options_read(o, (int)words.n, argv, err);
	strs_done(&words);
	return ok;
}

struct bad {
	const char *line, *message; /* part of it */
};

static const struct bad bad[] = {
    {"rnu", "no command \"rnu\"; did you mean run?"},
    {"frobnicate", "no command \"frobnicate\"."},
    {"run --plian", "no flag --plian; did you mean --plain?"},
    {"run --resume x", "no flag --resume"},
    {"run -x", "no flag -x"},
    {"run --plain=yes", "takes no value"},
    {"run --answers", "--answers needs a value: FILE"},
    {"run a b", "\"b\" is a second one"},
    {"run --timeout 0", "1 to 300 seconds"},
    {"run --timeout 0.9", "1 to 300 seconds"},
    {"run --timeout 301", "1 to 300 seconds"},
    {"run --timeout 300.1", "1 to 300 seconds"},
    {"run --timeout 5s", "1 to 300 seconds"},
    {"run --timeout 5.", "1 to 300 seconds"},
    {"run --timeout .5", "1 to 300 seconds"},
    {"run --timeout -5", "1 to 300 seconds"},
    {"run --timeout inf", "1 to 300 seconds"},
    {"run --timeout 0x10", "1 to 300 seconds"},
    {"run --timeout 1e2", "1 to 300 seconds"},
    {"run --format yaml", "no format \"yaml\"; there are:"},
    {"run --report x.pdf", "must end in one of: .txt .md .html .json"},
    {"run --report x", "must end in one of"},
    {"run --report -", "--report - needs --format"},
    {"run --set app.port", "FACT=VALUE"},
    {"run --set app.port=99999", "from 1 to 65535"},
    {"run --set app.prot=25", "did you mean app.port?"},
    {"run --set account.password=x", "must not stand in an argument"},
    {"run --set account.token=x", "use --token-command"},
    {"run --set mine.reach=open", "cannot be set"},
    {"run --set account.secret=password", "cannot be set"},
    {"run --password-command a --token-command b", "is enough"},
    {"run --password-file - --password-command a", "is enough"},
    {"run --password-file /nowhere/secret", "cannot be read"},
    {"run --password=hunter2", "no flag --password."},
    {"lab x --password-file -", "smtpwiz lab has no flag"},
    {"run --max-auth-tries eleven", "0 to 10"},
    {"run --account a", "--account needs --import"},
    {"run --export prf x", "there are: autoconfig, mobileconfig, msmtprc"},
    {"run --export msmtprc", "--export needs two values: FORMAT FILE"},
    {"run --export=msmtprc", "--export needs two values: FORMAT FILE"},
    {"run --export msmtprc x --export autoconfig x", "for two files"},
    {"lab x --import f", "smtpwiz lab has no flag --import"},
    {"run --resolver localhost", "numeric"},
    {"run --resolver 127.0.0.1:0", "numeric"},
    {"run --resolver 127.0.0.1:", "numeric"},
    {"run --resolver ::1:53:", "numeric"},
    {"run --resolver [::1", "numeric"},
    {"run --resolver [127.0.0.1]:53", "numeric"},
    {"run --ca-file /nowhere/ca.pem", "cannot be read"},
    {"run --connect-to nonsense", "--connect-to: "},
    {"lab", "needs the name of a scenario"},
    {"lab x --plain", "smtpwiz lab has no flag --plain"},
    {"demo x --connect-to a:1:127.0.0.1:2", "smtpwiz demo has no flag"},
};

static void
test_mistakes_are_named(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct options o;
		struct err err = {0};

		if (read_line(&o, bad[i].line, &err))
			fail_msg("was taken: %s", bad[i].line);
		assert_int_equal(err.kind, ERR_USAGE);
		if (!strstr(err.msg, bad[i].message))
			fail_msg("%s: %s", bad[i].line, err.msg);
		options_done(&o);
	}
}

static void
test_no_command_is_run(void **state)
{
	struct options o;
	struct err err = {0};

	(void)state;
	assert_true(read_line(&o, "", &err));
	assert_int_equal(o.command, COMMAND_RUN);
	assert_null(o.operand);
	assert_int_equal(o.net.connect_timeout_ms, 5000);
	assert_int_equal(o.max_auth_tries, 1);
	assert_false(o.plain);
	options_done(&o);
	assert_true(read_line(&o, "--plain -n", &err));
	assert_int_equal(o.command, COMMAND_RUN);
	assert_true(o.plain);
	assert_true(o.no_input);
	options_done(&o);
}

static void
test_exports_take_two_words(void **state)
{
	struct options o;
	struct err err = {0};

	(void)state;
	if (!read_line(&o,
		"--import a.reg --account b --export msmtprc x "
		"--export=autoconfig y demo",
		&err))
		fail_msg("%s", err.msg);
	assert_string_equal(o.import_file, "a.reg");
	assert_string_equal(o.account, "b");
	assert_string_equal(kvs_get(&o.exports, "x"), "msmtprc");
	assert_string_equal(kvs_get(&o.exports, "y"), "autoconfig");
	assert_string_equal(o.operand, "demo");
	options_done(&o);
}

static void
test_everything_at_once(void **state)
{
	struct options o;
	struct err err = {0};

	(void)state;
	if (!read_line(&o,
		"run book.yaml --set app.port=25 --set app.port=587 "
		"--timeout=2.5 --report a.html -o b.JSON --json --resolver "
		"[::1]:5353 --resolver 127.0.0.1",
		&err))
		fail_msg("%s", err.msg);
	assert_string_equal(o.operand, "book.yaml");
	assert_string_equal(kvs_get(&o.set, "app.port"), "587");
	assert_int_equal(o.net.connect_timeout_ms, 2500);
	assert_int_equal(o.reports.n, 2);
	assert_string_equal(o.reports.v[1], "b.JSON");
	assert_string_equal(o.format, "json");
	assert_int_equal(o.net.resolvers.n, 2);
	assert_true(o.net.resolver_given);
	options_done(&o);
}

static void
test_after_two_dashes_all_is_name(void **state)
{
	struct options o;
	struct err err = {0};

	(void)state;
	assert_true(read_line(&o, "demo -- --plain", &err));
	assert_int_equal(o.command, COMMAND_DEMO);
	assert_string_equal(o.operand, "--plain");
	assert_false(o.plain);
	options_done(&o);
}

static void
test_timeouts(void **state)
{
	static const struct {
		const char *line;
		int ms;
	} good[] = {
	    {"--timeout 1", 1000},
	    {"--timeout 1.5", 1500},
	    {"-t 2.125", 2125},
	    {"--timeout 3.00049", 3000},
	    {"--timeout 300", 300000},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		struct options o;
		struct err err = {0};

		assert_true(read_line(&o, good[i].line, &err));
		assert_int_equal(o.net.connect_timeout_ms, good[i].ms);
		options_done(&o);
	}
}

static void
test_no_color_variable(void **state)
{
	struct options o;
	struct err err = {0};

	(void)state;
	setenv("NO_COLOR", "1", 1);
	assert_true(read_line(&o, "", &err));
	assert_true(o.no_color);
	options_done(&o);
	setenv("NO_COLOR", "", 1);
	assert_true(read_line(&o, "", &err));
	assert_false(o.no_color);
	options_done(&o);
	unsetenv("NO_COLOR");
}

static void
test_usage_fits(void **state)
{
	(void)state;
	for (int c = 0; c < COMMANDS; c++) {
		struct options o = {.command = (enum command)c};
		struct strs lines = {0};
		struct buf b;

		buf_init(&b, BUF_OURS);
		options_usage(&o, &b);
		strs_split(&lines, b.data, "\n");
		for (size_t i = 0; i < lines.n; i++)
			if (str_width(lines.v[i]) > 78)
				fail_msg("too long: %s", lines.v[i]);
		assert_non_null(strstr(b.data, "--help"));
		assert_int_equal(c == COMMAND_RUN || c == COMMAND_DEMO,
		    strstr(b.data, "--answers FILE") != NULL);
		strs_done(&lines);
		buf_done(&b);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_mistakes_are_named),
	    cmocka_unit_test(test_no_command_is_run),
	    cmocka_unit_test(test_exports_take_two_words),
	    cmocka_unit_test(test_everything_at_once),
	    cmocka_unit_test(test_after_two_dashes_all_is_name),
	    cmocka_unit_test(test_timeouts),
	    cmocka_unit_test(test_no_color_variable),
	    cmocka_unit_test(test_usage_fits),
	};

	unsetenv("NO_COLOR");
	return cmocka_run_group_tests(tests, NULL, NULL);
}
