/* SPDX-License-Identifier: ISC
 *
 * Puts a report together and knows the formats, from formats.def.
 */
#include "report.h"

#include <string.h>

#define FORMAT(id, end, what) \
	void report_write_##id(const struct report *r, struct buf *out);
#include "formats.def"
#undef FORMAT

#define FORMAT(id, end, what)                             \
	static const struct report_format format_##id = { \
	    .name = #id,                                  \
	    .ending = end,                                \
	    .summary = what,                              \
	    .write = report_write_##id,                   \
	};
#include "formats.def"
#undef FORMAT

#define FORMAT(id, end, what) &format_##id,
const struct report_format *const report_formats[] = {
#include "formats.def"
    NULL,
};
#undef FORMAT

const struct report_format *
report_format_find(const char *name)
{
	for (size_t i = 0; report_formats[i]; i++)
		if (str_same(report_formats[i]->name, name) ||
		    str_same(report_formats[i]->ending + 1, name))
			return report_formats[i];
	return NULL;
}

const struct report_format *
report_format_for_file(const char *path)
{
	const char *dot = strrchr(path, '.');

	for (size_t i = 0; dot && dot > path && report_formats[i]; i++)
		if (str_same(report_formats[i]->ending, dot))
			return report_formats[i];
	return NULL;
}

void
report_init(struct report *r, const struct engine *e, const char *version,
    const struct strs *library_versions)
{
	memset(r, 0, sizeof(*r));
	r->engine = e;
	r->verdict = engine_verdict(e);
	r->version = version;
	engine_matrix(e, &r->matrix);
	if (library_versions)
		strs_copy(&r->versions, library_versions);
}

void
report_done(struct report *r)
{
	matrix_done(&r->matrix);
	strs_done(&r->versions);
	memset(r, 0, sizeof(*r));
}
