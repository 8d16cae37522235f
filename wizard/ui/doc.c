/* SPDX-License-Identifier: ISC
 *
 * Building documents, drawing them, printing them.
 */
#include "doc.h"

#include <stdarg.h>

#include "../../probes/base/buf.h"
#include "../../probes/base/mem.h"
#include "../../probes/base/str.h"

void
doc_add(
    struct doc *d, enum doc_style style, const char *label, const char *text)
{
	*MEM_PUSH(&d->v, &d->n, &d->cap) = (struct doc_line){
	    .style = style,
	    .look = style == DOC_HEAD ? LOOK_BOLD : LOOK_PLAIN,
	    .label = mem_dup(label),
	    .text = mem_dup(text ? text : ""),
	};
}

void
doc_addf(struct doc *d, enum doc_style style, const char *label,
    const char *fmt, ...)
{
	struct buf b;
	char small[2048];
	va_list ap;

	va_start(ap, fmt);
	int n = vsnprintf(small, sizeof(small), fmt, ap);
	va_end(ap);
	buf_init(&b, BUF_OURS);
	buf_adds(&b, small);
	if (n >= (int)sizeof(small))
		buf_adds(&b, "...");
	doc_add(d, style, label, b.data);
	buf_done(&b);
}

void
doc_look(struct doc *d, enum look look)
{
	if (d->n)
		d->v[d->n - 1].look = look;
}

void
doc_flow(struct doc *d, const char *text)
{
	char *flow = text_flow(text);

	for (char *at = flow; *at;) {
		size_t len = 0;
		while (at[len] && at[len] != '\n')
			len++;
		char *line = mem_dupn(at, len);
		if (len)
			doc_add(d, DOC_TEXT, NULL, line);
		else
			doc_blank(d);
		mem_free(line);
		at += len + (at[len] == '\n');
	}
	mem_free(flow);
}

void
doc_blank(struct doc *d)
{
	if (d->n && d->v[d->n - 1].style != DOC_BLANK)
		doc_add(d, DOC_BLANK, NULL, NULL);
}

void
doc_done(struct doc *d)
{
	for (size_t i = 0; i < d->n; i++) {
		mem_free(d->v[i].label);
		mem_free(d->v[i].text);
	}
	mem_free(d->v);
	*d = (struct doc){0};
}

static int
draw_one(const struct doc_line *l, struct canvas *c, int row)
{
	int left = 1;

	switch (l->style) {
	case DOC_BLANK:
		canvas_put(c, row, 0, LOOK_PLAIN, " ");
		return row + 1;
	case DOC_HEAD:
	case DOC_TEXT:
		return canvas_wrap(c, row, left, left, l->look, l->text);
	case DOC_PRE:
		canvas_put(c, row, left, l->look, l->text);
		return row + 1;
	case DOC_QUOTE:
		return canvas_wrap(
		    c, row, left + 4, left + 6, l->look, l->text);
	case DOC_LABEL:
		canvas_put(c, row, left, LOOK_BOLD, l->label);
		left += DOC_LABEL_WIDTH;
		if (str_width(l->label) >= DOC_LABEL_WIDTH)
			row++;
		return canvas_wrap(c, row, left, left, l->look, l->text);
	case DOC_STEP:
		canvas_put(c, row, left + 1, l->look, l->label);
		return canvas_wrap(
		    c, row, left + 4, left + 4, l->look, l->text);
	}
	return row;
}

int
doc_draw(const struct doc *d, struct canvas *c, int row)
{
	for (size_t i = 0; i < d->n; i++)
		row = draw_one(&d->v[i], c, row);
	return row;
}

void
print_wrapped(FILE *out, const char *text, int columns, int hang)
{
	bool first = true;

	do {
		size_t next;
		size_t len =
		    text_wrap(text, columns - (first ? 0 : hang), &next);
		fprintf(out, "%*s%.*s\n", first ? 0 : hang, "", (int)len, text);
		text += next;
		first = false;
	} while (*text);
}

static void
print_labelled(const struct doc_line *l, FILE *out, int columns,
    const char *between, int hang)
{
	char *text = mem_printf("%s%s%s", l->label, between, l->text);

	print_wrapped(out, text, columns, hang);
	mem_free(text);
}

void
doc_print(const struct doc *d, FILE *out, int columns)
{
	for (size_t i = 0; i < d->n; i++) {
		const struct doc_line *l = &d->v[i];
		switch (l->style) {
		case DOC_BLANK:
			fputc('\n', out);
			break;
		case DOC_HEAD:
		case DOC_TEXT:
			print_wrapped(out, l->text, columns, 0);
			break;
		case DOC_PRE:
			fprintf(out, "%s\n", l->text);
			break;
		case DOC_QUOTE:
			fprintf(out, "    %s\n", l->text);
			break;
		case DOC_LABEL:
			print_labelled(l, out, columns, ": ", 4);
			break;
		case DOC_STEP:
			print_labelled(l, out, columns, " ", 4);
			break;
		}
	}
}
