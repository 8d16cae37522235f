/* SPDX-License-Identifier: ISC
 *
 * rusage PROGRAM ARGUMENT...: runs a program and prints, behind its own end,
 * "STATUS MILLISECONDS CPU_MILLISECONDS PEAK_KIB" to descriptor 3. A process
 * of its own because the peak that Linux reports for a child is never less
 * than the size of the process it was forked from.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static double
now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

static double
ms_of(struct timeval t)
{
	return (double)t.tv_sec * 1e3 + (double)t.tv_usec / 1e3;
}

int
main(int argc, char **argv)
{
	double begun = now_ms();
	pid_t child = argc > 1 ? fork() : -1;
	struct rusage used;
	int status;

	if (child == 0) {
		close(3);
		execvp(argv[1], argv + 1);
		_exit(127);
	}
	if (child < 0 || wait4(child, &status, 0, &used) < 0) {
		fprintf(stderr, "rusage: %s\n", strerror(errno));
		return 2;
	}
	dprintf(3, "%d %.3f %.3f %ld\n",
	    WIFEXITED(status) ? WEXITSTATUS(status) : -1, now_ms() - begun,
	    ms_of(used.ru_utime) + ms_of(used.ru_stime), used.ru_maxrss);
	return 0;
}
