"""Salesforce's errors as problems named by what the caller should do (fact sheet 2.2).

Salesforce's own words are quoted, cleaned, cut to one short line and stripped of anything that
looks like a secret; a body is never passed on raw. OAuth's errors are in `oauth_errors`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

from orgwarden.core.problems import (
    UNKNOWN_ERROR,
    GrantExpired,
    NeedsPerson,
    NotAllowed,
    NotThere,
    OverBudget,
    Problem,
    TryLater,
)
from orgwarden.salesforce.bodies import (
    Said,
    error_of,
    is_one_word,
    is_web_page,
    quoted,
    retry_after,
)
from orgwarden.salesforce.oauth_errors import oauth_problem


class SessionExpired(Problem):
    """The access token is no longer honoured. The client renews it once and repeats the request;
    outside this package nobody sees it."""


class CursorGone(TryLater):
    """A query's cursor was dropped while it was read: read the same window again from its start
    (what was read so far is not the whole result)."""


class DailyLimitReached(TryLater):
    """The org has used all its API calls of the last 24 hours: stop reading from it."""

    rule = "salesforce"


class TooManyAtOnce(TryLater):
    """Too many long requests run in the org at this moment; none of its daily calls is missing."""

    rule = "concurrent"


@dataclass(frozen=True)
class Meaning:
    """What one error code means. `{said}` stands for Salesforce's own words."""

    kind: type[Problem]
    what: str
    fix: str = ""
    after: timedelta | None = None


_ADMIN_GIVES = "Give the integration user this permission, or ask the org's administrator to."
_BUG = "This is a fault in Orgwarden: please report it with this sentence."

MEANINGS: dict[str, Meaning] = {
    "INVALID_SESSION_ID": Meaning(SessionExpired, "The session has ended."),
    "INVALIDSESSIONID": Meaning(SessionExpired, "The session has ended."),
    "INVALID_AUTH_HEADER": Meaning(SessionExpired, "The access token was not understood."),
    "INVALID_JWT_FORMAT": Meaning(SessionExpired, "The access token has run out."),
    "BAD_OAUTH_TOKEN": Meaning(SessionExpired, "The access token is not honoured."),
    "MISSING_OAUTH_TOKEN": Meaning(SessionExpired, "The access token did not arrive."),
    # The identity URL's bare words.
    "WRONG_ORG": Meaning(
        NeedsPerson, "The sign-in belongs to another org.", "Check the address and connect again."
    ),
    "INACTIVE": Meaning(
        GrantExpired,
        "The connected user is inactive in Salesforce.",
        "Activate the user, or reconnect the org with another one.",
    ),
    "NO_ACCESS": Meaning(
        NotAllowed,
        "The sign-in may not see whose it is.",
        "Add the scope id (“Access the identity URL service”) to the app and connect again.",
    ),
    "API_DISABLED_FOR_ORG": Meaning(
        NeedsPerson,
        "This org's edition has no API access.",
        "Ask your Salesforce account team for API access, or upgrade to Enterprise Edition.",
    ),
    "API_CURRENTLY_DISABLED": Meaning(
        NeedsPerson,
        "The connected user may not use the API.",
        "Give the integration user “API Enabled” through a profile or permission set.",
    ),
    "UNSUPPORTED_API_VERSION": Meaning(
        NeedsPerson,
        "Salesforce has retired the API version that this Orgwarden uses.",
        "Upgrade Orgwarden.",
    ),
    "INVALID_TYPE": Meaning(
        NotAllowed,
        "Salesforce does not show this object to the connected user: {said}",
        "Give the integration user the permission for it; without the licence or edition that"
        " includes it, it stays dark.",
    ),
    "INVALIDENTITY": Meaning(
        NotAllowed,
        "This object cannot be read through the Bulk API: {said}",
        "It is read through the REST API instead where that works.",
    ),
    "INVALID_FIELD": Meaning(
        NotAllowed,
        "Salesforce does not show a field to the connected user: {said}",
        "Give the integration user access to the field; what it holds is not collected until then.",
    ),
    "INVALID_TYPE_FOR_OPERATION": Meaning(
        NotAllowed, "This object cannot be queried here: {said}", _ADMIN_GIVES
    ),
    "INSUFFICIENT_ACCESS": Meaning(
        NotAllowed, "The connected user lacks access: {said}", _ADMIN_GIVES
    ),
    "INSUFFICIENT_ACCESS_OR_READONLY": Meaning(
        NotAllowed, "The connected user lacks access: {said}", _ADMIN_GIVES
    ),
    "INSUFFICIENT_ACCESS_ON_CROSS_REFERENCE_ENTITY": Meaning(
        NotAllowed, "The connected user lacks access: {said}", _ADMIN_GIVES
    ),
    "FORBIDDEN": Meaning(NotAllowed, "The connected user lacks access: {said}", _ADMIN_GIVES),
    "FUNCTIONALITY_NOT_ENABLED": Meaning(
        NotAllowed,
        "The org does not have this feature: {said}",
        "Turn the feature on in Setup if the org's edition includes it.",
    ),
    "OPERATION_TOO_LARGE": Meaning(
        NotAllowed,
        "Salesforce refuses so wide a query to a user without “View All Data”: {said}",
        "Give the integration user “View All Data” for this object.",
    ),
    "API_ERROR": Meaning(
        NotAllowed,
        "The Bulk API refuses this query to the connected user: {said}",
        "Give the integration user “View All Data” for this object.",
    ),
    "MALFORMED_QUERY": Meaning(Problem, "Salesforce could not read our query: {said}", _BUG),
    "INVALID_QUERY_FILTER_OPERATOR": Meaning(
        Problem, "Salesforce refused a filter of our query: {said}", _BUG
    ),
    "EXCEEDED_ID_LIMIT": Meaning(Problem, "Too many ids in one request: {said}", _BUG),
    "INVALID_ID_FIELD": Meaning(Problem, "Salesforce could not read an id: {said}", _BUG),
    "REQUIRED_FIELD_MISSING": Meaning(Problem, "Salesforce misses a field: {said}", _BUG),
    "MALFORMED_ID": Meaning(Problem, "Salesforce could not read an id: {said}", _BUG),
    "JSON_PARSER_ERROR": Meaning(Problem, "Salesforce could not read our request: {said}", _BUG),
    "METHOD_NOT_ALLOWED": Meaning(Problem, "Salesforce refused the request: {said}", _BUG),
    "NOT_FOUND": Meaning(NotThere, "Salesforce has nothing at this address: {said}"),
    "ENTITY_IS_DELETED": Meaning(NotThere, "This record was deleted in Salesforce: {said}"),
    "INVALID_CROSS_REFERENCE_KEY": Meaning(NotThere, "No such record in Salesforce: {said}"),
    "QUERY_TIMEOUT": Meaning(
        TryLater,
        "Salesforce stopped a query that ran for more than two minutes.",
        "It is read again in a smaller window.",
    ),
    "INVALID_QUERY_LOCATOR": Meaning(
        CursorGone,
        "Salesforce dropped the cursor of a long query.",
        "The same window is read again from its start.",
    ),
    "INVALIDJOBSTATE": Meaning(TryLater, "A Bulk job is not in the expected state: {said}"),
    "INVALIDJOB": Meaning(NotThere, "Salesforce no longer has this Bulk job: {said}"),
    "LIMIT_EXCEEDED": Meaning(
        TryLater,
        "The org has used up one of its daily Bulk limits: {said}",
        "It frees itself over 24 hours; Setup, System Overview shows who used it.",
        timedelta(hours=1),
    ),
    "EXCEEDEDQUOTA": Meaning(
        TryLater,
        "The org has used up one of its daily Bulk limits: {said}",
        "It frees itself over 24 hours; Setup, System Overview shows who used it.",
        timedelta(hours=1),
    ),
    "STORAGE_LIMIT_EXCEEDED": Meaning(
        NeedsPerson, "The org's storage is full: {said}", "Free storage in the org or buy more."
    ),
    "UNABLE_TO_LOCK_ROW": Meaning(TryLater, "Another process in the org held a needed record."),
    "SERVER_UNAVAILABLE": Meaning(
        TryLater,
        "Salesforce is overloaded or under maintenance.",
        "status.salesforce.com shows the state of the org's instance.",
    ),
    "UNKNOWN_EXCEPTION": Meaning(TryLater, "Salesforce failed inside: {said}"),
    "INTERNAL_SERVER_ERROR": Meaning(TryLater, "Salesforce failed inside: {said}"),
    "TXN_SECURITY_METERING_ERROR": Meaning(
        TryLater,
        "The org's transaction security policies took too long to judge our request.",
        "If this persists, exempt the integration user from those policies.",
    ),
}

# The same call may well succeed in a moment; for the rest, waiting in place only burns calls.
_WORTH_REPEATING = frozenset({
    "UNREACHABLE", "NO_ANSWER", "CUT_SHORT", "WEB_PAGE", "WRONG_LENGTH", "NOT_JSON",
    "UNABLE_TO_LOCK_ROW", "SERVER_UNAVAILABLE", "UNKNOWN_EXCEPTION", "INTERNAL_SERVER_ERROR",
    "TXN_SECURITY_METERING_ERROR", "REQUEST_LIMIT_EXCEEDED", "HTTP_408", "HTTP_420", "HTTP_429",
    "HTTP_500", "HTTP_502", "HTTP_503", "HTTP_504", "server_error",
    "slow_down", "ALREADY_PROCESSED",
})  # fmt: skip
# Salesforce did not act on the request, so even one that must not be done twice may be repeated.
_NOT_ACTED_ON = frozenset({
    "UNREACHABLE", "HTTP_429", "HTTP_503", "SERVER_UNAVAILABLE", "REQUEST_LIMIT_EXCEEDED",
})  # fmt: skip


def worth_repeating(problem: Problem, *, idempotent: bool) -> bool:
    """Whether the same request, sent again within a minute, is likely to succeed."""
    if not isinstance(problem, TryLater):
        return False
    if isinstance(problem, (OverBudget, CursorGone, DailyLimitReached)):
        return False
    return problem.code in (_WORTH_REPEATING if idempotent else _NOT_ACTED_ON)


def problem_from(status: int, headers: Mapping[str, str], body: bytes, *, endpoint: str) -> Problem:
    """The problem that an answer other than success means.

    `endpoint` is the path asked, without its query; it is shown to people. Understands error
    arrays, bare objects, XML, the plain words of the identity URL, OAuth objects and web pages.
    """
    after = retry_after(headers)
    if is_web_page(headers, body) and not is_one_word(body):
        return _web_page(status, body, endpoint, after)
    said = error_of(body)
    if said.oauth:
        return oauth_problem(said.code, said.message, after=after)
    if said.code == "REQUEST_LIMIT_EXCEEDED":
        return _limit(said.message, after)
    if status == 401 or (status in (400, 403) and _plain_session_error(said)):
        return _unauthorised(said)
    if said.code == "INVALID_FIELD" and "can not be filtered" in said.message:
        return Problem(
            f"Salesforce refused a filter of our query: {_as_sentence(said.message)}",
            fix=_BUG,
            code="INVALID_FIELD",
        )
    meaning = MEANINGS.get(said.code.upper())
    if meaning is not None:
        return _made(meaning, said, after)
    return _by_status(status, said, endpoint, after)


def _made(meaning: Meaning, said: Said, after: timedelta | None) -> Problem:
    words = said.message
    if meaning.kind is NotAllowed:
        # Our own query stands before the part that matters.
        words = re.sub(r"^.*ERROR at Row:\d+:Column:\d+\s*", "", words)
    what = meaning.what.replace("{said}", _as_sentence(words))
    if issubclass(meaning.kind, TryLater):
        return meaning.kind(what, after=after or meaning.after, fix=meaning.fix, code=said.code)
    return meaning.kind(what, fix=meaning.fix, code=said.code)


def _limit(message: str, after: timedelta | None) -> Problem:
    if "concurrent" in message.lower():
        return TooManyAtOnce(
            "Too many long requests run in the org at once.",
            after=after,
            fix="It passes by itself; Setup, Apex Jobs and the API usage report show which.",
            code="REQUEST_LIMIT_EXCEEDED",
        )
    return DailyLimitReached(
        "The org has used all its API calls of the last 24 hours.",
        after=after or timedelta(hours=1),
        fix="Orgwarden goes on by itself when calls are free again; Setup, API Usage Last 7 Days"
        " shows who used them.",
        code="REQUEST_LIMIT_EXCEEDED",
    )


def _plain_session_error(said: Said) -> bool:
    """Bulk answers 400 and some hosts 403 where REST answers 401 (tap-salesforce#222)."""
    return said.code.upper() in ("INVALID_SESSION_ID", "INVALIDSESSIONID", "BAD_OAUTH_TOKEN")


def _unauthorised(said: Said) -> Problem:
    lowered = said.message.lower()
    # Two texts that a new token does not mend (jsforce keeps the same list).
    if "not valid for use with the rest api" in lowered or "not attached to agent" in lowered:
        return NeedsPerson(
            f"Salesforce accepts the sign-in but not for the API: {_as_sentence(said.message)}",
            fix="Add the “Manage user data via APIs (api)” scope to the app and connect again.",
            code=said.code or "HTTP_401",
        )
    return SessionExpired("The session has ended.", code=said.code or "HTTP_401")


def _web_page(status: int, body: bytes, endpoint: str, after: timedelta | None) -> Problem:
    found = re.search(rb"<title[^>]*>(.{0,200}?)</title>", body[:65536], re.I | re.S)
    title = quoted(found[1].decode("utf-8", "replace")) if found else ""
    about = f" (“{title}”)" if title else ""
    if status == 401:
        return SessionExpired("The session has ended.", code="HTTP_401")
    if status in (404, 410):
        return NotThere(f"Salesforce has nothing at {endpoint}{about}.", code=f"HTTP_{status}")
    return TryLater(
        f"Salesforce answered {endpoint} with a web page instead of data{about}.",
        after=after,
        fix="This is usually maintenance and passes by itself; if it stays, check the org's"
        " My Domain address.",
        code="WEB_PAGE",
    )


def _by_status(status: int, said: Said, endpoint: str, after: timedelta | None) -> Problem:
    words = f": {_as_sentence(said.message)}" if said.message else "."
    code = said.code or f"HTTP_{status}"
    if status in (408, 420, 429) or status >= 500:
        return TryLater(
            f"Salesforce could not answer {endpoint} now (HTTP {status}){words}",
            after=after,
            fix="It is tried again; status.salesforce.com shows the state of the org's instance.",
            # A code we do not know says less about repeating than the status does.
            code=f"HTTP_{status}",
        )
    if status in (404, 410):
        return NotThere(f"Salesforce has nothing at {endpoint}{words}", code=code)
    if status == 403:
        return NotAllowed(
            f"The connected user may not use {endpoint}{words}", fix=_ADMIN_GIVES, code=code
        )
    known = f", {code}" if said.code else ""
    return Problem(
        f"Salesforce refused {endpoint} (HTTP {status}{known}){words}", fix=UNKNOWN_ERROR, code=code
    )


def _as_sentence(words: str) -> str:
    if not words:
        return "(it gave no reason)."
    return words if words[-1] in ".!?…" else words + "."
