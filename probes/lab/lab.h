/* SPDX-License-Identifier: ISC
 *
 * The other end of the line: servers that misbehave exactly as a scenario
 * says, on loopback ports, in a process of their own. The real probes talk
 * to it through the redirect table and the resolver option, never through
 * mocks. The language is described in smtpwiz-lab(7).
 */
#ifndef LAB_LAB_H
#define LAB_LAB_H

#include "../base/err.h"
#include "../base/kv.h"
#include "../base/str.h"
#include "../net/wait.h"

#include <stdint.h>
#include <sys/types.h>

struct scenario;

/* Parses and checks a scenario; NULL with err set ("name:line:col: ..."). */
struct scenario *scenario_parse(
    const char *name, const char *text, size_t len, struct err *err);
void scenario_free(struct scenario *s);

const char *scenario_cause(const struct scenario *s); /* the truth */
const char *scenario_title(const struct scenario *s);
const char *scenario_story(const struct scenario *s);
const char *scenario_topic(const struct scenario *s); /* "ports", ... */
/* What the user of the story would answer, by fact name. */
const struct kvs *scenario_answers(const struct scenario *s);

/* The "password" or "token" that the user of the story types; else empty. */
const struct kvs *scenario_secret(const struct scenario *s);

struct lab; /* a running lab */

/*
 * Forks the lab process, which binds everything, makes the certificates and
 * reports where it listens. On return `options` has been given the
 * resolver, the redirects (with a last rule that lets nothing else out) and
 * the CA file; *clock_shift_ms what the scenario does to the clock. Call
 * before any thread starts. NULL with err set.
 */
struct lab *lab_start(const struct scenario *s, struct net_options *options,
    int64_t *clock_shift_ms, struct err *err);

/* The same as flags for a command line ("--resolver", "127.0.0.1:40001",
 * ...), for `smtpwiz lab`. */
void lab_flags(const struct lab *lab, struct strs *flags);

/* Human-readable: "mail.bakery.example 192.0.2.10:587 -> 127.0.0.1:40123". */
void lab_table(const struct lab *lab, struct strs *lines);

pid_t lab_pid(const struct lab *lab);

/* Ends the process, removes its directory; complaints the lab had (a line
 * its script did not expect) go to `complaints` when not NULL. Accepts NULL. */
void lab_stop(struct lab *lab, struct strs *complaints);

#endif
