/* SPDX-License-Identifier: ISC
 *
 * What is it that speaks? Tables of what protocols say first, and the marks
 * of masked greetings and of sign-in pages.
 */
#include "smtp_first_bytes.h"

#include <string.h>

#include "base/mem.h"

static bool
is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static const struct opening {
	const char *bytes;
	size_t len;
	enum first_kind kind;
	const char *words;
} openings[] = {
#define SAYS(s, kind, words)                  \
	{                                     \
		s, sizeof(s) - 1, kind, words \
	}
    SAYS("* OK", FIRST_IMAP, "an IMAP server (for reading mail)"),
    SAYS("* PREAUTH", FIRST_IMAP, "an IMAP server (for reading mail)"),
    SAYS("* BYE", FIRST_IMAP, "an IMAP server (for reading mail)"),
    SAYS("+OK", FIRST_POP3, "a POP3 server (for reading mail)"),
    SAYS("-ERR", FIRST_POP3, "a POP3 server (for reading mail)"),
    SAYS("HTTP/", FIRST_HTTP, "a web server"),
    SAYS("SSH-", FIRST_OTHER, "an SSH server"),
    SAYS("RFB ", FIRST_OTHER, "a VNC server"),
    SAYS("\"IMPLEMENTATION\"", FIRST_OTHER, "a ManageSieve server"),
    SAYS("\xff\xfb", FIRST_OTHER, "a Telnet server"),
    SAYS("\xff\xfd", FIRST_OTHER, "a Telnet server"),
    SAYS("<stream:", FIRST_OTHER, "an XMPP server"),
    SAYS("\x15\x03", FIRST_TLS, "a server that wants TLS at once"),
    SAYS("\x16\x03", FIRST_TLS, "a server that wants TLS at once"),
#undef SAYS
};

static const struct opening *
find_opening(const char *data, size_t len)
{
	for (size_t i = 0; i < sizeof(openings) / sizeof(openings[0]); i++) {
		const struct opening *o = &openings[i];
		if (len >= o->len && !memcmp(data, o->bytes, o->len))
			return o;
	}
	return NULL;
}

/* Blank lines before the first words are no words. */
static void
skip_blank(const char **data, size_t *len)
{
	while (*len && strchr("\r\n\t ", **data) && **data) {
		(*data)++;
		(*len)--;
	}
}

static bool
is_html(const char *data, size_t len)
{
	static const char *const starts[] = {
	    "<!doctype", "<html", "<?xml", "<head", "<body", "<!--", "<script"};
	char *text = mem_dupn(data, len < 16 ? len : 16);
	bool found = false;

	for (size_t i = 0; i < sizeof(starts) / sizeof(starts[0]); i++)
		found |= str_starts_nocase(text, starts[i]);
	mem_free(text);
	return found;
}

int
first_bytes_code(const char *data, size_t len)
{
	skip_blank(&data, &len);
	if (len < 3 || !is_digit(data[0]) || !is_digit(data[1]) ||
	    !is_digit(data[2]))
		return 0;
	if (len > 3 && !(data[3] && strchr(" -\r\n\t", data[3])))
		return 0;
	return (data[0] - '0') * 100 + (data[1] - '0') * 10 + data[2] - '0';
}

enum first_kind
first_bytes_judge(const char *data, size_t len)
{
	skip_blank(&data, &len);
	if (!len)
		return FIRST_NOTHING;
	if (first_bytes_code(data, len) >= 200)
		return FIRST_SMTP;
	const struct opening *o = find_opening(data, len);
	if (o)
		return o->kind;
	return is_html(data, len) ? FIRST_HTTP : FIRST_OTHER;
}

const char *
first_bytes_words(const char *data, size_t len)
{
	skip_blank(&data, &len);
	const struct opening *o = find_opening(data, len);
	int code = first_bytes_code(data, len);

	if (o)
		return o->words;
	if (code == 200 || code == 201)
		return "a news (NNTP) server";
	if (code == 120)
		return "an FTP server";
	return is_html(data, len) ? "a web server" : "something unknown";
}

/*
 * Cisco PIX and ASA leave digits 2 and 0 and blanks and write an asterisk
 * over everything else. Words in between are an administrator's decoration.
 */
bool
greeting_is_masked(const struct strs *lines)
{
	size_t stars = 0, others = 0;

	for (size_t i = 0; i < lines->n; i++) {
		const char *s = lines->v[i];
		for (s += strnlen(s, 4); *s; s++) {
			if (*s == '*')
				stars++;
			else if (*s != ' ' && !is_digit(*s))
				others++;
		}
	}
	return stars >= 4 && others == 0;
}

static bool
lines_mention(const struct strs *lines, const char *const *words)
{
	for (size_t i = 0; i < lines->n; i++)
		for (size_t w = 0; words[w]; w++)
			if (str_find_nocase(lines->v[i], words[w]))
				return true;
	return false;
}

const char *
words_of_replies(const struct strs *greeting, const struct strs *ehlo,
    const struct strs *helo)
{
	static const char *const ftp[] = {"FTP", "FileZilla", NULL};
	static const char *const lmtp[] = {"LMTP", NULL};
	static const char *const smtp[] = {"SMTP", NULL};
	static const char *const asked[] = {"USER and PASS",
	    "Please login with", "Not logged in", "Log in with USER", NULL};

	if (lines_mention(ehlo, asked) || lines_mention(helo, asked))
		return "an FTP server";
	if (lines_mention(greeting, smtp))
		return NULL;
	if (lines_mention(greeting, lmtp))
		return "an LMTP server (for delivery inside a mail system)";
	return lines_mention(greeting, ftp) ? "an FTP server" : NULL;
}

/* ---------------------------------------------------------------- HTTP */

/* Does an absolute URL at `url` lead to another host than `host`? */
static bool
leads_elsewhere(const char *url, const char *host)
{
	url += strspn(url, " \t\"'");
	const char *start = strstr(url, "//");

	if (!start || strcspn(url, "\r\n \"'>") < (size_t)(start - url))
		return false;
	start += 2;
	char *other = mem_dupn(start, strcspn(start, "/:?#\r\n \"'>"));
	bool elsewhere = *other && !str_same(other, host);
	mem_free(other);
	return elsewhere;
}

/* window.location = "http://login.example/"; and its kin. */
static bool
is_moved_by_script(const char *text, const char *host)
{
	const char *at = text;

	while ((at = str_find_nocase(at, "location")) != NULL) {
		at += strlen("location");
		const char *value = at + strcspn(at, "=;(\r\n");
		if ((*value == '=' || *value == '(') &&
		    leads_elsewhere(value + 1, host))
			return true;
	}
	return false;
}

static bool
has_sign_in_form(const char *text)
{
	static const char *const signs[] = {"type=\"password\"",
	    "type='password'", "type=password", "name=\"password\"", "sign in",
	    "sign-in", "signin", "log in", "log-in", "login", "accept",
	    "voucher", "anmelden", "connexion", NULL};

	if (!str_find_nocase(text, "<form"))
		return false;
	for (size_t i = 0; signs[i]; i++)
		if (str_find_nocase(text, signs[i]))
			return true;
	return false;
}

bool
http_is_portal(const char *answer, size_t len, const char *host)
{
	char *text = str_printable(answer, len);
	bool portal = false;
	const char *code = strchr(answer, ' ');
	const char *location;
	const char *refresh;

	if (str_starts(answer, "HTTP/") && code) {
		portal = str_starts(code, " 511"); /* RFC 6585 section 6 */
		location = str_find_nocase(answer, "\nLocation:");
		if (str_starts(code, " 3") && location)
			portal |= leads_elsewhere(
			    location + strlen("\nLocation:"), host);
	}
	refresh = str_find_nocase(answer, "http-equiv=\"refresh\"");
	if (refresh) {
		const char *url = str_find_nocase(refresh, "url=");
		portal |= url && leads_elsewhere(url + 4, host);
	}
	portal |= is_moved_by_script(answer, host);
	portal |= str_find_nocase(text, "WISPAccessGateway") != NULL;
	portal |= has_sign_in_form(text);
	mem_free(text);
	return portal;
}
