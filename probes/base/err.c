/* SPDX-License-Identifier: ISC
 *
 * Builds the sentences in struct err. A sentence that is too long ends in
 * "..." and never in half a character.
 */
#include "err.h"

#include <stdio.h>
#include <string.h>

#define DOTS "..."

/* Ends a message that lost its end with dots, on a character's border. */
static void
cut_short(char *msg, size_t size)
{
	size_t len = size - sizeof(DOTS);

	while (len > 0 && ((unsigned char)msg[len] & 0xc0) == 0x80)
		len--;
	memcpy(msg + len, DOTS, sizeof(DOTS));
}

static void
append(char *msg, size_t size, const char *more)
{
	size_t len = strlen(msg);
	int wanted = snprintf(msg + len, size - len, "%s", more);

	if (wanted < 0 || (size_t)wanted >= size - len)
		cut_short(msg, size);
}

__attribute__((format(printf, 3, 0))) static void
format(char *msg, size_t size, const char *fmt, va_list ap)
{
	int wanted = vsnprintf(msg, size, fmt, ap);

	if (wanted < 0)
		msg[0] = '\0';
	else if ((size_t)wanted >= size)
		cut_short(msg, size);
}

/* The arguments may point into err->msg, so the text is built beside it. */
bool
err_set(struct err *err, enum err_kind kind, const char *fmt, ...)
{
	char msg[sizeof(err->msg)];
	va_list ap;

	va_start(ap, fmt);
	format(msg, sizeof(msg), fmt, ap);
	va_end(ap);
	err->kind = kind;
	err->sys = 0;
	memcpy(err->msg, msg, sizeof(msg));
	return false;
}

bool
err_sys(struct err *err, enum err_kind kind, int sys, const char *fmt, ...)
{
	char msg[sizeof(err->msg)];
	va_list ap;

	va_start(ap, fmt);
	format(msg, sizeof(msg), fmt, ap);
	va_end(ap);
	append(msg, sizeof(msg), ": ");
	append(msg, sizeof(msg), strerror(sys));
	err->kind = kind;
	err->sys = sys;
	memcpy(err->msg, msg, sizeof(msg));
	return false;
}

bool
err_wrap(struct err *err, const char *fmt, ...)
{
	char msg[sizeof(err->msg)];
	va_list ap;

	va_start(ap, fmt);
	format(msg, sizeof(msg), fmt, ap);
	va_end(ap);
	append(msg, sizeof(msg), ": ");
	append(msg, sizeof(msg), err->msg);
	memcpy(err->msg, msg, sizeof(msg));
	return false;
}
