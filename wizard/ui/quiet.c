/* SPDX-License-Identifier: ISC
 *
 * Echo off and on again. Keys come one by one, for a line of a terminal ends
 * at 4096 bytes and a token may be longer.
 */
#include "quiet.h"

#include <signal.h>
#include <stdlib.h>
#include <termios.h>
#include <unistd.h>

#include "../../probes/base/bug.h"

static const int fatal[] = {
    SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT, SIGQUIT, SIGALRM};
#define N_FATAL (sizeof(fatal) / sizeof(*fatal))

static struct termios saved;
static struct sigaction actions_before[N_FATAL];
static volatile sig_atomic_t is_quiet;

/* tcsetattr may be called in a signal handler. */
static void
crash(int sig)
{
	if (is_quiet)
		(void)tcsetattr(STDIN_FILENO, TCSANOW, &saved);
	signal(sig, SIG_DFL);
	raise(sig);
}

static void
watch(bool on)
{
	struct sigaction ours = {.sa_handler = crash};

	sigemptyset(&ours.sa_mask);
	ours.sa_flags = (int)SA_RESETHAND | SA_NODEFER;
	for (size_t i = 0; i < N_FATAL; i++) {
		if (on)
			(void)sigaction(fatal[i], &ours, &actions_before[i]);
		else
			(void)sigaction(fatal[i], &actions_before[i], NULL);
	}
}

bool
quiet_possible(void)
{
	return isatty(STDIN_FILENO);
}

bool
quiet_begin(void)
{
	static bool was_registered;
	struct termios now;

	if (is_quiet)
		return true;
	if (tcgetattr(STDIN_FILENO, &saved) != 0)
		return false;
	if (!was_registered)
		atexit(quiet_end);
	was_registered = true;
	now = saved;
	now.c_lflag &= ~(tcflag_t)(ECHO | ECHONL | ICANON | IEXTEN);
	now.c_cc[VMIN] = 1;
	now.c_cc[VTIME] = 0;
	watch(true);
	is_quiet = 1;
	bug_set_hook(quiet_end);
	if (tcsetattr(STDIN_FILENO, TCSAFLUSH, &now) == 0 &&
	    tcgetattr(STDIN_FILENO, &now) == 0 &&
	    !(now.c_lflag & (ECHO | ICANON)))
		return true;
	quiet_end();
	return false;
}

void
quiet_end(void)
{
	if (!is_quiet)
		return;
	(void)tcsetattr(STDIN_FILENO, TCSAFLUSH, &saved);
	is_quiet = 0;
	bug_set_hook(NULL);
	watch(false);
}
