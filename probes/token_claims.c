/* SPDX-License-Identifier: ISC
 *
 * The JSON inside tokens and refusals (RFC 7519, RFC 7628 section 3.2.2),
 * bounded in size and depth before it is parsed. Copies are wiped: they are
 * most of a token.
 */
#include "token_claims.h"

#include <jansson.h>
#include <math.h>
#include <string.h>

#include "base/base64.h"
#include "base/buf.h"
#include "base/mem.h"
#include "base/secret.h"

#define JSON_DEPTH 24
#define CLAIM_MAX 300 /* bytes of any one text that is shown */
#define MAX_SCOPES 60
#define LAST_SECOND 253402300799.0 /* of the year 9999 */

/* The parser calls itself for each level; worker stacks are small. */
static bool
is_shallow(const char *text, size_t len)
{
	int depth = 0;
	bool quoted = false;

	for (size_t i = 0; i < len; i++) {
		if (quoted && text[i] == '\\')
			i++;
		else if (text[i] == '"')
			quoted = !quoted;
		else if (!quoted && (text[i] == '{' || text[i] == '['))
			depth++;
		else if (!quoted && (text[i] == '}' || text[i] == ']'))
			depth--;
		if (depth > JSON_DEPTH)
			return false;
	}
	return true;
}

static json_t *
read_json(const char *text, size_t len)
{
	json_error_t why;
	json_t *j;

	if (!is_shallow(text, len))
		return NULL;
	j = json_loadb(text, len, JSON_DISABLE_EOF_CHECK, &why);
	if (json_is_object(j))
		return j;
	json_decref(j);
	return NULL;
}

/* One part of a JWT; NULL when it is no JSON object. */
static json_t *
read_part(const char *text, size_t len)
{
	char *bytes = mem_alloc(len + 1);
	size_t n = 0;
	json_t *j = NULL;

	if (base64_decode(text, len, bytes, &n))
		j = read_json(bytes, n);
	secret_wipe(bytes, len + 1);
	mem_free(bytes);
	return j;
}

static char *
bounded(const char *text)
{
	size_t len = strlen(text);

	if (len > CLAIM_MAX) {
		len = CLAIM_MAX;
		while (len && ((unsigned char)text[len] & 0xc0) == 0x80)
			len--;
	}
	return str_printable(text, len);
}

static void
replace(char **to, char *text)
{
	mem_free(*to);
	*to = text;
}

/* A text, or a list of texts joined by blanks; owned, "" without one. */
static char *
claim(const json_t *j, const char *name)
{
	const json_t *v = json_object_get(j, name);
	struct strs words = {0};
	char *all, *shown;

	if (json_is_string(v))
		return bounded(json_string_value(v));
	for (size_t i = 0; i < json_array_size(v) && i < MAX_SCOPES; i++) {
		const char *word = json_string_value(json_array_get(v, i));

		if (word)
			strs_add(&words, word);
	}
	all = strs_join(&words, " ");
	shown = bounded(all);
	strs_done(&words);
	mem_free(all);
	return shown;
}

/* The first of the claims that says something. */
static char *
first_claim(const json_t *j, const char *const *names)
{
	for (; *names; names++) {
		char *text = claim(j, *names);

		if (*text)
			return text;
		mem_free(text);
	}
	return mem_dup("");
}

/* Seconds since 1970, with a fraction at will (RFC 7519 section 2). */
static int64_t
moment(const json_t *j, const char *name)
{
	const json_t *v = json_object_get(j, name);
	double seconds = json_is_number(v) ? json_number_value(v) : 0;

	if (!isfinite(seconds) || seconds <= 0 || seconds > LAST_SECOND)
		return 0;
	return (int64_t)seconds * 1000;
}

/* ---- what the claims mean for SMTP ---- */

static bool
is_host(const char *audience, const char *host)
{
	size_t len = strlen(host);

	if (str_starts_nocase(audience, "https://"))
		audience += 8;
	return str_starts_nocase(audience, host) &&
	       (audience[len] == '\0' || audience[len] == '/' ||
		   audience[len] == ' ');
}

static enum token_audience
judge_audience(const char *text)
{
	static const struct {
		const char *name;
		enum token_audience is;
	} known[] = {
	    {"outlook.office.com", TOKEN_AUDIENCE_SMTP},
	    {"outlook.office365.com", TOKEN_AUDIENCE_SMTP},
	    {"partner.outlook.cn", TOKEN_AUDIENCE_SMTP},
	    {"00000002-0000-0ff1-ce00-000000000000", TOKEN_AUDIENCE_SMTP},
	    {"graph.microsoft.com", TOKEN_AUDIENCE_GRAPH},
	    {"00000003-0000-0000-c000-000000000000", TOKEN_AUDIENCE_GRAPH},
	};

	if (!*text)
		return TOKEN_AUDIENCE_UNKNOWN;
	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
		if (is_host(text, known[i].name))
			return known[i].is;
	return TOKEN_AUDIENCE_OTHER;
}

/* Is the permission in the list, with or without its resource before it? */
static bool
permits(const json_t *j, const char *name, const char *wanted)
{
	char *list = claim(j, name);
	struct strs words = {0};
	bool found = false;

	strs_split(&words, list, " ,");
	for (size_t i = 0; i < words.n && !found; i++) {
		const char *end = strrchr(words.v[i], '/');

		found = str_same(words.v[i], wanted) ||
			(end && str_same(end + 1, wanted));
	}
	strs_done(&words);
	mem_free(list);
	return found;
}

static enum token_scope
judge_scope(const json_t *j)
{
	/* "scp" and "roles" are Microsoft's, "scope" is RFC 8693's */
	if (permits(j, "scp", "SMTP.Send") ||
	    permits(j, "scope", "SMTP.Send") ||
	    permits(j, "scp", "https://mail.google.com/") ||
	    permits(j, "scope", "https://mail.google.com/"))
		return TOKEN_SCOPE_SEND;
	if (permits(j, "roles", "SMTP.SendAsApp"))
		return TOKEN_SCOPE_SEND_AS_APP;
	return TOKEN_SCOPE_MISSING;
}

static void
read_permissions(const json_t *j, struct token_report *r)
{
	static const char *const names[] = {"scp", "scope", "roles", NULL};
	bool listed = false;

	for (size_t i = 0; names[i]; i++)
		listed |= json_object_get(j, names[i]) != NULL;
	r->scope = judge_scope(j);
	replace(&r->scope_text, first_claim(j, names));
	/* an ID token says who somebody is and permits nothing */
	if (!listed &&
	    (json_object_get(j, "nonce") || json_object_get(j, "at_hash") ||
		json_object_get(j, "c_hash")))
		strs_add(&r->faults, "id-token");
}

static void
read_identity(const json_t *j, struct token_report *r)
{
	static const char *const users[] = {
	    "upn", "preferred_username", "unique_name", "email", NULL};
	static const char *const apps[] = {"appid", "azp", "client_id", NULL};

	replace(&r->user_text, first_claim(j, users));
	replace(&r->app, first_claim(j, apps));
	replace(&r->tenant, claim(j, "tid"));
	replace(&r->issuer, claim(j, "iss"));
	replace(&r->audience_text, claim(j, "aud"));
}

bool
token_read_claims(
    const char *text, size_t len, struct token_report *r, bool *has_scope)
{
	const char *dot = memchr(text, '.', len);
	const char *end;
	json_t *header, *claims;

	if (!dot)
		return false;
	end = memchr(dot + 1, '.', len - (size_t)(dot + 1 - text));
	if (!end)
		end = text + len;
	header = read_part(text, (size_t)(dot - text));
	claims = read_part(dot + 1, (size_t)(end - dot - 1));
	if (header)
		replace(&r->algorithm, claim(header, "alg"));
	if (claims) {
		read_identity(claims, r);
		read_permissions(claims, r);
		r->audience = judge_audience(r->audience_text);
		r->issued_ms = moment(claims, "iat");
		r->starts_ms = moment(claims, "nbf");
		r->ends_ms = moment(claims, "exp");
	}
	*has_scope = claims && *r->scope_text;
	json_decref(header);
	json_decref(claims);
	return header && claims;
}

/* ---- refusals ---- */

bool
token_read_challenge(const char *json, struct token_challenge *out)
{
	json_t *j = read_json(json, strlen(json));

	*out = (struct token_challenge){0};
	if (!j)
		return false;
	out->status = claim(j, "status");
	out->scope = claim(j, "scope");
	out->schemes = claim(j, "schemes");
	json_decref(j);
	return true;
}

void
token_challenge_done(struct token_challenge *c)
{
	mem_free(c->status);
	mem_free(c->scope);
	mem_free(c->schemes);
	*c = (struct token_challenge){0};
}
