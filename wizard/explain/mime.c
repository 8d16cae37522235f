/* SPDX-License-Identifier: ISC
 *
 * Headers, parts and encodings of a message, as far as a report needs them.
 */
#include "mime.h"

#include <string.h>

#include "../../probes/base/base64.h"
#include "../../probes/base/mem.h"
#include "../../probes/base/str.h"

bool
piece_line(struct piece *rest, struct piece *line)
{
	const char *end;

	if (rest->len == 0)
		return false;
	end = memchr(rest->at, '\n', rest->len);
	line->at = rest->at;
	line->len = end ? (size_t)(end - rest->at) : rest->len;
	rest->at += line->len + (end ? 1 : 0);
	rest->len -= line->len + (end ? 1 : 0);
	if (line->len > 0 && line->at[line->len - 1] == '\r')
		line->len--;
	return true;
}

void
mime_split(struct piece whole, struct piece *header, struct piece *body)
{
	struct piece rest = whole, line;

	*header = whole;
	while (piece_line(&rest, &line)) {
		if (line.len > 0)
			continue;
		header->len = (size_t)(line.at - whole.at);
		break;
	}
	*body = rest;
}

static bool
is_blank(char c)
{
	return c == ' ' || c == '\t';
}

static bool
is_field(struct piece line, const char *name)
{
	size_t len = strlen(name);
	char *start;
	bool same;

	if (line.len <= len || line.at[len] != ':')
		return false;
	start = mem_dupn(line.at, len);
	same = str_same(start, name);
	mem_free(start);
	return same;
}

static void
add_piece(struct buf *b, struct piece p)
{
	while (p.len > 0 && is_blank(*p.at)) {
		p.at++;
		p.len--;
	}
	while (p.len > 0 && is_blank(p.at[p.len - 1]))
		p.len--;
	if (p.len == 0)
		return;
	if (b->len > 0)
		buf_addc(b, ' ');
	if (p.len > b->max - b->len)
		p.len = b->max - b->len;
	buf_add(b, p.at, p.len);
}

/* Text from outside for a person: printable, the caller frees. */
static char *
take_printable(struct buf *b)
{
	char *shown = str_printable(b->data, b->len);

	buf_done(b);
	return shown;
}

char *
mime_field(struct piece header, const char *name)
{
	struct piece rest = header, line;
	bool inside = false;
	struct buf b;

	buf_init(&b, MIME_FIELD_MAX);
	for (int i = 0; i < MIME_HEADERS_MAX && piece_line(&rest, &line); i++) {
		bool goes_on = line.len > 0 && is_blank(*line.at);

		if (inside && !goes_on)
			break;
		if (!inside && is_field(line, name)) {
			inside = true;
			line.at += strlen(name) + 1;
			line.len -= strlen(name) + 1;
		}
		if (inside)
			add_piece(&b, line);
	}
	return take_printable(&b);
}

char *
mime_param(const char *value, const char *name)
{
	size_t len = strlen(name), n = 0;
	char out[256];

	for (const char *at = strchr(value, ';'); at; at = strchr(at, ';')) {
		at += 1 + strspn(at + 1, " \t");
		if (!str_starts_nocase(at, name) ||
		    at[len + strspn(at + len, " \t")] != '=')
			continue;
		at = strchr(at, '=') + 1;
		at += strspn(at, " \t");
		bool quoted = *at == '"';

		for (at += quoted; *at && n < sizeof(out) - 1; at++) {
			if (quoted ? *at == '"' : strchr("; \t", *at) != NULL)
				break;
			if (quoted && *at == '\\' && at[1])
				at++;
			out[n++] = *at;
		}
		return n > 0 ? mem_dupn(out, n) : NULL;
	}
	return NULL;
}

/* "--boundary" or "--boundary--". */
static bool
is_border(struct piece line, const char *boundary, bool *last)
{
	size_t len = strlen(boundary);

	while (line.len > 0 && is_blank(line.at[line.len - 1]))
		line.len--;
	if (line.len < len + 2 || memcmp(line.at, "--", 2) != 0 ||
	    memcmp(line.at + 2, boundary, len) != 0)
		return false;
	*last = line.len == len + 4 && memcmp(line.at + len + 2, "--", 2) == 0;
	return *last || line.len == len + 2;
}

bool
mime_part(struct piece *rest, const char *boundary, struct piece *part)
{
	struct piece line;
	bool last = false, inside = false;

	part->at = rest->at;
	while (rest->len > 0) {
		struct piece before = *rest;

		piece_line(rest, &line);
		if (!is_border(line, boundary, &last))
			continue;
		if (inside) {
			/* The border ends this part and begins the next. */
			part->len = (size_t)(line.at - part->at);
			*rest = before;
			if (last)
				rest->len = 0;
			return true;
		}
		if (last)
			return false;
		inside = true;
		part->at = rest->at;
	}
	part->len = inside ? (size_t)(rest->at - part->at) : 0;
	return inside;
}

static int
hex(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c |= 32;
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static void
decode_quoted(struct piece body, struct buf *b)
{
	for (size_t i = 0; i < body.len && !b->full; i++) {
		const char *at = body.at + i;
		size_t left = body.len - i;

		if (*at != '=') {
			buf_addc(b, *at);
		} else if (left > 1 && at[1] == '\n') {
			i++;
		} else if (left > 2 && at[1] == '\r' && at[2] == '\n') {
			i += 2;
		} else if (left > 2 && hex(at[1]) >= 0 && hex(at[2]) >= 0) {
			buf_addc(b, (char)(hex(at[1]) * 16 + hex(at[2])));
			i += 2;
		} else {
			buf_addc(b, '=');
		}
	}
}

/* Ends at the first sign that does not belong to base64. */
static void
decode_base64(struct piece body, struct buf *b)
{
	static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
				       "abcdefghijklmnopqrstuvwxyz"
				       "0123456789+/";
	struct buf packed;
	size_t len = 0;
	char *out;

	buf_init(&packed, MIME_BODY_MAX / 3 * 4);
	for (size_t i = 0; i < body.len && !packed.full; i++) {
		char c = body.at[i];

		if (c == '=' || !c)
			break;
		if (strchr(alphabet, c))
			buf_addc(&packed, c);
		else if (!strchr(" \t\r\n", c))
			break;
	}
	if (packed.len % 4 == 1)
		packed.len--;
	out = mem_alloc(packed.len + 4);
	if (base64_decode(packed.data, packed.len, out, &len))
		buf_add(b, out, len);
	mem_free(out);
	buf_done(&packed);
}

char *
mime_decode(struct piece body, const char *encoding)
{
	struct buf b;

	buf_init(&b, MIME_BODY_MAX);
	if (str_same(encoding, "base64"))
		decode_base64(body, &b);
	else if (str_same(encoding, "quoted-printable"))
		decode_quoted(body, &b);
	else
		buf_add(&b, body.at,
		    body.len < MIME_BODY_MAX ? body.len : MIME_BODY_MAX);
	for (size_t i = 0; i < b.len; i++)
		if (!b.data[i])
			b.data[i] = ' ';
	return buf_take(&b);
}
