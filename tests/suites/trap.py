#!/usr/bin/env python3
"""trap.py - `postern trap` over a folder of caught mail: the two subjects of the Dublin honeypot, and the mail that follows probes."""
import json, os, subprocess, sys, tempfile

from _tap import Tap

POSTERN = os.path.abspath(os.environ.get("POSTERN", "build/postern"))
OWN = "198.51.100.7,relay.example.org"
tap = Tap("trap")
check = tap.check


def run(*args):
    done = subprocess.run([POSTERN, "trap", *args], stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=300)
    return done.returncode, done.stdout.decode(), done.stderr.decode()


def caught(ip, to, subject, body="x\n", extra=""):
    return (f"Return-Path: <{subject[:3].lower()}@mail.example>\nDelivered-To: {to}\n"
            f"Received: from h.example (h.example [{ip}]) by relay.example.org (Postfix) with SMTP id 1; Mon, 2 Mar 2009 10:00:00 +0800\n"
            f"From: <a@mail.example>\nTo: <{to.split(',')[0]}>\nSubject: {subject}\n{extra}\n{body}")


def main():
    with tempfile.TemporaryDirectory() as tmp:
        mails = {
            "1-bc": caught("203.0.113.4", "box@webmail.example", "BC_198.51.100.7"),
            "2-super": caught("203.0.113.5", "box@webmail.example", "Super webscan open relay check succeded, hostname = 198.51.100.7"),
            "3-hex": caught("203.0.113.6", "box@webmail.example", "hello", "1C6336407:8080\n"),
            "4-spam": caught("203.0.113.7", ",".join(f"u{i}@victim.example" for i in range(40)), "Cheap watches", "<a href='http://w.example/'>buy</a>\n",
                             "MIME-Version: 1.0\nContent-Type: text/html\n"),
        }
        for name, text in mails.items():
            with open(os.path.join(tmp, name), "w") as f:
                f.write(text)
        code, out, err = run("read", "--json", OWN, tmp)
        told = [json.loads(line) for line in out.splitlines()]
        check(code == 1 and not err and [t["kind"] for t in told] == ["probe", "probe", "probe", "payload"], "probes are told from payload", (code, out, err))
        check([t["family"] for t in told] == ["bc", "super-webscan", "address-line", None], "families are named", told)
        check(told[2]["own"] == [{"in": "body", "spelling": "hex", "wrapping": "", "port": 8080}], "spelling and port are told", told[2]["own"])
        check("BC" not in told[0]["shape"] and told[0]["shape"].startswith("bc_<address>"), "the shape shows its slots", told[0]["shape"])
        code, out, err = run("read", OWN, os.path.join(tmp, "1-bc"))
        check(code == 1 and "probe (" in out and "The subject holds our address with dots" in out, "the reasons are told in words", out)
        code, out, err = run("stats", "--json", OWN, tmp)
        stats = json.loads(out)
        check(stats["messages"] == 4 and sum(w["probes"] for w in stats["weeks"]) == 3 and sum(w["payloads"] for w in stats["weeks"]) == 1, "counts add up", stats)
        check({w["week"] for w in stats["weeks"]} == {"2009-03-02"}, "weeks begin on Monday", stats)
        check("operator" in run("stats", OWN, tmp)[1], "stats for people", out)
        for wrong in ((), ("read",), ("read", OWN), ("tea", OWN, tmp), ("read", "nonsense", tmp), ("read", OWN, os.path.join(tmp, "none"))):
            code, out, err = run(*wrong)
            check(code == 2 and err, f"wrong usage is told: {wrong[:2]}", (code, err))
    return tap.end()


if __name__ == "__main__":
    sys.exit(main())
