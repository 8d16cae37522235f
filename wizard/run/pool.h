/* SPDX-License-Identifier: ISC
 *
 * Worker threads that run one job each at a time. A job belongs to the pool
 * from pool_run until its result is in the queue. Decides nothing: what may
 * run when is the runner's business.
 */
#ifndef RUN_POOL_H
#define RUN_POOL_H

#include "queue.h"

#include <pthread.h>

struct pool;

struct pool_job {
	uint64_t id;
	const struct probe *probe; /* borrowed: static */
	struct kvs params; /* owned */
	struct secret *password, *token; /* owned, or NULL */
	struct net_slots *slots; /* borrowed from the runner, or NULL */
	int cancel_fd; /* borrowed until the result is taken */
};

/* options and queue are borrowed until pool_free. */
struct pool *pool_new(const struct net_options *options, struct queue *queue);

/* Waits for the workers; every job must have been cancelled before. */
void pool_free(struct pool *p);

/* Hands a job over (params and secrets are taken); at most RUNNER_WORKERS at
 * once. */
void pool_run(struct pool *p, struct pool_job *job);

/* Starts a thread with a small stack and all signals blocked. */
MUST_CHECK bool pool_thread(pthread_t *out, void *(*run)(void *), void *arg);

/*
 * Runs an uninterruptible probe on a thread of its own and waits for it as
 * net allows, at most UNINTERRUPTIBLE_FACTOR connect time-outs. A probe that
 * is not back by then is left behind with copies of all it uses; what it
 * brings later is dropped.
 */
#define UNINTERRUPTIBLE_FACTOR 3
void guard_run(const struct probe *probe, const struct kvs *params,
    const struct net *net, struct probe_result *result);

#endif
