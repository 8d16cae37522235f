/* SPDX-License-Identifier: ISC
 *
 * One sign-in by one mechanism. Everything made of the secret is itself a
 * struct secret and wiped; from AUTH to the final reply no line of ours is
 * shown, whatever it holds.
 */
#include "auth.h"

#include <stdio.h>
#include <string.h>

#include "../base/base64.h"
#include "../base/mem.h"
#include "../base/secret.h"

/* RFC 5321 section 4.5.3.1.4: a command line with its CRLF. A longer initial
 * response waits for the 334 (RFC 4954 section 4); some firewalls drop
 * longer commands. */
#define COMMAND_MAX 512
#define MORE_TURNS 3 /* a server may ask again that often */

const char *
auth_status_name(enum auth_status s)
{
	switch (s) {
	case AUTH_ACCEPTED:
		return "accepted";
	case AUTH_REFUSED:
		return "refused";
	case AUTH_TEMPORARY:
		return "temporary";
	case AUTH_NO_MECHANISM:
		return "no-mechanism";
	case AUTH_BROKEN:
		return "broken";
	case AUTH_CANCELLED:
		return "cancelled";
	}
	return "unknown";
}

void
auth_result_done(struct auth_result *r)
{
	smtp_reply_done(&r->reply);
	mem_free(r->challenge);
	*r = (struct auth_result){0};
}

/* What one try needs; everything borrowed. */
struct attempt {
	struct smtp *s;
	const char *user, *host;
	const struct secret *secret;
	int port, timeout_ms;
	struct auth_result *out;
};

#define PART(text)                   \
	{                            \
		(text), strlen(text) \
	}

static struct secret *
text_secret(const char *text)
{
	const struct secret_part part = PART(text);

	return secret_join(&part, 1);
}

/* In base64; takes what it encodes, and has the result looked out for. */
static struct secret *
encode(struct attempt *a, struct secret *bytes)
{
	struct secret *text = secret_base64(bytes);

	secret_free(bytes);
	secret_forms_take(&a->s->hidden, secret_copy(text));
	return text;
}

/* ---- what the mechanisms send ---- */

/* RFC 4616 section 2: no authorization identity. */
static struct secret *
plain_response(const struct attempt *a)
{
	const struct secret_part parts[] = {
	    {"", 1},
	    PART(a->user),
	    {"", 1},
	    {secret_text(a->secret), secret_len(a->secret)},
	};

	return secret_join(parts, 4);
}

static struct secret *
xoauth2_response(const struct attempt *a)
{
	const struct secret_part parts[] = {
	    PART("user="),
	    PART(a->user),
	    PART("\001auth=Bearer "),
	    {secret_text(a->secret), secret_len(a->secret)},
	    PART("\001\001"),
	};

	return secret_join(parts, 5);
}

/* RFC 5801 section 4: "," and "=" in a name stand as "=2C" and "=3D". */
static char *
gs2_name(const char *user)
{
	struct buf b;

	buf_init(&b, BUF_OURS);
	for (const char *c = user; *c != '\0'; c++) {
		if (*c == ',')
			buf_adds(&b, "=2C");
		else if (*c == '=')
			buf_adds(&b, "=3D");
		else
			buf_addc(&b, *c);
	}
	return buf_take(&b);
}

/* RFC 7628 section 3.1. */
static struct secret *
oauthbearer_response(const struct attempt *a)
{
	char *name = gs2_name(a->user);
	char *head = mem_printf("n,a=%s,\001host=%s\001port=%d\001auth=Bearer ",
	    name, a->host, a->port);
	const struct secret_part parts[] = {
	    PART(head),
	    {secret_text(a->secret), secret_len(a->secret)},
	    PART("\001\001"),
	};
	struct secret *s = secret_join(parts, 3);

	mem_free(head);
	mem_free(name);
	return s;
}

/* ---- the dialogue ---- */

/* Replaces the reply that is kept. */
static void
send_line(struct attempt *a, const struct secret *line, const char *shown)
{
	smtp_reply_done(&a->out->reply);
	smtp_secret_line(a->s, line, shown, &a->out->reply, a->timeout_ms);
}

static void
send_text(struct attempt *a, const char *text, const char *shown)
{
	struct secret *line = text_secret(text);

	send_line(a, line, shown);
	secret_free(line);
}

static bool
is_asked(const struct attempt *a)
{
	return a->out->reply.status == SMTP_OK && a->out->reply.code == 334;
}

/* "AUTH MECH" alone. */
static void
send_auth(struct attempt *a, const char *mechanism)
{
	char *line = mem_printf("AUTH %s", mechanism);

	send_text(a, line, line);
	mem_free(line);
}

/* The one response of a mechanism, with the command when it fits; takes it. */
static void
send_response(struct attempt *a, const char *mechanism, struct secret *response)
{
	struct secret *text = encode(a, response);
	const struct secret_part parts[] = {
	    PART("AUTH "),
	    PART(mechanism),
	    PART(" "),
	    {secret_text(text), secret_len(text)},
	};
	struct secret *line = secret_join(parts, 4);

	if (secret_len(line) + 2 <= COMMAND_MAX) {
		char *shown = mem_printf("AUTH %s [redacted]", mechanism);

		send_line(a, line, shown);
		mem_free(shown);
	} else {
		send_auth(a, mechanism);
		if (is_asked(a))
			send_line(a, text, "[redacted]");
	}
	secret_free(line);
	secret_free(text);
}

/* Prompts differ from server to server: the order counts, not the words. */
static void
hold_login(struct attempt *a)
{
	struct secret *user, *text;

	send_auth(a, "LOGIN");
	if (!is_asked(a))
		return;
	user = text_secret(a->user);
	text = secret_base64(user);
	secret_free(user);
	send_line(a, text, "[redacted]");
	secret_free(text);
	if (!is_asked(a))
		return;
	text = encode(a, secret_copy(a->secret));
	send_line(a, text, "[redacted]");
	secret_free(text);
}

/* What a server says in base64 before it refuses a token. */
static void
keep_challenge(struct attempt *a)
{
	const struct strs *lines = &a->out->reply.lines;
	const char *text = lines->n > 0 ? lines->v[0] : "";
	size_t len = strlen(text), n = 0;
	char *bytes;

	if (len <= 4 || a->out->challenge != NULL)
		return;
	bytes = mem_alloc(len);
	if (base64_decode(text + 4, len - 4, bytes, &n) && n > 0) {
		a->out->challenge = secret_forms_in(&a->s->hidden, bytes, n)
					? mem_dup("[redacted: echo]")
					: str_printable(bytes, n);
	}
	secret_wipe(bytes, len);
	mem_free(bytes);
}

/* A refused token: the server explains and waits for a word of ours. */
static void
hold_token(struct attempt *a, bool is_bearer)
{
	send_response(a, is_bearer ? "OAUTHBEARER" : "XOAUTH2",
	    is_bearer ? oauthbearer_response(a) : xoauth2_response(a));
	for (int i = 0; i < MORE_TURNS && is_asked(a); i++) {
		keep_challenge(a);
		/* RFC 7628 section 3.2.3; XOAUTH2 wants an empty line */
		send_text(a, is_bearer ? "AQ==" : "", "[redacted]");
	}
}

static enum auth_status
judge(const struct smtp_reply *r)
{
	if (r->status == SMTP_CANCELLED)
		return AUTH_CANCELLED;
	if (r->status != SMTP_OK)
		return AUTH_BROKEN;
	if (r->code / 100 == 2)
		return AUTH_ACCEPTED;
	if (r->code / 100 == 4)
		return AUTH_TEMPORARY;
	return r->code / 100 == 5 ? AUTH_REFUSED : AUTH_BROKEN;
}

static const char *
choose(const struct strs *offered, bool has_token)
{
	static const char *const spoken[] = {
	    "PLAIN", "LOGIN", "XOAUTH2", "OAUTHBEARER"};
	const char *const *two = spoken + (has_token ? 2 : 0);

	for (size_t i = 0; i < 2; i++)
		if (strs_has(offered, two[i]))
			return two[i];
	return NULL;
}

void
auth_try(struct smtp *s, const struct strs *offered, const char *user,
    const struct secret *password, const struct secret *token, const char *host,
    int port, int timeout_ms, struct auth_result *out)
{
	const char *mechanism = choose(offered, token != NULL);
	struct attempt a = {
	    .s = s,
	    .user = user,
	    .host = host,
	    .secret = token != NULL ? token : password,
	    .port = port,
	    .timeout_ms = timeout_ms,
	    .out = out,
	};

	*out = (struct auth_result){.status = AUTH_NO_MECHANISM};
	if (mechanism == NULL)
		return;
	snprintf(out->mechanism, sizeof(out->mechanism), "%s", mechanism);
	smtp_hide(s, a.secret);
	if (str_eq(mechanism, "PLAIN"))
		send_response(&a, mechanism, plain_response(&a));
	else if (str_eq(mechanism, "LOGIN"))
		hold_login(&a);
	else
		hold_token(&a, str_eq(mechanism, "OAUTHBEARER"));
	/* a server that goes on asking is told to stop (RFC 4954 section 4) */
	if (is_asked(&a)) {
		send_text(&a, "*", "[redacted]");
		out->status = AUTH_BROKEN;
		return;
	}
	out->status = judge(&out->reply);
}
