/* SPDX-License-Identifier: ISC
 *
 * Asks for the settings that a domain publishes for mail programs: at two
 * places of its own, and in a public database when one is given. All at once,
 * under one deadline. The address itself is sent to nobody.
 */
#include "probe.h"

#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "names.h"
#include "net/autoconfig.h"
#include "net/http.h"

#define DISCOVER_MS 8000

enum place { AT_PROVIDER, AT_WELL_KNOWN, AT_DATABASE, N_PLACES };

static const char *const place_names[] = {"provider", "well-known", "database"};

struct search {
	struct probe_ctx *ctx;
	char *domain; /* owned: A-labels */
	char *local; /* owned or NULL */
	char *urls[N_PLACES]; /* owned */
	size_t n; /* places that are asked */
	struct http_get gets[N_PLACES];
	enum autoconfig_status status[N_PLACES];
	struct autoconfig found[N_PLACES];
	bool is_read[N_PLACES];
};

/* ---- where ---- */

static void
make_urls(struct search *s)
{
	const char *database = probe_param(s->ctx, "database");

	s->urls[AT_PROVIDER] =
	    mem_printf("https://autoconfig.%s/mail/config-v1.1.xml", s->domain);
	s->urls[AT_WELL_KNOWN] =
	    mem_printf("https://%s/.well-known/autoconfig/mail/config-v1.1.xml",
		s->domain);
	s->n = AT_DATABASE;
	if (database && str_starts(database, "https://")) {
		s->urls[AT_DATABASE] = mem_printf("%s%s%s", database,
		    str_ends(database, "/") ? "" : "/", s->domain);
		s->n = N_PLACES;
	}
	for (size_t i = 0; i < s->n; i++)
		s->gets[i].url = s->urls[i];
}

/* The part before the @, for user names; the parameter is optional. */
static char *
local_part(struct probe_ctx *ctx)
{
	const char *email = probe_param(ctx, "email");
	const char *at = email ? strrchr(email, '@') : NULL;

	return at && at > email && at - email <= 64
		   ? mem_dupn(email, (size_t)(at - email))
		   : NULL;
}

/* ---- what came ---- */

static void
read_answer(struct search *s, size_t i)
{
	const struct http_get *g = &s->gets[i];

	if (s->is_read[i] || g->outcome != HTTP_ANSWERED)
		return;
	s->is_read[i] = true;
	s->status[i] = AUTOCONFIG_OTHER;
	if (g->status == 200)
		s->status[i] = autoconfig_parse(g->body.data, g->body.len,
		    s->local, s->domain, &s->found[i]);
}

static bool
has_settings(const struct search *s, size_t i)
{
	return s->is_read[i] && s->status[i] == AUTOCONFIG_OK;
}

/* Every better place has ended, and this one gave settings. */
static bool
is_enough(const struct http_get *v, void *arg)
{
	struct search *s = arg;

	for (size_t i = 0; i < s->n; i++) {
		if (v[i].outcome == HTTP_PENDING)
			return false;
		read_answer(s, i);
		if (has_settings(s, i))
			return true;
	}
	return true;
}

/* A place that says neither yes nor no. */
static bool
is_failure(const struct search *s, size_t i)
{
	const struct http_get *g = &s->gets[i];

	switch (g->outcome) {
	case HTTP_ANSWERED:
		return g->status >= 500 ||
		       (g->status == 200 && s->status[i] == AUTOCONFIG_REFUSED);
	case HTTP_NO_NAME:
	case HTTP_NO_CONNECT:
		return false;
	case HTTP_PENDING:
	case HTTP_NO_LOOKUP:
	case HTTP_TIMEOUT:
	case HTTP_UNTRUSTED:
	case HTTP_NO_TLS:
	case HTTP_REDIRECTED:
	case HTTP_TOO_BIG:
	case HTTP_BROKEN:
	case HTTP_CANCELLED:
		return true;
	}
	return true;
}

/* ---- saying it ---- */

static const char *
content_words(enum autoconfig_status status)
{
	switch (status) {
	case AUTOCONFIG_OK:
		return "settings for mail programs";
	case AUTOCONFIG_NONE:
		return "settings without a usable server for sending";
	case AUTOCONFIG_OTHER:
		return "another kind of document";
	case AUTOCONFIG_NOT_XML:
		return "no XML";
	case AUTOCONFIG_REFUSED:
		return "XML that declares entities, or too deep or large";
	}
	return "";
}

static void
note(struct search *s, size_t i)
{
	const struct http_get *g = &s->gets[i];
	struct probe_ctx *ctx = s->ctx;

	if (g->outcome != HTTP_ANSWERED)
		probe_note(ctx, "GET %s: %s%s%s, %d ms", g->url,
		    http_outcome_name(g->outcome), *g->detail ? ": " : "",
		    g->detail, g->ms);
	else
		probe_note(ctx, "GET %s: %d, %s%s%s, %d ms", g->url, g->status,
		    g->status == 200 ? content_words(s->status[i])
				     : "not there",
		    str_eq(g->from, g->url) ? "" : ", from ",
		    str_eq(g->from, g->url) ? "" : g->from, g->ms);
}

static void
find_faults(struct search *s, size_t i)
{
	const struct http_get *g = &s->gets[i];

	if (g->outcome == HTTP_UNTRUSTED)
		probe_finding(s->ctx, FINDING_WARN, "discover.untrusted",
		    "The certificate at %s does not verify; nothing is taken "
		    "from there.",
		    g->url);
	else if (s->is_read[i] && g->status == 200 &&
		 s->status[i] == AUTOCONFIG_REFUSED)
		probe_finding(s->ctx, FINDING_WARN, "discover.refused",
		    "The document at %s declares entities or is too large; "
		    "nothing is taken from it.",
		    g->url);
	else if (g->outcome == HTTP_REDIRECTED)
		probe_finding(s->ctx, FINDING_INFO, "discover.redirected",
		    "%s leads elsewhere, to where we do not go: %s.", g->url,
		    g->detail);
}

/* Without encryption there is nothing to recommend. */
static void
put_list(struct search *s, const struct autoconfig *a)
{
	struct strs list = {0};
	char *text;

	for (size_t i = 0; i < a->n; i++)
		if (!str_eq(a->v[i].security, "none"))
			strs_addf(&list, "%s:%d/%s", a->v[i].host, a->v[i].port,
			    a->v[i].security);
	text = strs_join(&list, ",");
	probe_fact(s->ctx, "discover.list", text);
	mem_free(text);
	strs_done(&list);
}

static void
put_found(struct search *s, size_t at)
{
	const struct autoconfig *a = &s->found[at];
	const struct autoconfig_server *first = &a->v[0];
	struct probe_ctx *ctx = s->ctx;

	for (size_t i = a->n; i-- > 0;)
		if (!str_eq(a->v[i].security, "none"))
			first = &a->v[i];
	probe_fact(ctx, "discover.result", "found");
	probe_fact(ctx, "discover.source", place_names[at]);
	probe_fact(ctx, "discover.host", first->host);
	probe_factf(ctx, "discover.port", "%d", first->port);
	probe_fact(ctx, "discover.security", first->security);
	probe_fact(ctx, "discover.auth", first->auth);
	probe_fact(ctx, "discover.username", first->username);
	probe_fact(ctx, "discover.name", a->name);
	probe_fact(ctx, "discover.url", s->gets[at].from);
	put_list(s, a);
	if (str_eq(first->security, "none"))
		probe_finding(ctx, FINDING_WARN, "discover.plain",
		    "%s names only servers without encryption; they are not "
		    "recommended.",
		    s->gets[at].from);
	probe_finding(ctx, FINDING_OK, "discover.found",
	    "%s names %s, port %d, for sending.", s->gets[at].from, first->host,
	    first->port);
}

static void
report(struct search *s)
{
	bool failed = false;
	size_t best = N_PLACES;

	for (size_t i = s->n; i-- > 0;) {
		read_answer(s, i);
		if (has_settings(s, i))
			best = i;
		failed = failed || is_failure(s, i);
	}
	for (size_t i = 0; i < s->n; i++) {
		note(s, i);
		find_faults(s, i);
	}
	if (best < N_PLACES) {
		put_found(s, best);
		return;
	}
	probe_fact(s->ctx, "discover.result", failed ? "failed" : "none");
	probe_fact(s->ctx, "discover.source", "none");
	probe_finding(s->ctx, failed ? FINDING_UNKNOWN : FINDING_INFO,
	    failed ? "discover.failed" : "discover.none",
	    failed ? "It could not be found out whether %s publishes settings."
		   : "%s publishes no settings for mail programs.",
	    s->domain);
}

static bool
was_cancelled(const struct search *s)
{
	bool cancelled = false;

	for (size_t i = 0; i < s->n; i++) {
		if (has_settings(s, i))
			return false;
		cancelled = cancelled || s->gets[i].outcome == HTTP_CANCELLED;
	}
	return cancelled;
}

static void
look(struct search *s)
{
	make_urls(s);
	s->local = local_part(s->ctx);
	probe_stage(s->ctx, "asking");
	http_get_all(&s->ctx->net, s->gets, s->n, DISCOVER_MS, is_enough, s);
	if (was_cancelled(s))
		s->ctx->result->status = PROBE_CANCELLED;
	else
		report(s);
	for (size_t i = 0; i < N_PLACES; i++) {
		http_get_done(&s->gets[i]);
		mem_free(s->urls[i]);
	}
	mem_free(s->local);
}

static const struct probe_param params[] = {
    {"domain", true, "the domain behind the @"},
    {"email", false, "the address, to fill in a user name; not sent"},
    {"database", false,
	"https URL of a public database; the domain is added to it"},
    {NULL, false, NULL},
};

static const struct probe_fact facts[] = {
    {"discover.result", "found|none|failed|unknown",
	"does the domain publish settings for mail programs?"},
    {"discover.source", "provider|well-known|database|none|unknown",
	"who said so: its own autoconfig host, its web server, the database"},
    {"discover.url", NULL, "where they came from, redirects followed"},
    {"discover.name", NULL, "how the provider calls itself there"},
    {"discover.host", NULL, "the preferred server for sending"},
    {"discover.port", NULL, "its port"},
    {"discover.security", NULL, "its encryption"},
    {"discover.auth", NULL, "its sign-in methods, preferred first"},
    {"discover.username", NULL, "the user name to sign in with"},
    {"discover.list", NULL,
	"all encrypted ones, preferred first: host:port/security"},
    {NULL, NULL, NULL},
};

static void
run(struct probe_ctx *ctx)
{
	const char *text = probe_param(ctx, "domain");
	struct search s = {.ctx = ctx};

	s.domain = text ? name_to_ascii(text) : NULL;
	if (s.domain)
		look(&s);
	mem_free(s.domain);
	probe_unknowns(ctx, facts);
}

const struct probe probe_discover = {
    .name = "discover",
    .summary = "asks for the settings that a domain publishes",
    .params = params,
    .facts = facts,
    .effect = PROBE_READS,
    .contacts = "the domain's own web servers and, where one is given, a "
		"public database of mail settings",
    .run = run,
};
