/* SPDX-License-Identifier: ISC
 *
 * smtpwiz demo: the same walk against the lab. With a terminal the answers of
 * the story stand in the fields and the user presses Enter; without one they
 * are taken as given.
 */
#include "commands.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "../probes/base/clock.h"
#include "../probes/base/mem.h"
#include "answers.h"
#include "scenes.h"

static bool
has_user(const struct options *o)
{
	return !o->no_input && isatty(STDIN_FILENO) &&
	       (isatty(STDOUT_FILENO) || o->format);
}

static void
add_missing(struct kvs *to, const struct kvs *from)
{
	for (size_t i = 0; i < from->n; i++)
		if (!kvs_get(to, from->v[i].name))
			kvs_set(to, from->v[i].name, from->v[i].value);
}

/* Where the story turns from what the user knows to what is behind it. */
#define TURN "The truth:"

static void
tell_story(const struct options *o, const struct scenario *s)
{
	const char *story = scenario_story(s);
	const char *turn = strstr(story, TURN);

	fprintf(stderr, "Demo %s\n\n%.*s\n", o->operand,
	    (int)(turn ? (size_t)(turn - story) : strlen(story)), story);
	fprintf(stderr, "Everything below happens inside this computer.\n\n");
}

static void
tell_truth(const struct scenario *s)
{
	const char *turn = strstr(scenario_story(s), TURN);

	if (turn)
		fprintf(stderr, "\n%s\n", turn);
}

/* What the user of the story types when the sign-in is agreed to. */
static void
give_secret(struct options *o, const struct scenario *s)
{
	const char *password = kvs_get(scenario_secret(s), "password");
	const char *token = kvs_get(scenario_secret(s), "token");

	if (o->secret.from != GIVEN_NOT || (!password && !token))
		return;
	o->secret = (struct given_secret){
	    .from = GIVEN_STORY,
	    .is_token = token != NULL,
	    .text = mem_dup(token ? token : password),
	};
}

/* What was imported, of the account that is taken without asking, is not
 * told by the story as well. */
static void
add_story(struct walk *w, const struct kvs *story)
{
	const char *account = kvs_get(&w->answers, "import.account");
	const struct kvs *facts =
	    w->imported.n ? &w->imported.v[0].facts : NULL;

	for (size_t i = 0; i < w->imported.n; i++)
		if (str_eq(w->imported.v[i].name, account))
			facts = &w->imported.v[i].facts;
	for (size_t i = 0; i < story->n; i++)
		if (!kvs_get(&w->answers, story->v[i].name) &&
		    (!facts || !kvs_get(facts, story->v[i].name)))
			kvs_set(
			    &w->answers, story->v[i].name, story->v[i].value);
}

/* Answers from the options first, then those of the story. */
static bool
gather(struct options *o, const struct scenario *s, struct walk *w,
    struct err *err)
{
	kvs_copy(&w->answers, &o->set);
	if (o->answers_file &&
	    !answers_load(o->answers_file, &w->answers, &o->secret, err))
		return false;
	if (!walk_import(o, w, err))
		return false;
	give_secret(o, s);
	if (has_user(o)) {
		add_missing(&w->offers, scenario_answers(s));
	} else {
		o->no_input = true;
		add_story(w, scenario_answers(s));
	}
	return true;
}

static int
play(struct options *o, const struct scenario *s, struct walk *w)
{
	struct err err = {0};
	struct strs complaints = {0};
	int64_t shift_ms = 0;
	struct lab *lab = lab_start(s, &o->net, &shift_ms, &err);
	int status;

	if (!lab) {
		kvs_done(&w->answers);
		kvs_done(&w->offers);
		imported_done(&w->imported);
		return complain_usage("%s", err.msg);
	}
	clock_set_shift(shift_ms);
	status = walk_run(o, w);
	lab_stop(lab, &complaints);
	for (size_t i = 0; i < complaints.n; i++)
		note("The lab says: %s", complaints.v[i]);
	strs_done(&complaints);
	return status;
}

static int
list(void)
{
	struct err err = {0};

	if (scenes_list(&err))
		return 0;
	return complain_usage("%s", err.msg);
}

int
command_demo(struct options *o)
{
	struct walk w = {.playbook = DEFAULT_PLAYBOOK};
	struct err err = {0};
	struct scenario *s;
	int status;

	if (!o->operand)
		return list();
	s = scenes_load(o->operand, &err);
	if (!s)
		return complain_usage("%s", err.msg);
	if (gather(o, s, &w, &err)) {
		if (!o->format)
			tell_story(o, s);
		status = play(o, s, &w);
		if (!o->format && status != EXIT_USAGE &&
		    status != EXIT_INTERRUPTED)
			tell_truth(s);
	} else {
		kvs_done(&w.answers);
		imported_done(&w.imported);
		status = complain_usage("%s", err.msg);
	}
	scenario_free(s);
	return status;
}
