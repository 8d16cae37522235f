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
    {"replies", scenario_set_pairs, AT(replies), NULL, 0},
    {"replies_tls", scenario_set_pairs, AT(replies_tls), NULL, 0},
    {"starttls_inject", scenario_set_text, AT(starttls_inject), NULL, 0},
    {"tls_fault", scenario_set_word, AT(fault),
	"none|close|reset|silent|alert|garbage|old|client-cert", 0},
    {"raw", scenario_set_text, AT(raw), NULL, 0},
    {"then", scenario_set_word, AT(then), "close|wait", 0},
    {"http", set_speaks, 0, "redirect|page|portal", 0},
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
	kvs_done(&s->replies);
	kvs_done(&s->replies_tls);
	mem_free(s->starttls_inject);
	mem_free(s->raw);
	mem_free(s);
}
