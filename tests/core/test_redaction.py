"""Redaction: what has the form of a secret is gone, and what is not a secret stays readable."""

from __future__ import annotations

import io
import logging
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orgwarden.core.redaction import GONE, Line, Redact, one_line, redacted

TOKEN = "00Dxx0000001gER!AQEAQLXtPFM3kIwIoZ.xSx0ypsuBuf5_W2lM0iewV3YaL"
SECRETS = [
    ("Authorization: Bearer " + TOKEN, "AQEAQ"),
    ("authorization=OAuth abcdefgh12345678", "abcdefgh"),
    ("Basic dXNlcjpwYXNzd29yZA==", "dXNlcj"),
    ("session " + TOKEN + " was refused", "AQEAQ"),
    ("sid=00Dxx0000001gER%21AQEAQLXtPFM3kIw&x=1", "AQEAQ"),
    ('{"access_token": "tok\\"en-value", "scope": "api"}', "en-value"),
    ("{'refresh_token': 'it is a secret'}", "it is a secret"),
    ("body=grant_type=refresh_token&refresh_token=5Aepvalue&client_secret=ABCDEF", "ABCDEF"),
    ("body=grant_type=refresh_token&refresh_token=5Aepvalue&client_secret=ABCDEF", "5Aepvalue"),
    ("refresh 5Aep861TSESvWeug_xvFHRBTTbf_YrTWgEyjBJrgA", "TSESvWeug"),
    ("jwt eyJhbGciOiJSUzI1NiJ9.eyJpc3MiOiIzTVZHOSJ9.c2lnbmF0dXJl end", "c2lnbmF0"),
    ("webhook whsec_MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY= of ours", "MDEyMzQ1"),
    ("used ow_0123456789abcdefghijABCDEFGHIJ0123456789x1y2z3 from 10.0.0.1", "ghijABCD"),
    ("key:\n-----BEGIN RSA PRIVATE KEY-----\nMIIEow\n-----END RSA PRIVATE KEY-----\n", "MIIEow"),
    ("cut off: -----BEGIN PRIVATE KEY-----\nMIIEow", "MIIEow"),
    ("connect to postgres://ann:hunter2@db/x failed", "hunter2"),
    ("password: hunter2", "hunter2"),
    ("access_token%3Dhunter2", "hunter2"),
    ("clientSecret=hunter2", "hunter2"),
    ("code_verifier=hunter2", "hunter2"),
]
READABLE = [
    "collected 2,000 rows of login_history in 4 calls",
    "GET /services/data/v64.0/limits answered 200 in 31 ms",
    "org 00Dxx0000001gERAAY was connected by ann@example.com",
    "the token was refreshed",
    "cursor 2026-11-21T12:00:00Z, next due 12:15",
    "Traceback: KeyError: 'LoginTime'",
]


@pytest.mark.parametrize(("text", "secret"), SECRETS)
def test_what_has_the_form_of_a_secret_is_gone(text: str, secret: str) -> None:
    assert secret in text
    assert secret not in redacted(text)
    assert GONE in redacted(text)


@pytest.mark.parametrize("text", READABLE)
def test_what_is_no_secret_stays_readable(text: str) -> None:
    assert redacted(text) == text


@pytest.mark.parametrize(("text", "secret"), SECRETS)
def test_what_is_redacted_twice_reads_as_once(text: str, secret: str) -> None:
    assert redacted(redacted(text)) == redacted(text)


@given(st.text())
def test_no_text_breaks_it_and_twice_is_once(text: str) -> None:
    once = redacted(text)
    assert redacted(once) == once


@given(st.text())
def test_a_hostile_name_makes_neither_a_line_nor_an_escape(text: str) -> None:
    line = one_line(text)
    assert len(line.splitlines()) <= 1
    assert "\x1b" not in line


def written(message: object, *arguments: object, exc: bool = False) -> str:
    out = io.StringIO()
    handler = logging.StreamHandler(out)
    handler.addFilter(Redact())
    handler.setFormatter(Line("{asctime} {levelname} {message}", style="{"))
    record = logging.LogRecord(
        "orgwarden", logging.ERROR, __file__, 1, message, arguments, sys.exc_info() if exc else None
    )
    record.created = 1795262400.25
    handler.handle(record)
    return out.getvalue()


def test_arguments_are_redacted_after_they_are_put_in() -> None:
    assert written("token=%s", TOKEN) == "2026-11-21T12:00:00.250Z ERROR token=[redacted]\n"


def test_tracebacks_are_redacted() -> None:
    try:
        raise RuntimeError(f"no answer from /token?client_secret={TOKEN}")
    except RuntimeError:
        text = written("failed", exc=True)
    assert "RuntimeError" in text
    assert "AQEAQ" not in text


def test_arguments_that_do_not_fit_are_left_out_not_shown() -> None:
    assert "hunter2" not in written("%d rows", "hunter2")
    assert "arguments left out" in written("%d rows", "hunter2")


def test_a_name_cannot_forge_a_line() -> None:
    text = written("app %s", "x\n2026-11-21 ERROR forged\x1b[2J")
    assert text.count("\n") == 1
    assert "\x1b" not in text
