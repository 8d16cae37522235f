"""Certificates made on the spot: a root that the tests trust, its
intermediate, another root that nobody trusts, and one leaf per server."""
import os, subprocess, time

CONFIG = """[ca]
default_ca = here
[here]
dir = %(dir)s
database = $dir/index.txt
new_certs_dir = $dir
rand_serial = yes
default_md = sha256
default_days = 90
policy = any
copy_extensions = copy
unique_subject = no
[any]
commonName = supplied
[req]
distinguished_name = name
prompt = no
[name]
[intermediate]
basicConstraints = critical, CA:true
keyUsage = critical, keyCertSign, cRLSign
subjectKeyIdentifier = hash
[leaf]
basicConstraints = CA:false
keyUsage = digitalSignature
extendedKeyUsage = serverAuth
subjectKeyIdentifier = hash
authorityKeyIdentifier = keyid
"""
DAY = 86400


def openssl(*argv):
    done = subprocess.run(["openssl", *argv], stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                          stdin=subprocess.DEVNULL, text=True)
    if done.returncode:
        raise RuntimeError(f"openssl {' '.join(argv)}:\n{done.stdout}")


def stamp(days):
    return time.strftime("%Y%m%d%H%M%SZ", time.gmtime(time.time() + days * DAY))


class Authority:
    def __init__(self, folder, name):
        self.dir = f"{folder}/{name}"
        os.mkdir(self.dir)
        self.config = f"{self.dir}/ca.cnf"
        open(self.config, "w").write(CONFIG % {"dir": self.dir})
        open(f"{self.dir}/index.txt", "w")
        self.sign("root", f"{name} root", "intermediate", -100, 3000, selfsign=True)
        self.sign("middle", f"{name} intermediate", "intermediate", -90, 2000)
        self.sign("stale", f"{name} old intermediate", "intermediate", -90, -3)

    def path(self, name):
        return f"{self.dir}/{name}.pem"

    def sign(self, name, cn, extensions, start, end, by="root", names=(), selfsign=False):
        openssl("req", "-new", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-noenc", "-keyout",
                f"{self.dir}/{name}.key", "-out", f"{self.dir}/{name}.csr", "-config", self.config, "-subj", f"/CN={cn}",
                *(["-addext", "subjectAltName=" + ",".join(f"DNS:{n}" for n in names)] if names else []))
        signer = ["-selfsign"] if selfsign else ["-cert", self.path(by)]
        openssl("ca", "-batch", "-notext", "-config", self.config, "-extensions", extensions, "-startdate", stamp(start),
                "-enddate", stamp(end), "-in", f"{self.dir}/{name}.csr", "-out", self.path(name), "-keyfile",
                f"{self.dir}/{name if selfsign else by}.key", *signer)


def read(path):
    return open(path).read()


class Store:
    """chain(kind, host) is a PEM file: the key, the leaf, what follows it."""

    def __init__(self, folder):
        self.dir = f"{folder}/certs"
        os.mkdir(self.dir)
        self.good = Authority(self.dir, "Test")
        self.other = Authority(self.dir, "Unheard-of")
        self.root = self.good.path("root")

    def chain(self, kind, host):
        by = self.other if kind == "unknown-ca" else self.good
        names = {"wrong-name": ["www.other.example"]}.get(kind, [host])
        start, end = {"expired": (-60, -3), "not-yet-valid": (3, 60)}.get(kind, (-30, 60))
        middle = "stale" if kind == "expired-intermediate" else "middle"
        if kind == "self-signed":
            by.sign(host, host, "leaf", start, end, names=names, selfsign=True)
        else:
            by.sign(host, host, "leaf", start, end, by=middle, names=names)
        follows = [] if kind in ("self-signed", "no-intermediate") else [by.path(middle)]
        path = f"{self.dir}/{host}.pem"
        with open(path, "w") as f:
            os.fchmod(f.fileno(), 0o644)
            for part in [f"{by.dir}/{host}.key", by.path(host)] + follows:
                f.write(read(part))
        return path
