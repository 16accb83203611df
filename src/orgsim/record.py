"""The record of the calls an org got: who asked what, with which credential, and what for.

Calls that change something, revoke something or ask for tokens' columns are kept for ever, of all
others the newest. No token and no secret is in it.
"""

from __future__ import annotations

import json
import re
from collections import Counter, deque
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from orgsim.soql import dates
from orgsim.wire import OAuthError, Request

if TYPE_CHECKING:
    from orgsim.oauth.sessions import Session
    from orgsim.server import OrgServer

NEWEST = 50_000
KINDS = {
    "read": "reads something",
    "query": "a SOQL query",
    "job": "makes, aborts or deletes a Bulk query job",
    "composite": "several calls in one, each of which is in the record too",
    "change": "changes records or metadata",
    "revoke": "revokes a token",
    "oauth": "signs in, or asks about tokens",
}
READING = frozenset({"readMetadata", "listMetadata", "describeMetadata", "checkDeployStatus"})
TOKENS = ("AccessToken", "RequestToken", "DeleteToken")
NAMED = re.compile(rf"\b({'|'.join(TOKENS)})\b", re.IGNORECASE)
EVERY = re.compile(r"\bFIELDS\s*\(.*\bFROM\s+OauthToken\b", re.IGNORECASE | re.DOTALL)
LITERAL = re.compile(r"'(?:[^'\\]|\\.)*'")
OPERATION = re.compile(rb"<(?:\w+:)?Body[^>]*>\s*<(?:\w+:)?(\w+)")
SESSION = re.compile(rb"<(?:\w+:)?sessionId>\s*([^<\s]+)")


@dataclass(frozen=True, slots=True)
class Asked:
    """One call. `user` and `app` are the credential's: None where there was none, or none that
    lived; `of_user` and `of_app` say whose token a revocation named."""

    number: int
    at: str
    kind: str
    method: str
    path: str
    user: str | None
    app: str | None
    address: str
    agent: str
    query: str | None = None
    token_columns: tuple[str, ...] = ()
    of_user: str | None = None
    of_app: str | None = None


class Record:
    def __init__(self) -> None:
        self.kept: list[Asked] = []
        self.newest: deque[Asked] = deque(maxlen=NEWEST)
        self.counts: Counter[tuple[str | None, str | None, str]] = Counter()
        self._number = 0

    def note(self, server: OrgServer, request: Request, session: Session | None = None) -> None:
        """Add a call; `session` is that of the whole for a call inside a composite."""
        path = request.path
        if path.startswith("/services/data"):
            kind, query = _rest(request)
            session = session or server.sessions.sessions.get(request.bearer() or "")
        elif path.startswith("/services/Soap/"):
            found = OPERATION.search(request.body)
            operation = found.group(1).decode() if found else ""
            path += f" {operation}"
            kind = "oauth" if operation in ("login", "logout") else "change"
            kind, query = "read" if operation in READING else kind, None
            token = SESSION.search(request.body)
            session = server.sessions.sessions.get(token.group(1).decode() if token else "")
        else:
            kind, query = "revoke" if path == "/services/oauth2/revoke" else "oauth", None
        user, app = _credential(server, request, session)
        of_user, of_app = _owner(server, request) if kind == "revoke" else (None, None)
        columns = tuple(_token_columns(query)) if query else ()
        if query and columns:
            query = LITERAL.sub("'…'", query)  # it may be a token that is looked for
        self._number += 1
        made = Asked(
            self._number,
            dates.text(server.org.clock.now(), "Z"),
            kind,
            request.method,
            path,
            user,
            app,
            request.client,
            request.headers.get("user-agent", ""),
            query,
            columns,
            of_user,
            of_app,
        )
        self.counts[user, app, kind] += 1
        if columns or kind in ("change", "revoke"):
            self.kept.append(made)
        else:
            self.newest.append(made)

    def found(self, wanted: dict[str, str]) -> list[dict[str, Any]]:
        """The calls in order of time whose fields are as wanted; `tokens` asks for those that
        named a column of tokens, `after` for those after a number."""
        after = int(wanted.get("after", "0"))
        fields = {k: v for k, v in wanted.items() if k in Asked.__slots__}
        return [
            asdict(asked)
            for asked in sorted([*self.kept, *self.newest], key=lambda a: a.number)
            if asked.number > after
            and (asked.token_columns or "tokens" not in wanted)
            and all(str(getattr(asked, k)) == v for k, v in fields.items())
        ]


def _rest(request: Request) -> tuple[str, str | None]:
    """The kind of a call of the REST API, and its query."""
    parts = request.path.split("/")[4:]
    if parts[:1] == ["tooling"]:
        parts = parts[1:]
    first, reads = parts[:1], request.method in ("GET", "HEAD")
    if reads:
        query = request.params.get("q") if first in (["query"], ["queryAll"]) else None
        return ("query" if query else "read"), query
    if first == ["jobs"]:
        if parts[1:2] != ["query"]:
            return "change", None
        return "job", _job_query(request) if request.method == "POST" else None
    if first == ["composite"] and parts[1:2] != ["sobjects"]:
        return "composite", None
    return "change", None


def _job_query(request: Request) -> str | None:
    try:
        return str(json.loads(request.body).get("query", ""))
    except (ValueError, AttributeError):
        return None


def _token_columns(query: str) -> list[str]:
    if EVERY.search(query):
        return list(TOKENS)
    named = {found.lower() for found in NAMED.findall(query)}
    return [column for column in TOKENS if column.lower() in named]


def _credential(
    server: OrgServer, request: Request, session: Session | None
) -> tuple[str | None, str | None]:
    if session is not None:
        return server.people.value(session.user_id, "Username"), session.client
    if request.path == "/services/oauth2/token":
        app = server.org.apps.get(_form(request).get("client_id", ""))
        return None, app.name if app else None
    return None, None


def _form(request: Request) -> dict[str, str]:
    try:
        return request.form
    except OAuthError:  # a body that is no form
        return {}


def _owner(server: OrgServer, request: Request) -> tuple[str | None, str | None]:
    """Whose token a revocation names."""
    token = _form(request).get("token", "")
    sessions, people = server.sessions, server.people
    session = sessions.sessions.get(token)
    if session is not None:
        return people.value(session.user_id, "Username"), session.client
    grant = sessions.by_refresh.get(token)
    if grant is None:
        grant = next((g for g in sessions.grants if g.delete_token == token), None)
    if grant is not None:
        return people.value(grant.user_id, "Username"), grant.app.name
    table = server.org.store.tables.get("OauthToken")
    if table is None or not token:
        return None, None
    at = table.type.position["DeleteToken"]
    row = next((n for n, row in enumerate(table.rows) if row[at] == token), None)
    if row is None:
        return None, None
    user = people.value(table.value(row, "UserId") or "", "Username")
    return user, table.value(row, "AppName")
