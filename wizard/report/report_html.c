/* SPDX-License-Identifier: ISC
 *
 * The report as one file for a browser or for paper: no script, nothing
 * fetched, the port matrix as a picture with a text in its place. Readable
 * without colour: states are words, and a fault has a thick dashed frame.
 */
#include <string.h>

#include "../../probes/base/mem.h"
#include "report_doc.h"
#include "report_escape.h"

void report_write_html(const struct report *r, struct buf *out);

static const char style[] =
    "body{font:16px/1.5 system-ui,sans-serif;max-width:52rem;"
    "margin:2rem auto;padding:0 1rem;color:#111;background:#fff}\n"
    "h1{font-size:1.4rem}h2{font-size:1.15rem;margin-top:2rem;"
    "border-bottom:1px solid #888}\n"
    ".verdict{border:3px solid #111;padding:.8rem 1rem;font-size:1.15rem}\n"
    ".verdict b{display:block;letter-spacing:.05em}\n"
    "dl{display:grid;grid-template-columns:10rem 1fr;gap:.3rem 1rem}\n"
    "dt{font-weight:600}dd{margin:0}\n"
    ".wide{overflow-x:auto}table{border-collapse:collapse;width:100%}\n"
    "th,td{border:1px solid #888;padding:.25rem .5rem;text-align:left;"
    "vertical-align:top;overflow-wrap:anywhere}\n"
    "pre{background:#f3f3f3;border:1px solid #ccc;padding:.6rem;"
    "white-space:pre-wrap;overflow-wrap:anywhere;font-size:.85rem}\n"
    "svg{max-width:100%;height:auto;font:13px system-ui,sans-serif}\n"
    "@media print{body{margin:0;max-width:none;font-size:11pt}"
    "pre,tr,svg,.verdict{break-inside:avoid}h2{break-after:avoid}}\n"
    "@media (max-width:40rem){dl{grid-template-columns:1fr}}\n";

static void
element(struct buf *out, const char *name, const char *text)
{
	buf_addf(out, "<%s>", name);
	escape_html(out, text);
	buf_addf(out, "</%s>\n", name);
}

static void
lines(struct buf *out, const struct report_block *b, const char *name)
{
	buf_addf(out, "<%s>\n", name);
	for (size_t i = 0; i < b->lines.n; i++)
		element(out, "li", b->lines.v[i]);
	buf_addf(out, "</%s>\n", name);
}

static void
code(struct buf *out, const struct report_block *b)
{
	buf_adds(out, "<pre>");
	for (size_t i = 0; i < b->lines.n; i++) {
		escape_html(out, b->lines.v[i]);
		buf_addc(out, '\n');
	}
	buf_adds(out, "</pre>\n");
}

static void
table(struct buf *out, const struct report_block *b)
{
	buf_adds(out, "<div class=\"wide\"><table>\n");
	for (size_t i = 0; i < b->lines.n; i++) {
		bool is_head = i < b->columns;

		if (i % b->columns == 0)
			buf_adds(out, is_head ? "<thead><tr>" : "<tr>");
		buf_adds(out, is_head ? "<th scope=\"col\">" : "<td>");
		escape_html(out, b->lines.v[i]);
		buf_adds(out, is_head ? "</th>" : "</td>");
		if ((i + 1) % b->columns == 0)
			buf_adds(out,
			    is_head ? "</tr></thead>\n<tbody>\n" : "</tr>\n");
	}
	buf_adds(out, "</tbody></table></div>\n");
}

/* ---- the picture ------------------------------------------------------- */

#define ROW_H 34
#define HEAD_H 28
#define NAME_W 280
#define CELL_W 104
#define HOST_COLUMNS 44 /* the table below has the whole name */

static const char *const heads[] = {
    "Reached", "Mail", "Encrypted", "Genuine", "Sign-in"};
#define N_CELLS 5

static const struct cell *
cell_of(const struct matrix_row *row, int i)
{
	const struct cell *cells[N_CELLS] = {&row->reached, &row->mail,
	    &row->encrypted, &row->genuine, &row->sign_in};

	return cells[i];
}

/* Fill and frame of a cell; the frame alone tells them apart too. */
static const char *
cell_look(enum cell_state state)
{
	switch (state) {
	case CELL_YES:
		return "fill=\"#d8f0dc\" stroke=\"#1b5e20\"";
	case CELL_NO:
		return "fill=\"#fbdcd8\" stroke=\"#8e1b10\" "
		       "stroke-width=\"3\" stroke-dasharray=\"6 3\"";
	case CELL_WAIT:
		return "fill=\"#fff\" stroke=\"#555\" stroke-dasharray=\"2 2\"";
	case CELL_NONE:
	case CELL_SKIP:
		return "fill=\"#fff\" stroke=\"#bbb\"";
	}
	return "";
}

static void
svg_text(
    struct buf *out, int x, int y, const char *attributes, const char *text)
{
	buf_addf(out, "<text x=\"%d\" y=\"%d\"%s>", x, y, attributes);
	escape_html(out, text);
	buf_adds(out, "</text>\n");
}

/* The same in words, for those who do not see the picture. */
static void
svg_description(struct buf *out, const struct matrix *m)
{
	buf_adds(out, "<title id=\"matrix-t\">What this computer sees on each "
		      "port</title>\n<desc id=\"matrix-d\">");
	for (size_t i = 0; i < m->n; i++) {
		const struct matrix_row *row = &m->v[i];

		escape_html(out, row->host);
		buf_addf(out, " port %d:", row->port);
		for (int c = 0; c < N_CELLS; c++) {
			const char *text = cell_of(row, c)->text;

			buf_addf(out, " %s ", heads[c]);
			escape_html(out,
			    *text && !str_eq(text, "-") ? text : "not tested");
			buf_addc(out, c + 1 < N_CELLS ? ',' : '.');
		}
		buf_addc(out, ' ');
	}
	buf_adds(out, "</desc>\n");
}

static void
svg_row(struct buf *out, const struct matrix_row *row, int y)
{
	struct buf name;
	char *host;

	buf_init(&name, 512);
	buf_addf(&name, "port %d%s", row->port, row->is_mine ? " (yours)" : "");
	svg_text(out, 4, y + 14, row->is_mine ? " font-weight=\"700\"" : "",
	    name.data);
	buf_done(&name);
	host = mem_dupn(row->host, str_fit(row->host, HOST_COLUMNS));
	svg_text(out, 4, y + 28, " font-size=\"11\" fill=\"#444\"", host);
	mem_free(host);
	for (int c = 0; c < N_CELLS; c++) {
		const struct cell *cell = cell_of(row, c);
		int x = NAME_W + c * CELL_W;

		buf_addf(out,
		    "<rect x=\"%d\" y=\"%d\" width=\"%d\" height=\"%d\" "
		    "rx=\"4\" %s/>\n",
		    x + 3, y + 3, CELL_W - 6, ROW_H - 6,
		    cell_look(cell->state));
		svg_text(out, x + CELL_W / 2, y + ROW_H / 2 + 5,
		    cell->state == CELL_NO
			? " text-anchor=\"middle\" font-weight=\"700\""
			: " text-anchor=\"middle\"",
		    cell->text[0] ? cell->text : "-");
	}
}

static void
picture(struct buf *out, const struct matrix *m)
{
	int width = NAME_W + N_CELLS * CELL_W;
	int height = HEAD_H + (int)m->n * ROW_H;

	buf_addf(out,
	    "<svg xmlns=\"http://www.w3.org/2000/svg\" role=\"img\" "
	    "aria-labelledby=\"matrix-t matrix-d\" width=\"%d\" "
	    "height=\"%d\" viewBox=\"0 0 %d %d\">\n",
	    width, height, width, height);
	svg_description(out, m);
	for (int c = 0; c < N_CELLS; c++)
		svg_text(out, NAME_W + c * CELL_W + CELL_W / 2, HEAD_H - 9,
		    " text-anchor=\"middle\" font-weight=\"700\"", heads[c]);
	for (size_t i = 0; i < m->n; i++)
		svg_row(out, &m->v[i], HEAD_H + (int)i * ROW_H);
	buf_adds(out, "</svg>\n");
}

/* ---- the page ---------------------------------------------------------- */

static void
block(struct buf *out, const struct report_block *b, const struct report *r)
{
	switch (b->kind) {
	case BLOCK_TITLE:
		element(out, "h1", b->text);
		break;
	case BLOCK_VERDICT:
		buf_adds(out, "<p class=\"verdict\">");
		element(out, "b", b->label);
		escape_html(out, b->text);
		buf_adds(out, "</p>\n");
		break;
	case BLOCK_PAIR:
		element(out, "dt", b->label);
		element(out, "dd", b->text);
		break;
	case BLOCK_HEADING:
		element(out, "h2", b->text);
		break;
	case BLOCK_PARA:
		element(out, "p", b->text);
		break;
	case BLOCK_STEPS:
		lines(out, b, "ol");
		break;
	case BLOCK_ITEMS:
		lines(out, b, "ul");
		break;
	case BLOCK_CODE:
	case BLOCK_COMMANDS:
		code(out, b);
		break;
	case BLOCK_TABLE:
		table(out, b);
		break;
	case BLOCK_MATRIX:
		picture(out, &r->matrix);
		table(out, b);
		break;
	}
}

static void
head(struct buf *out, const struct report *r)
{
	buf_adds(out,
	    "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n"
	    "<meta charset=\"utf-8\">\n"
	    "<meta http-equiv=\"Content-Security-Policy\" "
	    "content=\"default-src 'none'; style-src 'unsafe-inline'\">\n"
	    "<meta name=\"viewport\" "
	    "content=\"width=device-width, initial-scale=1\">\n<title>");
	escape_html(out, engine_playbook(r->engine)->title);
	buf_addf(
	    out, "</title>\n<style>\n%s</style>\n</head>\n<body>\n", style);
}

void
report_write_html(const struct report *r, struct buf *out)
{
	struct report_doc d;
	bool in_pairs = false;

	head(out, r);
	report_doc_build(&d, r);
	for (size_t i = 0; i < d.n; i++) {
		bool is_pair = d.v[i].kind == BLOCK_PAIR;

		if (is_pair != in_pairs)
			buf_adds(out, is_pair ? "<dl>\n" : "</dl>\n");
		in_pairs = is_pair;
		block(out, &d.v[i], r);
	}
	buf_adds(out, in_pairs ? "</dl>\n" : "");
	buf_adds(out, "</body>\n</html>\n");
	report_doc_done(&d);
}
