/* SPDX-License-Identifier: ISC
 *
 * The forms in which a secret may come back: as it is, made printable, in
 * base64 at any alignment, URL-encoded. For finding an echo of it in what
 * the other side says; the forms are secrets themselves.
 */
#ifndef BASE_SECRET_FORMS_H
#define BASE_SECRET_FORMS_H

#include "secret.h"

#define SECRET_FORMS_MAX 32
/* Shorter texts are found in any sentence and are not looked for. */
#define SECRET_FORMS_MIN 4

struct secret_forms {
	struct secret *v[SECRET_FORMS_MAX]; /* owned */
	size_t n;
};

/* Adds every form of a secret. */
void secret_forms_add(struct secret_forms *f, const struct secret *s);
/* Adds one text as it is; takes it. */
void secret_forms_take(struct secret_forms *f, struct secret *text);
/* Does a whole form stand in the text? */
bool secret_forms_whole(
    const struct secret_forms *f, const char *text, size_t len);

/*
 * Does the text hold one of the forms, or a long piece of one (31 bytes
 * always, 16 mostly)?
 */
bool secret_forms_in(
    const struct secret_forms *f, const char *text, size_t len);
void secret_forms_done(
    struct secret_forms *f); /* wipes; accepts a zeroed one */

#endif
