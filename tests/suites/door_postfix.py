#!/usr/bin/env python3
"""postern serve between two real Postfix: a queue in front that sends again what was put off, and a server behind that delivers. Everything the
first accepted arrives, once; smuggling sequences arrive nowhere; the front, a worker or the server behind killed at random moments under
load lose nothing. Prints TAP.

How is counted: a message is lost when the first Postfix has it neither in its queue nor delivered it on, and it is not at the end; it is doubled
when the end has it twice. A kill between the second Postfix's last reply and the first one hearing it makes it send again (RFC 1047 describes
it; no relay without a queue can avoid it): so as many may be twice as were under way at a kill, and none where nothing was killed."""
import collections, contextlib, os, random, re, signal, socket, sys, time
from _tap import Tap
from peers import process
from peers.postern import OPEN_DOOR, Serve
from peers.postfix import Postfix
from peers.sink import Sink
from peers.smtp import Smtp

MESSAGES = int(os.environ.get("DOOR_MESSAGES", "200"))
AT_ONCE = 20  # connections of the first Postfix to the door, so messages under way


class Line:
    """client -> first Postfix -> door -> second Postfix -> sink."""

    def __init__(self, **settings):
        self.settings = settings

    def __enter__(self):
        process.folder()
        with contextlib.ExitStack() as stack:
            self.sink = stack.enter_context(Sink())
            self.second = stack.enter_context(Postfix("", self.sink.port))
            self.port = process.free_port()
            self.door = stack.enter_context(Serve(listen_smtp=[f"127.0.0.1:{self.port}"], next_hop=f"127.0.0.1:{self.second.port}", resolver="none", workers=2,
                                                  xclient_from=["127.0.0.1"], **OPEN_DOOR, **self.settings))
            self.first = stack.enter_context(Postfix("", self.port, settings=f"smtp_send_xforward_command = yes\ndefault_destination_concurrency_limit = {AT_ONCE}\n"
                                                     "smtp_connection_cache_on_demand = no\ndefault_destination_concurrency_failed_cohort_limit = 0\n"
                                                     "smtp_connect_timeout = 5s\n"))
            self.stack = stack.pop_all()
        return self

    def __exit__(self, *what):
        self.stack.close()

    def hand_in(self, count):
        """The numbers that the first Postfix accepted."""
        accepted = []
        with Smtp(self.first.port) as client:
            client.command("EHLO client.example")
            for n in range(count):
                size = random.choice((1, 3, 30, 300))
                letter = f"From: Anna <anna@client.example>\nTo: Ben <ben@example.net>\nSubject: number {n}\nX-Number: {n}\n\n" + "All is well here, and with you?\n.\n..\n" * size
                if client.send("anna@client.example", ["ben@example.net"], letter.encode()).startswith("2"):
                    accepted.append(n)
        return accepted

    def settle(self, expected, seconds=180):
        """Until everything has arrived, or both queues are empty."""
        latest = time.monotonic() + seconds
        while time.monotonic() < latest:
            if len({n for n in self.numbers()}) >= expected and not self.first.queued() and not self.second.queued():
                return
            if not self.first.queued() and not self.second.queued():
                time.sleep(1)
                if not self.first.queued() and not self.second.queued():
                    return
            self.first.tool("postqueue", "-f")
            time.sleep(1)

    def numbers(self):
        return [int(m[1]) for mail in list(self.sink.mails) if (m := re.search(rb"^X-Number: (\d+)", mail.data, re.M))]

    def account(self, tap, what, accepted, doubled):
        self.settle(len(accepted))
        counts = collections.Counter(self.numbers())
        lost = [n for n in accepted if n not in counts]
        twice = [n for n in counts if counts[n] > 1]
        tap.check(not lost, f"{what}: none of {len(accepted)} messages is lost", (lost[:20], self.first.queued(), self.second.queued(), self.door.log()[-1500:]))
        tap.check(len(twice) <= doubled, f"{what}: {len(twice)} are there twice, at most {doubled} may be", twice[:20])


def passes(tap):
    with Line() as line:
        accepted = line.hand_in(20)
        line.account(tap, "in peace", accepted, 0)
        mail = line.sink.mails[0].data
        tap.check(b"All is well here, and with you?\r\n.\r\n..\r\n" in mail and b"X-Postern-Why:" in mail, "content is exact and has our header", mail[:2000])


def smuggling(tap):
    """From a client straight to the door, the real server behind it."""
    behind = b"MAIL FROM:<evil@client.example>\r\nRCPT TO:<ben@example.net>\r\nDATA\r\nSubject: smuggled\r\nX-Number: 666\r\n\r\nx\r\n"
    ends = [b"\n.\n", b"\r.\r", b"\r.\n", b"\n.\r", b"\n.\r\n", b"\r\n.\n", b"\r.\r\n", b"\r\n.\r", b"\r\n\x00.\r\n", b"\r\n.\x00\r\n", b"\r\n.\r\r\n"]
    with Line() as line:
        codes = []
        for end in ends:
            for chunked in (False, True):
                with Smtp(line.port) as client:
                    client.command("EHLO client.example")
                    content = b"Subject: one\r\nX-Number: 1\r\n\r\ntext" + end + behind
                    start = b"MAIL FROM:<anna@client.example>\r\nRCPT TO:<ben@example.net>\r\n"
                    client.socket.sendall(start + (b"BDAT %d LAST\r\n%b" % (len(content), content) if chunked else b"DATA\r\n" + content + b".\r\n"))
                    codes.append([client.reply()[:3] for _ in range(3 if chunked else 4)][-1])
        tap.check(set(codes) == {"550"}, "smuggling: each sequence is refused", codes)
        accepted = line.hand_in(3)
        line.account(tap, "smuggling", accepted, 0)
        tap.check(sorted(line.numbers()) == accepted, "smuggling: only honest mail arrived", line.numbers())


def killed(tap, what, role, times=5):
    random.seed(f"{what}{MESSAGES}")
    with Line() as line:
        process.wait_for("no worker", lambda: line.door.roles().get("worker"))
        accepted = line.hand_in(MESSAGES)
        for _ in range(times):
            time.sleep(random.uniform(0.1, 1.0))
            for pid in line.door.roles().get(role, [])[:1]:
                os.kill(pid, signal.SIGKILL)
        line.account(tap, what, accepted, times * AT_ONCE)


def front_killed(tap):
    killed(tap, "kill -9 of the front", "front")


def worker_killed(tap):
    killed(tap, "kill -9 of workers", "worker")


def server_behind_killed(tap):
    with Line() as line:
        accepted = line.hand_in(MESSAGES)
        for _ in range(3):
            time.sleep(0.5)
            for pid in process.children(line.second.process.pid):
                with contextlib.suppress(OSError), open(f"/proc/{pid}/comm") as f:
                    if f.read().strip() == "smtpd":
                        os.kill(pid, signal.SIGKILL)
        line.account(tap, "kill -9 of the smtpd behind", accepted, 3 * AT_ONCE)


if __name__ == "__main__":
    tap = Tap("door_postfix")
    parts = [passes, smuggling, front_killed, worker_killed, server_behind_killed]
    chosen = [p for p in parts if p.__name__ in sys.argv[1:]] or parts
    sys.exit(tap.run(*chosen))
