/* SPDX-License-Identifier: ISC
 *
 * What one result says about one configuration of a port: the rung of the
 * contract's ladder at which it fails, and the certificate's verdict.
 */
#include "engine_in.h"

#include "../../probes/base/clock.h"

#include <string.h>

static bool
is(const struct kvs *facts, const char *name, const char *value)
{
	return str_eq(kvs_get_or(facts, name, "unknown"), value);
}

static bool
has_fault(const struct kvs *facts, const char *fault)
{
	struct strs faults = {0};
	bool found;

	strs_split(&faults, kvs_get_or(facts, "port.cert_faults", ""), " ");
	found = strs_has(&faults, fault);
	strs_done(&faults);
	return found;
}

/*
 * Contract, rule 6: an issuer named in the interceptors' data, even if
 * trusted; or a self-signed or unknown issuer on a known provider's host.
 */
static bool
is_intercepted(const struct engine *e, const struct kvs *facts,
    const char *host, const struct interceptor **who)
{
	*who = knowledge_interceptor(
	    e->setup.knowledge, kvs_get_or(facts, "port.cert_issuers", ""));
	if (!*who)
		*who = knowledge_interceptor(e->setup.knowledge,
		    kvs_get_or(facts, "port.cert_issuer", ""));
	if (*who)
		return true;
	return host &&
	       (has_fault(facts, "self-signed") ||
		   has_fault(facts, "untrusted") ||
		   has_fault(facts, "chain-incomplete")) &&
	       knowledge_by_host(e->setup.knowledge, host);
}

const char *
cert_verdict(const struct engine *e, const struct kvs *facts, const char *host,
    const struct interceptor **who)
{
	static const char *const order[] = {"self-signed", "chain-incomplete",
	    "untrusted", "expired", "not-yet-valid", "name-mismatch", "weak",
	    "other", NULL};
	const struct interceptor *found = NULL;

	if (is(facts, "port.cert", "unknown"))
		return "unknown";
	if (is_intercepted(e, facts, host, &found)) {
		if (who)
			*who = found;
		return "intercepted";
	}
	if (fact_is(e, "path.clock", "wrong") &&
	    (has_fault(facts, "expired") || has_fault(facts, "not-yet-valid")))
		return "clock";
	for (size_t i = 0; order[i]; i++)
		if (has_fault(facts, order[i]))
			return order[i];
	return "ok";
}

/* Is mail taken over this result's connection under the encryption? */
static enum rung
rung_after_tls(
    const struct engine *e, const struct kvs *facts, const char *host)
{
	if (!is(facts, "port.tls", "ok") || is(facts, "port.mss", "blackhole"))
		return RUNG_TLS;
	if (!str_eq(cert_verdict(e, facts, host, NULL), "ok"))
		return RUNG_CERT;
	if (is(facts, "port.auth", "no"))
		return RUNG_AUTH;
	return RUNG_PASS;
}

enum rung
result_rung(const struct engine *e, const struct kvs *facts,
    const char *security, const char *host)
{
	const char *serves = kvs_get_or(facts, "port.serves", "unknown");
	bool starttls_ok = is(facts, "port.starttls", "offered");

	if (!is(facts, "port.reach", "open"))
		return is(facts, "port.reach", "unknown") ? RUNG_NONE
							  : RUNG_CONNECT;
	if (str_eq(security, "auto"))
		security = str_eq(serves, "unknown") ? "starttls" : serves;
	if (str_eq(security, "none")) {
		if (str_eq(serves, "implicit-tls") ||
		    !is(facts, "port.speaks", "smtp"))
			return RUNG_FIRST;
		return is(facts, "port.auth_plain", "no") ? RUNG_AUTH
							  : RUNG_PASS;
	}
	if (!str_eq(serves, "unknown") && !str_eq(serves, security)) {
		bool plain_wanted = str_eq(security, "starttls");

		return plain_wanted && str_eq(serves, "none") ? RUNG_TLS
							      : RUNG_FIRST;
	}
	if (!is(facts, "port.speaks", "smtp")) {
		bool tls_asked = !is(facts, "port.tls", "none") &&
				 !is(facts, "port.tls", "unknown");

		return tls_asked && !is(facts, "port.tls", "ok") ? RUNG_TLS
								 : RUNG_FIRST;
	}
	if (str_eq(security, "starttls") && !starttls_ok)
		return RUNG_TLS;
	return rung_after_tls(e, facts, host);
}

bool
mechs_have(const char *mechs, const char *set)
{
	struct strs list = {0};
	bool found = false;

	strs_split(&list, mechs, " ");
	for (size_t i = 0; i < list.n; i++)
		found = found || str_in_set(list.v[i], set) ||
			str_starts(list.v[i], "SCRAM-");
	strs_done(&list);
	return found;
}

/* Does the playbook still call for it, as the facts now are? */
bool
job_counts(const struct job *j)
{
	return j->wanted && !j->stale;
}

const struct job *
job_with(const struct engine *e, const char *probe, const char *param,
    const char *value)
{
	for (size_t i = e->n_jobs; value && i-- > 0;) {
		const struct job *j = &e->jobs[i];

		if (j->ended && !j->stale && str_eq(j->probe->name, probe) &&
		    str_same(kvs_get(&j->params, param), value))
			return j;
	}
	return NULL;
}

static struct port_view *
view_for(
    struct port_view *views, size_t *n, size_t max, const char *host, int port)
{
	for (size_t i = 0; i < *n; i++)
		if (views[i].port == port)
			return &views[i];
	if (*n == max)
		return NULL;
	views[*n] = (struct port_view){.host = host, .port = port};
	return &views[(*n)++];
}

int
connect_weight(const struct job *j)
{
	static const char *const order[] = {"no-route", "unknown", "refused",
	    "unreachable", "prohibited", "dropped", NULL};
	const char *reach =
	    kvs_get_or(&j->result.facts, "port.reach", "unknown");

	for (int i = 0; order[i]; i++)
		if (str_eq(order[i], reach))
			return i;
	return 0;
}

/* IPv4 goes first among equals: every program tries it. */
static bool
is_better(const struct port_view *v, const struct job *j, enum rung rung)
{
	if (!v->best || rung != v->rung)
		return !v->best || rung > v->rung;
	if (rung == RUNG_CONNECT)
		return connect_weight(j) > connect_weight(v->best);
	return strchr(kvs_get(&v->best->params, "target"), '[') &&
	       !strchr(kvs_get(&j->params, "target"), '[');
}

size_t
port_views(
    const struct engine *e, const char *host, struct port_view *out, size_t max)
{
	size_t n = 0;

	for (size_t i = 0; host && i < e->n_jobs; i++) {
		const struct job *j = &e->jobs[i];
		struct probe_target t;
		struct port_view *v;
		enum rung rung;

		if (!job_counts(j) || !str_eq(j->probe->name, "smtp_port") ||
		    !str_same(kvs_get(&j->params, "host"), host) ||
		    !probe_target_parse(kvs_get(&j->params, "target"), &t))
			continue;
		v = view_for(out, &n, max, host, t.port);
		if (!v)
			continue;
		v->addresses++;
		if (!j->ended) {
			v->running += job_is_awaited(e, j);
			v->late += !job_is_awaited(e, j);
			continue;
		}
		rung = result_rung(e, &j->result.facts, "auto", host);
		v->passing += rung == RUNG_PASS;
		if (is_better(v, j, rung)) {
			v->best = j;
			v->rung = rung;
		}
	}
	return n;
}
