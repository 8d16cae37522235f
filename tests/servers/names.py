"""A name server for the tests: answers from a table, on UDP and TCP of one
loopback address. What is not in the table does not exist."""
import socket, socketserver, struct, threading

TYPES = {"A": 1, "CNAME": 5, "MX": 15, "AAAA": 28, "SRV": 33}


def labels(name):
    parts = [p for p in name.rstrip(".").split(".") if p]
    return b"".join(bytes([len(p)]) + p.encode() for p in parts) + b"\0"


def rdata(kind, value):
    if kind == "A":
        return socket.inet_aton(value)
    if kind == "AAAA":
        return socket.inet_pton(socket.AF_INET6, value)
    words = value.split()
    numbers = [int(w) for w in words[:-1]]
    return struct.pack(f"!{len(numbers)}H", *numbers) + labels(words[-1])


class Table:
    def __init__(self):
        self.names = {}

    def add(self, name, kind, value):
        self.names.setdefault(name.lower(), {}).setdefault(kind, []).append(value)

    def exists(self, name):
        return name in self.names or any(n.endswith("." + name) for n in self.names)

    def answer(self, query):
        ident, flags, questions = struct.unpack("!HHH", query[:6])
        parts, at = [], 12
        while query[at]:
            parts.append(query[at + 1:at + 1 + query[at]].decode("ascii", "replace"))
            at += 1 + query[at]
        kind = struct.unpack("!H", query[at + 1:at + 3])[0]
        name = ".".join(parts).lower()
        records = [(k, v) for k, vs in self.names.get(name, {}).items() for v in vs if TYPES[k] == kind]
        code = 0 if self.exists(name) else 3
        out = struct.pack("!HHHHHH", ident, 0x8580 | (flags & 0x0100) | code, 1, len(records), 0, 0)
        out += query[12:at + 5]
        for k, v in records:
            data = rdata(k, v)
            out += struct.pack("!HHHIH", 0xC00C, TYPES[k], 1, 60, len(data)) + data
        return out


def serve(table, address, port):
    class Udp(socketserver.BaseRequestHandler):
        def handle(self):
            data, sock = self.request
            sock.sendto(table.answer(data), self.client_address)

    class Tcp(socketserver.StreamRequestHandler):
        def handle(self):
            size = self.rfile.read(2)
            while len(size) == 2:
                reply = table.answer(self.rfile.read(struct.unpack("!H", size)[0]))
                self.wfile.write(struct.pack("!H", len(reply)) + reply)
                size = self.rfile.read(2)

    class Quiet:
        daemon_threads = allow_reuse_address = True

        def handle_error(self, *_):
            pass

    class UdpServer(Quiet, socketserver.ThreadingUDPServer):
        pass

    class TcpServer(Quiet, socketserver.ThreadingTCPServer):
        pass

    udp = UdpServer((address, port), Udp)
    tcp = TcpServer((address, udp.server_address[1]), Tcp)
    for server in (udp, tcp):
        threading.Thread(target=server.serve_forever, daemon=True).start()
    return udp.server_address[1]
