/* SPDX-License-Identifier: ISC
 *
 * The reports of mail servers. First the fields of message/delivery-status;
 * where there are none, the words that Exchange, Exim, qmail and Postfix
 * write for people. Reading ends where the returned message begins.
 */
#include "bounce.h"

#include <string.h>

#include "../../probes/base/mem.h"
#include "../../probes/base/str.h"
#include "mime.h"

#define DEPTH_MAX 4
#define PARTS_MAX 64
#define WORDS_MAX 2048 /* bytes of one diagnostic text */

struct reader {
	struct bounce *out;
	struct buf words; /* what is written for people */
	int parts;
};

static struct bounce_recipient *
new_recipient(struct bounce *b)
{
	if (b->n < BOUNCE_RECIPIENTS)
		return &b->v[b->n++];
	b->cut = true;
	return NULL;
}

static void
clear_recipient(struct bounce_recipient *r)
{
	mem_free(r->address);
	mem_free(r->action);
	mem_free(r->status);
	mem_free(r->diagnostic);
	mem_free(r->remote);
	memset(r, 0, sizeof(*r));
}

void
bounce_done(struct bounce *b)
{
	for (size_t i = 0; i < b->n; i++)
		clear_recipient(&b->v[i]);
	memset(b, 0, sizeof(*b));
}

/* Where the words say that a server spoke, which command it answered. */
static const char *
find_stage(const char *words)
{
	static const struct {
		const char *says, *stage;
	} signs[] = {{"reply to RCPT", "rcpt"}, {"after RCPT", "rcpt"},
	    {"reply to MAIL", "mail"}, {"after MAIL", "mail"},
	    {"reply to end of DATA", "content"},
	    {"after end of data", "content"},
	    {"pipelined end of data", "content"}, {"reply to DATA", "data"},
	    {"after DATA", "data"}, {"after pipelined MAIL", "mail"},
	    {"reply to EHLO", "ehlo"}, {"reply to HELO", "ehlo"},
	    {"after EHLO", "ehlo"}, {"after initial connection", "connect"},
	    {"refused to talk to me", "connect"},
	    {"does not like recipient", "rcpt"}};

	for (size_t i = 0; i < sizeof(signs) / sizeof(signs[0]); i++)
		if (str_find_nocase(words, signs[i].says))
			return signs[i].stage;
	return NULL;
}

/* "smtp; 550 no" and "rfc822;a@b": the part behind the type. NULL if "". */
static char *
take_typed(char *value)
{
	char *semicolon = strchr(value, ';');
	char *text = value, *out;

	if (semicolon && semicolon - value < 16 &&
	    strcspn(value, " ") >= (size_t)(semicolon - value))
		text = semicolon + 1;
	text = str_trim(text);
	out = *text ? mem_dup(text) : NULL;
	mem_free(value);
	return out;
}

static char *
take_plain(char *value)
{
	char *text = str_trim(value);
	char *out = *text ? mem_dup(text) : NULL;

	mem_free(value);
	return out;
}

/* One block of fields of message/delivery-status (RFC 3464 section 2.3). */
static void
read_block(struct bounce *b, struct piece block)
{
	char *address = take_typed(mime_field(block, "Final-Recipient"));
	char *status = take_plain(mime_field(block, "Status"));
	char *diagnostic = take_typed(mime_field(block, "Diagnostic-Code"));
	struct bounce_recipient *r = NULL;

	if (!address)
		address = take_typed(mime_field(block, "Original-Recipient"));
	if (address || status || diagnostic)
		r = new_recipient(b);
	if (!r) {
		mem_free(address);
		mem_free(status);
		mem_free(diagnostic);
		return;
	}
	r->address = address;
	r->status = status;
	r->diagnostic = diagnostic;
	r->action = take_plain(mime_field(block, "Action"));
	r->remote = take_typed(mime_field(block, "Remote-MTA"));
	if (r->action)
		str_lower(r->action);
	if (diagnostic)
		r->stage = find_stage(diagnostic);
}

static void
read_status(struct bounce *b, const char *text)
{
	struct piece rest = {text, strlen(text)}, line;
	struct piece block = {rest.at, 0};

	while (piece_line(&rest, &line)) {
		if (line.len > 0)
			continue;
		block.len = (size_t)(line.at - block.at);
		read_block(b, block);
		block.at = rest.at;
	}
	block.len = (size_t)(rest.at - block.at);
	read_block(b, block);
}

static void
read_entity(struct reader *rd, struct piece whole, int depth)
{
	struct piece header, body, part;
	char *type, *encoding, *boundary;

	if (depth > DEPTH_MAX || rd->parts++ >= PARTS_MAX)
		return;
	mime_split(whole, &header, &body);
	type = mime_field(header, "Content-Type");
	encoding = mime_field(header, "Content-Transfer-Encoding");
	boundary = mime_param(type, "boundary");
	if (str_starts_nocase(type, "multipart/") && boundary) {
		while (mime_part(&body, boundary, &part))
			read_entity(rd, part, depth + 1);
	} else if (str_starts_nocase(type, "message/delivery-status") ||
		   str_starts_nocase(type, "message/global-delivery-status")) {
		char *text = mime_decode(body, encoding);

		read_status(rd->out, text);
		mem_free(text);
	} else if (!*type || str_starts_nocase(type, "text/plain")) {
		char *text = mime_decode(body, encoding);

		buf_adds(&rd->words, text);
		buf_addc(&rd->words, '\n');
		mem_free(text);
	}
	mem_free(type);
	mem_free(encoding);
	mem_free(boundary);
}

/* Here the returned message begins. */
static bool
is_end(const char *line)
{
	static const char *const ends[] = {"this is a copy of the message",
	    "below this line is a copy", "original message headers",
	    "original message follows", "----- original message",
	    "----- message header", "unsent message follows"};

	for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++)
		if (str_find_nocase(line, ends[i]))
			return true;
	return false;
}

static bool
is_address(const char *text, size_t len)
{
	const char *at = memchr(text, '@', len);

	if (len < 3 || len > 254 || !at || at == text || at + 1 == text + len)
		return false;
	for (size_t i = 0; i < len; i++)
		if (strchr(" \t<>()[],;:\"'", text[i]))
			return false;
	return true;
}

/* "<a@b>: words", "a@b", "a@b (a@b)", "  a@b:" at the start of a line. */
static char *
find_address(const char *line, const char **rest)
{
	const char *start = line + strspn(line, " \t<*");
	size_t len = strcspn(start, " \t<>(),:;");
	const char *after = start + len;

	if (!is_address(start, len))
		return NULL;
	if (*after == '>')
		after++;
	if (*after == ':')
		after++;
	else if (*after && !str_starts(after, " ("))
		return NULL;
	*rest = after;
	return mem_dupn(start, len);
}

static void
add_words(struct bounce_recipient *r, const char *line)
{
	char *longer;

	if (!*line || strlen(line) > WORDS_MAX ||
	    (r->diagnostic && strlen(r->diagnostic) + strlen(line) > WORDS_MAX))
		return;
	longer = r->diagnostic ? mem_printf("%s\n%s", r->diagnostic, line)
			       : mem_dup(line);
	mem_free(r->diagnostic);
	r->diagnostic = longer;
}

/* "Remote Server returned '550 5.1.10 ...'": the part in the quotes. */
static void
unquote_exchange(struct bounce_recipient *r)
{
	const char *said = str_find_nocase(r->diagnostic, "Server returned '");
	const char *end;
	char *inner;

	if (!said)
		return;
	said = strchr(said, '\'') + 1;
	end = strrchr(said, '\'');
	inner = mem_dupn(said, end ? (size_t)(end - said) : strlen(said));
	mem_free(r->diagnostic);
	r->diagnostic = inner;
}

static bool
has_reply(const char *words)
{
	for (const char *at = words; (at = strpbrk(at, "45")) != NULL; at++)
		if ((at == words || strchr(" \n'\"(:;#", at[-1])) &&
		    ((strspn(at, "0123456789") == 3 && strchr(" -\n", at[3])) ||
			(at[1] == '.' && strspn(at + 2, "0123456789") > 0)))
			return true;
	return false;
}

/* Which words belong to which address, line by line. */
static void
read_words(struct bounce *b, const char *text)
{
	struct piece rest = {text, strlen(text)}, line;
	struct bounce_recipient *r = NULL;

	while (piece_line(&rest, &line)) {
		char *raw = mem_dupn(line.at, line.len);
		char *shown = str_printable(raw, strlen(raw));
		const char *words = shown;
		char *address;

		mem_free(raw);
		if (is_end(shown)) {
			mem_free(shown);
			break;
		}
		address = find_address(shown, &words);
		if (address) {
			r = new_recipient(b);
			if (r)
				r->address = address;
			else
				mem_free(address);
		}
		if (r)
			add_words(r, words + strspn(words, " \t"));
		mem_free(shown);
	}
}

/* Keeps the recipients of whom something was said. */
static void
drop_silent(struct bounce *b)
{
	size_t kept = 0;

	for (size_t i = 0; i < b->n; i++) {
		struct bounce_recipient *r = &b->v[i];

		if (!r->diagnostic || !has_reply(r->diagnostic)) {
			clear_recipient(r);
			continue;
		}
		r->stage = find_stage(r->diagnostic);
		unquote_exchange(r);
		b->v[kept++] = *r;
	}
	for (size_t i = kept; i < b->n; i++)
		memset(&b->v[i], 0, sizeof(b->v[i]));
	b->n = kept;
}

#define LONE_LINES 6 /* of a reply, where no address stands in front */

/* A reply that is said of nobody in particular. */
static void
read_lone(struct bounce *b, const char *text)
{
	struct piece rest = {text, strlen(text)}, line;
	struct bounce_recipient *r = NULL;

	for (int i = 0; i < LONE_LINES && piece_line(&rest, &line);) {
		char *raw = mem_dupn(line.at, line.len);
		char *shown = str_printable(raw, strlen(raw));

		mem_free(raw);
		if (!r && has_reply(shown))
			r = new_recipient(b);
		if (is_end(shown) || (r && i > 0 && !*str_trim(shown)))
			i = LONE_LINES;
		else if (r && ++i)
			add_words(r, shown);
		mem_free(shown);
	}
	drop_silent(b);
}

/* A report whose fields lack the server's words, or that has no fields. */
static void
use_words(struct bounce *b, const char *text)
{
	struct bounce spoken = {0};

	read_words(&spoken, text);
	drop_silent(&spoken);
	if (b->n + spoken.n == 0)
		read_lone(&spoken, text);
	if (b->n == 0) {
		spoken.cut |= b->cut;
		*b = spoken;
		return;
	}
	for (size_t i = 0; i < b->n; i++)
		for (size_t j = 0; j < spoken.n; j++) {
			struct bounce_recipient *to = &b->v[i];

			if (to->diagnostic || !to->address ||
			    !str_same(to->address, spoken.v[j].address))
				continue;
			to->diagnostic = spoken.v[j].diagnostic;
			to->stage = spoken.v[j].stage;
			spoken.v[j].diagnostic = NULL;
		}
	bounce_done(&spoken);
}

/* Words that only a mail server writes when it gives a message back. */
static bool
looks_returned(const char *text)
{
	static const char *const signs[] = {"X-Failed-Recipients:",
	    "multipart/report", "Final-Recipient:", "Diagnostic-Code:",
	    "This is the qmail-send program", "MAILER-DAEMON",
	    "Remote Server returned '", "created automatically by mail deliv",
	    "Diagnostic information for administrators",
	    "could not be delivered to", "couldn't be delivered",
	    "wasn't able to deliver your message", "Undelivered Mail",
	    "Delivery Status Notification", "in reply to RCPT TO",
	    "in reply to MAIL FROM", "in reply to end of DATA",
	    "SMTP error from remote mail server"};

	for (size_t i = 0; i < sizeof(signs) / sizeof(signs[0]); i++)
		if (str_find_nocase(text, signs[i]))
			return true;
	return false;
}

static bool
has_header(const char *text)
{
	size_t name =
	    strspn(text, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
			 "0123456789-");

	return name > 1 && text[name] == ':' && text[name + 1] != '/' &&
	       (str_find_nocase(text, "\nContent-Type:") ||
		   str_find_nocase(text, "\nFrom:") ||
		   str_find_nocase(text, "\nSubject:") ||
		   str_find_nocase(text, "\nReceived:") ||
		   str_find_nocase(text, "\nX-Failed-Recipients:"));
}

static char *
take_copy(const char *text, size_t len)
{
	char *copy = mem_alloc(len + 1);

	for (size_t i = 0; i < len; i++)
		copy[i] = text[i] ? text[i] : ' ';
	return copy;
}

bool
bounce_read(const char *text, size_t len, struct bounce *out)
{
	struct reader rd = {.out = out};
	char *copy;

	memset(out, 0, sizeof(*out));
	if (len > BOUNCE_MAX) {
		len = BOUNCE_MAX;
		out->cut = true;
	}
	copy = take_copy(text, len);
	if (!looks_returned(copy)) {
		mem_free(copy);
		return false;
	}
	buf_init(&rd.words, MIME_BODY_MAX);
	if (has_header(copy)) {
		read_entity(&rd, (struct piece){copy, strlen(copy)}, 0);
	} else {
		/* Pasted without its header. */
		if (str_find_nocase(copy, "Final-Recipient:") ||
		    str_find_nocase(copy, "Diagnostic-Code:"))
			read_status(out, copy);
		buf_add(
		    &rd.words, copy, len < MIME_BODY_MAX ? len : MIME_BODY_MAX);
	}
	use_words(out, rd.words.data);
	buf_done(&rd.words);
	mem_free(copy);
	return out->n > 0;
}
