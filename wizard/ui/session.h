/* SPDX-License-Identifier: ISC
 *
 * One walk through a playbook: the engine, the runner and the case file tied
 * together. Both interfaces drive it; it knows no terminal.
 */
#ifndef UI_SESSION_H
#define UI_SESSION_H

#include "../engine/engine.h"
#include "../run/runner.h"

struct secret;
struct session;

struct session_setup {
	struct engine *engine; /* borrowed */
	const struct net_options *options; /* borrowed */
	const char *case_path; /* borrowed; NULL: no case file */
	const char *version;
	struct strs *report_paths; /* --report, borrowed */
	const char *save_dir; /* where "save report" writes */
	bool no_color;
	bool resumable;
	const struct strs *library_versions; /* borrowed or NULL: for reports */
	bool no_input; /* nothing is prompted for, the result neither */
	bool talk_on_error; /* line mode talks on standard error: standard
			     * output is kept for a report */
	/* What there is to sign in with without typing: password|token|none;
	 * NULL counts as none. Read once, when a sign-in is agreed to. */
	const char *secret_kind;
	const char *secret_words; /* where it comes from: "from the file x" */
	bool (*read_secret)(
	    const void *arg, struct secret **out, struct err *err);
	const void *read_arg;
};

/* Feeds EVENT_START to an engine that has not begun; else does nothing. */
void session_begin(struct session *s);

/* Opens the case file (0600, never through a symlink, never over another)
 * and starts the runner. NULL with err set. */
struct session *session_new(const struct session_setup *setup, struct err *err);
void session_free(struct session *s);

struct engine *session_engine(const struct session *s);
const struct session_setup *session_setup_of(const struct session *s);

/* Feeds an event with the time of now, carries out every effect. The
 * convenience forms cover all kinds but EVENT_RESULT. */
void session_event(
    struct session *s, enum event_kind kind, const struct kvs *answers);

/*
 * The password or token of this run (kind says which), in place of one that
 * was there. It goes to the runner, which gives it to probes that sign in;
 * the engine, the case file and reports never see it.
 */
void session_set_secret(
    struct session *s, const char *kind, struct secret *taken);
/* "password", "token", or NULL while none was typed or read. */
const char *session_secret(const struct session *s);
/* Is there one that was named beforehand and not read yet? */
bool session_can_read_secret(const struct session *s);
/* Reads it. A command may use the terminal meanwhile. */
MUST_CHECK bool session_read_secret(struct session *s, struct err *err);
/* Answers EVENT_CONSENT with what the session holds. */
void session_agree(struct session *s);

/* What went wrong with the case file while writing it; NULL: nothing. */
const char *session_trouble(const struct session *s);

/* Readable when session_pump has work. */
int session_fd(const struct session *s);
/* While probes run, session_pump is to be called at least this often. */
#define SESSION_TICK_MS 200
/* Takes all news of the runner in; true when something visible changed. */
bool session_pump(struct session *s);

/* How far a running job is ("connecting", ...); "" when not known. */
const char *session_stage(const struct session *s, uint64_t job);

/* Waits without an interface until the engine asks, reads or is done. False
 * when interrupted by a signal (session_interrupted). */
bool session_wait(struct session *s);

/* Blocks SIGINT, SIGTERM, SIGHUP, SIGWINCH, SIGTSTP, SIGCONT for all threads
 * and gives a descriptor (signalfd or self-pipe) to poll. Call first. */
int session_signals_fd(void);
/* The next pending signal number, or 0. */
int session_signal(void);

/* Writes a report in the format of the file's ending, "-" not special;
 * refuses to overwrite what this run did not write. */
MUST_CHECK bool session_report(
    struct session *s, const char *path, struct err *err);
/* The report in a format, as text; the caller frees. */
char *session_report_text(struct session *s, const char *format);

#endif
