#!/usr/bin/env python3
"""tests/peers/faults.py POSTERN [MESSAGES [FAULT...]] - what happens to mail under load when something breaks.

Each fault runs with a Postfix and a service of its own, while MESSAGES are sent (a client tries again what is put off, as mail servers do).
Afterwards all that was accepted is delivered or kept, everything was answered in the end, memory is bounded, and a new message
passes without anybody's help. Prints TAP; functions of this file are also parts of tests/suites/serve_faults.py."""
import contextlib, json, os, resource, signal, socket, struct, subprocess, sys, threading, time

if __name__ == "__main__":
    sys.path[0:0] = [os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "suites")]
    from _tap import Tap
from peers import messages, process
from peers.load import Account, Load
from peers.postfix import Postfix
from peers.postern import Serve
from peers.sink import Sink
from peers.smtp import Smtp

MESSAGES = 300
MEMORY = 400e6  # of all processes; sanitizers take a multiple
IDLE = 5000
SLOW_EACH = 20
LETTER = b"From: Anna <anna@client.example>\nTo: Ben <ben@example.net>\nSubject: after the fault\n\nIs all well?\n"


class Scene:
    """Sink, service and Postfix; the load runs between start() and finish()."""

    def __init__(self, tap, what, count=None, **settings):
        self.tap, self.what, self.count = tap, what, count or MESSAGES
        self.data, self.settings = settings.pop("data", None), dict(dict(resolver="none", workers=2), **settings)
        self.peak = 0

    def __enter__(self):
        process.folder()
        with contextlib.ExitStack() as stack:
            self.sink = stack.enter_context(Sink())
            self.service = stack.enter_context(Serve(data=self.data, **self.settings))
            self.postfix = stack.enter_context(Postfix(f"inet:127.0.0.1:{self.service.ports['milter']}", self.sink.port, milter_timeout="20s"))
            self.stack = stack.pop_all()
        return self

    def __exit__(self, *_):
        self.stack.close()

    def check(self, ok, what, detail=""):
        self.tap.check(ok, f"{self.what}: {what}", f"{detail}\n{self.service.log()[-2000:]}" if not ok else "")

    def start(self):
        self.load = Load(self.postfix.port, messages.take(self.count)).start()
        return self.load

    def reach(self, share):
        """Waits until this share of the messages was answered in some way."""
        process.wait_for("the load does not go on", lambda: self.load.done() >= share * self.count, 120)
        self.peak = max(self.peak, process.pss_bytes(self.service.pids()))

    def finish(self, doubled=0):
        self.load.join()
        account = Account(self.load, self.sink, self.postfix, self.service)
        self.peak = max(self.peak, process.pss_bytes(self.service.pids()))
        self.check(not account.unanswered, "every message was answered in the end", account.unanswered[:20])
        self.check(not account.lost, "nothing that was accepted is lost", account.lost[:20])
        self.check(len(account.doubled) <= doubled, "nothing is there twice", account.doubled[:20])
        self.check(not account.uninvited, "nothing that was refused is delivered", account.uninvited[:20])
        self.check(self.peak < MEMORY * (5 if os.environ.get("ASAN_OPTIONS") else 1), "memory is bounded", f"{self.peak / 1e6:.0f} MB")
        self.passes("a new message passes")
        return account

    def passes(self, what, seconds=20):
        latest, reply, before = time.monotonic() + seconds, "", len(self.sink.mails)
        while time.monotonic() < latest:
            with Smtp(self.postfix.port) as client:
                client.stand_for("192.0.2.9", helo="client.example")
                reply = client.send("anna@client.example", ["ben@example.net"], LETTER)
            if reply.startswith("2"):
                break
            time.sleep(0.2)
        self.check(reply.startswith("2"), what, reply)
        if reply.startswith("2"):
            process.wait_for("it is not delivered", lambda: len(self.sink.mails) > before, 30)


def killed(tap, role):
    with Scene(tap, f"kill -9 of {role}") as scene:
        scene.start()
        for share in (0.1, 0.3, 0.5):
            scene.reach(share)
            gone = scene.service.roles().get(role, [])
            scene.check(gone, f"there is a {role}", scene.service.roles())
            for pid in gone[:1]:
                os.kill(pid, signal.SIGKILL)
            process.wait_for(f"no new {role}", lambda: [p for p in scene.service.roles().get(role, []) if p not in gone[:1]], 30)
        scene.finish(doubled=3 * scene.load.connections)  # held, killed, not answered, sent again: at most what was under way at each of three kills
        scene.check(scene.service.process.poll() is None, "the service is the same")


def worker_killed(tap):
    killed(tap, "worker")


def front_killed(tap):
    killed(tap, "front")


def keeper_killed(tap):
    killed(tap, "keeper")


def master_killed(tap):
    """What systemd would start again, this test does: with the same files, after all children have gone."""
    with Scene(tap, "kill -9 of master") as scene:
        scene.start()
        scene.reach(0.3)
        session = scene.service.process.pid
        os.kill(session, signal.SIGKILL)
        scene.service.process.wait()
        process.wait_for("its children stay", lambda: not list(process.children(session)), 30)
        scene.check(True, "its children go with it")
        scene.service.start()
        scene.finish(doubled=scene.load.connections)


def keeper_stalled(tap):
    with Scene(tap, "keeper stopped") as scene:
        scene.start()
        scene.reach(0.2)
        keeper = scene.service.roles()["keeper"][0]
        os.kill(keeper, signal.SIGSTOP)
        try:
            before = len(scene.sink.mails)
            process.wait_for("mail waits for the keeper", lambda: len(scene.sink.mails) > before + 20, 60)
            scene.check(True, "mail goes on without it")
        finally:
            with contextlib.suppress(ProcessLookupError):
                os.kill(keeper, signal.SIGCONT)
        scene.finish(doubled=scene.load.connections)


def worker_stalled(tap):
    with Scene(tap, "worker stopped", message_deadline=5) as scene:
        scene.start()
        scene.reach(0.2)
        worker = scene.service.roles()["worker"][0]
        os.kill(worker, signal.SIGSTOP)
        process.wait_for("a stopped worker is not replaced", lambda: worker not in scene.service.roles().get("worker", []), 60)
        scene.check(True, "it is replaced")
        scene.finish(doubled=scene.load.connections)


@contextlib.contextmanager
def small_disk(size):
    """A file system of its own, which only root can have."""
    if os.geteuid() != 0:
        raise process.Unavailable("only root can mount a small disk")
    where = f"/tmp/postern-small-disk-{os.getpid()}"
    os.makedirs(where)
    done = subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={size},mode=755", "postern-test", where], stderr=subprocess.PIPE, text=True)
    if done.returncode:
        os.rmdir(where)
        raise process.Unavailable(f"a small disk cannot be mounted here: {done.stderr.strip()}")
    try:
        yield where
    finally:
        subprocess.run(["umount", "-l", where], check=True)
        os.rmdir(where)


def disk_full(tap):
    with small_disk("64m") as where:
        data = os.path.join(where, "data")
        os.mkdir(data)
        os.chown(data, 65534, 65534)
        with Scene(tap, "disk full", data=data) as scene:
            scene.start()
            scene.reach(0.2)
            keeper = scene.service.roles()["keeper"]
            filler = os.path.join(where, "filler")
            with open(filler, "wb", buffering=0) as f, contextlib.suppress(OSError):
                while True:
                    f.write(b"\0" * 65536)
            before = len(scene.sink.mails)
            process.wait_for("mail stops when the disk is full", lambda: len(scene.sink.mails) > before + 20, 60)
            scene.check(True, "mail that is to be delivered still is")
            scene.reach(0.6)
            scene.check("space" in scene.service.log().lower() or "full" in scene.service.log().lower(), "the log says so")
            scene.check(scene.service.roles()["keeper"] == keeper, "the keeper is the same: who cannot write need not die")
            os.unlink(filler)
            scene.finish(doubled=scene.load.connections)


def dns_dead(tap):
    """A name server that takes every question and answers none."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as hole:
        hole.bind(("127.0.0.1", 0))
        with Scene(tap, "DNS dead", count=min(MESSAGES, 200), resolver=[f"127.0.0.1@{hole.getsockname()[1]}"], dns_deadline=1) as scene:
            begin = time.monotonic()
            scene.start()
            scene.finish()
            took = time.monotonic() - begin
            scene.check(took < scene.count, "messages do not wait one after the other", f"{took:.0f} s")


def packet(command, data=b""):
    return struct.pack(">Ic", len(data) + 1, command) + data


OFFER = packet(b"O", struct.pack(">III", 6, 0x1ff, 0x1fffff))
HELLO = OFFER + packet(b"C", b"slow.example\0004\1\2198.51.100.9\0") + packet(b"H", b"slow.example\0")
BEGUN = HELLO + packet(b"M", b"<slow@slow.example>\0") + packet(b"R", b"<ben@example.net>\0")
FIELDS = BEGUN + packet(b"L", b"From\0 slow@slow.example\0") + packet(b"L", b"Subject\0 slow\0")
# Where a client falls silent, for each door: every protocol point at which the server has to wait. WAITS: as long as it likes, nearly.
WAITS = {OFFER, HELLO, HELLO + packet(b"M", b"<slow@slow.example>\0"), BEGUN, ("http", b"")}
SLOW = {
    "milter": [b"", b"\0\0", OFFER[:7], OFFER, HELLO, HELLO + packet(b"M", b"<slow@slow.example>\0"), BEGUN, BEGUN + b"\0\0\0\x30L", FIELDS, FIELDS + packet(b"N"),
               FIELDS + packet(b"N") + packet(b"B", b"half a body"), FIELDS + packet(b"N") + b"\0\1\0\0B" + b"x" * 100],
    "spamd": [b"", b"CHE", b"CHECK SPAMC/1.5\r\n", b"CHECK SPAMC/1.5\r\nContent-len", b"CHECK SPAMC/1.5\r\nContent-length: 1000\r\n\r\n",
              b"CHECK SPAMC/1.5\r\nContent-length: 1000\r\n\r\nFrom: slow@slow.example\r\n\r\nhalf", b"TELL SPAMC/1.5\r\nMessage-class: spam\r\n"],
    "http": [b"", b"PO", b"POST /checkv2 HTTP/1.1\r\n", b"POST /checkv2 HTTP/1.1\r\nHost: a\r\nContent-Le", b"POST /checkv2 HTTP/1.1\r\nHost: a\r\nContent-Length: 1000\r\n\r\n",
             b"POST /checkv2 HTTP/1.1\r\nHost: a\r\nContent-Length: 1000\r\n\r\nFrom: slow@slow.example\r\n\r\nhalf",
             b"POST /checkv2 HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n10\r\nabc", b"GET /ping HTTP/1.1\r\nHost: a\r\n", b"CHECK RSPA",
             b"CHECK RSPAMC/1.3\r\nContent-length: 1000\r\n\r\nhalf"],
}
SLOW_DEADLINE = 4  # message_deadline: five times that is what a request may take to come
SLACK = 10


class Stalled:
    """One client that has said a part and no more; drips: then a byte now and then."""

    def __init__(self, port, door, point, drips):
        self.what, self.drips, self.ended = f"{door} after {point[-40:]!r}", drips, None
        self.may_wait = point in WAITS or (door, point) in WAITS
        self.s = socket.create_connection(("127.0.0.1", port))
        self.s.sendall(point)
        self.s.setblocking(False)
        self.began = time.monotonic()

    def look(self):
        """Takes what comes; has the server hung up?"""
        try:
            while self.ended is None:
                if not self.s.recv(65536):
                    self.ended = time.monotonic() - self.began
        except BlockingIOError:
            pass
        except OSError:
            self.ended = time.monotonic() - self.began

    def drip(self):
        with contextlib.suppress(OSError):
            self.s.send(b"x")


def slow_clients(tap):
    """Silent ones, and those that send a byte now and then, where a timer for silence alone would never fire."""
    with Scene(tap, "slow clients", message_deadline=SLOW_DEADLINE) as scene:
        stalled, stop = [Stalled(scene.service.ports[door], door, point, n == 0) for door, points in SLOW.items() for point in points for n in range(SLOW_EACH)], threading.Event()
        last = max(client.began for client in stalled) + 5 * SLOW_DEADLINE + SLACK

        def watch():
            while not stop.wait(0.25):
                for client in stalled:
                    client.look()
                    if client.drips and client.ended is None:
                        client.drip()
        thread = threading.Thread(target=watch, daemon=True)
        thread.start()
        try:
            scene.start()
            scene.finish()
            time.sleep(max(0, last - time.monotonic()))
        finally:
            stop.set()
            thread.join()
        bound = [client for client in stalled if not client.may_wait]
        late = [(client.what, client.ended) for client in bound if client.ended is None or client.ended > 5 * SLOW_DEADLINE + SLACK]
        scene.check(not late, f"each of {len(bound)} that stalls in the middle is hung up on within {5 * SLOW_DEADLINE} s", late[:5])
        gone = [client.what for client in stalled if client.may_wait and not client.drips and client.ended is not None]
        scene.check(not gone, "who is between two commands is not", gone[:5])
        took = sorted(client.ended for client in bound if client.ended)
        print(f"# {len(stalled)} stalled clients, hung up on after {took[0]:.1f} to {took[-1]:.1f} s; {scene.peak / 1e6:.0f} MB at the most" if took else "#", flush=True)
        for client in stalled:
            client.s.close()


UNREAD = 8_000_000  # bytes of answers, more than the kernel takes in between: 4 MB on the server's side, and RECEIVE
READERS = {"spamd": b"PROCESS SPAMC/1.5\r\nContent-length: %d\r\n\r\nSubject: slow\r\n\r\n" % UNREAD + b"x" * (UNREAD - len(b"Subject: slow\r\n\r\n")),
           "http": b"GET /symbols HTTP/1.1\r\nHost: a\r\n\r\n" * (UNREAD // 30000)}  # 35 kB each
RECEIVE = 65536


def slow_readers(tap):
    """Clients that ask for much and take nothing of the answer."""
    with Scene(tap, "slow readers", message_deadline=SLOW_DEADLINE) as scene, contextlib.ExitStack() as held:
        clients = []
        for door, request in READERS.items():
            for _ in range(5):
                s = held.enter_context(socket.socket())
                s.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, RECEIVE)
                s.connect(("127.0.0.1", scene.service.ports[door]))
                s.sendall(request)
                clients.append((door, s))
        last = time.monotonic() + 10 * SLOW_DEADLINE + SLACK  # the judgement of what is so large comes before
        scene.start()
        scene.finish()
        time.sleep(max(0, last - time.monotonic()))
        came = []
        for door, s in clients:  # what was under way still comes, and then the end
            s.settimeout(SLACK)
            got = 0
            with contextlib.suppress(OSError):
                while data := s.recv(1 << 20):
                    got += len(data)
            came.append((door, got))
        print("#", *came, flush=True)
        scene.check(all(got < UNREAD * 3 // 4 for _, got in came), "who takes nothing is hung up on", came)


def idle_connections(tap):
    wanted = IDLE + 500
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if hard < wanted:
        raise process.Unavailable(f"only {hard} files may be open")
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, wanted), hard))
    with Scene(tap, f"{IDLE} idle connections") as scene:
        scene.passes("before")
        before = process.pss_bytes(scene.service.pids())
        with contextlib.ExitStack() as held:
            for n in range(IDLE):
                s = held.enter_context(socket.create_connection(("127.0.0.1", scene.service.ports["milter"]), timeout=10))
                if n % 2:
                    s.sendall(OFFER)
            time.sleep(1)
            grown = process.pss_bytes(scene.service.pids()) - before
            scene.check(grown < IDLE * 32 * 1024, "an idle connection costs less than 32 kB", f"{grown / IDLE:.0f} bytes each")
            print(f"# {grown / IDLE:.0f} bytes an idle connection", flush=True)
            scene.start()
            scene.finish()


def reloaded(tap):
    with Scene(tap, "reload under load") as scene:
        scene.start()
        masters = scene.service.process.pid
        for turn in range(1, 6):
            scene.reach(turn * 0.1)
            scene.service.configure(subject_mark=f"[mark {turn}]", mark=2 + turn / 100)
            scene.service.reload()
            time.sleep(0.3)
        scene.reach(0.6)
        good = dict(scene.service.settings)
        scene.service.configure(mark="much")
        scene.service.reload()
        time.sleep(1)
        scene.check("mark" in scene.service.log() and scene.service.process.poll() is None, "a wrong file is refused, and said")
        scene.service.configure(**good)
        account = scene.finish()
        scene.check(not scene.load.put_off and not scene.load.broken, "no message was put off, no connection broken", (dict(scene.load.put_off), scene.load.broken))
        scene.check(scene.service.process.pid == masters and not account.lost, "the service is the same")


FAULTS = [worker_killed, front_killed, keeper_killed, master_killed, keeper_stalled, worker_stalled, disk_full, dns_dead, slow_clients, slow_readers, idle_connections, reloaded]


def main():
    global MESSAGES
    os.environ["POSTERN"] = sys.argv[1]
    rest = sys.argv[2:]
    if rest and rest[0].isdigit():
        MESSAGES = int(rest.pop(0))
    return Tap("faults").run(*[f for f in FAULTS if not rest or f.__name__ in rest])


if __name__ == "__main__":
    sys.exit(main())
