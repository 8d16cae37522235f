/* SPDX-License-Identifier: ISC
 *
 * Puts what the smtp_port probe has seen into facts, and into findings: one
 * sentence each, for an administrator who is tired.
 */
#include "smtp_port.h"

#include <string.h>

#include "base/clock.h"
#include "base/mem.h"

#define CERT_SOON_DAYS 14 /* to renew is a matter of days by then */
#define GREETING_SLOW_MS 8000
#define DATE_OFF_S 86400 /* clock-wrong begins here (contract, rule 7) */

#define NAMES_IN_FINDING 5 /* more do not help */

/* The subject of every sentence, within one and at its beginning. */
struct sentence {
	struct port_look *l;
	char *where; /* owned: "port 587 of mail.example" */
	char *begin; /* owned: "Port 587 of mail.example" */
};

/* ----------------------------------------------------------- connection */

static void
report_reach(struct sentence *s)
{
	static const struct {
		enum tcp_reach reach;
		const char *id, *text;
	} table[] = {
	    {TCP_REFUSED, "smtp.port.refused",
		"refuses connections: nothing listens there, or a firewall "
		"says so."},
	    {TCP_DROPPED, "smtp.port.dropped",
		"does not answer at all: a firewall drops the packets, or the "
		"server is gone."},
	    {TCP_UNREACHABLE, "smtp.port.unreachable",
		"cannot be reached: a router on the way knows no way to it."},
	    {TCP_PROHIBITED, "smtp.port.prohibited",
		"is forbidden: a filter on this computer or on the way "
		"refuses the connection."},
	    {TCP_NO_ROUTE, "smtp.port.no-route",
		"cannot be tried: this computer has no way to addresses of "
		"that kind."},
	};

	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++)
		if (table[i].reach == s->l->reach)
			probe_finding(s->l->ctx, FINDING_FAIL, table[i].id,
			    "%s %s", s->begin, table[i].text);
}

/* ---------------------------------------------------------- first words */

/* The first of the deciding words, or "". */
static const char *
first_said(const struct sentence *s)
{
	return s->l->seen.said.n ? s->l->seen.said.v[0] : "";
}

static void
report_broken(struct sentence *s)
{
	const struct port_seen *seen = &s->l->seen;
	const char *at = seen->broken_at ? seen->broken_at : "greeting";
	const char *id = "smtp.reply.malformed";
	const char *what = "sends a malformed reply";

	switch (seen->broken_by) {
	case SMTP_CLOSED:
	case SMTP_RESET:
	case SMTP_ALERT:
		id = "smtp.reply.dropped";
		what = "drops the connection";
		if (str_eq(at, "EHLO"))
			id = "smtp.ehlo.dropped";
		break;
	case SMTP_NUL:
		id = "smtp.reply.nul";
		what = "sends a NUL byte in its reply";
		break;
	case SMTP_TOO_LONG:
		id = "smtp.reply.too-long";
		what = "sends a reply without an end";
		break;
	case SMTP_OK:
	case SMTP_TIMEOUT:
	case SMTP_CANCELLED:
	case SMTP_NOT_SMTP:
	case SMTP_MALFORMED:
		break;
	}
	probe_finding(s->l->ctx, FINDING_FAIL, id,
	    "%s %s at the %s: it breaks the protocol.", s->begin, what, at);
}

static void
report_silent(struct sentence *s)
{
	const struct port_seen *seen = &s->l->seen;

	if (seen->broken_at)
		probe_finding(s->l->ctx, FINDING_FAIL, "smtp.ehlo.silent",
		    "%s does not answer %s in time.", s->begin,
		    seen->broken_at);
	else
		probe_finding(s->l->ctx, FINDING_FAIL, "smtp.greeting.silent",
		    "%s accepts the connection and sends no complete "
		    "greeting.",
		    s->begin);
}

/* Simple ones: a sentence that ends in the server's own words or not. */
static const struct {
	const char *speaks, *id, *text;
	bool quotes;
} words[] = {
    {"imap", "smtp.speaks.imap",
	"is an IMAP server: it is for reading mail and takes none.", false},
    {"pop3", "smtp.speaks.pop3",
	"is a POP3 server: it is for reading mail and takes none.", false},
    {"http", "smtp.speaks.http", "is answered by a web server.", false},
    {"portal", "smtp.speaks.portal",
	"is answered by a web sign-in page in the mail server's place.", false},
    {"tls", "smtp.speaks.tls",
	"speaks TLS at once, and what is inside could not be seen.", false},
    {"busy", "smtp.greeting.busy", "sends us away for now:", true},
    {"rejected", "smtp.greeting.rejected", "refuses service:", true},
    {"closed", "smtp.greeting.closed",
	"closes the connection before it says a word.", false},
    {"helo-refused", "smtp.helo.refused", "refuses both EHLO and HELO:", true},
};

static void
report_speaks(struct sentence *s)
{
	const struct port_seen *seen = &s->l->seen;
	const char *speaks = seen->speaks;

	if (str_eq(speaks, "broken"))
		report_broken(s);
	if (str_eq(speaks, "silent"))
		report_silent(s);
	if (str_eq(speaks, "other"))
		probe_finding(s->l->ctx, FINDING_FAIL, "smtp.speaks.other",
		    "%s is not a mail server: %s answers.", s->begin,
		    seen->other_words ? seen->other_words
				      : "something unknown");
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		if (!str_eq(words[i].speaks, speaks))
			continue;
		probe_finding(s->l->ctx, FINDING_FAIL, words[i].id, "%s %s%s%s",
		    s->begin, words[i].text, words[i].quotes ? " " : "",
		    words[i].quotes ? first_said(s) : "");
	}
}

static void
report_greeting(struct sentence *s)
{
	const struct port_seen *seen = &s->l->seen;
	struct probe_ctx *ctx = s->l->ctx;

	if (seen->greeting.n)
		probe_fact(ctx, "port.greeting", seen->greeting.v[0]);
	if (seen->masked && str_eq(seen->masked, "yes"))
		probe_finding(ctx, FINDING_FAIL,
		    seen->ehlo_masked ? "smtp.ehlo.masked"
				      : "smtp.banner.masked",
		    "A firewall on the way to %s writes over what the server "
		    "says.",
		    s->where);
	if (seen->odd_controls)
		probe_finding(ctx, FINDING_WARN, "smtp.ehlo.controls",
		    "%s sends control characters in its replies.", s->begin);
	if (seen->greeting_ms >= GREETING_SLOW_MS && seen->greeting.n)
		probe_finding(ctx, FINDING_WARN, "smtp.greeting.slow",
		    "%s takes %d seconds to greet; some mail programs give up "
		    "before.",
		    s->begin, seen->greeting_ms / 1000);
	if (seen->ehlo && str_eq(seen->ehlo, "helo-only"))
		probe_finding(ctx, FINDING_FAIL, "smtp.ehlo.refused",
		    "%s refuses EHLO and takes only HELO, so neither "
		    "encryption nor a sign-in can be offered: %s",
		    s->begin, first_said(s));
}

static void
report_date(struct sentence *s)
{
	const struct port_seen *seen = &s->l->seen;
	char text[CLOCK_TEXT];
	long long off = seen->date_off_s;

	if (!seen->date_ms)
		return;
	clock_format(seen->date_ms, text);
	probe_fact(s->l->ctx, "port.date", text);
	probe_factf(s->l->ctx, "port.date_off", "%lld", off);
	if (off > DATE_OFF_S || off < -DATE_OFF_S)
		probe_finding(s->l->ctx, FINDING_WARN, "smtp.date.off",
		    "By the clock of %s it is %s; this computer's clock is "
		    "%lld hours %s.",
		    s->where, text, (off < 0 ? -off : off) / 3600,
		    off > 0 ? "behind" : "ahead");
}

/* ------------------------------------------------------------- STARTTLS */

static void
report_starttls(struct sentence *s)
{
	static const struct {
		const char *word;
		enum finding_grade grade;
		const char *id, *text;
	} table[] = {
	    {"missing", FINDING_FAIL, "smtp.starttls.missing",
		"does not offer encryption (STARTTLS)."},
	    {"hidden", FINDING_FAIL, "smtp.starttls.hidden",
		"does not list STARTTLS and yet obeys it: something on the "
		"way hides it."},
	    {"injected", FINDING_FAIL, "smtp.starttls.injected",
		"sent plaintext together with its go-ahead for TLS: somebody "
		"on the way smuggles it in. It was thrown away."},
	    {"refused", FINDING_FAIL, "smtp.starttls.refused",
		"offers STARTTLS and refuses it when asked:"},
	};
	const char *word = s->l->seen.starttls;

	for (size_t i = 0; word && i < sizeof(table) / sizeof(table[0]); i++) {
		if (!str_eq(table[i].word, word))
			continue;
		bool quotes = str_eq(word, "refused");
		probe_finding(s->l->ctx, table[i].grade, table[i].id,
		    "%s %s%s%s", s->begin, table[i].text, quotes ? " " : "",
		    quotes ? first_said(s) : "");
	}
}

/* ------------------------------------------------------------------ TLS */

/* Why the handshake came to nothing, in words. */
static const char *
failure_words(const struct tls_result *t)
{
	switch (t->outcome) {
	case TLS_NOT_TLS:
		return "what came back is not TLS";
	case TLS_ALERT:
	case TLS_TOO_OLD:
		return "the server broke it off with an alert";
	case TLS_CLOSED:
		return "the server closed the connection";
	case TLS_RESET:
		return "the connection was reset";
	case TLS_SILENT:
		return "no answer came";
	case TLS_DONE:
	case TLS_BROKEN:
	case TLS_CANCELLED:
		return "it broke";
	}
	return "it broke";
}

static void
report_tls_word(struct sentence *s)
{
	const struct port_seen *seen = &s->l->seen;
	const struct tls_result *t = &seen->shake;
	struct probe_ctx *ctx = s->l->ctx;

	if (str_eq(seen->tls, "ok"))
		probe_finding(ctx, FINDING_OK, "tls.ok", "%s encrypts with %s.",
		    s->begin, t->version);
	else if (str_eq(seen->tls, "too-old"))
		probe_finding(ctx, FINDING_FAIL, "tls.too-old",
		    "%s knows only outdated encryption (%s); programs of "
		    "today refuse that.",
		    s->begin,
		    t->outcome == TLS_DONE ? t->version
					   : "below what we accept");
	else if (str_eq(seen->tls, "client-cert"))
		probe_finding(ctx, FINDING_FAIL, "tls.client-cert",
		    "%s demands a certificate from the mail program and "
		    "refuses without.",
		    s->begin);
	else if (str_eq(seen->tls, "silent"))
		probe_finding(ctx, FINDING_FAIL, "tls.silent",
		    "%s falls silent as soon as encryption is to begin.",
		    s->begin);
	else if (str_eq(seen->tls, "failed"))
		probe_finding(ctx, FINDING_FAIL, "tls.failed",
		    "Encryption with %s does not come about: %s%s%s.", s->where,
		    seen->shaken ? failure_words(t) : "the server hung up",
		    *t->detail ? " - " : "", t->detail);
}

static void
report_tls(struct sentence *s)
{
	const struct port_seen *seen = &s->l->seen;
	const struct tls_result *t = &seen->shake;
	struct probe_ctx *ctx = s->l->ctx;

	probe_fact(ctx, "port.tls", seen->tls ? seen->tls : "none");
	if (!seen->tls)
		return;
	if (seen->shaken && t->outcome == TLS_DONE)
		probe_fact(ctx, "port.mss", "ok");
	report_tls_word(s);
	if (seen->blackhole) {
		probe_fact(ctx, "port.mss", "blackhole");
		probe_finding(ctx, FINDING_FAIL, "net.mtu.blackhole",
		    "Large packets to or from %s are lost on the way: TLS "
		    "falls silent, and begins at once with packets of %d "
		    "bytes.",
		    s->where, NET_SMALL_SEGMENT);
	}
	if (!seen->shaken)
		return;
	probe_factf(ctx, "port.tls_ms", "%d", t->ms);
	if (*t->version)
		probe_fact(ctx, "port.tls_version", t->version);
	if (*t->cipher)
		probe_fact(ctx, "port.tls_cipher", t->cipher);
	if (t->alert >= 0)
		probe_factf(ctx, "port.tls_alert", "%d", t->alert);
	if (*t->detail)
		probe_fact(ctx, "port.tls_detail", t->detail);
}

/* ---------------------------------------------------------- certificate */

static void
cert_date(struct probe_ctx *ctx, const char *fact, int64_t ms)
{
	char text[CLOCK_TEXT];

	clock_format(ms, text);
	probe_fact(ctx, fact, text);
}

static void
cert_text(struct probe_ctx *ctx, const char *fact, const char *text)
{
	if (text && *text)
		probe_fact(ctx, fact, text);
}

static void
report_cert_facts(struct probe_ctx *ctx, const struct cert_report *c)
{
	char *faults = cert_faults_text(c->faults);
	char *issuers = strs_join(&c->issuers, " | ");
	char *names = strs_join(&c->names, " ");

	probe_fact(ctx, "port.cert", c->faults ? "bad" : "ok");
	probe_fact(ctx, "port.cert_faults", faults);
	cert_text(ctx, "port.cert_subject", c->subject);
	cert_text(ctx, "port.cert_issuer", c->issuer);
	cert_text(ctx, "port.cert_issuers", issuers);
	cert_text(ctx, "port.cert_names", names);
	cert_text(ctx, "port.cert_fingerprint", c->fingerprint);
	cert_date(ctx, "port.cert_not_before", c->not_before_ms);
	cert_date(ctx, "port.cert_not_after", c->not_after_ms);
	cert_date(ctx, "port.cert_valid_from", c->valid_from_ms);
	cert_date(ctx, "port.cert_valid_to", c->valid_to_ms);
	probe_factf(ctx, "port.cert_days_left", "%d", c->days_left);
	if (c->verify_text)
		probe_factf(ctx, "port.cert_verify", "%d %s", c->verify_error,
		    c->verify_text);
	mem_free(names);
	mem_free(issuers);
	mem_free(faults);
}

/* "a.example, b.example and 40 more". The caller frees. */
static char *
some_names(const struct strs *names)
{
	struct strs some = {0};

	for (size_t i = 0; i < names->n && i < NAMES_IN_FINDING; i++)
		strs_add(&some, names->v[i]);
	char *list = strs_join(&some, ", ");
	strs_done(&some);
	if (names->n <= NAMES_IN_FINDING)
		return list;
	char *more =
	    mem_printf("%s and %zu more", list, names->n - NAMES_IN_FINDING);
	mem_free(list);
	return more;
}

static void
report_cert_dates(struct sentence *s, const struct cert_report *c)
{
	char from[CLOCK_TEXT], to[CLOCK_TEXT];

	clock_format(c->valid_from_ms, from);
	clock_format(c->valid_to_ms, to);
	if (c->faults & CERT_EXPIRED)
		probe_finding(s->l->ctx, FINDING_FAIL, "tls.cert.expired",
		    "The certificate of %s, or one above it, ended on %.10s.",
		    s->where, to);
	if (c->faults & CERT_NOT_YET_VALID)
		probe_finding(s->l->ctx, FINDING_FAIL, "tls.cert.not-yet-valid",
		    "The certificate of %s is valid only from %.10s; is this "
		    "computer's clock right?",
		    s->where, from);
	if (!(c->faults & (CERT_EXPIRED | CERT_NOT_YET_VALID)) &&
	    c->days_left < CERT_SOON_DAYS)
		probe_finding(s->l->ctx, FINDING_WARN, "tls.cert.expires-soon",
		    "The certificate of %s ends in %d days, on %.10s.",
		    s->where, c->days_left, to);
}

static void
report_cert_trust(struct sentence *s, const struct cert_report *c)
{
	static const struct {
		unsigned fault;
		const char *id, *text;
	} table[] = {
	    {CERT_SELF_SIGNED, "tls.cert.self-signed",
		"signed itself; nobody vouches for it"},
	    {CERT_CHAIN_INCOMPLETE, "tls.cert.chain-incomplete",
		"came without the intermediate certificate that the server "
		"must send along"},
	    {CERT_UNTRUSTED, "tls.cert.untrusted",
		"was issued by an authority that this computer does not "
		"trust"},
	    {CERT_WEAK, "tls.cert.weak",
		"uses a key or a signature that is too weak"},
	    {CERT_OTHER, "tls.cert.other", "fails a check"},
	};

	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++)
		if (c->faults & table[i].fault)
			probe_finding(s->l->ctx, FINDING_FAIL, table[i].id,
			    "The certificate of %s %s (issuer: %s).", s->where,
			    table[i].text, c->issuer ? c->issuer : "unknown");
}

static void
report_cert(struct sentence *s)
{
	const struct cert_report *c = s->l->seen.shake.cert;

	if (!s->l->seen.tls || !c)
		return;
	report_cert_facts(s->l->ctx, c);
	if (!c->faults)
		probe_finding(s->l->ctx, FINDING_OK, "tls.cert.ok",
		    "The certificate of %s is genuine and for its name.",
		    s->where);
	report_cert_trust(s, c);
	report_cert_dates(s, c);
	if (c->faults & CERT_NAME_MISMATCH) {
		char *names = some_names(&c->names);
		probe_finding(s->l->ctx, FINDING_FAIL, "tls.cert.name-mismatch",
		    "The certificate is not for %s but for: %s.", s->l->host,
		    *names ? names : "no name at all");
		mem_free(names);
	}
}

/* ------------------------------------------------------------- sign-in */

static void
report_auth(struct sentence *s)
{
	const struct port_seen *seen = &s->l->seen;
	struct probe_ctx *ctx = s->l->ctx;
	char *plain = strs_join(&seen->before.auth, " ");
	char *inside = strs_join(&seen->after.auth, " ");

	if (seen->ehlo_in_clear) {
		probe_fact(
		    ctx, "port.auth_plain", seen->before.auth.n ? "yes" : "no");
		cert_text(ctx, "port.mechs_plain", plain);
	}
	if (seen->ehlo_in_tls) {
		probe_fact(ctx, "port.auth", seen->after.auth.n ? "yes" : "no");
		cert_text(ctx, "port.mechs", inside);
	}
	if (seen->ehlo_in_clear && seen->before.auth.n)
		probe_finding(ctx, FINDING_WARN, "smtp.auth.plain",
		    "%s offers the sign-in before encryption has begun (%s).",
		    s->begin, plain);
	if (seen->ehlo_in_tls && seen->after.auth.n)
		probe_finding(ctx, FINDING_OK, "smtp.auth.offered",
		    "%s offers a sign-in: %s.", s->begin, inside);
	else if (seen->ehlo_in_tls)
		probe_finding(ctx, FINDING_FAIL, "smtp.auth.missing",
		    "%s offers no sign-in, even after encryption has begun.",
		    s->begin);
	mem_free(inside);
	mem_free(plain);
}

static void
report_size(struct port_look *l)
{
	const struct smtp_ehlo *e = NULL;

	if (l->seen.ehlo_in_tls)
		e = &l->seen.after;
	else if (l->seen.ehlo_in_clear)
		e = &l->seen.before;
	if (e && e->size >= 0)
		probe_factf(l->ctx, "port.size", "%lld", (long long)e->size);
}

/* ------------------------------------------------------------------ all */

static void
set_word(struct probe_ctx *ctx, const char *fact, const char *word)
{
	if (word)
		probe_fact(ctx, fact, word);
}

static void
report_said(struct port_look *l)
{
	const struct port_seen *s = &l->seen;
	bool masked = s->masked && str_eq(s->masked, "yes");

	if (!s->said.n && !(masked && s->greeting.n))
		return;
	char *said = s->said.n ? strs_join(&s->said, "\n")
			       : strs_join(&s->greeting, "\n");
	probe_fact(l->ctx, "port.said", said);
	mem_free(said);
}

void
port_report(struct port_look *l)
{
	struct port_seen *seen = &l->seen;
	struct sentence s = {.l = l};

	s.where = mem_printf("port %d of %s", l->target.port, l->host);
	s.begin = mem_printf("Port %d of %s", l->target.port, l->host);
	set_word(l->ctx, "port.reach", tcp_reach_name(l->reach));
	probe_factf(l->ctx, "port.connect_ms", "%d", l->connect_ms);
	if (l->reach == TCP_OPEN) {
		set_word(l->ctx, "port.speaks", seen->speaks);
		set_word(l->ctx, "port.serves", seen->serves);
		set_word(l->ctx, "port.masked", seen->masked);
		set_word(l->ctx, "port.ehlo", seen->ehlo);
		set_word(l->ctx, "port.starttls", seen->starttls);
		if (seen->speaks)
			report_speaks(&s);
		report_greeting(&s);
		report_date(&s);
		report_starttls(&s);
		report_tls(&s);
		report_cert(&s);
		report_auth(&s);
		report_size(l);
		report_said(l);
	} else {
		report_reach(&s);
	}
	probe_factf(l->ctx, "port.total_ms", "%lld",
	    (long long)(clock_mono_ms() - l->started_ms));
	mem_free(s.begin);
	mem_free(s.where);
}
