/* SPDX-License-Identifier: ISC
 *
 * What runs in the lab's own process. It speaks to its parent in lines:
 * "closed PORT", "hanging PORT" (0: none), "resolver PORT", "server INDEX
 * PORT" for each server of scenario->ports, then "ready", then one line per
 * complaint; or "fail REASON".
 */
#ifndef LAB_LAB_PROCESS_H
#define LAB_LAB_PROCESS_H

#include "scenario.h"

/* Removes the messages that the lab's servers have taken. */
void lab_clear_mail(const char *dir);

/* Serves until life_fd ends. dir is the lab's own and goes with it. */
_Noreturn void lab_process(const struct scenario *s, const char *dir,
    int life_fd, int report_fd, pid_t parent);

#endif
