/* SPDX-License-Identifier: ISC
 *
 * Plants a secret, signs in with it to every kind of server the lab knows,
 * good and bad, and searches all that a probe hands back for it: raw, in
 * base64 and URL-encoded.
 */
#include "probes/lab/lab.h"

#include "probes/base/base64.h"
#include "probes/base/clock.h"
#include "probes/base/mem.h"
#include "probes/base/secret.h"
#include "probes/base/secret_forms.h"
#include "probes/probe.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#define PASSWORD "Zq7+Quokka/Umbrella?=81"
#define USERS \
	"users: {anna@bakery.example: {password: 'Zq7+Quokka/Umbrella?=81'}}"

/* A token with an inside, and one without. */
#define OPAQUE "ya29.a0Quokka-Umbrella_Zq7-lab-lab-lab-lab-lab-lab-81"
static char jwt[600];

struct server {
	const char *name, *keys;
};

/* Each with the users' passwords right and wrong. */
static const struct server servers[] = {
    {"plain", ""},
    {"login", "auth: LOGIN"},
    {"token", "auth: XOAUTH2"},
    {"bearer", "auth: OAUTHBEARER"},
    {"nothing spoken", "auth: CRAM-MD5 NTLM"},
    {"nothing offered", "auth: none"},
    {"echo", "auth: PLAIN LOGIN XOAUTH2\n    auth_fault: echo"},
    {"echo login", "auth: LOGIN OAUTHBEARER\n    auth_fault: echo"},
    {"close", "auth: PLAIN XOAUTH2\n    auth_fault: close"},
    {"reset", "auth: LOGIN XOAUTH2\n    auth_fault: reset"},
    {"silence", "auth: PLAIN XOAUTH2\n    auth_fault: silence"},
    {"challenge", "auth: LOGIN XOAUTH2\n    token_challenge: "
		  "'{\"status\":\"400\",\"scope\":\"x\"}'"},
    {"certificate", "cert: expired"},
    {"no encryption", "tls: none\n    auth_plain: yes"},
    {"temporary", "auth: PLAIN XOAUTH2\n    auth_reply: {refused: "
		  "'454 4.7.0 later'}"},
};

static struct scenario *
play(const struct server *server, bool has_users)
{
	char *text = mem_printf(
	    "title: hunt\ncause: works\nstory: hunt\nnames:\n"
	    "  mail.bakery.example: {a: [192.0.2.10]}\nports:\n"
	    "  192.0.2.10:587:\n    %s\n    %s\n",
	    has_users ? USERS : "users: {ben@bakery.example: {password: x}}",
	    server->keys);
	struct err err = {0};
	struct scenario *s = scenario_parse("hunt", text, strlen(text), &err);

	if (!s)
		fail_msg("%s: %s", server->name, err.msg);
	mem_free(text);
	return s;
}

/* ---- the search ---- */

static void
hunt(const struct secret_forms *forms, const char *where, const char *name,
    const char *text)
{
	if (secret_forms_in(forms, text, strlen(text)))
		fail_msg("%s: the secret is in %s: %s", name, where, text);
}

static void
hunt_result(const struct secret_forms *forms, const char *name,
    const struct probe_result *r)
{
	struct strs all = {0};
	char *text;

	strs_copy(&all, &r->transcript);
	for (size_t i = 0; i < r->transcript.n; i++)
		hunt(forms, "the transcript", name, r->transcript.v[i]);
	for (size_t i = 0; i < r->facts.n; i++) {
		hunt(forms, r->facts.v[i].name, name, r->facts.v[i].value);
		strs_add(&all, r->facts.v[i].value);
	}
	for (size_t i = 0; i < r->n_findings; i++) {
		hunt(forms, r->findings[i].id, name, r->findings[i].text);
		strs_add(&all, r->findings[i].text);
	}
	hunt(forms, "the error", name, r->err.msg);
	/* the plain way too, with nothing of ours in between */
	text = strs_join(&all, "\n");
	assert_null(strstr(text, "Quokka"));
	assert_null(strstr(text, "UXVva2th")); /* base64, three alignments */
	assert_null(strstr(text, "F1b2trY"));
	assert_null(strstr(text, "RdW9ra2"));
	mem_free(text);
	strs_done(&all);
}

/* The hunt itself must find what it is to find. */
static void
test_hunter(void **state)
{
	static const char *const traces[] = {PASSWORD,
	    "WnE3K1F1b2trYS9VbWJyZWxsYT89ODE=",
	    "Zq7%2BQuokka%2FUmbrella%3F%3D81",
	    "AGFubmFAYmFrZXJ5LmV4YW1wbGUAWnE3K1F1b2trYS9VbWJyZWxsYT89ODE="};
	struct secret_forms forms = {0};
	struct secret *s = NULL;
	struct err err;

	(void)state;
	assert_true(secret_set(&s, PASSWORD, strlen(PASSWORD), &err));
	secret_forms_add(&forms, s);
	for (size_t i = 0; i < sizeof(traces) / sizeof(traces[0]); i++)
		assert_true(
		    secret_forms_in(&forms, traces[i], strlen(traces[i])));
	secret_forms_done(&forms);
	secret_free(s);
}

/* ---- the paths ---- */

struct path {
	const char *probe, *security, *secret;
	bool is_token, has_users;
};

static void
set_params(struct kvs *params, const struct path *p)
{
	kvs_set(params, "host", "mail.bakery.example");
	kvs_setf(params, "target", "192.0.2.10:587/%s", p->security);
	kvs_set(params, "username", "anna@bakery.example");
	kvs_set(params, "from", "anna@bakery.example");
	kvs_set(params, "to", "anna@bakery.example");
	kvs_set(params, "kind", "small");
}

static void
walk(const struct server *server, const struct path *p, bool cancelled)
{
	struct scenario *s = play(server, p->has_users);
	struct net_options o = {
	    .connect_timeout_ms = str_eq(server->name, "silence") ? 200 : 2000};
	struct kvs params = {0};
	struct probe_result r = {0};
	struct secret_forms forms = {0};
	struct secret *secret = NULL;
	int64_t shift_ms = 0;
	struct err err = {0};
	struct lab *lab = lab_start(s, &o, &shift_ms, &err);
	struct probe_ctx ctx = {
	    .net = {.options = &o,
		.deadline_ms = clock_mono_ms() + (cancelled ? 60 : 10000),
		.cancel_fd = -1,
		.yield_fd = -1},
	    .params = &params,
	    .result = &r,
	};

	if (!lab)
		fail_msg("%s: %s", server->name, err.msg);
	assert_true(secret_set(&secret, p->secret, strlen(p->secret), &err));
	secret_forms_add(&forms, secret);
	set_params(&params, p);
	if (p->is_token)
		ctx.token = secret;
	else
		ctx.password = secret;
	probe_find(p->probe)->run(&ctx);
	hunt_result(&forms, server->name, &r);
	assert_true(r.transcript.n > 0);
	if (server == servers && p->has_users && !cancelled &&
	    str_eq(p->probe, "auth_login"))
		assert_string_equal(
		    kvs_get(&r.facts, "login.result"), "accepted");
	lab_stop(lab, NULL);
	secret_forms_done(&forms);
	secret_free(secret);
	probe_result_done(&r);
	kvs_done(&params);
	net_options_done(&o);
	scenario_free(s);
}

static void
walk_all(const char *probe, bool cancelled)
{
	const struct path paths[] = {
	    {probe, "starttls", PASSWORD, false, true},
	    {probe, "starttls", jwt, true, false},
	    {probe, "starttls", PASSWORD, false, false},
	    {probe, "starttls", OPAQUE, true, false},
	};
	/* the second half differs little and takes its time */
	size_t n = str_eq(probe, "auth_login") ? 4 : 2;

	for (size_t i = 0; i < sizeof(servers) / sizeof(servers[0]); i++)
		for (size_t j = 0; j < n; j++)
			walk(&servers[i], &paths[j], cancelled);
}

static void
test_login(void **state)
{
	(void)state;
	walk_all("auth_login", false);
}

static void
test_login_cut_short(void **state)
{
	const struct path p = {"auth_login", "starttls", PASSWORD, false, true};

	(void)state;
	walk(&servers[0], &p, true);
	walk(&servers[10], &p, true);
}

static void
test_send(void **state)
{
	(void)state;
	if (!probe_find("smtp_send"))
		skip();
	walk_all("smtp_send", false);
}

static int
start(void **state)
{
	char header[80], claims[300];
	static const char body[] =
	    "{\"aud\":\"https://graph.microsoft.com\",\"exp\":1600000000,"
	    "\"scp\":\"Mail.Send\",\"upn\":\"ben@bakery.example\"}";

	(void)state;
	base64_encode("{\"alg\":\"RS256\",\"typ\":\"JWT\"}", 27, header);
	base64_encode(body, sizeof(body) - 1, claims);
	header[strcspn(header, "=")] = '\0';
	claims[strcspn(claims, "=")] = '\0';
	snprintf(jwt, sizeof(jwt), "%s.%s.%s", header, claims,
	    "Zq7QuokkaUmbrellaZq7QuokkaUmbrella81");
	return 0;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_hunter),
	    cmocka_unit_test(test_login),
	    cmocka_unit_test(test_login_cut_short),
	    cmocka_unit_test(test_send),
	};

	return cmocka_run_group_tests(tests, start, NULL);
}
