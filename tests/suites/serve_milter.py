#!/usr/bin/env python3
"""serve_milter.py - the milter of `postern serve` beside miltertest, OpenDKIM's scripted mail server: tests/peers/milter/*.lua."""
import glob, os, re, socket, struct, sys
from _tap import Tap
from peers import process
from peers.postern import Serve
from peers.tools import miltertest

SCRIPTS = os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "peers", "milter")


def scripts(tap):
    process.folder()
    with Serve(resolver="none") as service:
        for script in sorted(glob.glob(os.path.join(SCRIPTS, "[a-z]*.lua"))):
            name = os.path.basename(script)[:-4]
            code, said = miltertest(script, port=service.ports["milter"], folder=SCRIPTS)
            for result, what in re.findall(r"^(ok|not ok) - (.*)$", said, re.M):
                tap.check(result == "ok", f"{name}: {what}")
            tap.check(code == 0, f"{name}: went through to its end", said[-500:])


def packet(command, data=b""):
    return struct.pack(">I", 1 + len(data)) + command + data


def deaf(tap):
    """A mail server that asks on and on and never reads an answer: it is hung up on, and costs others nothing."""
    with Serve(resolver="none", workers=1) as service:
        def memory():
            return process.pss_bytes(service.roles()["front"])
        with socket.create_connection(("127.0.0.1", service.ports["milter"]), timeout=60) as client:
            client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            client.sendall(packet(b"O", struct.pack(">III", 6, 0x1FF, 0)))
            client.recv(1)  # the front is there
            before = memory()
            many, sent, ended = packet(b"H", b"mx.example.net\0") * 1000, 0, None
            while sent < 400e6 and not ended:
                try:
                    sent += client.send(many)
                except OSError as why:
                    ended = why
            tap.check(ended, "who never reads is hung up on", f"{sent} bytes were taken")
            grown = memory() - before
            tap.check(grown < 20e6, "what was to be said to it is bounded", f"{grown / 1e6:.1f} MB")
        code, said = miltertest(os.path.join(SCRIPTS, "several.lua"), port=service.ports["milter"], folder=SCRIPTS)
        tap.check(code == 0 and "not ok" not in said, "others are served as before", said[-500:])


sys.exit(Tap("serve_milter").run(scripts, deaf))
