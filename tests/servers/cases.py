"""What is tried: the servers, the mail program's settings, and what the
contract says must come out."""
import dataclasses

from mail import Server

NO_TLS = {"smtpd_tls_security_level": "none"}
NO_AUTH = {"smtpd_sasl_auth_enable": "no"}
AT_ONCE = {"smtpd_delay_reject": "no"}
OLD = {"smtpd_tls_protocols": ">=TLSv1, <=TLSv1.1", "smtpd_tls_mandatory_protocols": ">=TLSv1, <=TLSv1.1",
       "tls_medium_cipherlist": "ALL:@SECLEVEL=0", "smtpd_tls_ciphers": "medium"}


def sleeping(seconds):
    return dict(AT_ONCE, smtpd_client_restrictions=f"sleep {seconds}")


SERVERS = [
    Server("mx", host="mx.exim.example", ports=(25,)),
    Server("bakery"),
    Server("expired", cert="expired"),
    Server("wrongname", cert="wrong-name"),
    Server("selfsigned", cert="self-signed"),
    Server("unknownca", cert="unknown-ca"),
    Server("nochain", cert="no-intermediate"),
    Server("early", cert="not-yet-valid"),
    Server("stale", cert="expired-intermediate"),
    Server("dropped", filter={"4": [("587", "drop")]}),
    Server("prohibited", filter={"4": [("587", "reject with icmpx admin-prohibited")]}),
    Server("alldropped", filter={"4": [("25, 465, 587, 2525", "drop")]}),
    Server("down", ports=()),
    Server("only587", ports=(25, 587)),
    Server("plain", ports=(25, 587), on={"all": NO_TLS}),
    Server("noauth", on={"all": NO_AUTH}),
    Server("noauth587", on={587: NO_AUTH}),
    Server("clientcert", on={"all": {"smtpd_tls_req_ccert": "yes", "smtpd_tls_ask_ccert": "yes",
                                     "smtpd_tls_security_level": "encrypt"}}),
    Server("old", on={"all": OLD}),
    Server("slow", documented=True, on={465: sleeping(4), 587: sleeping(4)}),
    Server("silent", on={25: sleeping(60), 465: sleeping(60), 587: sleeping(60)}),
    Server("refusing", on={"all": dict(AT_ONCE, smtpd_client_restrictions="reject")}),
    Server("busy", on={"all": dict(AT_ONCE, smtpd_client_restrictions="defer")}),
    Server("strict", on={"all": {"smtpd_client_connection_count_limit": "1"}}),
    Server("ipv6", ipv6=True, documented=True),
    Server("ipv6dead", ipv6=True, filter={"6": [("25, 465, 587, 2525", "drop")]}),
    Server("exim", "exim", documented=True),
    Server("eximexpired", "exim", cert="expired"),
    Server("eximwrongname", "exim", cert="wrong-name"),
    Server("eximnochain", "exim", cert="no-intermediate"),
    Server("eximnocert", "exim", cert="missing"),
    Server("eximstrict", "exim", max_connections=4),
    Server("eximnoauth", "exim", auth=False),
]
TLS_465 = (465, "implicit-tls")
STARTTLS_587 = (587, "starttls")


@dataclasses.dataclass
class Case:
    title: str
    server: str
    cause: str
    recommended: tuple = None  # (port, security), or a list of those, any of which will do
    port: int = 587
    security: str = "starttls"
    auth: str = "password"
    host: str = None  # what the mail program is set to; the server's own name otherwise; "" for no settings at all
    facts: dict = dataclasses.field(default_factory=dict)  # more that the report must say
    clock: str = None  # libfaketime's offset
    system_resolver: bool = False
    needs: str = ""  # "network", "filter" or "ipv6": only with a network of our own
    seconds: float = 30
    quits: bool = False  # the server must have seen QUIT on every connection
    answers: dict = dataclasses.field(default_factory=dict)  # further ones, or other ones
    secret: str = None  # the password or token that is in a file
    secret_in: str = "file"  # or "env" or "command"
    kind: str = "password"  # or "token"
    login: str = "skip"  # what recommended.tested says of the sign-in
    send: str = "skip"
    auths: int = None  # AUTH commands that the server's log must tell of
    delivered: tuple = ()  # mailboxes in which the message must be
    messages: int = 1  # in the first of them
    bytes: int = 0  # about how big one of them must be
    said: str = ""  # how a line of verdict.server_said begins, after a recipient's address
    fixed_by: tuple = ("you", "admin", "provider", "network")


PASSES = [STARTTLS_587, TLS_465]  # both are documented
CASES = [
    Case("healthy, STARTTLS on 587", "bakery", "inconclusive", TLS_465, quits=True),
    Case("healthy, implicit TLS on 465", "bakery", "inconclusive", TLS_465, 465, "implicit-tls"),
    Case("healthy, by the system's own resolver", "bakery", "inconclusive", TLS_465, system_resolver=True, needs="network"),
    Case("healthy over both address families", "ipv6", "inconclusive", PASSES, needs="ipv6"),
    Case("Exim: healthy, STARTTLS on 587", "exim", "inconclusive", PASSES, quits=True),
    Case("Exim: healthy, implicit TLS on 465", "exim", "inconclusive", TLS_465, 465, "implicit-tls"),
    Case("one connection for each port is allowed", "strict", "inconclusive", TLS_465, quits=True),
    Case("Exim: four connections are allowed", "eximstrict", "inconclusive", TLS_465, quits=True),
    Case("Exim: no settings given, SRV records", "exim", "inconclusive", PASSES, host=""),
    Case("encryption chosen by the program", "bakery", "inconclusive", TLS_465, 587, "auto"),
    Case("certificate expired", "expired", "cert-expired"),
    Case("certificate expired, on 465", "expired", "cert-expired", None, 465, "implicit-tls"),
    Case("Exim: certificate expired", "eximexpired", "cert-expired"),
    Case("certificate for another name", "wrongname", "cert-name-mismatch"),
    Case("Exim: certificate for another name", "eximwrongname", "cert-name-mismatch"),
    Case("certificate self-signed", "selfsigned", "cert-self-signed"),
    Case("certificate from an unknown authority", "unknownca", "cert-untrusted"),
    Case("intermediate certificate missing", "nochain", "cert-chain-incomplete"),
    Case("Exim: intermediate certificate missing", "eximnochain", "cert-chain-incomplete"),
    Case("certificate not valid yet", "early", "cert-not-yet-valid"),
    Case("intermediate certificate expired", "stale", "cert-expired"),
    Case("port 587 dropped", "dropped", "port-blocked", TLS_465, needs="filter", seconds=6),
    Case("port 587 prohibited", "prohibited", "port-blocked", TLS_465, needs="filter"),
    Case("all ports dropped", "alldropped", "all-ports-blocked", needs="filter"),
    Case("all ports refused", "down", "server-down"),
    Case("port 465 refused, 587 passes", "only587", "wrong-port", STARTTLS_587, 465, "implicit-tls"),
    Case("port 25 without sign-in", "bakery", "wrong-port", TLS_465, 25),
    Case("implicit TLS chosen on 587", "bakery", "wrong-encryption", TLS_465, 587, "implicit-tls"),
    Case("STARTTLS chosen on 465", "bakery", "wrong-encryption", TLS_465, 465, "starttls"),
    Case("no encryption chosen on 587", "bakery", "wrong-encryption", TLS_465, 587, "none"),
    Case("Exim: implicit TLS chosen on 587", "exim", "wrong-encryption", PASSES, 587, "implicit-tls"),
    Case("Exim: STARTTLS chosen on 465", "exim", "wrong-encryption", PASSES, 465, "starttls"),
    Case("the server for incoming mail", "exim", "wrong-server", PASSES, host="mx.exim.example"),
    Case("host mistyped", "bakery", "host-not-found", TLS_465, host="smpt.bakery.example",
         facts={"dns.near_host": "smtp.bakery.example"}),
    Case("our clock is 1000 days behind", "bakery", "clock-wrong", clock="-1000d"),
    Case("Exim: our clock is 1000 days behind", "exim", "clock-wrong", clock="-1000d"),
    Case("Exim: our clock is 400 days ahead", "exim", "clock-wrong", clock="+400d"),
    Case("STARTTLS not offered", "plain", "starttls-missing"),
    Case("sign-in not offered", "noauth", "auth-not-offered"),
    Case("Exim: sign-in not offered", "eximnoauth", "auth-not-offered"),
    Case("sign-in not offered on 587 alone", "noauth587", "wrong-port", TLS_465),
    Case("no sign-in chosen", "bakery", "wrong-auth-method", TLS_465, auth="none"),
    Case("client certificate wanted", "clientcert", "client-cert-required"),
    Case("only TLS 1.0 and 1.1", "old", "tls-too-old"),
    Case("greeting after 4 seconds", "slow", "inconclusive", PASSES),
    Case("no greeting", "silent", "server-silent", seconds=45),
    Case("554 in place of a greeting", "refusing", "service-refused"),
    Case("450 in place of a greeting", "busy", "server-busy"),
    Case("Exim: STARTTLS answered with 454", "eximnocert", "tls-handshake-failed"),
    Case("IPv6 dropped, IPv4 passes", "ipv6dead", "ipv6-broken", TLS_465, needs="ipv6"),
]

# Blame of the causes above, from the contract.
BLAME = {
    "inconclusive": "none", "cert-expired": "server", "cert-name-mismatch": "server", "cert-self-signed": "server",
    "cert-untrusted": "server", "cert-chain-incomplete": "server", "port-blocked": "network",
    "all-ports-blocked": "network", "server-down": "server", "wrong-port": "client", "wrong-encryption": "client",
    "host-not-found": "client", "clock-wrong": "client", "starttls-missing": "server", "auth-not-offered": "server",
    "wrong-auth-method": "client", "client-cert-required": "policy", "tls-too-old": "server", "server-silent": "server",
    "service-refused": "server", "server-busy": "server", "cert-not-yet-valid": "server", "wrong-server": "client",
    "tls-handshake-failed": "server", "ipv6-broken": "network", "works": "none", "profile-rebuild": "client",
    "wrong-credentials": "account", "basic-auth-disabled": "policy", "app-password-required": "account",
    "smtp-auth-disabled": "policy", "login-policy": "policy", "account-locked": "account", "token-expired": "account",
    "token-wrong-audience": "account", "token-missing-scope": "account", "login-rate-limited": "policy",
    "mailbox-full": "account", "sender-not-allowed": "policy", "recipient-rejected": "policy",
    "helo-rejected": "client", "relay-denied": "client", "message-too-big": "policy", "transfer-cut": "network",
    "greylisted": "server", "sending-limit": "policy", "content-rejected": "policy", "ip-blocklisted": "policy",
}
