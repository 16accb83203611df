"""Consent in the browser from the command line: one callback on loopback, then done.

Salesforce sends the browser back to the address registered in the app, so this listens where the
pages would (`ORGWARDEN_PUBLIC_URL`), for one answer, at most ten minutes, on loopback only.
"""

from __future__ import annotations

import secrets
import time
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit

from orgwarden.cli.output import say
from orgwarden.core.problems import NeedsPerson

if TYPE_CHECKING:
    from orgwarden.records.models import Org

DONE = b"Orgwarden has its answer. You can close this window and look at the terminal.\n"


def connect_by_browser(given: dict[str, Any], client_secret: str) -> Org:
    """Print the address to open, wait for the consent, return the connected org. `given` are
    fields of `flows.asked.Asked`."""
    from orgwarden.flows.connecting import confirm, consent, drafts
    from orgwarden.flows.connecting.asked import Asked
    from orgwarden.flows.connecting.connect import refuse_objections
    from orgwarden.flows.connecting.pending import GOOD_FOR

    callback = urlsplit(consent.callback_address())
    if callback.hostname not in ("localhost", "127.0.0.1"):
        raise NeedsPerson(
            f"The consent comes back to {callback.hostname}, which is not this terminal.",
            fix="Connect on the Integrations page there.",
            code="PUBLIC_URL",
        )
    session, actor = secrets.token_urlsafe(32), str(given["actor"])
    begun = drafts.begin(Asked(**given), {"client_secret": client_secret}, session)
    address = consent.go(begun.id, session, actor)
    answer = _one_answer(callback.port or 80, callback.path, address, GOOD_FOR.total_seconds())
    state = answer.get("state", "")
    if "error" in answer:
        told = answer.get("error_description", "")
        raise consent.refused(state, session, answer["error"], told)[1]
    found = consent.finish(state, answer.get("code", ""), session)
    try:
        if found.found is not None:
            refuse_objections(found.asked, found.found)
    except NeedsPerson:
        confirm.refuse(found.id, session, actor)
        raise
    return confirm.confirm(found.id, session, actor, accept=True)


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
