"""The catalogue of errors: complete, in plain sentences, each with a fix or a remark."""

from __future__ import annotations

import pytest

from orgwarden.core.problems import UNKNOWN_ERROR
from orgwarden.salesforce import problem_from
from orgwarden.salesforce.catalogue import codes, known

JSON = {"Content-Type": "application/json;charset=UTF-8"}
# Fact sheet 1.8 and 2.2, and the errors of authentication in the fault catalogue (1A).
OF_THE_SHEETS = """
    invalid_grant invalid_client_id invalid_client inactive_user inactive_org invalid_request
    invalid_scope unsupported_response_type unsupported_grant_type redirect_uri_mismatch
    invalid_app_access rate_limit_exceeded access_denied server_error slow_down OAUTH_APP_BLOCKED
    OAUTH_APP_ACCESS_DENIED OAUTH_EC_APP_NOT_FOUND OAUTH_APPROVAL_ERROR_GENERIC
    OAUTH_AUTHORIZATION_BLOCKED INVALID_SESSION_ID INVALIDSESSIONID INVALID_AUTH_HEADER
    INVALID_JWT_FORMAT API_DISABLED_FOR_ORG API_CURRENTLY_DISABLED INSUFFICIENT_ACCESS
    INSUFFICIENT_ACCESS_OR_READONLY FORBIDDEN FUNCTIONALITY_NOT_ENABLED OPERATION_TOO_LARGE
    MALFORMED_QUERY INVALID_FIELD INVALID_TYPE INVALID_TYPE_FOR_OPERATION QUERY_TIMEOUT
    INVALID_QUERY_LOCATOR EXCEEDED_ID_LIMIT MALFORMED_ID INVALID_ID_FIELD
    INVALID_QUERY_FILTER_OPERATOR INVALID_CROSS_REFERENCE_KEY REQUIRED_FIELD_MISSING
    ENTITY_IS_DELETED JSON_PARSER_ERROR UNKNOWN_EXCEPTION UNABLE_TO_LOCK_ROW LIMIT_EXCEEDED
    TXN_SECURITY_METERING_ERROR STORAGE_LIMIT_EXCEEDED NOT_FOUND UNSUPPORTED_API_VERSION
    METHOD_NOT_ALLOWED INTERNAL_SERVER_ERROR SERVER_UNAVAILABLE
""".split()


@pytest.mark.fault("A9")
@pytest.mark.seed("D17", "Z24")
@pytest.mark.parametrize("code", OF_THE_SHEETS)
def test_every_error_of_the_sheets_is_in_the_catalogue(code: str) -> None:
    assert code.upper() in codes()


@pytest.mark.seed("D17")
@pytest.mark.parametrize("one", known(), ids=lambda k: f"{k.code} {k.words}".strip())
def test_every_error_is_a_sentence_with_a_fix_or_passes_by_itself(one: object) -> None:
    what, fix, does = (str(getattr(one, n)) for n in ("what", "fix", "does"))
    assert what[0].isupper()
    assert what.endswith((".", "{said}"))
    assert "!" not in what + fix
    assert fix.endswith(".") or "by itself" in does or "gone" in does or "Renews" in does or not fix
    if does.startswith("Stops"):
        assert fix


@pytest.mark.seed("D17", "Z24")
def test_an_unknown_error_is_shown_whole_without_secrets_and_offers_a_bundle() -> None:
    body = (
        b'[{"errorCode":"FLUX_DISCHARGED","message":"The capacitor is empty; '
        b'access_token=00D000000000001!AQkAQFzQ4canary was seen"}]'
    )
    problem = problem_from(400, JSON, body, endpoint="/services/data/v62.0/query")
    assert "FLUX_DISCHARGED" in problem.what
    assert "The capacitor is empty" in problem.what
    assert "was seen" in problem.what
    assert "canary" not in problem.sentence()
    assert (problem.fix, problem.code) == (UNKNOWN_ERROR, "FLUX_DISCHARGED")


@pytest.mark.seed("D17")
@pytest.mark.parametrize(
    ("status", "body", "says"),
    [
        (504, b"", "It is tried again"),  # a read that timed out is made again
        (400, b'{"error":"invalid_grant","error_description":"expired access/refresh token"}',
         "Reconnect"),
        (401, b'[{"errorCode":"INVALID_SESSION_ID","message":"This session is not valid for use '
         b'with the REST API"}]', "connect again"),
    ],
)  # fmt: skip
def test_the_rows_of_the_seed_say_what_to_do(status: int, body: bytes, says: str) -> None:
    assert says in problem_from(status, JSON, body, endpoint="/services/data").fix
