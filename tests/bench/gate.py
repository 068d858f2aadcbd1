#!/usr/bin/env python3
"""tests/bench/gate.py BUILD [SECONDS] [refused|mixed|idle|latency...] - what the door costs, beside a bare loop and Postfix's postscreen.

refused: clients on a list of 10,000,000 addresses, each connection with a PROXY header of its own, against a program that accepts, reads that
header, says 554 and closes, and against postscreen with a static deny list, in turns; connections a CPU second of the process at the door.
mixed: 95 % refused, 5 % bring messages of the development corpus, through the judge to a sink. idle: memory of the front for a greeted
connection, as many as this user may open (100,000 take 200,200). latency: from `postern lists add` to the first refusal.
The machine's load is printed: compare ratios of one run, not figures of two."""
import json, os, resource, socket, subprocess, sys, tempfile, time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.dirname(HERE))
from peers import messages, postfix, process
from peers.postern import Serve

LISTED = 10_000_000
TURNS = 3
POSTSCREEN = """
127.0.0.1:{port} inet n - n - 1 postscreen
smtpd pass - - n - - smtpd
postlog unix-dgram n - n - 1 postlogd
"""


class Bench:
    def __init__(self, build, seconds):
        self.build, self.seconds = build, seconds
        self.load = os.path.join(build, "tests/bench/gate_load")
        self.postern = os.path.join(build, "src", "postern")

    def knock(self, port, connections=128, seconds=None, *more):
        done = subprocess.run([self.load, "knock", str(port), str(connections), str(seconds or self.seconds), str(LISTED), *map(str, more)],
                              stdout=subprocess.PIPE, check=True)
        return json.loads(done.stdout)

    def server(self, what):
        server = subprocess.Popen([self.load, what], stdout=subprocess.PIPE, text=True)
        return server, int(server.stdout.readline())

    def list(self, folder):
        plain, made = os.path.join(folder, "plain"), os.path.join(folder, "block.set")
        with open(plain, "w") as f:
            subprocess.run([self.load, "list", str(LISTED)], stdout=f, check=True)
        begin = time.monotonic()
        subprocess.run([self.postern, "lists", "build", "-o", made, plain], check=True, stdout=subprocess.DEVNULL)
        print(f"list: {LISTED:,} addresses, {os.path.getsize(made) / 1e6:.0f} MB, read and built in {time.monotonic() - begin:.1f} s")
        os.unlink(plain)
        os.chmod(made, 0o644)
        os.chmod(folder, 0o755)
        return made

    def door(self, made, hop, **settings):
        self.port = process.free_port()
        return Serve(self.postern, listen_smtp=[f"127.0.0.1:{self.port}"], next_hop=f"127.0.0.1:{hop}", proxy_protocol_from=["127.0.0.0/8"],
                     **dict(dict(resolver="none", block_addresses=[made], workers=1), **settings))


def ready(bench, seconds=30):
    """The list is mapped: whoever is on it is refused."""
    process.wait_for("the list is not in use", lambda: bench.knock(bench.port, 1, 0.2)["refused"], seconds)


class Postscreen(postfix.Postfix):
    """One process in front, every address of the range that knocks is denied by a table, and dropped at once."""

    def __init__(self):
        super().__init__("", 25, settings="\npostscreen_upstream_proxy_protocol = haproxy\npostscreen_blacklist_action = drop\npostscreen_greet_action = ignore\n"
                         "postscreen_cache_map =\npostscreen_access_list = cidr:{etc}/deny\npostscreen_watchdog_timeout = 1000s\n")
        self.write("etc/main.cf", open(os.path.join(self.tmp, "etc/main.cf")).read().replace("{etc}", os.path.join(self.tmp, "etc")))
        self.write("etc/deny", "0.0.0.0/0 reject\n")
        self.write("etc/master.cf", POSTSCREEN.format(port=self.port))

    def ready(self):
        return banner_of(self.port)

    def daemons(self, *names):
        """Daemons of Postfix leave the session of their master: by parent and name."""
        found = []
        for pid in filter(str.isdigit, os.listdir("/proc")):
            try:
                with open(f"/proc/{pid}/stat") as f:
                    name, fields = f.read().partition("(")[2].rpartition(")")[::2]
            except OSError:
                continue
            if name in names and int(fields.split()[1]) == self.process.pid:
                found.append(int(pid))
        return found


def banner_of(port):
    with socket.create_connection(("127.0.0.1", port), timeout=5) as s:
        s.sendall(b"\r\n\r\n\0\r\nQUIT\n\x21\x11\0\x0c" + bytes([192, 0, 2, 1, 127, 0, 0, 1, 0, 80, 0, 25]))
        return s.recv(64)[:1] == b"5"


def turn(bench, port, groups):
    """Connections a CPU second of each group of processes."""
    before = {name: process.cpu_seconds(pids) for name, pids in groups.items()}
    found = bench.knock(port)
    if found["broken"]:
        print(f"  {', '.join(groups)}: {found['broken']} connections ended without a refusal")
    return {name: found["refused"] / max(process.cpu_seconds(pids) - before[name], 0.01) for name, pids in groups.items()}


def refused(bench, made):
    bare, bare_port = bench.server("bare")
    found = {}
    try:
        with bench.door(made, 9) as service:
            ready(bench)
            sides = [(bare_port, {"bare loop": [bare.pid]}), (bench.port, {"postern": service.roles()["front"]})]
            try:
                screen = Postscreen().start()
                bench.knock(screen.port, 8, 0.5)
                sides.append((screen.port, {"postscreen": screen.daemons("postscreen"), "and its log": screen.daemons("postscreen", "postlogd")}))
            except process.Unavailable as why:
                screen = None
                print(f"postscreen: not measured: {why}")
            try:
                for _ in range(TURNS):
                    for port, groups in sides:
                        for name, per_cpu in turn(bench, port, groups).items():
                            found.setdefault(name, []).append(per_cpu)
            finally:
                if screen:
                    screen.__exit__()
    finally:
        bare.kill()
        bare.wait()
    best = {name: sorted(turns)[len(turns) // 2] for name, turns in found.items()}
    for name, turns in found.items():
        print(f"refused, {name:<12} {best[name]:>10,.0f} connections a CPU second (turns: {', '.join(f'{per_cpu:,.0f}' for per_cpu in turns)})")
    ours = best["postern"]
    print(f"refused: postern : bare loop = {ours / best['bare loop']:.2f} (goal 0.85)" +
          (f", postern : postscreen = {ours / best['postscreen']:.1f} (goal 2), {ours / best['and its log']:.1f} with the daemon that writes its log" if "postscreen" in best else ""))


def mixed(bench, made):
    sink, sink_port = bench.server("sink")
    index = messages.index()
    try:
        with bench.door(made, sink_port, workers=1, connection_rate=0, connections_at_once=0, greet_delay=0) as service:
            ready(bench)
            bench.knock(bench.port, 200, 2, 5, index)
            roles = {**service.roles(), "sink": [sink.pid]}
            before = {role: process.cpu_seconds(pids) for role, pids in roles.items()}
            found = bench.knock(bench.port, 200, bench.seconds * 2, 5, index)
            used = {role: (process.cpu_seconds(pids) - before[role]) / found["seconds"] for role, pids in roles.items()}
    finally:
        sink.kill()
        sink.wait()
    judged = found["delivered"] + found["turned_away"]
    offered = found["refused"] + judged + found["put_off"]
    cores = sum(used.values()) + found["cpu"] / found["seconds"]
    print(f"mixed: {offered / found['seconds']:,.0f} connections/s offered (goal 24,700), {found['refused']:,} refused, {found['delivered']:,} delivered, "
          f"{found['turned_away']:,} refused as spam, {found['put_off']:,} put off, {found['broken']} broken")
    print("mixed: cores in use: " + ", ".join(f"{role} {share:.2f}" for role, share in used.items()) + f", load generator {found['cpu'] / found['seconds']:.2f}")
    service_share = sum(used.values()) - used["sink"]
    print(f"mixed: {offered / found['seconds'] / max(cores, 0.01) * 2:,.0f}/s were two cores free for all of it, "
          f"{offered / found['seconds'] / max(service_share, 0.01) * 2:,.0f}/s were they free for the service alone")


def idle(bench, made):
    limit = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    wanted = min(100_000, limit // 2 - 100)  # the front keeps half of its files for messages under way
    with bench.door(made, 9, connection_rate=0, connections_at_once=0, greet_delay=0) as service:
        ready(bench)
        front = service.roles()["front"]
        before = process.pss_bytes(front)
        held = subprocess.Popen([bench.load, "idle", str(bench.port), str(wanted)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        greeted = int(held.stdout.readline())
        grown = process.pss_bytes(front) - before
        held.stdin.close()
        held.wait()
    print(f"idle: {greeted:,} connections greeted (this user may open {limit:,} files): {grown / max(greeted, 1):,.0f} bytes each; the front has {before / 1e6:.0f} MB "
          f"without any, and would have {(before + 100_000 * grown / max(greeted, 1)) / 1e6:.0f} MB with 100,000 (goal 250)")


def latency(bench, made):
    with bench.door(made, 9) as service:
        ready(bench)
        times = []
        for n in range(10):
            address = bytes([198, 51, 100, n + 1])
            begin = time.monotonic()
            status, _, said = service.tool("lists", "add", ".".join(map(str, address)), "--class", "block", "--for", "1d", "--note", "bench")
            added = time.monotonic()
            while True:
                with socket.create_connection(("127.0.0.1", bench.port), timeout=5) as s:
                    s.sendall(b"\r\n\r\n\0\r\nQUIT\n\x21\x11\0\x0c" + address + bytes([127, 0, 0, 1, 0, 80, 0, 25]))
                    answer = s.recv(64)
                if answer[:1] == b"5" or time.monotonic() - added > 5:
                    break
            times.append((time.monotonic() - begin, time.monotonic() - added))
            if status:
                print(f"latency: {said.strip()}")
                return
    print(f"latency: from the call of `postern lists add` to a refusal at the door {max(t[0] for t in times) * 1000:.0f} ms at most of {len(times)}; "
          f"from its end {max(t[1] for t in times) * 1000:.1f} ms (goal 100)")


def main():
    build, rest = os.path.abspath(sys.argv[1]), sys.argv[2:]
    seconds = float(rest.pop(0)) if rest and rest[0].replace(".", "").isdigit() else 5
    bench = Bench(build, seconds)
    print(f"load before: {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores")
    with tempfile.TemporaryDirectory() as folder:
        made = bench.list(folder)
        for part in (refused, mixed, idle, latency):
            if not rest or part.__name__ in rest:
                part(bench, made)
    print(f"load after: {os.getloadavg()[0]:.1f}")
    return 0


sys.exit(main())
