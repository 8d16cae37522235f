# SPDX-License-Identifier: ISC
"""A mail server that keeps what it is told, so that a test knows what was
really sent: implicit TLS, a user, and nothing that smtpwiz could know of."""
import base64, os, socket, ssl, subprocess, sys, threading

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(os.path.dirname(HERE), "servers"))
import certs

HOST, ADDRESS, PORT, USER = "smtp.bakery.example", "192.0.2.10", 465, "anna@bakery.example"
SCENARIO = f"""title: Names for a server of the test's own
cause: inconclusive
topic: sign-in
story: The server behind these names is outside of the lab.
names:
  bakery.example: {{mx: [10 {HOST}]}}
  {HOST}: {{a: [{ADDRESS}]}}
ports: {{}}
"""


class Witness:
    """auths holds (mechanism, decoded argument) of every AUTH; messages what came in DATA."""

    def __init__(self, folder, password=None, token=None):
        self.password, self.token = password, token
        self.auths, self.messages, self.connections = [], [], 0
        store = certs.Store(folder)
        self.root = store.root
        self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.context.load_cert_chain(store.chain("good", HOST))
        self.socket = socket.create_server(("127.0.0.1", 0))
        threading.Thread(target=self.listen, daemon=True).start()

    def listen(self):
        while True:
            connection, _ = self.socket.accept()
            threading.Thread(target=self.serve, args=(connection,), daemon=True).start()

    def serve(self, connection):
        self.connections += 1
        try:
            with self.context.wrap_socket(connection, server_side=True) as tls, tls.makefile("rwb") as f:
                self.talk(f)
        except (OSError, ValueError):
            pass

    def say(self, f, *lines):
        f.write(b"".join(line.encode() + b"\r\n" for line in lines))
        f.flush()

    def talk(self, f):
        self.say(f, f"220 {HOST} ESMTP")
        for line in f:
            verb = line.split()[0].upper() if line.split() else b""
            if verb == b"EHLO":
                self.say(f, f"250-{HOST}", "250-SIZE 10000000", "250 AUTH PLAIN XOAUTH2")
            elif verb == b"AUTH":
                self.auth(f, line.split())
            elif verb == b"DATA":
                self.say(f, "354 go on")
                self.messages.append(b"".join(iter(f.readline, b".\r\n")))
                self.say(f, "250 2.0.0 taken")
            elif verb == b"QUIT":
                return self.say(f, "221 bye")
            else:
                self.say(f, "250 2.0.0 ok")

    def auth(self, f, words):
        if len(words) < 3:
            self.say(f, "334 ")
            words.append(f.readline().strip())
        said = base64.b64decode(words[2])
        self.auths.append((words[1].decode(), said))
        good = {f"\0{USER}\0{self.password}".encode(), f"user={USER}\1auth=Bearer {self.token}\1\1".encode()}
        self.say(f, "235 2.7.0 welcome" if said in good else "535 5.7.8 Authentication credentials invalid")


class Names:
    """smtpwiz lab for the names; flags lead smtpwiz to it and to the witness."""

    def __init__(self, smtpwiz, folder, witness):
        path = f"{folder}/names.yaml"
        with open(path, "w") as f:
            f.write(SCENARIO)
        self.lab = subprocess.Popen([smtpwiz, "lab", path], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        words = self.lab.stdout.readline().split()
        resolver = words[words.index("--resolver") + 1]
        self.flags = ["--resolver", resolver, "--ca-file", witness.root,
                      "--connect-to", f"{resolver}:{resolver}",
                      "--connect-to", f"{ADDRESS}:{PORT}:127.0.0.1:{witness.socket.getsockname()[1]}",
                      "--connect-to", "::127.0.0.1:9"]

    def stop(self):
        self.lab.terminate()
        self.lab.wait()
