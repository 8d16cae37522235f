/* SPDX-License-Identifier: ISC
 *
 * An Outlook profile as regedit exports it. Each account is a key of eight
 * digits below ...\9375CFF0413111d3B88A00104B2A6676 of a profile; its texts
 * are REG_SZ, or REG_BINARY in UTF-16. Only the values named here are ever
 * decoded: the stored passwords are not among them.
 */
#include "import_in.h"

#include <string.h>

#include "../../probes/base/mem.h"

#define ACCOUNTS_KEY "\\9375CFF0413111d3B88A00104B2A6676\\"
#define BINARY_MAX 2048 /* bytes of one value that are looked at */

/* Outlook's accounts by clsid: POP3 ...411, IMAP ...412; ...414 is one of
 * MAPI, which "Service Name" tells apart (MSEMS is Exchange, CONTAB and
 * others are no mail accounts). */
enum value {
	ACCOUNT_NAME,
	EMAIL,
	SERVICE_NAME,
	SMTP_SERVER,
	SMTP_PORT,
	SMTP_SECURE,
	SMTP_SSL,
	SMTP_AUTH,
	SMTP_USER,
	IMAP_SERVER,
	IMAP_PORT,
	IMAP_SECURE,
	IMAP_SSL,
	IMAP_USER,
	POP3_SERVER,
	POP3_PORT,
	POP3_SECURE,
	POP3_SSL,
	POP3_USER,
	VALUES,
};

static const struct {
	const char *name;
	enum value value;
} names[] = {
    {"Account Name", ACCOUNT_NAME},
    {"Email", EMAIL},
    {"Service Name", SERVICE_NAME},
    {"SMTP Server", SMTP_SERVER},
    {"SMTP Port", SMTP_PORT},
    {"SMTP Secure Connection", SMTP_SECURE},
    {"SMTP Use SSL", SMTP_SSL},
    {"SMTP Use Auth", SMTP_AUTH},
    {"SMTP User Name", SMTP_USER},
    {"SMTP User", SMTP_USER},
    {"IMAP Server", IMAP_SERVER},
    {"IMAP Port", IMAP_PORT},
    {"IMAP Secure Connection", IMAP_SECURE},
    {"IMAP Use SSL", IMAP_SSL},
    {"IMAP User", IMAP_USER},
    {"IMAP User Name", IMAP_USER},
    {"POP3 Server", POP3_SERVER},
    {"POP3 Port", POP3_PORT},
    {"POP3 Secure Connection", POP3_SECURE},
    {"POP3 Use SSL", POP3_SSL},
    {"POP3 User", POP3_USER},
    {"POP3 User Name", POP3_USER},
};

/* The account whose values are being read. */
struct account {
	bool open;
	char *profile; /* owned */
	char *texts[VALUES]; /* owned or NULL */
	int64_t numbers[VALUES]; /* -1: not there */
};

static void
account_start(struct account *a)
{
	for (int i = 0; i < VALUES; i++) {
		mem_free(a->texts[i]);
		a->texts[i] = NULL;
		a->numbers[i] = -1;
	}
	mem_free(a->profile);
	a->profile = NULL;
	a->open = false;
}

/*
 * "SMTP Secure Connection" as in the .prf map 0x020A: 0 none, 1 SSL,
 * 2 TLS (STARTTLS), 3 auto. Not in a published reference: own knowledge,
 * medium certainty. "SMTP Use SSL" alone is from before 2007; it meant
 * STARTTLS on port 25 and SSL elsewhere.
 */
static const char *
security_of(int64_t secure, int64_t ssl, int64_t port)
{
	static const char *const words[] = {
	    "none", "implicit-tls", "starttls", "auto"};

	if (secure >= 0 && secure <= 3)
		return words[secure];
	if (ssl == 1)
		return port == 465 ? "implicit-tls" : "auto";
	return ssl == 0 ? "none" : NULL;
}

static void
put_incoming(struct imported_account *to, const struct account *a, bool imap)
{
	int64_t port = a->numbers[imap ? IMAP_PORT : POP3_PORT];
	int64_t ssl = a->numbers[imap ? IMAP_SSL : POP3_SSL];
	int64_t secure = a->numbers[imap ? IMAP_SECURE : POP3_SECURE];

	import_put(to, "import.in_type", imap ? "imap" : "pop");
	import_put(
	    to, "import.in_host", a->texts[imap ? IMAP_SERVER : POP3_SERVER]);
	import_put_port(to, "import.in_port", port);
	import_put(to, "import.in_security", security_of(secure, ssl, port));
	import_put(
	    to, "import.in_username", a->texts[imap ? IMAP_USER : POP3_USER]);
	import_put(to, "account.type", imap ? "imap" : "pop");
}

static void
put_smtp(struct imported_account *to, const struct account *a)
{
	const char *user = a->texts[SMTP_USER];

	if (!user)
		user = a->texts[IMAP_USER] ? a->texts[IMAP_USER]
					   : a->texts[POP3_USER];
	import_put(to, "app.host", a->texts[SMTP_SERVER]);
	import_put_port(to, "app.port", a->numbers[SMTP_PORT]);
	import_put(to, "app.security",
	    security_of(a->numbers[SMTP_SECURE], a->numbers[SMTP_SSL],
		a->numbers[SMTP_PORT]));
	/* Where it is missing nothing is said: it is asked. */
	if (a->numbers[SMTP_AUTH] >= 0)
		import_put(to, "app.auth",
		    a->numbers[SMTP_AUTH] == 0 ? "none" : "password");
	if (a->numbers[SMTP_AUTH] != 0)
		import_put(to, "account.username", user);
}

static const char *
name_of(const struct account *a)
{
	if (a->texts[ACCOUNT_NAME])
		return a->texts[ACCOUNT_NAME];
	return a->texts[EMAIL] ? a->texts[EMAIL] : "account";
}

/* The key has ended: is it an account that sends? */
static bool
account_end(struct reader *r, struct account *a, struct imported *im)
{
	bool is_exchange = str_same(a->texts[SERVICE_NAME], "MSEMS");
	struct imported_account *to;
	char *name;
	bool is_twice = false;

	if (!a->open || (!a->texts[SMTP_SERVER] && !is_exchange))
		return true;
	for (size_t i = 0; i < im->n; i++)
		is_twice = is_twice || str_same(im->v[i].name, name_of(a));
	name = is_twice ? mem_printf("%s (profile %s)", name_of(a), a->profile)
			: mem_dup(name_of(a));
	to = import_add(r, im, name);
	mem_free(name);
	if (!to)
		return false;
	import_put(to, "app.name", "outlook-classic");
	import_put(to, "account.email", a->texts[EMAIL]);
	if (!a->texts[EMAIL])
		import_put(to, "account.email", a->texts[ACCOUNT_NAME]);
	if (is_exchange) {
		import_put(to, "account.type", "exchange");
		return true;
	}
	put_smtp(to, a);
	if (a->texts[IMAP_SERVER] || a->texts[POP3_SERVER])
		put_incoming(to, a, a->texts[IMAP_SERVER] != NULL);
	return true;
}

static bool
is_account_number(const char *s, size_t len)
{
	return len == 8 && strspn(s, "0123456789abcdefABCDEF") >= 8;
}

/* "[HKEY_...\Profiles\NAME\9375...\00000002]": opens an account. */
static bool
read_key(struct reader *r, struct account *a, const char *line, size_t len)
{
	char *path, *mark;

	while (len > 0 && (line[len - 1] == ' ' || line[len - 1] == '\t'))
		len--;
	if (len < 2 || line[len - 1] != ']')
		return reader_bad(r, "a key without a ] at its end.");
	path = mem_dupn(line + 1, len - 2);
	mark = (char *)str_find_nocase(path, ACCOUNTS_KEY);
	if (mark && path[0] != '-') {
		const char *number = mark + strlen(ACCOUNTS_KEY);

		*mark = '\0';
		a->open = is_account_number(number, strlen(number));
		if (a->open)
			a->profile = mem_dup(strrchr(path, '\\')
						 ? strrchr(path, '\\') + 1
						 : path);
	}
	mem_free(path);
	return true;
}

/* A text in quotes with \\ and \": its copy, and where it ends. */
static char *
read_quoted(const char *p, const char *end, const char **after)
{
	char *out = mem_alloc((size_t)(end - p) + 1), *to = out;

	for (p++; p < end && *p != '"'; p++) {
		if (*p == '\\' && p + 1 < end)
			p++;
		*to++ = *p;
	}
	*after = p < end ? p + 1 : NULL;
	return out;
}

static int
hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

/* UTF-16 when it ends in a wide NUL or most of its second bytes are 0. */
static bool
is_wide(const char *bytes, size_t len)
{
	size_t zeros = 0;

	if (len < 2 || len % 2 != 0)
		return false;
	for (size_t i = 1; i < len; i += 2)
		zeros += bytes[i] == '\0';
	return zeros * 2 > len / 2 ||
	       (bytes[len - 1] == '\0' && bytes[len - 2] == '\0');
}

static char *
text_of(const char *bytes, size_t len)
{
	size_t out_len = 0;
	char *text;

	if (is_wide(bytes, len))
		text = import_from_utf16(bytes, len, &out_len);
	else if (import_is_utf8(bytes, len))
		text = mem_dupn(bytes, len);
	else
		text = import_from_latin1(bytes, len, &out_len);
	return text;
}

/* "31,00,\" over several lines. Stops reading on at BINARY_MAX. */
static bool
read_hex(
    struct reader *r, const char *p, const char *end, char *bytes, size_t *len)
{
	for (;;) {
		while (p < end && (*p == ' ' || *p == '\t'))
			p++;
		if (p < end && *p == '\\') {
			size_t n;

			if (!reader_line(r, &p, &n))
				return reader_bad(
				    r, "the file ends inside a value.");
			end = p + n;
			continue;
		}
		if (p == end)
			return true;
		if (end - p < 2 || hex_digit(p[0]) < 0 || hex_digit(p[1]) < 0)
			return reader_bad(
			    r, "two hexadecimal digits were expected.");
		if (*len < BINARY_MAX)
			bytes[(*len)++] =
			    (char)(hex_digit(p[0]) << 4 | hex_digit(p[1]));
		p += 2;
		if (p < end && *p == ',')
			p++;
	}
}

static bool
read_number(struct reader *r, const char *p, const char *end, int64_t *out)
{
	int64_t n = 0;

	if (end - p != 8)
		return reader_bad(r, "a dword has eight hexadecimal digits.");
	for (; p < end; p++) {
		if (hex_digit(*p) < 0)
			return reader_bad(
			    r, "a dword has eight hexadecimal digits.");
		n = n << 4 | hex_digit(*p);
	}
	*out = n;
	return true;
}

static bool
starts(const char *p, const char *end, const char *word)
{
	size_t len = strlen(word);

	return (size_t)(end - p) >= len && memcmp(p, word, len) == 0;
}

static void
take_text(struct account *a, enum value v, char *text)
{
	mem_free(a->texts[v]);
	a->texts[v] = *text ? text : NULL;
	if (!*text)
		mem_free(text);
}

/* What stands behind the = of a value that is wanted. */
static bool
read_data(struct reader *r, struct account *a, enum value v, const char *p,
    const char *end)
{
	char bytes[BINARY_MAX];
	size_t len = 0;
	const char *colon;

	if (p < end && *p == '"') {
		char *text = read_quoted(p, end, &p);

		if (!p) {
			mem_free(text);
			return reader_bad(r, "a text without its end quote.");
		}
		take_text(a, v, text);
		return true;
	}
	if (starts(p, end, "dword:"))
		return read_number(r, p + 6, end, &a->numbers[v]);
	if (p < end && *p == '-') /* the value is deleted */
		return true;
	colon = memchr(p, ':', (size_t)(end - p));
	if (!starts(p, end, "hex") || !colon)
		return reader_bad(r,
		    "this value is no text, dword or hex of a registry file.");
	if (!read_hex(r, colon + 1, end, bytes, &len))
		return false;
	if (len == 4 && starts(p, end, "hex(4)"))
		a->numbers[v] =
		    (unsigned char)bytes[0] | (unsigned char)bytes[1] << 8;
	else
		take_text(a, v, text_of(bytes, len));
	return true;
}

/* Is the quoted text that begins at p closed before end? */
static bool
is_closed(const char *p, const char *end)
{
	for (; p < end && *p != '"'; p++)
		if (*p == '\\')
			p++;
	return p < end;
}

/* Passes over a value that is not wanted, with the lines it goes on for. */
static bool
skip_data(struct reader *r, const char *p, const char *end)
{
	bool is_hex = starts(p, end, "hex");
	size_t len = (size_t)(end - p);

	if (p < end && *p == '"') {
		for (p++; !is_closed(p, end); end = p + len)
			if (!reader_line(r, &p, &len))
				return reader_bad(
				    r, "a text without its end quote.");
		return true;
	}
	while (is_hex && len > 0 && p[len - 1] == '\\')
		if (!reader_line(r, &p, &len))
			return reader_bad(r, "the file ends inside a value.");
	return true;
}

static bool
read_value(struct reader *r, struct account *a, const char *line, size_t len)
{
	const char *end = line + len, *p = NULL;
	char *name = read_quoted(line, end, &p);
	enum value v = VALUES;

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (str_same(names[i].name, name))
			v = names[i].value;
	mem_free(name);
	if (!p || p == end || *p != '=')
		return reader_bad(r, "a value without a = behind its name.");
	p++;
	if (!a->open || v == VALUES)
		return skip_data(r, p, end);
	while (end > p && (end[-1] == ' ' || end[-1] == '\t'))
		end--;
	return read_data(r, a, v, p, end);
}

static bool
read_line(struct reader *r, struct account *a, struct imported *im,
    const char *line, size_t len)
{
	while (len > 0 && (*line == ' ' || *line == '\t')) {
		line++;
		len--;
	}
	if (len == 0 || *line == ';')
		return true;
	if (*line == '[') {
		bool ok = account_end(r, a, im);

		account_start(a);
		return ok && read_key(r, a, line, len);
	}
	if (*line == '"')
		return read_value(r, a, line, len);
	if (*line == '@')
		return skip_data(r, line + (len > 1 ? 2 : 1), line + len);
	return reader_bad(
	    r, "neither a [key] nor a \"value\"=; is the file damaged?");
}

bool
import_reg(struct reader *r, struct imported *im)
{
	struct account a = {0};
	const char *line;
	size_t len;
	bool ok = reader_line(r, &line, &len); /* the heading */

	account_start(&a);
	while (ok && reader_line(r, &line, &len))
		ok = read_line(r, &a, im, line, len);
	ok = ok && account_end(r, &a, im);
	account_start(&a);
	return ok;
}
