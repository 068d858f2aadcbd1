#!/usr/bin/env python3
"""trap_twin.py - 91 commands, good and bad, to a real Postfix that relays for 127.0.0.1 and to the trap: replies differ in names and ids only.

What still differs stands in KNOWN, with both replies, so that it can neither grow nor be mended unnoticed."""
import contextlib, os, re, socket, subprocess, sys

from _tap import Tap
from peers.process import Unavailable

POSTERN = os.path.abspath(os.environ.get("POSTERN", "build/postern"))
TALK = os.path.join(os.path.dirname(POSTERN), "../tests/trap_talk")
SETTINGS = """mynetworks = 127.0.0.0/8
smtpd_relay_restrictions = permit_mynetworks, reject_unauth_destination
relay_transport = discard:
default_transport = discard:
smtpd_authorized_xclient_hosts =
disable_vrfy_command = no
message_size_limit = 10240000
relay_domains =
maillog_file =
smtpd_hard_error_limit = 20
"""
SCRIPT = r"""HELO
EHLO
EHLO probe.example.com
HELO probe.example.com
FOO
foo bar
NOOP
NOOP hello
RSET
RSET x
VRFY postmaster
VRFY
EXPN staff
HELP
ETRN example.com
--
MAIL
MAIL FROM
MAIL FROM:
MAIL TO:<a@example.com>
MAIL FROM: <a@example.com>
RSET
MAIL FROM:a@example.com
RSET
MAIL FROM:<a@example.com
RSET
MAIL FROM:<a@b@example.com>
RSET
MAIL FROM:<a>
RSET
MAIL FROM:<>
RSET
--
MAIL FROM:<a@example.com> SIZE=1000
RSET
MAIL FROM:<a@example.com> SIZE=abc
MAIL FROM:<a@example.com> SIZE=999999999999
MAIL FROM:<a@example.com> BODY=8BITMIME
RSET
MAIL FROM:<a@example.com> BODY=FOO
MAIL FROM:<a@example.com> FOO=BAR
MAIL FROM:<a@example.com> RET=HDRS ENVID=x
RSET
--
RCPT TO:<b@example.org>
DATA
mail from:<a@example.com>
MAIL FROM:<c@example.com>
DATA
RCPT
RCPT TO
RCPT TO:
RCPT FROM:<b@example.org>
RCPT TO:<>
RCPT TO:<b@example.org
RCPT TO:<b@example.org> FOO=BAR
RCPT TO:<b@example.org> NOTIFY=NEVER
--
MAIL FROM:<a@example.com>
RCPT TO:<b%example.org@mx.example.org>
RCPT TO:<@mx.example.org:b@example.org>
RCPT TO:<"b@example.org"@mx.example.org>
RCPT TO:<b@example.org@mx.example.org>
RCPT TO:<example.org!b>
RCPT TO:<b@[192.0.2.1]>
RCPT TO:<postmaster>
RCPT TO: b@example.org
rcpt to:<b@example.org>
EHLO again.example.com
RCPT TO:<b@example.org>
--
MAIL FROM:<a@example.com>
RCPT TO:<b@example.org>
DATA x
STARTTLS
AUTH PLAIN
AUTH LOGIN
RSET
XCLIENT ADDR=1.2.3.4
XFORWARD ADDR=1.2.3.4
TURN
SEND FROM:<a@example.com>
--
MAIL FROM:<a@example.com>
RCPT TO:<b@example.org>
DATA
.
MAIL FROM:<a@example.com>
RCPT TO:<b@example.org>
RCPT TO:<c@example.org>
DATA
Subject: BC_192.0.2.1\r\n\r\ntest\r\n.
MAIL FROM:<a@example.com>
RCPT TO:<b@example.org>
BDAT 7\r\nhello
BDAT 0 LAST
QUIT""".split("\n--\n")
KNOWN = {
    # Postfix remembers a SIZE it refused until RSET
    "MAIL FROM:<a@example.com> BODY=8BITMIME": (["552 5.3.4 Message size exceeds fixed limit"], ["250 2.1.0 Ok"]),
}
tap = Tap("trap_twin")


def talk(connect):
    """(command, reply lines) of the whole script, each part on a connection of its own: twenty errors end one."""
    told = []
    for part in SCRIPT:
        with connect() as (send, file):
            told.append(("", reply_of(file)))
            for command in ["EHLO part.example.com", *part.split("\n")]:
                send(command.encode().decode("unicode_escape").encode("latin-1") + b"\r\n")
                told.append((command, reply_of(file)))
    return told


def reply_of(file):
    lines = []
    while True:
        line = file.readline()
        lines += [line.decode("latin-1").rstrip("\r\n")] if line else []
        if not line or line[3:4] != b"-":
            return lines


def of_postfix():
    from peers.postfix import Postfix

    @contextlib.contextmanager
    def connect():
        with socket.create_connection(("127.0.0.1", postfix.port), 30) as s:
            yield s.sendall, s.makefile("rb")
    with Postfix("", 9, settings=SETTINGS) as postfix:
        return talk(connect)


def of_trap(personality):
    @contextlib.contextmanager
    def connect():
        with subprocess.Popen([TALK, personality, "mx.example.org"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, bufsize=0) as p:
            with os.fdopen(os.dup(p.stdout.fileno()), "rb") as file:
                yield p.stdin.write, file
            p.stdin.close()
    return talk(connect)


def plain(lines):
    return [re.sub(r"queued as [0-9A-Za-z]+", "queued as ID", re.sub(r" ESMTP Postfix.*", " ESMTP Postfix", line)) for line in lines]


def postfix(tap):
    if not os.path.exists(TALK):
        raise Unavailable(f"{TALK} is not built")
    real, ours = of_postfix(), of_trap("postfix")
    tap.check([c for c, _ in real] == [c for c, _ in ours], f"both are asked {len(real)} times", (len(real), len(ours)))
    differ = {command or "greeting": (plain(a), plain(b)) for (command, a), (_, b) in zip(real, ours) if plain(a) != plain(b)}
    tap.check(differ == KNOWN, f"all replies but {len(KNOWN)} are the real server's", sorted(differ.items()))


sys.exit(tap.run(postfix))
