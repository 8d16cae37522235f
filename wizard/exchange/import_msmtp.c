/* SPDX-License-Identifier: ISC
 *
 * msmtprc (msmtp 1.8): `defaults` and `account NAME : BASE` with a command a
 * line. Passwords and the commands that print them are passed over, nothing
 * is run. What is not said has msmtp's own default.
 */
#include "import_in.h"

#include <string.h>

#include "../../probes/base/mem.h"

/* Commands whose values are kept. */
static const char *const kept[] = {
    "host", "port", "tls", "tls_starttls", "auth", "user", "from"};

/* All that msmtp knows besides, so that a slip is seen as one. */
static const char *const others[] = {"defaults", "account", "eval", "timeout",
    "protocol", "domain", "from_full_name", "allow_from_override",
    "set_from_header", "set_date_header", "set_msgid_header",
    "remove_bcc_headers", "undisclosed_recipients", "password", "passwordeval",
    "ntlmdomain", "tls_trust_file", "tls_crl_file", "tls_fingerprint",
    "tls_key_file", "tls_cert_file", "tls_certcheck", "tls_force_sslv3",
    "tls_min_dh_prime_bits", "tls_priorities", "tls_host_override",
    "dsn_return", "dsn_notify", "auto_from", "maildomain", "logfile",
    "logfile_time_format", "syslog", "aliases", "proxy_host", "proxy_port",
    "source_ip", "socket", "add_missing_from_header", "add_missing_date_header",
    "keepbcc", "tls_nocertcheck", "tls_nostarttls", "undisclosed_recipients"};

struct section {
	char *name; /* owned; "" for defaults */
	struct kvs set; /* command -> value */
	bool is_copy; /* nothing but `account x : y` so far */
};

struct rc {
	struct section *v; /* owned */
	size_t n, cap;
	char *first; /* owned or NULL: what `default` is made of */
};

static bool
is_word(const char *const *list, size_t n, const char *word, size_t len)
{
	for (size_t i = 0; i < n; i++)
		if (strlen(list[i]) == len && memcmp(list[i], word, len) == 0)
			return true;
	return false;
}

static bool
is_kept(const char *word, size_t len)
{
	return is_word(kept, sizeof(kept) / sizeof(kept[0]), word, len);
}

bool
import_is_msmtp_word(const char *word, size_t len)
{
	return is_kept(word, len) ||
	       is_word(others, sizeof(others) / sizeof(others[0]), word, len);
}

static struct section *
section_find(struct rc *rc, const char *name)
{
	for (size_t i = 0; i < rc->n; i++)
		if (str_eq(rc->v[i].name, name))
			return &rc->v[i];
	return NULL;
}

static struct section *
section_add(struct reader *r, struct rc *rc, const char *name)
{
	struct section *s;

	if (rc->n > IMPORT_ACCOUNTS_MAX) {
		err_set(r->err, ERR_LIMIT,
		    "%.200s:%d: there are more than %d accounts in it.",
		    r->name, r->line, IMPORT_ACCOUNTS_MAX);
		return NULL;
	}
	s = MEM_PUSH(&rc->v, &rc->n, &rc->cap);
	s->name = mem_dup(name);
	return s;
}

/* "account b : a,c": with all that the bases have. */
static bool
inherit(struct reader *r, struct rc *rc, size_t to, const char *bases)
{
	struct strs names = {0};
	bool ok = true;

	strs_split(&names, bases, ", \t");
	for (size_t i = 0; ok && i < names.n; i++) {
		const struct section *base = section_find(rc, names.v[i]);

		if (base && base != &rc->v[to])
			kvs_copy(&rc->v[to].set, &base->set);
		else
			ok = reader_bad(r,
			    "the account \"%.60s\" does not stand above.",
			    names.v[i]);
	}
	rc->v[to].is_copy = names.n == 1;
	if (ok && names.n == 1 && str_eq(rc->v[to].name, "default")) {
		mem_free(rc->first);
		rc->first = mem_dup(names.v[0]);
	}
	strs_done(&names);
	return ok;
}

static bool
open_account(struct reader *r, struct rc *rc, char *text)
{
	char *bases = strchr(text, ':');
	const struct section *defaults;
	struct section *s;
	char *name;

	if (bases)
		*bases++ = '\0';
	name = str_trim(text);
	if (!*name)
		return reader_bad(r, "an account without a name.");
	if (section_find(rc, name))
		return reader_bad(
		    r, "the account \"%.60s\" stands there twice.", name);
	s = section_add(r, rc, name);
	if (!s)
		return false;
	defaults = section_find(rc, "");
	if (defaults)
		kvs_copy(&s->set, &defaults->set);
	return !bases || inherit(r, rc, rc->n - 1, bases);
}

/* The rest of the line, without its quotes; the caller frees. */
static char *
value_of(const char *p, size_t len)
{
	char *copy = mem_dupn(p, len), *text = str_trim(copy), *out;
	size_t n = strlen(text);

	if (n >= 2 && text[0] == '"' && text[n - 1] == '"') {
		text[n - 1] = '\0';
		text++;
	}
	out = mem_dup(text);
	mem_free(copy);
	return out;
}

static bool
read_command(struct reader *r, struct rc *rc, const char *word, size_t len,
    const char *rest, size_t rest_len)
{
	char *value, *name;
	bool ok = true;

	if (!import_is_msmtp_word(word, len))
		return reader_bad(r, "msmtp has no command \"%.*s\".",
		    (int)(len < 40 ? len : 40), word);
	if (is_word((const char *const[]){"defaults"}, 1, word, len))
		return section_find(rc, "") || section_add(r, rc, "");
	if (is_word((const char *const[]){"account"}, 1, word, len)) {
		value = value_of(rest, rest_len);
		ok = open_account(r, rc, value);
		mem_free(value);
		return ok;
	}
	if (rc->n == 0)
		return reader_bad(
		    r, "a command before the first account or defaults.");
	rc->v[rc->n - 1].is_copy = false;
	if (!is_kept(word, len)) /* a password maybe: not even copied */
		return true;
	value = value_of(rest, rest_len);
	name = mem_dupn(word, len);
	kvs_set(&rc->v[rc->n - 1].set, name, value);
	mem_free(name);
	mem_free(value);
	return ok;
}

static bool
read_line(struct reader *r, struct rc *rc, const char *line, size_t len)
{
	size_t word, word_len;

	for (word = 0; word < len && (line[word] == ' ' || line[word] == '\t');)
		word++;
	if (word == len || line[word] == '#')
		return true;
	for (word_len = 0; word + word_len < len;) {
		char c = line[word + word_len];

		if (c == ' ' || c == '\t')
			break;
		word_len++;
	}
	return read_command(r, rc, line + word, word_len,
	    line + word + word_len, len - word - word_len);
}

/* A switch without a value is on. */
static bool
is_on(const struct kvs *set, const char *name, bool otherwise)
{
	const char *value = kvs_get(set, name);

	return value ? !*value || str_eq(value, "on") : otherwise;
}

static const char *
auth_of(const struct kvs *set)
{
	const char *value = kvs_get_or(set, "auth", "off");

	if (str_eq(value, "off"))
		return "none";
	if (str_in_set(value, "oauthbearer|xoauth2"))
		return "oauth2";
	if (str_in_set(value, "external|gssapi|ntlm"))
		return NULL;
	return "password";
}

static bool
add(struct reader *r, const struct section *s, struct imported *im)
{
	const char *email = kvs_get(&s->set, "from");
	const char *user = kvs_get(&s->set, "user");
	bool tls = is_on(&s->set, "tls", false);
	bool starttls = is_on(&s->set, "tls_starttls", true);
	struct imported_account *to;
	int64_t port = tls && !starttls ? 465 : 25;

	if (!kvs_get(&s->set, "host"))
		return true;
	to = import_add(r, im, s->name);
	if (!to)
		return false;
	(void)str_number(kvs_get_or(&s->set, "port", ""), 1, 65535, &port);
	import_put(to, "app.name", "other");
	import_put(to, "app.host", kvs_get(&s->set, "host"));
	import_put_port(to, "app.port", port);
	import_put(to, "app.security",
	    !tls       ? "none"
	    : starttls ? "starttls"
		       : "implicit-tls");
	import_put(to, "app.auth", auth_of(&s->set));
	import_put(to, "account.username", user);
	/* A pattern (%U@...) is no address. */
	if (email && !strpbrk(email, "%*"))
		import_put(to, "account.email", email);
	return true;
}

/* The default account first; one that only names another is that one. */
static bool
add_all(struct reader *r, struct rc *rc, struct imported *im)
{
	const struct section *first = section_find(rc, "default");
	bool ok = true;

	if (first && first->is_copy && rc->first)
		first = section_find(rc, rc->first);
	if (first)
		ok = add(r, first, im);
	for (size_t i = 0; ok && i < rc->n; i++) {
		const struct section *s = &rc->v[i];
		bool is_alias = str_eq(s->name, "default") && s->is_copy;

		if (*s->name && s != first && !is_alias)
			ok = add(r, s, im);
	}
	return ok;
}

bool
import_msmtp(struct reader *r, struct imported *im)
{
	struct rc rc = {0};
	const char *line;
	size_t len;
	bool ok = true;

	while (ok && reader_line(r, &line, &len))
		ok = read_line(r, &rc, line, len);
	ok = ok && add_all(r, &rc, im);
	for (size_t i = 0; i < rc.n; i++) {
		mem_free(rc.v[i].name);
		kvs_done(&rc.v[i].set);
	}
	mem_free(rc.v);
	mem_free(rc.first);
	return ok;
}
