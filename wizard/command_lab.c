/* SPDX-License-Identifier: ISC
 *
 * smtpwiz lab: only the servers, until a signal comes. The flags that lead
 * smtpwiz (or another program) there are printed first.
 */
#include "commands.h"

#include <signal.h>
#include <stdio.h>
#include <sys/wait.h>

#include "scenes.h"

/* For a shell: a word that needs no quotes stays as it is. */
static void
print_word(const char *word)
{
	static const char safe[] = "abcdefghijklmnopqrstuvwxyz"
				   "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
				   "0123456789-_.,:/@%+=";
	size_t i = 0;

	while (word[i] && str_find_nocase(safe, (char[]){word[i], '\0'}))
		i++;
	if (!word[i] && i > 0) {
		printf(" %s", word);
		return;
	}
	printf(" '");
	for (; *word; word++)
		if (*word == '\'')
			printf("'\\''");
		else
			putchar(*word);
	putchar('\'');
}

static void
print_lab(const struct lab *lab, int64_t shift_ms)
{
	struct strs flags = {0}, table = {0};

	lab_flags(lab, &flags);
	lab_table(lab, &table);
	printf("smtpwiz run");
	for (size_t i = 0; i < flags.n; i++)
		print_word(flags.v[i]);
	printf("\n");
	for (size_t i = 0; i < table.n; i++)
		printf("# %s\n", table.v[i]);
	if (shift_ms)
		printf("# In the story this computer's clock is off by %lld "
		       "hours; smtpwiz demo shows that.\n",
		    (long long)(shift_ms / 3600000));
	fflush(stdout);
	strs_done(&flags);
	strs_done(&table);
}

/* Until the user ends it; false when the lab ended by itself. */
static bool
wait_for_end(pid_t lab)
{
	sigset_t set;
	siginfo_t info;

	sigemptyset(&set);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGHUP);
	sigaddset(&set, SIGCHLD);
	sigprocmask(SIG_BLOCK, &set, NULL);
	for (;;) {
		info.si_pid = 0;
		/* Looks without collecting: lab_stop does that. */
		if (waitid(P_PID, (id_t)lab, &info,
			WEXITED | WNOHANG | WNOWAIT) != 0 ||
		    info.si_pid == lab)
			return false;
		int sig = sigwaitinfo(&set, NULL);

		if (sig == SIGINT || sig == SIGTERM || sig == SIGHUP)
			return true;
	}
}

int
command_lab(struct options *o)
{
	struct err err = {0};
	struct strs complaints = {0};
	struct scenario *s = scenes_load(o->operand, &err);
	struct lab *lab = NULL;
	int64_t shift_ms = 0;
	bool ended = false;

	if (s)
		lab = lab_start(s, &o->net, &shift_ms, &err);
	scenario_free(s);
	if (!lab)
		return complain_usage("%s", err.msg);
	print_lab(lab, shift_ms);
	note("The lab runs until Ctrl-C.");
	ended = wait_for_end(lab_pid(lab));
	lab_stop(lab, &complaints);
	for (size_t i = 0; i < complaints.n; i++)
		note("The lab says: %s", complaints.v[i]);
	strs_done(&complaints);
	if (ended)
		return 0;
	return complain_usage("The lab ended by itself.");
}
