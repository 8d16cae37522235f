/* SPDX-License-Identifier: ISC
 *
 * The pure parts of the probes: the table, targets, names and their slips,
 * what first bytes tell, and the probes that ask nobody.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "probes/base/mem.h"
#include "probes/names.h"
#include "probes/probe.h"
#include "probes/smtp_first_bytes.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

static const char known_domains[] =
    "gmail.com,googlemail.com,hotmail.com,outlook.com,live.com,yahoo.*,"
    "icloud.com,me.com,aol.com,gmx.de,gmx.net,web.de,t-online.de,mail.com,"
    "btinternet.com,comcast.net,*.onmicrosoft.com,wp.pl,mac.com,yandex.ru,mail."
    "ru";

/* ---------------------------------------------------------- the table */

static void
test_registry(void **state)
{
	(void)state;
	for (size_t i = 0; probes_all[i]; i++) {
		const struct probe *p = probes_all[i];
		assert_ptr_equal(probe_find(p->name), p);
		assert_non_null(p->summary);
		assert_non_null(p->run);
		if (i > 0)
			assert_true(
			    strcmp(probes_all[i - 1]->name, p->name) < 0);
	}
	assert_null(probe_find("nothing"));
}

static void
test_facts_declared(void **state)
{
	struct strs names = {0};

	(void)state;
	for (size_t i = 0; probes_all[i]; i++) {
		const struct probe_fact *f = probes_all[i]->facts;
		for (; f->name; f++) {
			assert_non_null(f->summary);
			assert_false(strs_has(&names, f->name));
			strs_add(&names, f->name);
			if (f->values)
				assert_true(str_in_set("unknown", f->values));
		}
	}
	strs_done(&names);
}

static void
test_gate_params(void **state)
{
	(void)state;
	for (size_t i = 0; probes_all[i]; i++) {
		const struct probe *p = probes_all[i];
		bool found = p->gate_param == NULL;
		for (size_t n = 0; p->params[n].name; n++)
			found |= p->gate_param &&
				 str_eq(p->params[n].name, p->gate_param);
		assert_true(found);
	}
}

static void
test_targets(void **state)
{
	static const struct {
		const char *text, *address;
		int port;
		const char *security;
	} good[] = {
	    {"192.0.2.10:587/starttls", "192.0.2.10", 587, "starttls"},
	    {"[2001:db8::1]:465/implicit-tls", "2001:db8::1", 465,
		"implicit-tls"},
	    {"127.0.0.1:1/none", "127.0.0.1", 1, "none"},
	};
	static const char *const bad[] = {"", "192.0.2.10", "192.0.2.10:587",
	    "192.0.2.10/starttls", "192.0.2.10:0/starttls",
	    "192.0.2.10:65536/starttls", "192.0.2.10:587/tls",
	    "mail.x.example:587/starttls", "2001:db8::1:465/implicit-tls",
	    "[192.0.2.10]:587/starttls", ":587/starttls", "/starttls",
	    "192.0.2.10:58700000000/starttls", "[]:25/none"};
	struct probe_target t;

	(void)state;
	for (size_t i = 0; i < COUNT(good); i++) {
		assert_true(probe_target_parse(good[i].text, &t));
		assert_string_equal(t.address, good[i].address);
		assert_int_equal(t.port, good[i].port);
		assert_string_equal(t.security, good[i].security);
	}
	for (size_t i = 0; i < COUNT(bad); i++)
		assert_false(probe_target_parse(bad[i], &t));
}

/* -------------------------------------------------------------- names */

static void
test_ascii_names(void **state)
{
	static const struct {
		const char *text, *ascii; /* NULL: no name */
	} table[] = {
	    {"Mail.Example.COM", "mail.example.com"},
	    {" mail.example.com. ", "mail.example.com"},
	    {"b\xc3\xbc"
	     "cher.example",
		"xn--bcher-kva.example"},
	    {"stra\xc3\x9f"
	     "e.example",
		"xn--strae-oqa.example"},
	    {"smtp_1.example.com", "smtp_1.example.com"},
	    {"localhost", "localhost"},
	    {"smtp,gmail.com", NULL},
	    {"smtp gmail.com", NULL},
	    {"smtp..gmail.com", NULL},
	    {"-x.example", NULL},
	    {"", NULL},
	    {".", NULL},
	    {"a@b.example", NULL},
	    {"\xff\xfe.example", NULL},
	    {"smtp://mail.example", NULL},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(table); i++) {
		char *ascii = name_to_ascii(table[i].text);
		if (table[i].ascii)
			assert_string_equal(ascii, table[i].ascii);
		else
			assert_null(ascii);
		mem_free(ascii);
	}
	char *shown = name_to_unicode("xn--bcher-kva.example");
	assert_string_equal(shown, "b\xc3\xbc"
				   "cher.example");
	mem_free(shown);
}

static void
test_long_names(void **state)
{
	char label[70], name[300];

	(void)state;
	memset(label, 'a', sizeof(label));
	label[64] = '\0';
	assert_null(name_to_ascii(label));
	memset(name, 'a', sizeof(name));
	for (size_t i = 50; i < sizeof(name); i += 51)
		name[i] = '.';
	name[254] = '\0';
	assert_null(name_to_ascii(name));
	name[253] = '\0';
	char *ascii = name_to_ascii(name);
	assert_non_null(ascii);
	mem_free(ascii);
}

static void
test_domain_slips(void **state)
{
	static const struct {
		const char *typed, *meant; /* NULL: no slip */
	} table[] = {
	    {"gmial.com", "gmail.com"},
	    {"gmal.com", "gmail.com"},
	    {"gmail.con", "gmail.com"},
	    {"gmail.co", "gmail.com"},
	    {"gmail.cm", "gmail.com"},
	    {"gmial.con", "gmail.com"},
	    {"gmailcom", "gmail.com"},
	    {"hotmial.com", "hotmail.com"},
	    {"homtail.com", "hotmail.com"},
	    {"hotmai.com", "hotmail.com"},
	    {"otmail.com", "hotmail.com"},
	    {"outlok.com", "outlook.com"},
	    {"outloook.com", "outlook.com"},
	    {"yaho.com", "yahoo.com"},
	    {"yaho.fr", "yahoo.fr"},
	    {"yahoo.con", "yahoo.com"},
	    {"gxm.de", "gmx.de"},
	    {"gmx.ned", "gmx.net"},
	    {"tonline.de", "t-online.de"},
	    {"bakery.con", "bakery.com"},
	    /* themselves known */
	    {"gmail.com", NULL},
	    {"yahoo.co.uk", NULL},
	    {"mail.com", NULL},
	    {"me.com", NULL},
	    /* other people's names */
	    {"bakery.example", NULL},
	    {"wob.de", NULL},
	    {"gmv.de", NULL},
	    {"email.com", NULL},
	    {"fmail.com", NULL},
	    {"ve.com", NULL},
	    {"love.com", NULL},
	    {"gmail.example", NULL},
	    {"google.com", NULL},
	    {"yahoo.de", NULL},
	    {"mali.co", NULL},
	    {"pw.pl", NULL},
	    {"amc.com", NULL},
	    {"bakery.onmicrosoft.com", NULL},
	    {"localhost", NULL},
	};
	struct strs known = {0};

	(void)state;
	strs_split(&known, known_domains, ",");
	for (size_t i = 0; i < COUNT(table); i++) {
		char *meant = name_nearest(table[i].typed, &known);
		if (table[i].meant && !meant)
			fail_msg("%s is no slip", table[i].typed);
		if (table[i].meant)
			assert_string_equal(meant, table[i].meant);
		else if (meant)
			fail_msg("%s became %s", table[i].typed, meant);
		mem_free(meant);
	}
	strs_done(&known);
}

static void
test_host_slips(void **state)
{
	static const struct {
		const char *typed, *meant;
	} table[] = {
	    {"smpt.bakery.example", "smtp.bakery.example"},
	    {"stmp.bakery.example", "smtp.bakery.example"},
	    {"smptp.bakery.example", "smtp.bakery.example"},
	    {"mial.bakery.example", "mail.bakery.example"},
	    {"smtpbakery.example", "smtp.bakery.example"},
	    {"smtp-bakery.example", "smtp.bakery.example"},
	    {"mailbakery.example", "mail.bakery.example"},
	    {"smtp.gmial.com", "smtp.gmail.com"},
	    {"smtp.bakery.con", "smtp.bakery.com"},
	    {"smpt.bakery.con", "smtp.bakery.com"},
	    {"smtp-mial.outlook.com", "smtp-mail.outlook.com"},
	};
	struct strs near = {0};

	(void)state;
	strs_add(&near, "smtp.gmail.com");
	for (size_t i = 0; i < COUNT(table); i++) {
		struct strs found = {0};
		name_host_candidates(table[i].typed, &near, &found, 12);
		if (!strs_has(&found, table[i].meant))
			fail_msg("%s did not lead to %s", table[i].typed,
			    table[i].meant);
		assert_false(strs_has(&found, table[i].typed));
		strs_done(&found);
	}
	struct strs few = {0};
	name_host_candidates("smpt.bakery.con", &near, &few, 1);
	assert_int_equal(few.n, 1);
	strs_done(&few);
	strs_done(&near);
}

static void
test_tidy(void **state)
{
	static const struct {
		const char *text, *tidy;
	} table[] = {
	    {"smtp,gmail.com", "smtp.gmail.com"},
	    {"smtp..gmail.com.", "smtp.gmail.com"},
	    {"smtp. gmail.com", "smtp.gmail.com"},
	    {"smtp://mail.x.example:587/", "mail.x.example"},
	    {"", ""},
	    {"...", ""},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(table); i++) {
		char *tidy = name_tidy(table[i].text);
		assert_string_equal(tidy, table[i].tidy);
		mem_free(tidy);
	}
}

static void
test_sinkholes(void **state)
{
	(void)state;
	assert_true(address_is_sinkhole("0.0.0.0"));
	assert_true(address_is_sinkhole("127.0.0.53"));
	assert_true(address_is_sinkhole("::"));
	assert_true(address_is_sinkhole("::1"));
	assert_false(address_is_sinkhole("10.0.0.1"));
	assert_false(address_is_sinkhole("192.0.2.127"));
	assert_false(address_is_sinkhole("2001:db8::1"));
}

/* --------------------------------------------------------- first bytes */

static void
test_first_bytes(void **state)
{
	static const struct {
		const char *bytes;
		size_t len; /* 0: strlen */
		enum first_kind kind;
	} table[] = {
	    {"220 mail ESMTP\r\n", 0, FIRST_SMTP},
	    {"220-mail\r\n", 0, FIRST_SMTP},
	    {"554", 0, FIRST_SMTP},
	    {"\r\n220 late\r\n", 0, FIRST_SMTP},
	    {"2200 no", 0, FIRST_OTHER},
	    {"120 wait", 0, FIRST_OTHER},
	    {"* OK IMAP4rev1\r\n", 0, FIRST_IMAP},
	    {"* BYE busy\r\n", 0, FIRST_IMAP},
	    {"+OK POP3\r\n", 0, FIRST_POP3},
	    {"-ERR busy\r\n", 0, FIRST_POP3},
	    {"HTTP/1.1 400 Bad Request\r\n", 0, FIRST_HTTP},
	    {"<!DOCTYPE html>", 0, FIRST_HTTP},
	    {"<HTML><head>", 0, FIRST_HTTP},
	    {"<stream:stream>", 0, FIRST_OTHER},
	    {"SSH-2.0-OpenSSH_9.9\r\n", 0, FIRST_OTHER},
	    {"RFB 003.008\n", 0, FIRST_OTHER},
	    {"\x15\x03\x01\0\x02\x02\x28", 7, FIRST_TLS},
	    {"J\0\0\0\n8.0", 8, FIRST_OTHER},
	    {"\0\0\0\0", 4, FIRST_OTHER},
	    {" \r\n", 0, FIRST_NOTHING},
	    {"", 0, FIRST_NOTHING},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(table); i++) {
		size_t len =
		    table[i].len ? table[i].len : strlen(table[i].bytes);
		enum first_kind kind = first_bytes_judge(table[i].bytes, len);
		if (kind != table[i].kind)
			fail_msg("row %zu gave %d", i, (int)kind);
		assert_non_null(first_bytes_words(table[i].bytes, len));
	}
	assert_int_equal(first_bytes_code("554 no", 6), 554);
	assert_int_equal(first_bytes_code("5540", 4), 0);
	assert_int_equal(first_bytes_code("55", 2), 0);
}

static void
test_masked(void **state)
{
	static const struct {
		const char *lines;
		bool masked;
	} table[] = {
	    {"220 ***************", true},
	    {"220 ******************************2******0*00", true},
	    {"220 *** * 2 0 *", true},
	    {"220 mail.example ESMTP", false},
	    {"220-*****************|220 *** welcome ***", false},
	    {"220", false},
	    {"220 **", false},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(table); i++) {
		struct strs lines = {0};
		strs_split(&lines, table[i].lines, "|");
		assert_int_equal(greeting_is_masked(&lines), table[i].masked);
		strs_done(&lines);
	}
}

static void
test_replies(void **state)
{
	static const struct {
		const char *greeting, *ehlo;
		bool foreign;
	} table[] = {
	    {"220 (vsFTPd 3.0.5)", "530 Please login with USER and PASS.",
		true},
	    {"220 ready", "530 Not logged in", true},
	    {"220 ProFTPD Server", "500 EHLO not understood", true},
	    {"220 x LMTP ready", "500 no", true},
	    {"220 sftp.example ESMTP", "550 go away", false},
	    {"220 x ready", "502 no", false},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(table); i++) {
		struct strs greeting = {0}, ehlo = {0}, helo = {0};
		strs_add(&greeting, table[i].greeting);
		strs_add(&ehlo, table[i].ehlo);
		const char *words = words_of_replies(&greeting, &ehlo, &helo);
		assert_int_equal(words != NULL, table[i].foreign);
		strs_done(&greeting);
		strs_done(&ehlo);
	}
}

static void
test_portals(void **state)
{
	static const struct {
		const char *answer;
		bool portal;
	} table[] = {
	    {"HTTP/1.1 302 Found\r\nLocation: http://portal.hotel.example/\r\n",
		true},
	    {"HTTP/1.1 302 Found\r\nlocation://portal.hotel.example\r\n", true},
	    {"HTTP/1.1 302 Found\r\nLocation: /login\r\n", false},
	    {"HTTP/1.1 301 Moved\r\nLocation: https://mail.x.example/\r\n",
		false},
	    {"HTTP/1.1 511 Network Authentication Required\r\n\r\n", true},
	    {"HTTP/1.1 400 Bad Request\r\n\r\n<html>Bad</html>", false},
	    {"HTTP/1.1 200 OK\r\n\r\n<FORM action=x><input type=password>",
		true},
	    {"HTTP/1.1 200 OK\r\n\r\n<form>search</form>", false},
	    {"<html><meta http-equiv=\"refresh\" content=\"0; "
	     "url=http://wifi.example/\">",
		true},
	    {"HTTP/1.0 200 OK\r\n\r\n<!--<WISPAccessGatewayParam>-->", true},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(table); i++) {
		const char *a = table[i].answer;
		bool portal = http_is_portal(a, strlen(a), "mail.x.example");
		if (portal != table[i].portal)
			fail_msg("wrong: %s", a);
	}
}

/* ------------------------------------------------- probes that ask nobody */

static void
run_probe(
    const char *name, const struct kvs *params, struct probe_result *result)
{
	struct net_options options = {
	    .connect_timeout_ms = 100, .resolver_given = true};
	struct probe_ctx ctx = {.net = {.options = &options,
				    .deadline_ms = INT64_MAX,
				    .cancel_fd = -1,
				    .yield_fd = -1},
	    .params = params,
	    .result = result};

	memset(result, 0, sizeof(*result));
	probe_find(name)->run(&ctx);
}

/* Every declared closed fact is there afterwards. */
static void
assert_complete(const char *name, const struct probe_result *result)
{
	const struct probe_fact *f = probe_find(name)->facts;

	for (; f->name; f++)
		if (f->values && !kvs_get(&result->facts, f->name))
			fail_msg("%s did not set %s", name, f->name);
}

static void
test_address(void **state)
{
	static const struct {
		const char *email, *syntax, *domain, *typo, *suggestion;
	} table[] = {
	    {"anna@bakery.example", "ok", "bakery.example", "no", ""},
	    {" Anna B. <anna@Bakery.Example> ", "ok", "bakery.example", "no",
		""},
	    {"mailto:anna@bakery.example", "ok", "bakery.example", "no", ""},
	    {"anna@gmial.com", "ok", "gmial.com", "yes", "anna@gmail.com"},
	    {"a.b+c@gmail.com", "ok", "gmail.com", "no", ""},
	    {"\"anna b\"@gmail.com", "ok", "gmail.com", "no", ""},
	    {"anna@b\xc3\xbc"
	     "cher.example",
		"ok", "xn--bcher-kva.example", "no", ""},
	    {"anna@bakery.example.", "ok", "bakery.example", "no", ""},
	    {"", "empty", "", "unknown", ""},
	    {"anna", "no-at", "", "unknown", ""},
	    {"@gmail.com", "bad-local", "", "unknown", ""},
	    {".anna@gmail.com", "bad-local", "", "unknown", ""},
	    {"an..na@gmail.com", "bad-local", "", "unknown", ""},
	    {"anna,bea@gmail.com", "bad-local", "", "unknown", ""},
	    {"anna@bea@gmail.com", "bad-local", "", "unknown", ""},
	    {"anna@", "bad-domain", "", "unknown", ""},
	    {"anna@bakery", "bad-domain", "", "unknown", ""},
	    {"anna@gmailcom", "bad-domain", "", "yes", "anna@gmail.com"},
	    {"anna@gmail,com", "bad-domain", "", "yes", "anna@gmail.com"},
	    {"anna@gmail..com", "bad-domain", "", "yes", "anna@gmail.com"},
	    {"anna@[192.0.2.1]", "bad-domain", "", "unknown", ""},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(table); i++) {
		struct kvs params = {0};
		struct probe_result r;
		kvs_set(&params, "email", table[i].email);
		kvs_set(&params, "known", known_domains);
		run_probe("address", &params, &r);
		assert_complete("address", &r);
		const char *syntax = kvs_get(&r.facts, "address.syntax");
		if (!str_eq(syntax, table[i].syntax))
			fail_msg("%s: %s", table[i].email, syntax);
		assert_string_equal(kvs_get_or(&r.facts, "address.domain", ""),
		    table[i].domain);
		assert_string_equal(
		    kvs_get(&r.facts, "address.typo"), table[i].typo);
		assert_string_equal(
		    kvs_get_or(&r.facts, "address.suggestion", ""),
		    table[i].suggestion);
		probe_result_done(&r);
		kvs_done(&params);
	}
}

static void
test_given_hosts(void **state)
{
	static const struct {
		const char *host, *name, *addresses;
	} table[] = {
	    {"192.0.2.10", "literal", "192.0.2.10"},
	    {"[2001:db8::1]", "literal", "2001:db8::1"},
	    {"127.0.0.1", "literal", "127.0.0.1"},
	    {"LocalHost", "localhost", "127.0.0.1,::1"},
	    {"no name", "bad-name", ""},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(table); i++) {
		struct kvs params = {0};
		struct probe_result r;
		/* "no name" tidied has a dot and would be asked for. */
		if (str_eq(table[i].name, "bad-name"))
			kvs_set(&params, "host", "no_name!");
		else
			kvs_set(&params, "host", table[i].host);
		run_probe("dns_host", &params, &r);
		assert_complete("dns_host", &r);
		assert_string_equal(
		    kvs_get(&r.facts, "dns.name"), table[i].name);
		assert_string_equal(kvs_get_or(&r.facts, "dns.addresses", ""),
		    table[i].addresses);
		assert_string_not_equal(
		    kvs_get(&r.facts, "dns.sinkhole"), "yes");
		probe_result_done(&r);
		kvs_done(&params);
	}
}

static void
test_local_machine(void **state)
{
	struct kvs params = {0};
	struct probe_result r;

	(void)state;
	run_probe("local_machine", &params, &r);
	assert_complete("local_machine", &r);
	assert_int_equal(r.status, PROBE_DONE);
	probe_result_done(&r);
}

static void
test_bad_parameters(void **state)
{
	struct kvs params = {0};
	struct probe_result r;

	(void)state;
	kvs_set(&params, "host", "mail.x.example");
	kvs_set(&params, "target", "mail.x.example:587");
	run_probe("smtp_port", &params, &r);
	assert_int_equal(r.status, PROBE_FAILED);
	assert_int_equal(r.err.kind, ERR_USAGE);
	assert_complete("smtp_port", &r);
	probe_result_done(&r);
	run_probe("dns_system", &params, &r);
	assert_string_equal(kvs_get(&r.facts, "system.name"), "unknown");
	probe_result_done(&r);
	kvs_set(&params, "domain", "no domain");
	run_probe("dns_domain", &params, &r);
	assert_string_equal(kvs_get(&r.facts, "domain.name"), "bad-name");
	assert_complete("dns_domain", &r);
	probe_result_done(&r);
	kvs_done(&params);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_registry),
	    cmocka_unit_test(test_facts_declared),
	    cmocka_unit_test(test_gate_params),
	    cmocka_unit_test(test_targets),
	    cmocka_unit_test(test_ascii_names),
	    cmocka_unit_test(test_long_names),
	    cmocka_unit_test(test_domain_slips),
	    cmocka_unit_test(test_host_slips),
	    cmocka_unit_test(test_tidy),
	    cmocka_unit_test(test_sinkholes),
	    cmocka_unit_test(test_first_bytes),
	    cmocka_unit_test(test_masked),
	    cmocka_unit_test(test_replies),
	    cmocka_unit_test(test_portals),
	    cmocka_unit_test(test_address),
	    cmocka_unit_test(test_given_hosts),
	    cmocka_unit_test(test_local_machine),
	    cmocka_unit_test(test_bad_parameters),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
