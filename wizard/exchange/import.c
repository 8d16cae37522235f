/* SPDX-License-Identifier: ISC
 *
 * Tells the kinds of files apart and looks after what all readers share:
 * lines, names that stand only once, checked values.
 */
#include "import.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "../../probes/base/mem.h"
#include "../../probes/base/secret.h"
#include "import_in.h"

#define VALUE_MAX 320 /* an address has no more */
#define NAME_MAX_BYTES 100

bool
reader_line(struct reader *r, const char **line, size_t *len)
{
	const char *p = r->at;

	if (p == r->end)
		return false;
	r->line++;
	*line = p;
	while (p < r->end && *p != '\n' && *p != '\r')
		p++;
	*len = (size_t)(p - *line);
	if (p < r->end && *p == '\r')
		p++;
	if (p < r->end && *p == '\n')
		p++;
	r->at = p;
	return true;
}

bool
reader_bad(struct reader *r, const char *fmt, ...)
{
	char text[sizeof(r->err->msg)], *shown;
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	shown = str_printable(text, strlen(text));
	err_set(
	    r->err, ERR_SYNTAX, "%.200s:%d: %.250s", r->name, r->line, shown);
	mem_free(shown);
	return false;
}

static bool
is_taken(const struct imported *im, const char *name)
{
	for (size_t i = 0; i < im->n; i++)
		if (str_same(im->v[i].name, name))
			return true;
	/* The choice of none. */
	return str_same(name, "unknown");
}

struct imported_account *
import_add(struct reader *r, struct imported *im, const char *name)
{
	struct imported_account *a;
	char *shown = str_printable(name, strlen(name));
	char *whole;

	if (im->n == IMPORT_ACCOUNTS_MAX) {
		mem_free(shown);
		err_set(r->err, ERR_LIMIT,
		    "%.200s:%d: there are more than %d accounts in it.",
		    r->name, r->line, IMPORT_ACCOUNTS_MAX);
		return NULL;
	}
	shown[str_fit(shown, NAME_MAX_BYTES)] = '\0';
	whole = mem_dup(*shown ? shown : "account");
	for (int n = 2; is_taken(im, whole); n++) {
		mem_free(whole);
		whole = mem_printf("%s (%d)", *shown ? shown : "account", n);
	}
	mem_free(shown);
	a = MEM_PUSH(&im->v, &im->n, &im->cap);
	a->name = whole;
	return a;
}

/* What the question for it would take as well. */
static bool
is_fit(const char *fact, const char *value)
{
	if (!*value || strlen(value) > VALUE_MAX)
		return false;
	if (str_ends(fact, "host"))
		return strlen(value) <= 253 && !strpbrk(value, " \t/@,;\"'<>");
	if (str_eq(fact, "account.email"))
		return strchr(value, '@') && !strpbrk(value, " \t,;\"<>");
	return true;
}

void
import_put(struct imported_account *a, const char *fact, const char *value)
{
	char *copy, *text;

	if (!value || strlen(value) > VALUE_MAX * 4)
		return;
	copy = str_printable(value, strlen(value));
	text = str_trim(copy);
	if (is_fit(fact, text))
		kvs_set(&a->facts, fact, text);
	mem_free(copy);
}

void
import_put_port(struct imported_account *a, const char *fact, int64_t port)
{
	if (port >= 1 && port <= 65535)
		kvs_setf(&a->facts, fact, "%d", (int)port);
}

/* The first word of the first line that is neither empty nor a comment. */
static bool
looks_like_msmtp(const char *bytes, size_t len)
{
	struct reader r = {.at = bytes, .end = bytes + len};
	const char *line;
	size_t n;

	while (reader_line(&r, &line, &n)) {
		size_t i = 0, word;

		while (i < n && (line[i] == ' ' || line[i] == '\t'))
			i++;
		if (i == n || line[i] == '#')
			continue;
		word = i;
		while (i < n && line[i] != ' ' && line[i] != '\t')
			i++;
		return import_is_msmtp_word(line + word, i - word);
	}
	return false;
}

static bool
has(const char *bytes, size_t len, const char *text)
{
	return memmem(bytes, len, text, strlen(text)) != NULL;
}

static bool
read_kind(struct reader *r, struct imported *im)
{
	size_t len = (size_t)(r->end - r->at);
	size_t head = len < 200 ? len : 200;

	if (has(r->at, head, "Windows Registry Editor Version 5.00") ||
	    has(r->at, head, "REGEDIT4"))
		return import_reg(r, im);
	if (has(r->at, len, "user_pref("))
		return import_prefs(r, im);
	if (looks_like_msmtp(r->at, len))
		return import_msmtp(r, im);
	return err_set(r->err, ERR_SYNTAX,
	    "%.200s:1: this is none of the files that can be imported: an "
	    "Outlook profile exported with regedit (.reg), Thunderbird's "
	    "prefs.js, msmtprc.",
	    r->name);
}

/* In UTF-8; a copy, because it may hold passwords, that is wiped. */
static char *
to_utf8(const char *bytes, size_t len, size_t *out_len)
{
	if (len >= 2 && memcmp(bytes, "\xff\xfe", 2) == 0)
		return import_from_utf16(bytes + 2, len - 2, out_len);
	if (len >= 3 && memcmp(bytes, "\xef\xbb\xbf", 3) == 0) {
		bytes += 3;
		len -= 3;
	}
	if (!import_is_utf8(bytes, len))
		return import_from_latin1(bytes, len, out_len);
	*out_len = len;
	return mem_dupn(bytes, len);
}

static bool
read_text(const char *name, const char *text, size_t len, struct imported *im,
    struct err *err)
{
	struct reader r = {
	    .name = name, .at = text, .end = text + len, .err = err};
	const char *nul = memchr(text, '\0', len);

	if (nul) {
		for (const char *p = text; p < nul; p++)
			r.line += *p == '\n';
		r.line++;
		return reader_bad(
		    &r, "a NUL stands in it: this is no file of settings.");
	}
	if (!read_kind(&r, im))
		return false;
	return im->n > 0 ||
	       err_set(err, ERR_SYNTAX,
		   "%.200s:%d: no account that sends mail stands in it.", name,
		   r.line);
}

bool
import_parse(const char *name, const char *bytes, size_t len,
    struct imported *out, struct err *err)
{
	char *shown = str_printable(name, strlen(name));
	size_t text_len = 0;
	char *text;
	bool ok;

	if (len > IMPORT_BYTES_MAX) {
		err_set(err, ERR_LIMIT, "%.200s is larger than %zu MiB.", shown,
		    IMPORT_BYTES_MAX >> 20);
		mem_free(shown);
		return false;
	}
	*out = (struct imported){.from = shown};
	text = to_utf8(bytes, len, &text_len);
	ok = read_text(shown, text, text_len, out, err);
	secret_wipe(text, text_len);
	mem_free(text);
	if (!ok)
		imported_done(out);
	return ok;
}

/* Into a buffer that never moves, so that it can be wiped whole. */
static bool
read_bytes(int fd, char *to, size_t max, size_t *len)
{
	while (*len < max) {
		ssize_t n = read(fd, to + *len, max - *len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return false;
		if (n == 0)
			break;
		*len += (size_t)n;
	}
	return true;
}

bool
import_load(const char *path, struct imported *out, struct err *err)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	size_t len = 0;
	char *bytes;
	bool ok;

	if (fd < 0)
		return err_sys(err, ERR_FILE, errno,
		    "The file to import, %s, could not be opened", path);
	bytes = mem_alloc(IMPORT_BYTES_MAX + 1);
	ok = read_bytes(fd, bytes, IMPORT_BYTES_MAX + 1, &len);
	if (!ok)
		err_sys(err, ERR_FILE, errno,
		    "The file to import, %s, could not be read", path);
	close(fd);
	ok = ok && import_parse(path, bytes, len, out, err);
	secret_wipe(bytes, len);
	mem_free(bytes);
	return ok;
}

const char *
import_find(const struct imported *im, const char *name, struct err *err)
{
	struct strs names = {0};
	char *list;

	for (size_t i = 0; i < im->n; i++) {
		if (str_same(im->v[i].name, name))
			return im->v[i].name;
	}
	for (size_t i = 0; i < im->n; i++)
		strs_add(&names, im->v[i].name);
	list = strs_join(&names, ", ");
	err_set(err, ERR_USAGE,
	    "--account: %.100s has no account \"%.100s\"; it has: %.200s",
	    im->from, name, list);
	mem_free(list);
	strs_done(&names);
	return NULL;
}
