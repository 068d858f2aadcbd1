"""What the suites over ../shared/suites/mime share: the parser's view of a file, and the table of explained disagreements."""
import json, os, re, subprocess

from _tap import Tap

POSTERN, ROOT = os.environ.get("POSTERN", "build/postern"), os.environ.get("POSTERN_ROOT", ".")
MIME = os.path.join(ROOT, "..", "shared", "suites", "mime")
tap = Tap("mime")
check = tap.check


def skip_without(folder):
    if not os.path.isdir(folder):
        tap.skip(os.path.basename(folder), "no ../shared")
        raise SystemExit(tap.end())


def parse(path):
    done = subprocess.run([POSTERN, "parse", "mime", "--json", path], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    if done.returncode != 0 or not done.stdout.strip():
        raise RuntimeError(f"{path}: exit {done.returncode}: {done.stderr.decode(errors='replace')[-400:]}")
    return json.loads(done.stdout.decode("utf-8", "surrogatepass").splitlines()[0])


def explained(suite):
    """Cases of docs/mime-disagreements.md that stand under the heading of a suite: name to reason."""
    reasons, inside = {}, False
    with open(os.path.join(ROOT, "docs", "mime-disagreements.md"), encoding="utf-8") as f:
        for line in f:
            if line.startswith("#"):
                inside = suite in line.lower()
            row = re.match(r"\|\s*`([^`]+)`\s*\|\s*(.+?)\s*\|\s*$", line)
            if inside and row:
                reasons[row.group(1)] = row.group(2)
    return reasons


def verdicts(suite, disagreements):
    """One TAP line a case: agreement, or a disagreement that the table explains. A row that explains nothing fails too. Ends the suite."""
    reasons = explained(suite)
    for case, what in disagreements:
        check(not what or case in reasons, case, what)
    for case in sorted(set(reasons) - {case for case, what in disagreements if what}):
        check(False, case, "listed in docs/mime-disagreements.md, but there is no disagreement")
    raise SystemExit(tap.end())
