/* SPDX-License-Identifier: ISC
 *
 * Words for the result: what is wrong, who can mend it, what to change, and
 * what can be done next.
 */
#include "phrases.h"

#include <stdio.h>
#include <string.h>

#include "../../probes/base/clock.h"
#include "../../probes/base/mem.h"
#include "../report/report.h"

struct word {
	const char *of, *name, *text;
};

/* `of` is the kind of thing, so that "none" can mean different things. */
static const struct word words[] = {
    {"setting", "host", "Outgoing server"},
    {"setting", "port", "Outgoing port"},
    {"setting", "security", "Encryption"},
    {"setting", "auth", "Sign-in"},
    {"setting", "username", "User name"},
    {"security", "starttls", "STARTTLS"},
    {"security", "implicit-tls", "SSL/TLS"},
    {"security", "none", "None"},
    {"security", "auto", "Auto"},
    {"auth", "oauth2", "Sign-in window (OAuth2)"},
    {"auth", "password", "Password"},
    {"auth", "app-password", "App password"},
    {"auth", "none", "No sign-in"},
    {"fixed_by", "you", "You."},
    {"fixed_by", "admin", "The mail server's administrator."},
    {"fixed_by", "provider", "Your mail provider."},
    {"fixed_by", "network", "Whoever runs this network."},
    {"confidence", "certain", "Certain."},
    {"confidence", "likely", "Likely, not proved."},
    {"confidence", "possible", "Possible, not proved."},
    {"app", "outlook-classic", "Outlook"},
    {"app", "outlook-new", "Outlook"},
    {"app", "outlook-mac", "Outlook"},
    {"app", "outlook-mobile", "Outlook"},
    {"app", "thunderbird", "Thunderbird"},
    {"app", "apple-mail", "Mail"},
    {"tested", "dns", "name"},
    {"tested", "tcp", "reach"},
    {"tested", "tls", "encryption"},
    {"tested", "cert", "genuine"},
    {"tested", "auth_offered", "sign-in offered"},
    {"tested", "login", "sign-in"},
    {"tested", "send", "sending"},
    {"headline", "works", "IT WORKS"},
    {"headline", "inconclusive", "NOT DECIDED"},
    {"headline", "smtp-not-used", "NOT SMTP"},
};

static const char *
word(const char *of, const char *name, const char *otherwise)
{
	for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++) {
		if (str_eq(words[i].of, of) && str_eq(words[i].name, name))
			return words[i].text;
	}
	return otherwise;
}

static const char *
value_word(const struct setting_change *c, const char *value)
{
	if (!value || !*value || str_eq(value, "unknown"))
		return "not given";
	return word(c->setting, value, value);
}

static bool
is_given(const struct setting_change *c)
{
	return c->yours && *c->yours && !str_eq(c->yours, "unknown");
}

/* Yours works: the other value is only a possibility. */
static void
say_also_possible(const char *setting, const char *yours, const char *next,
    bool differs, struct doc *d)
{
	int wide = str_width(yours);

	if (d->plain && differs)
		doc_addf(d, DOC_TEXT, NULL, "WORKS  %s: %s (also possible: %s)",
		    setting, yours, next);
	else if (d->plain)
		doc_addf(d, DOC_TEXT, NULL, "WORKS  %s: %s", setting, yours);
	else
		doc_addf(d, DOC_PRE, NULL, "  %-20s%s%*s %s", setting, yours,
		    wide < 25 ? 25 - wide : 0, "", differs ? next : "");
}

static void
say_change(
    const struct engine *e, const struct setting_change *c, struct doc *d)
{
	const char *setting = word("setting", c->setting, c->setting);
	const char *yours = value_word(c, c->yours);
	const char *next = word(c->setting, c->recommended, c->recommended);

	bool given = is_given(c);
	bool has_next = c->recommended && *c->recommended;

	if (!given && !has_next)
		return;
	bool must = engine_must_change(e, c);

	if (!engine_must_change_any(e) && engine_mine_works(e) && given) {
		say_also_possible(setting, yours, next, c->change, d);
		return;
	}
	if (d->plain && must)
		doc_addf(d, DOC_TEXT, NULL, "CHANGE %s: now %s, change to %s",
		    setting, yours, next);
	else if (d->plain)
		doc_addf(d, DOC_TEXT, NULL, "KEEP   %s: %s", setting,
		    given ? yours : next);
	if (d->plain)
		return;
	int wide = str_width(yours);
	doc_addf(d, DOC_PRE, NULL, "%c %-20s%s%*s %s", must ? '*' : ' ',
	    setting, yours, wide < 25 ? 25 - wide : 0, "",
	    must || !given ? next : "(keep)");
	doc_look(d, must ? LOOK_BOLD : LOOK_PLAIN);
}

/* The tests with this outcome, joined by commas; the caller frees. */
static char *
tested_as(const struct recommendation *r, const char *outcome)
{
	struct strs list = {0};

	for (size_t i = 0; i < r->tested.n; i++) {
		const struct kv *kv = &r->tested.v[i];
		if (str_eq(kv->value, outcome))
			strs_add(&list, word("tested", kv->name, kv->name));
	}
	char *text = strs_join(&list, ", ");
	strs_done(&list);
	return text;
}

static void
say_tested(const struct recommendation *r, struct doc *d)
{
	char *good = tested_as(r, "pass"), *bad = tested_as(r, "fail");
	char at[CLOCK_TEXT];

	clock_format(r->tested_ms, at);
	at[19] = '\0';
	if (*good || *bad)
		doc_addf(d, DOC_TEXT, NULL, "Tested %s UTC: %s%s%s%s", at + 11,
		    good, *good ? ": OK" : "", *bad ? "; FAILED: " : "", bad);
	mem_free(good);
	mem_free(bad);
}

static void
say_how_sure(const struct verdict *v, struct doc *d)
{
	const char *sure = word("confidence", v->confidence, v->confidence);
	char *not_tested = tested_as(&v->recommended, "skip");

	if (v->recommended.found && *not_tested)
		doc_addf(d, DOC_LABEL, "How sure", "%s Not tested: %s.", sure,
		    not_tested);
	else
		doc_add(d, DOC_LABEL, "How sure", sure);
	mem_free(not_tested);
}

static const char *
app_word(const struct engine *e)
{
	return word("app", engine_fact(e, "app.name"), "your program");
}

static void
say_heads(struct doc *d, const char *what, const char *beside)
{
	doc_addf(d, DOC_PRE, NULL, "%-22s%-26s%s", what, "now", beside);
}

static void
say_compare(const struct engine *e, const struct verdict *v, struct doc *d)
{
	bool changes = engine_must_change_any(e);
	bool works = engine_mine_works(e) && !changes;
	const char *beside = "";

	for (size_t i = 0; i < v->n_compare; i++)
		if (v->compare[i].change)
			beside = "also possible";
		else if (!*beside && !is_given(&v->compare[i]))
			beside = "recommended";
	if (!v->n_compare || !v->recommended.found)
		return;
	doc_blank(d);
	if (d->plain && works)
		doc_add(d, DOC_HEAD, NULL, "Yours works");
	else if (d->plain)
		doc_addf(d, DOC_HEAD, NULL, "Settings in %s", app_word(e));
	else if (works)
		say_heads(d, "Yours works", beside);
	else {
		char *head = mem_printf("%s %s",
		    changes ? "Change in" : "Settings of", app_word(e));
		say_heads(d, head, changes ? "change to" : "recommended");
		mem_free(head);
	}
	doc_look(d, LOOK_BOLD);
	for (size_t i = 0; i < v->n_compare; i++)
		say_change(e, &v->compare[i], d);
	if (works)
		doc_add(d, DOC_TEXT, NULL, engine_works_words(e));
	say_tested(&v->recommended, d);
	if (!works && v->recommended.why && *v->recommended.why)
		doc_addf(d, DOC_TEXT, NULL, "Recommended because: %s",
		    v->recommended.why);
}

static void
say_list(struct doc *d, const char *head, const struct strs *list)
{
	if (!list->n)
		return;
	doc_blank(d);
	doc_add(d, DOC_HEAD, NULL, head);
	for (size_t i = 0; i < list->n; i++) {
		char number[32];
		snprintf(number, sizeof(number), "%zu.", i + 1);
		doc_add(d, DOC_STEP, list->n > 1 ? number : "-", list->v[i]);
	}
}

static void
say_sentences(struct doc *d, const char *label, const struct strs *list)
{
	char *text = strs_join(list, " ");

	if (*text)
		doc_add(d, DOC_LABEL, label, text);
	mem_free(text);
}

void
say_verdict(struct session *s, struct doc *d)
{
	const struct engine *e = session_engine(s);
	const struct verdict *v = engine_verdict(e);

	if (!v)
		return;
	doc_add(d, DOC_LABEL, word("headline", v->cause, "PROBLEM FOUND"),
	    v->title);
	doc_look(d, LOOK_BOLD);
	if (v->meaning && *v->meaning)
		doc_add(d, DOC_LABEL, "What it means", v->meaning);
	doc_add(d, DOC_LABEL, "Who can fix it",
	    word("fixed_by", v->fixed_by, v->fixed_by));
	say_sentences(d, "Why we think so", &v->why);
	say_how_sure(v, d);
	say_compare(e, v, d);
	say_list(d, "What to do", &v->remedy);
	say_list(
	    d, "Also found", v->also_titles.n ? &v->also_titles : &v->also);
	if (v->server_said.n) {
		doc_blank(d);
		doc_add(d, DOC_HEAD, NULL, "The server said");
	}
	for (size_t i = 0; i < v->server_said.n; i++)
		doc_add(d, DOC_QUOTE, NULL, v->server_said.v[i]);
	say_list(d, "So that it does not come back", &v->prevent);
	say_list(d, "What cannot be seen from here", &v->limits);
	doc_blank(d);
	doc_addf(d, DOC_TEXT, NULL, "Cause: %s. Playbook %s %s.", v->cause,
	    engine_playbook(e)->id, engine_playbook(e)->version);
	doc_look(d, LOOK_DIM);
}

/* Is this the field of a setting that is to be changed? */
static bool
field_changes(const struct engine *e, const struct field *f)
{
	const struct verdict *v = engine_verdict(e);

	for (size_t i = 0; i < v->n_compare; i++) {
		if (!engine_must_change(e, &v->compare[i]))
			continue;
		if (str_starts(f->fact, "app.") &&
		    str_eq(f->fact + 4, v->compare[i].setting))
			return true;
		if (str_eq(f->fact, "account.username") &&
		    str_eq(v->compare[i].setting, "username"))
			return true;
	}
	return false;
}

/* Where each setting that is to be changed stands in the program; gives how
 * many the playbook knows. d may be NULL: only count. */
static size_t
add_where(const struct engine *e, struct doc *d)
{
	const struct playbook *p = engine_playbook(e);
	const struct verdict *v = engine_verdict(e);
	size_t found = 0;

	for (size_t i = 0; v && v->recommended.found && i < p->n_nodes; i++) {
		for (size_t k = 0; k < p->nodes[i].n_fields; k++) {
			const struct field *f = &p->nodes[i].fields[k];
			const char *where = field_where(e, f);
			if (!where || !field_changes(e, f))
				continue;
			found++;
			if (!d)
				continue;
			char *flow = text_flow(where);
			doc_add(d, DOC_HEAD, NULL, f->label);
			doc_add(d, DOC_TEXT, NULL, flow);
			doc_blank(d);
			mem_free(flow);
		}
	}
	return found;
}

void
say_where(struct session *s, struct doc *d)
{
	const struct engine *e = session_engine(s);
	const struct verdict *v = engine_verdict(e);

	if (say_clicks(e, d))
		return;
	doc_addf(d, DOC_HEAD, NULL, "Where to click in %s", app_word(e));
	doc_blank(d);
	(void)add_where(e, d);
	for (size_t i = 0; v && i < v->n_compare; i++) {
		if (engine_must_change(e, &v->compare[i]))
			say_change(e, &v->compare[i], d);
	}
}

/* A further try is offered as what it is. */
static const char *
login_label(const struct engine *e)
{
	const char *result = engine_fact(e, "login.result");

	if (str_eq(result, "accepted"))
		return NULL;
	if (!result || str_eq(result, "unknown"))
		return "Test the sign-in too (one try)";
	return "Test the sign-in once more";
}

static size_t
add_tests(const struct engine *e, struct action_item *out, size_t n)
{
	const char *label = login_label(e);

	if (label && engine_can_login(e))
		out[n++] = (struct action_item){ACTION_LOGIN, label};
	if (engine_can_send(e))
		out[n++] = (struct action_item){
		    ACTION_SEND, "Send a test message to yourself"};
	return n;
}

size_t
actions(const struct engine *e, struct action_item out[ACTIONS_MAX])
{
	bool changes = engine_must_change_any(e);
	size_t n = 0;

	if (say_clicks(e, NULL) || add_where(e, NULL))
		out[n++] = (struct action_item){ACTION_WHERE, clicks_label(e)};
	if (changes)
		out[n++] = (struct action_item){
		    ACTION_CHANGED, "I changed it: test again"};
	else
		out[n++] = (struct action_item){ACTION_AGAIN, "Test again"};
	n = add_tests(e, out, n);
	out[n++] = (struct action_item){ACTION_STILL, "It still fails"};
	out[n++] = (struct action_item){
	    ACTION_SAVE, "Save the report for the help desk"};
	out[n++] =
	    (struct action_item){ACTION_DETAILS, "Evidence: every line we saw"};
	out[n++] = (struct action_item){ACTION_DONE, "I am done"};
	return n;
}

static bool
save_as(struct session *s, const char *stem, const char *ending,
    struct strs *saved, struct err *err)
{
	char *path = mem_printf("%s%s", stem, ending);
	bool good = session_report(s, path, err);

	if (good)
		strs_add(saved, path);
	mem_free(path);
	return good;
}

char *
save_report(struct session *s)
{
	const char *dir = session_setup_of(s)->save_dir;
	struct strs saved = {0};
	struct err err = {0};
	char at[CLOCK_TEXT];

	clock_format(clock_utc_ms(), at);
	at[19] = '\0';
	for (char *p = at; *p; p++)
		*p = *p == ':' ? '-' : *p;
	char *stem = mem_printf("%s/smtpwiz-%s", dir ? dir : ".", at);
	bool good = save_as(s, stem, ".txt", &saved, &err);
	if (good && report_format_for_file("x.html"))
		good = save_as(s, stem, ".html", &saved, &err);
	char *names = strs_join(&saved, " and ");
	char *text = good ? mem_printf("Saved %s", names)
			  : mem_printf("Not saved: %s", err.msg);
	mem_free(names);
	mem_free(stem);
	strs_done(&saved);
	return text;
}
