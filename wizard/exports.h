/* SPDX-License-Identifier: ISC
 *
 * The files of --export: written once the walk has ended, never over another
 * file.
 */
#ifndef EXPORTS_H
#define EXPORTS_H

#include "engine/engine.h"

/* `files` is file -> format. False when one was refused or could not be
 * written; why stands on standard error. */
MUST_CHECK bool exports_write(const struct engine *e, const struct kvs *files);

#endif
