/* SPDX-License-Identifier: ISC
 *
 * A report as a list of blocks, before it takes a format: what is said and
 * in which order is decided once, in report_doc.c; the formats for people
 * only draw blocks. Every text in it is printable and not escaped.
 */
#ifndef REPORT_DOC_H
#define REPORT_DOC_H

#include "report.h"

enum block_kind {
	BLOCK_TITLE, /* text */
	BLOCK_VERDICT, /* label: the state word, text: what it is */
	BLOCK_PAIR, /* label, text */
	BLOCK_HEADING, /* text */
	BLOCK_PARA, /* text */
	BLOCK_STEPS, /* lines, numbered */
	BLOCK_ITEMS, /* lines */
	BLOCK_CODE, /* lines, as they are */
	BLOCK_COMMANDS, /* lines for a shell */
	BLOCK_TABLE, /* columns, lines: heads, then row after row */
	BLOCK_MATRIX, /* the same, and a picture where one is possible */
};

struct report_block {
	enum block_kind kind;
	char *label, *text; /* owned or NULL */
	struct strs lines;
	size_t columns;
};

struct report_doc {
	struct report_block *v; /* owned */
	size_t n, cap;
};

void report_doc_build(struct report_doc *d, const struct report *r);
void report_doc_done(struct report_doc *d);

#endif
