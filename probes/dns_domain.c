/* SPDX-License-Identifier: ISC
 *
 * A mail domain: does it exist, who takes its mail (RFC 5321 section 5.1,
 * RFC 7505), what does it publish for mail programs (RFC 6186, RFC 8314)?
 * Who that provider is, is for the knowledge to say.
 */
#include "probe.h"

#include <string.h>

#include "base/mem.h"
#include "names.h"
#include "net/dns.h"

/* All questions, asked at once. */
enum {
	Q_MX,
	Q_A,
	Q_AAAA,
	Q_SUBMISSIONS,
	Q_SUBMISSION,
	Q_AUTO_CNAME,
	Q_AUTO_A,
	Q_SMTP_A,
	Q_SMTP_AAAA,
	Q_MAIL_A,
	Q_MAIL_AAAA,
	N_QUESTIONS
};

static const struct {
	const char *prefix;
	enum dns_type type;
} questions[N_QUESTIONS] = {
    [Q_MX] = {"", DNS_MX},
    [Q_A] = {"", DNS_A},
    [Q_AAAA] = {"", DNS_AAAA},
    [Q_SUBMISSIONS] = {"_submissions._tcp.", DNS_SRV},
    [Q_SUBMISSION] = {"_submission._tcp.", DNS_SRV},
    [Q_AUTO_CNAME] = {"autodiscover.", DNS_CNAME},
    [Q_AUTO_A] = {"autodiscover.", DNS_A},
    [Q_SMTP_A] = {"smtp.", DNS_A},
    [Q_SMTP_AAAA] = {"smtp.", DNS_AAAA},
    [Q_MAIL_A] = {"mail.", DNS_A},
    [Q_MAIL_AAAA] = {"mail.", DNS_AAAA},
};

#define LIST_MAX 8 /* servers named in one fact */

struct view {
	struct probe_ctx *ctx;
	const char *domain;
	struct dns_answer a[N_QUESTIONS];
};

static bool
is_there(enum dns_status s)
{
	return s == DNS_OK || s == DNS_NODATA;
}

static bool
is_answered(enum dns_status s)
{
	return is_there(s) || s == DNS_NXDOMAIN;
}

static const char *
name_word(enum dns_status s)
{
	switch (s) {
	case DNS_OK:
	case DNS_NODATA:
		return "ok";
	case DNS_NXDOMAIN:
		return "nxdomain";
	case DNS_SERVFAIL:
	case DNS_BROKEN:
		return "servfail";
	case DNS_REFUSED:
		return "refused";
	case DNS_TIMEOUT:
		return "no-answer";
	case DNS_UNREACHABLE:
		return "unreachable";
	case DNS_BAD_NAME:
		return "bad-name";
	case DNS_CANCELLED:
		return "unknown";
	}
	return "unknown";
}

static void
report_name(struct view *v)
{
	const char *word = name_word(v->a[Q_MX].status);

	/* Some resolvers in routers know A and nothing else. */
	if (is_there(v->a[Q_A].status) || is_there(v->a[Q_AAAA].status))
		word = "ok";
	else if (!is_answered(v->a[Q_MX].status) &&
		 v->a[Q_A].status == DNS_NXDOMAIN)
		word = "nxdomain";
	probe_fact(v->ctx, "domain.name", word);
	if (str_eq(word, "nxdomain"))
		probe_finding(v->ctx, FINDING_FAIL, "dns.domain.nxdomain",
		    "There is no domain %s.", v->domain);
	else if (!str_eq(word, "ok"))
		probe_finding(v->ctx, FINDING_WARN, "dns.domain.failed",
		    "The domain %s could not be looked up (%s).", v->domain,
		    word);
}

static const char *
mail_word(const struct view *v)
{
	const struct dns_answer *mx = &v->a[Q_MX];
	enum dns_status a = v->a[Q_A].status, aaaa = v->a[Q_AAAA].status;

	if (mx->status == DNS_OK)
		return mx->n && str_eq(mx->v[0].text, ".") ? "null-mx" : "mx";
	if (mx->status == DNS_NXDOMAIN && !is_there(a))
		return "none";
	if (mx->status != DNS_NODATA)
		return "unknown";
	if (a == DNS_OK || aaaa == DNS_OK)
		return "implicit";
	return is_answered(a) && is_answered(aaaa) ? "none" : "unknown";
}

static void
report_mail(struct view *v)
{
	const struct dns_answer *mx = &v->a[Q_MX];
	const char *word = mail_word(v);
	struct strs hosts = {0};

	probe_fact(v->ctx, "domain.mail", word);
	if (str_eq(word, "null-mx"))
		probe_finding(v->ctx, FINDING_WARN, "dns.mx.null",
		    "The domain %s says that it takes no mail (RFC 7505).",
		    v->domain);
	if (str_eq(word, "mx")) {
		for (size_t i = 0; i < mx->n && hosts.n < LIST_MAX; i++)
			strs_add(&hosts, mx->v[i].text);
		char *list = strs_join(&hosts, ",");
		probe_fact(v->ctx, "domain.mx", list);
		mem_free(list);
	}
	strs_done(&hosts);
}

/* Appends "host:port/security"; counts the targets that refuse ("."). */
static size_t
add_services(const struct dns_answer *a, const char *security, struct strs *to)
{
	size_t refusing = 0;

	if (a->status != DNS_OK)
		return 0;
	for (size_t i = 0; i < a->n && to->n < LIST_MAX; i++) {
		if (str_eq(a->v[i].text, "."))
			refusing++;
		else if (a->v[i].port > 0)
			strs_addf(to, "%s:%d/%s", a->v[i].text, a->v[i].port,
			    security);
	}
	return refusing;
}

static void
report_srv(struct view *v)
{
	const struct dns_answer *tls = &v->a[Q_SUBMISSIONS];
	const struct dns_answer *starttls = &v->a[Q_SUBMISSION];
	struct strs services = {0};
	size_t refusing = add_services(tls, "implicit-tls", &services);

	refusing += add_services(starttls, "starttls", &services);
	if (services.n) {
		char *list = strs_join(&services, ",");
		probe_fact(v->ctx, "domain.srv", "found");
		probe_fact(v->ctx, "domain.srv_list", list);
		probe_finding(v->ctx, FINDING_INFO, "dns.srv.found",
		    "%s publishes where mail programs hand in mail: %s.",
		    v->domain, list);
		mem_free(list);
	} else if (refusing) {
		probe_fact(v->ctx, "domain.srv", "refused");
		probe_finding(v->ctx, FINDING_INFO, "dns.srv.refused",
		    "%s publishes that it takes no mail from mail programs.",
		    v->domain);
	} else if (is_answered(tls->status) && is_answered(starttls->status)) {
		probe_fact(v->ctx, "domain.srv", "none");
	}
	strs_done(&services);
}

static bool
is_microsoft(const char *name)
{
	return str_in_domain(name, "outlook.com") ||
	       str_in_domain(name, "office365.us") ||
	       str_in_domain(name, "outlook.cn");
}

static void
report_autodiscover(struct view *v)
{
	const struct dns_answer *cname = &v->a[Q_AUTO_CNAME];
	const struct dns_answer *a = &v->a[Q_AUTO_A];
	const char *word = "unknown";

	if (cname->status == DNS_OK && cname->n)
		word = is_microsoft(cname->v[0].text) ? "microsoft" : "other";
	else if (a->status == DNS_OK)
		word = a->canonical && is_microsoft(a->canonical) ? "microsoft"
								  : "other";
	else if (is_answered(cname->status))
		word = "none";
	probe_fact(v->ctx, "domain.autodiscover", word);
}

static void
report_guess(struct view *v)
{
	static const struct {
		const char *prefix;
		int a, aaaa;
	} guesses[] = {
	    {"smtp", Q_SMTP_A, Q_SMTP_AAAA}, {"mail", Q_MAIL_A, Q_MAIL_AAAA}};
	struct strs found = {0};
	bool answered = true;

	for (size_t i = 0; i < 2; i++) {
		enum dns_status a = v->a[guesses[i].a].status;
		enum dns_status aaaa = v->a[guesses[i].aaaa].status;
		if (a == DNS_OK || aaaa == DNS_OK)
			strs_addf(
			    &found, "%s.%s", guesses[i].prefix, v->domain);
		else if (!is_answered(a) || !is_answered(aaaa))
			answered = false;
	}
	if (found.n) {
		char *list = strs_join(&found, ",");
		probe_fact(v->ctx, "domain.guess", "found");
		probe_fact(v->ctx, "domain.guess_list", list);
		mem_free(list);
	} else if (answered) {
		probe_fact(v->ctx, "domain.guess", "none");
	}
	strs_done(&found);
}

static void
ask(struct view *v)
{
	struct dns_question q[N_QUESTIONS];
	char *names[N_QUESTIONS];

	for (int i = 0; i < N_QUESTIONS; i++) {
		names[i] = mem_printf("%s%s", questions[i].prefix, v->domain);
		q[i] = (struct dns_question){
		    names[i], questions[i].type, &v->a[i]};
	}
	probe_stage(v->ctx, "asking");
	dns_ask(&v->ctx->net, q, N_QUESTIONS);
	for (int i = 0; i < N_QUESTIONS; i++) {
		static const char *const types[] = {
		    "A", "AAAA", "MX", "SRV", "CNAME"};
		probe_note(v->ctx, "%s %s: %s", types[questions[i].type],
		    names[i], dns_status_name(v->a[i].status));
		for (size_t n = 0; n < v->a[i].n && n < LIST_MAX; n++)
			probe_note(v->ctx, "  %s", v->a[i].v[n].text);
		mem_free(names[i]);
	}
}

static void
look(struct view *v)
{
	ask(v);
	if (v->a[Q_MX].status == DNS_CANCELLED) {
		v->ctx->result->status = PROBE_CANCELLED;
	} else {
		report_name(v);
		report_mail(v);
		report_srv(v);
		report_autodiscover(v);
		report_guess(v);
	}
	for (int i = 0; i < N_QUESTIONS; i++)
		dns_answer_done(&v->a[i]);
}

static const struct probe_param params[] = {
    {"domain", true, "the domain behind the @"},
    {NULL, false, NULL},
};

static const struct probe_fact facts[] = {
    {"domain.name",
	"ok|nxdomain|servfail|no-answer|refused|unreachable|bad-name|unknown",
	"does the domain exist?"},
    {"domain.mail", "mx|implicit|null-mx|none|unknown",
	"how does it take mail?"},
    {"domain.mx", NULL, "its mail exchangers by priority"},
    {"domain.srv", "found|none|refused|unknown",
	"does it publish servers for mail programs?"},
    {"domain.srv_list", NULL, "those servers: host:port/security"},
    {"domain.autodiscover", "microsoft|other|none|unknown",
	"where does autodiscover lead?"},
    {"domain.guess", "found|none|unknown",
	"do smtp. or mail. below it have addresses?"},
    {"domain.guess_list", NULL, "those that have"},
    {NULL, NULL, NULL},
};

static void
run(struct probe_ctx *ctx)
{
	const char *text = probe_param(ctx, "domain");
	char *domain = text ? name_to_ascii(text) : NULL;
	struct view v = {.ctx = ctx, .domain = domain};

	if (domain)
		look(&v);
	else
		probe_fact(ctx, "domain.name", "bad-name");
	mem_free(domain);
	probe_unknowns(ctx, facts);
}

const struct probe probe_dns_domain = {
    .name = "dns_domain",
    .summary = "asks who handles the mail of a domain",
    .params = params,
    .facts = facts,
    .effect = PROBE_READS,
    .contacts = "the name servers this computer uses",
    .run = run,
};
