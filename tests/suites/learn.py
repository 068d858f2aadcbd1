#!/usr/bin/env python3
"""learn.py - `postern learn` as users meet it: teaching changes verdicts, forgetting restores them to the bit, whoever is killed or damaged."""
import json, os, random, shutil, signal, struct, subprocess, sys, tempfile, time

from _tap import Tap

POSTERN = os.path.abspath(os.environ.get("POSTERN", "build/postern"))
tap = Tap("learn")
check = tap.check


def run(*args, stdin=b"", env=None, **options):
    done = subprocess.run([POSTERN, *args], input=stdin, stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=600,
                          env=dict(os.environ, **(env or {})), **options)
    return done.returncode, done.stdout.decode(errors="replace"), done.stderr.decode(errors="replace")


def write(path, data):
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "wb") as f:
        f.write(data)
    return path


SPAM = "cheap watches discount replica order now limited offer pills casino bonus winner".split()
HAM = "meeting minutes project draft tuesday agenda review budget lunch compiler patch release".split()


def message(spam, n, seed=None):
    """Number n of its kind: words of its kind's list, in an order of its own."""
    r = random.Random(f"{spam} {n} {seed}")
    words = [r.choice(SPAM if spam else HAM) for _ in range(40)]
    sender = f"shop{n % 7}@offers.example" if spam else f"anna{n % 5}@work.example"
    head = f"From: {sender}\nTo: b@example.net\nSubject: {' '.join(words[:4])}\nMessage-ID: <{n}.{int(spam)}@{sender.split('@')[1]}>\nDate: Thu, 1 Jan 2026 00:00:{n % 60:02d} +0000\n"
    return (head + "\n" + "\n".join(" ".join(words[i : i + 8]) for i in range(0, 40, 8)) + "\n").encode()


class Box:
    """A folder with mail of both kinds, a list of it, and a model of its own."""

    def __init__(self, tmp, name, n=60):
        self.home = f"{tmp}/{name}"
        self.model = f"{self.home}/model"
        lines = []
        for i in range(n):
            for spam in (False, True):
                label = "spam" if spam else "ham"
                write(f"{self.home}/{label}/{i:03d}.eml", message(spam, i))
                lines.append(f"{label} {label}/{i:03d}.eml\n")
        self.index = write(f"{self.home}/index", "".join(lines).encode())
        self.probe = [write(f"{self.home}/probe/{label}", message(label == "spam", 999, "probe")) for label in ("ham", "spam")]

    def learn(self, *args, **options):
        return run("learn", *args, "--model", self.model, **options)

    def told(self, *args):
        code, out, err = self.learn(*args, "--json")
        return json.loads(out) if out.count("\n") == 1 else {"code": code, "out": out, "err": err}

    def scan(self, model=None):
        """What scan says of every message and of both probes, but for the time it took."""
        code, out, err = run("scan", "--json", "-j2", "--model", model or self.model, "--index", self.index, *self.probe)
        found = [json.loads(line) for line in out.splitlines()]
        for o in found:
            del o["microseconds"]
        return found

    def score(self, which):
        return self.scan()[-2 + which]["score"]

    def cells(self):
        """The learned numbers themselves (struct weights_file_header says where they begin)."""
        with open(self.model, "rb") as f:
            data = f.read()
        return data[struct.unpack_from("=Q", data, 56)[0] :]


def teaches(tmp):
    box = Box(tmp, "teaches")
    nothing = box.scan()
    learned = [e["weight"] for o in nothing for e in o["evidence"] if e["id"].startswith("learned.")]
    check(nothing == box.scan(f"{tmp}/no/such/file") and all(abs(w) <= 2000 for w in learned), "without a file the shipped prior adds a little to the checks", learned)
    off = write(f"{tmp}/off.yaml", b"shipped_prior: no\n")
    alone = [json.loads(line) for line in run("scan", "--json", "--settings", off, "--model", f"{tmp}/no/such/file", *box.probe)[1].splitlines()]
    check(not any(e["id"].startswith("learned.") for o in alone for e in o["evidence"]), "without it the checks judge alone", alone)
    code, out, err = box.learn("spam", f"{box.home}/spam")
    check(code == 0 and not err and out.startswith("60 learned as spam\n") and "No ham was learned so far" in out, "a folder of spam is learned, and what is missing said", (code, out, err))
    check(box.scan() == nothing, "one kind alone counts for nothing")
    code, out, err = box.learn("ham", f"{box.home}/ham")
    check(code == 0 and not err and out == "60 learned as ham\n", "and a folder of good mail", (code, out, err))
    check(os.path.getsize(box.model + ".recent") > 0, "messages are kept for a long run of the other kind")
    ham, spam = box.scan()[-2:]
    check(spam["score"] >= 2 and spam["verdict"] != "accept" and any(e["id"] == "learned.spam" for e in spam["evidence"]), "new spam of that kind is caught, all spam first or not", spam)
    check(ham["score"] < nothing[-2]["score"] and any(e["id"] == "learned.ham" for e in ham["evidence"]), "new good mail of that kind is trusted more", ham)
    check("like mail that was spam before" in run("why", "--model", box.model, box.probe[1])[1], "why says so")
    before = box.scan()
    code, out, err = box.learn("--index", box.index)
    check(code == 0 and out == "120 known already\n" and box.scan() == before, "learned twice teaches once", (code, out, err))
    return box, nothing, before


def forgets(box, nothing, before):
    extra = write(f"{box.home}/extra.eml", message(True, 5, "extra") + b"a word of its own\n")
    code, out, err = box.learn("spam", extra)
    check(code == 0 and out == "1 learned as spam\n" and box.scan() != before, "one more message moves scores", (code, out, err))
    code, out, err = box.learn("ham", extra)
    check(code == 0 and "extra.eml: was learned as spam before, now as ham\n" in out and "1 learned as ham, 1 of these as spam until now\n" in out, "the other kind is said", (code, out, err))
    o = box.told("spam", extra)
    check(o.get("spam") == {"learned": 1, "changed": 1, "known": 0}, "and counted in JSON", o)
    delivered = b"Return-Path: <x@offers.example>\r\nDelivered-To: b@example.net\r\nX-Spam-Status: No\r\n" + open(extra, "rb").read().replace(b"\n", b"\r\n")
    code, out, err = box.learn("forget", "-", stdin=delivered)
    check(code == 0 and out == "1 taken back\n" and box.scan() == before, "forgotten by its delivered copy: every score is what it was, to the bit", (code, out, err))
    code, out, err = box.learn("forget", extra, f"{box.home}/ham/000.eml", f"{box.home}/absent")
    check(code == 2 and "extra.eml: This message was never taught here" in err and out == "1 taken back, 1 had not been learned, 1 could not be read\n", "never taught is said", (code, out, err))
    check(box.learn("forget", extra)[0] == 1, "and alone is exit status 1")
    check(box.learn("ham", f"{box.home}/ham/000.eml")[0] == 0, "forgotten may be learned again")
    o = box.told("forget", "--index", box.index)
    check(o == {"ham": {"forgotten": 60}, "spam": {"forgotten": 60}, "not_learned": 0, "failures": 0}, "a whole list is forgotten", o)
    check(not any(box.cells()), "nothing is left of it in the file")
    check(box.scan() == nothing, "and all is judged as before anything was learned")


def otherwise(tmp):
    """A file of another version is refused, and stays as it is."""
    box = Box(tmp, "otherwise", 2)
    box.learn("--index", box.index)
    with open(box.model, "r+b") as f:
        f.seek(8)
        f.write(struct.pack("=I", 99))
    now = open(box.model, "rb").read()
    code, out, err = box.learn("spam", f"{box.home}/spam")
    check(code == 2 and "another version" in err and "move it and" in err and not out, "a file of another version is refused", (code, out, err))
    check(open(box.model, "rb").read() == now, "and left alone")
    code, out, err = run("scan", "--model", box.model, box.probe[0])
    check(code == 2 and "another version" in err, "scan says so too", (code, out, err))


def inputs(tmp):
    box = Box(tmp, "inputs", 6)
    line = b"From a@example.org Thu Jan  1 00:00:00 2026\n"
    mbox = write(f"{box.home}/mail.mbox", b"".join(line + message(True, i) + b"\n" for i in range(6)))
    for i in range(6):
        write(f"{box.home}/Maildir/cur/{i}:2,S", message(False, i))
    os.makedirs(f"{box.home}/Maildir/new")
    code, out, err = box.learn("spam", mbox)
    check(code == 0 and out.startswith("6 learned as spam\n"), "an mbox", (code, out, err))
    code, out, err = box.learn("ham", f"{box.home}/Maildir")
    check(code == 0 and out == "6 learned as ham\n", "a Maildir", (code, out, err))
    check(box.learn("--index", box.index)[1] == "12 known already\n", "the same messages as files are the same messages")
    code, out, err = box.learn("ham", f"{box.home}/absent", f"{box.home}/ham/001.eml")
    check(code == 2 and "absent: cannot be opened" in err and out == "1 known already, 1 could not be read\n", "what cannot be read is named, the rest learned", (code, out, err))
    broken = write(f"{box.home}/broken", b"ham ham/001.eml\nhan ham/002.eml\nspam absent\n")
    code, out, err = box.learn("--index", broken)
    check(code == 2 and "broken: line 2 is no entry" in err and out == "1 known already, 2 could not be read\n", "and so in a list", (code, out, err))
    code, out, err = box.learn("spam", os.devnull)
    check(code == 2 and "empty" in err, "an empty file is no message", (code, out, err))
    o = box.told("status")
    check((o["spam"], o["ham"], o["forgotten"], o["file"]) == (6, 6, 0, box.model), "status counts", o)
    check(o["bytes"] == os.path.getsize(box.model) and o["journal_bytes"] == os.path.getsize(box.model + ".journal") and o["generation"] >= 12 and o["shipped_prior"] is True and o["oldest"] <= o["newest"], "and measures", o)
    text = box.learn("status")[1]
    check("12 messages: 6 spam, 6 ham" in text and "newest 100,000" in text and "Shipped prior  on" in text, "as text", text)
    off = write(f"{box.home}/off.yaml", f"model: {box.model}\nshipped_prior: no\n".encode())
    check("Shipped prior  off" in run("learn", "status", "--settings", off)[1] and "12 messages" in run("learn", "status", "--settings", off)[1], "the settings say where the file is")


def places(tmp):
    mail = write(f"{tmp}/places/mail.eml", message(True, 1))
    data = {"XDG_DATA_HOME": f"{tmp}/places/data"}
    code, out, _ = run("learn", "status", "--json", env=data)
    o = json.loads(out)
    check(code == 0 and o["file"] == f"{tmp}/places/data/postern/model" and o["spam"] == 0 and o["oldest"] is None, "the user's own place, nothing learned yet", o)
    check("nothing yet" in run("learn", "status", env=data)[1] and not os.path.exists(data["XDG_DATA_HOME"]), "status makes no file")
    check(run("scan", mail, env=data)[0] == 0 and not os.path.exists(data["XDG_DATA_HOME"]), "nor does scan")
    code, out, err = run("learn", "spam", mail, env=data)
    check(code == 0 and os.path.exists(o["file"]) and os.stat(o["file"]).st_mode & 0o77 == 0, "learn makes it, for its owner alone", (code, out, err))
    home = dict(os.environ, HOME=f"{tmp}/places")
    home.pop("XDG_DATA_HOME", None)
    told = subprocess.run([POSTERN, "learn", "status", "--json"], env=home, stdout=subprocess.PIPE).stdout
    wanted = "/var/lib/postern/model" if os.geteuid() == 0 else f"{tmp}/places/.local/share/postern/model"
    check(json.loads(told)["file"] == wanted, "and without that variable", told)
    for path, what in [(f"{tmp}/places/no/model", "a folder that is not there"), (f"{tmp}/places", "a folder in its place"), (f"{mail}/model", "a file in its folder's place")]:
        code, out, err = run("learn", "spam", mail, "--model", path)
        check(code == 2 and path in err and not out, f"{what} is said", (code, out, err))
    if os.geteuid() != 0:
        os.makedirs(f"{tmp}/places/locked", mode=0o500)
        code, out, err = run("learn", "spam", mail, "--model", f"{tmp}/places/locked/model")
        check(code == 2 and "Permission denied" in err, "and a folder without permission", (code, out, err))


def mistakes(tmp):
    mail = write(f"{tmp}/mistakes/mail.eml", message(True, 1))
    model = ("--model", f"{tmp}/mistakes/model")
    for args, says in [((), "what to do first"), (("spma", mail), "did you mean `postern learn spam`"), ((mail,), "what to do first"), (("spam",), "needs something to read"),
                       (("forget",), "needs something to read"), (("spam", "--index", mail), "a list tells itself"), (("status", mail), "takes no messages"), (("merge",), "needs one file"),
                       (("merge", mail, mail), "needs one file"), (("merge", f"{tmp}/absent"), "absent.journal"), (("--index", f"{tmp}/absent"), "cannot be opened")]:
        code, out, err = run("learn", *args, *model)
        check(code == 2 and says in err, f"mistake: learn {' '.join(os.path.basename(a) for a in args) or '(nothing)'}", (code, out, err))


def merges(tmp):
    one, two, both = (Box(tmp, name, 8) for name in ("one", "two", "both"))
    one.learn("spam", f"{one.home}/spam")
    one.learn("ham", f"{one.home}/ham/000.eml")
    two.learn("ham", f"{two.home}/ham")
    o = one.told("merge", two.model)
    check(o == {"learned": 7, "known": 1, "older": 0, "ignored_bytes": 0}, "merging adds what is new", o)
    check("0 messages added, 8 known already" in one.learn("merge", two.model)[1], "again adds nothing")
    o = one.told("status")
    check((o["spam"], o["ham"]) == (8, 8), "status counts both", o)
    o = one.told("forget", "--index", one.index)
    check(o["ham"]["forgotten"] == 8 and o["spam"]["forgotten"] == 8 and not any(one.cells()), "and all of it can be taken back", o)


def together(tmp):
    """Three processes teach lists that overlap, while another scans."""
    box = Box(tmp, "together", 40)
    box.learn("--index", box.index)
    alone = box.told("status")
    box.learn("forget", "--index", box.index)
    fresh = box.scan()
    others = [subprocess.Popen([POSTERN, "learn", "--index", box.index, "--model", box.model], stdout=subprocess.PIPE) for _ in range(2)]
    others.append(subprocess.Popen([POSTERN, "learn", "spam", f"{box.home}/spam", "--model", box.model], stdout=subprocess.PIPE))
    seen = box.scan()
    check(len(seen) == 82, "scanning goes on while others learn")
    check(all(p.wait() == 0 for p in others), "several processes learn at once")
    for p in others:
        p.stdout.close()
    o = box.told("status")
    check((o["spam"], o["ham"]) == (alone["spam"], alone["ham"]) == (40, 40), "each message counts once", o)
    o = box.told("forget", "--index", box.index)
    check(o["failures"] == o["not_learned"] == 0 and not any(box.cells()) and box.scan() == fresh, "all of it forgotten leaves nothing", o)


def killed(tmp):
    box = Box(tmp, "killed", 60)
    fresh = box.scan()
    random.seed(7)
    begun = time.monotonic()
    box.learn("--index", box.index)
    whole = time.monotonic() - begun
    box.learn("forget", "--index", box.index)
    wrong = []
    for i in range(20):
        verb = [("--index", box.index), ("forget", "--index", box.index)][i % 3 == 2]
        process = subprocess.Popen([POSTERN, "learn", *verb, "--model", box.model], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        time.sleep(random.random() * whole)
        process.send_signal(signal.SIGKILL)
        process.wait()
        code, out, err = box.learn("status")
        if code or err:
            wrong.append((i, code, out, err))
        code, out, err = run("scan", "--model", box.model, box.probe[0])
        if code or err:
            wrong.append((i, code, out, err))
    check(not wrong, "killed twenty times at any moment: status and scan work", wrong)
    o = box.told("--index", box.index)
    check(sum(o[label][what] for label in ("ham", "spam") for what in ("learned", "known")) == 120, "learning goes on where it stopped", o)
    o = box.told("forget", "--index", box.index)
    check(o["not_learned"] == 0 and not any(box.cells()) and box.scan() == fresh, "all of it forgotten leaves nothing", o)


def damaged(tmp):
    box = Box(tmp, "damaged", 10)
    box.learn("--index", box.index)
    learned, nothing = box.scan(), box.scan(f"{tmp}/no/such/file")
    with open(box.model, "r+b") as f:
        f.seek(16)
        f.write(b"\xff\xff")
    code, out, err = run("scan", "--json", "--model", box.model, box.probe[0], box.probe[1])
    found = [json.loads(line) for line in out.splitlines()]
    check(code == 2 and err.count("is damaged") == 1 and "judged without what was learned" in err, "a damaged file is said once", (code, err))
    check([o["score"] for o in found] == [o["score"] for o in nothing[-2:]] and all(any(u["check"] == "learned" for u in o["unchecked"]) for o in found), "judged without it, and not as if it had been asked", found)
    check("could not be consulted" in " ".join(run("why", "--model", box.model, box.probe[0])[1].split()), "why says so")
    code, out, err = box.learn("status")
    check(code == 2 and "is damaged" in err, "status too", (code, out, err))
    code, out, err = box.learn("spam", f"{box.home}/spam")
    check(code == 0 and "was damaged. It was set aside" in err and "the 20 messages" in err and out == "10 known already\n", "learn sets it aside and rebuilds it from its journal", (code, out, err))
    check(box.scan() == learned and any(".damaged-" in name for name in os.listdir(box.home)), "to the bit")
    with open(box.model, "r+b") as f:
        f.truncate(100000)
    code, out, err = box.learn("spam", f"{box.home}/spam")
    check(code == 0 and "set aside" in err and box.scan() == learned, "cut short: the same", (code, out, err))
    shutil.copy(box.probe[0], box.model)
    check(run("scan", "--model", box.model, box.probe[0])[0] == 2, "a file of something else is damaged too")


def main():
    with tempfile.TemporaryDirectory() as tmp:
        forgets(*teaches(tmp))
        inputs(tmp)
        places(tmp)
        mistakes(tmp)
        merges(tmp)
        together(tmp)
        killed(tmp)
        damaged(tmp)
        otherwise(tmp)
    return tap.end()


sys.exit(main())
