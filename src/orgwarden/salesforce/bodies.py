"""Reading what an answer other than success says, and making it safe to show.

Nothing that comes out of here holds a token, a secret, a control character or more than one line.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

import msgspec

LONGEST_RETRY_AFTER = timedelta(minutes=15)


@dataclass(frozen=True)
class Said:
    """One error as Salesforce wrote it, already safe to show."""

    code: str
    message: str
    oauth: bool = False


def error_of(body: bytes) -> Said:
    try:
        decoded: object = msgspec.json.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return _error_of_text(body[:65536].decode("utf-8", "replace"))
    if isinstance(decoded, list):
        decoded = decoded[0] if decoded else {}
    if not isinstance(decoded, dict):
        return Said("", quoted(str(decoded)))
    oauth = isinstance(decoded.get("error"), str)
    code = decoded.get("errorCode") or decoded.get("exceptionCode") or decoded.get("error")
    message = (
        decoded.get("message")
        or decoded.get("exceptionMessage")
        or decoded.get("error_description")
        or ""
    )
    return Said(_code(code), quoted(str(message)), oauth)


def _error_of_text(text: str) -> Said:
    """XML of REST, of SOAP and of the older Bulk API, or the identity URL's bare word."""
    code = re.search(
        r"<(?:\w+:)?(?:errorCode|exceptionCode|faultcode)>(?:sf:)?([^<]{1,100})<", text
    )
    message = re.search(r"<(?:\w+:)?(?:message|exceptionMessage|faultstring)>([^<]*)<", text)
    if code:
        return Said(_code(code[1]), quoted(message[1] if message else ""))
    word = text.strip()
    if re.fullmatch(r"[A-Za-z_]{3,40}", word):
        return Said(word, word.replace("_", " "))
    return Said("", quoted(text))


def _code(value: object) -> str:
    return value if isinstance(value, str) and re.fullmatch(r"[\w.:-]{1,100}", value) else ""


def is_one_word(body: bytes) -> bool:
    """Whether a body is one bare word, as the identity URL answers (it calls that HTML)."""
    return re.fullmatch(rb"\s*[A-Za-z_]{3,40}\s*", body[:100]) is not None


def is_web_page(headers: Mapping[str, str], body: bytes) -> bool:
    """Whether an answer is HTML: maintenance, a login page or an edge's error, with any status."""
    if "text/html" in headers.get("Content-Type", "").lower():
        return True
    start = body[:256].lstrip().lower()
    return start.startswith((b"<!doctype html", b"<html"))


def retry_after(headers: Mapping[str, str]) -> timedelta | None:
    """What `Retry-After` asks for, seconds or an HTTP date, at most 15 minutes; None if unsaid.

    A date is read against the same answer's `Date`, so that this machine's clock does not matter.
    """
    text = headers.get("Retry-After", "").strip()
    if re.fullmatch(r"[0-9]{1,9}", text):
        return min(timedelta(seconds=int(text)), LONGEST_RETRY_AFTER)
    until, now = http_date(text), http_date(headers.get("Date", ""))
    if until is None or now is None:
        return None
    return min(max(until - now, timedelta(0)), LONGEST_RETRY_AFTER)


def http_date(text: str) -> datetime | None:
    """An HTTP date as an aware UTC time, or None if it is not one."""
    try:
        moment = parsedate_to_datetime(text)
        return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None


LONGEST_QUOTE = 1500  # an error that nobody knows is shown whole
_VALUE = r"(?:\"[^\"]*\"|'[^']*'|[^\s&,;}]+)"
_SECRETS = (
    re.compile(r"00D\w{12,15}![\w.%+/=-]+"),  # access token, session id
    re.compile(r"5Aep861[\w.%+/=-]+"),  # refresh token
    re.compile(r"eyJ[\w-]{8,}\.[\w-]+(?:\.[\w-]*)?"),  # JWT
    re.compile(r"(?i)\b(?:bearer|oauth)\s+[\w.!~+/=-]{8,}"),
    re.compile(
        r"(?i)\b(?:access_token|refresh_token|client_secret|client_assertion|assertion|"
        r"code_verifier|password|sessionid)[\"']?\s*[=:]\s*" + _VALUE
    ),
    # These are also plain words ("unexpected token: …"), so only in a form or in JSON.
    re.compile(r"(?i)\b(?:code|token|sid|secret)(?:=|[\"']\s*:\s*)" + _VALUE),
)


def redacted(text: str) -> str:
    """The text with everything that looks like a token, a secret or a session id left out."""
    for pattern in _SECRETS:
        text = pattern.sub("[left out]", text)
    return text


def quoted(text: str) -> str:
    """Salesforce's words made safe to show: redacted, one line, printable, at most 1,500
    characters. Only the first 2 KB are looked at."""
    one_line = " ".join(redacted(text[:2048]).split())
    clean = "".join(c for c in one_line if c.isprintable())
    return clean if len(clean) <= LONGEST_QUOTE else clean[: LONGEST_QUOTE - 1] + "…"
