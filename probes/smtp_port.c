/* SPDX-License-Identifier: ISC
 *
 * One port of one address of a mail server: can it be reached, what speaks
 * there, which encryption does it serve, is it genuine, does it offer a
 * sign-in? This file decides which end speaks first and opens connections;
 * see smtp_port.h for the rest. Sends nothing but greetings, STARTTLS and
 * QUIT.
 */
#include "smtp_port.h"

#include <poll.h>
#include <string.h>

#include "base/clock.h"
#include "base/mem.h"
#include "names.h"
#include "net/tcp.h"
#include "smtp_first_bytes.h"

/* Servers that wait for TLS give up on us late; refusals come at once. */
#define LATE_CLOSE_MS 500
/* For a place among the connections to the address. */
#define SECOND_WAIT_MS 1000

void
port_seen_done(struct port_seen *s)
{
	smtp_ehlo_done(&s->before);
	smtp_ehlo_done(&s->after);
	tls_result_done(&s->shake);
	strs_done(&s->said);
	strs_done(&s->greeting);
	memset(s, 0, sizeof(*s));
}

/* ----------------------------------------------------------- connections */

/* A connect that nobody answers is no connection yet. */
static void
on_slow(void *arg)
{
	struct port_line *line = arg;

	probe_stage(line->ctx, "slow");
	if (line->has_slot)
		net_slot_give(&line->net);
	line->has_slot = false;
}

static void
give_slot(struct port_line *line)
{
	if (line->has_slot)
		net_slot_give(&line->net);
	line->has_slot = false;
}

bool
port_open(struct port_look *l, struct port_line *line, int yield_fd)
{
	bool is_first = !l->connected;

	memset(line, 0, sizeof(*line));
	line->net = l->ctx->net;
	line->net.yield_fd = yield_fd;
	line->net.max_segment = l->max_segment;
	line->ctx = l->ctx;
	line->has_slot =
	    net_slot_take(&line->net, is_first ? l->reply_ms : l->slot_wait_ms);
	if (!line->has_slot) {
		l->seen.cancelled |= is_first;
		return false;
	}
	if (is_first)
		probe_stage(l->ctx, "connecting");
	struct tcp_result t = tcp_connect(&line->net, l->host,
	    l->target.address, l->target.port, is_first ? on_slow : NULL, line);
	probe_note(l->ctx, "connect to %s port %d: %s, %d ms",
	    l->target.address, l->target.port, tcp_reach_name(t.reach), t.ms);
	if (is_first) {
		l->connected = true;
		l->reach = t.reach;
		l->connect_ms = t.ms;
	}
	if (t.reach == TCP_CANCELLED && is_first)
		l->seen.cancelled = true;
	if (t.reach != TCP_OPEN) {
		give_slot(line);
		return false;
	}
	if (!line->has_slot)
		line->has_slot = net_slot_take(&line->net, 0);
	if (is_first)
		probe_stage(l->ctx, "connected");
	line->fd = t.fd;
	line->opened_ms = clock_mono_ms();
	smtp_init(&line->smtp, &line->net, t.fd, &l->ctx->result->transcript);
	return true;
}

void
port_close(struct port_line *line)
{
	smtp_done(&line->smtp);
	give_slot(line);
}

static bool
is_readable(const struct port_look *l, int fd)
{
	return fd >= 0 && net_wait(&l->ctx->net, fd, POLLIN, 0) == NET_READY;
}

static bool
says(const struct port_look *l, const char *word)
{
	return l->seen.speaks && str_eq(l->seen.speaks, word);
}

/* ------------------------------------------------------------- TLS first */

enum tls_end {
	TLS_END_SETTLED, /* TLS it is; seen is complete */
	TLS_END_PLAIN, /* an answer in the clear came */
	TLS_END_HTTP, /* a web server's answer in the clear came */
	TLS_END_SILENT,
	TLS_END_FAILED, /* closed, reset or garbage; perhaps no TLS at all */
	TLS_END_YIELDED, /* the other connection got something */
	TLS_END_NO_LINE, /* could not be connected */
	TLS_END_CANCELLED,
};

/* TLS has begun, or the alert shows that TLS is spoken here. */
static void
settle_tls(struct port_look *l, struct port_line *line)
{
	struct port_seen *s = &l->seen;

	s->serves = "implicit-tls";
	s->tls = port_tls_word(&s->shake);
	/* From here on the connection that went on waiting is of no use. */
	line->net.yield_fd = -1;
	if (s->shake.outcome == TLS_DONE)
		port_dialogue(l, line, true, l->reply_ms);
	if (!s->speaks)
		s->speaks = "tls";
}

/* Something answers in a language of its own, once spoken to. */
void
port_keep_stranger(struct port_look *l, const char *data, size_t len)
{
	if (l->stranger || len == 0)
		return;
	l->stranger = str_printable(data, len < 200 ? len : 200);
	l->stranger_words = first_bytes_words(data, len);
	probe_note(l->ctx, "answer: %s", l->stranger);
}

/* Which end the handshake has come to, when nothing is settled yet. */
static enum tls_end
judge_shake(struct port_look *l, struct port_line *line, int yield_fd)
{
	struct tls_result *t = &l->seen.shake;

	switch (t->outcome) {
	case TLS_DONE:
	case TLS_TOO_OLD:
	case TLS_ALERT:
		settle_tls(l, line);
		return TLS_END_SETTLED;
	case TLS_NOT_TLS:
		/* An error is no greeting, whose ever protocol it is. */
		if (str_starts(t->plain, "-ERR")) {
			port_keep_stranger(l, t->plain, t->plain_len);
			return TLS_END_FAILED;
		}
		switch (first_bytes_judge(t->plain, t->plain_len)) {
		case FIRST_HTTP:
			return TLS_END_HTTP;
		case FIRST_SMTP:
		case FIRST_IMAP:
		case FIRST_POP3:
			return TLS_END_PLAIN;
		case FIRST_OTHER:
			port_keep_stranger(l, t->plain, t->plain_len);
			return TLS_END_FAILED;
		case FIRST_NOTHING:
		case FIRST_TLS:
			return TLS_END_FAILED;
		}
		return TLS_END_FAILED;
	case TLS_SILENT:
		return TLS_END_SILENT;
	case TLS_CLOSED:
	case TLS_RESET:
	case TLS_BROKEN:
		/* Hanging up after the request for a certificate is TLS. */
		if (t->client_cert_asked) {
			settle_tls(l, line);
			return TLS_END_SETTLED;
		}
		return TLS_END_FAILED;
	case TLS_CANCELLED:
		return is_readable(l, yield_fd) ? TLS_END_YIELDED
						: TLS_END_CANCELLED;
	}
	return TLS_END_FAILED;
}

/* A connection that speaks TLS at once. */
static enum tls_end
try_tls_first(struct port_look *l, int timeout_ms, int yield_fd)
{
	struct port_line line;

	if (!port_open(l, &line, yield_fd)) {
		if (is_readable(l, yield_fd))
			return TLS_END_YIELDED;
		return TLS_END_NO_LINE;
	}
	port_shake(l, &line, timeout_ms);
	enum tls_end end = judge_shake(l, &line, yield_fd);
	if (end == TLS_END_CANCELLED)
		l->seen.cancelled = true;
	port_close(&line);
	return end;
}

/* ----------------------------------------------------------- plain first */

static int
time_left(const struct port_look *l, const struct port_line *line)
{
	int64_t left = line->opened_ms + l->reply_ms - clock_mono_ms();

	return left > 0 ? (int)left : 0;
}

/* Forgets a try that led to nothing; a handshake tried on a guess says
 * nothing about a port that turns out to speak in the clear. */
static void
forget(struct port_look *l)
{
	bool cancelled = l->seen.cancelled;

	port_seen_done(&l->seen);
	l->seen.cancelled = cancelled;
}

/*
 * A second connection needs a place of its own. Where all places to the
 * address are taken by lines that wait, all but the first of them give up
 * their own for a while; that one, the app's port as a rule, is started
 * first and goes on. False when the server has begun to speak meanwhile.
 */
static bool
make_room(struct port_look *l, struct port_line *first, bool *gave_up)
{
	bool keeps = l->ctx->net.slots &&
		     !atomic_exchange(&l->ctx->net.slots->has_keeper, true);

	first->net.yield_fd = first->fd;
	bool room =
	    net_slot_take(&first->net, keeps ? l->reply_ms : SECOND_WAIT_MS);
	first->net.yield_fd = -1;
	if (keeps)
		atomic_store(&l->ctx->net.slots->has_keeper, false);

	*gave_up = false;
	if (room) {
		net_slot_give(&first->net);
		return true;
	}
	if (keeps || is_readable(l, first->fd))
		return false;
	probe_note(l->ctx, "no room for a second connection; this one makes "
			   "room for it");
	port_close(first);
	*gave_up = true;
	return true;
}

/* What other connections have shown. */
enum others {
	OTHERS_SETTLED, /* what speaks here is known */
	OTHERS_NOTHING, /* go on with the first line */
};

static enum others
ask_others(struct port_look *l, int first_fd)
{
	switch (try_tls_first(l, l->handshake_ms, first_fd)) {
	case TLS_END_SETTLED:
	case TLS_END_CANCELLED:
		return OTHERS_SETTLED;
	case TLS_END_HTTP:
		l->http_seen = true;
		break;
	case TLS_END_SILENT:
	case TLS_END_FAILED:
		break;
	case TLS_END_PLAIN:
	case TLS_END_YIELDED:
	case TLS_END_NO_LINE:
		forget(l);
		return OTHERS_NOTHING;
	}
	forget(l);
	l->tls_given_up = true;
	if (port_ask_http(l, first_fd, false) || l->seen.cancelled)
		return OTHERS_SETTLED;
	if (l->http_seen)
		l->seen.speaks = "http";
	else if (l->stranger)
		l->seen.speaks = "silent"; /* see judge_stranger */
	return l->http_seen || l->stranger ? OTHERS_SETTLED : OTHERS_NOTHING;
}

/*
 * Nothing came for a while: perhaps the server waits for TLS, perhaps it is
 * a web server. The first line goes on waiting; whatever it gets first wins.
 * True when another connection has settled what speaks here, or nothing can.
 */
static bool
try_others(struct port_look *l, struct port_line *first)
{
	bool gave_up;

	if (!make_room(l, first, &gave_up))
		return false;
	probe_note(l->ctx, "no greeting yet; a second connection begins "
			   "with TLS");
	if (ask_others(l, gave_up ? -1 : first->fd) == OTHERS_SETTLED) {
		first->is_closed = gave_up;
		return true;
	}
	if (!gave_up)
		return false;
	l->slot_wait_ms = l->reply_ms; /* it may greet late, from now on */
	if (!port_open(l, first, -1)) {
		first->is_closed = true;
		if (!l->seen.cancelled)
			l->seen.speaks = "silent";
		return true;
	}
	return false;
}

/* The server hung up on us late and wordless: it may have wanted TLS. */
static void
retry_closed(struct port_look *l)
{
	if (!says(l, "closed") || !l->closed_late || l->tls_given_up)
		return;
	forget(l);
	if (try_tls_first(l, l->handshake_ms, -1) == TLS_END_SETTLED)
		return;
	forget(l);
	l->seen.speaks = "closed";
}

static void
plain_first(struct port_look *l)
{
	struct port_line line;
	int silence_ms =
	    l->reply_ms < NET_SILENCE_MS ? l->reply_ms / 2 : NET_SILENCE_MS;
	bool settled = false;

	if (!port_open(l, &line, -1))
		return;
	probe_stage(l->ctx, "greeting");
	switch (net_wait(&line.net, line.fd, POLLIN, silence_ms)) {
	case NET_READY:
		break;
	case NET_TIMEOUT:
		settled = !l->is_alone && try_others(l, &line);
		break;
	case NET_CANCELLED:
		l->seen.cancelled = true;
		settled = true;
		break;
	}
	if (!settled)
		port_dialogue(l, &line, false, time_left(l, &line));
	l->closed_late = clock_mono_ms() - line.opened_ms >= LATE_CLOSE_MS;
	if (!line.is_closed)
		port_close(&line);
	if (settled)
		return;
	port_try_small_segments(l);
	retry_closed(l);
	/* A TLS alert as the first thing: it waited for us to begin. */
	if (says(l, "tls") && !l->seen.shaken) {
		forget(l);
		if (try_tls_first(l, l->handshake_ms, -1) != TLS_END_SETTLED) {
			forget(l);
			l->seen.speaks = "tls";
			l->seen.serves = "implicit-tls";
		}
	}
}

/* ------------------------------------------ which end speaks first */

/* What is known when the port took TLS at once for an insult and gave no
 * second connection. */
static void
judge_from_shake(
    struct port_look *l, enum tls_end end, const struct tls_result *t)
{
	int code = first_bytes_code(t->plain, t->plain_len);

	if (end == TLS_END_PLAIN) {
		char *text = str_printable(t->plain, strcspn(t->plain, "\r\n"));
		strs_add(&l->seen.said, text);
		mem_free(text);
		if (code / 100 == 4)
			l->seen.speaks = "busy";
		else if (code / 100 == 5)
			l->seen.speaks = "rejected";
	} else if (end == TLS_END_FAILED) {
		l->seen.speaks = "closed";
	} else {
		l->seen.speaks = "silent";
	}
}

/*
 * The port is meant to be TLS at once, did not take it, and says nothing in
 * the clear either: then it is the handshake that fails.
 */
static void
blame_handshake(struct port_look *l, enum tls_end end, struct tls_result *shake)
{
	struct port_seen *s = &l->seen;

	tls_result_done(&s->shake);
	s->shake = *shake;
	memset(shake, 0, sizeof(*shake));
	s->shaken = true;
	if (end == TLS_END_SILENT) {
		s->tls = "silent";
	} else {
		s->speaks = "tls";
		s->serves = "implicit-tls";
		s->tls = "failed";
	}
}

static void
tls_first(struct port_look *l)
{
	int timeout_ms =
	    l->handshake_ms < NET_SILENCE_MS ? l->handshake_ms : NET_SILENCE_MS;
	enum tls_end end = try_tls_first(l, timeout_ms, -1);

	if (end == TLS_END_SETTLED || end == TLS_END_NO_LINE ||
	    end == TLS_END_CANCELLED)
		return;
	struct tls_result shake = l->seen.shake;
	memset(&l->seen.shake, 0, sizeof(l->seen.shake));
	forget(l);
	if (end == TLS_END_HTTP) {
		l->http_seen = true;
	} else {
		probe_note(l->ctx, "no TLS at once here; a second connection "
				   "lets the server speak first");
		plain_first(l);
		if (!l->seen.speaks && !l->seen.cancelled)
			judge_from_shake(l, end, &shake);
		else if (end != TLS_END_PLAIN &&
			 (says(l, "silent") ||
			     (says(l, "closed") && l->closed_late)))
			blame_handshake(l, end, &shake);
	}
	tls_result_done(&shake);
}

/*
 * It greets nobody and yet answers when spoken to, in the clear and in
 * another language: no mail server, and no broken TLS.
 */
static void
judge_stranger(struct port_look *l)
{
	bool mute = says(l, "silent") || says(l, "closed") || says(l, "tls");

	if (!l->stranger || !mute || l->seen.cancelled ||
	    (l->seen.shaken && l->seen.shake.outcome == TLS_DONE))
		return;
	forget(l);
	l->seen.speaks = "other";
	l->seen.other_words = l->stranger_words;
	strs_add(&l->seen.said, l->stranger);
}

static void
look_once(struct port_look *l)
{
	if (str_eq(l->target.security, "implicit-tls"))
		tls_first(l);
	else
		plain_first(l);
	judge_stranger(l);
}

/* All places to the address, or none: jobs that each hold some would wait
 * for one another. */
static bool
take_all_slots(struct port_look *l)
{
	const struct net *net = &l->ctx->net;
	int64_t end = clock_mono_ms() + l->reply_ms;

	while (clock_mono_ms() < end) {
		int held = 0;

		while (held < NET_SLOTS && net_slot_take(net, 0))
			held++;
		if (held == NET_SLOTS)
			return true;
		while (held-- > 0)
			net_slot_give(net);
		if (net_wait(net, -1, 0, 30 + l->target.port % 50) ==
		    NET_CANCELLED)
			return false;
	}
	return false;
}

/*
 * "Too many connections" may be our own doing: asked once more, when none of
 * ours is open to that address. Which end speaks first is known by then.
 */
static void
ask_alone(struct port_look *l)
{
	struct strs said = l->seen.said;

	if (!take_all_slots(l))
		return;
	probe_note(l->ctx, "busy; asked once more, alone");
	net_slot_give(&l->ctx->net); /* for this connection */
	l->is_alone = true;
	l->seen.said = (struct strs){0};
	forget(l);
	look_once(l);
	if (!l->seen.speaks || says(l, "silent")) {
		forget(l);
		l->seen.speaks = "busy";
		strs_copy(&l->seen.said, &said);
	}
	strs_done(&said);
	for (int held = 1; held < NET_SLOTS; held++)
		net_slot_give(&l->ctx->net);
}

static void
look(struct port_look *l)
{
	look_once(l);
	if (says(l, "busy") && l->ctx->net.slots && !l->seen.cancelled)
		ask_alone(l);
	if (!l->http_seen || l->http_asked || l->seen.cancelled)
		return;
	if (!l->seen.speaks || says(l, "http")) {
		forget(l);
		if (!port_ask_http(l, -1, false) && !l->seen.cancelled)
			l->seen.speaks = "http";
	}
}

/* --------------------------------------------------------------- probe */

static const struct probe_param params[] = {
    {"host", true, "name of the server, for TLS and its certificate"},
    {"target", true, "ADDRESS:PORT/SECURITY"},
    {NULL, false, NULL},
};

static const struct probe_fact facts[] = {
    {"port.reach",
	"open|refused|dropped|unreachable|prohibited|no-route|unknown",
	"what became of the connection"},
    {"port.connect_ms", NULL, "milliseconds to connect"},
    {"port.speaks",
	"smtp|imap|pop3|http|portal|tls|other|silent|busy|rejected|closed|"
	"broken|helo-refused|unknown",
	"what speaks there"},
    {"port.serves", "starttls|implicit-tls|none|unknown",
	"the encryption it serves"},
    {"port.masked", "yes|no|unknown",
	"has a firewall written over the greeting or the EHLO reply?"},
    {"port.ehlo", "ok|helo-only|refused|unknown", "how EHLO was answered"},
    {"port.starttls", "offered|missing|hidden|injected|refused|unknown",
	"the offer of STARTTLS"},
    {"port.tls", "ok|too-old|failed|silent|client-cert|none|unknown",
	"the TLS handshake"},
    {"port.mss", "ok|blackhole|unknown",
	"do packets of the usual size come through in TLS?"},
    {"port.cert", "ok|bad|unknown", "the certificate"},
    {"port.cert_faults", NULL, "its faults, blank-separated"},
    {"port.cert_subject", NULL, "whom it names"},
    {"port.cert_issuer", NULL, "who issued it"},
    {"port.cert_issuers", NULL, "issuers of all that came"},
    {"port.cert_names", NULL, "names it is for"},
    {"port.cert_not_before", NULL, "first moment, RFC 3339"},
    {"port.cert_not_after", NULL, "last moment, RFC 3339"},
    {"port.cert_valid_from", NULL, "first moment of the whole chain"},
    {"port.cert_valid_to", NULL, "last moment of the whole chain"},
    {"port.cert_days_left", NULL, "days until the chain ends"},
    {"port.cert_fingerprint", NULL, "SHA-256 of the certificate"},
    {"port.cert_verify", NULL, "OpenSSL's number and words"},
    {"port.auth_plain", "yes|no|unknown", "is a sign-in offered before TLS?"},
    {"port.auth", "yes|no|unknown", "is a sign-in offered after TLS?"},
    {"port.mechs", NULL, "sign-in methods after TLS"},
    {"port.mechs_plain", NULL, "sign-in methods before TLS"},
    {"port.size", NULL, "largest message, bytes; 0 without a fixed limit"},
    {"port.tls_version", NULL, "TLS version agreed on"},
    {"port.tls_cipher", NULL, "cipher agreed on"},
    {"port.tls_alert", NULL, "number of the TLS alert"},
    {"port.tls_detail", NULL, "OpenSSL's words for the failure"},
    {"port.greeting", NULL, "first line of the greeting"},
    {"port.said", NULL, "the server's words that decided it"},
    {"port.date", NULL, "date in the greeting, RFC 3339"},
    {"port.date_off", NULL, "seconds that the server is ahead of us"},
    {"port.tls_ms", NULL, "milliseconds for the TLS handshake"},
    {"port.total_ms", NULL, "milliseconds in all"},
    {NULL, NULL, NULL},
};

static void
run(struct probe_ctx *ctx)
{
	const char *target = probe_param(ctx, "target");
	const char *host = probe_param(ctx, "host");
	char *ascii = NULL;
	int connect_ms = ctx->net.options->connect_timeout_ms;
	struct port_look l = {.ctx = ctx,
	    .reply_ms = connect_ms * NET_REPLY_FACTOR,
	    .handshake_ms = connect_ms * NET_HANDSHAKE_FACTOR,
	    .slot_wait_ms = SECOND_WAIT_MS,
	    .started_ms = clock_mono_ms()};

	if (!target || !probe_target_parse(target, &l.target)) {
		ctx->result->status = PROBE_FAILED;
		err_set(&ctx->result->err, ERR_USAGE,
		    "\"%s\" is not an ADDRESS:PORT/SECURITY to test.",
		    target ? target : "");
		probe_unknowns(ctx, facts);
		return;
	}
	if (host && tcp_family(host) == 0)
		ascii = name_to_ascii(host);
	l.host = ascii ? ascii : l.target.address;
	look(&l);
	if (l.seen.cancelled)
		ctx->result->status = PROBE_CANCELLED;
	else
		port_report(&l);
	port_seen_done(&l.seen);
	mem_free(l.stranger);
	mem_free(ascii);
	probe_unknowns(ctx, facts);
	probe_stage(ctx, "done");
}

const struct probe probe_smtp_port = {
    .name = "smtp_port",
    .summary = "connects to one port of a mail server and talks as far as "
	       "the sign-in",
    .params = params,
    .facts = facts,
    .effect = PROBE_READS,
    .contacts = "the mail server",
    .gate_param = "target",
    .run = run,
};
