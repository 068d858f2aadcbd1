#!/usr/bin/env python3
"""cli.py - the command line as users and scripts meet it: exit status, odd files, order, formats, help, and manuals that do not drift."""
import hashlib, json, os, pty, re, subprocess, sys, tempfile, threading

from _tap import Tap

POSTERN, ROOT = os.path.abspath(os.environ.get("POSTERN", "build/postern")), os.environ.get("POSTERN_ROOT", ".")
GOOD = b"From: a@example.org\nTo: b@example.net\nSubject: hello\nDate: Thu, 1 Jan 2026 00:00:00 +0000\nMessage-ID: <1@example.org>\n\nhello\n"
LINE = b"From a@example.org Thu Jan  1 00:00:00 2026\n"
tap = Tap("cli")
check = tap.check


def run(*args, stdin=b"", env=None, cwd=None):
    done = subprocess.run([POSTERN, *args], input=stdin, stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=300, cwd=cwd,
                          env=dict(os.environ, **(env or {})))
    return done.returncode, done.stdout, done.stderr


def objects(out):
    return [json.loads(line) for line in out.splitlines()]


def one(out):
    """The only object, or an empty one, so that a missing answer fails the checks on it and no more."""
    lines = out.splitlines()
    return json.loads(lines[0]) if len(lines) == 1 and lines[0] else {}


def write(path, data=GOOD):
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "wb") as f:
        f.write(data)
    return path


def exit_status(tmp):
    good = write(f"{tmp}/good.eml")
    low = write(f"{tmp}/low.yaml", b"prior: 5\n")
    check(run("scan", good)[0] == 0, "0 when nothing reaches mark")
    check(run("scan", "--settings", low, good)[0] == 1, "1 when a message reaches mark")
    code, out, err = run("scan", "--settings", low, good, f"{tmp}/absent", good)
    check(code == 2 and out.count(b"good.eml") == 2, "2 wins over 1, and the rest is scanned", (code, out))
    check(b"absent: cannot be opened: No such file" in err, "the missing file is named", err)
    for args, says in [((), b"usage:"), (("scn",), b"did you mean scan?"), (("scan",), b"needs something to read"), (("scan", "--jsn", good), b"did you mean --json?"),
                       (("scan", "-j", "0", good), b"-j needs a number"), (("scan", "-jx", good), b"-j needs a number"), (("scan", "--now", "soon", good), b"--now needs a time"),
                       (("scan", "--ip", "1.2.3", good), b"--ip needs"), (("scan", "--settings"), b"needs a value: FILE"), (("scan", "--json=1", good), b"takes no value"),
                       (("scan", "--dns", good, good), b"not JSON"), (("scan", "--settings", good, good), good.encode()), (("why",), b"needs something to read"),
                       (("trace",), b"needs something to read"), (("parse",), b"name one of them"), (("parse", "tea"), b"name one of them"),
                       (("config",), b"name one of them"), (("config", "explain", "marc"), b"did you mean mark?"), (("checks", "nonsense"), b"no check"),
                       (("completion", "csh"), b"bash, zsh or fish")]:
        code, out, err = run(*args)
        check(code == 2 and says in err and not out, f"usage error: {' '.join(os.path.basename(a) for a in args) or '(nothing)'}", (code, err))
    check(run("scan", "-j", "3", "--", good)[0] == 0 and run("scan", "-j3", good, "--json")[0] == 0, "options and -- in any place")
    if os.path.exists("/dev/full"):
        with open("/dev/full", "wb") as full:
            done = subprocess.run([POSTERN, "scan", good], stdout=full, stderr=subprocess.PIPE)
        check(done.returncode == 2 and b"cannot write" in done.stderr, "a full disk is an error")


def odd_files(tmp):
    folder = f"{tmp}/odd"
    odd = write(os.fsencode(folder) + b"/caf\xe9 \"x\".eml")
    write(f"{folder}/zero", b"")
    write(f"{folder}/.hidden", b"not mail")
    os.mkfifo(f"{folder}/fifo")
    os.symlink("nowhere", f"{folder}/link")
    os.symlink(".", f"{folder}/loop")
    os.makedirs(f"{folder}/sub")
    write(f"{folder}/sub/a.eml")
    code, out, err = run("scan", "--json", folder)
    names = [o["file"] for o in objects(out)]
    check(names == [f"{folder}/caf\udce9 \"x\".eml", f"{folder}/sub/a.eml"], "a folder is read in order; bytes that are no UTF-8 survive", names)
    check(code == 2, "status 2 for what could not be read", code)
    for name, says in [("zero", b"empty"), ("fifo", b"neither a file nor a folder"), ("link", b"leads nowhere"), ("loop", b"contains itself")]:
        check(re.search(rb"/" + name.encode() + rb": [^\n]*" + says, err) is not None, f"{name} is said", err)
    check(b".hidden" not in err and err.count(b"\n") == 4, "nothing else is said", err)
    code, out, err = run("scan", odd)
    check(code == 0 and b"\xe9" not in out, "in text the odd byte is made visible", out)
    escape = write(f"{tmp}/\x1b[31mred.eml")
    check(b"\x1b" not in run("scan", escape)[1] and b"\x1b" not in run("scan", escape + "x")[2], "no escape sequence of a name reaches the terminal")
    if os.getuid() != 0:
        locked = write(f"{tmp}/locked.eml")
        os.chmod(locked, 0)
        code, _, err = run("scan", locked)
        check(code == 2 and b"Permission denied" in err, "an unreadable file is said", err)
    else:
        tap.skip("an unreadable file is said", "runs as root")
    empty = f"{tmp}/empty"
    os.makedirs(empty)
    code, out, err = run("scan", empty)
    check(code == 0 and b"there are no messages" in err, "a folder without messages is said", (code, out, err))


def standard_input_and_pipes(tmp):
    code, out, _ = run("scan", "--json", "-", stdin=GOOD)
    check(code == 0 and objects(out)[0]["file"] == "-" and objects(out)[0]["bytes"] == len(GOOD) and "n" not in objects(out)[0], "a message from standard input", out)
    code, out, _ = run("scan", "--json", "-", stdin=(LINE + GOOD + b"\n") * 3)
    check([o["n"] for o in objects(out)] == [1, 2, 3], "a mailbox from standard input", out)
    code, _, err = run("scan", "-", stdin=b"")
    check(code == 2 and b"-: empty" in err, "empty standard input is an error", err)
    fifo = f"{tmp}/pipe"
    os.mkfifo(fifo)
    feeder = threading.Thread(target=lambda: open(fifo, "wb").write(GOOD))
    feeder.start()
    code, out, _ = run("scan", "--json", fifo)
    feeder.join()
    check(code == 0 and len(objects(out)) == 1, "a named pipe that is named is read")


def mailboxes(tmp):
    mbox = write(f"{tmp}/mail.mbox", (LINE + GOOD + b"\n") * 300)
    found = objects(run("scan", "--json", "-j4", mbox)[1])
    check([o["n"] for o in found] == list(range(1, 301)), "an mbox is counted from 1, in order with -j4")
    check(all(o["bytes"] == len(LINE + GOOD) for o in found), "the empty line between belongs to the mailbox")
    check(b"mail.mbox:300" in run("scan", mbox)[1], "text names the message within the mbox")
    maildir = f"{tmp}/Maildir"
    for name in ["cur/2:2,S", "new/1", "tmp/3", ".Sent/cur/4:2,S", "dovecot-uidlist"]:
        write(f"{maildir}/{name}")
    for name in ["new", "tmp"]:
        os.makedirs(f"{maildir}/.Sent/{name}")
    names = [os.path.relpath(o["file"], maildir) for o in objects(run("scan", "--json", maildir)[1])]
    check(names == [".Sent/cur/4:2,S", "cur/2:2,S", "new/1"], "a Maildir: cur and new, subfolders too, not tmp nor index files", names)


def index(tmp):
    write(f"{tmp}/set/a.eml", LINE + GOOD + b"\n" + LINE + GOOD)
    write(os.fsencode(tmp) + b"/set/b \xff.eml")
    listed = write(f"{tmp}/set/list", b"ham a.eml\nspam b \xff.eml\nspam " + os.fsencode(tmp) + b"/set/a.eml\nwhat c\nham absent\nham .\n")
    code, out, err = run("scan", "--json", "--index", listed)
    found = objects(out)
    check([(o["label"], os.path.relpath(o["file"], tmp)) for o in found] == [("ham", "set/a.eml"), ("spam", "set/b \udcff.eml"), ("spam", "set/a.eml")],
          "an index: labels, paths relative to it, odd bytes", found)
    check("n" not in found[0] and found[0]["bytes"] == 2 * len(LINE + GOOD) + 1, "a path of an index is one message, though it begins as a mailbox")
    check(code == 2 and b"list: line 4 is no entry" in err and b"absent: cannot be opened" in err and b"folder, a message is expected" in err, "its mistakes are said", err)
    out = run("scan", "--index", "list", cwd=f"{tmp}/set")[1]
    check(re.search(rb"ham +1 +1 ", out) and re.search(rb"spam +2 +2 ", out), "text ends in a table of labels and verdicts", out)
    code, _, err = run("scan", "--index", f"{tmp}/nolist")
    check(code == 2 and b"the list cannot be opened" in err, "a missing index is said", err)


def order_and_threads(tmp):
    for i in range(1200):
        write(f"{tmp}/many/{i % 7}/{i:05}.eml", GOOD + b"x\n" * (i * 37 % 4001))
    one, four = (run("scan", "--json", f"-j{n}", f"{tmp}/many") for n in (1, 4))
    strip = lambda out: [dict(o, microseconds=0) for o in objects(out)]
    check(len(objects(one[1])) == 1200 and strip(one[1]) == strip(four[1]), "four threads give the same results in the same order")
    check(one[2] == b"" and four[2] == b"", "no progress in a pipe")


def on_terminal(args, env):
    parent, child = pty.openpty()
    env = {k: v for k, v in {**os.environ, "TERM": "xterm", **env}.items() if v is not None}
    done = subprocess.Popen([POSTERN, *args], stdout=child, stderr=child, env=env)
    os.close(child)
    out = b""
    while True:
        try:
            got = os.read(parent, 65536)
        except OSError:
            break
        if not got:
            break
        out += got
    done.wait()
    os.close(parent)
    return out


def terminals(tmp):
    good = f"{tmp}/good.eml"
    try:
        coloured = on_terminal(["scan", good], {"NO_COLOR": None})
    except OSError as why:  # a container without /dev/pts
        tap.skip("terminals", why)
        return
    check(b"\x1b[" in coloured, "colour on a terminal")
    check(b"\x1b[" not in on_terminal(["scan", good], {"NO_COLOR": "1"}), "never with NO_COLOR")
    check(b"\x1b[" not in on_terminal(["scan", good], {"NO_COLOR": None, "TERM": "dumb"}), "never on a dumb terminal")
    check(b"\x1b[" not in run("scan", good)[1], "never in a pipe")


def contract(tmp):
    o = one(run("scan", "--json", f"{tmp}/good.eml")[1])
    check(list(o) == ["file", "bytes", "verdict", "probability", "score", "evidence", "unchecked", "origin", "anomalies", "microseconds"], "members of scan --json", list(o))
    check(set(o.get("origin", {})) >= {"ip", "confidence", "hop", "role"} and o["origin"]["role"] in ("origin", "relay", "unknown"), "members of origin", o)
    message = write(f"{tmp}/path.eml", b"Received: from h.example (h.example [192.0.2.7]) by mx.example.net with ESMTP id 1; Thu, 1 Jan 2026 00:00:00 +0000\n" + GOOD)
    t = one(run("trace", "--json", message)[1])
    check(set(t) >= {"origin", "hops", "clues"} and len(t["hops"]) == 1, "members of trace --json", t)
    t = one(run("trace", "--json", "--settings", write(f"{tmp}/nobody.yaml", b"resolver: none\n"), "--ip", "192.0.2.9", "--helo", "x.example", "--rdns", "y.example", message)[1])
    first = (t.get("hops") or [{}])[0]
    check(first.get("n") == 0 and first.get("source") == "connection" and first.get("from") == {"helo": "x.example", "rdns": "y.example", "ip": "192.0.2.9"},
          "with --ip the connection is hop 0", first)
    check(run("why", message)[1].strip() != b"" and run("trace", message)[1].strip() != b"", "why and trace have something to say")
    w = one(run("why", "--json", message)[1])
    check("story" in w and "verdict" in w, "why --json is one object", w)


def parse():
    code, out, _ = run("parse", "received", "--json", stdin=b"from h.example (h.example [192.0.2.7]) by mx.example.net with ESMTP id 1; Thu, 1 Jan 2026 00:00:00 +0000\n\nnonsense\n")
    got = objects(out)
    check(code == 0 and [list(o) for o in got] == 3 * [["class", "ip", "rdns", "helo", "by", "with", "id", "ident", "envfrom", "auth", "for", "time"]],
          "parse received: one object a line", got)
    check(got[0]["class"] == "relay" and got[0]["ip"] == "192.0.2.7" and got[0]["time"] == "2026-01-01T00:00:00Z", "parse received reads the line", got[0])
    got = objects(run("parse", "urls", "--json", stdin=b"none\nsee www.Example.org/a and http://192.0.2.1/ now\n")[1])
    check([(o["line"], o["host"], o["domain"]) for o in got] == [(2, "www.example.org", "example.org"), (2, "192.0.2.1", None)], "parse urls: one object a link", got)
    check(got and list(got[0]) == ["line", "raw", "url", "host", "domain", "kind", "flags"], "members of parse urls", got)
    got = objects(run("parse", "addresses", "--json", stdin=b"Ann <a@Example.org>, b@example.net\na@example.org\n")[1])
    check([[a["address"].lower() for a in o["addresses"]] for o in got] == [["a@example.org", "b@example.net"], ["a@example.org"]], "parse addresses", got)
    check([o["valid"] for o in got] == [False, True], "valid says whether the line is one bare address", got)
    mixed = (b"Content-Type: multipart/mixed; boundary=b\n\n--b\nContent-Type: text/html\n\n<p>Hi <a href=\"http://x.example/\">there</a><b style=\"display:none\">psst</b>\n"
             b"--b\nContent-Type: application/zip; name=\"a.zip\"\nContent-Transfer-Encoding: base64\n\nUEsDBA==\n--b--\n")
    got = objects(run("parse", "mime", "--json", stdin=mixed)[1])[0]
    parts = {p["part"]: p for p in got["parts"]}
    check(parts["2"]["bytes"] == 4 and parts["2"]["sha256"] == hashlib.sha256(b"PK\x03\x04").hexdigest(),
          "parse mime: length and digest", parts["2"])
    check([n["name"] for n in parts["2"]["names"]] == ["a.zip"] and parts["2"]["parent"] == parts["0"]["part"], "parse mime: names and tree", parts["2"])
    for stdin, what in [(mixed, "a message"), (b"<html><p>Hi <a href=\"http://x.example/\">there</a><b style=\"display:none\">psst</b>", "bare HTML")]:
        got = one(run("parse", "html", "--json", stdin=stdin)[1])
        check("Hi there" in got.get("text", "") and "psst" not in got["text"] and got["links"][0]["href"] == "http://x.example/" and got["hidden"][0]["text"] == "psst",
              f"parse html of {what}", got)
    for what in ["received", "urls", "addresses", "mime", "html"]:
        check(run("parse", what, stdin=mixed)[0] == 0, f"parse {what} in text")
    check(run("parse", "mime", "/nonexistent")[0] == 2 and run("parse", "urls", "/nonexistent")[0] == 2, "parse: a missing file is an error")


def config(tmp):
    right, wrong = write(f"{tmp}/right.yaml", b"\nmark: 2.5\nreject: 8\n"), write(f"{tmp}/wrong.yaml", b"mark: 2\nmarc: 3\n")
    check(run("config", "test", right)[0] == 0, "config test: right")
    code, _, err = run("config", "test", wrong)
    check(code == 1 and err.startswith(wrong.encode() + b":2:1: ") and b'did you mean "mark"' in err, "config test: file, line, column, advice", err)
    check(run("config", "test", f"{tmp}/absent.yaml")[0] == 2, "config test: a missing file")
    check(run("config", "show", right)[1] == right.encode() + b":2: mark: 2.5\n", "config show: what differs from the default, with its line")
    sample = write(f"{tmp}/sample.yaml", run("config", "sample")[1])
    check(run("config", "test", sample)[0] == 0 and run("config", "show", sample)[1] == b"", "the sample file sets nothing")
    check(b"Default: 2" in run("config", "explain", "mark")[1], "config explain")
    check(b"from 64K to 256M" in run("config", "explain", "message_bytes")[1], "config explain: the range")
    many = write(f"{tmp}/many.yaml", b"mark: two\nlog: file\nworkers: 9999\n")
    code, _, err = run("config", "test", many)
    check(code == 1 and [l.split(b": ")[0] for l in err.splitlines()] == [many.encode() + b":%d:%d" % at for at in ((1, 7), (2, 6), (3, 10))],
          "config test: every mistake with its place", err)
    check(b"stderr, syslog or journal" in err and b"between 0 and 1024" in err, "config test: what is allowed", err)
    odd = write(f"{tmp}/odd.yaml", b"password: short\nuser: nobody-of-that-name\nallow_domains: [gmail.com, a.example]\nlisten_http: [\"[::]:11334\", 127.0.0.1:1]\n"
                b"network_database: /nowhere/x\ndns_deadline: 60\n")
    os.chmod(odd, 0o644)
    code, _, err = run("config", "test", odd)
    places = [tuple(map(int, l.split(b":")[1:3])) for l in err.splitlines() if b": warning: " in l]
    check(code == 0 and places == [(1, 1), (1, 1), (5, 1), (2, 1), (3, 1), (4, 1), (6, 1)], "config test: warnings", err)
    check(b"every user of this machine can read the password" in err and b"short" not in err, "config test: of a password, not the password", err)
    os.chmod(odd, 0o640)
    check(b"can read the password" not in run("config", "test", odd)[2], "config test: a password that others cannot read")
    traps = write(f"{tmp}/traps.yaml", b"local_domains: [ours.example]\nplant_secret: abc\ntrap_recipients: [\"@ours.example\", abuse@other.example, x@ours.example]\n")
    os.chmod(traps, 0o640)
    code, _, err = run("config", "test", traps)
    check(code == 0 and err.count(b": warning: ") == 3 and b"all mail to ours.example" in err and b"abuse@other.example is for people" in err,
          "config test: traps that real people's mail ends in", err)
    os.mkdir(f"{tmp}/right.yaml.d")
    over = write(f"{tmp}/right.yaml.d/10-more.yaml", b"mark: 1\npassword: 0123456789\n")
    check(run("config", "show", right)[1] == over.encode() + b":1: mark: 1\n" + over.encode() + b":2: password: (set, not shown)\n", "config show: the override folder wins, and says so")
    shown = objects(run("config", "show", "--json", right)[1])
    check([(o["option"], o["file"], o["line"], o["column"]) for o in shown] == [("mark", over, 1, 1), ("password", over, 2, 1)], "config show --json", shown)
    write(f"{tmp}/right.yaml.d/20-wrong.yaml", b"mark: 9\n")
    code, _, err = run("config", "test", right)
    check(code == 1 and b"20-wrong.yaml:1:1: mark, quarantine and reject must not fall" in err, "config test: an override that makes the whole wrong", err)


def auth(tmp):
    """postern auth: client alone, message alone, both; in words, as JSON, as a field."""
    zone = write(f"{tmp}/zone.json", json.dumps({
        "bank.example": [{"TXT": "v=spf1 ip4:192.0.2.1 -all exp=why.bank.example"}], "why.bank.example": [{"TXT": "%{i} is none of ours"}],
        "_dmarc.bank.example": [{"TXT": "v=DMARC1; p=reject"}]}).encode())
    mail = write(f"{tmp}/bank.eml", b"From: Bank <a@bank.example>\nTo: b@example.net\n\nhello\n")
    evil = ("--dns", zone, "--ip", "203.0.113.66", "--helo", "mx.evil.example", "--from", "a@bank.example")
    good = ("--dns", zone, "--ip", "192.0.2.1", "--helo", "bank.example", "--from", "")
    code, out, _ = run("auth", "--json", *evil)
    check(code == 1 and one(out) == {"spf": {"helo": "none", "mailfrom": "fail", "domain": "bank.example", "explanation": "203.0.113.66 is none of ours"},
                                     "dkim": None, "dmarc": None, "arc": None}, "auth --json of a client", (code, out))
    code, out, _ = run("auth", "--json", *evil, mail)
    check(code == 1 and one(out).get("dmarc") == {"result": "fail", "domain": "bank.example", "policy": "reject", "disposition": "reject"}
          and one(out)["dkim"] == [] and one(out)["arc"] == {"cv": "none", "instances": 0}, "auth --json of a forged message", (code, out))
    code, out, _ = run("auth", "--json", *good, mail)
    check(code == 0 and one(out)["spf"]["mailfrom"] == "pass" and one(out)["dmarc"]["result"] == "pass", "auth --json of an honest bounce", (code, out))
    code, out, _ = run("auth", *evil, mail)
    check(code == 1 and b"bank.example says that 203.0.113.66 may not send its mail" in out and b"bank.example wants such mail to be refused" in out,
          "auth in words", (code, out))
    code, out, _ = run("auth", "--header", *good, mail)
    check(code == 0 and re.fullmatch(rb"Authentication-Results: [^;]+;\n\tspf=pass smtp.helo=bank.example;\n\tdkim=none;\n\tdmarc=pass "
                                     rb"header.from=bank.example\n", out), "auth --header", (code, out))
    code, out, _ = run("auth", "--json", "--dns", zone, "-", stdin=b"Subject: no From\n\n")
    check(code == 1 and one(out)["spf"]["mailfrom"] is None and one(out)["dmarc"]["result"] == "permerror", "auth of standard input", (code, out))
    code, out, err = run("auth", *good, f"{tmp}/absent", mail)
    check(code == 2 and b"absent: cannot be opened" in err and b"DMARC" in out, "auth says what it cannot read and judges the rest", (code, err))
    check(run("auth")[0] == 2 and run("auth", "--from", "a@b.example")[0] == 2, "auth needs a client or a message")


def drift():
    """Help, manuals and completion name every command and option, and no others."""
    page = lambda name: open(os.path.join(ROOT, "src/app", name), encoding="utf-8").read()
    commands = re.findall(r"^  (\w+) ", run("help")[1].decode(), re.M)
    check(len(commands) >= 7, "help lists the commands", commands)
    check(all(re.search(rf"\*{c}\*", page("postern.1.scd")) for c in commands), "postern(1) names every command")
    for c in commands:
        code, out, _ = run(c, "--help")
        options = set(re.findall(r"--[\w-]+", "\n".join(l for l in out.decode().split("\n") if l.startswith("  "))))
        check(code == 0 and "--help" in options, f"{c} --help", out)
        own = "serve" if c == "reload" else c
        name = f"postern-{own}.1.scd" if os.path.exists(os.path.join(ROOT, "src/app", f"postern-{own}.1.scd")) else "postern.1.scd"
        told = set(re.findall(r"\*(--[\w-]+)\*", page(name)))
        missing, extra = options - told - {"--help"}, (told - options - {"--help", "--version"}) if name not in ("postern.1.scd", "postern-serve.1.scd") else set()
        check(not missing and not extra, f"{name} tells the options of {c}", (sorted(missing), sorted(extra)))
        for shell in ("bash", "zsh", "fish"):
            script = run("completion", shell)[1].decode()
            check(c in script and all((o[2:] if shell == "fish" else o) in script for o in options), f"completion for {shell} knows {c}")
    manual = page("postern.yaml.5.scd")
    told = re.findall(r"^\*(\w+)\*$", manual.split("# OPTIONS")[1].split("\n# ")[0], re.M)
    known = {o["option"]: o for o in objects(run("config", "explain", "--json")[1])}
    check(told == list(known), "postern.yaml(5) tells every option, in order", (told, list(known)))
    flat = " ".join(manual.replace("\\", "").split())
    check(all(o["help"] in flat for o in known.values()), "postern.yaml(5) has the words of `config explain`", [k for k, o in known.items() if o["help"] not in flat])
    check(all(f"Default: {o['default']}" in flat for o in known.values()), "and its defaults")
    bash = run("completion", "bash")[1]
    check(subprocess.run(["bash", "-n"], input=bash).returncode == 0, "the bash script is bash")


def checks():
    listed = objects(run("checks", "--json")[1])
    check(listed and all(c["purpose"] and all(e["id"] and e["why"] and "weight" in e for e in c["evidence"]) for c in listed), "checks lists evidence with weights and reasons")
    first = listed[0]["evidence"][0]["id"]
    check(first.encode() in run("checks", first)[1], "checks finds one kind of evidence")
    check(run("--version")[1].startswith(b"postern "), "--version")


def main():
    with tempfile.TemporaryDirectory() as tmp:
        exit_status(tmp)
        odd_files(tmp)
        standard_input_and_pipes(tmp)
        mailboxes(tmp)
        index(tmp)
        order_and_threads(tmp)
        terminals(tmp)
        contract(tmp)
        auth(tmp)
        parse()
        config(tmp)
    drift()
    checks()
    return tap.end()


sys.exit(main())
