/* SPDX-License-Identifier: ISC
 *
 * The engine's state, for the files of this folder only.
 */
#ifndef ENGINE_ENGINE_IN_H
#define ENGINE_ENGINE_IN_H

#include "engine.h"

#define ENGINE_MAX_JOBS 2000 /* over a whole case, repeats included */
#define ENGINE_MAX_STEPS 100000
#define ENGINE_MAX_PASSES 1000 /* nodes walked through on one event */
#define ENGINE_MAX_TARGETS 64 /* 8 addresses x 8 ports */

struct job {
	uint64_t id;
	const struct probe *probe;
	struct kvs params;
	char *key; /* owned: probe and parameter values */
	struct probe_result result;
	int64_t started_ms;
	bool ended;
	bool stale; /* a newer run of the same counts */
	bool ahead;
	bool wanted; /* matches a call as the facts now are */
};

/* One node that waited for the user, with what was answered. */
struct trail {
	int node;
	int64_t at_ms;
	struct kvs answers; /* ask nodes: every field that was asked */
};

struct engine {
	struct engine_setup setup;
	enum engine_state state;
	int node;
	int64_t now_ms, started_ms, ended_ms;

	struct fact *facts;
	size_t n_facts, cap_facts;
	struct trail *trail;
	size_t n_trail, cap_trail;
	struct kvs kept; /* every answer ever given: offered again */
	bool replaying; /* answers are taken from `kept` without asking */
	bool disclosed; /* the screen has said who will learn what */

	struct job *jobs;
	size_t n_jobs, cap_jobs;
	uint64_t last_job;

	struct effect *effects; /* queue; first effects_at are taken */
	size_t n_effects, cap_effects, effects_at;

	struct step *steps;
	size_t n_steps, cap_steps;
	int questions_asked;
	bool login_wanted, send_wanted; /* the user asked for that test */
	int tries_allowed; /* refused sign-ins before the next yes */
	enum probe_effect consent_for; /* ENGINE_CONSENT: what waits */
	struct verdict *verdict;
};

/* facts */
const char *fact_value(const struct engine *e, const char *name); /* or NULL */
bool fact_is(const struct engine *e, const char *name, const char *value);
void fact_put(struct engine *e, const char *name, const char *value,
    enum fact_from from, const char *by);
void fact_putf(struct engine *e, const char *name, enum fact_from from,
    const char *by, const char *fmt, ...) __attribute__((format(printf, 5, 6)));
/* Is every {placeholder} of the text known? */
bool facts_fill_all(const struct engine *e, const char *text);
/* Looks up for when_holds. */
const char *fact_lookup(const void *engine, const char *name);
void facts_clear(struct engine *e);
void facts_forget_derived(struct engine *e); /* what summaries and data set */

/* engine.c */
struct effect *effect_add(struct engine *e, enum effect_kind kind);
struct step *step_add(
    struct engine *e, const char *kind, const char *name, const char *outcome);

/* jobs.c */
void facts_rebuild(struct engine *e); /* from answers, results, data */
enum calls { CALLS_DONE, CALLS_WAIT, CALLS_CONSENT };
enum calls run_calls(struct engine *e, const struct node *n);
bool job_is_awaited(const struct engine *e, const struct job *j);
void run_ahead(struct engine *e); /* of the node now shown */
void take_result(struct engine *e, struct event *ev);
void step_for_job(struct engine *e, const struct job *j);
/* `jobs` may have moved since a start was queued: call after every event. */
void effects_point_at_params(struct engine *e);

/* consent.c */
bool consent_given(const struct engine *e, enum probe_effect effect);
bool consent_wanted(const struct engine *e, enum probe_effect effect);
void consent_answer(struct engine *e, const struct kvs *answers);
void consent_refuse(struct engine *e);
void consent_request(struct engine *e, enum probe_effect effect);

/* questions.c */
void record_answers(struct engine *e, const struct node *n,
    const struct kvs *answers, bool by_user);
/* True when the question needs no asking: known, no input, or replayed. */
bool ask_passes(struct engine *e, const struct node *n);

/* walk.c */
void walk(struct engine *e);
void walk_finish(struct engine *e, const struct node *n, bool cut_short);
void walk_again(struct engine *e, bool test_again);
void go_back(struct engine *e);
void trail_cut(struct engine *e, size_t keep);
void set_answer(struct engine *e, const char *name, const char *value);
void take_recommendation(struct engine *e);

/* derive.c: everything that follows from answers, data and results. */
void derive_all(struct engine *e);

/* matrix.c: what became of the ports. */

/* The ended, current job of a probe whose parameter has that value. */
const struct job *job_with(const struct engine *e, const char *probe,
    const char *param, const char *value);

enum rung {
	RUNG_NONE, /* not tested, or still running */
	RUNG_CONNECT, /* the rung that it fails at */
	RUNG_FIRST,
	RUNG_EHLO,
	RUNG_TLS,
	RUNG_CERT,
	RUNG_AUTH,
	RUNG_PASS,
};

/* One port of one server over all its addresses. */
struct port_view {
	const char *host;
	int port;
	const struct job *best; /* ended, with the highest rung; or NULL */
	enum rung rung; /* of best, under the encryption it serves */
	int running; /* tests that are still waited for */
	int late; /* tests that take too long: as good as no answer */
	int addresses, passing;
};

/* Every port of `host` that was or is tested. At most max views. */
size_t port_views(const struct engine *e, const char *host,
    struct port_view *out, size_t max);
#define PORT_VIEWS_MAX 16

/* Is one of a blank-separated list of mechanisms in the set? SCRAM counts as
 * a password's. */
bool mechs_have(const char *mechs, const char *set);
#define PASSWORD_MECHS "PLAIN|LOGIN|CRAM-MD5|DIGEST-MD5|NTLM"
#define TOKEN_MECHS "XOAUTH2|OAUTHBEARER"

bool job_counts(const struct job *j);

/* At the connect a drop says more than a refusal: higher decides. */
int connect_weight(const struct job *j);

/* Where a result fails under an encryption ("auto": the one it serves). */
enum rung result_rung(const struct engine *e, const struct kvs *facts,
    const char *security, const char *host);

/* The certificate verdict by the order of the contract: "ok", "expired"... */
const char *cert_verdict(const struct engine *e, const struct kvs *facts,
    const char *host, const struct interceptor **who);

void derive_matrix(struct engine *e);
/* The ended job that is judged as the app's setting, or NULL. */
const struct job *mine_job_now(const struct engine *e);
int mine_port(const struct engine *e); /* 0 when not known */

/* clock_check.c */
void derive_clock(struct engine *e);

/* recommend.c */
struct candidate {
	const char *host;
	int port;
	const char *security;
	const struct job *job;
	bool documented;
};
/* The best tested configuration of all; false without one. */
bool recommend_best(const struct engine *e, struct candidate *out);
const char *recommend_auth(const struct engine *e, const struct candidate *c);
char *recommend_username(const struct engine *e); /* caller frees */

/* Is (host, port) one the provider, or the domain's SRV, documents? Gives
 * its security, or NULL. `known` says whether anything is documented. */
const char *documented_security(
    const struct engine *e, const char *host, int port, bool *known);

/* verdict.c */
struct verdict *verdict_new(
    const struct engine *e, const struct node *node, bool cut_short);
void verdict_free(struct verdict *v);

/* journal.c: one JSON line each, as effects. */
void effect_journal(struct engine *e, char *line); /* takes the line */
void journal_start(struct engine *e);
void journal_event(struct engine *e, const struct event *ev);
void journal_decision(
    struct engine *e, const char *kind, const char *name, const char *outcome);
void journal_verdict(struct engine *e);

/* words.c */
const char *words_security(const char *security);
const char *words_reach(const char *reach);
const char *words_auth(const char *auth);
/* What an oddity of a secret (secret_oddities) means; NULL for an unknown. */
const char *words_odd(const char *id);
/* "19 November 2026, 17:22 UTC" for an RFC 3339 time with hours; NULL for
 * anything else. The caller frees. */
char *words_time(const char *value);

#endif
