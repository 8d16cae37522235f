/* SPDX-License-Identifier: ISC
 *
 * The workers. They are started when there is work for them and end with the
 * pool. All that they share is the list of jobs and the queue of news, each
 * under its own lock.
 */
#include "pool.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "../../probes/base/clock.h"
#include "../../probes/base/mem.h"
#include "../../probes/base/secret.h"

#if defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define POOL_SANITIZED
#endif
#endif
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define POOL_SANITIZED
#endif
#ifdef POOL_SANITIZED
#define POOL_STACK ((size_t)1 << 20) /* instrumented frames are larger */
#else
#define POOL_STACK ((size_t)256 << 10)
#endif

struct pool {
	const struct net_options *options; /* borrowed */
	struct queue *queue; /* borrowed */
	pthread_mutex_t lock;
	pthread_cond_t work;
	struct pool_job jobs[RUNNER_WORKERS]; /* handed over, not yet begun */
	size_t n_jobs, idle;
	bool ending;
	pthread_t workers[RUNNER_WORKERS];
	size_t n_workers;
};

/* Where a probe's progress notes go. */
struct reporter {
	struct queue *queue;
	uint64_t job;
};

bool
pool_thread(pthread_t *out, void *(*run)(void *), void *arg)
{
	pthread_attr_t attr;
	sigset_t all, before;
	int failed;

	if (pthread_attr_init(&attr) != 0)
		return false;
	pthread_attr_setstacksize(&attr, POOL_STACK);
	/* Signals are the main thread's; the new thread inherits the mask. */
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	failed = pthread_create(out, &attr, run, arg);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	pthread_attr_destroy(&attr);
	return failed == 0;
}

static void
report_stage(void *arg, const char *stage)
{
	const struct reporter *reporter = arg;
	struct runner_news news = {.job = reporter->job};

	snprintf(news.stage, sizeof(news.stage), "%s", stage);
	queue_post(reporter->queue, &news);
}

static bool
is_cancelled(int cancel_fd)
{
	struct net net = {
	    .deadline_ms = clock_mono_ms() + 1000,
	    .cancel_fd = cancel_fd,
	    .yield_fd = -1,
	};

	return net_wait(&net, -1, 0, 0) == NET_CANCELLED;
}

static void
run_probe(const struct pool *p, const struct pool_job *job,
    struct probe_result *result)
{
	struct reporter reporter = {.queue = p->queue, .job = job->id};
	struct probe_ctx ctx = {
	    .net =
		{
		    .options = p->options,
		    .deadline_ms =
			clock_mono_ms() + (int64_t)NET_PROBE_FACTOR *
					      p->options->connect_timeout_ms,
		    .slots = job->slots,
		    .cancel_fd = job->cancel_fd,
		    .yield_fd = -1,
		},
	    .params = &job->params,
	    .result = result,
	    .progress = report_stage,
	    .progress_arg = &reporter,
	    .password = job->password,
	    .token = job->token,
	};

	if (is_cancelled(job->cancel_fd))
		return;
	if (job->probe->uninterruptible)
		guard_run(job->probe, &job->params, &ctx.net, result);
	else
		job->probe->run(&ctx);
}

static void
job_done(struct pool_job *job)
{
	kvs_done(&job->params);
	secret_free(job->password);
	secret_free(job->token);
	job->password = job->token = NULL;
}

/* Runs a job to its one result and posts it. */
static void
do_job(const struct pool *p, struct pool_job *job)
{
	struct runner_news news = {.job = job->id, .is_result = true};
	int64_t begun_ms = clock_mono_ms();

	news.result.started_ms = clock_utc_ms();
	run_probe(p, job, &news.result);
	news.result.ms = (int)(clock_mono_ms() - begun_ms);
	if (is_cancelled(job->cancel_fd)) {
		news.result.status = PROBE_CANCELLED;
		err_set(
		    &news.result.err, ERR_CANCELLED, "The test was cancelled.");
	}
	job_done(job);
	queue_post(p->queue, &news);
}

/* Waits for a job; false when the pool ends. */
static bool
take_job(struct pool *p, struct pool_job *job)
{
	bool found;

	pthread_mutex_lock(&p->lock);
	p->idle++;
	while (p->n_jobs == 0 && !p->ending)
		pthread_cond_wait(&p->work, &p->lock);
	p->idle--;
	found = p->n_jobs > 0;
	if (found) {
		*job = p->jobs[0];
		p->n_jobs--;
		memmove(
		    &p->jobs[0], &p->jobs[1], p->n_jobs * sizeof(p->jobs[0]));
	}
	pthread_mutex_unlock(&p->lock);
	return found;
}

static void *
work(void *arg)
{
	struct pool *p = arg;
	struct pool_job job;

	while (take_job(p, &job))
		do_job(p, &job);
	return NULL;
}

struct pool *
pool_new(const struct net_options *options, struct queue *queue)
{
	struct pool *p = mem_new(struct pool);

	p->options = options;
	p->queue = queue;
	pthread_mutex_init(&p->lock, NULL);
	pthread_cond_init(&p->work, NULL);
	return p;
}

void
pool_free(struct pool *p)
{
	if (!p)
		return;
	pthread_mutex_lock(&p->lock);
	p->ending = true;
	pthread_cond_broadcast(&p->work);
	pthread_mutex_unlock(&p->lock);
	for (size_t i = 0; i < p->n_workers; i++)
		pthread_join(p->workers[i], NULL);
	pthread_cond_destroy(&p->work);
	pthread_mutex_destroy(&p->lock);
	mem_free(p);
}

static void
refuse_job(const struct pool *p, struct pool_job *job)
{
	struct runner_news news = {.job = job->id, .is_result = true};

	news.result.started_ms = clock_utc_ms();
	news.result.status = PROBE_FAILED;
	err_set(&news.result.err, ERR_LIMIT,
	    "This computer lets smtpwiz start no thread for the test.");
	job_done(job);
	queue_post(p->queue, &news);
}

void
pool_run(struct pool *p, struct pool_job *job)
{
	bool has_worker;

	pthread_mutex_lock(&p->lock);
	if (p->idle <= p->n_jobs && p->n_workers < RUNNER_WORKERS &&
	    pool_thread(&p->workers[p->n_workers], work, p))
		p->n_workers++;
	has_worker = p->n_workers > 0;
	if (has_worker) {
		p->jobs[p->n_jobs++] = *job;
		pthread_cond_signal(&p->work);
	}
	pthread_mutex_unlock(&p->lock);
	if (!has_worker)
		refuse_job(p, job);
	memset(&job->params, 0, sizeof(job->params));
	job->password = job->token = NULL;
}
