#!/usr/bin/env python3
"""tests/suites/address_lists.py - postern lists as a user drives it: build from every format, add, remove, look, export, and what it refuses."""
import json, os, subprocess, sys, tempfile

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from _tap import Tap

POSTERN = os.environ["POSTERN"]
tap = Tap("address_lists")
folder = tempfile.TemporaryDirectory()
data = os.path.join(folder.name, "data")


def file(name, text):
    path = os.path.join(folder.name, name)
    with open(path, "w") as f:
        f.write(text)
    return path


def lists(*arguments, stdin=""):
    done = subprocess.run([POSTERN, "lists", *arguments], input=stdin, capture_output=True, text=True)
    return done.returncode, done.stdout, done.stderr


def main():
    block, allow = os.path.join(folder.name, "block.set"), os.path.join(folder.name, "allow.set")
    own = file("own.txt", "192.0.2.0/24\n!192.0.2.128/25 # rented out\n198.51.100.1-198.51.100.3 scan\n2001:db8::/32\n")
    more = file("more.txt", "203.0.113.7\n")
    status, out, err = lists("build", "-o", block, own, "trap=" + more)
    tap.check(status == 0 and out.startswith(block + ": 6 networks and addresses in "), f"build from two files {out}{err}")
    status, out, err = lists("build", "--json", "--format", "drop", "--class", "partners", "-o", allow, "-", stdin="; x\n192.0.2.7 ; SBL1\n")
    tap.check(status == 0 and json.loads(out)["entries"] == 1, f"build of DROP's text from standard input {out}{err}")
    settings = file("s.yaml", f"block_addresses: [\"{block}\"]\nallow_addresses: [\"{allow}\"]\ndata_directory: {data}\n")
    at = ("--settings", settings)

    def look(address):
        status, out, err = lists("look", "--json", *at, address)
        found = json.loads(out) if out else {}
        return status, found.get("action"), found.get("network"), found.get("class")

    cases = [("192.0.2.1", (0, "block", "192.0.2.0/24", "block")), ("192.0.2.200", (1, None, None, None)), ("192.0.2.7", (0, "allow", "192.0.2.7", "partners")),
             ("198.51.100.3", (0, "block", "198.51.100.2/31", "scan")), ("2001:db8::1", (0, "block", "2001:db8::/32", "block")),
             ("203.0.113.7", (0, "block", "203.0.113.7", "trap")), ("203.0.113.8", (1, None, None, None))]
    for address, want in cases:
        tap.check(look(address) == want, f"look {address}: {look(address)}")
    status, out, err = lists("add", *at, "--for", "7d", "--note", "scans us", "--class", "scan", "203.0.113.0/24")
    tap.check(status == 0 and look("203.0.113.8") == (0, "block", "203.0.113.0/24", "scan"), f"add holds at once {err}")
    status, out, err = lists("look", *at, "203.0.113.8")
    tap.check("block, as 203.0.113.0/24 of class scan in the live set, since " in out and "until " in out and out.endswith(": scans us\n"), f"look says it in words: {out}")
    status, out, err = lists("export", *at)
    exported = file("exported.txt", out)
    again = os.path.join(folder.name, "again.set")
    tap.check(lists("build", "-o", again, exported)[0] == 0, "what export writes, build reads")
    tap.check("192.0.2.128" not in out and "192.0.2.7 partners\n" in out and "192.0.2.0/30 block\n" in out, "exceptions and allowed addresses are cut out")
    status, out, err = lists("export", "--format", "postscreen", *at)
    tap.check("192.0.2.7 permit\n" in out and "2001:db8::/32 reject\n" in out, "export for postscreen")
    status, out, err = lists("export", "--format", "nftables", *at)
    tap.check("\tset block4 { type ipv4_addr; flags interval, timeout; }\n" in out and "add element inet postern allow4 { 192.0.2.7 }\n" in out
           and "add element inet postern block4 { 192.0.2.8-192.0.2.127 }\n" in out, "export for nftables")
    tap.check(any(line.startswith("add element inet postern block4 { 203.0.113.8-203.0.113.255 timeout 60") for line in out.splitlines()), "with the time that is left")
    status, out, err = lists("export", "--json", *at)
    tap.check(all(json.loads(line)["action"] in ("block", "allow") for line in out.splitlines()), "export as JSON")
    tap.check(lists("remove", *at, "203.0.113.0/24")[0] == 0 and look("203.0.113.8")[0] == 1 and look("203.0.113.7")[0] == 0, "remove from the live set")
    tap.check(lists("remove", *at, "203.0.113.7")[0] == 0 and look("203.0.113.7")[0] == 1, "remove hides what a file lists")
    tap.check(lists("add", *at, "--class", "allow", "203.0.113.7")[0] == 0 and look("203.0.113.7")[1] == "allow", "an entry of class allow allows")
    status, out, err = lists("remove", *at, "8.8.8.8")
    tap.check(status == 1 and err == "postern: 8.8.8.8 was not listed\n", f"remove of what is not listed {err}")

    before = open(block, "rb").read()
    bad = file("bad.txt", "192.0.2.1\nexample.org\n")
    status, out, err = lists("build", "-o", block, bad)
    tap.check(status == 2 and err.startswith(f"postern: {bad}:2: this is no address and no network"), f"a line that is not understood: {err}")
    tap.check(open(block, "rb").read() == before and os.listdir(folder.name).count("block.set") == 1, "what stood there stays")
    with open(block, "r+b") as f:
        f.seek(len(before) // 2)
        f.write(b"\xff\xfe\xfd")
    status, out, err = lists("look", *at, "192.0.2.1")
    tap.check(status == 2 and err == f"postern: {block}: is damaged: its checksum is wrong\n", f"a damaged file is refused: {err}")
    for arguments, words in [((), "lists needs to know what to do first"), (("buld",), "did you mean `postern lists build`?"), (("build", own), "lists build needs lists to read"),
                             (("build", "-o", again), "lists build needs lists to read"), (("build", "-o", again, "--format", "cdb", own), "not \"cdb\""),
                             (("build", "-o", again, "/nonexistent"), "cannot be read"), (("build", "-o", "/nonexistent/x", own), "cannot be written"),
                             (("add", "--data", data), "needs an address"), (("add", "--data", data, "example.org"), "is no address and no network"),
                             (("add", "--data", data, "--class", "no ne", "10.0.0.1"), "--class needs letters"), (("add", "--for", "soon", "10.0.0.1"), "--for needs a time"),
                             (("add", "--note", "x" * 65, "10.0.0.1"), "--note takes at most 64 bytes"), (("look", "--data", data, "10/8"), "is no address"),
                             (("look",), "needs an address"), (("export", "x"), "takes no arguments"), (("export", "--format", "bind"), "not \"bind\"")]:
        status, out, err = lists(*arguments)
        tap.check(status == 2 and words in err, f"lists {' '.join(arguments)[:40]}: {err}")


main()
folder.cleanup()
sys.exit(tap.end())
