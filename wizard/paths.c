/* SPDX-License-Identifier: ISC
 *
 * Where things of the user's own are.
 */
#include "paths.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "../probes/base/clock.h"
#include "../probes/base/mem.h"
#include "../probes/base/str.h"

/* $VARIABLE, or $HOME/otherwise; relative paths do not count (XDG). */
static char *
base(const char *variable, const char *otherwise)
{
	const char *path = getenv(variable);
	const char *home = getenv("HOME");

	if (path && *path == '/')
		return mem_dup(path);
	if (home && *home == '/')
		return mem_printf("%s/%s", home, otherwise);
	return NULL;
}

char *
paths_playbooks(void)
{
	char *dir = base("XDG_CONFIG_HOME", ".config");
	char *path = dir ? mem_printf("%s/smtpwiz/playbooks", dir) : NULL;

	mem_free(dir);
	return path;
}

/* Makes every directory of the path that is missing. */
static bool
make_dirs(char *path, struct err *err)
{
	for (char *p = path + 1;; p++) {
		char end = *p;

		if (end && end != '/')
			continue;
		*p = '\0';
		if (mkdir(path, 0700) != 0 && errno != EEXIST)
			return err_sys(err, ERR_FILE, errno,
			    "The directory %s could not be made", path);
		*p = end;
		if (!end)
			return true;
	}
}

char *
paths_state(struct err *err)
{
	char *dir = base("XDG_STATE_HOME", ".local/state");
	char *path;

	if (!dir) {
		err_set(err, ERR_FILE,
		    "There is no home directory to keep the case file in.");
		return NULL;
	}
	path = mem_printf("%s/smtpwiz", dir);
	mem_free(dir);
	if (make_dirs(path, err))
		return path;
	mem_free(path);
	return NULL;
}

char *
paths_case(int64_t utc_ms, const char *playbook, struct err *err)
{
	char *dir = paths_state(err), *path;
	char at[CLOCK_TEXT];

	if (!dir)
		return NULL;
	clock_format(utc_ms, at);
	for (char *p = at; *p; p++)
		if (*p == ':' || *p == '.')
			*p = '-';
	path = mem_printf("%s/%s-%.60s.jsonl", dir, at, playbook);
	mem_free(dir);
	return path;
}
