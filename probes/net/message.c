/* SPDX-License-Identifier: ISC
 *
 * A test message's headers, and the reader that stuffs dots and makes the
 * filling of a large one on the way. What the parts say is in
 * message_parts.c.
 */
#include "message.h"

#include "../base/buf.h"
#include "../base/date.h"
#include "../base/mem.h"
#include "../base/utf8.h"
#include "message_parts.h"

#include <string.h>

#define LOCAL_MAX 64 /* RFC 5321 section 4.5.3.1.1 */
#define DOMAIN_MAX 253
#define LABEL_MAX 63
#define UNIQUE_MAX 40

struct message {
	char *id; /* owned */
	struct buf text; /* everything but the filling */
	size_t fill_at;
	size_t fill_len; /* bytes, CRLFs included */
	char fill_line[MESSAGE_FILL_LINE + 1];
	size_t at; /* of text and filling together */
	bool in_line; /* the last byte given was no line end */
	bool is_eight_bit, needs_utf8;
};

bool
message_kind_find(const char *name, enum message_kind *out)
{
	static const char *const names[] = {
	    [MESSAGE_SMALL] = "small",
	    [MESSAGE_SIZE] = "size",
	    [MESSAGE_UTF8] = "utf8",
	    [MESSAGE_ATTACHMENTS] = "attachments",
	};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		if (str_eq(names[i], name)) {
			*out = (enum message_kind)i;
			return true;
		}
	}
	return false;
}

/* ---- addresses ---- */

static bool
is_alnum(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
	       (c >= '0' && c <= '9');
}

static bool
is_atext(char c)
{
	return is_alnum(c) || (c != '\0' && strchr("!#$%&'*+-/=?^_`{|}~", c));
}

/* One ASCII character inside a quoted string; 0 when it may not stand. */
static size_t
quoted_step(const char *s, size_t len)
{
	if (s[0] == '\\')
		return len > 1 && s[1] >= 0x20 && s[1] < 0x7f ? 2 : 0;
	return s[0] >= 0x20 && s[0] < 0x7f && s[0] != '"' ? 1 : 0;
}

/* Dot-string, or the inside of a quoted string; visible UTF-8 in both. */
static bool
local_text_ok(const char *s, size_t len, bool quoted, bool *beyond_ascii)
{
	for (size_t i = 0; i < len;) {
		uint32_t c = 0;
		size_t step = utf8_read(s + i, len - i, &c);
		bool dot =
		    s[i] == '.' && i > 0 && i + 1 < len && s[i + 1] != '.';

		if (step == 0 || utf8_is_hidden(c))
			return false;
		if (c >= 0x80)
			*beyond_ascii = true;
		else if (quoted)
			step = quoted_step(s + i, len - i);
		else if (!dot && !is_atext(s[i]))
			return false;
		if (step == 0)
			return false;
		i += step;
	}
	return true;
}

static bool
local_ok(const char *s, size_t len, bool *beyond_ascii)
{
	if (len == 0 || len > LOCAL_MAX)
		return false;
	if (s[0] != '"')
		return local_text_ok(s, len, false, beyond_ascii);
	return len >= 3 && s[len - 1] == '"' &&
	       local_text_ok(s + 1, len - 2, true, beyond_ascii);
}

static bool
domain_ok(const char *s)
{
	size_t len = strlen(s), label = 0;

	if (len == 0 || len > DOMAIN_MAX)
		return false;
	for (size_t i = 0; i < len; i++) {
		bool edge = label == 0 || s[i + 1] == '.' || s[i + 1] == '\0';

		if (s[i] == '.' && label > 0 && s[i + 1] != '\0') {
			label = 0;
			continue;
		}
		if (!is_alnum(s[i]) && (s[i] != '-' || edge) && s[i] != '_')
			return false;
		if (++label > LABEL_MAX)
			return false;
	}
	return true;
}

bool
message_address_ok(const char *address, bool *beyond_ascii)
{
	const char *at = strrchr(address, '@');

	*beyond_ascii = false;
	return at != NULL &&
	       local_ok(address, (size_t)(at - address), beyond_ascii) &&
	       domain_ok(at + 1);
}

static bool
take_address(struct message *m, const char *address, struct err *err)
{
	bool beyond = false;

	if (!message_address_ok(address, &beyond)) {
		char *shown = str_printable(address, strnlen(address, 200));

		err_set(err, ERR_USAGE,
		    "\"%s\" is not an address that mail can be sent with.",
		    shown);
		mem_free(shown);
		return false;
	}
	m->needs_utf8 |= beyond;
	return true;
}

static bool
check_spec(struct message *m, const struct message_spec *s, struct err *err)
{
	size_t len = strlen(s->unique);

	if (len == 0 || len > UNIQUE_MAX)
		return err_set(
		    err, ERR_USAGE, "The message's own number is missing.");
	for (size_t i = 0; i < len; i++)
		if (!is_alnum(s->unique[i]) && s->unique[i] != '.')
			return err_set(err, ERR_USAGE,
			    "The message's own number has odd characters.");
	if (s->to->n == 0 || s->to->n > MESSAGE_MAX_TO)
		return err_set(err, ERR_LIMIT,
		    "A test message goes to 1 to %d recipients, not to %zu.",
		    MESSAGE_MAX_TO, s->to->n);
	if (s->kind == MESSAGE_SIZE &&
	    (s->size < 1 || s->size > MESSAGE_MAX_SIZE))
		return err_set(err, ERR_LIMIT,
		    "A test message has 1 to %d bytes, not %lld.",
		    MESSAGE_MAX_SIZE, (long long)s->size);
	if (!take_address(m, s->from, err))
		return false;
	for (size_t i = 0; i < s->to->n; i++)
		if (!take_address(m, s->to->v[i], err))
			return false;
	return true;
}

/* ---- headers ---- */

/* RFC 5322 section 3.3: "Mon, 23 Nov 2026 14:02:11 +0000". */
static char *
date_text(int64_t now_ms)
{
	static const char days[][4] = {
	    "Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"};
	static const char months[][4] = {"Jan", "Feb", "Mar", "Apr", "May",
	    "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
	struct date d = date_from_ms(now_ms);
	int64_t midnight = 0;
	int day;

	/* the date may have been bent into its range, so from it */
	if (!date_to_ms(
		&(struct date){.year = d.year, .month = d.month, .day = d.day},
		0, &midnight))
		midnight = 0;
	day = (int)((midnight / 86400000 % 7 + 7) % 7);
	return mem_printf("%s, %d %s %04d %02d:%02d:%02d +0000", days[day],
	    d.day, months[d.month - 1], d.year, d.hour, d.minute, d.second);
}

static void
write_headers(struct message *m, const struct message_spec *s, const char *date)
{
	struct buf *b = &m->text;

	buf_addf(b, "Date: %s\r\nFrom: %s\r\nTo: ", date, s->from);
	for (size_t i = 0; i < s->to->n; i++)
		buf_addf(b, "%s%s", i > 0 ? ",\r\n " : "", s->to->v[i]);
	buf_addf(b,
	    "\r\nMessage-ID: %s\r\nX-Mailer: smtpwiz %s\r\n"
	    "MIME-Version: 1.0\r\n",
	    m->id, s->version);
}

/*
 * As much filling as brings the whole to the size: whole lines, and a last
 * one in steps of 4 characters, as base64 has them.
 */
static void
plan_filling(struct message *m, int64_t size)
{
	size_t missing, rest;

	message_fill_line(m->fill_line);
	if (size <= (int64_t)m->text.len)
		return;
	missing = (size_t)size - m->text.len;
	rest = missing % MESSAGE_FILL_LINE;
	m->fill_len = missing - rest;
	if (rest >= 6)
		m->fill_len += (rest - 2) / 4 * 4 + 2;
}

struct message *
message_new(const struct message_spec *s, struct err *err)
{
	struct message *m = mem_new(struct message);
	struct message_body body = {.spec = s, .out = &m->text};
	char *date;

	buf_init(&m->text, BUF_OURS);
	if (!check_spec(m, s, err)) {
		message_free(m);
		return NULL;
	}
	m->id = mem_printf("<%s%s>", s->unique, strrchr(s->from, '@'));
	date = date_text(s->now_ms);
	write_headers(m, s, date);
	body.date = date;
	message_write_parts(&body);
	m->is_eight_bit = body.has_eight_bit || m->needs_utf8;
	m->fill_at = body.fill_at;
	if (s->kind == MESSAGE_SIZE)
		plan_filling(m, s->size);
	mem_free(date);
	return m;
}

void
message_free(struct message *m)
{
	if (m == NULL)
		return;
	buf_done(&m->text);
	mem_free(m->id);
	mem_free(m);
}

const char *
message_id(const struct message *m)
{
	return m->id;
}

int64_t
message_size(const struct message *m)
{
	return (int64_t)(m->text.len + m->fill_len);
}

bool
message_is_eight_bit(const struct message *m)
{
	return m->is_eight_bit;
}

bool
message_needs_utf8(const struct message *m)
{
	return m->needs_utf8;
}

/* ---- reading ---- */

static char
fill_byte(const struct message *m, size_t at)
{
	size_t column = at % MESSAGE_FILL_LINE;
	size_t line_end = at - column + MESSAGE_FILL_LINE;

	if (line_end > m->fill_len)
		line_end = m->fill_len;
	if (at + 1 == line_end)
		return '\n';
	if (at + 2 == line_end)
		return '\r';
	return m->fill_line[column];
}

static char
byte_at(const struct message *m, size_t at)
{
	if (at < m->fill_at || m->fill_len == 0)
		return m->text.data[at];
	if (at - m->fill_at < m->fill_len)
		return fill_byte(m, at - m->fill_at);
	return m->text.data[at - m->fill_len];
}

size_t
message_read(struct message *m, char *out, size_t size)
{
	size_t end = m->text.len + m->fill_len, n = 0;

	while (m->at < end && n + 2 <= size) {
		char c = byte_at(m, m->at++);

		if (c == '.' && !m->in_line)
			out[n++] = '.';
		out[n++] = c;
		m->in_line = c != '\n';
	}
	return n;
}
