/* SPDX-License-Identifier: ISC
 *
 * Is this computer's clock off? From the build date of the program and from
 * the dates that servers put into their greetings.
 */
#include "engine_in.h"

#include "../../probes/base/clock.h"

#include <stdlib.h>

#define BY "clock"
#define DAY_S 86400

static void
put(struct engine *e, const char *name, const char *value)
{
	fact_put(e, name, value, FROM_DERIVED, BY);
}

static void
put_clock_times(struct engine *e, int64_t off_s)
{
	char text[CLOCK_TEXT];
	int64_t size = off_s < 0 ? -off_s : off_s;

	clock_format(e->now_ms, text);
	put(e, "path.our_time", text);
	clock_format(e->now_ms + off_s * 1000, text);
	put(e, "path.their_time", text);
	fact_putf(e, "path.clock_off", FROM_DERIVED, BY, "%lld %s %s",
	    (long long)(size >= 2 * DAY_S ? size / DAY_S : size / 60),
	    size >= 2 * DAY_S ? "days" : "minutes",
	    off_s > 0 ? "behind" : "ahead");
}

/* A dated banner more than a day off, the certificate valid at its time. */
static bool
banner_proves(const struct job *j, int64_t now_ms, int64_t *off_s)
{
	const struct kvs *f = &j->result.facts;
	const char *from = kvs_get(f, "port.cert_valid_from");
	const char *to = kvs_get(f, "port.cert_valid_to");
	const char *off = kvs_get(f, "port.date_off");
	int64_t from_ms, to_ms, theirs;

	if (!off || !from || !to ||
	    !str_number(off, -INT64_MAX, INT64_MAX, off_s) ||
	    !clock_parse(from, &from_ms) || !clock_parse(to, &to_ms))
		return false;
	theirs = now_ms + *off_s * 1000;
	return llabs((long long)*off_s) > DAY_S && theirs >= from_ms &&
	       theirs <= to_ms;
}

/* Contract, rule 7. */
void
derive_clock(struct engine *e)
{
	bool any = false, agrees = false;
	int64_t proved_s = 0;

	if (e->started_ms && e->started_ms < e->setup.build_ms) {
		put(e, "path.clock", "wrong");
		put_clock_times(e, (e->setup.build_ms - e->started_ms) / 1000);
		return;
	}
	for (size_t i = 0; i < e->n_jobs; i++) {
		const struct job *j = &e->jobs[i];
		const char *off;
		int64_t off_s;

		if (!j->ended || !job_counts(j) ||
		    !str_eq(j->probe->name, "smtp_port"))
			continue;
		off = kvs_get(&j->result.facts, "port.date_off");
		if (!off || !str_number(off, -INT64_MAX, INT64_MAX, &off_s))
			continue;
		any = true;
		agrees = agrees || llabs((long long)off_s) <= DAY_S;
		if (banner_proves(j, e->now_ms, &off_s))
			proved_s = off_s;
	}
	/* One server that agrees with us outweighs another that does not. */
	if (agrees || !proved_s) {
		put(e, "path.clock", any ? "ok" : "unknown");
		return;
	}
	put(e, "path.clock", "wrong");
	put_clock_times(e, proved_s);
}
