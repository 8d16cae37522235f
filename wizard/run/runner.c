/* SPDX-License-Identifier: ISC
 *
 * Decides which job runs when. Everything here happens in the main thread:
 * jobs wait in the order they came, and the first one that has a worker and
 * whose address is not crowded is handed to the pool.
 */
#include "runner.h"

#include <string.h>
#include <sys/eventfd.h>

#include "../../probes/base/clock.h"
#include "../../probes/base/mem.h"
#include "../../probes/base/secret.h"
#include "pool.h"
#include "queue.h"

/* Jobs cancelled together: closing the write end cancels them all. */
struct generation {
	int fds[2];
	size_t jobs; /* not yet reported */
};

struct task {
	struct pool_job job;
	struct generation *generation; /* borrowed: freed with its last task */
	char address[46]; /* "" when the number per address is not limited */
	bool is_running;
	bool is_slow; /* its connect does not count at the moment */
};

/* One address and the connections that it may still be given. */
struct gate {
	char address[46];
	struct net_slots slots;
};

struct runner {
	const struct net_options *options; /* borrowed */
	struct queue *queue;
	struct pool *pool;
	struct generation *generation; /* of new jobs; owned */
	struct secret *password, *token; /* owned or NULL */
	struct gate **gates; /* owned; jobs borrow their slots */
	size_t n_gates, cap_gates;
	struct task *tasks; /* owned; in the order they came */
	size_t n, cap, running;
};

static struct generation *
generation_new(void)
{
	struct generation *g = mem_new(struct generation);

	queue_pipe(g->fds);
	return g;
}

static void
generation_free(struct generation *g)
{
	queue_close(&g->fds[0]);
	queue_close(&g->fds[1]);
	mem_free(g);
}

struct runner *
runner_new(const struct net_options *options)
{
	struct runner *r = mem_new(struct runner);

	r->options = options;
	r->queue = queue_new();
	r->pool = pool_new(options, r->queue);
	r->generation = generation_new();
	return r;
}

/* Takes a task that has reported out of the list. */
static void
remove_task(struct runner *r, size_t i)
{
	struct task *t = &r->tasks[i];

	r->running -= t->is_running;
	if (--t->generation->jobs == 0 && t->generation != r->generation)
		generation_free(t->generation);
	kvs_done(&t->job.params);
	r->n--;
	memmove(t, t + 1, (r->n - i) * sizeof(*t));
}

void
runner_free(struct runner *r)
{
	if (!r)
		return;
	runner_cancel_all(r);
	pool_free(r->pool);
	while (r->n > 0)
		remove_task(r, r->n - 1);
	generation_free(r->generation);
	for (size_t i = 0; i < r->n_gates; i++) {
		queue_close(&r->gates[i]->slots.fd);
		mem_free(r->gates[i]);
	}
	mem_free(r->gates);
	queue_free(r->queue);
	runner_secrets(r, NULL, NULL);
	mem_free(r->tasks);
	mem_free(r);
}

void
runner_secrets(
    struct runner *r, const struct secret *password, const struct secret *token)
{
	struct secret *new_password = secret_copy(password);
	struct secret *new_token = secret_copy(token);

	secret_free(r->password);
	secret_free(r->token);
	r->password = new_password;
	r->token = new_token;
}

/* A copy of its own, wiped when the job is done. */
static void
give_secrets(const struct runner *r, struct pool_job *job)
{
	switch (job->probe->effect) {
	case PROBE_READS:
		return;
	case PROBE_LOGS_IN:
	case PROBE_SENDS_MAIL:
		job->password = secret_copy(r->password);
		job->token = secret_copy(r->token);
		return;
	}
}

static bool
is_crowded(const struct runner *r, const char *address)
{
	int count = 0;

	if (!*address)
		return false;
	for (size_t i = 0; i < r->n; i++) {
		const struct task *t = &r->tasks[i];

		if (t->is_running && !t->is_slow &&
		    str_same(t->address, address))
			count++;
	}
	return count >= PROBE_PER_ADDRESS;
}

/* Hands over whatever may run now; a crowded address holds up only jobs of
 * its own. */
static void
schedule(struct runner *r)
{
	for (size_t i = 0; i < r->n && r->running < RUNNER_WORKERS; i++) {
		struct task *t = &r->tasks[i];

		if (t->is_running || is_crowded(r, t->address))
			continue;
		t->is_running = true;
		r->running++;
		give_secrets(r, &t->job);
		pool_run(r->pool, &t->job);
	}
}

/* The gate of an address: made when the first job goes there. */
static struct net_slots *
slots_of(struct runner *r, const char *address)
{
	struct gate *g;

	for (size_t i = 0; i < r->n_gates; i++)
		if (str_same(r->gates[i]->address, address))
			return &r->gates[i]->slots;
	g = mem_new(struct gate);
	memcpy(g->address, address, strlen(address) + 1);
	g->slots.fd = eventfd(
	    PROBE_PER_ADDRESS, EFD_SEMAPHORE | EFD_NONBLOCK | EFD_CLOEXEC);
	*MEM_PUSH(&r->gates, &r->n_gates, &r->cap_gates) = g;
	return g->slots.fd < 0 ? NULL : &g->slots;
}

static void
find_address(struct task *t)
{
	const struct probe *probe = t->job.probe;
	struct probe_target target;
	const char *text;

	if (!probe->gate_param)
		return;
	text = kvs_get(&t->job.params, probe->gate_param);
	if (text && probe_target_parse(text, &target))
		memcpy(t->address, target.address, sizeof(t->address));
}

void
runner_start(struct runner *r, uint64_t job, const struct probe *probe,
    const struct kvs *params)
{
	struct task *t = MEM_PUSH(&r->tasks, &r->n, &r->cap);

	t->job.id = job;
	t->job.probe = probe;
	kvs_copy(&t->job.params, params);
	t->job.cancel_fd = r->generation->fds[0];
	t->generation = r->generation;
	t->generation->jobs++;
	find_address(t);
	if (*t->address)
		t->job.slots = slots_of(r, t->address);
	schedule(r);
}

static void
post_cancelled(struct runner *r, uint64_t job)
{
	struct runner_news news = {.job = job, .is_result = true};

	news.result.status = PROBE_CANCELLED;
	news.result.started_ms = clock_utc_ms();
	err_set(&news.result.err, ERR_CANCELLED, "The test was cancelled.");
	queue_post(r->queue, &news);
}

void
runner_cancel_all(struct runner *r)
{
	if (r->generation->jobs == 0)
		return;
	queue_close(&r->generation->fds[1]);
	for (size_t i = 0; i < r->n; i++) {
		struct task *t = &r->tasks[i];

		if (t->is_running || t->generation != r->generation)
			continue;
		/* Never begun: counts as running until its news is taken. */
		t->is_running = true;
		t->address[0] = '\0';
		r->running++;
		post_cancelled(r, t->job.id);
	}
	r->generation = generation_new();
}

int
runner_fd(const struct runner *r)
{
	return queue_fd(r->queue);
}

static size_t
find_task(const struct runner *r, uint64_t job)
{
	size_t i = 0;

	while (i < r->n && r->tasks[i].job.id != job)
		i++;
	return i;
}

bool
runner_next(struct runner *r, struct runner_news *out)
{
	size_t i;

	if (!queue_next(r->queue, out))
		return false;
	i = find_task(r, out->job);
	if (i == r->n)
		return true;
	if (out->is_result)
		remove_task(r, i);
	else
		r->tasks[i].is_slow = str_eq(out->stage, "slow");
	schedule(r);
	return true;
}

size_t
runner_busy(const struct runner *r)
{
	return r->n;
}
