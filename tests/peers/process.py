"""Programs of other people, run from build/peers on the loopback and ended with the test, whatever happens.

A Peer is a context manager: entered, it has answered; left, it is gone with all its children. When it does not start, the exception
carries the end of its log. Nothing is registered with the system, and nothing outlives the test: children are found by their session."""
import os, shutil, signal, socket, subprocess, tempfile, time

ROOT = os.environ.get("POSTERN_ROOT") or os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))


class Unavailable(Exception):
    """Why the peers cannot be had here: the test is skipped with that reason."""


_folder = None


def closed_to_others(path):
    """The folder of path that other users may not pass, or None: mail servers started by root become other users."""
    path = os.path.realpath(path)
    while os.getuid() == 0 and path != "/":
        if os.path.isdir(path) and not os.stat(path).st_mode & 0o001:
            return path
        path = os.path.dirname(path)
    return None


def folder():
    """Where the peers are unpacked; fetched when they are not there yet."""
    global _folder
    if _folder is None:
        done = subprocess.run([os.path.join(ROOT, "tools", "fetch-peers")], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        if done.returncode:
            raise Unavailable(done.stderr.strip().removeprefix("tools/fetch-peers: ") or "tools/fetch-peers failed")
        closed = closed_to_others(done.stdout.strip())
        if closed:
            raise Unavailable(f"mail servers run as other users, who may not pass {closed}")
        _folder = done.stdout.strip()
    return _folder


def path(*parts):
    return os.path.join(folder(), *parts)


def perl_folders():
    machine = os.path.join("usr", "lib", os.uname().machine + "-linux-gnu")
    return [path("usr/share/perl5"), path(machine, "perl5/5.36"), path("usr/share/perl/5.36"), path(machine, "perl/5.36")]


def environment(**more):
    """What a program unpacked there needs to find its own, and nothing of the user's."""
    machine = os.path.join("usr", "lib", os.uname().machine + "-linux-gnu")
    libraries = [path(machine), path("usr/lib"), path("usr/lib/postfix"), path("usr/lib/rspamd")]
    return {"LD_LIBRARY_PATH": ":".join(libraries), "PERL5LIB": ":".join(perl_folders()), "PATH": "/usr/bin:/bin:/usr/sbin:/sbin", "LANG": "C.UTF-8", "LC_ALL": "C.UTF-8",
            "HOME": "/nonexistent", **more}


def free_port():
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def wait_for(what, condition, seconds=30, alive=None):
    """Until condition() is true; RuntimeError when it does not become so, or when alive() says that waiting is in vain."""
    latest = time.monotonic() + seconds
    while True:
        try:
            found = condition()
        except OSError:
            found = None
        if found:
            return found
        if time.monotonic() > latest or (alive and not alive()):
            raise RuntimeError(f"{what} in {seconds} s" if time.monotonic() > latest else f"{what}: it ended")
        time.sleep(0.02)


def banner(port, expect=b"", send=b"", host="127.0.0.1"):
    """True when a server at port says something that begins with expect (after send, if any)."""
    with socket.create_connection((host, port), timeout=5) as s:
        if send:
            s.sendall(send)
        return not expect or s.recv(64).startswith(expect)


def children(session):
    """Every living process of a session, by /proc: daemons that fork and change their parent stay in it."""
    for entry in os.listdir("/proc"):
        if entry.isdigit():
            try:
                with open(f"/proc/{entry}/stat") as f:
                    fields = f.read().rpartition(")")[2].split()
            except OSError:
                continue
            if int(fields[3]) == session and fields[0] != "Z":
                yield int(entry)


class Peer:
    """Subclasses give name and command(), and may override ready() and environment."""
    name = "peer"
    starts_in = 60

    def __init__(self, keep=None):
        self.tmp = tempfile.mkdtemp(prefix=f"postern-{self.name}-", dir=keep)
        os.chmod(self.tmp, 0o755)  # daemons that give up root must get in
        self.process = None
        self.log_path = os.path.join(self.tmp, "log")

    def command(self):
        raise NotImplementedError

    def environment(self):
        return environment()

    def ready(self):
        return True

    def start(self):
        with open(self.log_path, "ab") as log:
            self.process = subprocess.Popen(self.command(), env=self.environment(), stdin=subprocess.DEVNULL, stdout=log, stderr=log, cwd=self.tmp,
                                            start_new_session=True)
        try:
            wait_for(f"{self.name} does not answer", self.ready, self.starts_in, lambda: self.process.poll() is None)
        except RuntimeError as why:
            said = self.log()[-3000:]
            self.stop()
            raise RuntimeError(f"{why}\n{said}") from None
        return self

    def log(self):
        with open(self.log_path, errors="replace") as f:
            return f.read()

    def pids(self):
        return list(children(self.process.pid)) if self.process else []

    def stop(self, seconds=10):
        if not self.process:
            return
        session = self.process.pid
        if self.process.poll() is None:
            self.process.terminate()
        latest = time.monotonic() + seconds
        while time.monotonic() < latest and (self.process.poll() is None or list(children(session))):
            time.sleep(0.02)
        for pid in children(session):
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                pass
        self.process.wait()
        self.process = None

    def __enter__(self):
        try:
            return self.start()
        except BaseException:
            self.__exit__()
            raise

    def __exit__(self, *_):
        self.stop()
        shutil.rmtree(self.tmp, ignore_errors=True)

    def write(self, name, text):
        where = os.path.join(self.tmp, name)
        os.makedirs(os.path.dirname(where), exist_ok=True)
        with open(where, "wb" if isinstance(text, bytes) else "w") as f:
            f.write(text)
        return where


def cpu_seconds(pids):
    """User and system time of these processes so far, their waited-for children included."""
    ticks = 0
    for pid in pids:
        try:
            with open(f"/proc/{pid}/stat") as f:
                fields = f.read().rpartition(")")[2].split()
            ticks += sum(int(n) for n in fields[11:15])
        except OSError:
            pass
    return ticks / os.sysconf("SC_CLK_TCK")


def pss_bytes(pids):
    """Their proportional share of memory: pages that n of them share count 1/n each."""
    total = 0
    for pid in pids:
        try:
            with open(f"/proc/{pid}/smaps_rollup") as f:
                total += sum(int(line.split()[1]) * 1024 for line in f if line.startswith("Pss:"))
        except OSError:
            pass
    return total
