/* SPDX-License-Identifier: ISC
 *
 * The token doctor: what it makes of tokens, responses and everything that
 * is taken for one, and that it never repeats a token.
 */
#include "probes/token.h"

#include "probes/base/base64.h"
#include "probes/base/mem.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#define ANNA "anna@bakery.example"
#define NOW_MS 1763896320000 /* 2025-11-23T11:12:00Z */
#define SIGNATURE "c2lnbmF0dXJlLW9mLXRoZS1sYWI"
#define GOOGLE "ya29.a0ARW5m7lab-token-for-tests-0123456789"

/* base64url without padding; owned. */
static char *
part(const char *json)
{
	char *text = mem_alloc(base64_size(strlen(json)));

	base64_encode(json, strlen(json), text);
	for (char *c = text; *c; c++) {
		if (*c == '+')
			*c = '-';
		else if (*c == '/')
			*c = '_';
		else if (*c == '=')
			*c = '\0';
	}
	return text;
}

static char *
jwt(const char *claims)
{
	char *header = part("{\"typ\":\"JWT\",\"alg\":\"RS256\"}");
	char *body = part(claims);
	char *all = mem_printf("%s.%s.%s", header, body, SIGNATURE);

	mem_free(header);
	mem_free(body);
	return all;
}

static struct token_report
doctor(const char *text)
{
	struct token_report r;

	token_read(text, strlen(text), ANNA, NOW_MS, &r);
	return r;
}

static struct token_report
doctor_claims(const char *claims)
{
	char *text = jwt(claims);
	struct token_report r = doctor(text);

	mem_free(text);
	return r;
}

static void
expect_faults(struct token_report *r, const char *wanted)
{
	char *got = strs_join(&r->faults, " ");

	if (!str_eq(got, wanted))
		fail_msg("faults \"%s\", not \"%s\"", got, wanted);
	mem_free(got);
	token_report_done(r);
}

static void
test_good(void **state)
{
	struct token_report r = doctor_claims(
	    "{\"aud\":\"https://outlook.office.com\",\"iss\":"
	    "\"https://sts.windows.net/7f1b3a2e/\",\"iat\":1763896000,"
	    "\"nbf\":1763896000,\"exp\":1763899900,\"appid\":\"aaaa-bbbb\","
	    "\"scp\":\"IMAP.AccessAsUser.All SMTP.Send\",\"tid\":\"7f1b3a2e\","
	    "\"upn\":\"Anna@Bakery.example\"}");
	struct strs said = {0};

	(void)state;
	assert_int_equal(r.kind, TOKEN_JWT);
	assert_int_equal(r.audience, TOKEN_AUDIENCE_SMTP);
	assert_int_equal(r.scope, TOKEN_SCOPE_SEND);
	assert_int_equal(r.expired, TOKEN_NO);
	assert_int_equal(r.user_matches, TOKEN_YES);
	assert_string_equal(r.tenant, "7f1b3a2e");
	assert_string_equal(r.app, "aaaa-bbbb");
	assert_string_equal(r.algorithm, "RS256");
	assert_non_null(r.maker);
	token_complaints(&r, NOW_MS, &said);
	assert_int_equal(said.n, 0);
	token_describe(&r, NOW_MS, &said);
	assert_true(said.n >= 7);
	strs_done(&said);
	expect_faults(&r, "");
}

static void
expect_audience(const char *aud, enum token_audience wanted)
{
	char *claims = mem_printf("{\"aud\":%s,\"scp\":\"SMTP.Send\"}", aud);
	struct token_report r = doctor_claims(claims);

	if (r.audience != wanted)
		fail_msg("%s is %s", aud, token_audience_name(r.audience));
	token_report_done(&r);
	mem_free(claims);
}

static void
test_audience(void **state)
{
	(void)state;
	expect_audience("\"https://outlook.office.com\"", TOKEN_AUDIENCE_SMTP);
	expect_audience(
	    "\"https://outlook.office365.com/\"", TOKEN_AUDIENCE_SMTP);
	expect_audience(
	    "\"00000002-0000-0ff1-ce00-000000000000\"", TOKEN_AUDIENCE_SMTP);
	expect_audience(
	    "[\"https://outlook.office.com\"]", TOKEN_AUDIENCE_SMTP);
	expect_audience(
	    "\"https://graph.microsoft.com\"", TOKEN_AUDIENCE_GRAPH);
	expect_audience(
	    "\"00000003-0000-0000-c000-000000000000\"", TOKEN_AUDIENCE_GRAPH);
	expect_audience("\"api://bakery\"", TOKEN_AUDIENCE_OTHER);
	expect_audience("\"https://outlook.office.com.evil.example\"",
	    TOKEN_AUDIENCE_OTHER);
	expect_audience("\"\"", TOKEN_AUDIENCE_UNKNOWN);
	expect_audience("7", TOKEN_AUDIENCE_UNKNOWN);
}

static void
expect_scope(const char *claims, enum token_scope wanted)
{
	struct token_report r = doctor_claims(claims);

	if (r.scope != wanted)
		fail_msg("%s is %s", claims, token_scope_name(r.scope));
	token_report_done(&r);
}

static void
test_scope(void **state)
{
	(void)state;
	expect_scope("{\"scp\":\"smtp.send\"}", TOKEN_SCOPE_SEND);
	expect_scope(
	    "{\"scp\":[\"User.Read\",\"SMTP.Send\"]}", TOKEN_SCOPE_SEND);
	expect_scope("{\"scope\":\"https://outlook.office.com/SMTP.Send\"}",
	    TOKEN_SCOPE_SEND);
	expect_scope(
	    "{\"scope\":\"https://mail.google.com/\"}", TOKEN_SCOPE_SEND);
	expect_scope(
	    "{\"roles\":[\"SMTP.SendAsApp\"]}", TOKEN_SCOPE_SEND_AS_APP);
	expect_scope("{\"roles\":[\"SMTP.Send\"]}", TOKEN_SCOPE_MISSING);
	expect_scope("{\"scp\":\"Mail.Send\"}", TOKEN_SCOPE_MISSING);
	expect_scope("{\"scp\":\"NotSMTP.Send\"}", TOKEN_SCOPE_MISSING);
	expect_scope("{}", TOKEN_SCOPE_MISSING);
}

static void
expect_complaint(const char *claims, const char *words)
{
	struct token_report r = doctor_claims(claims);
	struct strs said = {0};
	char *all;

	token_complaints(&r, NOW_MS, &said);
	all = strs_join(&said, "\n");
	if (!strstr(all, words))
		fail_msg("no \"%s\" in: %s", words, all);
	mem_free(all);
	strs_done(&said);
	token_report_done(&r);
}

static void
test_complaints(void **state)
{
	(void)state;
	expect_complaint("{\"exp\":1763892720}", "expired 1 hour ago");
	expect_complaint("{\"exp\":1763896320}", "expired a moment ago");
	expect_complaint("{\"exp\":1600000000.5}", "days ago");
	expect_complaint("{\"nbf\":1763999999}", "not valid yet");
	expect_complaint(
	    "{\"aud\":\"https://graph.microsoft.com\"}", "Microsoft Graph");
	expect_complaint("{\"aud\":\"x\"}", "for \"x\"");
	expect_complaint("{\"scp\":\"Mail.Send\"}", "\"Mail.Send\"");
	expect_complaint(
	    "{\"upn\":\"ben@bakery.example\"}", "ben@bakery.example");
	expect_complaint("{\"nonce\":\"1\",\"aud\":\"x\"}", "ID token");
}

static void
test_users(void **state)
{
	struct token_report r;

	(void)state;
	r = doctor_claims("{\"preferred_username\":\"" ANNA "\"}");
	assert_int_equal(r.user_matches, TOKEN_YES);
	token_report_done(&r);
	r = doctor_claims("{\"unique_name\":\"ben@bakery.example\"}");
	assert_int_equal(r.user_matches, TOKEN_NO);
	token_report_done(&r);
	r = doctor_claims("{\"idtyp\":\"app\"}");
	assert_int_equal(r.user_matches, TOKEN_UNSURE);
	token_report_done(&r);
}

/* Nothing that stands for itself may come from strange claims. */
static void
test_strange_claims(void **state)
{
	static const char *const claims[] = {
	    "{\"exp\":\"soon\",\"aud\":{},\"scp\":[1,{},null],\"upn\":[]}",
	    "{\"exp\":-5,\"nbf\":1e300,\"iat\":1e18}",
	    "{\"aud\":\"\\u0000x\",\"upn\":\"\\u001b[2J\\u202e\"}",
	    "{}",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(claims) / sizeof(claims[0]); i++) {
		struct token_report r = doctor_claims(claims[i]);
		struct strs said = {0};

		assert_int_equal(r.kind, TOKEN_JWT);
		assert_int_equal(r.expired, TOKEN_UNSURE);
		token_complaints(&r, NOW_MS, &said);
		token_describe(&r, NOW_MS, &said);
		for (size_t j = 0; j < said.n; j++)
			assert_null(strchr(said.v[j], 033));
		strs_done(&said);
		token_report_done(&r);
	}
}

static void
test_deep(void **state)
{
	char *deep = mem_alloc(9000);
	struct token_report r;

	(void)state;
	memcpy(deep, "{\"a\":", 5);
	memset(deep + 5, '[', 4000);
	memset(deep + 4005, ']', 4000);
	deep[8005] = '}';
	r = doctor_claims(deep);
	assert_int_equal(r.kind, TOKEN_JWT);
	expect_faults(&r, "cut");
	mem_free(deep);
}

static void
expect_kind(const char *text, enum token_kind kind, const char *faults)
{
	struct token_report r = doctor(text);

	if (r.kind != kind)
		fail_msg("\"%.60s\" is %s", text, token_kind_name(r.kind));
	expect_faults(&r, faults);
}

static void
test_pasted(void **state)
{
	char *good = jwt("{\"aud\":\"x\",\"scp\":\"y\"}"), *text;
	char ewb[200] = "EwB4A8l6BAAU";

	(void)state;
	memset(ewb + 12, 'q', 150);
	expect_kind("", TOKEN_NONE, "");
	expect_kind("  \n", TOKEN_NONE, "blank");
	expect_kind("sesame", TOKEN_UNKNOWN, "");
	expect_kind(ewb, TOKEN_OPAQUE, "");
	expect_kind(GOOGLE, TOKEN_OPAQUE, "");
	expect_kind(GOOGLE "\n", TOKEN_OPAQUE, "");
	expect_kind("1//0gAbCdEfGhIjKlMnOpQrStUvWxYz0123456789abcd",
	    TOKEN_OPAQUE, "refresh-token");
	expect_kind("{\"access_token\":\"" GOOGLE "\"}", TOKEN_UNKNOWN, "json");
	text = mem_printf("Bearer %s", good);
	expect_kind(text, TOKEN_JWT, "bearer-prefix");
	mem_free(text);
	text = mem_printf("\"%s\"", good);
	expect_kind(text, TOKEN_JWT, "quotes");
	mem_free(text);
	text = mem_printf("  %s ", good);
	expect_kind(text, TOKEN_JWT, "blank");
	mem_free(text);
	text = mem_printf("%.*s", (int)strlen(good) - 40, good);
	expect_kind(text, TOKEN_JWT, "cut");
	mem_free(text);
	text = mem_printf("%.*s", (int)(strrchr(good, '.') - good) + 1, good);
	expect_kind(text, TOKEN_JWT, "unsigned");
	mem_free(text);
	text = mem_printf("%s.x.y", good);
	expect_kind(text, TOKEN_OPAQUE, "encrypted");
	mem_free(text);
	mem_free(good);
}

/* ---- responses ---- */

static void
expect_blob(const char *response, size_t len, const char *faults)
{
	char *text = mem_alloc(base64_size(len));
	struct token_report r;

	base64_encode(response, len, text);
	r = doctor(text);
	if (r.kind != TOKEN_BLOB)
		fail_msg("\"%s\" is %s", response, token_kind_name(r.kind));
	expect_faults(&r, faults);
	mem_free(text);
}

#define BLOB(text, faults) expect_blob(text, sizeof(text) - 1, faults)

static void
test_blobs(void **state)
{
	(void)state;
	BLOB("user=" ANNA "\001auth=Bearer " GOOGLE "\001\001", "");
	BLOB("user=" ANNA "\001auth=Bearer " GOOGLE "\001\001\n",
	    "blob-line-end");
	BLOB("user=" ANNA "\001auth=Bearer " GOOGLE "\001", "blob-no-end");
	BLOB("user=" ANNA "^Aauth=Bearer " GOOGLE "^A^A", "blob-carets");
	BLOB("user=\001auth=Bearer " GOOGLE "\001\001", "blob-no-user");
	BLOB("user=" ANNA "\001auth=" GOOGLE "\001\001", "blob-no-bearer");
	BLOB("user=" ANNA "\001auth=Bearer \001\001", "blob-no-bearer");
	BLOB("User=" ANNA "\001auth=Bearer " GOOGLE "\001\001", "blob-no-user");
	BLOB("n,a=" ANNA ",\001host=h\001port=587\001auth=Bearer " GOOGLE
	     "\001\001",
	    "");
	BLOB("n,a=" ANNA ",\001auth=Bearer " GOOGLE "\001\001", "blob-no-host");
}

static void
test_blob_inside(void **state)
{
	char *token = jwt("{\"aud\":\"https://graph.microsoft.com\","
			  "\"exp\":1600000000,\"scp\":\"Mail.Send\"}");
	char *response = mem_printf(
	    "user=ben@bakery.example\001auth=Bearer %s\001\001", token);
	char *text = mem_alloc(base64_size(strlen(response)));
	struct token_report r;

	(void)state;
	base64_encode(response, strlen(response), text);
	r = doctor(text);
	assert_int_equal(r.kind, TOKEN_BLOB);
	assert_int_equal(r.audience, TOKEN_AUDIENCE_GRAPH);
	assert_int_equal(r.expired, TOKEN_YES);
	assert_int_equal(r.user_matches, TOKEN_NO);
	assert_string_equal(r.blob_user, "ben@bakery.example");
	expect_faults(&r, "");
	/* as `base64` prints it, and not encoded at all */
	char *wrapped = mem_printf("%.76s\n%s\n", text, text + 76);
	r = doctor(wrapped);
	mem_free(wrapped);
	assert_true(strs_has(&r.faults, "blob-wrapped"));
	token_report_done(&r);
	r = doctor(response);
	assert_int_equal(r.kind, TOKEN_BLOB);
	expect_faults(&r, "blob-not-base64");
	mem_free(text);
	mem_free(response);
	mem_free(token);
}

/* What comes out never holds what a token is made of. */
static void
test_never_repeats(void **state)
{
	char *token = jwt("{\"aud\":\"x\",\"scp\":\"y\",\"upn\":\"z\"}");
	char *broken = mem_printf("%s!%s", token, token);
	const char *const texts[] = {token, broken, GOOGLE, "Bearer " GOOGLE,
	    "user=" ANNA "\001auth=Bearer " GOOGLE "\001\001",
	    "user=" ANNA " auth=Bearer " GOOGLE,
	    "user=" ANNA "auth=Bearer " GOOGLE,
	    "n,a=" ANNA "auth=Bearer " GOOGLE "," GOOGLE};

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		struct token_report r = doctor(texts[i]);
		struct strs said = {0};
		char *all;

		token_complaints(&r, NOW_MS, &said);
		token_describe(&r, NOW_MS, &said);
		strs_copy(&said, &r.faults);
		all = strs_join(&said, "\n");
		assert_null(strstr(all, SIGNATURE));
		assert_null(strstr(all, "eyJ"));
		assert_null(strstr(all, "ya29"));
		mem_free(all);
		strs_done(&said);
		token_report_done(&r);
	}
	mem_free(token);
	mem_free(broken);
}

static void
expect_challenge(const char *json, const char *words)
{
	char *text = token_challenge_text(json);

	if (!strstr(text, words))
		fail_msg("no \"%s\" in: %s", words, text);
	mem_free(text);
}

static void
test_challenge(void **state)
{
	(void)state;
	expect_challenge("{\"status\":\"400\",\"schemes\":\"Bearer\","
			 "\"scope\":\"https://mail.google.com/\"}",
	    "https://mail.google.com/");
	expect_challenge("{\"status\":\"401\"}", "expired");
	expect_challenge("{\"status\":\"invalid_token\"}", "get a new one");
	expect_challenge("{\"status\":\"insufficient_scope\"}", "permission");
	expect_challenge("{\"status\":400}", "refused");
	expect_challenge("not json", "cannot be read");
	expect_challenge("[redacted: echo]", "cannot be read");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_good),
	    cmocka_unit_test(test_audience),
	    cmocka_unit_test(test_scope),
	    cmocka_unit_test(test_complaints),
	    cmocka_unit_test(test_users),
	    cmocka_unit_test(test_strange_claims),
	    cmocka_unit_test(test_deep),
	    cmocka_unit_test(test_pasted),
	    cmocka_unit_test(test_blobs),
	    cmocka_unit_test(test_blob_inside),
	    cmocka_unit_test(test_never_repeats),
	    cmocka_unit_test(test_challenge),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
