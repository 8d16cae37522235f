/* SPDX-License-Identifier: ISC
 *
 * Thunderbird's prefs.js: user_pref("name", value); a line. Only the names
 * of accounts, identities and servers are kept; every other value is passed
 * over. What Thunderbird does not write down has its default value there.
 */
#include "import_in.h"

#include <string.h>

#include "../../probes/base/mem.h"

#define PREFS_MAX 8192 /* that are kept; looked up one by one */
#define PREF_MAX 1024 /* bytes of one value */

/* Names that are kept: what they begin with and end in. */
static const struct {
	const char *start, *end;
} wanted[] = {
    {"mail.accountmanager.", "accounts"},
    {"mail.accountmanager.", "defaultaccount"},
    {"mail.smtpservers", ""},
    {"mail.smtp.defaultserver", ""},
    {"mail.account.", ".identities"},
    {"mail.account.", ".server"},
    {"mail.identity.", ".useremail"},
    {"mail.identity.", ".smtpServer"},
    {"mail.server.", ".type"},
    {"mail.server.", ".hostname"},
    {"mail.server.", ".port"},
    {"mail.server.", ".userName"},
    {"mail.server.", ".socketType"},
    {"mail.smtpserver.", ".hostname"},
    {"mail.smtpserver.", ".port"},
    {"mail.smtpserver.", ".username"},
    {"mail.smtpserver.", ".try_ssl"},
    {"mail.smtpserver.", ".authMethod"},
    {"mail.smtpserver.", ".type"},
    {"mail.smtpserver.", ".description"},
};

static bool
is_wanted(const char *name)
{
	for (size_t i = 0; i < sizeof(wanted) / sizeof(wanted[0]); i++)
		if (str_starts(name, wanted[i].start) &&
		    str_ends(name, wanted[i].end))
			return true;
	return false;
}

/* ---- the language ------------------------------------------------------ */

static bool
is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

static void
step(struct reader *r)
{
	r->line += *r->at++ == '\n';
}

static void
skip_line(struct reader *r)
{
	while (r->at < r->end && *r->at != '\n')
		step(r);
}

static bool
skip_comment(struct reader *r)
{
	for (r->at += 2; r->end - r->at >= 2; step(r))
		if (r->at[0] == '*' && r->at[1] == '/') {
			r->at += 2;
			return true;
		}
	return reader_bad(r, "a comment that never ends.");
}

/* To the next thing that is neither blank nor comment. */
static bool
skip(struct reader *r)
{
	for (;;) {
		while (r->at < r->end && is_blank(*r->at))
			step(r);
		if (r->at == r->end)
			return true;
		if (*r->at == '#' ||
		    (r->end - r->at >= 2 && memcmp(r->at, "//", 2) == 0)) {
			skip_line(r);
		} else if (r->end - r->at >= 2 && memcmp(r->at, "/*", 2) == 0) {
			if (!skip_comment(r))
				return false;
		} else {
			return true;
		}
	}
}

static bool
expect(struct reader *r, char c)
{
	if (!skip(r))
		return false;
	if (r->at == r->end)
		return reader_bad(r, "the file ends inside a setting.");
	if (*r->at != c)
		return reader_bad(r, "a %c was expected.", c);
	r->at++;
	return true;
}

static char
escaped(char c)
{
	switch (c) {
	case 'n':
		return '\n';
	case 'r':
		return '\r';
	case 't':
		return '\t';
	default:
		return c;
	}
}

static int
hex_digits(const char *p, int n)
{
	int value = 0;

	for (; n > 0; n--, p++) {
		const char *digits = "0123456789abcdef";
		const char *at =
		    *p ? strchr(digits, *p >= 'A' && *p <= 'F' ? *p | 32 : *p)
		       : NULL;

		if (!at)
			return -1;
		value = value << 4 | (int)(at - digits);
	}
	return value;
}

/* One escape behind the backslash; gives the bytes it takes, 0: a bad one. */
static int
read_escape(const struct reader *r, char unit[2])
{
	int digits = *r->at == 'u' ? 4 : *r->at == 'x' ? 2 : 0;
	int value;

	if (!digits) {
		unit[0] = escaped(*r->at);
		return 1;
	}
	if (r->end - r->at <= digits)
		return 0;
	value = hex_digits(r->at + 1, digits);
	if (value <= 0)
		return 0;
	unit[0] = (char)(value & 0xff);
	unit[1] = (char)(value >> 8);
	return digits + 1;
}

/*
 * A text in quotes. `out` (of PREF_MAX bytes, or NULL: passed over) takes as
 * much as fits. Halves of pairs written as two \u are not joined.
 */
static bool
read_string(struct reader *r, char *out)
{
	char quote = *r->at++;
	size_t len = 0;

	while (r->at < r->end && *r->at != quote) {
		char unit[2] = {0};

		if (*r->at == '\n')
			return reader_bad(r, "a text without its end quote.");
		if (*r->at != '\\') {
			if (out && len + 1 < PREF_MAX)
				out[len++] = *r->at;
			r->at++;
			continue;
		}
		r->at++;
		int took = r->at < r->end ? read_escape(r, unit) : 0;
		if (took == 0)
			return reader_bad(r, "an escape that is none.");
		if (took == 1 && out && len + 1 < PREF_MAX)
			out[len++] = unit[0];
		if (took > 1 && out && len + 4 < PREF_MAX) {
			size_t n = 0;
			char *text = import_from_utf16(unit, 2, &n);

			memcpy(out + len, text, n);
			len += n;
			mem_free(text);
		}
		r->line += *r->at == '\n';
		r->at += took;
	}
	if (r->at == r->end)
		return reader_bad(r, "a text without its end quote.");
	r->at++;
	if (out)
		out[len] = '\0';
	return true;
}

/* A text, a number, true or false; kept as text. */
static bool
read_value(struct reader *r, char *out)
{
	size_t len = 0;

	if (!skip(r))
		return false;
	if (r->at < r->end && (*r->at == '"' || *r->at == '\''))
		return read_string(r, out);
	while (r->at < r->end && *r->at != ')' && *r->at != '\n' &&
	       *r->at != ',') {
		if (out && len < 32 && !is_blank(*r->at))
			out[len++] = *r->at;
		r->at++;
	}
	if (out)
		out[len] = '\0';
	return true;
}

/* name("pref", value); the word and what is in it. */
static bool
read_pref(struct reader *r, struct kvs *prefs)
{
	char name[PREF_MAX], value[PREF_MAX];
	const char *word = r->at;
	bool keep;

	while (r->at < r->end &&
	       ((*r->at >= 'a' && *r->at <= 'z') || *r->at == '_'))
		r->at++;
	if (r->at == word || r->at[-1] != 'f')
		return reader_bad(r, "user_pref( was expected.");
	if (!expect(r, '(') || !skip(r))
		return false;
	if (r->at == r->end || (*r->at != '"' && *r->at != '\''))
		return reader_bad(r, "the name of a setting was expected.");
	if (!read_string(r, name) || !expect(r, ','))
		return false;
	keep = is_wanted(name);
	if (keep && prefs->n >= PREFS_MAX)
		return err_set(r->err, ERR_LIMIT,
		    "%.200s:%d: there are more than %d settings of accounts "
		    "in it.",
		    r->name, r->line, PREFS_MAX);
	if (!read_value(r, keep ? value : NULL) || !expect(r, ')'))
		return false;
	if (keep)
		kvs_set(prefs, name, value);
	if (!skip(r))
		return false;
	if (r->at < r->end && *r->at == ';')
		r->at++;
	return true;
}

/* ---- what it means ----------------------------------------------------- */

static const char *
get(const struct kvs *prefs, const char *group, const char *id,
    const char *leaf)
{
	char *name = mem_printf("mail.%s.%s.%s", group, id, leaf);
	const char *value = kvs_get(prefs, name);

	mem_free(name);
	return value && *value ? value : NULL;
}

static int64_t
get_number(const struct kvs *prefs, const char *group, const char *id,
    const char *leaf, int64_t otherwise)
{
	const char *text = get(prefs, group, id, leaf);
	int64_t n;

	return text && str_number(text, 0, 65535, &n) ? n : otherwise;
}

/* try_ssl and socketType: 1 is "STARTTLS, if the server has it". */
static const char *
security_of(int64_t number)
{
	static const char *const words[] = {
	    "none", "auto", "starttls", "implicit-tls"};

	return number >= 0 && number <= 3 ? words[number] : NULL;
}

/* nsMsgAuthMethod; GSSAPI, NTLM and certificates are none of ours. */
static const char *
auth_of(int64_t method)
{
	switch (method) {
	case 1:
		return "none";
	case 2:
	case 3:
	case 4:
	case 8:
	case 9:
		return "password";
	case 10:
		return "oauth2";
	default:
		return NULL;
	}
}

static void
put_smtp(const struct kvs *prefs, const char *id, struct imported_account *to)
{
	const char *type = get(prefs, "smtpserver", id, "type");
	int64_t tls = get_number(prefs, "smtpserver", id, "try_ssl", 0);
	int64_t port = get_number(prefs, "smtpserver", id, "port", 0);
	const char *auth;

	if (type && !str_eq(type, "smtp")) { /* EWS, Graph */
		import_put(to, "account.type", "exchange");
		return;
	}
	import_put(to, "app.host", get(prefs, "smtpserver", id, "hostname"));
	if (port == 0)
		port = tls == 3 ? 465 : 587;
	import_put_port(to, "app.port", port);
	import_put(to, "app.security", security_of(tls));
	auth = auth_of(get_number(prefs, "smtpserver", id, "authMethod", 3));
	import_put(to, "app.auth", auth);
	if (!str_eq(auth, "none"))
		import_put(to, "account.username",
		    get(prefs, "smtpserver", id, "username"));
}

static void
put_incoming(
    const struct kvs *prefs, const char *id, struct imported_account *to)
{
	const char *type = get(prefs, "server", id, "type");
	bool is_imap = str_eq(type, "imap");
	int64_t tls = get_number(prefs, "server", id, "socketType", 0);
	int64_t port = get_number(prefs, "server", id, "port", 0);

	if (str_eq(type, "ews") || str_eq(type, "exchange"))
		import_put(to, "account.type", "exchange");
	if (!is_imap && !str_eq(type, "pop3"))
		return;
	if (port == 0 && is_imap)
		port = tls == 3 ? 993 : 143;
	else if (port == 0)
		port = tls == 3 ? 995 : 110;
	import_put(to, "account.type", is_imap ? "imap" : "pop");
	import_put(to, "import.in_type", is_imap ? "imap" : "pop");
	import_put(to, "import.in_host", get(prefs, "server", id, "hostname"));
	import_put_port(to, "import.in_port", port);
	import_put(to, "import.in_security", security_of(tls));
	import_put(
	    to, "import.in_username", get(prefs, "server", id, "userName"));
}

/* The server of an identity: its own, the default one, the only one. */
static char *
smtp_of(const struct kvs *prefs, const char *identity)
{
	const char *id = get(prefs, "identity", identity, "smtpServer");
	const char *list = kvs_get_or(prefs, "mail.smtpservers", "");

	if (!id)
		id = kvs_get(prefs, "mail.smtp.defaultserver");
	if (id && *id)
		return mem_dup(id);
	return mem_dupn(list, strcspn(list, ","));
}

static bool
add_identity(struct reader *r, const struct kvs *prefs, const char *account,
    const char *identity, struct imported *im)
{
	const char *email = get(prefs, "identity", identity, "useremail");
	const char *server = get(prefs, "account", account, "server");
	struct imported_account *to;
	char *smtp;

	if (!email)
		return true;
	to = import_add(r, im, email);
	if (!to)
		return false;
	import_put(to, "app.name", "thunderbird");
	import_put(to, "account.email", email);
	if (server)
		put_incoming(prefs, server, to);
	smtp = smtp_of(prefs, identity);
	put_smtp(prefs, smtp, to);
	mem_free(smtp);
	return true;
}

static bool
add_account(struct reader *r, const struct kvs *prefs, const char *account,
    struct imported *im)
{
	const char *list = get(prefs, "account", account, "identities");
	struct strs ids = {0};
	bool ok = true;

	if (list)
		strs_split(&ids, list, ", ");
	for (size_t i = 0; ok && i < ids.n; i++)
		ok = add_identity(r, prefs, account, ids.v[i], im);
	strs_done(&ids);
	return ok;
}

/* Servers that no identity uses: better than nothing. */
static bool
add_servers(struct reader *r, const struct kvs *prefs, struct imported *im)
{
	struct strs ids = {0};
	bool ok = true;

	strs_split(&ids, kvs_get_or(prefs, "mail.smtpservers", ""), ", ");
	for (size_t i = 0; ok && i < ids.n; i++) {
		const char *host =
		    get(prefs, "smtpserver", ids.v[i], "hostname");
		const char *name =
		    get(prefs, "smtpserver", ids.v[i], "description");
		struct imported_account *to =
		    host ? import_add(r, im, name ? name : host) : NULL;

		ok = to || !host;
		if (to) {
			import_put(to, "app.name", "thunderbird");
			put_smtp(prefs, ids.v[i], to);
		}
	}
	strs_done(&ids);
	return ok;
}

static bool
add_all(struct reader *r, const struct kvs *prefs, struct imported *im)
{
	const char *first =
	    kvs_get_or(prefs, "mail.accountmanager.defaultaccount", "");
	struct strs ids = {0};
	bool ok = !*first || add_account(r, prefs, first, im);

	strs_split(
	    &ids, kvs_get_or(prefs, "mail.accountmanager.accounts", ""), ", ");
	for (size_t i = 0; ok && i < ids.n; i++)
		if (!str_eq(ids.v[i], first))
			ok = add_account(r, prefs, ids.v[i], im);
	strs_done(&ids);
	return ok && (im->n > 0 || add_servers(r, prefs, im));
}

bool
import_prefs(struct reader *r, struct imported *im)
{
	struct kvs prefs = {0};
	bool ok = true;

	r->line = 1;
	for (;;) {
		ok = skip(r);
		if (!ok || r->at == r->end)
			break;
		ok = read_pref(r, &prefs);
		if (!ok)
			break;
	}
	ok = ok && add_all(r, &prefs, im);
	kvs_done(&prefs);
	return ok;
}
