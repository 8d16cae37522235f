/* SPDX-License-Identifier: ISC
 *
 * A configuration profile for Apple Mail, payload com.apple.mail.managed.
 * Apple requires the incoming server in it, which no test here looks at: it
 * is known only where the settings of an account were imported. The payload
 * has no word for OAuth2.
 */
#include "export_in.h"

#include <stdint.h>
#include <stdio.h>
#include <string.h>

static void
add_text(struct buf *out, int indent, const char *key, const char *text)
{
	export_element(out, indent, "key", key);
	export_element(out, indent, "string", text);
}

static void
add_number(struct buf *out, int indent, const char *key, const char *number)
{
	export_element(out, indent, "key", key);
	export_element(out, indent, "integer", number);
}

static void
add_yes(struct buf *out, int indent, const char *key)
{
	export_element(out, indent, "key", key);
	buf_addf(out, "%*s<true/>\n", indent, "");
}

static uint64_t
hash(const char *text, uint64_t h)
{
	for (; *text; text++)
		h = (h ^ (unsigned char)*text) * 1099511628211u; /* FNV-1a */
	return h;
}

/* Version 8 (RFC 9562), made of the account: the same account's profile
 * replaces the one before. */
static void
add_uuid(struct buf *out, int indent, const char *account, const char *part)
{
	uint64_t a = hash(part, hash(account, 14695981039346656037u));
	uint64_t b = hash(account, hash(part, a));

	export_element(out, indent, "key", "PayloadUUID");
	buf_addf(out, "%*s<string>%08X-%04X-8%03X-%04X-%012llX</string>\n",
	    indent, "", (unsigned)(a >> 32), (unsigned)(a >> 16 & 0xffff),
	    (unsigned)(a & 0xfff), (unsigned)(0x8000 | (b >> 48 & 0x3fff)),
	    (unsigned long long)(b & 0xffffffffffff));
}

/* "com.example.smtpwiz" from the domain would claim a name: our own. */
static void
add_head(struct buf *out, int indent, const char *type, const char *part,
    const char *email)
{
	char id[400];

	snprintf(id, sizeof(id), "smtpwiz.%s.%s", part, email);
	for (char *p = id; *p; p++)
		if (!strchr("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUV"
			    "WXYZ0123456789.-",
			*p))
			*p = '-';
	add_text(out, indent, "PayloadType", type);
	add_number(out, indent, "PayloadVersion", "1");
	add_text(out, indent, "PayloadIdentifier", id);
	add_uuid(out, indent, email, part);
}

static void
add_incoming(const struct export *x, const char *email, struct buf *out)
{
	const char *user = export_fact(x, "import.in_username");
	bool pop = str_eq(export_fact(x, "import.in_type"), "pop");

	add_text(
	    out, 6, "EmailAccountType", pop ? "EmailTypePOP" : "EmailTypeIMAP");
	buf_adds(out,
	    "      <!-- Incoming: as it was set in the mail program; not "
	    "tested. -->\n");
	add_text(out, 6, "IncomingMailServerHostName",
	    export_fact(x, "import.in_host"));
	add_number(out, 6, "IncomingMailServerPortNumber",
	    export_fact(x, "import.in_port"));
	add_yes(out, 6, "IncomingMailServerUseSSL");
	add_text(out, 6, "IncomingMailServerUsername", user ? user : email);
	add_text(
	    out, 6, "IncomingMailServerAuthentication", "EmailAuthPassword");
}

static void
add_outgoing(const struct export *x, const char *email, struct buf *out)
{
	const struct recommendation *r = export_what(x);
	char port[8];

	snprintf(port, sizeof(port), "%d", r->port);
	add_text(out, 6, "OutgoingMailServerHostName", r->host);
	add_number(out, 6, "OutgoingMailServerPortNumber", port);
	/* True for STARTTLS too: the port decides which it is. */
	add_yes(out, 6, "OutgoingMailServerUseSSL");
	add_text(out, 6, "OutgoingMailServerUsername",
	    r->username && *r->username ? r->username : email);
	add_text(
	    out, 6, "OutgoingMailServerAuthentication", "EmailAuthPassword");
}

static bool
can(const struct export *x, struct err *err)
{
	const struct recommendation *r = export_what(x);
	const char *security = export_fact(x, "import.in_security");

	if (!export_is_password(r))
		return err_set(err, ERR_REFUSED,
		    "No mobileconfig file is written: Apple's profiles have "
		    "no word for the sign-in that is recommended (OAuth2). "
		    "Add the account on the device itself.");
	if (!export_fact(x, "account.email"))
		return err_set(err, ERR_REFUSED,
		    "No mobileconfig file is written: it needs the e-mail "
		    "address, and none was given.");
	if (!export_fact(x, "import.in_host") ||
	    !export_fact(x, "import.in_port"))
		return err_set(err, ERR_REFUSED,
		    "No mobileconfig file is written: Apple requires the "
		    "incoming server in it (IncomingMailServerHostName), and "
		    "only the outgoing one is known. Import the account with "
		    "--import, then it is.");
	if (!str_in_set(security ? security : "", "starttls|implicit-tls"))
		return err_set(err, ERR_REFUSED,
		    "No mobileconfig file is written: the incoming server "
		    "(IncomingMailServerUseSSL) is imported without "
		    "encryption, and the profile would pass that on.");
	return true;
}

bool
export_mobileconfig(const struct export *x, struct buf *out, struct strs *notes,
    struct err *err)
{
	const char *email = export_fact(x, "account.email");
	struct strs proof = {0};

	if (!can(x, err))
		return false;
	strs_add(notes,
	    "The incoming server in the profile was imported and not tested.");
	export_proof(x, &proof);
	buf_adds(out, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
		      "<!DOCTYPE plist PUBLIC \"-//Apple//DTD PLIST 1.0//EN\" "
		      "\"http://www.apple.com/DTDs/PropertyList-1.0.dtd\">\n");
	export_xml_comment(out, &proof);
	strs_done(&proof);
	buf_adds(out, "<plist version=\"1.0\">\n<dict>\n");
	add_head(out, 2, "Configuration", "profile", email);
	add_text(out, 2, "PayloadDisplayName", email);
	export_element(out, 2, "key", "PayloadContent");
	buf_adds(out, "  <array>\n    <dict>\n");
	add_head(out, 6, "com.apple.mail.managed", "mail", email);
	add_text(out, 6, "PayloadDisplayName", email);
	add_text(out, 6, "EmailAccountDescription", email);
	add_text(out, 6, "EmailAddress", email);
	add_incoming(x, email, out);
	add_outgoing(x, email, out);
	buf_adds(out, "    </dict>\n  </array>\n</dict>\n</plist>\n");
	return true;
}
