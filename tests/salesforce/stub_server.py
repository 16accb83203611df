"""A server on loopback that answers what a test tells it to, and remembers what it was asked."""

from __future__ import annotations

import json
import socket
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from email.utils import formatdate
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit


@dataclass(frozen=True)
class Asked:
    """One request as it arrived."""

    method: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: bytes

    @property
    def form(self) -> dict[str, str]:
        return {key: values[0] for key, values in parse_qs(self.body.decode()).items()}


@dataclass(frozen=True)
class Reply:
    """What to answer. `cut_at` closes the connection after that many bytes of the body."""

    body: bytes = b""
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    cut_at: int | None = None
    chunked: bool = False
    without_length: bool = False  # the end of the connection is the end of the body
    silent: bool = False  # closes without an answer
    stall: float = 0.0  # seconds of silence after a cut, before the connection closes


def as_json(value: Any, status: int = 200, **headers: str) -> Reply:
    named = {key.replace("_", "-"): text for key, text in headers.items()}
    return Reply(
        json.dumps(value).encode(),
        status,
        {"Content-Type": "application/json;charset=UTF-8", **named},
    )


def fault(code: str, message: str = "", status: int = 400, **headers: str) -> Reply:
    return as_json([{"errorCode": code, "message": message}], status, **headers)


def page(title: str = "Down for maintenance", status: int = 503, **headers: str) -> Reply:
    body = f"<!DOCTYPE html><html><head><title>{title}</title></head></html>".encode()
    return Reply(body, status, {"Content-Type": "text/html", **headers})


Script = Reply | Callable[[Asked], Reply] | list[Reply]


class StubServer:
    """Routes are exact paths. A list is answered in order, its last reply for ever after."""

    def __init__(self) -> None:
        self.routes: dict[str, Script] = {}
        self.asked: list[Asked] = []
        self._lock = threading.Lock()
        stub = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            wbufsize = 1 << 20

            def answer(self) -> None:
                length = int(self.headers.get("Content-Length") or 0)
                parts = urlsplit(self.path)
                asked = Asked(
                    self.command,
                    parts.path,
                    {key: values[0] for key, values in parse_qs(parts.query).items()},
                    dict(self.headers.items()),
                    self.rfile.read(length),
                )
                stub._send(self, stub._reply(asked))

            do_GET = do_POST = do_DELETE = do_PATCH = answer  # noqa: N815 - http.server looks for these

            def log_message(self, *args: object) -> None:
                pass

        self._server = _Server(("127.0.0.1", 0), Handler)
        self._thread = threading.Thread(
            target=self._server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True
        )
        self._thread.start()

    @property
    def host(self) -> str:
        return f"127.0.0.1:{self._server.server_port}"

    @property
    def url(self) -> str:
        return f"http://{self.host}"

    def stop(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def paths(self) -> list[str]:
        return [asked.path for asked in self.asked]

    def _reply(self, asked: Asked) -> Reply:
        with self._lock:
            self.asked.append(asked)
            script = self.routes.get(asked.path)
            if script is None:
                return fault("NOT_FOUND", "The requested resource does not exist", 404)
            if isinstance(script, list):
                return script.pop(0) if len(script) > 1 else script[0]
        return script(asked) if callable(script) else script

    @staticmethod
    def _send(handler: BaseHTTPRequestHandler, reply: Reply) -> None:
        if reply.silent:
            _drop(handler)
            return
        handler.send_response_only(reply.status)
        if "Date" not in reply.headers:
            handler.send_header("Date", formatdate(usegmt=True))
        for key, value in reply.headers.items():
            handler.send_header(key, value)
        if reply.chunked:
            handler.send_header("Transfer-Encoding", "chunked")
        elif not reply.without_length and reply.status != 204:
            handler.send_header("Content-Length", str(len(reply.body)))
        handler.end_headers()
        body = reply.body if reply.cut_at is None else reply.body[: reply.cut_at]
        if reply.chunked:
            for at in range(0, len(body), 1000):
                part = body[at : at + 1000]
                handler.wfile.write(f"{len(part):x}\r\n".encode() + part + b"\r\n")
            if reply.cut_at is None:
                handler.wfile.write(b"0\r\n\r\n")
        else:
            handler.wfile.write(body)
        if reply.stall:
            handler.wfile.flush()
            time.sleep(reply.stall)
        if reply.cut_at is not None or reply.without_length:
            _drop(handler)


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request: Any, client_address: Any) -> None:
        pass  # a client that left in the middle is what some tests do


def _drop(handler: BaseHTTPRequestHandler) -> None:
    handler.wfile.flush()
    handler.close_connection = True
    try:
        handler.connection.shutdown(socket.SHUT_RDWR)
    except OSError:
        pass  # the client was faster


def expired_token() -> Reply:
    return fault("INVALID_SESSION_ID", "Session expired or invalid", 401)
