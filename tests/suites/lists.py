#!/usr/bin/env python3
"""lists.py - lists as their user meets them: settings with DNS and local lists, zones written here, batches on several threads."""
import json, os, subprocess, sys, tempfile

from _tap import Tap

POSTERN = os.path.abspath(os.environ.get("POSTERN", "build/postern"))
MAIL = ("Received: from mail.sender.org (mail.sender.org [192.0.2.%d]) by mx.me.org with ESMTP id x; Mon, 2 Mar 2026 10:00:00 +0000\n"
        "From: Ann <a@sender.org>\nTo: me@me.org\nDate: Mon, 2 Mar 2026 10:00:00 +0000\nMessage-ID: <x%d@sender.org>\nSubject: hello\n\n"
        "see http://www.shop.com/x\n")
SETTINGS = """local_domains: [me.org]
lists:
  - {like: spamhaus_zen, per_day: 10000}
  - spamhaus_dbl
  - {name: blocked, file: %s, ask: [client, link_domains], weight: 3, means: stands on our own list}
"""
ZEN = "zen.spamhaus.org"
tap = Tap("lists")
check = tap.check


def run(*args):
    done = subprocess.run([POSTERN, *args], stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=300)
    return done.returncode, done.stdout.decode(), done.stderr.decode()


def write(path, text):
    with open(path, "w") as f:
        f.write(text)
    return path


def zone(listed, zen_is=lambda name: None):
    """A DNS in which everything about the sender is in order, zen and dbl are well, and `listed` are in zen."""
    records = {"sender.org": [{"MX": [10, "mail.sender.org"]}], "mail.sender.org": [{"A": f"192.0.2.{i}"} for i in range(256)],
               "www.shop.com": [{"A": "198.51.100.80"}], f"2.0.0.127.{ZEN}": [{"A": "127.0.0.2"}], "dbltest.com.dbl.spamhaus.org": [{"A": "127.0.1.2"}]}
    for i in range(256):
        records[f"{i}.2.0.192.in-addr.arpa"] = [{"PTR": "mail.sender.org"}]
        answer = zen_is(i) or ("127.0.0.4" if i in listed else None)
        if answer:
            records[f"{i}.2.0.192.{ZEN}"] = answer if answer == "TIMEOUT" else [{"A": answer}]
    return records


def evidence(result):
    return {e["id"]: e for e in result["evidence"]}


def not_heard(result):
    return [u for u in result["unchecked"] if u["check"] == "listed"]


def main(tmp):
    blocked = write(f"{tmp}/blocked", "# ours\n192.0.2.9\nshop.com   # sells nothing\n!192.0.2.10\n")
    settings = write(f"{tmp}/settings.yaml", SETTINGS % blocked)
    paths = []
    for i in range(40):
        paths.append(write(f"{tmp}/{i:02d}.eml", MAIL % (i, i)))

    def scan(records, *more, files=paths[7:8]):
        where = write(f"{tmp}/zone.json", json.dumps(records))
        status, out, err = run("scan", "--json", "--settings", settings, "--dns", where, *more, *files)
        return [json.loads(line) for line in out.splitlines()], err

    check(run("config", "test", settings)[0] == 0, "the settings and the file are right")
    shown = run("config", "show", settings)[1]
    check("{name: \"spamhaus_zen\"" in shown and "spamhaus_dbl" in shown and blocked in shown, "config show tells the lists", shown)
    again = write(f"{tmp}/again.yaml", "".join(line.split(":", 2)[2].strip() + "\n" for line in shown.splitlines()))
    check(run("config", "test", again)[0] == 0, "and what it tells reads back", run("config", "test", again)[2])
    check("catalogue" in run("config", "explain", "lists")[1], "config explain tells of them")

    results, err = scan(zone({7}))
    got = evidence(results[0])
    check(got.get("listed.client", {}).get("weight") == 2.5, "a listed machine weighs what its code says", got.keys())
    check("192.0.2.7, is on the list spamhaus_zen: is an infected or hijacked machine (XBL)" in got.get("listed.client", {}).get("says", ""),
          "and the sentence names address, list and meaning", got.get("listed.client"))
    check("shop.com, which is on the list blocked: stands on our own list: shop.com (line 3)" in got.get("listed.link_domain", {}).get("says", ""),
          "a local list names its line", got.get("listed.link_domain"))
    check(results[0]["verdict"] != "reject" and not not_heard(results[0]), "lists alone do not refuse", results[0]["verdict"])

    results, err = scan(zone(set()), files=paths[9:11])
    check("listed.client" in evidence(results[0]) and "listed.client" not in evidence(results[1]), "the local list holds addresses, and exceptions")

    results, err = scan(zone(set(), lambda i: "127.255.255.254"), "-j2", files=paths)
    check(len(results) == 40 and all(not any(e["says"].count("spamhaus_zen") for e in r["evidence"]) for r in results),
          "a list that refuses is no evidence")
    check(all(any("spamhaus_zen" in u["why"] for u in not_heard(r)) for r in results), "and each message says so")
    check(any("was not asked: it refuses to answer us" in u["why"] for r in results for u in not_heard(r)), "after the first, it is asked no more")

    world = zone(set(), lambda i: "127.0.0.2")
    world[f"1.0.0.127.{ZEN}"] = [{"A": "127.0.0.2"}]
    results, err = scan(world, "-j2", files=paths)
    check(all(not any("spamhaus_zen" in e["says"] for e in r["evidence"]) for r in results), "a list that lists the world is no evidence")
    check("lists a test address" in not_heard(results[0])[0]["why"], "and says why", not_heard(results[0]))

    results, err = scan(zone(set(), lambda i: "TIMEOUT"))
    check("timed out" in not_heard(results[0])[0]["why"], "a time-out is said", not_heard(results[0]))
    story = run("why", "--settings", settings, "--dns", f"{tmp}/zone.json", paths[7])[1]
    check("The list spamhaus_zen was not heard: its answer timed out" in story, "why tells it in words", story)

    write(blocked, "192.0.2.9\n192.0.2.300\n")
    status, out, err = run("scan", "--settings", settings, paths[9])
    check(status == 2 and f"{blocked}:2: this is no address" in err, "a damaged list is refused with file and line", err)
    check(run("config", "test", settings)[0] == 1, "config test finds it, too")
    os.remove(blocked)
    check(run("scan", "--settings", settings, paths[9])[0] == 2, "so is a missing one")

    nowhere = write(f"{tmp}/places.yaml", "network_database: /nowhere/location.db\n")
    status, out, err = run("why", "--settings", nowhere, paths[9])
    check(status == 2 and "/nowhere/location.db: cannot read" in err, "a location database that is named must be there", err)
    places = {f"192.0.2.{i}": [{"NETWORK": "AS64500 NZ 192.0.2.0/24 Example Networks"}] for i in range(256)}
    where = write(f"{tmp}/zone.json", json.dumps({**zone(set()), **places}))
    origin = json.loads(run("trace", "--json", "--dns", where, paths[9])[1])["origin"]
    check(origin.get("network") == {"as": 64500, "name": "Example Networks", "country": "NZ", "net": "192.0.2.0/24"}, "trace tells who runs the origin", origin)
    story = run("why", "--dns", where, paths[9])[1]
    check("Its address is run today by Example Networks (AS64500, NZ)." in story, "so does why", story)
    for record, says in [("AS0 NZ 192.0.2.0/24 ", "Its address is given out in NZ."), ("AS64500 -- 192.0.2.0/24 ", "by a network without a name (AS64500).")]:
        write(f"{tmp}/zone.json", json.dumps({**zone(set()), **{name: [{"NETWORK": record}] for name in places}}))
        story = run("why", "--dns", where, paths[9])[1]
        check(says in story, f"why tells {record!r} as far as it goes", story)


with tempfile.TemporaryDirectory() as tmp:
    main(tmp)
sys.exit(tap.end())
