"""Cuts from a message what betrays its label, by the list and the rules of `postern evaluate` (src/learn/label_leaks.h)."""
import re


class LabelLeaks:
    def __init__(self, definitions):
        text = open(definitions).read()
        self.fields, self.starts = set(), ()
        for pattern in re.findall(r'^FIELD\("([^"]+)"\)', text, re.M):
            if pattern.endswith("*"):
                self.starts += (pattern[:-1].lower().encode(),)
            else:
                self.fields.add(pattern.lower().encode())
        tags = "|".join(re.escape(tag) for tag in re.findall(r'^TAG\("([^"]+)"\)', text, re.M))
        self.tags = re.compile(rb"(?:%s)[ \t]*" % tags.encode(), re.I)

    def betrays(self, name):
        return name in self.fields or name.startswith(self.starts)

    def cut(self, raw):
        kept, cutting, subject, at = [], False, False, 0
        while at < len(raw):
            end = raw.find(b"\n", at) + 1 or len(raw)
            line = raw[at:end]
            if not line.strip(b"\r\n"):
                break
            if at == 0 or line[:1] not in b" \t":
                name = line.split(b":", 1)[0].strip().lower()
                cutting, subject = self.betrays(name), name == b"subject"
            if not cutting:
                kept.append(self.tags.sub(b"", line) if subject else line)
            at = end
        return b"".join(kept) + raw[at:]
