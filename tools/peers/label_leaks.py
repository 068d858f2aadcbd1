"""Cuts from a message what betrays its label, by the rules of `postern evaluate` (src/learn/label_leaks.h)."""
import fnmatch, re


class LabelLeaks:
    """By the list of `postern evaluate` (the file label_leaks.def); fields: other name patterns than those it lists."""

    def __init__(self, definitions, fields=None):
        text = open(definitions).read()
        patterns = fields if fields is not None else re.findall(r'^FIELD\("([^"]+)"\)', text, re.M)
        self.fields = re.compile("|".join(fnmatch.translate(p.lower()) for p in patterns))
        tags = "|".join(re.escape(tag) for tag in re.findall(r'^TAG\("([^"]+)"\)', text, re.M))
        self.tags = re.compile(rb"(?:%s)[ \t]*" % tags.encode(), re.I)

    def betrays(self, name):
        return self.fields.match(name.decode("latin-1"))

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
