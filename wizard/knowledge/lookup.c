/* SPDX-License-Identifier: ISC
 *
 * Questions that the knowledge answers: by domain, server name, issuer, or
 * shown text. Where several entries fit, the longest match counts, because
 * it is the most specific one.
 */
#include "knowledge.h"

#include <string.h>

#include "../../probes/base/mem.h"
#include "shown.h"

static size_t
count_labels(const char *s)
{
	size_t n = 1;

	for (; *s; s++)
		if (*s == '.' && s[1])
			n++;
	return n;
}

/* `*` stands for any text without a dot; the whole name must match. */
static bool
glob(const char *pattern, const char *name)
{
	for (; *pattern && *pattern != '*'; pattern++, name++)
		if (!*name || (*pattern | 32) != (*name | 32))
			return false;
	if (!*pattern)
		return !*name || (*name == '.' && !name[1]);
	for (;; name++) {
		if (glob(pattern + 1, name))
			return true;
		if (!*name || *name == '.')
			return false;
	}
}

/* A pattern with `*` fits whole names; others are suffixes. 0: no match. */
static size_t
fit_host(const char *pattern, const char *host)
{
	bool fits = strchr(pattern, '*') ? glob(pattern, host)
					 : str_in_domain(host, pattern);

	return fits ? strlen(pattern) : 0;
}

/*
 * "yahoo.*" takes one label for the `*`, or two where the first is the kind
 * of name that registries sell below (yahoo.co.uk, yahoo.com.br), so that
 * somebody's yahoo.example.org is not Yahoo's.
 */
static bool
fits_any_tld(const char *pattern, const char *domain)
{
	static const char second[] = "co|com|ne|net|or|org|edu|gov|ac|in";
	size_t stem = strlen(pattern) - 1;
	const char *tld;
	char first[8];
	size_t dot;

	for (size_t i = 0; i < stem; i++)
		if ((pattern[i] | 32) != (domain[i] | 32))
			return false;
	tld = domain + stem;
	dot = strcspn(tld, ".");
	if (!*tld || dot == 0)
		return false;
	if (!tld[dot])
		return true;
	if (dot >= sizeof(first) || count_labels(tld) != 2)
		return false;
	memcpy(first, tld, dot);
	first[dot] = '\0';
	str_lower(first);
	return str_in_set(first, second) && strlen(tld + dot + 1) == 2;
}

static size_t
fit_domain(const char *pattern, const char *domain)
{
	bool fits;

	if (str_ends(pattern, ".*"))
		fits = fits_any_tld(pattern, domain);
	else if (str_starts(pattern, "*."))
		fits = str_in_domain(domain, pattern + 2) &&
		       !str_same(domain, pattern + 2);
	else
		fits = str_same(domain, pattern);
	return fits ? strlen(pattern) : 0;
}

/* The longest fit of any pattern in the list. */
static size_t
fit_list(const struct strs *patterns, const char *name,
    size_t (*fit)(const char *pattern, const char *name))
{
	size_t best = 0;

	for (size_t i = 0; i < patterns->n; i++) {
		size_t len = fit(patterns->v[i], name);

		if (len > best)
			best = len;
	}
	return best;
}

const struct provider *
knowledge_by_domain(const struct knowledge *k, const char *domain)
{
	const struct provider *found = NULL;
	size_t best = 0;

	for (size_t i = 0; i < k->n_providers; i++) {
		const struct provider *p = &k->providers[i];
		size_t len = fit_list(&p->domains, domain, fit_domain);

		if (len <= best)
			continue;
		best = len;
		found = p;
	}
	return found;
}

const struct provider *
knowledge_by_mx(const struct knowledge *k, const char *mx_host)
{
	const struct provider *found = NULL;
	size_t best = 0;

	for (size_t i = 0; i < k->n_providers; i++) {
		const struct provider *p = &k->providers[i];
		size_t len = fit_list(&p->mx, mx_host, fit_host);

		if (len <= best)
			continue;
		best = len;
		found = p;
	}
	return found;
}

static bool
is_service(const struct provider *p, const char *host)
{
	for (size_t i = 0; i < p->n_services; i++)
		if (str_same(p->services[i].host, host))
			return true;
	return false;
}

/* What an item of not_submission ("NAME=what") says of host, or NULL. */
static const char *
not_submission(const char *item, const char *host)
{
	const char *what = strrchr(item, '=');
	char *pattern = mem_dupn(item, (size_t)(what - item));
	bool fits = strchr(pattern, '*') ? glob(pattern, host)
					 : str_same(pattern, host);

	mem_free(pattern);
	return fits ? what + 1 : NULL;
}

static const char *
provider_not_submission(const struct provider *p, const char *host)
{
	for (size_t i = 0; i < p->not_submission.n; i++) {
		const char *what = not_submission(p->not_submission.v[i], host);

		if (what)
			return what;
	}
	return NULL;
}

/* A name that is written out beats one below a suffix; a mail exchanger
 * belongs to whom it receives for. */
const struct provider *
knowledge_by_host(const struct knowledge *k, const char *host)
{
	const struct provider *found = NULL;
	size_t best = 0;

	for (size_t i = 0; i < k->n_providers; i++) {
		const struct provider *p = &k->providers[i];
		size_t len = fit_list(&p->hosts, host, fit_host);

		if (is_service(p, host) || provider_not_submission(p, host))
			return p;
		if (len <= best)
			continue;
		best = len;
		found = p;
	}
	return found ? found : knowledge_by_mx(k, host);
}

const struct mx_filter *
knowledge_filter(const struct knowledge *k, const char *mx_host)
{
	const struct mx_filter *found = NULL;
	size_t best = 0;

	for (size_t i = 0; i < k->n_filters; i++) {
		size_t len = fit_host(k->filters[i].suffix, mx_host);

		if (len <= best)
			continue;
		best = len;
		found = &k->filters[i];
	}
	return found;
}

const char *
knowledge_not_submission(const struct knowledge *k, const char *host)
{
	/* Some names serve both, such as mail.your-server.de. */
	for (size_t i = 0; i < k->n_providers; i++)
		if (is_service(&k->providers[i], host))
			return NULL;
	for (size_t i = 0; i < k->n_providers; i++) {
		const char *what =
		    provider_not_submission(&k->providers[i], host);

		if (what)
			return what;
	}
	return knowledge_by_mx(k, host) ? "mx" : NULL;
}

enum password_rule
knowledge_passwords(const struct provider *p, int64_t now_ms)
{
	enum password_rule rule = PASSWORDS_UNKNOWN;

	for (size_t i = 0; i < p->n_passwords; i++)
		if (p->passwords[i].from_ms <= now_ms)
			rule = p->passwords[i].rule;
	return rule;
}

const struct interceptor *
knowledge_interceptor(const struct knowledge *k, const char *issuer)
{
	for (size_t i = 0; i < k->n_interceptors; i++) {
		const struct strs *s = &k->interceptors[i].issuers;

		for (size_t j = 0; j < s->n; j++)
			if (str_find_nocase(issuer, s->v[j]))
				return &k->interceptors[i];
	}
	return NULL;
}

const struct cause *
knowledge_cause(const struct knowledge *k, const char *id)
{
	for (size_t i = 0; i < k->n_causes; i++)
		if (str_eq(k->causes[i].id, id))
			return &k->causes[i];
	return NULL;
}

/* Characters of all fragments together when each is shown, else 0. */
static size_t
fit_error(const struct error_text *e, const char *text)
{
	size_t len = 0;

	for (size_t i = 0; i < e->match.n; i++) {
		if (!shown_has(text, e->match.v[i]))
			return 0;
		len += strlen(e->match.v[i]);
	}
	return e->weak ? 1 : len + 1;
}

const struct error_text *
knowledge_error(const struct knowledge *k, const char *text)
{
	const struct error_text *found = NULL;
	char *flat = shown_flatten(text);
	size_t best = 0;

	for (size_t i = 0; i < k->n_errors; i++) {
		size_t len = fit_error(&k->errors[i], flat);

		if (len <= best)
			continue;
		best = len;
		found = &k->errors[i];
	}
	mem_free(flat);
	return found;
}

/* Every mail domain that is written out: what a typo is measured against. */
static void
add_domains(const struct provider *p, struct strs *out)
{
	for (size_t i = 0; i < p->domains.n; i++)
		if (!strchr(p->domains.v[i], '*') &&
		    !strs_has(out, p->domains.v[i]))
			strs_add(out, p->domains.v[i]);
}

/* Every documented server name without a placeholder. */
static void
add_hosts(const struct provider *p, struct strs *out)
{
	for (size_t i = 0; i < p->n_services; i++)
		if (!strchr(p->services[i].host, '{') &&
		    !strs_has(out, p->services[i].host))
			strs_add(out, p->services[i].host);
}

char *
knowledge_data(const struct knowledge *k, const char *name)
{
	static const struct {
		const char *name;
		void (*add)(const struct provider *p, struct strs *out);
	} lists[] = {{"domains", add_domains}, {"hosts", add_hosts}};

	for (size_t i = 0; i < sizeof(lists) / sizeof(lists[0]); i++) {
		struct strs out = {0};
		char *joined;

		if (!str_eq(lists[i].name, name))
			continue;
		for (size_t j = 0; j < k->n_providers; j++)
			lists[i].add(&k->providers[j], &out);
		joined = strs_join(&out, ",");
		strs_done(&out);
		return joined;
	}
	return NULL;
}
