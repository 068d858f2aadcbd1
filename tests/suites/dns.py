#!/usr/bin/env python3
"""dns.py - whom postern asks, about which mail, and how long it waits: driven as a user drives it, beside tests/dns_server.py on loopback."""
import json, os, re, signal, subprocess, sys, tempfile, time

from _tap import Tap

POSTERN, ROOT = os.path.abspath(os.environ.get("POSTERN", "build/postern")), os.environ.get("POSTERN_ROOT", ".")
tap = Tap("dns")
check = tap.check


class Server:
    def __init__(self):
        self.process = subprocess.Popen(["/usr/bin/python3", os.path.join(ROOT, "tests", "dns_server.py")], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        self.address = f"127.0.0.1@{int(self.process.stdout.readline())}"

    def tell(self, word):
        self.process.stdin.write(word.encode() + b"\n")
        self.process.stdin.flush()

    def count(self):
        self.tell("count")
        return int(self.process.stdout.readline())

    def close(self):
        self.process.stdin.close()
        self.process.wait()


def write(path, data):
    with open(path, "wb") as f:
        f.write(data)
    return path


def message(domain, when=None, text="hello"):
    received = f"Received: from x.example (x.example [192.0.2.9]) by mx.example.org with ESMTP id 1; {when}\n" if when else ""
    return f"{received}From: a@{domain}\nTo: b@example.org\nSubject: hello\n\n{text}\n".encode()


def run(*args):
    begin = time.monotonic()
    done = subprocess.run([POSTERN, *args], stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=120)
    return [json.loads(line) for line in done.stdout.splitlines() if line.startswith(b"{")], done, time.monotonic() - begin


def whys(judged):
    return " ".join(u["why"] for j in judged for u in j["unchecked"])


def whom_and_about_what(server, settings, tmp):
    mail = write(f"{tmp}/a.eml", message("nx.a.example"))
    now = f"@{int(time.time())}"
    judged, done, _ = run("scan", "--json", "--settings", settings, "--now", now, mail)
    check(server.count() > 0, "recent mail is asked about", done)
    check(any("nx.a.example" in e["says"] for j in judged for e in j["evidence"]), "and the answer counts: a domain that does not exist", judged)
    for what, args in [("mail of another time", ["--now", "2010-01-01"]), ("a live connection of another time", ["--ip", "192.0.2.9", "--now", "2010-01-01"]),
                       ("mail of which nobody knows when it came", []), ("with --dns", ["--now", now, "--dns", write(f"{tmp}/zone.json", b"{}")])]:
        before = server.count()
        judged, done, _ = run("scan", "--json", "--settings", settings, *args, write(f"{tmp}/b.eml", message("other.example")))
        check(len(judged) == 1 and server.count() == before, f"nobody is asked: {what}", done)
        if "2010-01-01" in args:
            check(re.search(r"was not asked: the message is \d,\d{3} days old, and what the DNS says today proves nothing about then", whys(judged)) is not None,
                  f"and it is said: {what}", whys(judged))
    before = server.count()
    old = write(f"{tmp}/old.eml", message("received.example", "Thu, 1 Jan 2015 00:00:00 +0000"))
    new = write(f"{tmp}/new.eml", message("received.example", time.strftime("%a, %d %b %Y %H:%M:%S +0000", time.gmtime())))
    run("scan", "--settings", settings, old)
    check(server.count() == before, "the newest trusted Received line says that it is old")
    run("scan", "--settings", settings, new)
    check(server.count() > before, "or recent")
    for command in (["why"], ["trace"], ["auth"], ["scan", "--ip", "192.0.2.9", "--helo", "h.example", "--from", "a@live.example"]):
        before = server.count()
        fresh = write(f"{tmp}/{command[0]}.eml", message(f"{command[0]}.example", time.strftime("%a, %d %b %Y %H:%M:%S +0000", time.gmtime())))
        run(*command, "--settings", settings, "--json", fresh)
        check(server.count() > before, f"{' '.join(command[:2])} asks")
    before, model = server.count(), f"{tmp}/model"
    listed = write(f"{tmp}/index", f"ham {new}\nspam {mail}\n".encode())
    run("learn", "--settings", settings, "--model", model, "--index", listed)
    run("evaluate", "--settings", settings, "--index", listed)
    check(server.count() == before, "learn and evaluate ask nobody")
    nobody = write(f"{tmp}/none.yaml", b"resolver: none\n")
    judged, done, _ = run("scan", "--json", "--settings", nobody, "--now", now, mail)
    check(server.count() == before and "there is no resolver" in whys(judged), "resolver: none", done)


def what_does_not_come(server, tmp):
    settings = write(f"{tmp}/short.yaml", f'resolver: ["{server.address}"]\ndns_deadline: 0.3\n'.encode())
    now = ["--now", f"@{int(time.time())}"]
    judged, done, took = run("scan", "--json", "--settings", settings, *now, write(f"{tmp}/drop.eml", message("drop.b.example")))
    check("timed out" in whys(judged), "what does not come in time is unchecked", done)
    check(took < 10 and judged[0]["microseconds"] < 5000000, "and the deadline is kept", took)
    judged, done, _ = run("scan", "--json", "--settings", settings, *now, write(f"{tmp}/sick.eml", message("servfail.b.example")))
    check("failed at its name server" in whys(judged), "SERVFAIL is unchecked", done)
    zone = write(f"{tmp}/timeout.json", b'{"slow.example": "TIMEOUT"}')
    judged, done, took = run("scan", "--json", "--dns", zone, *now, write(f"{tmp}/slow.eml", message("slow.example")))
    check("timed out" in whys(judged) and took < 4, "TIMEOUT of a zone file waits for nothing", (took, done))


def interrupted(server, settings, tmp):
    mail = write(f"{tmp}/wait.eml", message("drop.wait.example"))
    before = server.count()
    process = subprocess.Popen([POSTERN, "scan", "--settings", settings, "--now", f"@{int(time.time())}", mail], stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                               preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL))  # a shell in the background has it ignored
    for _ in range(500):
        if server.count() > before:
            break
        time.sleep(0.01)
    begin = time.monotonic()
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=30)
    check(process.returncode == -signal.SIGINT and time.monotonic() - begin < 2 and not err, "Ctrl-C ends it at once while it waits", (process.returncode, err))


def many_at_a_time(server, settings, tmp):
    now = ["--now", f"@{int(time.time())}"]
    folder = f"{tmp}/many"
    os.mkdir(folder)
    for i in range(400):
        write(f"{folder}/{i:04}.eml", message(f"delay-{i * 37 % 200}.n{i}.example"))
    for threads in ("-j1", "-j4"):
        judged, done, took = run("scan", "--json", threads, "--settings", settings, *now, folder)
        check([os.path.basename(j["file"]) for j in judged] == [f"{i:04}.eml" for i in range(400)], f"{threads}: in order, whoever answers first", done.stderr)
        check(took < 15, f"{threads}: they wait beside each other", took)
        check("timed out" not in whys(judged), f"{threads}: all were answered", whys(judged)[:300])
    # One that waits long stands first; more than the window of results comes behind it.
    line = b"From a@example.org Thu Jan  1 00:00:00 2026\n"
    mbox = line + message("delay-700.first.example") + b"\n"
    mbox += b"".join(line + message("same.example", text=f"n {i}") + b"\n" for i in range(5000))
    path = write(f"{tmp}/mbox", mbox)
    for threads in ("-j1", "-j4"):
        judged, done, took = run("scan", "--json", threads, "--settings", settings, *now, path)
        check([j["n"] for j in judged] == list(range(1, 5002)), f"{threads}: the slow one first, and 5,000 behind it", (took, done.stderr))


def limits(server, settings, tmp):
    """More than LIMIT_FLIGHTS that wait, and more than LIMIT_FLIGHT_BYTES: the rest begins when there is room."""
    now = ["--now", f"@{int(time.time())}"]
    line = b"From a@example.org Thu Jan  1 00:00:00 2026\n"
    path = write(f"{tmp}/flights", b"".join(line + message(f"delay-300.f{i}.example") + b"\n" for i in range(1500)))
    judged, done, took = run("scan", "--json", "-j1", "--settings", settings, *now, path)
    check([j["n"] for j in judged] == list(range(1, 1501)) and "timed out" not in whys(judged), "1,500 wait in one thread", (took, len(judged), done.stderr))
    large = [write(f"{tmp}/large{i}", message(f"delay-50.l{i}.example", text=("x" * 997 + "\n") * 70000)) for i in range(3)]
    judged, done, took = run("scan", "--json", "-j1", "--settings", settings, *now, *large)
    check([j["bytes"] > 69000000 for j in judged] == [True] * 3, "three of 70 MB", (took, done.stderr))


def main():
    server = Server()
    with tempfile.TemporaryDirectory() as tmp:
        settings = write(f"{tmp}/postern.yaml", f'resolver: ["{server.address}"]\n'.encode())
        whom_and_about_what(server, settings, tmp)
        what_does_not_come(server, tmp)
        interrupted(server, settings, tmp)
        many_at_a_time(server, settings, tmp)
        limits(server, settings, tmp)
    server.close()
    return tap.end()


sys.exit(main())
