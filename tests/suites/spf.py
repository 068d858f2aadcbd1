#!/usr/bin/env python3
"""tests/suites/spf.py - every case of ../shared/suites/spf (openspf's RFC 7208 suite) through `postern auth --json --dns`.

`result` lists the words that are allowed. `explanation` DEFAULT means that there is none that can be used. No differences are known."""
import json, os, subprocess, sys

from _tap import Tap

SUITE = os.path.join(os.environ["POSTERN_ROOT"], "..", "shared", "suites", "spf")
tap = Tap("spf")


def judge(case):
    zone = os.path.join(SUITE, f"spf_rfc7208_zone{case['zone']}.json")
    out = subprocess.run([os.environ["POSTERN"], "auth", "--json", "--dns", zone, "--now", "2026-01-01", "--ip", case["host"], "--helo", case["helo"],
                          "--from", case["mailfrom"]], stdout=subprocess.PIPE).stdout
    return json.loads(out)["spf"]


def main():
    if not os.path.exists(SUITE):
        tap.skip(tap.name, "no ../shared")
        return tap.end()
    with open(os.path.join(SUITE, "spf_rfc7208.jsonl"), encoding="utf-8") as f:
        cases = [json.loads(line) for line in f]
    for case in cases:
        got, wrong = judge(case), []
        if got["mailfrom"] not in case["result"]:
            wrong.append(f"got {got['mailfrom']}, want {' or '.join(case['result'])}")
        want = case["explanation"]
        if want and got["explanation"] != (None if want == "DEFAULT" else want):
            wrong.append(f"explanation: got {got['explanation']!r}, want {want!r}")
        tap.check(not wrong, case["id"], "; ".join(wrong))
    return tap.end()


sys.exit(main())
