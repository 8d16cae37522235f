/* SPDX-License-Identifier: ISC
 *
 * One walk from the command line: data, engine, session and interface put
 * together, then the reports and the exit status.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../probes/base/clock.h"
#include "../probes/base/mem.h"
#include "books.h"
#include "commands.h"
#include "exchange/import.h"
#include "exports.h"
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
	char *secret_words; /* owned: where a secret comes from */
	bool agreed_before; /* consent.login was answered with yes */
};

/* Is there a question for it? */
static bool
is_asked(const struct playbook *p, const char *fact)
{
	for (size_t i = 0; i < p->n_nodes; i++)
		for (size_t k = 0; k < p->nodes[i].n_fields; k++)
			if (str_eq(p->nodes[i].fields[k].fact, fact))
				return true;
	return false;
}

static bool
is_imported(const struct imported *im, const char *fact)
{
	for (size_t i = 0; i < im->n; i++)
		if (kvs_get(&im->v[i].facts, fact))
			return true;
	return false;
}

/*
 * What is offered stands in the field of its question. What no question asks
 * for counts as given, but for the yes to a sign-in and what it is done with.
 */
static void
give_unasked(struct walk *w, const struct playbook *p)
{
	for (size_t i = 0; i < w->offers.n; i++) {
		const struct kv *offer = &w->offers.v[i];

		if (is_asked(p, offer->name) ||
		    is_imported(&w->imported, offer->name) ||
		    kvs_get(&w->answers, offer->name) ||
		    str_starts(offer->name, "consent.") ||
		    str_in_set(offer->name,
			"account.secret|account.password|account.token"))
			continue;
		kvs_set(&w->answers, offer->name, offer->value);
	}
}

static void
start_engine(struct stage *st, struct walk *w)
{
	const struct options *o = st->options;

	give_unasked(w, st->books.playbook);
	struct engine_setup setup = {
	    .playbook = st->books.playbook,
	    .knowledge = st->books.knowledge,
	    .answers = w->answers,
	    .offers = w->offers,
	    .imported = w->imported,
	    .no_input = o->no_input,
	    .own_resolver = o->net.resolver_given,
	    .timeout_ms = o->net.connect_timeout_ms,
	    .build_ms = clock_build_ms(),
	    .version = VERSION,
	    .secret_kind = given_secret_kind(&o->secret),
	    .no_send = o->no_send,
	    .max_auth_tries = o->max_auth_tries,
	    .no_login = o->max_auth_tries == 0,
	};

	memset(&w->answers, 0, sizeof(w->answers));
	memset(&w->offers, 0, sizeof(w->offers));
	import_ask(&w->imported, st->books.playbook);
	memset(&w->imported, 0, sizeof(w->imported));
	st->engine = engine_new(&setup);
}

static bool
is_output_kept(const struct options *o)
{
	return o->format != NULL;
}

static bool
read_secret(const void *arg, struct secret **out, struct err *err)
{
	return given_secret_read(arg, out, err);
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
	    .secret_kind = given_secret_kind(&st->options->secret),
	    .secret_words = st->secret_words,
	    .read_secret = read_secret,
	    .read_arg = &st->options->secret,
	};

	st->session = session_new(&setup, err);
	return st->session != NULL;
}

/* Does the playbook ever sign in? */
static bool
signs_in(const struct playbook *p)
{
	for (size_t i = 0; i < p->n_nodes; i++)
		for (size_t c = 0; c < p->nodes[i].n_calls; c++)
			if (p->nodes[i].calls[c].probe->effect != PROBE_READS)
				return true;
	return false;
}

/*
 * Where the sign-in was agreed to beforehand nobody is asked later, so the
 * secret is read now: what is wrong with it is said before anything is
 * tested. Otherwise it is read once the user has agreed.
 */
static bool
prepare_secret(struct stage *st)
{
	struct err err = {0};

	if (st->options->max_auth_tries == 0 ||
	    !session_can_read_secret(st->session) || !st->agreed_before ||
	    !signs_in(st->books.playbook))
		return true;
	if (session_read_secret(st->session, &err))
		return true;
	complain_usage("%s", err.msg);
	return false;
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
check_path(const char *what, const char *path)
{
	char *dir = mem_dupn(path,
	    strrchr(path, '/') ? (size_t)(strrchr(path, '/') - path + 1) : 0);
	bool is_there =
	    faccessat(AT_FDCWD, path, F_OK, AT_SYMLINK_NOFOLLOW) == 0;
	bool ok = access(*dir ? dir : ".", W_OK) == 0;
	int sys = errno;

	mem_free(dir);
	if (!is_there && ok)
		return true;
	complain_usage("The %s %s cannot be written: %s", what, path,
	    is_there ? "it is there already." : strerror(sys));
	return false;
}

static bool
check_paths(const struct options *o)
{
	for (size_t i = 0; i < o->reports.n; i++)
		if (!check_path("report", o->reports.v[i]))
			return false;
	for (size_t i = 0; i < o->exports.n; i++)
		if (!check_path("export", o->exports.v[i].name))
			return false;
	return true;
}

static int
finish(struct stage *st, bool is_through)
{
	bool written = write_reports(st);
	bool exported =
	    !is_through || exports_write(st->engine, &st->options->exports);

	if (session_trouble(st->session))
		note("%s", session_trouble(st->session));
	if (!is_through)
		return EXIT_INTERRUPTED;
	if (!exported)
		return EXIT_USAGE;
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
	mem_free(st->secret_words);
}

bool
walk_import(const struct options *o, struct walk *w, struct err *err)
{
	const char *account;

	if (!o->import_file)
		return true;
	if (!import_load(o->import_file, &w->imported, err))
		return false;
	if (!o->account)
		return true;
	account = import_find(&w->imported, o->account, err);
	if (account)
		kvs_set(&w->answers, "import.account", account);
	return account != NULL;
}

int
walk_run(const struct options *o, struct walk *w)
{
	struct stage st = {
	    .options = o,
	    .agreed_before =
		str_eq(kvs_get(&w->answers, "consent.login"), "yes"),
	};
	int status = EXIT_USAGE;

	st.secret_words = given_secret_words(&o->secret);
	versions_list(&st.versions);
	strs_copy(&st.report_paths, &o->reports);
	if (check_paths(o) && books_load(&st.books, w->playbook)) {
		start_engine(&st, w);
		if (start_session(&st, w) && prepare_secret(&st))
			status = finish(&st, walk_interface(&st));
	}
	kvs_done(&w->answers);
	kvs_done(&w->offers);
	imported_done(&w->imported);
	stage_done(&st);
	return status;
}
