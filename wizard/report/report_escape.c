/* SPDX-License-Identifier: ISC
 *
 * Escaping for the report formats. Control characters never get through,
 * wherever they came from.
 */
#include "report_escape.h"

#include <string.h>

static bool
is_control(char c)
{
	return (unsigned char)c < 0x20 || c == 0x7f;
}

void
escape_html(struct buf *out, const char *text)
{
	for (; *text; text++) {
		if (*text == '&')
			buf_adds(out, "&amp;");
		else if (*text == '<')
			buf_adds(out, "&lt;");
		else if (*text == '>')
			buf_adds(out, "&gt;");
		else if (*text == '"')
			buf_adds(out, "&quot;");
		else if (*text == '\'')
			buf_adds(out, "&#39;");
		else
			buf_addc(out, is_control(*text) ? ' ' : *text);
	}
}

/* Would this byte mean something to Markdown here? Bare addresses that some
 * readers turn into links count too. */
static bool
is_markdown(const char *text, size_t i)
{
	if (strchr("\\`*_[]<>|#~&$!", text[i]))
		return true;
	if (text[i] == ':' && text[i + 1] == '/')
		return true;
	if (text[i] == '.' && i >= 3 && strncmp(&text[i - 3], "www", 3) == 0)
		return true;
	/* At the start of a line: lists, rules, headings, "1." */
	if (i == 0)
		return strchr("+-=", text[0]) != NULL;
	return (text[i] == '.' || text[i] == ')') &&
	       (text[i + 1] == ' ' || !text[i + 1]) &&
	       strspn(text, "0123456789") == i;
}

void
escape_markdown(struct buf *out, const char *text)
{
	for (size_t i = 0; text[i]; i++) {
		if (is_control(text[i])) {
			buf_addc(out, ' ');
			continue;
		}
		if (is_markdown(text, i))
			buf_addc(out, '\\');
		buf_addc(out, text[i]);
	}
}
