/* SPDX-License-Identifier: ISC
 *
 * The lab process from the inside: binds every socket, makes the
 * certificates, reports, serves, and ends when its parent does.
 */
#include "lab_process.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#ifdef __linux__
#include <sys/prctl.h>
#endif

#include "../base/mem.h"
#include "lab_inside.h"

#define BACKLOG 128
#define HANG_MS 120 /* a loopback connect takes microseconds */
#define HANG_FILLERS 16
#define PORT_TRIES 50 /* until UDP and TCP are free on one port */
#define HIGHEST_FD 1024
#define SMALL_WINDOW 4096 /* bytes of a receive buffer */

static volatile sig_atomic_t told_to_end;

static void
on_end(int sig)
{
	(void)sig;
	told_to_end = 1;
}

static struct sockaddr_in
loopback(int port)
{
	struct sockaddr_in sa = {.sin_family = AF_INET};

	sa.sin_port = htons((uint16_t)port);
	sa.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	return sa;
}

/* A socket bound to 127.0.0.1; port 0 takes any. -1 with errno. */
static int
bound(int type, int port)
{
	struct sockaddr_in sa = loopback(port);
	int fd = socket(AF_INET, type, 0);

	if (fd >= 0 && bind(fd, (struct sockaddr *)&sa, sizeof(sa)) != 0) {
		close(fd);
		return -1;
	}
	return fd;
}

static int
port_of(int fd)
{
	struct sockaddr_in sa;
	socklen_t len = sizeof(sa);

	if (getsockname(fd, (struct sockaddr *)&sa, &len) != 0)
		return 0;
	return ntohs(sa.sin_port);
}

static int
listening(void)
{
	int fd = bound(SOCK_STREAM, 0);

	if (fd >= 0 && listen(fd, BACKLOG) != 0) {
		close(fd);
		return -1;
	}
	return fd;
}

/* Connects to the port; true when that hangs, else *fd is connected. */
static bool
hangs(int port, int *fd)
{
	struct sockaddr_in sa = loopback(port);
	struct pollfd p = {.events = POLLOUT};

	*fd = socket(AF_INET, SOCK_STREAM, 0);
	fcntl(*fd, F_SETFL, O_NONBLOCK);
	if (connect(*fd, (struct sockaddr *)&sa, sizeof(sa)) == 0)
		return false;
	p.fd = *fd;
	return errno == EINPROGRESS && poll(&p, 1, HANG_MS) == 0;
}

/*
 * A port on which a connect hangs, as behind a firewall that drops: it
 * listens, and nobody takes what fills its queue. 0 when that fails.
 */
static int
hanging_port(void)
{
	int fd = bound(SOCK_STREAM, 0), port;

	if (fd < 0 || listen(fd, 0) != 0)
		return 0;
	port = port_of(fd);
	for (int i = 0; i < HANG_FILLERS; i++) {
		int filler;

		if (hangs(port, &filler)) {
			close(filler);
			return port;
		}
		/* the filler stays open for as long as the process lives */
	}
	return 0;
}

/* One port number for UDP and TCP. */
static bool
bind_dns(struct lab_world *w, struct err *err)
{
	for (int i = 0; i < PORT_TRIES; i++) {
		w->dns_udp = bound(SOCK_DGRAM, 0);
		if (w->dns_udp < 0)
			break;
		w->dns_tcp = bound(SOCK_STREAM, port_of(w->dns_udp));
		if (w->dns_tcp >= 0)
			return true;
		close(w->dns_udp);
	}
	return err_sys(err, ERR_NETWORK, errno,
	    "the lab cannot open its resolver on 127.0.0.1");
}

static bool
open_dns(struct lab_world *w, struct err *err)
{
	if (!bind_dns(w, err))
		return false;
	switch (w->s->resolver) {
	case LAB_RESOLVER_OK:
	case LAB_RESOLVER_SILENT:
		break;
	case LAB_RESOLVER_REFUSED:
	case LAB_RESOLVER_UNREACHABLE: {
		/* connected elsewhere, a socket refuses everyone else */
		struct sockaddr_in sa = loopback(9);

		connect(w->dns_udp, (struct sockaddr *)&sa, sizeof(sa));
		return true;
	}
	}
	if (listen(w->dns_tcp, BACKLOG) != 0 || !lab_thread(lab_dns_udp, w) ||
	    !lab_thread(lab_dns_tcp, w)) {
		return err_sys(
		    err, ERR_NETWORK, errno, "the lab cannot run its resolver");
	}
	return true;
}

static bool
needs_tls(const struct lab_server *s)
{
	return s->tls != LAB_PLAIN;
}

/* So that what the server does not read is not acknowledged either. */
static bool
wants_small_window(const struct lab_server *s)
{
	return s->blackhole != LAB_HOLE_NONE || s->cut_after > 0;
}

static bool
open_server(struct lab_world *w, const struct lab_port *port,
    struct lab_certs *certs, struct err *err)
{
	struct lab_listener *l =
	    MEM_PUSH(&w->listeners, &w->n_listeners, &w->cap_listeners);
	struct strs names = {0};
	bool ok = true;

	l->world = w;
	l->port = port;
	scenario_names_of(w->s, port->address, &names);
	if (names.n == 0)
		strs_add(&names, port->address[0] ? port->address : "lab");
	snprintf(l->host, sizeof(l->host), "%s", names.v[0]);
	l->fd = listening();
	if (l->fd >= 0 && wants_small_window(port->server))
		setsockopt(l->fd, SOL_SOCKET, SO_RCVBUF, &(int){SMALL_WINDOW},
		    sizeof(int));
	if (l->fd < 0) {
		ok = err_sys(err, ERR_NETWORK, errno,
		    "the lab cannot listen on 127.0.0.1");
	} else if (needs_tls(port->server)) {
		ok = lab_certs_serve(certs, port->server, &names, &l->tls, err);
	}
	strs_done(&names);
	return ok;
}

static bool
open_servers(struct lab_world *w, const char *ca_file, struct err *err)
{
	struct lab_certs *certs = lab_certs_new(err);
	bool ok = certs != NULL;

	for (size_t i = 0; ok && i < w->s->n_ports; i++) {
		if (w->s->ports[i].reach == LAB_SERVER)
			ok = open_server(w, &w->s->ports[i], certs, err);
	}
	ok = ok && lab_certs_write(certs, ca_file, err);
	lab_certs_free(certs);
	if (ok && w->n_listeners > 0 && !lab_thread(lab_serve, w))
		ok = err_set(err, ERR_LIMIT, "the lab cannot start a thread");
	return ok;
}

static bool
has_dropped(const struct scenario *s)
{
	for (size_t i = 0; i < s->n_ports; i++) {
		if (s->ports[i].reach == LAB_DROPPED)
			return true;
	}
	return false;
}

static bool
open_all(struct lab_world *w, const char *ca_file, struct err *err)
{
	int closed = bound(SOCK_STREAM, 0), hanging = 0;

	if (closed < 0) {
		return err_sys(err, ERR_NETWORK, errno,
		    "the lab cannot bind to 127.0.0.1");
	}
	if (has_dropped(w->s)) {
		hanging = hanging_port();
		if (hanging == 0) {
			return err_set(err, ERR_NETWORK,
			    "the lab cannot make a connect hang here");
		}
	}
	if (!open_dns(w, err) || !open_servers(w, ca_file, err))
		return false;
	dprintf(w->report_fd, "closed %d\nhanging %d\nresolver %d\n",
	    port_of(closed), hanging, port_of(w->dns_udp));
	for (size_t i = 0; i < w->n_listeners; i++) {
		dprintf(w->report_fd, "server %d %d\n",
		    (int)(w->listeners[i].port - w->s->ports),
		    port_of(w->listeners[i].fd));
	}
	return true;
}

/* Signals come to the main thread only, which alone waits. */
static void
set_signals(pid_t parent)
{
	const struct sigaction end = {.sa_handler = on_end};
	const struct sigaction ignore = {.sa_handler = SIG_IGN};
	sigset_t all;

	sigaction(SIGTERM, &end, NULL);
	sigaction(SIGINT, &ignore, NULL); /* Ctrl-C is for the program */
	sigaction(SIGQUIT, &ignore, NULL);
	sigaction(SIGTSTP, &ignore, NULL);
	sigaction(SIGHUP, &ignore, NULL);
	sigaction(SIGPIPE, &ignore, NULL);
	sigfillset(&all);
	pthread_sigmask(SIG_BLOCK, &all, NULL);
#ifdef __linux__
	prctl(PR_SET_PDEATHSIG, SIGTERM);
#endif
	if (getppid() != parent)
		_exit(1);
}

/* Nothing of the parent's stays open but standard error. */
static void
set_descriptors(int life_fd, int report_fd)
{
	int null = open("/dev/null", O_RDWR);

	dup2(null, 0);
	dup2(null, 1);
	for (int fd = 3; fd < HIGHEST_FD; fd++) {
		if (fd != life_fd && fd != report_fd)
			close(fd);
	}
}

/* Until the parent closes its end of the pipe, or is no more. */
static void
wait_for_end(int life_fd)
{
	struct pollfd p = {.fd = life_fd, .events = POLLIN};
	sigset_t none;

	sigemptyset(&none);
	pthread_sigmask(SIG_SETMASK, &none, NULL);
	while (!told_to_end) {
		if (poll(&p, 1, 500) > 0)
			break;
	}
}

void
lab_process(const struct scenario *s, const char *dir, int life_fd,
    int report_fd, pid_t parent)
{
	struct lab_world w = {.s = s, .report_fd = report_fd, .dir = dir};
	struct err err = {0};
	char ca_file[256];

	set_descriptors(life_fd, report_fd);
	set_signals(parent);
	pthread_mutex_init(&w.lock, NULL);
	snprintf(ca_file, sizeof(ca_file), "%s/ca.pem", dir);
	if (!open_all(&w, ca_file, &err)) {
		dprintf(report_fd, "fail %s\n", err.msg);
		_exit(1);
	}
	fcntl(report_fd, F_SETFL, O_NONBLOCK);
	dprintf(report_fd, "ready\n");
	wait_for_end(life_fd);
	unlink(ca_file);
	lab_clear_mail(dir);
	rmdir(dir);
	_exit(0);
}
