/* SPDX-License-Identifier: ISC
 *
 * Asking before a sign-in: yes or no, then the password or token where none
 * is there, then what is odd about it. For the screen.
 */
#ifndef UI_CONSENT_FORM_H
#define UI_CONSENT_FORM_H

#include "phrases.h"
#include "secret_edit.h"

enum consent_page {
	CONSENT_CLOSED,
	CONSENT_ASK, /* yes or no */
	CONSENT_TYPE, /* the secret */
	CONSENT_ODD, /* go on with it, or type it again */
};

enum consent_item {
	ITEM_YES,
	ITEM_OTHER, /* yes, with another secret than the one there */
	ITEM_NO,
	ITEM_GO_ON,
	ITEM_RETYPE,
};
#define CONSENT_ITEMS_MAX 3

struct consent_form {
	enum consent_page page;
	struct consent consent; /* owned */
	size_t chosen; /* of the items */
	bool is_token;
	bool in_kind; /* CONSENT_TYPE: the focus is on password or token */
	struct secret_edit edit;
	struct secret *typed; /* owned; CONSENT_ODD: being asked about */
	struct strs odd;
	char *complaint; /* owned or NULL */
};

/* Opens and closes it as the engine's state says; closing wipes. */
void consent_form_sync(struct consent_form *f, const struct session *s);
void consent_form_done(struct consent_form *f);

/* The items of the page now shown. */
size_t consent_form_items(const struct consent_form *f, const struct session *s,
    enum consent_item out[CONSENT_ITEMS_MAX]);
const char *consent_form_label(const struct consent_form *f,
    const struct session *s, enum consent_item item);
/* Do characters belong to a field? */
bool consent_form_in_text(const struct consent_form *f);

enum consent_want {
	CONSENT_WAIT, /* nothing to do yet */
	CONSENT_AGREE, /* the session holds the secret: session_agree */
	CONSENT_READ, /* read the one named beforehand, then as above */
	CONSENT_REFUSE,
};
enum consent_want consent_form_handle(struct consent_form *f, struct session *s,
    enum command command, const struct input *in);
/* What was named beforehand could not be read: it has to be typed. */
void consent_form_type(struct consent_form *f, const char *complaint);

#endif
