/* SPDX-License-Identifier: ISC
 *
 * HTTPS against the lab: what is asked for, what is not, and that a
 * cancelled job ends at once.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "probes/base/clock.h"
#include "probes/lab/scenario.h"
#include "probes/net/http.h"

static const char world[] =
    "title: x\nexpect: {probe: discover}\n"
    "names:\n"
    "  www.lab.example: {a: [192.0.2.1]}\n"
    "  slow.lab.example: {a: [192.0.2.2]}\n"
    "ports:\n"
    "  192.0.2.1:443: {tls: implicit, web: {/x: hello, /y: \"-> /x\"}}\n"
    "  192.0.2.2:443: {tls: implicit, web: {/x: silence}}\n";

static struct lab *lab;
static struct scenario *scenario;
static struct net_options options;

static int
start_lab(void **state)
{
	struct err err = {0};
	int64_t shift;

	(void)state;
	options.connect_timeout_ms = 2000;
	scenario = scenario_parse("world", world, strlen(world), &err);
	if (scenario)
		lab = lab_start(scenario, &options, &shift, &err);
	return lab ? 0 : -1;
}

static int
stop_lab(void **state)
{
	(void)state;
	lab_stop(lab, NULL);
	scenario_free(scenario);
	net_options_done(&options);
	return 0;
}

static struct net
net_until(int ms, int cancel_fd)
{
	return (struct net){.options = &options,
	    .deadline_ms = clock_mono_ms() + ms,
	    .cancel_fd = cancel_fd,
	    .yield_fd = -1};
}

static enum http_outcome
get(const char *url, struct http_get *out)
{
	struct net net = net_until(5000, -1);

	*out = (struct http_get){.url = url};
	http_get_all(&net, out, 1, 4000, NULL, NULL);
	return out->outcome;
}

static void
test_document(void **state)
{
	struct http_get g;

	(void)state;
	assert_int_equal(get("https://www.lab.example/x", &g), HTTP_ANSWERED);
	assert_int_equal(g.status, 200);
	assert_string_equal(g.body.data, "hello");
	http_get_done(&g);
	assert_int_equal(get("https://www.lab.example/z", &g), HTTP_ANSWERED);
	assert_int_equal(g.status, 404);
	http_get_done(&g);
	assert_int_equal(get("https://www.lab.example/y", &g), HTTP_ANSWERED);
	assert_string_equal(g.body.data, "hello");
	assert_string_equal(g.from, "https://www.lab.example/x");
	http_get_done(&g);
	assert_int_equal(get("https://no.lab.example/x", &g), HTTP_NO_NAME);
	http_get_done(&g);
}

static void
test_not_asked(void **state)
{
	static const char *const urls[] = {
	    "http://www.lab.example/x",
	    "file:///etc/passwd",
	    "smtp://www.lab.example/",
	    "https://192.0.2.1/x",
	    "https://[2001:db8::1]/x",
	    "https://www.lab.example:8443/x",
	    "https://anna@www.lab.example/x",
	    "https://localhost/x",
	    "https://b\xc3\xa4"
	    "cker.example/x",
	    "https://www.lab.example./x",
	    "https:///x",
	    "",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(urls) / sizeof(urls[0]); i++) {
		struct http_get g;

		if (get(urls[i], &g) != HTTP_BROKEN)
			fail_msg(
			    "%s: %s", urls[i], http_outcome_name(g.outcome));
		http_get_done(&g);
	}
}

/* The proxy that the environment names is not asked either. */
static void
test_no_proxy(void **state)
{
	struct http_get g;

	(void)state;
	setenv("https_proxy", "http://127.0.0.1:9", 1);
	setenv("ALL_PROXY", "http://127.0.0.1:9", 1);
	assert_int_equal(get("https://www.lab.example/x", &g), HTTP_ANSWERED);
	http_get_done(&g);
	unsetenv("https_proxy");
	unsetenv("ALL_PROXY");
}

static void
test_time_out(void **state)
{
	struct net net = net_until(400, -1);
	struct http_get g = {.url = "https://slow.lab.example/x"};
	int64_t start = clock_mono_ms();

	(void)state;
	http_get_all(&net, &g, 1, 8000, NULL, NULL);
	assert_int_equal(g.outcome, HTTP_TIMEOUT);
	assert_true(clock_mono_ms() - start < 2000);
	http_get_done(&g);
}

static void
test_cancel(void **state)
{
	struct http_get g = {.url = "https://slow.lab.example/x"};
	int64_t start = clock_mono_ms();
	struct net net;
	int fds[2];
	pid_t pid;

	(void)state;
	assert_int_equal(pipe(fds), 0);
	pid = fork();
	if (pid == 0) {
		usleep(700000);
		_exit(write(fds[1], "x", 1) == 1 ? 0 : 1);
	}
	net = net_until(20000, fds[0]);
	http_get_all(&net, &g, 1, 20000, NULL, NULL);
	assert_int_equal(g.outcome, HTTP_CANCELLED);
	assert_true(clock_mono_ms() - start < 5000);
	http_get_done(&g);
	waitpid(pid, NULL, 0);
	close(fds[0]);
	close(fds[1]);
}

static bool
first_is_enough(const struct http_get *v, void *arg)
{
	(void)arg;
	return v[0].outcome == HTTP_ANSWERED;
}

static void
test_enough(void **state)
{
	struct http_get v[2] = {{.url = "https://www.lab.example/x"},
	    {.url = "https://slow.lab.example/x"}};
	struct net net = net_until(20000, -1);
	int64_t start = clock_mono_ms();

	(void)state;
	http_get_all(&net, v, 2, 20000, first_is_enough, NULL);
	assert_int_equal(v[0].outcome, HTTP_ANSWERED);
	assert_int_equal(v[1].outcome, HTTP_CANCELLED);
	assert_true(clock_mono_ms() - start < 5000);
	http_get_done(&v[0]);
	http_get_done(&v[1]);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_document),
	    cmocka_unit_test(test_not_asked),
	    cmocka_unit_test(test_no_proxy),
	    cmocka_unit_test(test_time_out),
	    cmocka_unit_test(test_cancel),
	    cmocka_unit_test(test_enough),
	};

	return cmocka_run_group_tests(tests, start_lab, stop_lab);
}
