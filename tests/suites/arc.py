#!/usr/bin/env python3
"""arc.py - validation of Authenticated Received Chains against ../shared/suites/arc: all of it, without exception."""
import json, os, subprocess, sys, tempfile

from _tap import Tap

POSTERN, ROOT = os.path.abspath(os.environ.get("POSTERN", "build/postern")), os.environ.get("POSTERN_ROOT", ".")
SUITE = os.path.join(ROOT, "../shared/suites/arc")
tap = Tap("arc")


def main():
    if not os.path.isdir(SUITE):
        tap.skip(tap.name, "no ../shared")
        return tap.end()
    zones = {}
    for line in open(f"{SUITE}/arc_validation.jsonl", encoding="utf-8"):
        case = json.loads(line)
        zones.setdefault(case["zone"], []).append(case)
    with tempfile.TemporaryDirectory() as folder:
        for zone, cases in sorted(zones.items()):
            for case in cases:
                open(os.path.join(folder, case["id"]), "w", encoding="utf-8", newline="").write(case["message"])
            done = subprocess.run([POSTERN, "auth", "--json", "--dns", f"{SUITE}/arc_zone{zone}.json"] + [os.path.join(folder, c["id"]) for c in cases], stdout=subprocess.PIPE)
            got = [json.loads(line)["arc"]["cv"] for line in done.stdout.splitlines()]
            got += ["(nothing)"] * (len(cases) - len(got))
            for case, cv in zip(cases, got):
                tap.check(cv == case["cv"].lower(), f"{case['id']}: {case['description']}", f"{cv}, should be {case['cv'].lower()}")
    return tap.end()


sys.exit(main())
