#!/usr/bin/env python3
"""sign.py - `postern sign` as people meet it: what it makes is what `postern auth` accepts, and each error says what to do."""
import json, os, re, stat, subprocess, sys, tempfile

from _tap import Tap

POSTERN = os.path.abspath(os.environ.get("POSTERN", "build/postern"))
MAIL = b"From: Anna <anna@example.org>\nTo: b@example.net\nSubject: Lunch\nDate: Thu, 1 Jan 2026 12:00:00 +0000\n\nAt noon?\n\nAnna  \n\n"
tap = Tap("sign")
check = tap.check


def run(*args, stdin=b""):
    done = subprocess.run([POSTERN, *args], input=stdin, stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=300)
    return done.returncode, done.stdout, done.stderr


def auth(message, zone):
    return [json.loads(line) for line in run("auth", "--json", "--dns", zone, "-", stdin=message)[1].splitlines()][0]["dkim"]


def record_of(zone_text):
    name, rest = zone_text.decode().split(". IN TXT ( ")
    return name, "".join(re.findall(r'"([^"]*)"', rest)), re.findall(r'"([^"]*)"', rest)


def main():
    with tempfile.TemporaryDirectory() as tmp:
        names, zone = {}, {}
        for kind in ("rsa", "ed25519"):
            code, out, err = run("sign", "--new-key", kind, "--key", f"{tmp}/{kind}", "--domain", "Example.ORG", "--selector", kind)
            name, record, strings = record_of(out)
            zone[name] = [{"TXT": strings}]
            check(code == 0 and name == f"{kind}._domainkey.example.org" and record.startswith(f"v=DKIM1; k={kind}; p=") and max(map(len, strings)) <= 255, f"a new {kind} key prints its record", (code, out, err))
            check(stat.S_IMODE(os.stat(f"{tmp}/{kind}").st_mode) == 0o600 and f"{tmp}/{kind}".encode() in err, f"the {kind} key is its owner's alone", err)
        zone_file = f"{tmp}/zone.json"
        json.dump(zone, open(zone_file, "w"))
        before = open(f"{tmp}/rsa", "rb").read()
        code, out, err = run("sign", "--new-key", "rsa", "--key", f"{tmp}/rsa", "--domain", "example.org", "--selector", "rsa")
        check(code == 2 and not out and b"not overwritten" in err and open(f"{tmp}/rsa", "rb").read() == before, "a key is never overwritten", err)

        def sign(kind, message, *more):
            return run("sign", "--key", f"{tmp}/{kind}", "--domain", "example.org", "--selector", kind, *more, stdin=message)

        for kind in ("rsa", "ed25519"):
            for form in ("relaxed/relaxed", "relaxed/simple", "simple/relaxed", "simple/simple", "simple", "relaxed"):
                for ends, message in (("LF", MAIL), ("CRLF", MAIL.replace(b"\n", b"\r\n"))):
                    code, out, err = sign(kind, message, "--canonical", form)
                    field = out[: len(out) - len(message)]
                    whole = out.endswith(message) and field.startswith(b"DKIM-Signature: v=1; ") and (b"\r" in field) == (ends == "CRLF") and max(map(len, field.expandtabs(8).splitlines())) <= 78
                    check(code == 0 and whole, f"{kind} {form} {ends}: one folded field on top, the rest as it was", (err, out))
                    got = auth(out, zone_file)
                    check(len(got) == 1 and got[0]["result"] == "pass" and got[0]["algorithm"] == f"{kind}-sha256", f"{kind} {form} {ends}: passes", got)
        both = sign("rsa", sign("ed25519", MAIL)[1])[1]
        check([s["result"] for s in auth(both, zone_file)] == ["pass", "pass"], "signed with both keys, both pass")
        check([s["result"] for s in auth(both.replace(b"noon", b"one"), zone_file)] == ["fail", "fail"], "a changed body fails both")
        for field in (b"From: x@example.com", b"Subject: Pay now", b"Reply-To: x@example.com", b"Content-Type: text/html", b"To: c@example.com"):
            got = auth(field + b"\n" + both, zone_file)
            check([s["result"] for s in got] == ["fail", "fail"], f"adding {field.decode()} breaks the signature", got)
        got = auth(b"Received: by example.net; Thu, 1 Jan 2026 12:00:01 +0000\nX-List: a\n" + both, zone_file)
        check([s["result"] for s in got] == ["pass", "pass"], "trace fields may be added", got)
        mbox = b"From anna@example.org Thu Jan  1 12:00:00 2026\n"
        code, out, _ = sign("rsa", mbox + MAIL)
        check(code == 0 and out.startswith(mbox + b"DKIM-Signature: "), "the mbox line stays on top", out)
        path = os.path.join(tmp, "mail")
        open(path, "wb").write(MAIL)
        check(sign("rsa", b"", path)[0] == 0 and sign("rsa", MAIL, "-")[0] == 0, "a path, or - for standard input")

        os.chmod(f"{tmp}/rsa", 0o644)
        code, out, err = sign("rsa", MAIL)
        check(code == 0 and b"chmod 600" in err, "a key that others may read is used, and said", err)
        os.chmod(f"{tmp}/rsa", 0o600)

        open(f"{tmp}/text", "w").write("no key")
        ours = ("--key", f"{tmp}/rsa", "--domain", "example.org", "--selector", "rsa")
        for args, stdin, says in [
            ((), MAIL, b"needs --key"), (("--key", f"{tmp}/rsa"), MAIL, b"needs --domain"), (("--key", f"{tmp}/rsa", "--domain", "example.org"), MAIL, b"needs --selector"),
            (("--key", f"{tmp}/absent", *ours[2:]), MAIL, b"cannot be opened: No such file"), (("--key", f"{tmp}/text", *ours[2:]), MAIL, b"no private key in PEM"),
            ((*ours[:2], "--domain", "exam ple", *ours[4:]), MAIL, b"--domain needs a domain name"), ((*ours[:2], "--domain", "org", *ours[4:]), MAIL, b"--domain needs a domain name"),
            ((*ours[:4], "--selector", "a..b"), MAIL, b"--selector needs a name"), ((*ours, "--canonical", "nowsp"), MAIL, b"--canonical needs relaxed or simple"),
            ((*ours, "--new-key", "dsa"), MAIL, b"--new-key needs rsa or ed25519"), ((*ours, "--new-key", "rsa", path), b"", b"signs nothing"),
            (("--new-key", "rsa", "--key", f"{tmp}/no/such", *ours[2:]), b"", b"cannot be written: No such file"), (ours, b"no header\n\nhere\n", b"has no From field"), (ours, b"", b"no message in it"),
            ((*ours, path, path), b"", b"takes one message"), ((*ours, tmp), b"", b"more than one message"), ((*ours, f"{tmp}/absent"), b"", b"absent"), (ours, mbox + MAIL + mbox + MAIL, b"more than one message"),
            (ours, b"From: a@example.org\n" + b"To: b@example.org\n" * 600 + b"\nx\n", b"more than 500 fields"),
        ]:
            code, out, err = run("sign", *args, stdin=stdin)
            check(code == 2 and not out and says in err, f"error: {says.decode()}", (code, out, err))
        if os.path.exists("/dev/full"):
            with open("/dev/full", "wb") as full:
                done = subprocess.run([POSTERN, "sign", *ours, path], stdout=full, stderr=subprocess.PIPE)
            check(done.returncode == 2 and b"cannot write" in done.stderr, "a full disk is an error", done.stderr)
    return tap.end()


sys.exit(main())
