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
STARTTLS
--
STARTTLS x
STARTTLS
--
RSET
VRFY x y
VRFY <a@b.c>
VRFY "x y"
VRFY x@y SMTPUTF8
HELP me
help
QUIT x
NOOP
--
NO\x00OP
NOOP x\x00
NO\rOP
  NOOP
NOOP
\tNOOP
NOOP\tx

MAIL\tFROM:<a@b.c>
RSET
EHLO
EHLO a b c
EHLO [1.2.3.4]
HELO a_b
HELO -
EHLO x;y
EHLO a\xe9
QUIT
--
MAIL FROM:<a@b.c> SIZE=
MAIL FROM:<a@b.c> SIZE
MAIL FROM:<a@b.c> SIZE=-1
MAIL FROM:<a@b.c> SIZE=1 SIZE=2
RSET
MAIL FROM:<a@b.c> SMTPUTF8
RSET
MAIL FROM:<a@b.c> SMTPUTF8=x
MAIL FROM:<\xc3\xa9@b.c>
RSET
MAIL FROM:<\xc3\xa9@b.c> SMTPUTF8
RSET
MAIL FROM:<a@b.c> AUTH=<>
MAIL FROM:<a@b.c> RET=X
MAIL FROM:<a@b.c> RET=FULL RET=HDRS
MAIL FROM:<a@b.c> ENVID=
MAIL FROM:<a@b.c> BODY=
--
MAIL FROM:<a@b.c> BODY
RSET
MAIL FROM:<a@b.c>foo
RSET
MAIL FROM:<a@b.c> <c@d.e>
RSET
MAIL FROM:<a b@c.d>
RSET
MAIL FROM: a@b.c d
RSET
MAIL FROM:<<a@b.c>>
RSET
MAIL FROM:<a@b.c>>
RSET
MAIL FROM:<a@b,c>
RSET
MAIL FROM:<a@[x]>
RSET
MAIL FROM:<@>
RSET
MAIL FROM:<@a:b@c>
RSET
MAIL FROM:<a..b@c>
RSET
MAIL FROM:x <a@b.c>
RSET
--
MAIL FROM:<a@b.c>
RCPT TO:<a@b.c> NOTIFY=
RCPT TO:<a@b.c> NOTIFY=NEVER,FAILURE
RCPT TO:<a@b.c> NOTIFY=x
RCPT TO:<a@b.c> ORCPT=x
RCPT TO:<a@b.c> ORCPT=rfc822;x@y
RCPT TO:<a@b.c> ORCPT=
RCPT TO:<a@b.c> ORCPT=rfc822;x ORCPT=rfc822;y
RCPT TO:<a@b.c> SIZE=1
RCPT TO:<a b@c.d>
RCPT TO:<\xc3\xa9@b.c>
RCPT TO:a
RCPT TO:<a@b.c>x
RCPT TO:<@a>
RCPT TO:<@a:b>
RCPT TO:<a@>
RCPT TO:<@a.b>
RCPT TO:(x)<a@b.c>
RCPT TO:x <a@b.c>
--
BDAT
BDAT x
--
BDAT 3 LAST\r\na
BDAT 3\r\na
MAIL FROM:<a@b.c>
BDAT 3 LAST\r\na
RCPT TO:<a@b.c>
BDAT 3 y\r\na
--
MAIL FROM:<a@b.c>
RCPT TO:<a@b.c>
BDAT 3\r\na
MAIL FROM:<a@b.c>
RCPT TO:<a@b.c>
DATA
NOOP
RSET
MAIL FROM:<a@b.c>
RCPT TO:<a@b.c>
BDAT 3 last\r\na
MAIL FROM:<a@b.c>
RCPT TO:<a@b.c>
DATA
x\r\n..\r\n.x\r\n.
4>MAIL FROM:<a@b.c>\r\nRCPT TO:<c@d.e>\r\nDATA\r\n.
2>NOOP\r\nNOOP
--
GET / HTTP/1.0
--
CONNECT a:25 HTTP/1.0
--
POST / HTTP/1.0
--
Subject: x
--
PUT x
--
\x16\x03\x01\x00
\x05\x01\x00
NOOP
--
foo
foo
foo
foo
foo
foo
foo
foo
foo
foo
foo
foo
foo
foo
foo
foo
foo
foo
foo
foo
foo
--
NOOP
foo\xe9
NOOP \xe9
HELO \xe9
MAIL FROM:<\xe9@b.c>
 
NO\x00OP
--
MAIL FROM:<a@b.c> RET=X
MAIL FROM:<a@b.c> RET=FULL RET=HDRS
RSET
MAIL FROM:<a@b.c> ENVID=
MAIL FROM:<a@b.c> ENVID=x ENVID=y
RSET
MAIL FROM:<a@b.c> ENVID=a+zz
MAIL FROM:<a@b.c> BODY=
MAIL FROM:<a@b.c> AUTH=<>
RSET
MAIL FROM:<a@b.c> AUTH=x
RSET
MAIL FROM:<a@b.c> AUTH
MAIL FROM:<a@b.c> BODY=7BIT BODY=8BITMIME
RSET
MAIL FROM:<a@b.c> SMTPUTF8 SMTPUTF8
RSET
MAIL FROM:<a@b.c> XFOO
MAIL FROM:<a@b.c> x y z
MAIL FROM:<a@b.c> SIZE=99999999
MAIL FROM:<a@b.c> SIZE=99999999 FOO=x
MAIL FROM:<a@b.c> FOO=x
MAIL FROM:<a@b.c>
--
MAIL FROM
MAIL FROM: 
MAIL FROM:<a@b.c>SIZE=3
RSET
MAIL FROM :<a@b.c>
MAIL FROM : <a@b.c>
RSET
MAIL <a@b.c>
MAIL from:<a@b.c>
RSET
MAIL FROM:a@b.c SIZE=3
RSET
MAIL FROM: "a b"@c.d
RSET
MAIL FROM:<a@b.c> 
RSET
MAIL FROM:"x" <a@b.c>
RSET
MAIL FROM:<a@b.c.>
RSET
MAIL FROM:<a@-b>
RSET
MAIL FROM:<a@b_c.d>
RSET
MAIL FROM:<a@b..c>
RSET
MAIL FROM:<.a@b.c>
RSET
MAIL FROM:<a.@b.c>
RSET
--
MAIL FROM:<a@[1.2.3.4]>
RSET
MAIL FROM:<a@[1.2.3]>
RSET
MAIL FROM:<a@[IPv6:::1]>
RSET
MAIL FROM:<a@[::1]>
RSET
MAIL FROM:<"a>b"@c.d>
RSET
MAIL FROM:<"a@b.c>
RSET
MAIL FROM:<a"b"@c.d>
RSET
MAIL FROM:<a\@b@c.d>
RSET
MAIL FROM:<a;b@c.d>
RSET
MAIL FROM:<a:b@c.d>
RSET
MAIL FROM:<a(x)@c.d>
RSET
MAIL FROM:<@c.d>
RSET
MAIL FROM:<a@b@c>
RSET
MAIL FROM:<@a,@b:c@d>
RSET
MAIL FROM:<@a:b>
RSET
MAIL FROM:<@a>
RSET
MAIL FROM:< a@b.c >
RSET
MAIL FROM:<>x
RSET
MAIL FROM:<> x
RSET
--
VRFY x y
VRFY <a@b.c>
VRFY <a@b.c> SMTPUTF8
VRFY <a@b.c> foo
VRFY SMTPUTF8
VRFY "x y"
VRFY a@b@c
VRFY <
VRFY \xc3\xa9@b
EXPN
EXPN x
ETRN
ETRN x
ETRN x y
ETRN #x
ETRN @x.y
ETRN x_y
--
MAIL FROM:<a@b.c>
RCPT TO:
RCPT TO: 
RCPT TO:<>
RCPT TO:<a@b.c> FOO
RCPT TO:<a@b.c> NOTIFY=success
RCPT TO:<a@b.c> NOTIFY=never
RCPT TO:<a@b.c> NOTIFY=NEVER NOTIFY=NEVER
RCPT TO:<a@b.c> ORCPT=rfc822;x ORCPT=rfc822;y
RCPT TO:<a@b.c> ORCPT=rfc822;+zz
RCPT TO:<a@b.c> ORCPT=;x
RCPT TO:a@b.c x
VRFY x
EXPN x
ETRN x
HELP
STARTTLS x
--
BDAT
--
BDAT x
--
BDAT 3 y
--
BDAT 3 LAST\r\na
BDAT 3\r\na
NOOP
RSET
BDAT 3 LAST\r\na
MAIL FROM:<a@b.c>
BDAT 3\r\na
RCPT TO:<a@b.c>
RSET
MAIL FROM:<a@b.c>
RCPT TO:<a@b.c>
BDAT 3\r\na
NOOP
MAIL FROM:<a@b.c>
RCPT TO:<a@b.c>
DATA
VRFY x
BDAT 3 LAST\r\na
MAIL FROM:<a@b.c>
RCPT TO:<a@b.c>
BDAT 3\r\na
QUIT
--
BDAT 3\r\na
MAIL FROM:<a@b.c>
RCPT TO:<a@b.c>
--
STARTTLS
--
NOOP
AUTH
AUTH x
HELO
EHLO
HELO a b c
EHLO ;
HELO [1.2
DATA
RCPT TO:<x@y.z>
MAIL FROM:<a@b.c>
DATA
DATA x
RCPT TO:<x@y.z>
DATA x y
XCLIENT
XFORWARD
XCLIENT x
quit now"""
KNOWN = {}
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
