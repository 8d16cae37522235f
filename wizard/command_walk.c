/* SPDX-License-Identifier: ISC
 *
 * One walk from the command line: data, engine, session and interface put
 * together, then the reports and the exit status.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../probes/base/clock.h"
#include "../probes/base/mem.h"
#include "books.h"
#include "commands.h"
#include "paths.h"
#include "ui/ui.h"
#include "versions.h"

/* Everything that lives as long as the walk. */
struct stage {
	const struct options *options; /* borrowed */
	struct books books;
	struct engine *engine; /* owned */
	struct session *session; /* owned */
	char *case_path; /* owned or NULL */
	struct strs versions;
	struct strs report_paths;
};

static void
start_engine(struct stage *st, struct walk *w)
{
	const struct options *o = st->options;
	struct engine_setup setup = {
	    .playbook = st->books.playbook,
	    .knowledge = st->books.knowledge,
	    .answers = w->answers,
	    .offers = w->offers,
	    .no_input = o->no_input,
	    .own_resolver = o->net.resolver_given,
	    .timeout_ms = o->net.connect_timeout_ms,
	    .build_ms = clock_build_ms(),
	    .version = VERSION,
	};

	memset(&w->answers, 0, sizeof(w->answers));
	memset(&w->offers, 0, sizeof(w->offers));
	st->engine = engine_new(&setup);
}

static bool
is_output_kept(const struct options *o)
{
	return o->format != NULL;
}

static bool
open_session(struct stage *st, struct err *err)
{
	const struct options *o = st->options;
	struct session_setup setup = {
	    .engine = st->engine,
	    .options = &o->net,
	    .case_path = st->case_path,
	    .version = VERSION,
	    .report_paths = &st->report_paths,
	    .no_color = o->no_color,
	    .library_versions = &st->versions,
	    .no_input = o->no_input,
	    .talk_on_error = is_output_kept(o),
	};

	st->session = session_new(&setup, err);
	return st->session != NULL;
}

/* A case file that nobody asked for is not worth failing over. */
static bool
start_session(struct stage *st, const struct walk *w)
{
	const struct options *o = st->options;
	struct err err = {0};

	if (o->case_file)
		st->case_path = mem_dup(o->case_file);
	else if (w->keep_case)
		st->case_path =
		    paths_case(clock_utc_ms(), st->books.playbook->id, &err);
	if (err.kind == ERR_NONE && open_session(st, &err))
		return true;
	if (o->case_file || !w->keep_case) {
		complain_usage("%s", err.msg);
		return false;
	}
	note("The case is not kept: %s", err.msg);
	mem_free(st->case_path);
	st->case_path = NULL;
	err = (struct err){0};
	if (open_session(st, &err))
		return true;
	complain_usage("%s", err.msg);
	return false;
}

static bool
is_screen_wanted(const struct options *o)
{
	const char *term = getenv("TERM");

	if (o->plain || o->no_input || is_output_kept(o))
		return false;
	if (!term || !*term || str_eq(term, "dumb"))
		return false;
	return isatty(STDIN_FILENO) && isatty(STDOUT_FILENO) &&
	       ui_screen_possible();
}

/* Without an interface: reads nothing, says nothing. */
static bool
walk_silently(struct session *s)
{
	for (;;) {
		if (!session_wait(s))
			return false;
		switch (engine_state(session_engine(s))) {
		case ENGINE_READING:
			session_event(s, EVENT_CONTINUE, NULL);
			break;
		case ENGINE_ASKING: /* no answer is the answer */
			session_event(s, EVENT_ANSWER, &(struct kvs){0});
			break;
		case ENGINE_CONSENT: /* nobody is there to agree */
			session_event(s, EVENT_REFUSE, NULL);
			break;
		case ENGINE_NEW:
		case ENGINE_PROBING:
			break;
		case ENGINE_DONE:
			return true;
		}
	}
}

static bool
walk_interface(struct stage *st)
{
	const struct options *o = st->options;

	if (is_screen_wanted(o))
		return ui_screen(st->session);
	if (o->no_input && is_output_kept(o))
		return walk_silently(st->session);
	return ui_line(st->session);
}

static bool
write_output(struct stage *st)
{
	char *text;
	bool ok;

	if (!st->options->format)
		return true;
	text = session_report_text(st->session, st->options->format);
	ok = text && fputs(text, stdout) >= 0 && fflush(stdout) == 0;
	mem_free(text);
	if (!ok)
		note("The report could not be written to standard output: %s",
		    strerror(errno));
	return ok;
}

static bool
write_reports(struct stage *st)
{
	bool ok = true;

	for (size_t i = 0; i < st->options->reports.n; i++) {
		struct err err = {0};

		if (session_report(
			st->session, st->options->reports.v[i], &err))
			continue;
		note("%s", err.msg);
		ok = false;
	}
	return write_output(st) && ok;
}

static int
status_of(const struct engine *e)
{
	const struct verdict *v = engine_verdict(e);

	if (!v || str_eq(v->cause, "inconclusive"))
		return EXIT_OPEN;
	return str_eq(v->cause, "works") ? EXIT_WORKS : EXIT_CAUSE;
}

/* What cannot be written is said before anything is tested. */
static bool
check_reports(const struct options *o)
{
	for (size_t i = 0; i < o->reports.n; i++) {
		const char *path = o->reports.v[i];
		char *dir = mem_dupn(path,
		    strrchr(path, '/') ? (size_t)(strrchr(path, '/') - path + 1)
				       : 0);
		bool is_there = access(path, F_OK) == 0;
		bool ok = access(*dir ? dir : ".", W_OK) == 0;
		int sys = errno;

		mem_free(dir);
		if (is_there || !ok) {
			complain_usage("The report %s cannot be written: %s",
			    path,
			    is_there ? "it is there already." : strerror(sys));
			return false;
		}
	}
	return true;
}

static int
finish(struct stage *st, bool is_through)
{
	bool written = write_reports(st);

	if (session_trouble(st->session))
		note("%s", session_trouble(st->session));
	if (!is_through)
		return EXIT_INTERRUPTED;
	return written ? status_of(st->engine) : EXIT_OPEN;
}

static void
stage_done(struct stage *st)
{
	session_free(st->session);
	engine_free(st->engine);
	books_done(&st->books);
	strs_done(&st->versions);
	strs_done(&st->report_paths);
	mem_free(st->case_path);
}

int
walk_run(const struct options *o, struct walk *w)
{
	struct stage st = {.options = o};
	int status = EXIT_USAGE;

	versions_list(&st.versions);
	strs_copy(&st.report_paths, &o->reports);
	if (check_reports(o) && books_load(&st.books, w->playbook)) {
		start_engine(&st, w);
		if (start_session(&st, w))
			status = finish(&st, walk_interface(&st));
	}
	kvs_done(&w->answers);
	kvs_done(&w->offers);
	stage_done(&st);
	return status;
}
