#!/usr/bin/env python3
"""corpus.py - all of the development corpus through the program under test, label leaks cut: no crash or sanitizer report, few false alarms.

Bounds per source (issue 2, point 12): no good message reaches reject, at most 1 in 1,000 quarantine, at most 1 % mark (5 % of foff-milter);
at most 1 good message in 1,000 has a Received line called false. The checks alone: the shipped prior was made from this mail. The corpus is
unpacked outside the repository."""
import collections, importlib.machinery, importlib.util, json, os, subprocess, sys, tempfile

from _tap import Tap

POSTERN, ROOT = os.environ.get("POSTERN", "build/postern"), os.environ.get("POSTERN_ROOT", ".")
CORPORA = os.path.join(ROOT, "..", "shared", "corpora")
SPAM_AT_LEAST = {"lfdr": 30, "spamassassin": 40, "csdmc2010": 50, "phishing_pot": 40}  # percent that reach mark
GOOD_AT_MOST = {"foff-milter": 5.0}  # percent that reach mark; 1 elsewhere
tap = Tap("corpus")
check = tap.check


def accuracy_tool():
    loader = importlib.machinery.SourceFileLoader("accuracy", os.path.join(ROOT, "tools", "accuracy"))
    module = importlib.util.module_from_spec(importlib.util.spec_from_loader("accuracy", loader))
    loader.exec_module(module)
    return module


def unpacked():
    folder = os.path.join(tempfile.gettempdir(), "postern-dev-mail")
    index = os.path.join(folder, "devpack.index")
    if not os.path.exists(index):
        os.makedirs(folder, exist_ok=True)
        subprocess.run(["tar", "--zstd", "-xf", os.path.join(CORPORA, "dev-mail.tar.zst"), "-C", folder], check=True)
    return accuracy_tool().stripped_copy(index, os.path.join(CORPORA, "label-leaks.txt"))


def scanned(command, index):
    """One parsed object a message; whatever the sanitizers say ends up on our output and in the exit status."""
    with tempfile.NamedTemporaryFile("w", suffix=".yaml") as settings:
        settings.write("shipped_prior: no\n")
        settings.flush()
        run = subprocess.Popen([POSTERN, command, "--json", "-j", "2", "--settings", settings.name, "--index", index],
                               stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        for line in run.stdout:
            yield json.loads(line)
    errors = run.stderr.read()
    if run.wait() not in (0, 1) or "ERROR: AddressSanitizer" in errors or "runtime error" in errors:
        print("# " + errors.strip().replace("\n", "\n# ")[:4000])
        yield None


def main():
    if not os.path.exists(os.path.join(CORPORA, "dev-mail.tar.zst")):
        tap.skip(tap.name, "no ../shared")
        return tap.end()
    index = unpacked()
    labels = [l.split(" ", 1) for l in open(index, encoding="utf-8", errors="surrogateescape").read().splitlines()]
    total, verdicts, crashed, n = collections.Counter(), collections.Counter(), False, 0
    for r in scanned("scan", index):
        if r is None:
            crashed = True
            break
        label, path = labels[n]
        n += 1
        key = (path.split("/")[0], label)
        total[key] += 1
        verdicts[key, r["verdict"]] += 1
    check(not crashed and n == len(labels), f"{n} of {len(labels)} messages scanned without a report")
    for (source, label), all_of_it in sorted(total.items()):
        reached = {v: 100 * verdicts[(source, label), v] / all_of_it for v in ("mark", "quarantine", "reject")}
        marked = sum(reached.values())
        if label == "ham":
            check(reached["reject"] == 0, f"{source}: no good mail is rejected ({reached['reject']:.2f} %)")
            check(reached["quarantine"] + reached["reject"] <= 0.1, f"{source}: {reached['quarantine']:.3f} % of good mail reaches quarantine")
            check(marked <= GOOD_AT_MOST.get(source, 1.0), f"{source}: {marked:.2f} % of good mail reaches mark")
        elif source in SPAM_AT_LEAST:
            check(marked >= SPAM_AT_LEAST[source], f"{source}: {marked:.2f} % of spam reaches mark, {SPAM_AT_LEAST[source]} % wanted")
    false, n = collections.Counter(), 0
    for r in scanned("trace", index):
        if r is None:
            break
        label, path = labels[n]
        n += 1
        if label == "ham" and any(h["verdict"] == "false" for h in r["hops"]):
            false[path.split("/")[0]] += 1
    check(n == len(labels), f"{n} of {len(labels)} messages traced without a report")
    for source in sorted({s for s, label in total if label == "ham"}):
        share = 100 * false[source] / total[source, "ham"]
        check(share <= 0.1, f"{source}: {share:.3f} % of good mail has a Received line called false")
    return tap.end()


sys.exit(main())
