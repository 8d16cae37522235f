/* SPDX-License-Identifier: ISC
 *
 * Runs protocol tests: `protocol [-j N] FILE...`; a folder stands for the
 * YAML files in it. Each file is a scenario
 * with `expect:`; the lab plays it, the named probe runs in this process
 * against it, and facts and findings are compared. Each file has a process
 * of its own, since most of a test is waiting. Prints "ok" or "not ok" per
 * file, on failure with the transcript.
 */
#include "../../probes/lab/scenario.h"

#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../../probes/base/buf.h"
#include "../../probes/base/clock.h"
#include "../../probes/base/mem.h"
#include "../../probes/base/secret.h"
#include "../../probes/probe.h"

#define FILE_MAX (1u << 20)
#define MAX_JOBS 64
#define SLACK_MS 1500 /* for a busy machine, over a probe's own deadline */

static char *
read_file(const char *path, size_t *len)
{
	FILE *f = fopen(path, "r");
	struct buf b;
	char part[4096];

	if (f == NULL)
		return NULL;
	buf_init(&b, FILE_MAX);
	for (size_t n = 1; n > 0;) {
		n = fread(part, 1, sizeof(part), f);
		buf_add(&b, part, n);
	}
	fclose(f);
	*len = b.len;
	return buf_take(&b);
}

/* "~text" asks for text anywhere in the value. */
static bool
fits(const char *wanted, const char *got)
{
	if (got == NULL)
		return false;
	if (wanted[0] == '~')
		return strstr(got, wanted + 1) != NULL;
	return str_eq(wanted, got);
}

static bool
has_finding(const struct probe_result *r, const char *id)
{
	for (size_t i = 0; i < r->n_findings; i++) {
		if (str_eq(r->findings[i].id, id))
			return true;
	}
	return false;
}

/* Every fact must be declared, with one of its values. */
static void
check_declared(
    const struct probe *p, const struct probe_result *r, struct strs *wrong)
{
	for (size_t i = 0; i < r->facts.n; i++) {
		const struct kv *fact = &r->facts.v[i];
		const struct probe_fact *f = p->facts;

		while (f->name != NULL && !str_eq(f->name, fact->name))
			f++;
		if (f->name == NULL) {
			strs_addf(wrong, "%s is not declared", fact->name);
		} else if (f->values != NULL &&
			   !str_in_set(fact->value, f->values)) {
			strs_addf(wrong, "%s: \"%s\" is not declared",
			    fact->name, fact->value);
		}
	}
}

static void
compare(const struct lab_expect *e, const struct probe_result *r,
    struct strs *wrong)
{
	if (r->status != PROBE_DONE)
		strs_addf(wrong, "the probe failed: %s", r->err.msg);
	for (size_t i = 0; i < e->facts.n; i++) {
		const struct kv *want = &e->facts.v[i];
		const char *got = kvs_get(&r->facts, want->name);

		if (!fits(want->value, got)) {
			strs_addf(wrong, "%s: expected \"%s\", got \"%s\"",
			    want->name, want->value, got != NULL ? got : "");
		}
	}
	for (size_t i = 0; i < e->findings.n; i++) {
		if (!has_finding(r, e->findings.v[i]))
			strs_addf(wrong, "no finding %s", e->findings.v[i]);
	}
	for (size_t i = 0; i < e->no_findings.n; i++) {
		if (has_finding(r, e->no_findings.v[i])) {
			strs_addf(wrong, "a finding %s", e->no_findings.v[i]);
		}
	}
}

static void
show(const struct probe_result *r, const struct strs *wrong)
{
	for (size_t i = 0; i < wrong->n; i++)
		printf("  # %s\n", wrong->v[i]);
	for (size_t i = 0; i < r->facts.n; i++) {
		printf(
		    "  fact %s: %s\n", r->facts.v[i].name, r->facts.v[i].value);
	}
	for (size_t i = 0; i < r->n_findings; i++) {
		printf("  finding %s: %s\n", r->findings[i].id,
		    r->findings[i].text);
	}
	for (size_t i = 0; i < r->transcript.n; i++)
		printf("  %s\n", r->transcript.v[i]);
}

/* NULL where the test gives none of that name. */
static struct secret *
secret_of(const struct lab_expect *e, const char *name)
{
	const char *text = kvs_get(&e->with_secret, name);
	struct secret *s = NULL;
	struct err err;

	if (text != NULL && !secret_set(&s, text, strlen(text), &err))
		printf("  # %s\n", err.msg);
	return s;
}

static int
run_probe(const struct scenario *s, const struct probe *p,
    struct net_options *o, struct probe_result *r)
{
	int64_t start_ms = clock_mono_ms();
	struct secret *password = secret_of(&s->expect, "password");
	struct secret *token = secret_of(&s->expect, "token");
	struct probe_ctx ctx = {
	    .net =
		{
		    .options = o,
		    .cancel_fd = -1,
		    .yield_fd = -1,
		},
	    .params = &s->expect.with,
	    .result = r,
	};

	o->connect_timeout_ms = s->expect.timeout_ms;
	ctx.net.deadline_ms =
	    start_ms + (int64_t)NET_PROBE_FACTOR * o->connect_timeout_ms;
	ctx.password = password;
	ctx.token = token;
	p->run(&ctx);
	secret_free(password);
	secret_free(token);
	return (int)(clock_mono_ms() - start_ms);
}

/* Sanitizers take their time, several at once on two cores more so. */
static int
slowness(void)
{
	const char *build = getenv("B");

	return build && (strstr(build, "address") || strstr(build, "thread"))
		   ? 5
		   : 1;
}

static bool
run_scenario(const struct scenario *s, struct err *err)
{
	const struct lab_expect *e = &s->expect;
	const struct probe *p = e->probe != NULL ? probe_find(e->probe) : NULL;
	struct net_options o = {0};
	struct probe_result r = {0};
	struct strs wrong = {0}, complaints = {0};
	int64_t shift_ms = 0;
	struct lab *lab;
	int ms, limit_ms;
	bool ok;

	if (p == NULL) {
		return err_set(err, ERR_USAGE, "there is no probe \"%s\"",
		    e->probe != NULL ? e->probe : "");
	}
	lab = lab_start(s, &o, &shift_ms, err);
	if (lab == NULL)
		return false;
	clock_set_shift(shift_ms);
	ms = run_probe(s, p, &o, &r);
	lab_stop(lab, &complaints);
	limit_ms = e->within_ms > 0
		       ? e->within_ms
		       : NET_PROBE_FACTOR * e->timeout_ms + SLACK_MS;
	limit_ms *= slowness();
	compare(e, &r, &wrong);
	check_declared(p, &r, &wrong);
	if (ms > limit_ms)
		strs_addf(&wrong, "took %d ms, limit %d", ms, limit_ms);
	for (size_t i = 0; i < complaints.n; i++)
		strs_addf(&wrong, "the lab says: %s", complaints.v[i]);
	ok = wrong.n == 0;
	if (!ok)
		show(&r, &wrong);
	strs_done(&wrong);
	strs_done(&complaints);
	probe_result_done(&r);
	net_options_done(&o);
	return ok || err_set(err, ERR_PROTOCOL, "not as expected");
}

/* In a process of its own; what it prints goes to its output file. */
static int
run_file(const char *path)
{
	struct err err = {0};
	size_t len = 0;
	char *text = read_file(path, &len);
	struct scenario *s;
	bool ok = false;

	if (text == NULL) {
		printf("  # cannot read %s\n", path);
		return 1;
	}
	s = scenario_parse(path, text, len, &err);
	if (s != NULL)
		ok = run_scenario(s, &err);
	if (!ok)
		printf("  # %s\n", err.msg);
	scenario_free(s);
	mem_free(text);
	return ok ? 0 : 1;
}

struct job {
	pid_t pid; /* 0: free */
	const char *path;
	FILE *output;
};

static void
start(struct job *j, const char *path)
{
	j->path = path;
	j->output = tmpfile();
	fflush(NULL);
	j->pid = fork();
	if (j->pid == 0) {
		int status;

		dup2(fileno(j->output), 1);
		status = run_file(path);
		fflush(stdout);
		/* exit, not _exit: so that leaks are reported */
		exit(status);
	}
}

static bool
finish(struct job *j, int status)
{
	bool ok = WIFEXITED(status) && WEXITSTATUS(status) == 0;
	char part[4096];

	printf("%s %s\n", ok ? "ok" : "not ok", j->path);
	if (WIFSIGNALED(status))
		printf("  # killed by signal %d\n", WTERMSIG(status));
	rewind(j->output);
	for (size_t n = 1; n > 0;) {
		n = fread(part, 1, sizeof(part), j->output);
		fwrite(part, 1, n, stdout);
	}
	fclose(j->output);
	fflush(stdout);
	j->pid = 0;
	return ok;
}

/* Waits for any job; true when it passed. */
static bool
reap(struct job *jobs, size_t n)
{
	int status;
	pid_t pid = wait(&status);

	for (size_t i = 0; i < n; i++) {
		if (jobs[i].pid == pid)
			return finish(&jobs[i], status);
	}
	return false;
}

static struct job *
free_job(struct job *jobs, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (jobs[i].pid == 0)
			return &jobs[i];
	}
	return NULL;
}

static void
add_files(struct strs *files, const char *path)
{
	char *pattern = mem_printf("%s/*.yaml", path);
	glob_t found = {0};

	if (glob(pattern, 0, NULL, &found) == 0)
		for (size_t i = 0; i < found.gl_pathc; i++)
			strs_add(files, found.gl_pathv[i]);
	else
		strs_add(files, path);
	globfree(&found);
	mem_free(pattern);
}

int
main(int argc, char **argv)
{
	struct job jobs[MAX_JOBS] = {0};
	struct strs files = {0};
	size_t n_jobs = 8, running = 0;
	int failed = 0, first = 1;

	if (argc > 2 && str_eq(argv[1], "-j")) {
		int64_t n;

		if (!str_number(argv[2], 1, MAX_JOBS, &n))
			return 2;
		n_jobs = (size_t)n;
		first = 3;
	}
	for (int i = first; i < argc; i++)
		add_files(&files, argv[i]);
	for (size_t i = 0; i < files.n; i++) {
		if (running == n_jobs) {
			failed += !reap(jobs, n_jobs);
			running--;
		}
		start(free_job(jobs, n_jobs), files.v[i]);
		running++;
	}
	for (; running > 0; running--)
		failed += !reap(jobs, n_jobs);
	printf("%d passed, %d failed\n", (int)files.n - failed, failed);
	strs_done(&files);
	return failed > 0;
}
