"""Faults: where they strike, when, and what they do on the wire."""

from __future__ import annotations

import re
import time
from pathlib import Path
from typing import Any

import pytest
import requests

from orgsim import faults
from orgsim.server import OrgServer
from tests.orgsim import standin
from tests.orgsim.conftest import Caller
from tests.orgsim.test_oauth import ask, redeem
from tests.orgsim.test_rest import Files

DOCUMENT = Path(__file__).parent.parent.parent / "docs" / "orgsim.md"
QUERY = "query?q=SELECT+Id+FROM+User"


def arm(anna: Caller, **fault: Any) -> None:
    answer = anna.post("/_sim/faults", fault)
    assert answer.status_code == 201, answer.text


def statuses(anna: Caller, count: int, path: str = QUERY) -> list[int]:
    return [anna.get(path).status_code for _ in range(count)]


def test_a_fault_strikes_the_nth_call_of_its_endpoint_only(anna: Caller) -> None:
    arm(anna, endpoint="^GET /services/data/v62.0/query", nth=2, status=503)
    anna.get("limits")
    assert statuses(anna, 3) == [200, 503, 200]
    armed = anna.get("/_sim/faults").json()
    assert (armed[0]["met"], armed[0]["struck"]) == (3, 1)


def test_several_calls_all_after_some_and_so_many_times(anna: Caller) -> None:
    arm(anna, prefix="/services/data", nth=[1, 3], status=500)
    assert statuses(anna, 4) == [500, 200, 500, 200]
    anna.call("DELETE", "/_sim/faults")
    arm(anna, after=1, times=2, status=502)
    assert statuses(anna, 4) == [200, 502, 502, 200]


def test_a_window_of_the_org_s_time(anna: Caller) -> None:
    arm(anna, status=503, **{"from": "2026-03-18T13:00:00Z", "until": "2026-03-18T14:00:00Z"})
    assert statuses(anna, 1) == [200]
    anna.post("/_sim/clock", {"set": "2026-03-18T13:30:00Z"})
    assert statuses(anna, 1) == [503]
    anna.post("/_sim/clock", {"set": "2026-03-18T14:00:00Z"})
    assert statuses(anna, 1) == [200]


def test_chance_is_repeatable_by_its_seed(anna: Caller) -> None:
    runs = []
    for _ in range(2):
        anna.call("DELETE", "/_sim/faults")
        arm(anna, probability=0.5, seed=7, status=503)
        runs.append(statuses(anna, 20))
    assert runs[0] == runs[1]
    assert set(runs[0]) == {200, 503}


@pytest.mark.parametrize(
    ("code", "status"),
    [
        ("INVALID_SESSION_ID", 401),
        ("REQUEST_LIMIT_EXCEEDED", 403),
        ("QUERY_TIMEOUT", 400),
        ("INVALID_QUERY_LOCATOR", 400),
        ("UNABLE_TO_LOCK_ROW", 400),
    ],
)
def test_an_error_by_its_code(anna: Caller, code: str, status: int) -> None:
    arm(anna, error=code)
    answer = anna.get(QUERY)
    assert (answer.status_code, answer.json()[0]["errorCode"]) == (status, code)


def test_oauth_errors_have_the_shape_of_oauth(server: OrgServer, anna: Caller) -> None:
    arm(
        anna,
        endpoint="oauth2/token",
        error="invalid_grant",
        times=1,
        message="Token request is already being processed",
    )
    answer = ask(server, "Robot", grant_type="client_credentials")
    assert answer.json() == {
        "error": "invalid_grant",
        "error_description": "Token request is already being processed",
    }
    assert ask(server, "Robot", grant_type="client_credentials").status_code == 200


def test_a_page_a_body_headers_and_replaced_text(anna: Caller) -> None:
    arm(anna, html=True, nth=1)
    page = anna.get(QUERY)
    assert page.status_code == 503
    assert page.headers["Content-Type"].startswith("text/html")
    anna.call("DELETE", "/_sim/faults")
    arm(anna, body={"odd": 1}, status=200, headers={"Retry-After": "30"}, nth=1)
    odd = anna.get(QUERY)
    assert (odd.json(), odd.headers["Retry-After"]) == ({"odd": 1}, "30")
    anna.call("DELETE", "/_sim/faults")
    arm(anna, replace={'"totalSize":5': '"totalSize":6'})
    assert anna.get(QUERY).json()["totalSize"] == 6


def test_records_come_in_another_order_and_none_is_lost(anna: Caller) -> None:
    calm = anna.get(QUERY).json()["records"]
    arm(anna, shuffle=True, seed=3)
    mixed = anna.get(QUERY).json()["records"]
    assert mixed != calm
    assert sorted(map(str, mixed)) == sorted(map(str, calm))


def test_a_delay_and_a_trickle(anna: Caller) -> None:
    arm(anna, delay=0.3, nth=1)
    start = time.monotonic()
    anna.get(QUERY)
    assert time.monotonic() - start >= 0.3
    anna.call("DELETE", "/_sim/faults")
    size = len(anna.get(QUERY).content)
    arm(anna, trickle=size * 2)
    start = time.monotonic()
    assert len(anna.get(QUERY).content) == size
    assert time.monotonic() - start >= 0.4


@pytest.mark.parametrize("accepted", ["identity", "gzip"])
@pytest.mark.parametrize("at", [0, 1, 1000, 70_000])
def test_a_cut_ends_the_connection_after_so_many_bytes(
    anna: Caller, server: OrgServer, tmp_path: Path, at: int, accepted: str
) -> None:
    path = tmp_path / "log.csv"
    path.write_bytes(b"".join(b"%d\n" % n for n in range(300_000)))
    id = standin.add(server.org, "EventLogFile", EventType="Login")
    files: Any = Files(id, path)
    server.org.log_files = files
    arm(anna, endpoint="LogFile$", cut=at)
    answer = anna.get(
        f"sobjects/EventLogFile/{id}/LogFile",
        headers={"Accept-Encoding": accepted},
        stream=True,
    )
    assert int(answer.headers["Content-Length"]) > at
    raw = b""
    with pytest.raises(Exception, match="IncompleteRead|[Cc]onnection|aborted"):
        while True:
            chunk = answer.raw.read(4096, decode_content=False)
            if not chunk:
                raise AssertionError("the body ended as if it were whole")
            raw += chunk
    assert len(raw) <= at


def test_drop_after_commit_does_the_work_and_says_nothing(anna: Caller, server: OrgServer) -> None:
    token = redeem(server, "Rotating")["refresh_token"]
    arm(anna, endpoint="oauth2/token", drop_after_commit=True, nth=1)
    with pytest.raises(requests.ConnectionError):
        ask(server, "Rotating", grant_type="refresh_token", refresh_token=token)
    again = ask(server, "Rotating", grant_type="refresh_token", refresh_token=token)
    assert again.json()["error_description"] == "expired access/refresh token"


def test_a_token_ends_at_any_call(anna: Caller) -> None:
    arm(anna, nth=2, expired_token=True)
    assert statuses(anna, 3) == [200, 401, 401]


def test_a_grant_and_a_person_end_at_any_call(anna: Caller, server: OrgServer) -> None:
    token = redeem(server)["refresh_token"]
    arm(anna, endpoint="oauth2/token", revoked_grant=True, nth=1)
    answer = ask(server, grant_type="refresh_token", refresh_token=token)
    assert answer.json()["error_description"] == "expired access/refresh token"
    arm(anna, endpoint="oauth2/token", frozen_user=True, nth=1)
    answer = ask(server, "Robot", grant_type="client_credentials")
    assert answer.json()["error_description"] == "user is locked"
    assert len(anna.rows("SELECT Id FROM UserLogin WHERE IsFrozen = true")) == 1


def test_duplicate_sends_the_last_answer_again_and_repeat_works_twice(
    anna: Caller, server: OrgServer
) -> None:
    first = anna.soql("SELECT Id FROM LoginHistory")
    second = anna.get(first["nextRecordsUrl"]).json()
    arm(anna, endpoint="/query/01g", nth=2, duplicate=True)
    again = anna.get(first["nextRecordsUrl"]).json()
    stale = anna.get(again["nextRecordsUrl"]).json()
    assert stale == again == second
    before = sum(server.quota.calls.values())
    arm(anna, nth=1, repeat=True)
    anna.get("limits")
    assert sum(server.quota.calls.values()) == before + 2


def test_cursors_end_at_any_page(anna: Caller) -> None:
    first = anna.soql("SELECT Id FROM LoginHistory")
    arm(anna, expired_cursors=True, nth=1)
    answer = anna.get(first["nextRecordsUrl"])
    assert answer.json()[0]["errorCode"] == "INVALID_QUERY_LOCATOR"


def test_control_is_never_struck(anna: Caller) -> None:
    arm(anna, status=500)
    assert anna.get("/_sim/state").status_code == 200
    assert anna.call("DELETE", "/_sim/faults").status_code == 204
    assert anna.get(QUERY).status_code == 200


def test_every_kind_of_fault_is_documented() -> None:
    text = DOCUMENT.read_text()
    for kind in faults.KINDS:
        assert re.search(rf"^\| `{kind.name}` \| {re.escape(kind.what)} \|$", text, re.M), kind.name
    for word in faults.WHERE:
        assert f"`{word}`" in text, word
