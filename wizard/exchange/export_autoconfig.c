/* SPDX-License-Identifier: ISC
 *
 * Thunderbird's autoconfig XML, version 1.1
 * (draft-ietf-mailmaint-autoconfig). The domain's administrator publishes
 * it at https://autoconfig.DOMAIN/mail/config-v1.1.xml, or it is put into
 * isp/DOMAIN.xml of Thunderbird's folder.
 */
#include "export_in.h"

#include <stdio.h>
#include <string.h>

static const char *
socket_type(const char *security)
{
	if (str_eq(security, "implicit-tls"))
		return "SSL";
	return str_eq(security, "starttls") ? "STARTTLS" : "plain";
}

/* The user name with %EMAILADDRESS% and so on where it is made of it. */
static const char *
user_name(const char *name, const char *email)
{
	size_t local = strcspn(email, "@");

	if (!name || !*name || str_same(name, email))
		return "%EMAILADDRESS%";
	if (strlen(name) == local && memcmp(name, email, local) == 0)
		return "%EMAILLOCALPART%";
	return name;
}

static void
add_server(struct buf *out, const char *host, const char *port,
    const char *security, const char *auth, const char *username)
{
	export_element(out, 6, "hostname", host);
	export_element(out, 6, "port", port);
	export_element(out, 6, "socketType", socket_type(security));
	export_element(out, 6, "authentication", auth);
	export_element(out, 6, "username", username);
}

/* Known only where it was imported; Thunderbird wants one. */
static void
add_incoming(const struct export *x, const char *email, const char *auth,
    struct buf *out, struct strs *notes)
{
	const char *host = export_fact(x, "import.in_host");
	const char *port = export_fact(x, "import.in_port");
	const char *security = export_fact(x, "import.in_security");

	if (!host || !port || !security || str_eq(security, "auto")) {
		buf_adds(out,
		    "    <!-- The incoming server is not known here and has to "
		    "be added. -->\n");
		strs_add(notes,
		    "The autoconfig file holds only the outgoing server; "
		    "Thunderbird takes it once an <incomingServer> is added.");
		return;
	}
	buf_adds(out,
	    "    <!-- As it was set in the mail program; not tested. -->\n");
	buf_addf(out, "    <incomingServer type=\"%s\">\n",
	    str_eq(export_fact(x, "import.in_type"), "pop") ? "pop3" : "imap");
	add_server(out, host, port, security, auth,
	    user_name(export_fact(x, "import.in_username"), email));
	buf_adds(out, "    </incomingServer>\n");
}

bool
export_autoconfig(const struct export *x, struct buf *out, struct strs *notes,
    struct err *err)
{
	const struct recommendation *r = export_what(x);
	const char *email = export_fact(x, "account.email");
	const char *at = email ? strrchr(email, '@') : NULL;
	const char *auth =
	    export_is_password(r) ? "password-cleartext" : "OAuth2";
	struct strs proof = {0};
	char port[8];

	if (!at || !at[1])
		return err_set(err, ERR_REFUSED,
		    "No autoconfig file is written: it is for a mail domain, "
		    "and no e-mail address was given.");
	snprintf(port, sizeof(port), "%d", r->port);
	export_proof(x, &proof);
	buf_adds(out, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
	export_xml_comment(out, &proof);
	strs_done(&proof);
	buf_adds(out, "<clientConfig version=\"1.1\">\n  <emailProvider id=\"");
	export_xml(out, at + 1);
	buf_adds(out, "\">\n");
	export_element(out, 4, "domain", at + 1);
	export_element(out, 4, "displayName", at + 1);
	export_element(out, 4, "displayShortName", at + 1);
	add_incoming(x, email, auth, out, notes);
	buf_adds(out, "    <outgoingServer type=\"smtp\">\n");
	add_server(out, r->host, port, r->security, auth,
	    user_name(r->username, email));
	buf_adds(out, "    </outgoingServer>\n  </emailProvider>\n"
		      "</clientConfig>\n");
	return true;
}
