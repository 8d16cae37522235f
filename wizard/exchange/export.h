/* SPDX-License-Identifier: ISC
 *
 * The recommended settings as files for mail programs. Each says in a
 * comment which tests stand behind it and when they were made; none holds a
 * password. Writers are pure: bytes into a buffer.
 */
#ifndef EXCHANGE_EXPORT_H
#define EXCHANGE_EXPORT_H

#include "../../probes/base/buf.h"
#include "../../probes/base/err.h"
#include "../engine/engine.h"

struct export
{
	const struct engine *engine; /* borrowed; done */
	const char *version; /* borrowed: of the program */
};

struct export_format {
	const char *name; /* "autoconfig" */
	const char *summary;
	/* Also called for what is missing: see export_write. */
	bool (*write)(const struct export *x, struct buf *out,
	    struct strs *notes, struct err *err);
};
extern const struct export_format *const export_formats[]; /* NULL-ended */
const struct export_format *export_find(const char *name);

/*
 * Writes the file's text. Refused (ERR_REFUSED) with the reason where nothing
 * is recommended or the format cannot say what is; then nothing is written.
 * `notes` takes what the user has to know about the file.
 */
MUST_CHECK bool export_write(const struct export_format *f,
    const struct export *x, struct buf *out, struct strs *notes,
    struct err *err);

#endif
