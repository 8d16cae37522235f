/* SPDX-License-Identifier: ISC
 *
 * Carries out what the engine asks for: starts jobs, appends to the case
 * file, hands results back. Time enters the engine here and nowhere else.
 */
#include "session.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../../probes/base/buf.h"
#include "../../probes/base/bug.h"
#include "../../probes/base/clock.h"
#include "../../probes/base/mem.h"
#include "../../probes/base/secret.h"
#include "../report/report.h"
#include "loop.h"

struct stage { /* how far a running job is */
	uint64_t job;
	char text[24];
};

struct session {
	struct session_setup setup;
	struct runner *runner;
	int case_fd; /* -1: none */
	char *trouble; /* owned or NULL */
	bool has_changed;
	int64_t ticked_ms; /* when the engine was last told the time */
	struct stage *stages;
	size_t n_stages, cap_stages;
	struct strs written; /* reports of this run: may be replaced */
	const char *secret_kind; /* of what the runner holds; NULL: nothing */
	bool was_read; /* the one named beforehand */
};

static int signals_fd = -1;

/* ---- signals ---------------------------------------------------------- */

int
session_signals_fd(void)
{
	static const int wanted[] = {
	    SIGINT, SIGTERM, SIGHUP, SIGWINCH, SIGTSTP, SIGCONT};
	sigset_t set;

	if (signals_fd >= 0)
		return signals_fd;
	sigemptyset(&set);
	for (size_t i = 0; i < sizeof(wanted) / sizeof(*wanted); i++)
		sigaddset(&set, wanted[i]);
	if (sigprocmask(SIG_BLOCK, &set, NULL) != 0)
		BUG("sigprocmask: errno %d", errno);
	signal(SIGPIPE, SIG_IGN);
	signals_fd = signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC);
	if (signals_fd < 0)
		BUG("signalfd: errno %d", errno);
	return signals_fd;
}

int
session_signal(void)
{
	struct signalfd_siginfo info;

	if (signals_fd < 0 ||
	    read(signals_fd, &info, sizeof(info)) != (ssize_t)sizeof(info))
		return 0;
	return (int)info.ssi_signo;
}

/* ---- life ------------------------------------------------------------- */

static bool
open_case(struct session *s, struct err *err)
{
	const char *path = s->setup.case_path;

	if (!path)
		return true;
	s->case_fd = open(path,
	    O_WRONLY | O_APPEND | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC,
	    0600);
	if (s->case_fd < 0)
		return err_sys(err, ERR_FILE, errno,
		    "The case file %s could not be made", path);
	return true;
}

struct session *
session_new(const struct session_setup *setup, struct err *err)
{
	struct session *s = mem_new(struct session);

	s->setup = *setup;
	s->case_fd = -1;
	if (!open_case(s, err)) {
		mem_free(s);
		return NULL;
	}
	(void)session_signals_fd();
	s->runner = runner_new(setup->options);
	return s;
}

void
session_free(struct session *s)
{
	if (!s)
		return;
	runner_free(s->runner);
	if (s->case_fd >= 0)
		close(s->case_fd);
	strs_done(&s->written);
	mem_free(s->stages);
	mem_free(s->trouble);
	mem_free(s);
}

struct engine *
session_engine(const struct session *s)
{
	return s->setup.engine;
}

const struct session_setup *
session_setup_of(const struct session *s)
{
	return &s->setup;
}

const char *
session_trouble(const struct session *s)
{
	return s->trouble;
}

/* ---- the secret ------------------------------------------------------- */

void
session_set_secret(struct session *s, const char *kind, struct secret *taken)
{
	bool is_token = str_eq(kind, "token");

	s->secret_kind = is_token ? "token" : "password";
	runner_secrets(
	    s->runner, is_token ? NULL : taken, is_token ? taken : NULL);
	secret_free(taken); /* the runner has its own */
}

const char *
session_secret(const struct session *s)
{
	return s->secret_kind;
}

bool
session_can_read_secret(const struct session *s)
{
	const char *kind = s->setup.secret_kind;

	return s->setup.read_secret && !s->was_read && !s->secret_kind &&
	       (str_eq(kind, "password") || str_eq(kind, "token"));
}

bool
session_read_secret(struct session *s, struct err *err)
{
	struct secret *secret = NULL;

	s->was_read = true;
	if (!s->setup.read_secret(s->setup.read_arg, &secret, err))
		return false;
	session_set_secret(s, s->setup.secret_kind, secret);
	return true;
}

void
session_agree(struct session *s)
{
	struct kvs answers = {0};

	if (s->secret_kind)
		kvs_set(&answers, "account.secret", s->secret_kind);
	session_event(s, EVENT_CONSENT, &answers);
	kvs_done(&answers);
}

/* ---- effects ---------------------------------------------------------- */

static void
note_trouble(struct session *s, int sys)
{
	if (!s->trouble)
		s->trouble = mem_printf("The case file %s is incomplete: %s",
		    s->setup.case_path, strerror(sys));
	if (s->case_fd >= 0)
		close(s->case_fd);
	s->case_fd = -1;
}

/* One write for a line, so that a crash leaves whole lines behind. */
static void
append_line(struct session *s, const char *line)
{
	struct buf b;

	if (s->case_fd < 0)
		return;
	buf_init(&b, BUF_OURS);
	buf_adds(&b, line);
	buf_addc(&b, '\n');
	ssize_t n = write(s->case_fd, b.data, b.len);
	if (n != (ssize_t)b.len)
		note_trouble(s, n < 0 ? errno : ENOSPC);
	buf_done(&b);
}

static void
carry_out(struct session *s)
{
	struct effect f;

	while (engine_effect(s->setup.engine, &f)) {
		switch (f.kind) {
		case EFFECT_START_JOB:
			runner_start(s->runner, f.job, f.probe, f.params);
			break;
		case EFFECT_CANCEL_ALL:
			runner_cancel_all(s->runner);
			break;
		case EFFECT_JOURNAL:
			append_line(s, f.line);
			mem_free(f.line);
			break;
		case EFFECT_CHANGED:
			s->has_changed = true;
			break;
		}
	}
}

void
session_event(
    struct session *s, enum event_kind kind, const struct kvs *answers)
{
	struct event ev = {
	    .kind = kind, .at_ms = clock_utc_ms(), .answers = answers};

	engine_event(s->setup.engine, &ev);
	carry_out(s);
}

void
session_begin(struct session *s)
{
	carry_out(s); /* what a case that is resumed has left to do */
	if (engine_state(s->setup.engine) == ENGINE_NEW)
		session_event(s, EVENT_START, NULL);
}

/* ---- news ------------------------------------------------------------- */

static struct stage *
stage_of(const struct session *s, uint64_t job)
{
	for (size_t i = 0; i < s->n_stages; i++) {
		if (s->stages[i].job == job)
			return &s->stages[i];
	}
	return NULL;
}

const char *
session_stage(const struct session *s, uint64_t job)
{
	const struct stage *stage = stage_of(s, job);

	return stage ? stage->text : "";
}

static void
take_progress(struct session *s, const struct runner_news *news)
{
	struct stage *stage = stage_of(s, news->job);

	if (!stage)
		stage = MEM_PUSH(&s->stages, &s->n_stages, &s->cap_stages);
	stage->job = news->job;
	memcpy(stage->text, news->stage, sizeof(stage->text));
	stage->text[sizeof(stage->text) - 1] = '\0';
}

static void
take_result(struct session *s, struct runner_news *news)
{
	struct event ev = {
	    .kind = EVENT_RESULT,
	    .at_ms = clock_utc_ms(),
	    .job = news->job,
	    .result = &news->result,
	};
	struct stage *stage = stage_of(s, news->job);

	if (stage)
		*stage = s->stages[--s->n_stages];
	engine_event(s->setup.engine, &ev);
	probe_result_done(&news->result);
	carry_out(s);
}

int
session_fd(const struct session *s)
{
	return runner_fd(s->runner);
}

/* The engine has no clock: while it waits it is told that time passes. */
static void
tick(struct session *s)
{
	int64_t now = clock_mono_ms();

	if (engine_state(s->setup.engine) != ENGINE_PROBING ||
	    now - s->ticked_ms < SESSION_TICK_MS)
		return;
	s->ticked_ms = now;
	session_event(s, EVENT_TICK, NULL);
}

/* A key must not wait for a hundred results: what is left comes next time. */
#define PUMP_MS 5

bool
session_pump(struct session *s)
{
	struct runner_news news;
	bool seen = false;

	int64_t until_ms = clock_mono_ms() + PUMP_MS;

	while (clock_mono_ms() < until_ms && runner_next(s->runner, &news)) {
		seen = true;
		if (news.is_result)
			take_result(s, &news);
		else
			take_progress(s, &news);
	}
	tick(s);
	seen = seen || s->has_changed;
	s->has_changed = false;
	return seen;
}

static bool
is_busy(const struct session *s)
{
	return engine_state(s->setup.engine) == ENGINE_PROBING;
}

bool
session_wait(struct session *s)
{
	session_begin(s);
	while (is_busy(s)) {
		struct loop_ready ready = loop_wait(
		    -1, session_fd(s), session_signals_fd(), SESSION_TICK_MS);

		(void)session_pump(s);
		for (int sig; ready.signal && (sig = session_signal()) != 0;) {
			if (sig == SIGINT || sig == SIGTERM || sig == SIGHUP)
				return false;
			if (sig == SIGTSTP)
				(void)kill(getpid(), SIGSTOP);
		}
	}
	return true;
}

/* ---- reports ---------------------------------------------------------- */

static char *
report_text(struct session *s, const struct report_format *format, size_t *len)
{
	struct report r;
	struct buf b;

	buf_init(&b, BUF_OURS);
	report_init(
	    &r, s->setup.engine, s->setup.version, s->setup.library_versions);
	format->write(&r, &b);
	report_done(&r);
	*len = b.len;
	return buf_take(&b);
}

char *
session_report_text(struct session *s, const char *format)
{
	const struct report_format *f = report_format_find(format);
	size_t len;

	return f ? report_text(s, f, &len) : NULL;
}

static bool
write_all(int fd, const char *data, size_t len)
{
	while (len) {
		ssize_t n = write(fd, data, len);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return false;
		data += n;
		len -= (size_t)n;
	}
	return true;
}

bool
session_report(struct session *s, const char *path, struct err *err)
{
	const struct report_format *format = report_format_for_file(path);
	bool ours = strs_has(&s->written, path);
	size_t len;

	if (!format)
		return err_set(err, ERR_USAGE,
		    "%s: a report ends in .json, .md, .html or .txt.", path);
	int fd = open(path,
	    O_WRONLY | O_CREAT | O_NOFOLLOW | O_CLOEXEC |
		(ours ? O_TRUNC : O_EXCL),
	    0600);
	if (fd < 0)
		return err_sys(err, ERR_FILE, errno,
		    "The report %s could not be written", path);
	if (!ours)
		strs_add(&s->written, path);
	char *text = report_text(s, format, &len);
	bool good = write_all(fd, text, len);
	int sys = errno;
	mem_free(text);
	if (close(fd) != 0 && good) {
		good = false;
		sys = errno;
	}
	return good || err_sys(err, ERR_FILE, sys,
			   "The report %s could not be written", path);
}
