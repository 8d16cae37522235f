/* SPDX-License-Identifier: ISC
 *
 * The bodies of test messages by kind, MIME and all. For message.c only.
 */
#ifndef NET_MESSAGE_PARTS_H
#define NET_MESSAGE_PARTS_H

#include "message.h"

struct buf;

#define MESSAGE_FILL_LINE 78 /* bytes, CRLF included */

struct message_body {
	const struct message_spec *spec; /* borrowed */
	struct buf *out; /* borrowed */
	const char *date; /* borrowed: for people */
	size_t fill_at; /* where MESSAGE_SIZE puts its filling */
	bool has_eight_bit; /* bytes above 127 stand in the body */
};

/* Subject, MIME headers and body, appended to out. */
void message_write_parts(struct message_body *b);

/* A line of the filling: base64 of readable text, with CRLF. */
void message_fill_line(char out[MESSAGE_FILL_LINE + 1]);

#endif
