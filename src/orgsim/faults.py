"""Faults that can be armed by `POST /_sim/faults`. A kind of fault is a value in KINDS.

A fault says where it strikes and what happens there, in one JSON object:

where   `endpoint`: a regular expression searched in "METHOD /path?query", or `prefix`: how the
        path begins; without either every call. `/_sim/` is never struck. A call inside a composite
        is struck where `endpoint` names it; what is not JSON then takes the place of the whole.
when    `nth`: the n-th matching call since the fault was armed, or a list of such numbers;
        `after`: every matching call after the first n; `from` and `until`: times of the org's
        clock; `probability` with `seed`. All that are given must hold.
        `times`: how often it strikes at most (1 with a single `nth`, else without end).
what    one or more of the kinds below.
"""

from __future__ import annotations

import asyncio
import gzip
import json
import random
import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from orgsim.entry import contain
from orgsim.soql import dates
from orgsim.wire import ApiError, OAuthError, Reply, Request, encode

if TYPE_CHECKING:
    from orgsim.server import OrgServer

Before = Callable[["Strike"], "Reply | None"]
After = Callable[["Strike", Reply], Reply]

HTML_PAGE = (
    b"<html><head><title>Down for Maintenance</title></head>"
    b"<body><h1>Salesforce is temporarily unavailable</h1></body></html>"
)


@dataclass
class Strike:
    """One fault striking one call; `value` is what the fault says for the kind at work."""

    server: OrgServer
    request: Request
    fault: Fault
    value: Any = None

    @property
    def user_id(self) -> str | None:
        """Whose call it is, by access or refresh token."""
        sessions = self.server.sessions
        session = sessions.sessions.get(self.request.bearer() or "")
        if session is not None:
            return session.user_id
        grant = sessions.by_refresh.get(self.request.form.get("refresh_token", ""))
        if grant is not None:
            return grant.user_id
        app = self.server.org.apps.get(self.request.form.get("client_id", ""))
        return app.run_as if app else None


@dataclass(frozen=True)
class Kind:
    """`before` may answer instead of the org, `after` changes the org's answer."""

    name: str
    what: str
    before: Before | None = None
    after: After | None = None
    takes: type | tuple[type, ...] = bool


def _error(strike: Strike) -> Reply:
    code = str(strike.value)
    status, make = ERRORS.get(code, (400, "rest"))
    status = strike.fault.given.get("status", status)
    message = strike.fault.given.get("message") or MESSAGES.get(code, code)
    if make == "oauth" or strike.request.path.startswith("/services/oauth2/"):
        return OAuthError(code, message, status).reply()
    return ApiError(status, code, message).reply()


def _status(strike: Strike) -> Reply | None:
    given = strike.fault.given
    if "error" in given or "html" in given or "body" in given:
        return None  # the other kind makes the answer and takes the status from here
    return ApiError(strike.value, "SERVER_UNAVAILABLE", "An injected fault").reply()


def _body(strike: Strike) -> Reply:
    value = strike.value
    body = value.encode() if isinstance(value, str) else encode(value)
    return Reply(body, strike.fault.given.get("status", 200))


def _html(strike: Strike) -> Reply:
    return Reply(HTML_PAGE, strike.fault.given.get("status", 503), "text/html;charset=UTF-8")


def _headers(strike: Strike, reply: Reply) -> Reply:
    given = {name.lower(): (name, str(value)) for name, value in strike.value.items()}
    kept = [(k, v) for k, v in reply.headers if k.lower() not in given]
    _, content_type = given.pop("content-type", ("", reply.content_type))
    return replace(reply, headers=[*kept, *given.values()], content_type=content_type)


def _expired_token(strike: Strike) -> None:
    strike.server.sessions.close(strike.request.bearer() or "")


def _revoked_grant(strike: Strike) -> None:
    sessions = strike.server.sessions
    session = sessions.sessions.get(strike.request.bearer() or "")
    grant = session.grant if session else None
    grant = grant or sessions.by_refresh.get(strike.request.form.get("refresh_token", ""))
    if grant is not None:
        sessions.revoke(grant)
    if session is not None:
        sessions.close(session.token)


def _frozen_user(strike: Strike) -> None:
    user_id = strike.user_id
    if user_id is not None:
        contain(strike.server, user_id)


def _cursors_gone(strike: Strike) -> None:
    strike.server.cursors.drop_all()


def _duplicate(strike: Strike) -> Reply | None:
    return strike.fault.last


def _cut(strike: Strike, reply: Reply) -> Reply:
    return replace(reply, cut=int(strike.value))


def _trickle(strike: Strike, reply: Reply) -> Reply:
    return replace(reply, trickle=int(strike.value))


def _drop(strike: Strike, reply: Reply) -> Reply:
    return replace(reply, drop=True)


def _error_after(strike: Strike, reply: Reply) -> Reply:
    return _error(strike)


def _replace(strike: Strike, reply: Reply) -> Reply:
    """Text in a whole body, exchanged; a file's slice is read for it."""

    def exchanged(data: bytes) -> bytes:
        for old, new in strike.value.items():
            data = data.replace(old.encode(), new.encode())
        return data

    return _rewritten(reply, exchanged)


def _shuffle(strike: Strike, reply: Reply) -> Reply:
    """A page's records in another order than was asked for, the same for the same seed."""

    def shuffled(data: bytes) -> bytes:
        answer = json.loads(data)
        if not isinstance(answer, dict) or "records" not in answer:
            return data
        strike.fault.random.shuffle(answer["records"])
        return encode(answer)

    return _rewritten(reply, shuffled)


def _rewritten(reply: Reply, change: Callable[[bytes], bytes]) -> Reply:
    data = reply.body
    if reply.file is not None:
        with reply.file.open("rb") as source:
            source.seek(reply.start)
            data += source.read(reply.length)
    packed = ("Content-Encoding", "gzip") in reply.headers
    data = change(gzip.decompress(data) if packed else data)
    data = gzip.compress(data, 1) if packed else data
    return replace(reply, body=data, file=None, length=0)


def _truncate(strike: Strike, reply: Reply) -> Reply:
    """A body that is short but whole to the eye: Content-Length fits what is sent."""
    if reply.file is None:
        return replace(reply, body=reply.body[: int(strike.value)])
    return replace(reply, length=min(reply.length, int(strike.value)))


NUMBER = (int, float)
KINDS: tuple[Kind, ...] = (
    Kind("delay", "seconds to wait before anything happens", takes=NUMBER),
    Kind("expired_token", "the call's access token ends first", before=_expired_token),
    Kind("revoked_grant", "the call's grant and its tokens end first", before=_revoked_grant),
    Kind("frozen_user", "the calling user is frozen and signed out first", before=_frozen_user),
    Kind("expired_cursors", "every open query locator ends first", before=_cursors_gone),
    Kind("duplicate", "the last answer to a matching call is sent again", before=_duplicate),
    Kind("error", "an error code, answered with its usual status and text", _error, takes=str),
    Kind("html", "a maintenance page; 503 unless `status`", before=_html),
    Kind("body", "this body; 200 unless `status`", _body, takes=(str, dict, list)),
    Kind("status", "this status, with an error body of its own", _status, takes=int),
    Kind("headers", "headers set on the answer", after=_headers, takes=dict),
    Kind("replace", "{old: new} exchanged in the body", after=_replace, takes=dict),
    Kind("shuffle", "a page's records in another order", after=_shuffle),
    Kind("truncate", "only so many bytes of body, honestly announced", after=_truncate, takes=int),
    Kind("cut", "the connection ends after so many bytes of body", after=_cut, takes=int),
    Kind("trickle", "the body comes at so many bytes a second", after=_trickle, takes=int),
    Kind("drop_after_commit", "the work is done, the connection ends unanswered", after=_drop),
    Kind("error_after_commit", "the work is done, this error answered", None, _error_after, str),
    Kind("repeat", "the call is carried out twice, the second answer sent"),
)
WHERE = frozenset(
    {"endpoint", "prefix", "nth", "after", "from", "until", "probability", "seed", "times"}
) | {"message", "name"}

# Code to (usual status, family of body). Codes not here are 400 REST errors.
ERRORS: dict[str, tuple[int, str]] = {
    "INVALID_SESSION_ID": (401, "rest"),
    "INVALID_AUTH_HEADER": (401, "rest"),
    "REQUEST_LIMIT_EXCEEDED": (403, "rest"),
    "API_DISABLED_FOR_ORG": (403, "rest"),
    "API_CURRENTLY_DISABLED": (403, "rest"),
    "INSUFFICIENT_ACCESS": (403, "rest"),
    "NOT_FOUND": (404, "rest"),
    "UNSUPPORTED_API_VERSION": (410, "rest"),
    "UNKNOWN_EXCEPTION": (500, "rest"),
    "SERVER_UNAVAILABLE": (503, "rest"),
    "invalid_grant": (400, "oauth"),
    "invalid_client": (400, "oauth"),
    "invalid_client_id": (400, "oauth"),
    "invalid_app_access": (400, "oauth"),
    "inactive_user": (400, "oauth"),
    "inactive_org": (400, "oauth"),
    "rate_limit_exceeded": (400, "oauth"),
    "server_error": (500, "oauth"),
}
MESSAGES = {
    "INVALID_SESSION_ID": "Session expired or invalid",
    "REQUEST_LIMIT_EXCEEDED": "TotalRequests Limit exceeded.",
    "API_DISABLED_FOR_ORG": "The REST API is not enabled for this Organization.",
    "API_CURRENTLY_DISABLED": "API is disabled for this User",
    "NOT_FOUND": "The requested resource does not exist",
    "QUERY_TIMEOUT": "Your query request was running for too long.",
    "INVALID_QUERY_LOCATOR": "invalid query locator",
    "UNABLE_TO_LOCK_ROW": "unable to obtain exclusive access to this record",
    "TXN_SECURITY_METERING_ERROR": "We can't complete the action because enabled transaction "
    "security policies took too long to complete.",
    "invalid_grant": "expired access/refresh token",
    "invalid_client": "invalid client credentials",
    "invalid_client_id": "client identifier invalid",
    "inactive_user": "user is inactive",
    "inactive_org": "organization is locked, closed, or suspended",
    "rate_limit_exceeded": "login rate exceeded",
    "OAUTH_APP_BLOCKED": "this app is blocked by admin",
}


class NotAFault(ValueError):
    """The description of a fault cannot be understood; the text says why."""


@dataclass
class Fault:
    """One armed fault and how often it was met and struck."""

    number: int
    given: dict[str, Any]
    random: random.Random
    pattern: re.Pattern[str] | None = None
    met: int = 0
    struck: int = 0
    last: Reply | None = field(default=None, repr=False)

    def matches(self, request: Request) -> bool:
        if self.pattern is not None:
            path = request.path + ("?" + request.query if request.query else "")
            return self.pattern.search(f"{request.method} {path}") is not None
        return request.path.startswith(self.given.get("prefix", "/"))

    def strikes(self, now: int) -> bool:
        """Whether it strikes the matching call it is asked about; asking counts the call."""
        self.met += 1
        given = self.given
        nth = given.get("nth")
        wanted = nth if isinstance(nth, list) else [nth]
        single = isinstance(nth, int)
        if nth is not None and self.met not in wanted:
            return False
        if "after" in given and self.met <= given["after"]:
            return False
        if "from" in given and now < dates.instant(given["from"]):
            return False
        if "until" in given and now >= dates.instant(given["until"]):
            return False
        times = given.get("times", 1 if single else None)
        if times is not None and self.struck >= times:
            return False
        if "probability" in given and self.random.random() >= given["probability"]:
            return False
        self.struck += 1
        return True


class Faults:
    """The armed faults of one org, in the order they were armed."""

    def __init__(self) -> None:
        self.armed: list[Fault] = []
        self._number = 0

    def arm(self, given: Any) -> Fault:
        if not isinstance(given, dict):
            raise NotAFault("a fault is an object")
        kinds = {k.name: k for k in KINDS}
        for key, value in given.items():
            if key in WHERE:
                continue
            if key not in kinds:
                raise NotAFault(f"no fault is called {key}; there are {', '.join(kinds)}")
            if not isinstance(value, kinds[key].takes):
                raise NotAFault(f"{key} cannot be {value!r}: {kinds[key].what}")
        pattern = None
        try:
            if "endpoint" in given:
                pattern = re.compile(given["endpoint"])
            for key in ("from", "until"):
                if key in given:
                    dates.instant(given[key])
        except (re.error, ValueError, TypeError) as error:
            raise NotAFault(str(error)) from error
        self._number += 1
        fault = Fault(self._number, given, random.Random(given.get("seed", 0)), pattern)
        self.armed.append(fault)
        return fault

    def clear(self) -> None:
        self.armed.clear()

    async def around(
        self,
        server: OrgServer,
        request: Request,
        route: Callable[[Request], Awaitable[Reply]],
        *,
        inside: Request | None = None,
    ) -> Reply:
        """The org's answer to a call, with the faults that strike it. A call `inside` a composite
        is met by those only that name its endpoint and not the composite's."""
        now = server.org.clock.now()
        matching = [f for f in self.armed if f.matches(request)]
        if inside is not None:
            matching = [f for f in matching if f.pattern is not None and not f.matches(inside)]
        striking = [Strike(server, request, f) for f in matching if f.strikes(now)]
        reply: Reply | None = None
        for strike in striking:
            if strike.fault.given.get("delay"):
                await asyncio.sleep(strike.fault.given["delay"])
            for kind, value in _kinds_of(strike.fault):
                if kind.before is not None and value is not False and reply is None:
                    strike.value = value
                    reply = kind.before(strike)
        if reply is None:
            if any(s.fault.given.get("repeat") for s in striking):
                await route(request)
            reply = await route(request)
        for fault in matching:
            fault.last = reply
        for strike in striking:
            for kind, value in _kinds_of(strike.fault):
                if kind.after is not None and value is not False:
                    strike.value = value
                    reply = kind.after(strike, reply)
        return reply


def _kinds_of(fault: Fault) -> list[tuple[Kind, Any]]:
    return [(kind, fault.given[kind.name]) for kind in KINDS if kind.name in fault.given]
