#!/usr/bin/env python3
"""postern serve, driven as a mail server drives it: judged messages, dead workers, reloads, the end. Prints TAP."""
import atexit, json, os, re, shutil, signal, socket, subprocess, sys, tempfile, threading, time
from _tap import Tap
from peers.mail_server import Milter

postern, root = os.environ["POSTERN"], os.environ["POSTERN_ROOT"]
tap = Tap("serve")


def check(what, ok, detail=""):
    tap.check(ok, what, detail)


class Service:
    all = []

    def __init__(self, more="", resolver="none"):
        self.dir = tempfile.mkdtemp(prefix="postern-serve-")
        self.settings = os.path.join(self.dir, "postern.yaml")
        self.more, self.resolver = more, resolver
        self.write()
        self.log = open(os.path.join(self.dir, "log"), "w+")
        self.p = subprocess.Popen([postern, "serve", "--settings", self.settings], stderr=self.log, stdout=self.log)
        Service.all.append(self)
        self.port = int(self.wait(r"milter on 127\.0\.0\.1:(\d+)")[1])
        self.wait("serving")

    @classmethod
    def clean(cls):
        """Whatever went wrong, nobody is left behind."""
        for s in cls.all:
            if s.p.poll() is None:
                s.p.kill()
                s.p.wait()
            shutil.rmtree(s.dir, ignore_errors=True)

    def write(self, more=None):
        with open(self.settings, "w") as f:
            f.write(f"listen_milter: ['127.0.0.1:0']\nlisten_http: []\nlisten_spamd: []\nuser: root\nresolver: {self.resolver}\nworkers: 2\n"
                    f"data_directory: {self.dir}/data\n{self.more if more is None else more}")

    def text(self):
        with open(self.log.name) as f:
            return f.read()

    def wait(self, pattern, seconds=60, count=1):
        end = time.time() + seconds
        while time.time() < end and self.p.poll() is None:
            found = list(re.finditer(pattern, self.text()))
            if len(found) >= count:
                return found[count - 1]
            time.sleep(0.05)
        raise AssertionError(f"no {pattern} in the log:\n{self.text()}")

    def children(self, role):
        found = []
        for pid in filter(str.isdigit, os.listdir("/proc")):
            try:
                with open(f"/proc/{pid}/stat") as stat, open(f"/proc/{pid}/cmdline") as line:
                    parent, words = int(stat.read().rpartition(")")[2].split()[1]), line.read().split("\0")
            except OSError:
                continue
            if parent == self.p.pid and words[-3:-1] == ["--role", role]:
                found.append(int(pid))
        return found

    def reply(self, raw, **more):
        return Milter(self.port).message(raw, **more)

    def end(self):
        self.p.send_signal(signal.SIGTERM)
        return self.p.wait(60)


def bytes_of(*path):
    with open(os.path.join(root, *path), "rb") as f:
        return f.read()


def judges():
    s = Service()
    good, bad = bytes_of("samples", "mailbox", "good-colleague.eml"), bytes_of("samples", "mailbox", "microsoft-update.eml")
    reply, edits = s.reply(good)
    check("good mail is accepted", reply == b"a", reply)
    check("and says why", any(e.startswith(b"i\0\0\0\0X-Postern-Why\0accept") for e in edits), edits)
    reply, _ = s.reply(bad)
    check("a forged one is refused with a reason", re.match(rb"y5\d\d 5\.7\.1 .*postmaster@", reply), reply)
    m = Milter(s.port)
    replies = [m.message(x)[0][:1] for x in (good, bad, good)]
    check("several messages a connection", replies == [b"a", b"y", b"a"], replies)
    big = b"From: a@example.org\nSubject: big\n\n" + b"all work and no play\n" * 200000
    reply, _ = s.reply(big)
    check("4 MB go to the worker as a file in memory", reply == b"a", reply)
    return s, good


def survives(s, good):
    before = s.children("worker")
    for pid in before:
        os.kill(pid, signal.SIGKILL)
    s.wait(r"worker \d+ ended", count=len(before))
    check("with all workers killed mail waits for new ones", s.reply(good)[0] == b"a")
    check("which are others", not set(before) & set(s.children("worker")))
    os.kill(s.children("keeper")[0], signal.SIGKILL)
    check("mail flows while the keeper is replaced", s.reply(good)[0] == b"a")
    s.wait(r"keeper \d+ ended")
    os.kill(s.children("front")[0], signal.SIGKILL)
    s.wait(r"front \d+ ended")
    for _ in range(100):
        try:
            reply = s.reply(good)[0]
            break
        except (OSError, EOFError):
            time.sleep(0.1)
    check("a front that died is replaced behind the same socket", reply == b"a", s.text())


def sets_aside(s):
    workers = s.children("worker")
    m = Milter(s.port)
    for pid in workers:
        os.kill(pid, signal.SIGSTOP)
    m.s.settimeout(2)
    try:
        m.message(b"Subject: stuck\n\nx\n")
        reply = b""
    except TimeoutError:
        for pid in workers:
            os.kill(pid, signal.SIGKILL)
        m.s.settimeout(60)
        reply = m.read()[0]
        while reply == b"p":
            reply = m.read()[0]
    check("the message on which a worker died is put off", reply == b"y", reply)
    s.wait("the message is set aside")
    aside = os.path.join(s.dir, "data", "aside")
    for _ in range(100):
        if os.path.isdir(aside) and len(os.listdir(aside)) >= 2:
            break
        time.sleep(0.1)
    kept = [open(os.path.join(aside, f), "rb").read() for f in os.listdir(aside)]
    check("and kept apart", b"Subject: stuck\r\n\r\nx\r\n" in kept, kept)


def reloads(s, good):
    before = s.children("worker")
    m = Milter(s.port)
    s.write("subject_mark: '[spam] '\n")
    s.p.send_signal(signal.SIGHUP)
    s.wait("the settings were read again")
    s.wait("a worker of generation 2")
    check("a connection lives through a reload", m.message(good)[0] == b"a")
    s.write("mark: many\n")
    s.p.send_signal(signal.SIGHUP)
    s.wait("the settings stay as they were")
    check("wrong settings change nothing", s.reply(good)[0] == b"a")
    end = time.time() + 20
    while set(before) & set(s.children("worker")) and time.time() < end:
        time.sleep(0.1)
    check("workers of the old settings are gone", not set(before) & set(s.children("worker")))
    s.write()


def learns(s, good):
    """What is learned while it serves is known to the next message: workers open the model once there is one."""
    path = os.path.join(s.dir, "lesson.eml")
    with open(path, "wb") as f:
        f.write(good)
    p = subprocess.run([postern, "learn", "ham", "--settings", s.settings, path], capture_output=True, text=True)
    check("learning beside it", p.returncode == 0, p.stderr)
    s.wait("workers open it anew")
    check("and mail is judged on", s.reply(good)[0] == b"a")


def remembers(s):
    s.reply(bytes_of("samples", "mailbox", "microsoft-update.eml"))
    time.sleep(1)  # what is kept is committed every 50 ms
    p = subprocess.run([postern, "history", "--settings", s.settings, "--json"], capture_output=True, text=True)
    cases = [json.loads(line) for line in p.stdout.splitlines()]
    check("history holds what was judged", {"accept", "reject"} <= {c["verdict"] for c in cases}, p.stderr)
    p = subprocess.run([postern, "why", "--settings", s.settings, cases[0]["id"]], capture_output=True, text=True)
    check("and why tells the story", p.returncode in (0, 1) and "What" in p.stdout, p.stdout + p.stderr)
    p = subprocess.run([postern, "replay", "--settings", s.settings, "--since", "1h"], capture_output=True, text=True)
    check("every verdict is reached again from its case", p.returncode == 0, p.stdout + p.stderr)


class Mta(threading.Thread):
    """Where a release goes: takes one message by SMTP, and hands it to the milter as any mail server would."""

    def __init__(self):
        super().__init__(daemon=True)
        self.door = socket.create_server(("127.0.0.1", 0))
        self.port, self.message, self.to = self.door.getsockname()[1], b"", []

    def run(self):
        s, _ = self.door.accept()
        f = s.makefile("rwb")

        def say(line):
            f.write(line + b"\r\n")
            f.flush()

        say(b"220 mx.example.net ESMTP")
        while True:
            line = f.readline()
            word = line[:4].upper()
            if word == b"DATA":
                say(b"354 go on")
                lines = []
                while (line := f.readline()) != b".\r\n":
                    lines.append(line[1:] if line.startswith(b".") else line)
                self.message = b"".join(lines)
            if word == b"RCPT":
                self.to.append(line)
            say(b"221 bye" if word == b"QUIT" else b"250 ok")
            if word == b"QUIT" or not line:
                return


def holds_and_releases():
    """Kept, released, passed once on its second way through, and no more."""
    mta = Mta()
    mta.start()
    s = Service(f"mark: 0.4\nquarantine: 0.5\nreject: 50\nrelease_to: '127.0.0.1:{mta.port}'\n")
    spam = b"From: Anna <anna@example.org>\nSubject: cheap\n\nBuy http://203.0.113.9/pills.exe now\n"
    reply = s.reply(spam)[0]
    check("a message is taken and kept", reply == b"d", reply)
    p = subprocess.run([postern, "quarantine", "list", "--settings", s.settings, "--json"], capture_output=True, text=True)
    held = [json.loads(line) for line in p.stdout.splitlines()]
    check("the quarantine holds it", len(held) == 1, p.stdout + p.stderr)
    p = subprocess.run([postern, "quarantine", "release", "--settings", s.settings, held[0]["id"]], capture_output=True, text=True)
    mta.join(30)
    check("it is released through the mail server", p.returncode == 0 and b"pills.exe" in mta.message and len(mta.to) == 1, p.stdout + p.stderr)
    replies = [s.reply(mta.message)[0]]
    time.sleep(1)
    replies.append(s.reply(mta.message)[0])
    check("it passes on its second way, once", replies == [b"a", b"d"], replies)
    s.end()


def asks_the_dns():
    """From inside its sandbox, before and after a reload."""
    answers = os.path.join(tempfile.mkdtemp(prefix="postern-serve-"), "zone.json")
    with open(answers, "w") as f:
        json.dump({"example.org": [{"TXT": "v=spf1 ip4:192.0.2.7 -all"}]}, f)
    dns = subprocess.Popen([sys.executable, os.path.join(root, "tests", "dns_server.py"), answers], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    port = dns.stdout.readline().split()[-1]
    s = Service(resolver=f"['127.0.0.1@{port}']")
    mail = bytes_of("samples", "mailbox", "good-colleague.eml")
    spf = [b"spf=pass" in b"".join(s.reply(mail)[1])]
    s.p.send_signal(signal.SIGHUP)
    s.wait("a worker of generation 2")
    spf.append(b"spf=pass" in b"".join(s.reply(mail)[1]))
    check("the front asks the DNS for its workers, after a reload too", spf == [True, True], spf)
    s.end()
    dns.kill()


def under_systemd():
    """Sockets handed over, readiness told."""
    s = Service.__new__(Service)
    s.dir, s.more, s.resolver = tempfile.mkdtemp(prefix="postern-serve-"), "", "none"
    s.settings = os.path.join(s.dir, "postern.yaml")
    s.write()
    s.log = open(os.path.join(s.dir, "log"), "w+")
    notify = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    notify.bind(os.path.join(s.dir, "notify"))
    notify.settimeout(60)
    door = socket.create_server(("127.0.0.1", 0))
    os.dup2(door.fileno(), 3)
    env = dict(os.environ, LISTEN_FDS="1", LISTEN_FDNAMES="milter", NOTIFY_SOCKET=os.path.join(s.dir, "notify"))
    s.p = subprocess.Popen(["sh", "-c", f"LISTEN_PID=$$ exec {postern} serve --settings {s.settings}"], env=env, stderr=s.log, pass_fds=(3,))
    Service.all.append(s)
    os.close(3)
    state = b""
    while b"READY=1" not in state:
        state = notify.recv(4096)
    check("systemd is told when it is ready", b"READY=1" in state)
    check("and its socket serves", Milter(door.getsockname()[1]).message(b"Subject: x\n\nx\n")[0] == b"a")
    check("and it ends", s.end() == 0, s.text())


atexit.register(Service.clean)
service, message = judges()
survives(service, message)
sets_aside(service)
reloads(service, message)
learns(service, message)
remembers(service)
check("SIGTERM ends it cleanly", service.end() == 0, service.text())
check("nobody is left behind", not service.children("worker") and not service.children("front"))
holds_and_releases()
asks_the_dns()
under_systemd()
sys.exit(tap.end())
