/* SPDX-License-Identifier: ISC
 *
 * The user's directories, by the XDG rules. Texts are the caller's to free;
 * NULL where there is no home.
 */
#ifndef PATHS_H
#define PATHS_H

#include "../probes/base/err.h"

#include <stdint.h>

/* .../smtpwiz/playbooks under the configuration directory. */
char *paths_playbooks(void);

/* The directory for case files, made when missing (0700). */
char *paths_state(struct err *err);

/* A new name in it: UTC time and playbook. */
char *paths_case(int64_t utc_ms, const char *playbook, struct err *err);

#endif
