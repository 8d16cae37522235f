/* SPDX-License-Identifier: ISC
 *
 * The sender's address: is it one (RFC 5321 section 4.1.2, RFC 6531), what
 * does it look like to people and to machines, is its domain a slip of the
 * finger? Asks nobody.
 */
#include "probe.h"

#include <string.h>

#include "base/mem.h"
#include "names.h"

#define LOCAL_MAX 64 /* RFC 5321 section 4.5.3.1.1 */
#define ADDRESS_MAX 1024 /* what is longer was pasted by mistake */

/* "Anna <anna@x>", "mailto:anna@x" -> "anna@x". The caller frees. */
static char *
bare_address(const char *text)
{
	char *copy = mem_dup(text);
	char *s = str_trim(copy);
	char *open = strrchr(s, '<');
	char *close = open ? strchr(open, '>') : NULL;

	if (close) {
		*close = '\0';
		s = str_trim(open + 1);
	}
	if (str_starts_nocase(s, "mailto:"))
		s += strlen("mailto:");
	char *bare = mem_dup(s);
	mem_free(copy);
	return bare;
}

/* RFC 5322 atext and, by RFC 6531, everything that is not ASCII. */
static bool
is_atext(unsigned char c)
{
	return c >= 0x80 || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
	       (c >= '0' && c <= '9') ||
	       (c && strchr("!#$%&'*+-/=?^_`{|}~", c));
}

static bool
is_quoted_string(const char *s, size_t len)
{
	if (len < 3 || s[0] != '"' || s[len - 1] != '"')
		return false;
	for (size_t i = 1; i < len - 1; i++) {
		if (s[i] == '\\' && i + 1 < len - 1)
			i++;
		else if (s[i] == '"' || s[i] == '\\' ||
			 (unsigned char)s[i] < 0x20 || s[i] == 0x7f)
			return false;
	}
	return true;
}

static bool
local_ok(const char *s, size_t len)
{
	if (!len || len > LOCAL_MAX)
		return false;
	if (s[0] == '"')
		return is_quoted_string(s, len);
	for (size_t i = 0; i < len; i++) {
		bool lone_dot =
		    s[i] == '.' && i > 0 && i + 1 < len && s[i + 1] != '.';
		if (!lone_dot && !is_atext((unsigned char)s[i]))
			return false;
	}
	return true;
}

static void
set_printable(struct probe_ctx *ctx, const char *name, const char *text)
{
	char *shown = str_printable(text, strlen(text));

	probe_fact(ctx, name, shown);
	mem_free(shown);
}

static void
judge_typo(struct probe_ctx *ctx, const char *local, const char *domain)
{
	struct strs known = {0};
	const char *list = probe_param(ctx, "known");

	if (list)
		strs_split(&known, list, ", ");
	char *nearest = name_nearest(domain, &known);
	if (nearest) {
		char *shown = name_to_unicode(nearest);
		char *whole = mem_printf("%s@%s", local, shown);
		set_printable(ctx, "address.suggestion", whole);
		probe_fact(ctx, "address.typo", "yes");
		probe_finding(ctx, FINDING_WARN, "address.typo",
		    "The part after the @ looks mistyped: %s may be meant.",
		    shown);
		mem_free(whole);
		mem_free(shown);
	} else {
		probe_fact(ctx, "address.typo", "no");
	}
	mem_free(nearest);
	strs_done(&known);
}

/* What is no domain name may still be a well-known one, mistyped. */
static void
judge_bad_domain(struct probe_ctx *ctx, const char *local, const char *text)
{
	struct strs known = {0};
	const char *list = probe_param(ctx, "known");
	char *tidy = name_tidy(text);
	char *domain = name_to_ascii(tidy);
	char *meant = NULL;

	probe_fact(ctx, "address.syntax", "bad-domain");
	probe_finding(ctx, FINDING_FAIL, "address.bad-domain",
	    "The part after the @, \"%s\", is not the name of a mail domain.",
	    text);
	if (list)
		strs_split(&known, list, ", ");
	if (domain && name_is_known(domain, &known))
		meant = mem_dup(domain);
	else if (domain)
		meant = name_nearest(domain, &known);
	if (meant) {
		char *whole = mem_printf("%s@%s", local, meant);
		set_printable(ctx, "address.suggestion", whole);
		probe_fact(ctx, "address.typo", "yes");
		mem_free(whole);
	}
	mem_free(meant);
	mem_free(domain);
	mem_free(tidy);
	strs_done(&known);
}

static void
judge_domain(struct probe_ctx *ctx, const char *local, const char *text)
{
	char *domain = name_to_ascii(text);

	if (!domain || !strchr(domain, '.')) {
		judge_bad_domain(ctx, local, text);
		mem_free(domain);
		return;
	}
	char *shown = name_to_unicode(domain);
	probe_fact(ctx, "address.syntax", "ok");
	probe_fact(ctx, "address.domain", domain);
	probe_fact(ctx, "address.shown", shown);
	judge_typo(ctx, local, domain);
	mem_free(shown);
	mem_free(domain);
}

static void
judge(struct probe_ctx *ctx, char *email)
{
	char *at = strrchr(email, '@');

	if (!*email) {
		probe_fact(ctx, "address.syntax", "empty");
		return;
	}
	if (!at || strlen(email) > ADDRESS_MAX) {
		probe_fact(ctx, "address.syntax", "no-at");
		probe_finding(ctx, FINDING_FAIL, "address.no-at",
		    "An e-mail address has an @ between the person and the "
		    "domain; this one has none.");
		return;
	}
	*at = '\0';
	set_printable(ctx, "address.local", email);
	if (!local_ok(email, strlen(email))) {
		probe_fact(ctx, "address.syntax", "bad-local");
		probe_finding(ctx, FINDING_FAIL, "address.bad-local",
		    "The part before the @, \"%s\", cannot stand in an e-mail "
		    "address.",
		    email);
		return;
	}
	judge_domain(ctx, email, at + 1);
}

static const struct probe_param params[] = {
    {"email", true, "the address mail is sent from"},
    {"known", false, "well-known mail domains, comma-separated"},
    {NULL, false, NULL},
};

static const struct probe_fact facts[] = {
    {"address.syntax", "ok|empty|no-at|bad-local|bad-domain|unknown",
	"is it an e-mail address?"},
    {"address.domain", NULL, "its domain in ASCII, lower case"},
    {"address.shown", NULL, "its domain as people write it"},
    {"address.local", NULL, "the part before the @"},
    {"address.typo", "yes|no|unknown",
	"is the domain nearly, but not quite, a well-known one?"},
    {"address.suggestion", NULL, "the address that was probably meant"},
    {NULL, NULL, NULL},
};

static void
run(struct probe_ctx *ctx)
{
	const char *email = probe_param(ctx, "email");
	char *bare = bare_address(email ? email : "");

	judge(ctx, bare);
	mem_free(bare);
	probe_unknowns(ctx, facts);
}

const struct probe probe_address = {
    .name = "address",
    .summary = "reads the e-mail address and looks for slips in its domain",
    .params = params,
    .facts = facts,
    .effect = PROBE_READS,
    .run = run,
};
