/* SPDX-License-Identifier: ISC
 *
 * providers.yaml: who carries mail for which domains, the documented ways to
 * hand mail in, and the filters that hide the real mailbox host.
 */
#include "load.h"

#include <inttypes.h>
#include <stddef.h>

#include "../../probes/base/mem.h"

static const struct {
	const char *word;
	enum password_rule rule;
} rules[] = {
    {"accepted", PASSWORDS_ACCEPTED},
    {"app-password", PASSWORDS_APP_ONLY},
    {"off", PASSWORDS_OFF},
    {"admin-decides", PASSWORDS_ADMIN},
    {"unknown", PASSWORDS_UNKNOWN},
};

static bool
read_rule(struct load *l, const struct yaml *y, enum password_rule *out)
{
	const char *word = yaml_text(y);

	for (size_t i = 0; word && i < sizeof(rules) / sizeof(rules[0]); i++) {
		if (!str_eq(word, rules[i].word))
			continue;
		*out = rules[i].rule;
		return true;
	}
	return load_bad(l, y,
	    "this is no rule for passwords, expected accepted, app-password, "
	    "off, admin-decides or unknown; choose one");
}

/* One rule that always held, or a map of the day from which each holds. */
static bool
read_passwords(struct load *l, const struct yaml *y, void *object)
{
	struct provider *p = object;
	size_t n = y->kind == YAML_MAP ? y->n : 1;

	for (size_t i = 0; i < n; i++) {
		struct password_since *since =
		    MEM_PUSH(&p->passwords, &p->n_passwords, &p->cap_passwords);
		char *date;

		if (y->kind != YAML_MAP) {
			since->from_ms = INT64_MIN;
			return read_rule(l, y, &since->rule);
		}
		date = load_date(l, y->keys[i], &since->from_ms);
		if (!date)
			return false;
		mem_free(date);
		if (i > 0 && since->from_ms <= since[-1].from_ms)
			return load_bad(l, y->keys[i],
			    "this day is not after the one above, expected "
			    "them in order; sort the days");
		if (!read_rule(l, y->items[i], &since->rule))
			return false;
	}
	return true;
}

static const struct load_key service_keys[] = {
    {LOAD_FIELD(struct service, host, LOAD_TEXT, true)},
    {LOAD_FIELD(struct service, port, LOAD_PORT, true)},
    {LOAD_FIELD(struct service, security, LOAD_WORD, true),
	.set = "starttls|implicit-tls"},
    {LOAD_FIELD(struct service, certainty, LOAD_WORD, false),
	.set = "seen|known"},
    {.key = NULL},
};

static bool
read_services(struct load *l, const struct yaml *y, void *object)
{
	struct provider *p = object;

	if (!load_is_list(l, y, "services"))
		return false;
	for (size_t i = 0; i < y->n; i++) {
		struct service *s =
		    MEM_PUSH(&p->services, &p->n_services, &p->cap_services);

		if (!load_map(l, y->items[i], "a service", service_keys, s))
			return false;
	}
	return true;
}

static bool
read_not_submission(struct load *l, const struct yaml *y, void *object)
{
	struct provider *p = object;

	if (!load_is_map(l, y, "not_submission"))
		return false;
	for (size_t i = 0; i < y->n; i++) {
		const char *what = yaml_text(y->items[i]);

		if (!what || !str_in_set(what, "imap|pop3|mx|retired|other"))
			return load_bad(l, y->items[i],
			    "this says not what the name is for, expected "
			    "imap, pop3, mx, retired or other; choose one");
		strs_addf(&p->not_submission, "%s=%s", y->keys[i]->text, what);
	}
	return true;
}

static const struct load_key provider_keys[] = {
    {LOAD_FIELD(struct provider, name, LOAD_TEXT, true)},
    {LOAD_FIELD(struct provider, kind, LOAD_WORD, false),
	.set = "microsoft-365|outlook-com|google|other"},
    {LOAD_FIELD(struct provider, domains, LOAD_STRS, false)},
    {LOAD_FIELD(struct provider, mx, LOAD_STRS, false)},
    {LOAD_FIELD(struct provider, hosts, LOAD_STRS, false)},
    {.key = "services", .kind = LOAD_OWN, .read = read_services},
    {.key = "not_submission", .kind = LOAD_OWN, .read = read_not_submission},
    {LOAD_FIELD(struct provider, no_submission, LOAD_YES, false)},
    {LOAD_FIELD(struct provider, oauth, LOAD_YES, false)},
    {.key = "passwords", .kind = LOAD_OWN, .read = read_passwords},
    {LOAD_FIELD(struct provider, username, LOAD_WORD, false),
	.set = "full|local|other"},
    {LOAD_FIELD(struct provider, note, LOAD_TEXT, false)},
    {LOAD_FIELD(struct provider, hints, LOAD_KVS, false)},
    {LOAD_FIELD(struct provider, source, LOAD_TEXT, true)},
    {LOAD_FIELD(struct provider, checked, LOAD_DATE, true)},
    {LOAD_FIELD(struct provider, certainty, LOAD_WORD, true),
	.set = "seen|known"},
    {.key = NULL},
};

bool
load_providers(struct load *l, const struct yaml *y)
{
	struct knowledge *k = l->k;

	if (!load_is_map(l, y, "providers"))
		return false;
	for (size_t i = 0; i < y->n; i++) {
		struct provider *p =
		    MEM_PUSH(&k->providers, &k->n_providers, &k->cap_providers);

		p->id = mem_dup(y->keys[i]->text);
		if (!load_map(l, y->items[i], "a provider", provider_keys, p))
			return false;
		if (!p->kind)
			p->kind = mem_dup("other");
		if (!p->username)
			p->username = mem_dup("full");
		if (p->no_submission && p->n_services > 0)
			return load_bad(l, y->items[i],
			    "a provider has services and says `no_submission: "
			    "yes`, expected one of the two; remove one");
		/* Some give each customer a server name of its own. */
		if (!p->no_submission && p->n_services + p->hosts.n == 0)
			return load_bad(l, y->items[i],
			    "a provider has neither services nor hosts, "
			    "expected a way to send or `no_submission: yes`; "
			    "add one");
	}
	return true;
}

static const struct load_key filter_keys[] = {
    {LOAD_FIELD(struct mx_filter, name, LOAD_TEXT, true)},
    {LOAD_FIELD(struct mx_filter, suffix, LOAD_TEXT, true)},
    {.key = NULL},
};

bool
load_filters(struct load *l, const struct yaml *y)
{
	struct knowledge *k = l->k;

	if (!load_is_list(l, y, "filters"))
		return false;
	for (size_t i = 0; i < y->n; i++) {
		struct mx_filter *f =
		    MEM_PUSH(&k->filters, &k->n_filters, &k->cap_filters);

		if (!load_map(l, y->items[i], "a filter", filter_keys, f))
			return false;
	}
	return true;
}

void
provider_done(struct provider *p)
{
	for (size_t i = 0; i < p->n_services; i++) {
		mem_free(p->services[i].host);
		mem_free(p->services[i].security);
		mem_free(p->services[i].certainty);
	}
	mem_free(p->services);
	mem_free(p->id);
	mem_free(p->name);
	mem_free(p->kind);
	strs_done(&p->domains);
	strs_done(&p->mx);
	strs_done(&p->hosts);
	strs_done(&p->not_submission);
	mem_free(p->passwords);
	mem_free(p->username);
	mem_free(p->note);
	mem_free(p->source);
	mem_free(p->checked);
	mem_free(p->certainty);
	kvs_done(&p->hints);
}
