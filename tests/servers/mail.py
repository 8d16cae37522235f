"""Postfix with Dovecot SASL, and Exim, each one process tree that plays many
servers: every address has its own certificate, ports and habits."""
import ctypes, dataclasses, grp, os, pwd, shutil, signal, socket, subprocess, time

from packages import SBIN

PATH = os.environ.get("PATH", "") + SBIN
USERS = ["postfix", "dovecot", "dovenull", "Debian-exim"]
GROUPS = USERS + ["postdrop"]
# Nothing that is written for a person contains it by chance.
PASSWORD = "Brot-9d41c7e2-b4ck"
MAILBOXES = ("anna", "ben")


@dataclasses.dataclass
class Server:
    name: str  # its domain is NAME.example, its host smtp.NAME.example
    software: str = "postfix"
    cert: str = "good"
    ports: tuple = (25, 465, 587)
    on: dict = dataclasses.field(default_factory=dict)  # port, or "all" -> Postfix settings
    filter: dict = dataclasses.field(default_factory=dict)  # "4"/"6" -> [(ports, nft verdict)]
    auth: bool = True  # Exim: AUTH is offered
    ipv6: bool = False
    documented: bool = False  # by SRV records
    max_connections: int = 0  # Exim: from one client at once; 0 is no limit
    habit: str = ""  # Exim: "grey", "small" or "closed": what it does with a message
    host: str = ""
    domain: str = ""
    mx: str = ""
    number: int = 0

    def __post_init__(self):
        self.domain = self.domain or f"{self.name}.example"
        self.host = self.host or f"smtp.{self.domain}"
        self.mx = self.mx or f"mx.{self.domain}"

    @property
    def address(self):
        return f"192.0.2.{self.number}"

    @property
    def address6(self):
        return f"2001:db8::{self.number}"


def which(*programs):
    return next((p for p in (shutil.which(p, path=PATH) for p in programs) if p), None)


def add_users(passwd, group):
    """Those that the servers want and this machine lacks, as file text."""
    people, groups = open("/etc/passwd").read(), open("/etc/group").read()
    gids = {}
    for i, name in enumerate(GROUPS):
        try:
            gids[name] = grp.getgrnam(name).gr_gid
        except KeyError:
            gids[name] = 64100 + i
            groups += f"{name}:x:{gids[name]}:\n"
    for i, name in enumerate(USERS):
        try:
            pwd.getpwnam(name)
        except KeyError:
            people += f"{name}:x:{64100 + i}:{gids[name]}::/nonexistent:/usr/sbin/nologin\n"
    open(passwd, "w").write(people)
    open(group, "w").write(groups)


def end_with_parent():
    ctypes.CDLL(None).prctl(1, signal.SIGTERM)


class Daemon:
    """A server program in the foreground."""

    def __init__(self, name, argv, log, env=None):
        self.name, self.log = name, log
        self.output = f"{os.path.dirname(log)}/{name}.out"
        self.process = subprocess.Popen(argv, stdin=subprocess.DEVNULL, stdout=open(self.output, "w"),
                                        stderr=subprocess.STDOUT, env=dict(os.environ, PATH=PATH, **(env or {})),
                                        start_new_session=True, preexec_fn=end_with_parent)

    def wait_for(self, address, port, seconds=15):
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            if self.process.poll() is not None:
                break
            try:
                socket.create_connection((address, port), 1).close()
                return
            except OSError:
                time.sleep(0.1)
        raise RuntimeError(f"{self.name} does not listen on {address}:{port}\n{self.tail()}")

    def tail(self, *words, lines=30):
        text = ""
        for path in (self.output, self.log):
            if os.path.exists(path):
                text += open(path, errors="replace").read()
        wanted = [line for line in text.splitlines() if not words or any(w in line for w in words)]
        return "\n".join(wanted[-lines:])

    def stop(self):
        for sign in (signal.SIGTERM, signal.SIGKILL):
            try:
                os.killpg(self.process.pid, sign)
                self.process.wait(5)
            except (ProcessLookupError, subprocess.TimeoutExpired):
                pass


def dovecot(temp, queue, servers):
    """Only its SASL service, for Postfix."""
    base = f"{temp}/dovecot"
    os.mkdir(base)
    with open(f"{base}/users", "w") as f:
        f.writelines(f"anna@{s.domain}:{{PLAIN}}{PASSWORD}\n" for s in servers)
    owner = pwd.getpwnam("postfix").pw_name
    open(f"{base}/dovecot.conf", "w").write(f"""protocols =
listen = 127.0.0.1
ssl = no
base_dir = {base}/run
state_dir = {base}/state
log_path = {base}/log
auth_mechanisms = plain login
passdb {{
  driver = passwd-file
  args = {base}/users
}}
userdb {{
  driver = static
  args = uid=nobody gid=nogroup home=/nonexistent
}}
service auth {{
  unix_listener {queue}/private/auth {{
    mode = 0660
    user = {owner}
    group = {owner}
  }}
}}
""")
    daemon = Daemon("dovecot", [which("dovecot") or "dovecot", "-F", "-c", f"{base}/dovecot.conf"], f"{base}/log")
    end = time.monotonic() + 15
    while not os.path.exists(f"{queue}/private/auth"):
        if time.monotonic() > end or daemon.process.poll() is not None:
            raise RuntimeError("dovecot does not start\n" + daemon.tail())
        time.sleep(0.1)
    return daemon


POSTFIX_MAIN = """compatibility_level = 3.6
queue_directory = {queue}
data_directory = {base}/data
daemon_directory = {daemons}
mail_owner = postfix
setgid_group = postdrop
maillog_file = {base}/log
maillog_file_prefixes = {base}
myhostname = mail.bakery.example
mydestination = mail.bakery.example
mynetworks =
inet_interfaces = all
inet_protocols = all
alias_maps =
alias_database =
local_recipient_maps =
smtpd_peername_lookup = no
smtpd_relay_restrictions = permit_sasl_authenticated, reject
smtpd_sasl_type = dovecot
smtpd_sasl_path = private/auth
smtpd_tls_loglevel = 1
smtpd_tls_security_level = may
smtpd_tls_auth_only = yes
smtpd_tls_CAfile = {root}
virtual_mailbox_domains = {domains}
virtual_mailbox_maps = inline:{{ {mailboxes} }}
virtual_mailbox_base = {base}/mail
virtual_uid_maps = static:{uid}
virtual_gid_maps = static:{uid}
virtual_minimum_uid = 1
"""
POSTFIX_SERVICES = """postlog unix-dgram n - n - 1 postlogd
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
virtual unix - n n - - virtual
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
error unix - - n - - error
retry unix - - n - - error
tlsmgr unix - - n 1000? 1 tlsmgr
anvil unix - - n - 1 anvil
rewrite unix - - n - - trivial-rewrite
proxymap unix - - n - - proxymap
"""
QUEUES = "active bounce corrupt defer deferred flush hold incoming private maildrop public pid saved trace".split()


def postfix_service(server, port, listen, chain):
    settings = {"syslog_name": f"postfix/{server.name}/{port}", "smtpd_tls_chain_files": chain,
                "smtpd_sasl_auth_enable": "no" if port == 25 else "yes", "myhostname": server.host}
    if port == 465:
        settings["smtpd_tls_wrappermode"] = "yes"
    settings.update(server.on.get("all", {}))
    settings.update(server.on.get(port, {}))
    lines = [f"{listen}:{port} inet n - n - - smtpd"]
    return "\n".join(lines + [f"  -o {{ {k} = {v} }}" for k, v in settings.items()]) + "\n"


def postfix(temp, servers, chains, root, listens):
    """listens(server) are the addresses to listen on."""
    base = f"{temp}/postfix"
    queue = f"{base}/queue"
    for folder in [base, f"{base}/conf", queue, f"{base}/data"] + [f"{queue}/{q}" for q in QUEUES]:
        os.mkdir(folder)
        if folder not in (base, f"{base}/conf", queue, f"{queue}/pid"):
            shutil.chown(folder, "postfix")
    daemons = next(d for d in ("/usr/lib/postfix/sbin", "/usr/libexec/postfix", "/usr/lib/postfix")
                   if os.path.exists(f"{d}/master") or d == "/usr/lib/postfix")
    os.mkdir(f"{base}/mail")
    shutil.chown(f"{base}/mail", "postfix")
    boxes = [f"{{ {b}@{s.domain} = {s.domain}/{b}/ }}" for s in servers for b in MAILBOXES]
    open(f"{base}/conf/main.cf", "w").write(POSTFIX_MAIN.format(
        queue=queue, base=base, daemons=daemons, root=root, domains=", ".join(s.domain for s in servers),
        mailboxes=", ".join(boxes), uid=pwd.getpwnam("postfix").pw_uid))
    with open(f"{base}/conf/master.cf", "w") as f:
        f.write(POSTFIX_SERVICES)
        for s in servers:
            for listen in listens(s):
                for port in s.ports:
                    f.write(postfix_service(s, port, f"[{listen}]" if ":" in listen else listen, chains[s.name]))
    sasl = dovecot(temp, queue, servers)
    # Without -i and -s, master stays in the foreground.
    daemon = Daemon("postfix", [f"{daemons}/master", "-d", "-c", f"{base}/conf"], f"{base}/log")
    return [daemon, sasl]


EXIM = """exim_path = {exim}
spool_directory = {base}/spool
log_file_path = {base}/%slog
pid_file_path = {base}/pid
primary_hostname = mail.bakery.example
smtp_active_hostname = ${{extract{{$received_ip_address}}{{{hosts}}}}}
local_interfaces = <; {listens}
daemon_smtp_ports = 25 : 465 : 587
tls_on_connect_ports = 465
tls_advertise_hosts = *
tls_certificate = {base}/certs/$received_ip_address
tls_privatekey = {base}/certs/$received_ip_address
auth_advertise_hosts = ${{if or{{{{eq{{$received_port}}{{25}}}}{{!def:tls_in_cipher}}{no_auth}}}{{}}{{*}}}}
smtp_accept_max_per_host = ${{extract{{$received_ip_address}}{{{limits}}}{{$value}}{{0}}}}
keep_environment =
host_lookup =
rfc1413_hosts =
rfc1413_query_timeout = 0s
deliver_drop_privilege = yes
exim_user = Debian-exim
domainlist local_domains = {domains}
message_size_limit = ${{if inlist{{$received_ip_address}}{{{small}}}{{20K}}{{20M}}}}
acl_smtp_rcpt = rcpt
log_selector = +incoming_interface +smtp_connection +smtp_no_mail +tls_cipher
begin acl
rcpt:
  deny message = relay not permitted
       !authenticated = *
  defer message = 4.7.1 Greylisted, please try again in a few minutes
        condition = ${{if inlist{{$received_ip_address}}{{{grey}}}}}
  deny message = relay not permitted
       condition = ${{if inlist{{$received_ip_address}}{{{closed}}}}}
  deny message = relay not permitted
       !domains = +local_domains
  deny message = Unrouteable address
       !local_parts = {boxes}
  accept
begin routers
here:
  driver = accept
  domains = +local_domains
  local_parts = {boxes}
  transport = mailbox
begin transports
mailbox:
  driver = appendfile
  file = {base}/mail/$domain_data/$local_part_data
  user = Debian-exim
  create_file = anywhere
  envelope_to_add
  return_path_add
begin authenticators
plain:
  driver = plaintext
  public_name = PLAIN
  server_prompts = :
  server_condition = ${{if and{{{{match{{$auth2}}{{^anna@}}}}{{eq{{$auth3}}{{{password}}}}}}}}}
  server_set_id = $auth2
login:
  driver = plaintext
  public_name = LOGIN
  server_prompts = Username:: : Password::
  server_condition = ${{if and{{{{match{{$auth1}}{{^anna@}}}}{{eq{{$auth2}}{{{password}}}}}}}}}
  server_set_id = $auth1
"""


def exim(temp, servers, chains, listens):
    base = f"{temp}/exim"
    for folder in (base, f"{base}/spool", f"{base}/certs", f"{base}/mail"):
        os.mkdir(folder)
        shutil.chown(folder, "Debian-exim", "Debian-exim")
    every = [(s, a) for s in servers for a in listens(s)]
    for s, a in every:
        if s.cert != "missing":
            shutil.copy(chains[s.name], f"{base}/certs/{a}")
    no_auth = "".join(f"{{eq{{$received_ip_address}}{{{a}}}}}" for s, a in every if not s.auth)
    binary = which("exim4", "exim")
    habit = {h: ":".join(a.replace(":", "::") for s, a in every if s.habit == h) for h in ("grey", "small", "closed")}
    open(f"{base}/conf", "w").write(EXIM.format(
        **habit, boxes=":".join(MAILBOXES), password=PASSWORD, domains=":".join(s.domain for s in servers),
        base=base, exim=binary, listens=";".join(a for s, a in every), no_auth=no_auth,
        hosts=" ".join(f"{a}={s.host}" for s, a in every),
        limits=" ".join(f"{a}={s.max_connections}" for s, a in every if s.max_connections)))
    return Daemon("exim", [binary, "-C", f"{base}/conf", "-bdf"], f"{base}/mainlog")


def run(*argv, text=None):
    done = subprocess.run(argv, input=text, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                          env=dict(os.environ, PATH=PATH))
    if done.returncode:
        raise RuntimeError(f"{' '.join(argv)}: {done.stdout}")


def network(servers):
    """The own network: every server's address lives on it, nothing else.
    Returns what it lacks, by the name that cases use, and why."""
    lacks = {}
    device = interface()
    for s in servers:
        run("ip", "address", "add", f"{s.address}/24", "dev", device)
    try:
        for s in servers:
            if s.ipv6:
                run("ip", "address", "add", f"{s.address6}/64", "dev", device, "nodad")
    except RuntimeError as e:
        lacks["ipv6"] = f"no IPv6 here: {e}"
    run("ip", "route", "add", "default", "dev", device)
    try:
        run("nft", "-f", "-", text=rules([s for s in servers if "6" not in s.filter or "ipv6" not in lacks]))
    except (RuntimeError, OSError) as e:
        lacks["filter"] = f"no nftables here: {' '.join(str(e).split())}"
        lacks.setdefault("ipv6", lacks["filter"])
    return lacks


def interface():
    """One that is up; a module for it may be missing, the loopback never is."""
    run("ip", "link", "set", "lo", "up")
    for kind in (["dummy"], ["veth", "peer", "name", "other0"], ["bridge"]):
        try:
            run("ip", "link", "add", "test0", "type", *kind)
            run("ip", "link", "set", "test0", "up")
            if "other0" in kind:
                run("ip", "link", "set", "other0", "up")
            return "test0"
        except RuntimeError:
            continue
    return "lo"


def rules(servers):
    lines = []
    for s in servers:
        for family, entries in s.filter.items():
            to = f"ip6 daddr {s.address6}" if family == "6" else f"ip daddr {s.address}"
            lines += [f"{to} tcp dport {{ {ports} }} {verdict}" for ports, verdict in entries]
    return "table inet test { chain input {\ntype filter hook input priority 0;\n" + "\n".join(lines) + "\n}\n}\n"
