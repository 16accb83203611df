"""A real mail server on loopback, and a real web server that keeps what it was sent."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

from tests.support.postgres import free_port


@dataclass
class Mailbox:
    """What arrived. `answers` are given to the next messages instead of 250, one each; with
    `before` something happens between the final dot and the answer."""

    port: int
    arrived: list[EmailMessage] = field(default_factory=list)
    recipients: list[str] = field(default_factory=list)
    answers: list[str] = field(default_factory=list)
    before: Callable[[], None] = lambda: None
    refuses_sender: str = ""  # said to every sender

    async def handle_MAIL(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        """Called by the server when a message is announced."""
        envelope.mail_from = address
        envelope.mail_options.extend(options)
        return self.refuses_sender or "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        """Called by the server when a message is whole."""
        if self.answers:
            return self.answers.pop(0)
        content = envelope.content
        assert isinstance(content, bytes)
        self.arrived.append(message_from_bytes(content, policy=default))
        self.recipients += envelope.rcpt_tos
        self.before()
        return "250 taken"

    def to(self, address: str) -> list[EmailMessage]:
        """What arrived for one address."""
        return [m for m, to in zip(self.arrived, self.recipients, strict=True) if to == address]


@contextmanager
def mail_server(port: int | None = None) -> Iterator[Mailbox]:
    """A mail server for the block; with `port` one that was there before comes back."""
    box = Mailbox(port or free_port())
    # It gives up after five seconds otherwise, which a busy machine may take.
    controller = Controller(box, hostname="127.0.0.1", port=box.port, ready_timeout=60)
    controller.start()
    try:
        yield box
    finally:
        controller.stop()


@pytest.fixture
def mailbox() -> Iterator[Mailbox]:
    """A mail server of this test's own."""
    with mail_server() as box:
        yield box


@dataclass(frozen=True)
class Received:
    """One request that came in."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)


@dataclass
class Inbox:
    """A web server. `answers` are the statuses of the next requests; 200 when there are none."""

    port: int
    got: list[Received] = field(default_factory=list)
    answers: list[int] = field(default_factory=list)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def named(self) -> str:
        """As ORGWARDEN_ALLOWED_NOTIFY_HOSTS names it."""
        return f"127.0.0.1:{self.port}"


@pytest.fixture
def inbox() -> Iterator[Inbox]:
    """A web server of this test's own."""
    box = Inbox(0)

    class Handler(BaseHTTPRequestHandler):
        def _take(self) -> None:
            size = int(self.headers.get("Content-Length") or 0)
            headers = {k.lower(): v for k, v in self.headers.items()}
            box.got.append(Received(self.command, self.path, headers, self.rfile.read(size)))
            status = box.answers.pop(0) if box.answers else 200
            self.send_response(status)
            if 300 <= status < 400:
                self.send_header("Location", f"{box.url}/elsewhere")
            self.send_header("Content-Length", "0")
            self.end_headers()

        do_GET = do_POST = _take  # noqa: N815  the names the server calls

        def log_message(self, *_: object) -> None:
            """Nothing is printed."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    box.port = server.server_port
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield box
    server.shutdown()
    server.server_close()
    thread.join()
