#!/usr/bin/env python3
"""trap_twin.py - commands good and bad to a real Postfix that relays for 127.0.0.1 and to the trap: replies differ in names and ids only.

What still differs stands in KNOWN, with both replies, so that it can neither grow nor be mended unnoticed."""
import os, re, subprocess, sys, tempfile

from _tap import Tap
from _twin import TALK, compare, of_server, of_trap
from peers.process import Unavailable

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
smtpd_tls_security_level = may
smtpd_tls_chain_files = {pem}
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
QUIT
--
MAIL FROM:<a@example.com>
STARTTLS"""
KNOWN = {
    # Postfix remembers a SIZE it refused until RSET
    "MAIL FROM:<a@example.com> BODY=8BITMIME": (["552 5.3.4 Message size exceeds fixed limit"], ["250 2.1.0 Ok"]),
}
HELLO = "EHLO part.example.com"


def plain(lines):
    return [re.sub(r"queued as [0-9A-Za-z]+", "queued as ID", re.sub(r" ESMTP Postfix.*", " ESMTP Postfix", line)) for line in lines]


def postfix(tap):
    from peers.postfix import Postfix
    if not os.path.exists(TALK):
        raise Unavailable(f"{TALK} is not built")
    with tempfile.NamedTemporaryFile(suffix=".pem") as pem:
        subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", pem.name, "-out", pem.name + ".cert", "-subj", "/CN=mx.example.org"],
                       check=True, stderr=subprocess.DEVNULL)
        with open(pem.name + ".cert", "rb") as certificate, open(pem.name, "ab") as both:
            both.write(certificate.read())
        os.unlink(pem.name + ".cert")
        with Postfix("", 9, settings=SETTINGS.format(pem=pem.name)) as server:
            real = of_server(server.port, SCRIPT, HELLO)
    compare(tap, real, of_trap("postfix", SCRIPT, HELLO), plain, KNOWN)


sys.exit(Tap("trap_twin").run(postfix))
