/* SPDX-License-Identifier: ISC
 *
 * Fields, focus and answers of a question.
 */
#include "form.h"

#include <string.h>

#include "../../probes/base/mem.h"

#define FORM_LABEL_MAX 26
/* More choices or rows than that are a list. */
#define FORM_INLINE_ROWS 3
#define FORM_INLINE_CHOICES 6

static void
field_done(struct form_field *ff)
{
	edit_done(&ff->edit);
}

/* Takes the fields away; drafts stay. */
static void
form_clear(struct form *f)
{
	struct kvs drafts = f->drafts;

	for (size_t i = 0; i < f->n; i++)
		field_done(&f->v[i]);
	mem_free(f->v);
	mem_free(f->complaint);
	*f = (struct form){.drafts = drafts};
}

void
form_done(struct form *f)
{
	form_clear(f);
	kvs_done(&f->drafts);
}

static bool
is_choice(const struct form_field *ff)
{
	return ff->field->kind == FIELD_CHOICE;
}

/* What the engine offers, until the user has typed something. */
static void
fill_in(struct form_field *ff, const struct engine *e)
{
	const char *offer = engine_field_offer(e, ff->field);

	if (ff->is_touched)
		return;
	if (!is_choice(ff)) {
		if (!offer || str_eq(offer, "unknown"))
			offer = "";
		if (!str_eq(ff->edit.text.data, offer))
			edit_set(&ff->edit, offer);
		return;
	}
	for (size_t i = 0; i < ff->list.n; i++) {
		if (str_eq(ff->list.values[i], offer))
			ff->chosen = i;
	}
}

static void
field_init(struct form_field *ff, const struct field *field)
{
	*ff = (struct form_field){.field = field};
	edit_init(&ff->edit, field_is_long(field));
	if (field->kind != FIELD_CHOICE)
		return;
	field_choices(field, &ff->list);
	for (size_t i = 0; i < ff->list.n; i++) {
		if (str_eq(ff->list.values[i], "unknown"))
			ff->chosen = i;
	}
}

/* What was typed before the user went away from it. */
static void
fill_draft(struct form *f, struct form_field *ff)
{
	const char *draft = kvs_get(&f->drafts, ff->field->fact);

	if (!draft)
		return;
	ff->is_touched = true;
	if (!is_choice(ff))
		edit_set(&ff->edit, draft);
	for (size_t i = 0; i < ff->list.n; i++) {
		if (str_eq(ff->list.values[i], draft))
			ff->chosen = i;
	}
}

static size_t
find_field(const struct form *f, const struct field *field)
{
	for (size_t i = 0; i < f->n; i++) {
		if (f->v[i].field == field)
			return i;
	}
	return f->n;
}

static void
insert_field(struct form *f, size_t at, const struct field *field)
{
	(void)MEM_PUSH(&f->v, &f->n, &f->cap);
	memmove(f->v + at + 1, f->v + at, (f->n - 1 - at) * sizeof(*f->v));
	field_init(&f->v[at], field);
	fill_draft(f, &f->v[at]);
	if (f->n > 1 && at < f->focus)
		f->focus++;
}

static const char *
answer_of(const struct form_field *ff)
{
	if (!is_choice(ff))
		return ff->edit.text.data;
	return ff->chosen < ff->list.n ? ff->list.values[ff->chosen]
				       : "unknown";
}

/* Answers that were sent are kept by the engine; others here. */
static void
keep_drafts(struct form *f)
{
	for (size_t i = 0; i < f->n; i++) {
		const struct form_field *ff = &f->v[i];
		if (ff->is_touched && !f->is_sent)
			kvs_set(&f->drafts, ff->field->fact, answer_of(ff));
		else
			kvs_unset(&f->drafts, ff->field->fact);
	}
}

void
form_sync(struct form *f, const struct engine *e)
{
	const struct node *n =
	    engine_state(e) == ENGINE_ASKING ? engine_node(e) : NULL;
	size_t at = 0;

	if (f->node != n) {
		keep_drafts(f);
		form_clear(f);
		f->node = n;
	}
	for (size_t i = 0; n && i < n->n_fields; i++) {
		size_t have = find_field(f, &n->fields[i]);
		if (have < f->n) {
			at = have + 1;
		} else if (engine_field_open(e, &n->fields[i])) {
			insert_field(f, at, &n->fields[i]);
			at++;
		}
	}
	for (size_t i = 0; i < f->n; i++)
		fill_in(&f->v[i], e);
}

bool
form_in_text(const struct form *f)
{
	return f->n > 0 && !is_choice(&f->v[f->focus]);
}

/* ---- keys ------------------------------------------------------------- */

void
form_answers(const struct form *f, struct kvs *out)
{
	for (size_t i = 0; i < f->n; i++) {
		char *copy = mem_dup(answer_of(&f->v[i]));
		kvs_set(out, f->v[i].field->fact, str_trim(copy));
		mem_free(copy);
	}
}

static void
clear_complaint(struct form *f)
{
	mem_free(f->complaint);
	f->complaint = NULL;
}

static bool
check_at(struct form *f, const struct engine *e, size_t i)
{
	struct err err = {0};
	char *copy = mem_dup(answer_of(&f->v[i]));
	bool good = engine_field_check(e, f->v[i].field, str_trim(copy), &err);

	clear_complaint(f);
	if (!good) {
		f->complaint = mem_dup(err.msg);
		f->focus = i;
	}
	mem_free(copy);
	return good;
}

static enum form_want
next(struct form *f, const struct engine *e)
{
	if (f->n && !check_at(f, e, f->focus))
		return FORM_NOTHING;
	if (f->focus + 1 < f->n) {
		f->v[f->focus++].is_touched = true;
		return FORM_NOTHING;
	}
	for (size_t i = 0; i < f->n; i++) {
		if (!check_at(f, e, i))
			return FORM_NOTHING;
	}
	f->is_sent = true;
	return FORM_SUBMIT;
}

static void
move_to(struct form *f, size_t focus)
{
	clear_complaint(f);
	f->focus = focus;
}

static void
up_down(struct form *f, bool down)
{
	struct form_field *ff = &f->v[f->focus];

	if (is_choice(ff) && ff->is_list &&
	    (down ? ff->chosen + 1 < ff->list.n : ff->chosen > 0)) {
		ff->chosen += down ? 1 : (size_t)-1;
		ff->is_touched = true;
	} else if (down && f->focus + 1 < f->n) {
		move_to(f, f->focus + 1);
	} else if (!down && f->focus > 0) {
		move_to(f, f->focus - 1);
	}
}

static void
choose_key(struct form_field *ff, const struct input *in)
{
	size_t n = ff->list.n;
	char digit = in->press == PRESS_TEXT && !in->text[1] ? in->text[0] : 0;

	if (digit >= '1' && digit <= '9' && (size_t)(digit - '1') < n)
		ff->chosen = (size_t)(digit - '1');
	else if (in->press == PRESS_LEFT && ff->chosen > 0)
		ff->chosen--;
	else if (in->press == PRESS_RIGHT && ff->chosen + 1 < n)
		ff->chosen++;
	else if (digit == ' ' && n && !ff->is_list)
		ff->chosen = (ff->chosen + 1) % n;
	else if (in->press == PRESS_HOME)
		ff->chosen = 0;
	else if (in->press == PRESS_END && n)
		ff->chosen = n - 1;
	else
		return;
	ff->is_touched = true;
}

static void
edit_field(struct form *f, const struct input *in)
{
	struct form_field *ff = &f->v[f->focus];

	if (is_choice(ff)) {
		choose_key(ff, in);
	} else if (edit_key(&ff->edit, in)) {
		ff->is_touched = true;
		clear_complaint(f);
		if (ff->edit.is_full)
			f->complaint = mem_dup(
			    "No more fits here; the rest was left out.");
	}
}

enum form_want
form_handle(struct form *f, const struct engine *e, enum command command,
    const struct input *in)
{
	if (command == DO_NEXT)
		return next(f, e);
	if (command == DO_BACK)
		return FORM_BACK;
	if (!f->n)
		return command == DO_FIELD_BEFORE ? FORM_BACK : FORM_NOTHING;
	if (command == DO_FIELD_BEFORE && f->focus == 0)
		return FORM_BACK;
	if (command == DO_FIELD_BEFORE)
		move_to(f, f->focus - 1);
	else if (command == DO_FIELD_NEXT)
		move_to(f, (f->focus + 1) % f->n);
	else if (command == DO_UP || command == DO_DOWN)
		up_down(f, command == DO_DOWN);
	else if (command == DO_EDIT)
		edit_field(f, in);
	return FORM_NOTHING;
}

/* ---- drawing ---------------------------------------------------------- */

static size_t
choose_items(const struct form_field *ff, struct choose_item *items)
{
	for (size_t i = 0; i < ff->list.n; i++)
		items[i] = (struct choose_item){
		    .label = ff->list.labels[i], .help = ff->list.help[i]};
	return ff->list.n;
}

static int
label_width(const struct form *f)
{
	int width = 0;

	for (size_t i = 0; i < f->n; i++) {
		int w = str_width(f->v[i].field->label);
		if (w > width && w <= FORM_LABEL_MAX)
			width = w;
	}
	return width;
}

struct place_of { /* where a field is drawn */
	int row, value_column;
	bool focus, compact;
};

/* Label on its own row or beside the value; gives the value's row. */
static int
draw_label(const struct form_field *ff, struct canvas *c,
    const struct place_of *at, bool beside)
{
	enum look look = at->focus ? LOOK_BOLD : LOOK_PLAIN;
	int row = at->row;

	if (!beside)
		return canvas_wrap(c, row, 1, 1, look, ff->field->label);
	row = canvas_wrap(c, row, 3, 3, look, ff->field->label);
	return row - 1;
}

static bool
fits_beside(const struct form_field *ff, const struct canvas *c,
    const struct place_of *at)
{
	return str_width(ff->field->label) <= FORM_LABEL_MAX &&
	       c->columns - at->value_column >= 24;
}

/* The label and what is chosen, in one row where both fit. */
static int
draw_chosen(const struct form_field *ff, struct canvas *c,
    const struct place_of *at, bool beside)
{
	const char *chosen =
	    ff->chosen < ff->list.n ? ff->list.labels[ff->chosen] : "";
	int row = draw_label(ff, c, at, true);
	int column = 3 + str_width(ff->field->label) + 2;

	if (beside)
		column = at->value_column;
	else if (column + str_width(chosen) > c->columns) {
		column = 5;
		row++;
	}
	canvas_put(c, row, column, LOOK_PLAIN, chosen);
	return row + 1;
}

/* A long label has a row of its own, above its choices. */
static int
draw_choice(struct form_field *ff, struct canvas *c, const struct place_of *at)
{
	struct choose_item items[64];
	size_t n = choose_items(ff, items);
	bool beside = fits_beside(ff, c, at);
	int column = beside ? at->value_column : 5;
	int rows = choose_rows(items, n, c->columns - column);

	ff->is_list =
	    rows == 0 || rows > FORM_INLINE_ROWS || n > FORM_INLINE_CHOICES;
	if (at->compact && !at->focus && (ff->is_list || rows > 1 || !beside))
		return draw_chosen(ff, c, at, beside);
	if (!ff->is_list) {
		int row = draw_label(ff, c, at, true);
		if (at->focus)
			canvas_put(
			    c, beside ? row : at->row, 1, LOOK_BOLD, ">");
		return choose_draw_line(items, n, ff->chosen, c,
		    beside ? row : row + 1, column, at->focus);
	}
	int row = draw_label(ff, c, at, false);
	return choose_draw_list(items, n, ff->chosen, c, row, 1, at->focus);
}

static int
draw_text(
    const struct form_field *ff, struct canvas *c, const struct place_of *at)
{
	bool beside = !ff->edit.is_long && fits_beside(ff, c, at);
	int row = draw_label(ff, c, at, beside);
	int column = beside ? at->value_column : 5;

	if (at->focus)
		canvas_put(c, row, 1, LOOK_BOLD, ">");
	return edit_draw(&ff->edit, c, row, column, at->focus);
}

static int
draw_meaning(const struct form_field *ff, const struct engine *e,
    struct canvas *c, int row)
{
	const char *meaning;

	if (!ff->edit.is_long || !ff->edit.text.len)
		return row;
	meaning = engine_error_meaning(e, ff->edit.text.data);
	if (!meaning)
		return row;
	char *text = mem_printf("That means: %s", meaning);
	row = canvas_wrap(c, row, 3, 3, LOOK_BOLD, text);
	mem_free(text);
	return row;
}

static int
draw_field(struct form *f, size_t i, const struct engine *e, struct canvas *c,
    struct place_of *at)
{
	struct form_field *ff = &f->v[i];
	int top = at->row;

	at->row = is_choice(ff) ? draw_choice(ff, c, at) : draw_text(ff, c, at);
	at->row = draw_meaning(ff, e, c, at->row);
	if (!at->focus)
		return at->row;
	if (f->complaint) {
		char *text = mem_printf("! %s", f->complaint);
		at->row = canvas_wrap(c, at->row, 3, 5, LOOK_BAD, text);
		mem_free(text);
	}
	if (!is_choice(ff) || !ff->is_list)
		canvas_mark(c, top, at->row - top);
	return at->row;
}

static int
draw_hint(struct canvas *c, int row, const char *label, const char *text)
{
	if (!text || !*text)
		return row;
	char *flow = text_flow(text);
	char *line = mem_printf("%s: %s", label, flow);
	row =
	    canvas_wrap(c, row, 1, 1 + str_width(label) + 2, LOOK_PLAIN, line);
	mem_free(line);
	mem_free(flow);
	return row;
}

int
form_draw(struct form *f, const struct engine *e, struct canvas *c, int row,
    bool compact)
{
	struct place_of at = {.row = row,
	    .value_column = 3 + label_width(f) + 2,
	    .compact = compact};

	for (size_t i = 0; i < f->n; i++) {
		bool was_list = i && f->v[i - 1].is_list;
		at.focus = i == f->focus;
		if (i && !compact && (was_list || f->v[i].edit.is_long))
			at.row++;
		(void)draw_field(f, i, e, c, &at);
	}
	if (!f->n)
		return at.row;
	const struct field *field = f->v[f->focus].field;
	row = draw_hint(c, at.row + 1, "Where", field_where(e, field));
	if (!compact || row == at.row + 1)
		row = draw_hint(c, row, "Why we ask", field->why);
	return row;
}
