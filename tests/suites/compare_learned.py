#!/usr/bin/env python3
"""compare_learned.py - tools/compare-learned is fair: labels arrive when postern's do, leaks are cut for all, no score is lost in rounding.

The peers themselves are not run: they would have to be fetched."""
import importlib.machinery, importlib.util, json, os, subprocess, sys, tempfile

POSTERN, ROOT = os.path.abspath(os.environ.get("POSTERN", "build/postern")), os.environ.get("POSTERN_ROOT", ".")
sys.dont_write_bytecode = True
loader = importlib.machinery.SourceFileLoader("compare_learned", os.path.join(ROOT, "tools", "compare-learned"))
compare = importlib.util.module_from_spec(importlib.util.spec_from_loader("compare_learned", loader))
loader.exec_module(compare)
from peers.package import log_odds

from _tap import Tap

tap = Tap("compare_learned")
check = tap.check


class Diary:
    """A filter that only writes down what it is asked: 1? judges message 1, 1+ and 1- teach it as spam and as good."""

    def __init__(self):
        self.entries = []

    def score(self, message):
        self.entries.append(message.decode() + "?")
        return len(self.entries)

    def learn(self, message, spam):
        self.entries.append(message.decode() + "+-"[not spam])


class NoLeaks:
    def cut(self, message):
        return message


def mailbox(folder, messages):
    """The index of a corpus of one source, with the messages (label, bytes) in their order."""
    os.makedirs(os.path.join(folder, "source"))
    index = os.path.join(folder, "index")
    with open(index, "w") as lines:
        for n, (label, message) in enumerate(messages):
            lines.write(f"{label} source/{n}\n")
            with open(os.path.join(folder, "source", str(n)), "wb") as file:
                file.write(message)
    return index


def test_feedback(folder):
    index = mailbox(folder, [("spam", b"1"), ("ham", b"2"), ("ham", b"3"), ("spam", b"4")])
    stream = compare.read_streams(index)["source"]
    for word, diary in (("immediate", "1? 1+ 2? 2- 3? 3- 4? 4+"), ("delay:0", "1? 1+ 2? 2- 3? 3- 4? 4+"), ("delay:2", "1? 2? 3? 1+ 4? 2-"),
                        ("delay:9", "1? 2? 3? 4?"), ("first:2", "1? 1+ 2? 2- 3? 4?"), ("first:0", "1? 2? 3? 4?")):
        peer = Diary()
        labels = [label for label, _ in compare.walk(peer, stream, word, NoLeaks())]
        check(" ".join(peer.entries) == diary, f"labels arrive with {word}", " ".join(peer.entries))
        check(labels == ["spam", "ham", "ham", "spam"], f"the run with {word} keeps the order of the index", labels)


def test_streams(folder):
    index = mailbox(folder, [("spam", b"1"), ("ham", b"2")])
    with open(index, "a") as lines:
        lines.write("spam other/1\nspam third/1\nham third/2\n")
    streams = compare.read_streams(index)
    check(list(streams) == ["source", "third"], "a source without good mail is no stream", list(streams))
    run = os.path.join(folder, "run")
    for text, current in (("spam 1\nham 2\n", True), ("spam 1\n", False), ("ham 1\nspam 2\n", False)):
        with open(run, "w") as out:
            out.write(text)
        check(compare.is_current(run, streams["source"], [index]) == current, f"the run {text.split()} is {'whole' if current else 'repeated'}")
    with open(run, "w") as out:
        out.write("spam 1\nham 2\n")
    os.utime(run, (1, 1))
    check(not compare.is_current(run, streams["source"], [index]), "a run older than its index is repeated")


def test_leaks():
    leaks = compare.LabelLeaks(compare.LEAKS)
    for raw, kept, what in (
        (b"X-Spam-Score: 9\n folded\nTo: a\n\nX-Spam-Score: 9\n", b"To: a\n\nX-Spam-Score: 9\n", "a field goes with its folds, the text stays"),
        (b"x-spam-level: *\r\nTo: a\r\n\r\n", b"To: a\r\n\r\n", "names have no case, lines end as they like"),
        (b"X-Statusless: a\nX-Status: b\n\n", b"X-Statusless: a\n\n", "a whole name is no beginning of a name"),
        (b"Subject: [spam]  hello\n {Spam?} you\nTo: [SPAM] a\n\n", b"Subject: hello\n you\nTo: [SPAM] a\n\n", "tags go from Subject alone"),
        (b"From a@b Thu Jan  1\nX-Status: O\n\n", b"From a@b Thu Jan  1\n\n", "a mailbox's own first line stays"),
        (b"X-Status: O", b"", "a message may end in its header"),
        (b"", b"", "a message may be empty"),
    ):
        check(leaks.cut(raw) == kept, what, leaks.cut(raw))


def test_scores(folder):
    order = [0.0, 1e-300, 1e-16, 0.3, 0.5 - 1e-12, 0.5, 0.5 + 1e-12, 1 - 1e-16, 1.0]
    scores = [log_odds(p) for p in order]
    check(all(a < b for a, b in zip(scores, scores[1:])), "probabilities that differ have log-odds that differ", scores)
    run = os.path.join(folder, "run")
    with open(run, "w") as out:
        out.writelines(f"{label} {log_odds(p):.17g}\n" for label, p in (("ham", 0.5), ("spam", 0.5 + 1e-12), ("ham", 0.0), ("spam", 1.0)))
    measured = json.loads(subprocess.run([POSTERN, "evaluate", "--scores", run, "--json"], stdout=subprocess.PIPE).stdout or "{}")
    check(measured.get("one_minus_roca_percent", {}).get("value") == 0, "evaluate reads them in full", measured)


with tempfile.TemporaryDirectory() as feedback_folder, tempfile.TemporaryDirectory() as streams_folder, tempfile.TemporaryDirectory() as scores:
    test_feedback(feedback_folder)
    test_streams(streams_folder)
    test_leaks()
    test_scores(scores)
sys.exit(tap.end())
