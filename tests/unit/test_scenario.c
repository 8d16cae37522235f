/* SPDX-License-Identifier: ISC
 *
 * Reading scenarios: what a good one says, and where a bad one is wrong.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "probes/base/buf.h"
#include "probes/base/mem.h"
#include "probes/lab/lab_inside.h"
#include "probes/lab/scenario.h"
#include "wizard/knowledge/knowledge.h"

#define HEAD "title: t\ncause: works\nstory: s\n"

static struct scenario *
parse(const char *text, struct err *err)
{
	return scenario_parse("s", text, strlen(text), err);
}

static void
test_bad(void **state)
{
	static const struct {
		const char *text, *message; /* message: a part of it */
	} cases[] = {
	    {"title: t\n", "s:1:1: a scenario needs a cause"},
	    {"cause: works\n", "s:1:1: a scenario needs title and story"},
	    {"- a\n", "s:1:1: a map of keys is expected"},
	    {HEAD "name: {}\n", "s:4:1: unknown key \"name\"; did you mean"},
	    {HEAD "zebra: 1\n", "s:4:1: unknown key \"zebra\""},
	    {HEAD "title: again\n", "s:4:1:"},
	    {HEAD "names: []\n", "s:4:8: names must be a map"},
	    {HEAD "names:\n  Mail.x: {}\n", "s:5:3: \"Mail.x\" is no host"},
	    {HEAD "names:\n  a..b: {}\n", "s:5:3: \"a..b\" is no host"},
	    {HEAD "names:\n  a.b: {aa: x}\n", "did you mean"},
	    {HEAD "names:\n  a.b: {a: 1.2.3}\n", "s:5:12: \"1.2.3\" is no a"},
	    {HEAD "names:\n  a.b: {a: [1.2.3.4, x]}\n", "s:5:22: \"x\""},
	    {HEAD "names:\n  a.b: {aaaa: 1.2.3.4}\n", "is no aaaa record"},
	    {HEAD "names:\n  a.b: {mx: mail.b}\n", "is no mx record"},
	    {HEAD "names:\n  a.b: {mx: 99999 mail.b}\n", "is no mx record"},
	    {HEAD "names:\n  a.b: {srv: 0 1 mail.b}\n", "is no srv record"},
	    {HEAD "names:\n  a.b: {status: lost}\n", "\"lost\" is none of"},
	    {HEAD "ports:\n  mail.b:25: {}\n", "s:5:3: \"mail.b:25\" is not"},
	    {HEAD "ports:\n  1.2.3.4: {}\n", "is not ADDRESS:PORT"},
	    {HEAD "ports:\n  1.2.3.4:0: {}\n", "is not ADDRESS:PORT"},
	    {HEAD "ports:\n  1.2.3.4:70000: {}\n", "is not ADDRESS:PORT"},
	    {HEAD "ports:\n  \":25\": {}\n", "is not ADDRESS:PORT"},
	    {HEAD "ports:\n  \"[]:25\": {}\n", "is not ADDRESS:PORT"},
	    {HEAD "ports:\n  \"[::1]:25\": {}\n  \"[0::1]:25\": {}\n",
		"s:6:3: this port is listed twice"},
	    {HEAD "ports:\n  1.2.3.4:25: gone\n", "\"gone\" is none of"},
	    {HEAD "ports:\n  1.2.3.4:25: {tsl: none}\n",
		"s:5:16: unknown key \"tsl\"; did you mean \"tls\"?"},
	    {HEAD "ports:\n  1.2.3.4:25: {tls: yes}\n", "\"yes\" is none of"},
	    {HEAD "ports:\n  1.2.3.4:25: {cert: old}\n", "\"old\" is none"},
	    {HEAD "ports:\n  1.2.3.4:25: {drip: 1h}\n", "drip must be a time"},
	    {HEAD "ports:\n  1.2.3.4:25: {drip: -1s}\n", "must be a time"},
	    {HEAD "ports:\n  1.2.3.4:25: {drip: soon}\n", "must be a time"},
	    {HEAD "ports:\n  1.2.3.4:25: {long_line: 1e9}\n", "a number"},
	    {HEAD "ports:\n  1.2.3.4:25: {long_line: 999999999}\n",
		"from 0 to 50000000"},
	    {HEAD "ports:\n  1.2.3.4:25: {replies: EHLO}\n", "must be a map"},
	    {HEAD "ports:\n  1.2.3.4:25: {ehlo: {a: b}}\n", "text or a list"},
	    {HEAD "ports:\n  1.2.3.4:25: {nul: true}\n", "none of no|yes"},
	    {HEAD "clock: 5d\n", "s:4:8: a map of keys is expected"},
	    {HEAD "clock: {shift: 5}\n", "s:4:16: shift must be a time"},
	    {HEAD "clock: {shift: 99999d}\n", "shift must be a time"},
	    {HEAD "resolver: dead\n", "s:4:11: \"dead\" is none of"},
	    {HEAD "answers: [a]\n", "s:4:10: answers must be a map"},
	    {HEAD "ports:\n  1.2.3.4:5: {cut: maybe}\n", "s:5:20: "},
	    {HEAD "ports:\n  1.2.3.4:5: {cut_after: -1}\n", "s:5:26: "},
	    {HEAD "ports:\n  1.2.3.4:5: {blackhole: yes}\n", "s:5:26: "},
	    {HEAD "ports:\n  1.2.3.4:5: {rcpt_reply: a}\n", "s:5:27: "},
	    {HEAD "ports:\n  1.2.3.4:5: {mailbox: perhaps}\n", "s:5:24: "},
	    {"expect: {facts: {}}\n", "s:1:9: expect needs a probe"},
	    {"expect: {probe: x, timeout: 0}\n", "timeout must be 1 to 60"},
	    {"expect: {probe: x, fact: 0}\n", "did you mean \"facts\"?"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct err err = {0};
		struct scenario *s = parse(cases[i].text, &err);

		if (s != NULL || strstr(err.msg, cases[i].message) == NULL)
			fail_msg("%s\n  expected \"%s\"\n  got \"%s\"",
			    cases[i].text, cases[i].message, err.msg);
		scenario_free(s);
	}
}

/* Everything that can be repeated is bounded. */
static void
test_bounds(void **state)
{
	static const struct {
		const char *head, *item;
		int n;
	} cases[] = {
	    {HEAD "names:\n", "  n%d.x: {}\n", SCENARIO_MAX_NAMES + 1},
	    {HEAD "ports:\n", "  1.2.3.4:%d: {}\n", SCENARIO_MAX_PORTS + 1},
	    {HEAD "answers:\n", "  a%d: b\n", SCENARIO_MAX_LINES + 1},
	    {HEAD "names:\n  a.b:\n    a:\n", "      - 1.2.3.%d\n",
		SCENARIO_MAX_RECORDS + 1},
	    {HEAD "ports:\n  1.2.3.4:25:\n    ehlo:\n", "      - k%d\n",
		SCENARIO_MAX_LINES + 1},
	    {"title: t\ncause: works\nstory: |\n", "  line number %d\n", 2000},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct err err = {0};
		struct buf b;
		char line[64];

		buf_init(&b, 1 << 20);
		buf_adds(&b, cases[i].head);
		for (int n = 1; n <= cases[i].n; n++) {
			const char *mark = strchr(cases[i].item, '%');

			snprintf(line, sizeof(line), "%.*s%d%s",
			    (int)(mark - cases[i].item), cases[i].item, n,
			    mark + 2);
			buf_adds(&b, line);
		}
		assert_null(parse(b.data, &err));
		if (strstr(err.msg, "more than") == NULL)
			assert_non_null(strstr(err.msg, "longer than"));
		buf_done(&b);
	}
}

static void
test_good(void **state)
{
	static const char text[] =
	    HEAD "topic: ports\n"
		 "answers: {account.email: a@b.example, send.to: [x, y]}\n"
		 "clock: {shift: -1000d}\n"
		 "names:\n"
		 "  mail.b.example: {a: [192.0.2.1], aaaa: ['2001:DB8:0::1']}\n"
		 "  alias.b.example: {cname: mail.b.example}\n"
		 "ports:\n"
		 "  192.0.2.1:587: {greeting: none, drip: 500ms, trusted: no}\n"
		 "  \"[2001:db8::1]:*\": dropped\n";
	struct err err = {0};
	struct strs names = {0};
	struct scenario *s = parse(text, &err);

	(void)state;
	if (s == NULL)
		fail_msg("%s", err.msg);
	assert_string_equal(scenario_cause(s), "works");
	assert_string_equal(scenario_topic(s), "ports");
	assert_string_equal(kvs_get(scenario_answers(s), "send.to"), "x\ny");
	assert_true(s->clock_shift_ms == -86400000LL * 1000);
	assert_int_equal(s->n_ports, 2);
	assert_false(s->ports[0].server->greets);
	assert_false(s->ports[0].server->trusted);
	assert_int_equal(s->ports[0].server->drip_ms, 500);
	assert_int_equal(s->ports[1].port, 0);
	scenario_names_of(s, s->ports[1].address, &names);
	assert_int_equal(names.n, 2);
	strs_done(&names);
	scenario_free(s);
	scenario_free(NULL);
}

/* Every prefix of a scenario is either good or an error, never a crash. */
static void
test_prefixes(void **state)
{
	static const char text[] =
	    HEAD "names:\n  a.b: {mx: [10 m.b], srv: ['0 1 2 c.d']}\n"
		 "ports:\n  1.2.3.4:25: {replies: {EHLO: [a, b]}, raw: x}\n"
		 "expect: {probe: p, with: {a: b}, findings: [x]}\n";

	(void)state;
	for (size_t len = 0; len < sizeof(text); len++) {
		struct err err = {0};

		scenario_free(scenario_parse("s", text, len, &err));
	}
}

/* The same numbers each time. */
static uint32_t
next(uint32_t *seed)
{
	*seed = *seed * 1664525u + 1013904223u;
	return *seed >> 16;
}

/* The resolver takes whatever comes. */
static void
test_dns_messages(void **state)
{
	static const unsigned char query[] = {
	    0, 7, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0, 1, 'a', 1, 'b', 0, 0, 1, 0, 1};
	struct err err = {0};
	struct scenario *s =
	    parse(HEAD "names:\n  a.b: {a: [192.0.2.1]}\n", &err);
	unsigned char *out = mem_alloc(LAB_DNS_MAX);
	size_t out_len;
	uint32_t seed = 1;

	(void)state;
	assert_true(
	    lab_dns_reply(s, query, sizeof(query), false, out, &out_len));
	assert_int_equal(out[7], 1);
	for (size_t len = 0; len < sizeof(query); len++)
		assert_false(
		    lab_dns_reply(s, query, len, false, out, &out_len));
	for (int i = 0; i < 20000; i++) {
		unsigned char bad[sizeof(query)];

		memcpy(bad, query, sizeof(bad));
		for (int n = 0; n < 3; n++)
			bad[next(&seed) % sizeof(bad)] =
			    (unsigned char)next(&seed);
		lab_dns_reply(s, bad, sizeof(bad), i % 2 == 0, out, &out_len);
	}
	mem_free(out);
	scenario_free(s);
}

/* Every scenario that comes with the program is a good one. */
static void
test_shipped(void **state)
{
	size_t found = 0;

	(void)state;
	for (size_t i = 0; knowledge_builtin_name(i) != NULL; i++) {
		const char *name = knowledge_builtin_name(i);
		struct err err = {0};
		struct scenario *s;
		const char *text;
		size_t len;

		if (strncmp(name, "lab/", 4) != 0)
			continue;
		text = knowledge_builtin(name, &len);
		s = scenario_parse(name, text, len, &err);
		if (s == NULL)
			fail_msg("%s", err.msg);
		assert_non_null(kvs_get(scenario_answers(s), "account.email"));
		scenario_free(s);
		found++;
	}
	assert_true(found >= 6);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_bad),
	    cmocka_unit_test(test_bounds),
	    cmocka_unit_test(test_good),
	    cmocka_unit_test(test_prefixes),
	    cmocka_unit_test(test_dns_messages),
	    cmocka_unit_test(test_shipped),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
