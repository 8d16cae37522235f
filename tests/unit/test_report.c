/* SPDX-License-Identifier: ISC
 *
 * The reports over an engine made up here: shape of the JSON, width of the
 * text, and that nothing from outside means anything in any format.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <jansson.h>
#include <string.h>

#include "probes/base/mem.h"
#include "wizard/report/report.h"
#include "wizard/report/report_escape.h"
#include "wizard/report/report_words.h"

/* ---- the engine, as far as a report looks at it ------------------------ */

#define EVIL "<script>alert(1)</script> \"q\" 'a' & | [x](http://e) *b* `c`"
#define RAW "\033[31mred\033[0m \302\205 \342\200\256 end"

static char evil[] = EVIL, raw[] = RAW;
static char t_cause[] = "port-blocked", t_blame[] = "network",
	    t_certain[] = "certain", t_you[] = "you",
	    t_title[] = "This network lets nothing through on port 587.",
	    t_meaning[] =
		"mail.bakery.example answers on 465 and on 587 never.",
	    t_host[] = "mail.bakery.example", t_tls[] = "implicit-tls",
	    t_auth[] = "password", t_user[] = "anna@bakery.example",
	    t_why[] = "it passed every test from this computer",
	    t_port[] = "port", t_587[] = "587", t_465[] = "465",
	    t_book[] = "outlook-cannot-send", t_version[] = "2026-11-23",
	    t_book_title[] = "Outlook cannot send", t_file[] = "built in",
	    t_probe[] = "smtp_port 192.0.2.10:587/starttls",
	    t_dropped[] = "Nothing came back within 5 s.",
	    t_fact[] = "mine.reach", t_value[] = "dropped",
	    t_by[] = "port matrix", t_app[] = "app.error",
	    t_causes[] = "knowledge/causes.yaml";

static struct verdict the_verdict;
static const struct verdict *shown_verdict;
static struct setting_change changes[1];
static struct fact the_facts[2];
static struct step the_steps[2];
static struct origin origins[1];
static struct knowledge the_knowledge;
static struct playbook the_playbook;

const char *
fact_from_name(enum fact_from f)
{
	static const char *const names[] = {
	    "answer", "import", "probe", "provider", "derived"};

	return names[f];
}

const struct verdict *
engine_verdict(const struct engine *e)
{
	(void)e;
	return shown_verdict;
}

static bool mine_works;

bool
engine_mine_works(const struct engine *e)
{
	(void)e;
	return mine_works;
}

const char *
engine_works_words(const struct engine *e)
{
	(void)e;
	return "Nothing has to be changed.";
}

bool
engine_must_change(const struct engine *e, const struct setting_change *c)
{
	(void)e;
	return c->change && !mine_works;
}

bool
engine_must_change_any(const struct engine *e)
{
	(void)e;
	return !mine_works;
}

const char *
engine_app_name(const struct engine *e)
{
	(void)e;
	return "Outlook <b>";
}

void
engine_click_steps(const struct engine *e, struct strs *out)
{
	(void)e;
	strs_add(out, "Port: 465");
	strs_add(out, evil);
}

void
engine_rebuild_steps(const struct engine *e, struct strs *out)
{
	(void)e;
	strs_add(out, "Make a new profile");
}

const struct fact *
engine_facts(const struct engine *e, size_t *n)
{
	(void)e;
	*n = 2;
	return the_facts;
}

const struct step *
engine_steps(const struct engine *e, size_t *n)
{
	(void)e;
	*n = 2;
	return the_steps;
}

const struct playbook *
engine_playbook(const struct engine *e)
{
	(void)e;
	return &the_playbook;
}

const struct knowledge *
engine_knowledge(const struct engine *e)
{
	(void)e;
	return &the_knowledge;
}

int
engine_questions_asked(const struct engine *e)
{
	(void)e;
	return 4;
}

int64_t
engine_started(const struct engine *e)
{
	(void)e;
	return 1795442531123;
}

int64_t
engine_ended(const struct engine *e)
{
	(void)e;
	return 1795442539456;
}

static struct matrix_row *
add_row(struct matrix *m, int port)
{
	struct matrix_row *row = MEM_PUSH(&m->v, &m->n, &m->cap);

	row->host = mem_dup(t_host);
	row->port = port;
	row->ms = -1;
	return row;
}

void
engine_matrix(const struct engine *e, struct matrix *out)
{
	struct matrix_row *row;

	(void)e;
	*out = (struct matrix){0};
	row = add_row(out, 587);
	row->is_mine = true;
	row->reached = (struct cell){CELL_NO, "NO ANSWER"};
	row = add_row(out, 465);
	row->passes = true;
	row->ms = 31;
	row->reached = row->mail = row->encrypted = row->genuine =
	    (struct cell){CELL_YES, "yes"};
	row->sign_in = (struct cell){CELL_YES, "<b>&"};
	row->note = mem_dup(evil);
}

void
matrix_done(struct matrix *m)
{
	for (size_t i = 0; i < m->n; i++) {
		mem_free(m->v[i].host);
		mem_free(m->v[i].note);
	}
	mem_free(m->v);
	*m = (struct matrix){0};
}

static int
set_up(void **state)
{
	struct verdict *v = &the_verdict;

	(void)state;
	*v = (struct verdict){.cause = t_cause,
	    .blame = t_blame,
	    .confidence = t_certain,
	    .fixed_by = t_you,
	    .title = t_title,
	    .meaning = t_meaning};
	strs_add(&v->also, "clock-wrong");
	strs_add(&v->also_titles, "This computer's clock is wrong.");
	strs_add(&v->server_said, evil);
	strs_add(&v->server_said, raw);
	strs_add(&v->remedy, "Set the outgoing port to 465.");
	strs_add(&v->remedy, evil);
	strs_add(&v->why, "It answers on 465 in 31 ms.");
	strs_add(&v->because, "mine.reach");
	strs_add(&v->prevent, "Write it down.");
	strs_add(&v->reproduce,
	    "openssl s_client -connect mail.bakery.example:465 -servername "
	    "mail.bakery.example -verify_hostname mail.bakery.example -crlf");
	strs_add(&v->limits, "No sign-in was tried.");
	v->recommended = (struct recommendation){.found = true,
	    .host = t_host,
	    .security = t_tls,
	    .auth = t_auth,
	    .username = t_user,
	    .port = 465,
	    .why = t_why,
	    .tested_ms = 1795442535000};
	kvs_set(&v->recommended.tested, "dns", "pass");
	kvs_set(&v->recommended.tested, "login", "skip");
	changes[0] = (struct setting_change){.setting = t_port,
	    .yours = t_587,
	    .recommended = t_465,
	    .change = true};
	v->compare = changes;
	v->n_compare = 1;
	the_facts[0] =
	    (struct fact){t_fact, t_value, FROM_DERIVED, t_by, 1795442536000};
	the_facts[1] =
	    (struct fact){t_app, evil, FROM_ANSWER, NULL, 1795442532000};
	the_steps[0] = (struct step){.at_ms = 1795442532000,
	    .ms = 5004,
	    .kind = "probe",
	    .name = t_probe,
	    .outcome = t_dropped};
	strs_add(&the_steps[0].transcript, "S: 220 " EVIL);
	strs_add(&the_steps[0].transcript, raw);
	the_steps[1] = (struct step){.at_ms = 1795442538000,
	    .kind = "verdict",
	    .name = t_book,
	    .outcome = t_cause};
	origins[0] = (struct origin){
	    .name = t_causes, .version = t_version, .file = t_file};
	the_knowledge = (struct knowledge){.origins = origins, .n_origins = 1};
	the_playbook = (struct playbook){.id = t_book,
	    .version = t_version,
	    .title = t_book_title,
	    .file = t_file};
	shown_verdict = v;
	return 0;
}

static int
tear_down(void **state)
{
	struct verdict *v = &the_verdict;

	(void)state;
	strs_done(&v->also);
	strs_done(&v->also_titles);
	strs_done(&v->server_said);
	strs_done(&v->remedy);
	strs_done(&v->why);
	strs_done(&v->because);
	strs_done(&v->prevent);
	strs_done(&v->reproduce);
	strs_done(&v->limits);
	kvs_done(&v->recommended.tested);
	strs_done(&the_steps[0].transcript);
	return 0;
}

static char *
write_report(const char *format)
{
	struct strs versions = {0};
	struct report r;
	struct buf b;

	strs_add(&versions, "OpenSSL 3.0.17");
	buf_init(&b, BUF_OURS);
	report_init(&r, NULL, "0.1.0", &versions);
	report_format_find(format)->write(&r, &b);
	report_done(&r);
	strs_done(&versions);
	return buf_take(&b);
}

/* ---- formats ----------------------------------------------------------- */

static void
test_formats_are_found(void **state)
{
	(void)state;
	assert_string_equal(report_format_find("md")->name, "markdown");
	assert_string_equal(report_format_find("HTML")->name, "html");
	assert_string_equal(report_format_for_file("a/b.txt")->name, "text");
	assert_string_equal(report_format_for_file("x.JSON")->name, "json");
	assert_null(report_format_find("pdf"));
	assert_null(report_format_for_file("json"));
	assert_null(report_format_for_file(".json"));
	assert_null(report_format_for_file("a.json.gz"));
}

static const char *
string_at(const json_t *o, const char *key)
{
	return json_string_value(json_object_get(o, key));
}

static void
assert_keys(const json_t *o, const char *const *keys)
{
	size_t i = 0;
	const char *key;
	json_t *value;

	json_object_foreach((json_t *)(uintptr_t)o, key, value)
	{
		if (!keys[i])
			break;
		assert_string_equal(key, keys[i]);
		i++;
	}
	assert_null(keys[i]);
}

/* Names and order of the public contract; what comes later is free. */
static void
test_json_has_the_contract_shape(void **state)
{
	static const char *const top[] = {"schema", "version", "playbook",
	    "started", "ended", "verdict", "recommended", "compare", "facts",
	    "steps", "questions_asked", NULL};
	static const char *const verdict[] = {"cause", "also", "blame",
	    "confidence", "fixed_by", "title", "meaning", "server_said",
	    "remedy", "because", "reproduce", NULL};
	static const char *const recommended[] = {
	    "host", "port", "security", "auth", "username", "tested", NULL};
	static const char *const tested[] = {
	    "dns", "tcp", "tls", "cert", "auth_offered", "login", "send", NULL};
	static const char *const fact[] = {"value", "from", "by", "at", NULL};
	static const char *const step[] = {
	    "at", "ms", "kind", "name", "outcome", "transcript", NULL};
	char *text = write_report("json");
	json_t *o = json_loads(text, JSON_REJECT_DUPLICATES, NULL);
	json_t *part;

	(void)state;
	assert_non_null(o);
	assert_keys(o, top);
	assert_string_equal(string_at(o, "schema"), "smtpwiz-report-1");
	assert_string_equal(
	    string_at(o, "started"), "2026-11-23T14:02:11.123Z");
	assert_int_equal(
	    json_integer_value(json_object_get(o, "questions_asked")), 4);
	part = json_object_get(o, "verdict");
	assert_keys(part, verdict);
	assert_int_equal(json_object_size(part), 11);
	assert_string_equal(string_at(part, "cause"), "port-blocked");
	part = json_object_get(o, "recommended");
	assert_keys(part, recommended);
	assert_int_equal(
	    json_integer_value(json_object_get(part, "port")), 465);
	part = json_object_get(part, "tested");
	assert_keys(part, tested);
	assert_string_equal(string_at(part, "dns"), "pass");
	assert_string_equal(string_at(part, "send"), "skip");
	part = json_array_get(json_object_get(o, "compare"), 0);
	assert_string_equal(string_at(part, "yours"), "587");
	assert_true(json_is_true(json_object_get(part, "change")));
	part = json_object_get(json_object_get(o, "facts"), "mine.reach");
	assert_keys(part, fact);
	assert_string_equal(string_at(part, "from"), "derived");
	part = json_array_get(json_object_get(o, "steps"), 0);
	assert_keys(part, step);
	assert_int_equal(json_integer_value(json_object_get(part, "ms")), 5004);
	json_decref(o);
	mem_free(text);
}

static void
test_json_without_verdict_keeps_its_shape(void **state)
{
	char *text;
	json_t *o;

	(void)state;
	shown_verdict = NULL;
	text = write_report("json");
	o = json_loads(text, 0, NULL);
	assert_non_null(o);
	assert_string_equal(
	    string_at(json_object_get(o, "verdict"), "cause"), "inconclusive");
	assert_true(json_is_null(json_object_get(o, "recommended")));
	json_decref(o);
	mem_free(text);
	text = write_report("text");
	assert_non_null(strstr(text, "CUT SHORT"));
	mem_free(text);
	text = write_report("html");
	assert_non_null(strstr(text, "CUT SHORT"));
	mem_free(text);
}

static void
test_recommended_is_null_without_one(void **state)
{
	char *text;
	json_t *o;

	(void)state;
	the_verdict.recommended.found = false;
	text = write_report("json");
	o = json_loads(text, 0, NULL);
	assert_true(json_is_null(json_object_get(o, "recommended")));
	json_decref(o);
	mem_free(text);
	text = write_report("text");
	assert_null(strstr(text, "Change to"));
	mem_free(text);
}

static void
assert_no_controls(const char *text)
{
	for (const char *p = text; *p; p++)
		if (((unsigned char)*p < 0x20 && *p != '\n') || *p == 0x7f)
			fail_msg("control character %d", *p);
	/* C1 NEL and right-to-left override */
	assert_null(strstr(text, "\302\205"));
	assert_null(strstr(text, "\342\200\256"));
}

static void
test_text_is_78_columns(void **state)
{
	char *text = write_report("text");
	struct strs lines = {0};

	(void)state;
	strs_split(&lines, text, "\n");
	for (size_t i = 0; i < lines.n; i++)
		if (str_width(lines.v[i]) > 78)
			fail_msg("%d columns: %s", str_width(lines.v[i]),
			    lines.v[i]);
	assert_no_controls(text);
	assert_non_null(strstr(text, "PROBLEM FOUND"));
	assert_non_null(strstr(text, "Who can fix it"));
	assert_non_null(strstr(text, "NO ANSWER"));
	assert_non_null(strstr(text, "(yours)"));
	assert_non_null(strstr(text, "14:02:12"));
	assert_non_null(strstr(text, "5.0 s"));
	assert_non_null(strstr(text, "openssl s_client"));
	assert_non_null(strstr(text, "No sign-in was tried."));
	assert_non_null(strstr(text, "OpenSSL 3.0.17"));
	strs_done(&lines);
	mem_free(text);
}

static void
test_html_is_harmless(void **state)
{
	char *text = write_report("html");

	(void)state;
	assert_no_controls(text);
	assert_null(strstr(text, "<script"));
	assert_null(strstr(text, "<b>&"));
	assert_null(strstr(text, "<a "));
	assert_null(strstr(text, "src="));
	assert_null(strstr(text, "@import"));
	assert_non_null(strstr(text, "&lt;script&gt;"));
	assert_non_null(strstr(text, "<svg "));
	assert_non_null(strstr(text, "role=\"img\""));
	assert_non_null(strstr(text, "<desc "));
	mem_free(text);
}

static void
test_markdown_is_harmless(void **state)
{
	char *text = write_report("markdown");
	struct strs lines = {0};

	(void)state;
	assert_no_controls(text);
	strs_split(&lines, text, "\n");
	for (size_t i = 0; i < lines.n; i++) {
		/* Indented lines are code: nothing means anything there. */
		if (str_starts(lines.v[i], "    "))
			continue;
		assert_null(strstr(lines.v[i], " <script>"));
		assert_null(strstr(lines.v[i], " [x]("));
		assert_null(strstr(lines.v[i], " *b*"));
		assert_null(strstr(lines.v[i], " `c`"));
	}
	strs_done(&lines);
	mem_free(text);
}

/* ---- helpers ----------------------------------------------------------- */

static void
test_escape(void **state)
{
	static const struct {
		const char *text, *html, *markdown;
	} table[] = {
	    {"plain text 1.5", "plain text 1.5", "plain text 1.5"},
	    {"<&>\"'", "&lt;&amp;&gt;&quot;&#39;", "\\<\\&\\>\"'"},
	    {"a\tb\nc\033", "a b c ", "a b c "},
	    {"1. x", "1. x", "1\\. x"},
	    {"- x - y", "- x - y", "\\- x - y"},
	    {"a_b*c", "a_b*c", "a\\_b\\*c"},
	    {"http://x", "http://x", "http\\://x"},
	    {"www.x", "www.x", "www\\.x"},
	    {"gr\303\274n", "gr\303\274n", "gr\303\274n"},
	    {"", "", ""},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		struct buf b;

		buf_init(&b, BUF_OURS);
		escape_html(&b, table[i].text);
		assert_string_equal(b.data, table[i].html);
		buf_done(&b);
		buf_init(&b, BUF_OURS);
		escape_markdown(&b, table[i].text);
		assert_string_equal(b.data, table[i].markdown);
		buf_done(&b);
	}
}

static void
test_wrap(void **state)
{
	struct buf b;

	(void)state;
	buf_init(&b, BUF_OURS);
	report_wrap(&b, "  - ", "one two three four", 12);
	assert_string_equal(b.data, "  - one two\n    three\n    four\n");
	buf_done(&b);
	buf_init(&b, BUF_OURS);
	report_wrap(&b, "", "abcdefghij kl", 4);
	assert_string_equal(b.data, "abcd\nefgh\nij\nkl\n");
	buf_done(&b);
	buf_init(&b, BUF_OURS);
	report_wrap(&b, "x ", "", 10);
	assert_string_equal(b.data, "x \n");
	buf_done(&b);
	/* A wide character in a column too narrow for it still ends. */
	buf_init(&b, BUF_OURS);
	report_wrap(&b, "", "\346\274\242", 1);
	assert_true(b.len > 0);
	buf_done(&b);
}

static void
test_words(void **state)
{
	struct verdict v = {.cause = t_cause};
	char *text;

	(void)state;
	assert_string_equal(report_word_state(&v), "PROBLEM FOUND");
	assert_string_equal(report_word_state(NULL), "CUT SHORT");
	assert_string_equal(
	    report_word_value("security", "implicit-tls"), "SSL/TLS");
	assert_string_equal(report_word_value("host", ""), "not given");
	assert_string_equal(report_word_value("port", "none"), "none");
	assert_string_equal(report_word_fixed_by("someone"), "someone");
	text = report_duration(31);
	assert_string_equal(text, "31 ms");
	mem_free(text);
	text = report_duration(5049);
	assert_string_equal(text, "5.0 s");
	mem_free(text);
	text = report_clock(1795442531123);
	assert_string_equal(text, "14:02:11 UTC");
	mem_free(text);
}

/* The clicks of the user's own program: to what is to be changed, or to a new
 * profile. */
static void
test_clicks(void **state)
{
	static char rebuild[] = "profile-rebuild";
	char *text;

	(void)state;
	text = write_report("text");
	assert_non_null(str_find_nocase(text, "Where to click in Outlook"));
	assert_non_null(strstr(text, "Port: 465"));
	mem_free(text);
	text = write_report("html");
	assert_null(strstr(text, "Outlook <b>"));
	mem_free(text);
	mine_works = true;
	text = write_report("text");
	assert_null(str_find_nocase(text, "Where to click"));
	mem_free(text);
	the_verdict.cause = rebuild;
	text = write_report("text");
	the_verdict.cause = t_cause;
	mine_works = false;
	assert_non_null(strstr(text, "Make a new profile"));
	mem_free(text);
}

/* A setting that works is no advice to change it, in the words of a report;
 * the comparison of the JSON stays as it is. */
static void
test_what_works_is_not_to_be_changed(void **state)
{
	char *text;

	(void)state;
	text = write_report("text");
	assert_non_null(strstr(text, "Change to"));
	assert_non_null(strstr(text, "must be changed"));
	mem_free(text);
	mine_works = true;
	text = write_report("text");
	assert_null(strstr(text, "Change to"));
	assert_null(strstr(text, "must be changed"));
	assert_non_null(strstr(text, "Yours works"));
	assert_non_null(strstr(text, "Also possible"));
	assert_non_null(strstr(text, "Nothing has to be changed."));
	mem_free(text);
	text = write_report("json");
	assert_non_null(strstr(text, "\"change\": true"));
	mem_free(text);
	mine_works = false;
}

#define WITH_ENGINE(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_formats_are_found),
	    WITH_ENGINE(test_json_has_the_contract_shape),
	    WITH_ENGINE(test_json_without_verdict_keeps_its_shape),
	    WITH_ENGINE(test_recommended_is_null_without_one),
	    WITH_ENGINE(test_what_works_is_not_to_be_changed),
	    WITH_ENGINE(test_text_is_78_columns),
	    WITH_ENGINE(test_html_is_harmless),
	    WITH_ENGINE(test_markdown_is_harmless),
	    cmocka_unit_test(test_escape),
	    cmocka_unit_test(test_wrap),
	    cmocka_unit_test(test_words),
	    cmocka_unit_test(test_clicks),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
