/* SPDX-License-Identifier: ISC
 *
 * SMTP commands and replies over a stream; what was seen goes to the
 * transcript, printable and cut. The replies are read in smtp_parser.c.
 */
#include "smtp.h"

#include "../base/clock.h"
#include "../base/mem.h"
#include "tcp.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>

#define CHUNK 4096
#define QUIT_MS 500
#define DISCARD_TEXT 256
#define MAX_KEYWORDS SMTP_REPLY_LINES
#define MAX_MECHANISMS 32

const char *
smtp_status_name(enum smtp_status s)
{
	switch (s) {
	case SMTP_OK:
		return "ok";
	case SMTP_TIMEOUT:
		return "timeout";
	case SMTP_CANCELLED:
		return "cancelled";
	case SMTP_CLOSED:
		return "closed";
	case SMTP_RESET:
		return "reset";
	case SMTP_ALERT:
		return "alert";
	case SMTP_NOT_SMTP:
		return "not-smtp";
	case SMTP_NUL:
		return "nul";
	case SMTP_MALFORMED:
		return "malformed";
	case SMTP_TOO_LONG:
		return "too-long";
	}
	return "unknown";
}

/* ---- the dialogue ---- */

/* One more line for the transcript, cut to its width. */
static void
note(struct smtp *s, const char *who, const char *text)
{
	size_t fit = str_fit(text, SMTP_TRANSCRIPT_COLUMNS);

	if (s->transcript == NULL || s->noted > SMTP_TRANSCRIPT_LINES)
		return;
	if (s->noted++ == SMTP_TRANSCRIPT_LINES) {
		strs_add(s->transcript, "* more lines, left out here");
		return;
	}
	strs_addf(s->transcript, "%s %.*s%s", who, (int)fit, text,
	    text[fit] != '\0' ? "..." : "");
}

void
smtp_init(
    struct smtp *s, const struct net *net, int fd, struct strs *transcript)
{
	*s = (struct smtp){.net = net, .transcript = transcript};
	s->stream = stream_new(net, fd);
	buf_init(&s->rest, STREAM_MAX_BYTES + 1);
}

void
smtp_done(struct smtp *s)
{
	stream_free(s->stream);
	secret_wipe(s->rest.data, s->rest.cap);
	buf_done(&s->rest);
	secret_forms_done(&s->hidden);
	*s = (struct smtp){0};
}

static enum smtp_status
status_of_stream(enum stream_status status)
{
	switch (status) {
	case STREAM_OK:
		return SMTP_OK;
	case STREAM_TIMEOUT:
		return SMTP_TIMEOUT;
	case STREAM_CANCELLED:
		return SMTP_CANCELLED;
	case STREAM_CLOSED:
		return SMTP_CLOSED;
	case STREAM_RESET:
		return SMTP_RESET;
	case STREAM_ALERT:
		return SMTP_ALERT;
	case STREAM_LIMIT:
		return SMTP_TOO_LONG;
	}
	return SMTP_CLOSED;
}

static void
note_reply(struct smtp *s, const struct smtp_reply *r, int timeout_ms)
{
	char text[96] = "";

	for (size_t i = 0; i < r->lines.n; i++)
		note(s, "S:", r->lines.v[i]);
	switch (r->status) {
	case SMTP_OK:
		return;
	case SMTP_TIMEOUT:
		snprintf(text, sizeof(text), "no complete reply within %.1f s",
		    (r->ms < timeout_ms ? r->ms : timeout_ms) / 1000.0);
		break;
	case SMTP_CANCELLED:
		snprintf(text, sizeof(text), "cancelled");
		break;
	case SMTP_CLOSED:
		snprintf(text, sizeof(text),
		    "the server closed the "
		    "connection");
		break;
	case SMTP_RESET:
		snprintf(text, sizeof(text), "the connection was reset");
		break;
	case SMTP_ALERT:
		snprintf(text, sizeof(text), "TLS alert %d",
		    stream_alert(s->stream));
		break;
	case SMTP_NOT_SMTP:
		snprintf(text, sizeof(text), "this is not an SMTP reply");
		break;
	case SMTP_NUL:
		snprintf(text, sizeof(text), "a NUL byte in the reply");
		break;
	case SMTP_MALFORMED:
		snprintf(text, sizeof(text), "a malformed reply");
		break;
	case SMTP_TOO_LONG:
		snprintf(text, sizeof(text), "more than is allowed in a reply");
		break;
	}
	note(s, "*", text);
}

/* Feeds what was left over last time; true when that completed a reply. */
static bool
feed_rest(struct smtp *s, struct smtp_parser *p, struct smtp_reply *r)
{
	size_t used = 0;
	bool done = smtp_parser_feed(p, s->rest.data, s->rest.len, &used, r);

	buf_drop(&s->rest, used);
	return done;
}

/* ---- what must not be seen ---- */

void
smtp_hide(struct smtp *s, const struct secret *what)
{
	secret_forms_add(&s->hidden, what);
}

/* What a line says behind its code; all of it without one. */
static const char *
words_of(const char *line)
{
	size_t digits = strspn(line, "0123456789");

	if (digits != 3 || line[3] == '\0')
		return line + (digits == 3 ? 3 : 0);
	return line + 4;
}

static void
redact(char **line)
{
	char *whole = *line;
	size_t code = (size_t)(words_of(whole) - whole);

	*line = mem_printf("%.*s[redacted: echo]", (int)code, whole);
	secret_wipe(whole, strlen(whole));
	mem_free(whole);
}

/* The same behind an enhanced code ("5.7.8 ") too. */
static const char *
words_behind_codes(const char *line)
{
	const char *words = words_of(line);
	size_t code = strspn(words, "0123456789.");

	if (code >= 5 && words[code] == ' ')
		words += code + 1;
	return words;
}

static bool
is_in_joined(const struct smtp *s, const struct smtp_reply *r,
    const char *words(const char *line))
{
	struct buf all;
	bool found;

	buf_init(&all, SMTP_REPLY_MAX * 4 + 1);
	for (size_t i = 0; i < r->lines.n; i++)
		buf_adds(&all, words(r->lines.v[i]));
	found = secret_forms_in(&s->hidden, all.data, all.len);
	secret_wipe(all.data, all.cap);
	buf_done(&all);
	return found;
}

/* Is any of it cut in two by the end of a line? */
static bool
is_in_all(const struct smtp *s, const struct smtp_reply *r)
{
	return is_in_joined(s, r, words_of) ||
	       is_in_joined(s, r, words_behind_codes);
}

/* A server may send back what it was sent; nobody needs to see that. */
static void
redact_echo(const struct smtp *s, struct smtp_reply *r)
{
	bool in_all = r->lines.n > 1 && is_in_all(s, r);

	/* All lines only when it is cut in two, not when one holds it. */
	for (size_t i = 0; in_all && i < r->lines.n; i++)
		in_all = !secret_forms_whole(
		    &s->hidden, r->lines.v[i], strlen(r->lines.v[i]));

	for (size_t i = 0; i < r->lines.n; i++) {
		char **line = &r->lines.v[i];

		if (in_all || secret_forms_in(&s->hidden, *line, strlen(*line)))
			redact(line);
	}
	secret_wipe(r->first, r->first_len);
	r->first_len = 0;
}

/* Reads until the parser is content or the stream is not. */
static void
read_reply(
    struct smtp *s, struct smtp_parser *p, struct smtp_reply *r, int64_t end_ms)
{
	bool done = feed_rest(s, p, r);

	while (!done) {
		char chunk[CHUNK];
		size_t got = 0, used = 0;
		int64_t left = end_ms - clock_mono_ms();
		enum stream_status status = stream_read(s->stream, chunk,
		    sizeof(chunk), &got, left > 0 ? (int)left : 0);

		if (status == STREAM_OK) {
			done = smtp_parser_feed(p, chunk, got, &used, r);
			buf_add(&s->rest, chunk + used, got - used);
			secret_wipe(chunk, got);
			/* a drip must not outlive its time */
			if (done || clock_mono_ms() < end_ms)
				continue;
			status = STREAM_TIMEOUT;
		}
		smtp_parser_end(p, status_of_stream(status), r);
		break;
	}
}

bool
smtp_await(struct smtp *s, int timeout_ms)
{
	char chunk[CHUNK];
	size_t got = 0;
	enum stream_status status;

	if (s->rest.len > 0)
		return true;
	status = stream_read(s->stream, chunk, sizeof(chunk), &got, timeout_ms);
	if (status == STREAM_OK)
		buf_add(&s->rest, chunk, got);
	return status != STREAM_TIMEOUT;
}

void
smtp_read(struct smtp *s, struct smtp_reply *r, int timeout_ms)
{
	int64_t start = clock_mono_ms();
	struct smtp_parser *p = smtp_parser_new();

	*r = (struct smtp_reply){0};
	read_reply(s, p, r, start + timeout_ms);
	smtp_parser_free(p);
	r->ms = (int)(clock_mono_ms() - start);
	if (s->hidden.n > 0)
		redact_echo(s, r);
	note_reply(s, r, timeout_ms);
}

/* Sends what is one line already and reads the reply. */
static void
exchange(struct smtp *s, const char *wire, size_t len, struct smtp_reply *r,
    int timeout_ms)
{
	int64_t start = clock_mono_ms();
	enum stream_status sent;
	int64_t left;

	sent = stream_write(s->stream, wire, len, timeout_ms);
	*r = (struct smtp_reply){0};
	if (sent == STREAM_TIMEOUT || sent == STREAM_CANCELLED) {
		r->status = status_of_stream(sent);
		r->first = mem_dup("");
		r->ms = (int)(clock_mono_ms() - start);
		note_reply(s, r, timeout_ms);
		return;
	}
	/* even if the server has closed: its last words may be waiting */
	left = timeout_ms - (clock_mono_ms() - start);
	smtp_read(s, r, left > 0 ? (int)left : 0);
}

void
smtp_command(
    struct smtp *s, const char *line, struct smtp_reply *r, int timeout_ms)
{
	char *clean = str_printable(line, strlen(line));
	/* one command is one line, whatever it was made of */
	char *wire = mem_printf("%.*s\r\n", (int)strcspn(line, "\r\n"), line);

	note(s, "C:", clean);
	exchange(s, wire, strlen(wire), r, timeout_ms);
	mem_free(wire);
	mem_free(clean);
}

void
smtp_secret_line(struct smtp *s, const struct secret *line, const char *shown,
    struct smtp_reply *r, int timeout_ms)
{
	const struct secret_part parts[] = {
	    {secret_text(line), secret_len(line)}, {"\r\n", 2}};
	struct secret *wire = secret_join(parts, 2);

	note(s, "C:", shown);
	exchange(s, secret_text(wire), secret_len(wire), r, timeout_ms);
	secret_free(wire);
}

void
smtp_quit(struct smtp *s)
{
	struct smtp_reply r;

	smtp_command(s, "QUIT", &r, QUIT_MS);
	smtp_reply_done(&r);
}

size_t
smtp_discard(struct smtp *s, int grace_ms, char **text)
{
	int64_t end = clock_mono_ms() + grace_ms;
	size_t total = s->rest.len;
	struct buf first;
	char chunk[CHUNK];
	size_t got = 0;

	buf_init(&first, DISCARD_TEXT);
	buf_add(
	    &first, s->rest.data, total < DISCARD_TEXT ? total : DISCARD_TEXT);
	buf_drop(&s->rest, s->rest.len);
	for (;;) {
		int64_t left = end - clock_mono_ms();
		size_t room;

		if (stream_read(s->stream, chunk, sizeof(chunk), &got,
			left > 0 ? (int)left : 0) != STREAM_OK)
			break;
		room = DISCARD_TEXT - first.len;
		buf_add(&first, chunk, got < room ? got : room);
		total += got;
		if (clock_mono_ms() >= end)
			break;
	}
	*text = str_printable(first.data, first.len);
	buf_done(&first);
	return total;
}

/* ---- EHLO ---- */

/*
 * Firewalls overwrite what they do not know, letter by letter; Cisco's leave
 * XXXXXXXA where STARTTLS stood.
 */
static bool
is_masked(const char *word)
{
	size_t len = strlen(word);
	size_t x = strspn(word, "X");

	return len >= 4 && (x == len || (x == len - 1 && word[x] == 'A'));
}

static void
add_mechanisms(struct strs *auth, const char *words)
{
	struct strs list = {0};

	strs_split(&list, words, " \t");
	for (size_t i = 0; i < list.n && auth->n < MAX_MECHANISMS; i++) {
		char *m = list.v[i];

		for (char *c = m; *c != '\0'; c++)
			if (*c >= 'a' && *c <= 'z')
				*c = (char)(*c - 'a' + 'A');
		if (!strs_has(auth, m))
			strs_add(auth, m);
	}
	strs_done(&list);
}

/* One keyword line, without code: RFC 5321 section 4.1.1.1. */
static void
read_keyword(struct smtp_ehlo *e, const char *line)
{
	size_t len = strcspn(line, " \t=");
	char *word = mem_dupn(line, len);
	const char *rest = line + len;

	while (*rest == ' ' || *rest == '\t' || *rest == '=')
		rest++;
	if (is_masked(word))
		e->masked = true;
	if (str_same(word, "STARTTLS")) {
		e->starttls = true;
	} else if (str_same(word, "AUTH")) {
		/* "AUTH=LOGIN" is what old clients looked for */
		add_mechanisms(&e->auth, rest);
	} else if (str_same(word, "SIZE")) {
		int64_t n = 0;

		if (str_number(rest, 0, INT64_MAX, &n) || *rest == '\0')
			e->size = n;
	} else if (str_same(word, "SMTPUTF8")) {
		e->smtputf8 = true;
	} else if (str_same(word, "PIPELINING")) {
		e->pipelining = true;
	}
	mem_free(word);
}

void
smtp_ehlo_read(const struct smtp_reply *r, struct smtp_ehlo *out)
{
	*out = (struct smtp_ehlo){.size = -1};
	if (r->status != SMTP_OK || r->code != 250)
		return;
	for (size_t i = 1; i < r->lines.n; i++) {
		char *copy, *line;

		if (strlen(r->lines.v[i]) <= 4 ||
		    out->keywords.n >= MAX_KEYWORDS)
			continue;
		copy = mem_dup(r->lines.v[i] + 4);
		line = str_trim(copy);
		if (*line != '\0') {
			strs_add(&out->keywords, line);
			read_keyword(out, line);
		}
		mem_free(copy);
	}
}

void
smtp_ehlo_done(struct smtp_ehlo *e)
{
	strs_done(&e->keywords);
	strs_done(&e->auth);
	*e = (struct smtp_ehlo){0};
}

/* RFC 5321 section 4.1.3: a client without a name gives its address. */
void
smtp_ehlo_name(const struct smtp *s, char *out, size_t size)
{
	struct sockaddr_storage sa = {0};
	socklen_t len = sizeof(sa);
	char text[INET6_ADDRSTRLEN] = "127.0.0.1";

	if (s->net->options->ehlo_name != NULL) {
		snprintf(out, size, "%s", s->net->options->ehlo_name);
		return;
	}
	if (getsockname(stream_fd(s->stream), (struct sockaddr *)&sa, &len) !=
	    0)
		sa.ss_family = AF_UNSPEC;
	if (sa.ss_family == AF_INET6) {
		inet_ntop(AF_INET6, &((struct sockaddr_in6 *)&sa)->sin6_addr,
		    text, sizeof(text));
		snprintf(out, size, "[IPv6:%s]", text);
		return;
	}
	if (sa.ss_family == AF_INET)
		inet_ntop(AF_INET, &((struct sockaddr_in *)&sa)->sin_addr, text,
		    sizeof(text));
	snprintf(out, size, "[%s]", text);
}
