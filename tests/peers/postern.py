"""`postern serve` itself, on free ports with its data in a temporary folder, run as the peers are."""
import json, os, signal, subprocess
from peers.process import Peer, banner, children, closed_to_others, free_port


# With these the gate lets everybody pass at once: a test of something else is a client that no honest one is like.
OPEN_DOOR = dict({f"gate_{test}": "off" for test in ("early_talker", "early_pipelining", "bare_newline", "foreign_command", "foreign_bytes", "out_of_order",
                                                     "many_errors", "unknown_recipients", "helo_nonsense", "rate", "crowd", "greylist")}, greet_delay=0)


class Serve(Peer):
    """ports: {"milter", "spamd", "http"}. settings: more of them as keyword arguments, values as YAML (JSON) has them."""
    name = "serve"

    def __init__(self, binary=None, data=None, **settings):
        super().__init__()
        self.binary = os.path.abspath(binary or os.environ.get("POSTERN", "build/postern"))
        self.ports = {door: free_port() for door in ("milter", "spamd", "http")}
        self.data = data or os.path.join(self.tmp, "data")
        os.makedirs(self.data, exist_ok=True)
        self.settings = {f"listen_{door}": [f"127.0.0.1:{port}"] for door, port in self.ports.items()}
        self.settings.update(data_directory=self.data, hostname="mx.example.org", log="stderr")
        if os.getuid() == 0 and closed_to_others(self.binary):
            self.settings.update(user="root")  # nobody else may start the program there
        elif os.getuid() == 0:
            self.settings.update(user="nobody")
            os.chown(self.data, 65534, 65534)
            os.chown(self.tmp, 65534, 65534)
        self.settings.update(settings)
        self.configure()

    def configure(self, **changes):
        """Writes the settings file, changed; a running service reads it at SIGHUP."""
        self.settings.update(changes)
        self.file = self.write("postern.yaml", "".join(f"{key}: {json.dumps(value)}\n" for key, value in self.settings.items() if value is not None))
        os.chmod(self.file, 0o644)

    def environment(self):
        kept = {name: value for name, value in os.environ.items() if name.endswith("SAN_OPTIONS") or name == "PATH"}
        return dict(kept, XDG_DATA_HOME="/nonexistent", HOME="/nonexistent", LANG="C.UTF-8")

    def command(self):
        return [self.binary, "serve", "--settings", self.file]

    def ready(self):
        return all(banner(port) for port in self.ports.values())

    def reload(self):
        os.kill(self.process.pid, signal.SIGHUP)

    def roles(self):
        """{"front": [pid], "worker": [pid, ...], "keeper": [pid]} as the command lines tell."""
        found = {}
        for pid in children(self.process.pid):
            try:
                with open(f"/proc/{pid}/cmdline", "rb") as f:
                    words = f.read().decode().split("\0")
            except OSError:
                continue
            role = words[words.index("--role") + 1] if "--role" in words else "master"
            found.setdefault(role, []).append(pid)
        return found

    def tool(self, *args, message=None):
        """Another command of the same program with the same settings: (exit status, standard output, standard error)."""
        at = 2 if args[0] in ("quarantine", "learn", "config") and len(args) > 1 and not args[1].startswith("-") else 1
        done = subprocess.run([self.binary, *args[:at], "--settings", self.file, *args[at:]], input=message, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                              env=self.environment(), timeout=300)
        return done.returncode, done.stdout, done.stderr.decode("utf-8", "replace")
