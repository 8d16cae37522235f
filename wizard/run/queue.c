/* SPDX-License-Identifier: ISC
 *
 * The queue of news. Its pipe holds one byte while the list is not empty, so
 * that the main loop sleeps on a descriptor and is woken once per burst.
 */
#include "queue.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <string.h>
#include <unistd.h>

#include "../../probes/base/bug.h"
#include "../../probes/base/mem.h"

struct queue {
	pthread_mutex_t lock;
	struct runner_news *v; /* owned; v[first] is the oldest */
	size_t first, n, cap;
	int wake[2];
};

void
queue_pipe(int fds[2])
{
	if (pipe(fds) != 0)
		BUG("cannot make a pipe: %s", strerror(errno));
	for (int i = 0; i < 2; i++) {
		int flags = fcntl(fds[i], F_GETFL);

		if (flags < 0 ||
		    fcntl(fds[i], F_SETFL, flags | O_NONBLOCK) < 0 ||
		    fcntl(fds[i], F_SETFD, FD_CLOEXEC) < 0)
			BUG("cannot prepare a pipe: %s", strerror(errno));
	}
}

void
queue_close(int *fd)
{
	if (*fd >= 0)
		close(*fd);
	*fd = -1;
}

struct queue *
queue_new(void)
{
	struct queue *q = mem_new(struct queue);

	pthread_mutex_init(&q->lock, NULL);
	queue_pipe(q->wake);
	return q;
}

void
queue_free(struct queue *q)
{
	if (!q)
		return;
	for (size_t i = q->first; i < q->n; i++)
		if (q->v[i].is_result)
			probe_result_done(&q->v[i].result);
	mem_free(q->v);
	queue_close(&q->wake[0]);
	queue_close(&q->wake[1]);
	pthread_mutex_destroy(&q->lock);
	mem_free(q);
}

void
queue_post(struct queue *q, struct runner_news *news)
{
	pthread_mutex_lock(&q->lock);
	bool was_empty = q->first == q->n;

	*MEM_PUSH(&q->v, &q->n, &q->cap) = *news;
	/* Written under the lock: the reader takes the byte under it too, so
	 * there is never more than one and never one too few. */
	if (was_empty)
		while (write(q->wake[1], "", 1) < 0 && errno == EINTR)
			;
	pthread_mutex_unlock(&q->lock);
	memset(news, 0, sizeof(*news));
}

static void
take_wake_byte(const struct queue *q)
{
	char byte;

	while (read(q->wake[0], &byte, 1) < 0 && errno == EINTR)
		;
}

bool
queue_next(struct queue *q, struct runner_news *out)
{
	bool found;

	pthread_mutex_lock(&q->lock);
	found = q->first < q->n;
	if (found) {
		*out = q->v[q->first++];
		if (q->first == q->n) {
			q->first = q->n = 0;
			take_wake_byte(q);
		}
	}
	pthread_mutex_unlock(&q->lock);
	return found;
}

int
queue_fd(const struct queue *q)
{
	return q->wake[0];
}
