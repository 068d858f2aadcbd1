#!/usr/bin/env python3
"""tests/peers/load.py POSTERN [COUNT [CONNECTIONS]] - a real Postfix before `postern serve`, many messages, and a count of where each ended.

A Load sends messages with XCLIENT through Postfix, several connections beside each other, and sends again what was put off (4xx), as every
mail server does. Each message bears a number, so that afterwards the sink, postern's quarantine and Postfix's queues can be asked for it:
what was accepted must be in exactly one place. The verdicts are those that `postern scan` gives the same bytes under the same envelope."""
import collections, concurrent.futures, heapq, json, os, queue, re, subprocess, sys, tempfile, threading, time

if __name__ == "__main__":
    sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
from peers import messages, process
from peers.postfix import Postfix
from peers.postern import Serve
from peers.sink import Sink
from peers.smtp import Refused, Smtp

PAUSE, LONGEST, PATIENCE = 0.5, 8, 120  # seconds: what was put off rests before it is sent again, twice as long each time; how long that goes on
MANY_A_CONNECTION = 4    # each fourth client sends its next message in the same connection


class Load:
    def __init__(self, port, mail, connections=8):
        """mail: an iterable of messages.Message; port: of Postfix."""
        self.port, self.connections = port, connections
        self.work, self.replies, self.put_off, self.broken = queue.Queue(200), {}, collections.Counter(), []
        self.sent, self.later, self.open, self.fed, self.lock = {}, [], 0, None, threading.Lock()
        self.threads = [threading.Thread(target=self.run, daemon=True) for _ in range(connections)]
        self.feeder = threading.Thread(target=self.feed, args=(mail,), daemon=True)

    def start(self):
        for thread in [self.feeder, *self.threads]:
            thread.start()
        return self

    def feed(self, mail):
        kept = []
        for message in mail:
            if kept and message.number % MANY_A_CONNECTION == 0:  # the client of the one before sends this as well
                client = kept[-1].envelope
                message = message._replace(envelope=message.envelope._replace(ip=client.ip, helo=client.helo))
            elif kept:
                self.put(kept)
                kept = []
            kept.append(message)
        if kept:
            self.put(kept)
        self.fed = time.monotonic()

    def put(self, batch):
        with self.lock:
            self.open += len(batch)
            self.sent.update((message.number, message) for message in batch)
        self.work.put(batch)

    def run(self):
        while (batch := self.next_batch()) is not None:
            left = self.attempt(batch)
            with self.lock:
                self.open -= len(batch) - len(left)
                if left:  # a client that came back at once would have the server do nothing else while a disk is full
                    rests = min(PAUSE * 2 ** min(self.put_off[left[0].number], 8), LONGEST)
                    heapq.heappush(self.later, (time.monotonic() + rests, left[0].number, left))

    def next_batch(self):
        """What was put off and rested first, then new; None when everything was answered, or too long ago was not."""
        while True:
            with self.lock:
                if self.later and self.later[0][0] <= time.monotonic():
                    return heapq.heappop(self.later)[2]
                if self.fed and (not self.open or time.monotonic() > self.fed + PATIENCE):
                    return None
            try:
                return self.work.get(timeout=0.05)
            except queue.Empty:
                pass

    def attempt(self, batch):
        """Sends them in one connection; returns those to send again."""
        left = list(batch)
        try:
            with Smtp(self.port) as client:
                envelope = batch[0].envelope
                client.stand_for(envelope.ip, helo=envelope.helo)
                for message in batch:
                    reply = client.send(message.envelope.sender, message.envelope.recipients, message.bytes)
                    with self.lock:
                        self.replies[message.number] = reply
                        if reply.startswith("4"):
                            self.put_off[message.number] += 1
                        else:
                            left.remove(message)
        except Refused as why:
            with self.lock:
                for message in left:
                    self.put_off[message.number] += 1
                    self.replies[message.number] = str(why)
        except OSError as why:
            with self.lock:
                self.broken.append(str(why))
        return left

    def join(self):
        for thread in [self.feeder, *self.threads]:
            thread.join()
        return self

    def done(self):
        return len(self.replies)

    def accepted(self):
        return {n for n, reply in self.replies.items() if reply.startswith("2")}

    def refused(self):
        return {n for n, reply in self.replies.items() if reply.startswith("5")}


def kept_in_quarantine(service, contents):
    """{number: how often} of the messages that postern keeps; contents[number]: as it came."""
    code, out, err = service.tool("quarantine", "list", "--json", "--limit", "0")
    if code:
        raise RuntimeError(f"postern quarantine list: {err}")
    found = collections.Counter()
    for line in out.splitlines():
        code, raw, err = service.tool("quarantine", "show", json.loads(line)["id"])
        number = messages.number(raw)
        if code or number is None:
            raise RuntimeError(f"postern quarantine show {line}: {err}")
        found[number] += 1
        contents[number] = raw
    return found


class Account:
    """Where everything is, once Postfix's queues are empty."""

    def __init__(self, load, sink, postfix, service, seconds=90):
        accepted, latest, contents = load.accepted(), time.monotonic() + seconds, {}
        while True:  # the list of the quarantine lags behind its files: milliseconds, after a full disk a minute
            self.stored = kept_in_quarantine(service, contents)
            self.delivered = collections.Counter(messages.number(mail.data) for mail in sink.mails)
            everywhere = self.delivered + self.stored
            if accepted <= set(everywhere) and not postfix.queued() or time.monotonic() > latest:
                break
            time.sleep(0.5)
        self.delivered.pop(None, None)  # what tests send beside the load
        everywhere.pop(None, None)
        self.held, self.contents = postfix.queued("hold"), contents
        self.lost = sorted(n for n in accepted if not everywhere[n])
        self.doubled = sorted(n for n, times in everywhere.items() if times > 1)
        self.uninvited = sorted(n for n in everywhere if n not in accepted)
        self.unanswered = sorted(n for n in load.sent if load.replies.get(n, "4")[0] == "4")

    def says(self):
        return {name: len(value) if not isinstance(value, int) else value for name, value in vars(self).items()}


def field(data, name):
    found = re.search(rb"^%s:[ \t]*((?:.*\r?\n)(?:[ \t].*\r?\n)*)" % name.encode(), data[:messages.header_end(data)], re.M | re.I)
    return re.sub(rb"\r?\n[ \t]+", b" ", found.group(1)).strip().decode("utf-8", "replace") if found else None


def scanned(binary, settings, message, raw, folder):
    """What `postern scan` says of these bytes under the message's envelope."""
    where = os.path.join(folder, f"{message.number}.eml")
    with open(where, "wb") as f:
        f.write(raw)
    e = message.envelope
    done = subprocess.run([binary, "scan", "--json", "-j1", "--settings", settings, "--ip", e.ip, "--helo", e.helo, "--from", e.sender,
                           *[w for r in e.recipients for w in ("--rcpt", r)], where], stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                          env=dict(os.environ, XDG_DATA_HOME="/nonexistent"), timeout=120)
    os.unlink(where)
    return json.loads(done.stdout) if done.stdout else {"verdict": f"scan failed: {done.stderr.decode()[-200:]}", "score": 0}


def differences(load, sink, service, account, parallel=2):
    """[(number, verdict of scan, what serve did, score of scan, what its field says)] where the two do not agree."""
    delivered, found = {messages.number(mail.data): mail for mail in sink.mails}, []

    def compare(message, folder):
        n = message.number
        if n in delivered:
            says = field(delivered[n].data, "X-Spam-Status") or ""
            served = {"Yes": "mark", "No": "accept"}.get(says.split(",")[0], "no X-Spam-Status")
        else:
            says = load.replies.get(n, "")
            served = "quarantine" if n in account.stored else "reject" if says.startswith("5") else "nowhere"
        scan = scanned(service.binary, service.file, message, message.bytes, folder)
        if served != scan["verdict"] and (n in delivered or n in account.contents):
            # Postfix itself ends a header at the first line that is no field: what it passed on stands below our own fields.
            data = delivered[n].data if n in delivered else account.contents[n]
            scan = scanned(service.binary, service.file, message, data[data.find(f"{messages.ID}: {n}".encode()):], folder)
        wanted = scan["verdict"]
        if wanted in ("quarantine", "reject") and all(re.match("(?i)(postmaster|abuse)@", r) for r in message.envelope.recipients):
            wanted = "mark"  # RFC 5321 4.5.1: delivered whatever it is
        if served != wanted:
            found.append((n, wanted, served, scan["score"], says))

    with tempfile.TemporaryDirectory() as folder, concurrent.futures.ThreadPoolExecutor(parallel) as pool:
        list(pool.map(lambda m: compare(m, folder), load.sent.values()))
    return sorted(found)


def main():
    binary, count = sys.argv[1], int(sys.argv[2]) if len(sys.argv) > 2 else 20000
    connections = int(sys.argv[3]) if len(sys.argv) > 3 else 8
    with Sink() as sink, Serve(binary, resolver="none") as service, Postfix(f"inet:127.0.0.1:{service.ports['milter']}", sink.port) as postfix:
        begin = time.monotonic()
        load = Load(postfix.port, messages.take(count), connections).start().join()
        took = time.monotonic() - begin
        account = Account(load, sink, postfix, service)
        print(f"{count} messages in {took:.0f} s, {len(load.put_off)} put off at first, {len(load.broken)} connections broken; "
              f"memory {process.pss_bytes(service.pids()) / 1e6:.0f} MB, processor {process.cpu_seconds(service.pids()):.1f} s")
        print(json.dumps(account.says()))
        others = differences(load, sink, service, account)
        for other in others[:50]:
            print("another verdict:", *other, load.sent[other[0]].source)
        print(f"{len(others)} of {count} verdicts are not those of postern scan")
    return 1 if account.lost or account.doubled or account.uninvited or account.unanswered or others else 0


if __name__ == "__main__":
    sys.exit(main())
