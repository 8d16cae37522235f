/* SPDX-License-Identifier: ISC
 *
 * Everything on a port that is no SMTP dialogue: HTTP and its sign-in
 * pages, IMAP, POP3, and streams meant to hurt a careless reader.
 */
#include "lab_conn.h"

#include <stdio.h>
#include <string.h>

#include "../base/mem.h"

#define PORTAL_PAGE                                                          \
	"<html><head><title>Welcome</title></head><body>"                    \
	"<h1>Hotel Seeblick guest network</h1>"                              \
	"<form method=\"post\" action=\"/login\">Room <input name=\"room\">" \
	" Password <input type=\"password\" name=\"password\">"              \
	"<input type=\"submit\" value=\"Sign in\"></form></body></html>"
#define PLAIN_PAGE \
	"<html><body><h1>It works!</h1><p>A web server.</p></body></html>"

static void
http_answer(struct lab_conn *c, const char *status, const char *header,
    const char *body)
{
	char *text = mem_printf("HTTP/1.1 %s\r\nServer: lab\r\n%s"
				"Content-Type: text/html\r\n"
				"Content-Length: %zu\r\n"
				"Connection: close\r\n\r\n%s",
	    status, header, strlen(body), body);

	lab_write_text(c, text);
	mem_free(text);
}

static bool
is_request(const char *line)
{
	return str_ends(line, " HTTP/1.1") || str_ends(line, " HTTP/1.0");
}

/* Reads the first line and, of a real request, the rest. */
static bool
http_read(struct lab_conn *c, char *line, size_t size)
{
	char more[1024];

	while (c->in_len == 0 && c->ssl == NULL) {
		ssize_t n = recv(c->fd, c->in, sizeof(c->in), 0);

		if (n <= 0)
			return false;
		c->in_len = (size_t)n;
	}
	line[0] = '\0';
	/* nobody waits for the end of what is no text */
	if (c->ssl == NULL && c->in[0] == 0x16)
		return true;
	if (!lab_read_line(c, line, size))
		return false;
	while (is_request(line) && lab_read_line(c, more, sizeof(more)) &&
	       more[0] != '\0')
		;
	return true;
}

static void
http(struct lab_conn *c, enum lab_speaks kind)
{
	char line[1024];

	if (!http_read(c, line, sizeof(line)))
		return;
	if (!is_request(line)) {
		http_answer(c, "400 Bad Request", "",
		    "<html><body><h1>400 Bad Request</h1></body></html>");
	} else if (kind == LAB_HTTP_REDIRECT) {
		http_answer(c, "302 Found",
		    "Location: http://portal.hotel.example/\r\n", "");
	} else {
		http_answer(c, "200 OK", "",
		    kind == LAB_HTTP_PORTAL ? PORTAL_PAGE : PLAIN_PAGE);
	}
}

/* "fill N": a document of N bytes. */
static void
web_fill(struct lab_conn *c, const char *number)
{
	char block[4096];
	int64_t left = 0;

	if (!str_number(number, 1, SCENARIO_MAX_STREAM, &left))
		return;
	memset(block, ' ', sizeof(block));
	lab_write_text(c, "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n");
	while (left > 0) {
		size_t part = left < (int64_t)sizeof(block) ? (size_t)left
							    : sizeof(block);

		if (!lab_write(c, block, part))
			return;
		left -= (int64_t)part;
	}
}

static void
web_document(struct lab_conn *c, const char *what)
{
	char *header;
	int64_t status;

	if (str_eq(what, "silence")) {
		lab_silence(c);
	} else if (str_eq(what, "close")) {
		return;
	} else if (str_starts(what, "fill ")) {
		web_fill(c, what + 5);
	} else if (str_starts(what, "-> ")) {
		header = mem_printf("Location: %s\r\n", what + 3);
		http_answer(c, "302 Found", header, "");
		mem_free(header);
	} else if (str_number(what, 200, 599, &status)) {
		http_answer(c, what, "", "<html><body>no</body></html>");
	} else {
		http_answer(c, "200 OK", "", what);
	}
}

/* The documents of the scenario; every other path is not found. */
static void
web(struct lab_conn *c)
{
	char line[1024];
	const char *what;

	if (!http_read(c, line, sizeof(line)))
		return;
	if (!is_request(line) || !str_starts(line, "GET ")) {
		http_answer(c, "400 Bad Request", "", "");
		return;
	}
	line[4 + strcspn(line + 4, " ?")] = '\0';
	what = kvs_get(&c->server->web, line + 4);
	if (what != NULL)
		web_document(c, what);
	else
		http_answer(c, "404 Not Found", "", "<html>not here</html>");
}

static void
imap(struct lab_conn *c)
{
	char line[1024], tag[32];

	lab_write_lines(c,
	    "* OK [CAPABILITY IMAP4rev1 STARTTLS LOGINDISABLED] {host} ready");
	while (lab_read_line(c, line, sizeof(line))) {
		char *reply;
		bool ok;

		snprintf(
		    tag, sizeof(tag), "%.*s", (int)strcspn(line, " "), line);
		reply = mem_printf("%s BAD Unknown command", tag);
		ok = lab_write_lines(c, reply);
		mem_free(reply);
		if (!ok)
			return;
	}
}

static void
pop3(struct lab_conn *c)
{
	char line[1024];

	lab_write_lines(c, "+OK {host} POP3 server ready");
	while (lab_read_line(c, line, sizeof(line))) {
		bool ends = str_starts_nocase(line, "QUIT");

		if (!lab_write_lines(c, ends ? "+OK bye" : "-ERR unknown") ||
		    ends)
			return;
	}
}

static void
endless_banner(struct lab_conn *c)
{
	while (lab_write_text(c, "220-Wait, there is more to say\r\n"))
		;
}

static void
drip(struct lab_conn *c)
{
	static const char text[] = "220 this server is in no hurry ";

	for (size_t i = 0;; i = (i + 1) % (sizeof(text) - 1)) {
		if (!lab_write(c, text + i, 1))
			return;
		lab_sleep(c->server->drip_ms);
	}
}

static void
long_line(struct lab_conn *c)
{
	char block[4096];
	int64_t left = c->server->long_line;

	memset(block, 'A', sizeof(block));
	if (!lab_write_text(c, "220 "))
		return;
	while (left > 0) {
		size_t part = left < (int64_t)sizeof(block) ? (size_t)left
							    : sizeof(block);

		if (!lab_write(c, block, part))
			return;
		left -= (int64_t)part;
	}
	lab_write_text(c, "\r\n");
	lab_silence(c);
}

static void
binary(struct lab_conn *c)
{
	char block[256];

	for (int i = 0; i < 256; i++)
		block[i] = (char)(unsigned char)(255 - i);
	lab_write(c, block, sizeof(block));
	lab_silence(c);
}

static void
raw(struct lab_conn *c)
{
	lab_write_text(c, c->server->raw);
	if (c->server->then == LAB_THEN_WAIT)
		lab_silence(c);
}

static void
nul(struct lab_conn *c)
{
	static const char text[] = "220 mail\0.lab ESMTP\r\n";

	lab_write(c, text, sizeof(text) - 1);
	lab_silence(c);
}

static bool
spoken(struct lab_conn *c)
{
	switch (c->server->speaks) {
	case LAB_SMTP:
		return false;
	case LAB_IMAP:
		imap(c);
		return true;
	case LAB_POP3:
		pop3(c);
		return true;
	case LAB_HTTP_REDIRECT:
	case LAB_HTTP_PAGE:
	case LAB_HTTP_PORTAL:
		http(c, c->server->speaks);
		return true;
	case LAB_WEB:
		web(c);
		return true;
	}
	return false;
}

bool
lab_other(struct lab_conn *c)
{
	const struct lab_server *s = c->server;

	if (s->raw != NULL)
		raw(c);
	else if (s->nul)
		nul(c);
	else if (s->binary)
		binary(c);
	else if (s->drip_ms > 0)
		drip(c);
	else if (s->long_line > 0)
		long_line(c);
	else if (s->endless == LAB_ENDLESS_BANNER)
		endless_banner(c);
	else
		return spoken(c);
	return true;
}
