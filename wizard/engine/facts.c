/* SPDX-License-Identifier: ISC
 *
 * The table of contract and summary facts. `values` NULL means free text,
 * which conditions may not test.
 */
#include "facts.h"

#define REACH "open|refused|dropped|unreachable|prohibited|no-route|unknown"
#define SPEAKS                                                              \
	"smtp|imap|pop3|http|portal|tls|other|silent|busy|rejected|closed|" \
	"broken|helo-refused|unknown"
#define YES_NO "yes|no|unknown"

#define LOGIN_CAUSES                                                        \
	"none|wrong-credentials|basic-auth-disabled|app-password-required|" \
	"smtp-auth-disabled|login-policy|account-locked|token-expired|"     \
	"token-wrong-audience|token-missing-scope|login-rate-limited|"      \
	"server-busy|wrong-auth-method|auth-not-offered|mailbox-full|"      \
	"wrong-encryption|ip-blocklisted|service-refused|other|unknown"
#define SEND_CAUSES                                                           \
	"none|mailbox-full|sender-not-allowed|recipient-rejected|"            \
	"helo-rejected|relay-denied|message-too-big|mtu-blackhole|"           \
	"transfer-cut|greylisted|sending-limit|content-rejected|"             \
	"ip-blocklisted|server-busy|login-rate-limited|login-policy|"         \
	"account-locked|smtp-auth-disabled|service-refused|wrong-encryption|" \
	"tls-too-old|wrong-server|wrong-credentials|basic-auth-disabled|"     \
	"app-password-required|other|unknown"

const struct fact_info engine_facts_table[] = {
    /* What the user answers; the names of the public contract. */
    {"account.email", NULL, "the address mail is sent from"},
    {"account.username", NULL, "the name used to sign in"},
    {"account.password", NULL, "secret"},
    {"account.token", NULL, "secret"},
    {"account.two_factor", YES_NO, "is a second factor on?"},
    {"account.password_changed", YES_NO, "was the password changed lately?"},
    {"account.type", "exchange|imap|pop|unknown",
	"how the mail program is connected to the account"},
    {"app.name",
	"outlook-classic|outlook-new|outlook-mac|outlook-mobile|thunderbird|"
	"apple-mail|other|unknown",
	"the mail program"},
    {"app.where", "this-computer|same-network|elsewhere|unknown",
	"where the mail program runs"},
    {"app.error", NULL, "what the mail program shows"},
    {"app.error_at", NULL, "when it showed it"},
    {"app.host", NULL, "outgoing server set in the program"},
    {"app.port", NULL, "outgoing port set in the program"},
    {"app.security", "starttls|implicit-tls|none|auto|unknown",
	"encryption set in the program"},
    {"app.auth", "oauth2|password|app-password|none|unknown",
	"sign-in method set in the program"},
    {"app.still_fails", YES_NO, "fails with exactly these settings?"},
    {"network.vpn", YES_NO, "is a VPN on?"},
    {"network.discovery", "yes|provider|no|unknown",
	"may published settings be asked for: everywhere, only at the "
	"domain's own servers, not at all?"},
    {"network.works_elsewhere", YES_NO, "does it work on another network?"},
    {"message.size", NULL, "bytes of the message that does not go"},
    {"consent.login", "yes|no", "may smtpwiz sign in?"},
    {"consent.send", "yes|no", "may smtpwiz send mail?"},
    {"send.to", NULL, "recipients of a test message"},

    /* What a mail program's own file says besides. */
    {"import.account", NULL, "the account whose settings were imported"},
    {"import.in_type", "imap|pop|unknown", "how it gets its mail"},
    {"import.in_host", NULL, "the server it gets it from"},
    {"import.in_port", NULL, "its port"},
    {"import.in_security", "starttls|implicit-tls|none|auto|unknown",
	"its encryption"},
    {"import.in_username", NULL, "the user name for it"},

    /* What data says. */
    {"provider.id", NULL, "who carries the mail"},
    {"provider.name", NULL, "who carries the mail, in words"},
    {"provider.found", "domain|mx|srv|host|none|unknown",
	"how the provider was found"},
    {"provider.kind", "microsoft-365|outlook-com|google|other|none|unknown",
	"kinds of provider with rules of their own"},
    {"provider.host", NULL, "documented outgoing server"},
    {"provider.port", NULL, "documented port"},
    {"provider.security", NULL, "documented encryption"},
    {"provider.submission", "yes|none|unknown",
	"does the provider take mail from programs by SMTP?"},
    {"provider.passwords", "accepted|app-password|off|admin-decides|unknown",
	"are passwords accepted for sending, as of today?"},
    {"provider.oauth", YES_NO, "is OAuth2 accepted for sending?"},
    {"provider.note", NULL, "what else is known about the provider"},
    {"provider.filter", NULL, "mail filter in front of the mailbox"},
    {"app.error_class",
	"none|offline|outbox|name|connect|timeout|dropped|tls|cert|auth|"
	"starttls|recipient|size|profile|other|unknown",
	"what the shown error is about"},
    {"error.meaning", NULL, "what the shown error means"},

    /* Settings that the domain publishes. */
    {"discovery.wanted", "yes|no", "are they asked for?"},
    {"discovery.database", NULL, "the public database that is asked too"},

    /* The app's own setting; where it is not given, the documented one. */
    {"mine.host", NULL, "the server that is judged"},
    {"mine.port", NULL, "the port that is judged"},
    {"mine.security", NULL, "the encryption that is judged"},
    {"mine.host_from", "app|provider|discovered|srv|guess|unknown",
	"where the server name comes from"},
    {"mine.port_from", "app|provider|discovered|srv|default|unknown",
	"where the port comes from"},
    {"mine.addresses", NULL, "its addresses, comma-separated"},
    {"mine.targets", NULL, "what is tested there, comma-separated"},
    {"mine.candidates", NULL, "names that mine.host may be a slip of"},
    {"mine.name",
	"ok|not-found|no-address|sinkholed|failed|no-answer|no-network|"
	"ipv6-only|bad-name|unknown",
	"does the server name lead to an address?"},
    {"mine.host_data", "submission|mx|imap|pop3|retired|other|unknown",
	"what data says the name is for"},
    {"mine.documented", YES_NO, "is the port one that the provider documents?"},
    {"mine.reach", REACH, "what a connection to the port meets"},
    {"mine.speaks", SPEAKS, "what answers there"},
    {"mine.greeted", YES_NO, "did it greet with 220?"},
    {"mine.local", YES_NO, "is the server this computer itself?"},
    {"mine.ready", YES_NO, "is all known that its name can be judged by?"},
    {"mine.serves", "starttls|implicit-tls|none|unknown",
	"the encryption that the port serves"},
    {"mine.fits", "yes|tls-on-plain|plain-on-tls|none-required|unknown",
	"does the app's encryption fit the port?"},
    {"mine.starttls",
	"offered|missing|stripped|injected|refused|not-needed|unknown",
	"the offer of STARTTLS"},
    {"mine.mss", "ok|blackhole|unknown", "do large packets come through?"},
    {"mine.tls", "ok|too-old|failed|client-cert|none|unknown",
	"the TLS handshake"},
    {"mine.cert",
	"ok|intercepted|clock|self-signed|chain-incomplete|untrusted|expired|"
	"not-yet-valid|name-mismatch|weak|other|unknown",
	"the certificate, by the order of the contract"},
    {"cert.self_signed", YES_NO, "each fault of the certificate by itself"},
    {"cert.chain_incomplete", YES_NO, "only the leaf came, issuer unknown"},
    {"cert.untrusted", YES_NO, "the root is unknown"},
    {"cert.expired", YES_NO, "over, and this computer's clock is right"},
    {"cert.not_yet_valid", YES_NO, "not begun, and the clock is right"},
    {"cert.name_mismatch", YES_NO, "for another name"},
    {"cert.weak", YES_NO, "weak key or signature"},
    {"mine.auth", "offered|not-offered|unknown", "is a sign-in offered?"},
    {"mine.method", "fits|none-set|not-taken|passwords-off|unknown",
	"does the app's sign-in method fit?"},
    {"mine.submits", YES_NO,
	"the port takes mail with a sign-in, under the encryption it serves"},
    {"mine.passes", YES_NO, "all tests short of a login passed"},
    {"mine.said", NULL, "the server's own words"},
    {"mine.address", NULL, "the address that was judged"},
    {"mine.near", NULL, "the nearest server name that exists"},
    {"mine.connect_ms", NULL, "milliseconds to connect"},
    {"mine.reach_words", NULL, "mine.reach in words"},
    {"mine.security_words", NULL, "mine.security in words"},
    {"mine.cert_names", NULL, "names in the certificate"},
    {"mine.cert_issuer", NULL, "who issued the certificate"},
    {"mine.cert_not_after", NULL, "last day of the certificate"},
    {"mine.cert_not_before", NULL, "first day of the certificate"},
    {"mine.interceptor", NULL, "the product that presents certificates"},
    {"mine.interceptor_kind",
	"antivirus|company-proxy|filter|developer|unknown",
	"what kind of product that is"},
    {"mine.interceptor_advice", NULL, "what to change in that product"},
    {"mine.tls_version", NULL, "TLS version agreed on"},
    {"mine.mechs", NULL, "sign-in methods offered"},

    /* The best other configuration of the same server. */
    {"other.passes", YES_NO, "another configuration passes every test"},
    {"other.answers", YES_NO,
	"another port answers as a mail server (25 only with sign-in)"},
    {"other.kind", "encryption|port|none|unknown",
	"what is different in it: only the encryption, or the port"},
    {"other.port", NULL, "its port"},
    {"other.security", NULL, "its encryption"},
    {"other.security_words", NULL, "its encryption in words"},
    {"other.connect_ms", NULL, "milliseconds to connect to it"},

    /* Another server: documented, published, or the name corrected. */
    {"alt.host", NULL, "its name"},
    {"alt.kind", "documented|srv|near|guess|none|unknown",
	"why it is a candidate"},
    {"alt.targets", NULL, "what is tested there"},
    {"alt.passes", YES_NO, "a configuration of it passes every test"},
    {"alt.port", NULL, "its port that passes"},
    {"alt.security", NULL, "its encryption"},

    {"server.ports", "some-open|all-refused|blocked|mute|unreachable|unknown",
	"all submission ports of the server together"},
    {"server.submission", YES_NO, "does the server offer submission at all?"},

    {"path.network", "up|down|unknown", "is there a network at all?"},
    {"path.dns", "ok|failed|differs|unknown",
	"name resolution; differs = the system sees other addresses"},
    {"path.domain", "ok|missing|unknown",
	"does the domain of the address exist?"},
    {"path.portal", YES_NO, "a web sign-in page answers in the way"},
    {"path.ipv6", "ok|broken|none|not-used|unknown", "IPv6 to this server"},
    {"path.clock", "ok|wrong|unknown", "this computer's clock"},
    {"path.clock_off", NULL, "how far it is off, in words"},
    {"path.our_time", NULL, "this computer's time"},
    {"path.their_time", NULL, "the server's time"},
    {"path.interception", YES_NO, "something on the way opens the encryption"},
    {"path.vpn_name", NULL, "name of the VPN interface"},

    /* Sign-in and sending. */
    {"account.secret", "password|token|none|unknown",
	"what there is to sign in with"},
    {"login.host", NULL, "the server that the sign-in is tried on"},
    {"login.target", NULL, "its address, port and encryption"},
    {"login.where", "mine|recommended|none|unknown",
	"with the app's own setting, or with the recommended one"},
    {"login.fits", YES_NO,
	"was it tried with the method that the app is set to?"},
    {"login.username", NULL, "the user name that is tried"},
    {"login.cause", LOGIN_CAUSES, "what a refused sign-in means"},
    {"login.meaning", NULL, "the same in words"},
    {"login.fix", NULL, "what to do about it"},
    {"send.from", NULL, "sender of the test message"},
    {"send.types", YES_NO, "also test other kinds of messages?"},
    {"kind.utf8", NULL, "utf8, when other kinds are tested"},
    {"kind.attachments", NULL, "attachments, when other kinds are tested"},
    {"send.first", NULL, "first recipient: the user"},
    {"send.others", NULL, "further recipients, given by the user"},
    {"kind.size", NULL, "size, when the message's size was given"},
    {"sent.state", "not-tried|passed|failed|unknown",
	"what became of all test messages together"},
    {"sent.words", NULL, "the server's words on the one that decided"},
    {"sent.who", NULL, "who can do something about it"},
    {"login.who", NULL, "who can do something about it"},
    {"send.cause", SEND_CAUSES, "what a refused message means"},
    {"send.meaning", NULL, "the same in words"},
    {"send.fix", NULL, "what to do about it"},

    {"recommended.found", YES_NO, "a tested configuration to recommend"},
    {"recommended.change", "none|encryption|port|both|server|unknown",
	"what is different in it from the app's setting"},
    {"recommended.host", NULL, "its server"},
    {"recommended.port", NULL, "its port"},
    {"recommended.security", "starttls|implicit-tls|none|unknown",
	"its encryption"},
    {"recommended.security_words", NULL, "its encryption in words"},
    {"recommended.auth", "oauth2|password|app-password|none|unknown",
	"its sign-in method"},
    {"recommended.auth_words", NULL, "its sign-in method in words"},
    {"recommended.username", NULL, "its user name"},
    {"timeout.seconds", NULL, "the connect time-out"},
    {NULL, NULL, NULL},
};

const struct fact_info *
engine_fact_info(const char *name)
{
	for (const struct fact_info *f = engine_facts_table; f->name; f++)
		if (str_eq(f->name, name))
			return f;
	return NULL;
}

bool
engine_fact_is_answer(const char *name)
{
	/* Families whose facts a user sets, and those of them that only the
	 * program sets. */
	static const char *const families[] = {
	    "account.", "app.", "network.", "message.", "consent.", NULL};
	static const char *const derived[] = {
	    "account.secret", "app.error_class", NULL};

	if (!engine_fact_info(name))
		return false;
	for (size_t i = 0; derived[i]; i++)
		if (str_eq(name, derived[i]))
			return false;
	for (size_t i = 0; families[i]; i++)
		if (str_starts(name, families[i]))
			return true;
	/* send.* is what became of a test message, but for its recipients. */
	return str_eq(name, "send.to") || str_eq(name, "send.types");
}
