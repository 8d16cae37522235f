/* SPDX-License-Identifier: ISC
 *
 * Text from outside made harmless in each format. Input is printable.
 */
#ifndef REPORT_ESCAPE_H
#define REPORT_ESCAPE_H

#include "../../probes/base/buf.h"

/* & < > " ' as entities: safe in text and in quoted attributes. */
void escape_html(struct buf *out, const char *text);

/* Backslashes before everything that Markdown or HTML in it could mean
 * something by; also safe in a table cell. */
void escape_markdown(struct buf *out, const char *text);

#endif
