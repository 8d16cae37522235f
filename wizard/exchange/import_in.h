/* SPDX-License-Identifier: ISC
 *
 * What the readers of this folder share: the place they are at, the account
 * they fill in, and the checks on what goes into it.
 */
#ifndef EXCHANGE_IMPORT_IN_H
#define EXCHANGE_IMPORT_IN_H

#include "import.h"

#include <stdint.h>

/* Bytes being read. The text is not NUL-ended. */
struct reader {
	const char *name; /* borrowed: of the file, for messages */
	const char *at, *end;
	int line; /* from 1 */
	struct err *err; /* borrowed */
};

/* The next line without its end; false when there is none. A line may end
 * in LF, CR LF or CR. */
bool reader_line(struct reader *r, const char **line, size_t *len);

/* Sets "name:line: message"; always returns false. */
bool reader_bad(struct reader *r, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

/* One more account, named, to be filled in; NULL (err set) past the bound. */
struct imported_account *import_add(
    struct reader *r, struct imported *im, const char *name);

/*
 * Puts a fact into an account. Blanks around it do not count; what is empty,
 * longer than such a thing can be or no proper host or port is left out, so
 * that it is asked for.
 */
void import_put(
    struct imported_account *a, const char *fact, const char *value);
void import_put_port(
    struct imported_account *a, const char *fact, int64_t port);

/* The readers; each adds its accounts, possibly none. */
bool import_reg(struct reader *r, struct imported *im);
bool import_prefs(struct reader *r, struct imported *im);
bool import_msmtp(struct reader *r, struct imported *im);

/* Is the word one that msmtprc knows? */
bool import_is_msmtp_word(const char *word, size_t len);

/* UTF-16LE as UTF-8, halves of pairs as U+FFFD; the caller wipes and frees.
 * *out_len is without the NUL at the end. */
char *import_from_utf16(const char *bytes, size_t len, size_t *out_len);
/* Bytes that are no UTF-8, taken as Latin-1. */
char *import_from_latin1(const char *bytes, size_t len, size_t *out_len);
bool import_is_utf8(const char *bytes, size_t len);

#endif
