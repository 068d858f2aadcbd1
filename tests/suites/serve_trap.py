#!/usr/bin/env python3
"""serve_trap.py - a scanner uses the false open relay; the gate keeps it out at once, history tells it, and nothing is delivered. Prints TAP.

POSTERN_TRAP_MESSAGES: how many go through it in the loop (3000)."""
import json, os, re, signal, socket, subprocess, threading, time
from _tap import Tap
from peers import process
from peers.postern import Serve
from serve_gate import Policy

MESSAGES = int(os.environ.get("POSTERN_TRAP_MESSAGES", "3000"))
PROBE = b"From: a@relaycheck.example\r\nTo: box@collect.example\r\nSubject: BC_127.0.0.1\r\n\r\ntest\r\n.\r\n"
SPAM = b"From: Shop <x@shop.example>\r\nSubject: Cheap pills\r\n\r\nBuy at http://pills.example/ now\r\n.\r\n"


class Client:
    """A scanner behind a balancer: it comes from where it says."""

    def __init__(self, port, address="192.0.2.77"):
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=20)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.file = self.socket.makefile("rb")
        family = "TCP6" if ":" in address else "TCP4"
        self.socket.sendall(f"PROXY {family} {address} {address} 40000 25\r\n".encode())
        self.greeting = self.reply()

    def reply(self):
        text = b""
        while True:
            line = self.file.readline()
            text += line
            if len(line) < 4 or line[3:4] != b"-":
                return text.decode("latin-1")

    def say(self, line):
        self.socket.sendall(line.encode() + b"\r\n")
        return self.reply()

    def send(self, message, sender="a@relaycheck.example", recipients=("box@collect.example",)):
        said = [self.say(f"MAIL FROM:<{sender}>")] + [self.say(f"RCPT TO:<{r}>") for r in recipients] + [self.say("DATA")]
        self.socket.sendall(message)
        return said + [self.reply()]

    def close(self):
        self.file.close()
        self.socket.close()


def until(what, seconds=20):
    end = time.time() + seconds
    while time.time() < end:
        found = what()
        if found:
            return found
        time.sleep(0.05)
    return what()


def rss(pid):
    with open(f"/proc/{pid}/status") as f:
        return int(re.search(r"VmRSS:\s+(\d+)", f.read())[1]) // 1024


def seccomp(pid):
    with open(f"/proc/{pid}/status") as f:
        return re.search(r"Seccomp:\s+(\d)", f.read())[1]


def sockets(pid):
    return [os.readlink(f"/proc/{pid}/fd/{fd}") for fd in os.listdir(f"/proc/{pid}/fd")]


def flood(port, n, threads=25):
    """How many were taken."""
    taken = []

    def one(k):
        client = Client(port, f"198.51.100.{k + 1}")
        client.say("EHLO bulk.example")
        for i in range(n // threads):
            said = client.send(SPAM if i % 2 else PROBE, sender=f"s{i}@bulk.example", recipients=[f"v{i}@victim.example"])
            if said[-1].startswith("250"):
                taken.append(1)
        client.close()

    running = [threading.Thread(target=one, args=(k,)) for k in range(threads)]
    for t in running:
        t.start()
    for t in running:
        t.join()
    return len(taken)


def trap(tap):
    port, policy_port = process.free_port(), process.free_port()
    database = os.path.exists("/usr/share/libloc-location/location.db")
    with Serve(resolver="none", listen_policy=[f"127.0.0.1:{policy_port}"], listen_trap=[f"127.0.0.1:{port}"], trap_hostname="relay.trap.example",
               proxy_protocol_from=["127.0.0.1"], workers=1, gate_greylist="off", password="x") as service:
        postfix = Policy(policy_port)
        pid = until(lambda: service.roles().get("trap"))
        tap.check(pid, "the trap is a process of its own", service.roles())
        sealed = until(lambda: seccomp(pid[0]) == "2", 5)
        if "no sandbox: this build has sanitizers" in service.log():
            tap.skip("it is sealed", "this build has sanitizers")
        else:
            tap.check(sealed, "it is sealed: it tried to open a file and to make and connect a socket, and could not")
        before = postfix.ask("192.0.2.77")
        tap.check(before == "DUNNO", "a stranger passes", before)
        client = Client(port)
        tap.check(client.greeting == "220 relay.trap.example ESMTP Postfix\r\n", "greets by its own name", client.greeting)
        tap.check(client.say("EHLO scanner.example").startswith("250-relay.trap.example"), "EHLO")
        client.say("MAIL FROM:<a@relaycheck.example>")
        start = time.time()
        said = client.say("RCPT TO:<box@collect.example>")
        tap.check(said.startswith("250 2.1.5"), "takes everybody's recipient", said)
        refused = ""
        if database:
            refused = until(lambda: (lambda a: a if a.startswith("5") else "")(postfix.ask("192.0.2.77")))
            took = time.time() - start
            print(f"# from the RCPT to the door's refusal: {took * 1000:.0f} ms: {refused}")
            tap.check(refused and took < 2, "the door refuses that address within two seconds of the RCPT", (took, refused))
        else:
            tap.skip("the door refuses within two seconds", "no location database: nobody is kept out")
        said = client.say("DATA")
        client.socket.sendall(PROBE)
        tap.check(said.startswith("354"), "DATA", said)
        said = client.reply()
        tap.check(re.match(r"250 2\.0\.0 Ok: queued as [0-9A-F]+\r\n", said), "and takes the message", said)
        tap.check(client.say("QUIT").startswith("221"), "QUIT")
        tap.check(client.file.read() == b"", "and hangs up")

        def cases():
            status, told, said = service.tool("history", "--json")
            return [c for c in map(json.loads, told.splitlines()) if c.get("door") == "trap"]

        found = until(cases)
        tap.check(len(found) == 1, "postern history has it", found)
        status, told, said = service.tool("why", found[0]["id"] if found else "none")
        print("# " + told.decode().replace("\n", "\n# "))
        tap.check(b"false open relay" in told and b"192.0.2.77" in told and b"delivered to nobody" in told, "postern why tells it", (told, said))
        id = found[0]["id"] if found else "none"
        status, told, said = service.tool("quarantine", "release", id)
        tap.check(status != 0 and not told, "it cannot be released", (status, told, said))
        status, told, said = service.tool("replay", "--checks")
        tap.check(status == 0, "postern replay finds nothing changed", (status, told, said))
        again = Client(port)
        again.say("HELO scanner.example")
        again.send(PROBE)
        again.close()
        gmail = Client(port, "209.85.220.41")
        gmail.say("EHLO mail-sor-f41.google.com")
        gmail.send(PROBE)
        gmail.close()
        half = Client(port, "192.0.2.78")
        half.say("EHLO scanner.example")
        half.say("MAIL FROM:<a@relaycheck.example>")
        half.say("RCPT TO:<box@collect.example>")
        half.close()
        found = until(lambda: len(cases()) >= 4 and cases())
        tap.check(found and len(found) == 4, "who leaves after the recipient is told too", len(cases()))
        if database:
            status, told, said = service.tool("why", next(c["id"] for c in cases() if "209.85.220.41" in json.dumps(c)))
            tap.check(postfix.ask("209.85.220.41") == "DUNNO" and b"mail provider" in told, "a mail provider's address is told, not kept out", told)
            tap.check(postfix.ask("192.0.2.78").startswith("5"), "one recipient is enough")
        if database:
            killed = service.roles()["keeper"]
            os.kill(killed[0], signal.SIGKILL)
            until(lambda: service.roles().get("keeper", killed) != killed)
            client = Client(port, "192.0.2.79")
            client.say("EHLO scanner.example")
            client.send(PROBE)
            client.close()
            tap.check(until(lambda: postfix.ask("192.0.2.79").startswith("5")) and postfix.ask("192.0.2.77").startswith("5"),
                      "a keeper that was killed forgets nobody who was kept out, and its successor hears the trap")
            service.reload()
            client = until(lambda: connects(port))
            tap.check(client, "a reload leaves the trap open")
        pid = service.roles()["trap"][0]
        small = rss(pid)
        start = time.time()
        taken = flood(port, MESSAGES)
        took = time.time() - start
        large, keeper = rss(pid), rss(service.roles()["keeper"][0])
        print(f"# {taken} messages in {took:.1f} s; the trap grew from {small} to {large} MB; the keeper has {keeper} MB")
        tap.check(taken == MESSAGES // 25 * 25, "thousands of messages are taken", taken)
        tap.check(large - small < 100, "and memory is bounded", (small, large))
        tap.check(service.roles()["trap"] == [pid], "by the same process")
        with open("/proc/net/tcp") as f:
            lines = [line.split() for line in f.readlines()[1:]]
        mine = {re.search(r"\d+", s)[0] for s in sockets(pid) if s.startswith("socket:")}
        out = [line for line in lines if line[9] in mine and line[3] != "0A" and int(line[1].split(":")[1], 16) != port]
        tap.check(not out, "no connection of it goes outward", out)
        os.kill(pid, signal.SIGKILL)
        tap.check(postfix.ask("203.0.113.5") == "DUNNO", "without it the door goes on")
        other = until(lambda: [p for p in service.roles().get("trap", []) if p != pid])
        tap.check(other, "and it is started again")
        again = until(lambda: connects(port))
        tap.check(again, "and takes clients")
        service.configure(listen_trap=[])
        service.reload()
        tap.check(until(lambda: "trap" not in service.roles()), "after a reload without listen_trap there is none", service.roles())
        finish(tap, service, taken, database)


def finish(tap, service, taken, database):
    """The service ends; what it knew stays."""
    data = service.data
    service.process.terminate()
    service.process.wait(60)
    tap.check(os.path.exists(os.path.join(data, "trap")), "what it remembers is in data_directory/trap", os.listdir(data))
    status, told, said = service.tool("trap", "stats", "--json")
    stats = json.loads(told) if told else {}
    total = sum(r["probes"] + r["payloads"] + r["others"] for r in stats.get("weeks", []))
    tap.check(total >= taken, "postern trap stats reads it", (total, said))
    status, told, said = service.tool("trap", "list")
    tap.check(b"198.51.100.7" in told, "postern trap list names who came", (told[:300], said))


def connects(port):
    try:
        client = Client(port, "203.0.113.77")
    except OSError:
        return False
    client.close()
    return client.greeting.startswith("220")


def judged(service, ip, recipients, message=SPAM[:-3]):
    """What the HTTP door says of a message that somebody brings."""
    head = f"POST /checkv2 HTTP/1.0\r\nIP: {ip}\r\nHelo: out.bulk.example\r\nFrom: shop@bulk.example\r\n"
    head += "".join(f"Rcpt: {r}\r\n" for r in recipients) + f"Content-Length: {len(message)}\r\n\r\n"
    with socket.create_connection(("127.0.0.1", service.ports["http"])) as http:
        http.sendall(head.encode() + message)
        return http.makefile("rb").read().decode()


def recipients(tap, database):
    """Trap recipients of the real server, and addresses planted for harvesters."""
    policy_port = process.free_port()
    with Serve(resolver="none", listen_policy=[f"127.0.0.1:{policy_port}"], trap_recipients=["a.keller@example.org", "@unused.example"], workers=1,
               plant_secret="zither", local_domains=["example.org"], gate_greylist="off", trusted_networks=["203.0.113.0/24"], password="x") as service:
        postfix = Policy(policy_port)

        def refused(ip):
            return until(lambda: (lambda a: a if a.startswith("5") else "")(postfix.ask(ip)), 5)

        def cases(*wanted, door=None):
            status, told, said = service.tool("history", "--json", *wanted)
            return [c for c in map(json.loads, told.splitlines()) if door in (None, c["door"])]

        status, told, said = service.tool("trap", "plant", "198.51.100.200")
        planted = told.decode().strip()
        tap.check(status == 0 and planted.endswith("@example.org") and len(planted.split("@")[0]) <= 64, "postern trap plant makes an address", (told, said))
        status, told, said = service.tool("trap", "whose", planted)
        tap.check(status == 0 and b"198.51.100.200" in told, "postern trap whose reads it", (told, said))
        said = [postfix.ask("192.0.2.10", recipient=r) for r in ("ben@example.org", "A.Keller@example.org")]
        tap.check(said == ["DUNNO", "DUNNO"], "a trap recipient is answered as any other is", said)
        found = until(lambda: cases(door="policy"))
        status, told, said = service.tool("why", found[0]["id"] if found else "none")
        tap.check(b"never was anybody's address" in told and b"passed on to the mail server" in told, "postern why tells it", (told, said))
        if database:
            tap.check(refused("192.0.2.10"), "and who named it is kept out from then on")
        else:
            tap.check(b"without your word" in told, "and is not kept out: nobody can tell whether it is a provider's", told)
        for _ in range(30):
            postfix.ask("192.0.2.11", recipient="x@unused.example")
        until(lambda: cases("--ip", "192.0.2.11"))
        if database:
            tap.check(len(cases("--ip", "192.0.2.11")) <= 2, "many in a minute are one hit, and one case", cases("--ip", "192.0.2.11"))
        postfix.ask("203.0.113.5", recipient="a.keller@example.org")
        postfix.ask("192.0.2.12", recipient="a.keller@example.org", sasl_username="ann")
        answer = judged(service, "192.0.2.13", ["ben@example.org", planted])
        tap.check("trap_recipient.planted" in answer or "TRAP" in answer.upper(), "a message to a planted address is judged by it", answer[:600])
        tap.check(until(lambda: cases("--ip", "192.0.2.13", "--verdict", "quarantine")), "and goes to quarantine", cases("--ip", "192.0.2.13"))
        if database:
            tap.check(refused("192.0.2.13"), "and who brought it is kept out")
        answer = judged(service, "192.0.2.14", ["ben@example.org"])
        tap.check("trap_recipient" not in answer, "a message to somebody is not", answer[:300])
        tap.check(postfix.ask("203.0.113.5") == "DUNNO" and postfix.ask("192.0.2.12") == "DUNNO" and postfix.ask("192.0.2.14") == "DUNNO",
                  "one's own servers and users are not kept out, nor is who wrote to somebody")
        service.process.terminate()
        service.process.wait(60)
        status, told, said = service.tool("trap", "list")
        print("# " + told.decode().replace("\n", "\n# "))
        tap.check(planted.encode() in told and b"shown to 198.51.100.200 alone" in told and b"a.keller@example.org" in told,
                  "postern trap list tells which were used, by whom, and to whom they had been shown", (told, said))


def both(tap):
    database = os.path.exists("/usr/share/libloc-location/location.db")
    recipients(tap, database)
    trap(tap)


if __name__ == "__main__":
    raise SystemExit(Tap("serve_trap").run(both))
