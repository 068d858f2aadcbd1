#!/usr/bin/env python3
"""url_text.py - SpamAssassin's list of what is a link in plain text, through `postern parse urls --json`.

A row matches when every wanted pattern fits `raw` or `url` of some link and no forbidden one fits any. DIFFERENT names the rows
where we differ on purpose."""
import json, os, re, subprocess, sys

from _tap import Tap

POSTERN, ROOT = os.environ.get("POSTERN", "build/postern"), os.environ.get("POSTERN_ROOT", ".")
TABLE = os.path.join(ROOT, "..", "shared", "suites", "url", "sa_uri_text.tsv")
LEAST = 165
DIFFERENT = {
    "www.liy8quei:80": "wants a guessed .com; no mail program makes one",
    "www.puahi9si2.com:80": "wants the default port cut and no path; the URL Standard's form ends in '/'",
    "ftp://name@faikaj4t.com/%2Fetc/motd": "wants %2F decoded; the URL Standard keeps it, and so does every browser",
    "<www.delimtest15.com/foo-~!@#^&*()_+=:;'?,.xyz-~!@#^&*()_+=:;'?,.>": "wants '=', '_', '#' and brackets cut at the end; mail programs keep them",
}
tap = Tap("url_text")


def rows():
    for line in open(TABLE, encoding="utf-8"):
        line = line.rstrip("\n")
        if line:
            text, _, wants = line.partition("\t")
            yield text.replace("{ESC}", "\x1b"), wants.split()


def matches(links, wants):
    found = [form for link in links for form in (link.get("raw") or "", link.get("url") or "")]
    for want in wants:
        if want.startswith("!"):
            if any(re.search(want[1:], form) for form in found):
                return False
        elif not any(re.search(want, form) for form in found):
            return False
    return True


def main():
    if not os.path.exists(TABLE):
        tap.skip(tap.name, "no ../shared")
        return tap.end()
    table = list(rows())
    text = "\n".join(text for text, _ in table) + "\n"
    run = subprocess.run([POSTERN, "parse", "urls", "--json", "-"], input=text.encode(), stdout=subprocess.PIPE, check=True)
    by_line = {}
    for line in run.stdout.decode("utf-8", "surrogateescape").splitlines():
        link = json.loads(line)
        by_line.setdefault(link["line"], []).append(link)
    right, failed = 0, 0
    for number, (text, wants) in enumerate(table, 1):
        good = matches(by_line.get(number, []), wants)
        right += good
        if not good:
            reason = DIFFERENT.get(text)
            failed += reason is None
            print(f"# {text!r}: {[l.get('raw') for l in by_line.get(number, [])]}, {' '.join(wants)}: {reason or 'NOT EXPLAINED'}")
    tap.check(not failed, "every difference is explained")
    tap.check(right >= LEAST, f"{right} of {len(table)} rows, {LEAST} wanted")
    return tap.end()


sys.exit(main())
