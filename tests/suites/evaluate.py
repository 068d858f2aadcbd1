#!/usr/bin/env python3
"""evaluate.py - `postern evaluate` as users and scripts meet it: measures, order and feedback, runs written and read, mistakes said."""
import json, os, random, re, subprocess, sys, tempfile

from _tap import Tap

POSTERN = os.path.abspath(os.environ.get("POSTERN", "build/postern"))
tap = Tap("evaluate")
check = tap.check


def run(*args, stdin=b"", cwd=None):
    done = subprocess.run([POSTERN, "evaluate", *args], input=stdin, stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=300, cwd=cwd)
    return done.returncode, done.stdout, done.stderr


def one(out):
    """The only object, or an empty one, so that a missing answer fails the checks on it and no more."""
    lines = out.splitlines()
    return json.loads(lines[0]) if len(lines) == 1 and lines[0] else {}


def write(path, data):
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "wb") as f:
        f.write(data)
    return path


def corpus(tmp, n=60):
    """Every third message is spam of a kind that the structural checks see."""
    lines = []
    for i in range(n):
        spam = i % 3 == 0
        text = b"win a prize\n" if spam else b"see you at nine\n"
        head = b"From: a%d@example.org\nTo: b@example.net\nDate: Thu, 1 Jan 2026 00:00:%02d +0000\nMessage-ID: <%d@example.org>\n" % (i, i % 60, i)
        head += b"Subject: %s %d\n" % (b"[SPAM] prize" if spam else b"meeting", i) + b"X-Spam-Flag: %s\n" % (b"YES" if spam else b"NO")
        write(f"{tmp}/mail/{i}", head + b"\n" + text)
        lines.append(b"%s mail/%d\n" % (b"spam" if spam else b"ham", i))
    return write(f"{tmp}/index", b"".join(lines))


def brute_roca(scores):
    good, spam = ([s for label, s in scores if label == wanted] for wanted in ("ham", "spam"))
    return 100 * sum((g > s) + (g == s) / 2 for g in good for s in spam) / (len(good) * len(spam))


def brute_missed(scores, one_in):
    good, spam = ([s for label, s in scores if label == wanted] for wanted in ("ham", "spam"))
    passes = sorted(good)[len(good) - len(good) // one_in - 1]
    return 100 * sum(s <= passes for s in spam) / len(spam)


def measures(tmp):
    """Against the definitions, written down naively."""
    random.seed(4)
    scores = [(label, round(random.gauss(mean, 3), 1)) for label, mean, n in (("ham", -3, 1200), ("spam", 3, 700)) for _ in range(n)]
    random.shuffle(scores)
    path = write(f"{tmp}/run", "".join(f"{label} {score}\n" for label, score in scores).encode())
    code, out, err = run("--scores", path, "--json")
    o = one(out)
    check(code == 0 and not err and o["ham"] == 1200 and o["spam"] == 700, "a run is measured", (code, out, err))
    check(abs(o["one_minus_roca_percent"]["value"] - brute_roca(scores)) < 1e-5, "(1-ROCA)% is what its definition says", o)
    for percent, one_in in (("1", 100), ("0.1", 1000)):
        check(abs(o["spam_missed_percent"][percent]["value"] - brute_missed(scores, one_in)) < 1e-5, f"spam missed at {percent} % too", o)
    check(o["spam_missed_percent"]["0.01"] is None, "what there is too little mail for is null", o)
    estimates = [o["one_minus_roca_percent"], o["spam_missed_percent"]["1"], o["lam_percent"], o["calibration_error_percent"], o["given_99_percent"]["spam_percent"]]
    check(all(e["low"] <= e["value"] <= e["high"] and e["low"] < e["high"] for e in estimates), "each with its interval", estimates)
    for label in ("ham", "spam"):
        wanted = [s for l, s in scores if l == label]
        counts = [sum(low <= s < high for s in wanted) for low, high in ((-99, 2), (2, 4), (4, 8), (8, 99))]
        check([o["outcome"][label][v]["messages"] for v in ("accept", "mark", "quarantine", "reject")] == counts, f"verdicts on {label} at the thresholds", o["outcome"])
    check(run("--scores", path, "--json")[1] == out, "the same run gives the same figures")
    check(run("--scores", "-", "--json", stdin=open(path, "rb").read())[1] == out, "a run from standard input")
    _, text, _ = run("--scores", path)
    check(b"n/a (needs 10,000 good messages)" in text and re.search(rb"^accept +[\d,]+ ", text, re.M), "as text", text)
    strict = write(f"{tmp}/strict.yaml", b"mark: 3\n")
    check(one(run("--scores", path, "--json", "--settings", strict)[1])["threshold"] == 3, "the thresholds are those of the settings")
    o = one(run("--scores", "-", "--json", stdin=b"spam 1\nspam 2\n")[1])
    check(o["one_minus_roca_percent"] is None and o["lam_percent"] is None and o["outcome"]["ham"]["accept"]["percent"] is None, "no good mail: null", o)
    check(b"n/a (needs good mail and spam)" in run("--scores", "-", stdin=b"spam 1\nspam 2\n")[1], "and n/a")


def walk(tmp):
    index = corpus(tmp)
    out_path = f"{tmp}/out"
    code, out, err = run("--index", index, "--out", out_path, "--json")
    o = one(out)
    check(code == 0 and not err and o["ham"] == 40 and o["spam"] == 20 and o["failures"] == 0, "a list is judged; no progress in a pipe", (code, out, err))
    check(o["feedback"] == "immediate" and o["prior"] is False and o["messages_per_second"] > 0 and o["peak_bytes"] > 1e6 and o["model_bytes"] > 0, "and its cost is said", o)
    lines = open(out_path).read().splitlines()
    check(all(re.fullmatch(r"(ham|spam) -?\d+\.\d{6}", line) for line in lines), "--out writes labels and scores", lines[:3])
    check([line.split()[0] for line in lines] == ["spam" if i % 3 == 0 else "ham" for i in range(60)], "in order")
    again = one(run("--scores", out_path, "--json")[1])
    check({k: v for k, v in again.items() if k != "outcome"} == {k: v for k, v in o.items() if k in again and k != "outcome"}, "--scores measures it the same", (o, again))
    text = run("--index", index)[1]
    check(b"60 messages; feedback immediate" in text and b"messages a second" in text, "as text", text)
    for feedback in ("immediate", "delay:0", "delay:7", "delay:1000", "first:10", "none"):
        code, out, err = run("--index", index, "--feedback", feedback, "--json")
        check(code == 0 and one(out)["feedback"] == feedback, f"--feedback {feedback}", (code, err))
    code, out, err = run("--index", index, "--train", index, "--prior", "--json")
    check(code == 0 and one(out)["ham"] == 40 and one(out)["prior"] is True, "--train and --prior", (code, err))
    labels_in_time(tmp, index)
    leaks = f"{tmp}/leaks"
    stripped = write(f"{tmp}/stripped/index", open(index, "rb").read())
    for i in range(60):
        raw = open(f"{tmp}/mail/{i}", "rb").read()
        write(f"{tmp}/stripped/mail/{i}", re.sub(rb"X-Spam-Flag: .*\n", b"", raw.replace(b"[SPAM] ", b"")))
    run("--index", stripped, "--out", leaks)
    check(open(leaks).read() == open(out_path).read(), "what betrays the label makes no difference")


def labels_in_time(tmp, index):
    """A score depends on labels that had arrived before it, and on nothing else."""

    def scores(*args):
        code, _, err = run("--index", index, "--out", f"{tmp}/scores", *args)
        check(code == 0 and not err, " ".join(["a run with"] + [os.path.basename(a) for a in args]), err)
        return open(f"{tmp}/scores").read().splitlines()

    immediate, none, late, some = scores(), scores("--feedback", "none"), scores("--feedback", "delay:7"), scores("--feedback", "first:10")
    check(immediate[0] == none[0], "the first message is judged before it teaches")
    check(scores("--feedback", "delay:0") == immediate, "a delay of 0 is immediate")
    check(late[:8] == none[:8], "delay:7 tells the first label after the eighth message")
    check(scores("--feedback", "delay:60") == none, "labels that come too late teach nothing")
    check(some[:11] == immediate[:11], "first:10 tells the first ten at once")
    check(scores("--feedback", "first:60") == immediate, "and may tell all")
    check(scores() == immediate, "the same mail, the same scores")
    nothing = write(f"{tmp}/nothing", b"")
    check(scores("--train", nothing) == immediate, "--train with an empty list teaches nothing")


def mistakes(tmp):
    index = f"{tmp}/index"
    for args, says in [((), b"--index FILE"), (("--index", f"{tmp}/absent"), b"the list cannot be opened"), ((index,), b"--index FILE"),
                       (("--index", index, "--feedback", "later"), b"immediate, none, first:N or delay:N"),
                       (("--index", index, "--feedback", "delay:100001"), b"at most 100000"), (("--index", index, "--feedback", "first"), b"first:N"),
                       (("--index", index, "--out", f"{tmp}/no/out"), b"No such file"), (("--index", index, "--scores", f"{tmp}/run"), b"--scores measures a run"),
                       (("--scores", f"{tmp}/run", "--feedback", "none"), b"--scores measures a run"), (("--scores", f"{tmp}/absent"), b"cannot be opened"),
                       (("--index", os.devnull), b"nothing to measure"), (("--scores", os.devnull), b"nothing to measure"), (("--scores", index), b"index:1: write"),
                       (("--index", index, "--train", f"{tmp}/absent", "--json"), b"the list cannot be opened")]:
        code, out, err = run(*args)
        check(code == 2 and says in err and (not out or "--train" in args), f"mistake: {' '.join(os.path.basename(a) for a in args) or '(nothing)'}", (code, out, err))
    broken = write(f"{tmp}/broken", b"ham mail/1\nhan mail/2\nspam mail/absent\nspam mail/3\n")
    code, out, err = run("--index", broken, "--json")
    o = one(out)
    check(code == 2 and b"broken: line 2 is no entry" in err and b"absent: cannot be opened" in err, "a wrong label and a missing message are said", err)
    check(o.get("ham") == 1 and o.get("spam") == 1 and o["failures"] == 2, "and the rest is measured", o)
    if os.path.exists("/dev/full"):
        code, out, err = run("--index", index, "--out", "/dev/full")
        check(code == 2 and b"could not be written" in err, "a full disk is an error", (code, err))


def main():
    with tempfile.TemporaryDirectory() as tmp:
        measures(tmp)
        walk(tmp)
        mistakes(tmp)
    return tap.end()


sys.exit(main())
