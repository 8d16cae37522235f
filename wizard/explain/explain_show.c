/* SPDX-License-Identifier: ISC
 *
 * An explanation for people: at most 78 columns, plain words.
 */
#include "explain.h"

#include <string.h>

#include "../../probes/base/buf.h"

#define COLUMNS 78

/* `first` stands in front of the first line, blanks in front of the others. */
static void
add_text(struct buf *out, const char *first, const char *text)
{
	int indent = (int)strlen(first);

	buf_adds(out, first);
	while (*text) {
		size_t len = str_fit(text, COLUMNS - indent), end;

		if (text[len] && text[len] != ' ') {
			for (end = len; end > 0 && text[end] != ' '; end--)
				;
			if (end > 0)
				len = end;
		}
		if (len == 0)
			len = 1;
		buf_add(out, text, len);
		text += len;
		while (*text == ' ')
			text++;
		if (*text)
			buf_addf(out, "\n%*s", indent, "");
	}
	buf_addc(out, '\n');
}

static const char *
name_fixer(const char *who)
{
	static const struct {
		const char *who, *words;
	} names[] = {{"you", "You."},
	    {"admin", "Your administrator (or the provider's support)."},
	    {"provider", "Whoever runs the server."},
	    {"network", "Whoever runs the network or the protection program; "
			"often that is you."},
	    {"nobody", "Nothing has to be fixed."}};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (str_eq(names[i].who, who))
			return names[i].words;
	return "You.";
}

static const char *
name_certainty(enum explain_certainty certainty)
{
	switch (certainty) {
	case EXPLAIN_UNKNOWN:
		return "nothing is known";
	case EXPLAIN_CLASS:
		return "only its class is known";
	case EXPLAIN_LIKELY:
		return "the usual meaning; there are others";
	case EXPLAIN_EXACT:
		return "known";
	}
	return "";
}

static void
add_line(struct buf *out, const char *name, const char *text)
{
	struct buf line;

	if (!text || !*text)
		return;
	buf_init(&line, 1024);
	buf_addf(&line, "%s: %.900s", name, text);
	add_text(out, "  ", line.data);
	buf_done(&line);
}

static void
add_what(const struct explanation *e, struct buf *out)
{
	buf_adds(out, "What it is\n");
	add_text(out, "  ", e->title ? e->title : "");
	if (!str_in_set(e->cause ? e->cause : "unknown", "none|unknown"))
		add_line(out, "cause", e->cause);
	add_line(out, "recipient", e->recipient);
	add_line(out, "server", e->remote);
	add_line(out, "action", e->action);
	add_line(out, "status", e->status);
	add_line(out, "words", e->matched);
}

static void
add_steps(const struct explanation *e, struct buf *out)
{
	char number[16];

	buf_adds(out, "What to do\n");
	for (size_t i = 0; i < e->fix.n; i++) {
		struct buf b;

		buf_init(&b, sizeof(number) - 1);
		buf_addf(&b, "  %zu. ", i + 1);
		memcpy(number, b.data, b.len + 1);
		buf_done(&b);
		add_text(out, e->fix.n == 1 ? "  " : number, e->fix.v[i]);
	}
}

static void
add_one(const struct explanation *e, struct buf *out)
{
	add_what(e, out);
	buf_adds(out, "What it means\n");
	add_text(out, "  ", e->meaning ? e->meaning : "");
	buf_adds(out, "Who can fix it\n");
	add_text(out, "  ", name_fixer(e->who));
	add_steps(e, out);
	if (e->others.n > 0) {
		buf_adds(out, "It could also be\n");
		for (size_t i = 0; i < e->others.n; i++)
			add_text(out, "  - ", e->others.v[i]);
	}
	buf_adds(out, "Source\n");
	if (e->source)
		add_text(out, "  ", e->source);
	if (e->checked)
		add_line(out, "checked", e->checked);
	add_line(out, "how sure", name_certainty(e->certainty));
}

void
explain_show(const struct explanations *e, struct buf *out)
{
	for (size_t i = 0; i < e->n; i++) {
		if (i > 0)
			buf_addc(out, '\n');
		if (e->n > 1)
			buf_addf(out, "== %zu of %zu ==\n", i + 1, e->n);
		add_one(&e->v[i], out);
	}
	if (e->cut)
		buf_adds(out, "\nThe text was longer than is read; the rest "
			      "was left out.\n");
}
