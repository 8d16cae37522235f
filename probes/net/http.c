/* SPDX-License-Identifier: ISC
 *
 * The door to libcurl, with http_transfer.c. Its multi interface says which
 * descriptors it waits for and until when; the waiting itself is net_wait_many,
 * so that a cancelled job ends at once. Redirects are followed here, not by
 * libcurl, because each new name is looked up by dns.h first.
 */
#include "http_inside.h"

#include <poll.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>

#include "../base/clock.h"
#include "../base/mem.h"
#include "dns.h"

#define MAX_FDS 32
#define MAX_ADDRESSES 8

struct crowd {
	struct net net; /* with our own deadline */
	CURLM *multi; /* owned */
	struct pollfd fds[MAX_FDS]; /* what libcurl wants to be told of */
	size_t n_fds;
	int64_t timer_ms; /* when libcurl wants to be called; -1: never */
	struct transfer v[HTTP_MAX_GETS];
	size_t n;
};

const char *
http_outcome_name(enum http_outcome o)
{
	switch (o) {
	case HTTP_PENDING:
		return "pending";
	case HTTP_ANSWERED:
		return "answered";
	case HTTP_NO_NAME:
		return "no-name";
	case HTTP_NO_LOOKUP:
		return "no-lookup";
	case HTTP_NO_CONNECT:
		return "no-connect";
	case HTTP_TIMEOUT:
		return "timeout";
	case HTTP_UNTRUSTED:
		return "untrusted";
	case HTTP_NO_TLS:
		return "no-tls";
	case HTTP_REDIRECTED:
		return "redirected";
	case HTTP_TOO_BIG:
		return "too-big";
	case HTTP_BROKEN:
		return "broken";
	case HTTP_CANCELLED:
		return "cancelled";
	}
	return "unknown";
}

void
http_get_done(struct http_get *g)
{
	buf_done(&g->body);
	mem_free(g->from);
	*g = (struct http_get){0};
}

/* ---- one transfer ---- */

static void
stop(struct crowd *c, struct transfer *t)
{
	if (t->easy != NULL) {
		if (c->multi != NULL)
			curl_multi_remove_handle(c->multi, t->easy);
		curl_easy_cleanup(t->easy);
		t->easy = NULL;
	}
	curl_slist_free_all(t->resolve);
	t->resolve = NULL;
}

static void
settle(struct crowd *c, struct transfer *t, enum http_outcome outcome)
{
	stop(c, t);
	t->get->outcome = outcome;
	t->get->ms = (int)(clock_mono_ms() - t->started_ms);
}

/* Hands the transfer to libcurl. */
static void
begin(struct crowd *c, struct transfer *t, const char *addresses)
{
	if (!http_prepare(t, addresses) ||
	    curl_multi_add_handle(c->multi, t->easy) != CURLM_OK)
		settle(c, t, HTTP_BROKEN);
}

/* ---- names ---- */

/* What two answers without an address say. */
static enum http_outcome
lookup_outcome(const struct dns_answer *a, const struct dns_answer *aaaa)
{
	const struct dns_answer *both[] = {a, aaaa};

	for (size_t i = 0; i < 2; i++) {
		if (both[i]->status == DNS_CANCELLED)
			return HTTP_CANCELLED;
		if (both[i]->status == DNS_NXDOMAIN ||
		    both[i]->status == DNS_BAD_NAME)
			return HTTP_NO_NAME;
		if (both[i]->status != DNS_NODATA && both[i]->status != DNS_OK)
			return HTTP_NO_LOOKUP;
	}
	return HTTP_NO_NAME;
}

static void
add_addresses(struct strs *list, const struct dns_answer *a)
{
	for (size_t i = 0; i < a->n && list->n < MAX_ADDRESSES; i++) {
		bool v6 = a->v[i].type == DNS_AAAA;

		if (v6 || a->v[i].type == DNS_A)
			strs_addf(list, "%s%s%s", v6 ? "[" : "", a->v[i].text,
			    v6 ? "]" : "");
	}
}

static void
begin_looked_up(struct crowd *c, struct transfer *t, struct dns_answer a[2])
{
	struct strs list = {0};
	char *text;

	add_addresses(&list, &a[0]);
	add_addresses(&list, &a[1]);
	if (list.n == 0) {
		settle(c, t, lookup_outcome(&a[0], &a[1]));
	} else {
		text = strs_join(&list, ",");
		begin(c, t, text);
		mem_free(text);
	}
	strs_done(&list);
}

/* Looks all names up at once, then begins. */
static void
look_up(struct crowd *c, struct transfer *const *v, size_t n)
{
	struct dns_question q[HTTP_MAX_GETS * 2];
	struct dns_answer a[HTTP_MAX_GETS][2] = {0};

	for (size_t i = 0; i < n; i++) {
		q[2 * i] = (struct dns_question){v[i]->host, DNS_A, &a[i][0]};
		q[2 * i + 1] =
		    (struct dns_question){v[i]->host, DNS_AAAA, &a[i][1]};
	}
	if (n > 0)
		dns_ask(&c->net, q, 2 * n);
	for (size_t i = 0; i < n; i++) {
		begin_looked_up(c, v[i], a[i]);
		dns_answer_done(&a[i][0]);
		dns_answer_done(&a[i][1]);
	}
}

/* ---- what libcurl waits for ---- */

static int
on_fd(CURL *easy, curl_socket_t fd, int what, void *arg, void *unused)
{
	struct crowd *c = arg;
	size_t i = 0;
	short events = 0;

	(void)easy;
	(void)unused;
	while (i < c->n_fds && c->fds[i].fd != fd)
		i++;
	if (what == CURL_POLL_REMOVE) {
		if (i < c->n_fds)
			c->fds[i] = c->fds[--c->n_fds];
		return 0;
	}
	if (i == MAX_FDS)
		return -1;
	if (what == CURL_POLL_IN || what == CURL_POLL_INOUT)
		events |= POLLIN;
	if (what == CURL_POLL_OUT || what == CURL_POLL_INOUT)
		events |= POLLOUT;
	c->fds[i] = (struct pollfd){.fd = fd, .events = events};
	if (i == c->n_fds)
		c->n_fds++;
	return 0;
}

static int
on_timer(CURLM *multi, long timeout_ms, void *arg)
{
	struct crowd *c = arg;

	(void)multi;
	c->timer_ms = timeout_ms < 0 ? -1 : clock_mono_ms() + timeout_ms;
	return 0;
}

static void
act_on_timer(struct crowd *c)
{
	int running;

	if (c->timer_ms < 0 || clock_mono_ms() < c->timer_ms)
		return;
	c->timer_ms = -1;
	curl_multi_socket_action(c->multi, CURL_SOCKET_TIMEOUT, 0, &running);
}

/* Calls libcurl may change c->fds: a copy is gone through. */
static void
act_on_fds(struct crowd *c, const struct pollfd *ready, size_t n)
{
	int running;

	for (size_t i = 0; i < n; i++) {
		int what = 0;

		if ((ready[i].revents & (POLLIN | POLLHUP)) != 0)
			what |= CURL_CSELECT_IN;
		if ((ready[i].revents & POLLOUT) != 0)
			what |= CURL_CSELECT_OUT;
		if ((ready[i].revents & (POLLERR | POLLNVAL)) != 0)
			what |= CURL_CSELECT_ERR;
		if (what != 0)
			curl_multi_socket_action(
			    c->multi, ready[i].fd, what, &running);
	}
}

/* Waits for the next thing to do; false when it is all over. */
static bool
wait_once(struct crowd *c)
{
	struct pollfd ready[MAX_FDS];
	size_t n = c->n_fds;
	int64_t now = clock_mono_ms(), until = c->net.deadline_ms;

	if (c->timer_ms >= 0 && c->timer_ms < until)
		until = c->timer_ms;
	memcpy(ready, c->fds, n * sizeof(*ready));
	for (size_t i = 0; i < n; i++)
		ready[i].revents = 0;
	switch (net_wait_many(
	    &c->net, ready, n, until > now ? (int)(until - now) : 0)) {
	case NET_READY:
		act_on_fds(c, ready, n);
		act_on_timer(c);
		return true;
	case NET_TIMEOUT:
		act_on_timer(c);
		return clock_mono_ms() < c->net.deadline_ms;
	case NET_CANCELLED:
		break;
	}
	return false;
}

/* ---- what became of it ---- */

static enum http_outcome
outcome_of(CURLcode code, const struct transfer *t)
{
	if (t->get->body.full || code == CURLE_FILESIZE_EXCEEDED)
		return HTTP_TOO_BIG;
	if (code == CURLE_COULDNT_CONNECT)
		return HTTP_NO_CONNECT;
	if (code == CURLE_OPERATION_TIMEDOUT)
		return HTTP_TIMEOUT;
	if (code == CURLE_PEER_FAILED_VERIFICATION)
		return HTTP_UNTRUSTED;
	if (code == CURLE_SSL_CONNECT_ERROR)
		return HTTP_NO_TLS;
	return HTTP_BROKEN;
}

static void
keep_words(struct transfer *t, CURLcode code)
{
	const char *text =
	    t->error[0] != '\0' ? t->error : curl_easy_strerror(code);
	char *shown = str_printable(text, strlen(text));

	snprintf(t->get->detail, sizeof(t->get->detail), "%.*s",
	    (int)str_fit(shown, 120), shown);
	mem_free(shown);
}

/* To the next URL; false when that is not to be. */
static bool
follow(struct crowd *c, struct transfer *t, const char *to)
{
	char *next = mem_dup(to); /* to is part of the easy handle */

	stop(c, t);
	mem_free(t->url);
	t->url = next;
	if (++t->redirects > HTTP_MAX_REDIRECTS || !http_take_host(t)) {
		char *shown = str_printable(next, strlen(next));

		snprintf(t->get->detail, sizeof(t->get->detail), "%.*s",
		    (int)str_fit(shown, 120), shown);
		mem_free(shown);
		return false;
	}
	look_up(c, &t, 1);
	return true;
}

static void
take_end(struct crowd *c, struct transfer *t, CURLcode code)
{
	long status = 0;
	char *to = NULL;

	curl_easy_getinfo(t->easy, CURLINFO_RESPONSE_CODE, &status);
	curl_easy_getinfo(t->easy, CURLINFO_REDIRECT_URL, &to);
	if (code != CURLE_OK) {
		keep_words(t, code);
		settle(c, t, outcome_of(code, t));
		return;
	}
	t->get->status = (int)status;
	mem_free(t->get->from);
	t->get->from = str_printable(t->url, strlen(t->url));
	if (status >= 300 && status < 400 && to != NULL) {
		if (!follow(c, t, to))
			settle(c, t, HTTP_REDIRECTED);
		return;
	}
	settle(c, t, HTTP_ANSWERED);
}

static void
collect(struct crowd *c)
{
	CURLMsg *m;
	int left;

	while ((m = curl_multi_info_read(c->multi, &left)) != NULL) {
		char *owner = NULL;

		if (m->msg != CURLMSG_DONE)
			continue;
		curl_easy_getinfo(m->easy_handle, CURLINFO_PRIVATE, &owner);
		take_end(c, (struct transfer *)(void *)owner, m->data.result);
	}
}

static bool
is_running(const struct crowd *c)
{
	for (size_t i = 0; i < c->n; i++)
		if (c->v[i].get->outcome == HTTP_PENDING)
			return true;
	return false;
}

/* ---- all of them ---- */

/* libcurl wants this once before all else, and by one thread at a time. */
static bool
ready_library(void)
{
	static atomic_flag busy = ATOMIC_FLAG_INIT;
	static bool is_done;
	bool ok;

	while (atomic_flag_test_and_set(&busy))
		;
	if (!is_done)
		is_done = curl_global_init(CURL_GLOBAL_DEFAULT) == CURLE_OK;
	ok = is_done;
	atomic_flag_clear(&busy);
	return ok;
}

static bool
open_multi(struct crowd *c)
{
	c->multi = ready_library() ? curl_multi_init() : NULL;
	if (c->multi == NULL)
		return false;
	curl_multi_setopt(c->multi, CURLMOPT_SOCKETFUNCTION, on_fd);
	curl_multi_setopt(c->multi, CURLMOPT_SOCKETDATA, c);
	curl_multi_setopt(c->multi, CURLMOPT_TIMERFUNCTION, on_timer);
	curl_multi_setopt(c->multi, CURLMOPT_TIMERDATA, c);
	return true;
}

static void
begin_all(struct crowd *c, struct http_get *v)
{
	struct transfer *good[HTTP_MAX_GETS];
	size_t n = 0;

	for (size_t i = 0; i < c->n; i++) {
		struct transfer *t = &c->v[i];

		t->get = &v[i];
		t->net = &c->net;
		t->url = mem_dup(v[i].url);
		t->started_ms = clock_mono_ms();
		v[i].outcome = HTTP_PENDING;
		if (c->multi != NULL && http_take_host(t))
			good[n++] = t;
		else
			settle(c, t, HTTP_BROKEN);
	}
	look_up(c, good, n);
}

/* Is the deadline over, or was the job cancelled? */
static enum http_outcome
cut_short(const struct crowd *c, bool is_enough)
{
	return !is_enough && clock_mono_ms() >= c->net.deadline_ms
		   ? HTTP_TIMEOUT
		   : HTTP_CANCELLED;
}

void
http_get_all(const struct net *net, struct http_get *v, size_t n,
    int timeout_ms, bool (*enough)(const struct http_get *v, void *arg),
    void *arg)
{
	struct crowd c = {.net = *net, .timer_ms = -1};
	int64_t end = clock_mono_ms() + timeout_ms;
	bool is_enough = false;

	if (end < c.net.deadline_ms)
		c.net.deadline_ms = end;
	c.n = n < HTTP_MAX_GETS ? n : HTTP_MAX_GETS;
	open_multi(&c);
	begin_all(&c, v);
	while (!is_enough && is_running(&c)) {
		bool go_on = wait_once(&c);

		collect(&c);
		is_enough = enough != NULL && enough(v, arg);
		if (!go_on)
			break;
	}
	for (size_t i = 0; i < c.n; i++) {
		if (v[i].outcome == HTTP_PENDING)
			settle(&c, &c.v[i], cut_short(&c, is_enough));
		mem_free(c.v[i].url);
	}
	if (c.multi != NULL)
		curl_multi_cleanup(c.multi);
}
