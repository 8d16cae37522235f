/* SPDX-License-Identifier: ISC
 *
 * The SMTP reply reader: byte by byte on whatever arrives, everything
 * bounded. Knows no network; smtp.c, the tests and the fuzzer feed it.
 */
#include "smtp.h"

#include "../base/mem.h"

#include <stdio.h>
#include <string.h>

#define FIRST_MAX 512

void
smtp_reply_done(struct smtp_reply *r)
{
	strs_done(&r->lines);
	mem_free(r->first);
	*r = (struct smtp_reply){0};
}

struct smtp_parser {
	struct buf line; /* the current line, without its end */
	struct buf first; /* the first bytes of the reply, raw */
	struct strs lines;
	size_t total;
	int code;
	char enhanced[16];
	bool odd_controls;
};

static void
parser_start(struct smtp_parser *p)
{
	*p = (struct smtp_parser){0};
	buf_init(&p->line, SMTP_LINE_MAX);
	buf_init(&p->first, FIRST_MAX);
}

static void
parser_done(struct smtp_parser *p)
{
	/* a server may have echoed what nobody else is to see */
	secret_wipe(p->line.data, p->line.cap);
	secret_wipe(p->first.data, p->first.cap);
	buf_done(&p->line);
	buf_done(&p->first);
	strs_done(&p->lines);
}

struct smtp_parser *
smtp_parser_new(void)
{
	struct smtp_parser *p = mem_new(struct smtp_parser);

	parser_start(p);
	return p;
}

void
smtp_parser_free(struct smtp_parser *p)
{
	if (p == NULL)
		return;
	parser_done(p);
	mem_free(p);
}

static bool
is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* Does what came so far not begin like a reply? */
static bool
is_foreign(const struct smtp_parser *p)
{
	size_t n = p->first.len < 3 ? p->first.len : 3;

	for (size_t i = 0; i < n; i++) {
		char c = p->first.data[i];

		if (c == '\0' || c == '\r' || c == '\n')
			return false;
		if (!is_digit(c))
			return true;
	}
	return false;
}

static void
keep_line(struct smtp_parser *p)
{
	strs_take(&p->lines, str_printable(p->line.data, p->line.len));
	buf_drop(&p->line, p->line.len);
}

/* Hands everything over and is ready for the next reply. */
static void
finish(struct smtp_parser *p, enum smtp_status status, struct smtp_reply *reply)
{
	if (p->line.len > 0)
		keep_line(p);
	*reply = (struct smtp_reply){.status = status,
	    .code = p->code,
	    .lines = p->lines,
	    .first_len = p->first.len,
	    .odd_controls = p->odd_controls};
	memcpy(reply->enhanced, p->enhanced, sizeof(reply->enhanced));
	reply->first = buf_take(&p->first);
	p->lines = (struct strs){0};
	parser_done(p);
	parser_start(p);
}

/* One to three digits; how many, 0 for none or more. */
static size_t
short_number(const char *s)
{
	size_t n = 0;

	while (is_digit(s[n]))
		n++;
	return n <= 3 ? n : 0;
}

/* RFC 3463 section 2: class "." subject "." detail, then a blank or the end. */
static void
read_enhanced(struct smtp_parser *p, const char *text)
{
	const char *s = text;
	size_t n;

	if (p->enhanced[0] != '\0' || (*s != '2' && *s != '4' && *s != '5') ||
	    s[1] != '.')
		return;
	s += 2;
	n = short_number(s);
	if (n == 0 || s[n] != '.')
		return;
	s += n + 1;
	n = short_number(s);
	if (n == 0 || (s[n] != ' ' && s[n] != '\0'))
		return;
	s += n;
	snprintf(
	    p->enhanced, sizeof(p->enhanced), "%.*s", (int)(s - text), text);
}

/* A whole line is in p->line: RFC 5321 section 4.2. */
static bool
take_line(struct smtp_parser *p, enum smtp_status *status)
{
	const char *s = p->line.data;
	size_t len = p->line.len;
	bool is_first = p->lines.n == 0, is_last;
	int code = 0;

	*status = SMTP_MALFORMED;
	if (len < 3 || !is_digit(s[0]) || !is_digit(s[1]) || !is_digit(s[2])) {
		if (is_first)
			*status = SMTP_NOT_SMTP;
		keep_line(p);
		return true;
	}
	code = (s[0] - '0') * 100 + (s[1] - '0') * 10 + (s[2] - '0');
	if ((len > 3 && s[3] != ' ' && s[3] != '-') || code < 200 ||
	    code > 599 || (!is_first && code != p->code)) {
		keep_line(p);
		return true;
	}
	p->code = code;
	is_last = len == 3 || s[3] == ' ';
	if (len > 4)
		read_enhanced(p, s + 4);
	keep_line(p);
	*status = SMTP_OK;
	if (!is_last && p->lines.n >= SMTP_REPLY_LINES) {
		*status = SMTP_TOO_LONG;
		return true;
	}
	return is_last;
}

/* True when the reply is complete or broken. */
static bool
take_byte(struct smtp_parser *p, char c, enum smtp_status *status)
{
	p->total++;
	buf_addc(&p->first, c);
	if (c == '\n') {
		/* a bare LF ends a line as well: seen in the wild */
		if (p->line.len > 0 && p->line.data[p->line.len - 1] == '\r') {
			p->line.len--;
			p->line.data[p->line.len] = '\0';
		}
		if (memchr(p->line.data, '\r', p->line.len) != NULL)
			p->odd_controls = true;
		return take_line(p, status);
	}
	if (((unsigned char)c < 0x20 && c != '\t' && c != '\r') || c == 0x7f)
		p->odd_controls = true;
	if (!buf_addc(&p->line, c) || p->total >= SMTP_REPLY_MAX) {
		*status = p->lines.n == 0 && is_foreign(p) ? SMTP_NOT_SMTP
							   : SMTP_TOO_LONG;
		return true;
	}
	if (c == '\0') {
		*status =
		    p->lines.n == 0 && is_foreign(p) ? SMTP_NOT_SMTP : SMTP_NUL;
		return true;
	}
	return false;
}

bool
smtp_parser_feed(struct smtp_parser *p, const char *data, size_t len,
    size_t *used, struct smtp_reply *reply)
{
	enum smtp_status status;

	for (size_t i = 0; i < len; i++) {
		if (!take_byte(p, data[i], &status))
			continue;
		*used = i + 1;
		finish(p, status, reply);
		return true;
	}
	*used = len;
	return false;
}

void
smtp_parser_end(
    struct smtp_parser *p, enum smtp_status status, struct smtp_reply *reply)
{
	/* a foreign protocol need not end its lines */
	if (status != SMTP_CANCELLED && p->lines.n == 0 && is_foreign(p))
		status = SMTP_NOT_SMTP;
	finish(p, status, reply);
}
