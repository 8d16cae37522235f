/* SPDX-License-Identifier: ISC
 *
 * The SMTP reply reader, whole and byte by byte, and what EHLO offers; then
 * the dialogue over a socket pair.
 */
#include "probes/net/smtp.h"

#include "probes/base/clock.h"
#include "probes/base/mem.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

static const struct {
	const char *in;
	size_t len; /* 0: strlen */
	bool ended; /* false: the parser wants more */
	enum smtp_status status;
	int code;
	size_t n_lines;
	const char *enhanced;
	size_t left; /* bytes not used */
} replies[] = {
    {"220 mail ESMTP\r\n", 0, true, SMTP_OK, 220, 1, "", 0},
    {"220\r\n", 0, true, SMTP_OK, 220, 1, "", 0},
    {"220 bare newline\n", 0, true, SMTP_OK, 220, 1, "", 0},
    {"250-a\r\n250-SIZE 1\r\n250 b\r\n", 0, true, SMTP_OK, 250, 3, "", 0},
    {"250-a\r\n250-b\r\n", 0, false, SMTP_OK, 0, 0, "", 0},
    {"220 ready\r\nNOOP", 0, true, SMTP_OK, 220, 1, "", 4},
    {"535 5.7.139 no\r\n", 0, true, SMTP_OK, 535, 1, "5.7.139", 0},
    {"421 4.3.2\r\n", 0, true, SMTP_OK, 421, 1, "4.3.2", 0},
    {"554-5.7.1 a\r\n554 5.7.2 b\r\n", 0, true, SMTP_OK, 554, 2, "5.7.1", 0},
    {"554 5.7.1234 a\r\n", 0, true, SMTP_OK, 554, 1, "", 0},
    {"554 5.7a\r\n", 0, true, SMTP_OK, 554, 1, "", 0},
    {"554 5.7.1x\r\n", 0, true, SMTP_OK, 554, 1, "", 0},
    {"554 5..1 x\r\n", 0, true, SMTP_OK, 554, 1, "", 0},
    {"554 3.1.1 x\r\n", 0, true, SMTP_OK, 554, 1, "", 0},
    {"250-a\r\n251 b\r\n", 0, true, SMTP_MALFORMED, 250, 2, "", 0},
    {"250-a\r\nhello\r\n", 0, true, SMTP_MALFORMED, 250, 2, "", 0},
    {"2500 a\r\n", 0, true, SMTP_MALFORMED, 0, 1, "", 0},
    {"999 a\r\n", 0, true, SMTP_MALFORMED, 0, 1, "", 0},
    {"100 a\r\n", 0, true, SMTP_MALFORMED, 0, 1, "", 0},
    {"* OK IMAP4rev1\r\n", 0, true, SMTP_NOT_SMTP, 0, 1, "", 0},
    {"+OK POP3\r\n", 0, true, SMTP_NOT_SMTP, 0, 1, "", 0},
    {"HTTP/1.1 400 Bad\r\nx", 0, true, SMTP_NOT_SMTP, 0, 1, "", 1},
    {"\r\n", 0, true, SMTP_NOT_SMTP, 0, 1, "", 0},
    {"22\r\n", 0, true, SMTP_NOT_SMTP, 0, 1, "", 0},
    {"220 a\0b\r\n", 9, true, SMTP_NUL, 0, 1, "", 3},
    {"\0\0\0", 3, true, SMTP_NUL, 0, 1, "", 2},
    {"250-a\r\n250 \0\r\n", 14, true, SMTP_NUL, 250, 2, "", 2},
    {"\x15\x03\x01\0\x02", 5, true, SMTP_NOT_SMTP, 0, 1, "", 1},
    {"J\0\0\0\n5.7", 8, true, SMTP_NOT_SMTP, 0, 1, "", 6},
    {"", 0, false, SMTP_OK, 0, 0, "", 0},
};

static void
compare(size_t i, bool ended, const struct smtp_reply *r, size_t used)
{
	size_t len = replies[i].len ? replies[i].len : strlen(replies[i].in);

	if (ended != replies[i].ended)
		fail_msg("reply %zu: ended %d", i, ended);
	if (!ended)
		return;
	if (r->status != replies[i].status || r->code != replies[i].code ||
	    r->lines.n != replies[i].n_lines || len - used != replies[i].left)
		fail_msg("reply %zu: %s %d, %zu lines, %zu left", i,
		    smtp_status_name(r->status), r->code, r->lines.n,
		    len - used);
	assert_string_equal(r->enhanced, replies[i].enhanced);
	assert_non_null(r->first);
	assert_int_equal(r->first_len, used);
	assert_memory_equal(r->first, replies[i].in, used);
}

static void
test_whole(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(replies) / sizeof(replies[0]); i++) {
		struct smtp_parser *p = smtp_parser_new();
		struct smtp_reply r = {0};
		size_t used = 0, len = replies[i].len;
		bool ended;

		if (len == 0)
			len = strlen(replies[i].in);
		ended = smtp_parser_feed(p, replies[i].in, len, &used, &r);
		compare(i, ended, &r, used);
		smtp_reply_done(&r);
		smtp_parser_free(p);
	}
}

static void
test_byte_by_byte(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(replies) / sizeof(replies[0]); i++) {
		struct smtp_parser *p = smtp_parser_new();
		struct smtp_reply r = {0};
		size_t used = 0, at = 0, len = replies[i].len;
		bool ended = false;

		if (len == 0)
			len = strlen(replies[i].in);
		while (at < len && !ended) {
			ended = smtp_parser_feed(
			    p, replies[i].in + at, 1, &used, &r);
			at += used;
		}
		compare(i, ended, &r, at);
		smtp_reply_done(&r);
		smtp_parser_free(p);
	}
}

/* Feeds the piece again and again until the parser has had enough. */
static size_t
flood(const char *piece, struct smtp_reply *r)
{
	struct smtp_parser *p = smtp_parser_new();
	size_t total = 0, used;
	bool ended = false;

	while (!ended && total < (10u << 20)) {
		ended = smtp_parser_feed(p, piece, strlen(piece), &used, r);
		total += used;
	}
	assert_true(ended);
	smtp_parser_free(p);
	return total;
}

static void
test_limits(void **state)
{
	struct smtp_reply r = {0};

	(void)state;
	assert_in_range(flood("2200", &r), SMTP_LINE_MAX, SMTP_LINE_MAX + 1);
	assert_int_equal(r.status, SMTP_TOO_LONG);
	assert_int_equal(r.first_len, 512);
	smtp_reply_done(&r);
	flood("250-x\r\n", &r);
	assert_int_equal(r.status, SMTP_TOO_LONG);
	assert_int_equal(r.lines.n, SMTP_REPLY_LINES);
	smtp_reply_done(&r);
	flood("<html>", &r);
	assert_int_equal(r.status, SMTP_NOT_SMTP);
	smtp_reply_done(&r);
}

static void
test_controls(void **state)
{
	struct smtp_parser *p = smtp_parser_new();
	struct smtp_reply r = {0};
	const char *in = "220 \x1b[2Jx\ry\xff\r\n220 fine\ttab\r\n";
	size_t used = 0;

	(void)state;
	assert_true(smtp_parser_feed(p, in, strlen(in), &used, &r));
	assert_true(r.odd_controls);
	for (const char *c = r.lines.v[0]; *c != '\0'; c++)
		assert_in_range(*c, 0x20, 0x7e);
	smtp_reply_done(&r);
	in += used;
	assert_true(smtp_parser_feed(p, in, strlen(in), &used, &r));
	assert_false(r.odd_controls);
	smtp_reply_done(&r);
	smtp_parser_free(p);
}

static void
read_ehlo(const char *text, struct smtp_ehlo *e)
{
	struct smtp_parser *p = smtp_parser_new();
	struct smtp_reply r = {0};
	size_t used = 0;

	assert_true(smtp_parser_feed(p, text, strlen(text), &used, &r));
	smtp_ehlo_read(&r, e);
	smtp_reply_done(&r);
	smtp_parser_free(p);
}

static void
test_ehlo(void **state)
{
	struct smtp_ehlo e;

	(void)state;
	read_ehlo("250-mail STARTTLS\r\n250-size 35882577\r\n250-starttls\r\n"
		  "250-AUTH plain LOGIN\r\n250-AUTH=LOGIN XOAUTH2\r\n"
		  "250-PIPELINING\r\n250 SMTPUTF8\r\n",
	    &e);
	assert_true(e.starttls && e.smtputf8 && e.pipelining);
	assert_false(e.masked);
	assert_int_equal(e.size, 35882577);
	assert_int_equal(e.auth.n, 3);
	assert_string_equal(e.auth.v[0], "PLAIN");
	assert_string_equal(e.auth.v[2], "XOAUTH2");
	assert_int_equal(e.keywords.n, 6);
	smtp_ehlo_done(&e);

	read_ehlo("250-STARTTLS\r\n250-XXXXXXXA\r\n250 SIZE\r\n", &e);
	assert_false(e.starttls);
	assert_true(e.masked);
	assert_int_equal(e.size, 0);
	smtp_ehlo_done(&e);

	read_ehlo("250-a\r\n250-XEXCH50\r\n250 SIZE x\r\n", &e);
	assert_false(e.masked);
	assert_int_equal(e.size, -1);
	smtp_ehlo_done(&e);

	read_ehlo("502-STARTTLS\r\n502 STARTTLS\r\n", &e);
	assert_false(e.starttls);
	assert_int_equal(e.keywords.n, 0);
	smtp_ehlo_done(&e);
}

/* A dialogue over a socket pair: the other end is `peer`. */
struct pair {
	struct net_options options;
	struct net net;
	struct strs transcript;
	struct smtp smtp;
	int peer;
};

static void
pair_open(struct pair *p)
{
	int fds[2];

	*p = (struct pair){.options.connect_timeout_ms = 200};
	assert_int_equal(
	    socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, fds), 0);
	p->net = (struct net){.options = &p->options,
	    .deadline_ms = clock_mono_ms() + 5000,
	    .cancel_fd = -1,
	    .yield_fd = -1};
	p->peer = fds[1];
	smtp_init(&p->smtp, &p->net, fds[0], &p->transcript);
}

static void
pair_close(struct pair *p)
{
	smtp_done(&p->smtp);
	if (p->peer >= 0)
		close(p->peer);
	strs_done(&p->transcript);
}

static void
say(struct pair *p, const char *text)
{
	assert_int_equal(write(p->peer, text, strlen(text)), strlen(text));
}

static void
test_dialogue(void **state)
{
	struct pair p;
	struct smtp_reply r;
	char seen[64] = "", *text = NULL;

	(void)state;
	pair_open(&p);
	say(&p, "220 hi\r\n250 early\r\n220 go\r\n250 smuggled\r\n");
	smtp_read(&p.smtp, &r, 100);
	assert_int_equal(r.code, 220);
	smtp_reply_done(&r);
	smtp_command(&p.smtp, "EHLO x", &r, 100);
	assert_int_equal(r.code, 250);
	smtp_reply_done(&r);
	smtp_command(&p.smtp, "STARTTLS", &r, 100);
	assert_int_equal(r.code, 220);
	smtp_reply_done(&r);
	assert_int_equal(smtp_discard(&p.smtp, 20, &text), 14);
	assert_string_equal(text, "250 smuggled\\x0d\\x0a");
	mem_free(text);
	assert_true(read(p.peer, seen, sizeof(seen) - 1) > 0);
	assert_string_equal(seen, "EHLO x\r\nSTARTTLS\r\n");
	assert_string_equal(p.transcript.v[0], "S: 220 hi");
	assert_string_equal(p.transcript.v[1], "C: EHLO x");
	assert_int_equal(p.transcript.n, 5);
	pair_close(&p);
}

static void
test_silence_and_drip(void **state)
{
	struct pair p;
	struct smtp_reply r;
	int64_t start;

	(void)state;
	pair_open(&p);
	start = clock_mono_ms();
	smtp_read(&p.smtp, &r, 60);
	assert_int_equal(r.status, SMTP_TIMEOUT);
	assert_in_range(clock_mono_ms() - start, 55, 500);
	smtp_reply_done(&r);
	say(&p, "220-half\r\n220 ");
	smtp_read(&p.smtp, &r, 30);
	assert_int_equal(r.status, SMTP_TIMEOUT);
	assert_int_equal(r.lines.n, 2);
	smtp_reply_done(&r);
	say(&p, "SSH-2.0-x"); /* no end of line */
	smtp_read(&p.smtp, &r, 30);
	assert_int_equal(r.status, SMTP_NOT_SMTP);
	assert_string_equal(r.first, "SSH-2.0-x");
	smtp_reply_done(&r);
	pair_close(&p);
}

static void
test_last_words(void **state)
{
	struct pair p;
	struct smtp_reply r;

	(void)state;
	pair_open(&p);
	say(&p, "421 4.3.2 going down\r\n");
	close(p.peer);
	p.peer = -1;
	smtp_command(&p.smtp, "EHLO x", &r, 100);
	assert_int_equal(r.status, SMTP_OK);
	assert_int_equal(r.code, 421);
	smtp_reply_done(&r);
	smtp_read(&p.smtp, &r, 100);
	assert_int_equal(r.status, SMTP_CLOSED);
	assert_non_null(r.first);
	smtp_reply_done(&r);
	pair_close(&p);
}

static void
test_transcript_is_bounded(void **state)
{
	struct pair p;
	struct smtp_reply r;
	char line[1100];

	(void)state;
	pair_open(&p);
	memset(line, 'x', sizeof(line));
	memcpy(line, "250 ", 4);
	memcpy(line + sizeof(line) - 3, "\r\n", 3);
	for (int i = 0; i < 210; i++) {
		say(&p, line);
		smtp_read(&p.smtp, &r, 100);
		assert_int_equal(r.status, SMTP_OK);
		smtp_reply_done(&r);
	}
	assert_int_equal(p.transcript.n, SMTP_TRANSCRIPT_LINES + 1);
	assert_int_equal(strlen(p.transcript.v[0]), 3 + 512 + 3);
	/* and the connection as a whole */
	for (int i = 0; i < 100; i++) {
		say(&p, line);
		smtp_read(&p.smtp, &r, 100);
		if (r.status != SMTP_OK)
			break;
		smtp_reply_done(&r);
	}
	assert_int_equal(r.status, SMTP_TOO_LONG);
	smtp_reply_done(&r);
	pair_close(&p);
}

static void
test_ehlo_name(void **state)
{
	struct pair p;
	char name[128];

	(void)state;
	pair_open(&p);
	smtp_ehlo_name(&p.smtp, name, sizeof(name));
	assert_string_equal(name, "[127.0.0.1]");
	p.options.ehlo_name = mem_dup("client.example");
	smtp_ehlo_name(&p.smtp, name, sizeof(name));
	assert_string_equal(name, "client.example");
	pair_close(&p);
	net_options_done(&p.options);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_whole),
	    cmocka_unit_test(test_byte_by_byte),
	    cmocka_unit_test(test_limits),
	    cmocka_unit_test(test_controls),
	    cmocka_unit_test(test_ehlo),
	    cmocka_unit_test(test_dialogue),
	    cmocka_unit_test(test_silence_and_drip),
	    cmocka_unit_test(test_last_words),
	    cmocka_unit_test(test_transcript_is_bounded),
	    cmocka_unit_test(test_ehlo_name),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
