"""What Exchange Online, Outlook.com and Gmail answer to AUTH, MAIL, RCPT and
the message, by way of the npm package smtp-server. The texts are those of
tests/playbooks/replies.yaml, which has one for every row of the fact sheet."""
import json, os, re, shutil, subprocess

from cases import Case
from mail import Daemon, Server

HERE = os.path.dirname(os.path.abspath(__file__))
TABLE = os.path.join(os.path.dirname(HERE), "playbooks", "replies.yaml")
CACHE = os.path.expanduser("~/.cache/smtpwiz-tests/npm")
PACKAGE = "smtp-server@3.21.6"
SECRET = "kW7-token-5f1c09be.Zq_81"
SOFTWARE = "smtp-server"

SERVERS = [
    Server("exchange-online", SOFTWARE, ports=(587,), host="smtp.office365.com", domain="contoso.example",
           mx="contoso-example.mail.protection.outlook.com"),
    Server("outlook-com", SOFTWARE, ports=(587,), host="smtp-mail.outlook.com", domain="outlook.com",
           mx="outlook-com.olc.protection.outlook.com"),
    Server("gmail", SOFTWARE, ports=(465, 587), host="smtp.gmail.com", domain="gmail.com",
           mx="gmail-smtp-in.l.google.com"),
    Server("workspace", SOFTWARE, ports=(), host="smtp.gmail.com", domain="fabrikam.example", mx="aspmx.l.google.com"),
]
BY_PROVIDER = {"microsoft-365": "exchange-online", "outlook-com": "outlook-com", "gmail": "gmail",
               "google-workspace": "workspace"}
# Where a reply comes whose line in the table does not say so.
STAGE = {"recipient-rejected": "rcpt", "relay-denied": "rcpt", "content-rejected": "content", "message-too-big": "mail",
         "mailbox-full": "content", "account-locked": "content", "wrong-encryption": "mail", "tls-too-old": "mail",
         "basic-auth-disabled": "auth", "app-password-required": "auth", "wrong-server": "rcpt"}
# Outlook.com is Exchange Online behind another name: it says these, too.
SHARED = ("535 5.7.3 ", "554 5.2.252", "550 5.1.90", "432 4.3.2 Concurrent", "421 4.3.2 Service not active",
          "550 5.1.10 ", "554 5.2.2 mailbox", "535 5.7.139 Authentication unsuccessful, the user account is locked")
LINE = re.compile(r'  - \{text: "((?:[^"\\]|\\.)*)"(?:, provider: ([\w-]+))?(?:, stage: (\w+))?, cause: ([\w-]+), '
                  r'who: (\w+)\}')
TOKEN = {"status": "400", "schemes": "Bearer", "scope": "https://mail.google.com/"}


def table():
    """The lines of the table as (provider, stage, text, cause, who). They are one line each."""
    out = []
    for line in open(TABLE):
        m = LINE.match(line)
        if line.startswith("  - ") and not m:
            raise ValueError(f"{TABLE}: cannot be read: {line}")
        if m and m[2] in BY_PROVIDER:
            out.append((m[2], m[3] or STAGE.get(m[4], "mail"), json.loads(f'"{m[1]}"'), m[4], m[5]))
    for provider, stage, text, cause, who in list(out):
        if provider == "microsoft-365" and text.startswith(SHARED):
            out.append(("outlook-com", stage, text, cause, who))
    return [line for line in out if line[1] in UNKNOWN and re.match(r"[45]\d\d[ -]", line[2])]


# What a refusal comes to of which no more is known than its class.
UNKNOWN = {"auth": "wrong-credentials", "mail": "sender-not-allowed", "rcpt": "recipient-rejected",
           "content": "content-rejected"}


def expected(text, stage, cause):
    """The message goes to its own sender: a full mailbox is the user's."""
    if cause == "recipient-rejected" and "over quota" in text:
        return "mailbox-full"
    return UNKNOWN[stage] if cause == "unknown" else cause


def replies():
    """User name -> server, stage, text, cause, who, kind of secret, JSON before it."""
    out = {}
    for number, (provider, stage, text, cause, who) in enumerate(table()):
        server = BY_PROVIDER[provider]
        # Outlook.com takes no passwords: with one, that alone is the cause.
        wants_token = stage != "auth" or (provider == "outlook-com" and cause != "basic-auth-disabled")
        kind = "token" if wants_token else "password"
        out[f"r{number}@{DOMAIN[server]}"] = dict(server=server, stage=stage, text=text, who=who, kind=kind,
                                                  cause=expected(text, stage, cause))
    bad = "535-5.7.8 Username and Password not accepted. For more information, go to\n" \
          "535 5.7.8 https://support.google.com/mail/?p=BadCredentials a1sm12 - gsmtp"
    for number, (status, cause) in enumerate((("400", "token-missing-scope"), ("401", "token-expired"))):
        out[f"t{number}@gmail.com"] = dict(server="gmail", stage="auth", text=bad, who="you", kind="token", cause=cause,
                                           challenge=dict(TOKEN, status=status))
    for server in ("exchange-online", "outlook-com", "gmail"):
        out[f"good@{DOMAIN[server]}"] = dict(server=server, stage="none", text="250 ok", who="you", kind="token",
                                             cause="works")
    return out


DOMAIN = {s.name: s.domain for s in SERVERS}
PROVIDER = {v: k for k, v in BY_PROVIDER.items()}
REPLIES = replies()


def case(user, r):
    shown = " ".join(r["text"].split())[:90]
    title = f"{r['server']}, {r['stage']}: {shown}"
    if r["stage"] == "none":
        title = f"{r['server']}: a message goes through"
    title += f" after {r['challenge']['status']}" if "challenge" in r else ""
    logged_in = r["stage"] != "auth"
    answers = {"account.email": user, "app.name": "thunderbird", "consent.login": "yes", "consent.send": "yes",
               "app.auth": "oauth2" if r["kind"] == "token" else "app-password" if r["server"] in ("gmail", "workspace")
               else "password"}
    return Case(title, r["server"], r["cause"], "any", answers=answers, secret=SECRET, kind=r["kind"],
                login="pass" if logged_in else "fail",
                send="skip" if not logged_in else "pass" if r["stage"] == "none" else "fail",
                said=r["text"][:3] if r["stage"] != "none" else "", fixed_by=(r["who"],),
                facts={"provider.id": PROVIDER[r["server"]]}, needs="network")


CASES = [case(user, r) for user, r in REPLIES.items()]


def missing():
    """None when the package is there; else why it is not. It is fetched where there is a network."""
    if not shutil.which("node"):
        return "no node here"
    if os.path.isdir(f"{CACHE}/node_modules/smtp-server"):
        return None
    if not shutil.which("npm"):
        return "no npm here"
    os.makedirs(CACHE, exist_ok=True)
    try:
        done = subprocess.run(["npm", "install", "--no-audit", "--no-fund", "--ignore-scripts", "--prefix", CACHE,
                               PACKAGE], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                              text=True, timeout=60)
    except subprocess.TimeoutExpired:
        return "npm does not answer"
    return None if done.returncode == 0 else f"npm: {(done.stdout.strip().splitlines() or ['failed'])[-1]}"


def start(temp, servers, chains, listens):
    """One process for all of them."""
    base = f"{temp}/{SOFTWARE}"
    os.mkdir(base)
    found = next((p for p in ("dist/cjs/smtp-connection.js", "lib/smtp-connection.js")
                  if os.path.exists(f"{CACHE}/node_modules/smtp-server/{p}")), None)
    if not found:
        raise RuntimeError("this smtp-server has no smtp-connection.js")
    plan = {"modules": f"{CACHE}/node_modules", "connection": found, "secret": SECRET, "replies": REPLIES,
            "listen": [{"address": a, "port": p, "secure": p == 465, "chain": chains[s.name],
                        "speaker": "google" if "gmail" in s.host else "microsoft"}
                       for s in servers for a in listens(s) for p in s.ports]}
    with open(f"{base}/plan.json", "w") as f:
        json.dump(plan, f)
    return Daemon(SOFTWARE, [shutil.which("node"), f"{HERE}/replies.js", f"{base}/plan.json"], f"{base}/log")
