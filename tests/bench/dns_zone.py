#!/usr/bin/env python3
"""tests/bench/dns_zone.py BUILD [SECONDS] - answers of the DNS zone of `postern serve`, beside rbldnsd with the same list, in turns.

1,000,000 addresses; every second question is about one of them. What counts is answers a CPU second of the process that answers: the one that
asks needs the rest of the machine. Neither limits its clients here. Beside them a bare loop that sends each question back in the same batches,
and decides nothing: what is left of its figure is what a server of the DNS can be faster than another. The machine's load is printed: compare ratios of one run, not figures of two."""
import json, os, subprocess, sys, tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.dirname(HERE))
from peers import process
from peers.postern import Serve

LISTED = 1_000_000
TURNS = 5
WINDOW = 256  # questions under way
ZONE = "bl.example.org"


class Rbldnsd(process.Peer):
    """Its fastest kind of list for single addresses (rbldnsd(8)), and its general one."""
    name = "rbldnsd"

    def __init__(self, plain, kind, asks):
        super().__init__()
        self.port, self.asks = process.free_port(), asks
        self.zone = f"{ZONE}:{kind}:{plain}"

    def command(self):
        return [process.path("usr/sbin/rbldnsd"), "-n", "-f", "-c", "0", "-u", "nobody", "-b", f"127.0.0.1/{self.port}", self.zone]

    def ready(self):
        return self.asks(self.port, 0.1, 1)["answered"] > 0


class Echo(process.Peer):
    """Sends back what it gets."""
    name = "echo"

    def __init__(self, load, asks):
        super().__init__()
        self.port, self.load, self.asks = process.free_port(), load, asks

    def command(self):
        return [self.load, "echo", str(self.port)]

    def ready(self):
        return self.asks(self.port, 0.1, 1)["answered"] > 0


def cpu_seconds(pids):
    """As the scheduler counts it, to the nanosecond: a turn may be no more than twenty ticks."""
    total = 0
    for pid in pids:
        for task in os.listdir(f"/proc/{pid}/task"):
            with open(f"/proc/{pid}/task/{task}/schedstat") as f:
                total += int(f.read().split()[0])
    return total / 1e9


def main():
    build = os.path.abspath(sys.argv[1])
    seconds = float(sys.argv[2]) if len(sys.argv) > 2 else 3
    load, postern = os.path.join(build, "tests/bench/dns_zone_load"), os.path.join(build, "src", "postern")

    def asks(port, seconds=seconds, window=WINDOW):
        done = subprocess.run([load, "ask", str(port), ZONE, str(seconds), str(LISTED), str(window)], stdout=subprocess.PIPE, check=True)
        return json.loads(done.stdout)

    def turn(port, pids):
        before = cpu_seconds(pids)
        found = asks(port)
        return dict(found, per_cpu=found["answered"] / max(cpu_seconds(pids) - before, 1e-3))

    print(f"load before: {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores")
    with tempfile.TemporaryDirectory() as folder:
        os.chmod(folder, 0o755)
        plain, made = os.path.join(folder, "plain"), os.path.join(folder, "block.set")
        with open(plain, "w") as f:
            subprocess.run([load, "list", str(LISTED)], stdout=f, check=True)
        subprocess.run([postern, "lists", "build", "-o", made, plain], check=True, stdout=subprocess.DEVNULL)
        os.chmod(made, 0o644)
        port = process.free_port()
        peers, found = [], {}
        with Serve(postern, resolver="none", listen_dns=[f"127.0.0.1:{port}"], dns_zone=ZONE, dns_zone_rate=0, block_addresses=[made], workers=1) as service:
            process.wait_for("the list is not in use", lambda: asks(port, 0.1, 8)["wrong"] == 0, 30)
            sides = [("postern", port, service.roles()["front"])]
            try:
                for kind in ("ip4tset", "ip4trie"):
                    peer = Rbldnsd(plain, kind, asks).start()
                    peers.append(peer)
                    sides.append((f"rbldnsd {kind}", peer.port, peer.pids()))
            except (process.Unavailable, FileNotFoundError) as why:
                print(f"rbldnsd: not measured: {why}")
            echo = Echo(load, asks).start()
            peers.append(echo)
            sides.append(("bare echo", echo.port, echo.pids()))
            try:
                for _ in range(TURNS):
                    for name, at, pids in sides:
                        found.setdefault(name, []).append(turn(at, pids))
            finally:
                for peer in peers:
                    peer.__exit__()
    middle = {name: sorted(t["per_cpu"] for t in turns)[len(turns) // 2] for name, turns in found.items()}
    for name, turns in found.items():
        rate = sorted(t["answered"] / t["seconds"] for t in turns)[len(turns) // 2]
        each = ", ".join(f"{t['per_cpu']:,.0f}" for t in turns)
        lost, wrong = (sum(t[what] for t in turns) for what in ("lost", "wrong"))
        if name == "bare echo":
            wrong = 0
        print(f"DNS zone, {name:<16} {middle[name]:>9,.0f} answers a CPU second, {rate:>9,.0f}/s (turns: {each}); lost {lost:,}, wrong {wrong:,}")
    others = [n for name, n in middle.items() if name.startswith("rbldnsd")]
    if others:
        print(f"DNS zone: bare echo : rbldnsd at its best = {middle['bare echo'] / max(others):.2f}, postern : bare echo = {middle['postern'] / middle['bare echo']:.2f}")
        print(f"DNS zone: postern : rbldnsd at its best = {middle['postern'] / max(others):.2f} (goal 1.5)")
    print(f"load after: {os.getloadavg()[0]:.1f}")
    return 0


sys.exit(main())
