/* SPDX-License-Identifier: ISC
 *
 * Settings out of other programs' files: what is taken, what never is, how
 * damaged files are pointed at; and the question which account it is.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "probes/base/buf.h"
#include "probes/base/mem.h"
#include "wizard/exchange/export.h"
#include "wizard/exchange/export_in.h"
#include "wizard/exchange/import.h"

#define FILES "tests/playbooks/import/"
/* Stands in every good file where a password does. */
#define PLANTED "S3Cr3t"

static void
load(const char *name, struct imported *im)
{
	char *path = mem_printf(FILES "%s", name);
	struct err err = {0};

	if (!import_load(path, im, &err))
		fail_msg("%s", err.msg);
	mem_free(path);
}

static bool
parse(const char *text, struct imported *im, struct err *err)
{
	return import_parse("a", text, strlen(text), im, err);
}

struct expected {
	const char *file;
	size_t account;
	const char *name, *facts; /* "name=value ..." without blanks */
};

static const struct expected good[] = {
    {"outlook.reg", 0, "anna@bakery.example",
	"app.name=outlook-classic account.email=anna@bakery.example "
	"app.host=mail.bakery.example app.port=587 app.security=starttls "
	"app.auth=password account.username=anna@bakery.example "
	"account.type=imap import.in_host=imap.bakery.example "
	"import.in_port=993 import.in_security=implicit-tls"},
    {"outlook.reg", 1, "Backstube M\303\274ller",
	"account.email=orders@bakery.example app.host=smtp.bakery.example "
	"app.port=465 app.security=implicit-tls app.auth=password "
	"account.username=orders account.type=pop "
	"import.in_host=pop.bakery.example import.in_port=995"},
    {"outlook.reg", 2, "anna@corp.example",
	"account.email=anna@corp.example account.type=exchange app.host= "
	"app.port="},
    {"outlook-ansi.reg", 0, "B\303\244ckerei",
	"account.email=anna@bakery.example app.host=mail.bakery.example "
	"app.port=25 app.security=auto app.auth=none account.username= "
	"account.type=pop"},
    {"prefs.js", 0, "orders@bakery.example",
	"app.name=thunderbird app.host=mail.bakery.example app.port=587 "
	"app.security=starttls app.auth=password "
	"account.username=orders@bakery.example account.type=pop "
	"import.in_port=995"},
    {"prefs.js", 1, "anna@mill.example",
	"app.host=relay.mill.example app.port=587 app.security=none "
	"app.auth=none account.username="},
    {"prefs.js", 2, "anna@bakery.example",
	"app.host=smtp.bakery.example app.port=465 app.security=implicit-tls "
	"app.auth=oauth2 account.type=imap import.in_username=anna"},
    {"msmtprc", 0, "orders",
	"app.name=other app.host=mail.bakery.example app.port=465 "
	"app.security=implicit-tls app.auth=password "
	"account.email=orders@bakery.example "
	"account.username=anna@bakery.example"},
    {"msmtprc", 1, "bakery",
	"app.port=587 app.security=starttls app.auth=password "
	"account.email=anna@bakery.example"},
    {"msmtprc", 2, "token",
	"app.host=smtp.mill.example app.port=465 app.security=implicit-tls "
	"app.auth=oauth2 account.username=anna@mill.example account.email="},
    {"msmtprc", 3, "open", "app.port=25 app.security=none app.auth=none"},
};

static void
check_facts(const struct expected *x, const struct kvs *facts)
{
	struct strs pairs = {0};

	strs_split(&pairs, x->facts, " ");
	for (size_t i = 0; i < pairs.n; i++) {
		char *value = strchr(pairs.v[i], '=');

		*value++ = '\0';
		if (!str_eq(kvs_get_or(facts, pairs.v[i], ""), value))
			fail_msg("%s account %zu: %s is \"%s\", not \"%s\"",
			    x->file, x->account, pairs.v[i],
			    kvs_get_or(facts, pairs.v[i], ""), value);
	}
	strs_done(&pairs);
}

static void
test_good(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		struct imported im = {0};

		load(good[i].file, &im);
		assert_true(im.n > good[i].account);
		assert_string_equal(im.v[good[i].account].name, good[i].name);
		check_facts(&good[i], &im.v[good[i].account].facts);
		imported_done(&im);
	}
}

static void
test_counts(void **state)
{
	static const struct {
		const char *file;
		size_t n;
	} counts[] = {{"outlook.reg", 3}, {"outlook-ansi.reg", 1},
	    {"prefs.js", 3}, {"msmtprc", 4}};

	(void)state;
	for (size_t i = 0; i < 4; i++) {
		struct imported im = {0};

		load(counts[i].file, &im);
		assert_int_equal(im.n, counts[i].n);
		imported_done(&im);
	}
}

static void
test_no_passwords(void **state)
{
	static const char *const files[] = {
	    "outlook.reg", "prefs.js", "msmtprc"};

	(void)state;
	for (size_t f = 0; f < 3; f++) {
		struct imported im = {0};

		load(files[f], &im);
		for (size_t i = 0; i < im.n; i++)
			for (size_t k = 0; k < im.v[i].facts.n; k++)
				assert_null(
				    strstr(im.v[i].facts.v[k].value, PLANTED));
		imported_done(&im);
	}
}

static const struct {
	const char *file, *message;
} bad[] = {
    {"bad-hex.reg", "bad-hex.reg:4: two hexadecimal digits"},
    {"bad-cut.reg", "bad-cut.reg:4: the file ends inside"},
    {"bad-quote.js", "bad-quote.js:1: a text without its end quote"},
    {"bad-base.msmtprc", "bad-base.msmtprc:1: the account \"b\""},
    {"bad-word.msmtprc", "bad-word.msmtprc:2: msmtp has no command \"hots\""},
    {"empty.reg", "empty.reg:3: no account"},
    {"nul.msmtprc", "nul.msmtprc:2: a NUL"},
    {"other.txt", "other.txt:1: this is none of the files"},
};

static void
test_bad(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		char *path = mem_printf(FILES "%s", bad[i].file);
		struct imported im = {0};
		struct err err = {0};

		assert_false(import_load(path, &im, &err));
		if (!strstr(err.msg, bad[i].message))
			fail_msg("%s", err.msg);
		assert_int_equal(im.n, 0);
		mem_free(path);
	}
}

#define HEAD "Windows Registry Editor Version 5.00\n"
#define KEY                                                         \
	"[HKEY_CURRENT_USER\\Software\\Microsoft\\Office\\16.0\\"   \
	"Outlook\\Profiles\\%s\\9375CFF0413111d3B88A00104B2A6676\\" \
	"0000000%d]\n"

/* The same account in two profiles: both can be told apart. */
static void
test_same_names(void **state)
{
	char *text = mem_printf(HEAD KEY
	    "\"Account Name\"=\"Anna\"\n\"SMTP Server\"=\"a.example\"\n" KEY
	    "\"Account Name\"=\"anna\"\n\"SMTP Server\"=\"b.example\"\n" KEY
	    "\"Account Name\"=\"unknown\"\n\"SMTP Server\"=\"c.example\"\n",
	    "Outlook", 2, "Test", 2, "Test", 3);
	struct imported im = {0};
	struct err err = {0};

	(void)state;
	if (!parse(text, &im, &err))
		fail_msg("%s", err.msg);
	assert_int_equal(im.n, 3);
	assert_string_equal(im.v[0].name, "Anna");
	assert_string_equal(im.v[1].name, "anna (profile Test)");
	/* "unknown" is the answer for none of them. */
	assert_string_equal(im.v[2].name, "unknown (2)");
	imported_done(&im);
	mem_free(text);
}

/* What is no host, port or address is left for the question. */
static void
test_odd_values(void **state)
{
	struct imported im = {0};
	struct err err = {0};

	(void)state;
	if (!parse("account a\nhost  \"  mail.bakery.example \"\nport 99999\n"
		   "from %U@bakery.example\nuser \"a b\"\n"
		   "account b\nhost mail bakery\nfrom x\n",
		&im, &err))
		fail_msg("%s", err.msg);
	assert_string_equal(
	    kvs_get(&im.v[0].facts, "app.host"), "mail.bakery.example");
	assert_string_equal(kvs_get(&im.v[0].facts, "account.username"), "a b");
	assert_null(kvs_get(&im.v[0].facts, "account.email"));
	assert_null(kvs_get(&im.v[1].facts, "app.host"));
	assert_null(kvs_get(&im.v[1].facts, "account.email"));
	imported_done(&im);
}

static void
test_bounds(void **state)
{
	struct imported im = {0};
	struct err err = {0};
	char *large = mem_alloc(IMPORT_BYTES_MAX + 1);
	struct buf many;

	(void)state;
	memset(large, ' ', IMPORT_BYTES_MAX + 1);
	assert_false(import_parse("a", large, IMPORT_BYTES_MAX + 1, &im, &err));
	assert_int_equal(err.kind, ERR_LIMIT);
	mem_free(large);
	buf_init(&many, BUF_OURS);
	for (int i = 0; i < IMPORT_ACCOUNTS_MAX + 1; i++)
		buf_addf(&many, "account a%d\nhost h\n", i);
	err = (struct err){0};
	assert_false(parse(many.data, &im, &err));
	assert_int_equal(err.kind, ERR_LIMIT);
	buf_done(&many);
}

static void
test_cut_anywhere(void **state)
{
	static const char *const files[] = {
	    "outlook-ansi.reg", "prefs.js", "msmtprc"};

	(void)state;
	for (size_t f = 0; f < 3; f++) {
		char *path = mem_printf(FILES "%s", files[f]);
		char bytes[8192];
		FILE *file = fopen(path, "rb");
		size_t len = file ? fread(bytes, 1, sizeof(bytes), file) : 0;

		assert_true(len > 100);
		fclose(file);
		for (size_t n = 0; n < len; n++) {
			char *exact = mem_alloc(n);
			struct imported im = {0};
			struct err err = {0};

			memcpy(exact, bytes, n);
			if (import_parse("a", exact, n, &im, &err))
				imported_done(&im);
			mem_free(exact);
		}
		mem_free(path);
	}
}

static void
test_find(void **state)
{
	struct imported im = {0};
	struct err err = {0};

	(void)state;
	load("msmtprc", &im);
	assert_string_equal(import_find(&im, "TOKEN", &err), "token");
	assert_null(import_find(&im, "nobody", &err));
	assert_non_null(strstr(err.msg, "it has: orders, bakery, token, open"));
	imported_done(&im);
}

static void
test_xml(void **state)
{
	struct strs lines = {0};
	struct buf out;

	(void)state;
	buf_init(&out, BUF_OURS);
	export_element(&out, 0, "t", "<a> & \"b\" \357\277\277 \303\244");
	assert_string_equal(
	    out.data, "<t>&lt;a&gt; &amp; &quot;b&quot; ? \303\244</t>\n");
	buf_done(&out);
	buf_init(&out, BUF_OURS);
	strs_add(&lines, "a--b --> -");
	export_xml_comment(&out, &lines);
	assert_string_equal(out.data, "<!--\n  a_-b _-> _\n-->\n");
	strs_done(&lines);
	buf_done(&out);
}

static void
test_formats(void **state)
{
	(void)state;
	assert_non_null(export_find("autoconfig"));
	assert_non_null(export_find("mobileconfig"));
	assert_non_null(export_find("msmtprc"));
	assert_null(export_find("prf"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_good),
	    cmocka_unit_test(test_counts),
	    cmocka_unit_test(test_no_passwords),
	    cmocka_unit_test(test_bad),
	    cmocka_unit_test(test_same_names),
	    cmocka_unit_test(test_odd_values),
	    cmocka_unit_test(test_bounds),
	    cmocka_unit_test(test_cut_anywhere),
	    cmocka_unit_test(test_find),
	    cmocka_unit_test(test_xml),
	    cmocka_unit_test(test_formats),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
