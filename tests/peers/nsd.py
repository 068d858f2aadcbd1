"""Signed zones (ldns-signzone) and a name server for them (nsd), for the tests of DNSSEC."""
import os, shutil, subprocess
from peers import process


def tool(name, *args, cwd):
    done = subprocess.run([process.path("usr/bin", name), *args], cwd=cwd, env=process.environment(), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    if done.returncode:
        raise RuntimeError(f"{name}: {done.stderr.strip()}")
    return done.stdout.strip()


class Zone:
    """records are lines of a zone file, the SOA excepted. signed: with a key of its own; ds is then the record for its parent, or an anchor."""

    def __init__(self, folder, name, records, signed=True, expires=None):
        self.name, self.folder = name, folder
        self.file = os.path.join(folder, (name.strip(".") or "root") + ".zone")
        text = f"$ORIGIN {name}\n$TTL 300\n@ SOA ns.{name.lstrip('.')} hostmaster.{name.lstrip('.')} 1 3600 600 86400 60\n" + records
        with open(self.file, "w") as f:
            f.write(text)
        self.ds = None
        if signed:
            self.sign(expires)

    def sign(self, expires):
        key = tool("ldns-keygen", "-a", "ECDSAP256SHA256", "-k", self.name, cwd=self.folder)
        with open(os.path.join(self.folder, key + ".ds")) as f:
            self.ds = f.read().strip()
        span = ["-i", "20200101000000", "-e", expires] if expires else []
        tool("ldns-signzone", *span, "-f", self.file + ".signed", self.file, key, cwd=self.folder)
        self.file += ".signed"

    def change(self, what, into):
        """After it was signed: so somebody on the way would change it."""
        with open(self.file) as f:
            text = f.read()
        assert what in text, (what, text)
        with open(self.file, "w") as f:
            f.write(text.replace(what, into))

    def strip(self, owner, kind):
        """Without its signature."""
        with open(self.file) as f:
            lines = f.readlines()
        left = [line for line in lines if not (line.startswith(owner) and "\tRRSIG\t" + kind in line)]
        assert len(left) < len(lines), lines
        with open(self.file, "w") as f:
            f.writelines(left)


class Nsd(process.Peer):
    name = "nsd"

    def __init__(self, zones, addresses=("127.0.0.1",), port=None, **more):
        super().__init__(**more)
        self.port = port or process.free_port()
        self.address = f"{addresses[0]}@{self.port}"
        lines = ["server:", f"  port: {self.port}", "  username: \"\"", "  server-count: 1", f"  zonesdir: \"{self.tmp}\"", "  database: \"\"",
                 f"  pidfile: \"{self.tmp}/pid\"", f"  xfrdfile: \"{self.tmp}/xfrd\"", f"  zonelistfile: \"{self.tmp}/zones\"", "  do-ip6: no",
                 *[f"  ip-address: {a}" for a in addresses], "remote-control:", "  control-enable: no"]
        for zone in zones:
            lines += ["zone:", f"  name: {zone.name}", f"  zonefile: {shutil.copy(zone.file, self.tmp)}"]
        self.conf = os.path.join(self.tmp, "nsd.conf")
        with open(self.conf, "w") as f:
            f.write("\n".join(lines) + "\n")

    def command(self):
        return [process.path("usr/sbin/nsd"), "-d", "-c", self.conf]

    def ready(self):
        return process.banner(self.port, host=self.address.partition("@")[0])
