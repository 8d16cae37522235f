/* SPDX-License-Identifier: ISC
 *
 * Published settings: what is taken from them, and what is refused.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "probes/base/buf.h"
#include "probes/net/autoconfig.h"

#define HEAD "<clientConfig version=\"1.1\"><emailProvider id=\"x\">"
#define TAIL "</emailProvider></clientConfig>"
#define SERVER(inner) "<outgoingServer type=\"smtp\">" inner "</outgoingServer>"
#define WHERE(host, port, type)                                               \
	"<hostname>" host "</hostname><port>" port "</port><socketType>" type \
	"</socketType>"

static struct autoconfig got;

static enum autoconfig_status
parse(const char *xml)
{
	return autoconfig_parse(xml, strlen(xml), "anna", "lab.example", &got);
}

static void
test_whole(void **state)
{
	(void)state;
	assert_int_equal(
	    parse(
		"<?xml version=\"1.0\"?>" HEAD
		"<displayName>Lab &amp; Sons</displayName>"
		"<incomingServer type=\"imap\">" WHERE("imap.x.example", "993",
		    "SSL") "</incomingServer>" SERVER(WHERE("SMTP.%EMAILDOMAIN%"
							    ".",
		    "465",
		    "SSL") "<authentication>OAuth2</authentication>"
			   "<authentication>new-thing</authentication>"
			   "<authentication>password-cleartext</authentication>"
			   "<username>%EMAILADDRESS%</username>")
		    SERVER(WHERE("b.example", "587",
			"STARTTLS") "<username>%EMAILLOCALPART%</username>")
			TAIL),
	    AUTOCONFIG_OK);
	assert_string_equal(got.name, "Lab & Sons");
	assert_int_equal(got.n, 2);
	assert_string_equal(got.v[0].host, "smtp.lab.example");
	assert_int_equal(got.v[0].port, 465);
	assert_string_equal(got.v[0].security, "implicit-tls");
	assert_string_equal(got.v[0].auth, "oauth2,password");
	assert_string_equal(got.v[0].username, "anna@lab.example");
	assert_string_equal(got.v[1].security, "starttls");
	assert_string_equal(got.v[1].username, "anna");
	assert_string_equal(got.v[1].auth, "");
}

static void
test_no_local_part(void **state)
{
	static const char xml[] = HEAD SERVER(WHERE("a.example", "25",
	    "plain") "<username>%EMAILADDRESS%</username>") TAIL;

	(void)state;
	assert_int_equal(
	    autoconfig_parse(xml, strlen(xml), NULL, "lab.example", &got),
	    AUTOCONFIG_OK);
	assert_string_equal(got.v[0].username, "");
	assert_string_equal(got.v[0].security, "none");
}

static void
test_passed_over(void **state)
{
	static const char *const bad[] = {
	    WHERE("a.example", "0", "SSL"),
	    WHERE("a.example", "65536", "SSL"),
	    WHERE("a.example", "", "SSL"),
	    WHERE("a.example", "465", "QUIC"),
	    WHERE("a", "465", "SSL"),
	    WHERE("a..example", "465", "SSL"),
	    WHERE("a b.example", "465", "SSL"),
	    WHERE("a.example:25/x", "465", "SSL"),
	    WHERE("\xc3\xa4.example", "465", "SSL"),
	    "<hostname>a.example</hostname><port>465</port>",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct buf b;

		buf_init(&b, BUF_OURS);
		buf_addf(&b, "%s%s%s%s%s", HEAD,
		    "<outgoingServer type=\"smtp\">", bad[i],
		    "</outgoingServer>", TAIL);
		assert_int_equal(parse(b.data), AUTOCONFIG_NONE);
		buf_done(&b);
	}
	assert_int_equal(
	    parse(HEAD "<outgoingServer type=\"other\">" WHERE(
		"a.example", "465", "SSL") "</outgoingServer>" TAIL),
	    AUTOCONFIG_NONE);
}

static void
test_refused(void **state)
{
	struct buf deep;

	(void)state;
	assert_int_equal(
	    parse("<!DOCTYPE clientConfig [<!ENTITY a \"x\">]>" HEAD TAIL),
	    AUTOCONFIG_REFUSED);
	assert_int_equal(parse("<!DOCTYPE clientConfig SYSTEM "
			       "\"file:///etc/passwd\">" HEAD TAIL),
	    AUTOCONFIG_REFUSED);
	buf_init(&deep, BUF_OURS);
	for (int i = 0; i < 5000; i++)
		buf_adds(&deep, "<a>");
	assert_int_equal(parse(deep.data), AUTOCONFIG_REFUSED);
	buf_drop(&deep, deep.len);
	buf_adds(&deep, HEAD);
	for (int i = 0; i < 5000; i++)
		buf_adds(&deep, "<a/>");
	assert_int_equal(parse(deep.data), AUTOCONFIG_REFUSED);
	buf_done(&deep);
}

static void
test_other_documents(void **state)
{
	(void)state;
	assert_int_equal(parse(""), AUTOCONFIG_NOT_XML);
	assert_int_equal(parse("no"), AUTOCONFIG_NOT_XML);
	assert_int_equal(parse(HEAD), AUTOCONFIG_NOT_XML);
	assert_int_equal(parse(HEAD "&undeclared;" TAIL), AUTOCONFIG_NOT_XML);
	assert_int_equal(parse("<html/>"), AUTOCONFIG_OTHER);
	assert_int_equal(
	    parse("<!DOCTYPE html><html></html>"), AUTOCONFIG_OTHER);
	assert_int_equal(got.n, 0);
}

/* Nothing is taken from a file that breaks off. */
static void
test_cut(void **state)
{
	(void)state;
	assert_int_equal(parse(HEAD SERVER(WHERE("a.example", "465", "SSL"))),
	    AUTOCONFIG_NOT_XML);
	assert_int_equal(got.n, 0);
}

static void
test_bounds(void **state)
{
	struct buf b;

	(void)state;
	buf_init(&b, BUF_OURS);
	buf_adds(&b, HEAD);
	for (int i = 0; i < AUTOCONFIG_MAX + 5; i++)
		buf_adds(&b, SERVER(WHERE("a.example", "465", "SSL")));
	buf_adds(&b, TAIL);
	assert_int_equal(parse(b.data), AUTOCONFIG_OK);
	assert_int_equal(got.n, AUTOCONFIG_MAX);
	buf_drop(&b, b.len);
	buf_adds(&b, HEAD "<displayName>");
	for (int i = 0; i < 500; i++)
		buf_adds(&b, "long ");
	buf_adds(&b, "</displayName>" SERVER(WHERE("a.example", "465",
			 "SSL") "<username>&#x9b;&#10;</username>") TAIL);
	assert_int_equal(parse(b.data), AUTOCONFIG_OK);
	assert_string_equal(got.name, "");
	assert_null(strchr(got.v[0].username, '\n'));
	buf_done(&b);
}

/* Only the first provider of a file counts. */
static void
test_first_provider(void **state)
{
	(void)state;
	assert_int_equal(parse("<clientConfig><emailProvider/>"
			       "<emailProvider>" SERVER(
				   WHERE("a.example", "465", "SSL")) TAIL),
	    AUTOCONFIG_NONE);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_whole),
	    cmocka_unit_test(test_no_local_part),
	    cmocka_unit_test(test_passed_over),
	    cmocka_unit_test(test_refused),
	    cmocka_unit_test(test_other_documents),
	    cmocka_unit_test(test_cut),
	    cmocka_unit_test(test_bounds),
	    cmocka_unit_test(test_first_provider),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
