"""Signing in and sending, with consent: what is tried at Postfix with
Dovecot and at Exim, and whether what arrives is what was sent."""
import email, email.policy, email.utils, glob, mailbox, os, re, time

from cases import Case, STARTTLS_587, TLS_465
from mail import PASSWORD, Server

SUBMITS = (25, 465, 587)


def owner_map(domain):
    return f"inline:{{ anna@{domain}=anna@{domain}, boss@{domain}=boss@{domain} }}"


SERVERS = [
    Server("mailer"),
    Server("again"),
    Server("wrongpass"),
    Server("noconsent"),
    Server("nosend"),
    Server("owner", on={"all": {"smtpd_sender_login_maps": owner_map("owner.example"),
                                "smtpd_sender_restrictions": "reject_sender_login_mismatch"}}),
    Server("closed", on={"all": {"smtpd_relay_restrictions": "reject_unauth_destination"}}),
    Server("small", on={"all": {"message_size_limit": "30000"}}),
    Server("grey", on={"all": {"smtpd_recipient_restrictions": "check_recipient_access "
                               "static:{450 4.2.0 Greylisted, see http://postgrey.example/help}, permit"}}),
    Server("eximmail", "exim"),
    Server("eximpass", "exim"),
    Server("eximsmall", "exim", habit="small"),
    Server("eximgrey", "exim", habit="grey"),
    Server("eximclosed", "exim", habit="closed"),
]


def case(title, server, cause, login="pass", send="pass", **more):
    """A case with consent to both, and sign-ins counted in the server's log."""
    more = dict({"port": 465, "security": "implicit-tls"}, **more)
    answers = dict({"consent.login": "yes", "consent.send": "yes"}, **more.pop("answers", {}))
    more.setdefault("secret", PASSWORD)
    return Case(title, server, cause, more.pop("recommended", TLS_465), answers=answers, login=login, send=send, **more)


def user(server, name):
    return f"{name}@{server}.example"


def pair(software, prefix, names):
    """What both servers must do the same way."""
    good, bad, small, grey, closed = names
    return [
        case(f"{prefix}signs in and sends to oneself", good, "works", delivered=("anna",)),
        case(f"{prefix}sends to oneself and to a second address", good, "works", delivered=("anna", "ben"),
             answers={"send.to": user(good, "ben")}),
        case(f"{prefix}sends 300000 bytes", good, "works", delivered=("anna",), messages=2, bytes=300000,
             answers={"message.size": "300000"}),
        case(f"{prefix}sends other kinds of messages", good, "works", delivered=("anna",), messages=3,
             answers={"send.types": "yes"}, seconds=40),
        case(f"{prefix}wrong password, tried once", bad, "wrong-credentials", "fail", "skip", auths=1,
             secret="Brot-9d41c7e2-wrong"),
        case(f"{prefix}unknown recipient", good, "recipient-rejected", send="fail",
             answers={"send.to": user(good, "nobody")}, said="550"),
        case(f"{prefix}message too big", small, "message-too-big", send="fail",
             answers={"message.size": "60000"}, delivered=("anna",)),
        case(f"{prefix}greylisted", grey, "greylisted", send="fail", said="45"),
        case(f"{prefix}relay denied", closed, "relay-denied", send="fail",
             answers={"send.to": "carl@elsewhere.example"}, said="55"),
    ]


CASES = pair("postfix", "", ("mailer", "wrongpass", "small", "grey", "closed")) + [
    case("the password from the environment", "again", "works", delivered=("anna",), secret_in="env"),
    case("the password from a command", "again", "works", delivered=("anna",), secret_in="command"),
    case("STARTTLS on 587, and that is what is recommended then", "again", "works", delivered=("anna",),
         recommended=STARTTLS_587, port=587, security="starttls"),
    case("sender that is somebody else's", "owner", "sender-not-allowed", send="fail", said="553",
         answers={"account.email": user("owner", "boss"), "account.username": user("owner", "anna")}),
    case("still fails with settings that work", "again", "profile-rebuild", delivered=("anna",),
         answers={"app.still_fails": "yes"}),
    case("no consent, no sign-in", "noconsent", "inconclusive", "skip", "skip", auths=0,
         answers={"consent.login": "no", "consent.send": "no"}),
    case("consent to the sign-in alone", "nosend", "works", "pass", "skip", auths=1, answers={"consent.send": "no"}),
] + pair("exim", "Exim: ", ("eximmail", "eximpass", "eximsmall", "eximgrey", "eximclosed"))


def auths(log):
    """AUTH commands that reached the server, from its own log."""
    sums = [re.search(r" auth=(?:\d+/)?(\d+)", line) for line in log.splitlines() if "disconnect from" in line]
    exim = [line for line in log.splitlines() if "authenticator failed" in line]
    return sum(int(m[1]) for m in sums if m) + len(exim)


def messages(base, domain, name):
    """Every message in the mailbox, whether Maildir or mbox."""
    path = f"{base}/mail/{domain}/{name}"
    if os.path.isdir(path):
        return [open(f, "rb").read() for f in glob.glob(f"{path}/new/*")]
    if os.path.isfile(path):
        return [bytes(m) for m in mailbox.mbox(path, create=False)]
    return []


def arrived(base, case, server, started, ids):
    """What is wrong with what arrived; ids are the messages' own, as the case file has them."""
    wrong = []
    for name in case.delivered:
        wanted, found, end = case.messages if name == case.delivered[0] else 1, [], time.monotonic() + 10
        while len(found) < wanted and time.monotonic() < end:
            time.sleep(0.1 if found else 0)
            box = [email.message_from_bytes(raw, policy=email.policy.default)
                   for raw in messages(base, server.domain, name)]
            found = [m for m in box if str(m["Message-ID"]).strip() in ids]
        if len(found) != wanted or len({m["Message-ID"] for m in found}) != wanted:
            wrong.append(f"{name}'s mailbox has {len(found)} messages of this test, not {wanted}")
        for m in found:
            who = f"anna@{server.domain}", f"{name}@{server.domain}"
            wrong += [f"{name}: {fault}" for fault in faults(m, *who, started)]
        if case.bytes and not any(case.bytes * 0.9 < len(bytes(m)) < case.bytes * 1.1 + 2000 for m in found):
            wrong.append(f"{name} has no message of about {case.bytes} bytes")
        if case.answers.get("send.types") == "yes" and not {"multipart/alternative", "multipart/mixed"} <= {
                m.get_content_type() for m in found}:
            wrong.append(f"{name} has only {[m.get_content_type() for m in found]}")
    return wrong


def faults(m, sender, to, started):
    out = []
    for key, wanted in (("From", sender), ("To", to), ("MIME-Version", "1.0")):
        values = [str(v) for v in m.get_all(key, [])]
        if len(values) != 1 or wanted not in values[0]:
            out.append(f"{key} is {values}, not {wanted}")
    for key in ("Date", "Message-ID", "Subject"):
        if len(m.get_all(key, [])) != 1:
            out.append(f"{key} is there {len(m.get_all(key, []))} times")
    date = email.utils.parsedate_to_datetime(str(m["Date"]))
    if not started - 2 <= date.timestamp() <= time.time() + 2:
        out.append(f"Date is {m['Date']}")
    if not re.fullmatch(r"<[^<>@\s]{8,}@[^<>@\s]+>", str(m["Message-ID"]).strip()):
        out.append(f"Message-ID is {m['Message-ID']}")
    if m["Bcc"] or m["X-Originating-IP"]:
        out.append("a header too many")
    for part in m.walk():
        out += [f"{part.get_content_type()}: {d!r}" for d in part.defects]
        out += [f"{k}: {d!r}" for k, v in part.items() if k not in ("Received",) for d in getattr(v, "defects", [])]
    body = m.get_body(("plain",))
    if body is None or "This is a test message" not in body.get_content():
        out.append("its text does not say that it is a test message")
    if PASSWORD in str(m):
        out.append("the password stands in the message")
    return out
