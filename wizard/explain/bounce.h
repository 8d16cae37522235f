/* SPDX-License-Identifier: ISC
 *
 * Reads a message that could not be delivered: the report of RFC 3464, or
 * the plain words of Exchange, Exim, qmail and Postfix. Everything is
 * bounded, and the returned message itself is never looked at.
 */
#ifndef EXPLAIN_BOUNCE_H
#define EXPLAIN_BOUNCE_H

#include <stdbool.h>
#include <stddef.h>

#define BOUNCE_MAX (1u << 20) /* bytes that are read */
#define BOUNCE_RECIPIENTS 50

struct bounce_recipient { /* owned texts, printable; NULL: not said */
	char *address;
	char *action; /* "failed" */
	char *status; /* "5.1.1" */
	char *diagnostic; /* the server's words, one line per line */
	char *remote; /* the server that said it */
	const char *stage; /* "rcpt" */
};

struct bounce {
	struct bounce_recipient v[BOUNCE_RECIPIENTS];
	size_t n;
	bool cut; /* there was more than is read */
};

/* True when the text is such a message and says something of a recipient. */
bool bounce_read(const char *text, size_t len, struct bounce *out);
void bounce_done(struct bounce *b);

#endif
