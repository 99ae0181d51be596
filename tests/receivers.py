"""Those who are told of alerts, as servers of this machine: one that takes POSTs, and one that takes mail."""

import json
import socketserver
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TypeVar

Server = TypeVar("Server", bound=socketserver.BaseServer)


@dataclass(frozen=True)
class Taken:
    """A POST that came in."""

    path: str
    headers: dict[str, str]
    body: bytes

    @property
    def said(self) -> dict:
        return json.loads(self.body)


@dataclass(frozen=True)
class Reply:
    """What is answered; `after_s` seconds late."""

    status: int = 200
    body: bytes = b""
    headers: dict[str, str] = field(default_factory=dict)
    after_s: float = 0


def telegram(status: int = 200, description: str = "", **parameters: int) -> Reply:
    """As Telegram's Bot API answers: core.telegram.org/bots/api#making-requests."""
    if status == 200:
        said: dict = {"ok": True, "result": {"message_id": 7}}
    else:
        said = {"ok": False, "error_code": status, "description": description}
    if parameters:
        said["parameters"] = parameters
    return Reply(status, json.dumps(said).encode(), {"Content-Type": "application/json"})


class Receiver(ThreadingHTTPServer):
    """Keeps what is posted to it. It answers with `replies` one after the other, and with the last of them for ever."""

    daemon_threads = True
    allow_reuse_address = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Posted)
        self.taken: list[Taken] = []
        self.replies: list[Reply] = [Reply()]

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"

    def next_reply(self) -> Reply:
        return self.replies.pop(0) if len(self.replies) > 1 else self.replies[0]

    def handle_error(self, request, client_address) -> None:
        """Who has lost patience hangs up, which is no error of ours."""


class _Posted(BaseHTTPRequestHandler):
    server: Receiver

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.taken.append(Taken(self.path, {k.lower(): v for k, v in self.headers.items()}, body))
        reply = self.server.next_reply()
        time.sleep(reply.after_s)
        self.send_response(reply.status)
        for name, value in {**reply.headers, "Content-Length": str(len(reply.body))}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(reply.body)

    def log_message(self, *_arguments: object) -> None:
        pass


class MailServer(socketserver.ThreadingTCPServer):
    """Speaks as much SMTP as a mail needs. `refusals` says with what a command (`RCPT`, `AUTH`, ...) is refused."""

    daemon_threads = True
    allow_reuse_address = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Mailing)
        self.mails: list[EmailMessage] = []
        self.recipients: list[str] = []
        self.refusals: dict[str, str] = {}

    @property
    def port(self) -> int:
        return int(self.server_address[1])


class _Mailing(socketserver.StreamRequestHandler):
    server: MailServer

    def handle(self) -> None:
        with suppress(ConnectionError):
            self._say("220 ready")
            while line := self.rfile.readline().decode().strip():
                verb = line[:4].upper()
                if verb == "QUIT":
                    self._say("221 bye")
                    return
                self._answer(verb, line)

    def _answer(self, verb: str, line: str) -> None:
        if verb in self.server.refusals:
            self._say(self.server.refusals[verb])
        elif verb == "EHLO":
            self._say("250-here\r\n250 AUTH PLAIN")
        elif verb == "DATA":
            self._say("354 go on")
            self._take()
            self._say("250 taken")
        else:
            if verb == "RCPT":
                self.server.recipients.append(line.partition("<")[2].rstrip(">"))
            self._say("235 in" if verb == "AUTH" else "250 well")

    def _take(self) -> None:
        lines = []
        while (line := self.rfile.readline()) != b".\r\n":
            lines.append(line[1:] if line.startswith(b"..") else line)
        self.server.mails.append(message_from_bytes(b"".join(lines), policy=policy.default))

    def _say(self, text: str) -> None:
        self.wfile.write(f"{text}\r\n".encode())


@contextmanager
def running(server: Server) -> Iterator[Server]:
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()
        thread.join(5)
