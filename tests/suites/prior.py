#!/usr/bin/env python3
"""prior.py - the shipped prior: small, made byte for byte by tools/make-prior from ../shared, quick to read, and off when it shall be."""
import os, subprocess, sys, tempfile

from _tap import Tap

POSTERN = os.path.abspath(os.environ.get("POSTERN", "build/postern"))
ROOT = os.environ.get("POSTERN_ROOT", os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__)))))
PRIOR = os.path.join(ROOT, "src", "learn", "prior.bin")
PACK = os.path.join(ROOT, "..", "shared", "corpora", "dev-mail.tar.zst")
tap = Tap("prior")
check = tap.check


MAIL = b"From: a@example.org\nTo: b@example.net\nSubject: lowest prices\n\nClick here to order now. You have been selected, act now, 100%% free money. %d\n"


def evaluate(index, *args):
    done = subprocess.run([POSTERN, "evaluate", "--index", index, *args], stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=300)
    return done.returncode, done.stdout, done.stderr


def scores(tmp, index, *args):
    run = f"{tmp}/run"
    code, _, err = evaluate(index, "--feedback", "none", "--out", run, *args)
    return [float(line.split()[1]) for line in open(run)] if code == 0 else [code, err]


def main():
    check(os.path.getsize(PRIOR) <= 2 << 20, "at most 2 MB")
    with tempfile.TemporaryDirectory() as tmp:
        for i in range(2):
            with open(f"{tmp}/{i}.eml", "wb") as f:
                f.write(MAIL % i)
        index = f"{tmp}/index"
        with open(index, "w") as f:
            f.write("".join(f"{label} {tmp}/{i}.eml\n" for i, label in enumerate(("spam", "ham"))))
        without, with_prior = scores(tmp, index), scores(tmp, index, "--prior")
        check(len(with_prior) == 2 and all(0 < b - a <= 2 for a, b in zip(without, with_prior)), "evaluate --prior begins with it, and it says a little only", (without, with_prior))
    if not os.path.exists(PACK):
        return tap.skip("tools/make-prior", "no ../shared")
    build = os.path.dirname(os.path.dirname(POSTERN))
    done = subprocess.run([os.path.join(ROOT, "tools", "make-prior"), "--check", "--build", build], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=1200)
    check(done.returncode == 0, "tools/make-prior writes the same bytes", done.stdout)


main()
sys.exit(tap.end())
