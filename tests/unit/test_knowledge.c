/* SPDX-License-Identifier: ISC
 *
 * The knowledge files as shipped: they load, say something about every cause
 * of the contract, name only facts that exist, and never take a public
 * authority for an interceptor. And the loader: newer and older copies of
 * the user's, and complaints with their place.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "probes/base/buf.h"
#include "probes/base/clock.h"
#include "probes/base/mem.h"
#include "probes/probe.h"
#include "wizard/engine/facts.h"
#include "wizard/knowledge/knowledge.h"
#include "wizard/playbook/when.h"

static struct knowledge *k;

static int
setup(void **state)
{
	struct err err = {0};

	(void)state;
	k = knowledge_load(NULL, &err);
	if (!k)
		fprintf(stderr, "%s\n", err.msg);
	return k ? 0 : -1;
}

static int
teardown(void **state)
{
	(void)state;
	knowledge_free(k);
	return 0;
}

/* Who is found for what; NULL: nobody. */
struct pair {
	const char *in, *out;
};

static void
expect(const char *in, const char *out, const char *got)
{
	if (!str_eq(out, got))
		fail_msg("%s: expected %s, got %s", in, out ? out : "nothing",
		    got ? got : "nothing");
}

static const char *
id_of(const struct provider *p)
{
	return p ? p->id : NULL;
}

static void
test_by_domain(void **state)
{
	static const struct pair pairs[] = {
	    {"gmail.com", "gmail"},
	    {"GMail.com", "gmail"},
	    {"googlemail.com", "gmail"},
	    {"outlook.com", "outlook-com"},
	    {"hotmail.co.uk", "outlook-com"},
	    {"live.com.mx", "outlook-com"},
	    {"yahoo.com", "yahoo"},
	    {"yahoo.co.uk", "yahoo"},
	    {"yahoo.com.br", "yahoo"},
	    {"yahoo.gr", "yahoo"},
	    {"yahoo.co.jp", "yahoo-japan"},
	    {"yahoo.example.org", NULL},
	    {"yahoo.co.uk.example", NULL},
	    {"yahoo.", NULL},
	    {"yahoo", NULL},
	    {"notyahoo.com", NULL},
	    {"mail.yahoo.com", NULL},
	    {"verizon.net", "aol"},
	    {"cox.net", "yahoo"},
	    {"contoso.onmicrosoft.com", "microsoft-365"},
	    {"nc.rr.com", "roadrunner"},
	    {"web.de", "web-de"},
	    {"gmx.de", "gmx-de"},
	    {"gmx.com", "gmx-international"},
	    {"proton.me", "proton"},
	    {"bakery.example", NULL},
	    {"", NULL},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(pairs) / sizeof(pairs[0]); i++)
		expect(pairs[i].in, pairs[i].out,
		    id_of(knowledge_by_domain(k, pairs[i].in)));
}

static void
test_by_mx(void **state)
{
	static const struct pair pairs[] = {
	    {"contoso-com.mail.protection.outlook.com", "microsoft-365"},
	    {"contoso-com.o-v1.mx.microsoft", "microsoft-365"},
	    {"outlook-com.olc.protection.outlook.com", "outlook-com"},
	    {"ASPMX.L.GOOGLE.COM", "google-workspace"},
	    {"alt3.aspmx.l.google.com", "google-workspace"},
	    {"smtp.google.com", "google-workspace"},
	    {"gmail-smtp-in.l.google.com", "gmail"},
	    {"mta5.am0.yahoodns.net", "yahoo"},
	    {"mx-aol.mail.gm0.yahoodns.net", "aol"},
	    {"mx01.mail.icloud.com", "icloud"},
	    {"mx00.kundenserver.de", "ionos-de"},
	    {"smtpin.rzone.de", "strato"},
	    {"mail.your-server.de", "hetzner"},
	    {"www123.your-server.de", "hetzner"},
	    {"static.1.2.3.4.clients.your-server.de", NULL},
	    {"mx1.mail.ovh.net", "ovh"},
	    {"vps-1.vps.ovh.net", NULL},
	    {"mx2.zoho.eu", "zoho-organisation-eu"},
	    {"eviloutlook.com", NULL},
	    {"mail.protection.outlook.com.evil.example", NULL},
	    {"mail.bakery.example", NULL},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(pairs) / sizeof(pairs[0]); i++)
		expect(pairs[i].in, pairs[i].out,
		    id_of(knowledge_by_mx(k, pairs[i].in)));
}

static void
test_by_host(void **state)
{
	static const struct pair pairs[] = {
	    {"smtp.gmail.com", "gmail"},
	    {"imap.gmail.com", "gmail"},
	    {"smtp.office365.com", "microsoft-365"},
	    {"smtp-legacy.office365.com", "microsoft-365"},
	    {"smtp-mail.outlook.com", "outlook-com"},
	    {"smtp.live.com", "outlook-com"},
	    {"email-smtp.eu-west-1.amazonaws.com", "amazon-ses"},
	    {"ec2-1-2-3-4.compute-1.amazonaws.com", NULL},
	    {"bakery-example.mail.protection.outlook.com", "microsoft-365"},
	    {"mx00.kundenserver.de", "ionos-de"},
	    {"smtp.bakery.example", NULL},
	    {"{domain}", NULL},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(pairs) / sizeof(pairs[0]); i++)
		expect(pairs[i].in, pairs[i].out,
		    id_of(knowledge_by_host(k, pairs[i].in)));
}

static void
test_filters(void **state)
{
	static const struct pair pairs[] = {
	    {"mxa-00.gslb.pphosted.com", "Proofpoint"},
	    {"eu-smtp-inbound-1.mimecast.com", "Mimecast"},
	    {"d1.ess.barracudanetworks.com", "Barracuda"},
	    {"esa1.bakery.iphmx.com", "Cisco Secure Email"},
	    {"mx01.hornetsecurity.com", "Hornetsecurity"},
	    {"cluster5.eu.messagelabs.com", "Symantec Email Security"},
	    {"inbound-smtp.eu-west-1.amazonaws.com", "Amazon SES or WorkMail"},
	    {"mail.bakery.example", NULL},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(pairs) / sizeof(pairs[0]); i++) {
		const struct mx_filter *f = knowledge_filter(k, pairs[i].in);

		expect(pairs[i].in, pairs[i].out, f ? f->name : NULL);
	}
}

static void
test_not_submission(void **state)
{
	static const struct pair pairs[] = {
	    {"imap.gmail.com", "imap"},
	    {"pop.gmail.com", "pop3"},
	    {"outlook.office365.com", "imap"},
	    {"smtp.live.com", "retired"},
	    {"SMTP.Live.com", "retired"},
	    {"pod51010.outlook.com", "retired"},
	    {"pod51.outlook.com", NULL},
	    {"aspmx.l.google.com", "mx"},
	    {"contoso-com.mail.protection.outlook.com", "mx"},
	    {"mail.your-server.de", NULL},
	    {"smtp.gmail.com", NULL},
	    {"smtp.bakery.example", NULL},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(pairs) / sizeof(pairs[0]); i++)
		expect(pairs[i].in, pairs[i].out,
		    knowledge_not_submission(k, pairs[i].in));
}

static void
test_passwords(void **state)
{
	static const struct {
		const char *domain, *day;
		enum password_rule rule;
	} rows[] = {
	    {"outlook.com", "2024-09-15", PASSWORDS_UNKNOWN},
	    {"outlook.com", "2024-09-16", PASSWORDS_OFF},
	    {"outlook.com", "2026-11-23", PASSWORDS_OFF},
	    {"contoso.onmicrosoft.com", "2026-11-23", PASSWORDS_ADMIN},
	    {"contoso.onmicrosoft.com", "2027-06-01", PASSWORDS_ADMIN},
	    {"gmail.com", "2022-05-29", PASSWORDS_UNKNOWN},
	    {"gmail.com", "2022-05-30", PASSWORDS_APP_ONLY},
	    {"icloud.com", "2026-11-23", PASSWORDS_APP_ONLY},
	    {"yahoo.de", "2026-11-23", PASSWORDS_APP_ONLY},
	    {"aol.com", "2026-11-23", PASSWORDS_APP_ONLY},
	    {"fastmail.com", "2026-11-23", PASSWORDS_APP_ONLY},
	    {"web.de", "2026-11-23", PASSWORDS_ACCEPTED},
	    {"t-online.de", "2026-11-23", PASSWORDS_ACCEPTED},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const struct provider *p =
		    knowledge_by_domain(k, rows[i].domain);
		int64_t ms;

		assert_non_null(p);
		assert_true(clock_parse(rows[i].day, &ms));
		if (knowledge_passwords(p, ms) != rows[i].rule)
			fail_msg("%s on %s", rows[i].domain, rows[i].day);
	}
}

static bool
is_day(const char *s)
{
	int64_t ms;

	return s && strlen(s) == 10 && clock_parse(s, &ms);
}

/* "host:port/security,..." as documented. */
static char *
services_of(const struct provider *p)
{
	struct strs out = {0};
	char *joined;

	for (size_t i = 0; i < p->n_services; i++)
		strs_addf(&out, "%s:%d/%s", p->services[i].host,
		    p->services[i].port, p->services[i].security);
	joined = strs_join(&out, ",");
	strs_done(&out);
	return joined;
}

static void
test_services(void **state)
{
	static const struct pair pairs[] = {
	    {"outlook.com", "smtp-mail.outlook.com:587/starttls"},
	    {"contoso.onmicrosoft.com", "smtp.office365.com:587/starttls"},
	    {"gmail.com",
		"smtp.gmail.com:465/implicit-tls,smtp.gmail.com:587/starttls"},
	    {"icloud.com", "smtp.mail.me.com:587/starttls"},
	    {"charter.net", "mobile.charter.net:587/implicit-tls"},
	    {"virginmedia.com", "smtp.{domain}:465/implicit-tls"},
	    {"proton.me", ""},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(pairs) / sizeof(pairs[0]); i++) {
		const struct provider *p = knowledge_by_domain(k, pairs[i].in);
		char *got = services_of(p);

		expect(pairs[i].in, pairs[i].out, got);
		mem_free(got);
	}
}

static void
test_no_submission(void **state)
{
	static const char *const none[] = {
	    "tuta.com", "tutanota.de", "proton.me", "pm.me"};

	(void)state;
	for (size_t i = 0; i < sizeof(none) / sizeof(none[0]); i++)
		assert_true(knowledge_by_domain(k, none[i])->no_submission);
	assert_false(knowledge_by_domain(k, "gmail.com")->no_submission);
	assert_non_null(
	    strstr(knowledge_by_domain(k, "pm.me")->note, "Bridge"));
}

/* Every entry is whole; no domain belongs to two; where a password is no
 * simple matter the note says what to do. */
static void
test_providers_whole(void **state)
{
	struct strs domains = {0};

	(void)state;
	assert_true(k->n_providers >= 45);
	for (size_t i = 0; i < k->n_providers; i++) {
		const struct provider *p = &k->providers[i];
		enum password_rule rule = knowledge_passwords(p, INT64_MAX);

		assert_true(is_day(p->checked));
		assert_non_null(p->source);
		assert_non_null(p->certainty);
		assert_true(str_in_set(p->username, "full|local|other"));
		for (size_t j = 0; j < p->domains.n; j++) {
			if (strs_has(&domains, p->domains.v[j]))
				fail_msg("%s twice", p->domains.v[j]);
			strs_add(&domains, p->domains.v[j]);
		}
		if ((rule != PASSWORDS_ACCEPTED || p->no_submission) &&
		    !p->note)
			fail_msg("%s has no note", p->id);
		for (size_t j = 0; j < p->n_services; j++)
			if (str_ends(p->services[j].host, "office365.com"))
				assert_int_equal(p->services[j].port, 587);
	}
	strs_done(&domains);
}

static void
test_data(void **state)
{
	char *domains = knowledge_data(k, "domains");
	char *hosts = knowledge_data(k, "hosts");
	struct strs list = {0};

	(void)state;
	assert_non_null(domains);
	strs_split(&list, domains, ",");
	assert_true(list.n > 150);
	assert_true(strs_has(&list, "gmail.com"));
	assert_true(strs_has(&list, "yahoo.co.uk"));
	assert_null(strchr(domains, '*'));
	assert_non_null(strstr(hosts, "smtp.gmail.com"));
	assert_null(strchr(hosts, '{'));
	assert_null(knowledge_data(k, "nothing"));
	strs_done(&list);
	mem_free(domains);
	mem_free(hosts);
}

/* Issuers that stand on genuine mail servers, or on servers of companies
 * whose products also intercept. */
static const char *const genuine[] = {
    "CN=DigiCert Global G2 TLS RSA SHA256 2020 CA1, O=DigiCert Inc, C=US",
    "CN=DigiCert Cloud Services CA-1, O=DigiCert Inc, C=US",
    "CN=DigiCert Global Root G2, OU=www.digicert.com, O=DigiCert Inc, C=US",
    "CN=GeoTrust TLS RSA CA G1, OU=www.digicert.com, O=DigiCert Inc, C=US",
    "CN=R11, O=Let's Encrypt, C=US | CN=ISRG Root X1, O=Internet Security "
    "Research Group, C=US",
    "CN=E6, O=Let's Encrypt, C=US",
    "CN=WR2, O=Google Trust Services, C=US | CN=GTS Root R1, O=Google Trust "
    "Services LLC, C=US",
    "CN=Sectigo RSA Domain Validation Secure Server CA, O=Sectigo Limited, "
    "L=Salford, ST=Greater Manchester, C=GB",
    "CN=Sectigo Public Server Authentication CA DV R36, O=Sectigo Limited",
    "CN=USERTrust RSA Certification Authority, O=The USERTRUST Network",
    "CN=Microsoft Azure RSA TLS Issuing CA 03, O=Microsoft Corporation, C=US",
    "CN=Microsoft TLS RSA Root G2, O=Microsoft Corporation, C=US",
    "CN=Amazon RSA 2048 M02, O=Amazon, C=US | CN=Starfield Services Root "
    "Certificate Authority - G2, O=Starfield Technologies, Inc.",
    "CN=Telekom Security ServerID OV Class 2 CA, O=Deutsche Telekom Security "
    "GmbH, C=DE",
    "CN=TeleSec ServerPass Class 2 CA, O=T-Systems International GmbH, C=DE",
    "CN=T-TeleSec GlobalRoot Class 2, OU=T-Systems Trust Center",
    "CN=GlobalSign RSA OV SSL CA 2018, O=GlobalSign nv-sa, C=BE",
    "CN=GlobalSign GCC R3 DV TLS CA 2020, O=GlobalSign nv-sa, C=BE",
    "CN=Go Daddy Secure Certificate Authority - G2, O=GoDaddy.com, Inc.",
    "CN=Entrust Certification Authority - L1K, O=Entrust, Inc., C=US",
    "CN=SwissSign RSA TLS OV ICA 2022 - 1, O=SwissSign AG, C=CH",
    "CN=Actalis Organization Validated Server CA G3, O=Actalis S.p.A., C=IT",
    "CN=Apple Public Server RSA CA 12 - G1, O=Apple Inc., ST=California",
    "CN=HARICA OV TLS RSA, O=Hellenic Academic and Research Institutions CA",
    "CN=ZeroSSL RSA Domain Secure Site CA, O=ZeroSSL, C=AT",
    "CN=Certum Domain Validation CA SHA2, O=Unizeto Technologies S.A., C=PL",
    "CN=Buypass Class 2 CA 5, O=Buypass AS-983163327, C=NO",
    "CN=GEANT TLS RSA 1, O=Hellenic Academic and Research Institutions CA",
    "CN=Cloudflare Inc ECC CA-3, O=Cloudflare, Inc., C=US",
    "CN=Cloudflare TLS Issuing ECC CA 1, O=SSL Corporation, C=US",
    "CN=HydrantID Server CA O1, O=IdenTrust, C=US",
    "CN=Trustwave Organization Validation SHA256 CA, O=Trustwave Holdings",
    "CN=Sophos Limited Server CA, O=Sophos Limited, C=GB",
    "CN=Cisco Umbrella Services, O=Cisco Systems, Inc., C=US",
    "CN=mail.example.com, OU=FortiMail, O=Fortinet, C=US",
    "CN=support.fortinet.com, O=Fortinet, Inc., C=US",
    "CN=avast.com, O=Avast Software s.r.o., C=CZ",
    "CN=Kaspersky Lab Public Server CA, O=AO Kaspersky Lab, C=RU",
    "CN=Symantec Class 3 Secure Server CA - G4, O=Symantec Corporation, C=US",
    "CN=localhost, O=Barracuda Networks, C=US",
    "CN=Bakery Company Root CA, O=Bakery Ltd",
    "",
};

static void
test_interceptors_spare_the_genuine(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(genuine) / sizeof(genuine[0]); i++) {
		const struct interceptor *x =
		    knowledge_interceptor(k, genuine[i]);

		if (x)
			fail_msg("%s taken for %s", genuine[i], x->name);
	}
}

static void
test_interceptors(void **state)
{
	static const struct pair pairs[] = {
	    {"CN=Avast Web/Mail Shield Root, O=Avast Web/Mail Shield, "
	     "OU=generated by Avast Antivirus for SSL/TLS scanning",
		"Avast"},
	    {"CN=avast! Web/Mail Shield Root", "Avast"},
	    {"CN=AVG Web/Mail Shield Root", "AVG"},
	    {"CN=Norton Web/Mail Shield Root", "Norton"},
	    {"CN=ESET SSL Filter CA, O=ESET, spol. s r. o.", "ESET"},
	    {"CN=Kaspersky Anti-Virus Personal Root Certificate, O=AO "
	     "Kaspersky Lab",
		"Kaspersky"},
	    {"CN=Bitdefender Personal CA.Net-Defender, O=Bitdefender",
		"Bitdefender"},
	    {"CN=R11, O=Let's Encrypt | CN=Zscaler Root CA, O=Zscaler Inc.",
		"Zscaler"},
	    {"CN=Cisco Umbrella Secondary SubCA ams-SG, O=Cisco",
		"Cisco Umbrella"},
	    {"CN=FortiGate CA, O=Fortinet Ltd.", "Fortinet FortiGate"},
	    {"CN=ca.bakery.goskope.com", "Netskope"},
	    {"CN=mitmproxy, O=mitmproxy", "mitmproxy"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(pairs) / sizeof(pairs[0]); i++) {
		const struct interceptor *x =
		    knowledge_interceptor(k, pairs[i].in);

		expect(pairs[i].in, pairs[i].out, x ? x->name : NULL);
	}
	for (size_t i = 0; i < k->n_interceptors; i++) {
		assert_true(is_day(k->interceptors[i].checked));
		assert_null(strchr(k->interceptors[i].advice, '{'));
		assert_null(str_find_nocase(
		    k->interceptors[i].advice, "accept the certificate"));
	}
}

static void
test_errors(void **state)
{
	static const struct pair pairs[] = {
	    {"0x800CCC0E", "connect"},
	    {"800ccc0e", "connect"},
	    {"Task 'anna@bakery.example - Sending' reported error "
	     "(0x8004210B) : 'The operation timed out waiting for a response "
	     "from the sending (SMTP) server.'",
		"timeout"},
	    {"Task 'x' reported error (0x800CCC0D): 'Cannot find the e-mail "
	     "server.'",
		"name"},
	    {"Account: 'x', Server: 'smtp.x', Protocol: SMTP, Port: 587, "
	     "Secure(SSL): No, Socket Error: 10060, Error Number: 0x800CCC0E",
		"timeout"},
	    {"Socket Error: 11001, Error Number: 0x800CCC0E", "name"},
	    {"Socket Error: 10061, Error Number: 0x800CCC0E", "connect"},
	    {"Your server does not support the connection encryption type you "
	     "have\r\nspecified. Try changing the encryption method. "
	     "(0x800CCC1A)",
		"tls"},
	    {"0x800CCC7D", "starttls"},
	    {"0x8004010F", "profile"},
	    {"0x800CCC80: None of the authentication methods supported by "
	     "this client are supported by your server.",
		"auth"},
	    {"0x800CCC79 ... 550 relay not permitted", "auth"},
	    {"Working Offline", "offline"},
	    {"Outlook arbeitet offline", "offline"},
	    {"Travailler hors connexion", "offline"},
	    {"Trabajar sin conexión", "offline"},
	    {"The message stays in the Outbox", "outbox"},
	    {"Sending of the message failed.\nThe message could not be sent "
	     "because the connection to Outgoing server (SMTP) smtp.x.example "
	     "timed out. Try again.",
		"timeout"},
	    {"An error occurred while sending mail: Unable to authenticate to "
	     "Outgoing server (SMTP) smtp.x.",
		"auth"},
	    {"Sending of the message failed. The certificate is not trusted "
	     "because it is self-signed.",
		"cert"},
	    {"The server doesn\xe2\x80\x99t seem to support STARTTLS",
		"starttls"},
	    {"Cannot send message using the server smtp.x.example", "connect"},
	    {"Cannot send message using the server X. The sender address was "
	     "rejected: Relay access denied",
		"auth"},
	    {"Senden der Nachricht fehlgeschlagen", "other"},
	    {"535 5.7.139 Authentication unsuccessful, basic authentication "
	     "is disabled",
		"auth"},
	    {"552 5.3.4 Message size exceeds fixed limit", "size"},
	    {"0x80010060", NULL},
	    {"it does not work", NULL},
	    {"", NULL},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(pairs) / sizeof(pairs[0]); i++) {
		const struct error_text *e = knowledge_error(k, pairs[i].in);

		expect(pairs[i].in, pairs[i].out, e ? e->class : NULL);
	}
}

/* Every code of the table in the sources is explained. */
static void
test_error_codes(void **state)
{
	static const char *const codes[] = {"00", "01", "02", "03", "05", "06",
	    "09", "0A", "0B", "0D", "0E", "0F", "10", "11", "12", "13", "14",
	    "15", "16", "17", "18", "19", "1A", "40", "4F", "60", "61", "62",
	    "63", "64", "65", "66", "67", "68", "69", "6A", "6B", "6C", "6D",
	    "6E", "6F", "78", "79", "7A", "7B", "7C", "7D", "7E", "7F", "80",
	    "90", "91", "92", "DD"};
	static const char *const others[] = {"0x80042108", "0x80042109",
	    "0x8004210A", "0x8004210B", "0x80042112", "0x8004010F",
	    "0x80040115", "0x8004011D", "0x80040119", "0x800408FC",
	    "0x80040600", "0x8004060C", "0x80040610", "0x80048002",
	    "0x80070005", "0x80070057", "0x80004005", "0x800B0101",
	    "0x800B0109", "0x800B010F", "0x80090308", "0x80090326",
	    "0x80090331", "0x80090325", "0x80090322", "10060", "10061", "10051",
	    "10065", "10053", "10054", "11001", "11004"};

	(void)state;
	for (size_t i = 0; i < sizeof(codes) / sizeof(codes[0]); i++) {
		char text[24];

		snprintf(text, sizeof(text), "0x800CCC%s", codes[i]);
		if (!knowledge_error(k, text))
			fail_msg("%s is not explained", text);
	}
	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++)
		if (!knowledge_error(k, others[i]))
			fail_msg("%s is not explained", others[i]);
	for (size_t i = 0; i < k->n_errors; i++)
		assert_true(is_day(k->errors[i].checked));
}

/* "cause blame", as in the contract. */
static const struct pair contract[] = {{"works", "none"},
    {"profile-rebuild", "client"}, {"smtp-not-used", "none"},
    {"app-offline", "client"}, {"no-network", "network"},
    {"captive-portal", "network"}, {"dns-failure", "network"},
    {"domain-not-found", "client"}, {"host-not-found", "client"},
    {"no-address", "server"}, {"dns-sinkholed", "network"},
    {"wrong-server", "client"}, {"wrong-port", "client"},
    {"wrong-encryption", "client"}, {"wrong-auth-method", "client"},
    {"port-blocked", "network"}, {"all-ports-blocked", "network"},
    {"server-down", "server"}, {"server-silent", "server"},
    {"service-refused", "server"}, {"server-busy", "server"},
    {"not-smtp", "server"}, {"protocol-error", "server"},
    {"ipv6-broken", "network"}, {"ipv6-only", "network"},
    {"starttls-missing", "server"}, {"starttls-stripped", "network"},
    {"starttls-injection", "network"}, {"tls-intercepted", "network"},
    {"tls-too-old", "server"}, {"tls-handshake-failed", "server"},
    {"cert-expired", "server"}, {"cert-not-yet-valid", "server"},
    {"cert-name-mismatch", "server"}, {"cert-self-signed", "server"},
    {"cert-chain-incomplete", "server"}, {"cert-untrusted", "server"},
    {"cert-weak", "server"}, {"client-cert-required", "policy"},
    {"clock-wrong", "client"}, {"auth-not-offered", "server"},
    {"wrong-credentials", "account"}, {"basic-auth-disabled", "policy"},
    {"app-password-required", "account"}, {"smtp-auth-disabled", "policy"},
    {"login-policy", "policy"}, {"account-locked", "account"},
    {"token-expired", "account"}, {"token-wrong-audience", "account"},
    {"token-missing-scope", "account"}, {"login-rate-limited", "policy"},
    {"mailbox-full", "account"}, {"sender-not-allowed", "policy"},
    {"recipient-rejected", "policy"}, {"helo-rejected", "client"},
    {"relay-denied", "client"}, {"message-too-big", "policy"},
    {"mtu-blackhole", "network"}, {"transfer-cut", "network"},
    {"greylisted", "server"}, {"sending-limit", "policy"},
    {"content-rejected", "policy"}, {"ip-blocklisted", "policy"},
    {"inconclusive", "none"}};
#define N_CONTRACT (sizeof(contract) / sizeof(contract[0]))

static void
test_causes_complete(void **state)
{
	(void)state;
	assert_int_equal(k->n_causes, N_CONTRACT);
	for (size_t i = 0; i < N_CONTRACT; i++) {
		const struct cause *c = knowledge_cause(k, contract[i].in);

		if (!c)
			fail_msg("%s is missing", contract[i].in);
		expect(contract[i].in, contract[i].out, c->blame);
		assert_true(
		    str_in_set(c->confidence, "certain|likely|possible"));
		assert_true(c->n_title > 0 && c->n_meaning > 0);
		assert_true(c->n_remedy > 0 && c->n_fixed_by > 0);
		assert_true(c->n_why > 0 && c->n_prevent > 0);
		assert_string_equal(k->cause_ids[i], k->causes[i].id);
	}
	assert_null(k->cause_ids[k->n_causes]);
	assert_null(knowledge_cause(k, "no-such-cause"));
}

/* Facts of probes that the words may show or test; those of the engine come
 * from its own table. */
static const struct fact_info probe_facts[] = {
    {"address.domain", NULL, NULL},
    {"address.suggestion", NULL, NULL},
    {"address.typo", "yes|no|unknown", NULL},
    {"system.addresses", NULL, NULL},
    {"discover.url", NULL, NULL},
    {"dns.addresses", NULL, NULL},
    {"dns.resolvers", NULL, NULL},
    {"dns.near", "found|none|unknown", NULL},
    {"local.vpn", "yes|no|unknown", NULL},
    {"local.wsl", "yes|no|unknown", NULL},
    {NULL, NULL, NULL},
};

static const struct fact_info *
find_fact(const char *name)
{
	static struct fact_info of_probe;

	for (const struct fact_info *f = probe_facts; f->name; f++)
		if (str_eq(f->name, name))
			return f;
	for (size_t i = 0; probes_all[i]; i++)
		for (const struct probe_fact *f = probes_all[i]->facts; f->name;
		     f++)
			if (str_eq(f->name, name)) {
				of_probe = (struct fact_info){
				    f->name, f->values, f->summary};
				return &of_probe;
			}
	return engine_fact_info(name);
}

static void
check_placeholders(const char *cause, const char *text)
{
	for (const char *at = strchr(text, '{'); at; at = strchr(at + 1, '{')) {
		size_t len = strcspn(at + 1, "}");
		char *name = mem_dupn(at + 1, len);

		if (!find_fact(name))
			fail_msg("%s: no fact {%s}", cause, name);
		mem_free(name);
	}
}

static void
check_when(const char *cause, const struct when *w)
{
	const struct fact_info *f;

	if (!w)
		return;
	for (size_t i = 0; i < w->n; i++)
		check_when(cause, w->parts[i]);
	if (w->kind != WHEN_FACT)
		return;
	f = find_fact(w->fact);
	if (!f || !f->values)
		fail_msg("%s: `%s` cannot be tested", cause, w->fact);
	for (size_t i = 0; i < w->values.n; i++)
		if (!str_in_set(w->values.v[i], f->values))
			fail_msg("%s: `%s` is never %s", cause, w->fact,
			    w->values.v[i]);
}

static void
check_texts(const char *cause, const struct text_when *v, size_t n, int widest)
{
	for (size_t i = 0; i < n; i++) {
		if (str_width(v[i].text) > widest)
			fail_msg("%s: too wide: %s", cause, v[i].text);
		if (strlen(v[i].text) < 8)
			fail_msg("%s: too short: %s", cause, v[i].text);
		check_placeholders(cause, v[i].text);
		check_when(cause, v[i].when);
	}
}

/* An order to turn to somebody says what to say. */
static void
check_asks(const char *cause, const struct text_when *v, size_t n)
{
	static const char *const turns[] = {"Ask ", "ask the ", "ask whoever ",
	    "ask its ", "tell whoever ", "Tell whoever ", "Tell your "};

	for (size_t i = 0; i < n; i++)
		for (size_t j = 0; j < sizeof(turns) / sizeof(turns[0]); j++)
			if (str_find_nocase(v[i].text, "contact your") ||
			    (strstr(v[i].text, turns[j]) &&
				!strchr(v[i].text, '"') &&
				!strstr(v[i].text, "Ask before") &&
				!strstr(v[i].text, "Ask the person")))
				fail_msg("%s: asks without a question: %s",
				    cause, v[i].text);
}

static void
test_cause_texts(void **state)
{
	(void)state;
	for (size_t i = 0; i < k->n_causes; i++) {
		const struct cause *c = &k->causes[i];

		check_texts(c->id, c->title, c->n_title, 60);
		check_texts(c->id, c->meaning, c->n_meaning, 400);
		check_texts(c->id, c->why, c->n_why, 300);
		check_texts(c->id, c->remedy, c->n_remedy, 400);
		check_texts(c->id, c->prevent, c->n_prevent, 300);
		check_asks(c->id, c->remedy, c->n_remedy);
		for (size_t j = 0; j < c->n_fixed_by; j++)
			check_when(c->id, c->fixed_by[j].when);
	}
}

/* Every program of which the menus are known: only facts that exist, and an
 * end in a test. */
static void
test_clients(void **state)
{
	static const char *const ids[] = {"outlook-classic", "outlook-new",
	    "outlook-mac", "thunderbird", "apple-mail"};

	(void)state;
	for (size_t i = 0; i < sizeof(ids) / sizeof(ids[0]); i++) {
		const struct client *c = knowledge_client(k, ids[i]);

		assert_non_null(c);
		check_texts(c->id, c->steps, c->n_steps, 400);
		check_texts(c->id, c->rebuild, c->n_rebuild, 400);
		assert_non_null(
		    strstr(c->rebuild[c->n_rebuild - 1].text, "test again"));
	}
	assert_null(knowledge_client(k, "unknown"));
	assert_null(knowledge_client(k, NULL));
}

static const char *
look(const void *arg, const char *fact)
{
	return kvs_get(arg, fact);
}

static const char *
first(const struct text_when *v, size_t n, const struct kvs *facts)
{
	for (size_t i = 0; i < n; i++)
		if (!v[i].when || when_holds(v[i].when, look, facts))
			return v[i].text;
	return NULL;
}

static void
test_texts_choose(void **state)
{
	struct kvs facts = {0};
	const struct cause *c = knowledge_cause(k, "port-blocked");

	(void)state;
	kvs_set(&facts, "recommended.found", "yes");
	assert_string_equal(first(c->fixed_by, c->n_fixed_by, &facts), "you");
	kvs_set(&facts, "recommended.found", "no");
	assert_string_equal(
	    first(c->fixed_by, c->n_fixed_by, &facts), "network");
	kvs_set(&facts, "mine.fits", "plain-on-tls");
	c = knowledge_cause(k, "wrong-encryption");
	assert_string_equal(first(c->title, c->n_title, &facts),
	    "Encryption is set to start too late for port {mine.port}");
	kvs_done(&facts);
}

/* A directory of the user's with one knowledge file in it. */
static char dir[] = "/tmp/test_knowledge.XXXXXX";

static void
write_copy(const char *name, const char *text)
{
	char *path = mem_printf("%s/knowledge/%s.yaml", dir, name);
	FILE *f = fopen(path, "w");

	assert_non_null(f);
	fputs(text, f);
	fclose(f);
	mem_free(path);
}

static void
remove_copy(const char *name)
{
	char *path = mem_printf("%s/knowledge/%s.yaml", dir, name);

	unlink(path);
	mem_free(path);
}

static int
make_dir(void **state)
{
	char *sub;

	(void)state;
	memcpy(dir + sizeof(dir) - 7, "XXXXXX", 6);
	if (!mkdtemp(dir))
		return -1;
	sub = mem_printf("%s/knowledge", dir);
	if (mkdir(sub, 0700) != 0)
		return -1;
	mem_free(sub);
	return 0;
}

static int
remove_dir(void **state)
{
	char *sub = mem_printf("%s/knowledge", dir);

	(void)state;
	rmdir(sub);
	mem_free(sub);
	return rmdir(dir);
}

#define ONE_INTERCEPTOR                      \
	"interceptors:\n"                    \
	"  - name: Mine\n"                   \
	"    kind: antivirus\n"              \
	"    issuers: [Very Special Root]\n" \
	"    advice: Switch it off.\n"       \
	"    source: me\n"                   \
	"    checked: 2026-11-23\n"

static const struct origin *
origin_of(const struct knowledge *x, const char *name)
{
	for (size_t i = 0; i < x->n_origins; i++)
		if (str_eq(x->origins[i].name, name))
			return &x->origins[i];
	return NULL;
}

static void
test_newer_copy(void **state)
{
	struct err err = {0};
	struct knowledge *x;
	const struct origin *o;

	(void)state;
	write_copy("interceptors", "version: 2099-01-01\n" ONE_INTERCEPTOR);
	x = knowledge_load(dir, &err);
	remove_copy("interceptors");
	assert_non_null(x);
	assert_int_equal(x->n_interceptors, 1);
	o = origin_of(x, "knowledge/interceptors.yaml");
	assert_string_equal(o->version, "2099-01-01");
	assert_true(str_starts(o->file, dir));
	assert_null(o->older);
	o = origin_of(x, "knowledge/causes.yaml");
	assert_string_equal(o->file, "built in");
	assert_null(o->older);
	knowledge_free(x);
}

static void
test_older_copy(void **state)
{
	struct err err = {0};
	struct knowledge *x;
	const struct origin *o;

	(void)state;
	write_copy("interceptors", "version: 2020-02-29\n" ONE_INTERCEPTOR);
	x = knowledge_load(dir, &err);
	remove_copy("interceptors");
	assert_non_null(x);
	assert_int_equal(x->n_interceptors, k->n_interceptors);
	o = origin_of(x, "knowledge/interceptors.yaml");
	assert_string_equal(o->file, "built in");
	assert_non_null(strstr(o->older, "2020-02-29"));
	assert_non_null(strstr(o->older, dir));
	knowledge_free(x);
}

/* A bad file, and what the message must say. */
static const struct {
	const char *name, *text, *place, *says;
} bad[] = {
    {"causes", "causes: {}\n", "causes.yaml:1:1:", "version"},
    {"causes", "version: soon\n", "causes.yaml:1:10:", "year-month-day"},
    {"causes", "version: 2099-02-30\n", "causes.yaml:1:10:", "year-month-day"},
    {"causes", "version: 2099-01-01\n", "causes.yaml:1:1:", "`causes`"},
    {"causes", "version: 2099-01-01\ncuases: {}\n",
	"causes.yaml:2:1:", "cuases"},
    {"causes", "version: 2099-01-01\ncauses:\n  works:\n    blaem: none\n",
	"causes.yaml:4:5:", "did you mean `blame`?"},
    {"causes", "version: 2099-01-01\ncauses:\n  works:\n    blame: nobody\n",
	"causes.yaml:4:12:", "none|client|"},
    {"causes", "version: 2099-01-01\ncauses:\n  works:\n    blame: none\n",
	"causes.yaml:", "lacks `confidence`"},
    {"causes",
	"version: 2099-01-01\ncauses:\n  works:\n    title:\n"
	"      - {text: Hm, when: {a: b}}\n",
	"causes.yaml:", "without `when`"},
    {"causes",
	"version: 2099-01-01\ncauses:\n  works:\n    title:\n"
	"      - {text: Hm, wehn: {a: b}}\n",
	"causes.yaml:5:", "wehn"},
    {"causes",
	"version: 2099-01-01\ncauses:\n  works:\n    title:\n"
	"      - {text: Hm, when: [a]}\n",
	"causes.yaml:5:", ""},
    {"causes", "version: 2099-01-01\ncauses: [works]\n",
	"causes.yaml:2:9:", "no map"},
    {"interceptors",
	"version: 2099-01-01\ninterceptors:\n  - name: X\n    kind: filter\n"
	"    issuers: [CA]\n    advice: A\n    source: B\n"
	"    checked: 2026-01-01\n",
	"interceptors.yaml:3:5:", "too short"},
    {"errors", "version: 2099-01-01\nerrors:\n  - match: []\n    class: tls\n",
	"errors.yaml:3:12:", "no texts"},
    {"errors", "version: 2099-01-01\nerrors:\n  - match: x\n    class: tsl\n",
	"errors.yaml:4:12:", "one of offline|"},
    {"providers",
	"version: 2099-01-01\nproviders:\n  x:\n    domians: [a.example]\n",
	"providers.yaml:4:5:", "did you mean `domains`?"},
    {"providers",
	"version: 2099-01-01\nproviders:\n  x:\n    services:\n"
	"      - {host: h, port: 70000, security: starttls}\n",
	"providers.yaml:5:25:", "1 to 65535"},
    {"providers",
	"version: 2099-01-01\nproviders:\n  x:\n"
	"    passwords: {2026-01-02: off, 2026-01-01: accepted}\n",
	"providers.yaml:4:", "sort the days"},
    {"providers",
	"version: 2099-01-01\nproviders:\n  x: {name: X, source: s, "
	"checked: 2026-01-01, certainty: seen}\nfilters: []\n",
	"providers.yaml:3:6:", "no_submission"},
    {"providers", "version: [\n", "providers.yaml:", ""},
};

static void
test_bad_files(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct err err = {0};
		struct knowledge *x;

		write_copy(bad[i].name, bad[i].text);
		x = knowledge_load(dir, &err);
		remove_copy(bad[i].name);
		if (x)
			fail_msg("taken: %s", bad[i].text);
		if (!strstr(err.msg, bad[i].place) ||
		    !strstr(err.msg, bad[i].says))
			fail_msg("%s: %s", bad[i].text, err.msg);
	}
}

static void
test_builtin(void **state)
{
	size_t len = 0, n = 0;

	(void)state;
	assert_non_null(knowledge_builtin("knowledge/causes.yaml", &len));
	assert_true(len > 1000);
	assert_null(knowledge_builtin("nothing.yaml", NULL));
	while (knowledge_builtin_name(n)) {
		if (n > 0)
			assert_true(strcmp(knowledge_builtin_name(n - 1),
					knowledge_builtin_name(n)) < 0);
		n++;
	}
	assert_true(n >= 4);
	assert_int_equal(k->n_origins, 6);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_by_domain),
	    cmocka_unit_test(test_by_mx),
	    cmocka_unit_test(test_by_host),
	    cmocka_unit_test(test_filters),
	    cmocka_unit_test(test_not_submission),
	    cmocka_unit_test(test_passwords),
	    cmocka_unit_test(test_services),
	    cmocka_unit_test(test_no_submission),
	    cmocka_unit_test(test_providers_whole),
	    cmocka_unit_test(test_data),
	    cmocka_unit_test(test_interceptors_spare_the_genuine),
	    cmocka_unit_test(test_interceptors),
	    cmocka_unit_test(test_errors),
	    cmocka_unit_test(test_error_codes),
	    cmocka_unit_test(test_causes_complete),
	    cmocka_unit_test(test_cause_texts),
	    cmocka_unit_test(test_clients),
	    cmocka_unit_test(test_texts_choose),
	    cmocka_unit_test_setup_teardown(
		test_newer_copy, make_dir, remove_dir),
	    cmocka_unit_test_setup_teardown(
		test_older_copy, make_dir, remove_dir),
	    cmocka_unit_test_setup_teardown(
		test_bad_files, make_dir, remove_dir),
	    cmocka_unit_test(test_builtin),
	};

	return cmocka_run_group_tests_name("knowledge", tests, setup, teardown);
}
