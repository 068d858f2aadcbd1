#!/usr/bin/env python3
"""serve_gate.py - the gate behind Postfix's policy protocol: lists, names, greylisting that remembers, cases that explain, counters. Prints TAP."""
import ipaddress, json, os, re, socket, subprocess, sys, tempfile, time
from _tap import Tap
from peers import process
from peers.postern import Serve
from peers.postfix import Postfix
from peers.sink import Sink
from peers.smtp import Smtp

ROOT = os.environ["POSTERN_ROOT"]
# a well-named server, one without a name on two lists, an access line
ZONE = {
    "7.2.0.192.in-addr.arpa": [{"PTR": "mail.client.example"}], "mail.client.example": [{"A": "192.0.2.7"}],
    "client.example": [{"TXT": "v=spf1 ip4:192.0.2.0/24 ip4:198.51.100.0/24 -all"}],
    "66.2.0.192.one.example": [{"A": "127.0.0.2"}], "66.2.0.192.two.example": [{"A": "127.0.0.2"}],
    "67.2.0.192.one.example": [{"A": "127.0.0.2"}], "67.2.0.192.in-addr.arpa": [{"PTR": "mail.client.example"}],
    "9.100.51.198.in-addr.arpa": [{"PTR": "ip-9.dsl.dyn.example"}], "ip-9.dsl.dyn.example": [{"A": "198.51.100.9"}],
    "10.100.51.198.in-addr.arpa": [{"PTR": "ip-10.dsl.dyn.example"}], "ip-10.dsl.dyn.example": [{"A": "198.51.100.10"}],
}
CLIENTS = ["192.0.2.7", "192.0.2.66", "192.0.2.67", "198.51.100.9", "198.51.100.10", "203.0.113.9", "2001:db8::7"]
LISTS = [{"name": name, "zone": f"{name}.example", "ask": ["client"], "codes": {"127.0.0.2": [3, "sends spam"]}, "must_list": [], "must_not_list": []}
         for name in ("one", "two")]


def names():
    zone = dict(ZONE)
    for client in CLIENTS:  # what is not in the zone the server makes up
        reverse = ipaddress.ip_address(client).reverse_pointer
        zone.setdefault(reverse, [{"TXT": "no name"}])
        for name in ("one", "two"):
            zone.setdefault(re.sub(r"\.(in-addr|ip6)\.arpa$", f".{name}.example", reverse), [{"TXT": "not listed"}])
    path = os.path.join(tempfile.mkdtemp(prefix="postern-zone-"), "zone.json")
    with open(path, "w") as f:
        json.dump(zone, f)
    server = subprocess.Popen([sys.executable, os.path.join(ROOT, "tests", "dns_server.py"), path], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    return server, server.stdout.readline().split()[-1]


class Policy:
    """Postfix, as far as it asks."""

    def __init__(self, port):
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=60)
        self.file = self.socket.makefile("rb")

    def ask(self, address, helo="mail.client.example", sender="ann@client.example", recipient="ben@example.org", state="RCPT", **more):
        attributes = dict(request="smtpd_access_policy", protocol_state=state, protocol_name="ESMTP", client_address=address, client_port="40000",
                          server_address="127.0.0.1", helo_name=helo, sender=sender, recipient=recipient, size="0", **more)
        self.socket.sendall("".join(f"{k}={v}\n" for k, v in attributes.items()).encode() + b"\n")
        line, empty = self.file.readline(), self.file.readline()
        assert empty == b"\n", (line, empty)
        return line.decode().strip().removeprefix("action=")


def case_of(answer):
    found = re.search(r"case ([0-9a-z]{26})", answer)
    return found[1] if found else None


def metric(service, name):
    with socket.create_connection(("127.0.0.1", service.ports["http"])) as http:
        http.sendall(b"GET /metrics HTTP/1.0\r\nPassword: x\r\n\r\n")
        text = http.makefile("rb").read().decode()
    return sum(float(line.rpartition(" ")[2]) for line in text.splitlines() if re.match(name, line))


def gate(tap):
    dns, dns_port = names()
    port = process.free_port()
    with Serve(resolver=[f"127.0.0.1@{dns_port}"], listen_policy=[f"127.0.0.1:{port}"], lists=LISTS, greylist_delay=2, password="x", workers=1,
               local_domains=["example.org"]) as service:
        postfix = Policy(port)
        for what, want, arguments in [
                ("a mail server as it should be passes", r"DUNNO", dict(address="192.0.2.7")),
                ("who stands on two lists is refused", r"554 5\.7\.1 .*on the list one: sends spam; case \w{26}; if this is a mistake", dict(address="192.0.2.66")),
                ("but not for mail to postmaster", r"DUNNO", dict(address="192.0.2.66", recipient="postmaster@example.org")),
                ("who stands on one is not, for that alone", r"450 4\.7\.1 Please come again in 2 seconds", dict(address="192.0.2.67")),
                ("nor is a user of one's own", r"DUNNO", dict(address="192.0.2.66", sasl_username="ann")),
                ("who greets with our name is refused", r"554 5\.7\.1 .*example\.org", dict(address="192.0.2.7", helo="mx.example.org")),
                ("an access line that greets with nonsense is asked to come again", r"450 4\.7\.1", dict(address="198.51.100.9", helo="friend", sender="x@else.example")),
                ("IPv6 passes too", r"DUNNO|450", dict(address="2001:db8::7"))]:
            answer = postfix.ask(**arguments)
            tap.check(re.match(want, answer), what, answer)
        id = case_of(postfix.ask("192.0.2.66"))
        tap.check(id, "a refusal names its case")
        told = b""
        for _ in range(50):
            status, told, said = service.tool("why", id or "none")
            if status != 2:
                break
            time.sleep(0.1)
        tap.check(status == 1 and b"on the list one" in told and b"192.0.2.66" in told and b"two" in told, "postern why tells it", (status, told.decode(), said))
        status, told, said = service.tool("history", "--json")
        tap.check(any(json.loads(line)["id"] == id for line in told.splitlines()), "postern history has it", said)
        first = postfix.ask("198.51.100.9", helo="friend")
        soon = postfix.ask("198.51.100.10", helo="friend")
        tap.check(first.startswith("450") and soon.startswith("450"), "too soon is still too soon", (first, soon))
        time.sleep(2.5)
        again = postfix.ask("198.51.100.10", helo="friend")
        tap.check(again == "DUNNO", "it passes when it comes again, from another machine that SPF vouches for", again)
        tap.check(any(postfix.ask("198.51.100.9", helo="friend", recipient="new@example.org") == "DUNNO" or time.sleep(0.2) for _ in range(20)),
                  "and is not asked again")
        stranger = postfix.ask("198.51.100.9", helo="friend", sender="x@else.example", recipient="new@example.org")
        tap.check(stranger.startswith("450"), "others in its network are", stranger)
        tap.check(metric(service, r'postern_gate_total\{stage="rcpt",answer="defer",cause="greylist"\}') >= 3, "it is counted")
        service.configure(gate_dns_lists="watch", gate_greylist="off")
        service.reload()
        tap.check(any(postfix.ask("192.0.2.66") == "DUNNO" or time.sleep(0.2) for _ in range(50)), "after a reload lists only watch, on the same connection")
        tap.check(metric(service, r'postern_gate_watched_total\{stage="rcpt",answer="refuse"') >= 1, "and what they would have done is counted")
        with socket.create_connection(("127.0.0.1", port)) as nonsense:
            nonsense.sendall(b"GET / HTTP/1.0\r\n\r\n")
            tap.check(nonsense.recv(100) == b"", "what is no question is hung up on")
        stats = {}
        for _ in range(30):
            status, told, said = service.tool("stats", "--json")
            stats = json.loads(told) if status != 2 else {}
            if stats:
                break
            time.sleep(0.2)
        tap.check(status == 0 and stats.get("adds_up") is True, "postern stats: what is asked for others is no attempt, and the numbers add up", (status, stats, said))
        dns.kill()
        start = time.time()
        answer = postfix.ask("203.0.113.9")
        tap.check(answer == "DUNNO" and time.time() - start < 30, "with the DNS dead mail flows", (answer, time.time() - start))
    dns.wait()


def another_resolver(tap):
    """New settings of the DNS hold after a reload, those that rest on files too: the front, in its sandbox, can open none."""
    dns, dns_port = names()
    port = process.free_port()
    with tempfile.NamedTemporaryFile("w", suffix=".anchors") as anchors:
        anchors.write("signed.example. IN DS 1 8 2 E06D44B80B8F1D39A95C0B0D7C65D08458E880409BBC683457104237C7F8EC8D ; for no name that is asked\n")
        anchors.flush()
        with Serve(resolver="none", listen_policy=[f"127.0.0.1:{port}"], lists=LISTS, gate_greylist="off", workers=1) as service:
            postfix = Policy(port)
            tap.check(postfix.ask("192.0.2.66") == "DUNNO", "where nobody is asked nobody is on a list")
            service.configure(resolver=[f"127.0.0.1@{dns_port}"], trust_anchors=anchors.name)
            service.reload()
            answer = next((a for a in (time.sleep(0.2) or postfix.ask("192.0.2.66") for _ in range(50)) if a != "DUNNO"), "DUNNO")
            tap.check(answer.startswith("554"), "after a reload the new resolver is asked, and its file of keys read", answer)
            service.configure(trust_anchors="/nowhere/anchors")
            service.reload()
            said = any("/nowhere/anchors" in service.log() or time.sleep(0.2) for _ in range(50))
            tap.check(said, "a file of keys that is not there is refused, and said", service.log()[-1000:])
            tap.check(postfix.ask("192.0.2.66").startswith("554"), "and the settings before it hold")
    dns.kill()
    dns.wait()


def lists(tap):
    """Files of one's own, exchanged under way, and what is put by hand."""
    port = process.free_port()
    folder = tempfile.mkdtemp(prefix="postern-lists-")
    os.chmod(folder, 0o755)
    plain, block = os.path.join(folder, "plain"), os.path.join(folder, "block.set")

    def build(*entries):
        with open(plain, "w") as f:
            f.write("".join(f"{e}\n" for e in entries))
        done = subprocess.run([os.environ["POSTERN"], "lists", "build", "-o", block, plain], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        os.chmod(block, 0o644)
        return done

    done = build("192.0.2.0/24", "2001:db8:bad::/48")
    tap.check(done.returncode == 0, "postern lists build", done.stdout)
    with Serve(resolver="none", listen_policy=[f"127.0.0.1:{port}"], block_addresses=[block], workers=1) as service:
        postfix = Policy(port)

        def becomes(address, want, seconds=20):
            end, answer = time.time() + seconds, ""
            while time.time() < end:
                answer = postfix.ask(address)
                if re.match(want, answer):
                    return True, answer
                time.sleep(0.1)
            return False, answer
        for what, address, want in [("an address of a blocked network", "192.0.2.9", r"554 5\.7\.1 .*block list.*case \w{26}"),
                                    ("IPv6", "2001:db8:bad::1", "554"), ("another", "192.0.3.9", "DUNNO")]:
            tap.check(*(lambda r: (r[0], f"lists: {what}", r[1]))(becomes(address, want)))
        first, second = (case_of(postfix.ask("192.0.2.9")) for _ in range(2))
        tap.check(first and first == second, "the same case for an hour", (first, second))
        build("192.0.3.0/24")
        tap.check(*(lambda r: (r[0], "a new file is in use without a reload", r[1]))(becomes("192.0.3.9", "554")))
        tap.check(postfix.ask("192.0.2.9") == "DUNNO", "and the old one is not")
        with open(block, "r+b") as f:
            f.seek(200)
            f.write(b"\xff" * 64)
        time.sleep(2.5)
        tap.check(postfix.ask("192.0.3.9").startswith("554"), "a damaged one leaves the one before in use")
        status, told, said = service.tool("lists", "add", "203.0.113.7", "--class", "block", "--for", "1d", "--note", "seen by hand")
        tap.check(status == 0, "postern lists add", (status, told, said))
        tap.check(*(lambda r: (r[0], "an address put by hand is refused, with the note", r[1]))(becomes("203.0.113.7", "554 .*seen by hand", 5)))
        status, told, said = service.tool("lists", "remove", "203.0.113.7")
        tap.check(*(lambda r: (r[0], "and let in again", r[1]))(becomes("203.0.113.7", "DUNNO", 5)))


def list_files(tap):
    """Lists in files are heard at the door as those in the DNS are, and where nobody is asked: text, and what `postern lists build` makes."""
    port = process.free_port()
    folder = tempfile.mkdtemp(prefix="postern-lists-")
    os.chmod(folder, 0o755)
    text, zone, built = (os.path.join(folder, name) for name in ("text", "zone", "built.set"))
    with open(text, "w") as f:
        f.write("192.0.2.0/24\n")
    with open(zone, "w") as f:
        f.write(":127.0.0.4:see $\n192.0.2.9\n198.51.100.0/24\n")
    done = subprocess.run([os.environ["POSTERN"], "lists", "build", "--format", "ip4set", "-o", built, zone], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    tap.check(done.returncode == 0, "lists in files: a zone file of rbldnsd is built", done.stdout)
    os.chmod(built, 0o644)
    lists = [dict(name="ours", file=text, ask=["client"], weight=4, means="stands on our list"),
             dict(name="mirror", file=built, ask=["client"], weight=4, means="stands on the mirrored zone")]
    with Serve(resolver="none", listen_policy=[f"127.0.0.1:{port}"], lists=lists, gate_greylist="off", workers=1) as service:
        postfix = Policy(port)

        def becomes(address, want, seconds=20):
            end, answer = time.time() + seconds, ""
            while time.time() < end and not re.match(want, answer):
                answer = postfix.ask(address)
                time.sleep(0.1)
            return bool(re.match(want, answer)), answer
        refused, answer = becomes("192.0.2.9", "554")
        tap.check(refused, "lists in files: who stands on two is refused, though nobody is asked over the network", answer)
        end, story = time.time() + 5, ""
        while "mirrored zone" not in story and time.time() < end:  # the case is kept a moment later
            story = service.tool("why", case_of(answer) or "-")[1].decode()
        tap.check("stands on our list" in story and "stands on the mirrored zone" in story, "lists in files: both say why", story)
        tap.check(postfix.ask("192.0.2.10") == "DUNNO" and postfix.ask("198.51.100.7") == "DUNNO", "lists in files: one alone never refuses")
        with open(text, "w") as f:
            f.write("192.0.2.0/24\n198.51.100.7\n")
        tap.check(*(lambda r: (r[0], "lists in files: a changed one is in use without a reload", r[1]))(becomes("198.51.100.7", "554")))
        with open(text, "w") as f:
            f.write("one two\n")
        time.sleep(2.5)
        tap.check(postfix.ask("198.51.100.7").startswith("554"), "lists in files: a damaged one leaves the one before in use")


def real_postfix(tap):
    """check_policy_service of a real Postfix, which is told by XCLIENT whom it speaks to."""
    dns, dns_port = names()
    port = process.free_port()
    process.folder()
    rules = f"smtpd_recipient_restrictions = check_policy_service inet:127.0.0.1:{port}, permit\nsmtpd_delay_reject = yes\n"
    with Sink() as sink, Serve(resolver=[f"127.0.0.1@{dns_port}"], listen_policy=[f"127.0.0.1:{port}"], lists=LISTS, workers=1) as service:
        with Postfix("", sink.port, settings=rules) as postfix:
            mail = b"From: a@client.example\nSubject: x\n\nx\n"
            for what, address, name, recipient, want in [("a good server's mail goes through", "192.0.2.7", "mail.client.example", "ben@example.org", "250"),
                                                         ("a listed client is refused with the reason", "192.0.2.66", None, "ben@example.org", "554 5.7.1 .*on the list one"),
                                                         ("and may write to postmaster", "192.0.2.66", None, "postmaster@example.org", "250"),
                                                         ("a doubtful one comes again", "198.51.100.9", None, "ben@example.org", "450 4.7.1 .*come again")]:
                with Smtp(postfix.port) as client:
                    client.stand_for(address, name, helo="friend" if address.startswith("198") else "mail.client.example")
                    said = client.send("a@client.example", [recipient], mail)
                    tap.check(re.match(want, said, re.S), f"Postfix: {what}", said)
        tap.check(service.process.poll() is None, "Postfix: the service still runs")
    dns.kill()
    dns.wait()


def door(tap):
    """The SMTP door, at which clients come with the addresses that a load balancer tells."""
    dns, dns_port = names()
    port = process.free_port()
    process.folder()
    with Sink() as sink, Serve(resolver=[f"127.0.0.1@{dns_port}"], listen_smtp=[f"127.0.0.1:{port}"], proxy_protocol_from=["127.0.0.1"], lists=LISTS, workers=1,
                               next_hop=f"127.0.0.1:{sink.port}", greet_delay=0.5, hostname="mx.example.org") as service:
        tap.check(service.tool("lists", "add", "203.0.113.7", "--for", "1d")[0] == 0, "door: an address put by hand")

        def talk(address, *lines, early=b""):
            with socket.create_connection(("127.0.0.1", port), timeout=60) as client:
                client.sendall(f"PROXY TCP4 {address} 192.0.2.1 4000 25\r\n".encode() + early)
                replies, file = [], client.makefile("rb")
                for line in [None, *lines]:
                    try:
                        if line is not None:
                            client.sendall(line.encode() + b"\r\n")
                        said = file.readline()
                        while said[3:4] == b"-":
                            said = file.readline()
                    except ConnectionError:  # who is refused at once is hung up on, whatever it says then
                        said = b""
                    replies.append(said.decode().strip())
                    if not said:
                        break
                return replies
        mail = ["EHLO mail.client.example", "MAIL FROM:<ann@client.example>", "RCPT TO:<ben@example.org>", "DATA",
                "From: ann@client.example\r\nTo: ben@example.org\r\nSubject: minutes\r\n\r\nhello\r\n.", "QUIT"]
        for what, address, early, lines, at, want in [
                ("a good server brings its mail", "192.0.2.7", b"", mail, 5, "250"),
                ("who is listed is refused at once", "203.0.113.7", b"", ["QUIT"], 0, "521 .*block list"),
                ("who stands on two lists is refused at RCPT", "192.0.2.66", b"", mail[:3], 3, "554 .*list one"),
                ("postmaster may be written to", "192.0.2.66", b"", [*mail[:2], "RCPT TO:<postmaster@example.org>", "QUIT"], 3, "250"),
                ("an early talker is refused", "192.0.2.7", b"EHLO mail.client.example\r\n", [*mail[1:3], "NOOP"], 3, "554 .*before the greeting"),
                ("another protocol is shown the door", "192.0.2.7", b"", ["GET / HTTP/1.0"], 1, "5"),
                ("who is doubtful comes again", "198.51.100.9", b"", ["EHLO friend", *mail[1:3], "QUIT"], 3, "450 .*come again")]:
            replies = talk(address, *lines, early=early)
            tap.check(len(replies) > at and re.match(want, replies[at]), f"door: {what}", replies)
        stats = {}
        for _ in range(60):
            told = service.tool("stats", "--json")[1]
            stats = json.loads(told) if told else {}
            if stats.get("inside") == 0 and stats.get("at_work") == 0 and stats.get("offered") == 7:
                break
            time.sleep(0.2)
        want = dict(offered=7, refused_list=1, refused_score=2, put_off_greylist=1, gone=2, passed=1, inside=0, at_work=0, adds_up=True)
        tap.check(all(stats.get(k) == v for k, v in want.items()) and stats["accept"] + stats["mark"] == 1, "door: everybody is counted once, and it adds up", stats)
    dns.kill()
    dns.wait()


if __name__ == "__main__":
    sys.exit(Tap("serve_gate").run(gate, another_resolver, lists, list_files, door, real_postfix))
