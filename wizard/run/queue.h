/* SPDX-License-Identifier: ISC
 *
 * News from the workers to the main thread: a list under a mutex and a pipe
 * that is readable while the list is not empty.
 */
#ifndef RUN_QUEUE_H
#define RUN_QUEUE_H

#include "runner.h"

struct queue;

struct queue *queue_new(void);
void queue_free(struct queue *q); /* accepts NULL; frees what was not taken */

/* From any thread: appends news, whose result is taken over. */
void queue_post(struct queue *q, struct runner_news *news);

/* For the main thread. */
bool queue_next(struct queue *q, struct runner_news *out);
int queue_fd(const struct queue *q);

/* A pipe whose ends close on exec and never block; ends the program when
 * the system has no descriptors left. */
void queue_pipe(int fds[2]);
void queue_close(int *fd); /* closes once; sets -1 */

#endif
