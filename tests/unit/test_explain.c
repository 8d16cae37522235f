/* SPDX-License-Identifier: ISC
 *
 * What replies, codes, TLS results, bounces and tokens are explained as. The
 * table of replies is tests/playbooks/replies.yaml, one line for every row
 * of the fact sheet; bounces are files with what must come out beside them.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "probes/base/base64.h"
#include "probes/base/buf.h"
#include "probes/base/mem.h"
#include "probes/base/yaml.h"
#include "wizard/explain/bounce.h"
#include "wizard/explain/explain.h"
#include "wizard/explain/mime.h"
#include "wizard/knowledge/knowledge.h"

#define NOW_MS 1795392000000 /* 2026-11-23 */

static struct knowledge *k;

static int
setup(void **state)
{
	struct err err = {0};

	(void)state;
	k = knowledge_load(NULL, &err);
	if (!k)
		fprintf(stderr, "%s\n", err.msg);
	return k ? 0 : -1;
}

static int
teardown(void **state)
{
	(void)state;
	knowledge_free(k);
	return 0;
}

static const struct reply_text *
reply_of(const struct yaml *row)
{
	const char *text = yaml_get_text(row, "text");
	char enhanced[16];
	int code;

	explain_find_reply(text, &code, enhanced);
	return knowledge_reply(k, yaml_get_text(row, "provider"),
	    yaml_get_text(row, "stage"), code, enhanced, text);
}

static void
test_fact_sheet(void **state)
{
	struct err err = {0};
	struct yaml *file = yaml_load("tests/playbooks/replies.yaml", &err);
	const struct yaml *rows;
	int wrong = 0;

	(void)state;
	if (!file)
		fail_msg("%s", err.msg);
	rows = yaml_get(file, "replies");
	assert_true(rows->n > 200);
	for (size_t i = 0; i < rows->n; i++) {
		const struct yaml *row = rows->items[i];
		const struct reply_text *r = reply_of(row);
		const char *cause = yaml_get_text(row, "cause");
		const char *who = yaml_get_text(row, "who");

		if (r && str_eq(r->cause, cause) && str_eq(r->who, who))
			continue;
		wrong++;
		print_error("replies.yaml:%d: %s\n\texpected %s by %s, got "
			    "%s by %s (%s)\n",
		    row->line, yaml_get_text(row, "text"), cause, who,
		    r ? r->cause : "nothing", r ? r->who : "nobody",
		    r ? r->title : "");
	}
	yaml_free(file);
	assert_int_equal(wrong, 0);
}

/* Every 4xx and 5xx has an entry, whatever else is said. */
static void
test_never_null(void **state)
{
	static const char *const stages[] = {NULL, "connect", "ehlo", "tls",
	    "auth", "mail", "rcpt", "data", "content", "unknown"};
	static const char *const enhanced[] = {NULL, "", "5.0.0", "4.0.0",
	    "5.7.139", "5.99.999", "4.7.0", "2.0.0"};

	(void)state;
	for (int code = 400; code < 600; code++)
		for (size_t s = 0; s < sizeof(stages) / sizeof(*stages); s++)
			for (size_t e = 0;
			     e < sizeof(enhanced) / sizeof(*enhanced); e++)
				assert_non_null(knowledge_reply(k, NULL,
				    stages[s], code, enhanced[e], "x"));
	assert_non_null(knowledge_reply(k, "gmail", NULL, 599, NULL, NULL));
	assert_non_null(knowledge_reply(k, "nobody", NULL, 599, NULL, NULL));
	assert_non_null(knowledge_reply(k, NULL, NULL, 0, "5.0.0", NULL));
	assert_null(knowledge_reply(k, NULL, NULL, 0, NULL, "zzz"));
}

static void
test_entries_are_whole(void **state)
{
	const struct {
		const struct reply_text *v;
		size_t n;
	} lists[] = {{k->replies, k->n_replies}, {k->tls, k->n_tls},
	    {k->codes, k->n_codes}, {k->classes, k->n_classes}};

	(void)state;
	for (size_t i = 0; i < sizeof(lists) / sizeof(*lists); i++) {
		assert_true(lists[i].n > 10);
		for (size_t j = 0; j < lists[i].n; j++) {
			const struct reply_text *r = &lists[i].v[j];

			assert_true(r->fix.n > 0);
			if (str_width(r->title) > 64)
				fail_msg("too long: %s", r->title);
			if (!str_eq(r->cause, "login-policy") &&
			    !str_eq(r->cause, "account-locked"))
				continue;
			char *all = strs_join(&r->fix, "\n");
			if (!strstr(all, "View my activity") &&
			    !strstr(all, "Recent security activity") &&
			    !strstr(all, "Sign-in logs"))
				fail_msg("%s: no page is named", r->title);
			mem_free(all);
		}
	}
}

struct expected {
	const char *text;
	enum explain_kind kind;
	const char *cause;
	enum explain_certainty at_least;
};

static const struct expected texts[] = {
    {"535", EXPLAIN_REPLY, "wrong-credentials", EXPLAIN_LIKELY},
    {"5.7.139", EXPLAIN_REPLY, "wrong-credentials", EXPLAIN_LIKELY},
    {"5.7.60", EXPLAIN_REPLY, "sender-not-allowed", EXPLAIN_EXACT},
    {"0x800CCC0D", EXPLAIN_CODE, "host-not-found", EXPLAIN_EXACT},
    {"800ccc7c", EXPLAIN_CODE, "wrong-encryption", EXPLAIN_EXACT},
    {"IXP_E_FAILED_TO_CONNECT", EXPLAIN_CODE, "unknown", EXPLAIN_EXACT},
    {"Task 'anna@bakery.example - Sending' reported error (0x800CCC78) : "
     "'Unable to send the message. Please verify the e-mail address in your "
     "account properties.  The server responded: 530 5.7.0 Must issue a "
     "STARTTLS command first. a1sm - gsmtp'",
	EXPLAIN_REPLY, "wrong-encryption", EXPLAIN_EXACT},
    {"Sending of the message failed.\nAn error occurred while sending mail. "
     "The mail server responded:\n5.7.139 Authentication unsuccessful, "
     "SmtpClientAuthentication is disabled for the Tenant.",
	EXPLAIN_REPLY, "smtp-auth-disabled", EXPLAIN_EXACT},
    {"smtplib.SMTPAuthenticationError: (535, b'5.7.139 Authentication "
     "unsuccessful, basic authentication is disabled. [X 2026-11-01 Y]')",
	EXPLAIN_REPLY, "basic-auth-disabled", EXPLAIN_EXACT},
    {"20", EXPLAIN_TLS, "cert-untrusted", EXPLAIN_EXACT},
    {"verify error:num=10:certificate has expired", EXPLAIN_TLS, "cert-expired",
	EXPLAIN_EXACT},
    {"Verify return code: 21 (unable to verify the first certificate)",
	EXPLAIN_TLS, "cert-chain-incomplete", EXPLAIN_EXACT},
    {"X509_V_ERR_HOSTNAME_MISMATCH", EXPLAIN_TLS, "cert-name-mismatch",
	EXPLAIN_EXACT},
    {"self-signed certificate in certificate chain", EXPLAIN_TLS,
	"cert-untrusted", EXPLAIN_EXACT},
    {"error:0A00010B:SSL routines::wrong version number", EXPLAIN_TLS,
	"wrong-encryption", EXPLAIN_EXACT},
    {"334 eyJzdGF0dXMiOiI0MDEiLCJzY2hlbWVzIjoiQmVhcmVyIn0=", EXPLAIN_REPLY,
	"token-expired", EXPLAIN_EXACT},
    {"Outlook is working offline. Work Offline is on.", EXPLAIN_APP,
	"app-offline", EXPLAIN_LIKELY},
    {"Hello, how are you on port 587 in 2025?", EXPLAIN_NOTHING, "unknown",
	EXPLAIN_UNKNOWN},
    {"", EXPLAIN_NOTHING, "unknown", EXPLAIN_UNKNOWN},
};

static void
test_texts(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++) {
		const struct expected *x = &texts[i];
		struct explanations e = {0};

		explain_text(k, x->text, strlen(x->text), NOW_MS, &e);
		assert_int_equal(e.n, 1);
		if (e.v[0].kind != x->kind || !str_eq(e.v[0].cause, x->cause) ||
		    e.v[0].certainty < x->at_least)
			fail_msg("%s: expected %s %s, got %s %s (%s)", x->text,
			    explain_kind_name(x->kind), x->cause,
			    explain_kind_name(e.v[0].kind), e.v[0].cause,
			    e.v[0].title);
		explanations_done(&e);
	}
}

/* Only the class: exit status 3. */
static void
test_unknown_reply(void **state)
{
	struct explanations e = {0};

	(void)state;
	explain_text(k, "577 5.9.9 zzz", 13, NOW_MS, &e);
	assert_int_equal(e.v[0].kind, EXPLAIN_REPLY);
	assert_int_equal(e.v[0].certainty, EXPLAIN_CLASS);
	explanations_done(&e);
}

/* All numbers of Outlook, with and without 0x. */
static void
test_codes(void **state)
{
	(void)state;
	for (size_t i = 0; i < k->n_codes; i++)
		for (size_t j = 0; j < k->codes[i].codes.n; j++) {
			char text[64];

			snprintf(text, sizeof(text), "Error (0x%s): no.",
			    k->codes[i].codes.v[j]);
			assert_ptr_equal(knowledge_code(k, text), &k->codes[i]);
		}
	assert_null(knowledge_code(k, "a timeout of something busy"));
}

static void
test_verify_numbers(void **state)
{
	static const int numbers[] = {0, 2, 7, 9, 10, 18, 19, 20, 21, 23, 24,
	    25, 26, 27, 28, 32, 34, 37, 47, 48, 62, 63, 64, 65, 66, 67, 68, 71,
	    76, 77, 78, 79, 85, 86, 87, 88, 89, 90, 91, 92, 93};

	(void)state;
	for (size_t i = 0; i < sizeof(numbers) / sizeof(*numbers); i++)
		if (!knowledge_verify(k, numbers[i]))
			fail_msg("%d is not known", numbers[i]);
	assert_null(knowledge_verify(k, 999));
}

/* A JWT without a signature worth the name; claims as given. */
static char *
make_jwt(const char *claims)
{
	static const char header[] = "{\"alg\":\"RS256\",\"typ\":\"JWT\"}";
	char head[128], body[1024];

	base64_encode(header, strlen(header), head);
	base64_encode(claims, strlen(claims), body);
	for (char *s = head; *s; s++)
		if (*s == '=')
			*s = '\0';
	for (char *s = body; *s; s++)
		if (*s == '=')
			*s = '\0';
	return mem_printf(
	    "%s.%s.c2lnbmF0dXJlLXNpZ25hdHVyZS1zaWduYXR1cmU", head, body);
}

static void
test_token(void **state)
{
	static const struct {
		const char *claims, *cause;
	} rows[] = {
	    {"{\"aud\":\"https://graph.microsoft.com\",\"exp\":1895392000,"
	     "\"scp\":\"Mail.Send\"}",
		"token-wrong-audience"},
	    {"{\"aud\":\"https://outlook.office.com\",\"exp\":1695392000,"
	     "\"scp\":\"SMTP.Send\"}",
		"token-expired"},
	    {"{\"aud\":\"https://outlook.office.com\",\"exp\":1895392000,"
	     "\"scp\":\"IMAP.AccessAsUser.All\"}",
		"token-missing-scope"},
	    {"{\"aud\":\"https://outlook.office.com\",\"exp\":1895392000,"
	     "\"scp\":\"SMTP.Send\"}",
		"none"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct explanations e = {0};
		char *jwt = make_jwt(rows[i].claims);
		struct buf shown;

		assert_true(explain_holds_token(jwt));
		explain_text(k, jwt, strlen(jwt), NOW_MS, &e);
		buf_init(&shown, BUF_OURS);
		explain_show(&e, &shown);
		explain_json(&e, &shown);
		assert_int_equal(e.v[0].kind, EXPLAIN_TOKEN);
		assert_string_equal(e.v[0].cause, rows[i].cause);
		assert_null(strstr(shown.data, strrchr(jwt, '.') + 1));
		buf_done(&shown);
		explanations_done(&e);
		mem_free(jwt);
	}
}

/* A token inside another text neither is shown nor passes as an argument. */
static void
test_token_inside(void **state)
{
	char *jwt = make_jwt("{\"aud\":\"x\",\"exp\":1895392000}");
	char *text = mem_printf("C: AUTH XOAUTH2 auth=Bearer %s\nS: 535 5.7.3 "
				"Authentication unsuccessful\nC: %s",
	    jwt, jwt);
	struct explanations e = {0};
	struct buf shown;

	(void)state;
	assert_true(explain_holds_token(text));
	assert_false(explain_holds_token("535 5.7.8 Error: authentication"));
	assert_false(explain_holds_token(
	    "334 eyJzdGF0dXMiOiI0MDAiLCJzY2hlbWVzIjoiQmVhcmVyIn0="));
	explain_text(k, text, strlen(text), NOW_MS, &e);
	buf_init(&shown, BUF_OURS);
	explain_show(&e, &shown);
	explain_json(&e, &shown);
	assert_string_equal(e.v[0].cause, "wrong-credentials");
	assert_null(strstr(shown.data, strrchr(jwt, '.') + 1));
	buf_done(&shown);
	explanations_done(&e);
	mem_free(text);
	mem_free(jwt);
}

static char *
read_file(const char *name, size_t *len)
{
	char *path = mem_printf("tests/playbooks/bounces/%s.eml", name);
	FILE *f = fopen(path, "rb");
	struct buf b;
	char chunk[4096];
	size_t n;

	if (!f)
		fail_msg("%s cannot be read", path);
	buf_init(&b, BUF_OURS);
	while ((n = fread(chunk, 1, sizeof(chunk), f)) > 0)
		buf_add(&b, chunk, n);
	fclose(f);
	mem_free(path);
	*len = b.len;
	return buf_take(&b);
}

static const struct {
	const char *file;
	const char *recipients[3][2]; /* address, cause */
} bounces[] = {
    {"postfix", {{"nobody@bakery.example", "recipient-rejected"},
		    {"full@cafe.example", "recipient-rejected"}}},
    {"exchange-online", {{"gone@bakery.example", "recipient-rejected"}}},
    {"exchange-text", {{"gone@bakery.example", "recipient-rejected"}}},
    {"exim", {{"x@bakery.example", "ip-blocklisted"}}},
    {"exim-report", {{"x@bakery.example", "relay-denied"}}},
    {"qmail", {{"who@bakery.example", "recipient-rejected"}}},
    {"gmail", {{"gone@bakery.example", "recipient-rejected"}}},
    {"base64-status", {{"big@bakery.example", "message-too-big"}}},
    {"quoted-printable", {{"spam@bakery.example", "content-rejected"}}},
    {"sendmail", {{"no@bakery.example", "recipient-rejected"}}},
    {"delayed", {{"slow@bakery.example", "greylisted"}}},
    {"pasted", {{"anna@bakery.example", "sending-limit"}}},
};

static void
test_bounces(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(bounces) / sizeof(*bounces); i++) {
		struct explanations e = {0};
		size_t len, n = 0;
		char *text = read_file(bounces[i].file, &len);
		struct buf shown;

		explain_text(k, text, len, NOW_MS, &e);
		while (n < 3 && bounces[i].recipients[n][0])
			n++;
		if (e.n != n)
			fail_msg("%s: %zu recipients", bounces[i].file, e.n);
		for (size_t j = 0; j < n; j++) {
			if (e.v[j].kind != EXPLAIN_BOUNCE ||
			    !str_eq(e.v[j].recipient,
				bounces[i].recipients[j][0]) ||
			    !str_eq(e.v[j].cause, bounces[i].recipients[j][1]))
				fail_msg("%s: %s %s %s (%s)", bounces[i].file,
				    explain_kind_name(e.v[j].kind),
				    e.v[j].recipient, e.v[j].cause,
				    e.v[j].matched);
		}
		buf_init(&shown, BUF_OURS);
		explain_show(&e, &shown);
		/* What the returned message holds is nobody's business. */
		assert_null(strstr(shown.data, "PRIVATE"));
		buf_done(&shown);
		explanations_done(&e);
		mem_free(text);
	}
}

/* Cut anywhere, a bounce is read without a fault. */
static void
test_bounce_cut(void **state)
{
	size_t len;
	char *text = read_file("postfix", &len);

	(void)state;
	for (size_t i = 0; i <= len; i += 7) {
		struct bounce b = {0};

		bounce_read(text, i, &b);
		bounce_done(&b);
	}
	mem_free(text);
}

static void
test_too_long(void **state)
{
	size_t len = EXPLAIN_MAX + 4096;
	char *text = mem_alloc(len + 1);
	struct explanations e = {0};

	(void)state;
	memset(text, 'x', len);
	memcpy(text, "535 5.7.8 no\n\n", 14);
	explain_text(k, text, len, NOW_MS, &e);
	assert_true(e.cut);
	assert_string_equal(e.v[0].cause, "wrong-credentials");
	explanations_done(&e);
	mem_free(text);
}

static void
test_columns(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++) {
		struct explanations e = {0};
		struct strs lines = {0};
		struct buf b;

		explain_text(
		    k, texts[i].text, strlen(texts[i].text), NOW_MS, &e);
		buf_init(&b, BUF_OURS);
		explain_show(&e, &b);
		strs_split(&lines, b.data, "\n");
		for (size_t j = 0; j < lines.n; j++)
			if (str_width(lines.v[j]) > 78)
				fail_msg("too wide: %s", lines.v[j]);
		strs_done(&lines);
		buf_done(&b);
		explanations_done(&e);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_fact_sheet),
	    cmocka_unit_test(test_never_null),
	    cmocka_unit_test(test_entries_are_whole),
	    cmocka_unit_test(test_texts),
	    cmocka_unit_test(test_unknown_reply),
	    cmocka_unit_test(test_codes),
	    cmocka_unit_test(test_verify_numbers),
	    cmocka_unit_test(test_token),
	    cmocka_unit_test(test_token_inside),
	    cmocka_unit_test(test_bounces),
	    cmocka_unit_test(test_bounce_cut),
	    cmocka_unit_test(test_too_long),
	    cmocka_unit_test(test_columns),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
