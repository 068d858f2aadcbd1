#!/usr/bin/env python3
"""serve_load.py - 300 messages through a real Postfix: none lost, none doubled, each judged as `postern scan` judges it. tests/peers/load.py sends 20,000."""
import sys
from _tap import Tap
from peers import load, messages
from peers.postern import Serve
from peers.postfix import Postfix
from peers.sink import Sink

MESSAGES = 300


def through_postfix(tap):
    with Sink() as sink, Serve(resolver="none") as service, Postfix(f"inet:127.0.0.1:{service.ports['milter']}", sink.port) as postfix:
        run = load.Load(postfix.port, messages.take(MESSAGES)).start().join()
        account = load.Account(run, sink, postfix, service)
        tap.check(len(run.sent) == MESSAGES and not account.unanswered, "every message was answered", (account.unanswered[:20], run.broken[:3]))
        tap.check(not account.lost, "none is lost", account.lost[:20])
        tap.check(not account.doubled and not account.uninvited, "none is there twice, none that was refused", (account.doubled[:20], account.uninvited[:20]))
        tap.check(not run.put_off, "none was put off", dict(list(run.put_off.items())[:20]))
        others = load.differences(run, sink, service, account)
        tap.check(not others, "the verdicts are those of postern scan", others[:20])


sys.exit(Tap("serve_load").run(through_postfix))
