#!/usr/bin/env python3
"""tests/suites/spf.py - every case of ../shared/suites/spf (openspf's RFC 7208 suite) through `postern auth --json --dns`.

`result` lists the words that are allowed. `explanation` DEFAULT means that there is none that can be used. No differences are known."""
import json, os, subprocess, sys

SUITE = os.path.join(os.environ["POSTERN_ROOT"], "..", "shared", "suites", "spf")


def judge(case):
    zone = os.path.join(SUITE, f"spf_rfc7208_zone{case['zone']}.json")
    out = subprocess.run([os.environ["POSTERN"], "auth", "--json", "--dns", zone, "--now", "2026-01-01", "--ip", case["host"], "--helo", case["helo"],
                          "--from", case["mailfrom"]], stdout=subprocess.PIPE).stdout
    return json.loads(out)["spf"]


def main():
    if not os.path.exists(SUITE):
        print("ok 1 - spf # SKIP no ../shared")
        return 0
    with open(os.path.join(SUITE, "spf_rfc7208.jsonl"), encoding="utf-8") as f:
        cases = [json.loads(line) for line in f]
    failed = 0
    for number, case in enumerate(cases, 1):
        got, wrong = judge(case), []
        if got["mailfrom"] not in case["result"]:
            wrong.append(f"got {got['mailfrom']}, want {' or '.join(case['result'])}")
        want = case["explanation"]
        if want and got["explanation"] != (None if want == "DEFAULT" else want):
            wrong.append(f"explanation: got {got['explanation']!r}, want {want!r}")
        failed += bool(wrong)
        print(f"{'not ok' if wrong else 'ok'} {number} - {case['id']}" + (": " + "; ".join(wrong) if wrong else ""))
    print(f"1..{len(cases)}")
    print(f"# {len(cases) - failed} of {len(cases)}")
    return 1 if failed else 0


sys.exit(main())
