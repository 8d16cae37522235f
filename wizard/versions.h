/* SPDX-License-Identifier: ISC
 *
 * What the program runs on, for the report: libraries and system.
 */
#ifndef VERSIONS_H
#define VERSIONS_H

#include "../probes/base/str.h"

void versions_list(struct strs *out);

#endif
