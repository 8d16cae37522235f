/* SPDX-License-Identifier: ISC
 *
 * Signing in, against a server of a few lines in a thread: every mechanism
 * and every way to spoil it, and that none of it shows the secret.
 */
#include "probes/net/auth.h"

#include "probes/base/base64.h"
#include "probes/base/clock.h"
#include "probes/base/mem.h"
#include "probes/base/secret.h"

#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#define PLANTED "Kx9-Quokka?Umbrella=77"
#define ANNA "anna@bakery.example"
#define MAX_LINES 8
#define LINE_MAX_BYTES 40000

/* The server: a reply for each line it gets; NULL ends it. */
struct peer {
	int fd;
	const char *replies[MAX_LINES];
	char *lines[MAX_LINES]; /* what came, without its end */
	size_t n;
	pthread_t thread;
};

static char *
read_line(int fd)
{
	char *line = mem_alloc(LINE_MAX_BYTES);
	size_t len = 0;

	while (len + 1 < LINE_MAX_BYTES && read(fd, line + len, 1) == 1) {
		if (line[len] == '\n') {
			line[len && line[len - 1] == '\r' ? len - 1 : len] =
			    '\0';
			return line;
		}
		len++;
	}
	mem_free(line);
	return NULL;
}

static void *
serve(void *arg)
{
	struct peer *p = arg;

	while (p->n < MAX_LINES) {
		const char *reply = p->replies[p->n];
		char *line = read_line(p->fd);

		if (!line)
			break;
		p->lines[p->n++] = line;
		if (!reply || write(p->fd, reply, strlen(reply)) < 0)
			break;
	}
	shutdown(p->fd, SHUT_WR);
	return NULL;
}

struct talk {
	struct peer peer;
	struct net_options options;
	struct net net;
	struct smtp smtp;
	struct strs transcript;
	struct auth_result result;
};

static void
talk(struct talk *t, const char *offered, const struct secret *password,
    const struct secret *token)
{
	struct strs mechs = {0};
	int fds[2];

	assert_int_equal(
	    socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds), 0);
	t->peer.fd = fds[1];
	t->net = (struct net){
	    .options = &t->options,
	    .deadline_ms = clock_mono_ms() + 5000,
	    .cancel_fd = -1,
	    .yield_fd = -1,
	};
	assert_int_equal(
	    pthread_create(&t->peer.thread, NULL, serve, &t->peer), 0);
	smtp_init(&t->smtp, &t->net, fds[0], &t->transcript);
	strs_split(&mechs, offered, " ");
	auth_try(&t->smtp, &mechs, ANNA, password, token, "mail.bakery.example",
	    587, 1000, &t->result);
	strs_done(&mechs);
}

static void
end(struct talk *t)
{
	smtp_done(&t->smtp);
	pthread_join(t->peer.thread, NULL);
	close(t->peer.fd);
	for (size_t i = 0; i < t->peer.n; i++)
		mem_free(t->peer.lines[i]);
	auth_result_done(&t->result);
	strs_done(&t->transcript);
}

static struct secret *
make(const char *text)
{
	struct secret *s = NULL;
	struct err err;

	assert_true(secret_set(&s, text, strlen(text), &err));
	return s;
}

static char *
joined(const struct talk *t)
{
	return strs_join(&t->transcript, "\n");
}

static void
expect_transcript(const struct talk *t, const char *wanted)
{
	char *got = joined(t);

	assert_string_equal(got, wanted);
	mem_free(got);
}

static void
expect_line(const struct talk *t, size_t i, const char *start,
    const char *decoded, size_t len)
{
	size_t n = 0;
	char *bytes;
	const char *line = t->peer.lines[i];

	assert_true(i < t->peer.n);
	assert_true(str_starts(line, start));
	line += strlen(start);
	bytes = mem_alloc(strlen(line) + 1);
	assert_true(base64_decode(line, strlen(line), bytes, &n));
	assert_int_equal(n, len);
	assert_memory_equal(bytes, decoded, len);
	mem_free(bytes);
}

#define EXPECT_LINE(t, i, start, decoded) \
	expect_line(t, i, start, decoded, sizeof(decoded) - 1)

static void
test_plain(void **state)
{
	struct talk t = {.peer.replies = {"235 2.7.0 welcome\r\n"}};
	struct secret *s = make(PLANTED);

	(void)state;
	talk(&t, "LOGIN PLAIN", s, NULL);
	assert_int_equal(t.result.status, AUTH_ACCEPTED);
	assert_string_equal(t.result.mechanism, "PLAIN");
	EXPECT_LINE(&t, 0, "AUTH PLAIN ", "\0" ANNA "\0" PLANTED);
	expect_transcript(&t, "C: AUTH PLAIN [redacted]\nS: 235 2.7.0 welcome");
	end(&t);
	secret_free(s);
}

static void
test_plain_in_two_steps(void **state)
{
	struct talk t = {.peer.replies = {"334 \r\n", "535 5.7.8 no\r\n"}};
	char text[600] = "";
	struct secret *s;

	(void)state;
	memset(text, 'p', 500);
	s = make(text);
	talk(&t, "PLAIN", s, NULL);
	assert_int_equal(t.result.status, AUTH_REFUSED);
	assert_string_equal(t.peer.lines[0], "AUTH PLAIN");
	expect_transcript(&t, "C: AUTH PLAIN\nS: 334 \nC: [redacted]\n"
			      "S: 535 5.7.8 no");
	end(&t);
	secret_free(s);
}

static void
test_login(void **state)
{
	struct talk t = {.peer.replies = {"334 anything at all\r\n", "334\r\n",
			     "454 4.7.0 later\r\n"}};
	struct secret *s = make(PLANTED);

	(void)state;
	talk(&t, "CRAM-MD5 LOGIN", s, NULL);
	assert_int_equal(t.result.status, AUTH_TEMPORARY);
	assert_string_equal(t.peer.lines[0], "AUTH LOGIN");
	EXPECT_LINE(&t, 1, "", ANNA);
	EXPECT_LINE(&t, 2, "", PLANTED);
	expect_transcript(&t,
	    "C: AUTH LOGIN\nS: 334 anything at all\nC: [redacted]\nS: 334\n"
	    "C: [redacted]\nS: 454 4.7.0 later");
	end(&t);
	secret_free(s);
}

/* Refused before the secret: it never leaves. */
static void
test_login_refused_early(void **state)
{
	struct talk t = {.peer.replies = {"334 x\r\n", "535 5.7.8 who?\r\n"}};
	struct secret *s = make(PLANTED);

	(void)state;
	talk(&t, "LOGIN", s, NULL);
	assert_int_equal(t.result.status, AUTH_REFUSED);
	assert_int_equal(t.peer.n, 2);
	end(&t);
	secret_free(s);
}

static void
test_xoauth2(void **state)
{
	struct talk t = {.peer.replies = {"235 2.7.0 ok\r\n"}};
	struct secret *s = make(PLANTED);

	(void)state;
	talk(&t, "LOGIN XOAUTH2 OAUTHBEARER", NULL, s);
	assert_int_equal(t.result.status, AUTH_ACCEPTED);
	EXPECT_LINE(&t, 0, "AUTH XOAUTH2 ",
	    "user=" ANNA "\001auth=Bearer " PLANTED "\001\001");
	end(&t);
	secret_free(s);
}

#define GOOGLE_SAYS                                                            \
	"eyJzdGF0dXMiOiI0MDAiLCJzY2hlbWVzIjoiQmVhcmVyIiwic2NvcGUiOiJodHRwczov" \
	"L21haWwuZ29vZ2xlLmNvbS8ifQ=="

static void
test_xoauth2_refused(void **state)
{
	struct talk t = {
	    .peer.replies = {"334 " GOOGLE_SAYS "\r\n", "535 5.7.8 no\r\n"}};
	struct secret *s = make(PLANTED);

	(void)state;
	talk(&t, "XOAUTH2", NULL, s);
	assert_int_equal(t.result.status, AUTH_REFUSED);
	assert_string_equal(t.peer.lines[1], "");
	assert_string_equal(t.result.challenge,
	    "{\"status\":\"400\",\"schemes\":\"Bearer\",\"scope\":"
	    "\"https://mail.google.com/\"}");
	expect_transcript(&t, "C: AUTH XOAUTH2 [redacted]\nS: 334 " GOOGLE_SAYS
			      "\nC: [redacted]\nS: 535 5.7.8 no");
	end(&t);
	secret_free(s);
}

static void
test_oauthbearer(void **state)
{
	struct talk t = {.peer.replies = {"334 e30=\r\n", "535 5.7.8 no\r\n"}};
	struct secret *s = make(PLANTED);

	(void)state;
	talk(&t, "OAUTHBEARER", NULL, s);
	EXPECT_LINE(&t, 0, "AUTH OAUTHBEARER ",
	    "n,a=" ANNA ",\001host=mail.bakery.example\001port=587\001"
	    "auth=Bearer " PLANTED "\001\001");
	assert_string_equal(t.peer.lines[1], "AQ==");
	assert_string_equal(t.result.challenge, "{}");
	end(&t);
	secret_free(s);
}

/* RFC 4954 section 4: 12288 octets, after the 334. */
static void
test_long_token(void **state)
{
	struct talk t = {.peer.replies = {"334 \r\n", "235 2.7.0 ok\r\n"}};
	char *text = mem_alloc(9201);
	struct secret *s;

	(void)state;
	for (size_t i = 0; i < 9177; i++)
		text[i] = (char)('a' + (i * i / 7) % 26);
	s = make(text);
	talk(&t, "XOAUTH2", NULL, s);
	assert_int_equal(t.result.status, AUTH_ACCEPTED);
	assert_string_equal(t.peer.lines[0], "AUTH XOAUTH2");
	assert_int_equal(strlen(t.peer.lines[1]), 12288);
	end(&t);
	secret_free(s);
	mem_free(text);
}

static void
test_no_mechanism(void **state)
{
	struct talk t = {0};
	struct secret *s = make(PLANTED);

	(void)state;
	talk(&t, "CRAM-MD5 SCRAM-SHA-256 NTLM GSSAPI XOAUTH2", s, NULL);
	assert_int_equal(t.result.status, AUTH_NO_MECHANISM);
	assert_string_equal(t.result.mechanism, "");
	assert_int_equal(t.transcript.n, 0);
	end(&t);
	secret_free(s);
}

/* A server that never has enough. */
static void
test_asks_for_ever(void **state)
{
	struct talk t = {.peer.replies = {"334 \r\n", "334 \r\n", "334 \r\n",
			     "334 \r\n", "501 5.7.0 cancelled\r\n"}};
	struct secret *s = make(PLANTED);

	(void)state;
	talk(&t, "LOGIN", s, NULL);
	assert_int_equal(t.result.status, AUTH_BROKEN);
	assert_string_equal(t.peer.lines[3], "*");
	end(&t);
	secret_free(s);
}

static void
test_lost(void **state)
{
	struct talk t = {.peer.replies = {NULL}};
	struct secret *s = make(PLANTED);

	(void)state;
	talk(&t, "PLAIN", s, NULL);
	assert_int_equal(t.result.status, AUTH_BROKEN);
	assert_int_equal(t.result.reply.status, SMTP_CLOSED);
	end(&t);
	secret_free(s);
}

static void
test_strange_codes(void **state)
{
	struct talk t = {.peer.replies = {"354 go ahead\r\n"}};
	struct secret *s = make(PLANTED);

	(void)state;
	talk(&t, "PLAIN", s, NULL);
	assert_int_equal(t.result.status, AUTH_BROKEN);
	end(&t);
	secret_free(s);
}

/* ---- echoes ---- */

/* How a hostile server might send it back. */
static char *
encoded(const char *before, const char *after)
{
	char *raw = mem_printf("%s" PLANTED "%s", before, after);
	char *text = mem_alloc(base64_size(strlen(raw)));

	base64_encode(raw, strlen(raw), text);
	mem_free(raw);
	return text;
}

static void
expect_echo_hidden(const char *reply, const char *shown)
{
	struct talk t = {.peer.replies = {reply, "221 bye " PLANTED "\r\n"}};
	struct secret *s = make(PLANTED);
	char *all, *wanted;

	talk(&t, "PLAIN", s, NULL);
	smtp_quit(&t.smtp);
	wanted = mem_printf("C: AUTH PLAIN [redacted]\n%s\nC: QUIT\n"
			    "S: 221 [redacted: echo]",
	    shown);
	expect_transcript(&t, wanted);
	mem_free(wanted);
	all = strs_join(&t.result.reply.lines, "\n");
	assert_null(strstr(all, "Quokka"));
	assert_null(strstr(t.result.reply.first, "Quokka"));
	mem_free(all);
	end(&t);
	secret_free(s);
}

static void
test_echo(void **state)
{
	char *text, *reply;

	(void)state;
	expect_echo_hidden(
	    "535 5.7.8 not " PLANTED "\r\n", "S: 535 [redacted: echo]");
	expect_echo_hidden("535-5.7.8 what is\r\n535 5.7.8 " PLANTED "?\r\n",
	    "S: 535-5.7.8 what is\nS: 535 [redacted: echo]");
	expect_echo_hidden("535 5.7.8 Kx9-Quokka%3FUmbrella%3D77\r\n",
	    "S: 535 [redacted: echo]");
	/* cut in two by the end of a line */
	expect_echo_hidden("535-Kx9-Quokka?U\r\n535 mbrella=77\r\n",
	    "S: 535-[redacted: echo]\nS: 535 [redacted: echo]");
	for (int i = 0; i < 4; i++) {
		text = encoded(&"abc"[3 - i], i % 2 ? "xyz" : "");
		reply = mem_printf("535 5.7.8 bad %s\r\n", text);
		expect_echo_hidden(reply, "S: 535 [redacted: echo]");
		mem_free(text);
		mem_free(reply);
	}
}

/* In the challenge, and so in what is decoded. */
static void
test_echo_in_challenge(void **state)
{
	char *text = encoded("{\"status\":\"", "\"}");
	char *reply = mem_printf("334 %s\r\n", text);
	struct talk t = {.peer.replies = {reply, "535 5.7.8 no\r\n"}};
	struct secret *s = make(PLANTED);

	(void)state;
	talk(&t, "XOAUTH2", NULL, s);
	assert_int_equal(t.result.status, AUTH_REFUSED);
	assert_null(t.result.challenge);
	expect_transcript(&t,
	    "C: AUTH XOAUTH2 [redacted]\nS: 334 [redacted: echo]\n"
	    "C: [redacted]\nS: 535 5.7.8 no");
	end(&t);
	secret_free(s);
	mem_free(reply);
	mem_free(text);
}

/* A reply too long, cut off, or no reply at all may hold it too. */
static void
test_echo_malformed(void **state)
{
	static const char *const replies[] = {
	    PLANTED "\r\n",
	    "535 " PLANTED,
	    "535-" PLANTED "\r\n250 " PLANTED "\r\n",
	    "53 " PLANTED "\r\n",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(replies) / sizeof(replies[0]); i++) {
		struct talk t = {.peer.replies = {replies[i]}};
		struct secret *s = make(PLANTED);
		char *all;

		talk(&t, "PLAIN", s, NULL);
		all = joined(&t);
		if (strstr(all, "Quokka"))
			fail_msg("%s", all);
		mem_free(all);
		end(&t);
		secret_free(s);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_plain),
	    cmocka_unit_test(test_plain_in_two_steps),
	    cmocka_unit_test(test_login),
	    cmocka_unit_test(test_login_refused_early),
	    cmocka_unit_test(test_xoauth2),
	    cmocka_unit_test(test_xoauth2_refused),
	    cmocka_unit_test(test_oauthbearer),
	    cmocka_unit_test(test_long_token),
	    cmocka_unit_test(test_no_mechanism),
	    cmocka_unit_test(test_asks_for_ever),
	    cmocka_unit_test(test_lost),
	    cmocka_unit_test(test_strange_codes),
	    cmocka_unit_test(test_echo),
	    cmocka_unit_test(test_echo_in_challenge),
	    cmocka_unit_test(test_echo_malformed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
