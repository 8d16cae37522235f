/* SPDX-License-Identifier: ISC
 *
 * Test messages (RFC 5322, 2045 to 2047, 6532): what they hold, and their
 * bytes as DATA carries them (RFC 5321 section 4.5.2), made while they are
 * read, so that ten megabytes take no memory. Pure: no network, no clock.
 */
#ifndef NET_MESSAGE_H
#define NET_MESSAGE_H

#include "../base/err.h"
#include "../base/str.h"

enum message_kind {
	MESSAGE_SMALL, /* a few lines of plain text */
	MESSAGE_SIZE, /* the same with an attachment that fills it up */
	MESSAGE_UTF8, /* text and HTML beside it, beyond ASCII everywhere */
	MESSAGE_ATTACHMENTS, /* text, picture, PDF; about winmail.dat */
};
/* "small", "size", "utf8", "attachments"; false for anything else. */
bool message_kind_find(const char *name, enum message_kind *out);

#define MESSAGE_MAX_TO 5 /* never more recipients */
#define MESSAGE_MAX_SIZE 10485760
#define MESSAGE_MAX_LINE 998 /* RFC 5322 section 2.1.1 */

struct message_spec {
	enum message_kind kind;
	const char *from; /* bare addresses, domains as A-labels */
	const struct strs *to;
	int64_t size; /* MESSAGE_SIZE: bytes wanted, RFC 1870 section 5 */
	int64_t now_ms; /* UTC */
	const char *unique; /* letters, digits, dots: part of Message-ID */
	const char *version; /* of this program */
	bool eight_bit; /* the server offers 8BITMIME (RFC 6152) */
};

struct message;

/*
 * NULL with err set (USAGE, LIMIT): an address that is none, with a line
 * break in it, no or too many recipients, too large a size.
 */
struct message *message_new(const struct message_spec *spec, struct err *err);
void message_free(struct message *m); /* accepts NULL */

const char *message_id(const struct message *m); /* "<unique@domain>" */
/* Bytes without dot-stuffing and final dot: the parameter SIZE. */
int64_t message_size(const struct message *m);
bool message_is_eight_bit(const struct message *m); /* wants BODY=8BITMIME */
bool message_needs_utf8(const struct message *m); /* wants SMTPUTF8 */

/*
 * The next bytes as they go over the wire, dots stuffed, ending in CRLF and
 * without the final dot; 0 at the end. size is at least 2.
 */
size_t message_read(struct message *m, char *out, size_t size);

/*
 * An address of RFC 5321 section 4.1.2 without angle brackets, its domain in
 * ASCII; beyond_ascii says that the local part is not (RFC 6531).
 */
bool message_address_ok(const char *address, bool *beyond_ascii);

#endif
