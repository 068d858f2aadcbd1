#!/usr/bin/env python3
"""serve_door_faults.py - a hostile world at the door: floods, silence, slow clients, a DNS that is dead or lies, processes that stall or die.
What is good still gets in, what was accepted is there, and every wait has an end. Prints TAP."""
import contextlib, os, resource, signal, socket, struct, subprocess, sys, threading, time, urllib.request
from _tap import Tap
from peers import process
from peers.faults import small_disk
from peers.next_hop import NextHop
from peers.postern import Serve
from peers.smtp import Smtp

ROOT = os.environ["POSTERN_ROOT"]
LETTER = b"From: Anna <anna@client.example>\r\nTo: Ben <ben@example.net>\r\nSubject: hello\r\n\r\nAll is well.\r\n"
QUIET = dict(resolver="none", workers=1, greet_delay=0, gate_greylist="off", proxy_protocol_from=["127.0.0.1"])


def as_from(address):
    return b"\r\n\r\n\0\r\nQUIT\n\x21\x11\0\x0c" + socket.inet_aton(address) + socket.inet_aton("127.0.0.1") + struct.pack("!HH", 40000, 25)


class Door:
    def __init__(self, hop, **settings):
        self.port = process.free_port()
        self.service = Serve(**dict(dict(QUIET, listen_smtp=[f"127.0.0.1:{self.port}"], next_hop=f"127.0.0.1:{hop}"), **settings))

    def __enter__(self):
        self.service.__enter__()
        return self

    def __exit__(self, *what):
        self.service.__exit__(*what)

    def knock(self, address, timeout=60):
        """A connection of that client, as far as the balancer's header."""
        s = socket.create_connection(("127.0.0.1", self.port), timeout=timeout)
        s.sendall(as_from(address))
        return s

    def told(self, address):
        """The first line that it hears; empty when it is hung up on."""
        try:
            with self.knock(address) as s, s.makefile("rb") as f:
                return f.readline().decode()
        except OSError:
            return ""

    def send(self, address, message=LETTER):
        """The last reply, or the first that refuses; empty when the connection broke."""
        client = object.__new__(Smtp)
        try:
            client.socket = self.knock(address)
            client.file = client.socket.makefile("rb")
            for line in (None, "EHLO client.example", "MAIL FROM:<anna@client.example>", "RCPT TO:<ben@example.net>", "DATA"):
                reply = client.command(line) if line else client.reply()
                if reply[:1] not in "23":
                    return reply
            client.socket.sendall(message + b".\r\n")
            return client.reply()
        except OSError:
            return ""
        finally:
            client.socket.close()


def flood(tap):
    """One network opens what it can; another still gets in, and places come free when it goes."""
    with NextHop() as hop, Door(hop.port, connections_at_once=10, connection_rate=0) as door:
        held = [door.knock(f"198.51.100.{n % 250 + 1}") for n in range(300)]
        first = [s.recv(4) for s in held]
        tap.check(first.count(b"220 ") <= 40 and first.count(b"421 ") >= 260, "a network gets no more than its share", first[:3])
        tap.check(door.send("192.0.2.7").startswith("250"), "others get in meanwhile")
        for s in held:
            s.close()
        tap.check(any(door.told("198.51.100.9").startswith("220") or time.sleep(0.1) for _ in range(100)), "when it has gone its places are free again")


def silence(tap):
    """Connections that say nothing, or a byte now and then; those that do not even say who they are."""
    with NextHop() as hop, Door(hop.port, message_deadline=1) as door:
        silent = [socket.create_connection(("127.0.0.1", door.port)) for _ in range(1000)]
        greeted = [door.knock(f"10.{n % 200}.{n // 200}.1") for n in range(1000)]
        tap.check(all(s.recv(4) == b"220 " for s in greeted), "1,000 who have said nothing yet keep nobody from being greeted")
        tap.check(door.send("192.0.2.7").startswith("250"), "nor from bringing mail")
        with door.knock("192.0.2.8") as slow, slow.makefile("rb") as f:
            for line in (b"EHLO client.example", b"MAIL FROM:<a@client.example>", b"RCPT TO:<ben@example.net>", b"DATA", b""):
                while f.readline()[3:4] == b"-":
                    pass
                slow.sendall(line + b"\r\n")
            begin, told = time.monotonic(), []
            reader = threading.Thread(target=lambda: told.append(f.readline()))
            reader.start()
            while reader.is_alive() and time.monotonic() - begin < 30:
                try:
                    slow.sendall(b"x")
                except OSError:
                    pass
                reader.join(0.2)
            took = time.monotonic() - begin
            tap.check(took < 5 + 5 and not told[0].startswith(b"2"), "who sends a message byte by byte is hung up on within five deadlines", (took, told))
        for s in silent + greeted:
            s.close()


def figure(door, name):
    with urllib.request.urlopen(f"http://127.0.0.1:{door.service.ports['http']}/metrics", timeout=30) as answer:
        return next(float(line.split()[1]) for line in answer.read().decode().splitlines() if line.startswith(name + " "))


def all_places_taken(tap):
    """More connections than there are places, some half open, some greeted, none of them with anything to say."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    places = min(hard // 2, 250_000)  # as the front counts them
    wanted = min(50_000, hard - 500, places + 2_000)
    if wanted < places + 1_000:
        tap.skip("all places taken", f"{wanted:,} connections do not fill {places:,} places")
        return
    held = []
    with NextHop() as hop, Door(hop.port, connection_rate=0, connections_at_once=0) as door:
        try:
            for n in range(wanted):
                s = socket.socket()
                s.bind((f"127.0.0.{n // 20_000 + 1}", 0))
                s.connect(("127.0.0.1", door.port))
                if n % 2:
                    s.sendall(as_from(f"10.{n >> 16}.{n >> 8 & 255}.{n & 255}"))
                held.append(s)
            tap.check(True, f"{len(held):,} connections, for {places:,} places, are all let in")
            begin = time.monotonic()
            tap.check(door.told("192.0.2.7").startswith("220") and time.monotonic() - begin < 10, "who comes next is greeted", time.monotonic() - begin)
            replies = [door.send(f"192.0.2.{n}") for n in range(10, 15)]
            tap.check(all(r.startswith("250") for r in replies), "and brings mail", replies)
            process.wait_for("no figure of it", lambda: figure(door, "postern_connections_given_up_total") >= wanted - places, 30)
            tap.check(True, "how many made room is counted")
            held[1].settimeout(10)
            said = held[1].makefile("rb").read()
            tap.check(said.startswith(b"220 ") and b"421 4.3.2" in said, "the oldest were told to come again", said)
            process.wait_for("no line of it", lambda: "places are taken" in door.service.log(), 90)
            tap.check(door.service.log().count("places are taken") <= 2, "and the log says so, once a minute")
        finally:
            for s in held:
                s.close()


def unread(tap):
    """Commands without end, by somebody who reads no reply."""
    with NextHop() as hop, Door(hop.port) as door:
        s = door.knock("192.0.2.9")
        s.settimeout(20)
        ended = False
        try:
            for _ in range(3000):
                s.sendall(b"NOOP\r\n" * 1000)
        except TimeoutError:
            ended = False
        except OSError:
            ended = True
        tap.check(ended, "who asks without end and reads nothing is hung up on")
        tap.check(door.send("192.0.2.7").startswith("250"), "and others are served")
        s.close()


def names_dead(tap):
    """A name server that takes every question and answers none, behind lists that are asked."""
    lists = [dict(name="one", zone="one.example", ask=["client"], codes={"127.0.0.2": [3, "sends spam"]})]
    with NextHop() as hop, socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as hole:
        hole.bind(("127.0.0.1", 0))
        with Door(hop.port, resolver=[f"127.0.0.1@{hole.getsockname()[1]}"], dns_deadline=1, lists=lists) as door:
            begin = time.monotonic()
            reply = door.send("192.0.2.7")
            tap.check(reply.startswith("250") and time.monotonic() - begin < 20, "with the DNS dead mail flows", (reply, time.monotonic() - begin))


class Liar:
    """A name server that answers every A question with 127.0.0.2."""

    def __enter__(self):
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.bind(("127.0.0.1", 0))
        self.port = self.socket.getsockname()[1]
        threading.Thread(target=self.serve, daemon=True).start()
        return self

    def __exit__(self, *_):
        self.socket.close()

    def serve(self):
        while True:
            try:
                asked, peer = self.socket.recvfrom(4096)
                end = 12
                while asked[end]:
                    end += asked[end] + 1
                question, kind = asked[12:end + 5], asked[end + 2]
                answer = b"\xc0\x0c\0\1\0\1\0\0\0\x3c\0\4\x7f\0\0\2" if kind == 1 else b""
                self.socket.sendto(asked[:2] + b"\x81\x80\0\1" + struct.pack("!H", bool(answer)) + b"\0\0\0\0" + question + answer, peer)
            except OSError:
                return


def lists_everything(tap):
    lists = [dict(name=name, zone=f"{name}.example", ask=["client"], codes={"127.0.0.2": [3, "sends spam"]}) for name in ("one", "two")]
    with NextHop() as hop, Liar() as liar, Door(hop.port, resolver=[f"127.0.0.1@{liar.port}"], lists=lists, gate_no_name="off", gate_false_name="off",
                                                gate_access_line="off") as door:
        replies = [door.send(f"192.0.2.{n}") for n in range(7, 12)]
        tap.check(all(r.startswith("250") for r in replies), "lists that list everything, their own test addresses too, refuse nobody", replies)


def stalled_keeper(tap):
    with NextHop() as hop, Door(hop.port) as door:
        door.send("192.0.2.7")
        keeper = door.service.roles()["keeper"][0]
        os.kill(keeper, signal.SIGSTOP)
        try:
            replies = [door.send(f"192.0.2.{n}") for n in range(10, 20)]
        finally:
            os.kill(keeper, signal.SIGCONT)
        tap.check(all(r.startswith("250") for r in replies), "with the keeper stalled mail flows", replies)
        tap.check(door.told("192.0.2.30").startswith("220"), "and it does when it has come back")


WHOLE = b"Date: Sun, 22 Nov 2026 12:00:00 +0000\r\nMessage-ID: <1@client.example>\r\n" + LETTER  # nothing is held against it


def disk_full(tap):
    """Nothing can be kept: what needs nothing goes on, what must be kept is not promised, what was promised is there afterwards."""
    with small_disk("64m") as where, NextHop() as hop:
        data, filler = os.path.join(where, "data"), os.path.join(where, "filler")
        os.mkdir(data)
        with Door(hop.port, data=data, mark=0.3, quarantine=0.5, reject=100, quarantine_in="store") as door:
            reply = door.send("192.0.2.7", LETTER)
            tap.check(reply.startswith("250 2.0.0 Accepted"), "a message is kept here", reply)
            kept = door.service.tool("quarantine", "list", "--json")[1]
            door.service.tool("lists", "add", "203.0.113.50", "--class", "block", "--for", "1d")
            process.wait_for("it is not refused", lambda: door.told("203.0.113.50").startswith("521"), 30)
            with open(filler, "wb", buffering=0) as f, contextlib.suppress(OSError):
                while True:
                    f.write(b"\0" * 4096)
            replies = []
            process.wait_for("what cannot be kept is accepted", lambda: replies.append(door.send("192.0.2.8", LETTER + b"x" * 100_000 + b"\r\n")) or replies[-1].startswith("451"), 60)
            tap.check(True, "the disk is full: what would have to be kept is put off", replies)
            before = len(hop.mails)
            replies = [door.send(f"192.0.2.{n}", WHOLE) for n in range(20, 40)]
            tap.check(all(r.startswith("250") for r in replies) and len(hop.mails) == before + 20, "what is to be delivered is", replies)
            tap.check(door.told("203.0.113.50").startswith("521"), "who was kept out still is")
            process.wait_for("no figure of it", lambda: figure(door, "postern_state_full") == 1, 60)
            tap.check("nothing can be kept" in door.service.log(), "figures and log say so")
            status, _, said = door.service.tool("lists", "add", "203.0.113.51", "--class", "block", "--for", "1d")
            added = status == 0
            tap.check(added or said.strip(), "`lists add` does what it says, or says that it cannot", said)
            os.unlink(filler)
            process.wait_for("it does not recover", lambda: door.send("192.0.2.9", LETTER).startswith("250 2.0.0 Accepted"), 60)
            tap.check(all(line in door.service.tool("quarantine", "list", "--json")[1] for line in kept.splitlines()) and kept, "with room again all is well, and what was promised is there")
            tap.check(door.told("203.0.113.50").startswith("521") and door.told("203.0.113.51").startswith("521" if added else "220"), "who was put on a list stands on it")


def killed(tap):
    """Under load from several clients: the door answers again, and what was accepted is at the next hop."""
    for role in ("front", "keeper", "worker"):
        with NextHop() as hop, Door(hop.port, connection_rate=0, connections_at_once=0) as door:
            accepted, stop = [], threading.Event()

            def client(number):
                n = 0
                while not stop.is_set():
                    n += 1
                    mark = f"{role}-{number}-{n}".encode()
                    if door.send(f"192.0.2.{number + 1}", LETTER + mark + b"\r\n").startswith("250"):
                        accepted.append(mark)
            clients = [threading.Thread(target=client, args=(n,)) for n in range(6)]
            for c in clients:
                c.start()
            process.wait_for("no mail flows", lambda: len(accepted) > 5, 60)
            for _ in range(2):
                gone = door.service.roles()[role][0]
                os.kill(gone, signal.SIGKILL)
                process.wait_for(f"no new {role}", lambda: [p for p in door.service.roles().get(role, []) if p != gone], 60)
                before = len(accepted)
                process.wait_for(f"no mail flows after the death of {role}", lambda: len(accepted) > before + 5, 60)
            stop.set()
            for c in clients:
                c.join()
            there = b"".join(mail.data for mail in hop.mails)
            lost = [mark for mark in accepted if mark + b"\r\n" not in there]
            tap.check(not lost, f"kill -9 of {role}: mail flows again, and of {len(accepted)} accepted messages none is lost", lost[:5])


def told_at_once(tap):
    """From `postern lists add` to the refusal, and back; the refusal ends the connection."""
    with NextHop() as hop, Door(hop.port) as door:
        tap.check(door.told("203.0.113.7").startswith("220"), "an address is on no list")
        waits = []
        for n in range(5):
            status, _, said = door.service.tool("lists", "add", f"203.0.113.{n + 7}", "--class", "block", "--for", "1d", "--note", "seen by hand")
            begin = time.monotonic()
            while not door.told(f"203.0.113.{n + 7}").startswith("521 5.7.1") and time.monotonic() - begin < 10:
                pass
            waits.append(time.monotonic() - begin)
        tap.check(status == 0 and max(waits) < (1 if os.environ.get("ASAN_OPTIONS") else 0.1), "what is added is refused at the door in 100 ms", (said, waits))
        with door.knock("203.0.113.7") as s:
            tap.check(b"seen by hand" in s.makefile("rb").read(), "with the note, and is hung up on")
        with socket.create_connection(("127.0.0.1", door.port), timeout=60) as s:
            header = as_from("203.0.113.8")
            for part in (header[:5], header[5:20], header[20:] + b"EHLO x\r\n"):
                s.sendall(part)
                time.sleep(0.05)
            tap.check(s.makefile("rb").readline().startswith(b"521"), "a header in pieces, and a word too early, make no difference")
        tap.check(door.send("192.0.2.7").startswith("250"), "others get in")


if __name__ == "__main__":
    tap = Tap("serve_door_faults")
    parts = [told_at_once, flood, silence, unread, names_dead, lists_everything, stalled_keeper, disk_full, all_places_taken, killed]
    sys.exit(tap.run(*([p for p in parts if p.__name__ in sys.argv[1:]] or parts)))
