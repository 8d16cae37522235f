/* SPDX-License-Identifier: ISC
 *
 * The export formats by name, what they share, and when none is written.
 */
#include "export.h"

#include <string.h>

#include "../../probes/base/clock.h"
#include "../../probes/base/mem.h"
#include "export_in.h"

static const struct export_format autoconfig = {
    .name = "autoconfig",
    .summary = "Thunderbird's autoconfig XML 1.1",
    .write = export_autoconfig,
};
static const struct export_format mobileconfig = {
    .name = "mobileconfig",
    .summary = "a profile for Apple Mail on Mac, iPhone and iPad",
    .write = export_mobileconfig,
};
static const struct export_format msmtprc = {
    .name = "msmtprc",
    .summary = "an account of msmtp",
    .write = export_msmtprc,
};

const struct export_format *const export_formats[] = {
    &autoconfig,
    &mobileconfig,
    &msmtprc,
    NULL,
};

const struct export_format *
export_find(const char *name)
{
	for (size_t i = 0; export_formats[i]; i++)
		if (str_eq(export_formats[i]->name, name))
			return export_formats[i];
	return NULL;
}

const struct recommendation *
export_what(const struct export *x)
{
	const struct verdict *v = engine_verdict(x->engine);

	return v && v->recommended.found ? &v->recommended : NULL;
}

const char *
export_fact(const struct export *x, const char *name)
{
	const char *value = engine_fact(x->engine, name);

	return value && *value && !str_eq(value, "unknown") ? value : NULL;
}

bool
export_is_password(const struct recommendation *r)
{
	return str_in_set(r->auth, "password|app-password");
}

static const char *
test_name(const char *name)
{
	static const char *const words[][2] = {
	    {"dns", "the server's name is found"},
	    {"tcp", "the port is reached"},
	    {"tls", "the connection is encrypted"},
	    {"cert", "the certificate is genuine"},
	    {"auth_offered", "a sign-in is offered"},
	    {"login", "the sign-in is accepted"},
	    {"send", "a message is accepted"},
	};

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (str_eq(words[i][0], name))
			return words[i][1];
	return name;
}

static const char *
test_result(const char *result)
{
	if (str_eq(result, "pass"))
		return "passed";
	return str_eq(result, "fail") ? "FAILED" : "not tested";
}

void
export_proof(const struct export *x, struct strs *lines)
{
	const struct recommendation *r = export_what(x);
	char at[CLOCK_TEXT];

	clock_format(r->tested_ms, at);
	strs_addf(lines,
	    "Outgoing mail over %s port %d, as recommended by smtpwiz %s.",
	    r->host, r->port, x->version);
	strs_addf(lines, "Tested from the computer it ran on, %s (UTC):", at);
	for (size_t i = 0; i < r->tested.n; i++)
		strs_addf(lines, "  %s: %s", test_name(r->tested.v[i].name),
		    test_result(r->tested.v[i].value));
	strs_add(lines, "No password is in this file.");
}

/* U+FFFE and U+FFFF are the printable ones that XML 1.0 forbids. */
static bool
is_forbidden(const char *p)
{
	return memcmp(p, "\xef\xbf", 2) == 0 &&
	       ((unsigned char)p[2] == 0xbe || (unsigned char)p[2] == 0xbf);
}

void
export_xml(struct buf *out, const char *text)
{
	for (const char *p = text; *p; p++) {
		if (*p == '&')
			buf_adds(out, "&amp;");
		else if (*p == '<')
			buf_adds(out, "&lt;");
		else if (*p == '>')
			buf_adds(out, "&gt;");
		else if (*p == '"')
			buf_adds(out, "&quot;");
		else if (p[1] && p[2] && is_forbidden(p)) {
			buf_addc(out, '?');
			p += 2;
		} else
			buf_addc(out, *p);
	}
}

void
export_xml_comment(struct buf *out, const struct strs *lines)
{
	buf_adds(out, "<!--\n");
	for (size_t i = 0; i < lines->n; i++) {
		buf_adds(out, "  ");
		for (const char *p = lines->v[i]; *p; p++) {
			bool is_forbidden_here =
			    (p[0] == '-' && (p[1] == '-' || !p[1])) ||
			    (p[1] && p[2] && is_forbidden(p));

			buf_addc(out, is_forbidden_here ? '_' : *p);
			if (is_forbidden_here && p[0] != '-')
				p += 2;
		}
		buf_addc(out, '\n');
	}
	buf_adds(out, "-->\n");
}

void
export_element(struct buf *out, int indent, const char *tag, const char *text)
{
	buf_addf(out, "%*s<%s>", indent, "", tag);
	export_xml(out, text);
	buf_addf(out, "</%s>\n", tag);
}

bool
export_write(const struct export_format *f, const struct export *x,
    struct buf *out, struct strs *notes, struct err *err)
{
	const struct verdict *v = engine_verdict(x->engine);

	if (!v)
		return err_set(err, ERR_REFUSED,
		    "No %s file is written: the tests were stopped before "
		    "they came to a verdict.",
		    f->name);
	if (!v->recommended.found)
		return err_set(err, ERR_REFUSED,
		    "No %s file is written: no setting passed the tests, so "
		    "there is nothing to recommend (cause: %s).",
		    f->name, v->cause);
	if (!str_in_set(v->recommended.security, "starttls|implicit-tls"))
		return err_set(err, ERR_REFUSED,
		    "No %s file is written: the setting is not encrypted.",
		    f->name);
	return f->write(x, out, notes, err);
}
