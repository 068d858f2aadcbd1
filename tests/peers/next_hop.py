"""A mail server by script: what it offers, whom it refuses, how it answers a message. Keeps every message with its envelope and what was said before it."""
import base64, collections, socket, ssl, threading

Mail = collections.namedtuple("Mail", "sender recipients data said")  # said: the lines of XCLIENT, XFORWARD, EHLO


class NextHop:
    """port; mails. offers: EHLO keywords; unknown: recipients it refuses; final: replies to messages, the last one for good;
    lmtp: one for each recipient; silent_after: at this word ("MAIL", "." ...) it hangs up without an answer; users: who may log in, with
    which password, by PLAIN and LOGIN; tls: a context, then it offers STARTTLS."""

    def __init__(self, offers=(), unknown=(), final=("250 2.0.0 kept",), lmtp=False, hang_up_at=None, greeting="220 hop.example ESMTP", users=None, tls=None):
        self.users, self.tls, self.secured = users, tls, 0
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
            with client:
                with client.makefile("rwb") as file:
                    secure = self.talk(file) == "STARTTLS"
                if secure:
                    with self.tls.wrap_socket(client, server_side=True) as inner, inner.makefile("rwb") as file:
                        self.secured += 1
                        self.talk(file, greeted=True)
        except (OSError, ValueError):
            pass

    def ask(self, file, challenge):
        self.say(file, "334 " + challenge)
        line = file.readline().rstrip(b"\r\n").decode()
        self.lines.append(line)
        return line

    def log_in(self, file, argument):
        """Who logged in; or None, and it is said why not."""
        mechanism, _, said = argument.partition(" ")
        try:
            if mechanism.upper() == "PLAIN":
                said = said or self.ask(file, "")
                who, password = base64.b64decode(said, validate=True).decode().split("\0")[1:]
            elif mechanism.upper() == "LOGIN":
                who = base64.b64decode(said or self.ask(file, "VXNlcm5hbWU6")).decode()
                password = base64.b64decode(self.ask(file, "UGFzc3dvcmQ6")).decode()
            else:
                self.say(file, "504 5.5.4 no such mechanism")
                return None
        except ValueError:
            self.say(file, "501 5.5.2 not to be decoded")
            return None
        if self.users.get(who) != password:
            self.say(file, "535 5.7.8 wrong", "535 5.7.8 try again")
            return None
        self.say(file, "235 2.7.0 welcome " + who)
        return who

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

    def talk(self, file, greeted=False):
        sender, recipients, said, failed = None, [], [], 0
        if not greeted:
            self.say(file, self.greeting)
        while True:
            line = file.readline().decode("utf-8", "surrogateescape").rstrip("\r\n")
            verb = line[:4].upper()
            self.lines.append(line)
            if not line or (self.hang_up_at and verb == self.hang_up_at):
                return
            if verb in ("EHLO", "LHLO"):
                said.append(line)
                more = ["AUTH PLAIN LOGIN EXTERNAL SCRAM-SHA-256-PLUS"] if self.users else []
                more += ["STARTTLS"] if self.tls and not greeted else []
                self.say(file, "250 hop.example", *["250 " + offer for offer in self.offers + more])
            elif verb == "AUTH" and self.users and failed == 2:
                self.say(file, "421 4.7.0 enough guesses")
                return
            elif verb == "AUTH" and self.users:
                who = self.log_in(file, line[5:])
                failed += who is None
                said += ["AUTH " + who] if who else []
            elif verb == "STAR" and self.tls:
                self.say(file, "220 go on")
                return "STARTTLS"
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
