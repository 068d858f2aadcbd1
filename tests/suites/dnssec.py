#!/usr/bin/env python3
"""dnssec.py - what signed zones prove: a good signature is an answer, a bad one is a look-up that failed, and the verdict says so.

The zones are signed by ldns-signzone and served by nsd (build/peers): once asked as somebody's resolver, and once walked down from the root, in a
network namespace of its own whose loopback has the addresses of the root servers."""
import json, os, subprocess, sys, tempfile, time

from _tap import Tap
from peers import process
from peers.nsd import Nsd, Zone

POSTERN = os.path.abspath(os.environ.get("POSTERN", "build/postern"))
ROOT_SERVERS = ["198.41.0.4", "170.247.170.2", "192.33.4.12", "199.7.91.13", "192.203.230.10", "192.5.5.241", "192.112.36.4", "198.97.190.53",
                "192.36.148.17", "192.58.128.30", "193.0.14.129", "199.7.83.42", "202.12.27.33", "199.9.14.201"]
RECORDS = "@ NS ns\n@ TXT \"v=spf1 ip4:192.0.2.7 -all\"\n@ MX 10 mx\n@ A 192.0.2.80\nns A 127.0.0.1\nmx A 192.0.2.25\n_dmarc TXT \"v=DMARC1; p=reject\"\n"


def settings(folder, text):
    path = os.path.join(folder, "settings.yaml")
    with open(path, "w") as f:
        f.write(text)
    return path


def mail(folder, domain):
    path = os.path.join(folder, domain + ".eml")
    with open(path, "w") as f:
        f.write(f"From: a@{domain}\nTo: b@here.example\nSubject: hello\n\nhello\n")
    return path


def auth(settings, domain):
    command = [POSTERN, "auth", "--json", "--settings", settings, "--ip", "192.0.2.7", "--helo", "mx." + domain, "--from", "a@" + domain]
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=120)
    try:
        return json.loads(done.stdout)["spf"]["mailfrom"]
    except (ValueError, KeyError):
        return done.stderr.decode("utf-8", "replace")


def scan(folder, settings, domain):
    command = [POSTERN, "scan", "--json", "--settings", settings, "--now", f"@{int(time.time())}", "--ip", "192.0.2.7", "--helo", "mx." + domain,
               "--from", "a@" + domain, mail(folder, domain)]
    return json.loads(subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=120).stdout)


def whys(judged):
    return " ".join(u["why"] for u in judged["unchecked"])


def make_zones(folder):
    changed = Zone(folder, "changed.example.", RECORDS)
    changed.change("ip4:192.0.2.7 -all", "ip4:192.0.2.0/24 ~all")
    stripped = Zone(folder, "stripped.example.", RECORDS)
    stripped.strip("stripped.example.", "TXT")
    return {
        "good": Zone(folder, "good.example.", RECORDS),
        "changed": changed,
        "stripped": stripped,
        "expired": Zone(folder, "expired.example.", RECORDS, expires="20200201000000"),
        "unsigned": Zone(folder, "unsigned.example.", RECORDS, signed=False),
    }


def judge_all(tap, folder, path, how):
    want = {"good": "pass", "changed": "temperror", "stripped": "temperror", "expired": "temperror", "unsigned": "pass"}
    said = {name: auth(path, name + ".example") for name in want}
    for name, result in want.items():
        tap.check(said[name] == result, f"{how}: the zone {name} gives {result}", said[name])
    judged = scan(folder, path, "changed.example")
    tap.check("failed at its name server" in whys(judged) and "changed.example" in whys(judged), f"{how}: what was forged stands under unchecked", judged["unchecked"])
    vouched = [e["id"] for e in judged["evidence"] if e["id"] == "authentication.vouched"]
    tap.check(not vouched, f"{how}: and vouches for nothing", judged["evidence"])
    judged = scan(folder, path, "good.example")
    tap.check("authentication.vouched" in [e["id"] for e in judged["evidence"]], f"{how}: a good signature vouches", judged)
    nowhere = auth(path, "nothing.good.example")
    tap.check(nowhere == "none", f"{how}: what is proved not to be there is not there", nowhere)


def forwarded(tap):
    with tempfile.TemporaryDirectory() as folder:
        zones = make_zones(folder)
        anchors = os.path.join(folder, "anchors")
        with open(anchors, "w") as f:
            f.writelines(zone.ds + "\n" for zone in zones.values() if zone.ds)
        with Nsd(zones.values()) as nsd:
            checked = settings(folder, f"resolver: [\"{nsd.address}\"]\ntrust_anchors: {anchors}\n")
            judge_all(tap, folder, checked, "asked as a resolver")
            believed = settings(folder, f"resolver: [\"{nsd.address}\"]\n")
            said = auth(believed, "changed.example")
            tap.check(said == "pass", "without anchors the resolver is believed", said)
            wrong = settings(folder, f"resolver: [\"{nsd.address}\"]\ntrust_anchors: /nowhere/anchors\n")
            judged = scan(folder, wrong, "good.example")
            tap.check("trust_anchors" in whys(judged), "a file of anchors that is not there is named", judged["unchecked"])


def from_the_root(tap):
    """In a network of its own, or not at all."""
    inside = subprocess.run(["unshare", "-rn", sys.executable, os.path.abspath(__file__), "inside"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                            env=dict(os.environ, POSTERN_PEERS=process.folder()))
    results = [line.split("\t") for line in inside.stdout.splitlines() if line.count("\t") == 2]
    if not results:
        raise process.Unavailable("no network namespace can be made here: " + (inside.stderr.strip().splitlines() or [""])[-1])
    for ok, what, detail in results:
        tap.check(ok == "ok", what, detail)
    tap.check(inside.returncode == 0, "all of it ran", inside.stderr[-2000:])


class Lines:
    def check(self, ok, what, detail=""):
        print("ok" if ok else "not ok", what, str(detail).replace("\t", " ").replace("\n", " "), sep="\t", flush=True)
        return ok


def inside():
    for command in [["ip", "link", "set", "lo", "up"], *(["ip", "address", "add", a + "/32", "dev", "lo"] for a in ROOT_SERVERS)]:
        subprocess.run(command, check=True)
    with tempfile.TemporaryDirectory() as folder:
        zones = make_zones(folder)
        server = ROOT_SERVERS[0]
        names = [zone.name.split(".")[0] for zone in zones.values()]
        example = Zone(folder, "example.", "@ NS ns\nns A " + server + "\n" + "".join(f"{n} NS ns\n" for n in names)
                       + "".join(zone.ds + "\n" for zone in zones.values() if zone.ds))
        letters = [f"{chr(ord('a') + i)}.root-servers.net." for i in range(13)]
        root = Zone(folder, ".", "".join(f"@ NS {n}\n{n} A {a}\n" for n, a in zip(letters, ROOT_SERVERS)) + f"example NS ns.example\nns.example A {server}\n{example.ds}\n")
        anchors = os.path.join(folder, "anchors")
        with open(anchors, "w") as f:
            f.write(root.ds + "\n")
        with Nsd([root, example, *zones.values()], ROOT_SERVERS, 53):
            path = settings(folder, f"resolver: recursive\ntrust_anchors: {anchors}\ndns_deadline: 20\n")
            judge_all(Lines(), folder, path, "from the root down")
            iana = settings(folder, "resolver: recursive\ndns_deadline: 5\n")
            said = auth(iana, "good.example")
            Lines().check(said == "temperror", "from the root down: a root that the real keys do not know is believed in nothing", said)


if sys.argv[1:] == ["inside"]:
    inside()
else:
    sys.exit(Tap("dnssec").run(forwarded, from_the_root))
