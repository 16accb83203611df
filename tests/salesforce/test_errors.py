"""Every error of Salesforce's, and the sentence a person reads for it.

The sentences are kept in `problem_sentences.txt`; run this file as a program to write them anew
after a change that is meant.
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orgwarden.core.problems import (
    GrantExpired,
    NeedsPerson,
    NotAllowed,
    NotThere,
    Problem,
    TryLater,
)
from orgwarden.salesforce import CursorGone, DailyLimitReached, problem_from
from orgwarden.salesforce.bodies import quoted, redacted
from orgwarden.salesforce.errors import SessionExpired, worth_repeating

SENTENCES = Path(__file__).with_name("problem_sentences.txt")
JSON = {"Content-Type": "application/json;charset=UTF-8"}
PATH = "/services/data/v62.0/query"

# Status, code, message: the fact sheet's 2.2 and 2.5.
REST: list[tuple[int, str, str]] = [
    (401, "INVALID_SESSION_ID", "Session expired or invalid"),
    (401, "INVALID_SESSION_ID", "This session is not valid for use with the REST API"),
    (401, "INVALID_SESSION_ID", "Connected app is not attached to Agent"),
    (401, "INVALID_AUTH_HEADER", "INVALID_AUTH_HEADER"),
    (400, "InvalidSessionId", "Invalid session id"),
    (403, "REQUEST_LIMIT_EXCEEDED", "TotalRequests Limit exceeded."),
    (403, "REQUEST_LIMIT_EXCEEDED",
     "ConcurrentRequests (Concurrent API Requests) Limit exceeded."),
    (403, "API_DISABLED_FOR_ORG", "The REST API is not enabled for this Organization."),
    (403, "API_CURRENTLY_DISABLED", "API is disabled for this User"),
    (403, "INSUFFICIENT_ACCESS", "insufficient access rights on cross-reference id"),
    (403, "FORBIDDEN", "You do not have access to this resource."),
    (403, "FUNCTIONALITY_NOT_ENABLED", "[Event Monitoring] is not enabled"),
    (403, "OPERATION_TOO_LARGE", "exceeded 100000 distinct who/what's"),
    (400, "MALFORMED_QUERY",
     "\nSELECT Foo\n ^\nERROR at Row:1:Column:8\nunexpected token: 'Foo'"),
    (400, "INVALID_FIELD",
     "\nSELECT Bar FROM User\n ^\nERROR at Row:1:Column:8\nNo such column 'Bar' on entity 'User'."),
    (400, "INVALID_FIELD", "field 'Status' can not be filtered in a query call"),
    (400, "INVALID_TYPE", "sObject type 'EventLogFile' is not supported."),
    (400, "INVALID_TYPE_FOR_OPERATION", "entity type X does not support query"),
    (400, "QUERY_TIMEOUT", "Your query request was running for too long."),
    (500, "QUERY_TIMEOUT", "Your query request was running for too long."),
    (400, "INVALID_QUERY_LOCATOR", "invalid query locator"),
    (400, "EXCEEDED_ID_LIMIT", "record limit reached. cannot submit more than 2000 records"),
    (400, "MALFORMED_ID", "malformed id x"),
    (400, "INVALID_QUERY_FILTER_OPERATOR", "invalid operator on id field"),
    (400, "INVALID_CROSS_REFERENCE_KEY", "invalid cross reference id"),
    (404, "ENTITY_IS_DELETED", "entity is deleted"),
    (400, "JSON_PARSER_ERROR", "Unexpected character"),
    (500, "UNKNOWN_EXCEPTION", "An unexpected error occurred. Include this ErrorId: 1-2 (3)"),
    (500, "INTERNAL_SERVER_ERROR", "oops"),
    (400, "UNABLE_TO_LOCK_ROW", "unable to obtain exclusive access to this record"),
    (400, "LIMIT_EXCEEDED", "Max bulk query jobs reached"),
    (400, "TXN_SECURITY_METERING_ERROR", "We can't complete the action because enabled"
     " transaction security policies took too long to complete."),
    (400, "STORAGE_LIMIT_EXCEEDED", "storage limit exceeded"),
    (400, "INVALIDENTITY", "Entity 'LoginGeo' is not supported by the Bulk API."),
    (400, "API_ERROR", "Implementation restriction: only users with View All Data"),
    (400, "INVALIDJOBSTATE", "Job is not complete"),
    (404, "INVALIDJOB", "Unable to find object with id"),
    (404, "NOT_FOUND", "The requested resource does not exist"),
    (410, "UNSUPPORTED_API_VERSION", "version 20.0 is not supported"),
    (405, "METHOD_NOT_ALLOWED", "HTTP Method 'PUT' not allowed. Allowed are GET"),
    (503, "SERVER_UNAVAILABLE", "The server is temporarily unavailable"),
    (400, "SOMETHING_NEW", "never heard of"),
    (403, "SOMETHING_NEW", "never heard of"),
    (404, "SOMETHING_NEW", "never heard of"),
    (500, "SOMETHING_NEW", "never heard of"),
    (414, "", ""), (420, "", ""), (429, "", ""), (431, "", ""), (502, "", ""), (504, "", ""),
]  # fmt: skip

# Error, description: the fact sheet's 1.8.
OAUTH: list[tuple[str, str]] = [
    ("invalid_grant", "expired access/refresh token"),
    ("invalid_grant", "inactive user"),
    ("invalid_grant", "user is locked"),
    ("invalid_grant", "expired authorization code"),
    ("invalid_grant", "invalid authorization code"),
    ("invalid_grant", "authentication failure"),
    ("invalid_grant", "authentication failure - invalid client credentials"),
    ("invalid_grant", "ip restricted"),
    ("invalid_grant", "ip restricted or invalid login hours"),
    ("invalid_grant", "redirect uri does not match configuration"),
    ("invalid_grant", "request not supported on this domain"),
    ("invalid_grant", "no client credentials user enabled"),
    ("invalid_grant", "client credentials flow not enabled"),
    ("invalid_grant", "user hasn't approved this consumer"),
    ("invalid_grant", "Audience validation failed"),
    ("invalid_grant", "audience is invalid"),
    ("invalid_grant", "invalid assertion"),
    ("invalid_grant", "invalid code verifier"),
    ("invalid_grant", "Token request is already being processed"),
    ("invalid_grant", "something else"),
    ("invalid_grant", ""),
    ("invalid_client_id", "client identifier invalid"),
    ("invalid_client", "invalid client credentials"),
    ("invalid_client", "app must be installed into org"),
    ("inactive_user", "user is inactive"),
    ("inactive_org", "organization is locked, closed, or suspended"),
    ("invalid_request", "missing required code challenge"),
    ("invalid_scope", "the requested scope is not allowed"),
    ("unsupported_grant_type", "grant type not supported"),
    ("redirect_uri_mismatch", "redirect_uri must match configuration"),
    ("invalid_app_access", "user is not admin approved to access this app"),
    ("rate_limit_exceeded", "login rate exceeded"),
    ("access_denied", "end-user denied authorization"),
    ("server_error", "x"),
    ("slow_down", ""),
    ("OAUTH_APP_BLOCKED", "this app is blocked by admin"),
    ("OAUTH_APP_ACCESS_DENIED", ""),
    ("OAUTH_EC_APP_NOT_FOUND", "external client app is not installed in this org"),
    ("OAUTH_APPROVAL_ERROR_GENERIC", "An unexpected error has occured during authentication."),
    ("OAUTH_AUTHORIZATION_BLOCKED", "cross-org OAuth flows are blocked"),
    ("something_new", "never heard of"),
]


def rest(status: int, code: str, message: str) -> Problem:
    body = json.dumps([{"message": message, "errorCode": code}]).encode() if code else b""
    return problem_from(status, JSON if code else {}, body, endpoint=PATH)


def oauth(error: str, description: str) -> Problem:
    body = json.dumps({"error": error, "error_description": description}).encode()
    return problem_from(400, JSON, body, endpoint="/services/oauth2/token")


def sentences() -> str:
    lines = []
    for status, code, message in REST:
        problem = rest(status, code, message)
        lines.append(f"{status} {code or '-'}\n    {type(problem).__name__} {problem.code}")
        lines.append(f"    {problem.sentence()}\n")
    for error, description in OAUTH:
        problem = oauth(error, description)
        lines.append(f"{error}: {description or '-'}\n    {type(problem).__name__} {problem.code}")
        lines.append(f"    {problem.sentence()}\n")
    return "\n".join(lines)


@pytest.mark.seed("D17")
def test_the_sentences_people_read_are_these() -> None:
    assert sentences() == SENTENCES.read_text(encoding="utf-8")


@pytest.mark.parametrize(("error", "description"), OAUTH)
def test_every_sign_in_error_that_is_not_passing_has_a_fix(error: str, description: str) -> None:
    problem = oauth(error, description)
    assert problem.fix or isinstance(problem, TryLater)
    assert "sign-in failed" not in problem.what.lower()
    assert isinstance(problem, (NeedsPerson, TryLater))


@pytest.mark.parametrize(
    ("status", "code", "message", "kind"),
    [
        (400, "INVALID_TYPE", "x", NotAllowed),
        (400, "INVALID_FIELD", "No such column 'Interval' on entity 'EventLogFile'", NotAllowed),
        (400, "QUERY_TIMEOUT", "x", TryLater),
        (500, "QUERY_TIMEOUT", "x", TryLater),
        (400, "INVALID_QUERY_LOCATOR", "x", CursorGone),
        (404, "NOT_FOUND", "x", NotThere),
        (403, "API_DISABLED_FOR_ORG", "x", NeedsPerson),
        (403, "API_CURRENTLY_DISABLED", "x", NeedsPerson),
        (403, "REQUEST_LIMIT_EXCEEDED", "TotalRequests Limit exceeded.", DailyLimitReached),
        (401, "INVALID_SESSION_ID", "Session expired or invalid", SessionExpired),
    ],
)
def test_errors_are_named_by_what_to_do(
    status: int, code: str, message: str, kind: type[Problem]
) -> None:
    problem = rest(status, code, message)
    assert type(problem) is kind
    assert problem.code == code


@pytest.mark.parametrize(
    "body",
    [
        b'[{"message":"no such","errorCode":"NOT_FOUND"}]',
        b'{"message":"no such","errorCode":"NOT_FOUND"}',
        b'{"exceptionMessage":"no such","exceptionCode":"NOT_FOUND"}',
        b"<?xml version='1.0'?><Errors><Error><errorCode>NOT_FOUND</errorCode>"
        b"<message>no such</message></Error></Errors>",
        b'[{"message":"no such","errorCode":"NOT_FOUND","fields":["x"]}]',
    ],
)
def test_every_form_of_an_error_body_is_read(body: bytes) -> None:
    problem = problem_from(404, {}, body, endpoint=PATH)
    assert isinstance(problem, NotThere)
    assert problem.code == "NOT_FOUND"
    assert "no such" in problem.what


@pytest.mark.parametrize("status", [400, 401, 403, 404, 420, 429, 500, 502, 503, 504])
@pytest.mark.parametrize(
    "body", [b"", b"[]", b"{}", b"null", b'"x"', b"[[]]", b"[1]", b"\xff\xfe", b"{", b"a b c"]
)
def test_a_body_nobody_expected_is_still_a_problem(status: int, body: bytes) -> None:
    problem = problem_from(status, {}, body, endpoint=PATH)
    assert problem.what
    if status in (420, 429) or status >= 500:
        assert worth_repeating(problem, idempotent=True)


def test_a_dead_grant_and_a_locked_user_are_told_apart() -> None:
    assert isinstance(oauth("invalid_grant", "expired access/refresh token"), GrantExpired)
    assert not isinstance(oauth("invalid_grant", "user is locked"), GrantExpired)


@pytest.mark.parametrize(
    "text",
    [
        "00D000000000001!AQcAQH0dMHEXAMPLEzmpkb58urFRkgeBGsxL_QJWwYMfAb",
        "5Aep861TSESvWeug_xvFHRBTTbf_YrTWgEyjBJrhkxQwCMqC",
        "eyJhbGciOiJSUzI1NiJ9.eyJpc3MiOiJrIn0.c2lnbmF0dXJl",
        "Authorization: Bearer hush.hush.hush",
        "client_secret=hush-hush&x=1",
        '{"refresh_token": "hush hush"}',
        "sid=hush; Path=/",
        "password: hush",
    ],
)
def test_what_looks_like_a_secret_is_left_out(text: str) -> None:
    for secret in ("hush", "AQcAQH0d", "TSESvWeug", "c2lnbmF0dXJl"):
        assert secret not in redacted(f"before {text} after")


@given(st.text(max_size=4000))
def test_what_is_quoted_is_one_short_printable_line(text: str) -> None:
    line = quoted(text)
    assert len(line) <= 1500
    assert not line or line.isprintable()


@given(st.integers(300, 599), st.binary(max_size=300))
def test_no_answer_breaks_the_reader(status: int, body: bytes) -> None:
    assert problem_from(status, {}, body, endpoint=PATH).what


if __name__ == "__main__":
    SENTENCES.write_text(sentences(), encoding="utf-8")
