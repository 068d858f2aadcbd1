"""tests/suites/received_lines.py - every Received line of ../shared/suites/received through `postern parse received --json`.

Mapping: "" there is null here; "!x!" is their spelling of the literal "[x]"; addresses compare by value. The fields "intl" and "msa" are the trust
path's, not the parser's. No differences are known; a new one is listed in DIFFERS with its reason."""
import ipaddress, json, os, subprocess, sys

from _tap import Tap

SUITE = os.path.join(os.environ["POSTERN_ROOT"], "..", "shared", "suites", "received", "sa_rcvd_parser.jsonl")
DIFFERS = {}  # id -> (field, reason)
FIELDS = ("rdns", "helo", "by", "id", "ident", "envfrom", "auth")
tap = Tap("received_lines")


def mapped(text):
    return "[" + text[1:-1] + "]" if len(text) > 2 and text[0] == text[-1] == "!" else text


def compare(case, got):
    if got["class"] != case["kind"]:
        yield "class", got["class"], case["kind"]
    if case["kind"] != "relay":
        return
    want = case["expect"]
    if not got["ip"] or ipaddress.ip_address(got["ip"]) != ipaddress.ip_address(want["ip"]):
        yield "ip", got["ip"], want["ip"]
    for field in FIELDS:
        if (got[field] or "") != mapped(want[field]) and DIFFERS.get(case["id"], ("",))[0] != field:
            yield field, got[field], want[field]


def main():
    if not os.path.exists(SUITE):
        tap.skip(tap.name, "no ../shared")
        return tap.end()
    cases = [json.loads(line) for line in open(SUITE, encoding="utf-8")]
    text = "".join(c["input"] + "\n" for c in cases)
    out = subprocess.run([os.environ["POSTERN"], "parse", "received", "--json", "-"], input=text.encode(), stdout=subprocess.PIPE, check=True).stdout
    answers = [json.loads(line) for line in out.decode().splitlines()]
    for case, got in zip(cases, answers):
        wrong = list(compare(case, got))
        for field, is_, should in wrong:
            print(f"# {field} is {is_!r}, should be {should!r}: {case['input']}")
        tap.check(not wrong, case["id"])
    tap.check(len(answers) == len(cases), "every line is answered", len(answers))
    return tap.end()


sys.exit(main())
