#!/usr/bin/env python3
"""unanswered.py - a look-up that failed never makes a message look better: the documented cases judged without DNS, and with DNS that times out.

The forged Microsoft update came while its server's own SPF look-up had failed, and was scored as if nothing were known against it."""
import json, os, subprocess, sys, tempfile

from _tap import Tap

POSTERN, ROOT = os.environ.get("POSTERN", "build/postern"), os.environ.get("POSTERN_ROOT", ".")
SEEDS = os.path.join(ROOT, "..", "shared", "seeds", "eml")
ORDER = ["accept", "mark", "quarantine", "reject"]
NAMES = ["microsoft.com", "_dmarc.microsoft.com", "_dmarc.com", "hotmail.com", "koln-5d8184e2.pool.einsundeins.de", "com",
         "226.132.129.93.in-addr.arpa", "pool.einsundeins.de", "einsundeins.de"]
tap = Tap("unanswered")


def scan(path, *options):
    return json.loads(subprocess.run([POSTERN, "scan", "--json", *options, path], stdout=subprocess.PIPE, text=True).stdout)


def main():
    if not os.path.isdir(SEEDS):
        tap.skip(tap.name, "no ../shared")
        return tap.end()
    path = os.path.join(SEEDS, "microsoft-update.eml")
    with tempfile.TemporaryDirectory() as folder:
        for word in ("TIMEOUT", "SERVFAIL"):
            zone, settings = os.path.join(folder, word), os.path.join(folder, "settings.yaml")
            json.dump({name: word for name in NAMES}, open(zone, "w"))
            open(settings, "w").write("shipped_prior: no\n")
            r = scan(path, "--dns", zone, "--settings", settings)
            tap.check(ORDER.index(r["verdict"]) >= ORDER.index("quarantine"), f"{word}: stays at least in quarantine", r["verdict"])
            tap.check({"authentication", "sender_domain"} <= {u["check"] for u in r["unchecked"]}, f"{word}: what was not checked is told", r["unchecked"])
            tap.check(not [e for e in r["evidence"] if e["weight"] < 0], f"{word}: nothing speaks for it", r["evidence"])
    return tap.end()


if __name__ == "__main__":
    sys.exit(main())
