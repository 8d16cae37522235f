/* SPDX-License-Identifier: ISC
 *
 * Line mode's questions: the fields of a form one after the other.
 */
#include "line.h"

#include <string.h>

#include "../../probes/base/mem.h"

static void
print_where(struct line_ui *u, const struct field *f)
{
	const char *where = field_where(line_engine(u), f);

	if (!where)
		return;
	char *flow = text_flow(where);
	char *text = mem_printf("Where: %s", flow);
	print_wrapped(u->out, text, LINE_COLUMNS, 7);
	mem_free(text);
	mem_free(flow);
}

static size_t
print_choices(struct line_ui *u, const struct choice_list *l, const char *offer)
{
	size_t chosen = 0;

	for (size_t i = 0; i < l->n; i++) {
		char *text = mem_printf("%2zu  %s%s%s", i + 1, l->labels[i],
		    l->help[i] ? " - " : "", l->help[i] ? l->help[i] : "");
		print_wrapped(u->out, text, LINE_COLUMNS, 4);
		mem_free(text);
		if (str_eq(l->values[i], offer ? offer : "unknown"))
			chosen = i + 1;
	}
	return chosen;
}

/* What a line at a choice picks: its number, value or label. */
static const char *
pick(const struct choice_list *l, const char *line)
{
	int64_t number;

	if (str_number(line, 1, (int64_t)l->n, &number))
		return l->values[number - 1];
	for (size_t i = 0; i < l->n; i++) {
		if (str_same(line, l->values[i]) ||
		    str_same(line, l->labels[i]))
			return l->values[i];
	}
	return NULL;
}

static enum said
ask_choice(struct line_ui *u, const struct field *f, struct kvs *answers)
{
	const char *offer = kvs_get(answers, f->fact);
	struct choice_list l;
	char *line;

	field_choices(f, &l);
	size_t chosen = print_choices(
	    u, &l, offer ? offer : engine_field_offer(line_engine(u), f));
	char *text = mem_printf("Number [%zu]", chosen);
	for (;;) {
		enum said said = line_prompt(u, text, true, &line);
		if (said != SAID_ANSWER) {
			mem_free(text);
			return said;
		}
		const char *value = *line    ? pick(&l, line)
				    : chosen ? l.values[chosen - 1]
					     : "unknown";
		mem_free(line);
		if (value) {
			kvs_set(answers, f->fact, value);
			mem_free(text);
			return SAID_ANSWER;
		}
		fprintf(u->out,
		    "Please type a number from 1 to %zu, or ? or :help.\n",
		    l.n);
	}
}

/* The lines after the first of a long text, up to an empty one. */
static enum said
more_lines(struct line_ui *u, char **text)
{
	for (;;) {
		char *line;
		enum line_end end;
		fputs("| ", u->out);
		end = line_next(u, &line);
		if (end == LINE_SIGNAL)
			return SAID_SIGNAL;
		if (end == LINE_EOF)
			return SAID_ANSWER;
		bool is_last = !*str_trim(line);
		if (!is_last && strlen(*text) < LINE_MAX_BYTES) {
			char *both = mem_printf("%s\n%s", *text, line);
			mem_free(*text);
			*text = both;
		}
		mem_free(line);
		if (is_last)
			return SAID_ANSWER;
	}
}

static void
print_meaning(struct line_ui *u, const char *text)
{
	const char *meaning = engine_error_meaning(line_engine(u), text);

	if (!meaning)
		return;
	char *line = mem_printf("That means: %s", meaning);
	print_wrapped(u->out, line, LINE_COLUMNS, 0);
	mem_free(line);
}

/* "Outgoing port [587]"; of several lines offered only the first is shown. */
static char *
text_prompt(const struct field *f, const char *offer)
{
	const char *label = field_is_long(f) ? "Message" : f->label;
	const char *end = offer ? strchr(offer, '\n') : NULL;

	if (!offer)
		return mem_printf("%s%s", label, f->optional ? " [skip]" : "");
	return end ? mem_printf(
			 "%s [%.*s ...]", label, (int)(end - offer), offer)
		   : mem_printf("%s [%s]", label, offer);
}

static enum said
ask_text(struct line_ui *u, const struct field *f, struct kvs *answers)
{
	const char *offer = kvs_get(answers, f->fact);
	struct err err = {0};
	char *line;
	enum said said;

	if (!offer)
		offer = engine_field_offer(line_engine(u), f);
	if (str_eq(offer, "unknown"))
		offer = NULL;
	if (field_is_long(f))
		fputs("Paste it and end with an empty line; only an empty "
		      "line skips this.\n",
		    u->out);
	char *text = text_prompt(f, offer);
	for (;;) {
		bool is_free = f->kind == FIELD_TEXT;
		said = line_prompt(u, text, false, &line);
		if (said == SAID_ANSWER && !is_free && str_eq(line, "?")) {
			(void)line_why(u);
			mem_free(line);
			continue;
		}
		if (said == SAID_ANSWER && *line && field_is_long(f))
			said = more_lines(u, &line);
		if (said != SAID_ANSWER) {
			mem_free(line);
			break;
		}
		const char *value = *line ? line : offer ? offer : "";
		if (engine_field_check(line_engine(u), f, value, &err)) {
			if (field_is_long(f))
				print_meaning(u, value);
			kvs_set(answers, f->fact, value);
			mem_free(line);
			break;
		}
		fprintf(u->out, "%s\n", err.msg);
		mem_free(line);
	}
	mem_free(text);
	return said;
}

static enum said
ask_field(struct line_ui *u, const struct field *f, struct kvs *answers)
{
	fprintf(u->out, "\n%s\n", f->label);
	print_where(u, f);
	return f->kind == FIELD_CHOICE ? ask_choice(u, f, answers)
				       : ask_text(u, f, answers);
}

static void
print_node(struct line_ui *u)
{
	struct doc d = {.plain = true};
	char *step = step_text(line_engine(u));

	if (*step && !str_eq(step, u->step))
		fprintf(u->out, "\n%s\n", step);
	mem_free(u->step);
	u->step = step;
	fputc('\n', u->out);
	say_node(line_engine(u), &d);
	say_discloses(line_engine(u), &d);
	line_doc(u, &d);
}

/* The next field to ask in a direction; n_fields at the end, -1 before. */
static int
next_field(const struct line_ui *u, const struct node *n, int i, int step)
{
	for (i += step; i >= 0 && (size_t)i < n->n_fields; i += step) {
		if (engine_field_open(line_engine(u), &n->fields[i]))
			break;
	}
	return i;
}

/* Every open field in turn; back goes to the one before first. */
enum said
line_ask(struct line_ui *u)
{
	const struct node *n = engine_node(line_engine(u));
	struct kvs answers = {0};
	enum said said = SAID_ANSWER;

	print_node(u);
	int first = next_field(u, n, -1, 1), i = first;
	while ((size_t)i < n->n_fields) {
		u->is_inside = i > first;
		u->field = &n->fields[i];
		said = ask_field(u, &n->fields[i], &answers);
		if (said == SAID_BACK && u->is_inside)
			i = next_field(u, n, i, -1);
		else if (said == SAID_ANSWER)
			i = next_field(u, n, i, 1);
		else
			break;
	}
	u->is_inside = false;
	u->field = NULL;
	if (said == SAID_ANSWER)
		session_event(u->s, EVENT_ANSWER, &answers);
	kvs_done(&answers);
	return said;
}

enum said
line_read(struct line_ui *u)
{
	char *line;

	print_node(u);
	enum said said =
	    line_prompt(u, "Enter goes on, b goes back", true, &line);
	if (said == SAID_ANSWER) {
		mem_free(line);
		session_event(u->s, EVENT_CONTINUE, NULL);
	}
	return said;
}
