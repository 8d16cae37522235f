/* SPDX-License-Identifier: ISC
 *
 * Which cause when several hold: the shipped playbook is walked with probe
 * results from tests/playbooks/ladder.yaml in place of a network. One case
 * there per rule of the contract, and per cause.
 */
#include "probes/base/mem.h"
#include "probes/base/yaml.h"
#include "wizard/engine/engine.h"
#include "wizard/engine/facts.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#define NOW 1795000000000 /* 2026-11-18 */

static struct knowledge *knowledge;
static struct playbook *playbook;

static void
set_all(struct kvs *to, const struct yaml *map)
{
	for (size_t i = 0; map && i < map->n; i++)
		kvs_set(to, map->keys[i]->text, yaml_text(map->items[i]));
}

/* What a port says unless a case says otherwise. */
static void
port_base(struct kvs *f, const char *base)
{
	static const char *const passes[][2] = {{"port.reach", "open"},
	    {"port.speaks", "smtp"}, {"port.tls", "ok"}, {"port.cert", "ok"},
	    {"port.auth", "yes"}, {"port.mechs", "PLAIN LOGIN"},
	    {"port.masked", "no"}, {"port.ehlo", "ok"}};
	bool implicit = str_eq(base, "implicit-tls");

	if (!implicit && !str_eq(base, "starttls")) {
		kvs_set(f, "port.reach", base);
		return;
	}
	for (size_t i = 0; i < sizeof(passes) / sizeof(passes[0]); i++)
		kvs_set(f, passes[i][0], passes[i][1]);
	kvs_set(f, "port.serves", base);
	kvs_set(f, "port.auth_plain", implicit ? "unknown" : "no");
	kvs_set(f, "port.starttls", implicit ? "unknown" : "offered");
}

static void
answer_port(const struct yaml *test, const struct kvs *params, struct kvs *f)
{
	const struct yaml *hosts = yaml_get(test, "ports");
	const struct yaml *ports = yaml_get(hosts, kvs_get(params, "host"));
	const struct yaml *port;
	struct probe_target t;
	char name[64];

	assert_true(probe_target_parse(kvs_get(params, "target"), &t));
	snprintf(name, sizeof(name), "%s:%d", t.address, t.port);
	port = yaml_get(ports, name);
	snprintf(name, sizeof(name), "%d", t.port);
	if (!port)
		port = yaml_get(ports, name);
	if (!port)
		port_base(f, "refused");
	else if (yaml_text(port))
		port_base(f, yaml_text(port));
	else {
		port_base(f, yaml_get_text(port, "base"));
		set_all(f, yaml_get(port, "facts"));
	}
}

static void
answer_probe(
    const struct yaml *test, const struct effect *job, struct kvs *facts)
{
	const char *probe = job->probe->name;
	const char *host = kvs_get(job->params, "host");

	if (str_eq(probe, "address")) {
		const char *at = strchr(kvs_get(job->params, "email"), '@');

		kvs_set(facts, "address.syntax", "ok");
		kvs_set(facts, "address.domain", at + 1);
	} else if (str_eq(probe, "smtp_port"))
		answer_port(test, job->params, facts);
	else if (str_eq(probe, "dns_host")) {
		const struct yaml *names = yaml_get(test, "names");

		kvs_set(facts, "dns.name", "ok");
		kvs_set(facts, "dns.addresses", "192.0.2.10");
		if (yaml_get(names, host)) {
			kvs_done(facts);
			set_all(facts, yaml_get(names, host));
		}
	}
	set_all(facts, yaml_get(yaml_get(test, "probes"), probe));
}

static void
drain(struct engine *e, const struct yaml *test)
{
	struct effect f;

	while (engine_effect(e, &f)) {
		struct probe_result r = {0};
		struct event ev = {.kind = EVENT_RESULT, .at_ms = NOW + 1};

		if (f.kind == EFFECT_JOURNAL)
			mem_free(f.line);
		if (f.kind != EFFECT_START_JOB)
			continue;
		answer_probe(test, &f, &r.facts);
		ev.job = f.job;
		ev.result = &r;
		engine_event(e, &ev);
	}
}

static void
expect_recommended(const struct verdict *v, const char *expected)
{
	char *is = v->recommended.found
		       ? mem_printf("%s:%d/%s/%s", v->recommended.host,
			     v->recommended.port, v->recommended.security,
			     v->recommended.auth)
		       : mem_dup("none");

	if (expected)
		assert_string_equal(is, expected);
	mem_free(is);
}

static bool
walk_one(const struct yaml *test)
{
	struct engine_setup setup = {.playbook = playbook,
	    .knowledge = knowledge,
	    .no_input = true,
	    .own_resolver = true,
	    .timeout_ms = 5000,
	    .build_ms = NOW - 1000,
	    .version = "test"};
	struct event start = {.kind = EVENT_START, .at_ms = NOW};
	const char *shift = yaml_get_text(test, "clock");
	const char *cause = yaml_get_text(test, "cause");
	const char *also = yaml_get_text(test, "also");
	const struct verdict *v;
	struct engine *e;
	char *got;
	bool ok;

	if (shift)
		setup.build_ms = NOW + 86400000;
	set_all(&setup.answers, yaml_get(test, "answers"));
	e = engine_new(&setup);
	engine_event(e, &start);
	drain(e, test);
	v = engine_verdict(e);
	assert_non_null(v);
	got = strs_join(&v->also, " ");
	ok = str_eq(v->cause, cause) && (!also || str_eq(also, got));
	if (!ok)
		print_error("%s (line %d): %s [%s], expected %s [%s]\n",
		    yaml_get_text(test, "case"), test->line, v->cause, got,
		    cause, also ? also : "any");
	if (ok)
		expect_recommended(v, yaml_get_text(test, "recommended"));
	mem_free(got);
	engine_free(e);
	return ok;
}

static void
every_case(void **state)
{
	struct err err = {0};
	struct yaml *y = yaml_load("tests/playbooks/ladder.yaml", &err);
	size_t failed = 0;

	(void)state;
	if (!y)
		fail_msg("%s", err.msg);
	for (size_t i = 0; i < y->n; i++)
		failed += !walk_one(y->items[i]);
	print_message("%zu cases, %zu wrong\n", y->n, failed);
	assert_true(y->n >= 50);
	assert_int_equal(failed, 0);
	yaml_free(y);
}

static int
load(void **state)
{
	struct err err = {0};
	struct complaints c = {0};
	struct playbook_world world = {.facts = engine_facts_table};
	size_t len;
	const char *text = knowledge_builtin("outlook-cannot-send.yaml", &len);

	(void)state;
	knowledge = knowledge_load(NULL, &err);
	if (!knowledge) {
		print_error("%s\n", err.msg);
		return -1;
	}
	world.causes = knowledge->cause_ids;
	playbook =
	    playbook_parse("outlook-cannot-send.yaml", text, len, &world, &c);
	for (size_t i = 0; i < c.n; i++)
		print_error("%d:%d: %s: %s\n", c.v[i].at.line, c.v[i].at.column,
		    c.v[i].id, c.v[i].text);
	complaints_done(&c);
	return playbook ? 0 : -1;
}

static int
unload(void **state)
{
	(void)state;
	playbook_free(playbook);
	knowledge_free(knowledge);
	return 0;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(every_case)};

	return cmocka_run_group_tests(tests, load, unload);
}
