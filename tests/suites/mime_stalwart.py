#!/usr/bin/env python3
"""mime_stalwart.py - messages with the snapshots of another parser: tree, and content of every leaf. The snapshots are not truth: each
disagreement is explained in docs/mime-disagreements.md."""
import glob, hashlib, json, os, re

from _mime import MIME, parse, skip_without, verdicts

FOLDER = os.path.join(MIME, "stalwart", "eml")


def theirs(parts, i):
    body = parts[i]["body"]
    if body == "Default" or not isinstance(body, dict):
        return ("leaf", b"")
    (kind, value), = body.items()
    if kind == "Multipart":
        return ("m", [theirs(parts, j) for j in value])
    if kind == "Message":
        return ("r", [theirs(value["parts"], 0)])
    if isinstance(value, list):
        return ("leaf", bytes(value))
    return ("leaf", value)


def ours(parts, i):
    p = parts[i]
    inside = [j for j in range(len(parts)) if parts[j]["parent_index"] == i and not {"alternate", "uuencoded"} & set(parts[j]["flags"])]
    if p["kind"] in ("multipart", "message"):
        return (p["kind"] == "multipart" and "m" or "r", [ours(parts, j) for j in inside])
    return ("leaf", p)


def shape(t):
    return t[0][0] + ("[" + " ".join(shape(c) for c in t[1]) + "]" if t[0] != "leaf" else "")


def leaves(t):
    return [t[1]] if t[0] == "leaf" else [x for c in t[1] for x in leaves(c)]


def same_leaf(part, want):
    if isinstance(want, bytes):
        return hashlib.sha256(want).hexdigest() == part["sha256"]
    for charset in ("utf-8", part["charset_used"], part["charset"]):
        try:
            data = want.encode(charset or "utf-8")
        except (LookupError, UnicodeError):
            continue
        for v in (data, data.replace(b"\n", b"\r\n"), data + b"\n", data + b"\r\n", b"\xef\xbb\xbf" + data):
            if hashlib.sha256(v).hexdigest() == part["sha256"]:
                return True
    return False


def compare(path):
    seen = parse(path)
    index = {}
    for i, p in enumerate(seen["parts"]):
        p["parent_index"] = index.get(p["parent"], -1)
        index.setdefault(p["part"], i)
    with open(path[:-4] + ".json", encoding="utf-8") as f:
        snapshot = json.load(f)
    mine, want = ours(seen["parts"], 0), theirs(snapshot["parts"], 0)
    if shape(mine) != shape(want):
        return f"tree {shape(mine)}, theirs {shape(want)}"
    bad = [f"{a['part']} ({a['bytes']} bytes {a['charset_used']}, theirs {len(b)})" for a, b in zip(leaves(mine), leaves(want)) if not same_leaf(a, b)]
    return "content of " + ", ".join(bad) if bad else None


skip_without(FOLDER)
verdicts("stalwart", [(os.path.relpath(p, FOLDER), compare(p)) for p in sorted(glob.glob(os.path.join(FOLDER, "*", "*.eml")))])
