/* SPDX-License-Identifier: ISC
 *
 * Domain names as people write them: international ones, and slips of the
 * finger. Pure functions; nothing here asks the network.
 */
#ifndef NAMES_H
#define NAMES_H

#include "base/str.h"

#include <stdbool.h>

/*
 * The A-label form, lower case, without a final dot; NULL when text is no
 * domain name (RFC 5890, RFC 1123; underscores pass). The caller frees.
 */
char *name_to_ascii(const char *text);

/* The U-label form for people, printable; never NULL. The caller frees. */
char *name_to_unicode(const char *ascii);

/*
 * The name with an obviously mistyped top-level domain put right
 * (gmail.con, gmx.ned). NULL when it looks fine. The caller frees.
 */
char *name_fix_tld(const char *name);

/*
 * What was typed, with commas, blanks and doubled dots taken for single
 * dots, and a pasted scheme, port or path cut off. The caller frees.
 */
char *name_tidy(const char *text);

/* Is the domain in the list? "yahoo.*" stands for every top-level domain,
 * "*.onmicrosoft.com" for everything below. */
bool name_is_known(const char *domain, const struct strs *known);

/*
 * The well-known domain that `domain` is probably a slip of, judged more
 * strictly the shorter the name is; NULL when there is none or when the
 * domain is itself known. The caller frees.
 */
char *name_nearest(const char *domain, const struct strs *known);

/*
 * Names that `host` may be a slip of, nearest first, at most `max`: words
 * for mail servers in the first label, `near` (other candidates, may be
 * NULL), top-level domains. Whether they exist is for others to find out.
 */
void name_host_candidates(
    const char *host, const struct strs *near, struct strs *out, size_t max);

/* An address that no mail server has: 0.0.0.0/8, 127.0.0.0/8, ::, ::1. */
bool address_is_sinkhole(const char *address);

#endif
