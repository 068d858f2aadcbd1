#!/usr/bin/env python3
"""serve_dns.py - the DNS zone of `postern serve` (RFC 5782) asked with real packets, by UDP and TCP: answers, lists changed under way, reload, rate,
garbage. Prints TAP."""
import ipaddress, os, re, socket, struct, subprocess, sys, time
from _tap import Tap
from peers import process
from peers.postern import Serve

ZONE = "bl.example.org"
A, NS, SOA, TXT, OPT = 1, 2, 6, 16, 41


def name_of(address):
    return re.sub(r"(in-addr|ip6)\.arpa$", ZONE, ipaddress.ip_address(address).reverse_pointer)


def wire(name):
    return b"".join(bytes([len(label)]) + label.encode() for label in name.split(".") if label) + b"\0"


def question(name, kind=A, id=0x1234, edns=0):
    packet = struct.pack(">6H", id, 0x0100, 1, 0, 0, edns > 0) + wire(name) + struct.pack(">2H", kind, 1)
    return packet + (b"\0" + struct.pack(">2HIH", OPT, edns, 0, 0) if edns else b"")


def skip_name(packet, at):
    while packet[at] and packet[at] < 0xc0:
        at += packet[at] + 1
    return at + (2 if packet[at] else 1)


class Answer:
    """id, rcode, aa, tc; records: [(section, type, data)], section 1 answer, 2 authority, 3 additional."""

    def __init__(self, packet):
        self.id, flags, questions, *counts = struct.unpack(">6H", packet[:12])
        self.rcode, self.aa, self.tc, self.qr = flags & 15, flags >> 10 & 1, flags >> 9 & 1, flags >> 15
        at, self.records = 12, []
        for _ in range(questions):
            at = skip_name(packet, at) + 4
        for section, n in enumerate(counts, 1):
            for _ in range(n):
                at = skip_name(packet, at)
                kind, _, _, size = struct.unpack(">2HIH", packet[at:at + 10])
                self.records.append((section, kind, packet[at + 10:at + 10 + size]))
                at += 10 + size
        assert at == len(packet), (at, packet)

    def data(self, kind, section=1):
        return [data for s, k, data in self.records if (s, k) == (section, kind)]

    def __repr__(self):
        return f"rcode {self.rcode} aa {self.aa} tc {self.tc} {self.records}"


class Asker:
    def __init__(self, port, host="127.0.0.1"):
        self.at = (host, port)

    def socket(self):
        udp = socket.socket(socket.AF_INET6 if ":" in self.at[0] else socket.AF_INET, socket.SOCK_DGRAM)
        udp.settimeout(5)
        udp.connect(self.at)
        return udp

    def udp(self, *args, **more):
        with self.socket() as udp:
            for _ in range(4):
                udp.send(question(*args, **more))
                try:
                    return Answer(udp.recv(4096))
                except (TimeoutError, ConnectionRefusedError):
                    continue
        return None

    def tcp(self, *questions):
        with socket.create_connection(self.at, timeout=20) as tcp:
            tcp.sendall(b"".join(struct.pack(">H", len(q)) + q for q in questions))
            file, answers = tcp.makefile("rb"), []
            for _ in questions:
                head = file.read(2)
                if len(head) < 2:
                    break
                answers.append(Answer(file.read(struct.unpack(">H", head)[0])))
            return answers

    def listed(self, address):
        answer = self.udp(name_of(address))
        return answer is not None and answer.rcode == 0 and len(answer.data(A)) == 1

    def becomes(self, address, want, seconds):
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            if self.listed(address) == want:
                return True
            time.sleep(0.02)
        return False


def metric(service, labels):
    with socket.create_connection(("127.0.0.1", service.ports["http"])) as http:
        http.sendall(b"GET /metrics HTTP/1.0\r\n\r\n")
        text = http.makefile("rb").read().decode()
    return sum(int(line.rpartition(" ")[2]) for line in text.splitlines()
               if line.startswith("postern_dns_zone_questions_total{") and all(label in line for label in labels))


def make_list(folder, name, *entries):
    plain, made = os.path.join(folder, name), os.path.join(folder, name + ".set")
    with open(plain, "w") as f:
        f.write("".join(f"{entry}\n" for entry in entries))
    subprocess.run([os.environ["POSTERN"], "lists", "build", "-o", made, plain], check=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    os.chmod(made, 0o644)
    return made


def free_port():
    """By UDP as well."""
    while True:
        port = process.free_port()
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
            try:
                probe.bind(("0.0.0.0", port))
                return port
            except OSError:
                continue


def has_ipv6():
    try:
        with socket.socket(socket.AF_INET6, socket.SOCK_DGRAM) as probe:
            probe.bind(("::1", 0))
        return True
    except OSError:
        return False


def answers(tap, service, ask):
    tap.check(ask.becomes("192.0.2.9", True, 20), "a listed network, once it is mapped")
    for what, kind, address, rcode, want in [
            ("an address of it", A, "192.0.2.77", 0, [bytes([127, 0, 0, 2])]), ("its exception", A, "192.0.2.129", 3, []),
            ("an allowed address within", A, "192.0.2.25", 3, []), ("another", A, "192.0.3.9", 3, []),
            ("IPv6", A, "2001:db8:bad::1", 0, [bytes([127, 0, 0, 2])]), ("IPv6, not listed", A, "2001:db8:900d::1", 3, []),
            ("the test entry", A, "127.0.0.2", 0, [bytes([127, 0, 0, 2])]), ("the one that never is", A, "127.0.0.1", 3, []),
            ("the test entry of IPv6", A, "::ffff:127.0.0.2", 0, [bytes([127, 0, 0, 2])]), ("the one that never is, of IPv6", A, "::ffff:127.0.0.1", 3, [])]:
        for way in ("UDP", "TCP"):
            answer = ask.udp(name_of(address), kind) if way == "UDP" else (ask.tcp(question(name_of(address), kind)) or [None])[0]
            tap.check(answer and answer.qr and answer.aa and answer.id == 0x1234 and answer.rcode == rcode and answer.data(kind) == want
                      and bool(answer.data(SOA, 2)) == (not want), f"{what}, by {way}", answer)
    told = ask.udp(name_of("192.0.2.77"), TXT)
    tap.check(told.rcode == 0 and b"192.0.2.77" in told.data(TXT)[0], "TXT says why", told)
    soa, ns = ask.udp(ZONE, SOA), ask.udp(ZONE, NS)
    tap.check(len(soa.data(SOA)) == 1 and soa.data(SOA)[0].startswith(wire("mx.example.org") + wire("hostmaster.mx.example.org")), "SOA", soa)
    tap.check(ns.data(NS) == [wire("mx.example.org")], "NS", ns)
    edns = ask.udp(name_of("192.0.2.77"), A, edns=4096)
    tap.check(edns.rcode == 0 and len(edns.data(A)) == 1 and len(edns.data(OPT, 3)) == 1, "EDNS", edns)
    outside = ask.udp("9.2.0.192.else.example")
    tap.check(outside.rcode == 5 and not outside.aa and not outside.records, "outside the zone it refuses", outside)
    several = ask.tcp(*[question(name_of(f"192.0.2.{n}"), id=n) for n in range(1, 100)])
    tap.check([a.id for a in several] == list(range(1, 100)), "many questions in one conversation", several[-1:])


def hostile(tap, service, ask):
    with ask.socket() as udp:
        udp.settimeout(0.5)
        for junk in (b"", b"\0", b"GET / HTTP/1.0\r\n\r\n"[:11], bytes(5000), b"\xff" * 600, question(ZONE)[:2] + b"\x81" + question(ZONE)[3:]):
            udp.send(junk)
        silent = True
        try:
            while True:
                silent = Answer(udp.recv(4096)).rcode == 1 and silent
        except TimeoutError:
            pass
        tap.check(silent, "garbage and answers are met with silence, or FORMERR")
        udp.send(question(ZONE)[:20])
        tap.check(Answer(udp.recv(4096)).rcode == 1, "half a question is malformed")
    with socket.create_connection(ask.at, timeout=20) as tcp:
        tcp.sendall(b"GET / HTTP/1.0\r\n\r\n")
        try:
            said = tcp.recv(100)
        except ConnectionResetError:
            said = b""
        tap.check(said == b"", "another protocol is hung up on")
    start = time.monotonic()
    with socket.create_connection(ask.at, timeout=60) as tcp:
        tcp.sendall(b"\0\x20half a question")
        tap.check(tcp.recv(100) == b"" and 5 < time.monotonic() - start < 40, "and who is slow to ask", time.monotonic() - start)
    tap.check(ask.listed("192.0.2.77"), "the next is answered")
    for outcome in ("listed", "not_listed", "refused", "own", "malformed", "silent"):
        tap.check(metric(service, ['transport="udp"', f'outcome="{outcome}"']) > 0, f"it is counted: {outcome}")
    tap.check(metric(service, ['transport="tcp"', 'outcome="listed"']) >= 99, "and by TCP")


def changes(tap, service, ask, folder):
    status, told, said = service.tool("lists", "add", "203.0.113.7", "--class", "block", "--for", "1d", "--note", "seen by hand")
    tap.check(status == 0 and ask.becomes("203.0.113.7", True, 1), "postern lists add is seen within a second", (status, told, said))
    service.tool("lists", "remove", "203.0.113.7")
    tap.check(ask.becomes("203.0.113.7", False, 1), "and postern lists remove")
    make_list(folder, "block", "192.0.2.0/24", "198.51.100.0/24")
    tap.check(ask.becomes("198.51.100.1", True, 20), "a new file is in use without a reload")
    lost = 0
    with ask.socket() as udp:
        udp.settimeout(10)
        service.configure(greet_delay=1)
        service.reload()
        end, n = time.monotonic() + 2, 0
        while time.monotonic() < end:
            n += 1
            udp.send(question(name_of("198.51.100.1"), id=n & 0xffff))
            try:
                udp.recv(4096)
            except TimeoutError:
                lost += 1
    tap.check(n > 20 and lost == 0, "a reload loses no question", (n, lost))
    service.configure(dns_zone="other.example")
    service.reload()
    tap.check(any((lambda a: a and a.rcode == 5)(ask.udp(ZONE, SOA)) or time.sleep(0.1) for _ in range(50)), "after a reload the zone has its new name")
    service.configure(dns_zone=ZONE, dns_zone_rate=5)
    service.reload()
    tap.check(any((lambda a: a is None or a.rcode == 0)(ask.udp(ZONE, SOA)) or time.sleep(0.1) for _ in range(50)), "and its old one again")
    time.sleep(1.5)
    with ask.socket() as udp:
        udp.settimeout(1)
        got, begin = 0, time.monotonic()
        for n in range(200):
            udp.send(question(ZONE, SOA, id=n))
        sent = time.monotonic() - begin
        try:
            while udp.recv(4096):
                got += 1
        except TimeoutError:
            pass
    tap.check(1 <= got <= 10 + 5 * sent + 5, "who asks too much is not answered any more", (got, sent))
    tap.check(metric(service, ['outcome="dropped"']) >= 150, "and it is counted")
    time.sleep(1.5)
    tap.check(ask.listed("198.51.100.1"), "until it asks less")


def main():
    tap = Tap("serve_dns")
    port = free_port()
    addresses = [f"0.0.0.0:{port}"] + ([f"[::]:{port}"] if has_ipv6() else [])
    with Serve(resolver="none", listen_dns=addresses, dns_zone=ZONE, dns_zone_rate=0, workers=1) as service:
        block = make_list(service.tmp, "block", "192.0.2.0/24", "!192.0.2.128/25", "2001:db8:bad::/48")
        allow = make_list(service.tmp, "allow", "192.0.2.25")
        service.configure(block_addresses=[block], allow_addresses=[allow])
        service.reload()
        ask = Asker(port)
        answers(tap, service, ask)
        if has_ipv6():
            tap.check(Asker(port, "::1").listed("192.0.2.77"), "asked by IPv6")
        tap.check(Asker(port, "127.0.0.99").listed("192.0.2.77"), "the answer comes from the address that was asked")
        hostile(tap, service, ask)
        changes(tap, service, ask, service.tmp)
    return tap.end()


sys.exit(main())
