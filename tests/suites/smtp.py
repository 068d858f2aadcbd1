#!/usr/bin/env python3
"""The scripted dialogues of ../shared/suites/smtp with the door of postern serve: reply codes only. Prints TAP.

What the scripts of that server take for granted is arranged: recipients at testserver exist, others do not, a message is at most 1 MiB. Each
disagreement stands in DIFFERS with its reason. A connection that begins with TLS there begins with STARTTLS here; logins are the next hop's."""
import os, re, socket, ssl, subprocess, sys, tempfile
from _tap import Tap
from peers.next_hop import NextHop
from peers.postern import OPEN_DOOR, Serve
from peers.process import free_port

folder = os.path.join(os.environ["POSTERN_ROOT"], "..", "shared", "suites", "smtp", "dialogues")
# (script, what was sent last): (its code, ours, why)
DIFFERS = {
    ("auth_multi_dialog", "AUTH SOMETHINGELSE"): ("534", "504", "504 is for a mechanism that is not offered (RFC 4954 section 4), 534 for one that is too weak for this user"),
    ("auth_not_tls", "AUTH PLAIN"): ("503", "502", "it is not offered before TLS; what is not offered is not known"),
    ("bad_data", "."): ("554", "250", "a header line without a colon is what much honest mail has; how it counts is for the judgement"),
    ("bad_data_dot", "xxx"): ("521", "550", "521 is for hosts that take no mail at all (RFC 7504); 550 says the message is refused"),
    ("bad_data_dot_2", ""): ("521", "550", "as in bad_data_dot"),
    ("bad_data_dot_on_message_too_big", "."): ("521", "550", "as in bad_data_dot"),
    ("bad_mail_from", "MAIL LALA: <>"): ("500", "501", "MAIL is known, its argument is wrong (RFC 5321 section 4.2.2)"),
    ("bad_mail_from", "MAIL FROM:"): ("500", "501", "the same"),
    ("bad_rcpt_to", "RCPT LALA: <>"): ("500", "501", "the same"),
    ("bad_rcpt_to", "RCPT TO:"): ("500", "501", "the same"),
    ("bad_rcpt_to", "RCPT TO:<henry\u2163@testserver>"): ("550", "250", "this server offers SMTPUTF8, and the name is the next hop's to know"),
    ("line_too_long", "HELO"): ("554", "250", "a line of 1,000 bytes is none too long here: extensions add to 512, and Postfix takes 2,048; the name is for the gate to weigh"),
}


class Client:
    def __init__(self, port, tls=False):
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=60)
        self.file, self.said = self.socket.makefile("rb"), []
        if tls:
            greeting = self.code()
            for command in (b"EHLO localhost\r\n", b"STARTTLS\r\n"):
                self.socket.sendall(command)
                self.code()
            context = ssl.create_default_context()
            context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
            self.socket = context.wrap_socket(self.socket)
            self.file, self.said = self.socket.makefile("rb"), [greeting]

    def code(self):
        if self.said:
            return self.said.pop()
        while True:
            line = self.file.readline()
            if line[3:4] != b"-":
                return line[:3].decode("latin-1")


def steps(text):
    """("send", bytes, shown), ("expect", code), ("connect",), in order; lines behind the first of a raw part belong to it."""
    for line in text.splitlines():
        if m := re.match(r"c (tcp|tls)_connect", line):
            yield ("connect", m[1] == "tls")
        elif m := re.match(r"c (?:<~|<-|<\.\.\.) ?(\d\d\d)", line):
            yield ("expect", m[1])
        elif m := re.match(r"c -> ?(.*)", line):
            yield ("send", m[1].encode() + b"\r\n", m[1])
        elif m := re.match(r"c ~> (.*)", line):
            sent = eval(m[1], {"__builtins__": {}}).encode()
            yield ("send", sent, sent.decode().split("\r\n")[0].split("\n")[0])


def play(tap, name, text, port):
    client, last, wrong = None, "", []
    for step in steps(text):
        if step[0] == "connect":
            client = Client(port, step[1])
        elif step[0] == "send":
            client.socket.sendall(step[1])
            last = step[2]
        else:
            code = client.code()
            known = next((v for (script, sent), v in DIFFERS.items() if script == name and (sent == last or (sent == "HELO" and last.startswith("HELO")))), None)
            if code != step[1] and (known is None or known[:2] != (step[1], code)):
                wrong.append((last[:60], step[1], code))
    tap.check(not wrong, name, wrong)


def dialogues(tap):
    with tempfile.TemporaryDirectory() as tmp, NextHop(users={"user@testserver": "secretpassword"}) as hop:
        key, certificate = f"{tmp}/key.pem", f"{tmp}/certificate.pem"
        subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", key, "-out", certificate, "-days", "2", "-subj", "/CN=localhost"],
                       check=True, stderr=subprocess.DEVNULL)
        with Serve(listen_smtp=[f"127.0.0.1:{(port := free_port())}"], next_hop=f"127.0.0.1:{hop.port}", message_bytes="1M", resolver="none", workers=1,
                   tls_certificate=certificate, tls_key=key, **OPEN_DOOR):
            for file in sorted(os.listdir(folder)):
                with open(os.path.join(folder, file), encoding="utf-8") as f:
                    play(tap, file.removesuffix(".cmy"), f.read(), port)


if __name__ == "__main__":
    tap = Tap("smtp")
    if not os.path.isdir(folder):
        tap.skip("smtp", "no ../shared")
        sys.exit(tap.end())
    sys.exit(tap.run(dialogues))
