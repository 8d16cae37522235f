/* SPDX-License-Identifier: ISC
 *
 * What a case came to, as plain data, and the formats it is written in. Pure:
 * built from the engine's state, which is itself a reading of the journal.
 */
#ifndef REPORT_REPORT_H
#define REPORT_REPORT_H

#include "../../probes/base/buf.h"
#include "../engine/engine.h"

struct report {
	const struct engine *engine; /* borrowed: facts, steps, matrix, ... */
	const struct verdict *verdict; /* borrowed; NULL when cut short */
	struct matrix matrix;
	const char *version; /* of the program */
	struct strs versions; /* libraries: "OpenSSL 3.0.17" */
};

void report_init(struct report *r, const struct engine *e, const char *version,
    const struct strs *library_versions);
void report_done(struct report *r);

struct report_format {
	const char *name; /* "json" */
	const char *ending; /* ".json" */
	const char *summary;
	void (*write)(const struct report *r, struct buf *out);
};
extern const struct report_format *const report_formats[]; /* NULL-ended */
const struct report_format *report_format_find(const char *name);
const struct report_format *report_format_for_file(const char *path);

#endif
