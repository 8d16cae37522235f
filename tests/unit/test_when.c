/* SPDX-License-Identifier: ISC
 *
 * Conditions: what holds when, which facts they name, and combinations of
 * values that no branch catches.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "probes/base/kv.h"
#include "probes/base/mem.h"
#include "probes/base/yaml.h"
#include "wizard/playbook/when.h"

static struct when *
read_when(const char *text)
{
	struct err err = {0};
	struct complaints c = {0};
	struct yaml *y = yaml_parse("t", text, strlen(text), &err);

	assert_non_null(y);
	struct when *w = when_parse(y, &c);
	assert_int_equal(w ? 0 : 1, c.n);
	yaml_free(y);
	complaints_done(&c);
	return w;
}

static const char *
lookup(const void *arg, const char *fact)
{
	return kvs_get(arg, fact);
}

static void
test_holds(void **state)
{
	(void)state;
	static const struct {
		const char *when;
		bool holds;
	} cases[] = {
	    {"{a.x: 1}", true},
	    {"{a.x: 2}", false},
	    {"{a.x: [2, 1]}", true},
	    {"{a.x: 1, a.y: no}", true},
	    {"{a.x: 1, a.y: yes}", false},
	    {"{a.z: unknown}", true},
	    {"{a.z: 1}", false},
	    {"{not: {a.x: 1}}", false},
	    {"{not: {a.x: 1, a.y: yes}}", true},
	    {"{any: [{a.x: 2}, {a.y: no}]}", true},
	    {"{any: [{a.x: 2}, {a.y: yes}]}", false},
	    {"{a.x: 1, any: [{a.y: yes}, {not: {a.z: 1}}]}", true},
	    {"{any: [{a.x: 2}, {any: [{a.x: 3}]}], a.x: 1}", false},
	};
	struct kvs facts = {0};

	kvs_set(&facts, "a.x", "1");
	kvs_set(&facts, "a.y", "no");
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct when *w = read_when(cases[i].when);
		assert_non_null(w);
		if (when_holds(w, lookup, &facts) != cases[i].holds)
			fail_msg("%s", cases[i].when);
		when_free(w);
	}
	kvs_done(&facts);
}

static void
test_not_a_condition(void **state)
{
	(void)state;
	static const char *const cases[] = {"text", "[a]", "{}", "{a.x: []}",
	    "{a.x: {b: c}}", "{a.x: [[b]]}", "{a.x: \"\"}", "{any: x}",
	    "{any: []}", "{any: [x]}", "{any: {a.x: 1}}", "{not: x}",
	    "{not: [x]}", "{not: {}}"};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		if (read_when(cases[i]))
			fail_msg("%s", cases[i]);
}

static void
test_facts(void **state)
{
	(void)state;
	struct strs names = {0};
	struct when *w =
	    read_when("{a.x: 1, any: [{a.y: 1}, {not: {a.x: 2}}]}");

	when_facts(w, &names);
	assert_int_equal(names.n, 2);
	assert_true(strs_has(&names, "a.x") && strs_has(&names, "a.y"));
	strs_done(&names);
	when_free(w);
}

/* Facts are called a.COUNT: "a.3" has the values v0|v1 and unknown. */
static const char *
values(const void *arg, const char *fact)
{
	(void)arg;
	if (str_eq(fact, "a.2"))
		return "v0|unknown";
	if (str_eq(fact, "a.4"))
		return "v0|v1|v2|unknown";
	return "v0|v1|unknown";
}

static void
test_cover(void **state)
{
	(void)state;
	static const struct {
		const char *whens[4];
		const char *example; /* NULL: covered */
	} cases[] = {
	    {{"{a.2: v0}"}, "a.2=unknown"},
	    {{"{a.2: [v0, unknown]}"}, NULL},
	    {{"{a.2: v0}", "{a.2: unknown}"}, NULL},
	    {{"{a.3: v0}", "{a.3: unknown}"}, "a.3=v1"},
	    {{"{a.2: v0}", "{not: {a.2: v0}}"}, NULL},
	    {{"{any: [{a.4: v0}, {a.4: [v1, unknown]}]}"}, "a.4=v2"},
	    {{"{a.2: v0, a.3: v1}", "{a.2: unknown}", "{not: {a.3: v1}}"},
		NULL},
	    {{"{a.2: v0, a.3: v1}", "{a.2: unknown}"}, "a.2=v0, a.3=v0"},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct when *w[4];
		size_t n = 0;
		char *example = NULL;
		bool too_many;
		for (; n < 4 && cases[i].whens[n]; n++)
			w[n] = read_when(cases[i].whens[n]);
		bool covered =
		    when_cover(w, n, values, NULL, &example, &too_many);
		assert_false(too_many);
		assert_int_equal(covered, !cases[i].example);
		if (cases[i].example)
			assert_string_equal(example, cases[i].example);
		mem_free(example);
		while (n-- > 0)
			when_free(w[n]);
	}
}

/* A condition over n facts that is one short of covering everything. */
static struct when *
wide(int n)
{
	struct strs parts = {0};

	for (int i = 0; i < n; i++)
		strs_addf(&parts, "{b.f%d: v0}", i);
	char *list = strs_join(&parts, ", ");
	char *text = mem_printf("{any: [%s]}", list);
	struct when *w = read_when(text);
	mem_free(text);
	mem_free(list);
	strs_done(&parts);
	return w;
}

static void
test_cover_bound(void **state)
{
	(void)state;
	static const struct {
		int facts;
		bool too_many;
	} cases[] = {{12, false}, {13, true}, {100, true}};

	for (size_t i = 0; i < 3; i++) {
		struct when *w = wide(cases[i].facts);
		char *example = NULL;
		bool too_many;
		bool covered =
		    when_cover(&w, 1, values, NULL, &example, &too_many);
		assert_int_equal(too_many, cases[i].too_many);
		assert_int_equal(covered, cases[i].too_many);
		mem_free(example);
		when_free(w);
	}
}

static void
test_parts_bound(void **state)
{
	(void)state;
	assert_null(wide(300));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_holds),
	    cmocka_unit_test(test_not_a_condition),
	    cmocka_unit_test(test_facts),
	    cmocka_unit_test(test_cover),
	    cmocka_unit_test(test_cover_bound),
	    cmocka_unit_test(test_parts_bound),
	};

	return cmocka_run_group_tests_name("when", tests, NULL, NULL);
}
