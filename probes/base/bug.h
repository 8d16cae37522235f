/* SPDX-License-Identifier: ISC
 *
 * What cannot happen: BUG() ends the program loudly, after giving the user
 * interface a chance to put the terminal back. Not for bad input.
 */
#ifndef BASE_BUG_H
#define BASE_BUG_H

/* Ends the program: runs the hook, prints file, line and message, aborts. */
#define BUG(...) bug_report(__FILE__, __LINE__, __VA_ARGS__)

_Noreturn void bug_report(const char *file, int line, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

/* Sets the function that restores the terminal; NULL takes it away. */
void bug_set_hook(void (*hook)(void));

#endif
