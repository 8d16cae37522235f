/* SPDX-License-Identifier: ISC
 *
 * Loading playbooks. Every file of tests/playbooks/bad begins with the line
 * and id of its one error ("# expect: 7 unknown-fact"); the files of
 * tests/playbooks/warn load with that warning, those of good without any.
 */
#include <dirent.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "playbook_world.h"
#include "probes/base/buf.h"
#include "probes/base/mem.h"
#include "wizard/playbook/when.h"

#ifdef __has_feature
#define HAS_SANITIZER \
	(__has_feature(address_sanitizer) || __has_feature(thread_sanitizer))
#elif defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define HAS_SANITIZER 1
#else
#define HAS_SANITIZER 0
#endif
/* How much longer a build may take than an optimised one. */
#if HAS_SANITIZER
#define SLOW 15
#elif defined(__OPTIMIZE__)
#define SLOW 1
#else
#define SLOW 4
#endif

static struct strs ids_shown; /* by the files of bad and warn */
static int n_wrong; /* files that did not meet their first line */

static char *
read_file(const char *path, size_t *len)
{
	FILE *f = fopen(path, "rb");
	struct buf b;
	char chunk[4096];
	size_t n;

	if (!f)
		fail_msg(
		    "cannot open %s; run the tests from the top folder", path);
	buf_init(&b, BUF_OURS);
	while ((n = fread(chunk, 1, sizeof(chunk), f)) > 0)
		buf_add(&b, chunk, n);
	fclose(f);
	*len = b.len;
	return buf_take(&b);
}

static struct playbook *
parse(const char *text, struct complaints *c)
{
	*c = (struct complaints){0};
	return playbook_parse("t.yaml", text, strlen(text), &test_world, c);
}

static void
print_complaints(const char *path, const struct complaints *c)
{
	for (size_t i = 0; i < c->n; i++)
		print_error("%s:%d:%d: %s: %s\n", path, c->v[i].at.line,
		    c->v[i].at.column, c->v[i].id, c->v[i].text);
}

/* A sentence: says something, in one line, printable. */
static bool
reads_well(const struct complaint *c)
{
	return c->at.line > 0 && c->at.column > 0 && strlen(c->text) > 20 &&
	       !strchr(c->text, '\n') && strlen(c->text) < 500;
}

static void
check_marked(const char *path, bool is_warning)
{
	size_t len;
	char *text = read_file(path, &len);
	struct complaints c = {0};
	char id[32];
	int line;

	if (sscanf(text, "# expect: %d %31s", &line, id) != 2)
		fail_msg("%s does not begin with \"# expect: LINE ID\"", path);
	struct playbook *p = playbook_parse(path, text, len, &test_world, &c);
	const struct complaint *found = NULL;
	int others = 0;
	for (size_t i = 0; i < c.n; i++) {
		if (c.v[i].at.line == line && str_eq(c.v[i].id, id))
			found = &c.v[i];
		else if (!c.v[i].is_warning || is_warning)
			others++;
	}
	bool ok = !p == !is_warning && found && others == 0 &&
		  found->is_warning == is_warning && reads_well(found);
	if (!ok) {
		print_complaints(path, &c);
		print_error(
		    "%s: expected one complaint, %d %s\n", path, line, id);
		n_wrong++;
	}
	complaints_done(&c);
	playbook_free(p);
	mem_free(text);
}

static void
check_clean(const char *path, bool unused)
{
	size_t len;
	char *text = read_file(path, &len);
	struct complaints c = {0};

	(void)unused;
	struct playbook *p = playbook_parse(path, text, len, &test_world, &c);
	print_complaints(path, &c);
	assert_non_null(p);
	assert_int_equal(c.n, 0);
	playbook_free(p);
	mem_free(text);
}

static int
each_file(
    const char *folder, void (*check)(const char *path, bool arg), bool arg)
{
	DIR *d = opendir(folder);
	int n = 0;

	if (!d)
		fail_msg("cannot open %s; run the tests from the top folder",
		    folder);
	for (struct dirent *e = readdir(d); e; e = readdir(d)) {
		if (!str_ends(e->d_name, ".yaml"))
			continue;
		char *path = mem_printf("%s/%s", folder, e->d_name);
		check(path, arg);
		mem_free(path);
		n++;
	}
	closedir(d);
	int wrong = n_wrong;
	n_wrong = 0;
	assert_int_equal(wrong, 0);
	return n;
}

static void
test_bad_files(void **state)
{
	(void)state;
	assert_true(each_file("tests/playbooks/bad", check_marked, false) > 60);
}

static void
test_warnings(void **state)
{
	(void)state;
	assert_true(each_file("tests/playbooks/warn", check_marked, true) > 1);
}

static void
test_good_files(void **state)
{
	(void)state;
	assert_true(each_file("tests/playbooks/good", check_clean, false) > 0);
}

/* What a misspelt name is told. */
static void
test_did_you_mean(void **state)
{
	(void)state;
	static const struct {
		const char *file, *says;
	} cases[] = {
	    {"unknown-key-top", "did you mean \"title\"?"},
	    {"unknown-key-node", "its keys are: id, stage, decide"},
	    {"unknown-fact-when", "did you mean \"path.network\"?"},
	    {"impossible-value", "did you mean \"nxdomain\"?"},
	    {"unknown-target-else", "did you mean \"program\"?"},
	    {"unknown-probe", "did you mean \"dns_domain\"?"},
	    {"unknown-cause", "did you mean \"no-network\"?"},
	    {"unknown-data", "did you mean \"domains\"?"},
	    {"node-kind-none", "did you mean \"ask\"?"},
	    {"bad-choice", "did you mean \"outlook-classic\"?"},
	    {"uncovered", "holds for domain.name=unknown;"},
	    {"uncovered-two-facts", "domain.name=nxdomain, path.network=down"},
	    {"uncovered-verdict", "holds for path.network=up;"},
	    {"loop", "look > domain > fork goes round to look"},
	    {"undisclosed", "first > look > domain"},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		char *path =
		    mem_printf("tests/playbooks/bad/%s.yaml", cases[i].file);
		size_t len;
		char *text = read_file(path, &len);
		struct complaints c = {0};
		playbook_free(playbook_parse(path, text, len, &test_world, &c));
		if (!strstr(c.v[0].text, cases[i].says))
			fail_msg("%s: %s", path, c.v[0].text);
		complaints_done(&c);
		mem_free(text);
		mem_free(path);
	}
}

#define MANUAL "man/smtpwiz-playbook.5"

/* The first example of the manual is a whole playbook that loads. */
static void
test_manual_example(void **state)
{
	(void)state;
	size_t len;
	char *text = read_file(MANUAL, &len);
	char *start = strstr(text, ".Bd -literal\nplaybook:");
	struct complaints c;

	assert_non_null(start);
	start = strchr(start, '\n') + 1;
	*strstr(start, ".Ed") = '\0';
	struct playbook *p = parse(start, &c);
	print_complaints(MANUAL, &c);
	assert_non_null(p);
	assert_int_equal(c.n, 0);
	playbook_free(p);
	mem_free(text);
}

static void
note_id(const char *path, bool unused)
{
	size_t len;
	char *text = read_file(path, &len);
	char id[32];

	(void)unused;
	assert_int_equal(sscanf(text, "# expect: %*d %31s", id), 1);
	if (!strs_has(&ids_shown, id))
		strs_add(&ids_shown, id);
	mem_free(text);
}

/* Every id under DIAGNOSTICS has a file that shows it, and the other way. */
static void
test_manual_ids(void **state)
{
	(void)state;
	size_t len;
	char *text = read_file(MANUAL, &len);
	char *at = strstr(text, ".Sh DIAGNOSTICS");
	struct strs lines = {0}, words = {0};

	assert_non_null(at);
	each_file("tests/playbooks/bad", note_id, false);
	each_file("tests/playbooks/warn", note_id, false);
	*strstr(at, ".Sh SEE ALSO") = '\0';
	strs_split(&lines, at, "\n");
	for (size_t i = 0; i < lines.n; i++)
		if (str_starts(lines.v[i], ".It Li "))
			strs_split(&words, lines.v[i] + 7, " ,");
	for (size_t i = 0; i < words.n; i++)
		if (!strs_has(&ids_shown, words.v[i]) &&
		    !str_eq(words.v[i], "too-big"))
			fail_msg("no file shows %s", words.v[i]);
	for (size_t i = 0; i < ids_shown.n; i++)
		if (!strs_has(&words, ids_shown.v[i]))
			fail_msg("%s is not in " MANUAL, ids_shown.v[i]);
	strs_done(&words);
	strs_done(&lines);
	strs_done(&ids_shown);
	mem_free(text);
}

static const char sample[] =
    "playbook: sample\n"
    "version: \"2026-11-23\"\n"
    "title: Sample\n"
    "summary: For the test\n"
    "stages: [one, two]\n"
    "start: a\n"
    "nodes:\n"
    "  - id: a\n"
    "    stage: 2\n"
    "    ask: Address?\n"
    "    text: |\n"
    "      First line.\n"
    "      Second \x1b[31mline.\n"
    "    discloses: Somebody sees it.\n"
    "    fields:\n"
    "      - {fact: account.email, kind: email, label: L, why: W}\n"
    "      - fact: my.colour\n"
    "        kind: choice\n"
    "        label: Colour\n"
    "        why: W\n"
    "        optional: yes\n"
    "        when: {network.vpn: yes}\n"
    "        choices: [{value: red, label: Red}, {value: blue, label: B}]\n"
    "    next: b\n"
    "  - id: b\n"
    "    probes:\n"
    "      - {probe: address, with: {email: account.email}}\n"
    "      - {probe: dns_domain, with: {domain: address.domain}}\n"
    "      - {probe: smtp_login, with: {host: mine.host},\n"
    "         when: {consent.login: yes}}\n"
    "    next: c\n"
    "  - id: c\n"
    "    manual: Do it\n"
    "    skip: {my.colour: red}\n"
    "    next: d\n"
    "  - id: d\n"
    "    probes:\n"
    "      - probe: smtp_port\n"
    "        with: {host: mine.host}\n"
    "        each: {target: mine.targets}\n"
    "    next: e\n"
    "  - id: e\n"
    "    decide:\n"
    "      - {when: {my.colour: [red, blue]}, next: f}\n"
    "      - {when: {my.colour: unknown}, next: g}\n"
    "  - id: f\n"
    "    verdict: works\n"
    "  - id: g\n"
    "    verdict:\n"
    "      - {when: {mine.reach: dropped}, cause: port-blocked,\n"
    "         confidence: likely}\n"
    "      - {when: {path.network: down}, cause: no-network}\n"
    "    else: inconclusive\n";

static void
test_tree(void **state)
{
	(void)state;
	struct complaints c;
	char *text = mem_dup(sample);
	char *esc = strchr(text, '\x1b');
	bool exists;

	/* YAML takes no raw escapes; a quoted one must come out harmless. */
	*esc = ' ';
	struct playbook *p = parse(text, &c);
	print_complaints("sample", &c);
	assert_non_null(p);
	assert_int_equal(c.n, 0);
	assert_string_equal(p->id, "sample");
	assert_string_equal(p->file, "t.yaml");
	assert_int_equal(p->n_nodes, 7);
	assert_int_equal(p->start, 0);
	assert_int_equal(p->nodes[0].stage, 1);
	assert_int_equal(p->nodes[6].stage, 1);
	const struct node *a = playbook_node(p, "a");
	assert_ptr_equal(a, &p->nodes[0]);
	assert_null(playbook_node(p, "zz"));
	assert_string_equal(a->text, "First line.\nSecond  [31mline.");
	assert_int_equal(a->n_fields, 2);
	assert_true(a->fields[1].optional && a->fields[1].when);
	assert_string_equal(
	    playbook_fact_values(p, &test_world, "my.colour", &exists),
	    "red|blue|unknown");
	assert_null(
	    playbook_fact_values(p, &test_world, "address.domain", &exists));
	assert_true(exists);
	playbook_fact_values(p, &test_world, "no.fact", &exists);
	assert_false(exists);
	const struct node *d = playbook_node(p, "d");
	assert_string_equal(d->calls[0].each_param, "target");
	assert_string_equal(d->calls[0].each_fact, "mine.targets");
	const struct node *e = playbook_node(p, "e");
	assert_int_equal(e->target, -1);
	assert_int_equal(e->branches[1].target, 6);
	assert_string_equal(playbook_node(p, "f")->otherwise, "works");
	assert_string_equal(
	    playbook_node(p, "g")->branches[0].confidence, "likely");
	playbook_free(p);
	mem_free(text);
}

static void
test_ahead(void **state)
{
	(void)state;
	struct complaints c;
	char *text = mem_dup(sample);

	*strchr(text, '\x1b') = ' ';
	struct playbook *p = parse(text, &c);
	assert_non_null(p);
	/* Before anything is disclosed only what nobody hears of; never a
	 * login; never past the manual step. */
	const struct node *a = playbook_node(p, "a");
	assert_int_equal(a->n_ahead, 1);
	assert_int_equal(a->ahead[0].node, 1);
	assert_int_equal(a->ahead[0].call, 0);
	assert_int_equal(playbook_node(p, "b")->n_ahead, 0);
	assert_int_equal(playbook_node(p, "c")->n_ahead, 0);
	assert_int_equal(playbook_node(p, "f")->n_ahead, 0);
	playbook_free(p);
	/* With a text in place of the manual step the port comes in sight. */
	memcpy(strstr(text, "manual: Do it"), "tell:   Do it", 13);
	p = parse(text, &c);
	assert_non_null(p);
	assert_int_equal(playbook_node(p, "b")->n_ahead, 1);
	assert_int_equal(playbook_node(p, "b")->ahead[0].node, 3);
	assert_int_equal(playbook_node(p, "a")->n_ahead, 1);
	playbook_free(p);
	mem_free(text);
}

/* Escapes in a stranger's texts never reach a screen. */
static void
test_printable(void **state)
{
	(void)state;
	struct complaints c;
	struct playbook *p = parse("playbook: x\n"
				   "version: \"1\"\n"
				   "title: \"a\\e[31mb\\u202ec\"\n"
				   "start: e\n"
				   "nodes: [{id: e, verdict: works}]\n",
	    &c);

	print_complaints("printable", &c);
	assert_non_null(p);
	assert_null(strchr(p->title, '\x1b'));
	assert_null(strstr(p->title, "\xe2\x80\xae"));
	playbook_free(p);
	complaints_done(&c);
	p = parse("\"a\\e[31m\": 1\n", &c);
	assert_null(p);
	for (size_t i = 0; i < c.n; i++)
		assert_null(strchr(c.v[i].text, '\x1b'));
	complaints_done(&c);
}

static void
test_loop_that_waits(void **state)
{
	(void)state;
	struct complaints c;
	struct playbook *p = parse(
	    "playbook: x\n"
	    "version: \"1\"\n"
	    "title: x\n"
	    "start: do\n"
	    "nodes:\n"
	    "  - {id: do, manual: Switch the VPN off, next: ask}\n"
	    "  - id: ask\n"
	    "    ask: Does it work now?\n"
	    "    fields:\n"
	    "      - {fact: now.works, kind: choice, label: Now, why: W,\n"
	    "         choices: [{value: yes, label: Y}, {value: no, label: "
	    "N}]}\n"
	    "    next: fork\n"
	    "  - id: fork\n"
	    "    decide: [{when: {now.works: yes}, next: end}]\n"
	    "    else: do\n"
	    "  - {id: end, verdict: works}\n",
	    &c);

	print_complaints("loop", &c);
	assert_non_null(p);
	playbook_free(p);
	complaints_done(&c);
}

/* A file that must be refused with a complaint, quickly. */
static void
refuse(const char *what, const char *text, size_t len)
{
	struct complaints c = {0};
	clock_t begin = clock();
	struct playbook *p =
	    playbook_parse("hostile.yaml", text, len, &test_world, &c);
	double seconds = (double)(clock() - begin) / CLOCKS_PER_SEC;

	if (p || c.n == 0 || c.n > PLAYBOOK_MAX_COMPLAINTS)
		fail_msg("%s: not refused (%zu complaints)", what, c.n);
	for (size_t i = 0; i < c.n; i++)
		if (!reads_well(&c.v[i]))
			fail_msg(
			    "%s: %d: %s", what, c.v[i].at.line, c.v[i].text);
	if (seconds > 3.0 * SLOW)
		fail_msg("%s took %.1f s", what, seconds);
	complaints_done(&c);
}

static void
repeat(struct buf *b, const char *text, size_t n)
{
	while (n-- > 0)
		buf_adds(b, text);
}

static void
test_hostile(void **state)
{
	(void)state;
	static const char head[] = "playbook: x\nversion: \"1\"\ntitle: x\n"
				   "start: a\nnodes:\n";
	static const struct {
		const char *what, *head, *unit, *tail;
		size_t times;
	} cases[] = {
	    {"empty", "", "", "", 0},
	    {"deep lists", "a: ", "[", "", 100000},
	    {"deep maps", "", "{a: ", "", 100000},
	    {"deep conditions",
		"playbook: x\nversion: \"1\"\ntitle: x\nstart: a\nnodes:\n"
		"  - {id: a, decide: [{next: a, when: ",
		"{not: ", "", 5000},
	    {"huge", "title: ", "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx\\n", "",
		200000},
	    {"aliases", "a: &a [x]\nb: [", "*a, ", "*a]\n", 1000},
	    {"laughs",
		"a: &a [x,x]\nb: &b [*a,*a]\nc: &c [*b,*b]\nd: [*c,*c]\n", "",
		"", 0},
	    {"tags", "playbook: !!binary aGVsbG8=\n", "", "", 0},
	    {"too many nodes", head, "  - {id: a, tell: x, next: a}\n", "",
		30000},
	    {"wrong nodes", head, "  - {x: y}\n", "", 15000},
	    {"many misspelt", head,
		"  - {id: abcdefghijklmnopqrstuvwxyz, tell: x, next: "
		"abcdefghijklmnopqrstuvwxyzz}\n",
		"", 15000},
	    {"huge numbers", head,
		"  - {id: a, stage: 99999999999999999999999999, tell: x, next: "
		"a}\n",
		"", 1},
	    {"negative stage", head,
		"  - {id: a, stage: -1, tell: x, next: a}\n", "", 1},
	    {"odd names", head,
		"  - {id: \"../../etc/passwd\", tell: x, next: a}\n", "", 1},
	    {"many branches",
		"playbook: x\nversion: \"1\"\ntitle: x\nstart: a\nnodes:\n"
		"  - id: a\n    decide:\n",
		"      - {when: {network.vpn: yes}, next: a}\n", "", 5000},
	    {"list for a map", "- a\n- b\n", "", "", 0},
	    {"scalar", "hello\n", "", "", 0},
	    {"two documents", "a: b\n---\nc: d\n", "", "", 0},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct buf b;
		buf_init(&b, BUF_OURS);
		buf_adds(&b, cases[i].head);
		repeat(&b, cases[i].unit, cases[i].times);
		buf_adds(&b, cases[i].tail);
		refuse(cases[i].what, b.data, b.len);
		buf_done(&b);
	}
	refuse("NUL", "playbook: a\0b\n", 14);
	refuse("binary",
	    "\x7f"
	    "ELF\x02\x01\x01\0\0\xff\xfe\x80\x81",
	    13);
	refuse("UTF-16", "\xff\xfep\0l\0a\0y\0", 10);
}

/* Conditions made to take long: the search for gaps has a budget. */
static void
test_costly_conditions(void **state)
{
	(void)state;
	struct buf b;

	buf_init(&b, BUF_OURS);
	buf_adds(
	    &b, "playbook: x\nversion: \"1\"\ntitle: x\nstart: n0\nnodes:\n");
	for (int i = 0; i < 1500; i++) {
		buf_addf(
		    &b, "  - {id: n%d, decide: [{next: end, when: {any: [", i);
		for (int k = 0; k < 10; k++)
			buf_addf(&b,
			    "{not: {app.name: other, network.vpn: yes, "
			    "app.security: auto, app.still_fails: no, "
			    "mine.reach: open, path.network: up, "
			    "provider.kind: google}}, ");
		buf_adds(&b, "{path.network: down}]}}]}\n");
	}
	buf_adds(&b, "  - {id: end, verdict: works}\n");
	refuse("costly conditions", b.data, b.len);
	buf_done(&b);
}

static void
generate(struct buf *b, int n)
{
	buf_adds(b, "playbook: big\nversion: \"1\"\ntitle: Big\nstages: [one]\n"
		    "start: n0\nnodes:\n");
	for (int i = 0; i < n; i++) {
		buf_addf(b, "  - id: n%d\n", i);
		switch (i % 4) {
		case 0:
			buf_addf(b,
			    "    ask: Question %d?\n"
			    "    discloses: All of it.\n"
			    "    fields:\n"
			    "      - {fact: my.f%d, kind: choice, label: L,\n"
			    "         why: W, choices: [{value: a, label: A},\n"
			    "         {value: b, label: B}]}\n",
			    i, i);
			break;
		case 1:
			buf_adds(b, "    probes:\n"
				    "      - {probe: dns_domain,\n"
				    "         with: {domain: address.domain}}\n"
				    "      - {probe: address,\n"
				    "         with: {email: account.email}}\n");
			break;
		case 2:
			buf_addf(b,
			    "    decide:\n"
			    "      - {when: {my.f%d: a, domain.name: ok},\n"
			    "         next: n%d}\n"
			    "      - {when: {any: [{my.f%d: [b, unknown]},\n"
			    "         {not: {domain.name: ok}}]}, next: end}\n",
			    i - 2, i + 1, i - 2);
			continue;
		default:
			buf_addf(b, "    tell: Well done, {my.f%d}\n", i - 3);
		}
		if (i + 1 < n)
			buf_addf(b, "    next: n%d\n", i + 1);
		else
			buf_adds(b, "    next: end\n");
	}
	buf_adds(b, "  - {id: end, verdict: inconclusive}\n");
}

static void
test_big(void **state)
{
	(void)state;
	struct complaints c = {0};
	struct buf b;

	buf_init(&b, BUF_OURS);
	generate(&b, 10000);
	clock_t begin = clock();
	struct playbook *p =
	    playbook_parse("big.yaml", b.data, b.len, &test_world, &c);
	double seconds = (double)(clock() - begin) / CLOCKS_PER_SEC;
	print_complaints("big.yaml", &c);
	assert_non_null(p);
	print_message("10,000 nodes, %zu bytes: %.2f s\n", b.len, seconds);
	assert_true(seconds < 1.0 * SLOW);
	assert_int_equal(p->n_nodes, 10001);
	/* Three probe nodes ahead, two calls each. */
	assert_int_equal(playbook_node(p, "n400")->n_ahead, 6);
	playbook_free(p);
	buf_done(&b);
}

/* 10,000 texts in a row and a probe behind them: ahead stays bounded. */
static void
test_long_road(void **state)
{
	(void)state;
	struct complaints c = {0};
	struct buf b;

	buf_init(&b, BUF_OURS);
	buf_adds(
	    &b, "playbook: x\nversion: \"1\"\ntitle: x\nstart: n0\nnodes:\n");
	for (int i = 0; i < 10000; i++)
		buf_addf(&b, "  - {id: n%d, tell: x, next: n%d}\n", i, i + 1);
	buf_adds(&b, "  - id: n10000\n    probes:\n"
		     "      - {probe: address, with: {email: account.email}}\n"
		     "    next: end\n  - {id: end, verdict: works}\n");
	clock_t begin = clock();
	struct playbook *p =
	    playbook_parse("road.yaml", b.data, b.len, &test_world, &c);
	double seconds = (double)(clock() - begin) / CLOCKS_PER_SEC;
	print_complaints("road.yaml", &c);
	assert_non_null(p);
	assert_true(seconds < 1.0 * SLOW);
	assert_int_equal(playbook_node(p, "n0")->n_ahead, 0);
	assert_int_equal(playbook_node(p, "n9999")->n_ahead, 1);
	playbook_free(p);
	buf_done(&b);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_good_files),
	    cmocka_unit_test(test_bad_files),
	    cmocka_unit_test(test_warnings),
	    cmocka_unit_test(test_manual_ids),
	    cmocka_unit_test(test_manual_example),
	    cmocka_unit_test(test_did_you_mean),
	    cmocka_unit_test(test_tree),
	    cmocka_unit_test(test_ahead),
	    cmocka_unit_test(test_printable),
	    cmocka_unit_test(test_loop_that_waits),
	    cmocka_unit_test(test_hostile),
	    cmocka_unit_test(test_costly_conditions),
	    cmocka_unit_test(test_big),
	    cmocka_unit_test(test_long_road),
	};

	return cmocka_run_group_tests_name("playbook", tests, NULL, NULL);
}
