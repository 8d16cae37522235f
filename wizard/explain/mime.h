/* SPDX-License-Identifier: ISC
 *
 * As much of MIME (RFC 2045, 2046) as a report needs: headers, parts and
 * their encodings. Borrowed pieces of one text; nothing grows past a bound.
 */
#ifndef EXPLAIN_MIME_H
#define EXPLAIN_MIME_H

#include "../../probes/base/buf.h"

#define MIME_FIELD_MAX 4096 /* of one unfolded header */
#define MIME_HEADERS_MAX 200 /* lines of one header */
#define MIME_BODY_MAX (256u << 10) /* decoded bytes of one part */

struct piece { /* borrowed */
	const char *at;
	size_t len;
};

/* The next line without its end; false at the end of the text. */
bool piece_line(struct piece *rest, struct piece *line);

/* Splits a message or part at its first empty line. */
void mime_split(struct piece whole, struct piece *header, struct piece *body);

/* The unfolded value of a header field, "" where there is none. Takes it
 * from the first one; the caller frees. */
char *mime_field(struct piece header, const char *name);

/* A parameter of a field's value ("boundary"), NULL: none. Caller frees. */
char *mime_param(const char *value, const char *name);

/* The next part of a multipart body; false when there is none. */
bool mime_part(struct piece *rest, const char *boundary, struct piece *part);

/* Undoes base64 or quoted-printable; bounded, NUL bytes become blanks. */
char *mime_decode(struct piece body, const char *encoding);

#endif
