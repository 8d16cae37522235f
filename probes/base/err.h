/* SPDX-License-Identifier: ISC
 *
 * What went wrong, as a sentence for the user. Fallible functions return
 * bool, take a struct err last and leave it untouched on success. It is
 * printed once, where it is decided what to do.
 */
#ifndef BASE_ERR_H
#define BASE_ERR_H

#include <stdarg.h>
#include <stdbool.h>

#define MUST_CHECK __attribute__((warn_unused_result))

enum err_kind {
	ERR_NONE,
	ERR_USAGE,
	ERR_FILE,
	ERR_SYNTAX,
	ERR_TIMEOUT,
	ERR_CANCELLED,
	ERR_NETWORK,
	ERR_DNS,
	ERR_TLS,
	ERR_PROTOCOL,
	ERR_REFUSED,
	ERR_LIMIT,
};

struct err {
	enum err_kind kind;
	int sys; /* errno, or 0 */
	char msg[512];
};

/* Sets kind and message; always returns false, so `return err_set(...)`. */
bool err_set(struct err *err, enum err_kind kind, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

/* The same with an errno, whose text is appended as ": reason". */
bool err_sys(struct err *err, enum err_kind kind, int sys, const char *fmt, ...)
    __attribute__((format(printf, 4, 5)));

/* Puts "context: " before the message; always returns false. */
bool err_wrap(struct err *err, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

#endif
