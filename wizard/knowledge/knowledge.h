/* SPDX-License-Identifier: ISC
 *
 * The facts about the world that are not code: providers, interceptors,
 * causes and their words, error texts. Read from playbooks/knowledge/, also
 * compiled in. Every entry carries its source and date.
 */
#ifndef KNOWLEDGE_KNOWLEDGE_H
#define KNOWLEDGE_KNOWLEDGE_H

#include "../../probes/base/err.h"
#include "../../probes/base/kv.h"
#include "../../probes/base/str.h"

#include <stdint.h>

struct when;

struct service { /* one documented way to submit mail */
	char *host; /* owned; may hold {domain} for "smtp.{domain}" */
	int port;
	char *security; /* owned: starttls|implicit-tls */
	char *certainty; /* owned or NULL (as the provider): seen|known */
};

enum password_rule {
	PASSWORDS_UNKNOWN,
	PASSWORDS_ACCEPTED,
	PASSWORDS_APP_ONLY, /* an app password (or the like) is demanded */
	PASSWORDS_OFF, /* OAuth2 only */
	PASSWORDS_ADMIN, /* an administrator decides */
};

struct provider {
	char *id, *name; /* owned */
	char *kind; /* owned: microsoft-365|outlook-com|google|other */
	/* Mail domains; "yahoo.*" matches any TLD, "*.rr.com" what is below. */
	struct strs domains;
	/* Suffixes on label borders; with a `*` (any text but a dot) the
	 * whole name must match: "mx*.ovh.net". */
	struct strs mx;
	struct strs hosts; /* the same, of names that belong to it */
	struct service *services; /* documented, preferred first */
	size_t n_services, cap_services;
	struct strs
	    not_submission; /* "imap.gmail.com=imap", "smtp.live.com=retired" */
	bool no_submission; /* offers no SMTP to clients at all */
	bool oauth; /* takes OAuth2 for SMTP */
	/* Rules by date: the last one whose day has come holds. */
	struct password_since {
		int64_t from_ms;
		enum password_rule rule;
	} * passwords;
	size_t n_passwords, cap_passwords;
	char *username; /* owned: full|local|other */
	char *note; /* owned or NULL */
	char *source, *checked; /* owned; checked is YYYY-MM-DD */
	char *certainty; /* owned: seen (in the source)|known */
	struct kvs hints; /* free-named texts for remedies (url, ...) */
};

struct mx_filter { /* stands in front of a mailbox host that is unknown */
	char *name, *suffix;
};

struct interceptor {
	char *name; /* owned: "Avast" */
	char *kind; /* owned: antivirus|company-proxy|filter|developer */
	struct strs issuers; /* fragments of issuer names, compared nocase */
	char *advice, *source, *checked; /* owned */
};

struct text_when { /* a text that is shown only when its condition holds */
	char *text; /* owned */
	struct when *when; /* owned or NULL: always */
};

struct cause {
	char *id, *blame; /* owned; as in the contract */
	char *confidence; /* owned: default */
	struct text_when *title, *meaning, *remedy, *prevent, *fixed_by, *why;
	size_t n_title, n_meaning, n_remedy, n_prevent, n_fixed_by, n_why;
	/* title, meaning, fixed_by: the first that holds; the others: all */
};

struct error_text { /* what a mail program shows */
	struct strs match; /* every fragment must be in the text (nocase) */
	char *class; /* owned: value of app.error_class */
	char *meaning; /* owned: one or two sentences */
	bool weak; /* counts only where nothing else fits */
	char *source, *checked;
};

/*
 * What a server's reply means; the same struct serves TLS results and the
 * codes of Outlook. A pattern is "535", "4*", "5.7.139", "5.7.*" or
 * "5.7.606-649". A fragment may be "one | other": either will do.
 */
struct reply_text {
	struct strs providers; /* ids, "zoho*" or kinds; empty: any */
	struct strs stages; /* empty: any */
	struct strs codes; /* patterns; empty: any */
	struct strs enhanced; /* patterns; empty: any */
	struct strs match; /* every fragment must be there (nocase) */
	struct strs names; /* "FAILED_TO_CONNECT": Outlook and TLS only */
	bool ask_provider; /* the words alone do not show the provider */
	bool weak; /* counts only where nothing else fits */
	bool class; /* only the class is known, not the reply */
	char *cause; /* owned: of the contract, none or unknown */
	char *title, *meaning; /* owned */
	char *who; /* owned: you|admin|provider|network|nobody */
	struct strs fix; /* steps */
	char *source, *checked; /* owned */
};

struct client { /* a mail program */
	char *id, *name; /* owned; id is a value of app.name */
	/* Clicks that enter the recommended settings; those that set the
	 * account up anew. All that hold, in their order. */
	struct text_when *steps, *rebuild;
	size_t n_steps, n_rebuild;
	char *source, *checked; /* owned */
};

struct mark { /* texts that show whose server speaks: "gsmtp" */
	struct strs texts; /* either of them */
	char *provider, *source, *checked; /* owned */
};

struct database { /* of mail settings, public */
	char *name, *url; /* owned; the domain is added to the URL */
	char *source, *checked; /* owned */
};

struct origin { /* a file that knowledge came from */
	char *name, *version, *file; /* owned; file "built in" or a path */
	char *older; /* owned or NULL: an ignored older copy */
};

struct knowledge {
	struct provider *providers;
	size_t n_providers, cap_providers;
	struct mx_filter *filters;
	size_t n_filters, cap_filters;
	struct interceptor *interceptors;
	size_t n_interceptors, cap_interceptors;
	struct cause *causes;
	size_t n_causes, cap_causes;
	struct error_text *errors;
	size_t n_errors, cap_errors;
	struct reply_text *replies; /* what servers answer */
	size_t n_replies, cap_replies;
	struct reply_text *tls; /* verify results, handshake reasons */
	size_t n_tls, cap_tls;
	struct reply_text *codes; /* the numbers that Outlook shows */
	size_t n_codes, cap_codes;
	struct reply_text *classes; /* by the class of an error_text */
	size_t n_classes, cap_classes;
	struct mark *marks;
	size_t n_marks, cap_marks;
	struct client *clients;
	size_t n_clients, cap_clients;
	struct database *databases;
	size_t n_databases, cap_databases;
	struct origin *origins;
	size_t n_origins, cap_origins;
	const char **cause_ids; /* owned array, borrowed texts; NULL-ended */
};

/*
 * Loads every knowledge file: the built-in copy, or a newer one from
 * user_dir (may be NULL). NULL with err set when one is bad.
 */
struct knowledge *knowledge_load(const char *user_dir, struct err *err);
void knowledge_free(struct knowledge *k);

/*
 * The text of a built-in file ("knowledge/causes.yaml", "lab/x.yaml",
 * "outlook-cannot-send.yaml"); NULL when there is none.
 */
const char *knowledge_builtin(const char *name, size_t *len);
/* Name of the n-th built-in file, NULL past the end; sorted. */
const char *knowledge_builtin_name(size_t n);

const struct provider *knowledge_by_domain(
    const struct knowledge *k, const char *domain);
const struct provider *knowledge_by_mx(
    const struct knowledge *k, const char *mx_host);
const struct provider *knowledge_by_host(
    const struct knowledge *k, const char *host);
const struct mx_filter *knowledge_filter(
    const struct knowledge *k, const char *mx_host);
/* What data says a host name is: "imap", "mx", "retired", ... or NULL. */
const char *knowledge_not_submission(
    const struct knowledge *k, const char *host);
enum password_rule knowledge_passwords(
    const struct provider *p, int64_t now_ms);
/* The first interceptor one of whose fragments is in the issuer text. */
const struct interceptor *knowledge_interceptor(
    const struct knowledge *k, const char *issuer);
const struct cause *knowledge_cause(const struct knowledge *k, const char *id);
/* The most specific (longest match) explanation of what an app shows. */
const struct error_text *knowledge_error(
    const struct knowledge *k, const char *text);
/*
 * What a reply means: the most specific entry, compared by provider, enhanced
 * code, fragments, code and stage in this order. provider (an id), stage,
 * enhanced and text may be NULL, "" or "unknown", code 0. The text may have
 * several lines, with and without their codes. Never NULL for 4xx and 5xx:
 * in the end the entry of the class, whose `class` is true.
 */
const struct reply_text *knowledge_reply(const struct knowledge *k,
    const char *provider, const char *stage, int code, const char *enhanced,
    const char *text);
/* The same, the best `max` of all that fit, best first; how many. */
size_t knowledge_replies(const struct knowledge *k, const char *provider,
    const char *stage, int code, const char *enhanced, const char *text,
    const struct reply_text **best, size_t max);
/* Whose server speaks, by a mark in its words; an id or NULL. */
const char *knowledge_speaker(const struct knowledge *k, const char *text);
/* By the number of a verify result (X509_V_ERR_...). NULL: not known. */
const struct reply_text *knowledge_verify(
    const struct knowledge *k, int number);
/* By the words of a failed handshake or verification; NULL: none fits. */
const struct reply_text *knowledge_tls(
    const struct knowledge *k, const char *text);
/* By a number that Outlook shows, wherever it stands in the text: "0x" in
 * front does not matter, names ("FAILED_TO_CONNECT") count too. */
const struct reply_text *knowledge_code(
    const struct knowledge *k, const char *text);
/* What the class of an error_text ("auth") leads to; NULL: not known. */
const struct reply_text *knowledge_class(
    const struct knowledge *k, const char *class);
/* By a value of app.name; NULL: its menus are not known. */
const struct client *knowledge_client(
    const struct knowledge *k, const char *id);
/* data.NAME for probe parameters ("domains": every known mail domain,
 * "hosts": every documented submission server), comma-separated; NULL for an
 * unknown name. The caller frees. */
char *knowledge_data(const struct knowledge *k, const char *name);

#endif
