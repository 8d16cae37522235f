/* SPDX-License-Identifier: ISC
 *
 * Nothing signs in or sends without a yes to exactly that. The wording is
 * the program's own; a playbook can neither change nor answer it.
 */
#include "engine_in.h"

#include "../../probes/base/mem.h"

#include <stdio.h>

/* Sign-ins that were refused so far: each brings an account nearer a lock. */
static int
refused_tries(const struct engine *e)
{
	int n = 0;

	for (size_t i = 0; i < e->n_jobs; i++)
		n += e->jobs[i].ended &&
		     e->jobs[i].probe->effect != PROBE_READS &&
		     str_eq(kvs_get(&e->jobs[i].result.facts, "login.result"),
			 "refused");
	return n;
}

static int
tries_allowed(const struct engine *e)
{
	int given = e->setup.max_auth_tries > 0 ? e->setup.max_auth_tries : 1;

	return e->tries_allowed > given ? e->tries_allowed : given;
}

bool
consent_given(const struct engine *e, enum probe_effect effect)
{
	if (effect == PROBE_READS)
		return true;
	if (e->setup.no_login)
		return false;
	if (effect == PROBE_SENDS_MAIL &&
	    (e->setup.no_send || !fact_is(e, "consent.send", "yes")))
		return false;
	return fact_is(e, "consent.login", "yes") &&
	       refused_tries(e) < tries_allowed(e) &&
	       (fact_is(e, "account.secret", "password") ||
		   fact_is(e, "account.secret", "token"));
}

bool
consent_wanted(const struct engine *e, enum probe_effect effect)
{
	if (e->setup.no_input || e->setup.no_login || effect == PROBE_READS)
		return false;
	if (effect == PROBE_SENDS_MAIL)
		return e->send_wanted && !e->setup.no_send;
	return e->login_wanted;
}

static void
text_for_login(const struct engine *e, struct consent *c)
{
	char *text = mem_printf(
	    "smtpwiz connects to {login.host}, encrypted and with the "
	    "server's certificate checked, and signs in once as "
	    "{login.username}. The %s goes to that server and nowhere else; "
	    "it is not stored or shown. No message is sent.",
	    fact_is(e, "account.secret", "token") ? "token" : "password");

	c->title = mem_dup("Test the sign-in?");
	c->text = engine_fill(e, text);
	mem_free(text);
}

static void
text_for_send(const struct engine *e, struct consent *c)
{
	char *text = mem_printf(
	    "smtpwiz signs in to {login.host} as {login.username} and sends "
	    "one small message from {send.from} to {send.first}%s%s%s. Its "
	    "text says that it is a test. Nobody else gets one.",
	    fact_value(e, "send.others") ? ", then one to {send.others}" : "",
	    fact_value(e, "kind.size")
		? ", then one of {message.size} bytes to {send.first}"
		: "",
	    fact_is(e, "send.types", "yes")
		? ", then one with letters of all languages and one with "
		  "attachments to {send.first}"
		: "");

	c->title = mem_dup("Send a test message?");
	c->text = engine_fill(e, text);
	mem_free(text);
}

void
engine_consent(const struct engine *e, struct consent *out)
{
	*out = (struct consent){
	    .effect = e->consent_for, .tries = refused_tries(e)};
	out->needs_secret = !fact_is(e, "account.secret", "password") &&
			    !fact_is(e, "account.secret", "token");
	if (e->consent_for == PROBE_SENDS_MAIL)
		text_for_send(e, out);
	else
		text_for_login(e, out);
	if (out->tries > 0)
		out->warning = mem_printf(
		    "The server has refused %d %s already. Many servers lock "
		    "an account after a few wrong tries; check the password "
		    "on the provider's web page first.",
		    out->tries, out->tries == 1 ? "try" : "tries");
}

void
consent_done(struct consent *c)
{
	mem_free(c->title);
	mem_free(c->text);
	mem_free(c->warning);
	*c = (struct consent){0};
}

void
consent_answer(struct engine *e, const struct kvs *answers)
{
	for (size_t i = 0; answers && i < answers->n; i++)
		set_answer(e, answers->v[i].name, answers->v[i].value);
	set_answer(e, "consent.login", "yes");
	if (e->consent_for == PROBE_SENDS_MAIL)
		set_answer(e, "consent.send", "yes");
	e->tries_allowed = refused_tries(e) + 1;
	e->questions_asked++;
	step_add(e, "question", "consent.login", "yes");
	facts_rebuild(e);
	walk(e);
}

void
consent_refuse(struct engine *e)
{
	e->login_wanted = e->send_wanted = false;
	e->questions_asked++;
	step_add(e, "question", "consent.login", "no");
	walk(e);
}

/*
 * A test that signs in is asked for: what was tried before counts no more.
 * Before the result it only has to wait until the walk comes to it.
 */
void
consent_request(struct engine *e, enum probe_effect effect)
{
	e->login_wanted = true;
	e->send_wanted = effect == PROBE_SENDS_MAIL;
	if (e->state == ENGINE_PROBING)
		walk(e);
	if (e->state != ENGINE_DONE)
		return;
	for (size_t i = 0; i < e->n_jobs; i++)
		if (e->jobs[i].probe->effect == effect)
			e->jobs[i].stale = true;
	kvs_unset(&e->setup.answers,
	    effect == PROBE_SENDS_MAIL ? "consent.send" : "consent.login");
	walk_again(e, false);
}

bool
engine_login_wanted(const struct engine *e)
{
	return e->login_wanted;
}

static bool
has_probe(const struct engine *e, enum probe_effect effect)
{
	const struct playbook *p = e->setup.playbook;

	for (size_t i = 0; i < p->n_nodes; i++)
		for (size_t c = 0; c < p->nodes[i].n_calls; c++)
			if (p->nodes[i].calls[c].probe->effect == effect)
				return true;
	return false;
}

bool
engine_can_login(const struct engine *e)
{
	if (e->setup.no_login || e->setup.no_input ||
	    !has_probe(e, PROBE_LOGS_IN))
		return false;
	return e->state != ENGINE_DONE || fact_value(e, "login.target");
}

bool
engine_can_send(const struct engine *e)
{
	if (e->setup.no_login || e->setup.no_input || e->setup.no_send ||
	    !has_probe(e, PROBE_SENDS_MAIL))
		return false;
	return e->state == ENGINE_DONE &&
	       fact_is(e, "login.result", "accepted");
}
