/* SPDX-License-Identifier: ISC
 *
 * What the export formats share.
 */
#ifndef EXCHANGE_EXPORT_IN_H
#define EXCHANGE_EXPORT_IN_H

#include "export.h"

/* The recommendation; never NULL behind export_write. */
const struct recommendation *export_what(const struct export *x);
/* A fact that is known, or NULL. */
const char *export_fact(const struct export *x, const char *name);
/* What was tested, and when, in lines for a comment. */
void export_proof(const struct export *x, struct strs *lines);
/* Text of an XML element or attribute: & < > " as entities, and nothing that
 * XML 1.0 forbids. */
void export_xml(struct buf *out, const char *text);
/* <!-- the lines -->, with no -- inside. */
void export_xml_comment(struct buf *out, const struct strs *lines);
/* <tag>text</tag> after the indent, on a line. */
void export_element(
    struct buf *out, int indent, const char *tag, const char *text);
/* Is a password what signs in? */
bool export_is_password(const struct recommendation *r);

bool export_autoconfig(const struct export *x, struct buf *out,
    struct strs *notes, struct err *err);
bool export_mobileconfig(const struct export *x, struct buf *out,
    struct strs *notes, struct err *err);
bool export_msmtprc(const struct export *x, struct buf *out, struct strs *notes,
    struct err *err);

#endif
