/* SPDX-License-Identifier: ISC
 *
 * Unit tests of probes/base, all but YAML: memory, errors, buffers, strings,
 * name-value sets, the clock and the dates in server greetings.
 */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "probes/base/bug.h"
#include "probes/base/buf.h"
#include "probes/base/clock.h"
#include "probes/base/date.h"
#include "probes/base/err.h"
#include "probes/base/kv.h"
#include "probes/base/mem.h"
#include "probes/base/str.h"
#include "probes/base/utf8.h"

#define N_OF(a) (sizeof(a) / sizeof((a)[0]))

/* Fails with the row, so that a table's message says which one. */
#define ROW(cond, ...)                                    \
	do {                                              \
		if (!(cond)) {                            \
			print_error("row: " __VA_ARGS__); \
			print_error("\n");                \
			fail();                           \
		}                                         \
	} while (0)

/* --- mem ------------------------------------------------------------- */

static void
mem_is_zeroed(void **state)
{
	(void)state;
	for (size_t n = 0; n < 70; n += 23) {
		char *p = mem_alloc(n);

		for (size_t i = 0; i < n; i++)
			assert_int_equal(p[i], 0);
		assert_int_equal(p[0], 0);
		mem_free(p);
	}
	mem_free(NULL);
}

static void
mem_copies(void **state)
{
	(void)state;
	assert_null(mem_dup(NULL));
	assert_null(mem_dupn(NULL, 3));

	char *a = mem_dup(""), *b = mem_dupn("abcdef", 3);
	char *c = mem_dupn("a\0b", 3), *d = mem_printf("%s-%d", "x", 42);

	assert_string_equal(a, "");
	assert_string_equal(b, "abc");
	assert_memory_equal(c, "a\0b\0", 4);
	assert_string_equal(d, "x-42");
	mem_free(a);
	mem_free(b);
	mem_free(c);
	mem_free(d);
}

static void
mem_push_grows(void **state)
{
	struct point {
		int x, y;
	};
	struct point *v = NULL;
	size_t n = 0, cap = 0;

	(void)state;
	for (int i = 0; i < 1000; i++) {
		struct point *p = MEM_PUSH(&v, &n, &cap);

		assert_int_equal(p->x, 0);
		assert_int_equal(p->y, 0);
		p->x = i;
		p->y = -i;
	}
	assert_int_equal(n, 1000);
	assert_true(cap >= n);
	for (int i = 0; i < 1000; i++)
		assert_int_equal(v[i].x + v[i].y + v[i].x, i);
	mem_free(v);
}

/* --- bug ------------------------------------------------------------- */

static void
say_hook(void)
{
	(void)!write(STDERR_FILENO, "hook ", 5);
}

static void
too_much(void)
{
	mem_free(mem_resize(NULL, SIZE_MAX / 2, 4));
}

static void
drop_too_much(void)
{
	struct buf b;

	buf_init(&b, 4);
	buf_drop(&b, 1);
}

/* Runs the function in a child; gives what it wrote before it aborted. */
static void
dies(void (*run)(void), char *said, size_t size)
{
	int ends[2];

	assert_int_equal(pipe(ends), 0);

	pid_t pid = fork();

	assert_true(pid >= 0);
	if (pid == 0) {
		dup2(ends[1], STDERR_FILENO);
		close(ends[0]);
		signal(SIGABRT, SIG_DFL);
		bug_set_hook(say_hook);
		run();
		_exit(0);
	}
	close(ends[1]);

	size_t len = 0;

	for (;;) {
		ssize_t n = read(ends[0], said + len, size - 1 - len);

		if (n <= 0)
			break;
		len += (size_t)n;
	}
	said[len] = '\0';
	close(ends[0]);

	int status;

	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFSIGNALED(status));
	assert_int_equal(WTERMSIG(status), SIGABRT);
}

static void
bug_runs_hook_and_aborts(void **state)
{
	char said[1024];

	(void)state;
	dies(too_much, said, sizeof(said));
	assert_true(str_starts(said, "hook smtpwiz: this cannot happen: "));
	assert_non_null(strstr(said, "mem.c:"));
	dies(drop_too_much, said, sizeof(said));
	assert_non_null(strstr(said, "dropping 1 bytes of 0"));
}

/* --- err ------------------------------------------------------------- */

static void
err_builds_sentences(void **state)
{
	struct err err = {0};

	(void)state;
	assert_false(err_set(&err, ERR_TIMEOUT, "waited %d ms", 7));
	assert_int_equal(err.kind, ERR_TIMEOUT);
	assert_string_equal(err.msg, "waited 7 ms");
	assert_false(err_wrap(&err, "checking %s", "mail.example"));
	assert_int_equal(err.kind, ERR_TIMEOUT);
	assert_string_equal(err.msg, "checking mail.example: waited 7 ms");
	/* Its own message as an argument. */
	assert_false(err_set(&err, ERR_DNS, "then %s", err.msg));
	assert_string_equal(err.msg, "then checking mail.example: waited 7 ms");
	assert_false(err_sys(&err, ERR_FILE, 2, "cannot read %s", "x.yaml"));
	assert_int_equal(err.sys, 2);
	assert_string_equal(
	    err.msg, "cannot read x.yaml: No such file or directory");
	assert_false(err_set(&err, ERR_USAGE, "%s", ""));
	assert_int_equal(err.sys, 0);
	assert_string_equal(err.msg, "");
}

static void
err_is_cut_between_characters(void **state)
{
	struct err err = {0};

	(void)state;
	for (size_t lead = 0; lead < 4; lead++) {
		struct buf b;

		buf_init(&b, 4096);
		for (size_t i = 0; i < lead; i++)
			buf_addc(&b, 'a');
		for (size_t i = 0; i < 300; i++)
			buf_adds(&b, "\xe2\x82\xac");
		err_set(&err, ERR_FILE, "%s", b.data);

		size_t len = strlen(err.msg);

		assert_true(len < sizeof(err.msg) && len > 500);
		assert_string_equal(err.msg + len - 3, "...");
		assert_int_equal((len - 3 - lead) % 3, 0);
		err_wrap(&err, "%s", "deep down");
		assert_true(str_starts(err.msg, "deep down: "));
		assert_true(str_ends(err.msg, "..."));
		buf_done(&b);
	}
}

static void
err_fits_exactly(void **state)
{
	struct err err = {0};
	char text[sizeof(err.msg) + 1];

	(void)state;
	memset(text, 'x', sizeof(text));
	text[sizeof(err.msg) - 1] = '\0';
	err_set(&err, ERR_FILE, "%s", text);
	assert_string_equal(err.msg, text);
	text[sizeof(err.msg) - 1] = 'x';
	text[sizeof(err.msg)] = '\0';
	err_set(&err, ERR_FILE, "%s", text);
	assert_int_equal(strlen(err.msg), sizeof(err.msg) - 1);
	assert_true(str_ends(err.msg, "x..."));
}

/* --- buf ------------------------------------------------------------- */

static void
buf_with_tiny_capacities(void **state)
{
	(void)state;
	for (size_t max = 0; max < 12; max++) {
		struct buf b;

		buf_init(&b, max);
		assert_string_equal(b.data, "");
		assert_true(buf_add(&b, "", 0));
		for (size_t i = 0; i < max; i++) {
			assert_true(buf_addc(&b, (char)('a' + i)));
			assert_int_equal(b.len, i + 1);
			assert_int_equal(b.data[b.len], '\0');
		}
		assert_false(b.full);
		assert_true(buf_adds(&b, ""));
		assert_false(buf_addc(&b, '!'));
		assert_true(b.full);
		assert_int_equal(b.len, max);
		assert_int_equal(strlen(b.data), max);
		assert_true(b.cap <= max);
		buf_done(&b);
	}
}

static void
buf_takes_all_or_nothing(void **state)
{
	struct buf b;

	(void)state;
	buf_init(&b, 5);
	assert_true(buf_adds(&b, "abc"));
	assert_false(buf_adds(&b, "def"));
	assert_true(b.full);
	assert_string_equal(b.data, "abc");
	/* It stays full, though two bytes would fit: no holes. */
	assert_false(buf_adds(&b, "x"));
	assert_string_equal(b.data, "abc");
	buf_done(&b);
	buf_done(&b);

	buf_init(&b, 5);
	assert_true(buf_addf(&b, "%d", 123));
	assert_false(buf_addf(&b, "%d", 456));
	assert_string_equal(b.data, "123");
	buf_done(&b);
}

static void
buf_grows_drops_and_gives(void **state)
{
	struct buf b;

	(void)state;
	buf_init(&b, 100000);
	for (int i = 0; i < 10000; i++)
		assert_true(buf_addf(&b, "%05d", i));
	assert_int_equal(b.len, 50000);
	assert_memory_equal(b.data + 49990, "0999809999", 11);
	buf_drop(&b, 0);
	buf_drop(&b, 49995);
	assert_string_equal(b.data, "09999");
	buf_drop(&b, 5);
	assert_string_equal(b.data, "");
	assert_true(buf_add(&b, "x\0y", 3));

	char *text = buf_take(&b);

	assert_memory_equal(text, "x\0y\0", 4);
	assert_null(b.data);
	assert_int_equal(b.len, 0);
	mem_free(text);
	buf_done(&b);

	struct buf none = {0};

	text = buf_take(&none);
	assert_string_equal(text, "");
	mem_free(text);
	assert_false(buf_addc(&none, 'x'));
	buf_done(&none);
}

/* --- strs ------------------------------------------------------------ */

static void
check_join(const struct strs *s, const char *sep, const char *expected)
{
	char *joined = strs_join(s, sep);

	assert_string_equal(joined, expected);
	mem_free(joined);
}

static void
strs_hold_text(void **state)
{
	struct strs s = {0}, copy = {0};

	(void)state;
	check_join(&s, ",", "");
	strs_add(&s, "a");
	check_join(&s, ",", "a");
	strs_addf(&s, "%d", 2);
	strs_take(&s, mem_dup(""));
	check_join(&s, ",", "a,2,");
	check_join(&s, "", "a2");
	check_join(&s, " | ", "a | 2 | ");
	assert_true(strs_has(&s, "2"));
	assert_true(strs_has(&s, ""));
	assert_false(strs_has(&s, "A"));
	strs_copy(&copy, &s);
	strs_copy(&copy, &copy);
	check_join(&copy, ".", "a.2..a.2.");
	strs_done(&s);
	strs_done(&s);
	assert_int_equal(s.n, 0);
	strs_done(&copy);
}

static void
strs_split_texts(void **state)
{
	static const struct {
		const char *text, *seps, *joined;
	} rows[] = {
	    {"", ",", ""},
	    {",,,", ",", ""},
	    {"a", ",", "a"},
	    {"a,b", ",", "a|b"},
	    {",a,,b,", ",", "a|b"},
	    {"a, b\tc", ", \t", "a|b|c"},
	    {"PLAIN LOGIN  XOAUTH2 ", " ", "PLAIN|LOGIN|XOAUTH2"},
	    {"one", "", "one"},
	};

	(void)state;
	for (size_t i = 0; i < N_OF(rows); i++) {
		struct strs s = {0};

		strs_split(&s, rows[i].text, rows[i].seps);
		check_join(&s, "|", rows[i].joined);
		strs_done(&s);
	}

	struct strs s = {0};

	strs_split(&s, NULL, ",");
	assert_int_equal(s.n, 0);
}

/* --- str ------------------------------------------------------------- */

static void
str_compares(void **state)
{
	(void)state;
	assert_true(str_eq(NULL, NULL));
	assert_false(str_eq(NULL, ""));
	assert_false(str_eq("", NULL));
	assert_true(str_eq("a", "a"));
	assert_false(str_eq("a", "A"));
	assert_true(str_same("STARTTLS", "StartTls"));
	assert_true(str_same(NULL, NULL));
	assert_false(str_same("a", NULL));
	assert_false(str_same("ab", "a"));
	assert_false(str_same("\xc3\x84", "\xc3\xa4")); /* Ae, ae: not ASCII */
	assert_false(str_same("[", "{"));
	assert_false(str_same("@", "`"));
	assert_true(str_starts("abc", "ab"));
	assert_true(str_starts("abc", ""));
	assert_false(str_starts("ab", "abc"));
	assert_false(str_starts(NULL, "a"));
	assert_true(str_ends("abc", "bc"));
	assert_true(str_ends("abc", ""));
	assert_false(str_ends("c", "bc"));
	assert_false(str_ends(NULL, ""));
	assert_true(str_starts_nocase("EHLO x", "ehlo"));
	assert_false(str_starts_nocase("EHL", "ehlo"));
	assert_true(str_starts_nocase("", ""));
	assert_string_equal(
	    str_find_nocase("Please Sign In", "sign in"), "Sign In");
	assert_string_equal(str_find_nocase("x", ""), "x");
	assert_null(str_find_nocase("sig", "sign"));
	assert_null(str_find_nocase("", "s"));
	assert_null(str_find_nocase(NULL, "s"));

	char text[] = "MiXed \xc3\x84 @[`{";

	str_lower(text);
	assert_string_equal(text, "mixed \xc3\x84 @[`{");
}

static void
str_trims(void **state)
{
	static const char *const rows[][2] = {
	    {"", ""},
	    {"  ", ""},
	    {"a", "a"},
	    {" a b ", "a b"},
	    {"\t\r\n x\r\n", "x"},
	    {"x\v\f", "x"},
	};

	(void)state;
	for (size_t i = 0; i < N_OF(rows); i++) {
		char *copy = mem_dup(rows[i][0]);

		assert_string_equal(str_trim(copy), rows[i][1]);
		mem_free(copy);
	}
}

static void
str_finds_words_of_sets(void **state)
{
	static const struct {
		const char *value, *set;
		bool is_in;
	} rows[] = {
	    {"a", "a|b|c", true},
	    {"c", "a|b|c", true},
	    {"d", "a|b|c", false},
	    {"a|b", "a|b|c", false},
	    {"ok", "okay", false},
	    {"okay", "ok", false},
	    {"", "a|b", false},
	    {"", "", false},
	    {"", "a||b", false},
	    {"b", "a||b", true},
	    {"A", "a|b", false},
	    {NULL, "a", false},
	    {"a", NULL, false},
	};

	(void)state;
	for (size_t i = 0; i < N_OF(rows); i++)
		ROW(str_in_set(rows[i].value, rows[i].set) == rows[i].is_in,
		    "%zu", i);
}

static void
str_reads_numbers(void **state)
{
	static const struct {
		const char *text;
		int64_t min, max;
		bool is_good;
		int64_t value;
	} rows[] = {
	    {"0", 0, 0, true, 0},
	    {"587", 1, 65535, true, 587},
	    {"65536", 1, 65535, false, 0},
	    {"0", 1, 65535, false, 0},
	    {"007", 0, 10, true, 7},
	    {"-5", -5, 5, true, -5},
	    {"-5", 0, 5, false, 0},
	    {"-0", 0, 5, true, 0},
	    {"", 0, 5, false, 0},
	    {"-", -5, 5, false, 0},
	    {"+5", 0, 5, false, 0},
	    {" 5", 0, 5, false, 0},
	    {"5 ", 0, 5, false, 0},
	    {"5x", 0, 5, false, 0},
	    {"0x5", 0, 5, false, 0},
	    {"1.0", 0, 5, false, 0},
	    {"9223372036854775807", 0, INT64_MAX, true, INT64_MAX},
	    {"9223372036854775808", 0, INT64_MAX, false, 0},
	    {"-9223372036854775808", INT64_MIN, 0, true, INT64_MIN},
	    {"-9223372036854775809", INT64_MIN, 0, false, 0},
	    {"99999999999999999999999999", 0, INT64_MAX, false, 0},
	    {NULL, 0, 5, false, 0},
	};

	(void)state;
	for (size_t i = 0; i < N_OF(rows); i++) {
		int64_t out = 99;
		bool is_good =
		    str_number(rows[i].text, rows[i].min, rows[i].max, &out);

		ROW(is_good == rows[i].is_good, "%zu", i);
		ROW(out == (is_good ? rows[i].value : 99), "%zu", i);
	}
}

static void
str_measures_distance(void **state)
{
	static const struct {
		const char *a, *b;
		int limit, distance;
	} rows[] = {
	    {"", "", 2, 0},
	    {"a", "", 2, 1},
	    {"", "abc", 5, 3},
	    {"", "abc", 2, 3},
	    {"", "abcdef", 2, 3},
	    {"gmail.com", "gmail.com", 2, 0},
	    {"GMail.com", "gmail.COM", 2, 0},
	    {"gmial.com", "gmail.com", 2, 1},
	    {"gmai.com", "gmail.com", 2, 1},
	    {"gmaill.com", "gmail.com", 2, 1},
	    {"gnail.com", "gmail.com", 2, 1},
	    {"gnail.con", "gmail.com", 2, 2},
	    {"hotmial.co", "hotmail.com", 2, 2},
	    {"smpt", "smtp", 2, 1},
	    {"stmp", "smtp", 2, 1},
	    {"mial", "mail", 1, 1},
	    {"abcdef", "badcfe", 5, 3},
	    {"kitten", "sitting", 5, 3},
	    {"kitten", "sitting", 2, 3},
	    {"kitten", "sitting", 0, 1},
	    {"kitten", "sitting", -4, 1},
	    {"same", "same", 0, 0},
	    {"ca", "abc", 5, 3}, /* a swap is not edited again */
	    {"outlook.com", "gmx.de", 2, 3},
	};

	(void)state;
	for (size_t i = 0; i < N_OF(rows); i++) {
		int there = str_distance(rows[i].a, rows[i].b, rows[i].limit);
		int back = str_distance(rows[i].b, rows[i].a, rows[i].limit);

		ROW(there == rows[i].distance, "%s %s: %d", rows[i].a,
		    rows[i].b, there);
		ROW(back == there, "%s %s back: %d", rows[i].a, rows[i].b,
		    back);
	}

	char *a = mem_alloc(100001), *b = mem_alloc(100001);

	memset(a, 'a', 100000);
	memset(b, 'b', 100000);
	assert_int_equal(str_distance(a, b, 1000), 255);
	assert_int_equal(str_distance(a, b, 2), 3);
	memset(b, 'a', 255);
	assert_int_equal(str_distance(a, b, 2), 0);
	mem_free(a);
	mem_free(b);
}

static void
str_knows_domains(void **state)
{
	static const struct {
		const char *name, *suffix;
		bool is_in;
	} rows[] = {
	    {"a.b.com", "b.com", true},
	    {"a.b.com", ".b.com", true},
	    {"b.com", "b.com", true},
	    {"b.com", ".b.com", true},
	    {"ab.com", "b.com", false},
	    {"A.B.Com.", "b.cOM", true},
	    {"a.b.com", "b.com.", true},
	    {"b.com", "a.b.com", false},
	    {"b.com.evil.example", "b.com", false},
	    {"a.b.com", "", false},
	    {"a.b.com", ".", false},
	    {"", "b.com", false},
	    {"", "", false},
	    {NULL, "b.com", false},
	    {"b.com", NULL, false},
	};

	(void)state;
	for (size_t i = 0; i < N_OF(rows); i++)
		ROW(str_in_domain(rows[i].name, rows[i].suffix) ==
			rows[i].is_in,
		    "%zu", i);
}

#define TEXT(s) s, sizeof(s) - 1

static void
str_makes_printable(void **state)
{
	static const struct {
		const char *in;
		size_t len;
		const char *out;
	} rows[] = {
	    {TEXT(""), ""},
	    {TEXT("220 mail ESMTP"), "220 mail ESMTP"},
	    {TEXT("a\tb"), "a b"},
	    {TEXT("a\r\nb"), "a\\x0d\\x0ab"},
	    {TEXT("a\0b"), "a\\x00b"},
	    {TEXT("\x1b[2J\x1b]0;x\x07"), "\\x1b[2J\\x1b]0;x\\x07"},
	    {TEXT("\x7f"), "\\x7f"},
	    /* C1: CSI as one character, and as a bare byte */
	    {TEXT("\xc2\x9b"
		  "2J"),
		"\\xc2\\x9b2J"},
	    {TEXT("\x9b"
		  "2J"),
		"\\x9b2J"},
	    {TEXT("M\xc3\xbcller \xe2\x82\xac \xf0\x9f\x98\x80"),
		"M\xc3\xbcller \xe2\x82\xac \xf0\x9f\x98\x80"},
	    {TEXT("\xe6\x97\xa5\xe6\x9c\xac"), "\xe6\x97\xa5\xe6\x9c\xac"},
	    {TEXT("e\xcc\x81"), "e\xcc\x81"}, /* combining acute */
	    /* bidirectional: RLO, PDI, LRM, ALM */
	    {TEXT("a\xe2\x80\xaeZ"), "a\\xe2\\x80\\xaeZ"},
	    {TEXT("\xe2\x81\xa9"), "\\xe2\\x81\\xa9"},
	    {TEXT("\xe2\x80\x8e"), "\\xe2\\x80\\x8e"},
	    {TEXT("\xd8\x9c"), "\\xd8\\x9c"},
	    /* zero width space, joiner, soft hyphen, byte order mark */
	    {TEXT("\xe2\x80\x8b"), "\\xe2\\x80\\x8b"},
	    {TEXT("\xe2\x80\x8d"), "\\xe2\\x80\\x8d"},
	    {TEXT("\xc2\xad"), "\\xc2\\xad"},
	    {TEXT("\xef\xbb\xbfx"), "\\xef\\xbb\\xbfx"},
	    /* line separator, variation selector, tag, non-characters */
	    {TEXT("\xe2\x80\xa8"), "\\xe2\\x80\\xa8"},
	    {TEXT("\xef\xb8\x8f"), "\\xef\\xb8\\x8f"},
	    {TEXT("\xf3\xa0\x81\x81"), "\\xf3\\xa0\\x81\\x81"},
	    {TEXT("\xef\xbf\xbf"), "\\xef\\xbf\\xbf"},
	    {TEXT("\xf4\x8f\xbf\xbf"), "\\xf4\\x8f\\xbf\\xbf"},
	    /* Latin-1, lone continuation, cut off, cut off before a letter */
	    {TEXT("M\xfcller"), "M\\xfcller"},
	    {TEXT("\x80\xbf"), "\\x80\\xbf"},
	    {TEXT("\xe2\x82"), "\\xe2\\x82"},
	    {TEXT("\xe2\x82x"), "\\xe2\\x82x"},
	    {TEXT("\xf0\x9f\x98"), "\\xf0\\x9f\\x98"},
	    {TEXT("\xc3"), "\\xc3"},
	    /* overlong '/', overlong NUL, surrogate, past the end, 5 bytes */
	    {TEXT("\xc0\xaf"), "\\xc0\\xaf"},
	    {TEXT("\xe0\x80\xaf"), "\\xe0\\x80\\xaf"},
	    {TEXT("\xf0\x80\x80\xaf"), "\\xf0\\x80\\x80\\xaf"},
	    {TEXT("\xc0\x80"), "\\xc0\\x80"},
	    {TEXT("\xed\xa0\x80"), "\\xed\\xa0\\x80"},
	    {TEXT("\xf4\x90\x80\x80"), "\\xf4\\x90\\x80\\x80"},
	    {TEXT("\xf8\x88\x80\x80\x80"), "\\xf8\\x88\\x80\\x80\\x80"},
	    {TEXT("\xff\xfe"), "\\xff\\xfe"},
	};

	(void)state;
	for (size_t i = 0; i < N_OF(rows); i++) {
		/* A copy without NUL: reading past the end is noticed. */
		char *in = mem_resize(NULL, rows[i].len, 1);

		memcpy(in, rows[i].in, rows[i].len);

		char *out = str_printable(in, rows[i].len);

		ROW(strcmp(out, rows[i].out) == 0, "%zu: \"%s\" not \"%s\"", i,
		    out, rows[i].out);
		mem_free(out);
		mem_free(in);
	}
}

/* Whatever comes in, what goes out is printable, and stays as it is. */
static void
str_printable_holds_for_all(void **state)
{
	uint32_t seed = 12345;

	(void)state;
	for (int round = 0; round < 2000; round++) {
		char in[24];

		for (size_t i = 0; i < sizeof(in); i++) {
			seed = seed * 1664525u + 1013904223u;
			in[i] = (char)(seed >> 24);
		}

		char *once = str_printable(in, sizeof(in));
		char *twice = str_printable(once, strlen(once));

		assert_string_equal(once, twice);
		for (const char *p = once; *p != '\0';) {
			uint32_t c = 0;
			size_t n = utf8_read(p, strlen(p), &c);

			assert_true(n > 0);
			assert_false(utf8_is_hidden(c));
			p += n;
		}
		mem_free(once);
		mem_free(twice);
	}
}

static void
str_counts_columns(void **state)
{
	static const struct {
		const char *text;
		int width;
	} rows[] = {
	    {"", 0},
	    {"abc", 3},
	    {"M\xc3\xbcller", 6},
	    {"e\xcc\x81", 1},
	    {"\xe0\xb8\x81\xe0\xb8\xb4", 1}, /* Thai with a vowel above */
	    {"\xe6\x97\xa5\xe6\x9c\xac\xe8\xaa\x9e", 6},
	    {"\xed\x95\x9c\xea\xb8\x80", 4}, /* Hangul syllables */
	    {"\xe1\x84\x92\xe1\x85\xa1\xe1\x86\xab", 2}, /* as letters */
	    {"\xef\xbc\xa1", 2}, /* full-width A */
	    {"\xef\xbd\xb1", 1}, /* half-width */
	    {"\xf0\x9f\x98\x80", 2},
	    {"\xf0\xa0\x80\x80", 2}, /* CJK extension B */
	    {"\xe2\x82\xac", 1},
	    {"\xe2\x80\x8b", 0},
	    {"\xe2\x94\x80\xe2\x96\x88", 2}, /* box and block */
	    {"\xe2\x9c\x93", 1}, /* check mark */
	    {"\xff\xfe", 2},
	    {"a\xe2\x82", 3},
	};

	(void)state;
	for (size_t i = 0; i < N_OF(rows); i++)
		ROW(str_width(rows[i].text) == rows[i].width, "%zu: %d", i,
		    str_width(rows[i].text));
}

static void
str_fits_columns(void **state)
{
	static const struct {
		const char *text;
		int columns;
		size_t bytes;
	} rows[] = {
	    {"abc", 0, 0},
	    {"abc", -1, 0},
	    {"abc", 2, 2},
	    {"abc", 3, 3},
	    {"abc", 99, 3},
	    {"", 5, 0},
	    {"\xc3\xbc\xc3\xbc", 1, 2},
	    {"e\xcc\x81x", 1, 3}, /* the accent stays with its letter */
	    {"\xcc\x81", 0, 0},
	    {"\xe6\x97\xa5\xe6\x9c\xac", 1, 0},
	    {"\xe6\x97\xa5\xe6\x9c\xac", 2, 3},
	    {"\xe6\x97\xa5\xe6\x9c\xac", 3, 3},
	    {"\xe6\x97\xa5\xe6\x9c\xac", 4, 6},
	    {"\xf0\x9f\x98\x80", 1, 0},
	    {"\xff\xfe", 1, 1},
	};

	(void)state;
	for (size_t i = 0; i < N_OF(rows); i++) {
		size_t n = str_fit(rows[i].text, rows[i].columns);

		ROW(n == rows[i].bytes, "%zu: %zu", i, n);
	}
}

/* --- kv -------------------------------------------------------------- */

static void
kvs_keep_order(void **state)
{
	struct kvs s = {0}, copy = {0};

	(void)state;
	assert_null(kvs_get(&s, "a"));
	assert_string_equal(kvs_get_or(&s, "a", "-"), "-");
	kvs_unset(&s, "a");
	kvs_set(&s, "a", "1");
	kvs_set(&s, "b", "2");
	kvs_setf(&s, "c", "%d", 3);
	kvs_set(&s, "b", "22");
	assert_int_equal(s.n, 3);
	assert_string_equal(s.v[1].name, "b");
	assert_string_equal(kvs_get(&s, "b"), "22");
	/* Its own value as an argument. */
	kvs_set(&s, "b", kvs_get(&s, "b"));
	kvs_setf(&s, "b", "<%s>", kvs_get(&s, "b"));
	assert_string_equal(kvs_get(&s, "b"), "<22>");
	kvs_set(&s, "", "");
	assert_string_equal(kvs_get(&s, ""), "");
	kvs_set(&copy, "c", "old");
	kvs_copy(&copy, &s);
	kvs_copy(&copy, &copy);
	assert_int_equal(copy.n, 4);
	assert_string_equal(copy.v[0].name, "c");
	assert_string_equal(kvs_get(&copy, "c"), "3");
	kvs_unset(&s, "a");
	assert_string_equal(s.v[0].name, "b");
	kvs_set(&s, "c", NULL);
	assert_null(kvs_get(&s, "c"));
	kvs_unset(&s, "");
	kvs_unset(&s, "b");
	assert_int_equal(s.n, 0);
	kvs_set(&s, "z", "26");
	assert_string_equal(kvs_get(&s, "z"), "26");
	kvs_done(&s);
	kvs_done(&s);
	kvs_done(&copy);
}

/* --- clock ----------------------------------------------------------- */

static void
clock_shifts(void **state)
{
	int64_t before = clock_utc_ms();

	(void)state;
	clock_set_shift(-INT64_C(1000) * 86400000);

	int64_t shifted = clock_utc_ms();

	clock_set_shift(0);

	int64_t off = shifted - before + INT64_C(1000) * 86400000;

	assert_true(off >= 0 && off < 60000);
	assert_true(clock_mono_ms() <= clock_mono_ms());
	assert_int_equal(clock_build_ms() % 86400000, 0);
	assert_true(clock_build_ms() > INT64_C(1700000000000));
}

static void
clock_writes_and_reads(void **state)
{
	static const struct {
		int64_t ms;
		const char *text;
	} rows[] = {
	    {0, "1970-01-01T00:00:00.000Z"},
	    {-1, "1969-12-31T23:59:59.999Z"},
	    {INT64_C(1795442531123), "2026-11-23T14:02:11.123Z"},
	    {INT64_C(951827696789), "2000-02-29T12:34:56.789Z"},
	    {INT64_C(4107542400000), "2100-03-01T00:00:00.000Z"},
	    {INT64_C(253402300799999), "9999-12-31T23:59:59.999Z"},
	    {-INT64_C(62135596800000), "0001-01-01T00:00:00.000Z"},
	};

	(void)state;
	for (size_t i = 0; i < N_OF(rows); i++) {
		char out[CLOCK_TEXT];
		int64_t ms = 7;

		clock_format(rows[i].ms, out);
		assert_string_equal(out, rows[i].text);
		ROW(clock_parse(out, &ms) && ms == rows[i].ms, "%s", out);
	}

	char out[CLOCK_TEXT];

	clock_format(INT64_MAX, out);
	assert_string_equal(out, "9999-12-31T23:59:59.999Z");
	clock_format(INT64_MIN, out);
	assert_string_equal(out, "0001-01-01T00:00:00.000Z");
}

static void
clock_round_trips_every_day(void **state)
{
	struct date last = {0};

	(void)state;
	for (int64_t day = -719162; day < 2932897; day += 1) {
		int64_t ms = 0;
		struct date d = date_from_ms(day * 86400000 + 5);

		assert_true(date_to_ms(&d, 0, &ms));
		assert_int_equal(ms, day * 86400000 + 5);
		assert_true(d.day == last.day + 1 || d.day == 1);
		last = d;
	}
}

static void
clock_parses(void **state)
{
	static const struct {
		const char *text, *expected; /* NULL: no date */
	} rows[] = {
	    {"2026-11-23", "2026-11-23T00:00:00.000Z"},
	    {"2026-11-23T14:02:11Z", "2026-11-23T14:02:11.000Z"},
	    {"2026-11-23t14:02:11.5z", "2026-11-23T14:02:11.500Z"},
	    {"2026-11-23T14:02:11.123456789Z", "2026-11-23T14:02:11.123Z"},
	    {"2026-11-23T14:02:11+02:00", "2026-11-23T12:02:11.000Z"},
	    {"2026-11-23T14:02:11-0530", "2026-11-23T19:32:11.000Z"},
	    {"2024-02-29", "2024-02-29T00:00:00.000Z"},
	    {"2016-12-31T23:59:60Z", "2017-01-01T00:00:00.000Z"},
	    {"2025-02-29", NULL},
	    {"1900-02-29", NULL},
	    {"2026-13-01", NULL},
	    {"2026-00-01", NULL},
	    {"2026-04-31", NULL},
	    {"2026-11-23T24:00:00Z", NULL},
	    {"2026-11-23T14:60:00Z", NULL},
	    {"2026-11-23T14:02:61Z", NULL},
	    {"2026-11-23T14:02Z", NULL},
	    {"2026-11-23T14:02:11", NULL},
	    {"2026-11-23T14:02:11.Z", NULL},
	    {"2026-11-23T14:02:11Zx", NULL},
	    {"2026-11-23x", NULL},
	    {"2026-11-2", NULL},
	    {"26-11-23", NULL},
	    {"12026-11-23", NULL},
	    {" 2026-11-23", NULL},
	    {"", NULL},
	    {NULL, NULL},
	};

	(void)state;
	for (size_t i = 0; i < N_OF(rows); i++) {
		char out[CLOCK_TEXT] = "";
		int64_t ms = 42;
		bool found = clock_parse(rows[i].text, &ms);

		ROW(found == (rows[i].expected != NULL), "%zu %s", i,
		    rows[i].text);
		if (!found) {
			assert_int_equal(ms, 42);
			continue;
		}
		clock_format(ms, out);
		ROW(strcmp(out, rows[i].expected) == 0, "%s: %s", rows[i].text,
		    out);
	}
}

#define NOON "2025-11-23T11:12:20.000Z"

static void
clock_finds_dates_in_greetings(void **state)
{
	static const struct {
		const char *line, *expected; /* NULL: no date */
	} rows[] = {
	    /* Exchange, Exchange Online */
	    {"220 mail.example Microsoft ESMTP MAIL Service ready at Sun, 23 "
	     "Nov 2025 11:12:20 +0000",
		NOON},
	    {"220 AM0PR04CA0091.outlook.office365.com Microsoft ESMTP MAIL "
	     "Service ready at Sun, 23 Nov 2025 11:12:20 +0000 "
	     "[08DE2A1B2C3D4E5F]",
		NOON},
	    {"535 5.7.139 Authentication unsuccessful "
	     "[FR0P281CA0091.DEUP281.PROD.OUTLOOK.COM 2025-11-23T11:12:20.123Z "
	     "08DE2A1B2C3D4E5F]",
		"2025-11-23T11:12:20.123Z"},
	    {"220 srv Microsoft ESMTP MAIL Service, Version: 6.0.3790.4675 "
	     "ready at  Sun, 23 Nov 2025 12:12:20 +0100",
		NOON},
	    /* Sendmail */
	    {"220 a.example ESMTP Sendmail 8.15.2/8.15.2; Sun, 23 Nov 2025 "
	     "11:12:20 GMT",
		NOON},
	    {"220 a.example ESMTP Sendmail 8.17.1/8.17.1/Debian-2; Sun, 23 Nov "
	     "2025 06:12:20 -0500; (No UCE/UBE) logging access from: x",
		NOON},
	    /* Exim */
	    {"220 a.example ESMTP Exim 4.96 Sun, 23 Nov 2025 12:12:20 +0100",
		NOON},
	    {"220-a.example ESMTP Exim 4.98.1 #2 Sun, 23 Nov 2025 03:12:20 "
	     "-0800 ",
		NOON},
	    /* MDaemon, IceWarp, Domino, GroupWise, others */
	    {"220 a.example ESMTP MDaemon 21.5.2; Sun, 23 Nov 2025 12:12:20 "
	     "+0100",
		NOON},
	    {"220 a.example ESMTP IceWarp 11.4.6.0 x64; Sun, 23 Nov 2025 "
	     "16:42:20 +0530",
		NOON},
	    {"220 a.example ESMTP Service (Lotus Domino Release 8.5.3) ready "
	     "at Sun, 23 Nov 2025 12:12:20 +0100",
		NOON},
	    {"220 a.example ready at 23 Nov 2025 11:12:20 -0000", NOON},
	    {"220 a.example (IMail 8.15 1-1) Sun, 23 Nov 2025 06:12:20 -0500 "
	     "(EST)",
		NOON},
	    {"220 x ESMTP Sun, 23 Nov 25 11:12:20 UT", NOON},
	    {"220 x ESMTP Sunday, 23-Nov-25 11:12:20 GMT", NOON},
	    {"220 x ESMTP 23-NOV-2025 11:12:20.00 UTC", NOON},
	    {"220 x ESMTP Sun, 23 Nov 2025 11:12:20.000 +00:00", NOON},
	    {"220 x ESMTP Sun, 23 November 2025 11:12:20 Z", NOON},
	    {"220 x ESMTP Sun,23 Nov 2025 11:12:20 +0000", NOON},
	    {"220 x ESMTP (Sun, 23 Nov 2025 12:12:20 CET)", NOON},
	    {"220 x ESMTP Sun, 23 Nov 2025 13:12:20 CEST", NOON},
	    {"220 x ESMTP Sun, 23 Nov 2025 03:12:20 PST", NOON},
	    {"220 x ESMTP Sun, 23 Nov 2025 12:12:20 GMT+0100", NOON},
	    {"220 x ESMTP Sun, 23 Nov 2025 06:12:20 UTC-05:00", NOON},
	    {"220 x ESMTP Sun, 23 Nov 2025 11:12:20 (UTC)", NOON},
	    {"220 x ESMTP Sun, 23 Nov 2025 12:12:20 AM +0000",
		"2025-11-23T00:12:20.000Z"},
	    {"220 x ESMTP Nov 23, 2025 11:12:20 AM UTC", NOON},
	    {"220 x ESMTP Nov 23, 2025 at 01:12:20 pm +0200", NOON},
	    {"220 x ESMTP Sun Nov 23 11:12:20 UTC 2025", NOON},
	    {"220 x ESMTP Sun Nov 23 11:12:20 AM UTC 2025", NOON},
	    {"220 x ESMTP Sun Nov 23 12:12:20 2025 +0100", NOON},
	    {"220 x ESMTP Sun Nov  2 11:12:20 UTC 2025",
		"2025-11-02T11:12:20.000Z"},
	    {"220 x ESMTP 2025-11-23 11:12:20 +0000", NOON},
	    {"220 x ESMTP 2025-11-23T12:12:20+01:00", NOON},
	    {"220 x ESMTP <2025-11-23T11:12:20Z>", NOON},
	    {"220 x ESMTP 23 Nov 2025 11:12 +0000", "2025-11-23T11:12:00.000Z"},
	    {"220 x 1.2.3-4 23 Nov 2025 11:12:20 +0000 2024-01-01T00:00:00Z",
		NOON},
	    /* A clock that is far off is what this is for. */
	    {"220 x ESMTP Thu, 1 Jan 1970 00:03:00 +0000",
		"1970-01-01T00:03:00.000Z"},
	    {"220 x ESMTP Sat, 6 Feb 2106 00:00:00 GMT",
		"2106-02-06T00:00:00.000Z"},
	    /* A date without a zone does not hide a later one with it. */
	    {"220 x built 2024-01-02 03:04:05 ready Sun, 23 Nov 2025 11:12:20 "
	     "+0000",
		NOON},
	    /* No date, no zone, or not to be trusted */
	    {"", NULL},
	    {"220 mail.example ESMTP Postfix (Debian/GNU)", NULL},
	    {"220 smtp.gmail.com ESMTP 5b1f17b1804b1-477a9df5 - gsmtp", NULL},
	    {"220 x ESMTP Sun, 23 Nov 2025 11:12:20", NULL},
	    {"220 x ESMTP Sun Nov 23 11:12:20 2025", NULL},
	    {"220 x ESMTP 2025-11-23 11:12:20", NULL},
	    {"220 x ESMTP 2025-11-23", NULL},
	    {"220 x ESMTP Sun, 23 Nov 2025 11:12:20 CST", NULL},
	    {"220 x ESMTP Sun, 23 Nov 2025 11:12:20 XYZ", NULL},
	    {"220 x ESMTP Sun, 23 Nov 2025 11:12:20 GMTX", NULL},
	    {"220 x ESMTP Sun, 23 Nov 2025 11:12:20 +00000", NULL},
	    {"220 x ESMTP Sun, 23 Nov 2025 11:12:20 +9900", NULL},
	    {"220 x ESMTP Sun, 31 Nov 2025 11:12:20 +0000", NULL},
	    {"220 x ESMTP Sun, 23 Nov 2025 25:12:20 +0000", NULL},
	    {"220 x ESMTP Sun, 23 Nov 2025 11:12:20:20 +0000", NULL},
	    {"220 x ESMTP Sun, 23 Nov 2025 13:12:20 PM +0000", NULL},
	    {"220 x ESMTP Sun, 23 Novel 2025 11:12:20 +0000", NULL},
	    {"220 x ESMTP Sun, 123 Nov 2025 11:12:20 +0000", NULL},
	    {"220 x ESMTP Sun, 23 Nov 20255 11:12:20 +0000", NULL},
	    {"220 x ESMTP v23 Nov 1950 11:12:20 +0000", NULL},
	    {"220 x ESMTP 0001-01-01T00:00:00Z", NULL},
	    {"220 x ESMTP Sun, 23 Nov", NULL},
	    {"220 x ESMTP Sun, 23 Nov 2025 11:", NULL},
	};

	(void)state;
	for (size_t i = 0; i < N_OF(rows); i++) {
		char out[CLOCK_TEXT] = "";
		int64_t ms = 42;
		char *line = mem_dup(rows[i].line);
		bool found = clock_find(line, &ms);

		mem_free(line);
		ROW(found == (rows[i].expected != NULL), "%s", rows[i].line);
		if (!found) {
			assert_int_equal(ms, 42);
			continue;
		}
		clock_format(ms, out);
		ROW(strcmp(out, rows[i].expected) == 0, "%s: %s", rows[i].line,
		    out);
	}
}

/* Every start of a good line is read without going past its end. */
static void
clock_find_stops_at_the_end(void **state)
{
	static const char *const lines[] = {
	    "Sun, 23 Nov 2025 11:12:20.5 PM GMT+01:00",
	    "November 23, 2025 at 11:12:20 AM +0000 (UTC)",
	    "Sun Nov 23 11:12:20 UTC 2025",
	    "2025-11-23T11:12:20.123+01:00",
	};

	(void)state;
	for (size_t i = 0; i < N_OF(lines); i++) {
		for (size_t len = 0; len <= strlen(lines[i]); len++) {
			char *line = mem_dupn(lines[i], len);
			int64_t ms;

			(void)clock_find(line, &ms);
			(void)clock_parse(line, &ms);
			mem_free(line);
		}
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(mem_is_zeroed),
	    cmocka_unit_test(mem_copies),
	    cmocka_unit_test(mem_push_grows),
	    cmocka_unit_test(bug_runs_hook_and_aborts),
	    cmocka_unit_test(err_builds_sentences),
	    cmocka_unit_test(err_is_cut_between_characters),
	    cmocka_unit_test(err_fits_exactly),
	    cmocka_unit_test(buf_with_tiny_capacities),
	    cmocka_unit_test(buf_takes_all_or_nothing),
	    cmocka_unit_test(buf_grows_drops_and_gives),
	    cmocka_unit_test(strs_hold_text),
	    cmocka_unit_test(strs_split_texts),
	    cmocka_unit_test(str_compares),
	    cmocka_unit_test(str_trims),
	    cmocka_unit_test(str_finds_words_of_sets),
	    cmocka_unit_test(str_reads_numbers),
	    cmocka_unit_test(str_measures_distance),
	    cmocka_unit_test(str_knows_domains),
	    cmocka_unit_test(str_makes_printable),
	    cmocka_unit_test(str_printable_holds_for_all),
	    cmocka_unit_test(str_counts_columns),
	    cmocka_unit_test(str_fits_columns),
	    cmocka_unit_test(kvs_keep_order),
	    cmocka_unit_test(clock_shifts),
	    cmocka_unit_test(clock_writes_and_reads),
	    cmocka_unit_test(clock_round_trips_every_day),
	    cmocka_unit_test(clock_parses),
	    cmocka_unit_test(clock_finds_dates_in_greetings),
	    cmocka_unit_test(clock_find_stops_at_the_end),
	};

	return cmocka_run_group_tests_name("base", tests, NULL, NULL);
}
