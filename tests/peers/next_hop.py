"""A mail server by script: what it offers, whom it refuses, how it answers a message. Keeps every message with its envelope and what was said before it."""
import collections, socket, threading

Mail = collections.namedtuple("Mail", "sender recipients data said")  # said: the lines of XCLIENT, XFORWARD, EHLO


class NextHop:
    """port; mails. offers: EHLO keywords; unknown: recipients it refuses; final: replies to messages, the last one for good;
    lmtp: one for each recipient; silent_after: at this word ("MAIL", "." ...) it hangs up without an answer."""

    def __init__(self, offers=(), unknown=(), final=("250 2.0.0 kept",), lmtp=False, hang_up_at=None, greeting="220 hop.example ESMTP"):
        self.offers, self.unknown, self.final, self.lmtp, self.hang_up_at, self.greeting = list(offers), set(unknown), list(final), lmtp, hang_up_at, greeting
        self.mails, self.lines = [], []

    def __enter__(self):
        self.listener = socket.create_server(("127.0.0.1", 0), backlog=256)
        self.port = self.listener.getsockname()[1]
        threading.Thread(target=self.accept, daemon=True).start()
        return self

    def __exit__(self, *_):
        self.listener.close()

    def accept(self):
        while True:
            try:
                client, _ = self.listener.accept()
            except OSError:
                return
            threading.Thread(target=self.serve, args=(client,), daemon=True).start()

    def serve(self, client):
        try:
            with client, client.makefile("rwb") as file:
                self.talk(file)
        except (OSError, ValueError):
            pass

    def say(self, file, *lines):
        for i, line in enumerate(lines):
            file.write(line[:3].encode() + (b"-" if i + 1 < len(lines) else b" ") + line[4:].encode() + b"\r\n")
        file.flush()

    def content(self, file):
        lines = []
        while True:
            line = file.readline()
            if not line:
                return None
            if line == b".\r\n":
                return b"".join(lines)
            lines.append(line[1:] if line.startswith(b".") else line)

    def take(self, file, sender, recipients, data, said):
        self.mails.append(Mail(sender, tuple(recipients), data, tuple(said)))
        for _ in recipients if self.lmtp else [0]:
            self.say(file, self.final.pop(0) if len(self.final) > 1 else self.final[0])

    def talk(self, file):
        sender, recipients, said = None, [], []
        self.say(file, self.greeting)
        while True:
            line = file.readline().decode("utf-8", "surrogateescape").rstrip("\r\n")
            verb = line[:4].upper()
            self.lines.append(line)
            if not line or (self.hang_up_at and verb == self.hang_up_at):
                return
            if verb in ("EHLO", "LHLO"):
                said.append(line)
                self.say(file, "250 hop.example", *["250 " + offer for offer in self.offers])
            elif verb in ("XCLI", "XFOR"):
                said.append(line)
                self.say(file, "220 hop.example ESMTP" if verb == "XCLI" else "250 ok")
            elif verb == "MAIL":
                sender, recipients = line[11:].split(">")[0], []
                self.say(file, "250 2.1.0 ok")
            elif verb == "RCPT":
                who = line[9:].split(">")[0]
                if who in self.unknown:
                    self.say(file, "550 5.1.1 nobody of that name")
                else:
                    recipients.append(who)
                    self.say(file, "250 2.1.5 ok")
            elif verb == "DATA":
                self.say(file, "354 go on")
                data = self.content(file)
                if data is None or self.hang_up_at == ".":
                    return
                self.take(file, sender, recipients, data, said)
            elif verb == "BDAT":
                n = int(line.split()[1])
                data = file.read(n)
                if len(data) < n or self.hang_up_at == ".":
                    return
                self.take(file, sender, recipients, data, said)
            elif verb == "QUIT":
                self.say(file, "221 bye")
                return
            else:
                self.say(file, "250 ok")
