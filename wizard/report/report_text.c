/* SPDX-License-Identifier: ISC
 *
 * The report in 78 columns of plain text: pasted into an e-mail or a ticket
 * it stays as it is.
 */
#include <string.h>

#include "../../probes/base/mem.h"
#include "report_doc.h"
#include "report_words.h"

#define COLUMNS 78
#define LABEL 17 /* columns that labels take */
#define TABLE_MAX 8
#define TABLE_GAP 2
#define CELL_MIN 6

void report_write_text(const struct report *r, struct buf *out);

static void
rule(struct buf *out, char c, int columns)
{
	for (int i = 0; i < columns; i++)
		buf_addc(out, c);
	buf_addc(out, '\n');
}

static void
pad(struct buf *out, const char *text, int columns)
{
	int left = columns - str_width(text);

	buf_adds(out, text);
	if (left > 0)
		buf_addf(out, "%*s", left, "");
}

static void
labelled(struct buf *out, const char *label, const char *text)
{
	struct buf lead;

	buf_init(&lead, 256);
	pad(&lead, label, LABEL - 1);
	buf_addc(&lead, ' ');
	report_wrap(out, lead.data, text, COLUMNS);
	buf_done(&lead);
}

static void
numbered(struct buf *out, const struct report_block *b)
{
	for (size_t i = 0; i < b->lines.n; i++) {
		char *lead = mem_printf("%3zu. ", i + 1);

		report_wrap(out, lead, b->lines.v[i], COLUMNS);
		mem_free(lead);
	}
}

static void
lines(struct buf *out, const struct report_block *b, const char *lead)
{
	for (size_t i = 0; i < b->lines.n; i++)
		report_wrap(out, lead, b->lines.v[i], COLUMNS);
}

/* Broken so that a shell takes the lines as one. */
static void
commands(struct buf *out, const struct report_block *b)
{
	for (size_t i = 0; i < b->lines.n; i++) {
		struct strs parts = {0};

		report_lines(&parts, b->lines.v[i], COLUMNS - 8);
		for (size_t j = 0; j < parts.n; j++)
			buf_addf(out, "%s%s%s\n", j > 0 ? "      " : "    ",
			    parts.v[j], j + 1 < parts.n ? " \\" : "");
		strs_done(&parts);
	}
}

/* ---- tables ------------------------------------------------------------ */

static int
widest(const struct report_block *b, size_t column)
{
	int width = 0;

	for (size_t i = column; i < b->lines.n; i += b->columns) {
		int w = str_width(b->lines.v[i]);

		if (w > width)
			width = w;
	}
	return width;
}

/* Takes columns away from the widest until the table fits. */
static void
fit_widths(int *width, size_t n)
{
	int total = (int)(n - 1) * TABLE_GAP + 2;

	for (size_t i = 0; i < n; i++)
		total += width[i];
	while (total > COLUMNS) {
		size_t most = 0;

		for (size_t i = 1; i < n; i++)
			if (width[i] > width[most])
				most = i;
		if (width[most] <= CELL_MIN)
			return;
		width[most]--;
		total--;
	}
}

/* One row, in as many lines as its longest cell needs. */
static void
table_row(struct buf *out, char *const *cells, const int *width, size_t n)
{
	struct strs split[TABLE_MAX] = {{0}};
	size_t height = 1;

	for (size_t i = 0; i < n; i++) {
		report_lines(&split[i], cells[i], width[i]);
		if (split[i].n > height)
			height = split[i].n;
	}
	for (size_t line = 0; line < height; line++) {
		struct buf text;

		buf_init(&text, BUF_OURS);
		buf_adds(&text, "  ");
		for (size_t i = 0; i < n; i++) {
			pad(&text, line < split[i].n ? split[i].v[line] : "",
			    width[i]);
			buf_addf(&text, "%*s", TABLE_GAP, "");
		}
		while (text.len > 0 && text.data[text.len - 1] == ' ')
			text.data[--text.len] = '\0';
		buf_addf(out, "%s\n", text.data);
		buf_done(&text);
	}
	for (size_t i = 0; i < n; i++)
		strs_done(&split[i]);
}

static void
table(struct buf *out, const struct report_block *b)
{
	int width[TABLE_MAX];
	size_t n = b->columns;
	int total = (int)(n - 1) * TABLE_GAP;

	for (size_t i = 0; i < n; i++)
		width[i] = widest(b, i) > 0 ? widest(b, i) : 1;
	fit_widths(width, n);
	for (size_t i = 0; i < n; i++)
		total += width[i];
	for (size_t i = 0; i + n <= b->lines.n; i += n) {
		table_row(out, &b->lines.v[i], width, n);
		if (i == 0) {
			buf_adds(out, "  ");
			rule(out, '-', total);
		}
	}
}

static void
block(struct buf *out, const struct report_block *b)
{
	switch (b->kind) {
	case BLOCK_TITLE:
		buf_addf(out, "%s\n", b->text);
		rule(out, '=', COLUMNS);
		break;
	case BLOCK_VERDICT:
		buf_addc(out, '\n');
		if (str_width(b->label) < LABEL)
			labelled(out, b->label, b->text);
		else {
			char *lead = mem_printf("%s  ", b->label);

			report_wrap(out, lead, b->text, COLUMNS);
			mem_free(lead);
		}
		break;
	case BLOCK_PAIR:
		labelled(out, b->label, b->text);
		break;
	case BLOCK_HEADING:
		buf_addf(out, "\n%s\n", b->text);
		rule(out, '-', COLUMNS);
		break;
	case BLOCK_PARA:
		report_wrap(out, "  ", b->text, COLUMNS);
		break;
	case BLOCK_STEPS:
		numbered(out, b);
		break;
	case BLOCK_ITEMS:
		lines(out, b, "  - ");
		break;
	case BLOCK_CODE:
		lines(out, b, "    ");
		break;
	case BLOCK_COMMANDS:
		commands(out, b);
		break;
	case BLOCK_TABLE:
	case BLOCK_MATRIX:
		table(out, b);
		break;
	}
}

void
report_write_text(const struct report *r, struct buf *out)
{
	struct report_doc d;

	report_doc_build(&d, r);
	for (size_t i = 0; i < d.n; i++)
		block(out, &d.v[i]);
	report_doc_done(&d);
}
