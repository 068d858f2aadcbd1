#!/usr/bin/env python3
"""clients.py - the programs that mail administrators already run, against `postern serve`: spamc, rspamc, swaks through Postfix, Exim's `spam =`."""
import json, os, re, socket, sys, time, zlib
from _tap import Tap
from peers import process
from peers.exim import Exim
from peers.load import field
from peers.postern import Serve
from peers.postfix import Postfix
from peers.rspamd import Rspamc
from peers.sink import Sink
from peers.spamassassin import Spamc
from peers.tools import swaks

GTUBE = b"XJS*C4JDBQADN1.NSBN3*2IDNEN*GTUBE-STANDARD-ANTI-UBE-TEST-EMAIL*C.34X"
PASSWORD = "open sesame"


def mail(subject, body=b"Dear Ben,\n\nthe minutes of yesterday's meeting are done; could you read page two before noon?\n\nAnna\n", more=b""):
    when = time.strftime("%a, %d %b %Y %H:%M:%S +0000", time.gmtime()).encode()
    return (b"From: Anna <anna@client.example>\nTo: Ben <ben@example.net>\nSubject: %s\nDate: %s\nMessage-ID: <%d.%d@client.example>\n%s\n%s"
            % (subject, when, time.time_ns(), len(subject), more, body))


GOOD, BAD = mail(b"minutes"), mail(b"test", b"This is a test.\n" + GTUBE + b"\n")
LINKS = mail(b"links", b'<p>Look at <a href="http://www.shop.example.com/a?b=c">this</a> and <a href="https://WWW.shop.example.com/">that</a>, '
             b'or http://text.example.org/x, or write to <a href="mailto:Ben@corp.example.net?subject=x">Ben</a>.</p>\n', b"Content-Type: text/html\n")
FORGED = mail(b"minutes", more=b"X-Spam-Flag: NO\nX-Spam-Status: No, score=-99.0\nX-Postern-Why: trust me\n")
SCORE = rb"-?\d+\.\d/5\.0\n"

# what, arguments of spamc, message, exit status, what the output must look like
SPAMC = [
    ("ping", ["-K"], b"", 0, rb"SPAMD/1\.\d 0"),
    ("check, good", ["-c"], GOOD, 0, SCORE), ("check, bad", ["-c"], BAD, 1, SCORE),
    ("exit status, good", ["-E"], GOOD, 0, rb".*minutes"), ("exit status, bad", ["-E"], BAD, 1, rb".*GTUBE"),
    ("report", ["-R"], BAD, 0, SCORE + rb".+gtube"), ("report if spam, good", ["-r"], GOOD, 0, rb"\Z"),
    ("report if spam, bad", ["-r"], BAD, 0, rb".*gtube"),
    ("symbols", ["-y"], BAD, 0, rb".*gtube"),
    ("process, good", [], GOOD, 0, rb".*X-Spam-Status: No.*minutes"), ("process, bad", [], BAD, 0, rb".*X-Spam-Status: Yes.*GTUBE"),
    ("headers", ["--headers"], BAD, 0, rb".*X-Spam-Status: Yes.*\nSubject: test.*GTUBE"),
    ("process, forged fields", [], FORGED, 0, rb"(?!.*-99\.0)(?!.*trust me).*X-Spam-Status: No"),
    ("larger than spamc sends", ["-s", "1000", "-c"], mail(b"large", b"x\n" * 2000), 0, rb"0/0\n"),
    ("an empty message", ["-c"], b"", 0, rb""),
    ("with a user", ["-u", "ben", "-c"], GOOD, 0, SCORE),
    ("2 MB", ["-s", "50000000", "-c"], mail(b"large", b"a line of text that goes on for a while\n" * 50000), 0, SCORE),
]
LEARN = [  # over a Unix socket, where it is trusted
    ("learn spam", ["-L", "spam"], rb"Message successfully un/learned"), ("learn spam again", ["-L", "spam"], rb"Message was already un/learned"),
    ("forget", ["-L", "forget"], rb"Message successfully un/learned"), ("learn ham", ["-L", "ham"], rb"Message successfully un/learned"),
]


def spamc(tap):
    process.folder()
    with Serve(resolver="none") as service:
        client = Spamc(service.ports["spamd"])
        for what, args, message, code, pattern in SPAMC:
            got, said = client.run(*args, message=message)
            tap.check(got == code and re.match(pattern, said, re.S | re.I), f"spamc: {what}", (got, said[:300]))
        got, said = client.run("-L", "spam", message=mail(b"lesson"))
        tap.check(b"success" not in said, "spamc: nobody learns over the network without a password", (got, said))
        with socket.create_connection(("127.0.0.1", service.ports["spamd"])) as raw:  # as spamc -z, which Debian's cannot
            packed = zlib.compress(BAD.replace(b"\n", b"\r\n"))
            raw.sendall(b"CHECK SPAMC/1.5\r\nCompress: zlib\r\nContent-length: %d\r\n\r\n" % len(packed) + packed)
            raw.shutdown(socket.SHUT_WR)
            said = raw.makefile("rb").read()
            tap.check(b"0 EX_OK" in said and b"Spam: True ; " in said, "SpamAssassin's protocol: a compressed message", said)
        dead = Spamc(process.free_port())
        tap.check(dead.run("-x", "-c", message=GOOD)[0] not in (0, 1), "spamc -x: says that there is no server")


def spamc_learns(tap):
    process.folder()
    service = Serve(resolver="none")
    local = os.path.join(service.tmp, "spamd")
    service.configure(listen_spamd=[f"127.0.0.1:{service.ports['spamd']}", f"unix:{local}"])
    with service:
        client, message = Spamc(service.ports["spamd"]), mail(b"a lesson")
        for what, args, pattern in LEARN:
            got, said = client.run("-U", local, *args, message=message)
            tap.check(re.search(pattern, said), f"spamc -U: {what}", (got, said))


def rspamc(tap):
    process.folder()
    with Serve(resolver="none", password=PASSWORD) as service:
        client = Rspamc(service.ports["http"])
        for what, args, message, pattern in [
                ("check, good", [], GOOD, r"(?s)Action: no action.*Spam: false.*Score: -?[\d.]+ / 15\.00"),
                ("check, bad", [], BAD, r"(?s)Action: reject.*Spam: true.*Score: [\d.]+ / 15\.00.*Symbol: gtube"),
                ("symbols with an envelope", ["symbols", "-i", "192.0.2.9", "--helo", "client.example", "-F", "anna@client.example", "-r", "ben@example.net"], GOOD,
                 r"(?s)Action: no action"),
                ("JSON", ["-j", "symbols"], BAD, r'(?s)"action": ?"reject"'),
                ("stat", ["-P", PASSWORD, "stat"], None, r"Messages scanned: [1-9]"),
                ("learn_spam without a password", ["learn_spam"], mail(b"lesson one"), r"(?i)unauthori[sz]ed|forbidden|password|403|401"),
                ("learn_spam", ["-P", PASSWORD, "learn_spam"], mail(b"lesson two"), r"success = true"),
                ("learn_ham", ["-P", PASSWORD, "learn_ham"], mail(b"lesson three"), r"success = true")]:
            code, said = client.run(*args, message=message)
            tap.check(re.search(pattern, said), f"rspamc: {what}", (code, said[:400]))
        for path, body, pattern in [("/ping", None, rb"^pong"), ("/symbols", GOOD, rb"^\{"), ("/stat", None, rb"^\{"), ("/metrics", None, rb"(?m)^postern_\w+"),
                                    ("/healthz", None, rb""), ("/api/why", LINKS, rb"[Ii]t is (accepted|marked)")]:
            code, said = client.get(path, body, {"Password": PASSWORD})
            tap.check(code == 200 and re.search(pattern, said), f"HTTP: {path}", (code, said[:200]))
        code, said = client.get("/checkv2", BAD, {"IP": "192.0.2.9", "From": "anna@client.example", "Rcpt": "ben@example.net", "Helo": "client.example",
                                                  "Queue-Id": "4ABC", "User": "anna"})
        reply = json.loads(said)
        tap.check(code == 200 and reply["action"] == "reject" and reply["required_score"] == 15 and isinstance(reply["symbols"], dict) and all({"name", "score"} <= set(s) for s in reply["symbols"].values()), "HTTP: what Haraka and Exim read", said[:400])
        reply = json.loads(client.get("/checkv2", LINKS)[1])
        tap.check(sorted(reply["urls"]) == ["text.example.org", "www.shop.example.com"] and reply["emails"] == ["Ben@corp.example.net"],
                  "HTTP: the hosts and addresses it names, each once, as rspamd tells them", reply)
        groups = json.loads(client.get("/symbols")[1])
        rules = {rule["symbol"]: rule for group in groups for rule in group["rules"]}
        tap.check(len(rules) > 200 and rules["gtube.line"]["weight"] >= 15 and rules["gtube.line"]["description"], "HTTP: GET /symbols lists what there is", groups[:1])
        tap.check([client.get(path)[0] for path in ("/metrics", "/stat", "/api/history", "/api/why/x")] == [200, 200, 403, 403] and
                  client.get("/api/why", LINKS)[0] == 403, "HTTP: a program on this machine needs no password for figures, and one for what tells of mail")


def swaks_through_postfix(tap):
    with Sink() as sink, Serve(resolver="none") as service, Postfix(f"inet:127.0.0.1:{service.ports['milter']}", sink.port) as postfix:
        envelope = ["--from", "anna@client.example", "--to", "ben@example.net", "--helo", "client.example"]
        code, said = swaks(postfix.port, *envelope, message=FORGED)
        tap.check(code == 0, "swaks: a good message is accepted", said[-300:])
        process.wait_for("the message comes", lambda: sink.mails, 30)
        got = sink.mails[0]
        tap.check(field(got.data, "X-Spam-Status").startswith("No") and field(got.data, "X-Postern-Why") and b"trust me" not in got.data and b"-99.0" not in got.data,
                  "swaks: it comes with our fields, and without the forged ones", got.data[:600])
        tap.check(got.sender == "anna@client.example" and got.recipients == ("ben@example.net",), "swaks: and with its envelope", got)
        code, said = swaks(postfix.port, *envelope, message=BAD)
        tap.check(code != 0 and re.search(r"<\S* 5\d\d 5\.7\.\d ", said), "swaks: the test message is refused with a code", said[-300:])
        code, said = swaks(postfix.port, *envelope[:2], "--to", "postmaster@example.net", *envelope[4:], message=BAD)
        tap.check(code == 0, "swaks: not so for postmaster", said[-300:])


def exim(tap, name, door, rspamd):
    with Sink() as sink, Serve(resolver="none") as service, Exim(service.ports[door], sink.port, rspamd) as server:
        for message, least, most, action in [(GOOD, -1000, 5, "no action"), (BAD, 15, 1000, "reject")]:
            sink.mails.clear()
            code, said = swaks(server.port, "--from", "anna@client.example", "--to", "ben@example.net", "--helo", "client.example", message=message)
            process.wait_for("the message comes", lambda: sink.mails, 30)
            data = sink.mails[0].data
            tap.check(field(data, "X-Test-Spam-Failed") is None, f"Exim, {name}: is answered", server.log()[-500:])
            score = field(data, "X-Test-Spam-Score")
            tap.check(score and least <= float(score) < most, f"Exim, {name}: $spam_score", score)
            if rspamd:
                tap.check(field(data, "X-Test-Spam-Action") == action, f"Exim, {name}: $spam_action", field(data, "X-Test-Spam-Action"))
            tap.check(field(data, "X-Test-Spam-Report"), f"Exim, {name}: $spam_report", data[:400])


def exim_as_spamassassin(tap):
    exim(tap, "SpamAssassin's", "spamd", False)


def exim_as_rspamd(tap):
    exim(tap, "rspamd's variant", "http", True)  # at the port where rspamd would be


def exim_as_rspamd_at_the_other_door(tap):
    exim(tap, "rspamd's variant, spamd's port", "spamd", True)


sys.exit(Tap("clients").run(spamc, spamc_learns, rspamc, swaks_through_postfix, exim_as_spamassassin, exim_as_rspamd, exim_as_rspamd_at_the_other_door))
