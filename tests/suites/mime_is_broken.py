#!/usr/bin/env python3
"""mime_is_broken.py - hidden contents and names: level 2 and 3 must be found, level 1 found or flagged as ambiguous."""
import csv, os

from _mime import MIME, check, parse, skip_without, tap

FOLDER = os.path.join(MIME, "mime-is-broken")
# Anomalies that say: programs read this in different ways.
AMBIGUOUS = {"mime.ambiguous", "mime.boundary_ambiguous", "mime.boundary_missing", "mime.boundary_nested_same", "mime.encoding_ambiguous",
             "mime.encoding_unknown", "mime.name_ambiguous", "mime.duplicate_field", "base64.after_padding", "base64.junk"}

skip_without(FOLDER)
with open(os.path.join(FOLDER, "expected.tsv"), encoding="utf-8") as f:
    rows = [r for r in csv.reader(f, delimiter="\t", quoting=csv.QUOTE_NONE) if r and not r[0].startswith("#")]
for path, level, what in rows:
    seen = parse(os.path.join(FOLDER, path))
    if "SHA-256" in what:
        found = any(p.get("sha256", "").startswith("2c7a24e1") and p["sha256"].endswith("8478b6af") for p in seen["parts"])
    else:
        ending = ".png" if ".png" in what else ".zip"
        found = any(n["name"].endswith(ending) for p in seen["parts"] for n in p["names"])
    flagged = level == "1" and any(a["id"] in AMBIGUOUS for a in seen["anomalies"])
    check(found or flagged, path + ("" if found else " (flagged)"), "neither found nor flagged" if level == "1" else "not found")
raise SystemExit(tap.end())
