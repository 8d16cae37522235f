/* SPDX-License-Identifier: ISC
 *
 * A text with a little structure. Both interfaces show the same documents:
 * the screen draws them on a canvas, line mode prints them.
 */
#ifndef UI_DOC_H
#define UI_DOC_H

#include "canvas.h"

#include <stdio.h>

enum doc_style {
	DOC_HEAD, /* a line of its own */
	DOC_TEXT, /* a paragraph */
	DOC_LABEL, /* label, and text beside it */
	DOC_STEP, /* "1." and text beside it; label is the number */
	DOC_QUOTE, /* somebody else's words, set in */
	DOC_PRE, /* drawn as it is, cut off at the border */
	DOC_BLANK,
};

struct doc_line {
	enum doc_style style;
	enum look look;
	char *label; /* owned or NULL */
	char *text; /* owned */
};

struct doc {
	struct doc_line *v; /* owned */
	size_t n, cap;
	bool plain; /* for line mode: sentences in place of tables */
};

#define DOC_LABEL_WIDTH 16

void doc_add(
    struct doc *d, enum doc_style style, const char *label, const char *text);
void doc_addf(struct doc *d, enum doc_style style, const char *label,
    const char *fmt, ...) __attribute__((format(printf, 4, 5)));
/* The look of the line added last. */
void doc_look(struct doc *d, enum look look);
/* Paragraphs of a playbook's text. */
void doc_flow(struct doc *d, const char *text);
void doc_blank(struct doc *d); /* not twice in a row */
void doc_done(struct doc *d);

/* Gives the row after the last. */
int doc_draw(const struct doc *d, struct canvas *c, int row);
void doc_print(const struct doc *d, FILE *out, int columns);
/* One word-wrapped paragraph; continuation lines start with hang blanks. */
void print_wrapped(FILE *out, const char *text, int columns, int hang);

#endif
