/* SPDX-License-Identifier: ISC
 *
 * The loud end of the program. Any thread may get here; the hook runs once.
 */
#include "bug.h"

#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>

typedef void hook_fn(void);

static _Atomic(hook_fn *) bug_hook;

void
bug_set_hook(void (*hook)(void))
{
	atomic_store(&bug_hook, hook);
}

_Noreturn void
bug_report(const char *file, int line, const char *fmt, ...)
{
	hook_fn *hook = atomic_exchange(&bug_hook, NULL);
	va_list ap;

	if (hook != NULL)
		hook();
	fprintf(stderr, "smtpwiz: this cannot happen: %s:%d: ", file, line);
	va_start(ap, fmt);
	vfprintf(stderr, fmt, ap);
	va_end(ap);
	fputs(
	    "\nThis is a fault in smtpwiz; please report this line.\n", stderr);
	abort();
}
