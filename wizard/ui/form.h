/* SPDX-License-Identifier: ISC
 *
 * The form of the question now shown: its open fields, what is typed in
 * them, and which one has the focus.
 */
#ifndef UI_FORM_H
#define UI_FORM_H

#include "phrases.h"
#include "widgets.h"

struct form_field {
	const struct field *field; /* borrowed: playbook */
	struct edit edit; /* all kinds but choices */
	struct choice_list list; /* choices */
	size_t chosen; /* choices: index */
	bool is_list; /* as drawn last: a list, not one line */
	bool is_touched; /* by the user: offers no longer fill it */
};

struct form {
	const struct node *node; /* NULL: no question is shown */
	struct form_field *v; /* owned */
	size_t n, cap;
	size_t focus;
	char *complaint; /* owned or NULL: about the focused field */
	bool is_sent; /* the answers went to the engine */
	struct kvs drafts; /* typed, not sent, gone back from: by fact */
};

/* Fits the form to the engine's state; what is typed stays. */
void form_sync(struct form *f, const struct engine *e);
void form_done(struct form *f);

bool form_in_text(const struct form *f);

enum form_want { FORM_NOTHING, FORM_SUBMIT, FORM_BACK };
enum form_want form_handle(struct form *f, const struct engine *e,
    enum command command, const struct input *in);
/* What is in the fields, by fact. */
void form_answers(const struct form *f, struct kvs *out);

/* Draws the fields; when `compact`, choices without the focus take one
 * line and the hints are left to F2. Gives the row after it. */
int form_draw(struct form *f, const struct engine *e, struct canvas *c, int row,
    bool compact);

#endif
