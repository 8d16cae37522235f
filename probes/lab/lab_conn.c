/* SPDX-License-Identifier: ISC
 *
 * A connection's bytes, before and inside TLS.
 */
#include "lab_conn.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <openssl/err.h>
#include <openssl/ssl.h>

#include "../base/buf.h"
#include "../base/mem.h"

bool
lab_write(struct lab_conn *c, const char *data, size_t len)
{
	while (len > 0) {
		int part = len > 16384 ? 16384 : (int)len;
		ssize_t n;

		if (c->gone)
			return false;
		if (c->ssl != NULL)
			n = SSL_write(c->ssl, data, part);
		else
			n = send(c->fd, data, (size_t)part, MSG_NOSIGNAL);
		if (n < 0 && c->ssl == NULL && errno == EINTR)
			continue;
		if (n <= 0) {
			ERR_clear_error();
			return false;
		}
		data += n;
		len -= (size_t)n;
	}
	return true;
}

bool
lab_write_text(struct lab_conn *c, const char *text)
{
	return lab_write(c, text, strlen(text));
}

static void
add_date(struct buf *b)
{
	char text[64];
	time_t now = time(NULL);
	struct tm tm;

	gmtime_r(&now, &tm);
	strftime(text, sizeof(text), "%a, %d %b %Y %H:%M:%S +0000", &tm);
	buf_adds(b, text);
}

static void
add_line(struct lab_conn *c, struct buf *b, const char *line, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		if (len - i >= 6 && memcmp(line + i, "{date}", 6) == 0) {
			add_date(b);
			i += 5;
		} else if (len - i >= 6 && memcmp(line + i, "{host}", 6) == 0) {
			buf_adds(b, c->listener->host);
			i += 5;
		} else {
			buf_addc(b, line[i]);
		}
	}
	buf_adds(b, "\r\n");
}

bool
lab_write_lines(struct lab_conn *c, const char *text)
{
	struct buf b;
	bool ok;

	buf_init(&b, BUF_OURS);
	while (*text != '\0') {
		size_t len = strcspn(text, "\n");

		add_line(c, &b, text, len);
		text += len;
		if (*text == '\n')
			text++;
	}
	ok = lab_write(c, b.data, b.len);
	buf_done(&b);
	return ok;
}

bool
lab_write_list(struct lab_conn *c, const struct strs *lines)
{
	char *text = strs_join(lines, "\n");
	bool ok = lab_write_lines(c, text);

	mem_free(text);
	return ok;
}

bool
lab_read_more(struct lab_conn *c)
{
	size_t room = sizeof(c->in) - c->in_len;
	ssize_t n;

	if (room == 0)
		return false;
	do {
		if (c->ssl != NULL)
			n = SSL_read(c->ssl, c->in + c->in_len, (int)room);
		else
			n = recv(c->fd, c->in + c->in_len, room, 0);
	} while (n < 0 && c->ssl == NULL && errno == EINTR);
	ERR_clear_error();
	if (n <= 0)
		return false;
	c->in_len += (size_t)n;
	return true;
}

bool
lab_read_line(struct lab_conn *c, char *line, size_t size)
{
	char *end;
	size_t len;

	for (;;) {
		if (c->in_len > 0 && c->ssl == NULL && c->in[0] == 0x16) {
			lab_silence(c); /* a ClientHello is no line */
			return false;
		}
		end = memchr(c->in, '\n', c->in_len);
		if (end != NULL)
			break;
		if (!lab_read_more(c))
			return false;
	}
	len = (size_t)(end - c->in);
	if (len >= size)
		len = size - 1;
	memcpy(line, c->in, len);
	while (len > 0 && line[len - 1] == '\r')
		len--;
	line[len] = '\0';
	end++;
	c->in_len -= (size_t)(end - c->in);
	memmove(c->in, end, c->in_len);
	return true;
}

void
lab_forget_input(struct lab_conn *c)
{
	c->in_len = 0;
}

void
lab_silence(struct lab_conn *c)
{
	char waste[4096];
	ssize_t n;

	do
		n = recv(c->fd, waste, sizeof(waste), 0);
	while (n > 0 || (n < 0 && errno == EINTR));
	c->gone = true;
}

void
lab_reset(struct lab_conn *c)
{
	const struct linger now = {.l_onoff = 1, .l_linger = 0};

	setsockopt(c->fd, SOL_SOCKET, SO_LINGER, &now, sizeof(now));
	c->gone = true;
}

void
lab_sleep(int ms)
{
	poll(NULL, 0, ms);
}

/* Waits for the ClientHello, so that the fault comes where it belongs. */
static bool
await_hello(struct lab_conn *c)
{
	char hello[4096];
	struct pollfd p = {.fd = c->fd, .events = POLLIN};

	return poll(&p, 1, LAB_IDLE_S * 1000) == 1 &&
	       recv(c->fd, hello, sizeof(hello), 0) > 0;
}

static bool
handshake(struct lab_conn *c)
{
	c->ssl = SSL_new(c->listener->tls);
	if (c->ssl == NULL)
		return false;
	SSL_set_fd(c->ssl, c->fd);
	if (SSL_accept(c->ssl) == 1)
		return true;
	ERR_clear_error();
	c->gone = true;
	return false;
}

bool
lab_start_tls(struct lab_conn *c)
{
	static const char alert[] = {0x15, 3, 3, 0, 2, 2, 40};
	static const char garbage[] = "\x16\x03\x03\x00\x0flab lab lab lab";

	if (c->server->blackhole == LAB_HOLE_TLS && lab_in_hole(c)) {
		lab_silence(c);
		return false;
	}
	switch (c->server->fault) {
	case LAB_TLS_FINE:
	case LAB_TLS_OLD:
	case LAB_TLS_CLIENT_CERT:
		return handshake(c);
	case LAB_TLS_CLOSE:
		await_hello(c);
		return false;
	case LAB_TLS_RESET:
		await_hello(c);
		lab_reset(c);
		return false;
	case LAB_TLS_SILENT:
		lab_silence(c);
		return false;
	case LAB_TLS_ALERT:
		if (await_hello(c))
			lab_write(c, alert, sizeof(alert));
		return false;
	case LAB_TLS_GARBAGE:
		if (await_hello(c))
			lab_write(c, garbage, sizeof(garbage) - 1);
		return false;
	}
	return false;
}
