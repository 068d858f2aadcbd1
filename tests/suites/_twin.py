"""A real server and the trap are asked the same, line by line; what they say is held side by side.

A script has parts, a connection each, parted by "--"; a line is a command, with \\r\\n and \\x00 for what a line cannot hold; "3>" before
it says that three replies are due. Who hangs up is not asked any more."""
import contextlib, os, re, socket, subprocess

POSTERN = os.path.abspath(os.environ.get("POSTERN", "build/postern"))
TALK = os.path.join(os.path.dirname(POSTERN), "../tests/trap_talk")
CLOSED = ["(hangs up)"]


def reply_of(file):
    lines = []
    while True:
        try:
            line = file.readline()
        except ConnectionError:
            line = b""
        lines += [line.decode("latin-1").rstrip("\r\n")] if line else []
        if line[3:4] != b"-":
            return lines or CLOSED


def say(send, file, command):
    due, text = (command[0], command[2:]) if re.match(r"\d>", command) else ("1", command)
    with contextlib.suppress(OSError):
        send(text.encode().decode("unicode_escape").encode("latin-1") + b"\r\n")
    return [line for _ in range(int(due)) for line in reply_of(file)]


def talk(connect, script, hello=None):
    """(part, command, reply lines) of the whole script."""
    told = []
    for n, part in enumerate(script.split("\n--\n")):
        with connect() as (send, file):
            told.append((n, "", reply_of(file)))
            for command in ([hello] if hello else []) + part.strip("\n").split("\n"):
                told.append((n, command, say(send, file, command)))
                if told[-1][2] == CLOSED:
                    break
    return told


def of_server(port, script, hello=None):
    @contextlib.contextmanager
    def connect():
        with socket.create_connection(("127.0.0.1", port), 30) as s:
            yield s.sendall, s.makefile("rb")
    return talk(connect, script, hello)


def of_trap(personality, script, hello=None):
    @contextlib.contextmanager
    def connect():
        with subprocess.Popen([TALK, personality, "mx.example.org"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, bufsize=0) as p:
            with os.fdopen(os.dup(p.stdout.fileno()), "rb") as file:
                yield p.stdin.write, file
            with contextlib.suppress(OSError):
                p.stdin.close()
    return talk(connect, script, hello)


def compare(tap, real, ours, plain, known):
    """plain takes names, times and ids out of reply lines; known: what differs and may, by command."""
    tap.check([told[:2] for told in real] == [told[:2] for told in ours], f"both are asked {len(real)} times",
              (len(real), len(ours), next((pair for pair in zip(real, ours) if pair[0][:2] != pair[1][:2]), None)))
    differ = {command or "greeting": (plain(a), plain(b)) for (_, command, a), (_, _, b) in zip(real, ours) if plain(a) != plain(b)}
    tap.check(differ == known, f"all replies but {len(known)} are the real server's", "".join(f"\n# {c!r}\n#   {a}\n#   {b}" for c, (a, b) in differ.items()
                                                                                              if known.get(c) != (a, b)))
