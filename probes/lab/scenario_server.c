/* SPDX-License-Identifier: ISC
 *
 * The keys of one server of a scenario.
 */
#include "scenario_parse.h"

#include <stddef.h>
#include <string.h>

#include "../base/mem.h"

static bool
set_greeting(struct scenario_reader *r, void *object, const struct yaml *value,
    const struct scenario_key *key)
{
	struct lab_server *s = object;

	if (str_eq(yaml_text(value), "none")) {
		s->greets = false;
		return true;
	}
	return scenario_set_lines(r, object, value, key);
}

static bool
set_ehlo(struct scenario_reader *r, void *object, const struct yaml *value,
    const struct scenario_key *key)
{
	struct lab_server *s = object;

	if (str_eq(key->name, "ehlo"))
		s->ehlo_given = true;
	else
		s->ehlo_tls_given = true;
	return scenario_set_lines(r, object, value, key);
}

static bool
set_speaks(struct scenario_reader *r, void *object, const struct yaml *value,
    const struct scenario_key *key)
{
	struct lab_server *s = object;
	unsigned word;

	if (!scenario_read_word(r, value, key->words, &word))
		return false;
	if (str_eq(key->name, "http"))
		s->speaks = (enum lab_speaks)(LAB_HTTP_REDIRECT + word);
	else if (word == 1 && str_eq(key->name, "imap"))
		s->speaks = LAB_IMAP;
	else if (word == 1)
		s->speaks = LAB_POP3;
	return true;
}

/* Path to document, or one of the words that lab_other.c knows. */
static bool
set_web(struct scenario_reader *r, void *object, const struct yaml *value,
    const struct scenario_key *key)
{
	struct lab_server *s = object;

	s->speaks = LAB_WEB;
	return scenario_set_pairs(r, object, value, key);
}

static const struct scenario_key user_keys[] = {
    {"password", scenario_set_text, offsetof(struct lab_user, password), NULL,
	0},
    {"token", scenario_set_text, offsetof(struct lab_user, token), NULL, 0},
    {NULL, NULL, 0, NULL, 0},
};

static bool
set_users(struct scenario_reader *r, void *object, const struct yaml *value,
    const struct scenario_key *key)
{
	struct lab_server *s = object;

	(void)key;
	if (value->kind != YAML_MAP)
		return scenario_fail(r, value, "users must be a map");
	if (value->n > SCENARIO_MAX_LINES) {
		return scenario_fail(
		    r, value, "more than %d users", SCENARIO_MAX_LINES);
	}
	for (size_t i = 0; i < value->n; i++) {
		struct lab_user *u =
		    MEM_PUSH(&s->users, &s->n_users, &s->cap_users);

		u->name = mem_dup(value->keys[i]->text);
		if (!scenario_read_map(r, u, value->items[i], user_keys))
			return false;
	}
	return true;
}

static void
free_users(struct lab_server *s)
{
	for (size_t i = 0; i < s->n_users; i++) {
		mem_free(s->users[i].name);
		mem_free(s->users[i].password);
		mem_free(s->users[i].token);
	}
	mem_free(s->users);
}

/* "accepted" and "refused", each with its reply. */
static bool
set_auth_reply(struct scenario_reader *r, void *object,
    const struct yaml *value, const struct scenario_key *key)
{
	struct lab_server *s = object;

	if (!scenario_set_pairs(r, object, value, key))
		return false;
	for (size_t i = 0; i < s->auth_reply.n; i++) {
		if (!str_in_set(s->auth_reply.v[i].name, key->words)) {
			return scenario_fail(
			    r, value, "auth_reply knows only %s", key->words);
		}
	}
	return true;
}

#define AT(member) offsetof(struct lab_server, member)

static const struct scenario_key keys[] = {
    {"tls", scenario_set_word, AT(tls), "starttls|implicit|none", 0},
    {"cert", scenario_set_word, AT(cert),
	"good|expired|expired-intermediate|not-yet-valid|wrong-name|"
	"self-signed|no-intermediate|unknown-ca|weak|intercepted",
	0},
    {"cert_names", scenario_set_lines, AT(cert_names), NULL, 0},
    {"cert_issuer", scenario_set_text, AT(cert_issuer), NULL, 0},
    {"trusted", scenario_set_bool, AT(trusted), NULL, 0},
    {"greeting", set_greeting, AT(greeting), NULL, 0},
    {"greeting_delay", scenario_set_duration, AT(greeting_delay_ms), NULL,
	SCENARIO_MAX_DELAY_MS},
    {"ehlo", set_ehlo, AT(ehlo), NULL, 0},
    {"ehlo_tls", set_ehlo, AT(ehlo_tls), NULL, 0},
    {"auth_plain", scenario_set_bool, AT(auth_plain), NULL, 0},
    {"auth", scenario_set_text, AT(auth), NULL, 0},
    {"users", set_users, 0, NULL, 0},
    {"auth_reply", set_auth_reply, AT(auth_reply), "accepted|refused", 0},
    {"auth_prompts", scenario_set_lines, AT(auth_prompts), NULL, 0},
    {"token_challenge", scenario_set_text, AT(token_challenge), NULL, 0},
    {"auth_fault", scenario_set_word, AT(auth_fault),
	"none|close|reset|silence|echo", 0},
    {"replies", scenario_set_pairs, AT(replies), NULL, 0},
    {"replies_tls", scenario_set_pairs, AT(replies_tls), NULL, 0},
    {"starttls_inject", scenario_set_text, AT(starttls_inject), NULL, 0},
    {"tls_fault", scenario_set_word, AT(fault),
	"none|close|reset|silent|alert|garbage|old|client-cert", 0},
    {"raw", scenario_set_text, AT(raw), NULL, 0},
    {"then", scenario_set_word, AT(then), "close|wait", 0},
    {"http", set_speaks, 0, "redirect|page|portal", 0},
    {"web", set_web, AT(web), NULL, 0},
    {"imap", set_speaks, 0, "no|yes", 0},
    {"pop3", set_speaks, 0, "no|yes", 0},
    {"endless", scenario_set_word, AT(endless), "no|banner|reply", 0},
    {"drip", scenario_set_duration, AT(drip_ms), NULL, SCENARIO_MAX_DELAY_MS},
    {"long_line", scenario_set_number, AT(long_line), NULL,
	SCENARIO_MAX_STREAM},
    {"nul", scenario_set_bool, AT(nul), NULL, 0},
    {"binary", scenario_set_bool, AT(binary), NULL, 0},
    {"max_per_address", scenario_set_int, AT(max_per_address), NULL, 1000},
    {"close_at", scenario_set_word, AT(close_at), "never|connect|ehlo|starttls",
	0},
    {"close_by_reset", scenario_set_bool, AT(close_by_reset), NULL, 0},
    {"mailbox", scenario_set_bool, AT(mailbox), NULL, 0},
    {"cut_after", scenario_set_number, AT(cut_after), NULL,
	SCENARIO_MAX_STREAM},
    {"cut", scenario_set_word, AT(cut), "close|reset|stall", 0},
    {"blackhole", scenario_set_word, AT(blackhole), "no|tls|data", 0},
    {"max_size", scenario_set_number, AT(max_size), NULL, SCENARIO_MAX_STREAM},
    {"rcpt_reply", scenario_set_pairs, AT(rcpt_reply), NULL, 0},
    {NULL, NULL, 0, NULL, 0},
};

struct lab_server *
scenario_read_server(struct scenario_reader *r, const struct yaml *y)
{
	struct lab_server *s = mem_new(struct lab_server);

	s->greets = true;
	s->trusted = true;
	if (!scenario_read_map(r, s, y, keys)) {
		scenario_free_server(s);
		return NULL;
	}
	return s;
}

void
scenario_free_server(struct lab_server *s)
{
	if (s == NULL)
		return;
	strs_done(&s->cert_names);
	mem_free(s->cert_issuer);
	strs_done(&s->greeting);
	strs_done(&s->ehlo);
	strs_done(&s->ehlo_tls);
	mem_free(s->auth);
	free_users(s);
	kvs_done(&s->auth_reply);
	strs_done(&s->auth_prompts);
	mem_free(s->token_challenge);
	kvs_done(&s->replies);
	kvs_done(&s->replies_tls);
	kvs_done(&s->rcpt_reply);
	kvs_done(&s->web);
	mem_free(s->starttls_inject);
	mem_free(s->raw);
	mem_free(s);
}
