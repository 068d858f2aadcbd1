#!/usr/bin/env python3
"""dkim.py - DKIM verification against the messages of two other implementations (../shared/suites/dkim): the cryptographic result is theirs.

What policy makes of it is not compared here (tests/unit/auth/test_dkim.c has tables of its own)."""
import json, os, subprocess, sys

from _tap import Tap

POSTERN, ROOT = os.path.abspath(os.environ.get("POSTERN", "build/postern")), os.environ.get("POSTERN_ROOT", ".")
SUITE = os.path.join(ROOT, "../shared/suites/dkim")

# Mail::DKIM obeys g= of the key, which RFC 6376 removed: it limited which local parts might sign, and receivers must ignore it now.
DIFFERS = {f"badkey_{n}.txt": "g= in the key: removed by RFC 6376 (appendix C)" for n in (8, 9, 12, 13)}
# Judged as of when they came, as a server does; the suite's own program does not ask what time it is except here.
NOW = {"ignore_7.txt": "2008-01-01"}
STATES = {"SUCCESS": "pass", "TEMPFAIL": "temperror", "PERMFAIL": "permerror"}

tap = Tap("dkim")
check = tap.check


def auth(path, dns=None, now=None):
    args = [POSTERN, "auth", "--json"] + (["--dns", dns] if dns else []) + (["--now", now] if now else []) + [path]
    return json.loads(subprocess.run(args, stdout=subprocess.PIPE).stdout)["dkim"]


def best(signatures):
    """As a whole: a good signature is enough; what could not be computed is no signature."""
    crypto = [s["crypto"] for s in signatures]
    return "pass" if "pass" in crypto else "fail" if "fail" in crypto else "invalid"


def mail_dkim():
    for line in open(f"{SUITE}/mail-dkim/expected.tsv", encoding="utf-8"):
        if line.startswith("#"):
            continue
        name, want = line.rstrip("\n").split("\t")[:2]
        got = auth(f"{SUITE}/mail-dkim/corpus/{name}", f"{SUITE}/mail-dkim/dns.json", NOW.get(name))
        if name in DIFFERS:
            check(best(got) == "pass", f"mail-dkim {name} (differs: {DIFFERS[name]})", got)
        else:
            check(best(got) == want, f"mail-dkim {name}: {want}", got)


def chasquid():
    for name in sorted(os.listdir(f"{SUITE}/chasquid")):
        if not name.endswith(".msg"):
            continue
        stem = f"{SUITE}/chasquid/{name[:-4]}"
        got = auth(stem + ".msg", stem + ".dns.json" if os.path.exists(stem + ".dns.json") else None)
        if not os.path.exists(stem + ".result"):
            check(got == [], f"chasquid {name}: no message, no signature", got)
            continue
        # That server judges five signatures at most, we eight. A key that is gone fails one signature for good, not for now.
        want = [(r["Domain"], r["Selector"], STATES[r["State"]]) for r in json.load(open(stem + ".result", encoding="utf-8"))["Results"]]
        shown = [(s["domain"], s["selector"], s["result"]) for s in got[: len(want)]]
        same = all(w[2] == g[2] and (not w[0] or w[:2] == g[:2]) for w, g in zip(want, shown)) and len(shown) == len(want)
        check(same and all((s["crypto"] == "pass") == (s["result"] == "pass") for s in got), f"chasquid {name}", (want, got))


def main():
    if not os.path.isdir(SUITE):
        tap.skip(tap.name, "no ../shared")
        return tap.end()
    mail_dkim()
    chasquid()
    return tap.end()


sys.exit(main())
