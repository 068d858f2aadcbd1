#!/usr/bin/env python3
"""mime_mime4j.py - the torture messages of Apache James mime4j and of MIME-tools: tree and decoded content as their XML says.

The tree is written as nested brackets: a leaf is its SHA-256, "m[...]" a multipart, "r[...]" an embedded message. Other readings and files found
in text are ours alone and not compared. Each disagreement is explained in docs/mime-disagreements.md."""
import glob, hashlib, os, re
import xml.etree.ElementTree as ET

from _mime import MIME, parse, skip_without, verdicts

FOLDER = os.path.join(MIME, "mime4j")


def tree_of(path):
    data = open(path, "rb").read()
    try:
        return ET.fromstring(data)
    except ET.ParseError:
        return ET.fromstring(data.decode("latin-1"))  # two files are undeclared Latin-1


def theirs(node, folder):
    """The entity that node (message or body-part) is."""
    for child in node:
        if child.tag == "multipart":
            return ("m", [theirs(c, folder) for c in child if c.tag == "body-part"])
        if child.tag == "message":
            return ("r", [theirs(child, folder)])
        if child.tag in ("text-body", "binary-body"):
            with open(os.path.join(folder, child.get("name")), "rb") as f:
                return ("leaf", f.read())
    return ("leaf", b"")


def ours(parts, i, raw):
    p = parts[i]
    inside = [j for j in range(len(parts)) if parts[j]["parent_index"] == i and not {"alternate", "uuencoded"} & set(parts[j]["flags"])]
    if p["kind"] == "multipart":
        return ("m", [ours(parts, j, raw) for j in inside])
    if p["kind"] == "message":
        return ("r", [ours(parts, j, raw) for j in inside])
    return ("leaf", p)


def shape(t):
    return t[0][0] + ("[" + " ".join(shape(c) for c in t[1]) + "]" if t[0] != "leaf" else "")


def leaves(t):
    return [t[1]] if t[0] == "leaf" else [x for c in t[1] for x in leaves(c)]


def variants(data):
    """The bytes as they are, and with other line ends: their text bodies end in whatever the test's own writer made of it."""
    yield data
    text = re.sub(rb"\r\n?", b"\n", data).rstrip(b"\n")
    for ends in range(8):
        yield text + b"\n" * ends
        yield (text + b"\n" * ends).replace(b"\n", b"\r\n")


def same_leaf(part, want):
    """Their text files are in UTF-8, ours is judged by the digest of its bytes: undo their conversion with the charset of the part."""
    for charset in (None, part["charset"], part["charset_used"], "latin-1"):
        try:
            data = want if not charset else want.decode("utf-8").encode(charset)
        except (LookupError, UnicodeError):
            continue
        if any(hashlib.sha256(v).hexdigest() == part["sha256"] for v in variants(data)):
            return True
    return False


def compare(path):
    seen = parse(path)
    index = {}
    for i, p in enumerate(seen["parts"]):
        p["parent_index"] = index.get(p["parent"], -1)
        index.setdefault(p["part"], i)
    mine, want = ours(seen["parts"], 0, None), theirs(tree_of(path[:-4] + "_decoded.xml"), os.path.dirname(path))
    if shape(mine) != shape(want):
        return f"tree {shape(mine)}, theirs {shape(want)}"
    bad = [f"{a['part']} ({a['bytes']} bytes, theirs {len(b)})" for a, b in zip(leaves(mine), leaves(want)) if not same_leaf(a, b)]
    return "content of " + ", ".join(bad) if bad else None


skip_without(FOLDER)
verdicts("mime4j", [(os.path.relpath(p, FOLDER), compare(p)) for p in sorted(glob.glob(os.path.join(FOLDER, "*", "*.msg")))])
