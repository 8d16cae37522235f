/* SPDX-License-Identifier: ISC
 *
 * The contract of a probe: it looks at one thing and says what it saw, as
 * facts with closed sets of values and findings with evidence. A failure of
 * the other side is a finding; an error means that we could not look.
 */
#ifndef PROBE_H
#define PROBE_H

#include "base/err.h"
#include "base/kv.h"
#include "base/str.h"
#include "net/wait.h"

#include <stdint.h>

struct secret;

struct probe_param {
	const char *name;
	bool required;
	const char *summary;
};

struct probe_fact {
	const char *name; /* "dns.a" */
	const char *values; /* "ok|nxdomain|unknown"; NULL: free text, not for
			     * conditions */
	const char *summary;
};

enum probe_effect { PROBE_READS, PROBE_LOGS_IN, PROBE_SENDS_MAIL };

enum finding_grade {
	FINDING_OK,
	FINDING_INFO,
	FINDING_WARN,
	FINDING_FAIL,
	FINDING_UNKNOWN
};

struct finding {
	enum finding_grade grade;
	char *id; /* owned: "tls.cert.expired" */
	char *text; /* owned: one sentence for a tired administrator */
};

enum probe_status {
	PROBE_DONE,
	PROBE_FAILED, /* we could not look: see err */
	PROBE_CANCELLED,
};

/* What a job gives back, by value. Free with probe_result_done. */
struct probe_result {
	enum probe_status status;
	struct kvs facts;
	struct finding *findings; /* owned */
	size_t n_findings, cap_findings;
	struct strs transcript; /* "C: ...", "S: ...", "* ..."; printable */
	struct err err;
	int64_t started_ms; /* UTC */
	int ms;
};
void probe_result_done(struct probe_result *r);

/* What a running probe gets; everything private to the job. */
struct probe_ctx {
	struct net net;
	const struct kvs *params; /* borrowed */
	struct probe_result *result; /* filled in by the probe */
	/*
	 * Tells the main thread how far it is ("connecting", "connected",
	 * "greeting", "tls", ...), for the live panel and the limit of
	 * connections per address. May be NULL.
	 */
	void (*progress)(void *arg, const char *stage);
	void *progress_arg;
	/* For probes that log in: at most one of the two; borrowed. NULL for
	 * all others. A probe hands it to net/auth.h and to nothing else. */
	const struct secret *password, *token;
};

struct probe {
	const char *name; /* "smtp_port" */
	const char *summary; /* one line */
	const struct probe_param *params; /* ends with a NULL name */
	const struct probe_fact *facts; /* ends with a NULL name */
	enum probe_effect effect;
	const char *contacts; /* who learns of it, one line; NULL: nobody */
	bool uninterruptible; /* blocks in the system's resolver */
	/* Name of the parameter that holds "address:port/security": at most
	 * PROBE_PER_ADDRESS jobs at once for one address. NULL: no limit. */
	const char *gate_param;
	void (*run)(struct probe_ctx *ctx);
};
#define PROBE_PER_ADDRESS NET_SLOTS

/* All probes, sorted by name; NULL-ended. From probes.def. */
extern const struct probe *const probes_all[];
const struct probe *probe_find(const char *name); /* NULL: none */

/* For probes: set a fact, add a finding, note in the transcript. */
void probe_fact(struct probe_ctx *ctx, const char *name, const char *value);
void probe_factf(struct probe_ctx *ctx, const char *name, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));
/* At the end of run: declared closed facts that were not set read
 * "unknown". */
void probe_unknowns(struct probe_ctx *ctx, const struct probe_fact *facts);
void probe_finding(struct probe_ctx *ctx, enum finding_grade grade,
    const char *id, const char *fmt, ...) __attribute__((format(printf, 4, 5)));
void probe_note(struct probe_ctx *ctx, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));
void probe_stage(struct probe_ctx *ctx, const char *stage);
/* The parameter; NULL when it was not given or is empty. */
const char *probe_param(const struct probe_ctx *ctx, const char *name);

/*
 * A target: "192.0.2.10:587/starttls", "[2001:db8::1]:465/implicit-tls".
 * address has room for INET6_ADDRSTRLEN (46) bytes.
 */
struct probe_target {
	char address[46];
	int port;
	char security[16];
};
bool probe_target_parse(const char *text, struct probe_target *out);

#endif
