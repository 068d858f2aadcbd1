"""Mail to inject: from the development corpus when it is there, else the repository's samples; each with an envelope of its own.

Client and recipient come from the newest Received line, the sender from Return-Path, as if that server's work were done once more; both fields
are taken out, for the server that now receives the message writes its own. A field in front of all numbers the message."""
import collections, ipaddress, os, re, subprocess
from peers.process import ROOT

Envelope = collections.namedtuple("Envelope", "ip helo sender recipients")
Message = collections.namedtuple("Message", "number label source envelope bytes")

ID = "X-Load-Id"
PACK = os.path.join(ROOT, "..", "shared", "corpora", "dev-mail.tar.zst")
PLACES = [os.environ.get("POSTERN_CORPUS", ""), "/tmp/corpus", os.path.join(os.environ.get("TMPDIR", "/tmp"), "postern-dev-mail")]
FIELD = re.compile(rb"^([!-9;-~]+)[ \t]*:((?:.*\r?\n)(?:[ \t].*\r?\n)*)", re.M)
FROM_CLIENT = re.compile(rb"\Afrom\s+(\S+)\s+\([^)]*?\[(?:IPv6:)?([0-9A-Fa-f.:]+)\]", re.S)
ADDRESS = re.compile(rb"\A[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]+@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+\Z")


def index():
    """The list of the development corpus, unpacked outside the repository, or that of the samples."""
    for place in PLACES:
        if place and os.path.exists(os.path.join(place, "devpack.index")):
            return os.path.join(place, "devpack.index")
    if os.path.exists(PACK):
        place = PLACES[-1]
        os.makedirs(place, exist_ok=True)
        subprocess.run(["tar", "--zstd", "-xf", PACK, "-C", place], check=True)
        return os.path.join(place, "devpack.index")
    return os.path.join(ROOT, "samples", "samples.index")


def header_end(raw):
    at = re.search(rb"\A\r?\n|\n\r?\n", raw)
    return at.start() + 1 if at and at.start() else (0 if at else len(raw))


def address(text):
    found = re.search(rb"<([^<>\s]*)>", text)
    found = found.group(1) if found else text.strip()
    return found.decode() if ADDRESS.match(found) and len(found) < 250 else ""


def envelope(raw, number):
    """(envelope, message without the two fields it was read from)"""
    head, ip, helo, recipient, sender, cut = raw[:header_end(raw)], None, None, "", "", []
    for field in FIELD.finditer(head):
        name, value = field.group(1).lower(), field.group(2).strip()
        if name == b"return-path" and not sender:
            sender = address(value)
            cut.append(field.span())
        elif name == b"received" and ip is None:
            client = FROM_CLIENT.match(value)
            if not client:
                break
            try:
                ip = str(ipaddress.ip_address(client.group(2).decode()))
            except ValueError:
                break
            helo = client.group(1).decode("latin-1")
            found = re.search(rb"\sfor\s+(<[^>]*>)", value)
            recipient = address(found.group(1)) if found else ""
            cut.append(field.span())
            break
    for begin, end in reversed(sorted(cut)):
        raw = raw[:begin] + raw[end:]
    if not helo or not re.fullmatch(r"[A-Za-z0-9.\-\[\]:_]{1,200}", helo):
        helo = "client.example"
    return Envelope(ip or f"198.51.100.{number % 254 + 1}", helo, sender, (recipient or f"user{number % 50}@example.net",)), raw


def take(count, start=0):
    """count messages, evenly from the whole list; when it is shorter they come round again, each with a number of its own."""
    where = index()
    with open(where, encoding="utf-8", errors="surrogateescape") as f:
        rows = [line.rstrip("\n").split(" ", 1) for line in f if line.strip()]
    step = len(rows) / count if count < len(rows) else 1
    for n in range(start, start + count):
        label, name = rows[int(n * step) % len(rows)]
        with open(os.path.join(os.path.dirname(where), name), "rb") as f:
            raw = f.read()
        if raw.startswith(b"From "):
            raw = raw[raw.find(b"\n") + 1:]
        sent, raw = envelope(re.sub(rb"\r+\n", b"\n", raw), n)  # as many CRs as stand before a LF: every mail server takes them away
        yield Message(n, label, name.split("/")[0], sent, b"%s: %d\n" % (ID.encode(), n) + raw)


def number(data):
    """Of a delivered message: which one it was; None when the field is missing."""
    found = re.search(rb"^%s: (\d+)\r?$" % ID.encode(), data[:header_end(data)], re.M)
    return int(found.group(1)) if found else None
