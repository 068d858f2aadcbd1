#!/usr/bin/env python3
"""tests/dns_server.py [ZONE] - a name server for tests, on loopback, that behaves as it is asked to by the names.

Prints the port it listens at (UDP and TCP), then reads commands from standard input, a line each, and ends with it: "silent" (answer nothing
from now on), "speak", "count" (prints how many questions came). ZONE has the form of --dns; a name that is not in it is answered by rule:
the first labels say how, one after the other, and the last how it goes on.

    drop.*      no answer                    servfail.*  SERVFAIL                 refused.*   REFUSED
    nx.*        NXDOMAIN                     nodata.*    no record                garbage.*   bytes that are no answer
    tc.*        truncated, whole over TCP    delay-300.* 300 ms later             alias.*     CNAME to the rest of the name
    short.*     cut off in the middle        loop.*      a name that points at itself
    *.nosoa: what is not there is not said to hold for 5 seconds
    anything else: A 192.0.2.1, AAAA 2001:db8::1, MX 10 mail., TXT "text of" + the name, PTR and NS host., SOA, all with TTL 300"""
import heapq, ipaddress, json, os, random, selectors, socket, struct, sys, time

TYPES = {"A": 1, "NS": 2, "CNAME": 5, "SOA": 6, "PTR": 12, "MX": 15, "TXT": 16, "AAAA": 28}
NAMES = {number: name for name, number in TYPES.items()}


def wire_name(name):
    return b"".join(bytes([len(label)]) + label for label in name.strip(b".").split(b".") if label) + b"\0"


def rdata(kind, value):
    if kind in ("A", "AAAA"):
        return ipaddress.ip_address(value).packed
    if kind == "MX":
        return struct.pack(">H", value[0]) + wire_name(value[1].encode())
    if kind == "TXT":
        pieces = [value] if isinstance(value, str) else value
        cut = [p.encode("latin-1")[i:i + 255] for p in pieces for i in range(0, max(1, len(p)), 255)]
        return b"".join(bytes([len(p)]) + p for p in cut)
    if kind == "SOA":
        return wire_name(b"ns." + value.encode()) + wire_name(b"hostmaster." + value.encode()) + struct.pack(">5I", 1, 2, 3, 4, 5)
    return wire_name(value.encode())


def record(name, kind, value, ttl=300):
    data = rdata(kind, value)
    return wire_name(name) + struct.pack(">HHIH", TYPES[kind], 1, ttl, len(data)) + data


def by_rule(name, kind):
    values = {"A": "192.0.2.1", "AAAA": "2001:db8::1", "MX": [10, "mail.example"], "TXT": "text of " + name.decode("latin-1"),
              "PTR": "host.example", "NS": "ns.example", "SOA": "example"}
    return [(kind, values[kind], 300)] if kind in values else []


class Zone:
    def __init__(self, path):
        with open(path, encoding="utf-8") as f:
            self.names = {k.lower().rstrip(".").encode("latin-1"): v if isinstance(v, list) else [v] for k, v in json.load(f).items()}

    def records(self, name):
        """(kind, value, ttl) or a word; None when the name is not there."""
        found = []
        for r in self.names.get(name, [None]):
            if r is None:
                return None
            if isinstance(r, str):
                if r in ("TIMEOUT", "SERVFAIL"):
                    return r
                found.append(("TXT", r, 3600))
                continue
            keys = {k.upper(): v for k, v in r.items()}
            kind = next(k for k in keys if k in TYPES)
            found.append((kind, keys[kind], keys.get("TTL", 3600)))
        return found


def answer(query, tcp, zone):
    """(packet or None, delay in seconds)"""
    at, labels = 12, []
    while query[at]:
        labels.append(query[at + 1:at + 1 + query[at]].lower())
        at += 1 + query[at]
    asked, (number,) = query[12:at + 1], struct.unpack(">H", query[at + 1:at + 3])
    kind, name, delay, rcode, flags, answers = NAMES.get(number), b".".join(labels), 0.0, 0, 0x8180, b""
    count = 0
    for i, label in enumerate(labels):
        rest = b".".join(labels[i:])
        whole = zone.records(rest) if zone and i == 0 else None
        if whole == "TIMEOUT" or label == b"drop":
            return None, 0
        if whole == "SERVFAIL" or label in (b"servfail", b"refused", b"nx"):
            rcode = {b"refused": 5, b"nx": 3}.get(label, 2)
            break
        if label == b"nodata":
            break
        if label == b"garbage":
            return query[:2] + bytes([0x81, 0x80]) + random.Random(name).randbytes(50), delay
        if label == b"tc" and not tcp:
            flags |= 0x0200
            break
        if label.startswith(b"delay-"):
            delay += int(label[6:]) / 1000
        elif label == b"alias":
            answers += record(name, "CNAME", b".".join(labels[i + 1:]).decode("latin-1"), 60)
            name, count = b".".join(labels[i + 1:]), count + 1
        elif label == b"loop":
            answers += b"\xc0" + bytes([12 + len(asked) + 4]) + struct.pack(">HHIH", number, 1, 60, 4) + b"\1\1\1\1"
            count += 1
            break
        elif label not in (b"tc", b"short"):
            for k, value, ttl in (by_rule(name, kind) if whole is None else [r for r in whole if r[0] in (kind, "CNAME")]):
                answers += record(name, k, value, ttl)
                count += 1
            break
    nothing = bool(count == 0 and rcode in (0, 3) and not flags & 0x0200 and labels and labels[-1] != b"nosoa")
    authority = record(labels[-1], "SOA", labels[-1].decode("latin-1"), 60) if nothing else b""
    packet = query[:2] + struct.pack(">HHHHH", flags | rcode, 1, count, nothing, 0) + asked + struct.pack(">HH", number, 1) + answers + authority
    return packet[:-3] if b"short" in labels else packet, delay


def main():
    zone = Zone(sys.argv[1]) if len(sys.argv) > 1 else None
    udp, tcp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM), None
    for _ in range(100):  # the same port for both
        udp.bind(("127.0.0.1", 0))
        tcp = socket.socket()
        try:
            tcp.bind(udp.getsockname())
            break
        except OSError:
            tcp.close()
            udp.close()
            udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    try:
        udp.setsockopt(socket.SOL_SOCKET, 33, 16 << 20)  # SO_RCVBUFFORCE: a thousand questions may come at once
    except OSError:
        udp.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 16 << 20)
    udp.setblocking(False)
    tcp.listen(64)
    loop, later, asked, silent, order = selectors.DefaultSelector(), [], 0, False, 0
    for source in (udp, tcp, sys.stdin):
        loop.register(source, selectors.EVENT_READ)
    print(udp.getsockname()[1], flush=True)

    def take(query, send, over_tcp):
        nonlocal asked, order
        asked += 1
        if silent:
            return
        try:
            packet, delay = answer(query, over_tcp, zone)
        except (IndexError, struct.error):
            return
        if packet is not None:
            order += 1
            heapq.heappush(later, (time.monotonic() + delay, order, send, packet))

    while True:
        now = time.monotonic()
        while later and later[0][0] <= now:
            _, _, send, packet = heapq.heappop(later)
            try:
                send(packet)
            except OSError:
                pass
        for key, _ in loop.select(max(0, later[0][0] - now) if later else None):
            if key.fileobj is sys.stdin:
                commands = os.read(0, 4096).split()
                if not commands:
                    return
                for command in commands:
                    silent = {b"silent": True, b"speak": False}.get(command, silent)
                    if command == b"count":
                        print(asked, flush=True)
            elif key.fileobj is udp:
                came = []
                try:  # first out of the kernel, where there is little room
                    while len(came) < 512:
                        came.append(udp.recvfrom(4096))
                except BlockingIOError:
                    pass
                for query, peer in came:
                    take(query, lambda packet, peer=peer: udp.sendto(packet, peer), False)
            elif key.fileobj is tcp:
                loop.register(tcp.accept()[0], selectors.EVENT_READ)
            else:
                connection = key.fileobj
                try:
                    head = connection.recv(2, socket.MSG_WAITALL)
                    query = connection.recv(struct.unpack(">H", head)[0], socket.MSG_WAITALL) if len(head) == 2 else b""
                except OSError:
                    query = b""
                if query:
                    take(query, lambda packet, c=connection: c.sendall(struct.pack(">H", len(packet)) + packet), True)
                else:
                    loop.unregister(connection)
                    connection.close()


main()
