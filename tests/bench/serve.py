#!/usr/bin/env python3
"""tests/bench/serve.py BUILD [SECONDS] [postern|rspamd|spamd...] - the service beside rspamd 3.4 and SpamAssassin 4: same messages, same machine.

2,000 messages of the development corpus (or the samples), up to 256 kB each, sent by serve_load through each door: first as fast as they are
answered, then at half that rate for the times. Modules that ask the network are off everywhere, and every side has one worker process.
A message per CPU second counts all processes of the service, and so does memory: their proportional shares (PSS), at the end.
Prints a table, and behind it what each side checked. Where the peers cannot be fetched only postern is measured, and that is said."""
import json, os, re, subprocess, sys, tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.dirname(HERE))
from peers import messages, postern, process, rspamd, spamassassin

MESSAGES, LARGEST = 2000, 256 * 1024
COLUMNS = "%-24s %10s %12s %9s %9s %9s %9s %8s"


def messages_of(folder):
    """An index of messages for all, evenly from the corpus."""
    source = messages.index()
    with open(source, encoding="utf-8", errors="surrogateescape") as f:
        rows = [line.rstrip("\n").split(" ", 1) for line in f if line.strip()]
    rows = [(label, os.path.join(os.path.dirname(source), name)) for label, name in rows]
    rows = [row for row in rows if os.path.getsize(row[1]) <= LARGEST]
    step = max(1, len(rows) // MESSAGES)
    where = os.path.join(folder, "index")
    with open(where, "w", encoding="utf-8", errors="surrogateescape") as f:
        for label, name in rows[::step][:MESSAGES]:
            f.write(f"{label} {os.path.relpath(name, folder)}\n")
    return where


def load(build, protocol, port, connections, seconds, rate, index):
    done = subprocess.run([os.path.join(build, "tests/bench/serve_load"), protocol, str(port), str(connections), str(seconds), str(rate), index],
                          stdout=subprocess.PIPE, check=True)
    return json.loads(done.stdout)


def measure(build, name, service, protocol, port, seconds, index, connections=8):
    def used():
        return process.cpu_seconds(service.pids())
    load(build, protocol, port, connections, 2, 0, index)  # caches, heaps and page tables of the service
    before = used()
    full = load(build, protocol, port, connections, seconds, 0, index)
    # The first second of a run is not in its count, but in the CPU time.
    per_cpu = full["messages"] * (full["seconds"] + 1) / full["seconds"] / max(used() - before, 0.01)
    rate = full["messages"] / full["seconds"]
    half = load(build, protocol, port, 4 * connections, seconds, rate / 2, index)
    memory = process.pss_bytes(service.pids()) / 1e6
    failed = full["failed"] + half["failed"]
    print(COLUMNS % (name, f"{rate:,.0f}", f"{per_cpu:,.0f}", f"{half['p50'] / 1000:.2f}", f"{half['p99'] / 1000:.2f}", f"{half['max'] / 1000:.2f}", f"{memory:.0f}",
                     failed or ""), flush=True)
    return dict(rate=rate, per_cpu=per_cpu, p50=half["p50"], p99=half["p99"], memory=memory, failed=failed)


def measure_rspamd(build, seconds, index, checked):
    with rspamd.Rspamd() as service:
        found = {"http": measure(build, "rspamd /checkv2", service, "http", service.port, seconds, index),
                 "milter": measure(build, "rspamd milter", service, "milter", service.milter, seconds, index)}
        status, text = rspamd.Rspamc(service.controller).get("/symbols")
        symbols = [rule["symbol"] for group in json.loads(text) for rule in group["rules"]] if status == 200 else []
        checked["rspamd"] = f"{len(symbols)} symbols of its shipped modules; off: " + ", ".join(rspamd.NETWORK)
    return found


def measure_spamd(build, seconds, index, checked):
    with spamassassin.Spamd(children=1) as service:
        found = {"spamd": measure(build, "SpamAssassin spamd", service, "spamd", service.port, seconds, index, connections=1)}
        rules = set()
        for folder, _, files in os.walk(process.path("usr/share/spamassassin")):
            for name in files:
                with open(os.path.join(folder, name), errors="replace") as f:
                    rules.update(re.findall(r"(?m)^\s*(?:header|body|rawbody|full|uri|meta|mimeheader)\s+([A-Z]\w+)", f.read()))
        checked["spamd"] = f"{len(rules)} rules of its package, --local: no DNS, no Bayes"
    return found


def measure_postern(build, seconds, index, checked):
    with postern.Serve(os.path.join(build, "src", "postern"), workers=1, resolver="none") as service:
        found = {protocol: measure(build, f"postern {what}", service, protocol, service.ports[protocol], seconds, index)
                 for protocol, what in (("http", "/checkv2"), ("milter", "milter"), ("spamd", "spamd"))}
        listed = subprocess.run([service.binary, "checks"], stdout=subprocess.PIPE, text=True).stdout
        kinds = re.findall(r"(?m)^ +[+-]\d+\.\d+ ", listed)
        checked["postern"] = f"{len(kinds)} kinds of evidence (`postern checks`), and the shipped model; off: everything that asks the DNS"
    return found


def main():
    build, rest = os.path.abspath(sys.argv[1]), sys.argv[2:]
    seconds = float(rest.pop(0)) if rest and re.fullmatch(r"[\d.]+", rest[0]) else 10
    parts, found, checked = {"rspamd": measure_rspamd, "spamd": measure_spamd, "postern": measure_postern}, {}, {}
    print(COLUMNS % ("service", "messages/s", "a CPU second", "p50 ms", "p99 ms", "max ms", "PSS MB", "failed"))
    with tempfile.TemporaryDirectory() as folder:
        index = messages_of(folder)
        for name, part in parts.items():
            if not rest or name in rest:
                try:
                    found[name] = part(build, seconds, index, checked)
                except process.Unavailable as why:
                    print(f"{name}: not measured: {why}")
    for name, what in checked.items():
        print(f"{name} checked: {what}")
    if "rspamd" in found and "postern" in found:
        ours, theirs = found["postern"], found["rspamd"]
        print(f"a CPU second, postern : rspamd = {ours['http']['per_cpu'] / theirs['http']['per_cpu']:.1f} (HTTP, goal 8), "
              f"{ours['milter']['per_cpu'] / theirs['milter']['per_cpu']:.1f} (milter); p99 at half load {ours['http']['p99'] / 1000:.2f} ms (goal 5); "
              f"memory {ours['milter']['memory']:.0f} MB (goal 150)")
    return 0


sys.exit(main())
