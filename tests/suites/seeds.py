#!/usr/bin/env python3
"""seeds.py - the documented cases of ../shared/seeds/eml: verdict, origin, false Received lines and number of independent proofs.

A proof is evidence of at least 0.5 nats against the message; independent proofs are of different groups. With its Message-ID replaced by a
well-formed one, the forged Microsoft update must still be proven in three ways."""
import json, os, subprocess, sys, tempfile

from _tap import Tap

POSTERN, ROOT = os.environ.get("POSTERN", "build/postern"), os.environ.get("POSTERN_ROOT", ".")
SEEDS = os.path.join(ROOT, "..", "shared", "seeds", "eml")
ORDER = ["accept", "mark", "quarantine", "reject"]
tap = Tap("seeds")
check = tap.check


def run(command, settings, path):
    out = subprocess.run([POSTERN, command, "--json", "--settings", settings, path], stdout=subprocess.PIPE, text=True).stdout
    return json.loads(out)


def proofs(r):
    """Groups, and fields or parts, of the evidence that speaks against the message."""
    strong = [e for e in r["evidence"] if e["weight"] >= 0.5]
    return {e["group"] for e in strong}, {(a["part"], a["in"], a["from"]) for e in strong for a in e["at"]}


def main():
    if not os.path.isdir(SEEDS):
        tap.skip(tap.name, "no ../shared")
        return tap.end()
    expected = json.load(open(os.path.join(SEEDS, "expected.json")))
    with tempfile.TemporaryDirectory() as folder:
        settings = os.path.join(folder, "settings.yaml")
        for name, want in expected.items():
            json.dump(want.get("settings", {}), open(settings, "w"))
            path = os.path.join(SEEDS, name)
            r, trace = run("scan", settings, path), run("trace", settings, path)
            if "verdict_at_least" in want:
                check(ORDER.index(r["verdict"]) >= ORDER.index(want["verdict_at_least"]), f"{name} reaches {want['verdict_at_least']}", f"{r['verdict']} {r['score']}")
            if "origin" in want:
                check(r["origin"]["ip"] == want["origin"], f"{name} comes from {want['origin']}", r["origin"])
            if "role" in want:
                check(r["origin"]["role"] == want["role"], f"{name}: {want['origin']} is its {want['role']}", r["origin"])
            if "relay" in want:
                proven = [h["from"]["ip"] for h in trace["hops"] if h["verdict"] == "true"]
                check(bool(proven) and proven[-1] == want["relay"], f"{name}: the last proven hop is {want['relay']}", proven)
                check(trace["hops"][-1]["verdict"] == "unproven", f"{name}: the line below it is unproven", trace["hops"][-1]["verdict"])
            false = [h["n"] for h in trace["hops"] if h["verdict"] == "false"]
            check(false == want.get("false_hops", []), f"{name}: false lines {want.get('false_hops', [])}", false)
            if "proofs_at_least" in want:
                groups, places = proofs(r)
                check(len(groups) >= want["proofs_at_least"], f"{name} is proven forged in {want['proofs_at_least']} independent ways", sorted(groups))
                check(len(places) >= 4, f"{name}: on at least four fields or parts", places)
                raw = open(path, "rb").read().replace(b"<01c92c39$ff9ce480$e284815d@60GC7Q>", b"<000601c92c31$9f1a2b30$6401a8c0@workstation>")
                changed = os.path.join(folder, "changed.eml")
                open(changed, "wb").write(raw)
                groups, _ = proofs(run("scan", settings, changed))
                check(len(groups) >= 3, f"{name} with a well-formed Message-ID is proven in three ways", sorted(groups))
    return tap.end()


sys.exit(main())
