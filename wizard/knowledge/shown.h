/* SPDX-License-Identifier: ISC
 *
 * Looking for fragments in what a program or a server showed. Not for other
 * folders.
 */
#ifndef KNOWLEDGE_SHOWN_H
#define KNOWLEDGE_SHOWN_H

#include <stdbool.h>

/*
 * Is the fragment in the text, ignoring ASCII case? A number must stand
 * alone, so that 10060 is not seen in 0x80010060; "0x" in front of it belongs
 * to it. Other text may be part of a longer word.
 */
bool shown_has(const char *text, const char *fragment);

/*
 * As entries are written: line breaks and runs of blanks become one blank,
 * typographic apostrophes plain ones. Bounded; the caller frees.
 */
char *shown_flatten(const char *s);

#endif
