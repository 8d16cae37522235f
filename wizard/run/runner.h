/* SPDX-License-Identifier: ISC
 *
 * Runs probes on worker threads: a private copy goes in, one result by value
 * comes out, also when cancelled. The only file family that knows pthread.
 * All functions are for the main thread.
 */
#ifndef RUN_RUNNER_H
#define RUN_RUNNER_H

#include "../../probes/probe.h"

#include <stdint.h>

struct runner;

/* 8 addresses x 5 ports of two servers, and names: nothing waits for a
 * worker behind ports that never answer. */
#define RUNNER_WORKERS 100

/* options are borrowed and must not change while the runner lives. */
struct runner *runner_new(const struct net_options *options);
/* Cancels everything, waits for the workers (abandons uninterruptible ones
 * after 100 ms), frees. */
void runner_free(struct runner *r);

/* What probes that sign in are given, at most one of the two (either may be
 * NULL): copied here and for each such job, wiped with them. No other probe
 * gets them; jobs that run already keep what they have. */
void runner_secrets(struct runner *r, const struct secret *password,
    const struct secret *token);

/* Queues a job. Started at once unless all workers are busy or the address
 * in the probe's gate parameter has PROBE_PER_ADDRESS jobs connected or just
 * connecting; a connect that has waited TCP_SLOW_MS no longer counts. */
void runner_start(struct runner *r, uint64_t job, const struct probe *probe,
    const struct kvs *params);

/* Every job not yet reported posts PROBE_CANCELLED, within 100 ms. */
void runner_cancel_all(struct runner *r);

/* Readable when runner_next has something. */
int runner_fd(const struct runner *r);

struct runner_news {
	uint64_t job;
	bool is_result; /* else a progress note */
	struct probe_result result; /* is_result: taken over by the caller */
	char stage[24]; /* progress: "connecting", "greeting", ... */
};
/* Takes the next news; false when there is none right now. */
bool runner_next(struct runner *r, struct runner_news *out);
size_t runner_busy(const struct runner *r); /* jobs not yet reported */

#endif
