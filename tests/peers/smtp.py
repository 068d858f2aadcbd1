"""A small SMTP client that tells Postfix with XCLIENT whom it stands for; slow on purpose where a test wants it."""
import re, socket

Reply = str  # all lines of it, without the last line end


class Refused(Exception):
    """A reply that is neither 2xx nor 3xx where one was needed."""


class Smtp:
    def __init__(self, port, timeout=120, host="127.0.0.1"):
        self.socket = socket.create_connection((host, port), timeout=timeout)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.file = self.socket.makefile("rb")
        self.expect(self.reply())

    def reply(self):
        lines = []
        while True:
            line = self.file.readline()
            if not line:
                raise ConnectionError("the server closed the connection" + (f" after: {lines}" if lines else ""))
            lines.append(line.rstrip(b"\r\n").decode("latin-1"))
            if line[3:4] != b"-":
                return "\n".join(lines)

    @staticmethod
    def expect(reply):
        if reply[:1] not in "23":
            raise Refused(reply)
        return reply

    def command(self, line):
        self.socket.sendall(line.encode("utf-8", "surrogateescape") + b"\r\n")
        return self.reply()

    def secure(self, context):
        """STARTTLS, which must be taken; from then on all is encrypted."""
        self.expect(self.command("STARTTLS"))
        self.socket = context.wrap_socket(self.socket)
        self.file = self.socket.makefile("rb")

    def stand_for(self, ip, name=None, helo=None):
        """From now on the server believes to talk to this client. Once a connection: the client stood for may not do so itself."""
        quoted = [f"ADDR={'IPV6:' + ip if ':' in ip else ip}", f"NAME={xtext(name) if name else '[UNAVAILABLE]'}"]
        self.expect(self.command("XCLIENT " + " ".join(quoted)))
        self.expect(self.command(f"EHLO {helo or '[' + ip + ']'}"))

    def send(self, sender, recipients, message):
        """The reply to the message, or the first refusal before it. Line ends are made CRLF, dots are doubled."""
        lines = [f"MAIL FROM:<{sender}> BODY=8BITMIME", *[f"RCPT TO:<{r}>" for r in recipients], "DATA"]
        self.socket.sendall("".join(line + "\r\n" for line in lines).encode("utf-8", "surrogateescape"))
        replies = [self.reply() for _ in lines]
        if replies[-1][:1] == "3":
            self.socket.sendall(wire(message) + b".\r\n")
            return self.reply()
        bad = next(r for r in replies if r[:1] not in "23")
        if bad is not replies[0]:
            self.command("RSET")
        return bad

    def close(self):
        try:
            self.socket.sendall(b"QUIT\r\n")
        except OSError:
            pass
        self.file.close()
        self.socket.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()


def xtext(text):
    return "".join(c if "!" <= c <= "~" and c not in "+=" else "".join(f"+{b:02X}" for b in c.encode()) for c in text)


def wire(message):
    """A message as DATA wants it: every line with CRLF, its dots doubled; the last line ended."""
    out = re.sub(rb"\r?\n", b"\r\n", message)
    if not out.endswith(b"\r\n"):
        out += b"\r\n"
    return re.sub(rb"(?m)^\.", b"..", out)
