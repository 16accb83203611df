"""The road between Orgwarden and an emulated org in this process, with everything that goes wrong.

One call after the other, in the caller's thread: what is drawn depends on the seed alone.
"""

from __future__ import annotations

import asyncio
import io
import json
import re
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote, urlsplit

import requests
import urllib3
from requests.adapters import BaseAdapter, HTTPAdapter

from orgsim.server import OrgServer
from tests.simulation.clocks import Time
from tests.simulation.dice import Dice

PAGE = "batchSize=200"  # Salesforce may send smaller pages than it was asked for
TOKEN = "/services/oauth2/"

_ALONE = ThreadPoolExecutor(1)


class Killed(BaseException):
    """The process ended here."""


@dataclass
class Call:
    """One call as it reached the org, or not."""

    method: str
    path: str
    fault: str
    status: int
    counted: int  # calls the org has counted up to it
    at: float  # seconds since the beginning
    used: float  # of everybody's calls in 24 hours, the share that is spent after it, 1 for all


@dataclass
class Wire(BaseAdapter):
    """`strike` names the fault of the next call, "" for none."""

    server: OrgServer
    time: Time
    dice: Dice
    loop: asyncio.AbstractEventLoop
    strike: Callable[[str, str], str]
    tell: Callable[[str], None]
    calls: list[Call] = field(default_factory=list)
    last: dict[str, bytes] = field(default_factory=dict)

    def __post_init__(self) -> None:
        super().__init__()
        self._builder = HTTPAdapter()

    def __hash__(self) -> int:
        return id(self)

    def close(self) -> None:
        return None

    def send(self, request: requests.PreparedRequest, *args: Any, **more: Any) -> requests.Response:
        url = urlsplit(str(request.url))
        method, path = str(request.method), url.path + (f"?{url.query}" if url.query else "")
        self.time.sleep(self.dice.random("wire") * 0.6 + 0.05)
        fault = self.strike(method, path)
        arm = ARMED.get(fault)
        if arm is not None:
            self.server.faults.arm({"nth": 1, **arm})
        if fault == "unreachable":
            self._note(method, path, fault, 0)
            raise requests.exceptions.ConnectTimeout("simulated")
        status, headers, body = self.ask(method, path, dict(request.headers), request.body)
        self.server.faults.clear()
        self._note(method, path, fault, status)
        if fault == "killed":
            raise Killed
        if fault == "timeout":
            self.time.sleep(60)
            raise requests.exceptions.ReadTimeout("simulated")
        if fault == "dropped":
            raise requests.exceptions.ConnectionError("simulated")
        if fault == "cut":
            body = body[: int(len(body) * self.dice.random("cut"))]
        if fault == "short":  # honestly announced, and less than the whole
            body = body[: int(len(body) * self.dice.random("cut"))]
            headers["content-length"] = str(len(body))
        raw = urllib3.HTTPResponse(
            body=io.BytesIO(body),
            headers=headers,
            status=status,
            preload_content=False,
            request_method=method,
        )
        return self._builder.build_response(request, raw)

    def ask(
        self, method: str, path: str, headers: Mapping[str, str], body: Any = None
    ) -> tuple[int, dict[str, str], bytes]:
        """One request to the emulated org: status, headers, body."""
        url = urlsplit(path)
        sent = {name.lower(): value for name, value in headers.items()}
        if "sforce-query-options" in sent:
            sent["sforce-query-options"] = PAGE
        if url.path.endswith("/composite"):
            body = _in_small_pages(json.loads(body))
        sent["host"] = urlsplit(self.server.base_url).netloc
        data = body.encode() if isinstance(body, str) else (body or b"")
        scope = {
            "type": "http",
            "method": method,
            "path": re.sub(r"%2F", "/", url.path),
            "query_string": url.query.encode(),
            "headers": [(k.encode(), v.encode("latin-1")) for k, v in sent.items()],
            "client": ("127.0.0.1", 1),
            "state": {},
        }
        got: list[dict[str, Any]] = []

        async def receive() -> dict[str, Any]:
            return {"type": "http.request", "body": data}

        async def send(message: dict[str, Any]) -> None:
            got.append(message)

        # Of a thread of its own, waited for: a browser's tests leave a loop running in this one.
        asked = self.server(scope, receive, send)
        _ALONE.submit(self.loop.run_until_complete, asked).result()
        answered = {k.decode(): v.decode("latin-1") for k, v in got[0]["headers"]}
        return got[0]["status"], answered, b"".join(m.get("body", b"") for m in got[1:])

    def _note(self, method: str, path: str, fault: str, status: int) -> None:
        quota = self.server.quota
        counted, used = sum(quota.calls.values()), quota.used(self.server.org.clock.now())
        share = used / quota.limit
        self.calls.append(Call(method, path, fault, status, counted, self.time.passed, share))
        what = re.sub(r"\?q=.*?FROM ([A-Za-z]+).*", r" \1", unquote(path))
        self.tell(f"  {method} {what[:90]} -> {status or '-'}{f'  ({fault})' if fault else ''}")


def _in_small_pages(composite: dict[str, Any]) -> bytes:
    for asked in composite["compositeRequest"]:
        asked["httpHeaders"] = {"Sforce-Query-Options": PAGE}
    return json.dumps(composite).encode()


# Faults that the emulated org makes itself.
ARMED: dict[str, dict[str, Any]] = {
    "503": {"status": 503, "error": "SERVER_UNAVAILABLE"},
    "500": {"error": "UNKNOWN_EXCEPTION"},
    "html": {"html": True},
    "html 200": {"html": True, "status": 200},
    "session ended": {"expired_token": True},
    "query timeout": {"error": "QUERY_TIMEOUT"},
    "cursors gone": {"expired_cursors": True},
    "limit exceeded": {"error": "REQUEST_LIMIT_EXCEEDED"},
    "token refused": {"error": "server_error"},
    "asked twice": {"repeat": True},
}
