"""Where mail ends: an SMTP server that accepts everything and keeps each message with its envelope. In its own thread; asyncio, standard library."""
import asyncio, collections, threading

Mail = collections.namedtuple("Mail", "sender recipients data")


class Sink:
    """port; mails, in order of arrival. keep(mail) is called for each instead when given (from the sink's thread)."""

    def __init__(self, keep=None):
        self.mails = []
        self.keep = keep or self.mails.append

    def __enter__(self):
        self.loop = asyncio.new_event_loop()
        self.thread = threading.Thread(target=self.loop.run_forever, daemon=True)
        self.thread.start()
        self.server = asyncio.run_coroutine_threadsafe(asyncio.start_server(self.serve, "127.0.0.1", 0, limit=1 << 22, backlog=1024), self.loop).result()
        self.port = self.server.sockets[0].getsockname()[1]
        return self

    def __exit__(self, *_):
        async def end():
            self.server.close()
            others = [t for t in asyncio.all_tasks() if t is not asyncio.current_task()]
            for task in others:
                task.cancel()
            await asyncio.gather(*others, return_exceptions=True)
        asyncio.run_coroutine_threadsafe(end(), self.loop).result()
        self.loop.call_soon_threadsafe(self.loop.stop)
        self.thread.join()
        self.loop.close()

    async def serve(self, reader, writer):
        sender, recipients = "", []
        writer.write(b"220 sink.example ESMTP\r\n")
        try:
            while True:
                line = await reader.readline()
                if not line:
                    break
                verb = line[:4].upper()
                if verb == b"EHLO":
                    writer.write(b"250-sink.example\r\n250-8BITMIME\r\n250-PIPELINING\r\n250 SMTPUTF8\r\n")
                elif verb == b"DATA":
                    writer.write(b"354 go on\r\n")
                    self.keep(Mail(sender, tuple(recipients), await self.data(reader)))
                    writer.write(b"250 kept\r\n")
                    recipients = []
                elif verb == b"QUIT":
                    writer.write(b"221 bye\r\n")
                    break
                else:
                    if verb == b"MAIL":
                        sender, recipients = self.address(line), []
                    elif verb == b"RCPT":
                        recipients.append(self.address(line))
                    writer.write(b"250 ok\r\n")
                await writer.drain()
            await writer.drain()
        except (ConnectionError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.close()

    @staticmethod
    def address(line):
        return line.partition(b"<")[2].rpartition(b">")[0].decode("utf-8", "surrogateescape")

    @staticmethod
    async def data(reader):
        pieces, begins = [], True
        while True:
            try:
                line = await reader.readuntil(b"\r\n")
            except asyncio.LimitOverrunError as long:
                line = await reader.readexactly(long.consumed)
            if begins and line == b".\r\n":
                return b"".join(pieces)
            pieces.append(line[1:] if begins and line.startswith(b".") else line)
            begins = line.endswith(b"\r\n")
