/* SPDX-License-Identifier: ISC
 *
 * The lab's sign-ins (RFC 4954): the users of the scenario, its replies to
 * them, and the ways a server can spoil it. Complains about a client that
 * keeps to no mechanism.
 */
#include "lab_conn.h"

#include <stdio.h>
#include <string.h>

#include "../base/base64.h"
#include "../base/mem.h"

#define REFUSED "535 5.7.8 Authentication credentials invalid"
#define ACCEPTED "235 2.7.0 Authentication successful"

/* What the client gave. */
struct login {
	char *user, *secret; /* owned, or NULL */
	bool is_token, is_bearer; /* OAUTHBEARER */
	char *sent; /* owned: the last line that held it */
};

static void
login_done(struct login *l)
{
	mem_free(l->user);
	mem_free(l->secret);
	mem_free(l->sent);
}

static bool
offers(const struct lab_conn *c, const char *mechanism)
{
	const struct lab_server *s = c->server;
	const char *list = s->auth != NULL ? s->auth : "PLAIN LOGIN";
	struct strs words = {0};
	bool found;

	strs_split(&words, list, " ");
	found = strs_has(&words, mechanism);
	strs_done(&words);
	return found;
}

static const char *
reply_of(const struct lab_conn *c, const char *name, const char *usual)
{
	return kvs_get_or(&c->server->auth_reply, name, usual);
}

static void
complain(struct lab_conn *c, const char *what)
{
	lab_complain(c->listener->world, "%s port %d: sign-in: %s",
	    c->listener->host, c->listener->port->port, what);
}

/* The client's next line after a prompt; owned, NULL when it is gone. */
static char *
ask(struct lab_conn *c, const char *prompt)
{
	char *line = mem_alloc(LAB_LINE_MAX), *reply;
	bool ok;

	reply = mem_printf("334 %s\r\n", prompt);
	ok = lab_write_text(c, reply) && lab_read_line(c, line, LAB_LINE_MAX);
	mem_free(reply);
	if (ok)
		return line;
	mem_free(line);
	return NULL;
}

static const char *
prompt(const struct lab_conn *c, size_t i)
{
	static const char *const usual[] = {"VXNlcm5hbWU6", "UGFzc3dvcmQ6"};

	return i < c->server->auth_prompts.n ? c->server->auth_prompts.v[i]
					     : usual[i];
}

/* Owned; NULL for what is no base64. */
static char *
decode(const char *text, size_t *len)
{
	size_t n = strlen(text);
	char *bytes = mem_alloc(n + 1);

	if (base64_decode(text, n, bytes, len))
		return bytes;
	mem_free(bytes);
	return NULL;
}

static bool
read_plain(struct login *l, const char *bytes, size_t len)
{
	const char *user = memchr(bytes, '\0', len);
	const char *secret;

	if (user == NULL)
		return false;
	user++;
	secret = memchr(user, '\0', len - (size_t)(user - bytes));
	if (secret == NULL)
		return false;
	l->user = mem_dup(user);
	secret++;
	l->secret = mem_dupn(secret, len - (size_t)(secret - bytes));
	return true;
}

/* Up to the next ^A; owned. */
static char *
field(const char *text, const char *start)
{
	const char *at = strstr(text, start);

	if (at == NULL)
		return NULL;
	at += strlen(start);
	return mem_dupn(at, strcspn(at, "\001"));
}

/* The bytes end in a NUL. */
static bool
read_token(struct login *l, const char *bytes, size_t len)
{
	if (len < 2 || memcmp(bytes + len - 2, "\001\001", 2) != 0)
		return false;
	l->secret = field(bytes, "\001auth=Bearer ");
	if (!l->is_bearer) {
		if (!str_starts(bytes, "user="))
			return false;
		l->user = field(bytes, "user=");
	} else if (str_starts(bytes, "n,a=")) {
		l->user = mem_dupn(bytes + 4, strcspn(bytes + 4, ","));
	}
	return l->user != NULL && l->secret != NULL;
}

/* A reply of several lines, or close, reset, silence. False: it is over. */
static bool
answer(struct lab_conn *c, const char *reply)
{
	return lab_say(c, reply);
}

static bool
is_known(const struct lab_conn *c, const struct login *l)
{
	for (size_t i = 0; i < c->server->n_users; i++) {
		const struct lab_user *u = &c->server->users[i];

		if (str_same(u->name, l->user) &&
		    str_eq(l->is_token ? u->token : u->password, l->secret))
			return true;
	}
	return false;
}

/* Gives back what it was sent, as nobody should. */
static bool
echo(struct lab_conn *c, const struct login *l)
{
	char *text = mem_printf("535-5.7.8 you sent %s\n535-5.7.8 that is %s\n"
				"535 5.7.8 so no",
	    l->sent, l->secret);
	bool ok = lab_write_lines(c, text);

	mem_free(text);
	return ok;
}

/* The JSON before the refusal of a token. */
static bool
challenge(struct lab_conn *c, const struct login *l)
{
	const char *json = c->server->token_challenge;
	char *text, *line;

	if (!l->is_token || json == NULL)
		return true;
	text = mem_alloc(base64_size(strlen(json)));
	base64_encode(json, strlen(json), text);
	line = ask(c, text);
	mem_free(text);
	if (line == NULL)
		return false;
	if (!str_eq(line, l->is_bearer ? "AQ==" : ""))
		complain(c, "a wrong answer to the challenge");
	mem_free(line);
	return true;
}

static bool
decide(struct lab_conn *c, const struct login *l)
{
	switch (c->server->auth_fault) {
	case LAB_AUTH_FINE:
		break;
	case LAB_AUTH_CLOSE:
		return false;
	case LAB_AUTH_RESET:
		return answer(c, "reset");
	case LAB_AUTH_SILENCE:
		return answer(c, "silence");
	case LAB_AUTH_ECHO:
		return echo(c, l);
	}
	if (is_known(c, l)) {
		c->is_logged_in = true;
		return answer(c, reply_of(c, "accepted", ACCEPTED));
	}
	return challenge(c, l) && answer(c, reply_of(c, "refused", REFUSED));
}

/* One response in base64, at once or after an empty 334; takes `initial`. */
static bool
one_step(struct lab_conn *c, struct login *l, const char *initial)
{
	size_t len = 0;
	char *bytes;
	bool ok = false;

	l->sent = *initial != '\0' ? mem_dup(initial) : ask(c, "");
	if (l->sent == NULL)
		return false;
	if (str_eq(l->sent, "*"))
		return answer(c, "501 5.7.0 Authentication cancelled");
	bytes = decode(l->sent, &len);
	if (bytes != NULL)
		ok = l->is_token ? read_token(l, bytes, len)
				 : read_plain(l, bytes, len);
	mem_free(bytes);
	if (ok)
		return decide(c, l);
	complain(c, "what was sent does not follow the mechanism");
	return answer(c, "501 5.5.2 Cannot decode that");
}

static bool
two_steps(struct lab_conn *c, struct login *l)
{
	size_t len = 0;
	char *user = ask(c, prompt(c, 0));

	if (user == NULL)
		return false;
	l->user = decode(user, &len);
	mem_free(user);
	l->sent = ask(c, prompt(c, 1));
	if (l->sent == NULL)
		return false;
	l->secret = decode(l->sent, &len);
	if (l->user != NULL && l->secret != NULL)
		return decide(c, l);
	complain(c, "what was sent is no base64");
	return answer(c, "501 5.5.2 Cannot decode that");
}

static bool
is_open_to(struct lab_conn *c, const char *mechanism)
{
	return (c->ssl != NULL || c->server->auth_plain) &&
	       offers(c, mechanism);
}

bool
lab_auth(struct lab_conn *c, const char *line)
{
	char mechanism[32] = "";
	const char *initial;
	struct login l = {0};
	size_t len;
	bool goes_on;

	line += strcspn(line, " ");
	line += strspn(line, " ");
	len = strcspn(line, " ");
	if (len < sizeof(mechanism))
		memcpy(mechanism, line, len);
	initial = line[len] == ' ' ? line + len + 1 : line + len;
	if (!is_open_to(c, mechanism)) {
		complain(c, "a mechanism that is not offered here");
		return answer(c, "504 5.7.4 Unrecognized authentication type");
	}
	l.is_bearer = str_eq(mechanism, "OAUTHBEARER");
	l.is_token = l.is_bearer || str_eq(mechanism, "XOAUTH2");
	if (str_eq(mechanism, "LOGIN"))
		goes_on = two_steps(c, &l);
	else if (l.is_token || str_eq(mechanism, "PLAIN"))
		goes_on = one_step(c, &l, initial);
	else
		goes_on = answer(c, "504 5.7.4 Not implemented in the lab");
	login_done(&l);
	return goes_on;
}
