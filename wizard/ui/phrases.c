/* SPDX-License-Identifier: ISC
 *
 * Words for tests in progress, questions and the way taken. The result's
 * words are in phrases_result.c.
 */
#include "phrases.h"

#include <stdio.h>
#include <string.h>

#include "../../probes/base/buf.h"
#include "../../probes/base/clock.h"
#include "../../probes/base/mem.h"

const char *
mark_word(enum item_mark m)
{
	static const char *const words[] = {"OK", "NO", "WAIT", "NOTE", "?"};
	return words[m];
}

enum look
mark_look(enum item_mark m)
{
	static const enum look looks[] = {
	    LOOK_GOOD, LOOK_BAD, LOOK_WAIT, LOOK_WAIT, LOOK_WAIT};
	return looks[m];
}

void
items_done(struct items *items)
{
	for (size_t i = 0; i < items->n; i++) {
		mem_free(items->v[i].subject);
		mem_free(items->v[i].text);
	}
	mem_free(items->v);
	*items = (struct items){0};
}

/* What a fact of a probe says, in few words. The first that holds. */
static const struct phrase {
	const char *probe, *fact, *value;
	enum item_mark mark;
	const char *text;
} phrases[] = {
    {"dns_domain", "domain.name", "nxdomain", MARK_NO, "no such domain"},
    {"dns_domain", "domain.name", "servfail", MARK_NO,
	"name server reports a failure"},
    {"dns_domain", "domain.name", "no-answer", MARK_NO,
	"name server does not answer"},
    {"dns_domain", "domain.name", "refused", MARK_NO,
	"name server refuses to answer"},
    {"dns_domain", "domain.name", "unreachable", MARK_NO,
	"name server cannot be reached"},
    {"dns_domain", "domain.name", "bad-name", MARK_NO, "not a domain name"},
    {"dns_domain", "domain.mail", "null-mx", MARK_NOTE,
	"domain found, takes no mail"},
    {"dns_domain", "domain.mail", "mx", MARK_OK,
	"domain found, has mail servers"},
    {"dns_domain", "domain.mail", "none", MARK_NOTE,
	"domain found, no mail server"},
    {"dns_domain", "domain.name", "ok", MARK_OK, "domain found"},
    {"dns_host", "dns.sinkhole", "yes", MARK_NO,
	"name leads nowhere (filtered)"},
    {"dns_host", "dns.name", "nxdomain", MARK_NO, "no such name"},
    {"dns_host", "dns.name", "no-address", MARK_NO, "name without address"},
    {"dns_host", "dns.name", "servfail", MARK_NO,
	"name server reports a failure"},
    {"dns_host", "dns.name", "no-answer", MARK_NO,
	"name server does not answer"},
    {"dns_host", "dns.name", "refused", MARK_NO,
	"name server refuses to answer"},
    {"dns_host", "dns.name", "unreachable", MARK_NO,
	"name server cannot be reached"},
    {"dns_host", "dns.name", "bad-name", MARK_NO, "not a server name"},
    {"dns_host", "dns.name", "literal", MARK_OK, "an address, no name"},
    {"dns_host", "dns.name", "localhost", MARK_OK, "this computer"},
    {"dns_host", "dns.name", "ok", MARK_OK, "name found"},
    {"dns_system", "system.sinkhole", "yes", MARK_NO,
	"look-up here leads to nowhere"},
    {"dns_system", "system.name", "nxdomain", MARK_NO,
	"this computer does not know it"},
    {"dns_system", "system.name", "failed", MARK_NO,
	"this computer's look-up fails"},
    {"dns_system", "system.name", "ok", MARK_OK,
	"this computer's look-up works"},
    {"local_machine", "local.route", "none", MARK_NO, "no way to a network"},
    {"local_machine", "local.route", "ipv4", MARK_OK, "connected (IPv4)"},
    {"local_machine", "local.route", "ipv6", MARK_OK, "connected (IPv6)"},
    {"local_machine", "local.route", "both", MARK_OK,
	"connected (IPv4 and IPv6)"},
    {"auth_login", "login.result", "accepted", MARK_OK,
	"the server takes the sign-in"},
    {"auth_login", "login.result", "refused", MARK_NO,
	"the server refuses the sign-in"},
    {"auth_login", "login.result", "temporary", MARK_NO,
	"the server puts the sign-in off"},
    {"auth_login", "login.result", "no-mechanism", MARK_NO,
	"offers no sign-in that we speak"},
    {"auth_login", "login.result", "no-tls", MARK_NO,
	"not safe; nothing was sent"},
    {"auth_login", "login.result", "dropped", MARK_NO,
	"connection ended, no answer"},
    {"smtp_send", "send.result", "accepted", MARK_OK,
	"the server takes the message"},
    {"smtp_send", "send.result", "refused", MARK_NO,
	"the server refuses the message"},
    {"smtp_send", "send.result", "temporary", MARK_NO,
	"the server puts the message off"},
    {"smtp_send", "send.result", "cut", MARK_NO,
	"connection ended while sending"},
    {"smtp_send", "send.result", "timeout", MARK_NO, "no answer while sending"},
    {"smtp_send", "send.result", "no-login", MARK_NO,
	"not sent: sign-in refused"},
    {"smtp_send", "send.result", "no-tls", MARK_NO,
	"not safe; nothing was sent"},
    {"discover", "discover.security", "none", MARK_NOTE,
	"settings without encryption"},
    {"discover", "discover.result", "found", MARK_OK, "settings found"},
    {"discover", "discover.result", "none", MARK_OK, "publishes no settings"},
    {"discover", "discover.result", "failed", MARK_UNKNOWN,
	"look-up of its settings failed"},
    {"address", "address.typo", "yes", MARK_NOTE, "looks mistyped"},
    {"address", "address.syntax", "ok", MARK_OK, "well-formed"},
    {"address", "address.syntax", "unknown", MARK_UNKNOWN, "not known"},
};

static enum item_mark
mark_of_grade(enum finding_grade grade)
{
	switch (grade) {
	case FINDING_OK:
	case FINDING_INFO:
		return MARK_OK;
	case FINDING_WARN:
		return MARK_NOTE;
	case FINDING_FAIL:
		return MARK_NO;
	case FINDING_UNKNOWN:
		break;
	}
	return MARK_UNKNOWN;
}

/* No phrase of ours fits: the probe's own first finding. */
static void
phrase_from_findings(const struct probe_result *r, struct item *out)
{
	out->mark = MARK_UNKNOWN;
	if (r->status == PROBE_FAILED) {
		out->text = mem_dup(r->err.msg);
	} else if (r->n_findings) {
		out->mark = mark_of_grade(r->findings[0].grade);
		out->text = mem_dup(r->findings[0].text);
	} else {
		out->text = mem_dup("not known");
	}
}

static void
phrase_result(const struct job_info *j, struct item *out)
{
	for (size_t i = 0; i < sizeof(phrases) / sizeof(*phrases); i++) {
		const struct phrase *p = &phrases[i];
		if (!str_eq(p->probe, j->probe->name) ||
		    !str_eq(kvs_get(&j->result->facts, p->fact), p->value))
			continue;
		out->mark = p->mark;
		out->text = mem_dup(p->text);
		return;
	}
	phrase_from_findings(j->result, out);
}

static const char *
job_subject(const struct job_info *j)
{
	static const char *const names[] = {"host", "domain", "email"};

	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
		const char *value = kvs_get(j->params, names[i]);
		if (value && *value)
			return value;
	}
	return "this computer";
}

static bool
is_newest(const struct engine *e, size_t at, const struct job_info *j)
{
	for (size_t i = at + 1; i < engine_jobs(e); i++) {
		struct job_info later = engine_job(e, i);
		if (later.probe == j->probe &&
		    str_eq(job_subject(&later), job_subject(j)))
			return false;
	}
	return true;
}

/* Cancelled, or a look that was not for this case. */
static bool
has_nothing(const struct probe_result *r)
{
	if (r->status == PROBE_CANCELLED)
		return true;
	return str_eq(kvs_get(&r->facts, "system.name"), "unknown");
}

static const char *
waiting_text(enum probe_effect effect)
{
	switch (effect) {
	case PROBE_READS:
		break;
	case PROBE_LOGS_IN:
		return "signing in, no answer yet";
	case PROBE_SENDS_MAIL:
		return "sending the test message";
	}
	return "asked, no answer yet";
}

void
items_names(const struct session *s, struct items *out)
{
	const struct engine *e = session_engine(s);

	for (size_t i = 0; i < engine_jobs(e); i++) {
		struct job_info j = engine_job(e, i);
		bool is_port =
		    j.probe->gate_param && j.probe->effect == PROBE_READS;
		if (is_port || str_eq(j.probe->name, "address") ||
		    !is_newest(e, i, &j))
			continue;
		if (j.result ? has_nothing(j.result) : !j.wanted)
			continue;
		struct item *item = MEM_PUSH(&out->v, &out->n, &out->cap);
		item->subject = mem_dup(job_subject(&j));
		if (j.result) {
			phrase_result(&j, item);
			item->ms = j.result->ms;
			continue;
		}
		item->mark = MARK_WAIT;
		item->text = mem_dup(waiting_text(j.probe->effect));
		item->ms = (int)(clock_utc_ms() - j.started_ms);
	}
}

int
port_waiting_ms(const struct session *s, const struct matrix_row *row)
{
	const struct engine *e = session_engine(s);
	int64_t oldest = 0;

	for (size_t i = 0; i < engine_jobs(e); i++) {
		struct job_info j = engine_job(e, i);
		struct probe_target t;
		if (j.result || !j.probe->gate_param ||
		    j.probe->effect != PROBE_READS ||
		    !str_same(kvs_get(j.params, "host"), row->host))
			continue;
		const char *text = kvs_get(j.params, j.probe->gate_param);
		if (!text || !probe_target_parse(text, &t) ||
		    t.port != row->port)
			continue;
		if (!oldest || j.started_ms < oldest)
			oldest = j.started_ms;
	}
	return oldest ? (int)(clock_utc_ms() - oldest) : -1;
}

char *
ms_text(int ms)
{
	if (ms < 0)
		return mem_dup("");
	return ms < 1000 ? mem_printf("%d ms", ms)
			 : mem_printf("%d.%d s", ms / 1000, ms / 100 % 10);
}

/* "encrypted", or "encryption: too old" when the test did not pass. */
static void
add_cell(struct strs *parts, const struct cell *c, const char *yes,
    const char *subject)
{
	if (c->state == CELL_YES && (!*c->text || str_same(c->text, "yes")))
		strs_add(parts, yes);
	else if (c->state == CELL_YES)
		strs_addf(parts, "%s: %s", subject, c->text);
	else if (c->state == CELL_NO)
		strs_addf(parts, "%s: %s", subject, *c->text ? c->text : "NO");
}

static bool
row_waits(const struct matrix_row *r)
{
	return r->reached.state == CELL_WAIT || r->mail.state == CELL_WAIT ||
	       r->encrypted.state == CELL_WAIT ||
	       r->genuine.state == CELL_WAIT || r->sign_in.state == CELL_WAIT;
}

static char *
row_text(const struct matrix_row *r)
{
	struct strs parts = {0};

	if (r->reached.state == CELL_NO)
		strs_add(&parts, *r->reached.text ? r->reached.text : "NO");
	else if (r->reached.state == CELL_YES)
		strs_add(&parts, "answers");
	add_cell(&parts, &r->mail, "is a mail server", "mail");
	add_cell(&parts, &r->encrypted, "encrypted", "encryption");
	add_cell(&parts, &r->genuine, "genuine", "certificate");
	if (r->sign_in.state == CELL_YES)
		strs_add(&parts, "sign-in offered");
	else
		add_cell(&parts, &r->sign_in, "", "sign-in");
	if (r->note)
		strs_add(&parts, r->note);
	if (!parts.n)
		strs_add(&parts, row_waits(r) ? "no answer yet" : "not tested");
	char *text = strs_join(&parts, ", ");
	strs_done(&parts);
	return text;
}

const char *
mine_word(const struct engine *e)
{
	const char *port = engine_fact(e, "app.port");

	return port && !str_eq(port, "unknown") ? " (yours)" : " (usual)";
}

void
items_ports(const struct session *s, struct items *out)
{
	struct matrix m = {0};

	engine_matrix(session_engine(s), &m);
	for (size_t i = 0; i < m.n; i++) {
		const struct matrix_row *r = &m.v[i];
		struct item *item = MEM_PUSH(&out->v, &out->n, &out->cap);
		bool waits = row_waits(r);
		item->mark = waits       ? MARK_WAIT
			     : r->passes ? MARK_OK
			     : r->reached.state == CELL_NONE ||
				     r->reached.state == CELL_SKIP
				 ? MARK_UNKNOWN
				 : MARK_NO;
		item->subject = mem_printf("port %d%s of %s", r->port,
		    r->is_mine ? mine_word(session_engine(s)) : "", r->host);
		item->text = row_text(r);
		item->ms = waits ? port_waiting_ms(s, r) : r->ms;
	}
	matrix_done(&m);
}

char *
item_line(const struct item *item)
{
	char *ms = ms_text(item->ms);
	char *line = mem_printf("%-4s %s: %s%s%s%s", mark_word(item->mark),
	    item->subject, item->text, *ms ? " (" : "", ms, *ms ? ")" : "");

	mem_free(ms);
	return line;
}

char *
step_text(const struct engine *e)
{
	const struct node *n = engine_node(e);
	const struct playbook *p = engine_playbook(e);

	if (!n || n->stage < 0 || (size_t)n->stage >= p->stages.n)
		return mem_dup("");
	return mem_printf("Step %d of %zu: %s", n->stage + 1, p->stages.n,
	    p->stages.v[n->stage]);
}

void
field_choices(const struct field *f, struct choice_list *out)
{
	bool has_unknown = false;

	*out = (struct choice_list){0};
	for (size_t i = 0; i < f->n_choices && out->n < 62; i++) {
		out->values[out->n] = f->choices[i].value;
		out->labels[out->n] = f->choices[i].label;
		out->help[out->n++] = f->choices[i].help;
		if (str_eq(f->choices[i].value, "unknown"))
			has_unknown = true;
	}
	if (has_unknown)
		return;
	out->values[out->n] = "unknown";
	out->labels[out->n++] = "I don't know";
}

/* By name: facts that hold what a program showed end in these words. */
bool
field_is_long(const struct field *f)
{
	return f->kind == FIELD_TEXT &&
	       (str_ends(f->fact, "error") || str_ends(f->fact, "message"));
}

const char *
field_where(const struct engine *e, const struct field *f)
{
	const char *app = engine_fact(e, "app.name");
	const char *where = app ? kvs_get(&f->where, app) : NULL;

	return where ? where : kvs_get(&f->where, "any");
}

void
say_node(const struct engine *e, struct doc *d)
{
	const struct node *n = engine_node(e);
	char *text;

	if (!n)
		return;
	if (n->title) {
		text = engine_fill(e, n->title);
		doc_add(d, DOC_HEAD, NULL, text);
		mem_free(text);
	}
	if (n->text) {
		text = engine_fill(e, n->text);
		doc_flow(d, text);
		mem_free(text);
	}
}

void
say_discloses(const struct engine *e, struct doc *d)
{
	const struct node *n = engine_node(e);

	if (!n || !n->discloses)
		return;
	char *text = engine_fill(e, n->discloses);
	char *flow = text_flow(text);
	doc_addf(d, DOC_TEXT, NULL, "Who will see it: %s", flow);
	mem_free(flow);
	mem_free(text);
}

void
say_field_why(const struct engine *e, const struct field *f, struct doc *d)
{
	const char *where = field_where(e, f);
	char *why = text_flow(f->why);

	doc_add(d, DOC_HEAD, NULL, f->label);
	if (*why)
		doc_add(d, DOC_LABEL, "Why we ask", why);
	mem_free(why);
	if (where) {
		char *flow = text_flow(where);
		doc_add(d, DOC_LABEL, "Where it is", flow);
		mem_free(flow);
	}
	doc_blank(d);
}

void
say_why(const struct engine *e, struct doc *d)
{
	const struct node *n = engine_node(e);

	if (!n || n->kind != NODE_ASK) {
		say_node(e, d);
		return;
	}
	for (size_t i = 0; i < n->n_fields; i++) {
		if (engine_field_open(e, &n->fields[i]))
			say_field_why(e, &n->fields[i], d);
	}
	say_discloses(e, d);
}

static void
say_job(const struct session *s, const struct job_info *j, struct doc *d)
{
	struct buf b;
	char at[CLOCK_TEXT];

	buf_init(&b, BUF_OURS);
	buf_adds(&b, j->probe->name);
	for (size_t i = 0; i < j->params->n; i++) {
		if (strlen(j->params->v[i].value) < 80)
			buf_addf(&b, "  %s=%s", j->params->v[i].name,
			    j->params->v[i].value);
	}
	doc_add(d, DOC_HEAD, NULL, b.data);
	buf_done(&b);
	clock_format(j->started_ms, at);
	if (!j->result) {
		char *ms = ms_text((int)(clock_utc_ms() - j->started_ms));
		doc_addf(d, DOC_TEXT, NULL, "WAIT %s %s for %s", at,
		    session_stage(s, j->id), ms);
		mem_free(ms);
		doc_blank(d);
		return;
	}
	doc_addf(d, DOC_TEXT, NULL, "%s, took %d ms%s", at, j->result->ms,
	    j->result->status == PROBE_CANCELLED ? ", cancelled" : "");
	if (j->result->status == PROBE_FAILED)
		doc_addf(d, DOC_TEXT, NULL, "Could not look: %s",
		    j->result->err.msg);
	for (size_t i = 0; i < j->result->n_findings; i++) {
		const struct finding *f = &j->result->findings[i];
		doc_addf(d, DOC_STEP, mark_word(mark_of_grade(f->grade)),
		    "  %s (%s)", f->text, f->id);
	}
	for (size_t i = 0; i < j->result->transcript.n; i++)
		doc_add(d, DOC_QUOTE, NULL, j->result->transcript.v[i]);
	doc_blank(d);
}

void
say_details(struct session *s, struct doc *d)
{
	const struct engine *e = session_engine(s);
	const struct verdict *v = engine_verdict(e);

	doc_add(d, DOC_HEAD, NULL, "Every line we saw");
	if (!engine_jobs(e))
		doc_add(d, DOC_TEXT, NULL, "Nothing has been tested yet.");
	for (size_t i = 0; v && i < v->because.n; i++) {
		const char *value = engine_fact(e, v->because.v[i]);
		if (i == 0)
			doc_add(d, DOC_TEXT, NULL, "What decided it:");
		doc_addf(d, DOC_QUOTE, NULL, "%s = %s", v->because.v[i],
		    value ? value : "unknown");
	}
	for (size_t i = 0; v && i < v->reproduce.n; i++) {
		if (i == 0)
			doc_add(d, DOC_TEXT, NULL, "To see it yourself:");
		doc_add(d, DOC_QUOTE, NULL, v->reproduce.v[i]);
	}
	doc_blank(d);
	for (size_t i = 0; i < engine_jobs(e); i++) {
		struct job_info j = engine_job(e, i);
		say_job(s, &j, d);
	}
}

void
say_way(struct session *s, struct doc *d)
{
	size_t n;
	const struct step *steps = engine_steps(session_engine(s), &n);

	doc_add(d, DOC_HEAD, NULL, "The way taken so far");
	if (!n)
		doc_add(d, DOC_TEXT, NULL, "Nothing yet.");
	for (size_t i = 0; i < n; i++) {
		char at[CLOCK_TEXT], label[CLOCK_TEXT];
		clock_format(steps[i].at_ms, at);
		at[19] = '\0';
		snprintf(label, sizeof(label), "%s", at + 11);
		doc_addf(d, DOC_LABEL, label, "%s %s: %s", steps[i].kind,
		    steps[i].name, steps[i].outcome);
	}
}
