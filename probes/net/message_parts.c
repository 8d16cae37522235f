/* SPDX-License-Identifier: ISC
 *
 * What test messages say. Whoever gets one by surprise must see at once
 * what it is, who agreed to it, and that it can be thrown away.
 */
#include "message_parts.h"

#include "../base/base64.h"
#include "../base/buf.h"
#include "../base/mem.h"
#include "../base/utf8.h"

#include <stdio.h>
#include <string.h>

#define BASE64_LINE 57 /* bytes that make 76 characters (RFC 2045) */
#define WORD_BYTES 42 /* of an encoded word, at most 75 (RFC 2047) */

static const unsigned char picture[] = {0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a,
    0x1a, 0x0a, 0x00, 0x00, 0x00, 0x0d, 0x49, 0x48, 0x44, 0x52, 0x00, 0x00,
    0x00, 0x08, 0x00, 0x00, 0x00, 0x08, 0x01, 0x00, 0x00, 0x00, 0x00, 0xec,
    0x74, 0x83, 0x26, 0x00, 0x00, 0x00, 0x0e, 0x49, 0x44, 0x41, 0x54, 0x78,
    0xda, 0x63, 0x08, 0x65, 0x58, 0xc5, 0x80, 0x84, 0x01, 0x1e, 0x9c, 0x03,
    0xfd, 0x70, 0x15, 0xc9, 0x90, 0x00, 0x00, 0x00, 0x00, 0x49, 0x45, 0x4e,
    0x44, 0xae, 0x42, 0x60, 0x82};

/* One page with one line; the offsets in the table are exact. */
static const char pdf[] =
    "%PDF-1.4\n"
    "1 0 obj\n"
    "<< /Type /Catalog /Pages 2 0 R >>\n"
    "endobj\n"
    "2 0 obj\n"
    "<< /Type /Pages /Kids [3 0 R] /Count 1 >>\n"
    "endobj\n"
    "3 0 obj\n"
    "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 200 100] /Contents 4 0 R "
    "/Resources << /Font << /F1 5 0 R >> >> >>\n"
    "endobj\n"
    "4 0 obj\n"
    "<< /Length 47 >>\n"
    "stream\n"
    "BT /F1 12 Tf 20 50 Td (smtpwiz test page) Tj ET\n"
    "endstream\n"
    "endobj\n"
    "5 0 obj\n"
    "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>\n"
    "endobj\n"
    "xref\n"
    "0 6\n"
    "0000000000 65535 f \n"
    "0000000009 00000 n \n"
    "0000000058 00000 n \n"
    "0000000115 00000 n \n"
    "0000000241 00000 n \n"
    "0000000338 00000 n \n"
    "trailer\n"
    "<< /Size 6 /Root 1 0 R >>\n"
    "startxref\n"
    "408\n"
    "%%EOF\n";

static const char about_formats[] =
    "Old versions of Outlook can send in three formats:\r\n"
    "\r\n"
    "Plain text  read by every program, as this file.\r\n"
    "HTML        read by nearly every program; the usual choice.\r\n"
    "Rich Text   Outlook's own. Others get a file winmail.dat (TNEF) with\r\n"
    "            text and attachments packed inside, and cannot open it.\r\n"
    "\r\n"
    "Recipients who see winmail.dat: in Outlook choose File, Options, Mail,\r\n"
    "\"Compose messages in this format: HTML\", and below, under \"Message\r\n"
    "format\", convert Rich Text sent to internet recipients to HTML.\r\n"
    "\r\n"
    "This message holds no winmail.dat: it only shows which attachments\r\n"
    "come through.\r\n"
    ". This line begins with a dot, and so does the next.\r\n"
    ".\r\n"
    "If both are there, the message came through as it was sent.\r\n";

static const char fill_text[] =
    "This attachment only fills the message up to that size.\r\n";

_Static_assert(sizeof(fill_text) - 1 == BASE64_LINE, "one line of base64");

void
message_fill_line(char out[MESSAGE_FILL_LINE + 1])
{
	base64_encode(fill_text, BASE64_LINE, out);
	memcpy(out + MESSAGE_FILL_LINE - 2, "\r\n", 3);
}

static void
write_base64(struct buf *out, const void *data, size_t len)
{
	const char *at = data;

	while (len > 0) {
		size_t n = len < BASE64_LINE ? len : BASE64_LINE;
		char line[MESSAGE_FILL_LINE + 1];

		base64_encode(at, n, line);
		buf_addf(out, "%s\r\n", line);
		at += n;
		len -= n;
	}
}

/* RFC 2047: words of at most 75 characters, never split inside one. */
static void
write_subject(struct buf *out, const char *text)
{
	size_t len = strlen(text);
	const char *sep = " ";

	buf_adds(out, "Subject:");
	while (len > 0) {
		char word[80];
		size_t n = 0;

		while (n < len) {
			uint32_t c;
			size_t step = utf8_read(text + n, len - n, &c);

			if (step == 0 || n + step > WORD_BYTES)
				break;
			n += step;
		}
		if (n == 0)
			break; /* ours is always valid */
		base64_encode(text, n, word);
		buf_addf(out, "%s=?utf-8?B?%s?=", sep, word);
		sep = "\r\n ";
		text += n;
		len -= n;
	}
	buf_adds(out, "\r\n");
}

static void
open_multipart(struct message_body *b, const char *kind)
{
	buf_addf(b->out,
	    "Content-Type: multipart/%s;\r\n boundary=\"=_smtpwiz_%s\"\r\n\r\n"
	    "This message has several parts (MIME).\r\n",
	    kind, b->spec->unique);
}

static void
open_part(struct message_body *b)
{
	buf_addf(b->out, "--=_smtpwiz_%s\r\n", b->spec->unique);
}

static void
close_multipart(struct message_body *b)
{
	buf_addf(b->out, "--=_smtpwiz_%s--\r\n", b->spec->unique);
}

/* The headers and the text of a part (or of a message without parts). */
static void
write_ascii(struct message_body *b, const char *more, const char *text)
{
	buf_addf(b->out,
	    "Content-Type: text/plain; charset=us-ascii\r\n"
	    "Content-Transfer-Encoding: 7bit\r\n%s\r\n%s",
	    more, text);
}

static void
write_utf8(struct message_body *b, const char *type, const char *text)
{
	buf_addf(b->out,
	    "Content-Type: %s; charset=utf-8\r\n"
	    "Content-Transfer-Encoding: %s\r\n\r\n",
	    type, b->spec->eight_bit ? "8bit" : "base64");
	if (b->spec->eight_bit) {
		buf_adds(b->out, text);
		b->has_eight_bit = true;
	} else {
		write_base64(b->out, text, strlen(text));
	}
}

static void
write_file(struct message_body *b, const char *type, const char *name,
    const void *data, size_t len)
{
	open_part(b);
	buf_addf(b->out,
	    "Content-Type: %s;\r\n name=\"%s\"\r\n"
	    "Content-Transfer-Encoding: base64\r\n"
	    "Content-Disposition: attachment;\r\n filename=\"%s\"\r\n\r\n",
	    type, name, name);
	write_base64(b->out, data, len);
}

/* What every message says first. The caller frees. */
static char *
explanation(const struct message_body *b)
{
	return mem_printf(
	    "This is a test message.\r\n"
	    "\r\n"
	    "It was sent by smtpwiz, a program that finds out why mail does\r\n"
	    "not go out, on %s.\r\n"
	    "The person with the address in \"From\" agreed to that.\r\n"
	    "\r\n"
	    "It can be deleted, and nobody needs to answer it.\r\n"
	    "\r\n"
	    "smtpwiz %s\r\n",
	    b->date, b->spec->version);
}

static void
write_small(struct message_body *b, const char *text)
{
	buf_adds(b->out, "Subject: smtpwiz test message\r\n");
	write_ascii(b, "", text);
}

static void
write_sized(struct message_body *b, const char *text)
{
	buf_addf(b->out, "Subject: smtpwiz test message of %lld bytes\r\n",
	    (long long)b->spec->size);
	open_multipart(b, "mixed");
	open_part(b);
	write_ascii(b, "", text);
	write_file(b, "text/plain", "smtpwiz-size.txt", "", 0);
	b->fill_at = b->out->len;
	close_multipart(b);
}

static void
write_beyond_ascii(struct message_body *b, const char *text)
{
	static const char sample[] =
	    "Grüße aus Köln, à bientôt, Żółć, Ελληνικά, Привет, 日本語, €, "
	    "🙂";
	char *plain = mem_printf("%s\r\n%s\r\n", text, sample);
	char *html =
	    mem_printf("<!DOCTYPE html>\r\n<html lang=\"en\">\r\n"
		       "<head><title>smtpwiz test message</title></head>\r\n"
		       "<body>\r\n<pre>\r\n%s</pre>\r\n<p>%s</p>\r\n"
		       "</body>\r\n</html>\r\n",
		text, sample);

	write_subject(
	    b->out, "smtpwiz test message: Grüße, äöüß, Żółć, Привет, 日本語");
	open_multipart(b, "alternative");
	open_part(b);
	write_utf8(b, "text/plain", plain);
	open_part(b);
	write_utf8(b, "text/html", html);
	close_multipart(b);
	mem_free(plain);
	mem_free(html);
}

static void
write_attachments(struct message_body *b, const char *text)
{
	buf_adds(b->out, "Subject: smtpwiz test message with attachments\r\n");
	open_multipart(b, "mixed");
	open_part(b);
	write_ascii(b, "", text);
	open_part(b);
	write_ascii(b,
	    "Content-Disposition: attachment;\r\n"
	    " filename=\"about-winmail-dat.txt\"\r\n",
	    about_formats);
	write_file(b, "image/png", "smtpwiz.png", picture, sizeof(picture));
	write_file(b, "application/pdf", "smtpwiz.pdf", pdf, sizeof(pdf) - 1);
	close_multipart(b);
}

void
message_write_parts(struct message_body *b)
{
	char *text = explanation(b);

	switch (b->spec->kind) {
	case MESSAGE_SMALL:
		write_small(b, text);
		break;
	case MESSAGE_SIZE:
		write_sized(b, text);
		break;
	case MESSAGE_UTF8:
		write_beyond_ascii(b, text);
		break;
	case MESSAGE_ATTACHMENTS:
		write_attachments(b, text);
		break;
	}
	mem_free(text);
}
