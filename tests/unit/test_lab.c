/* SPDX-License-Identifier: ISC
 *
 * The lab as a process: it binds what the scenario says, lets nothing out,
 * is gone after lab_stop, and dies with its parent.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "probes/base/mem.h"
#include "probes/lab/lab.h"

static const char text[] = "title: t\n"
			   "cause: works\n"
			   "story: s\n"
			   "clock: {shift: 3d}\n"
			   "names:\n"
			   "  mail.b.example: {a: [192.0.2.1, 192.0.2.2]}\n"
			   "ports:\n"
			   "  192.0.2.1:587: {max_per_address: 2}\n"
			   "  192.0.2.1:465: dropped\n"
			   "  192.0.2.1:25: refused\n"
			   "  192.0.2.1:26: prohibited\n"
			   "  \"*:2525\": unreachable\n";

static struct lab *
start(struct net_options *o, int64_t *shift_ms)
{
	struct err err = {0};
	struct scenario *s = scenario_parse("t", text, strlen(text), &err);
	struct lab *lab;

	if (s == NULL)
		fail_msg("%s", err.msg);
	lab = lab_start(s, o, shift_ms, &err);
	if (lab == NULL)
		fail_msg("%s", err.msg);
	scenario_free(s);
	return lab;
}

/* The first rule that matches, as the program's own connects choose it. */
static const struct net_redirect *
rule(const struct net_options *o, const char *address, int port)
{
	for (size_t i = 0; i < o->n_redirects; i++) {
		const struct net_redirect *r = &o->redirects[i];

		if ((r->host[0] == '\0' || str_eq(r->host, address)) &&
		    (r->port == 0 || r->port == port))
			return r;
	}
	return NULL;
}

/* Connects and reads a first line; the caller closes. */
static int
greeted(const struct net_redirect *r, char line[128])
{
	int fd = socket(AF_INET, SOCK_STREAM, 0);
	ssize_t n;

	assert_int_equal(
	    connect(fd, (const struct sockaddr *)&r->to.sa, r->to.len), 0);
	n = read(fd, line, 127);
	line[n > 0 ? n : 0] = '\0';
	return fd;
}

static void
ask(int fd, const char *command, char line[128])
{
	ssize_t n;

	assert_int_equal(write(fd, command, strlen(command)), strlen(command));
	n = read(fd, line, 127);
	line[n > 0 ? n : 0] = '\0';
}

/* 0 connected, ETIMEDOUT hanging for 300 ms, else the errno. */
static int
try_connect(const struct net_redirect *r)
{
	int fd = socket(AF_INET, SOCK_STREAM, 0), sys = 0;
	struct pollfd p = {.fd = fd, .events = POLLOUT};
	socklen_t len = sizeof(sys);

	fcntl(fd, F_SETFL, O_NONBLOCK);
	if (connect(fd, (const struct sockaddr *)&r->to.sa, r->to.len) != 0) {
		sys = errno;
		if (sys == EINPROGRESS && poll(&p, 1, 300) == 0)
			sys = ETIMEDOUT;
		else if (sys == EINPROGRESS)
			getsockopt(fd, SOL_SOCKET, SO_ERROR, &sys, &len);
	}
	close(fd);
	return sys;
}

static void
test_places(void **state)
{
	struct net_options o = {0};
	int64_t shift_ms = 0;
	struct lab *lab = start(&o, &shift_ms);

	(void)state;
	assert_true(shift_ms == 3 * 86400000LL);
	assert_true(o.resolver_given);
	assert_int_equal(o.resolvers.n, 1);
	assert_int_equal(try_connect(rule(&o, "192.0.2.1", 587)), 0);
	assert_int_equal(try_connect(rule(&o, "192.0.2.1", 465)), ETIMEDOUT);
	assert_int_equal(try_connect(rule(&o, "192.0.2.1", 25)), ECONNREFUSED);
	assert_int_equal(rule(&o, "192.0.2.1", 26)->error, EACCES);
	/* not listed, but the address exists */
	assert_int_equal(try_connect(rule(&o, "192.0.2.2", 587)), ECONNREFUSED);
	/* for every address */
	assert_int_equal(rule(&o, "192.0.2.2", 2525)->error, EHOSTUNREACH);
	/* nothing else gets out */
	assert_int_equal(rule(&o, "8.8.8.8", 53)->error, ENETUNREACH);
	assert_int_equal(
	    rule(&o, "2001:4860:4860::8888", 53)->error, ENETUNREACH);
	lab_stop(lab, NULL);
	net_options_done(&o);
}

static void
test_stop(void **state)
{
	struct net_options o = {0};
	int64_t shift_ms;
	struct lab *lab = start(&o, &shift_ms);
	pid_t pid = lab_pid(lab);
	char *ca_file = mem_dup(o.ca_file);
	struct strs flags = {0}, table = {0}, complaints = {0};
	struct stat st;

	(void)state;
	assert_int_equal(stat(ca_file, &st), 0);
	assert_true(st.st_size > 0);
	lab_flags(lab, &flags);
	lab_table(lab, &table);
	assert_string_equal(flags.v[0], "--resolver");
	assert_int_equal(table.n, 6);
	lab_stop(lab, &complaints);
	assert_int_equal(complaints.n, 0);
	assert_int_equal(stat(ca_file, &st), -1);
	assert_int_equal(kill(pid, 0), -1);
	lab_stop(NULL, NULL);
	mem_free(ca_file);
	strs_done(&flags);
	strs_done(&table);
	strs_done(&complaints);
	net_options_done(&o);
}

static void
test_limit_and_complaint(void **state)
{
	struct net_options o = {0};
	int64_t shift_ms;
	struct lab *lab = start(&o, &shift_ms);
	const struct net_redirect *r = rule(&o, "192.0.2.1", 587);
	struct strs complaints = {0};
	char line[128];
	int fd[3];

	(void)state;
	fd[0] = greeted(r, line);
	assert_memory_equal(line, "220 ", 4);
	fd[1] = greeted(r, line);
	assert_memory_equal(line, "220 ", 4);
	fd[2] = greeted(r, line);
	assert_memory_equal(line, "421 ", 4);
	ask(fd[0], "EHLO me\r\n", line);
	assert_memory_equal(line, "250-", 4);
	ask(fd[0], "AUTH PLAIN AGEAYg==\r\n", line);
	assert_memory_equal(line, "535 ", 4);
	for (int i = 0; i < 3; i++)
		close(fd[i]);
	lab_stop(lab, &complaints);
	assert_int_equal(complaints.n, 1);
	assert_non_null(strstr(complaints.v[0], "unexpected \"AUTH PLAIN"));
	strs_done(&complaints);
	net_options_done(&o);
}

/* A killed program leaves neither the process nor its directory behind. */
static void
test_parent_killed(void **state)
{
	int fd[2];
	pid_t parent, pid = 0;
	char dir[256];
	struct stat st;

	(void)state;
	assert_int_equal(pipe(fd), 0);
	parent = fork();
	if (parent == 0) {
		struct net_options o = {0};
		int64_t shift_ms;
		struct lab *lab = start(&o, &shift_ms);

		pid = lab_pid(lab);
		snprintf(dir, sizeof(dir), "%s", o.ca_file);
		if (write(fd[1], &pid, sizeof(pid)) < 0 ||
		    write(fd[1], dir, sizeof(dir)) < 0)
			_exit(1);
		pause();
		_exit(0);
	}
	assert_int_equal(read(fd[0], &pid, sizeof(pid)), sizeof(pid));
	assert_int_equal(read(fd[0], dir, sizeof(dir)), sizeof(dir));
	assert_int_equal(kill(pid, 0), 0);
	assert_int_equal(kill(parent, SIGKILL), 0);
	waitpid(parent, NULL, 0);
	for (int i = 0; i < 100 && stat(dir, &st) == 0; i++)
		poll(NULL, 0, 50);
	assert_int_equal(stat(dir, &st), -1);
	close(fd[0]);
	close(fd[1]);
}

/* One lab does not keep another alive. */
static void
test_two(void **state)
{
	struct net_options a = {0}, b = {0};
	int64_t shift_ms;
	struct lab *first = start(&a, &shift_ms);
	struct lab *second = start(&b, &shift_ms);

	(void)state;
	lab_stop(first, NULL);
	assert_int_equal(try_connect(rule(&b, "192.0.2.1", 587)), 0);
	lab_stop(second, NULL);
	net_options_done(&a);
	net_options_done(&b);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_places),
	    cmocka_unit_test(test_stop),
	    cmocka_unit_test(test_limit_and_complaint),
	    cmocka_unit_test(test_parent_killed),
	    cmocka_unit_test(test_two),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
