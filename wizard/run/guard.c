/* SPDX-License-Identifier: ISC
 *
 * Probes that block in the system and cannot be stopped. Such a probe runs on
 * a detached thread that owns, together with the waiting worker, copies of
 * everything it touches: whoever comes last frees them, also when that is
 * long after the runner is gone.
 */
#include "pool.h"

#include <string.h>
#include <unistd.h>

#include <poll.h>

#include "../../probes/base/clock.h"
#include "../../probes/base/mem.h"

struct guard {
	pthread_mutex_t lock;
	int holders; /* the worker, the thread */
	bool is_abandoned; /* the result is no longer wanted */
	int done[2]; /* the write end closes with the result */
	const struct probe *probe;
	struct kvs params; /* owned */
	struct net_options options; /* owned */
	struct net net;
	struct probe_result result; /* owned */
};

static void
copy_options(struct net_options *to, const struct net_options *from)
{
	*to = *from;
	memset(&to->resolvers, 0, sizeof(to->resolvers));
	strs_copy(&to->resolvers, &from->resolvers);
	to->redirects = NULL;
	if (from->n_redirects)
		to->redirects =
		    mem_alloc(from->n_redirects * sizeof(*from->redirects));
	for (size_t i = 0; i < from->n_redirects; i++) {
		to->redirects[i] = from->redirects[i];
		to->redirects[i].host = mem_dup(from->redirects[i].host);
	}
	to->ca_file = mem_dup(from->ca_file);
	to->ehlo_name = mem_dup(from->ehlo_name);
}

static void
release(struct guard *g)
{
	bool is_last;

	pthread_mutex_lock(&g->lock);
	is_last = --g->holders == 0;
	pthread_mutex_unlock(&g->lock);
	if (!is_last)
		return;
	queue_close(&g->done[0]);
	queue_close(&g->done[1]);
	kvs_done(&g->params);
	net_options_done(&g->options);
	probe_result_done(&g->result);
	pthread_mutex_destroy(&g->lock);
	mem_free(g);
}

static void *
run_guarded(void *arg)
{
	struct guard *g = arg;
	struct probe_result result = {0};
	struct probe_ctx ctx = {
	    .net = g->net, .params = &g->params, .result = &result};

	g->probe->run(&ctx);
	pthread_mutex_lock(&g->lock);
	if (!g->is_abandoned) {
		g->result = result;
		memset(&result, 0, sizeof(result));
	}
	queue_close(&g->done[1]);
	pthread_mutex_unlock(&g->lock);
	probe_result_done(&result);
	release(g);
	return NULL;
}

static struct guard *
guard_new(
    const struct probe *probe, const struct kvs *params, const struct net *net)
{
	struct guard *g = mem_new(struct guard);

	pthread_mutex_init(&g->lock, NULL);
	queue_pipe(g->done);
	g->holders = 2;
	g->probe = probe;
	kvs_copy(&g->params, params);
	copy_options(&g->options, net->options);
	g->net = *net;
	g->net.options = &g->options;
	/* The runner's pipe may be gone before the probe notices anything. */
	g->net.cancel_fd = -1;
	g->net.yield_fd = -1;
	return g;
}

/* Takes the result, or gives it up when it is not there in time. */
static void
collect(struct guard *g, enum net_ready ready, struct probe_result *result)
{
	bool is_there;

	pthread_mutex_lock(&g->lock);
	is_there = g->done[1] < 0;
	g->is_abandoned = !is_there;
	if (is_there) {
		*result = g->result;
		memset(&g->result, 0, sizeof(g->result));
	}
	pthread_mutex_unlock(&g->lock);
	if (is_there)
		return;
	result->status =
	    ready == NET_CANCELLED ? PROBE_CANCELLED : PROBE_FAILED;
	if (ready != NET_CANCELLED)
		err_set(&result->err, ERR_TIMEOUT,
		    "This computer did not answer %s within %d s.",
		    g->probe->name,
		    UNINTERRUPTIBLE_FACTOR * g->options.connect_timeout_ms /
			1000);
}

void
guard_run(const struct probe *probe, const struct kvs *params,
    const struct net *net, struct probe_result *result)
{
	struct guard *g = guard_new(probe, params, net);
	int64_t started_ms = result->started_ms;
	pthread_t thread;

	if (!pool_thread(&thread, run_guarded, g)) {
		result->status = PROBE_FAILED;
		err_set(&result->err, ERR_LIMIT,
		    "This computer lets smtpwiz start no thread for %s.",
		    probe->name);
		release(g);
		release(g);
		return;
	}
	pthread_detach(thread);
	collect(g,
	    net_wait(net, g->done[0], POLLIN,
		UNINTERRUPTIBLE_FACTOR * net->options->connect_timeout_ms),
	    result);
	result->started_ms = started_ms;
	release(g);
}
