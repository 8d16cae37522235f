/* SPDX-License-Identifier: ISC
 *
 * Secrets: where they come from, where they stay, the forms in which they
 * would be recognised, and what is odd about them.
 */
#include "probes/base/secret.h"

#include "probes/base/base64.h"
#include "probes/base/mem.h"
#include "probes/base/secret_forms.h"
#include "probes/base/str.h"
#include "probes/base/token_shape.h"

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#define PLANTED "Kx9-Quokka?Umbrella=77"

static struct secret *
make(const char *text)
{
	struct secret *s = NULL;
	struct err err = {0};

	assert_true(secret_set(&s, text, strlen(text), &err));
	return s;
}

static void
test_set(void **state)
{
	struct secret *s = make(PLANTED), *copy;
	struct err err = {0};
	char *big = mem_alloc(SECRET_MAX + 1);

	(void)state;
	assert_string_equal(secret_text(s), PLANTED);
	assert_int_equal(secret_len(s), strlen(PLANTED));
	copy = secret_copy(s);
	assert_true(secret_set(&s, "other", 5, &err));
	assert_string_equal(secret_text(s), "other");
	assert_string_equal(secret_text(copy), PLANTED);
	memset(big, 'x', SECRET_MAX + 1);
	assert_true(secret_set(&s, big, SECRET_MAX, &err));
	assert_int_equal(err.kind, ERR_NONE);
	assert_false(secret_set(&s, big, SECRET_MAX + 1, &err));
	assert_int_equal(err.kind, ERR_LIMIT);
	assert_int_equal(secret_len(s), SECRET_MAX);
	assert_false(secret_set(&s, "a\0b", 3, &err));
	secret_free(s);
	secret_free(copy);
	secret_free(NULL);
	assert_null(secret_copy(NULL));
	mem_free(big);
}

static void
test_wipe(void **state)
{
	char text[] = "abcdef";

	(void)state;
	secret_wipe(text, 4);
	assert_memory_equal(text, "\0\0\0\0ef", 6);
	secret_wipe(NULL, 0);
}

/* A child process gets pages of zeros. */
static void
test_fork(void **state)
{
	struct secret *s = make(PLANTED);
	int status = 0;
	pid_t pid = fork();

	(void)state;
	if (pid == 0)
		_exit(*secret_text(s) == '\0' ? 0 : 1);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 0);
	assert_string_equal(secret_text(s), PLANTED);
	secret_free(s);
}

/* The kernel's own word: locked, not dumped, wiped on fork. */
static void
test_pages(void **state)
{
	struct secret *s = make(PLANTED);
	FILE *f = fopen("/proc/self/smaps", "r");
	char line[512], flags[512] = "";
	bool here = false;

	(void)state;
	assert_non_null(f);
	while (fgets(line, sizeof(line), f)) {
		unsigned long from, to;
		unsigned long at = (unsigned long)(uintptr_t)secret_text(s);

		if (sscanf(line, "%lx-%lx ", &from, &to) == 2)
			here = at >= from && at < to;
		if (here && strncmp(line, "VmFlags:", 8) == 0)
			snprintf(flags, sizeof(flags), "%s", line);
	}
	fclose(f);
	secret_free(s);
	if (!strstr(flags, " dd") || !strstr(flags, " wf")) {
		print_message("flags: %s\n", flags);
		skip();
	}
}

/* ---- sources ---- */

static char *
file_with(const char *text, size_t len)
{
	char *path = mem_dup("/tmp/smtpwiz-secret-XXXXXX");
	int fd = mkstemp(path);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, len), (ssize_t)len);
	close(fd);
	return path;
}

static void
check_file(const char *text, const char *wanted)
{
	char *path = file_with(text, strlen(text));
	struct secret *s = NULL;
	struct err err = {0};

	assert_true(secret_from_file(&s, path, &err));
	assert_string_equal(secret_text(s), wanted);
	secret_free(s);
	unlink(path);
	mem_free(path);
}

static void
test_file(void **state)
{
	struct secret *s = NULL;
	struct err err = {0};
	char *big = mem_alloc(SECRET_MAX + 10), *path;

	(void)state;
	check_file(PLANTED "\n", PLANTED);
	check_file(PLANTED, PLANTED);
	check_file(PLANTED "\r\n", PLANTED);
	check_file(PLANTED "\n\n", PLANTED "\n");
	check_file(" x ", " x ");
	assert_false(secret_from_file(&s, "/nonexistent/file", &err));
	assert_int_equal(err.kind, ERR_FILE);
	assert_false(secret_from_file(&s, "/tmp", &err));
	memset(big, 'x', SECRET_MAX + 10);
	path = file_with(big, SECRET_MAX + 10);
	assert_false(secret_from_file(&s, path, &err));
	assert_int_equal(err.kind, ERR_LIMIT);
	assert_null(s);
	unlink(path);
	mem_free(path);
	path = file_with("a\0b", 3);
	assert_false(secret_from_file(&s, path, &err));
	unlink(path);
	mem_free(path);
	mem_free(big);
}

static void
test_stdin(void **state)
{
	int fds[2], before = dup(STDIN_FILENO);
	struct secret *s = NULL;
	struct err err = {0};
	char rest[16] = "";

	(void)state;
	assert_int_equal(pipe(fds), 0);
	assert_int_equal(write(fds[1], PLANTED "\nnext\n", 28), 28);
	close(fds[1]);
	dup2(fds[0], STDIN_FILENO);
	close(fds[0]);
	assert_true(secret_from_file(&s, "-", &err));
	assert_string_equal(secret_text(s), PLANTED);
	assert_int_equal(read(STDIN_FILENO, rest, sizeof(rest)), 5);
	assert_memory_equal(rest, "next\n", 5);
	assert_false(secret_from_file(&s, "-", &err));
	dup2(before, STDIN_FILENO);
	close(before);
	secret_free(s);
}

static void
test_env(void **state)
{
	struct secret *s = NULL;
	struct err err = {0};
	const char *value;

	(void)state;
	setenv("SMTPWIZ_TEST", PLANTED, 1);
	value = getenv("SMTPWIZ_TEST");
	assert_true(secret_from_env(&s, "SMTPWIZ_TEST", &err));
	assert_string_equal(secret_text(s), PLANTED);
	assert_null(getenv("SMTPWIZ_TEST"));
	assert_int_equal(*value, 0);
	assert_false(secret_from_env(&s, "SMTPWIZ_TEST", &err));
	assert_int_equal(err.kind, ERR_USAGE);
	assert_string_equal(secret_text(s), PLANTED);
	secret_free(s);
}

static void
check_command(const char *shell, const char *wanted)
{
	struct secret *s = NULL;
	struct err err = {0};

	if (!secret_from_command(&s, shell, NULL, 5000, &err))
		fail_msg("%s: %s", shell, err.msg);
	assert_string_equal(secret_text(s), wanted);
	secret_free(s);
}

static void
refuse_command(const char *shell, int timeout_ms, enum err_kind kind)
{
	struct secret *s = NULL;
	struct err err = {0};

	assert_false(secret_from_command(&s, shell, NULL, timeout_ms, &err));
	assert_null(s);
	assert_int_equal(err.kind, kind);
	assert_null(strstr(err.msg, "Quokka"));
}

static void
test_command(void **state)
{
	(void)state;
	check_command("echo '" PLANTED "'", PLANTED);
	check_command("printf '%s' '" PLANTED "'", PLANTED);
	check_command("echo '" PLANTED "'; echo 'login: anna'", PLANTED);
	check_command("cat; echo x", "x"); /* it reads nothing */
	check_command("sleep 0.1; echo late", "late");
	refuse_command("echo '" PLANTED "'; exit 3", 5000, ERR_FILE);
	refuse_command("kill -9 $$", 5000, ERR_FILE);
	refuse_command("true", 5000, ERR_FILE);
	refuse_command("/nonexistent/Quokka 2>/dev/null", 5000, ERR_FILE);
	refuse_command("yes 2>/dev/null", 5000, ERR_LIMIT);
	refuse_command("sleep 20", 100, ERR_TIMEOUT);
	refuse_command("trap '' TERM; echo x; exec >&-; sleep 20 & wait; "
		       "sleep 20",
	    100, ERR_TIMEOUT);
}

static void
test_command_argv(void **state)
{
	const char *const argv[] = {"printf", "%s", "$HOME '\"", NULL};
	const char *const none[] = {"/nonexistent/command", NULL};
	struct secret *s = NULL;
	struct err err = {0};

	(void)state;
	assert_true(secret_from_command(&s, NULL, argv, 5000, &err));
	assert_string_equal(secret_text(s), "$HOME '\"");
	assert_false(secret_from_command(&s, NULL, none, 5000, &err));
	assert_int_equal(err.kind, ERR_FILE);
	secret_free(s);
}

/* No file of ours, and none of our secrets in the environment. */
static void
test_command_sees_nothing(void **state)
{
	struct secret *s = NULL, *list = NULL;
	struct err err = {0};
	int fd = dup2(STDOUT_FILENO, 57);

	(void)state;
	setenv("SMTPWIZ_TEST", PLANTED, 1);
	assert_true(secret_from_env(&s, "SMTPWIZ_TEST", &err));
	assert_true(secret_from_command(
	    &list, "env | grep -c Quokka; true", NULL, 5000, &err));
	assert_string_equal(secret_text(list), "0");
	assert_true(secret_from_command(&list,
	    "test -e /proc/$$/fd/57 && echo open || echo closed", NULL, 5000,
	    &err));
	assert_string_equal(secret_text(list), "closed");
	secret_free(s);
	secret_free(list);
	close(fd);
}

/* A time-out leaves soon, and no child behind. */
static void
test_command_timeout(void **state)
{
	struct timespec a, b;

	(void)state;
	clock_gettime(CLOCK_MONOTONIC, &a);
	refuse_command("exec sleep 20", 100, ERR_TIMEOUT);
	clock_gettime(CLOCK_MONOTONIC, &b);
	assert_true(b.tv_sec - a.tv_sec < 3);
	assert_int_equal(waitpid(-1, NULL, WNOHANG), -1);
}

/* ---- forms ---- */

static void
expect_form(const struct secret_forms *f, const char *text, bool wanted)
{
	if (secret_forms_in(f, text, strlen(text)) != wanted)
		fail_msg("\"%s\" %s", text, wanted ? "missed" : "found");
}

static void
expect_encoded(const struct secret_forms *f, const char *before,
    const char *secret, const char *after)
{
	char raw[300], text[500];
	int n = snprintf(raw, sizeof(raw), "%s%s%s", before, secret, after);

	base64_encode(raw, (size_t)n, text);
	expect_form(f, text, true);
}

static void
test_forms(void **state)
{
	struct secret *s = make(PLANTED);
	struct secret_forms f = {0};

	(void)state;
	secret_forms_add(&f, s);
	expect_form(&f, "535 5.7.8 " PLANTED " is wrong", true);
	expect_form(&f, PLANTED, true);
	expect_form(&f, "535 5.7.8 Authentication failed", false);
	expect_form(&f, "", false);
	expect_form(&f, "x=Kx9-Quokka%3FUmbrella%3D77&y", true);
	expect_form(&f, "x=Kx9-Quokka%3fUmbrella%3d77&y", true);
	expect_encoded(&f, "", PLANTED, "");
	expect_encoded(&f, "a", PLANTED, "");
	expect_encoded(&f, "ab", PLANTED, "z");
	expect_encoded(&f, "user=anna@bakery.example", PLANTED, "\001\001");
	secret_forms_done(&f);
	secret_free(s);
}

static void
test_forms_of_short(void **state)
{
	struct secret *s = make("abc"), *wide = make("Bröt\tchen");
	struct secret_forms f = {0};

	(void)state;
	secret_forms_add(&f, s);
	assert_int_equal(f.n, 0);
	expect_form(&f, "535 abc", false);
	secret_forms_add(&f, wide);
	expect_form(&f, "535 Bröt chen", true); /* as it is shown */
	expect_form(&f, "535 Br%C3%B6t%09chen", true);
	secret_forms_done(&f);
	secret_free(s);
	secret_free(wide);
}

/* Pieces of a long secret, as a line that was cut has them. */
static void
test_forms_of_long(void **state)
{
	char text[2001] = "", line[200];
	struct secret *s;
	struct secret_forms f = {0};

	(void)state;
	for (size_t i = 0; i < 200; i++)
		snprintf(text + i * 10, 11, "%c%09zu", 'a' + (int)(i % 26),
		    i * i * 7919);
	s = make(text);
	secret_forms_add(&f, s);
	for (size_t at = 0; at < 1900; at += 97) {
		snprintf(line, sizeof(line), "535 5.7.8 %.40s no", text + at);
		expect_form(&f, line, true);
	}
	secret_forms_done(&f);
	secret_free(s);
}

/* ---- oddities ---- */

static void
expect_odd(const char *password, const char *wanted)
{
	struct secret *s = make(password);
	struct strs ids = {0};
	char *got;

	secret_oddities(s, &ids);
	got = strs_join(&ids, " ");
	if (!str_eq(got, wanted))
		fail_msg("\"%s\": \"%s\", not \"%s\"", password, got, wanted);
	mem_free(got);
	strs_done(&ids);
	secret_free(s);
}

static void
test_oddities(void **state)
{
	(void)state;
	expect_odd("", "empty");
	expect_odd("Sesame-42", "");
	expect_odd(" Sesame-42", "leading-blank");
	expect_odd("Sesame-42\t", "trailing-blank");
	expect_odd("Sesame 42", "");
	expect_odd("Sesame\u00a042", "nbsp");
	expect_odd("Sesame\u200b42", "nbsp");
	expect_odd("Sésame-42", "non-ascii");
	expect_odd("SESAME-42", "caps-lock");
	expect_odd("sESAME-42", "caps-lock");
	expect_odd("AB12", "");
	expect_odd("1234567", "");
	expect_odd("Sesame\n", "control");
	expect_odd("Sesame\x7f", "control");
	expect_odd("abcd efgh ijkl mnop", "app-password-blanks");
	expect_odd("abcdefghijklmnop", "app-password");
	expect_odd("abcd efgh ijkl", "");
	expect_odd("abcd-efgh-ijkl-mnop", "");
	expect_odd("ya29.a0AfH6SMBx-lab-lab-lab-lab", "looks-like-token");
	expect_odd(
	    "eyJ0eXAiOiJKV1QifQ.eyJhdWQiOiJ4In0.c2ln", "looks-like-token");
}

static void
test_shapes(void **state)
{
	char ewb[140] = "EwB";

	(void)state;
	memset(ewb + 3, 'x', 120);
	assert_int_equal(
	    token_shape_of(ewb, strlen(ewb)), TOKEN_SHAPE_MICROSOFT);
	assert_int_equal(token_shape_of(ewb, 50), TOKEN_SHAPE_NONE);
	assert_int_equal(token_shape_of(ewb + 3, 120), TOKEN_SHAPE_LONG);
	assert_int_equal(token_shape_of("", 0), TOKEN_SHAPE_NONE);
	assert_int_equal(
	    token_shape_of("user=anna@bakery.example\001auth=Bearer x", 40),
	    TOKEN_SHAPE_BLOB);
}

/* ---- base64 ---- */

static void
test_base64(void **state)
{
	static const char *const pairs[][2] = {
	    {"", ""},
	    {"f", "Zg=="},
	    {"fo", "Zm8="},
	    {"foo", "Zm9v"},
	    {"foob", "Zm9vYg=="},
	    {"fooba", "Zm9vYmE="},
	    {"foobar", "Zm9vYmFy"},
	    {"\xff\xfe\xfd", "//79"},
	};
	static const char *const bad[] = {
	    "Z", "Zg=g", "Zm9v Zm9v", "Zm9vY===", "Zm9\n", "Zm9.", "=", "==="};
	char out[32];
	size_t n;

	(void)state;
	for (size_t i = 0; i < sizeof(pairs) / sizeof(pairs[0]); i++) {
		const char *plain = pairs[i][0], *text = pairs[i][1];

		base64_encode(plain, strlen(plain), out);
		assert_string_equal(out, text);
		assert_int_equal(strlen(text) + 1, base64_size(strlen(plain)));
		assert_true(base64_decode(text, strlen(text), out, &n));
		assert_int_equal(n, strlen(plain));
		assert_string_equal(out, plain);
	}
	assert_true(base64_decode("__79", 4, out, &n));
	assert_true(base64_decode("Zm9vYg", 6, out, &n));
	assert_string_equal(out, "foob");
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		if (base64_decode(bad[i], strlen(bad[i]), out, &n) && n > 0)
			fail_msg("\"%s\" was decoded", bad[i]);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_set),
	    cmocka_unit_test(test_wipe),
	    cmocka_unit_test(test_fork),
	    cmocka_unit_test(test_pages),
	    cmocka_unit_test(test_file),
	    cmocka_unit_test(test_stdin),
	    cmocka_unit_test(test_env),
	    cmocka_unit_test(test_command),
	    cmocka_unit_test(test_command_argv),
	    cmocka_unit_test(test_command_sees_nothing),
	    cmocka_unit_test(test_command_timeout),
	    cmocka_unit_test(test_forms),
	    cmocka_unit_test(test_forms_of_short),
	    cmocka_unit_test(test_forms_of_long),
	    cmocka_unit_test(test_oddities),
	    cmocka_unit_test(test_shapes),
	    cmocka_unit_test(test_base64),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
