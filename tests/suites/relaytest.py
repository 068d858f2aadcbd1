#!/usr/bin/env python3
"""relaytest.py - `postern relaytest` against a real Postfix, right and wrongly set up, and against scripted servers and proxies of every temper. Prints TAP."""
import json, os, re, socket, subprocess, sys, threading, time
from _tap import Tap
from peers.postfix import Postfix
from peers.process import wait_for
from peers.sink import Sink

ROOT = os.environ["POSTERN_ROOT"]
BINARY = os.environ["POSTERN"]
SENDER, RECIPIENT = "ann@home.example", "ben@elsewhere.example"
OUTSIDE = "198.51.100.7"
CLOSED, OPEN, UNSURE = 0, 1, 2


def run(*arguments, timeout=240):
    """(exit status, JSON object or None, standard error)."""
    done = subprocess.run([BINARY, "relaytest", "--pause", "0", *arguments], stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=timeout)
    text = done.stdout.decode()
    return done.returncode, json.loads(text) if text.startswith("{") else text, done.stderr.decode()


def relay(port, *arguments):
    return run(f"127.0.0.1:{port}", "--sender", SENDER, "--recipient", RECIPIENT, "--json", *arguments)


def named(found, **wanted):
    return [t["name"] for t in found["tries"] if all(t.get(k) == v for k, v in wanted.items())]


# Postfix

RIGHT = """
mydestination = mx.example.org, localhost
relay_domains =
mynetworks = 127.0.0.0/8
allow_untrusted_routing = no
local_recipient_maps = inline:{{postmaster=postmaster}}
smtpd_relay_restrictions = permit_mynetworks, reject_unauth_destination
smtpd_soft_error_limit = 3
smtpd_hard_error_limit = 5
"""
EVERYBODY_TRUSTED = RIGHT + "mynetworks = 0.0.0.0/0\n"
EVERYTHING_RELAYED = RIGHT + "relay_domains = static:all\n"
# a second server for a domain whose first one reads % as @, which hands it any local part
SMARTHOST = RIGHT + "relay_domains = relayed.example\nallow_untrusted_routing = yes\n"


def mail_to(sink, n):
    return wait_for("no mail arrives", lambda: len(sink.mails) >= n, 60)


def right_postfix(tap):
    with Sink() as sink, Postfix("", sink.port, settings=RIGHT, processes=4) as postfix:
        status, found, said = relay(postfix.port, "--ip", OUTSIDE)
        tap.check(status == CLOSED, "Postfix as it should be is closed", (said, found and [t for t in found["tries"] if t["state"] != "closed"]))
        tap.check(found and found["name"] == "mx.example.org" and found["open"] == 0 and len(found["tries"]) >= 40, "at least 40 forms were tried", found)
        tap.check(found and all(t["code"] // 100 == 5 for t in found["tries"] if "code" in t), "each was refused for good, whatever limits of errors it has")
        status, found, said = relay(postfix.port)
        tap.check(status == OPEN and "plain" in named(found, state="open"), "its own host it trusts", (status, said))
        status, text, said = run(f"127.0.0.1:{postfix.port}", "--sender", SENDER, "--recipient", RECIPIENT)
        tap.check("which servers often trust" in text, "and that is said", text)
        status, found, said = relay(postfix.port, "--ip", OUTSIDE, "--deliver")
        tap.check(status == CLOSED and not sink.mails and postfix.queued() == 0, "nothing was sent by any of that", (status, sink.mails))


def trusting_postfix(tap):
    with Sink() as sink, Postfix("", sink.port, settings=EVERYBODY_TRUSTED, processes=4) as postfix:
        status, found, said = relay(postfix.port, "--ip", OUTSIDE)
        tap.check(status == OPEN and {"plain", "null-sender", "percent", "bang", "route", "quoted-at"} <= set(named(found, verdict="open")),
                  "Postfix that trusts 0.0.0.0/0 is open", (said, found and named(found, state="open")))
        tap.check(not sink.mails and postfix.queued() == 0, "only recipients were tried", sink.mails)
        status, found, said = relay(postfix.port, "--ip", OUTSIDE, "--deliver")
        taken = named(found, verdict="open-message")
        tap.check(status == OPEN and "plain" in taken, "with --deliver it takes the message", said)
        mail_to(sink, len(taken))
        time.sleep(1)
        subjects = sorted(re.search(rb"^Subject: (.*?)\r$", mail.data, re.M)[1].decode() for mail in sink.mails)
        tap.check(subjects == sorted(f"postern relaytest: {name}" for name in taken), "and each form's message arrives, once", (subjects, taken))
        tap.check(all(re.fullmatch(r'"?ben"?[@%]elsewhere\.example.*', r) for mail in sink.mails for r in mail.recipients), "nobody else gets any",
                  {mail.recipients for mail in sink.mails})
        tap.check("sender-at-recipient-domain" in named(found, verdict="open"), "nor a bounce")
        tap.check(all(f"X-Postern-Relaytest: {found['mark']}".encode() in mail.data for mail in sink.mails), "they bear the mark")


def relaying_postfix(tap):
    with Sink() as sink, Postfix("", sink.port, settings=EVERYTHING_RELAYED, processes=4) as postfix:
        status, found, said = relay(postfix.port, "--ip", OUTSIDE)
        tap.check(status == OPEN and "plain" in named(found, state="open"), "Postfix with all domains in relay_domains is open", (status, said))


def percent_postfix(tap):
    with Sink() as sink, Postfix("", sink.port, settings=SMARTHOST, processes=4) as postfix:
        status, found, said = relay(postfix.port, "--ip", OUTSIDE, "--domain", "relayed.example")
        tap.check("percent" in named(found, verdict="any-name") and "plain" in named(found, state="closed") and found["any_name"],
                  "of one that takes any name, a taken % does not prove anything", (status, said, named(found, verdict="any-name")))
        tap.check(status == UNSURE, "which is not called open", (status, [t for t in found["tries"] if t["state"] == "open"]))
        status, found, said = relay(postfix.port, "--ip", OUTSIDE, "--domain", "relayed.example", "--deliver")
        mail_to(sink, 1)
        tap.check("percent" in [re.search(rb"Subject: postern relaytest: (\S+)", m.data)[1].decode() for m in sink.mails], "but tried with a message", sink.mails)


# scripted servers

class Scripted:
    """A mail server that asks talk(line, seen) what to answer: text, None to say nothing for good, or "" to hang up. seen: the lines of all conversations."""

    def __init__(self, talk, greeting="220 mx.example.org ESMTP", host="127.0.0.1"):
        self.talk, self.greeting, self.seen = talk, greeting, []
        self.server = socket.create_server((host, 0), family=socket.AF_INET6 if ":" in host else socket.AF_INET)
        self.port = self.server.getsockname()[1]

    def __enter__(self):
        threading.Thread(target=self.accept, daemon=True).start()
        return self

    def __exit__(self, *_):
        self.server.close()

    def accept(self):
        """One after the other: who opens a second connection beside the first waits for ever."""
        while True:
            try:
                client, _ = self.server.accept()
            except OSError:
                return
            try:
                self.converse(client)
            except OSError:
                pass
            finally:
                client.close()

    def converse(self, client):
        lines = client.makefile("rb")
        if self.greeting:
            client.sendall(self.greeting.encode() + b"\r\n")
        for raw in lines:
            line = raw.rstrip(b"\r\n").decode("utf-8", "surrogateescape")
            self.seen.append(line)
            answer = self.talk(line, self.seen)
            if answer == "":
                return
            if answer is not None:
                client.sendall(answer.encode("utf-8", "surrogateescape") + b"\r\n")
            if answer and answer.startswith("354"):
                while (raw := lines.readline()) not in (b".\r\n", b""):
                    self.seen.append("| " + raw.decode("latin-1").rstrip())
                client.sendall(self.talk(".", self.seen).encode() + b"\r\n")


def server(rcpt="554 5.7.1 Relay access denied", mail="250 ok", data="354 go on", end="250 taken", ehlo="250-mx.example.org hello\r\n250-8BITMIME\r\n250 SMTPUTF8"):
    """A talk with these answers; each may be a function of the line."""
    answers = {"RCPT": rcpt, "MAIL": mail, "DATA": data, ".": end, "EHLO": ehlo, "QUIT": "221 bye"}

    def talk(line, seen):
        answer = answers.get(line[:4].upper(), "250 ok")
        return answer(line) if callable(answer) else answer
    return talk


def nobody_refused(line, otherwise="250 ok"):
    return "550 5.1.1 No such user" if "<nobody-" in line else otherwise


def one_form(only, otherwise="554 5.7.1 no"):
    return lambda line: "250 ok" if re.fullmatch(only, line) else otherwise


def scripted_servers(tap):
    percent = one_form(r"RCPT TO:<ben%elsewhere\.example@mx\.example\.org>")
    cases = [  # what, talk, arguments, status, form, verdict
        ("a closed one", server(), [], CLOSED, "plain", "refused"),
        ("one with the percent hack", server(rcpt=percent), [], OPEN, "percent", "open"),
        ("and closed otherwise", server(rcpt=percent), [], OPEN, "plain", "refused"),
        ("one that believes in senders of its own", server(mail=one_form(r"MAIL FROM:<ann@mx\.example\.org>.*"), rcpt=nobody_refused), [], OPEN, "sender-at-own-name", "open"),
        ("one that refuses the sender", server(mail="550 5.7.1 not you"), [], CLOSED, "plain", "sender-refused"),
        ("greylisting", server(rcpt="451 4.7.1 Greylisted, come again"), [], UNSURE, "plain", "come-again"),
        ("any name at its own", server(rcpt=lambda l: "250 ok" if re.search(r"(mx\.example\.org|\]|localhost|1)>$", l) else "554 no"), [], UNSURE, "percent", "any-name"),
        ("all recipients taken", server(rcpt="250 ok"), [], OPEN, "plain", "open"),
        ("all recipients taken, none of the messages", server(rcpt=nobody_refused, end="554 5.7.1 Relay access denied"), ["--deliver"], OPEN, "plain", "late"),
        ("refused at DATA", server(rcpt=nobody_refused, data="554 no valid recipients"), ["--deliver"], OPEN, "plain", "late"),
        ("messages taken", server(rcpt=nobody_refused), ["--deliver"], OPEN, "plain", "open-message"),
        ("many lines", server(rcpt="554-5.7.1 no\r\n554-5.7.1 not here\r\n554 5.7.1 never"), [], CLOSED, "plain", "refused"),
        ("no SMTPUTF8", server(ehlo="250 mx.example.org"), [], CLOSED, "fullwidth-at", "refused"),
        ("HELO only", server(ehlo="502 what?"), [], CLOSED, "plain", "refused"),
        ("hangs up at RCPT", server(rcpt=""), [], UNSURE, "plain", "no-answer"),
        ("421 at RCPT", server(rcpt="421 4.7.0 too much"), [], UNSURE, "plain", "come-again"),
        ("says nothing at RCPT", server(rcpt=None), ["--seconds", "1"], UNSURE, "plain", "no-answer"),
        ("no reply codes", server(rcpt="sure, why not"), [], UNSURE, "plain", "no-answer"),
        ("codes that change", server(rcpt="250-ok\r\n554 no"), [], UNSURE, "plain", "no-answer"),
        ("a line without end", server(rcpt="554 " + "x" * 100000), [], UNSURE, "plain", "no-answer"),
    ]
    for what, talk, arguments, want, form, verdict in cases:
        with Scripted(talk) as s:
            began = time.monotonic()
            status, found, said = relay(s.port, *arguments)
            got = named(found, verdict=verdict) if found else []
            tap.check(status == want and form in got, f"{what}: {form} {verdict}", (status, said, found and [t for t in found["tries"] if t["name"] == form]))
            tap.check(time.monotonic() - began < 60, f"{what}: it ends", time.monotonic() - began)
            data = [line for line in s.seen if line == "DATA"]
            tap.check(("--deliver" in arguments) == bool(data) and len(data) <= len(found["tries"] if found else []), f"{what}: messages only when asked for", len(data))


def unusable_servers(tap):
    for what, talk, greeting, arguments, words in [
            ("it lets nobody in", server(), "554 5.7.1 go away", [], "it let us not in: 554 5.7.1 go away"),
            ("it is no mail server", server(), "SSH-2.0-OpenSSH_9.2", [], "no mail server"),
            ("it says nothing", server(), "", ["--seconds", "1"], "said nothing for 1 seconds"),
            ("its own domain is given", server(ehlo="250 mx.elsewhere.example"), "220 x", [], "belongs to the server"),
            ("no XCLIENT", server(), "220 x", ["--ip", OUTSIDE], "XCLIENT")]:
        with Scripted(talk, greeting) as s:
            status, found, said = relay(s.port, *arguments)
            tap.check(status == UNSURE and not found and "could not test" in said and words in said, f"could not test: {what}", (status, found, said))


def a_patient_limit(tap):
    """Hangs up after two refusals, as servers do with those who try much."""
    count = [0]

    def rcpt(line):
        count[0] += 1
        return "421 4.7.0 too many errors" if count[0] % 3 == 0 else "554 5.7.1 no"
    with Scripted(server(rcpt=rcpt)) as s:
        status, found, said = relay(s.port)
        tap.check(status == CLOSED, "forms that a used conversation lost are tried again in a fresh one", (status, said, found and named(found, state="unsure")))


def other_addresses(tap):
    with Scripted(server(rcpt="554 \x1b[2J\x07never")) as s:
        status, text, said = run(f"localhost:{s.port}", "--sender", SENDER, "--recipient", RECIPIENT)
        tap.check(status == CLOSED and "\x1b" not in text and "\x07" not in text and "never" in text, "a name; and no answer acts on the terminal", (status, text, said))
    try:
        six = Scripted(server(), host="::1")
    except OSError as why:
        return tap.skip("a server at ::1", why)
    with six as s:
        status, found, said = run(f"[::1]:{s.port}", "--sender", SENDER, "--recipient", RECIPIENT, "--json")
        tap.check(status == CLOSED and "MAIL FROM:<ann@[IPv6:::1]>" in s.seen, "a server at ::1", (status, found, said))
        status, found, said = run("--proxy", f"[::1]:{s.port}", "--seconds", "1", "--json")
        tap.check(status == CLOSED and found["tries"][3]["answer"] == "SOCKS 4 has no IPv6", "is asked as a proxy too", (status, found, said))


def forms_of_the_suite(tap):
    path = os.path.join(ROOT, "..", "shared", "suites", "smtp", "open_relay_forms.jsonl")
    if not os.path.exists(path):
        return tap.skip("every known form is tried", "no ../shared")
    with Scripted(server()) as s:
        relay(s.port)
        seen, sender = set(), None
        for line in s.seen:
            sender = line if line.startswith("MAIL") else sender
            if line.startswith("RCPT"):
                seen.add((sender.partition("<")[2].partition(">")[0], line.partition("<")[2].rpartition(">")[0]))

    def filled(template, local):
        out = re.sub(r"\b(f|to)\b", local, template)
        return re.sub(r"\[IP\]", "[127.0.0.1]", re.sub(r"\bS\b", "mx.example.org", re.sub(r"\bT\b", "elsewhere.example", out)))
    with open(path) as f:
        for form in map(json.loads, f):
            pair = (filled(form["mail_from"], lambda m: {"f": "ann", "to": "ben"}[m[1]]), filled(form["rcpt_to"], lambda m: {"f": "ann", "to": "ben"}[m[1]]))
            tap.check(pair in seen, f"{form['id']} is tried", pair)


def safety(tap):
    status, found, said = run("192.0.2.1:25", "--sender", SENDER, "--recipient", RECIPIENT, "--json")
    tap.check(status == UNSURE and "--i-own-it" in said, "servers of others are left alone", (status, said))
    status, found, said = run("--proxy", "192.0.2.1:8080", "--json")
    tap.check(status == UNSURE and "--i-own-it" in said, "proxies too", (status, said))
    for what, arguments, words in [("both addresses are needed", ["localhost", "--sender", SENDER], "--recipient needs"),
                                   ("they must be plain", ["localhost", "--sender", SENDER, "--recipient", "a%b@x.example"], "--recipient needs"),
                                   ("a server is needed", ["--sender", SENDER, "--recipient", RECIPIENT], "which server?"),
                                   ("a proxy needs its port", ["--proxy", "localhost"], "HOST:PORT"),
                                   ("ports are numbers", ["localhost:smtp", "--sender", SENDER, "--recipient", RECIPIENT], "no HOST"),
                                   ("a server that is not there", ["127.0.0.1:1", "--sender", SENDER, "--recipient", RECIPIENT], "refused")]:
        status, found, said = run(*arguments)
        tap.check(status == UNSURE and words in said, what, (status, said))


# proxies

class Proxy:
    """One that speaks the ways named, for everybody (opens), or answers no to all of them."""

    def __init__(self, ways, says_no=b"HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n", mute=False, lies=False):
        self.ways, self.says_no, self.mute, self.lies = ways, says_no, mute, lies
        self.server = socket.create_server(("127.0.0.1", 0))
        self.port = self.server.getsockname()[1]

    def __enter__(self):
        threading.Thread(target=self.accept, daemon=True).start()
        return self

    def __exit__(self, *_):
        self.server.close()

    def accept(self):
        while True:
            try:
                client, _ = self.server.accept()
            except OSError:
                return
            threading.Thread(target=self.serve, args=(client,), daemon=True).start()

    def serve(self, client):
        client.settimeout(20)
        try:
            first = client.recv(4096)
            if self.mute:
                client.recv(1)
            elif first[:1] == b"\x05":
                self.socks5(client)
            elif first[:1] == b"\x04":
                self.socks4(client, first)
            elif first:
                self.http(client, first)
        except OSError:
            pass
        finally:
            client.close()

    def tunnel(self, client, way, where, yes, no):
        if way not in self.ways:
            return client.sendall(no)
        client.sendall(yes)
        if self.lies:
            return client.recv(4096)
        with socket.create_connection(where, timeout=5) as there:
            there.sendall(client.recv(4096))

    def socks4(self, client, first):
        port, host = int.from_bytes(first[2:4], "big"), socket.inet_ntoa(first[4:8])
        way = "socks4a" if host.startswith("0.0.0.") else "socks4"
        host = first.split(b"\0")[-2].decode() if way == "socks4a" else host
        self.tunnel(client, way, (host, port), b"\0\x5a" + bytes(6), b"\0\x5b" + bytes(6))

    def socks5(self, client):
        client.sendall(b"\x05\0" if "socks5" in self.ways else b"\x05\xff")
        ask = client.recv(4096)
        if ask:
            self.tunnel(client, "socks5", (socket.inet_ntoa(ask[4:8]), int.from_bytes(ask[8:10], "big")), b"\x05\0\0\x01" + bytes(6), b"\x05\x02\0\x01" + bytes(6))

    def http(self, client, first):
        method, _, rest = first.partition(b" ")
        found = re.match(rb"(?:http://)?([0-9.]+):(\d+)", rest)
        where, way = (found[1].decode(), int(found[2])), "http-" + method.decode().lower()
        if method == b"CONNECT":
            return self.tunnel(client, way, where, b"HTTP/1.1 200 Connection established\r\n\r\n", self.says_no)
        if way not in self.ways:
            return client.sendall(self.says_no)
        with socket.create_connection(where, timeout=5) as there:
            there.sendall(first)
            client.sendall(there.recv(4096))


WAYS = ["http-connect", "http-get", "http-post", "socks4", "socks4a", "socks5"]


def proxies(tap):
    for way in WAYS:
        with Proxy([way]) as p:
            status, found, said = run("--proxy", f"127.0.0.1:{p.port}", "--json", "--seconds", "3")
            tap.check(status == OPEN and named(found, verdict="passed") == [way] and found["closed"] == len(WAYS) - 1, f"a proxy open to {way}", (status, found, said))
    with Proxy(WAYS) as p:
        status, text, said = run("--proxy", f"127.0.0.1:{p.port}", "--seconds", "3")
        tap.check(status == OPEN and text.count("our mark came through") == len(WAYS), "an open proxy, for people", (status, text, said))
    with Proxy([]) as p:
        status, found, said = run("--proxy", f"127.0.0.1:{p.port}", "--json", "--seconds", "3")
        tap.check(status == CLOSED and named(found, state="closed") == WAYS, "a closed one", (status, found, said))
    with Proxy([], says_no=b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n") as p:
        status, found, said = run("--proxy", f"127.0.0.1:{p.port}", "--json", "--seconds", "1")
        tap.check(named(found, verdict="granted") == ["http-connect"] and named(found, state="open") == [] and status == UNSURE,
                  "a web server with a page for everything is not called open", (status, found, said))
    with Proxy(WAYS, lies=True) as p:
        status, found, said = run("--proxy", f"127.0.0.1:{p.port}", "--json", "--seconds", "1")
        tap.check({"http-connect", "socks4", "socks5"} <= set(named(found, verdict="granted")), "one that says yes and does nothing", (status, found, said))
    with Proxy([], mute=True) as p:
        began = time.monotonic()
        status, found, said = run("--proxy", f"127.0.0.1:{p.port}", "--json", "--seconds", "1")
        tap.check(status == CLOSED and time.monotonic() - began < 30, "one that says nothing", (status, found, said))
    with Scripted(server()) as s:
        status, found, said = run("--proxy", f"127.0.0.1:{s.port}", "--json", "--seconds", "1")
        tap.check(status == CLOSED, "a mail server is none", (status, found, said))
    status, found, said = run("--proxy", "127.0.0.1:1", "--json")
    tap.check(status == UNSURE and "cannot be reached" in said, "one that is not there", (status, said))


if __name__ == "__main__":
    sys.exit(Tap("relaytest").run(safety, other_addresses, forms_of_the_suite, scripted_servers, unusable_servers, a_patient_limit, proxies,
                                  right_postfix, trusting_postfix, relaying_postfix, percent_postfix))
