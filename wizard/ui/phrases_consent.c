/* SPDX-License-Identifier: ISC
 *
 * Words for what comes before a sign-in: the question, and what is odd about
 * the password, said without showing any of it.
 */
#include "phrases.h"

#include <string.h>

#include "../../probes/base/mem.h"

void
say_login_target(const struct engine *e, struct doc *d)
{
	const char *target = engine_fact(e, "login.target");
	const char *host = engine_fact(e, "login.host");
	const char *user = engine_fact(e, "login.username");
	struct probe_target t;

	if (target && probe_target_parse(target, &t))
		doc_addf(d, DOC_LABEL, "Server", "%s port %d",
		    host ? host : t.address, t.port);
	else if (host)
		doc_add(d, DOC_LABEL, "Server", host);
	if (user)
		doc_add(d, DOC_LABEL, "User name", user);
}

/* Whom the messages are from, and everybody who gets one. */
static void
say_message(const struct engine *e, struct doc *d)
{
	static const struct {
		const char *fact, *label;
	} lines[] = {{"send.from", "From"}, {"send.first", "To"},
	    {"send.others", "Then to"}};

	for (size_t i = 0; i < sizeof(lines) / sizeof(*lines); i++)
		if (engine_fact(e, lines[i].fact))
			doc_add(d, DOC_LABEL, lines[i].label,
			    engine_fact(e, lines[i].fact));
}

/* Where it comes from, when it need not be typed. */
static void
say_secret(const struct session *s, struct doc *d)
{
	const char *kind = session_secret(s);
	const char *words = session_setup_of(s)->secret_words;

	if (!kind && session_can_read_secret(s))
		doc_add(d, DOC_LABEL,
		    str_eq(session_setup_of(s)->secret_kind, "token")
			? "Token"
			: "Password",
		    words);
	else if (kind)
		doc_add(d, DOC_LABEL,
		    str_eq(kind, "token") ? "Token" : "Password",
		    "the one given before");
}

void
say_consent(
    const struct session *s, const struct consent *consent, struct doc *d)
{
	const struct engine *e = session_engine(s);

	doc_add(d, DOC_HEAD, NULL, consent->title);
	doc_blank(d);
	doc_flow(d, consent->text);
	doc_blank(d);
	say_login_target(e, d);
	if (consent->effect == PROBE_SENDS_MAIL)
		say_message(e, d);
	say_secret(s, d);
	if (!consent->warning)
		return;
	doc_blank(d);
	doc_add(d, DOC_LABEL, "TAKE CARE", consent->warning);
	doc_look(d, LOOK_BOLD);
}

const char *
yes_words(const struct consent *consent, bool has_secret)
{
	if (consent->effect == PROBE_SENDS_MAIL)
		return "Yes, send it";
	return consent->tries > 0 && has_secret ? "Yes, with the same one again"
						: "Yes, test it";
}

static const struct oddity {
	const char *id, *text;
	bool of_tokens; /* odd in a token as well */
} oddities[] = {
    {"leading-blank", "It begins with a blank.", false},
    {"trailing-blank", "It ends with a blank.", false},
    {"nbsp",
	"It holds a blank of a special kind (no-break space), as web pages "
	"and documents do. It looks like a blank and is none.",
	true},
    {"caps-lock",
	"Its letters look as if Caps Lock was on: capitals where small ones "
	"are usual.",
	false},
    {"non-ascii",
	"It holds characters outside of plain English letters, digits and "
	"signs. Some servers read these in another way than mail programs "
	"write them.",
	true},
    {"app-password-blanks",
	"It looks like an app password in groups with blanks. Most providers "
	"show it so and take it without the blanks as well; a few only "
	"without.",
	false},
    {"looks-like-token",
	"It looks like an access token, not like a password. A token is "
	"given under Token, not under Password.",
	false},
    {"control", "It holds a line break, a tab or another control character.",
	true},
};
#define N_ODDITIES (sizeof(oddities) / sizeof(*oddities))

void
odd_ids(const struct secret *s, bool is_token, struct strs *ids)
{
	struct strs all = {0};

	secret_oddities(s, &all);
	for (size_t i = 0; i < N_ODDITIES; i++)
		if (strs_has(&all, oddities[i].id) &&
		    (!is_token || oddities[i].of_tokens))
			strs_add(ids, oddities[i].id);
	strs_done(&all);
}

void
say_oddities(const struct strs *ids, bool is_token, struct doc *d)
{
	doc_addf(d, DOC_HEAD, NULL, "Something about this %s is unusual",
	    is_token ? "token" : "password");
	doc_blank(d);
	for (size_t i = 0; i < N_ODDITIES; i++)
		if (strs_has(ids, oddities[i].id))
			doc_add(d, DOC_STEP, "-", oddities[i].text);
	doc_blank(d);
	doc_add(d, DOC_TEXT, NULL,
	    "It may be right all the same. Nothing has been sent yet.");
}

/* The question about the program's settings: the last one before the ports
 * are all known. */
static bool
asks_settings(const struct engine *e)
{
	const struct node *n = engine_node(e);

	for (size_t i = 0; i < n->n_fields; i++)
		if (str_eq(n->fields[i].fact, "app.port"))
			return true;
	return false;
}

bool
can_ask_login(const struct engine *e)
{
	if (!engine_can_login(e))
		return false;
	switch (engine_state(e)) {
	case ENGINE_ASKING:
		return !engine_login_wanted(e) && asks_settings(e);
	case ENGINE_PROBING:
		return !engine_login_wanted(e);
	case ENGINE_DONE:
		return !str_eq(engine_fact(e, "login.result"), "accepted");
	case ENGINE_NEW:
	case ENGINE_READING:
	case ENGINE_CONSENT:
		break;
	}
	return false;
}
