/* SPDX-License-Identifier: ISC
 *
 * The table of flags and the little that reads a command line by it. A flag
 * is checked when it is read, so that a mistake ends the program before
 * anything is probed.
 */
#include "options.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../probes/base/mem.h"
#include "answers.h"
#include "exchange/export.h"
#include "report/report.h"

#define IN_RUN (1u << COMMAND_RUN)
#define IN_DEMO (1u << COMMAND_DEMO)
#define IN_LAB (1u << COMMAND_LAB)
#define IN_EXPLAIN (1u << COMMAND_EXPLAIN)
#define IN_WIZARD (IN_RUN | IN_DEMO)
#define IN_ALL (IN_RUN | IN_DEMO | IN_LAB | IN_EXPLAIN)

struct option_info {
	const char *name; /* with the dashes */
	char letter; /* 0: none */
	const char *argument; /* NULL: a switch */
	unsigned commands;
	bool (*set)(struct options *o, const char *value, struct err *err);
	const char *help;
};

struct command_info {
	const char *name, *operand, *help;
};

static const struct command_info commands[COMMANDS] = {
    [COMMAND_RUN] = {"run", "[PLAYBOOK]",
	"Find out why mail cannot be sent; also without a command. PLAYBOOK "
	"is a name or a file; without it, outlook-cannot-send."},
    [COMMAND_DEMO] = {"demo", "[SCENARIO]",
	"The same against the built-in lab: no network, no account. Without "
	"a name, list the scenarios."},
    [COMMAND_LAB] = {"lab", "SCENARIO",
	"Only the lab's misbehaving servers, for other programs to talk to."},
    [COMMAND_EXPLAIN] = {"explain", "[TEXT...]",
	"Say what an error text, a code, a server's reply, a returned message "
	"or a token means; without TEXT, what stands on standard input."},
};

const char *
command_name(enum command c)
{
	return commands[c].name;
}

void
options_near(const char *word, const char *const *names, char out[NEAR_TEXT])
{
	int best = 3;

	out[0] = '\0';
	for (size_t i = 0; names[i]; i++) {
		int distance = str_distance(word, names[i], 2);

		if (distance >= best)
			continue;
		best = distance;
		snprintf(out, NEAR_TEXT, "; did you mean %s?", names[i]);
	}
}

static void
replace(char **text, const char *value)
{
	mem_free(*text);
	*text = mem_dup(value);
}

/* The names or endings of all formats, for a message; the caller frees. */
static char *
format_names(bool endings)
{
	struct strs names = {0};
	char *text;

	for (size_t i = 0; report_formats[i]; i++)
		strs_add(&names, endings ? report_formats[i]->ending
					 : report_formats[i]->name);
	text = strs_join(&names, " ");
	strs_done(&names);
	return text;
}

static bool
set_answers(struct options *o, const char *value, struct err *err)
{
	(void)err;
	replace(&o->answers_file, value);
	return true;
}

static bool
set_fact(struct options *o, const char *value, struct err *err)
{
	return answers_set(&o->set, value, err);
}

static bool
set_report(struct options *o, const char *value, struct err *err)
{
	char *endings;

	if (str_eq(value, "-")) {
		o->report_to_output = true;
		return true;
	}
	if (report_format_for_file(value)) {
		strs_add(&o->reports, value);
		return true;
	}
	endings = format_names(true);
	err_set(err, ERR_USAGE,
	    "The name of the report file \"%s\" must end in one of: %s", value,
	    endings);
	mem_free(endings);
	return false;
}

static bool
set_format(struct options *o, const char *value, struct err *err)
{
	char *names;

	if (report_format_find(value)) {
		replace(&o->format, value);
		return true;
	}
	names = format_names(false);
	err_set(err, ERR_USAGE, "There is no format \"%s\"; there are: %s",
	    value, names);
	mem_free(names);
	return false;
}

static bool
set_json(struct options *o, const char *value, struct err *err)
{
	(void)value;
	return set_format(o, "json", err);
}

static bool
set_case(struct options *o, const char *value, struct err *err)
{
	(void)err;
	replace(&o->case_file, value);
	return true;
}

static bool
set_import(struct options *o, const char *value, struct err *err)
{
	(void)err;
	replace(&o->import_file, value);
	return true;
}

static bool
set_account(struct options *o, const char *value, struct err *err)
{
	(void)err;
	replace(&o->account, value);
	return true;
}

/* "FORMAT FILE", as read_option joins the two words. */
static bool
set_export(struct options *o, const char *value, struct err *err)
{
	size_t len = strcspn(value, " ");
	char *format = mem_dupn(value, len);
	const char *path = value + len + 1;
	struct strs names = {0};
	char *list;

	for (size_t i = 0; export_formats[i]; i++)
		strs_add(&names, export_formats[i]->name);
	list = strs_join(&names, ", ");
	strs_done(&names);
	if (!export_find(format))
		err_set(err, ERR_USAGE,
		    "--export: there is no format \"%s\"; there are: %s",
		    format, list);
	else if (kvs_get(&o->exports, path))
		err_set(err, ERR_USAGE,
		    "--export: %s stands there for two files.", path);
	else
		kvs_set(&o->exports, path, format);
	mem_free(list);
	mem_free(format);
	return err->kind == ERR_NONE;
}

static bool
set_ca_file(struct options *o, const char *value, struct err *err)
{
	if (access(value, R_OK) != 0)
		return err_sys(err, ERR_USAGE, errno,
		    "The certificate file %s cannot be read", value);
	replace(&o->net.ca_file, value);
	return true;
}

static bool
is_address(int family, const char *text, size_t len)
{
	unsigned char sink[sizeof(struct in6_addr)];
	char copy[INET6_ADDRSTRLEN];

	if (len >= sizeof(copy))
		return false;
	memcpy(copy, text, len);
	copy[len] = '\0';
	return inet_pton(family, copy, sink) == 1;
}

/* ADDR, ADDR:PORT, [ADDR] or [ADDR]:PORT with a numeric address. */
static bool
is_resolver(const char *text)
{
	size_t len = strlen(text);
	const char *after = strchr(text, ':');
	int family = AF_INET;
	int64_t port;

	if (is_address(AF_INET6, text, len) || is_address(AF_INET, text, len))
		return true;
	if (*text == '[') {
		family = AF_INET6;
		text++;
		len = strcspn(text, "]");
		if (!text[len])
			return false;
		after = text + len + 1;
	} else if (after) {
		len = (size_t)(after - text);
	}
	if (!after || !is_address(family, text, len))
		return false;
	if (!*after)
		return true;
	return *after == ':' && str_number(after + 1, 1, 65535, &port);
}

static bool
set_resolver(struct options *o, const char *value, struct err *err)
{
	if (!is_resolver(value))
		return err_set(err, ERR_USAGE,
		    "--resolver wants ADDR or ADDR:PORT with a numeric "
		    "address, an IPv6 one in brackets, not \"%s\".",
		    value);
	strs_add(&o->net.resolvers, value);
	o->net.resolver_given = true;
	return true;
}

static bool
set_connect_to(struct options *o, const char *value, struct err *err)
{
	struct err why = {0};

	if (net_options_redirect(&o->net, value, &why))
		return true;
	return err_set(err, ERR_USAGE, "--connect-to: %s", why.msg);
}

#define TIMEOUT_MIN_MS 1000
#define TIMEOUT_MAX_MS 300000

/* "2.5" in milliseconds, whatever point the locale prefers. */
static bool
read_seconds(const char *text, int64_t *ms)
{
	size_t digits = strcspn(text, ".");
	char whole[8];
	int64_t seconds;
	int unit = 100;

	if (digits == 0 || digits >= sizeof(whole))
		return false;
	memcpy(whole, text, digits);
	whole[digits] = '\0';
	if (!str_number(whole, 0, TIMEOUT_MAX_MS / 1000, &seconds))
		return false;
	*ms = seconds * 1000;
	text += digits;
	if (!*text)
		return true;
	if (!*++text)
		return false;
	for (; *text; text++, unit /= 10) {
		if (*text < '0' || *text > '9')
			return false;
		*ms += (*text - '0') * unit;
	}
	return true;
}

static bool
set_timeout(struct options *o, const char *value, struct err *err)
{
	int64_t ms;

	if (!read_seconds(value, &ms) || ms < TIMEOUT_MIN_MS ||
	    ms > TIMEOUT_MAX_MS)
		return err_set(err, ERR_USAGE,
		    "--timeout wants %d to %d seconds, as 5 or 2.5, not "
		    "\"%s\".",
		    TIMEOUT_MIN_MS / 1000, TIMEOUT_MAX_MS / 1000, value);
	o->net.connect_timeout_ms = (int)ms;
	return true;
}

static bool
set_max_auth_tries(struct options *o, const char *value, struct err *err)
{
	int64_t tries;

	if (!str_number(value, 0, 10, &tries))
		return err_set(err, ERR_USAGE,
		    "--max-auth-tries wants a number from 0 to 10, not "
		    "\"%s\".",
		    value);
	o->max_auth_tries = (int)tries;
	return true;
}

static bool
set_secret(struct options *o, enum given_from from, bool is_token,
    const char *value, struct err *err)
{
	struct given_secret g = {.from = from, .is_token = is_token};

	g.text = mem_dup(value);
	return given_secret_take(&o->secret, &g, err);
}

static bool
set_password_command(struct options *o, const char *value, struct err *err)
{
	return set_secret(o, GIVEN_SHELL, false, value, err);
}

static bool
set_token_command(struct options *o, const char *value, struct err *err)
{
	return set_secret(o, GIVEN_SHELL, true, value, err);
}

static bool
set_password_file(struct options *o, const char *value, struct err *err)
{
	if (!str_eq(value, "-") && access(value, R_OK) != 0)
		return err_sys(err, ERR_USAGE, errno,
		    "The password file %s cannot be read", value);
	return set_secret(o, GIVEN_FILE, false, value, err);
}

/* A switch that only sets a flag. */
#define SWITCH(field)                                              \
	static bool set_##field(                                   \
	    struct options *o, const char *value, struct err *err) \
	{                                                          \
		(void)value;                                       \
		(void)err;                                         \
		o->field = true;                                   \
		return true;                                       \
	}
SWITCH(plain)
SWITCH(no_input)
SWITCH(no_color)
SWITCH(no_send)
SWITCH(help)
SWITCH(version)

static bool
set_no_discovery(struct options *o, const char *value, struct err *err)
{
	(void)value;
	(void)err;
	kvs_set(&o->set, "network.discovery", "no");
	return true;
}

static const struct option_info table[] = {
    {"--plain", 'p', NULL, IN_WIZARD, set_plain,
	"Line by line, no screen control; by itself where there is no "
	"terminal."},
    {"--answers", 'a', "FILE", IN_WIZARD, set_answers,
	"Answers by fact name, as YAML; what is in it is not asked."},
    {"--set", 's', "FACT=VALUE", IN_WIZARD, set_fact,
	"One answer; may be repeated; goes before --answers."},
    {"--import", 'i', "FILE", IN_WIZARD, set_import,
	"Take the settings from the program's own file: an Outlook profile "
	"exported with regedit (.reg), Thunderbird's prefs.js, msmtprc."},
    {"--account", 0, "NAME", IN_WIZARD, set_account,
	"Which of the accounts in that file; without it you are asked, or "
	"the default one is taken."},
    {"--export", 0, "FORMAT FILE", IN_WIZARD, set_export,
	"Write what is recommended as autoconfig (Thunderbird), mobileconfig "
	"(Apple) or msmtprc; may be repeated."},
    {"--no-input", 'n', NULL, IN_WIZARD, set_no_input,
	"Ask nothing: a question without an answer takes its default, else "
	"unknown."},
    {"--report", 'o', "FILE", IN_WIZARD, set_report,
	"Write the report; the format goes by the ending .json .md .html "
	".txt; may be repeated; - with --format is standard output."},
    {"--format", 'f', "FORMAT", IN_WIZARD | IN_EXPLAIN, set_format,
	"Print the report to standard output as json, markdown, html or "
	"text; explain knows text and json."},
    {"--json", 0, NULL, IN_WIZARD | IN_EXPLAIN, set_json,
	"Short for --format json."},
    {"--case", 0, "FILE", IN_WIZARD, set_case,
	"Where the journal of the case goes."},
    {"--ca-file", 0, "PEM", IN_RUN, set_ca_file,
	"Trust these certificates too."},
    {"--resolver", 0, "ADDR[:PORT]", IN_RUN, set_resolver,
	"Ask this name server in place of the system's; may be repeated."},
    {"--connect-to", 0, "HOST:PORT:ADDR:PORT", IN_RUN, set_connect_to,
	"Where TCP really goes for a host and port; empty matches all; may "
	"be repeated."},
    {"--timeout", 't', "SECONDS", IN_WIZARD, set_timeout,
	"For one connect, default 5; a reply may take 6 times that."},
    {"--password-command", 0, "CMD", IN_WIZARD, set_password_command,
	"Where a sign-in is agreed to: the password is what CMD prints, run "
	"by the shell."},
    {"--password-file", 0, "FILE", IN_WIZARD, set_password_file,
	"The same from a file; - is the first line of standard input."},
    {"--token-command", 0, "CMD", IN_WIZARD, set_token_command,
	"An OAuth2 access token in place of a password, as CMD prints it."},
    {"--no-discovery", 0, NULL, IN_WIZARD, set_no_discovery,
	"Do not ask the domain's web servers or a public database for the "
	"settings of a provider that is not known."},
    {"--no-send", 0, NULL, IN_WIZARD, set_no_send, "Never send mail."},
    {"--max-auth-tries", 0, "N", IN_WIZARD, set_max_auth_tries,
	"Never try to sign in more often than this without asking again, "
	"default 1; 0: never."},
    {"--no-color", 0, NULL, IN_WIZARD, set_no_color,
	"No colour; so does the variable NO_COLOR."},
    {"--help", 'h', NULL, IN_ALL, set_help, "Print this."},
    {"--version", 'V', NULL, IN_ALL, set_version, "Print the version."},
};
#define N_OPTIONS (sizeof(table) / sizeof(table[0]))

static bool
unknown_option(const char *name, struct err *err)
{
	const char *names[N_OPTIONS + 1];
	char near[NEAR_TEXT];

	for (size_t i = 0; i < N_OPTIONS; i++)
		names[i] = table[i].name;
	names[N_OPTIONS] = NULL;
	options_near(name, names, near);
	return err_set(
	    err, ERR_USAGE, "There is no flag %s%s", name, *near ? near : ".");
}

/* The option that starts with the len bytes of name; NULL when none. */
static const struct option_info *
find_option(const char *name, size_t len)
{
	for (size_t i = 0; i < N_OPTIONS; i++) {
		const struct option_info *info = &table[i];

		if (strlen(info->name) == len &&
		    memcmp(info->name, name, len) == 0)
			return info;
		if (len == 2 && name[0] == '-' && info->letter &&
		    name[1] == info->letter)
			return info;
	}
	return NULL;
}

static bool
check_place(
    const struct options *o, const struct option_info *info, struct err *err)
{
	if (info->commands & (1u << o->command))
		return true;
	return err_set(err, ERR_USAGE, "smtpwiz %s has no flag %s.",
	    command_name(o->command), info->name);
}

/* A flag with two values: both in one text. */
static bool
read_pair(struct options *o, const struct option_info *info, const char *first,
    const char *second, struct err *err)
{
	char *both;
	bool ok;

	if (!second || !*second || !*first || strchr(first, ' '))
		return err_set(err, ERR_USAGE, "%s needs two values: %s.",
		    info->name, info->argument);
	both = mem_printf("%s %s", first, second);
	ok = info->set(o, both, err);
	mem_free(both);
	return ok;
}

/* Reads the flag at argv[*i]; moves *i on when its argument stands apart. */
static bool
read_option(
    struct options *o, int argc, char *const argv[], int *i, struct err *err)
{
	const char *word = argv[*i];
	size_t len = strcspn(word, "=");
	const struct option_info *info = find_option(word, len);
	char *name;

	if (!info) {
		name = mem_dupn(word, len);
		unknown_option(name, err);
		mem_free(name);
		return false;
	}
	if (!check_place(o, info, err))
		return false;
	if (!info->argument) {
		if (word[len])
			return err_set(
			    err, ERR_USAGE, "%s takes no value.", info->name);
		return info->set(o, NULL, err);
	}
	if (word[len] && strchr(info->argument, ' '))
		return read_pair(o, info, word + len + 1,
		    *i + 1 < argc ? argv[++*i] : NULL, err);
	if (word[len])
		return info->set(o, word + len + 1, err);
	if (*i + 1 < argc && strchr(info->argument, ' ')) {
		const char *first = argv[++*i];

		return read_pair(
		    o, info, first, *i + 1 < argc ? argv[++*i] : NULL, err);
	}
	if (*i + 1 >= argc)
		return err_set(err, ERR_USAGE, "%s needs a value: %s.",
		    info->name, info->argument);
	return info->set(o, argv[++*i], err);
}

static bool
read_command(struct options *o, const char *word, struct err *err)
{
	const char *names[COMMANDS + 1] = {NULL};
	char near[NEAR_TEXT];

	for (int c = 0; c < COMMANDS; c++) {
		names[c] = commands[c].name;
		if (str_eq(word, commands[c].name)) {
			o->command = (enum command)c;
			return true;
		}
	}
	options_near(word, names, near);
	return err_set(err, ERR_USAGE, "There is no command \"%s\"%s", word,
	    *near ? near : ".");
}

static bool
read_operand(struct options *o, const char *word, struct err *err)
{
	if (o->command == COMMAND_EXPLAIN && o->operand) {
		/* The words of a text that the shell took apart. */
		char *longer = mem_printf("%s %s", o->operand, word);

		mem_free(o->operand);
		o->operand = longer;
		return true;
	}
	if (o->operand)
		return err_set(err, ERR_USAGE,
		    "smtpwiz %s takes one name, and \"%s\" is a second one.",
		    command_name(o->command), word);
	o->operand = mem_dup(word);
	return true;
}

static bool
check_whole(const struct options *o, struct err *err)
{
	if (o->help || o->version)
		return true;
	if (o->report_to_output && !o->format)
		return err_set(err, ERR_USAGE,
		    "--report - needs --format, as in: --report - --format "
		    "html");
	if (o->account && !o->import_file)
		return err_set(err, ERR_USAGE,
		    "--account needs --import: it names one of the accounts "
		    "in that file.");
	if (o->command == COMMAND_EXPLAIN && o->format &&
	    !str_in_set(o->format, "text|json"))
		return err_set(err, ERR_USAGE,
		    "smtpwiz explain has the formats text and json.");
	if (o->command == COMMAND_LAB && !o->operand)
		return err_set(err, ERR_USAGE,
		    "smtpwiz lab needs the name of a scenario; smtpwiz demo "
		    "lists them.");
	return true;
}

bool
options_read(struct options *o, int argc, char *const argv[], struct err *err)
{
	const char *no_color = getenv("NO_COLOR");
	int i = 1;
	bool only_operands = false;

	memset(o, 0, sizeof(*o));
	o->max_auth_tries = 1;
	o->net.connect_timeout_ms = 5000;
	o->no_color = no_color && *no_color;
	if (argc > 1 && argv[1][0] != '-') {
		if (!read_command(o, argv[1], err))
			return false;
		i = 2;
	}
	for (; i < argc; i++) {
		const char *word = argv[i];

		if (!only_operands && str_eq(word, "--")) {
			only_operands = true;
		} else if (only_operands || word[0] != '-' || !word[1]) {
			if (!read_operand(o, word, err))
				return false;
		} else if (!read_option(o, argc, argv, &i, err)) {
			return false;
		}
	}
	return check_whole(o, err);
}

void
options_done(struct options *o)
{
	mem_free(o->operand);
	mem_free(o->answers_file);
	mem_free(o->format);
	mem_free(o->case_file);
	mem_free(o->import_file);
	mem_free(o->account);
	kvs_done(&o->exports);
	kvs_done(&o->set);
	given_secret_done(&o->secret);
	strs_done(&o->reports);
	net_options_done(&o->net);
	memset(o, 0, sizeof(*o));
}

/* Text in lines of at most 78 columns, each after `indent` blanks. */
static void
add_wrapped(struct buf *out, const char *text, int indent)
{
	while (*text) {
		size_t len = str_fit(text, 78 - indent);

		if (text[len]) {
			size_t end = len;

			while (end > 0 && text[end] != ' ')
				end--;
			if (end > 0)
				len = end;
		}
		buf_addf(out, "%*s%.*s\n", indent, "", (int)len, text);
		text += len;
		while (*text == ' ')
			text++;
	}
}

static void
add_option(const struct option_info *info, struct buf *out)
{
	if (info->letter)
		buf_addf(out, "  -%c, ", info->letter);
	else
		buf_adds(out, "      ");
	buf_addf(out, "%s%s%s\n", info->name, info->argument ? " " : "",
	    info->argument ? info->argument : "");
	add_wrapped(out, info->help, 10);
}

void
options_usage(const struct options *o, struct buf *out)
{
	buf_adds(out, "Usage:\n");
	for (int c = 0; c < COMMANDS; c++) {
		buf_addf(out, "  smtpwiz %s %s\n", commands[c].name,
		    commands[c].operand);
		add_wrapped(out, commands[c].help, 10);
	}
	buf_addf(out, "\nFlags of smtpwiz %s:\n", command_name(o->command));
	for (size_t i = 0; i < N_OPTIONS; i++)
		if (table[i].commands & (1u << o->command))
			add_option(&table[i], out);
	buf_adds(out,
	    "\nExit status of run and demo: 0 everything works, 1 a cause "
	    "was named,\n2 wrong usage or a bad file, 3 inconclusive, 130 "
	    "interrupted.\nOf explain: 0 explained, 2 wrong usage, 3 only "
	    "the class is known, or nothing.\n");
}
