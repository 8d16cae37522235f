/* SPDX-License-Identifier: ISC
 *
 * Accepts connections for every server of the lab and gives each a thread.
 */
#include "lab_conn.h"

#include <errno.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/time.h>
#include <unistd.h>

#include <openssl/err.h>
#include <openssl/ssl.h>

#include "../base/mem.h"

#define STACK_SIZE (256u << 10)
#define RESET_MS 50 /* so that the client has seen the connection open */

bool
lab_thread(void *(*run)(void *), void *arg)
{
	pthread_attr_t attr;
	pthread_t thread;
	bool ok;

	pthread_attr_init(&attr);
	pthread_attr_setdetachstate(&attr, PTHREAD_CREATE_DETACHED);
#ifndef __SANITIZE_ADDRESS__
	pthread_attr_setstacksize(&attr, STACK_SIZE);
#endif
	ok = pthread_create(&thread, &attr, run, arg) == 0;
	pthread_attr_destroy(&attr);
	return ok;
}

void
lab_complain(struct lab_world *w, const char *fmt, ...)
{
	char text[300];
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(text, sizeof(text) - 1, fmt, ap);
	va_end(ap);
	if (n < 0)
		return;
	if (n > (int)sizeof(text) - 2)
		n = (int)sizeof(text) - 2;
	text[n++] = '\n';
	/* the pipe does not block: with too many complaints some are lost */
	if (write(w->report_fd, text, (size_t)n) < 0)
		return;
}

/* Open connections to the listener's address, this one included. */
static int
busy_at(const struct lab_listener *l)
{
	const struct lab_world *w = l->world;
	int n = 0;

	for (size_t i = 0; i < w->n_listeners; i++) {
		if (str_eq(w->listeners[i].port->address, l->port->address))
			n += w->listeners[i].busy;
	}
	return n;
}

/* Counts a connection in; false when the lab has too many. */
static bool
enter(struct lab_listener *l, int *at_address)
{
	bool ok;

	pthread_mutex_lock(&l->world->lock);
	ok = l->world->connections < LAB_MAX_CONNECTIONS;
	if (ok) {
		l->world->connections++;
		l->busy++;
	}
	*at_address = busy_at(l);
	pthread_mutex_unlock(&l->world->lock);
	return ok;
}

static void
leave(struct lab_listener *l)
{
	pthread_mutex_lock(&l->world->lock);
	l->world->connections--;
	l->busy--;
	pthread_mutex_unlock(&l->world->lock);
}

struct job {
	struct lab_conn conn;
	bool too_many;
};

static void
converse(struct job *j)
{
	struct lab_conn *c = &j->conn;

	if (c->server->close_at == LAB_CLOSE_CONNECT) {
		if (c->server->close_by_reset) {
			lab_sleep(RESET_MS);
			lab_reset(c);
		}
		return;
	}
	if (c->server->tls == LAB_IMPLICIT && !lab_start_tls(c))
		return;
	if (j->too_many) {
		lab_write_lines(c,
		    "421 4.7.0 {host} Too many connections from your address");
		return;
	}
	if (!lab_other(c))
		lab_smtp(c);
}

/* Closes so that what was written still arrives: no RST over unread bytes. */
static void
farewell(struct lab_conn *c)
{
	char waste[1024];
	struct pollfd p = {.fd = c->fd, .events = POLLIN};

	if (c->ssl != NULL && !c->gone) {
		SSL_shutdown(c->ssl);
		ERR_clear_error();
	}
	if (c->gone)
		return;
	shutdown(c->fd, SHUT_WR);
	for (int i = 0; i < 64; i++) {
		if (poll(&p, 1, 1000) <= 0 ||
		    recv(c->fd, waste, sizeof(waste), 0) <= 0)
			return;
	}
}

static void *
connection(void *arg)
{
	struct job *j = arg;
	struct lab_conn *c = &j->conn;

	converse(j);
	farewell(c);
	SSL_free(c->ssl);
	leave(c->listener);
	close(c->fd);
	mem_free(j);
	return NULL;
}

static void
take(struct lab_listener *l)
{
	const struct timeval patience = {.tv_sec = LAB_IDLE_S};
	int fd = accept(l->fd, NULL, NULL), at_address, at_once = 1;
	struct job *j;

	if (fd < 0)
		return;
	if (!enter(l, &at_address)) {
		close(fd);
		return;
	}
	/* Delays are the scenario's, not 40 ms of the system's. */
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &at_once, sizeof(at_once));
	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
	setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof(patience));
	j = mem_new(struct job);
	j->conn.listener = l;
	j->conn.server = l->port->server;
	j->conn.fd = fd;
	j->too_many = l->port->server->max_per_address > 0 &&
		      at_address > l->port->server->max_per_address;
	if (lab_thread(connection, j))
		return;
	leave(l);
	close(fd);
	mem_free(j);
}

void *
lab_serve(void *world)
{
	struct lab_world *w = world;
	struct pollfd *fds = mem_alloc(w->n_listeners * sizeof(*fds));

	for (size_t i = 0; i < w->n_listeners; i++) {
		fds[i].fd = w->listeners[i].fd;
		fds[i].events = POLLIN;
	}
	for (;;) {
		if (poll(fds, w->n_listeners, -1) < 0 && errno != EINTR)
			break;
		for (size_t i = 0; i < w->n_listeners; i++) {
			if ((fds[i].revents & POLLIN) != 0)
				take(&w->listeners[i]);
		}
	}
	mem_free(fds);
	return NULL;
}
