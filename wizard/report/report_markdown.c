/* SPDX-License-Identifier: ISC
 *
 * The report as Markdown, for tickets. Everything that comes from outside is
 * escaped, so that a server's banner stays a banner.
 */
#include "report_doc.h"
#include "report_escape.h"

void report_write_markdown(const struct report *r, struct buf *out);

static void
lines(struct buf *out, const struct report_block *b, const char *lead)
{
	for (size_t i = 0; i < b->lines.n; i++) {
		buf_adds(out, lead);
		escape_markdown(out, b->lines.v[i]);
		buf_addc(out, '\n');
	}
	buf_addc(out, '\n');
}

/* Indented code: nothing in it can end it, as a fence could be ended. */
static void
code(struct buf *out, const struct report_block *b)
{
	for (size_t i = 0; i < b->lines.n; i++)
		buf_addf(out, "    %s\n", b->lines.v[i]);
	buf_addc(out, '\n');
}

static void
table(struct buf *out, const struct report_block *b)
{
	for (size_t i = 0; i < b->lines.n; i++) {
		buf_adds(out, "| ");
		escape_markdown(out, b->lines.v[i]);
		buf_addc(out, ' ');
		if ((i + 1) % b->columns != 0)
			continue;
		buf_adds(out, "|\n");
		if (i + 1 != b->columns)
			continue;
		for (size_t c = 0; c < b->columns; c++)
			buf_adds(out, "| --- ");
		buf_adds(out, "|\n");
	}
	buf_addc(out, '\n');
}

static void
labelled(struct buf *out, const struct report_block *b, const char *before)
{
	buf_adds(out, before);
	buf_adds(out, "**");
	escape_markdown(out, b->label);
	buf_adds(out, ":** ");
	escape_markdown(out, b->text);
	buf_adds(out, "\n\n");
}

static void
plain(struct buf *out, const struct report_block *b, const char *before)
{
	buf_adds(out, before);
	escape_markdown(out, b->text);
	buf_adds(out, "\n\n");
}

static void
block(struct buf *out, const struct report_block *b)
{
	switch (b->kind) {
	case BLOCK_TITLE:
		plain(out, b, "# ");
		break;
	case BLOCK_VERDICT:
		labelled(out, b, "> ");
		break;
	case BLOCK_PAIR:
		labelled(out, b, "");
		break;
	case BLOCK_HEADING:
		plain(out, b, "## ");
		break;
	case BLOCK_PARA:
		plain(out, b, "");
		break;
	case BLOCK_STEPS:
		lines(out, b, "1. ");
		break;
	case BLOCK_ITEMS:
		lines(out, b, "* ");
		break;
	case BLOCK_CODE:
	case BLOCK_COMMANDS:
		code(out, b);
		break;
	case BLOCK_TABLE:
	case BLOCK_MATRIX:
		table(out, b);
		break;
	}
}

void
report_write_markdown(const struct report *r, struct buf *out)
{
	struct report_doc d;

	report_doc_build(&d, r);
	for (size_t i = 0; i < d.n; i++)
		block(out, &d.v[i]);
	report_doc_done(&d);
}
