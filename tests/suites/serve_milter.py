#!/usr/bin/env python3
"""serve_milter.py - the milter of `postern serve` beside miltertest, OpenDKIM's scripted mail server: tests/peers/milter/*.lua."""
import glob, os, re, sys
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


sys.exit(Tap("serve_milter").run(scripts))
