/* SPDX-License-Identifier: ISC
 *
 * The lab's servers that take messages (RFC 5321 sections 3.3 and 4.1.1):
 * MAIL, RCPT, DATA and what follows, with the scenario's replies, its limit
 * and its cuts. Accepted messages go to files in the lab's directory.
 */
#include "lab_conn.h"

#include <dirent.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "../base/mem.h"
#include "lab_process.h"

#define LARGE_SEGMENT 600 /* what is above does not come through a hole */
#define HOLE_BYTES 2048 /* of a message, that still came in small packets */
#define LINE_MAX_BYTES 1000 /* RFC 5321 section 4.5.3.1.6 */
#define FILES_MAX 50

/* ---- what happens to the line ---- */

bool
lab_in_hole(const struct lab_conn *c)
{
	int segment = 0;
	socklen_t len = sizeof(segment);

	return getsockopt(c->fd, IPPROTO_TCP, TCP_MAXSEG, &segment, &len) ==
		   0 &&
	       segment > LARGE_SEGMENT;
}

/* Reads nothing more, so that the client's packets pile up, till it goes. */
static void
stall(struct lab_conn *c)
{
	struct pollfd p = {.fd = c->fd, .events = POLLRDHUP};

	poll(&p, 1, LAB_IDLE_S * 1000);
	c->gone = true;
}

static void
cut(struct lab_conn *c)
{
	switch (c->server->cut) {
	case LAB_CUT_CLOSE:
		break;
	case LAB_CUT_RESET:
		lab_reset(c);
		break;
	case LAB_CUT_STALL:
		stall(c);
		break;
	}
}

/* ---- the content ---- */

enum place { AT_START, IN_LINE, AFTER_CR, AFTER_DOT, AFTER_DOT_CR };

struct content {
	struct lab_conn *c; /* borrowed */
	FILE *file; /* owned; NULL when it cannot be kept */
	char path[300], unfinished[310];
	int number;
	enum place place;
	int64_t bytes;
	int line; /* bytes of this one */
	bool complained;
};

static void
complain(struct content *d, const char *what)
{
	const struct lab_listener *l = d->c->listener;

	if (!d->complained)
		lab_complain(l->world, "%s port %d: %s in the message", l->host,
		    l->port->port, what);
	d->complained = true;
}

static void
put(struct content *d, char c)
{
	d->bytes++;
	d->line = c == '\n' ? 0 : d->line + 1;
	if (d->line > LINE_MAX_BYTES)
		complain(d, "a line that is too long");
	if (d->file != NULL && d->bytes <= SCENARIO_MAX_STREAM)
		fputc(c, d->file);
}

/* Takes one byte; true at the dot that ends it all. */
static bool
take(struct content *d, char c)
{
	enum place before = d->place;

	if (before == AFTER_DOT_CR && c == '\n')
		return true;
	if (before == AFTER_DOT && c == '\r') {
		d->place = AFTER_DOT_CR;
		return false;
	}
	if (before == AT_START && c == '.') {
		d->place = AFTER_DOT;
		return false;
	}
	if (before == AFTER_DOT && c != '.')
		complain(d, "a dot that was not doubled");
	if (before == AFTER_DOT_CR)
		put(d, '\r');
	if ((c == '\n') != (before == AFTER_CR || before == AFTER_DOT_CR))
		complain(d, "a bare CR or LF");
	put(d, c);
	d->place = c == '\r' ? AFTER_CR : c == '\n' ? AT_START : IN_LINE;
	return false;
}

/* True when the scenario ends the transfer here. */
static bool
is_cut(struct content *d)
{
	const struct lab_server *s = d->c->server;

	if (s->blackhole == LAB_HOLE_DATA && d->bytes > HOLE_BYTES &&
	    lab_in_hole(d->c)) {
		stall(d->c);
		return true;
	}
	if (s->cut_after > 0 && d->bytes >= s->cut_after) {
		cut(d->c);
		return true;
	}
	return false;
}

/* Until the final dot; false when it does not come. */
static bool
receive(struct content *d)
{
	struct lab_conn *c = d->c;

	for (;;) {
		for (size_t i = 0; i < c->in_len; i++) {
			if (take(d, c->in[i])) {
				c->in_len -= i + 1;
				memmove(c->in, c->in + i + 1, c->in_len);
				return true;
			}
		}
		c->in_len = 0;
		if (is_cut(d) || !lab_read_more(c))
			return false;
	}
}

static int
next_number(struct lab_world *w)
{
	int n;

	pthread_mutex_lock(&w->lock);
	n = ++w->messages;
	pthread_mutex_unlock(&w->lock);
	return n;
}

static void
open_content(struct content *d, struct lab_conn *c)
{
	struct lab_world *w = c->listener->world;
	int fd;

	*d = (struct content){.c = c, .number = next_number(w)};
	if (d->number > FILES_MAX)
		return;
	snprintf(
	    d->path, sizeof(d->path), "%s/message-%d.eml", w->dir, d->number);
	snprintf(d->unfinished, sizeof(d->unfinished), "%s.part", d->path);
	fd = open(d->unfinished, O_WRONLY | O_CREAT | O_EXCL, 0600);
	if (fd >= 0)
		d->file = fdopen(fd, "w");
}

/* Keeps it under its name, or throws it away. */
static void
close_content(struct content *d, bool keep)
{
	if (d->file == NULL)
		return;
	fclose(d->file);
	if (!keep || rename(d->unfinished, d->path) != 0)
		unlink(d->unfinished);
}

static bool
is_good(const char *reply)
{
	return reply[0] == '2';
}

/* After 354: false when the conversation is over. */
static bool
content(struct lab_conn *c)
{
	const char *scripted = lab_scripted(c, ".");
	struct content d;
	char *queued, *reply;
	bool go_on;

	open_content(&d, c);
	if (!receive(&d)) {
		close_content(&d, false);
		return false;
	}
	queued = mem_printf("250 2.0.0 Ok: queued as LAB%d", d.number);
	reply = queued;
	if (c->server->max_size > 0 && d.bytes > c->server->max_size)
		scripted = "552 5.3.4 Message size exceeds fixed limit";
	/* kept before the reply, so that whoever reads 250 finds it */
	close_content(&d, scripted == NULL || is_good(scripted));
	go_on = lab_say(c, scripted != NULL ? scripted : reply);
	mem_free(queued);
	return go_on;
}

/* ---- the commands ---- */

/* What stands between < and >; false when there is none. */
static bool
path_of(const char *line, const char *prefix, char *out, size_t size)
{
	const char *open, *end;

	if (!str_starts_nocase(line, prefix))
		return false;
	open = line + strlen(prefix);
	while (*open == ' ')
		open++;
	end = *open == '<' ? strchr(open, '>') : NULL;
	if (end == NULL || (size_t)(end - open) > size)
		return false;
	memcpy(out, open + 1, (size_t)(end - open - 1));
	out[end - open - 1] = '\0';
	return true;
}

static bool
is_too_big(const struct lab_server *s, const char *line)
{
	const char *size = str_find_nocase(line, " SIZE=");
	char digits[24];
	size_t len;
	int64_t n = 0;

	if (size == NULL || s->max_size == 0)
		return false;
	size += strlen(" SIZE=");
	len = strcspn(size, " ");
	snprintf(digits, sizeof(digits), "%.*s", (int)len, size);
	return str_number(digits, 0, INT64_MAX, &n) && n > s->max_size;
}

static const char *
mail_reply(struct lab_conn *c, const char *line)
{
	const char *scripted = lab_scripted(c, line);
	char address[400];

	if (!path_of(line, "MAIL FROM:", address, sizeof(address)))
		return "501 5.5.4 Syntax: MAIL FROM:<address>";
	if (scripted != NULL)
		return scripted;
	if (c->server->n_users > 0 && !c->is_logged_in)
		return "530 5.7.0 Authentication required";
	if (is_too_big(c->server, line))
		return "552 5.3.4 Message size exceeds fixed limit";
	return "250 2.1.0 Ok";
}

static const char *
rcpt_reply(struct lab_conn *c, const char *line)
{
	const char *scripted = lab_scripted(c, line);
	const struct kvs *by_address = &c->server->rcpt_reply;
	char address[400];

	if (!path_of(line, "RCPT TO:", address, sizeof(address)))
		return "501 5.5.4 Syntax: RCPT TO:<address>";
	if (!c->mail.has_sender)
		return "503 5.5.1 Error: need MAIL command";
	for (size_t i = 0; i < by_address->n; i++)
		if (str_same(by_address->v[i].name, address))
			return by_address->v[i].value;
	return scripted != NULL ? scripted : "250 2.1.5 Ok";
}

static bool
data(struct lab_conn *c, const char *line)
{
	const char *reply = lab_scripted(c, line);

	if (!c->mail.has_sender)
		return lab_say(c, "503 5.5.1 Error: need RCPT command");
	if (c->mail.recipients == 0)
		return lab_say(c, "554 5.5.1 Error: no valid recipients");
	if (reply == NULL)
		reply = "354 End data with <CR><LF>.<CR><LF>";
	if (!lab_say(c, reply))
		return false;
	if (!str_starts(reply, "354"))
		return true;
	c->mail = (struct lab_mail){0};
	return content(c);
}

static bool
is_verb(const char *line, const char *verb)
{
	size_t len = strlen(verb);

	return str_starts_nocase(line, verb) &&
	       (line[len] == '\0' || line[len] == ' ');
}

bool
lab_mail(struct lab_conn *c, const char *line, bool *go_on)
{
	const char *reply;

	if (is_verb(line, "MAIL")) {
		reply = mail_reply(c, line);
		c->mail = (struct lab_mail){.has_sender = is_good(reply)};
	} else if (is_verb(line, "RCPT")) {
		reply = rcpt_reply(c, line);
		c->mail.recipients += is_good(reply);
	} else if (is_verb(line, "RSET")) {
		reply = "250 2.0.0 Ok";
		c->mail = (struct lab_mail){0};
	} else if (is_verb(line, "DATA")) {
		*go_on = data(c, line);
		return true;
	} else {
		return false;
	}
	*go_on = lab_say(c, reply);
	return true;
}

void
lab_clear_mail(const char *dir)
{
	DIR *d = opendir(dir);
	struct dirent *entry;

	if (d == NULL)
		return;
	for (entry = readdir(d); entry != NULL; entry = readdir(d)) {
		char path[600];

		if (!str_starts(entry->d_name, "message-"))
			continue;
		snprintf(path, sizeof(path), "%s/%s", dir, entry->d_name);
		unlink(path);
	}
	closedir(d);
}
