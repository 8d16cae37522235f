/* SPDX-License-Identifier: ISC
 *
 * The only poll() in a worker, and the options that every connection obeys.
 * Each wait also watches the job's cancel and yield descriptors and its
 * deadline, so that no dialogue has to think of them.
 */
#include "wait.h"

#include "../base/bug.h"
#include "../base/clock.h"
#include "../base/mem.h"
#include "tcp.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <unistd.h>

#define WAIT_MAX_FDS 64

void
net_options_done(struct net_options *o)
{
	for (size_t i = 0; i < o->n_redirects; i++)
		mem_free(o->redirects[i].host);
	mem_free(o->redirects);
	strs_done(&o->resolvers);
	mem_free(o->ca_file);
	mem_free(o->ehlo_name);
	*o = (struct net_options){0};
}

/* Takes "[...]" or the text up to the next colon off the front. */
static bool
take_host(const char **at, char *out, size_t size)
{
	const char *s = *at, *end, *next;

	if (*s == '[') {
		s++;
		end = strchr(s, ']');
		next = end != NULL ? end + 1 : NULL;
	} else {
		end = strchr(s, ':');
		next = end;
	}
	if (end == NULL || *next != ':' || (size_t)(end - s) >= size)
		return false;
	memcpy(out, s, (size_t)(end - s));
	out[end - s] = '\0';
	*at = next + 1;
	return true;
}

/* "587:" or ":" off the front; an empty port is 0. */
static bool
take_port(const char **at, int *port)
{
	const char *end = strchr(*at, ':');
	char digits[8] = "";
	int64_t n = 0;

	if (end == NULL || (size_t)(end - *at) >= sizeof(digits))
		return false;
	memcpy(digits, *at, (size_t)(end - *at));
	if (digits[0] != '\0' && !str_number(digits, 1, 65535, &n))
		return false;
	*port = (int)n;
	*at = end + 1;
	return true;
}

bool
net_options_redirect(struct net_options *o, const char *text, struct err *err)
{
	char host[256];
	const char *at = text;
	struct net_redirect rule = {0};
	struct err why = {0};

	if (!take_host(&at, host, sizeof(host)) || !take_port(&at, &rule.port))
		return err_set(err, ERR_USAGE,
		    "\"%s\" is not of the form HOST:PORT:ADDR:PORT", text);
	if (!tcp_parse_addr(at, 0, &rule.to, &why))
		return err_set(err, ERR_USAGE,
		    "\"%s\" does not end in a numeric ADDR:PORT", text);
	rule.host = mem_dup(host);
	o->redirects =
	    mem_resize(o->redirects, o->n_redirects + 1, sizeof(*o->redirects));
	o->redirects[o->n_redirects++] = rule;
	return true;
}

/* How long poll may sleep: the time-out, but never past the deadline. */
static int
poll_ms(const struct net *net, int64_t end_ms, int64_t now)
{
	int64_t left = end_ms;

	if (net->deadline_ms < left)
		left = net->deadline_ms;
	left -= now;
	if (left < 0)
		return 0;
	return left > 3600000 ? 3600000 : (int)left;
}

enum net_ready
net_wait_many(
    const struct net *net, struct pollfd *fds, size_t n, int timeout_ms)
{
	struct pollfd all[WAIT_MAX_FDS + 2];
	int64_t now = clock_mono_ms();
	int64_t end = now + (timeout_ms > 0 ? timeout_ms : 0);

	if (n > WAIT_MAX_FDS)
		n = WAIT_MAX_FDS;
	all[0] = (struct pollfd){.fd = net->cancel_fd, .events = POLLIN};
	all[1] = (struct pollfd){.fd = net->yield_fd, .events = POLLIN};
	for (size_t i = 0; i < n; i++)
		all[i + 2] = fds[i];
	for (;;) {
		bool late = now >= net->deadline_ms;
		int r = poll(all, n + 2, poll_ms(net, end, now));

		if (r < 0 && errno != EINTR && errno != EAGAIN)
			return NET_CANCELLED; /* cannot wait: stop the job */
		if (r > 0 && (all[0].revents != 0 || all[1].revents != 0))
			return NET_CANCELLED;
		if (late)
			return NET_TIMEOUT;
		if (r > 0) {
			for (size_t i = 0; i < n; i++)
				fds[i].revents = all[i + 2].revents;
			return NET_READY;
		}
		now = clock_mono_ms();
		if (now >= end || now >= net->deadline_ms)
			return NET_TIMEOUT;
	}
}

enum net_ready
net_wait(const struct net *net, int fd, short events, int timeout_ms)
{
	struct pollfd one = {.fd = fd, .events = events};

	return net_wait_many(net, &one, 1, timeout_ms);
}

/* ---- slots ---- */

bool
net_slot_take(const struct net *net, int timeout_ms)
{
	int64_t end = clock_mono_ms() + timeout_ms;
	uint64_t one;

	if (net->slots == NULL)
		return true;
	for (;;) {
		int64_t left = end - clock_mono_ms();

		if (read(net->slots->fd, &one, sizeof(one)) == sizeof(one))
			return true;
		if (left < 0 || net_wait(net, net->slots->fd, POLLIN,
				    (int)left) != NET_READY)
			return false;
	}
}

void
net_slot_give(const struct net *net)
{
	uint64_t one = 1;

	if (net->slots != NULL &&
	    write(net->slots->fd, &one, sizeof(one)) != sizeof(one))
		BUG("a slot cannot be given back");
}
