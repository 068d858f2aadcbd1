#!/usr/bin/env python3
"""postern serve as a proxy by SMTP and LMTP, between a client and a mail server by script: envelope and content exact, each reply the one that
is due, nothing accepted that the next hop has not taken, sequences that smuggle neither accepted nor passed on. Prints TAP."""
import json, os, signal, socket, ssl, struct, subprocess, sys, tempfile, time
from _tap import Tap
from peers import process
from peers.next_hop import NextHop
from peers.postern import OPEN_DOOR, Serve
from peers.smtp import Smtp

root = os.environ["POSTERN_ROOT"]
EVERYTHING = ["PIPELINING", "SIZE 50000000", "8BITMIME", "SMTPUTF8", "CHUNKING", "DSN", "XCLIENT NAME ADDR PORT PROTO HELO LOGIN"]
LETTER = b"From: Anna <anna@client.example>\r\nTo: Ben <ben@example.net>\r\nSubject: hello\r\nMessage-ID: <1@client.example>\r\n\r\nAll is well.\r\n.\r\n..two\r\n"
SPAM = b"Subject: x\r\nFrom: a@b.example\r\n\r\nXJS*C4JDBQADN1.NSBN3*2IDNEN*GTUBE-STANDARD-ANTI-UBE-TEST-EMAIL*C.34X\r\n"


class Door:
    """A service with a door, and a client at it."""

    def __init__(self, hop, lmtp=False, **settings):
        self.port = process.free_port()
        kind = "lmtp" if lmtp else "smtp"
        here = {f"listen_{kind}": [f"127.0.0.1:{self.port}"], "next_hop" + ("_lmtp" if lmtp else ""): f"127.0.0.1:{hop}", "resolver": "none", "workers": 1}
        here.update(OPEN_DOOR, **settings)
        self.service = Serve(**here)

    def __enter__(self):
        self.service.__enter__()
        return self

    def __exit__(self, *what):
        self.service.__exit__(*what)


def dotted(content):
    return (b"\r\n" + content).replace(b"\r\n.", b"\r\n..")[2:] + (b"" if content.endswith(b"\r\n") else b"\r\n") + b".\r\n"


def send(client, content, sender="anna@client.example", recipients=("ben@example.net",), hello="EHLO client.example"):
    """All replies, joined."""
    replies = [client.command(hello)] if hello else []
    replies += [client.command(f"MAIL FROM:<{sender}>")]
    replies += [client.command(f"RCPT TO:<{r}>") for r in recipients]
    replies += [client.command("DATA")]
    if replies[-1].startswith("354"):
        client.socket.sendall(dotted(content))
        replies += [client.reply()]
    return replies


def codes(replies):
    return " ".join(r[:3] for r in replies)


def body_of(data):
    return data.partition(b"\r\n\r\n")[2]


def passes_on(tap):
    for offers in ([], EVERYTHING):
        with NextHop(offers) as hop, Door(hop.port) as door, Smtp(door.port) as client:
            replies = send(client, LETTER)
            how = "with BDAT and XCLIENT" if offers else "to a server that has nothing"
            tap.check(codes(replies) == "250 250 250 354 250", f"a message passes {how}", replies)
            mail = hop.mails[0]
            tap.check((mail.sender, mail.recipients) == ("anna@client.example", ("ben@example.net",)), f"its envelope arrives {how}", mail[:2])
            tap.check(body_of(mail.data) == body_of(LETTER), f"its body arrives byte for byte {how}", mail.data)
            tap.check(LETTER.partition(b"\r\n\r\n")[0] in mail.data and b"X-Postern-Why:" in mail.data, f"its header gets ours {how}", mail.data)
            told = any(line.startswith("XCLIENT") and "ADDR=127.0.0.1" in line and "HELO=client.example" in line for line in mail.said)
            tap.check(told == bool(offers) and (b"Received: from client.example ([127.0.0.1])" in mail.data) != told, f"the client is named once {how}",
                      (mail.said, mail.data))
            tap.check("kept" in replies[-1], f"the last reply is the mail server's {how}", replies[-1])
            replies = send(client, LETTER, hello=None) + send(client, b"x", hello=None)
            tap.check(codes(replies) == "250 250 354 250 250 250 354 250" and len(hop.mails) == 3, f"more messages pass on one connection {how}", replies)


def chunks(tap):
    with NextHop() as hop, Door(hop.port) as door, Smtp(door.port) as client:
        client.command("EHLO client.example")
        client.socket.sendall(b"MAIL FROM:<a@b.example>\r\nRCPT TO:<c@d.example>\r\nBDAT %d\r\n%bBDAT %d LAST\r\n%bNOOP\r\n" % (len(LETTER), LETTER, 4, b".\r\n."))
        replies = [client.reply() for _ in range(5)]
        tap.check(codes(replies) == "250 250 250 250 250", "chunks make a message", replies)
        tap.check(body_of(hop.mails[0].data) == body_of(LETTER) + b".\r\n.\r\n", "and arrive with dots doubled and single again", hop.mails[0].data)


def refusals(tap):
    with NextHop(unknown=["nobody@example.net"]) as hop, Door(hop.port) as door, Smtp(door.port) as client:
        replies = send(client, LETTER, recipients=("nobody@example.net", "ben@example.net"))
        tap.check(codes(replies) == "250 250 550 250 354 250" and "nobody of that name" in replies[2], "an unknown recipient is refused in the conversation", replies)
        tap.check(hop.mails[0].recipients == ("ben@example.net",), "the others have the message", hop.mails)
        replies = send(client, SPAM, hello=None)
        tap.check(replies[-1].startswith("5") and len(hop.mails) == 1, "what is judged so is refused, and the next hop never sees it", replies)
        replies = send(client, LETTER, hello=None)
        tap.check(codes(replies) == "250 250 354 250" and len(hop.mails) == 2, "and the conversation goes on", replies)
        replies = send(client, LETTER, sender="anna\u00e4@client.example", hello=None)
        tap.check(codes(replies)[:3] == "550", "an address that nobody behind us could read is refused", replies)


def next_hop_fails(tap):
    cases = [("busy for good", dict(final=["451 4.3.0 later"]), "451"), ("refuses the content", dict(final=["550 5.6.0 bad"]), "550"), ("gone before its reply", dict(hang_up_at="."), "451"),
             ("gone at RCPT", dict(hang_up_at="RCPT"), "451"), ("gone at MAIL", dict(hang_up_at="MAIL"), "451"), ("no mail server", dict(greeting="SSH 2.0"), "451"),
             ("refuses us", dict(greeting="554 no"), "451")]
    for what, how, code in cases:
        with NextHop(**how) as hop, Door(hop.port) as door, Smtp(door.port) as client:
            replies = send(client, LETTER)
            last = [r for r in replies if r[:1] not in "23"]
            tap.check(last and last[0].startswith(code), f"next hop {what}: {code}", replies)
            tap.check(client.command("NOOP").startswith("250"), f"next hop {what}: the conversation goes on", "")
    with Door(process.free_port()) as door, Smtp(door.port) as client:
        replies = send(client, LETTER)
        tap.check("451" in codes(replies), "nobody listens there: 451", replies)


def judge_fails(tap):
    with NextHop() as hop, Door(hop.port, message_deadline=1, workers=1, on_failure="tempfail") as door:
        stopped = process.wait_for("no worker", lambda: door.service.roles().get("worker"))
        for pid in stopped:
            os.kill(pid, signal.SIGSTOP)
        with Smtp(door.port) as client:
            replies = send(client, LETTER)
            tap.check(replies[-1].startswith("451") and not hop.mails, "the judge is down: 451, and nothing is passed on", replies)


def smuggling(tap):
    """Whatever ends a message for some server, here ends none: one message at most, and nothing behind it that is one for the next hop."""
    shared = os.path.join(root, "..", "shared", "suites", "smtp", "smtp_smuggling.jsonl")
    ends = [b"\n.\n", b"\r.\r", b"\r\n.\n", b"\n.\r\n", b"\r\n\x00.\r\n", b"\r\n.\r\r\n", b"\r\n.\x00\r\n", b"\n\n.\r\n"]
    if os.path.exists(shared):
        with open(shared) as f:
            ends += [bytes.fromhex(json.loads(line)["eod_hex"]) for line in f]
    behind = b"MAIL FROM:<evil@client.example>\r\nRCPT TO:<ben@example.net>\r\nDATA\r\nSubject: smuggled\r\n\r\nx\r\n"
    for offers in ([], EVERYTHING):
        with NextHop(offers) as hop, Door(hop.port) as door:
            wrong, passed = [], []
            for end in ends:
                for chunked in (False, True):
                    with Smtp(door.port) as client:
                        content = LETTER.replace(b"\r\n.\r\n..two", b"") + b"text" + end + behind
                        client.command("EHLO client.example")
                        start = b"MAIL FROM:<anna@client.example>\r\nRCPT TO:<ben@example.net>\r\n"
                        if chunked:
                            client.socket.sendall(start + b"BDAT %d LAST\r\n%bQUIT\r\n" % (len(content), content))
                            replies = [client.reply() for _ in range(4)]
                        else:
                            client.socket.sendall(start + b"DATA\r\n" + content + b".\r\nQUIT\r\n")
                            replies = [client.reply() for _ in range(5)]
                        if not replies[-2].startswith("550") or not replies[-1].startswith("221"):
                            wrong.append((end, chunked, replies))
            for mail in hop.mails:
                passed.append(mail)
            tap.check(not wrong, f"each of {len(ends)} sequences, by DATA and BDAT, is refused as one message", wrong[:3])
            tap.check(not passed, "and none of them reaches the next hop", passed[:2])
            with Smtp(door.port) as client:
                tap.check(codes(send(client, LETTER)) == "250 250 250 354 250", "honest mail still passes")


def lmtp(tap):
    with NextHop(lmtp=True, unknown=["nobody@example.net"], final=["250 2.0.0 kept", "452 4.2.2 full", "250 2.0.0 kept"]) as hop, Door(hop.port, lmtp=True) as door, Smtp(door.port) as client:
        to = ("ben@example.net", "nobody@example.net", "full@example.net", "carl@example.net")
        replies = send(client, LETTER, recipients=to, hello="LHLO client.example")
        replies += [client.reply(), client.reply()]
        tap.check(codes(replies) == "250 250 250 550 250 250 354 250 452 250", "LMTP: each recipient has his own reply", replies)
        replies = send(client, SPAM, recipients=to[:1] + to[2:3], hello=None) + [client.reply()]
        tap.check(replies[-1][:1] == "5" and replies[-2][:1] == "5" and len(hop.mails) == 1, "LMTP: a refusal is said once for each", replies)
        tap.check(client.command("EHLO x").startswith("500"), "LMTP: EHLO is not a word of it")


def introduced(tap):
    """PROXY, XCLIENT and XFORWARD: from whom they are believed, and what the next hop hears then."""
    with NextHop(EVERYTHING) as hop, Door(hop.port, proxy_protocol_from=["127.0.0.1"]) as door:
        for header, ip in ((b"PROXY TCP4 192.0.2.7 198.51.100.1 5555 25\r\n", "192.0.2.7"), (b"PROXY UNKNOWN\r\n", "127.0.0.1"),
                           (b"\r\n\r\n\0\r\nQUIT\n\x21\x21\0\x24" + socket.inet_pton(socket.AF_INET6, "2001:db8::7") + bytes(16) + struct.pack("!HH", 5555, 25), "IPV6:2001:db8::7")):
            with socket.create_connection(("127.0.0.1", door.port), timeout=60) as s:
                s.sendall(header)
                client = object.__new__(Smtp)
                client.socket, client.file = s, s.makefile("rb")
                client.reply()
                replies = send(client, LETTER)
                tap.check(codes(replies) == "250 250 250 354 250" and f"ADDR={ip} " in str(hop.mails[-1].said), f"PROXY header of {ip}", (replies, hop.mails[-1].said))
        with socket.create_connection(("127.0.0.1", door.port), timeout=60) as s:
            s.sendall(b"EHLO x\r\n")
            tap.check(s.recv(100) == b"", "who must speak PROXY and does not is hung up on")
    with NextHop(["XFORWARD NAME ADDR PORT PROTO HELO IDENT SOURCE"]) as hop, Door(hop.port, xclient_from=["127.0.0.1"]) as door, Smtp(door.port) as client:
        client.command("EHLO relay.example")
        tap.check(client.command("XFORWARD NAME=[UNAVAILABLE] ADDR=192.0.2.8 HELO=far.example").startswith("250"), "XFORWARD is heard from where it may be said")
        replies = send(client, LETTER, hello=None)
        tap.check("ADDR=192.0.2.8 " in str(hop.mails[0].said) and b"from far.example ([192.0.2.8])" in hop.mails[0].data, "and passed on", hop.mails[0])
        tap.check(client.command("XCLIENT ADDR=IPV6:2001:db8::9 NAME=x.example").startswith("220"), "XCLIENT begins anew")
        replies = send(client, LETTER)
        tap.check(codes(replies) == "250 250 250 354 250" and "ADDR=IPV6:2001:db8::9" in str(hop.mails[-1].said), "and is passed on", hop.mails[-1].said)
    with NextHop() as hop, Door(hop.port) as door, Smtp(door.port) as client:
        tap.check("XCLIENT" not in client.command("EHLO x") and client.command("XCLIENT ADDR=192.0.2.1").startswith("502"), "XCLIENT is not heard from others")


def secured(tap):
    with tempfile.TemporaryDirectory() as tmp, NextHop() as hop:
        key, certificate = f"{tmp}/key.pem", f"{tmp}/certificate.pem"
        subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", key, "-out", certificate, "-days", "2", "-subj", "/CN=mx.example.org"],
                       check=True, stderr=subprocess.DEVNULL)
        with Door(hop.port, tls_certificate=certificate, tls_key=key) as door:
            context = ssl.create_default_context(cafile=certificate)
            context.check_hostname = False
            with Smtp(door.port) as client:
                tap.check("STARTTLS" in client.command("EHLO client.example"), "STARTTLS is offered")
                client.socket.sendall(b"STARTTLS\r\nMAIL FROM:<injected@client.example>\r\n")
                tap.check(client.reply().startswith("220"), "and begun")
                client.socket = context.wrap_socket(client.socket)
                client.file = client.socket.makefile("rb")
                tap.check(client.command("RCPT TO:<ben@example.net>").startswith("503"), "what was sent in the clear behind it is forgotten")
                replies = send(client, LETTER)
                tap.check(codes(replies) == "250 250 250 354 250" and "STARTTLS" not in replies[0], "a message comes by TLS", replies)
                tap.check(b"with ESMTPS" in hop.mails[0].data, "and its trace line says so", hop.mails[0].data)
            os.rename(key, key + ".away")
            door.service.reload()
            process.wait_for("the reload is not refused", lambda: "the settings stay as they were" in door.service.log(), 30)
            with Smtp(door.port) as client:
                tap.check("STARTTLS" in client.command("EHLO client.example"), "a key that cannot be read leaves the old one in force")


def manners(tap):
    with NextHop() as hop, Door(hop.port) as door:
        for sent, code in (("GET / HTTP/1.1", "502"), ("CONNECT mx:25 HTTP/1.0", "502"), ("HELO", "501"), ("MAIL FROM:<a@b>", "503"), ("VRFY x", "252"), ("HELP", "214"), ("X" * 3000, "500")):
            with Smtp(door.port) as client:
                tap.check(client.command(sent).startswith(code), f"{sent[:20]}: {code}")
        with socket.create_connection(("127.0.0.1", door.port), timeout=60) as s:
            s.recv(100)
            s.sendall(b"\x16\x03\x01\x02\x00")
            tap.check(s.recv(100) == b"", "TLS where a command belongs: hung up on")


if __name__ == "__main__":
    tap = Tap("serve_smtp")
    parts = [passes_on, chunks, refusals, next_hop_fails, judge_fails, smuggling, lmtp, introduced, secured, manners]
    chosen = [p for p in parts if p.__name__ in sys.argv[1:]] or parts
    sys.exit(tap.run(*chosen))
