/* SPDX-License-Identifier: ISC
 *
 * The token doctor: takes off what people paste around a token, finds out
 * what it is, and says in sentences what would keep it from working.
 */
#include "token.h"

#include <string.h>

#include "base/base64.h"
#include "base/clock.h"
#include "base/mem.h"
#include "base/secret.h"
#include "base/token_shape.h"
#include "token_claims.h"

#define USER_MAX 320 /* of an address, RFC 3696 */

const char *
token_kind_name(enum token_kind k)
{
	switch (k) {
	case TOKEN_NONE:
		return "none";
	case TOKEN_JWT:
		return "jwt";
	case TOKEN_OPAQUE:
		return "opaque";
	case TOKEN_BLOB:
		return "blob";
	case TOKEN_UNKNOWN:
		break;
	}
	return "unknown";
}

const char *
token_audience_name(enum token_audience a)
{
	switch (a) {
	case TOKEN_AUDIENCE_SMTP:
		return "smtp";
	case TOKEN_AUDIENCE_GRAPH:
		return "graph";
	case TOKEN_AUDIENCE_OTHER:
		return "other";
	case TOKEN_AUDIENCE_UNKNOWN:
		break;
	}
	return "unknown";
}

const char *
token_scope_name(enum token_scope s)
{
	switch (s) {
	case TOKEN_SCOPE_SEND:
		return "send";
	case TOKEN_SCOPE_SEND_AS_APP:
		return "send-as-app";
	case TOKEN_SCOPE_MISSING:
		return "missing";
	case TOKEN_SCOPE_UNKNOWN:
		break;
	}
	return "unknown";
}

/* ---- faults ---- */

static const struct {
	const char *id, *text;
} fault_texts[] = {
    {"blank", "There are blanks or line breaks inside or around the token; "
	      "copying from a terminal or a document does that."},
    {"quotes", "The token stands in quotes, which are not part of it."},
    {"bearer-prefix", "The word \"Bearer\" stands before the token and is not "
		      "part of it."},
    {"json", "This is the whole answer of the token service; only the value "
	     "of access_token is the token."},
    {"refresh-token", "This looks like a refresh token or a sign-in code; the "
		      "mail server wants an access token."},
    {"encrypted", "This token is encrypted for its server and says nothing "
		  "to anybody else."},
    {"id-token", "This is an ID token: it says who signed in and permits "
		 "nothing."},
    {"cut", "The token is incomplete: parts of it cannot be read. Was it cut "
	    "when it was copied?"},
    {"not-yet", "The token is not valid yet by this computer's clock."},
    {"unsigned", "The token has no signature; no server takes that."},
    {"control", "There are control characters in the token."},
    {"blob-not-base64", "The response is not encoded in base64."},
    {"blob-no-user", "The response does not begin with user= and a name."},
    {"blob-no-bearer", "The response lacks the part auth=Bearer and a "
		       "token."},
    {"blob-no-end", "The response does not end in two bytes 0x01."},
    {"blob-carets", "The response holds the two characters ^A in place of "
		    "the byte 0x01."},
    {"blob-line-end", "There is a line end inside the response; it was "
		      "encoded along with it (echo without -n does that)."},
    {"blob-wrapped", "The base64 of the response is cut into lines; it must "
		     "be one line (base64 -w0)."},
    {"blob-url-alphabet", "The response uses the URL alphabet of base64 (- "
			  "and _); SMTP wants + and /."},
    {"blob-no-host", "The response names no host and port (RFC 7628 asks for "
		     "them)."},
};

const char *
token_fault_text(const char *id)
{
	for (size_t i = 0; i < sizeof(fault_texts) / sizeof(fault_texts[0]);
	     i++)
		if (str_eq(fault_texts[i].id, id))
			return fault_texts[i].text;
	return NULL;
}

static void
fault(struct token_report *r, const char *id)
{
	if (!strs_has(&r->faults, id))
		strs_add(&r->faults, id);
}

/* ---- one token ---- */

static bool
is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

static bool
starts_nocase(const char *text, size_t len, const char *start)
{
	return len >= strlen(start) && str_starts_nocase(text, start);
}

/* What people paste along with a token. */
static void
strip(const char **text, size_t *len, struct token_report *r)
{
	size_t before = *len;

	while (*len && is_blank(**text)) {
		++*text;
		--*len;
	}
	while (*len && is_blank((*text)[*len - 1]))
		--*len;
	/* one line end is how files end */
	if (before > *len + 1)
		fault(r, "blank");
	if (*len >= 2 && (**text == '"' || **text == '\'') &&
	    (*text)[*len - 1] == **text) {
		fault(r, "quotes");
		++*text;
		*len -= 2;
	}
	if (starts_nocase(*text, *len, "bearer ")) {
		fault(r, "bearer-prefix");
		*text += 7;
		*len -= 7;
	}
}

static void
note_bytes(const char *text, size_t len, struct token_report *r)
{
	for (size_t i = 0; i < len; i++) {
		unsigned char c = (unsigned char)text[i];

		if (is_blank(text[i]))
			fault(r, "blank");
		else if (c < 0x20 || c == 0x7f)
			fault(r, "control");
	}
}

static void
judge_times(struct token_report *r, int64_t now_ms)
{
	if (r->ends_ms)
		r->expired = r->ends_ms <= now_ms ? TOKEN_YES : TOKEN_NO;
	if (r->starts_ms > now_ms)
		fault(r, "not-yet");
}

static void
judge_user(struct token_report *r, const char *account)
{
	if (!account || !*account || !strchr(account, '@') || !*r->user_text)
		return;
	r->user_matches =
	    str_same(account, r->user_text) ? TOKEN_YES : TOKEN_NO;
}

static void
read_jwt(const char *text, size_t len, const char *account, int64_t now_ms,
    struct token_report *r)
{
	bool has_scope = false;

	r->kind = TOKEN_JWT;
	if (!token_read_claims(text, len, r, &has_scope))
		fault(r, "cut");
	if (text[len - 1] == '.' || str_same(r->algorithm, "none"))
		fault(r, "unsigned");
	if (str_find_nocase(r->issuer, "sts.windows.net") ||
	    str_find_nocase(r->issuer, "login.microsoftonline") ||
	    str_find_nocase(r->issuer, "login.partner.microsoftonline"))
		r->maker = "a work or school account at Microsoft";
	judge_times(r, now_ms);
	judge_user(r, account);
}

static void
read_one(const char *text, size_t len, const char *account, int64_t now_ms,
    struct token_report *r)
{
	strip(&text, &len, r);
	note_bytes(text, len, r);
	if (!len) {
		r->kind = TOKEN_NONE;
		return;
	}
	if (*text == '{') {
		fault(r, "json");
		return;
	}
	switch (token_shape_of(text, len)) {
	case TOKEN_SHAPE_JWT:
		read_jwt(text, len, account, now_ms, r);
		return;
	case TOKEN_SHAPE_JWE:
		r->kind = TOKEN_OPAQUE;
		fault(r, "encrypted");
		return;
	case TOKEN_SHAPE_MICROSOFT:
		r->kind = TOKEN_OPAQUE;
		r->maker = "a personal Microsoft account (Outlook.com, "
			   "Hotmail)";
		return;
	case TOKEN_SHAPE_GOOGLE:
		r->kind = TOKEN_OPAQUE;
		r->maker = "Google";
		return;
	case TOKEN_SHAPE_REFRESH:
		r->kind = TOKEN_OPAQUE;
		fault(r, "refresh-token");
		return;
	case TOKEN_SHAPE_LONG:
		r->kind = TOKEN_OPAQUE;
		return;
	case TOKEN_SHAPE_NONE:
	case TOKEN_SHAPE_BLOB: /* a blob inside a blob */
		break;
	}
	/* a JWT that lost its end still begins like one */
	if (len > 40 && memcmp(text, "eyJ", 3) == 0) {
		read_jwt(text, len, account, now_ms, r);
		fault(r, "cut");
	}
}

/* ---- blobs ---- */

/* Text from `at` to the next ^A or the end. */
static size_t
field_len(const char *at, const char *end)
{
	const char *stop = memchr(at, 1, (size_t)(end - at));

	return (size_t)((stop ? stop : end) - at);
}

static const char *
find(const char *text, size_t len, const char *what)
{
	return memmem(text, len, what, strlen(what));
}

/*
 * Up to the first byte that no name holds, and never into the token: where
 * the separators got lost the rest of the response follows at once.
 */
static void
take_blob_user(struct token_report *r, const char *at, size_t len)
{
	const char *rest = find(at, len, "auth=");
	size_t n = 0;

	if (rest)
		len = (size_t)(rest - at);
	while (n < len && (unsigned char)at[n] > ' ')
		n++;
	len = n;
	if (!len) {
		fault(r, "blob-no-user");
		return;
	}
	mem_free(r->blob_user);
	r->blob_user = str_printable(at, len < USER_MAX ? len : USER_MAX);
}

static void
read_blob_user(const char *text, size_t len, struct token_report *r)
{
	const char *end = text + len;

	r->blob_is_bearer = len >= 4 && memcmp(text, "n,a=", 4) == 0;
	if (r->blob_is_bearer) {
		const char *comma = memchr(text + 4, ',', len - 4);

		take_blob_user(
		    r, text + 4, (size_t)((comma ? comma : end) - text - 4));
		if (!find(text, len, "\001host=") ||
		    !find(text, len, "\001port="))
			fault(r, "blob-no-host");
	} else if (len >= 5 && memcmp(text, "user=", 5) == 0) {
		take_blob_user(r, text + 5, field_len(text + 5, end));
	} else {
		fault(r, "blob-no-user");
	}
}

/* ^A typed as two characters is taken for the byte, to see the rest. */
static size_t
mend_carets(char *text, size_t len, struct token_report *r)
{
	size_t n = 0;

	for (size_t i = 0; i < len; i++) {
		if (text[i] == '^' && i + 1 < len && text[i + 1] == 'A') {
			fault(r, "blob-carets");
			text[n++] = 1;
			i++;
		} else {
			text[n++] = text[i];
		}
	}
	return n;
}

/* The decoded response; changed on the way. */
static void
read_response(char *text, size_t len, const char *account, int64_t now_ms,
    struct token_report *r)
{
	const char *at;

	len = mend_carets(text, len, r);
	if (memchr(text, '\n', len) || memchr(text, '\r', len))
		fault(r, "blob-line-end");
	while (len && (text[len - 1] == '\n' || text[len - 1] == '\r'))
		len--;
	r->kind = TOKEN_BLOB;
	read_blob_user(text, len, r);
	if (len < 2 || text[len - 1] != 1 || text[len - 2] != 1)
		fault(r, "blob-no-end");
	at = find(text, len, "\001auth=Bearer ");
	if (!at) {
		fault(r, "blob-no-bearer");
		return;
	}
	at += strlen("\001auth=Bearer ");
	read_one(at, field_len(at, text + len), account, now_ms, r);
	if (r->kind == TOKEN_NONE)
		fault(r, "blob-no-bearer");
	r->kind = TOKEN_BLOB;
	if (account && *account && r->blob_user && strchr(account, '@') &&
	    !str_same(account, r->blob_user))
		r->user_matches = TOKEN_NO;
}

/* Base64 without the line breaks and blanks that got into it. */
static size_t
unwrap(const char *text, size_t len, char *out, struct token_report *r)
{
	size_t n = 0;

	for (size_t i = 0; i < len; i++) {
		if (is_blank(text[i])) {
			fault(r, "blob-wrapped");
			continue;
		}
		if (text[i] == '-' || text[i] == '_')
			fault(r, "blob-url-alphabet");
		out[n++] = text[i];
	}
	return n;
}

static bool
looks_like_response(const char *text, size_t len)
{
	return (len >= 5 && memcmp(text, "user=", 5) == 0) ||
	       (len >= 4 && memcmp(text, "n,a=", 4) == 0) ||
	       find(text, len, "\001auth=Bearer ") != NULL;
}

/* True when it was a blob, in the clear or encoded. */
static bool
read_blob(const char *text, size_t len, const char *account, int64_t now_ms,
    struct token_report *r)
{
	char *flat = mem_alloc(len + 1), *bytes = mem_alloc(len + 1);
	struct token_report aside = {0};
	size_t n = 0, flat_len;
	bool found;

	while (len && is_blank(text[len - 1]))
		len--;
	memcpy(bytes, text, len);
	found = looks_like_response(bytes, len);
	if (found) {
		fault(r, "blob-not-base64");
		n = len;
	} else {
		flat_len = unwrap(text, len, flat, &aside);
		found = base64_decode(flat, flat_len, bytes, &n) &&
			looks_like_response(bytes, n);
		if (found)
			strs_copy(&r->faults, &aside.faults);
	}
	if (found)
		read_response(bytes, n, account, now_ms, r);
	strs_done(&aside.faults);
	secret_wipe(flat, len + 1);
	secret_wipe(bytes, len + 1);
	mem_free(flat);
	mem_free(bytes);
	return found;
}

void
token_read(const char *text, size_t len, const char *account, int64_t now_ms,
    struct token_report *out)
{
	*out = (struct token_report){.kind = TOKEN_UNKNOWN};
	out->audience_text = mem_dup("");
	out->scope_text = mem_dup("");
	out->user_text = mem_dup("");
	out->tenant = mem_dup("");
	out->issuer = mem_dup("");
	out->app = mem_dup("");
	out->algorithm = mem_dup("");
	out->blob_user = mem_dup("");
	if (len > SECRET_MAX)
		len = SECRET_MAX;
	if (!read_blob(text, len, account, now_ms, out))
		read_one(text, len, account, now_ms, out);
}

void
token_report_done(struct token_report *r)
{
	strs_done(&r->faults);
	mem_free(r->audience_text);
	mem_free(r->scope_text);
	mem_free(r->user_text);
	mem_free(r->tenant);
	mem_free(r->issuer);
	mem_free(r->app);
	mem_free(r->algorithm);
	mem_free(r->blob_user);
	*r = (struct token_report){0};
}
