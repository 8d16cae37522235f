/* SPDX-License-Identifier: ISC
 *
 * Reads a scenario: names, ports, answers, clock. Every count and size is
 * bounded, and an unknown key is an error that says where it stands.
 */
#include "scenario.h"

#include <arpa/inet.h>
#include <stddef.h>
#include <string.h>

#include "../base/mem.h"
#include "scenario_parse.h"

#define DAY_MS 86400000LL
#define MAX_SHIFT_MS (40000 * DAY_MS) /* a century, both ways */

/* "192.0.2.10:587", "[2001:db8::1]:*", "*:25". */
static bool
read_place(struct lab_port *p, const char *text)
{
	const char *colon = strrchr(text, ':');
	unsigned char raw[16];
	char address[64];
	size_t len;
	int family = AF_INET;
	int64_t port = 0;

	if (colon == NULL || colon - text >= (ptrdiff_t)sizeof(address))
		return false;
	len = (size_t)(colon - text);
	memcpy(address, text, len);
	address[len] = '\0';
	if (!str_eq(colon + 1, "*") && !str_number(colon + 1, 1, 65535, &port))
		return false;
	p->port = (int)port;
	if (str_eq(address, "*"))
		return true;
	if (address[0] == '[' && address[len - 1] == ']') {
		memmove(address, address + 1, len - 2);
		address[len - 2] = '\0';
		family = AF_INET6;
	}
	if (inet_pton(family, address, raw) != 1)
		return false;
	inet_ntop(family, raw, p->address, sizeof(p->address));
	return true;
}

static bool
is_listed(const struct scenario *s, const struct lab_port *p)
{
	for (size_t i = 0; i + 1 < s->n_ports; i++) {
		if (s->ports[i].port == p->port &&
		    str_eq(s->ports[i].address, p->address))
			return true;
	}
	return false;
}

static bool
read_port(struct scenario_reader *r, struct lab_port *p, const struct yaml *key,
    const struct yaml *value)
{
	unsigned reach = 0;

	if (!read_place(p, key->text)) {
		return scenario_fail(r, key,
		    "\"%.80s\" is not ADDRESS:PORT (IPv6 in brackets)",
		    key->text);
	}
	if (is_listed(r->s, p))
		return scenario_fail(r, key, "this port is listed twice");
	if (value->kind == YAML_MAP) {
		p->reach = LAB_SERVER;
		p->server = scenario_read_server(r, value);
		return p->server != NULL;
	}
	if (!scenario_read_word(r, value,
		"dropped|refused|unreachable|prohibited|no-route", &reach))
		return false;
	p->reach = (enum lab_reach)reach;
	return true;
}

static bool
set_ports(struct scenario_reader *r, void *object, const struct yaml *value,
    const struct scenario_key *key)
{
	struct scenario *s = object;

	(void)key;
	if (value->kind != YAML_MAP)
		return scenario_fail(r, value, "ports must be a map");
	if (value->n > SCENARIO_MAX_PORTS) {
		return scenario_fail(
		    r, value, "more than %d ports", SCENARIO_MAX_PORTS);
	}
	for (size_t i = 0; i < value->n; i++) {
		struct lab_port *p =
		    MEM_PUSH(&s->ports, &s->n_ports, &s->cap_ports);

		if (!read_port(r, p, value->keys[i], value->items[i]))
			return false;
	}
	return true;
}

static bool
set_shift(struct scenario_reader *r, void *object, const struct yaml *value,
    const struct scenario_key *key)
{
	struct scenario *s = object;
	const char *text = scenario_text(r, value);
	int64_t ms;

	(void)key;
	if (text == NULL)
		return false;
	if (!scenario_duration(text, &ms) || ms < -MAX_SHIFT_MS ||
	    ms > MAX_SHIFT_MS) {
		return scenario_fail(
		    r, value, "shift must be a time such as -1000d or 30h");
	}
	s->clock_shift_ms = ms;
	return true;
}

static const struct scenario_key clock_keys[] = {
    {"shift", set_shift, 0, NULL, 0},
    {NULL, NULL, 0, NULL, 0},
};

static bool
set_clock(struct scenario_reader *r, void *object, const struct yaml *value,
    const struct scenario_key *key)
{
	(void)key;
	return scenario_read_map(r, object, value, clock_keys);
}

static bool
set_timeout(struct scenario_reader *r, void *object, const struct yaml *value,
    const struct scenario_key *key)
{
	struct lab_expect *e = object;
	const char *text = scenario_text(r, value);
	int64_t seconds;

	(void)key;
	if (text == NULL)
		return false;
	if (!str_number(text, 1, 60, &seconds))
		return scenario_fail(r, value, "timeout must be 1 to 60");
	e->timeout_ms = (int)seconds * 1000;
	return true;
}

/* "password" or "token", one of them. */
static bool
set_secret(struct scenario_reader *r, void *object, const struct yaml *value,
    const struct scenario_key *key)
{
	struct kvs *secret = (struct kvs *)((char *)object + key->at);

	if (!scenario_set_pairs(r, object, value, key))
		return false;
	if (secret->n != 1 ||
	    !str_in_set(secret->v[0].name, "password|token")) {
		return scenario_fail(
		    r, value, "%s holds a password or a token", key->name);
	}
	return true;
}

#define EXPECT(member) offsetof(struct lab_expect, member)

static const struct scenario_key expect_keys[] = {
    {"probe", scenario_set_text, EXPECT(probe), NULL, 0},
    {"with", scenario_set_pairs, EXPECT(with), NULL, 0},
    {"with_secret", set_secret, EXPECT(with_secret), NULL, 0},
    {"facts", scenario_set_pairs, EXPECT(facts), NULL, 0},
    {"findings", scenario_set_lines, EXPECT(findings), NULL, 0},
    {"no_findings", scenario_set_lines, EXPECT(no_findings), NULL, 0},
    {"timeout", set_timeout, 0, NULL, 0},
    {"within", scenario_set_duration, EXPECT(within_ms), NULL, 120000},
    {NULL, NULL, 0, NULL, 0},
};

static bool
set_expect(struct scenario_reader *r, void *object, const struct yaml *value,
    const struct scenario_key *key)
{
	struct scenario *s = object;

	(void)key;
	s->expect.timeout_ms = 1000;
	if (!scenario_read_map(r, &s->expect, value, expect_keys))
		return false;
	if (s->expect.probe == NULL)
		return scenario_fail(r, value, "expect needs a probe");
	return true;
}

#define SCENARIO(member) offsetof(struct scenario, member)

static const struct scenario_key scenario_keys[] = {
    {"title", scenario_set_text, SCENARIO(title), NULL, 0},
    {"cause", scenario_set_text, SCENARIO(cause), NULL, 0},
    {"fixed_by", scenario_set_text, SCENARIO(fixed_by), NULL, 0},
    {"topic", scenario_set_text, SCENARIO(topic), NULL, 0},
    {"story", scenario_set_text, SCENARIO(story), NULL, 0},
    {"answers", scenario_set_pairs, SCENARIO(answers), NULL, 0},
    {"secret", set_secret, SCENARIO(secret), NULL, 0},
    {"clock", set_clock, 0, NULL, 0},
    {"names", scenario_set_names, 0, NULL, 0},
    {"resolver", scenario_set_word, SCENARIO(resolver),
	"ok|silent|refused|unreachable", 0},
    {"ports", set_ports, 0, NULL, 0},
    {"expect", set_expect, 0, NULL, 0},
    {NULL, NULL, 0, NULL, 0},
};

static bool
check_whole(struct scenario_reader *r, const struct yaml *y)
{
	const struct scenario *s = r->s;

	if (s->expect.probe != NULL)
		return true;
	if (s->cause == NULL)
		return scenario_fail(r, y, "a scenario needs a cause");
	if (s->title == NULL || s->story == NULL)
		return scenario_fail(r, y, "a scenario needs title and story");
	return true;
}

struct scenario *
scenario_parse(const char *name, const char *text, size_t len, struct err *err)
{
	struct yaml *y = yaml_parse(name, text, len, err);
	struct scenario *s;
	struct scenario_reader r = {.file = name, .err = err};

	if (y == NULL)
		return NULL;
	s = mem_new(struct scenario);
	s->name = mem_dup(name);
	r.s = s;
	if (!scenario_read_map(&r, s, y, scenario_keys) ||
	    !check_whole(&r, y)) {
		scenario_free(s);
		s = NULL;
	}
	yaml_free(y);
	return s;
}

void
scenario_free(struct scenario *s)
{
	if (s == NULL)
		return;
	scenario_free_names(s);
	for (size_t i = 0; i < s->n_ports; i++)
		scenario_free_server(s->ports[i].server);
	mem_free(s->ports);
	kvs_done(&s->answers);
	mem_free(s->expect.probe);
	kvs_done(&s->secret);
	kvs_done(&s->expect.with_secret);
	kvs_done(&s->expect.with);
	kvs_done(&s->expect.facts);
	strs_done(&s->expect.findings);
	strs_done(&s->expect.no_findings);
	mem_free(s->title);
	mem_free(s->cause);
	mem_free(s->fixed_by);
	mem_free(s->topic);
	mem_free(s->story);
	mem_free(s->name);
	mem_free(s);
}

const char *
scenario_cause(const struct scenario *s)
{
	return s->cause;
}

const char *
scenario_title(const struct scenario *s)
{
	return s->title;
}

const char *
scenario_story(const struct scenario *s)
{
	return s->story;
}

const char *
scenario_topic(const struct scenario *s)
{
	return s->topic;
}

const struct kvs *
scenario_answers(const struct scenario *s)
{
	return &s->answers;
}

const struct kvs *
scenario_secret(const struct scenario *s)
{
	return &s->secret;
}
