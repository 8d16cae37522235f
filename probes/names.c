/* SPDX-License-Identifier: ISC
 *
 * Domain names as people write them. IDNA2008 without transitional
 * processing (UTS 46), so that "straße" stays another name than "strasse".
 */
#include "names.h"

#include <idn2.h>
#include <string.h>

#include "base/buf.h"
#include "base/mem.h"
#include "net/tcp.h"

#define NAME_MAX_LEN 253 /* RFC 1035 section 2.3.4, as text */
#define LABEL_MAX_LEN 63

/* ------------------------------------------------------------ writing */

static bool
label_ok(const char *label, size_t len)
{
	if (!len || len > LABEL_MAX_LEN || label[0] == '-' ||
	    label[len - 1] == '-')
		return false;
	return strspn(label, "abcdefghijklmnopqrstuvwxyz0123456789-_") >= len;
}

static bool
ascii_name_ok(const char *name)
{
	if (strlen(name) > NAME_MAX_LEN)
		return false;
	for (const char *label = name;;) {
		size_t len = strcspn(label, ".");
		if (!label_ok(label, len))
			return false;
		if (!label[len])
			return true;
		label += len + 1;
	}
}

char *
name_to_ascii(const char *text)
{
	char *converted = NULL;
	char *copy = mem_dup(text);
	char *name = NULL;
	const char *s = str_trim(copy);
	size_t len = strlen(s);

	if (!len || len > 4 * NAME_MAX_LEN)
		goto out;
	if (idn2_to_ascii_8z(s, &converted,
		IDN2_NFC_INPUT | IDN2_NONTRANSITIONAL) != IDN2_OK) {
		/* Names in use that IDNA refuses ("a--b") are plain ASCII. */
		for (size_t i = 0; i < len; i++)
			if ((unsigned char)s[i] >= 0x80)
				goto out;
		name = mem_dup(s);
	} else {
		name = mem_dup(converted);
		idn2_free(converted);
	}
	str_lower(name);
	len = strlen(name);
	if (len > 1 && name[len - 1] == '.')
		name[len - 1] = '\0';
	if (!ascii_name_ok(name)) {
		mem_free(name);
		name = NULL;
	}
out:
	mem_free(copy);
	return name;
}

char *
name_to_unicode(const char *ascii)
{
	char *converted = NULL;
	char *name;

	if (idn2_to_unicode_8z8z(ascii, &converted, IDN2_NONTRANSITIONAL) !=
	    IDN2_OK)
		return str_printable(ascii, strlen(ascii));
	name = str_printable(converted, strlen(converted));
	idn2_free(converted);
	return name;
}

char *
name_tidy(const char *text)
{
	char *copy = mem_dup(text);
	const char *s = str_trim(copy);
	const char *scheme = strstr(s, "://");
	struct buf b;

	buf_init(&b, 4 * NAME_MAX_LEN);
	if (scheme)
		s = scheme + 3;
	for (; *s && *s != '/' && *s != ':'; s++) {
		bool dot = *s == '.' || *s == ',' || *s == ' ' || *s == ';';
		bool doubled = dot && (!b.len || b.data[b.len - 1] == '.');
		if (!doubled)
			buf_addc(&b, dot ? '.' : *s);
	}
	if (b.len && b.data[b.len - 1] == '.')
		b.data[--b.len] = '\0';
	mem_free(copy);
	return buf_take(&b);
}

/* -------------------------------------------------------------- slips */

static const struct slip {
	const char *typed, *meant;
	bool real; /* a real top-level domain too: only after a known name */
} slips[] = {
    {"con", "com", false},
    {"cmo", "com", false},
    {"ocm", "com", false},
    {"comm", "com", false},
    {"coom", "com", false},
    {"ccom", "com", false},
    {"coim", "com", false},
    {"vom", "com", false},
    {"xom", "com", false},
    {"cim", "com", false},
    {"cpm", "com", false},
    {"clm", "com", false},
    {"cok", "com", false},
    {"cm", "com", true},
    {"co", "com", true},
    {"om", "com", true},
    {"ned", "net", false},
    {"nte", "net", false},
    {"nett", "net", false},
    {"nrt", "net", false},
    {"met", "net", false},
    {"ner", "net", false},
    {"ney", "net", false},
    {"ent", "net", false},
    {"ne", "net", true},
    {"et", "net", true},
    {"ogr", "org", false},
    {"rog", "org", false},
    {"orgg", "org", false},
    {"otg", "org", false},
    {"prg", "org", false},
    {"dee", "de", false},
    {"dde", "de", false},
    {"ed", "de", false},
    {"dw", "de", false},
    {"ku", "uk", false},
};

static const struct slip *
find_slip(const char *tld)
{
	for (size_t i = 0; i < sizeof(slips) / sizeof(slips[0]); i++)
		if (str_same(slips[i].typed, tld))
			return &slips[i];
	return NULL;
}

static char *
replace_tld(const char *name, bool real_too)
{
	const char *dot = strrchr(name, '.');
	const struct slip *s = dot ? find_slip(dot + 1) : NULL;

	if (!s || dot == name || (s->real && !real_too))
		return NULL;
	return mem_printf("%.*s.%s", (int)(dot - name), name, s->meant);
}

char *
name_fix_tld(const char *name)
{
	return replace_tld(name, false);
}

/* "yahoo.*", "*.onmicrosoft.com" or a plain name. */
static bool
pattern_matches(const char *pattern, const char *domain)
{
	size_t len = strlen(pattern);

	if (str_starts(pattern, "*."))
		return str_in_domain(domain, pattern + 2);
	if (!str_ends(pattern, ".*"))
		return str_same(pattern, domain);
	if (strlen(domain) < len || domain[len - 2] != '.')
		return false;
	char *head = mem_dupn(domain, len - 2);
	char *stem = mem_dupn(pattern, len - 2);
	bool same = str_same(head, stem);
	mem_free(head);
	mem_free(stem);
	return same;
}

bool
name_is_known(const char *domain, const struct strs *known)
{
	const char *dot = strrchr(domain, '.');
	const struct slip *s = dot ? find_slip(dot + 1) : NULL;
	bool odd_tld = s && !s->real;

	for (size_t i = 0; i < known->n; i++) {
		if (odd_tld && str_ends(known->v[i], ".*"))
			continue;
		if (pattern_matches(known->v[i], domain))
			return true;
	}
	return false;
}

/* One pair of neighbours swapped and nothing else. */
static bool
is_swap(const char *a, const char *b)
{
	return strlen(a) == strlen(b) && str_distance(a, b, 1) == 1 &&
	       strspn(a, b) == strlen(a) && strspn(b, a) == strlen(b);
}

/*
 * How far a first label is from a known one, or 99 when that is too far to
 * be a slip: short names have too many real neighbours, and a wrong first
 * letter usually makes another name.
 */
static int
label_distance(const char *typed, const char *known)
{
	size_t len = strlen(known);
	int limit = len >= 7 ? 2 : 1;
	int d = str_distance(typed, known, limit);

	if (d == 0)
		return 0;
	if (d > limit)
		return 99;
	if (len <= 4) /* wp.pl, aol.com: nothing but swapped neighbours */
		return len > 2 && typed[0] == known[0] && is_swap(typed, known)
			   ? d
			   : 99;
	if (typed[0] != known[0]) {
		bool swapped = typed[0] == known[1] && typed[1] == known[0];
		bool lost = len >= 7 && str_eq(typed, known + 1);
		return d == 1 && len >= 5 && (swapped || lost) ? d : 99;
	}
	if (d == 2 && typed[1] != known[1] &&
	    typed[strlen(typed) - 1] != known[len - 1])
		return 99;
	return d;
}

/* "yahoo.*" beside "fr" is "yahoo.fr"; NULL when the endings do not fit. */
static char *
join_rest(const char *known, const char *label, const char *rest)
{
	const char *known_rest = strchr(known, '.');

	if (!known_rest)
		return NULL;
	known_rest++;
	if (!str_eq(known_rest, "*") && !str_same(known_rest, rest))
		return NULL;
	return mem_printf("%s.%s", label, rest);
}

struct nearest {
	char *name; /* owned */
	int distance;
};

/* One known name against one reading of what was typed, which is itself
 * `already` away from it. */
static void
compare(struct nearest *best, const char *label, const char *rest,
    const char *known, int already)
{
	size_t len = strcspn(known, ".");
	char *known_label = mem_dupn(known, len);
	int d = label_distance(label, known_label);
	char *name = d < 99 ? join_rest(known, known_label, rest) : NULL;

	if (name && d + already > 0 && d + already < best->distance) {
		mem_free(best->name);
		best->name = name;
		best->distance = d + already;
		name = NULL;
	}
	mem_free(name);
	mem_free(known_label);
}

/* "gmailcom": the dot was left out. */
static char *
nearest_without_dot(const char *typed, const struct strs *known)
{
	for (size_t i = 0; i < known->n; i++) {
		const char *k = known->v[i];
		size_t head = strcspn(k, ".");
		if (!k[head] || str_ends(k, "*") ||
		    strlen(typed) != strlen(k) - 1)
			continue;
		if (!strncmp(typed, k, head) &&
		    str_eq(typed + head, k + head + 1))
			return mem_dup(k);
	}
	return NULL;
}

char *
name_nearest(const char *domain, const struct strs *known)
{
	struct nearest best = {.distance = 3};
	size_t len = strcspn(domain, ".");

	if (name_is_known(domain, known))
		return NULL;
	if (!domain[len])
		return nearest_without_dot(domain, known);
	char *label = mem_dupn(domain, len);
	char *fixed = replace_tld(domain, true);
	char *odd = replace_tld(domain, false);
	for (size_t i = 0; i < known->n; i++) {
		if (!odd)
			compare(&best, label, domain + len + 1, known->v[i], 0);
		if (fixed)
			compare(&best, label, fixed + len + 1, known->v[i],
			    odd ? 1 : 2);
	}
	if (!best.name && odd)
		best.name = mem_dup(odd);
	mem_free(odd);
	mem_free(fixed);
	mem_free(label);
	return best.name;
}

/* ------------------------------------------------ names of mail servers */

static const char *const server_words[] = {
    "smtp", "mail", "smtp-mail", "securesmtp", "outgoing", "mx"};
#define SERVER_WORDS (sizeof(server_words) / sizeof(server_words[0]))

struct candidates {
	const char *host; /* borrowed */
	struct strs names;
	int *distance; /* owned; beside names */
	size_t cap;
};

static void
add_candidate(struct candidates *c, const char *name)
{
	if (str_same(name, c->host) || strs_has(&c->names, name))
		return;
	size_t n = c->names.n;
	strs_add(&c->names, name);
	*MEM_PUSH(&c->distance, &n, &c->cap) = str_distance(c->host, name, 20);
}

/* smpt -> smtp; smtpbakery.example -> smtp.bakery.example. */
static void
add_server_words(struct candidates *c, const char *host)
{
	size_t len = strcspn(host, ".");
	char *label = mem_dupn(host, len);

	for (size_t i = 0; i < SERVER_WORDS && host[len]; i++) {
		const char *word = server_words[i];
		size_t word_len = strlen(word);
		int limit = word_len < 4 ? 1 : 2;
		char *name = NULL;
		if (len > word_len + 1 && str_starts(label, word))
			name = mem_printf("%s.%s", word,
			    host + word_len + strspn(host + word_len, "-_"));
		else if (str_distance(label, word, limit) <= limit)
			name = mem_printf("%s%s", word, host + len);
		if (name)
			add_candidate(c, name);
		mem_free(name);
	}
	mem_free(label);
}

static void
take_nearest(struct candidates *c, struct strs *out, size_t max)
{
	for (int d = 0; d <= 21; d++)
		for (size_t i = 0; i < c->names.n && out->n < max; i++)
			if (c->distance[i] == d)
				strs_add(out, c->names.v[i]);
}

void
name_host_candidates(
    const char *host, const struct strs *near, struct strs *out, size_t max)
{
	struct candidates c = {.host = host};
	char *fixed = name_fix_tld(host);

	for (size_t i = 0; near && i < near->n; i++)
		if (str_distance(host, near->v[i], 2) <= 2)
			add_candidate(&c, near->v[i]);
	add_server_words(&c, host);
	if (fixed) {
		add_candidate(&c, fixed);
		add_server_words(&c, fixed);
	}
	take_nearest(&c, out, max);
	mem_free(fixed);
	strs_done(&c.names);
	mem_free(c.distance);
}

bool
address_is_sinkhole(const char *address)
{
	if (tcp_family(address) == 4)
		return str_starts(address, "0.") || str_starts(address, "127.");
	return str_eq(address, "::") || str_eq(address, "::1") ||
	       str_starts(address, "::ffff:127.") ||
	       str_starts(address, "::ffff:0.");
}
