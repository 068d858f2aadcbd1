#!/usr/bin/env python3
"""history.py - kept decisions as users meet them: history, why ID, learn ID, replay, quarantine, over what `postern scan --keep` keeps."""
import json, os, re, socketserver, subprocess, sys, tempfile, threading

from _tap import Tap

POSTERN = os.path.abspath(os.environ.get("POSTERN", "build/postern"))
tap = Tap("history")
check = tap.check


def run(*args):
    done = subprocess.run([POSTERN, *args], stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=300)
    return done.returncode, done.stdout.decode(errors="replace"), done.stderr.decode(errors="replace")


def objects(out):
    return [json.loads(line) for line in out.splitlines()]


def write(path, data):
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "wb") as f:
        f.write(data if isinstance(data, bytes) else data.encode())
    return path


def message(n, subject, sender="Ann <ann@shop.example>", body="hello\r\n", more=""):
    return (f"From: {sender}\r\nTo: bob@example.org\r\nSubject: {subject}\r\nDate: Mon, 2 Mar 2026 10:00:{n:02} +0000\r\n"
            f"Message-ID: <{n}@shop.example>\r\n{more}\r\n{body}")


PROGRAM = ("MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b\r\n",
           "--b\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n.hidden dot, gr\u00fc\u00dfe\r\n.\r\nend\r\n--b\r\n"
           "Content-Type: application/octet-stream; name=\"invoice.pdf.exe\"\r\nContent-Transfer-Encoding: base64\r\n\r\n"
           "TVqQAAMAAAAEAAAA//8AALgAAAAAAAAAQAAAAAAAAAA=\r\n--b--\r\n")


class World:
    """A folder with messages, settings, and what was kept of them."""

    def __init__(self, tmp, name, settings=""):
        self.data = f"{tmp}/{name}/data"
        self.settings = write(f"{tmp}/{name}/postern.yaml", "resolver: none\n" + settings)
        self.files = {
            "good": write(f"{tmp}/{name}/good.eml", message(1, "Meeting notes for Tuesday")),
            "bad": write(f"{tmp}/{name}/bad.eml", message(2, "Your invoice caf\u00e9", "Bank <x@bank.example>", PROGRAM[1], PROGRAM[0])),
            "other": write(f"{tmp}/{name}/other.eml", message(3, "Meeting at the station", "Cid <cid@isp.example>")),
        }

    def keep(self, which, *envelope):
        code, out, err = run("scan", "--json", "--settings", self.settings, "--keep", self.data, *envelope, self.files[which])
        assert code in (0, 1) and not err, err
        return objects(out)[0]

    def run(self, command, *args):
        return run(*command.split(), "--settings", self.settings, "--data", self.data, *args)

    def find(self, *args):
        return objects(self.run("history", "--json", *args)[1])

    def id(self, subject):
        return self.find("--subject", subject)[0]["id"]


ENVELOPE = ("--ip", "192.0.2.7", "--helo", "mail.shop.example", "--from", "bounce@shop.example", "--now", "2026-03-02T10:05:00Z", "--rcpt", "bob@example.org")


def searching(tmp):
    w = World(tmp, "search")
    check(w.run("history")[0] == 2 and "nothing was kept" in w.run("history")[2], "without a store history says so", w.run("history"))
    w.keep("good", *ENVELOPE)
    bad = w.keep("bad", *ENVELOPE, "--rcpt", "Eve@example.net", "--ip", "198.51.100.9")
    w.keep("other", *ENVELOPE[:-2], "--rcpt", "eve@example.net")
    subjects = lambda *args: [o["subject"] for o in w.find(*args)]
    G, B, O = "Meeting notes for Tuesday", "Your invoice caf\u00e9", "Meeting at the station"
    evidence = next(e["id"] for e in bad["evidence"] if e["id"].startswith("attachment."))
    for args, want in [((), [O, B, G]), (("--subject", "meeting"), [O, G]), (("--subject", "tuesday MEETING"), [G]), (("--subject", "cafe"), [B]),
                       (("--address", "bob@example.org"), [B, G]), (("--address", "example.net"), [O, B]), (("--address", "X@bank.example"), [B]),
                       (("--address", "nobody@example.org"), []), (("--verdict", bad["verdict"]), [B]), (("--evidence", evidence), [B]),
                       (("--evidence", "no.such"), []), (("--ip", "198.51.100.0/24"), [B]), (("--ip", "192.0.2.7"), [O, G]), (("--since", "1h"), [O, B, G]),
                       (("--until", "1h"), []), (("--since", "2020-01-01", "--until", "2100-01-01", "--limit", "2"), [O, B]),
                       (("--recipient", "EVE@example.net"), [O, B]), (("--recipient", "eve@example.net", "--address", "bob@example.org"), [])]:
        check(subjects(*args) == want, f"history {' '.join(args)}", subjects(*args))
    code, out, _ = w.run("history")
    check(code == 0 and out.count("\n") == 3 and B in out and "ann@shop.example -> bob@example.org" in out, "a line a case", out)
    check(w.run("history", "--subject", "nothing")[0] == 1, "exit status 1 when none is found")
    for args, says in [(("--verdict", "bad"), "needs accept"), (("--ip", "x"), "needs an address"), (("--since", "soon"), "how long ago"), (("--limit", "x"), "a number"),
                       (("--recipient", "bob"), "needs an address"), (("x@y.example",), "history --address x@y.example")]:
        code, out, err = w.run("history", *args)
        check(code == 2 and says in err and not out, f"usage: history {' '.join(args)}", (code, err))
    return w


def telling(w):
    for which, envelope, subject in [("good", ENVELOPE, "tuesday"), ("bad", ENVELOPE + ("--rcpt", "Eve@example.net", "--ip", "198.51.100.9"), "invoice")]:
        kept = objects(w.run("why --json", w.id(subject))[1])[0]
        now = objects(run("why", "--json", "--settings", w.settings, *envelope, w.files[which])[1])[0]
        check(kept["story"] == now["story"], f"why ID tells the story of the {which} message", [(a, b) for a, b in zip(kept["story"], now["story"]) if a != b][:2])
        check(kept["evidence"] == now["evidence"] and kept["score"] == now["score"] and kept["counterfactual"] == now["counterfactual"], "with its evidence and score")
    text, again = w.run("why", w.id("invoice"))[1], run("why", "--settings", w.settings, *ENVELOPE, "--rcpt", "Eve@example.net", "--ip", "198.51.100.9", w.files["bad"])[1]
    body = lambda t: t[t.index("It is "):t.index("(Score")]
    check(body(text) == body(again), "in the same words, with the same lines", body(text))
    check("withheld" in text and "held in quarantine" in text and "bounce@shop.example" in text, "and what became of it", text)
    theirs = w.run("why --recipient bob@example.org", w.id("invoice"))[1]
    check("bob@example.org" in theirs and "eve" not in theirs.lower(), "another recipient is not named", theirs)
    theirs = w.run("why --json --recipient bob@example.org", w.id("invoice"))[1]
    check("eve@" not in theirs.lower(), "nor in JSON", theirs)
    check("eve@" not in w.run("history --recipient bob@example.org")[1].lower(), "nor in history")
    code, _, err = w.run("why --recipient bob@example.org", w.id("station"))
    check(code == 2 and "no such case" in err, "another's mail is not there at all", (code, err))
    code, _, err = w.run("why", "01kha9xx006w8g84h2meg0z0z1")
    check(code == 2 and "no such case is kept" in err, "an unknown id", (code, err))
    upper = w.id("tuesday").upper().replace("0", "O")
    check(w.run("why", upper)[0] == 0, "an id as people write it")


def learning(tmp):
    by_id, by_path = World(tmp, "by_id"), World(tmp, "by_path")
    for which in by_id.files:
        by_id.keep(which, *ENVELOPE)
    for which, kind in [("good", "ham"), ("bad", "spam"), ("other", "ham")]:
        subject = {"good": "tuesday", "bad": "invoice", "other": "station"}[which]
        code, out, err = by_id.run(f"learn {kind}", by_id.id(subject))
        check(code == 0 and f"1 learned as {kind}" in out, f"learn {kind} ID", (code, out, err))
        by_path.run(f"learn {kind}", by_path.files[which])
    scores = lambda w: [o["score"] for o in objects(run("scan", "--json", "--settings", w.settings, "--model", f"{w.data}/model", *w.files.values())[1])]
    check(scores(by_id) == scores(by_path), "teaches what the message itself teaches", (scores(by_id), scores(by_path)))
    check([o["learned"] for o in by_id.find()] == ["ham", "spam", "ham"], "history tells what was learned", by_id.find())
    code, out, _ = by_id.run("learn ham", by_id.id("tuesday"))
    check(code == 0 and "known already" in out, "known already", out)
    code, out, err = by_id.run("learn forget", by_id.id("invoice"))
    by_path.run("learn forget", by_path.files["bad"])
    check(code == 0 and "1 taken back" in out and scores(by_id) == scores(by_path), "learn forget ID takes back the same", (out, err))
    check(by_id.find("--subject", "invoice")[0]["learned"] is None, "and history knows")
    code, _, err = by_id.run("learn forget", by_id.id("invoice"))
    check(code == 1 and "never" in err, "forgetting what was not learned: 1", (code, err))
    none = World(tmp, "no_ring", "content_days: 0\n")
    none.keep("good", *ENVELOPE)
    code, _, err = none.run("learn ham", none.id("tuesday"))
    check(code == 2 and "unavailable" in err, "without a ring the message is unavailable", (code, err))
    check(not os.path.exists(f"{none.data}/content.key"), "no ring, no key")


def replaying(tmp):
    w = World(tmp, "replay")
    for which in w.files:
        w.keep(which, *ENVELOPE)
    code, out, _ = w.run("replay")
    check(code == 0 and out.startswith("3 cases: 0 give"), "every verdict is reached again from its case", out)
    code, out, _ = w.run("replay --checks --json")
    check(code == 0 and objects(out) == [{"cases": 3, "verdicts_differ": 0, "checked": 3, "checks_differ": 0, "content_unavailable": 0}], "and by the checks", out)
    stricter = write(f"{tmp}/replay/strict.yaml", "resolver: none\nprior: 3\n")
    code, out, _ = run("replay", "--checks", "--json", "--settings", stricter, "--data", w.data)
    found = objects(out)
    check(code == 1 and len(found) == 4 and all(o["changed"] == "settings" and o["is_score"] > o["was_score"] for o in found[:3]), "other settings: each difference and its cause", out)
    check(run("replay", "--settings", stricter, "--data", w.data)[0] == 0, "which the cases alone do not see")
    w.run("learn spam", w.files["bad"])
    w.run("learn ham", w.files["good"], w.files["other"])
    code, out, _ = w.run("replay --checks --json")
    check(code == 1 and all(o["changed"] == "model" for o in objects(out)[:-1]) and "learned." in out, "what was learned: the same", out)
    code, out, _ = w.run("replay --checks --json --until 1d")
    check(code == 0 and objects(out)[0]["cases"] == 0, "only of the time asked for", out)


class Mta(socketserver.BaseRequestHandler):
    """A mail server that does as it is told."""
    refuse, offers, got = set(), ["PIPELINING", "8BITMIME", "SMTPUTF8"], []

    def handle(self):
        f = self.request.makefile("rwb")
        say = lambda line: (f.write(line.encode() + b"\r\n"), f.flush())
        mail = {"to": [], "lines": []}
        say("220-mx.example ready")
        say("220 welcome")
        for line in f:
            line = line.decode("utf-8", "replace").rstrip("\r\n")
            mail["lines"].append(line)
            if line.startswith("EHLO"):
                for i, word in enumerate(["mx.example"] + Mta.offers):
                    say(f"250{' ' if i == len(Mta.offers) else '-'}{word}")
            elif line.startswith("RCPT") and any(r in line for r in Mta.refuse):
                say("550 5.1.1 no \x1b[31msuch user")
            elif line == "DATA":
                say("354 go on")
                data = b""
                for raw in f:
                    if raw == b".\r\n":
                        break
                    data += raw
                mail["data"] = data
                Mta.got.append(mail)
                say("250 2.0.0 queued")
            elif line == "QUIT":
                say("221 bye")
                return
            else:
                say("250 2.1.0 fine")


def quarantining(tmp):
    server = socketserver.ThreadingTCPServer(("127.0.0.1", 0), Mta)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    w = World(tmp, "quarantine", f"release_to: 127.0.0.1:{server.server_address[1]}\nhostname: mx.example.org\n")
    rcpt = ("--rcpt", "eve@example.net")
    w.keep("good", *ENVELOPE)
    check(w.run("quarantine list")[0] == 1, "nothing is held: 1")
    w.keep("bad", *ENVELOPE, *rcpt)
    code, out, _ = w.run("quarantine list")
    bad = w.id("invoice")
    check(code == 0 and bad in out and out.count("\n") == 1, "quarantine list", out)
    check(w.run("quarantine list --recipient nobody@example.org")[0] == 1, "of one recipient")
    raw = open(w.files["bad"], "rb").read()
    done = subprocess.run([POSTERN, "quarantine", "show", "--settings", w.settings, "--data", w.data, bad], stdout=subprocess.PIPE)
    check(done.returncode == 0 and done.stdout == raw, "quarantine show gives the message, byte for byte")
    Mta.refuse = {"eve@"}
    code, _, err = w.run("quarantine release", bad)
    check(code == 2 and "refused the recipient eve@example.net: 550 5.1.1 no" in err and "\x1b" not in err, "a refused recipient is said", err)
    check(not Mta.got and w.find("--subject", "invoice")[0]["quarantine"] == "held", "and nothing was delivered")
    Mta.refuse = set()
    code, out, err = w.run("quarantine release", bad)
    check(code == 0 and "released to bob@example.org and 1 more" in out and f"postern learn ham {bad}" in err, "quarantine release, which offers to teach", (code, out, err))
    mail = Mta.got[0] if Mta.got else {"lines": [], "data": b""}
    check("EHLO mx.example.org" in mail["lines"] and "MAIL FROM:<bounce@shop.example> BODY=8BITMIME" in mail["lines"] and "RCPT TO:<eve@example.net>" in mail["lines"] and "RCPT TO:<bob@example.org>" in mail["lines"], "with its envelope", mail["lines"])
    check(re.sub(rb"(?m)^\.", b"", mail["data"]) == raw and b"\r\n..hidden" in mail["data"], "the message as it was, dots doubled")
    check(w.find("--subject", "invoice")[0]["quarantine"] == "released" and not os.listdir(f"{w.data}/quarantine"), "it is held no more")
    code, _, err = w.run("quarantine release", bad)
    check(code == 2 and "was released already" in err, "not twice", err)
    w.keep("bad", *ENVELOPE)
    again = w.find("--subject", "invoice")[0]["id"]
    code, out, err = w.run("quarantine release --learn", again)
    check(code == 0 and "1 learned as ham" in out and w.find()[0]["learned"] == "ham", "release --learn teaches", (out, err))
    Mta.offers = ["SIZE 1000"]
    w.keep("bad", *ENVELOPE[:-2], "--rcpt", "gr\u00fcn@example.org")
    third = w.find()[0]["id"]
    code, _, err = w.run("quarantine release", third)
    check(code == 2 and "SMTPUTF8" in err, "an address that the server cannot take is said", err)
    Mta.offers = ["SMTPUTF8", "8BITMIME"]
    check(w.run("quarantine release", third)[0] == 0 and "RCPT TO:<gr\u00fcn@example.org>" in Mta.got[-1]["lines"] and any("SMTPUTF8" in l for l in Mta.got[-1]["lines"]), "and goes where it can")
    w.keep("bad")
    code, _, err = w.run("quarantine release", w.find()[0]["id"])
    check(code == 2 and "nobody is known" in err, "without recipients there is nobody to deliver to", err)
    code, out, _ = w.run("quarantine delete", w.find()[0]["id"])
    check(code == 0 and "deleted" in out and w.find()[0]["quarantine"] == "deleted", "quarantine delete", out)
    server.shutdown()
    server.server_close()
    w.keep("bad", *ENVELOPE)
    code, _, err = w.run("quarantine release", w.find()[0]["id"])
    check(code == 2 and "cannot be reached" in err and w.find()[0]["quarantine"] == "held", "no server: it stays held, and that is said", err)
    for args, says in [((), "needs to know"), (("relase", "x"), "did you mean"), (("release",), "needs the ids"), (("release", "x"), "no such case"), (("list", "x"), "takes no ids")]:
        code, _, err = w.run(" ".join(("quarantine",) + args))
        check(code == 2 and says in err, f"usage: quarantine {' '.join(args)}", (code, err))


def damage(tmp):
    w = World(tmp, "damage")
    w.keep("bad", *ENVELOPE)
    w.keep("good", *ENVELOPE)
    with open(f"{w.data}/cases.sqlite", "r+b") as f:
        f.write(b"garbage" * 500)
    code, _, err = w.run("history")
    check(code == 2 and "damaged" in err, "a damaged database is said", err)
    code, _, err = run("scan", "--settings", w.settings, "--keep", w.data, w.files["other"])
    check("set aside as cases.sqlite.damaged-" in err, "set aside, and a new one begun", err)
    check([o["quarantine"] for o in w.find()] == [None, "held"], "what is held is still held", w.find())
    modes = {oct(os.stat(os.path.join(d, f)).st_mode & 0o077) for d, _, files in os.walk(w.data) for f in files}
    check(modes == {"0o0"}, "nothing is readable by others", modes)


def main():
    with tempfile.TemporaryDirectory() as tmp:
        w = searching(tmp)
        telling(w)
        learning(tmp)
        replaying(tmp)
        quarantining(tmp)
        damage(tmp)
    sys.exit(tap.end())


main()
