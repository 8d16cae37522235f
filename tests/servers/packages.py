"""Real mail servers without touching this machine's own.

Debian's packages of Postfix and Exim exclude each other, and installing
either one starts a service. So what is missing is fetched with apt-get,
unpacked into a cache folder and laid over /usr, seen by the tests alone.
Where that cannot be done, Postfix and Dovecot are installed the usual way.
"""
import fcntl, glob, hashlib, os, re, shutil, subprocess, tempfile

CACHE = os.path.expanduser("~/.cache/smtpwiz-tests/servers")
WANTED = {"postfix": "postfix", "dovecot": "dovecot-core", "exim4": "exim4-daemon-light", "faketime": "faketime",
          "ip": "iproute2", "nft": "nftables", "openssl": "openssl"}
SBIN = ":/usr/local/sbin:/usr/sbin:/sbin"
POLICY = "/usr/sbin/policy-rc.d"


class Missing(Exception):
    pass


def call(argv, **more):
    done = subprocess.run(argv, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL, text=True,
                          env=dict(os.environ, LC_ALL="C", DEBIAN_FRONTEND="noninteractive"), **more)
    if done.returncode:
        raise Missing(f"{' '.join(argv[:3])}: {(done.stdout.strip().splitlines() or ['failed'])[-1]}")
    return done.stdout


def absent(programs=WANTED):
    return [p for p in programs if not shutil.which(p, path=os.environ.get("PATH", "") + SBIN)]


def with_needs(package):
    """The package and what it needs that is not installed yet."""
    text = call(["apt-get", "install", "-s", "--no-install-recommends", package])
    return re.findall(r"^Inst (\S+)", text, re.M)


def fetch(packages, folder):
    names = sorted({n for p in packages for n in with_needs(p)})
    print(f"# fetching, not installing: {' '.join(names)}", flush=True)
    call(["apt-get", "download"] + names, cwd=folder)
    for deb in glob.glob(f"{folder}/*.deb"):
        call(["dpkg", "-x", deb, folder])
        os.remove(deb)
    for old in ("bin", "sbin", "lib", "lib64"):
        if os.path.isdir(f"{folder}/{old}"):
            shutil.copytree(f"{folder}/{old}", f"{folder}/usr/{old}", symlinks=True, dirs_exist_ok=True)


def system():
    """Changes when the machine's release does: the cache is made anew then."""
    try:
        return open("/etc/os-release").read()
    except OSError:
        return ""


def unpacked():
    """The folder to lay over /usr, or None when nothing is missing."""
    packages = [WANTED[p] for p in absent()]
    if not packages:
        return None
    made_for = hashlib.sha256((" ".join(packages) + system()).encode()).hexdigest()[:12]
    folder = f"{CACHE}/{made_for}"
    os.makedirs(CACHE, exist_ok=True)
    with open(f"{CACHE}/lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not os.path.isdir(folder):
            make(packages, folder)
    return f"{folder}/usr"


def make(packages, folder):
    if not shutil.which("apt-get"):
        raise Missing(f"{' '.join(packages)} not installed, and no apt-get here")
    new = tempfile.mkdtemp(dir=CACHE)
    try:
        os.chmod(new, 0o755)
        try:
            fetch(packages, new)
        except Missing:
            call(["apt-get", "update"])
            fetch(packages, new)
        os.rename(new, folder)
    finally:
        shutil.rmtree(new, ignore_errors=True)


def installed():
    """Postfix and Dovecot by the package manager; nothing is started, and
    nothing that is installed gives way."""
    packages = [WANTED[p] for p in absent(["postfix", "dovecot", "openssl", "faketime"])]
    if not packages:
        return
    if not shutil.which("apt-get"):
        raise Missing(f"{' '.join(packages)} not installed, and no apt-get here")
    print(f"# installing, with no service started: {' '.join(packages)}", flush=True)
    kept = POLICY + ".smtpwiz-kept"
    if os.path.exists(POLICY):
        os.rename(POLICY, kept)
    try:
        with open(POLICY, "w") as f:
            f.write("#!/bin/sh\nexit 101\n")
        os.chmod(POLICY, 0o755)
        if shutil.which("debconf-set-selections"):
            subprocess.run(["debconf-set-selections"], text=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                           input="postfix postfix/main_mailer_type select No configuration\n")
        install = ["apt-get", "install", "-y", "--no-install-recommends", "--no-remove"] + packages
        try:
            call(install)
        except Missing:
            call(["apt-get", "update"])
            call(install)
        if os.path.isdir("/run/systemd/system"):
            subprocess.run(["systemctl", "disable", "postfix", "dovecot"], stdout=subprocess.DEVNULL,
                           stderr=subprocess.DEVNULL)
    finally:
        os.remove(POLICY)
        if os.path.exists(kept):
            os.rename(kept, POLICY)
