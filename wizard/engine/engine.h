/* SPDX-License-Identifier: ISC
 *
 * Walks a playbook: events in, effects out. Pure: no clock, no terminal, no
 * sockets, no threads; time arrives in events. Everything that came in and
 * every decision is in the journal, from which the same state can be built
 * again by feeding the same events.
 */
#ifndef ENGINE_ENGINE_H
#define ENGINE_ENGINE_H

#include "../../probes/probe.h"
#include "../knowledge/knowledge.h"
#include "../playbook/playbook.h"

#include <stdint.h>

struct engine;

enum fact_from {
	FROM_ANSWER,
	FROM_IMPORT,
	FROM_PROBE,
	FROM_PROVIDER,
	FROM_DERIVED
};
const char *fact_from_name(enum fact_from f);

struct fact {
	char *name, *value; /* owned; printable */
	enum fact_from from;
	char *by; /* owned: question, probe or summary that set it */
	int64_t at_ms; /* UTC */
};

enum event_kind {
	EVENT_START, /* once, first */
	EVENT_ANSWER, /* to the ask node now shown; answers by fact name.
		       * A field left out or empty counts as unknown. */
	EVENT_CONTINUE, /* read the text, did the manual step */
	EVENT_RESULT, /* a job has ended */
	EVENT_BACK, /* to the question before; answers are kept as offers */
	EVENT_AGAIN, /* run every test again with the same answers */
	EVENT_CHANGED, /* the user entered the recommendation: test again */
	EVENT_STILL, /* it still fails with these settings */
	EVENT_STOP, /* the user ends it here: inconclusive */
	EVENT_LOGIN, /* test the sign-in too: asks for consent, then walks */
	EVENT_SEND, /* send a test message too: the same */
	EVENT_CONSENT, /* yes to engine_consent; answers may hold what it needs:
			* account.secret (password|token), send.to */
	EVENT_REFUSE, /* no to engine_consent */
	EVENT_TICK, /* time has passed while probes run; 5 a second */
};

struct event {
	enum event_kind kind;
	int64_t at_ms; /* UTC */
	const struct kvs *answers; /* EVENT_ANSWER; borrowed */
	uint64_t job; /* EVENT_RESULT */
	struct probe_result *result; /* EVENT_RESULT; taken over (emptied) */
};

enum effect_kind {
	EFFECT_START_JOB, /* run probe with params, report back with `job` */
	EFFECT_CANCEL_ALL, /* results of all running jobs are no longer wanted
			    */
	EFFECT_JOURNAL, /* append this line (one JSON object, no newline) */
	EFFECT_CHANGED, /* something visible changed */
};

struct effect {
	enum effect_kind kind;
	uint64_t job;
	const struct probe *probe;
	const struct kvs *params; /* borrowed until the next engine_event */
	char *line; /* EFFECT_JOURNAL; the taker frees */
};

/* What a mail program's own file says: facts by account. */
struct imported_account {
	char *name; /* owned; unique */
	struct kvs facts;
};
struct imported {
	char *from; /* owned or NULL: the file */
	struct imported_account *v; /* owned; the default one first */
	size_t n, cap;
};
void imported_done(struct imported *im); /* leaves it zeroed */

struct engine_setup {
	const struct playbook *playbook; /* borrowed */
	const struct knowledge *knowledge; /* borrowed */
	struct kvs answers; /* given before: --answers, --set; taken over */
	struct kvs offers; /* offered in the fields, still asked; taken over */
	/* Facts that need not be asked; answers go before them. Of several
	 * accounts the one that the answer import.account names. */
	struct imported imported; /* taken over */
	bool no_input; /* a question takes answer, default or unknown */
	const char *origin_notes; /* borrowed or NULL */
	bool own_resolver; /* --resolver: the system's view is not asked */
	int timeout_ms;
	int64_t build_ms; /* clock_build_ms() */
	const char *version;
	/* What there is to sign in with: password|token|none. The engine never
	 * sees the secret itself. */
	const char *secret_kind;
	bool no_send; /* --no-send */
	int max_auth_tries; /* --max-auth-tries; 0 counts as 1 */
	bool no_login; /* --max-auth-tries 0: never, not even asked for */
};

struct engine *engine_new(struct engine_setup *setup);
void engine_free(struct engine *e);

/* Feeds one event. Effects are queued, oldest first. */
void engine_event(struct engine *e, struct event *ev);
/* Takes the oldest effect; false when there is none. */
bool engine_effect(struct engine *e, struct effect *out);

enum engine_state {
	ENGINE_NEW,
	ENGINE_ASKING, /* engine_node is an ask node */
	ENGINE_READING, /* a tell or manual node */
	ENGINE_CONSENT, /* engine_consent waits for a yes or no */
	ENGINE_PROBING, /* waiting for jobs */
	ENGINE_DONE, /* engine_verdict is there */
};
enum engine_state engine_state(const struct engine *e);
/* The node that is shown now; at the end the verdict node. */
const struct node *engine_node(const struct engine *e);
const struct playbook *engine_playbook(const struct engine *e);
const struct knowledge *engine_knowledge(const struct engine *e);

/*
 * What is asked for before anything signs in or sends: the program's own
 * words, complete, with host, port, user name and what is sent. A playbook
 * cannot word, default or answer it.
 */
struct consent {
	enum probe_effect effect; /* PROBE_LOGS_IN or PROBE_SENDS_MAIL */
	char *title, *text; /* owned */
	char *warning; /* owned or NULL: lock-out after a first try */
	bool needs_secret; /* none was given so far */
	int tries; /* sign-ins already tried in this case */
};
/* While ENGINE_CONSENT; fill in and free with consent_done. */
void engine_consent(const struct engine *e, struct consent *out);
void consent_done(struct consent *c);
/* Will a sign-in be asked for when the walk comes to it? (EVENT_LOGIN) */
bool engine_login_wanted(const struct engine *e);
/* May EVENT_LOGIN, EVENT_SEND lead to a test: the playbook has one, it was
 * not switched off, and at the result a server to try it on is known? */
bool engine_can_login(const struct engine *e);
bool engine_can_send(const struct engine *e);

/* A fact's value; NULL when it is not known. */
const char *engine_fact(const struct engine *e, const char *name);
const struct fact *engine_facts(const struct engine *e, size_t *n);

/* Is this field of the ask node now shown to be asked (not known, when
 * holds)? */
bool engine_field_open(const struct engine *e, const struct field *f);
/* What to offer in a field: kept answer, suggestion, default, or NULL. */
const char *engine_field_offer(const struct engine *e, const struct field *f);
/* Checks one answer before it is sent; err says what is expected. */
MUST_CHECK bool engine_field_check(const struct engine *e,
    const struct field *f, const char *value, struct err *err);
bool engine_can_go_back(const struct engine *e);
/* The meaning of app.error in a sentence, or NULL. Borrowed. */
const char *engine_error_meaning(const struct engine *e, const char *text);

/* Text with {fact} placeholders filled in; unknown facts read "unknown".
 * The caller frees. */
char *engine_fill(const struct engine *e, const char *text);

/* A job, running or ended, in the order of starting. */
struct job_info {
	uint64_t id;
	const struct probe *probe;
	const struct kvs *params; /* borrowed */
	const struct probe_result *result; /* borrowed; NULL while running */
	int64_t started_ms; /* UTC */
	bool ahead; /* started while the user read */
	bool wanted; /* its result counts now */
};
size_t engine_jobs(const struct engine *e);
struct job_info engine_job(const struct engine *e, size_t i);
size_t engine_jobs_running(const struct engine *e);

/* The live panel: one row per port of a server, best address first. */
enum cell_state { CELL_NONE, CELL_WAIT, CELL_YES, CELL_NO, CELL_SKIP };
struct cell {
	enum cell_state state;
	char text[24]; /* at most 11 columns: "yes", "NO ANSWER", "refused" */
};
struct matrix_row {
	char *host; /* owned */
	int port;
	bool is_mine; /* what the app is set to */
	bool is_documented;
	char security[16]; /* what it serves: starttls|implicit-tls|none|unknown
			    */
	struct cell reached, mail, encrypted, genuine, sign_in;
	int ms; /* of the connect, best address; -1 unknown */
	int addresses, addresses_ok;
	bool passes; /* every test short of a login */
	char *note; /* owned or NULL: "dropped on IPv6", ... */
};
struct matrix {
	struct matrix_row *v; /* owned */
	size_t n, cap;
};
void engine_matrix(const struct engine *e, struct matrix *out);
void matrix_done(struct matrix *m);

/* The way taken: one line per step. */
struct step {
	int64_t at_ms;
	int ms;
	const char *kind; /* question tell manual probe decision verdict */
	char *name, *outcome; /* owned */
	struct strs transcript;
};
struct step const *engine_steps(const struct engine *e, size_t *n);
int engine_questions_asked(const struct engine *e);
int64_t engine_started(const struct engine *e);
int64_t engine_ended(const struct engine *e); /* 0 until done */

struct setting_change { /* a line of the comparison */
	char *setting; /* owned: host port security auth username */
	char *yours; /* owned; "" when not given */
	char *recommended; /* owned */
	bool change;
};

struct recommendation {
	bool found;
	char *host, *security, *auth, *username; /* owned */
	int port;
	char *why; /* owned: "documented by Gmail", ... */
	bool is_mine; /* what the app is set to already */
	struct kvs tested; /* dns tcp tls cert auth_offered login send ->
			      pass|fail|skip */
	int64_t tested_ms; /* UTC */
};

struct verdict {
	char *cause, *blame, *confidence, *fixed_by, *title,
	    *meaning; /* owned */
	struct strs also; /* causes */
	struct strs also_titles; /* their titles, filled in */
	struct strs server_said, remedy, prevent, why, because, reproduce;
	struct recommendation recommended;
	struct setting_change *compare; /* owned */
	size_t n_compare, cap_compare;
	struct strs limits; /* what this vantage cannot see */
};
/* NULL until ENGINE_DONE. */
const struct verdict *engine_verdict(const struct engine *e);

/*
 * Where to click in the user's mail program to enter what is recommended,
 * step by step; nothing where nothing is recommended or the program is not
 * known. The name of the program as its maker writes it, or NULL.
 */
void engine_click_steps(const struct engine *e, struct strs *out);
const char *engine_app_name(const struct engine *e);
/* How to set its account up anew, ending in a test. */
void engine_rebuild_steps(const struct engine *e, struct strs *out);
/* The words a server offered for the sign-in on a port: "PLAIN XOAUTH2", or
 * "". Borrowed until the next event. */
const char *engine_mechs(const struct engine *e, const char *host, int port);

/* Does the app's own setting pass every test short of a sign-in? */
bool engine_mine_works(const struct engine *e);
/* What to say of it: that nothing in these settings has to be changed. */
const char *engine_works_words(const struct engine *e);
/* Must this line of the comparison be changed? Never where the app's own
 * works: there the recommended one is only possible too. */
bool engine_must_change(const struct engine *e, const struct setting_change *c);
/* Must any? */
bool engine_must_change_any(const struct engine *e);

#endif
