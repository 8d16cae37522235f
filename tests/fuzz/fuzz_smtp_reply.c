/* SPDX-License-Identifier: ISC
 *
 * Fuzz target: what a mail server says, cut into pieces as the network may
 * cut it. The first byte is the size of the pieces.
 */
#include <string.h>

#include "probes/base/bug.h"
#include "probes/net/smtp.h"
#include "tests/fuzz/target.h"

static void
check_printable(const struct strs *lines)
{
	for (size_t i = 0; i < lines->n; i++)
		for (const char *s = lines->v[i]; *s; s++)
			if ((unsigned char)*s < ' ' || *s == 0x7f)
				BUG("byte %d reached a line", *s);
}

static void
check_reply(const struct smtp_reply *reply)
{
	struct smtp_ehlo ehlo = {0};

	if (reply->lines.n > SMTP_REPLY_LINES + 1)
		BUG("%zu lines", reply->lines.n);
	if (reply->status == SMTP_OK && (reply->code < 0 || reply->code > 999))
		BUG("code %d", reply->code);
	check_printable(&reply->lines);
	smtp_ehlo_read(reply, &ehlo);
	check_printable(&ehlo.keywords);
	check_printable(&ehlo.auth);
	smtp_ehlo_done(&ehlo);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (size < 2)
		return 0;
	size_t piece = data[0] ? data[0] : size;
	const char *at = (const char *)data + 1;
	struct smtp_parser *parser = smtp_parser_new();
	bool going = true;

	for (size_t left = size - 1; going && left > 0;) {
		struct smtp_reply reply = {0};
		size_t used = 0, len = piece < left ? piece : left;
		bool done = smtp_parser_feed(parser, at, len, &used, &reply);
		if (used > len || used == 0)
			BUG("%zu of %zu bytes were used", used, len);
		at += used;
		left -= used;
		if (!done)
			continue;
		check_reply(&reply);
		going = reply.status == SMTP_OK;
		smtp_reply_done(&reply);
	}
	smtp_parser_free(parser);
	return 0;
}
