/* SPDX-License-Identifier: ISC
 *
 * Where secrets come from: files, standard input, the environment, and
 * commands. What was read on the way is wiped, and no message holds it.
 */
#include "secret.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "clock.h"
#include "mem.h"

#define READ_MAX (SECRET_MAX + 2) /* with a line end */
#define KILL_GRACE_MS 300
#define NAP_MS 5
#define FIRST_OWN_FD 3

extern char **environ;

/* ---- reading ---- */

struct intake {
	char *data; /* owned: READ_MAX + 1 bytes, wiped at the end */
	size_t len;
};

static void
intake_init(struct intake *in)
{
	in->data = mem_alloc(READ_MAX + 1);
	in->len = 0;
}

static void
intake_done(struct intake *in)
{
	secret_wipe(in->data, READ_MAX + 1);
	mem_free(in->data);
}

/* Cuts one line end. */
static void
cut_newline(struct intake *in)
{
	if (in->len > 0 && in->data[in->len - 1] == '\n')
		in->len--;
	if (in->len > 0 && in->data[in->len - 1] == '\r')
		in->len--;
}

/* Leaves the first line. */
static void
cut_first_line(struct intake *in)
{
	const char *end = memchr(in->data, '\n', in->len);

	if (end != NULL)
		in->len = (size_t)(end - in->data) + 1;
	cut_newline(in);
}

/* One read; 0 at the end, -1 with errno. */
static ssize_t
read_some(int fd, struct intake *in, size_t most)
{
	ssize_t n;

	do
		n = read(fd, in->data + in->len, most);
	while (n < 0 && errno == EINTR);
	if (n > 0)
		in->len += (size_t)n;
	return n;
}

static bool
too_long(struct err *err, const char *what)
{
	return err_set(err, ERR_LIMIT,
	    "%s gives more than %d bytes: that is no password or token", what,
	    SECRET_MAX);
}

/* All of a file. */
static bool
read_all(int fd, struct intake *in, const char *path, struct err *err)
{
	for (;;) {
		size_t room = READ_MAX + 1 - in->len;
		ssize_t n = room > 0 ? read_some(fd, in, room) : 0;

		if (n < 0)
			return err_sys(
			    err, ERR_FILE, errno, "cannot read %s", path);
		if (room == 0 || in->len > READ_MAX)
			return too_long(err, path);
		if (n == 0)
			return true;
	}
}

/* Byte by byte, so that what follows stays for others to read. */
static bool
read_line(int fd, struct intake *in, struct err *err)
{
	while (in->len <= READ_MAX) {
		ssize_t n = read_some(fd, in, 1);

		if (n < 0)
			return err_sys(
			    err, ERR_FILE, errno, "cannot read standard input");
		if (n == 0 && in->len == 0)
			return err_set(err, ERR_FILE,
			    "standard input ended before the secret");
		if (n == 0 || in->data[in->len - 1] == '\n')
			return true;
	}
	return too_long(err, "standard input");
}

static bool
give(struct secret **to, const struct intake *in, struct err *err)
{
	return secret_set(to, in->data, in->len, err);
}

bool
secret_from_file(struct secret **to, const char *path, struct err *err)
{
	bool is_stdin = strcmp(path, "-") == 0, ok;
	struct intake in;
	int fd = is_stdin ? STDIN_FILENO
			  : open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);

	if (fd < 0)
		return err_sys(err, ERR_FILE, errno, "cannot open %s", path);
	intake_init(&in);
	ok = is_stdin ? read_line(fd, &in, err) : read_all(fd, &in, path, err);
	cut_newline(&in);
	ok = ok && give(to, &in, err);
	intake_done(&in);
	if (!is_stdin)
		close(fd);
	return ok;
}

bool
secret_from_env(struct secret **to, const char *name, struct err *err)
{
	char *value = getenv(name);
	bool ok;

	if (value == NULL)
		return err_set(err, ERR_USAGE,
		    "the environment variable %s is not set", name);
	ok = secret_set(to, value, strlen(value), err);
	/* also where ps and /proc look */
	secret_wipe(value, strlen(value));
	unsetenv(name);
	return ok;
}

/* ---- commands ---- */

struct child {
	pid_t pid;
	int out; /* its standard output */
	int64_t end_ms;
	const char *name; /* borrowed: for messages */
};

/*
 * Starts the command with nothing to read, its output to us, and none of our
 * other files; signals as any program expects them.
 */
static int
spawn(struct child *c, const char *const *argv, int out)
{
	posix_spawn_file_actions_t files;
	posix_spawnattr_t attr;
	sigset_t none, usual;
	int failed;

	sigemptyset(&none);
	sigemptyset(&usual);
	sigaddset(&usual, SIGPIPE);
	posix_spawn_file_actions_init(&files);
	posix_spawnattr_init(&attr);
	posix_spawn_file_actions_addopen(
	    &files, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
	posix_spawn_file_actions_adddup2(&files, out, STDOUT_FILENO);
	posix_spawn_file_actions_addclosefrom_np(&files, FIRST_OWN_FD);
	posix_spawnattr_setsigmask(&attr, &none);
	posix_spawnattr_setsigdefault(&attr, &usual);
	posix_spawnattr_setflags(
	    &attr, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
	/* execv takes its arguments as they are: the cast is POSIX's own */
	failed = posix_spawnp(&c->pid, argv[0], &files, &attr,
	    (char *const *)(uintptr_t)argv, environ);
	posix_spawnattr_destroy(&attr);
	posix_spawn_file_actions_destroy(&files);
	return failed;
}

static bool
start(struct child *c, const char *const *argv, struct err *err)
{
	int fds[2], failed;

	if (pipe2(fds, O_CLOEXEC) != 0)
		return err_sys(err, ERR_FILE, errno, "cannot run %s", c->name);
	failed = spawn(c, argv, fds[1]);
	close(fds[1]);
	if (failed != 0) {
		close(fds[0]);
		return err_sys(err, ERR_FILE, failed, "cannot run %s", c->name);
	}
	c->out = fds[0];
	return true;
}

static int
ms_left(const struct child *c)
{
	int64_t left = c->end_ms - clock_mono_ms();

	return left > 0 ? (int)left : 0;
}

/* Until the command closes its output; what comes after READ_MAX counts. */
static bool
collect(const struct child *c, struct intake *in, struct err *err)
{
	for (;;) {
		struct pollfd p = {.fd = c->out, .events = POLLIN};
		int r = poll(&p, 1, ms_left(c));
		ssize_t n;

		if (r < 0 && errno == EINTR)
			continue;
		if (r <= 0)
			return err_set(err, ERR_TIMEOUT,
			    "%s did not end in time and was stopped", c->name);
		n = read_some(c->out, in, READ_MAX + 1 - in->len);
		if (n < 0)
			return err_sys(err, ERR_FILE, errno,
			    "cannot read what %s prints", c->name);
		if (n == 0)
			return true;
		if (in->len > READ_MAX)
			return too_long(err, c->name);
	}
}

/* Waits until end_ms; false when it is still running. */
static bool
reap(const struct child *c, int64_t end_ms, int *status)
{
	for (;;) {
		pid_t pid = waitpid(c->pid, status, WNOHANG);

		if (pid == c->pid || (pid < 0 && errno != EINTR))
			return true;
		if (clock_mono_ms() >= end_ms)
			return false;
		poll(NULL, 0, NAP_MS);
	}
}

static void
stop(const struct child *c)
{
	int status;

	kill(c->pid, SIGTERM);
	if (reap(c, clock_mono_ms() + KILL_GRACE_MS, &status))
		return;
	kill(c->pid, SIGKILL);
	while (waitpid(c->pid, &status, 0) < 0 && errno == EINTR)
		;
}

/* Its exit status: a command that fails has given nothing. */
static bool
finish(const struct child *c, struct err *err)
{
	int status = 0;

	if (!reap(c, c->end_ms, &status)) {
		stop(c);
		return err_set(err, ERR_TIMEOUT,
		    "%s did not end in time and was stopped", c->name);
	}
	if (WIFSIGNALED(status))
		return err_set(err, ERR_FILE, "%s was ended by signal %d",
		    c->name, WTERMSIG(status));
	if (WEXITSTATUS(status) != 0)
		return err_set(err, ERR_FILE, "%s failed with status %d",
		    c->name, WEXITSTATUS(status));
	return true;
}

bool
secret_from_command(struct secret **to, const char *shell,
    const char *const *argv, int timeout_ms, struct err *err)
{
	const char *const by_shell[] = {"/bin/sh", "-c", shell, NULL};
	struct child c = {
	    .end_ms = clock_mono_ms() + timeout_ms,
	    .name = "the command for the secret",
	};
	struct intake in;
	bool ok;

	if (!start(&c, shell != NULL ? by_shell : argv, err))
		return false;
	intake_init(&in);
	ok = collect(&c, &in, err);
	close(c.out);
	if (ok)
		ok = finish(&c, err);
	else
		stop(&c);
	cut_first_line(&in);
	if (ok && in.len == 0)
		ok = err_set(err, ERR_FILE, "%s printed nothing", c.name);
	ok = ok && give(to, &in, err);
	intake_done(&in);
	return ok;
}
