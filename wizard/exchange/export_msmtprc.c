/* SPDX-License-Identifier: ISC
 *
 * An account for msmtp 1.8. The password is not in it: msmtp asks, or a line
 * `passwordeval` is added that prints it.
 */
#include "export_in.h"

#include <string.h>

#include "../../probes/base/mem.h"

/* A value to the end of its line. Where blanks or quotes stand at an end
 * msmtp would cut them off, unless there are quotes around. */
static void
add(struct buf *out, const char *command, const char *value)
{
	size_t len = strlen(value);
	bool quote = len == 0 || strchr(" \"", value[0]) ||
		     strchr(" \"", value[len - 1]);

	buf_addf(out, "%-14s %s%s%s\n", command, quote ? "\"" : "", value,
	    quote ? "\"" : "");
}

/* XOAUTH2 goes first: the providers that want tokens all have it. */
static const char *
auth_of(const struct export *x)
{
	const struct recommendation *r = export_what(x);
	const char *mechs = engine_mechs(x->engine, r->host, r->port);

	if (export_is_password(r))
		return "on";
	if (!str_find_nocase(mechs, "XOAUTH2") &&
	    str_find_nocase(mechs, "OAUTHBEARER"))
		return "oauthbearer";
	return "xoauth2";
}

static void
add_sign_in(const struct export *x, struct buf *out, struct strs *notes)
{
	const struct recommendation *r = export_what(x);
	const char *email = export_fact(x, "account.email");

	add(out, "auth", auth_of(x));
	if (r->username && *r->username)
		add(out, "user", r->username);
	if (email)
		add(out, "from", email);
	if (export_is_password(r))
		buf_adds(out,
		    "# msmtp asks for the password, or runs what stands in\n"
		    "# passwordeval and takes what it prints.\n");
	else {
		buf_adds(out,
		    "# This sign-in needs a fresh access token each time: add\n"
		    "# passwordeval with a command that prints one.\n");
		strs_add(notes,
		    "The msmtprc needs a passwordeval line with a command "
		    "that prints an access token.");
	}
}

bool
export_msmtprc(const struct export *x, struct buf *out, struct strs *notes,
    struct err *err)
{
	const struct recommendation *r = export_what(x);
	struct strs proof = {0};

	(void)err;
	export_proof(x, &proof);
	for (size_t i = 0; i < proof.n; i++)
		buf_addf(out, "# %s\n", proof.v[i]);
	strs_done(&proof);
	buf_addc(out, '\n');
	add(out, "account", "smtpwiz");
	add(out, "host", r->host);
	buf_addf(out, "%-14s %d\n", "port", r->port);
	add(out, "tls", "on");
	add(out, "tls_starttls",
	    str_eq(r->security, "starttls") ? "on" : "off");
	add(out, "tls_trust_file", "system");
	add_sign_in(x, out, notes);
	buf_adds(out, "\naccount default : smtpwiz\n");
	return true;
}
