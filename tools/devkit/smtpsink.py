"""A mail server that keeps every message as a file and sends none on."""

import contextlib
import socketserver
import threading
import time
from pathlib import Path


class _Handler(socketserver.StreamRequestHandler):
    def reply(self, text: str) -> None:
        self.wfile.write(text.encode("ascii") + b"\r\n")

    def handle(self) -> None:
        self.recipients = []
        # A client that hangs up is no reason for a traceback in the terminal.
        with contextlib.suppress(OSError):
            self.reply("220 outbox ready")
            while line := self.rfile.readline(65536):
                if not self.command(line.decode("utf-8", "replace").strip()):
                    return

    def command(self, line: str) -> bool:
        verb = line[:4].upper()
        if verb == "QUIT":
            self.reply("221 bye")
            return False
        if verb == "DATA":
            self.reply("354 end with a dot")
            self.server.keep(self.read_message(), self.recipients)
            self.recipients = []
            self.reply("250 kept")
        elif verb == "EHLO":
            self.reply("250-outbox")
            self.reply("250-8BITMIME")
            self.reply("250 SMTPUTF8")
        elif verb in ("HELO", "MAIL", "RCPT", "RSET", "NOOP"):
            if verb == "RCPT":
                self.recipients.append(line[8:].strip())
            self.reply("250 ok")
        else:
            self.reply("502 unknown command")
        return True

    def read_message(self) -> bytes:
        lines = []
        while (line := self.rfile.readline()) not in (b".\r\n", b".\n", b""):
            # A dot at the beginning of a line was doubled by the sender.
            lines.append(line[1:] if line.startswith(b".") else line)
        return b"".join(lines)


class Sink(socketserver.ThreadingTCPServer):
    daemon_threads = True
    allow_reuse_address = True

    def __init__(self, folder: Path):
        super().__init__(("127.0.0.1", 0), _Handler)
        self.folder = folder
        self._lock = threading.Lock()
        self._count = 0

    @property
    def port(self) -> int:
        return self.server_address[1]

    def keep(self, message: bytes, recipients: list[str]) -> None:
        with self._lock:
            self._count += 1
            name = time.strftime("%Y%m%d-%H%M%S") + f"-{self._count:04}.eml"
        self.folder.mkdir(parents=True, exist_ok=True)
        head = f"X-Outbox-Recipients: {', '.join(recipients)}\r\n".encode()
        (self.folder / name).write_bytes(head + message)


@contextlib.contextmanager
def running(folder: Path):
    sink = Sink(folder)
    threading.Thread(target=sink.serve_forever, daemon=True).start()
    try:
        yield sink
    finally:
        sink.shutdown()
        sink.server_close()
