/* SPDX-License-Identifier: ISC
 *
 * Words, times and lines for the reports.
 */
#include "report_words.h"

#include <stdio.h>
#include <string.h>

#include "../../probes/base/clock.h"
#include "../../probes/base/mem.h"

struct word {
	const char *value, *text;
};

/* The text for a value; the value itself when the table has none. */
static const char *
word_for(const struct word *table, const char *value)
{
	if (!value)
		return "";
	for (; table->value; table++)
		if (str_eq(table->value, value))
			return table->text;
	return value;
}

const char *
report_word_state(const struct verdict *v)
{
	static const struct word words[] = {
	    {"works", "ALL TESTS PASSED"},
	    {"inconclusive", "NOT DECIDED"},
	    {"smtp-not-used", "NOTHING TO TEST HERE"},
	    {NULL, NULL},
	};
	const char *text;

	if (!v || !v->cause)
		return "CUT SHORT";
	text = word_for(words, v->cause);
	return text == v->cause ? "PROBLEM FOUND" : text;
}

const char *
report_word_fixed_by(const char *fixed_by)
{
	static const struct word words[] = {
	    {"you", "You, with the steps below."},
	    {"admin",
		"The administrator of the account or the mail server, with "
		"this report."},
	    {"provider", "Your mail provider, with this report."},
	    {"network",
		"Whoever runs the network that this computer is on, with this "
		"report."},
	    {NULL, NULL},
	};

	return word_for(words, fixed_by);
}

const char *
report_word_confidence(const char *confidence)
{
	static const struct word words[] = {
	    {"certain", "Certain: the tests leave no other explanation."},
	    {"likely", "Likely: everything seen fits, but it is no proof."},
	    {"possible",
		"Possible: it is the best explanation of what was seen."},
	    {NULL, NULL},
	};

	return word_for(words, confidence);
}

const char *
report_word_setting(const char *setting)
{
	static const struct word words[] = {
	    {"host", "Outgoing server"},
	    {"port", "Outgoing port"},
	    {"security", "Encryption"},
	    {"auth", "Sign-in method"},
	    {"username", "User name"},
	    {NULL, NULL},
	};

	return word_for(words, setting);
}

const char *
report_word_value(const char *setting, const char *value)
{
	static const struct word security[] = {
	    {"starttls", "STARTTLS"},
	    {"implicit-tls", "SSL/TLS"},
	    {"none", "None"},
	    {"auto", "Auto"},
	    {NULL, NULL},
	};
	static const struct word auth[] = {
	    {"oauth2", "OAuth2 (in the browser)"},
	    {"password", "Password"},
	    {"app-password", "App password"},
	    {"none", "No sign-in"},
	    {NULL, NULL},
	};

	if (!value || !*value || str_eq(value, "unknown"))
		return "not given";
	if (str_eq(setting, "security"))
		return word_for(security, value);
	if (str_eq(setting, "auth"))
		return word_for(auth, value);
	return value;
}

const char *
report_word_tested(const char *result)
{
	static const struct word words[] = {
	    {"pass", "OK"},
	    {"fail", "FAILED"},
	    {"skip", "not tested"},
	    {NULL, NULL},
	};

	return word_for(words, result);
}

const char *
report_word_tested_name(const char *name)
{
	static const struct word words[] = {
	    {"dns", "name"},
	    {"tcp", "reached"},
	    {"tls", "encrypted"},
	    {"cert", "genuine"},
	    {"auth_offered", "sign-in offered"},
	    {"login", "sign-in"},
	    {"send", "sending"},
	    {NULL, NULL},
	};

	return word_for(words, name);
}

char *
report_clock(int64_t utc_ms)
{
	char text[CLOCK_TEXT];

	if (utc_ms <= 0)
		return mem_dup("-");
	clock_format(utc_ms, text);
	return mem_printf("%.8s UTC", text + 11);
}

char *
report_duration(int64_t ms)
{
	if (ms < 1000)
		return mem_printf("%lld ms", (long long)ms);
	return mem_printf("%lld.%lld s", (long long)(ms / 1000),
	    (long long)(ms % 1000 / 100));
}

/* Bytes of the next line; a line feed ends one. */
static size_t
line_len(const char *text, int columns)
{
	size_t end = strcspn(text, "\n");
	size_t fit = str_fit(text, columns);
	size_t cut;

	if (fit >= end)
		return end;
	cut = fit;
	while (cut > 0 && text[cut] != ' ')
		cut--;
	if (cut > 0)
		return cut;
	if (fit > 0)
		return fit;
	/* At least one character, lest a line never ends. */
	for (cut = 1; ((unsigned char)text[cut] & 0xc0) == 0x80; cut++)
		;
	return cut;
}

void
report_lines(struct strs *out, const char *text, int columns)
{
	while (*text) {
		size_t len = line_len(text, columns);

		strs_take(out, mem_dupn(text, len));
		text += len;
		if (*text == '\n')
			text++;
		else
			while (*text == ' ')
				text++;
	}
}

void
report_wrap(struct buf *out, const char *lead, const char *text, int columns)
{
	struct strs lines = {0};
	int indent = str_width(lead);

	report_lines(&lines, text, columns - indent);
	for (size_t i = 0; i < lines.n; i++)
		if (i == 0)
			buf_addf(out, "%s%s\n", lead, lines.v[i]);
		else
			buf_addf(out, "%*s%s\n", indent, "", lines.v[i]);
	if (lines.n == 0)
		buf_addf(out, "%s\n", lead);
	strs_done(&lines);
}
