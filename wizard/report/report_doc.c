/* SPDX-License-Identifier: ISC
 *
 * What a report says, in the order in which a tired person needs it: the
 * verdict, what to change, what to do; then the evidence for whoever gets
 * the report next.
 */
#include "report_doc.h"

#include <string.h>

#include "../../probes/base/clock.h"
#include "../../probes/base/mem.h"
#include "report_words.h"

static struct report_block *
add(struct report_doc *d, enum block_kind kind)
{
	struct report_block *b = MEM_PUSH(&d->v, &d->n, &d->cap);

	b->kind = kind;
	return b;
}

/* Text from wherever, safe to print; line feeds become blanks. */
static char *
clean(const char *text)
{
	char *copy = mem_dup(text ? text : ""), *out;

	for (char *p = copy; *p; p++)
		if (*p == '\n' || *p == '\r')
			*p = ' ';
	out = str_printable(copy, strlen(copy));
	mem_free(copy);
	return out;
}

static void
add_text(struct report_doc *d, enum block_kind kind, const char *label,
    const char *text)
{
	struct report_block *b;

	if (!text || !*text)
		return;
	b = add(d, kind);
	b->label = label ? clean(label) : NULL;
	b->text = clean(text);
}

static void
add_line(struct report_block *b, const char *text)
{
	strs_take(&b->lines, clean(text));
}

/* A heading with its lines; nothing at all where there are no lines. */
static void
add_section(struct report_doc *d, const char *heading, enum block_kind kind,
    const struct strs *lines)
{
	struct report_block *b;

	if (lines->n == 0)
		return;
	add_text(d, BLOCK_HEADING, NULL, heading);
	b = add(d, kind);
	for (size_t i = 0; i < lines->n; i++)
		add_line(b, lines->v[i]);
}

static void
start_table(struct report_block *b, const char *const *heads, size_t columns)
{
	b->columns = columns;
	for (size_t i = 0; i < columns; i++)
		add_line(b, heads[i]);
}

static void
add_verdict(struct report_doc *d, const struct report *r)
{
	const struct verdict *v = r->verdict;
	char *text;

	if (!v) {
		add_text(d, BLOCK_VERDICT, report_word_state(v),
		    "The tests were stopped before they came to a verdict.");
		return;
	}
	add_text(d, BLOCK_VERDICT, report_word_state(v),
	    v->title && *v->title ? v->title : v->cause);
	add_text(d, BLOCK_PAIR, "What it means", v->meaning);
	if (!str_eq(v->cause, "works"))
		add_text(d, BLOCK_PAIR, "Who can fix it",
		    report_word_fixed_by(v->fixed_by));
	text = strs_join(&v->why, " ");
	add_text(d, BLOCK_PAIR, "Why we think so", text);
	mem_free(text);
	add_text(
	    d, BLOCK_PAIR, "How sure", report_word_confidence(v->confidence));
	text = strs_join(v->also_titles.n ? &v->also_titles : &v->also, "; ");
	add_text(d, BLOCK_PAIR, "Also found", text);
	mem_free(text);
}

/* "Tested from here 14:02:11 UTC: name OK, reached OK, sign-in not tested." */
static void
add_tested(struct report_doc *d, const struct recommendation *rec)
{
	char *clock = report_clock(rec->tested_ms);
	struct strs parts = {0};
	char *list, *text;

	for (size_t i = 0; i < rec->tested.n; i++)
		strs_addf(&parts, "%s %s",
		    report_word_tested_name(rec->tested.v[i].name),
		    report_word_tested(rec->tested.v[i].value));
	list = strs_join(&parts, ", ");
	text = mem_printf("Tested from here at %s: %s.", clock, list);
	add_text(d, BLOCK_PARA, NULL, text);
	mem_free(text);
	mem_free(list);
	strs_done(&parts);
	mem_free(clock);
}

/* Yours works: what is recommended is only possible too. */
static void
add_possible(
    struct report_doc *d, const struct engine *e, const struct verdict *v)
{
	static const char *const heads[] = {"Setting", "Now", "Also possible"};
	struct report_block *b;

	add_text(d, BLOCK_HEADING, NULL, "Yours works");
	b = add(d, BLOCK_TABLE);
	start_table(b, heads, 3);
	for (size_t i = 0; i < v->n_compare; i++) {
		const struct setting_change *c = &v->compare[i];

		add_line(b, report_word_setting(c->setting));
		add_line(b, report_word_value(c->setting, c->yours));
		add_line(b, c->change || !*c->yours
				? report_word_value(c->setting, c->recommended)
				: "");
	}
	add_text(d, BLOCK_PARA, NULL, engine_works_words(e));
	add_tested(d, &v->recommended);
}

static void
add_comparison(
    struct report_doc *d, const struct engine *e, const struct verdict *v)
{
	static const char *const heads[] = {"", "Setting", "Now", "Change to"};
	struct report_block *b;

	if (!v->recommended.found || v->n_compare == 0)
		return;
	if (engine_mine_works(e) && !engine_must_change_any(e)) {
		add_possible(d, e, v);
		return;
	}
	add_text(d, BLOCK_HEADING, NULL, "Settings for the mail program");
	b = add(d, BLOCK_TABLE);
	start_table(b, heads, 4);
	for (size_t i = 0; i < v->n_compare; i++) {
		const struct setting_change *c = &v->compare[i];
		bool must = engine_must_change(e, c);
		bool keep = !must && *c->yours;

		add_line(b, must ? "*" : "");
		add_line(b, report_word_setting(c->setting));
		add_line(b, report_word_value(c->setting, c->yours));
		add_line(
		    b, keep ? "(keep)"
			    : report_word_value(c->setting, c->recommended));
	}
	add_text(d, BLOCK_PARA, NULL, "* = must be changed.");
	add_tested(d, &v->recommended);
	if (v->recommended.why && *v->recommended.why) {
		char *text =
		    mem_printf("Why this one: %s.", v->recommended.why);

		add_text(d, BLOCK_PARA, NULL, text);
		mem_free(text);
	}
}

/* The clicks in the user's own program: to the settings, or, where these
 * are right, to a new profile. */
static void
add_clicks(
    struct report_doc *d, const struct engine *e, const struct verdict *v)
{
	const char *app = engine_app_name(e);
	struct strs steps = {0};
	bool rebuild = str_eq(v->cause, "profile-rebuild");
	char *head;

	if (rebuild)
		engine_rebuild_steps(e, &steps);
	else if (engine_must_change_any(e))
		engine_click_steps(e, &steps);
	head = mem_printf(rebuild ? "A new profile in %s, step by step"
				  : "Where to click in %s",
	    app ? app : "the mail program");
	add_section(d, head, BLOCK_STEPS, &steps);
	mem_free(head);
	strs_done(&steps);
}

static const char *
cell_text(const struct cell *c)
{
	static const char *const texts[] = {
	    [CELL_NONE] = "-",
	    [CELL_WAIT] = "waiting",
	    [CELL_YES] = "yes",
	    [CELL_NO] = "NO",
	    [CELL_SKIP] = "not tested",
	};

	return c->text[0] ? c->text : texts[c->state];
}

static void
add_row(struct report_block *b, const struct matrix_row *row)
{
	char *text = mem_printf("%s port %d%s", row->host, row->port,
	    row->is_mine         ? " (yours)"
	    : row->is_documented ? " (documented)"
				 : "");

	add_line(b, text);
	mem_free(text);
	add_line(b, cell_text(&row->reached));
	add_line(b, cell_text(&row->mail));
	add_line(b, cell_text(&row->encrypted));
	add_line(b, cell_text(&row->genuine));
	add_line(b, cell_text(&row->sign_in));
	text = row->ms >= 0 ? report_duration(row->ms) : mem_dup("-");
	add_line(b, text);
	mem_free(text);
}

static void
add_matrix(struct report_doc *d, const struct matrix *m)
{
	static const char *const heads[] = {"Server and port", "Reached",
	    "Mail", "Encrypted", "Genuine", "Sign-in", "Connect"};
	struct report_block *b;

	if (m->n == 0)
		return;
	add_text(d, BLOCK_HEADING, NULL, "What this computer sees");
	b = add(d, BLOCK_MATRIX);
	start_table(b, heads, 7);
	for (size_t i = 0; i < m->n; i++)
		add_row(b, &m->v[i]);
	for (size_t i = 0; i < m->n; i++)
		if (m->v[i].note && *m->v[i].note) {
			char *text = mem_printf("%s port %d: %s", m->v[i].host,
			    m->v[i].port, m->v[i].note);

			add_text(d, BLOCK_PARA, NULL, text);
			mem_free(text);
		}
}

static void
add_answers(struct report_doc *d, const struct engine *e)
{
	static const char *const heads[] = {"Answer", "Value", "From"};
	size_t n = 0;
	const struct fact *facts = engine_facts(e, &n);
	struct report_block *b = NULL;

	for (size_t i = 0; i < n; i++) {
		const struct fact *f = &facts[i];

		if (f->from != FROM_ANSWER && f->from != FROM_IMPORT)
			continue;
		if (!b) {
			add_text(d, BLOCK_HEADING, NULL, "What was answered");
			b = add(d, BLOCK_TABLE);
			start_table(b, heads, 3);
		}
		add_line(b, f->name);
		add_line(b, f->value);
		add_line(b, f->by ? f->by : "");
	}
}

static void
add_steps(struct report_doc *d, const struct engine *e)
{
	static const char *const heads[] = {"UTC", "Took", "What", "Outcome"};
	size_t n = 0;
	const struct step *steps = engine_steps(e, &n);
	struct report_block *b = NULL;

	for (size_t i = 0; i < n; i++) {
		const struct step *s = &steps[i];
		char *clock, *took;

		if (!str_eq(s->kind, "probe"))
			continue;
		if (!b) {
			add_text(d, BLOCK_HEADING, NULL,
			    "Everything that was tested");
			b = add(d, BLOCK_TABLE);
			start_table(b, heads, 4);
		}
		clock = report_clock(s->at_ms);
		took = report_duration(s->ms);
		clock[strcspn(clock, " ")] = '\0';
		add_line(b, clock);
		add_line(b, took);
		add_line(b, s->name);
		add_line(b, s->outcome);
		mem_free(clock);
		mem_free(took);
	}
}

static void
add_transcripts(struct report_doc *d, const struct engine *e)
{
	size_t n = 0;
	const struct step *steps = engine_steps(e, &n);
	bool is_first = true;

	for (size_t i = 0; i < n; i++) {
		const struct step *s = &steps[i];
		struct report_block *b;

		if (s->transcript.n == 0)
			continue;
		if (is_first)
			add_text(
			    d, BLOCK_HEADING, NULL, "Every line that was seen");
		is_first = false;
		add_text(d, BLOCK_PARA, NULL, s->name);
		b = add(d, BLOCK_CODE);
		for (size_t j = 0; j < s->transcript.n; j++)
			add_line(b, s->transcript.v[j]);
	}
}

static void
add_sources(struct report_doc *d, const struct report *r)
{
	static const char *const heads[] = {"What", "Version", "From"};
	const struct knowledge *k = engine_knowledge(r->engine);
	struct report_block *b;
	char *text;

	add_text(d, BLOCK_HEADING, NULL, "Sources and versions");
	b = add(d, BLOCK_TABLE);
	start_table(b, heads, 3);
	add_line(b, "smtpwiz");
	add_line(b, r->version);
	add_line(b, "this program");
	for (size_t i = 0; k && i < k->n_origins; i++) {
		add_line(b, k->origins[i].name);
		add_line(b, k->origins[i].version);
		add_line(b, k->origins[i].file);
	}
	for (size_t i = 0; k && i < k->n_origins; i++)
		if (k->origins[i].older) {
			text = mem_printf("An older copy was not used: %s",
			    k->origins[i].older);
			add_text(d, BLOCK_PARA, NULL, text);
			mem_free(text);
		}
	text = strs_join(&r->versions, ", ");
	add_text(d, BLOCK_PARA, NULL, text);
	mem_free(text);
}

static void
add_times(struct report_doc *d, const struct engine *e)
{
	char started[CLOCK_TEXT], ended[CLOCK_TEXT] = "not ended";
	char *text;

	clock_format(engine_started(e), started);
	if (engine_ended(e))
		clock_format(engine_ended(e), ended);
	text = mem_printf("Started %s, ended %s, %d questions asked.", started,
	    ended, engine_questions_asked(e));
	add_text(d, BLOCK_PARA, NULL, text);
	mem_free(text);
}

void
report_doc_build(struct report_doc *d, const struct report *r)
{
	const struct verdict *v = r->verdict;
	char *title =
	    mem_printf("smtpwiz: %s", engine_playbook(r->engine)->title);

	memset(d, 0, sizeof(*d));
	add_text(d, BLOCK_TITLE, NULL, title);
	mem_free(title);
	add_verdict(d, r);
	if (v) {
		add_comparison(d, r->engine, v);
		add_section(d, "What to do", BLOCK_STEPS, &v->remedy);
		add_clicks(d, r->engine, v);
		add_section(
		    d, "The server's own words", BLOCK_CODE, &v->server_said);
		add_section(d, "So that it does not come back", BLOCK_ITEMS,
		    &v->prevent);
	}
	add_matrix(d, &r->matrix);
	add_answers(d, r->engine);
	add_steps(d, r->engine);
	if (v) {
		add_section(
		    d, "How to see it yourself", BLOCK_COMMANDS, &v->reproduce);
		add_section(d, "What cannot be seen from here", BLOCK_ITEMS,
		    &v->limits);
	}
	add_transcripts(d, r->engine);
	add_sources(d, r);
	add_times(d, r->engine);
}

void
report_doc_done(struct report_doc *d)
{
	for (size_t i = 0; i < d->n; i++) {
		mem_free(d->v[i].label);
		mem_free(d->v[i].text);
		strs_done(&d->v[i].lines);
	}
	mem_free(d->v);
	memset(d, 0, sizeof(*d));
}
