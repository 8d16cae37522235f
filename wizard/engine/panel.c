/* SPDX-License-Identifier: ISC
 *
 * The rows of the live panel: one per port of a server, with plain words for
 * reached, mail, encrypted, genuine and sign-in.
 */
#include "engine_in.h"

#include "../../probes/base/mem.h"

#include <stdio.h>

static bool
is(const struct kvs *facts, const char *name, const char *value)
{
	return str_eq(kvs_get_or(facts, name, "unknown"), value);
}

static void
cell_set(struct cell *c, enum cell_state state, const char *text)
{
	c->state = state;
	snprintf(c->text, sizeof(c->text), "%s", text);
}

static void
cell_reach(struct cell *c, const char *reach)
{
	static const char *const words[][2] = {{"open", "yes"},
	    {"refused", "refused"}, {"dropped", "NO ANSWER"},
	    {"unreachable", "no way"}, {"prohibited", "forbidden"},
	    {"no-route", "no way"}, {NULL, NULL}};

	for (int i = 0; words[i][0]; i++)
		if (str_eq(words[i][0], reach)) {
			cell_set(c, i == 0 ? CELL_YES : CELL_NO, words[i][1]);
			return;
		}
	cell_set(c, CELL_NONE, "-");
}

static void
cell_mail(struct cell *c, const char *speaks)
{
	static const char *const words[][2] = {{"smtp", "yes"},
	    {"imap", "IMAP"}, {"pop3", "POP3"}, {"http", "web"},
	    {"portal", "SIGN-IN WEB"}, {"tls", "no"}, {"other", "no"},
	    {"silent", "SILENT"}, {"busy", "busy"}, {"rejected", "turned away"},
	    {"closed", "hung up"}, {"broken", "broken"},
	    {"helo-refused", "turned away"}, {NULL, NULL}};

	for (int i = 0; words[i][0]; i++)
		if (str_eq(words[i][0], speaks)) {
			cell_set(c, i == 0 ? CELL_YES : CELL_NO, words[i][1]);
			return;
		}
	cell_set(c, CELL_NONE, "-");
}

static void
cells_tls(struct engine const *e, struct matrix_row *r, const struct kvs *f)
{
	const char *cert = cert_verdict(e, f, r->host, NULL);
	const char *tls = kvs_get_or(f, "port.tls", "unknown");

	if (str_eq(tls, "ok") || str_eq(tls, "too-old"))
		cell_set(&r->encrypted, str_eq(tls, "ok") ? CELL_YES : CELL_NO,
		    str_eq(tls, "ok") ? "yes" : "TOO OLD");
	else if (is(f, "port.speaks", "smtp") || str_eq(tls, "failed") ||
		 str_eq(tls, "client-cert"))
		cell_set(&r->encrypted, CELL_NO,
		    str_eq(tls, "none") ? "none" : "FAILS");
	if (str_eq(cert, "ok"))
		cell_set(&r->genuine, CELL_YES, "yes");
	else if (!str_eq(cert, "unknown"))
		cell_set(&r->genuine, CELL_NO,
		    str_eq(cert, "expired")         ? "EXPIRED"
		    : str_eq(cert, "intercepted")   ? "OPENED"
		    : str_eq(cert, "name-mismatch") ? "OTHER NAME"
						    : "NO");
	if (is(f, "port.auth", "yes"))
		cell_set(&r->sign_in, CELL_YES, "offered");
	else if (is(f, "port.auth", "no"))
		cell_set(&r->sign_in, CELL_NO, "none");
}

static void
row_cells(
    const struct engine *e, struct matrix_row *r, const struct port_view *v)
{
	const struct kvs *f;
	int64_t ms;

	cell_set(&r->reached, CELL_NONE, "-");
	cell_set(&r->mail, CELL_NONE, "-");
	cell_set(&r->encrypted, CELL_NONE, "-");
	cell_set(&r->genuine, CELL_NONE, "-");
	cell_set(&r->sign_in, CELL_NONE, "-");
	if (!v->best || (v->running > 0 && v->rung != RUNG_PASS)) {
		cell_set(&r->reached, CELL_WAIT, "waiting");
		return;
	}
	f = &v->best->result.facts;
	cell_reach(&r->reached, kvs_get_or(f, "port.reach", "unknown"));
	if (is(f, "port.reach", "open")) {
		cell_mail(&r->mail, kvs_get_or(f, "port.speaks", "unknown"));
		cells_tls(e, r, f);
	}
	if (str_number(kvs_get_or(f, "port.connect_ms", ""), 0, INT32_MAX, &ms))
		r->ms = (int)ms;
	snprintf(r->security, sizeof(r->security), "%s",
	    kvs_get_or(f, "port.serves", "unknown"));
}

static void
add_rows(
    const struct engine *e, const char *host, bool is_mine, struct matrix *out)
{
	struct port_view v[PORT_VIEWS_MAX];
	size_t n = port_views(e, host, v, PORT_VIEWS_MAX);

	for (size_t i = 0; i < n; i++) {
		struct matrix_row *r = MEM_PUSH(&out->v, &out->n, &out->cap);
		bool known;

		r->host = mem_dup(host);
		r->port = v[i].port;
		r->ms = -1;
		r->is_mine = is_mine && v[i].port == mine_port(e);
		r->is_documented =
		    documented_security(e, host, v[i].port, &known) != NULL;
		r->addresses = v[i].addresses;
		r->addresses_ok = v[i].passing;
		r->passes = v[i].best && v[i].rung == RUNG_PASS;
		snprintf(r->security, sizeof(r->security), "unknown");
		row_cells(e, r, &v[i]);
		if (r->passes && r->addresses_ok < r->addresses &&
		    v[i].running == 0)
			r->note = mem_printf("%d of %d addresses pass",
			    r->addresses_ok, r->addresses);
	}
}

void
engine_matrix(const struct engine *e, struct matrix *out)
{
	*out = (struct matrix){0};
	add_rows(e, fact_value(e, "mine.host"), true, out);
	add_rows(e, fact_value(e, "alt.host"), false, out);
}

void
matrix_done(struct matrix *m)
{
	for (size_t i = 0; i < m->n; i++) {
		mem_free(m->v[i].host);
		mem_free(m->v[i].note);
	}
	mem_free(m->v);
	*m = (struct matrix){0};
}
