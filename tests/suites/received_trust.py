"""tests/suites/received_trust.py - the trust paths of ../shared/suites/received through `postern trace --json`.

A case gives settings and headers, then the trusted and the untrusted relays in order. Their warning lines (Lint-Error, Netset-Warn,
Patricia-Failure) are about how they store networks and are left out; "!x!" is their spelling of the literal "[x]". With no network set
the relays inside the newest host's organisation would be trusted here as well; no case shows that."""
import ipaddress, json, os, re, subprocess, sys, tempfile

from _tap import Tap

SUITE = os.path.join(os.environ["POSTERN_ROOT"], "..", "shared", "suites", "received", "sa_trust_path.jsonl")
DIFFERS = {}  # id -> reason
RELAY = re.compile(r"\[ ip=(\S*) rdns=(\S*) helo=(\S*) by=(\S*) ident=(\S*) envfrom=(\S*) intl=(\d) id=(\S*) auth=(\S*) msa=(\d) \]")
NETWORKS = ("trusted_networks", "internal_networks", "msa_networks")
tap = Tap("received_trust")


def wanted(expect):
    relays = []
    for line in expect.splitlines():
        for m in RELAY.finditer(line):
            ip, rdns, helo, by, ident, envfrom, intl, id_, auth, msa = m.groups()
            relays.append((str(ipaddress.ip_address(ip)), rdns, helo, by, ident, envfrom, id_, auth, line.startswith("Trusted"), intl == "1", msa == "1"))
    return relays


def seen(trace):
    relays = []
    for hop in trace["hops"]:
        who = hop["from"]
        if not who["ip"]:
            continue
        text = lambda v: v or ""
        relays.append((str(ipaddress.ip_address(who["ip"])), text(who["rdns"]), text(who["helo"]), text(hop["by"]), text(hop["ident"]), text(hop["envfrom"]),
                       text(hop["id"]), text(hop["auth"]), hop["trusted"], hop["internal"], hop["msa"]))
    return relays


def trace(case, folder):
    settings, headers = [], []
    for line in case["input"].splitlines():
        words = line.split()
        if not headers and words and words[0] in NETWORKS:
            settings.append(words[0] + ": [" + ", ".join('"%s"' % w for w in words[1:]) + "]\n")
        else:
            headers.append((line.strip() if not headers or re.match(r"\s*[A-Za-z-]+: ", line) else "\t" + line.strip()) + "\n")
    message, config = os.path.join(folder, "message"), os.path.join(folder, "settings.yaml")
    open(message, "w").write("".join(headers).lstrip() + "From: a@example.org\n\nhello\n")
    open(config, "w").write("".join(settings) or "{}\n")
    done = subprocess.run([os.environ["POSTERN"], "trace", "--json"] + (["--settings", config] if settings else []) + [message],
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    return json.loads(done.stdout)


def main():
    if not os.path.exists(SUITE):
        tap.skip(tap.name, "no ../shared")
        return tap.end()
    with tempfile.TemporaryDirectory() as folder:
        for line in open(SUITE, encoding="utf-8"):
            case = json.loads(line)
            want, got = wanted(case["expect"]), seen(trace(case, folder))
            good = want == got or case["id"] in DIFFERS
            if not good:
                print(f"# is     {got}\n# should {want}")
            tap.check(good, case["id"])
    return tap.end()


sys.exit(main())
