/* SPDX-License-Identifier: ISC
 *
 * The versions of libraries are those the program was built with: what is
 * asked for at run time would need each library's header here.
 */
#include "versions.h"

#include <sys/utsname.h>

#ifndef LIBRARIES
#define LIBRARIES ""
#endif

void
versions_list(struct strs *out)
{
	struct utsname system;

	strs_split(out, LIBRARIES, ",");
	if (uname(&system) == 0)
		strs_addf(out, "%s %s %s", system.sysname, system.release,
		    system.machine);
}
