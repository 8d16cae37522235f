/* SPDX-License-Identifier: ISC
 *
 * smtpwiz: finds out why a mail program cannot send. This file prepares the
 * process and hands over to the command.
 */
#include <fcntl.h>
#include <locale.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <sys/resource.h>
#include <unistd.h>
#ifdef __linux__
#include <sys/prctl.h>
#endif

#include "commands.h"

#if defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define IS_SANITIZED
#endif
#endif
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define IS_SANITIZED
#endif

static void __attribute__((format(printf, 1, 0)))
say(const char *fmt, va_list ap)
{
	fflush(stdout);
	fputs("smtpwiz: ", stderr);
	vfprintf(stderr, fmt, ap);
	fputc('\n', stderr);
}

void
note(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	say(fmt, ap);
	va_end(ap);
}

int
complain_usage(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	say(fmt, ap);
	va_end(ap);
	return EXIT_USAGE;
}

/* A closed standard descriptor would be taken by the next file that is
 * opened, and what is meant for the terminal would go there. */
static void
fill_descriptors(void)
{
	int fd;

	do
		fd = open("/dev/null", O_RDWR);
	while (fd >= 0 && fd <= STDERR_FILENO);
	if (fd >= 0)
		close(fd);
}

/* No core files: they would hold what the user typed. */
static void
prepare_process(void)
{
	struct rlimit none = {0, 0};

	fill_descriptors();
	setlocale(LC_ALL, "");
	setlocale(LC_NUMERIC, "C"); /* numbers in files have points */
	signal(SIGPIPE, SIG_IGN);
	setrlimit(RLIMIT_CORE, &none);
#if defined(__linux__) && !defined(IS_SANITIZED)
	/* Leak checkers need to look into their own process. */
	prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
#endif
}

static int
print_usage(const struct options *o)
{
	struct buf b;
	bool ok;

	buf_init(&b, BUF_OURS);
	options_usage(o, &b);
	ok = fputs(b.data, stdout) >= 0 && fflush(stdout) == 0;
	buf_done(&b);
	return ok ? 0 : EXIT_USAGE;
}

static int
run_command(struct options *o)
{
	switch (o->command) {
	case COMMAND_RUN:
		return command_run(o);
	case COMMAND_DEMO:
		return command_demo(o);
	case COMMAND_LAB:
		return command_lab(o);
	case COMMAND_EXPLAIN:
		return command_explain(o);
	case COMMANDS:
		break;
	}
	return EXIT_USAGE;
}

int
main(int argc, char *argv[])
{
	struct options o;
	struct err err = {0};
	int status;

	prepare_process();
	if (!options_read(&o, argc, argv, &err)) {
		note("%s", err.msg);
		status = complain_usage("Try: smtpwiz --help");
	} else if (o.help) {
		status = print_usage(&o);
	} else if (o.version) {
		printf("smtpwiz %s\n", VERSION);
		status = 0;
	} else {
		status = run_command(&o);
	}
	options_done(&o);
	return status;
}
