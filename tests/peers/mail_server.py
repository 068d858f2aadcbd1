"""A mail server's side of the milter protocol, version 6: no step is left out, each is waited for."""
import re, socket, struct


class Milter:
    """One SMTP connection from ip, shown to the milter at port. EOFError: the milter hung up."""

    def __init__(self, port, ip="192.0.2.7", helo="mail.example.org"):
        self.s = socket.create_connection(("127.0.0.1", port), 60)
        self.send(b"O", struct.pack(">III", 6, 0x1FF, 0))
        assert self.read()[0] == b"O"
        self.step(b"C", helo.encode() + b"\x004" + struct.pack(">H", 1025) + ip.encode() + b"\0")
        self.step(b"H", helo.encode() + b"\0")

    def send(self, command, data=b""):
        self.s.sendall(struct.pack(">I", len(data) + 1) + command + data)

    def take(self, n):
        data = b""
        while len(data) < n:
            more = self.s.recv(n - len(data))
            if not more:
                raise EOFError
            data += more
        return data

    def read(self):
        data = self.take(struct.unpack(">I", self.take(4))[0])
        return data[:1], data[1:]

    def step(self, command, data=b""):
        self.send(command, data)
        return self.read()

    def message(self, raw, sender="a@example.org", to=("b@example.net",)):
        """The final reply and the edits before it, each a letter and its data."""
        head, _, body = raw.replace(b"\r\n", b"\n").partition(b"\n\n")
        self.step(b"M", b"<" + sender.encode() + b">\0")
        for address in to:
            self.step(b"R", b"<" + address.encode() + b">\0")
        self.step(b"T")
        for field in re.split(rb"\n(?![ \t])", head):
            name, _, value = field.partition(b":")
            self.step(b"L", name + b"\0" + value.removeprefix(b" ") + b"\0")
        self.step(b"N")
        body = body.replace(b"\n", b"\r\n")
        for at in range(0, len(body), 60000):
            self.step(b"B", body[at:at + 60000])
        self.send(b"E")
        edits = []
        while True:
            command, data = self.read()
            if command in b"acrdty":
                return command + data, edits
            if command != b"p":
                edits.append(command + data)
