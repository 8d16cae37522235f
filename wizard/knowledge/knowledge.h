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

struct service {   /* one documented way to submit mail */
	char *host;    /* owned; may hold {domain} for "smtp.{domain}" */
	int port;
	char *security; /* owned: starttls|implicit-tls */
	char *certainty; /* owned or NULL (as the provider): seen|known */
};

enum password_rule {
	PASSWORDS_UNKNOWN,
	PASSWORDS_ACCEPTED,
	PASSWORDS_APP_ONLY,  /* an app password (or the like) is demanded */
	PASSWORDS_OFF,       /* OAuth2 only */
	PASSWORDS_ADMIN,     /* an administrator decides */
};

struct provider {
	char *id, *name;          /* owned */
	char *kind;               /* owned: microsoft-365|outlook-com|google|other */
	/* Mail domains; "yahoo.*" matches any TLD, "*.rr.com" what is below. */
	struct strs domains;
	/* Suffixes on label borders; with a `*` (any text but a dot) the
	 * whole name must match: "mx*.ovh.net". */
	struct strs mx;
	struct strs hosts;        /* the same, of names that belong to it */
	struct service *services; /* documented, preferred first */
	size_t n_services, cap_services;
	struct strs not_submission; /* "imap.gmail.com=imap", "smtp.live.com=retired" */
	bool no_submission;       /* offers no SMTP to clients at all */
	bool oauth;               /* takes OAuth2 for SMTP */
	/* Rules by date: the last one whose day has come holds. */
	struct password_since {
		int64_t from_ms;
		enum password_rule rule;
	} *passwords;
	size_t n_passwords, cap_passwords;
	char *username;           /* owned: full|local|other */
	char *note;               /* owned or NULL */
	char *source, *checked;   /* owned; checked is YYYY-MM-DD */
	char *certainty;          /* owned: seen (in the source)|known */
	struct kvs hints;         /* free-named texts for remedies (url, ...) */
};

struct mx_filter { /* stands in front of a mailbox host that is unknown */
	char *name, *suffix;
};

struct interceptor {
	char *name;          /* owned: "Avast" */
	char *kind;          /* owned: antivirus|company-proxy|filter|developer */
	struct strs issuers; /* fragments of issuer names, compared nocase */
	char *advice, *source, *checked; /* owned */
};

struct text_when {  /* a text that is shown only when its condition holds */
	char *text;         /* owned */
	struct when *when;  /* owned or NULL: always */
};

struct cause {
	char *id, *blame;   /* owned; as in the contract */
	char *confidence;   /* owned: default */
	struct text_when *title, *meaning, *remedy, *prevent, *fixed_by, *why;
	size_t n_title, n_meaning, n_remedy, n_prevent, n_fixed_by, n_why;
	/* title, meaning, fixed_by: the first that holds; the others: all */
};

struct error_text { /* what a mail program shows */
	struct strs match;  /* every fragment must be in the text (nocase) */
	char *class;        /* owned: value of app.error_class */
	char *meaning;      /* owned: one or two sentences */
	bool weak;          /* counts only where nothing else fits */
	char *source, *checked;
};

struct origin {     /* a file that knowledge came from */
	char *name, *version, *file; /* owned; file "built in" or a path */
	char *older;    /* owned or NULL: an ignored older copy */
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

const struct provider *knowledge_by_domain(const struct knowledge *k,
    const char *domain);
const struct provider *knowledge_by_mx(const struct knowledge *k,
    const char *mx_host);
const struct provider *knowledge_by_host(const struct knowledge *k,
    const char *host);
const struct mx_filter *knowledge_filter(const struct knowledge *k,
    const char *mx_host);
/* What data says a host name is: "imap", "mx", "retired", ... or NULL. */
const char *knowledge_not_submission(const struct knowledge *k,
    const char *host);
enum password_rule knowledge_passwords(const struct provider *p,
    int64_t now_ms);
/* The first interceptor one of whose fragments is in the issuer text. */
const struct interceptor *knowledge_interceptor(const struct knowledge *k,
    const char *issuer);
const struct cause *knowledge_cause(const struct knowledge *k,
    const char *id);
/* The most specific (longest match) explanation of what an app shows. */
const struct error_text *knowledge_error(const struct knowledge *k,
    const char *text);
/* data.NAME for probe parameters ("domains": every known mail domain,
 * "hosts": every documented submission server), comma-separated; NULL for an unknown name. The caller frees. */
char *knowledge_data(const struct knowledge *k, const char *name);

#endif
