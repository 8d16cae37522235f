/* SPDX-License-Identifier: ISC
 *
 * From the recommendation to files: the text comes from exchange/.
 */
#include "exports.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "commands.h"
#include "exchange/export.h"

static bool
write_all(int fd, const char *data, size_t len)
{
	while (len > 0) {
		ssize_t n = write(fd, data, len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return false;
		data += n;
		len -= (size_t)n;
	}
	return true;
}

/* A new file: msmtp wants 0600, and no name is followed elsewhere. */
static bool
save(const char *path, const struct buf *text, struct err *err)
{
	int fd = open(
	    path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	bool ok;
	int sys;

	if (fd < 0)
		return err_sys(
		    err, ERR_FILE, errno, "The file %s is not written", path);
	ok = write_all(fd, text->data, text->len);
	sys = errno;
	if (close(fd) != 0 && ok) {
		ok = false;
		sys = errno;
	}
	return ok || err_sys(err, ERR_FILE, sys,
			 "The file %s could not be written", path);
}

static bool
write_one(const struct export *x, const char *path, const char *format)
{
	struct strs notes = {0};
	struct err err = {0};
	struct buf text;
	bool ok;

	buf_init(&text, BUF_OURS);
	ok = export_write(export_find(format), x, &text, &notes, &err) &&
	     save(path, &text, &err);
	if (!ok)
		note("%s", err.msg);
	for (size_t i = 0; ok && i < notes.n; i++)
		note("%s: %s", path, notes.v[i]);
	strs_done(&notes);
	buf_done(&text);
	return ok;
}

bool
exports_write(const struct engine *e, const struct kvs *files)
{
	struct export x = {.engine = e, .version = VERSION};
	bool ok = true;

	for (size_t i = 0; i < files->n; i++)
		ok = write_one(&x, files->v[i].name, files->v[i].value) && ok;
	return ok;
}
