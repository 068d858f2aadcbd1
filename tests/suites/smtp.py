#!/usr/bin/env python3
"""The scripted dialogues of ../shared/suites/smtp with the door of postern serve: reply codes only. Prints TAP.

What the scripts of that server take for granted is arranged: recipients at testserver exist, others do not, a message is at most 1 MiB. Each
disagreement stands in DIFFERS with its reason; a script that needs logins is skipped, for this door offers none."""
import os, re, socket, sys
from _tap import Tap
from peers.next_hop import NextHop
from peers.postern import OPEN_DOOR, Serve
from peers.process import free_port

folder = os.path.join(os.environ["POSTERN_ROOT"], "..", "shared", "suites", "smtp", "dialogues")
SKIPPED = {"auth_multi_dialog": "logins", "auth_not_tls": "logins", "auth_too_many_failures": "logins"}
# (script, what was sent last): (its code, ours, why)
DIFFERS = {
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
    def __init__(self, port):
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=60)
        self.file = self.socket.makefile("rb")

    def code(self):
        while True:
            line = self.file.readline()
            if line[3:4] != b"-":
                return line[:3].decode("latin-1")


def steps(text):
    """("send", bytes, shown), ("expect", code), ("connect",), in order; lines behind the first of a raw part belong to it."""
    for line in text.splitlines():
        if re.match(r"c (tcp|tls)_connect", line):
            yield ("connect",)
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
            client = Client(port)
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
    with NextHop() as hop, Serve(listen_smtp=[f"127.0.0.1:{(port := free_port())}"], next_hop=f"127.0.0.1:{hop.port}", message_bytes="1M", resolver="none", workers=1, **OPEN_DOOR):
        for file in sorted(os.listdir(folder)):
            name = file.removesuffix(".cmy")
            if name in SKIPPED:
                tap.skip(name, SKIPPED[name])
                continue
            with open(os.path.join(folder, file), encoding="utf-8") as f:
                play(tap, name, f.read(), port)


if __name__ == "__main__":
    tap = Tap("smtp")
    if not os.path.isdir(folder):
        tap.skip("smtp", "no ../shared")
        sys.exit(tap.end())
    sys.exit(tap.run(dialogues))
