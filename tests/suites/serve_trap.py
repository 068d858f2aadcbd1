#!/usr/bin/env python3
"""serve_trap.py - a scanner uses the false open relay; the gate keeps it out at once, history tells it, and nothing is delivered. Prints TAP.

POSTERN_TRAP_MESSAGES: how many go through it in the loop (3000)."""
import json, os, pty, re, signal, socket, subprocess, sys, tempfile, threading, time
from _tap import Tap
from peers import process
from peers.next_hop import NextHop
from peers.postern import OPEN_DOOR, Serve
from peers.sink import Sink
from serve_gate import Policy, metric

ROOT = os.environ["POSTERN_ROOT"]
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


# who came, by the DNS: nobody, a provider, one that pretends, one whose name server is silent, one that stands on a list
ZONE = {
    "77.2.0.192.in-addr.arpa": [{"TXT": "no name"}],
    "78.2.0.192.in-addr.arpa": [{"PTR": "mail-sor-f41.google.com"}], "mail-sor-f41.google.com": [{"A": "192.0.2.78"}],
    "79.2.0.192.in-addr.arpa": [{"PTR": "mail-sor-f42.google.com"}], "mail-sor-f42.google.com": [{"A": "192.0.2.178"}],
    "80.2.0.192.in-addr.arpa": "TIMEOUT",
    "81.2.0.192.in-addr.arpa": [{"PTR": "host81.example.net"}], "host81.example.net": [{"A": "192.0.2.81"}],
    "81.2.0.192.one.example": [{"A": "127.0.0.2"}],
}
for last in range(77, 83):
    ZONE.setdefault(f"{last}.2.0.192.one.example", [{"TXT": "not listed"}])


def names(tap):
    """Without a location database the name in the DNS tells a mail provider from anybody; and what was listed before is known."""
    port, policy_port = process.free_port(), process.free_port()
    folder = tempfile.mkdtemp(prefix="postern-zone-")
    with open(os.path.join(folder, "zone.json"), "w") as f:
        json.dump(ZONE, f)
    dns = subprocess.Popen([sys.executable, os.path.join(ROOT, "tests", "dns_server.py"), f.name], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    dns_port = dns.stdout.readline().split()[-1]
    allow, folder_of_sets = os.path.join(folder, "partners.set"), os.path.join(folder, "partners")
    with open(folder_of_sets, "w") as f:
        f.write("198.51.100.0/24\n")
    subprocess.run([os.environ["POSTERN"], "lists", "build", "--out", allow, folder_of_sets], check=True, stdout=subprocess.DEVNULL)
    os.chmod(folder, 0o755)
    os.chmod(allow, 0o644)
    lists = [{"name": "one", "zone": "one.example", "ask": ["client"], "codes": {"127.0.0.2": [3, "sends spam"]}, "must_list": [], "must_not_list": []}]
    with Serve(resolver=[f"127.0.0.1@{dns_port}"], lists=lists, network_database=os.path.join(folder, "none"), listen_policy=[f"127.0.0.1:{policy_port}"],
               listen_trap=[f"127.0.0.1:{port}"], proxy_protocol_from=["127.0.0.1"], trap_hostname="relay.trap.example", workers=1, gate_greylist="off",
               dns_deadline=5, allow_addresses=[allow], password="x") as service:
        postfix = Policy(policy_port)

        def caught(ip):
            """Seconds until the door refuses, or None."""
            client = Client(port, ip)
            client.say("EHLO scanner.example")
            client.say("MAIL FROM:<a@relaycheck.example>")
            start = time.time()
            client.say("RCPT TO:<box@collect.example>")
            found = until(lambda: postfix.ask(ip).startswith("554"), 2.5)
            took = time.time() - start
            client.say("DATA")
            client.socket.sendall(PROBE)
            client.reply()
            client.close()
            return took if found else None

        def why(ip):
            found = until(lambda: [c for c in map(json.loads, service.tool("history", "--json", "--ip", ip)[1].splitlines()) if c["door"] == "trap"])
            done = subprocess.run([service.binary, "why", "--data", service.data, found[0]["id"] if found else "none"], stdout=subprocess.PIPE,
                                  env=service.environment())  # with the settings it would look for the database
            return done.stdout.decode()

        until(lambda: service.roles().get("trap"))
        took = caught("192.0.2.77")
        tap.check(took is not None and took < 2, "who has no name is nobody's provider: kept out in time", took)
        print(f"# {took} s" if took else "# not kept out")
        tap.check(caught("192.0.2.78") is None and "google.com" in why("192.0.2.78") and "mail provider" in why("192.0.2.78"),
                  "a provider is known by its name, and not kept out", why("192.0.2.78"))
        tap.check(caught("192.0.2.79") is not None, "one that pretends is")
        tap.check(caught("192.0.2.80") is None and "could not be found out" in why("192.0.2.80") and "could tell" in why("192.0.2.80"),
                  "where the DNS is silent nobody is, and it says so", why("192.0.2.80"))
        tap.check(caught("192.0.2.81") is not None and "stood on a list before" in why("192.0.2.81"), "who was listed before is said to be", why("192.0.2.81"))
        tap.check(caught("198.51.100.7") is None, "who is let in by allow_addresses stays so")
        time.sleep(2.2)
        what = {name: metric(service, f'postern_trap_total{{what="{name}"}}') for name in ("came", "hit", "new", "guarded", "unchecked", "decided", "probe")}
        tap.check(what == {"came": 6, "hit": 6, "new": 3, "guarded": 1, "unchecked": 1, "decided": 1, "probe": 6}, "the figures tell what came and what became of it", what)
        status, told, said = service.tool("stats", "--json")
        stats = json.loads(told)
        tap.check(status == 0 and stats["trap_hit"] == 6 and stats["trap_new"] == 3 and stats["adds_up"], "and so does postern stats", (told, said))
        print("# " + service.tool("stats")[1].decode().replace("\n", "\n# "))
        service.process.terminate()
        service.process.wait(60)
        told = [json.loads(line) for line in service.tool("trap", "list", "--json")[1].splitlines()]
        tap.check({m["ip"]: m["listed"] for m in told if m["ip"].startswith("192")} == {f"192.0.2.{n}": n == 81 for n in range(77, 82)}, "postern trap list tells who was listed before", told)
        tap.check({m["ip"] for m in told if m["gate"] == "kept out" and m["until"] > time.time()} == {f"192.0.2.{n}" for n in (77, 79, 81)},
                  "and who is kept out", told)
    dns.stdin.close()
    dns.wait(10)


def learning(tap):
    """trap_learn: payload is learned as spam, probes are not, bounded, and can be taken back."""
    port = process.free_port()
    with Serve(resolver="none", listen_trap=[f"127.0.0.1:{port}"], proxy_protocol_from=["127.0.0.1"], trap_hostname="relay.trap.example", workers=1,
               trap_learn=True, password="x") as service:
        def bring(ip, message, recipients):
            client = Client(port, ip)
            client.say("EHLO bulk.example")
            said = client.send(message, recipients=recipients)
            client.close()
            return said[-1].startswith("250")

        def cases(learned):
            told = service.tool("history", "--json", "--limit", "0")[1]
            return [c for c in map(json.loads, told.splitlines()) if c["learned"] == learned]

        def taught():
            status = json.loads(service.tool("learn", "status", "--json")[1])
            return status["spam"], status["ham"]

        until(lambda: service.roles().get("trap"))
        victims = [f"v{i}@victim.example" for i in range(12)]
        tap.check(bring("192.0.2.20", PROBE, ["box@collect.example"]) and bring("192.0.2.21", SPAM, victims), "a probe, and mail to many")
        found = until(lambda: cases("spam"))
        tap.check(len(found) == 1 and found[0]["client"]["ip"] == "192.0.2.21", "the mail to many is learned as spam, the probe is not", found)
        status, told, said = service.tool("why", found[0]["id"] if found else "none")
        tap.check(b"learned as spam, because trap_learn says so" in told, "postern why says so", (told, said))
        tap.check(taught() == (1, 0), "learn status counts it", taught())
        status, told, said = service.tool("learn", "forget", found[0]["id"] if found else "none")
        tap.check(status == 0 and not cases("spam") and taught() == (0, 0), "and postern learn forget ID takes it back", (status, told, said))
        for i in range(30):
            bring("192.0.2.22", SPAM.replace(b"Cheap", b"Cheap %d" % i), victims)
        until(lambda: len(cases("spam")) >= 20)
        until(lambda: len(cases(None)) >= 12)
        time.sleep(1)
        tap.check(len(cases("spam")) == 20, "of one operator twenty a day at most", len(cases("spam")))
        what = until(lambda: metric(service, 'postern_trap_total{what="taught"}') == 21, 5)
        tap.check(what, "the figures count it", metric(service, 'postern_trap_total{what="taught"}'))
        service.tool("learn", "forget", *[c["id"] for c in cases("spam")])
        path = service.write("wanted.eml", SPAM[:-3].replace(b"Cheap", b"Person").decode())
        os.chmod(path, 0o644)
        status, told, said = service.tool("learn", "ham", path)
        tap.check(status == 0 and taught() == (0, 1), "a person teaches such a message as good", (status, told, said, taught()))
        bring("192.0.2.23", SPAM.replace(b"Cheap", b"Person"), victims)
        until(lambda: service.tool("history", "--json", "--ip", "192.0.2.23")[1])
        time.sleep(1)
        tap.check(taught() == (0, 1), "what a person taught stays as he taught it", taught())


def proxy(tap):
    """At the proxy's door a trap recipient is what the mail server behind says it is."""
    port = process.free_port()
    with NextHop(unknown=["a.keller@example.org"]) as hop, \
            Serve(resolver="none", listen_smtp=[f"127.0.0.1:{port}"], next_hop=f"127.0.0.1:{hop.port}", proxy_protocol_from=["127.0.0.1"], workers=1,
                  trap_recipients=["a.keller@example.org", "b.keller@example.org"], **OPEN_DOOR) as service:
        client = until(lambda: Client(port, "192.0.2.30"))
        client.say("EHLO out.bulk.example")
        client.say("MAIL FROM:<shop@bulk.example>")
        unknown, known = client.say("RCPT TO:<a.keller@example.org>"), client.say("RCPT TO:<b.keller@example.org>")
        client.close()
        tap.check(unknown.startswith("5") and known.startswith("250"), "one that it does not know is refused as any is, one that it knows is taken", (unknown, known))
        found = until(lambda: [c for c in map(json.loads, service.tool("history", "--json")[1].splitlines()) if c["door"] == "smtp"])
        tap.check(found and found[0]["found"][0] == "trap.recipient" and found[0]["client"]["ip"] == "192.0.2.30", "and is a hit", found)


def at_terminal(service, answer, *words):
    """The command with a terminal for its input: (exit status, what it printed, what it complained of)."""
    ours, theirs = pty.openpty()
    os.write(ours, answer)
    done = subprocess.run([service.binary, "trap", "release", "--settings", service.file, *words], stdin=theirs, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                          env=service.environment(), timeout=60)
    os.close(ours)
    os.close(theirs)
    return done.returncode, done.stdout.decode(), done.stderr.decode()


def released(tap):
    """A probe let go by hand: off unless set, asked about, one a day for each collecting address, and nothing but a bare probe."""
    port = process.free_port()
    with Sink() as sink, Serve(resolver="none", listen_trap=[f"127.0.0.1:{port}"], proxy_protocol_from=["127.0.0.1"], trap_hostname="relay.trap.example",
                               release_to=f"127.0.0.1:{sink.port}", workers=1) as service:
        until(lambda: service.roles().get("trap"))
        linked = PROBE.replace(b"test\r\n", b"see http://192.0.2.1/x\r\n").replace(b"BC_", b"linked BC_")
        sent = [("192.0.2.31", PROBE, ["box@collect.example"]), ("192.0.2.32", PROBE, ["box@collect.example"]), ("192.0.2.33", PROBE, ["Box@collect.example"]),
                ("192.0.2.34", linked, ["box@collect.example"]), ("192.0.2.35", PROBE, ["new@victim.example"]),
                ("192.0.2.36", PROBE, ["box@collect.example", "two@collect.example"])]
        for ip, message, recipients in sent:
            client = Client(port, ip)
            client.say("EHLO scanner.example")
            client.send(message, sender=f"s{ip[-2:]}@relaycheck.example", recipients=recipients)
            client.close()

        def id_of(ip):
            told = until(lambda: service.tool("history", "--json", "--ip", ip)[1])
            return json.loads(told.splitlines()[0])["id"] if told else "none"
        ids = {ip: id_of(ip) for ip, _, _ in sent}
        service.process.terminate()
        service.process.wait(60)

        def release(ip, answer=b"y\n"):
            return at_terminal(service, answer, ids[ip])
        status, told, said = release("192.0.2.31")
        tap.check(status == 2 and "trap_release is not set" in said and not sink.mails, "unless trap_release says yes no probe goes out", (status, told, said))
        service.configure(trap_release=True)
        status, told, said = service.tool("trap", "release", ids["192.0.2.31"])
        tap.check(status == 2 and "no terminal" in said and not sink.mails, "nor where nobody can be asked", (status, told, said))
        for ip, why in (("192.0.2.34", "there is a link in it"), ("192.0.2.35", "not known as a collecting address"), ("192.0.2.36", "several recipients")):
            status, told, said = release(ip)
            tap.check(status == 1 and why in said and not sink.mails, f"not sent: {why}", (status, told, said))
        for answer in (b"n\n", b"\n", b"yesyes\n"):
            status, told, said = release("192.0.2.31", answer)
            tap.check(status == 1 and "box@collect.example" in told and "you did not say yes" in said and not sink.mails, f"{answer} is no", (status, told, said))
        status, told, said = release("192.0.2.31")
        tap.check(status == 0 and len(sink.mails) == 1 and list(sink.mails[0].recipients) == ["box@collect.example"], "it is sent when the operator says yes",
                  (status, told, said, sink.mails))
        status, told, said = release("192.0.2.32")
        other = release("192.0.2.33")
        tap.check(status == 1 and other[0] == 1 and "within a day" in said and "within a day" in other[2] and len(sink.mails) == 1,
                  "and one a day for that address, however it is spelled", (said, other))


def both(tap):
    names(tap)
    proxy(tap)
    learning(tap)
    database = os.path.exists("/usr/share/libloc-location/location.db")
    recipients(tap, database)
    trap(tap)
    released(tap)


if __name__ == "__main__":
    raise SystemExit(Tap("serve_trap").run(both))
