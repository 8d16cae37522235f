/* SPDX-License-Identifier: ISC
 *
 * The lab's SMTP dialogue (RFC 5321, 3207, 4954): the scenario's replies
 * where it has some, a plain well-behaved server's otherwise. It takes no
 * mail, and logins only where the scenario has users, and complains about a
 * client that tries.
 */
#include "lab_conn.h"

#include <stdio.h>
#include <string.h>

#include "../base/mem.h"

/* What became of the connection after a reply. */
enum turn { TURN_NEXT, TURN_END };

static bool
in_tls(const struct lab_conn *c)
{
	return c->ssl != NULL;
}

/* Does the line begin with these words? */
static bool
begins(const char *line, const char *words)
{
	size_t len = strlen(words);

	return str_starts_nocase(line, words) &&
	       (line[len] == '\0' || line[len] == ' ' || line[len] == ':');
}

static const char *
scripted_in(const struct kvs *replies, const char *line)
{
	const char *best = NULL;
	size_t best_len = 0;

	for (size_t i = 0; i < replies->n; i++) {
		const struct kv *r = &replies->v[i];

		if (begins(line, r->name) && strlen(r->name) > best_len) {
			best = r->value;
			best_len = strlen(r->name);
		}
	}
	return best;
}

static const char *
scripted(const struct lab_conn *c, const char *line)
{
	const char *reply = NULL;

	if (in_tls(c))
		reply = scripted_in(&c->server->replies_tls, line);
	if (reply == NULL)
		reply = scripted_in(&c->server->replies, line);
	return reply;
}

static enum turn
say(struct lab_conn *c, const char *reply)
{
	if (str_eq(reply, "close"))
		return TURN_END;
	if (str_eq(reply, "reset")) {
		lab_reset(c);
		return TURN_END;
	}
	if (str_eq(reply, "silence")) {
		lab_silence(c);
		return TURN_END;
	}
	if (!lab_write_lines(c, reply))
		return TURN_END;
	return str_starts(reply, "421") ? TURN_END : TURN_NEXT;
}

const char *
lab_scripted(const struct lab_conn *c, const char *line)
{
	return scripted(c, line);
}

bool
lab_say(struct lab_conn *c, const char *reply)
{
	return say(c, reply) == TURN_NEXT;
}

static void
add_auth(const struct lab_server *s, struct strs *keywords)
{
	const char *mechs = s->auth != NULL ? s->auth : "PLAIN LOGIN";

	if (!str_eq(mechs, "none"))
		strs_addf(keywords, "AUTH %s", mechs);
}

static void
usual_keywords(const struct lab_conn *c, struct strs *keywords)
{
	const struct lab_server *s = c->server;

	strs_add(keywords, "PIPELINING");
	strs_add(keywords, "SIZE 35882577");
	if (!in_tls(c) && s->tls == LAB_STARTTLS)
		strs_add(keywords, "STARTTLS");
	if (in_tls(c) || s->auth_plain)
		add_auth(s, keywords);
	strs_add(keywords, "ENHANCEDSTATUSCODES");
	strs_add(keywords, "8BITMIME");
}

static enum turn
ehlo(struct lab_conn *c)
{
	const struct lab_server *s = c->server;
	struct strs lines = {0}, keywords = {0};
	bool ok;

	if (in_tls(c) && s->ehlo_tls_given)
		strs_copy(&keywords, &s->ehlo_tls);
	else if (!in_tls(c) && s->ehlo_given)
		strs_copy(&keywords, &s->ehlo);
	else
		usual_keywords(c, &keywords);
	strs_addf(
	    &lines, "250%c%s", keywords.n > 0 ? '-' : ' ', c->listener->host);
	for (size_t i = 0; i < keywords.n; i++) {
		strs_addf(&lines, "250%c%s", i + 1 < keywords.n ? '-' : ' ',
		    keywords.v[i]);
	}
	ok = lab_write_list(c, &lines);
	strs_done(&keywords);
	strs_done(&lines);
	return ok ? TURN_NEXT : TURN_END;
}

static enum turn
endless_reply(struct lab_conn *c)
{
	/* ends when the client has enough, or the kernel's patience does */
	while (lab_write_text(c, "250-AND-ANOTHER-EXTENSION 1\r\n"))
		;
	return TURN_END;
}

static enum turn
hello(struct lab_conn *c, const char *line)
{
	const struct lab_server *s = c->server;

	if (s->close_at == LAB_CLOSE_EHLO) {
		if (s->close_by_reset)
			lab_reset(c);
		return TURN_END;
	}
	if (s->endless == LAB_ENDLESS_REPLY)
		return endless_reply(c);
	if (begins(line, "HELO")) {
		return lab_write_lines(c, "250 {host}") ? TURN_NEXT : TURN_END;
	}
	return ehlo(c);
}

static enum turn
starttls(struct lab_conn *c)
{
	const struct lab_server *s = c->server;

	if (s->close_at == LAB_CLOSE_STARTTLS) {
		if (s->close_by_reset)
			lab_reset(c);
		return TURN_END;
	}
	if (in_tls(c))
		return say(c, "503 5.5.1 TLS already active");
	if (s->tls != LAB_STARTTLS)
		return say(c, "502 5.5.1 Command not implemented");
	if (s->starttls_inject != NULL) {
		char *both = mem_printf(
		    "220 2.0.0 Ready to start TLS\r\n%s", s->starttls_inject);
		bool ok = lab_write_text(c, both) &&
			  (str_ends(both, "\n") || lab_write_text(c, "\r\n"));

		mem_free(both);
		if (!ok)
			return TURN_END;
	} else if (!lab_write_lines(c, "220 2.0.0 Ready to start TLS")) {
		return TURN_END;
	}
	lab_forget_input(c);
	return lab_start_tls(c) ? TURN_NEXT : TURN_END;
}

static enum turn
unexpected(struct lab_conn *c, const char *line)
{
	static const struct {
		const char *verb, *reply;
	} usual[] = {
	    {"NOOP", "250 2.0.0 OK"},
	    {"RSET", "250 2.0.0 OK"},
	    {"HELP", "214 2.0.0 This is the lab"},
	    {"AUTH", "535 5.7.8 Authentication credentials invalid"},
	    {"MAIL", "530 5.7.0 Authentication required"},
	    {"RCPT", "503 5.5.1 Bad sequence of commands"},
	    {"DATA", "503 5.5.1 Bad sequence of commands"},
	};
	const size_t n = sizeof(usual) / sizeof(usual[0]);
	char *shown = str_printable(line, strnlen(line, 60));

	lab_complain(c->listener->world, "%s port %d: unexpected \"%s\"",
	    c->listener->host, c->listener->port->port, shown);
	mem_free(shown);
	for (size_t i = 0; i < n; i++) {
		if (begins(line, usual[i].verb))
			return say(c, usual[i].reply);
	}
	return say(c, "500 5.5.2 Error: command not recognized");
}

static enum turn
command(struct lab_conn *c, const char *line)
{
	const char *reply = scripted(c, line);
	enum turn turn;
	bool go_on;

	if (begins(line, "QUIT")) {
		say(c, reply != NULL ? reply : "221 2.0.0 Bye");
		return TURN_END;
	}
	if (c->server->mailbox && lab_mail(c, line, &go_on))
		return go_on ? TURN_NEXT : TURN_END;
	if (reply != NULL) {
		turn = say(c, reply);
		if (turn == TURN_NEXT && begins(line, "STARTTLS") &&
		    str_starts(reply, "220")) {
			lab_forget_input(c);
			return lab_start_tls(c) ? TURN_NEXT : TURN_END;
		}
		return turn;
	}
	if (begins(line, "EHLO") || begins(line, "HELO"))
		return hello(c, line);
	if (begins(line, "STARTTLS"))
		return starttls(c);
	if (begins(line, "AUTH") && c->server->n_users > 0)
		return lab_auth(c, line) ? TURN_NEXT : TURN_END;
	return unexpected(c, line);
}

static bool
greet(struct lab_conn *c)
{
	const struct lab_server *s = c->server;

	if (s->greeting_delay_ms > 0)
		lab_sleep(s->greeting_delay_ms);
	if (!s->greets) {
		lab_silence(c);
		return false;
	}
	if (s->greeting.n == 0)
		return lab_write_lines(c, "220 {host} ESMTP ready");
	if (!lab_write_list(c, &s->greeting))
		return false;
	/* after 421 and 554 a server goes its way */
	return str_starts(s->greeting.v[0], "220");
}

void
lab_smtp(struct lab_conn *c)
{
	char line[LAB_LINE_MAX];

	if (!greet(c))
		return;
	while (lab_read_line(c, line, sizeof(line))) {
		if (command(c, line) == TURN_END)
			return;
	}
}
