"""Takes secrets out of text that is about to be written where people read it.

The last net, not the first: code that holds a secret does not log it. What is recognised by its
form is replaced whoever wrote it, a third party's library included.
"""

from __future__ import annotations

import logging
import re
from datetime import UTC, datetime

GONE = "[redacted]"

_NAMES = (
    r"access_?token|refresh_?token|id_?token|client_?secret|consumer_?secret|private_?key|"
    r"password|passwd|code_?verifier|assertion|session_?id|sid|api_?key|secret|token|"
    r"delete_?token|request_?token"
)
_PATTERNS: tuple[tuple[re.Pattern[str], str], ...] = (
    (
        re.compile(r"-----BEGIN [A-Z ]*PRIVATE KEY-----.*?(-----END [A-Z ]*-----|\Z)", re.S),
        GONE,
    ),
    # Authorization: Bearer …, OAuth …, Basic …
    (re.compile(r"(?i)\b(bearer|oauth|basic)\s+[A-Za-z0-9._~+/!=-]{8,}"), rf"\1 {GONE}"),
    # name=value, "name": "value", 'name': 'value', also inside a percent-encoded form
    (
        re.compile(
            rf"""(?ix)((?:\b|_)(?:{_NAMES})\\?["']?\s*(?:=|:|%3D|%3A)\s*)(?!\[redacted\])"""
            r"""(?:\\?"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'|[^\s"'&,;)}\]]+)"""
        ),
        rf"\1{GONE}",
    ),
    # A Salesforce session: org id, "!" (or its percent form), then the key
    (re.compile(r"\b00D[A-Za-z0-9]{12,15}(!|%21)[A-Za-z0-9._%-]{8,}"), GONE),
    # A Salesforce refresh token
    (re.compile(r"\b5Aep[A-Za-z0-9._!-]{20,}"), GONE),
    # One of our own API tokens (core.token_text), also cut off
    (re.compile(r"(?<![A-Za-z0-9])ow_[A-Za-z0-9]{16,}"), GONE),
    # The signing secret of a webhook
    (re.compile(r"\bwhsec_[A-Za-z0-9+/=]{16,}"), GONE),
    # A JSON web token
    (re.compile(r"\beyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}(\.[A-Za-z0-9_-]*)?"), GONE),
    # A password inside an address
    (re.compile(r"(://[^/\s:@]+:)[^/\s@]+@"), rf"\1{GONE}@"),
)
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]")


def redacted(text: str) -> str:
    """`text` without what looks like a secret."""
    for pattern, instead in _PATTERNS:
        text = pattern.sub(instead, text)
    return text


def one_line(text: str) -> str:
    """`text` with line ends and control characters spelled out, so that a hostile name can
    neither forge a log line nor drive a terminal."""
    return _visible(text.replace("\n", "\\n"))


def _visible(text: str) -> str:
    return _CONTROL.sub(lambda m: f"\\x{ord(m[0]):02x}", text)


class Redact(logging.Filter):
    """Cleans a record before its handler formats it: message, traceback and stack."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Always True: a record is cleaned, never dropped."""
        try:
            message = record.getMessage()
        except (TypeError, ValueError, KeyError):  # arguments that do not fit the format
            message = f"{record.msg} (arguments left out)"
        record.msg, record.args = one_line(redacted(message)), None
        if record.exc_info and not record.exc_text:
            record.exc_text = logging.Formatter().formatException(record.exc_info)
        if record.exc_text:
            record.exc_text = _visible(redacted(record.exc_text))
        if record.stack_info:
            record.stack_info = _visible(redacted(record.stack_info))
        return True


class Line(logging.Formatter):
    """A log line's time is UTC and says so."""

    def formatTime(self, record: logging.LogRecord, datefmt: str | None = None) -> str:  # noqa: N802
        """The record's time as ISO 8601 with milliseconds."""
        at = datetime.fromtimestamp(record.created, UTC)
        return f"{at:%Y-%m-%dT%H:%M:%S}.{at.microsecond // 1000:03d}Z"
