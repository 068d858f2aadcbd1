#!/usr/bin/env python3
"""serve_dkim.py - a DKIM signature of the strictest kind (simple/simple) survives the way through a real Postfix with postern as its milter.

Signed are also the fields that a milter most easily harms: values without a leading space, with two, with a tab, folds of every kind, empty
ones. postern must have seen the very bytes (its own Authentication-Results says dkim=pass), and dkimpy must find the signature whole in what
was delivered, though fields were put on top and forged ones taken out from between the signed ones."""
import json, os, re, subprocess, sys, tempfile
from _tap import Tap
from peers import process
from peers.load import field
from peers.postern import Serve
from peers.postfix import Postfix
from peers.sink import Sink
from peers.smtp import Smtp

DOMAIN, CRLF = "example.org", b"\r\n"
SIGNED = [b"From: Anna <anna@example.org>", b"To:Ben <ben@example.net>", b"Subject:  two spaces, and two behind  ", b"Date: Sun, 22 Nov 2026 08:00:00 +0000",
          b"Message-ID:\t<1@example.org>", b"References:\r\n <1@example.org>\r\n\t<2@example.org>\r\n   <3@example.org> ", b"Cc:", b"Reply-To: ",
          b"X-Folded: a\r\n \tb\r\n\t \tc", b"X-Long: " + b"word " * 300 + b"end", b"X-8bit: caf\xc3\xa9 \xff", b"X-Twice: one", b"X-Twice:  two",
          b"MIME-Version:1.0", b"Content-Type: text/plain;\r\n\tcharset=utf-8", b"content-transfer-encoding: 8bit"]
FORGED = [b"X-Spam-Flag: NO", b"X-Spam-Status: No, score=-99", b"X-Postern-Why: trust me", b"Authentication-Results: mx.example.org; dkim=fail"]
BODY = b"Hello  Ben,\r\n.\r\n..dots\r\n \r\ncaf\xc3\xa9 \t\r\n" + b"x" * 900 + b"\r\n\r\n\r\n"
# The message is told good, spam, and "would be refused": the fields put on top differ.
SETTINGS = {"accepted": {"mark": 50, "quarantine": 100, "reject": 100}, "marked": {"mark": 0, "quarantine": 100, "reject": 100},
            "not enforced": {"mark": 0, "quarantine": 0.1, "reject": 0.2, "enforce": False}}


class Key:
    def __init__(self, tmp):
        self.path = os.path.join(tmp, "key")
        out = subprocess.run([os.environ["POSTERN"], "sign", "--new-key", "rsa", "--key", self.path, "--domain", DOMAIN, "--selector", "s"],
                             stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
        self.record = "".join(out.stdout.decode().split('"')[1::2])
        with open(self.path, "rb") as f:
            self.private = f.read()
        self.zone = os.path.join(tmp, "zone.json")
        with open(self.zone, "w") as f:
            json.dump({f"s._domainkey.{DOMAIN}": [{"TXT": self.record}], DOMAIN: [{"TXT": "v=spf1 ip4:192.0.2.9 -all"}],
                       f"_dmarc.{DOMAIN}": [{"TXT": "v=DMARC1; p=reject; adkim=s; aspf=s"}]}, f)

    def ask(self, name, timeout=5):
        return self.record.encode() if name.decode().rstrip(".") == f"s._domainkey.{DOMAIN}" else None


def message(signed):
    """The forged fields stand between the signed ones, as a hostile sender would have them."""
    half = len(signed) // 2
    return CRLF.join([FORGED[0], *signed[:half], *FORGED[1:], *signed[half:]]) + CRLF + CRLF + BODY


def by_dkimpy(dkim, key):
    """All fields but the forged are signed."""
    names = [line.partition(b":")[0] for line in SIGNED]
    return dkim.sign(message(SIGNED), b"s", DOMAIN.encode(), key.private, canonicalize=(b"simple", b"simple"), include_headers=names) + message(SIGNED)


def by_postern(key):
    done = subprocess.run([os.environ["POSTERN"], "sign", "--key", key.path, "--domain", DOMAIN, "--selector", "s", "--canonical", "simple/simple"],
                          input=message(SIGNED), stdout=subprocess.PIPE)
    return done.stdout


def survives(tap):
    process.folder()
    try:
        sys.path.insert(0, "/usr/lib/python3/dist-packages")  # not the suite of that name
        import dkim
    except ImportError:
        raise process.Unavailable("there is no dkimpy") from None
    with tempfile.TemporaryDirectory() as tmp:
        key = Key(tmp)
        dns = subprocess.Popen([sys.executable, os.path.join(process.ROOT, "tests", "dns_server.py"), key.zone], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        try:
            port = dns.stdout.readline().split()[-1]
            mails = {"dkimpy's signature": by_dkimpy(dkim, key), "our own signature": by_postern(key)}
            for name, settings in SETTINGS.items():
                with Sink() as sink, Serve(resolver=[f"127.0.0.1@{port}"], **settings) as service, \
                        Postfix(f"inet:127.0.0.1:{service.ports['milter']}", sink.port) as postfix:
                    for what, mail in mails.items():
                        passes(tap, dkim, key, f"{what}, {name}", name, mail, sink, postfix)
        finally:
            dns.kill()
            dns.wait()


def passes(tap, dkim, key, what, name, mail, sink, postfix):
    sink.mails.clear()
    with Smtp(postfix.port) as client:
        client.stand_for("192.0.2.9", helo="mail.example.org")
        reply = client.send("anna@example.org", ["ben@example.net"], mail)
    tap.check(reply.startswith("2"), f"{what}: it is taken", reply)
    process.wait_for("the message comes", lambda: sink.mails, 30)
    got = sink.mails[0].data
    results = field(got, "Authentication-Results") or ""
    tap.check("dkim=pass" in results and "dmarc=pass" in results, f"{what}: postern saw the very bytes", results)
    tap.check(dkim.verify(got, dnsfunc=key.ask), f"{what}: the signature is whole behind it", got[:1500])
    tap.check(not any(forged in got for forged in FORGED), f"{what}: what was forged is gone", got[:1500])
    flag = field(got, "X-Spam-Flag")
    why = field(got, "X-Postern-Why") or ""
    tap.check(why.startswith({"accepted": "accept", "marked": "mark"}.get(name, "not enforced, would be reject")) and flag == ("YES" if name == "marked" else None), f"{what}: the fields of ours are there", got[:1500])
    kept = re.search(rb"(?m)^DKIM-Signature:", got).start()
    tap.check(got[kept:] == re.sub(rb"(?m)^(?:%s)\r\n" % b"|".join(re.escape(f) for f in FORGED), b"", mail), f"{what}: below ours everything is byte for byte the same", got[kept:kept + 1500])


sys.exit(Tap("serve_dkim").run(survives))
