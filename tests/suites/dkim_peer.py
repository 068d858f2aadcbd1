#!/usr/bin/env python3
"""dkim_peer.py - DKIM and ARC against dkimpy: messages signed by each side, verified by the other.

Both algorithms, every pair of canonicalisations, messages as odd as mail gets. Where the two must differ, the case says why."""
import json, os, random, subprocess, sys, tempfile

from _tap import Tap

POSTERN = os.path.abspath(os.environ.get("POSTERN", "build/postern"))
DOMAIN, FORMS = "example.org", ("simple", "relaxed")
tap = Tap("dkim_peer")
check = tap.check


def run(*args, stdin=b""):
    return subprocess.run([POSTERN, *args], input=stdin, stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=300)


def header(r, *more):
    return b"\r\n".join([b"From: Anna <anna@example.org>", b"To: b@example.net", b"Subject: Lunch %d" % r.randrange(1000), b"Date: Thu, 1 Jan 2026 12:00:00 +0000", *more]) + b"\r\n\r\n"


WORDS = [b"noon", b"at", b"the", b"corner", b"  ", b"\t", b" \t ", b"caf\xc3\xa9", b"\xff\xfe", b"=20", b".", b"..", b"-- "]


def line(r, n):
    return b" ".join(r.choice(WORDS) for _ in range(r.randrange(n)))


# Each makes one kind of message, with CRLF: the form that SMTP carries and that both sides hash. A last line that has no line end and ends in
# blanks is left out: we end it first and then ignore its blanks (RFC 6376 3.4.4), dkimpy keeps one; SMTP carries no such message.
KINDS = {
    "plain": lambda r: header(r) + b"Hello you,\r\nat noon?\r\n",
    "empty body": lambda r: header(r),
    "only empty lines": lambda r: header(r) + b"\r\n" * r.randrange(1, 5),
    "trailing empty lines": lambda r: header(r) + b"Hello\r\n" + b"\r\n" * r.randrange(1, 5),
    "trailing blanks": lambda r: header(r) + b"Hello  \t\r\n \r\n\t\r\n",
    "no final line end": lambda r: header(r) + b"Hello",
    "folded fields": lambda r: header(r, b"References: <1@example.org>\r\n\t<2@example.org>\r\n  <3@example.org>", b"X-Folded: a\r\n b"),
    "blanks in fields": lambda r: header(r, b"Reply-To:   anna@example.org \t ", b"In-Reply-To:\t<1@example.org>  <2@example.org>"),
    "8-bit": lambda r: header(r, b"Reply-To: \xc3\xa9\xff <a@example.org>") + b"caf\xc3\xa9 \xff\x80\r\n",
    "long lines": lambda r: header(r, b"References: " + b" ".join(b"<%d@example.org>" % i for i in range(r.randrange(100, 400)))) + b"x" * r.randrange(1000, 30000) + b"\r\n" + b"y z" * 3000 + b"\r\n",
    "duplicate fields": lambda r: header(r, b"Received: by a.example; Thu, 1 Jan 2026 12:00:00 +0000", b"Cc: c@example.net", b"Cc: d@example.net", b"Received: by b.example; Thu, 1 Jan 2026 12:00:00 +0000") + b"Hello\r\n",
    "a CR alone": lambda r: header(r) + b"one\rtwo \r three\r\n",
    "multipart": lambda r: header(r, b"MIME-Version: 1.0", b"Content-Type: multipart/mixed;\r\n boundary=\"b\"") + b"--b\r\n\r\n  one\r\n--b\r\nContent-Type: text/html\r\n\r\n<p>two</p>\r\n--b--\r\n\r\n",
    "lists": lambda r: header(r, b"List-Id: <l.example.org>", b"List-Unsubscribe: <https://example.org/u>", b"List-Unsubscribe-Post: List-Unsubscribe=One-Click") + b"Hello\r\n",
    "any words": lambda r: header(r) + b"".join(line(r, 12) + b"\r\n" for _ in range(r.randrange(60))),
    "any words, no final line end": lambda r: header(r) + b"".join(line(r, 12) + b"\r\n" for _ in range(r.randrange(60))) + line(r, 5) + b"end",
}


class Keys:
    """A key of each kind made by postern; dkimpy reads RSA in PEM and Ed25519 as 32 bytes of base64."""

    def __init__(self, tmp):
        self.path, self.records, self.private = {}, {}, {}
        for kind in ("rsa", "ed25519"):
            self.path[kind] = os.path.join(tmp, kind)
            out = run("sign", "--new-key", kind, "--key", self.path[kind], "--domain", DOMAIN, "--selector", kind).stdout.decode()
            self.records[f"{kind}._domainkey.{DOMAIN}"] = "".join(out.split('"')[1::2])
            self.private[kind] = open(self.path[kind], "rb").read()
        der = subprocess.run(["openssl", "pkey", "-in", self.path["ed25519"], "-outform", "DER"], stdout=subprocess.PIPE).stdout
        import base64
        self.private["ed25519"] = base64.b64encode(der[-32:])
        self.zone = os.path.join(tmp, "zone.json")
        json.dump({name: [{"TXT": record}] for name, record in self.records.items()}, open(self.zone, "w"))

    def ask(self, name, timeout=5):
        return self.records[name.decode().rstrip(".")].encode()


def cases(rounds):
    r = random.Random(6376)
    for number in range(rounds):
        for kind in ("rsa", "ed25519"):
            for head in FORMS:
                for body in FORMS:
                    for name, make in KINDS.items():
                        yield f"{number} {kind} {head}/{body} {name}", kind, head, body, make(r)


def from_dkimpy(dkim, keys, tmp):
    """Signed by dkimpy; postern reads each as SMTP carried it and as a mailbox stores it."""
    paths, names = [], []
    for what, kind, head, body, message in cases(2):
        algorithm = b"rsa-sha256" if kind == "rsa" else b"ed25519-sha256"
        field = dkim.sign(message, kind.encode(), DOMAIN.encode(), keys.private[kind], canonicalize=(head.encode(), body.encode()), signature_algorithm=algorithm)
        for ends, stored in (("CRLF", field + message), ("LF", (field + message).replace(b"\r\n", b"\n"))):
            names.append(f"dkimpy -> postern: {what}, {ends}")
            paths.append(os.path.join(tmp, f"{len(paths)}.eml"))
            open(paths[-1], "wb").write(stored)
    done = run("auth", "--json", "--dns", keys.zone, *paths)
    got = [json.loads(line)["dkim"] for line in done.stdout.splitlines()]
    got += [None] * (len(names) - len(got))
    for name, signatures in zip(names, got):
        check(signatures and signatures[0]["result"] == "pass" and signatures[0]["crypto"] == "pass", name, signatures)


def to_dkimpy(dkim, keys):
    for what, kind, head, body, message in cases(2):
        done = run("sign", "--key", keys.path[kind], "--domain", DOMAIN, "--selector", kind, "--canonical", f"{head}/{body}", stdin=message)
        try:
            good, detail = dkim.verify(done.stdout, dnsfunc=keys.ask), done.stderr
        except Exception as error:
            good, detail = False, error
        check(good, f"postern -> dkimpy: {what}", detail)


def changed(dkim, keys):
    """Both see the same changes."""
    r = random.Random(8617)
    for what, kind, head, body, message in cases(1):
        field = dkim.sign(message, kind.encode(), DOMAIN.encode(), keys.private[kind], canonicalize=(head.encode(), body.encode()),
                          signature_algorithm=b"rsa-sha256" if kind == "rsa" else b"ed25519-sha256")
        at, signed = r.randrange(len(message)), bytearray(field + message)
        signed[len(field) + at] ^= r.choice((1, 0x20))
        # A byte that makes or breaks a line end or the header's end changes what is a line, which the two read differently.
        if signed[len(field) + at] in b"\r\n\0:" or message[at] in b"\r\n:" or message.find(b"\r\n\r\n") < 0 or at < 30:
            continue
        try:
            want = dkim.verify(bytes(signed), dnsfunc=keys.ask)
        except Exception:
            continue
        got = json.loads(run("auth", "--json", "--dns", keys.zone, "-", stdin=bytes(signed)).stdout)["dkim"]
        check((got[0]["result"] == "pass") == want, f"changed at {at}: {what}", (want, got))


SEALER = os.path.join(os.path.dirname(POSTERN), "../tests/seal_message")


def seal_ours(keys, message):
    done = subprocess.run([SEALER, keys.path["rsa"], DOMAIN, "rsa", keys.zone], input=message, stdout=subprocess.PIPE)
    return done.stdout if done.returncode == 0 else b""


def seal_theirs(dkim, keys, message, relay):
    # It seals what an Authentication-Results field of its own says.
    status = b"pass" if b"ARC-Seal" in message else b"none"
    message = b"Authentication-Results: " + relay + b"; arc=" + status + b"; spf=pass smtp.mailfrom=example.org\r\n" + message
    return b"".join(dkim.arc_sign(message, b"rsa", DOMAIN.encode(), keys.private["rsa"], relay)) + message


def chains(dkim, keys):
    """Chains of one to four sets, each sealed by one side, judged by both after each."""
    r = random.Random(8617)
    for name, make in KINDS.items():
        message, who = make(r), ""
        for sets in range(1, 5):
            ours = r.randrange(2)
            who += "postern " if ours else "dkimpy "
            message = seal_ours(keys, message) if ours else seal_theirs(dkim, keys, message, b"relay%d.example" % sets)
            theirs = dkim.arc_verify(message, dnsfunc=keys.ask)
            got = json.loads(run("auth", "--json", "--dns", keys.zone, "-", stdin=message).stdout or b"{}").get("arc")
            check(theirs[0] == b"pass" and got == {"cv": "pass", "instances": sets}, f"sealed by {who}: {name}", (theirs[0], theirs[2], got))


def main():
    try:
        sys.path.insert(0, "/usr/lib/python3/dist-packages")
        import dkim, nacl.signing  # noqa: F401 (dkimpy needs it for Ed25519)
    except ImportError as missing:
        tap.skip(tap.name, missing)
        return tap.end()
    with tempfile.TemporaryDirectory() as tmp:
        keys = Keys(tmp)
        from_dkimpy(dkim, keys, tmp)
        to_dkimpy(dkim, keys)
        changed(dkim, keys)
        if os.path.exists(SEALER):
            chains(dkim, keys)
    return tap.end()


sys.exit(main())
