/* SPDX-License-Identifier: ISC
 *
 * The runner with probes made for the purpose: one result per job whatever
 * happens, cancelling, the limit per address, and what cannot be stopped.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <poll.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "probes/base/clock.h"
#include "probes/base/secret.h"
#include "wizard/run/runner.h"

static atomic_int at_once, most_at_once, begun;

static void
enter(void)
{
	int now = atomic_fetch_add(&at_once, 1) + 1;
	int most = atomic_load(&most_at_once);

	atomic_fetch_add(&begun, 1);
	while (now > most &&
	       !atomic_compare_exchange_weak(&most_at_once, &most, now))
		;
}

static void
leave(void)
{
	atomic_fetch_sub(&at_once, 1);
}

/* Past probe_fact, which knows the facts of real probes only. */
static void
echo(struct probe_ctx *ctx, const char *text)
{
	kvs_set(&ctx->result->facts, "echo", text ? text : "");
}

static void
run_quick(struct probe_ctx *ctx)
{
	echo(ctx, probe_param(ctx, "text"));
	probe_stage(ctx, "connecting");
}

/* Waits as a probe does; `ms` says how long. */
static void
run_wait(struct probe_ctx *ctx)
{
	int64_t ms = 60000;
	const char *text = probe_param(ctx, "ms");

	if (text && !str_number(text, 0, 60000, &ms))
		fail_msg("bad ms %s", text);
	enter();
	probe_stage(ctx, "connecting");
	if (net_wait(&ctx->net, -1, 0, (int)ms) == NET_CANCELLED)
		echo(ctx, "cancelled");
	leave();
}

/* A connect that nobody answers. */
static void
run_slow(struct probe_ctx *ctx)
{
	probe_stage(ctx, "connecting");
	net_wait(&ctx->net, -1, 0, 20);
	probe_stage(ctx, "slow");
	net_wait(&ctx->net, -1, 0, 60000);
}

/* Blocks in the system, deaf to everything. */
static void
run_deaf(struct probe_ctx *ctx)
{
	for (int i = 0; i < 60; i++)
		usleep(10000);
	echo(ctx, probe_param(ctx, "text"));
	strs_addf(&ctx->result->transcript, "* time-out %d, rule %s",
	    ctx->net.options->connect_timeout_ms,
	    ctx->net.options->redirects[0].host);
}

static void
run_deaf_quick(struct probe_ctx *ctx)
{
	usleep(2000);
	echo(ctx, "back in time");
}

/* What it was given, and whether that is still readable later. */
static void
run_secretive(struct probe_ctx *ctx)
{
	net_wait(&ctx->net, -1, 0, 30);
	echo(ctx, ctx->password ? secret_text(ctx->password)
		  : ctx->token  ? secret_text(ctx->token)
				: "none");
}

static const struct probe_param params[] = {
    {"text", false, "text"},
    {"target", false, "address"},
    {"ms", false, "milliseconds"},
    {0},
};
static const struct probe_fact facts[] = {{0}};

static const struct probe quick = {
    .name = "quick", .params = params, .facts = facts, .run = run_quick};
static const struct probe waiting = {
    .name = "waiting", .params = params, .facts = facts, .run = run_wait};
static const struct probe gated = {.name = "gated",
    .params = params,
    .facts = facts,
    .gate_param = "target",
    .run = run_wait};
static const struct probe slow = {.name = "slow",
    .params = params,
    .facts = facts,
    .gate_param = "target",
    .run = run_slow};
static const struct probe deaf = {.name = "deaf",
    .params = params,
    .facts = facts,
    .uninterruptible = true,
    .run = run_deaf};
static const struct probe deaf_quick = {.name = "deaf_quick",
    .params = params,
    .facts = facts,
    .uninterruptible = true,
    .run = run_deaf_quick};

static const struct probe signing_in = {.name = "signing_in",
    .params = params,
    .facts = facts,
    .effect = PROBE_LOGS_IN,
    .run = run_secretive};
static const struct probe sending = {.name = "sending",
    .params = params,
    .facts = facts,
    .effect = PROBE_SENDS_MAIL,
    .run = run_secretive};
static const struct probe reading = {
    .name = "reading", .params = params, .facts = facts, .run = run_secretive};

static struct net_options options = {.connect_timeout_ms = 5000};
static char rule_host[] = "rule";
static struct net_redirect rule = {.host = rule_host};

#define MAX_JOBS 200
struct seen {
	int results[MAX_JOBS];
	enum probe_status status[MAX_JOBS];
	char echo[MAX_JOBS][32];
	char stage[MAX_JOBS][24];
	size_t n;
};

static void
reset(void)
{
	atomic_store(&at_once, 0);
	atomic_store(&most_at_once, 0);
	atomic_store(&begun, 0);
}

static void
start(struct runner *r, uint64_t job, const struct probe *probe,
    const char *name, const char *value, const char *ms)
{
	struct kvs kvs = {0};

	if (name)
		kvs_set(&kvs, name, value);
	if (ms)
		kvs_set(&kvs, "ms", ms);
	runner_start(r, job, probe, &kvs);
	kvs_done(&kvs);
}

static void
take_news(struct runner *r, struct seen *seen)
{
	struct runner_news news;

	while (runner_next(r, &news)) {
		assert_true(news.job < MAX_JOBS);
		if (!news.is_result) {
			memcpy(seen->stage[news.job], news.stage,
			    sizeof(news.stage));
			continue;
		}
		seen->results[news.job]++;
		seen->status[news.job] = news.result.status;
		snprintf(seen->echo[news.job], sizeof(seen->echo[0]), "%s",
		    kvs_get_or(&news.result.facts, "echo", ""));
		seen->n++;
		probe_result_done(&news.result);
	}
}

/* Until n results are there or ms have passed. */
static void
collect(struct runner *r, struct seen *seen, size_t n, int ms)
{
	int64_t end_ms = clock_mono_ms() + ms;

	while (seen->n < n && clock_mono_ms() < end_ms) {
		struct pollfd fd = {.fd = runner_fd(r), .events = POLLIN};

		poll(&fd, 1, 10);
		take_news(r, seen);
	}
}

static void
assert_each_once(const struct seen *seen, size_t from, size_t to)
{
	for (size_t i = from; i < to; i++)
		assert_int_equal(seen->results[i], 1);
}

static void
test_every_job_reports_once(void **state)
{
	struct runner *r = runner_new(&options);
	struct seen seen = {0};

	(void)state;
	for (uint64_t i = 0; i < MAX_JOBS; i++)
		start(r, i, &quick, "text", "hello", NULL);
	collect(r, &seen, MAX_JOBS, 5000);
	assert_each_once(&seen, 0, MAX_JOBS);
	assert_string_equal(seen.echo[MAX_JOBS - 1], "hello");
	assert_string_equal(seen.stage[0], "connecting");
	assert_int_equal(runner_busy(r), 0);
	assert_false(runner_next(r, &(struct runner_news){0}));
	runner_free(r);
}

/* Only to those who sign in, and a new one changes nothing for old jobs. */
static void
test_secrets(void **state)
{
	struct runner *r = runner_new(&options);
	struct secret *password = NULL, *token = NULL;
	struct seen seen = {0};
	struct err err;

	(void)state;
	assert_true(secret_set(&password, "sesame", 6, &err));
	assert_true(secret_set(&token, "ya29", 4, &err));
	runner_secrets(r, password, NULL);
	start(r, 0, &signing_in, NULL, NULL, NULL);
	start(r, 1, &sending, NULL, NULL, NULL);
	start(r, 2, &reading, NULL, NULL, NULL);
	runner_secrets(r, NULL, token);
	secret_free(password);
	start(r, 3, &signing_in, NULL, NULL, NULL);
	runner_secrets(r, NULL, NULL);
	start(r, 4, &signing_in, NULL, NULL, NULL);
	secret_free(token);
	collect(r, &seen, 5, 5000);
	assert_string_equal(seen.echo[0], "sesame");
	assert_string_equal(seen.echo[1], "sesame");
	assert_string_equal(seen.echo[2], "none");
	assert_string_equal(seen.echo[3], "ya29");
	assert_string_equal(seen.echo[4], "none");
	runner_free(r);
}

static void
test_cancel_within_100_ms(void **state)
{
	struct runner *r = runner_new(&options);
	struct seen seen = {0};
	int64_t cancelled_ms;

	(void)state;
	reset();
	for (uint64_t i = 0; i < 100; i++)
		start(r, i, &waiting, NULL, NULL, NULL);
	while (atomic_load(&begun) < RUNNER_WORKERS)
		collect(r, &seen, 1, 10);
	assert_int_equal(runner_busy(r), 100);
	cancelled_ms = clock_mono_ms();
	runner_cancel_all(r);
	/* New work is not touched by it. */
	start(r, 100, &quick, "text", "after", NULL);
	collect(r, &seen, 101, 5000);
	assert_in_range(clock_mono_ms() - cancelled_ms, 0, 100);
	assert_each_once(&seen, 0, 101);
	for (size_t i = 0; i < 100; i++)
		assert_int_equal(seen.status[i], PROBE_CANCELLED);
	assert_int_equal(seen.status[100], PROBE_DONE);
	assert_string_equal(seen.echo[100], "after");
	assert_int_equal(atomic_load(&most_at_once), RUNNER_WORKERS);
	assert_int_equal(runner_busy(r), 0);
	runner_free(r);
}

static void
test_at_most_four_per_address(void **state)
{
	struct runner *r = runner_new(&options);
	struct seen seen = {0};

	(void)state;
	reset();
	for (uint64_t i = 0; i < 24; i++)
		start(r, i, &gated, "target", "192.0.2.10:587/starttls", "10");
	collect(r, &seen, 24, 5000);
	assert_each_once(&seen, 0, 24);
	assert_int_equal(atomic_load(&most_at_once), PROBE_PER_ADDRESS);
	runner_free(r);
}

static void
test_other_addresses_do_not_wait(void **state)
{
	struct runner *r = runner_new(&options);
	struct seen seen = {0};

	(void)state;
	for (uint64_t i = 0; i < 8; i++)
		start(r, i, &gated, "target", "192.0.2.10:587/starttls", NULL);
	start(r, 8, &gated, "target", "[2001:db8::1]:465/implicit-tls", "1");
	start(r, 9, &quick, "text", "no gate", NULL);
	collect(r, &seen, 2, 5000);
	assert_each_once(&seen, 8, 10);
	assert_int_equal(seen.n, 2);
	runner_cancel_all(r);
	collect(r, &seen, 10, 1000);
	assert_each_once(&seen, 0, 10);
	runner_free(r);
}

static void
test_slow_connects_make_room(void **state)
{
	struct runner *r = runner_new(&options);
	struct seen seen = {0};

	(void)state;
	reset();
	for (uint64_t i = 0; i < 4; i++)
		start(r, i, &slow, "target", "192.0.2.10:587/starttls", NULL);
	start(r, 4, &gated, "target", "192.0.2.10:465/implicit-tls", "1");
	collect(r, &seen, 1, 900);
	assert_int_equal(seen.results[4], 1);
	assert_int_equal(seen.n, 1);
	runner_cancel_all(r);
	collect(r, &seen, 5, 1000);
	assert_each_once(&seen, 0, 5);
	runner_free(r);
}

static void
test_deaf_probe_is_left_behind(void **state)
{
	struct runner *r = runner_new(&options);
	struct seen seen = {0};
	int64_t cancelled_ms;

	(void)state;
	start(r, 0, &deaf, "text", "late", NULL);
	start(r, 1, &deaf_quick, NULL, NULL, NULL);
	collect(r, &seen, 1, 300);
	assert_string_equal(seen.echo[1], "back in time");
	cancelled_ms = clock_mono_ms();
	runner_cancel_all(r);
	collect(r, &seen, 2, 5000);
	assert_in_range(clock_mono_ms() - cancelled_ms, 0, 100);
	assert_int_equal(seen.status[0], PROBE_CANCELLED);
	assert_string_equal(seen.echo[0], "");
	runner_free(r);
	assert_in_range(clock_mono_ms() - cancelled_ms, 0, 200);
	/* Let it come back late, after everything it knew is gone. */
	usleep(700000);
}

static void
test_deaf_probe_has_a_deadline(void **state)
{
	struct net_options short_options = {
	    .connect_timeout_ms = 30, .redirects = &rule, .n_redirects = 1};
	struct runner *r = runner_new(&short_options);
	struct seen seen = {0};
	int64_t begun_ms = clock_mono_ms();

	(void)state;
	start(r, 0, &deaf, "text", "late", NULL);
	collect(r, &seen, 1, 5000);
	assert_in_range(clock_mono_ms() - begun_ms, 80, 400);
	assert_int_equal(seen.status[0], PROBE_FAILED);
	runner_free(r);
	short_options.connect_timeout_ms = 0;
	usleep(700000);
}

static void
test_free_with_everything_running(void **state)
{
	struct runner *r = runner_new(&options);
	int64_t begun_ms;

	(void)state;
	for (uint64_t i = 0; i < 60; i++)
		start(r, i, i % 10 ? &waiting : &deaf, "text", "x", NULL);
	begun_ms = clock_mono_ms();
	runner_free(r);
	assert_in_range(clock_mono_ms() - begun_ms, 0, 200);
	usleep(700000);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_every_job_reports_once),
	    cmocka_unit_test(test_secrets),
	    cmocka_unit_test(test_cancel_within_100_ms),
	    cmocka_unit_test(test_at_most_four_per_address),
	    cmocka_unit_test(test_other_addresses_do_not_wait),
	    cmocka_unit_test(test_slow_connects_make_room),
	    cmocka_unit_test(test_deaf_probe_is_left_behind),
	    cmocka_unit_test(test_deaf_probe_has_a_deadline),
	    cmocka_unit_test(test_free_with_everything_running),
	};

	options.redirects = &rule;
	options.n_redirects = 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
