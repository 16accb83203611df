"""Reading an org: pages, counts, renewals, the meter, and what must never be sent."""

from __future__ import annotations

import inspect
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec
import pytest

from orgwarden.core.problems import (
    GrantExpired,
    NeedsPerson,
    NotAllowed,
    NotThere,
    OverBudget,
    Problem,
    TryLater,
)
from orgwarden.salesforce import Client, CursorGone, DailyLimitReached, Transport, Usage
from tests.salesforce.conftest import Clock, Tally, Wallet
from tests.salesforce.stub_server import Asked, Reply, StubServer, as_json, fault, page

DATA = "/services/data/v62.0"


class Person(msgspec.Struct):
    Id: str


def rows(first: int, count: int) -> list[dict[str, object]]:
    return [
        {"attributes": {"type": "User", "url": "/x"}, "Id": f"{n}"}
        for n in range(first, first + count)
    ]


def result(first: int, count: int, total: int, more: str | None = None) -> Reply:
    answer: dict[str, object] = {"totalSize": total, "done": more is None}
    if more is not None:
        answer["nextRecordsUrl"] = more
    return as_json(answer | {"records": rows(first, count)})


def expired() -> Reply:
    return fault("INVALID_SESSION_ID", "Session expired or invalid", 401)


def test_every_page_of_a_query_is_read_and_kept_as_it_came(
    stub: StubServer, client: Client, tally: Tally
) -> None:
    stub.routes[f"{DATA}/query"] = result(0, 2, 5, f"{DATA}/query/01g-2")
    stub.routes[f"{DATA}/query/01g-2"] = result(2, 2, 5, f"{DATA}/query/01g-4")
    stub.routes[f"{DATA}/query/01g-4"] = result(4, 1, 5)
    pages = list(client.query("SELECT Id FROM User", batch_size=200, lane="inventory"))
    assert [p.count for p in pages] == [2, 2, 1]
    assert [p.done for p in pages] == [False, False, True]
    assert json.loads(pages[0].body)["records"][0]["Id"] == "0"
    assert stub.asked[0].query == {"q": "SELECT Id FROM User"}
    assert stub.asked[0].headers["Sforce-Query-Options"] == "batchSize=200"
    assert stub.asked[0].headers["Authorization"] == "Bearer token-0"
    assert stub.asked[0].headers["User-Agent"].startswith("Orgwarden/")
    assert stub.asked[0].headers["Sforce-Call-Options"] == "client=Orgwarden"
    assert tally.before_calls == [("inventory", e) for e in ("query", "query_more", "query_more")]


def test_typed_records_come_from_all_pages(stub: StubServer, client: Client) -> None:
    stub.routes[f"{DATA}/tooling/query"] = result(0, 2, 3, f"{DATA}/tooling/query/01g-2")
    stub.routes[f"{DATA}/tooling/query/01g-2"] = result(2, 1, 3)
    found = client.records("SELECT Id FROM User", Person, tooling=True)
    assert [p.Id for p in found] == ["0", "1", "2"]


@pytest.mark.fault("C4")
@pytest.mark.parametrize("total", [4, 6])
def test_a_result_that_is_not_complete_is_never_taken_for_whole(
    stub: StubServer, client: Client, total: int
) -> None:
    stub.routes[f"{DATA}/query"] = result(0, 2, total, f"{DATA}/query/01g-2")
    stub.routes[f"{DATA}/query/01g-2"] = result(2, 3, total)
    pages = client.query("SELECT Id FROM User")
    next(pages)
    with pytest.raises(TryLater) as raised:
        next(pages)
    assert raised.value.code == "INCOMPLETE_RESULT"


@pytest.mark.fault("C5")
def test_pages_that_repeat_themselves_end_in_an_error(stub: StubServer, client: Client) -> None:
    stub.routes[f"{DATA}/query"] = result(0, 1, 9, f"{DATA}/query/01g-1")
    stub.routes[f"{DATA}/query/01g-1"] = result(1, 1, 9, f"{DATA}/query/01g-1")
    with pytest.raises(TryLater) as raised:
        list(client.query("SELECT Id FROM User"))
    assert raised.value.code == "REPEATED_LOCATOR"
    assert len(stub.asked) == 2


@pytest.mark.parametrize("more", ["http://evil.example/services/data/v62.0/query/1", "//evil/x"])
def test_the_next_page_is_never_asked_of_another_host(
    stub: StubServer, client: Client, more: str
) -> None:
    stub.routes[f"{DATA}/query"] = result(0, 1, 9, more)
    with pytest.raises(Problem) as raised:
        list(client.query("SELECT Id FROM User"))
    assert raised.value.code == "NOT_AN_API_PATH"


def test_a_lost_cursor_is_told_apart_and_not_asked_again(stub: StubServer, client: Client) -> None:
    stub.routes[f"{DATA}/query"] = result(0, 1, 9, f"{DATA}/query/01g-1")
    stub.routes[f"{DATA}/query/01g-1"] = fault("INVALID_QUERY_LOCATOR", "invalid query locator")
    with pytest.raises(CursorGone):
        list(client.query("SELECT Id FROM User"))
    assert len(stub.asked) == 2


@pytest.mark.fault("A1", "A2")
@pytest.mark.parametrize("at", range(4))
@pytest.mark.parametrize(
    "refusal",
    [
        expired(),
        fault("INVALID_SESSION_ID", "Session expired or invalid", 403),
        as_json({"exceptionCode": "InvalidSessionId", "exceptionMessage": "x"}, 400),
        fault("INVALID_JWT_FORMAT", "x", 401),
        Reply(b"Bad_OAuth_Token", 403, {"Content-Type": "text/plain"}),
    ],
)
def test_a_token_that_expires_at_any_request_is_renewed_once(
    stub: StubServer, client: Client, wallet: Wallet, at: int, refusal: Reply
) -> None:
    pages = [
        result(0, 2, 7, f"{DATA}/query/1"),
        result(2, 2, 7, f"{DATA}/query/2"),
        result(4, 2, 7, f"{DATA}/query/3"),
        result(6, 1, 7),
    ]
    paths = [f"{DATA}/query", *(f"{DATA}/query/{n}" for n in (1, 2, 3))]
    for n, path in enumerate(paths):
        stub.routes[path] = [refusal, pages[n]] if n == at else pages[n]
    assert [p.Id for p in client.records("SELECT Id FROM User", Person)] == list("0123456")
    assert wallet.renewals == 1
    assert [a.headers["Authorization"] for a in stub.asked[at : at + 2]] == [
        "Bearer token-0", "Bearer token-1",
    ]  # fmt: skip


def test_a_renewed_token_that_is_refused_ends_in_a_broken_grant(
    stub: StubServer, client: Client, wallet: Wallet
) -> None:
    stub.routes[f"{DATA}/limits"] = expired()
    with pytest.raises(GrantExpired):
        client.limits()
    assert wallet.renewals == 1
    assert len(stub.asked) == 2


def test_every_call_is_announced_before_and_reported_after_failures_included(
    stub: StubServer, client: Client, tally: Tally, clock: Clock
) -> None:
    stub.routes[f"{DATA}/limits"] = [
        Reply(silent=True),
        fault("SERVER_UNAVAILABLE", "busy", 503, Sforce_Limit_Info="api-usage=7/100"),
        as_json({}, Sforce_Limit_Info="api-usage=8/100"),
    ]
    assert client.limits(lane="test") == {}
    assert tally.before_calls == [("test", "limits")] * 3
    assert tally.after_calls == [
        ("limits", None), ("limits", Usage(7, 100)), ("limits", Usage(8, 100)),
    ]  # fmt: skip
    assert clock.waits == [0.5, 1.0]


def test_a_call_the_meter_forbids_is_not_made(
    stub: StubServer, client: Client, tally: Tally
) -> None:
    tally.most = 1
    stub.routes[f"{DATA}/limits"] = fault("SERVER_UNAVAILABLE", "busy", 503)
    with pytest.raises(OverBudget):
        client.limits()
    assert len(stub.asked) == 1
    assert len(tally.after_calls) == 1


def test_the_daily_limit_is_told_from_the_concurrent_one(stub: StubServer, client: Client) -> None:
    stub.routes[f"{DATA}/limits"] = fault(
        "REQUEST_LIMIT_EXCEEDED", "TotalRequests Limit exceeded.", 403
    )
    with pytest.raises(DailyLimitReached):
        client.limits()
    assert len(stub.asked) == 1
    stub.routes[f"{DATA}/limits"] = [
        fault("REQUEST_LIMIT_EXCEEDED", "ConcurrentRequests Limit exceeded.", 403),
        as_json({}),
    ]
    assert client.limits() == {}


def test_limits_survive_names_and_shapes_they_do_not_know(stub: StubServer, client: Client) -> None:
    stub.routes[f"{DATA}/limits"] = as_json({
        "DailyApiRequests": {"Max": 15000, "Remaining": 14998, "Ant": {"Max": 0, "Remaining": 0}},
        "Renamed": {"Most": 1},
        "Odd": 3,
    })  # fmt: skip
    limits = client.limits()
    assert list(limits) == ["DailyApiRequests"]
    assert limits["DailyApiRequests"].used == 2


def test_describe_names_the_fields_that_are_visible(stub: StubServer, client: Client) -> None:
    stub.routes[f"{DATA}/sobjects/EventLogFile/describe"] = as_json({
        "name": "EventLogFile",
        "fields": [
            {"name": "Id", "type": "id", "filterable": True, "length": 18},
            {"name": "LogFile", "type": "base64"},
        ],
    })  # fmt: skip
    assert client.describe("EventLogFile") == {"Id", "LogFile"}
    assert client.describe_fields("EventLogFile")["Id"].filterable
    with pytest.raises(NotThere):
        client.describe("Nothing")
    with pytest.raises(ValueError, match="not a Salesforce name"):
        client.describe("../limits")


def test_a_count_is_one_number(stub: StubServer, client: Client) -> None:
    stub.routes[f"{DATA}/query"] = as_json({"totalSize": 12, "done": True, "records": []})
    assert client.count("SELECT COUNT() FROM User") == 12


def test_a_composite_call_gives_each_query_its_page_or_its_problem(
    stub: StubServer, client: Client, tally: Tally
) -> None:
    def answer(asked: Asked) -> Reply:
        sent = json.loads(asked.body)
        assert [r["method"] for r in sent["compositeRequest"]] == ["GET"] * 3
        bodies = [
            (200, {"totalSize": 1, "done": True, "records": rows(0, 1)}),
            (400, [{"errorCode": "INVALID_TYPE", "message": "sObject type 'X' is not supported."}]),
            (200, {"totalSize": 9, "done": False, "records": rows(0, 1), "nextRecordsUrl": "/x"}),
        ]
        return as_json({
            "compositeResponse": [
                {"body": b, "httpStatusCode": s, "referenceId": f"q{n}", "httpHeaders": {}}
                for n, (s, b) in enumerate(bodies)
            ]
        })  # fmt: skip

    stub.routes[f"{DATA}/composite"] = answer
    found = client.composite({"a": "SELECT Id FROM A", "b": "SELECT Id FROM X", "c": "SELECT 1"})
    assert len(tally.before_calls) == 1
    first = found["a"]
    assert not isinstance(first, Problem)
    assert first.count == 1
    assert isinstance(found["b"], NotAllowed)
    assert isinstance(found["c"], Problem)
    assert found["c"].code == "TOO_MANY_RECORDS"


def test_a_maintenance_page_is_waited_out_and_named(
    stub: StubServer, client: Client, clock: Clock
) -> None:
    for status in (200, 503, 420, 502):
        stub.routes[f"{DATA}/limits"] = [page(status=status), as_json({})]
        assert client.limits() == {}
    stub.routes[f"{DATA}/limits"] = page()
    with pytest.raises(TryLater, match="Down for maintenance") as raised:
        client.limits()
    assert raised.value.code == "WEB_PAGE"


def test_an_answer_without_a_length_that_is_cut_is_asked_again(
    stub: StubServer, client: Client
) -> None:
    whole = as_json({"DailyApiRequests": {"Max": 5, "Remaining": 1}})
    cut = Reply(whole.body[:20], 200, whole.headers, without_length=True)
    stub.routes[f"{DATA}/limits"] = [cut, whole]
    assert client.limits()["DailyApiRequests"].max == 5


def test_the_orgs_clock_goes_on_between_answers(
    stub: StubServer, client: Client, clock: Clock
) -> None:
    assert client.server_time() is None
    stub.routes[f"{DATA}/limits"] = as_json({}, Date="Sat, 21 Nov 2026 10:00:00 GMT")
    client.limits()
    clock.now += 90
    assert client.server_time() == datetime(2026, 11, 21, 10, 1, 30, tzinfo=UTC)


@pytest.mark.fault("C6")
def test_a_query_too_long_for_an_address_is_refused_before_it_is_sent(
    stub: StubServer, client: Client
) -> None:
    with pytest.raises(Problem) as raised:
        list(client.query("SELECT Id FROM User WHERE Name = '" + "é" * 6000 + "'"))
    assert raised.value.code == "URI_TOO_LONG"
    assert not stub.asked


def test_an_org_that_keeps_sending_us_elsewhere_is_named(
    stub: StubServer, other_stub: StubServer, clock: Clock, tally: Tally
) -> None:
    transport = Transport(allowed=frozenset({stub.host, other_stub.host}), wait=clock.wait)
    stub.routes[f"{DATA}/limits"] = Reply(b"", 301, {"Location": f"{other_stub.url}/x"})
    client = Client(transport, transport.address(stub.url), Wallet(stub.url), tally)
    with pytest.raises(NeedsPerson, match="has moved to") as raised:
        client.limits()
    assert raised.value.code == "MOVED"
    assert not other_stub.asked
    transport.close()


@pytest.mark.parametrize("path", ["https://evil.example/x", "//evil.example/x", "/secur/x", "../x"])
def test_only_paths_of_the_api_are_asked_for(
    stub: StubServer, client: Client, tmp_path: Path, path: str
) -> None:
    with pytest.raises(Problem):
        client.get(path)
    with pytest.raises(Problem):
        client.download(path, tmp_path / "x", expected=None)
    assert not stub.asked


def test_no_public_method_of_the_client_can_write() -> None:
    names = [n for n, _ in inspect.getmembers(Client, inspect.isfunction) if not n.startswith("_")]
    assert sorted(names) == [
        "bulk_query", "bulk_resume", "composite", "count", "describe", "describe_fields",
        "download", "get", "get_json", "limits", "query", "records", "server_time",
    ]  # fmt: skip


def test_an_instance_outside_the_allow_list_gets_no_token(
    transport: Transport, stub: StubServer, other_stub: StubServer, tally: Tally
) -> None:
    client = Client(transport, transport.address(stub.url), Wallet(other_stub.url), tally)
    with pytest.raises(Problem):
        client.limits()
    assert not other_stub.asked
    assert not tally.before_calls


def test_after_a_move_the_new_host_gets_the_new_token(
    stub: StubServer, other_stub: StubServer, clock: Clock, tally: Tally
) -> None:
    transport = Transport(
        allowed=frozenset({stub.host, other_stub.host}), wait=clock.wait, clock=clock.read
    )

    class Moving(Wallet):
        def renew(self, stale: object) -> object:  # type: ignore[override]
            self.renewals += 1
            self.instance_url = other_stub.url
            return self.current()

    stub.routes[f"{DATA}/limits"] = Reply(b"", 301, {"Location": f"{other_stub.url}{DATA}/limits"})
    other_stub.routes[f"{DATA}/limits"] = as_json({})
    client = Client(transport, transport.address(stub.url), Moving(stub.url), tally)  # type: ignore[arg-type]
    assert client.limits() == {}
    assert [a.headers["Authorization"] for a in other_stub.asked] == ["Bearer token-1"]
    transport.close()


def test_deadlines_and_lanes_are_keywords_with_defaults() -> None:
    # The lead of the collection passes lanes by keyword everywhere.
    for method in ("get", "query", "records", "limits", "describe", "count", "composite"):
        assert inspect.signature(getattr(Client, method)).parameters["lane"].default == "event_logs"
    assert inspect.signature(Client.bulk_query).parameters["deadline"].default == timedelta(hours=1)
