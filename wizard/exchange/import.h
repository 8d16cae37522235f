/* SPDX-License-Identifier: ISC
 *
 * Account settings out of a mail program's own file: an Outlook profile
 * exported with regedit, Thunderbird's prefs.js, or msmtprc. Pure readers
 * over bytes, all bounded. Passwords are passed over where they stand and
 * never copied.
 */
#ifndef EXCHANGE_IMPORT_H
#define EXCHANGE_IMPORT_H

#include "../../probes/base/err.h"
#include "../engine/engine.h"

#include <stddef.h>

struct playbook;

#define IMPORT_BYTES_MAX ((size_t)4 << 20)
#define IMPORT_ACCOUNTS_MAX 64

/*
 * Reads a file whose kind is seen from its content. At least one account is
 * there afterwards, the default one first; every name stands only once.
 * Kinds: FILE, SYNTAX ("file:line: ..."), LIMIT. Free with imported_done.
 */
MUST_CHECK bool import_load(
    const char *path, struct imported *out, struct err *err);

/* The same from bytes, for tests; name stands in messages. */
MUST_CHECK bool import_parse(const char *name, const char *bytes, size_t len,
    struct imported *out, struct err *err);

/* Is there an account of that name, case aside? Its exact name, or NULL with
 * err naming those there are (ERR_USAGE). Borrowed. */
const char *import_find(
    const struct imported *im, const char *name, struct err *err);

/* Puts the question which account it is before the playbook's first node;
 * does nothing where there is only one. */
void import_ask(const struct imported *im, struct playbook *p);

#endif
