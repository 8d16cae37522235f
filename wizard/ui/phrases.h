/* SPDX-License-Identifier: ISC
 *
 * What is said to the user about the engine's state, as documents and short
 * lines: the one place for these words, for both interfaces.
 */
#ifndef UI_PHRASES_H
#define UI_PHRASES_H

#include "doc.h"
#include "session.h"

#include "../../probes/base/secret.h"

enum item_mark { MARK_OK, MARK_NO, MARK_WAIT, MARK_NOTE, MARK_UNKNOWN };
const char *mark_word(enum item_mark m); /* "OK", "NO", "WAIT", ... */
enum look mark_look(enum item_mark m);

/* One test, in a line. */
struct item {
	enum item_mark mark;
	char *subject; /* owned: "mail.bakery.example", "port 587 (yours)" */
	char *text; /* owned: "name found" */
	int ms; /* how long it took or has taken; -1 unknown */
};
struct items {
	struct item *v; /* owned */
	size_t n, cap;
};
void items_done(struct items *items);
/* Everything that is not a port: names, this computer. */
void items_names(const struct session *s, struct items *out);
/* The ports, one line each, for line mode. */
void items_ports(const struct session *s, struct items *out);
/* "OK   port 465: answers, encrypted, genuine (61 ms)"; caller frees. */
char *item_line(const struct item *item);
char *ms_text(int ms); /* "61 ms", "2.1 s"; the caller frees */
/* Milliseconds the oldest running test of a port has taken; -1: none. */
/* How the port under test is called: " (yours)", or " (usual)" as long as
 * the user has not said which it is. */
const char *mine_word(const struct engine *e);
int port_waiting_ms(const struct session *s, const struct matrix_row *row);

/* "Step 2 of 4: the program"; the caller frees. */
char *step_text(const struct engine *e);

/* The choices of a field with "I don't know" among them. */
struct choice_list {
	const char *values[64], *labels[64], *help[64]; /* borrowed */
	size_t n;
};
void field_choices(const struct field *f, struct choice_list *out);
/* May the answer hold several lines? */
bool field_is_long(const struct field *f);
/* Where the app shows this value; NULL when the playbook does not say. */
const char *field_where(const struct engine *e, const struct field *f);

void say_node(const struct engine *e, struct doc *d); /* title and text */
void say_discloses(const struct engine *e, struct doc *d);
void say_why(const struct engine *e, struct doc *d); /* every open field */
void say_field_why(
    const struct engine *e, const struct field *f, struct doc *d);
void say_verdict(struct session *s, struct doc *d);
void say_details(struct session *s, struct doc *d);
void say_way(struct session *s, struct doc *d);
void say_where(struct session *s, struct doc *d);
/* The steps in the user's own program; false where its menus are not known.
 * d may be NULL: only whether there are any. */
bool say_clicks(const struct engine *e, struct doc *d);
const char *clicks_label(const struct engine *e);

/* What is asked for before anything signs in or sends. */
void say_consent(
    const struct session *s, const struct consent *consent, struct doc *d);
/* The label of a yes; a secret that was refused is called so. */
const char *yes_words(const struct consent *consent, bool has_secret);
/* The server and the name, in two lines. */
void say_login_target(const struct engine *e, struct doc *d);
/* Why the secret now given may be a slip; the ids of secret_oddities. A
 * token has fewer ways to be odd. */
void say_oddities(const struct strs *ids, bool is_token, struct doc *d);
/* Ids that are worth asking about. */
void odd_ids(const struct secret *s, bool is_token, struct strs *ids);
/* May a sign-in be asked for on the screen now shown, with F4 or :login? */
bool can_ask_login(const struct engine *e);
#define LOGIN_NOTED "The sign-in will be tested too; you are asked before."

/* What can be done at the result. */
enum action {
	ACTION_WHERE,
	ACTION_CHANGED,
	ACTION_AGAIN,
	ACTION_STILL,
	ACTION_LOGIN,
	ACTION_SEND,
	ACTION_SAVE,
	ACTION_DETAILS,
	ACTION_DONE,
};
#define ACTIONS_MAX 8
struct action_item {
	enum action action;
	const char *label;
};
size_t actions(const struct engine *e, struct action_item out[ACTIONS_MAX]);

/* Saves the report in a new file (text, and HTML where there is that
 * format); gives a sentence that says where, or why not. Caller frees. */
char *save_report(struct session *s);

#endif
