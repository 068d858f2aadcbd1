#!/usr/bin/env python3
"""The door of postern serve and its next hop: logins passed on exactly, offered only where they may be; TLS with the next hop as the settings
want it; goodbyes when the service ends. Prints TAP."""
import base64, functools, json, os, socket, ssl, subprocess, sys, tempfile, threading, time
from _tap import Tap
from peers import process
from peers.next_hop import NextHop
from peers.postern import OPEN_DOOR, Serve
from peers.smtp import Smtp

LETTER = b"From: Anna <anna@client.example>\r\nTo: Ben <ben@example.net>\r\nSubject: hello\r\n\r\nAll is well.\r\n"
USERS = {"anna@example.net": "zither-umbra"}


def encoded(text):
    return base64.b64encode(text.encode()).decode()


PLAIN = encoded("\0anna@example.net\0zither-umbra")
WRONG = encoded("\0anna@example.net\0zither-ember")


class Certificate:
    """For mx.example.org and 127.0.0.1, signed by itself."""

    def __init__(self, tmp, name):
        self.key, self.file = f"{tmp}/{name}.key", f"{tmp}/{name}.pem"
        subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", self.key, "-out", self.file, "-days", "2", "-subj", "/CN=" + name, "-addext",
                        "subjectAltName=DNS:mx.example.org,IP:127.0.0.1"], check=True, stderr=subprocess.DEVNULL)

    def server(self):
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.file, self.key)
        return context

    def client(self):
        context = ssl.create_default_context(cafile=self.file)
        context.check_hostname = False
        return context


class Door:
    def __init__(self, hop, certificate=None, **settings):
        self.port = process.free_port()
        here = {"listen_smtp": [f"127.0.0.1:{self.port}"], "next_hop": f"127.0.0.1:{hop}", "resolver": "none", "workers": 1, **OPEN_DOOR, **settings}
        if certificate:
            here.update(tls_certificate=certificate.file, tls_key=certificate.key)
        self.service = Serve(**here)

    def __enter__(self):
        self.service.__enter__()
        return self

    def __exit__(self, *what):
        self.service.__exit__(*what)


def deliver(client, sender="anna@example.net"):
    for line in (f"MAIL FROM:<{sender}>", "RCPT TO:<ben@far.example>", "DATA"):
        reply = client.command(line)
        if reply[:1] not in "23":
            return reply
    client.socket.sendall(LETTER + b".\r\n")
    return client.reply()


def auth_of(ehlo):
    return [line[4:] for line in ehlo.split("\n") if line[4:].startswith("AUTH")]


def logins(tap, certificate):
    with NextHop(users=USERS) as hop, Door(hop.port, certificate) as door:
        with Smtp(door.port) as client:
            tap.check(not auth_of(client.command("EHLO c.example")) and client.command("AUTH PLAIN " + PLAIN).startswith("502"), "nobody logs in in the clear")
            client.secure(certificate.client())
            tap.check(auth_of(client.command("EHLO c.example")) == ["AUTH PLAIN LOGIN"], "over TLS the next hop's mechanisms are offered, but those that would take us for the client")
            tap.check(client.command("AUTH EXTERNAL =").startswith("504"), "nor is such a one passed on")
            tap.check(client.command("AUTH PLAIN " + WRONG) == "535-5.7.8 wrong\n535 5.7.8 try again", "a wrong password: the next hop's words, all lines of them")
            client.socket.sendall(b"AUTH LOGIN\r\n")
            tap.check(client.reply() == "334 VXNlcm5hbWU6", "a challenge is passed on as it is")
            tap.check(client.command(encoded("anna@example.net")) == "334 UGFzc3dvcmQ6" and client.command(encoded("zither-umbra")) == "235 2.7.0 welcome anna@example.net", "and the answers")
            tap.check("AUTH LOGIN" in hop.lines and encoded("zither-umbra") in hop.lines, "byte for byte", hop.lines[-3:])
            tap.check(client.command("AUTH PLAIN " + PLAIN).startswith("503"), "once is enough")
            tap.check(deliver(client).startswith("250") and hop.mails[-1].said[-1] == "AUTH anna@example.net", "a message goes by the connection that is logged in", hop.mails)
            tap.check(b"with ESMTPSA" in hop.mails[-1].data, "and its trace line says so", hop.mails[-1].data)
            process.wait_for("no case is kept", lambda: door.service.tool("history", "--json")[1], 30)
            told = door.service.tool("why", json.loads(door.service.tool("history", "--json")[1].splitlines()[0])["id"])[1].decode()
            tap.check("logged in as anna@example.net" in told and "zither" not in told, "its case knows who it was", told)
        with Smtp(door.port) as client:
            client.command("EHLO c.example")
            client.secure(certificate.client())
            client.command("EHLO c.example")
            guesses = [client.command("AUTH PLAIN " + WRONG)[:3] for _ in range(3)]
            tap.check(guesses == ["535", "535", "421"] and client.file.read() == b"", "when the next hop has heard enough guesses the client is hung up on", guesses)
        data = b"".join(open(os.path.join(at, name), "rb").read() for at, _, names in os.walk(door.service.data) for name in names)
        tap.check(all(secret not in door.service.log() and secret.encode() not in data for secret in ("zither", PLAIN, WRONG, encoded("zither-umbra"))),
                  "no password is in the log or in what is kept")
    with NextHop(users=USERS) as hop, Door(hop.port, certificate, next_hop_auth="off") as door, Smtp(door.port) as client:
        client.command("EHLO c.example")
        client.secure(certificate.client())
        tap.check(not auth_of(client.command("EHLO c.example")), "next_hop_auth: off")
    with NextHop(users=USERS) as hop, Door(hop.port, next_hop_auth="any") as door:
        with Smtp(door.port) as client:
            tap.check(auth_of(client.command("EHLO c.example")) == ["AUTH PLAIN LOGIN"] and client.command("AUTH PLAIN " + PLAIN).startswith("235"), "next_hop_auth: any")
            hop.hang_up_at = "MAIL"
            tap.check(client.command("MAIL FROM:<a@example.net>").startswith("451") and client.reply().startswith("421"), "when the connection that is logged in is lost the client's ends")
        with Smtp(door.port) as client:
            client.command("EHLO c.example")
            replies = [client.command(line)[:3] for line in ("AUTH LOGIN", "A" * 11000, "*", "AUTH PLAIN", "A" * 20000)]
            tap.check(replies == ["334", "334", "535", "334", "500"] and client.file.read() == b"", "lines of a login may be long, but not endless", replies)
    with NextHop() as hop, Door(hop.port, certificate) as door, Smtp(door.port) as client:
        client.command("EHLO c.example")
        client.secure(certificate.client())
        tap.check(not auth_of(client.command("EHLO c.example")), "a next hop without logins")
    with Door(process.free_port(), certificate) as door, Smtp(door.port) as client:
        client.command("EHLO c.example")
        client.secure(certificate.client())
        tap.check(client.command("EHLO c.example").startswith("250") and client.command("MAIL FROM:<>").startswith("451"), "and none at all")


def hop_tls(tap, certificate, other):
    for settings, encrypted, good, why in (
            (dict(next_hop_tls="off"), 0, True, "off"),
            (dict(next_hop_tls="may"), 0, True, "may: not on the same machine"),
            (dict(next_hop_tls="require"), 1, True, "require"),
            (dict(next_hop_tls="verify", next_hop_authorities=certificate.file), 1, True, "verify: its address"),
            (dict(next_hop_tls="verify", next_hop_authorities=certificate.file, next_hop_name="mx.example.org"), 1, True, "verify: its name"),
            (dict(next_hop_tls="verify", next_hop_authorities=certificate.file, next_hop_name="mx.example.net"), 0, False, "verify: another name"),
            (dict(next_hop_tls="verify", next_hop_authorities=other.file), 0, False, "verify: another authority"),
            (dict(next_hop_tls="verify"), 0, False, "verify: the system's authorities")):
        with NextHop(tls=certificate.server()) as hop, Door(hop.port, **settings) as door, Smtp(door.port) as client:
            client.command("EHLO c.example")
            reply = deliver(client)
            tap.check(reply.startswith("250" if good else "451") and hop.secured == encrypted and len(hop.mails) == good, why, (reply, hop.secured, door.service.log()[-300:]))
    with NextHop() as hop, Door(hop.port, next_hop_tls="require") as door, Smtp(door.port) as client:
        client.command("EHLO c.example")
        tap.check(deliver(client).startswith("451") and not hop.mails, "require, where it is not offered: nothing goes in the clear")
    with NextHop(users=USERS, tls=certificate.server()) as hop, Door(hop.port, certificate, next_hop_tls="require") as door, Smtp(door.port) as client:
        client.command("EHLO c.example")
        client.secure(certificate.client())
        client.command("EHLO c.example")
        tap.check(client.command("AUTH PLAIN " + PLAIN).startswith("235") and deliver(client).startswith("250") and hop.secured == 1, "a login over TLS on both sides")


def goodbyes(tap, certificate):
    with NextHop() as hop, Door(hop.port, certificate) as door:
        idle, between, under_way, encrypted = (Smtp(door.port) for _ in range(4))
        between.command("EHLO c.example")
        encrypted.command("EHLO c.example")
        encrypted.secure(certificate.client())
        under_way.command("EHLO c.example")
        for line in ("MAIL FROM:<a@example.net>", "RCPT TO:<ben@far.example>", "DATA"):
            under_way.command(line)
        ended = threading.Thread(target=door.service.stop, args=(60,))
        ended.start()
        for client, what in ((idle, "said nothing yet"), (between, "is between two commands"), (encrypted, "waits behind TLS")):
            reply = client.reply()
            tap.check(reply.startswith("421 4.3.2") and client.file.read() == b"", f"the service ends: who {what} is told 421", reply)
        under_way.socket.sendall(LETTER + b".\r\n")
        tap.check(under_way.reply().startswith("250") and len(hop.mails) == 1, "a message that is on its way is taken")
        tap.check(under_way.reply().startswith("421"), "then its client is told, too")
        ended.join(60)
        tap.check(not ended.is_alive(), "and the service ends without waiting for more")


if __name__ == "__main__":
    tap = Tap("serve_smtp_hop")
    with tempfile.TemporaryDirectory() as tmp:
        certificate, other = Certificate(tmp, "mx.example.org"), Certificate(tmp, "other.example")
        for path in (tmp, *(os.path.join(tmp, name) for name in os.listdir(tmp))):
            os.chmod(path, 0o755)
        parts = [functools.partial(part, certificate=certificate) for part in (logins, functools.partial(hop_tls, other=other), goodbyes)]
        for part in parts:
            part.__name__ = part.func.__name__
        sys.exit(tap.run(*([p for p in parts if p.__name__ in sys.argv[1:]] or parts)))
