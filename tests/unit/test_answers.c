/* SPDX-License-Identifier: ISC
 *
 * Answers from files: what is taken and how mistakes are pointed at.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <string.h>

#include "probes/base/mem.h"
#include "probes/base/str.h"
#include "wizard/answers.h"

static bool
parse_both(const char *text, struct kvs *out, struct given_secret *secret,
    struct err *err)
{
	return answers_parse("a.yaml", text, strlen(text), out, secret, err);
}

static bool
parse(const char *text, struct kvs *out, struct err *err)
{
	struct given_secret secret = {0};
	bool ok = parse_both(text, out, &secret, err);

	given_secret_done(&secret);
	return ok;
}

static void
test_good(void **state)
{
	struct kvs out = {0};
	struct err err = {0};

	(void)state;
	kvs_set(&out, "app.port", "465");
	if (!parse("account.email: anna@bakery.example\n"
		   "app.port: 587\n"
		   "app.security: starttls\n"
		   "network.vpn: no\n"
		   "app.host: ''\n"
		   "send.to: [a@x.example, b@x.example]\n"
		   "app.error: |\n"
		   "  Task 'x' reported\n"
		   "  error \"\\e\" 0x800CCC0E\n",
		&out, &err))
		fail_msg("%s", err.msg);
	assert_string_equal(
	    kvs_get(&out, "account.email"), "anna@bakery.example");
	/* What was there before wins. */
	assert_string_equal(kvs_get(&out, "app.port"), "465");
	assert_string_equal(kvs_get(&out, "network.vpn"), "no");
	assert_string_equal(
	    kvs_get(&out, "send.to"), "a@x.example,b@x.example");
	assert_string_equal(kvs_get(&out, "app.error"),
	    "Task 'x' reported error \"\\e\" 0x800CCC0E");
	assert_null(kvs_get(&out, "app.host"));
	kvs_done(&out);
}

static const struct {
	const char *text;
	enum given_from from;
	bool is_token;
	const char *place; /* text, or the first word of argv */
} good_secrets[] = {
    {"account.password: {env: SMTP_PASSWORD}\n", GIVEN_ENV, false,
	"SMTP_PASSWORD"},
    {"account.password: {file: /nowhere/secret}\n", GIVEN_FILE, false,
	"/nowhere/secret"},
    {"account.token: {command: [pass, show, mail]}\n", GIVEN_COMMAND, true,
	"pass"},
};

/* Only the place is taken: nothing of a secret becomes an answer. */
static void
test_secrets_are_not_read(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(good_secrets) / sizeof(good_secrets[0]);
	     i++) {
		struct kvs out = {0};
		struct given_secret g = {0};
		struct err err = {0};

		if (!parse_both(good_secrets[i].text, &out, &g, &err))
			fail_msg("%s: %s", good_secrets[i].text, err.msg);
		assert_int_equal(out.n, 0);
		assert_int_equal(g.from, good_secrets[i].from);
		assert_int_equal(g.is_token, good_secrets[i].is_token);
		assert_string_equal(
		    g.from == GIVEN_COMMAND ? g.argv.v[0] : g.text,
		    good_secrets[i].place);
		given_secret_done(&g);
		kvs_done(&out);
	}
}

static void
test_one_secret_is_enough(void **state)
{
	struct kvs out = {0};
	struct given_secret g = {0};
	struct err err = {0};

	(void)state;
	assert_false(parse("account.password: {env: A}\n"
			   "account.token: {env: B}\n",
	    &out, &err));
	assert_non_null(strstr(err.msg, "a.yaml:2:16: One password or one"));
	/* What a flag named goes before the file. */
	g = (struct given_secret){.from = GIVEN_FILE, .text = mem_dup("-")};
	err = (struct err){0};
	assert_true(parse_both("account.password: {env: A}\n", &out, &g, &err));
	assert_int_equal(g.from, GIVEN_FILE);
	given_secret_done(&g);
}

static void
test_only_the_program_sets(void **state)
{
	static const char *const names[] = {"account.secret=password",
	    "send.from=a@b.example", "send.first=a@b.example",
	    "send.cause=none", "login.username=a", "app.error_class=name"};
	struct kvs out = {0};

	(void)state;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		struct err err = {0};

		assert_false(answers_set(&out, names[i], &err));
		assert_non_null(strstr(err.msg, "found out by smtpwiz"));
	}
	assert_int_equal(out.n, 0);
}

static const struct {
	const char *text, *message; /* the beginning of it */
} bad[] = {
    {"- a\n", "a.yaml:1:1: Answers are lines"},
    {"app.port: 587\napp.prot: 25\n",
	"a.yaml:2:1: There is no answer named \"app.prot\"; did you mean "
	"app.port?"},
    {"app.zzzzzzzz: 25\n",
	"a.yaml:1:1: There is no answer named \"app.zzzzzzzz\"."},
    {"app.security: startls\n",
	"a.yaml:1:15: app.security cannot be \"startls\"; did you mean "
	"starttls? It is one of: starttls, implicit-tls"},
    {"network.vpn: true\n", "a.yaml:1:14: network.vpn cannot be \"true\"."},
    {"app.port: smtp\n", "a.yaml:1:11: app.port must be a number from 1"},
    {"app.port: 0\n", "a.yaml:1:11: app.port must be a number from 1"},
    {"app.port: {a: b}\n", "a.yaml:1:11: app.port must be a text or a list"},
    {"app.host: [[a]]\n", "a.yaml:1:11: app.host must be a text or a list"},
    {"mine.reach: open\n", "a.yaml:1:1: mine.reach is found out by smtpwiz"},
    {"app.error_class: name\n",
	"a.yaml:1:1: app.error_class is found out by smtpwiz"},
    {"account.password: hunter2\n",
	"a.yaml:1:19: account.password must be {env: NAME}"},
    {"account.password: {command: pass}\n",
	"a.yaml:1:19: account.password must be {env: NAME}"},
    {"account.password: {env: A, file: B}\n",
	"a.yaml:1:19: account.password must be {env: NAME}"},
    {"account.password: {command: [[a]]}\n",
	"a.yaml:1:19: account.password must be {env: NAME}"},
};

static void
test_mistakes_are_pointed_at(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct kvs out = {0};
		struct err err = {0};

		if (parse(bad[i].text, &out, &err))
			fail_msg("was taken: %s", bad[i].text);
		if (!str_starts(err.msg, bad[i].message))
			fail_msg("%s: %s", bad[i].text, err.msg);
		assert_int_equal(out.n, 0);
	}
}

static void
test_a_secret_is_not_repeated(void **state)
{
	struct kvs out = {0};
	struct err err = {0};

	(void)state;
	assert_false(parse("account.password: hunter2\n", &out, &err));
	assert_null(strstr(err.msg, "hunter2"));
	err = (struct err){0};
	assert_false(answers_set(&out, "account.password=hunter2", &err));
	assert_null(strstr(err.msg, "hunter2"));
}

static void
test_long_and_odd_values(void **state)
{
	char *text = mem_alloc(6000);
	struct kvs out = {0};
	struct err err = {0};

	(void)state;
	memcpy(text, "app.error=", 10);
	memset(text + 10, 'x', 5000);
	assert_false(answers_set(&out, text, &err));
	assert_non_null(strstr(err.msg, "longer than"));
	mem_free(text);
	assert_true(answers_set(&out, "app.error=a\x1b[31mb\xff", &err));
	assert_string_equal(kvs_get(&out, "app.error"), "a\\x1b[31mb\\xff");
	kvs_done(&out);
}

static void
test_file_that_is_not_there(void **state)
{
	struct kvs out = {0};
	struct given_secret secret = {0};
	struct err err = {0};

	(void)state;
	assert_false(answers_load("/nowhere/a.yaml", &out, &secret, &err));
	assert_int_equal(err.kind, ERR_FILE);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_good),
	    cmocka_unit_test(test_secrets_are_not_read),
	    cmocka_unit_test(test_one_secret_is_enough),
	    cmocka_unit_test(test_only_the_program_sets),
	    cmocka_unit_test(test_mistakes_are_pointed_at),
	    cmocka_unit_test(test_a_secret_is_not_repeated),
	    cmocka_unit_test(test_long_and_odd_values),
	    cmocka_unit_test(test_file_that_is_not_there),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
