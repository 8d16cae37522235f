/* SPDX-License-Identifier: ISC
 *
 * Fuzz target: what a server says during a sign-in. The first byte chooses
 * the mechanism; in the rest the bytes 2 to 5 stand for the secret as it is,
 * in base64, URL-encoded, and inside the response that was sent. None of
 * that may come out.
 */
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "probes/base/bug.h"
#include "probes/base/clock.h"
#include "probes/base/mem.h"
#include "probes/base/secret.h"
#include "probes/net/auth.h"
#include "tests/fuzz/target.h"

#define SECRET "Kx9-Quokka?Umbrella=77"
#define BYTES_MAX (200u << 10) /* fits into a socket's buffer */

static const char *const echoes[] = {
    SECRET,
    "S3g5LVF1b2trYT9VbWJyZWxsYT03Nw==",
    "Kx9-Quokka%3FUmbrella%3D77",
    "AGFubmEAS3g5LVF1b2trYT9VbWJyZWxsYT03Nw==",
};

static void
check(const char *text)
{
	for (size_t i = 0; i < 3; i++)
		if (strstr(text, echoes[i]))
			BUG("the secret came out: %s", text);
	for (const char *s = text; *s; s++)
		if ((unsigned char)*s < ' ' || *s == 0x7f)
			BUG("byte %d came out", *s);
}

static void
check_all(const struct strs *lines)
{
	for (size_t i = 0; i < lines->n; i++)
		check(lines->v[i]);
}

static void
say(int fd, const uint8_t *data, size_t size)
{
	struct buf b;

	buf_init(&b, BYTES_MAX);
	for (size_t i = 0; i < size; i++) {
		if (data[i] >= 2 && data[i] <= 5)
			buf_adds(&b, echoes[data[i] - 2]);
		else
			buf_addc(&b, (char)data[i]);
	}
	if (b.len && send(fd, b.data, b.len, MSG_DONTWAIT | MSG_NOSIGNAL) < 0)
		BUG("the server cannot speak");
	shutdown(fd, SHUT_WR);
	buf_done(&b);
}

static void
sign_in(int fd, const char *mechanism, const struct secret *secret)
{
	static const struct net_options options = {.connect_timeout_ms = 1000};
	const struct net net = {
	    .options = &options,
	    .deadline_ms = clock_mono_ms() + 1000,
	    .cancel_fd = -1,
	    .yield_fd = -1,
	};
	bool is_token = mechanism[0] == 'X' || mechanism[0] == 'O';
	struct strs offered = {0}, transcript = {0};
	struct auth_result result;
	struct smtp smtp;

	strs_add(&offered, mechanism);
	smtp_init(&smtp, &net, fd, &transcript);
	auth_try(&smtp, &offered, "anna", is_token ? NULL : secret,
	    is_token ? secret : NULL, "mail.bakery.example", 587, 1000,
	    &result);
	check_all(&result.reply.lines);
	check(result.reply.enhanced);
	if (result.reply.first)
		check(result.reply.first);
	if (result.challenge)
		check(result.challenge);
	smtp_quit(&smtp);
	check_all(&transcript);
	if (transcript.n > SMTP_TRANSCRIPT_LINES + 1)
		BUG("%zu lines", transcript.n);
	auth_result_done(&result);
	smtp_done(&smtp);
	strs_done(&offered);
	strs_done(&transcript);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char *const mechanisms[] = {
	    "PLAIN", "LOGIN", "XOAUTH2", "OAUTHBEARER"};
	struct secret *secret = NULL;
	struct err err;
	int fds[2], room = BYTES_MAX;

	if (size < 1 || size > 4096)
		return 0;
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds) != 0)
		return 0;
	setsockopt(fds[1], SOL_SOCKET, SO_SNDBUF, &room, sizeof(room));
	if (!secret_set(&secret, SECRET, strlen(SECRET), &err))
		BUG("%s", err.msg);
	say(fds[1], data + 1, size - 1);
	sign_in(fds[0], mechanisms[data[0] % 4], secret);
	close(fds[1]);
	secret_free(secret);
	return 0;
}
