"""Consent in the browser from the command line: one callback on loopback, then done.

Salesforce sends the browser back to the address registered in the app, so this listens where the
pages would (`ORGWARDEN_PUBLIC_URL`), for one answer, at most ten minutes, on loopback only.
"""

from __future__ import annotations

import secrets
import time
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, urlsplit

from orgwarden.cli.output import say
from orgwarden.core.problems import NeedsPerson

if TYPE_CHECKING:
    from orgwarden.records.models import Org

DONE = b"Orgwarden has its answer. You can close this window and look at the terminal.\n"


def connect_by_browser(
    *, name: str, url: str, client_id: str, client_secret: str, actor: str
) -> Org:
    """Print the address to open, wait for the consent, return the connected org."""
    from orgwarden.flows.consent import GOOD_FOR, begin_consent, callback_address, finish_consent
    from orgwarden.salesforce import callback_problem

    callback = urlsplit(callback_address())
    if callback.hostname not in ("localhost", "127.0.0.1"):
        raise NeedsPerson(
            f"The consent comes back to {callback.hostname}, which is not this terminal.",
            fix="Connect on the Integrations page there.",
            code="PUBLIC_URL",
        )
    session = secrets.token_urlsafe(32)
    address = begin_consent(
        name=name,
        url=url,
        client_id=client_id,
        client_secret=client_secret,
        actor=actor,
        session_key=session,
    )
    answer = _one_answer(callback.port or 80, callback.path, address, GOOD_FOR.total_seconds())
    if "error" in answer:
        raise callback_problem(answer["error"], answer.get("error_description", ""))
    return finish_consent(answer.get("state", ""), answer.get("code", ""), session)


def _one_answer(port: int, path: str, address: str, seconds: float) -> dict[str, str]:
    """The query of the first request to `path` that carries the state of `address`: any page in
    any browser here may send others. Raises NeedsPerson when none comes in time."""
    answers: list[dict[str, str]] = []
    state = parse_qs(urlsplit(address).query)["state"][0]

    class Handler(BaseHTTPRequestHandler):
        timeout = 2  # browsers open connections ahead and send nothing on them

        def do_GET(self) -> None:  # the name http.server asks for
            parts = urlsplit(self.path)
            asked = {k: v[0] for k, v in parse_qs(parts.query).items()}
            found = parts.path == path and secrets.compare_digest(
                asked.get("state", "").encode(), state.encode()
            )
            if found:
                answers.append(asked)
            body = DONE if found else b"Not here.\n"
            self.send_response(200 if found else 404)
            self.send_header("Content-Type", "text/plain; charset=utf-8")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """The request line holds a code; it is written nowhere."""

    try:
        server = HTTPServer(("127.0.0.1", port), Handler)
    except OSError:
        raise NeedsPerson(
            f"Port {port}, where the consent comes back to, is in use.",
            fix="If the pages run there, connect on their Integrations page.",
            code="PORT",
        ) from None
    with server:
        say(f"Open this address in a browser, sign in and press Allow:\n{address}")
        until = time.monotonic() + seconds
        while not answers and time.monotonic() < until:
            server.timeout = max(0.1, min(5.0, until - time.monotonic()))
            server.handle_request()
    if not answers:
        raise NeedsPerson(
            "No consent came within ten minutes.", fix="Run the command again.", code="CONSENT"
        )
    return answers[0]
