/* SPDX-License-Identifier: ISC
 *
 * The lab from the outside: starts its process, turns what it reports into
 * a resolver, redirects and a CA file, and ends it.
 */
#include "lab.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../base/buf.h"
#include "../base/clock.h"
#include "../base/mem.h"
#include "lab_process.h"
#include "scenario.h"

#define START_MS 20000 /* a weak machine that makes many certificates */
#define STOP_MS 2000
#define REPORT_MAX (256u << 10)

struct lab {
	pid_t pid;
	int life_fd, report_fd;
	char *dir, *ca_file; /* owned */
	struct buf report; /* what was read and not used */
	int closed, hanging, resolver; /* ports on 127.0.0.1 */
	int servers[SCENARIO_MAX_PORTS]; /* by index in scenario->ports */
	struct net_options rules; /* only the redirects are used */
	struct strs table;
};

static void
set_loopback(struct net_addr *a, int port)
{
	struct sockaddr_in sa = {.sin_family = AF_INET};

	sa.sin_port = htons((uint16_t)port);
	sa.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	memcpy(&a->sa, &sa, sizeof(sa));
	a->len = sizeof(sa);
}

/* Appends a rule; error 0 leads to the loopback port `to`. */
static void
add_rule(struct net_options *o, const char *host, int port, int to, int error)
{
	struct net_redirect *r;

	o->redirects =
	    mem_resize(o->redirects, o->n_redirects + 1, sizeof(*o->redirects));
	r = &o->redirects[o->n_redirects++];
	memset(r, 0, sizeof(*r));
	r->host = mem_dup(host);
	r->port = port;
	r->error = error;
	if (error == 0)
		set_loopback(&r->to, to);
}

static int
error_of(enum lab_reach reach)
{
	switch (reach) {
	case LAB_UNREACHABLE:
		return EHOSTUNREACH;
	case LAB_PROHIBITED:
		return EACCES;
	case LAB_NO_ROUTE:
		return ENETUNREACH;
	case LAB_DROPPED:
	case LAB_REFUSED:
	case LAB_SERVER:
		break;
	}
	return 0;
}

static int
port_of(const struct lab *lab, const struct scenario *s, size_t i)
{
	switch (s->ports[i].reach) {
	case LAB_DROPPED:
		return lab->hanging;
	case LAB_SERVER:
		return lab->servers[i];
	case LAB_REFUSED:
	case LAB_UNREACHABLE:
	case LAB_PROHIBITED:
	case LAB_NO_ROUTE:
		break;
	}
	return lab->closed;
}

/* The rules of listed ports that are as general as asked for. */
static void
add_listed(
    struct lab *lab, const struct scenario *s, bool any_address, bool any_port)
{
	for (size_t i = 0; i < s->n_ports; i++) {
		const struct lab_port *p = &s->ports[i];

		if ((p->address[0] == '\0') == any_address &&
		    (p->port == 0) == any_port) {
			add_rule(&lab->rules, p->address, p->port,
			    port_of(lab, s, i), error_of(p->reach));
		}
	}
}

static void
add_once(struct strs *list, const char *text)
{
	if (text[0] != '\0' && !strs_has(list, text))
		strs_add(list, text);
}

/* What is not listed at an address that exists is refused. */
static void
add_refusals(struct lab *lab, const struct scenario *s)
{
	struct strs seen = {0};

	add_once(&seen, "127.0.0.1");
	add_once(&seen, "::1");
	for (size_t i = 0; i < s->n_ports; i++)
		add_once(&seen, s->ports[i].address);
	for (size_t i = 0; i < s->n_names; i++) {
		const struct lab_name *name = &s->names[i];

		for (size_t j = 0; j < name->n; j++) {
			if (name->v[j].type <= LAB_AAAA)
				add_once(&seen, name->v[j].text);
		}
	}
	for (size_t i = 0; i < seen.n; i++)
		add_rule(&lab->rules, seen.v[i], 0, lab->closed, 0);
	strs_done(&seen);
}

static void
make_rules(struct lab *lab, const struct scenario *s)
{
	/* the resolver first: its questions go through the same rules */
	add_rule(&lab->rules, "127.0.0.1", lab->resolver, lab->resolver,
	    s->resolver == LAB_RESOLVER_UNREACHABLE ? ENETUNREACH : 0);
	add_listed(lab, s, false, false);
	add_listed(lab, s, false, true);
	add_listed(lab, s, true, false);
	add_listed(lab, s, true, true);
	add_refusals(lab, s);
	add_rule(&lab->rules, "", 0, 0, ENETUNREACH); /* nothing gets out */
}

static const char *
reach_text(enum lab_reach reach)
{
	switch (reach) {
	case LAB_DROPPED:
		return "dropped: a connect hangs";
	case LAB_REFUSED:
		return "refused";
	case LAB_UNREACHABLE:
		return "unreachable (simulated: error EHOSTUNREACH)";
	case LAB_PROHIBITED:
		return "prohibited (simulated: error EACCES)";
	case LAB_NO_ROUTE:
		return "no route (simulated: error ENETUNREACH)";
	case LAB_SERVER:
		break;
	}
	return "a server";
}

static void
make_table(struct lab *lab, const struct scenario *s)
{
	strs_addf(&lab->table, "name server -> 127.0.0.1:%d", lab->resolver);
	for (size_t i = 0; i < s->n_ports; i++) {
		const struct lab_port *p = &s->ports[i];
		bool v6 = strchr(p->address, ':') != NULL;
		struct strs names = {0};
		char port[12] = "*";
		char *where;

		scenario_names_of(s, p->address, &names);
		if (p->port != 0)
			snprintf(port, sizeof(port), "%d", p->port);
		where = mem_printf("%s %s%s%s:%s",
		    names.n > 0 ? names.v[0] : "-", v6 ? "[" : "",
		    p->address[0] ? p->address : "*", v6 ? "]" : "", port);
		if (error_of(p->reach) != 0) {
			strs_addf(
			    &lab->table, "%s %s", where, reach_text(p->reach));
		} else {
			strs_addf(&lab->table, "%s -> 127.0.0.1:%d %s", where,
			    port_of(lab, s, i), reach_text(p->reach));
		}
		mem_free(where);
		strs_done(&names);
	}
}

/* Reads more of the report; false at its end or when the time is over. */
static bool
read_report(struct lab *lab, int64_t until_ms)
{
	char part[4096];
	struct pollfd p = {.fd = lab->report_fd, .events = POLLIN};

	for (;;) {
		int64_t left = until_ms - clock_mono_ms();
		ssize_t n;

		if (left < 0 || poll(&p, 1, (int)left) == 0)
			return false;
		n = read(lab->report_fd, part, sizeof(part));
		if (n < 0 && errno == EINTR)
			continue;
		return n > 0 && buf_add(&lab->report, part, (size_t)n);
	}
}

/* Takes the next whole line; the caller frees. NULL when there is none. */
static char *
report_line(struct lab *lab)
{
	char *end = memchr(lab->report.data, '\n', lab->report.len);
	char *line;

	if (end == NULL)
		return NULL;
	line = mem_dupn(lab->report.data, (size_t)(end - lab->report.data));
	buf_drop(&lab->report, (size_t)(end - lab->report.data) + 1);
	return line;
}

static bool
starts_word(const char *line, const char *word, const char **rest)
{
	size_t len = strlen(word);

	if (strncmp(line, word, len) != 0 || line[len] != ' ')
		return false;
	*rest = line + len + 1;
	return true;
}

enum said { SAID_MORE, SAID_READY, SAID_FAIL };

static enum said
take_line(struct lab *lab, const char *line, struct err *err)
{
	const char *rest;
	int index, port;

	if (str_eq(line, "ready"))
		return SAID_READY;
	if (starts_word(line, "fail", &rest)) {
		err_set(err, ERR_NETWORK, "%s", rest);
		return SAID_FAIL;
	}
	if (starts_word(line, "closed", &rest))
		lab->closed = (int)strtol(rest, NULL, 10);
	else if (starts_word(line, "hanging", &rest))
		lab->hanging = (int)strtol(rest, NULL, 10);
	else if (starts_word(line, "resolver", &rest))
		lab->resolver = (int)strtol(rest, NULL, 10);
	else if (starts_word(line, "server", &rest) &&
		 sscanf(rest, "%d %d", &index, &port) == 2 && index >= 0 &&
		 index < SCENARIO_MAX_PORTS)
		lab->servers[index] = port;
	return SAID_MORE;
}

static bool
await_ready(struct lab *lab, struct err *err)
{
	int64_t until_ms = clock_mono_ms() + START_MS;

	for (;;) {
		char *line = report_line(lab);
		enum said said;

		if (line == NULL) {
			if (read_report(lab, until_ms))
				continue;
			return err_set(err, ERR_NETWORK,
			    "the lab process ended before it was ready");
		}
		said = take_line(lab, line, err);
		mem_free(line);
		if (said != SAID_MORE)
			return said == SAID_READY;
	}
}

static bool
make_dir(struct lab *lab, struct err *err)
{
	const char *tmp = getenv("TMPDIR");

	if (tmp == NULL || tmp[0] != '/' || strlen(tmp) > 200)
		tmp = "/tmp";
	lab->dir = mem_printf("%s/smtpwiz-lab-XXXXXX", tmp);
	if (mkdtemp(lab->dir) == NULL) {
		int sys = errno;

		err_sys(err, ERR_FILE, sys, "cannot make the directory %s",
		    lab->dir);
		mem_free(lab->dir);
		lab->dir = NULL;
		return false;
	}
	lab->ca_file = mem_printf("%s/ca.pem", lab->dir);
	return true;
}

static bool
start_process(struct lab *lab, const struct scenario *s, struct err *err)
{
	int life[2], report[2];
	pid_t parent = getpid();

	if (pipe(life) != 0) {
		return err_sys(
		    err, ERR_LIMIT, errno, "cannot start the lab process");
	}
	if (pipe(report) != 0) {
		int sys = errno;

		close(life[0]);
		close(life[1]);
		return err_sys(
		    err, ERR_LIMIT, sys, "cannot start the lab process");
	}
	lab->pid = fork();
	if (lab->pid == 0)
		lab_process(s, lab->dir, life[0], report[1], parent);
	close(life[0]);
	close(report[1]);
	lab->life_fd = life[1];
	lab->report_fd = report[0];
	fcntl(lab->life_fd, F_SETFD, FD_CLOEXEC);
	fcntl(lab->report_fd, F_SETFD, FD_CLOEXEC);
	if (lab->pid < 0) {
		return err_sys(
		    err, ERR_LIMIT, errno, "cannot start the lab process");
	}
	return true;
}

static void
give_options(const struct lab *lab, struct net_options *o)
{
	strs_done(&o->resolvers);
	o->resolvers = (struct strs){0};
	strs_addf(&o->resolvers, "127.0.0.1:%d", lab->resolver);
	o->resolver_given = true;
	mem_free(o->ca_file);
	o->ca_file = mem_dup(lab->ca_file);
	for (size_t i = 0; i < lab->rules.n_redirects; i++) {
		const struct net_redirect *from = &lab->rules.redirects[i];

		add_rule(o, from->host, from->port, 0, from->error);
		o->redirects[o->n_redirects - 1].to = from->to;
	}
}

struct lab *
lab_start(const struct scenario *s, struct net_options *options,
    int64_t *clock_shift_ms, struct err *err)
{
	struct lab *lab = mem_new(struct lab);

	lab->life_fd = lab->report_fd = -1;
	lab->pid = -1;
	buf_init(&lab->report, REPORT_MAX);
	if (!make_dir(lab, err) || !start_process(lab, s, err) ||
	    !await_ready(lab, err)) {
		lab_stop(lab, NULL);
		return NULL;
	}
	make_rules(lab, s);
	make_table(lab, s);
	give_options(lab, options);
	*clock_shift_ms = s->clock_shift_ms;
	return lab;
}

/*
 * Errors cannot be given on a command line; there, such a port is refused.
 */
void
lab_flags(const struct lab *lab, struct strs *flags)
{
	strs_add(flags, "--resolver");
	strs_addf(flags, "127.0.0.1:%d", lab->resolver);
	strs_add(flags, "--ca-file");
	strs_add(flags, lab->ca_file);
	for (size_t i = 0; i < lab->rules.n_redirects; i++) {
		const struct net_redirect *r = &lab->rules.redirects[i];
		struct sockaddr_in to;
		bool v6 = strchr(r->host, ':') != NULL;
		char port[12] = "";
		int to_port = lab->closed;

		memcpy(&to, &r->to.sa, sizeof(to));
		if (r->error == 0)
			to_port = ntohs(to.sin_port);
		if (r->port != 0)
			snprintf(port, sizeof(port), "%d", r->port);
		strs_add(flags, "--connect-to");
		strs_addf(flags, "%s%s%s:%s:127.0.0.1:%d", v6 ? "[" : "",
		    r->host, v6 ? "]" : "", port, to_port);
	}
}

void
lab_table(const struct lab *lab, struct strs *lines)
{
	strs_copy(lines, &lab->table);
}

pid_t
lab_pid(const struct lab *lab)
{
	return lab->pid;
}

/* True when the process ended by itself and well, or never was. */
static bool
end_process(struct lab *lab)
{
	int64_t until_ms = clock_mono_ms() + STOP_MS;
	int status = 0;

	if (lab->life_fd >= 0)
		close(lab->life_fd);
	if (lab->pid <= 0)
		return true;
	while (read_report(lab, until_ms))
		;
	/* its end of the pipe is closed, or it hangs: then it must go */
	if (clock_mono_ms() >= until_ms)
		kill(lab->pid, SIGKILL);
	while (waitpid(lab->pid, &status, 0) < 0 && errno == EINTR)
		;
	return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

static void
rules_done(struct net_options *o)
{
	for (size_t i = 0; i < o->n_redirects; i++)
		mem_free(o->redirects[i].host);
	mem_free(o->redirects);
}

void
lab_stop(struct lab *lab, struct strs *complaints)
{
	char *line;

	if (lab == NULL)
		return;
	if (!end_process(lab) && complaints != NULL)
		strs_add(complaints, "the lab process did not end well");
	for (line = report_line(lab); line != NULL; line = report_line(lab)) {
		if (complaints != NULL)
			strs_take(complaints, line);
		else
			mem_free(line);
	}
	if (lab->report_fd >= 0)
		close(lab->report_fd);
	if (lab->dir != NULL) {
		unlink(lab->ca_file);
		lab_clear_mail(lab->dir);
		rmdir(lab->dir);
	}
	buf_done(&lab->report);
	rules_done(&lab->rules);
	strs_done(&lab->table);
	mem_free(lab->ca_file);
	mem_free(lab->dir);
	mem_free(lab);
}
