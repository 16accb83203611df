"""One org as an ASGI application: who asks, what for, and the answer on the wire.

Control calls (`/_sim/`) bypass faults, sessions and quota. Everything else first lets the org
live up to now, then passes the faults that are armed.
"""

from __future__ import annotations

import asyncio
import gzip
import sys
import tempfile
import traceback
import zlib
from collections.abc import Awaitable, Callable
from dataclasses import replace
from email.utils import formatdate
from functools import cached_property
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric import rsa

from orgsim import build, control
from orgsim.bulk import Jobs
from orgsim.control_org import Origin
from orgsim.cursors import Cursors
from orgsim.entry import Entry, check_session
from orgsim.faults import Faults
from orgsim.joblist import JobLists
from orgsim.locks import Locks
from orgsim.metadata.packages import Deployment
from orgsim.oauth import router as oauth
from orgsim.oauth.device import Device
from orgsim.oauth.keys import private_key
from orgsim.oauth.sessions import Session, Sessions
from orgsim.org import Org
from orgsim.people import People
from orgsim.policies import Unsure
from orgsim.propagation import Propagation
from orgsim.quota import Quota
from orgsim.record import Record
from orgsim.rest import router as rest
from orgsim.settings import switched_off, unlicensed
from orgsim.soql.index import Indexes
from orgsim.soql.scope import Asker
from orgsim.wire import ApiError, Refusal, Reply, Request

CHUNK = 1 << 20
WORTH_PACKING = 1024  # bytes
LIVE_EVERY_MS = 1000
ASGI = Callable[..., Awaitable[Any]]


class OrgServer:
    """The state that serving an org adds to it."""

    def __init__(self, org: Org, base_url: str, *, verbose: bool = False) -> None:
        self.org, self.base_url, self.verbose = org, base_url, verbose
        self.people = People(org)
        self.propagation = Propagation(org.clock)
        self.sessions = Sessions(org, self.people, self.propagation)
        self.devices: dict[str, Device] = {}  # of the device flow, by device code
        self.quota = Quota(org.options.daily_api_limit)
        self.faults = Faults()
        self.entry = Entry()
        self.locks = Locks()
        self.unsure = Unsure()
        self.deployments: dict[str, Deployment] = {}  # by id
        self.record = Record()
        self.origin = Origin.of(org, base_url)
        self.indexes = Indexes()
        self.cursors = Cursors(org)
        self._scratch: tempfile.TemporaryDirectory[str] | None = None
        self.jobs = Jobs(self)
        self.lists = JobLists(self)
        self.hidden: dict[str, frozenset[str]] = {}  # fields nobody sees, by object
        self.hidden_ms = 0  # when that was last changed
        self.lived_ms = org.clock.now()
        self._date: tuple[int, bytes] = (-1, b"")

    @property
    def scratch(self) -> Path:
        """A folder for rendered answers, gone when the server is closed."""
        if self._scratch is None:
            self._scratch = tempfile.TemporaryDirectory(prefix="orgsim-")
        return Path(self._scratch.name)

    def close(self) -> None:
        if self._scratch is not None:
            self._scratch.cleanup()

    @cached_property
    def key(self) -> rsa.RSAPrivateKey:
        """The org's own key pair, made when it is first needed."""
        return private_key(self.org)

    # Time ---------------------------------------------------------------------------------

    def live(self) -> None:
        """Let the org live the time that passed, at most once a second of its clock. A frozen org
        lives too: nothing new comes, but log files still go when their time is over."""
        now = self.org.clock.now()
        if now - self.lived_ms >= LIVE_EVERY_MS:
            since, self.lived_ms = self.lived_ms, now
            build.live(self.org, since, now)
        self.propagation.settle()

    def moved(self) -> None:
        """The clock was moved: a step back must not make the org live the same time twice."""
        self.lived_ms = min(self.lived_ms, self.org.clock.now())
        self.live()

    # Asking -------------------------------------------------------------------------------

    def asker(
        self, session: Session, version: str, *, api: str = "data", all_rows: bool = False
    ) -> Asker:
        return Asker(
            self.org.store,
            self.indexes,
            self.org.clock.now(),
            session.user_id,
            self.people.permissions(session.user_id),
            self.people.value(session.user_id, "TimeZoneSidKey") or "UTC",
            api,
            version,
            all_rows,
            self.hidden,
            switched_off(self.org.settings) | unlicensed(self.org.options.event_monitoring),
        )

    def session(self, request: Request) -> Session:
        """The session of a REST call, else the 401 Salesforce gives."""
        token = request.bearer()
        headers = [("WWW-Authenticate", "Token")]
        if token == "":
            raise ApiError(401, "INVALID_AUTH_HEADER", "INVALID_AUTH_HEADER", headers=headers)
        session = self.sessions.find(token) if token else None
        if session is None:
            raise ApiError(401, "INVALID_SESSION_ID", "Session expired or invalid", headers=headers)
        check_session(self, session, request)
        return session

    async def answer(self, request: Request) -> Reply:
        try:
            if request.path.startswith("/_sim/"):
                return await control.handle(self, request)
            self.live()
            self.record.note(self, request)
            if self.faults.armed:
                return await self.faults.around(self, request, self.route)
            return await self.route(request)
        except Refusal as refusal:
            return refusal.reply()
        except Exception:  # noqa: BLE001  a fault of ours is shown, the server lives on
            traceback.print_exc(file=sys.stderr)
            return ApiError(
                500, "UNKNOWN_EXCEPTION", "An unexpected error occurred (a fault in orgsim)"
            ).reply()

    async def route(self, request: Request) -> Reply:
        """The answer of the org itself, faults aside."""
        if self.entry.old_url:
            elsewhere = self.entry.moved(self, request)
            if elsewhere is not None:
                return elsewhere
        try:
            if request.path.startswith("/services/data"):
                return await rest.handle(self, request)
            return await oauth.handle(self, request)
        except Refusal as refusal:
            return refusal.reply()

    # The wire -----------------------------------------------------------------------------

    def date(self) -> bytes:
        second = self.org.clock.now() // 1000
        if second != self._date[0]:
            self._date = (second, formatdate(second, usegmt=True).encode())
        return self._date[1]

    async def __call__(self, scope: Any, receive: ASGI, send: ASGI) -> None:
        if scope["type"] != "http":
            return
        headers = {k.decode("latin-1"): v.decode("latin-1") for k, v in scope["headers"]}
        body = b""
        if scope["method"] not in ("GET", "HEAD", "DELETE") or "content-length" in headers:
            parts = []
            while True:
                message = await receive()
                if message["type"] == "http.disconnect":
                    return
                parts.append(message.get("body", b""))
                if not message.get("more_body"):
                    break
            body = b"".join(parts)
            try:
                body = _unpacked(headers.get("content-encoding", ""), body)
            except (OSError, EOFError, zlib.error):
                reply = ApiError(400, "JSON_PARSER_ERROR", "the body is not gzip").reply()
                request = Request(scope["method"], scope["path"], "", headers)
                await self._send(request, reply, send, scope)
                return
        client = scope["client"][0] if scope["client"] else "127.0.0.1"
        if not scope["path"].startswith("/_sim/"):
            client = self.entry.address(client)
        request = Request(
            scope["method"],
            scope["path"],
            scope["query_string"].decode("latin-1"),
            headers,
            body,
            client,
        )
        reply = await self.answer(request)
        if self.verbose:
            print(f"{request.method} {request.path} {reply.status}", file=sys.stderr)
        if reply.drop:
            scope["state"]["transport"].abort()
            return
        await self._send(request, reply, send, scope)

    async def _send(self, request: Request, reply: Reply, send: ASGI, scope: Any) -> None:
        reply = _packed(request, reply)
        headers = [(b"date", self.date())]
        if reply.status not in (204, 304):
            headers.append((b"content-type", reply.content_type.encode()))
        headers += [(k.lower().encode(), v.encode("latin-1")) for k, v in reply.headers]
        if reply.stream is None and reply.status not in (204, 304):
            headers.append((b"content-length", b"%d" % (len(reply.body) + reply.length)))
        await send({"type": "http.response.start", "status": reply.status, "headers": headers})
        plain = reply.cut is None and reply.trickle is None
        if request.method == "HEAD" or (reply.file is None and reply.stream is None and plain):
            await send({"type": "http.response.body", "body": reply.body})
            return
        sent = 0
        step = CHUNK if reply.trickle is None else max(1, reply.trickle // 10)
        async for chunk in _chunks(reply, step):
            if reply.cut is not None and sent + len(chunk) >= reply.cut:
                part = chunk[: reply.cut - sent]
                await send({"type": "http.response.body", "body": part, "more_body": True})
                await asyncio.sleep(0.02)  # lets the bytes leave before the connection does
                scope["state"]["transport"].close()
                return
            sent += len(chunk)
            await send({"type": "http.response.body", "body": chunk, "more_body": True})
            if reply.trickle is not None:
                await asyncio.sleep(len(chunk) / reply.trickle)
        await send({"type": "http.response.body", "body": b""})


def _unpacked(encoding: str, body: bytes) -> bytes:
    match encoding.strip().lower():
        case "gzip":
            return gzip.decompress(body)
        case "deflate":
            return zlib.decompress(body)
    return body


def _packed(request: Request, reply: Reply) -> Reply:
    """Compress an answer that gains by it, when the caller accepts gzip. Log files come packed,
    and a fault that counts bytes counts those of the plain answer."""
    if (
        len(reply.body) <= WORTH_PACKING
        or reply.file is not None
        or reply.stream is not None
        or reply.cut is not None
        or reply.trickle is not None
        or not request.path.startswith("/services/data")
        or "gzip" not in request.headers.get("accept-encoding", "")
        or any(name.lower() == "content-encoding" for name, _ in reply.headers)
    ):
        return reply
    headers = [*reply.headers, ("Content-Encoding", "gzip")]
    return replace(reply, body=gzip.compress(reply.body, 1, mtime=0), headers=headers)


async def _chunks(reply: Reply, step: int) -> Any:
    """The body of a reply in pieces of at most `step` bytes."""
    for start in range(0, len(reply.body), step):
        yield reply.body[start : start + step]
    if reply.file is not None:
        left = reply.length
        with reply.file.open("rb", buffering=0) as source:
            source.seek(reply.start)
            while left > 0:
                chunk = source.read(min(step, left))
                if not chunk:
                    return
                left -= len(chunk)
                yield chunk
    if reply.stream is not None:
        async for chunk in reply.stream:
            yield chunk
