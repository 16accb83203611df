"""Bulk results: every page once, the end in all its spellings, and few calls."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path

import pytest

from orgwarden.core.problems import NotAllowed, Problem, TryLater
from orgwarden.salesforce import Client
from orgwarden.salesforce.bulk import PAGE_ROWS
from tests.salesforce.conftest import Clock, Tally, Wallet
from tests.salesforce.stub_server import Asked, Reply, StubServer, as_json, expired_token, fault

JOBS = "/services/data/v62.0/jobs/query"
JOB = f"{JOBS}/750000000000001"
HEADER = b'"Id"\n'


def job(state: str, records: int | None = None, error: str | None = None) -> Reply:
    said = {"id": "750000000000001", "operation": "query", "state": state, "apiVersion": 62.0}
    if records is not None:
        said["numberRecordsProcessed"] = records
    if error is not None:
        said["errorMessage"] = error
    return as_json(said)


def result_page(count: int, locator: str | None) -> Reply:
    headers = {"Content-Type": "text/csv", "Sforce-NumberOfRecords": str(count)}
    if locator is not None:
        headers["Sforce-Locator"] = locator
    return Reply(HEADER + b'"x"\n' * count, 200, headers)


def serve(stub: StubServer, pages: list[Reply], records: int) -> None:
    def results(asked: Asked) -> Reply:
        return pages[int(asked.query.get("locator", "0"))]

    stub.routes |= {
        JOBS: job("UploadComplete"),
        JOB: lambda asked: Reply(status=204) if asked.method == "DELETE" else poll(),
        f"{JOB}/results": results,
    }

    def poll() -> Reply:
        return job("JobComplete", records)


@pytest.mark.fault("C5")
@pytest.mark.parametrize("end", ["null", "", None])
def test_every_page_is_a_file_until_the_locator_ends(
    stub: StubServer, client: Client, tmp_path: Path, end: str | None
) -> None:
    serve(stub, [result_page(3, "1"), result_page(3, "2"), result_page(1, end)], 7)
    result = client.bulk_query("SELECT Id FROM LoginHistory", max_records=3)
    assert result.job_id == "750000000000001"
    pages = list(result.pages(tmp_path))
    assert [(p.count, p.last) for p in pages] == [(3, False), (3, False), (1, True)]
    assert all(p.path.read_bytes().startswith(HEADER) for p in pages)
    assert len({p.path for p in pages}) == 3
    created = json.loads(stub.asked[0].body)
    assert created["query"] == "SELECT Id FROM LoginHistory"
    assert created["operation"] == "query"
    assert stub.asked[2].query == {"maxRecords": "3"}
    assert stub.asked[-1].method == "DELETE"


def test_a_million_records_take_at_most_twenty_five_calls(
    stub: StubServer, client: Client, tmp_path: Path, tally: Tally
) -> None:
    pages = [result_page(PAGE_ROWS, str(n + 1) if n < 9 else "null") for n in range(10)]
    serve(stub, pages, 1_000_000)
    states = [job("InProgress")] * 6 + [job("JobComplete", 1_000_000)]
    stub.routes[JOB] = states
    assert sum(p.count for p in client.bulk_query("SELECT Id FROM X").pages(tmp_path)) == 1_000_000
    assert len(tally.before_calls) == len(tally.after_calls) <= 25


@pytest.mark.fault("C7")
def test_a_job_of_minutes_is_asked_about_less_and_less_until_its_deadline(
    stub: StubServer, client: Client, clock: Clock
) -> None:
    stub.routes |= {JOBS: job("UploadComplete"), JOB: job("InProgress")}
    result = client.bulk_query("SELECT Id FROM X", deadline=timedelta(minutes=30))
    with pytest.raises(TryLater) as raised:
        result.wait()
    assert raised.value.code == "BULK_DEADLINE"
    assert clock.waits[:5] == [0.2, 0.4, 0.8, 1.6, 3.2]
    assert len(clock.waits) <= 30


@pytest.mark.fault("C4")
@pytest.mark.parametrize("wrong", [6, 8])
def test_a_result_with_other_than_its_records_is_not_accepted(
    stub: StubServer, client: Client, tmp_path: Path, wrong: int
) -> None:
    serve(stub, [result_page(3, "1"), result_page(4, "null")], wrong)
    pages = client.bulk_query("SELECT Id FROM X").pages(tmp_path)
    next(pages)
    with pytest.raises(TryLater) as raised:
        next(pages)
    assert raised.value.code == "INCOMPLETE_RESULT"


@pytest.mark.fault("C5")
def test_a_locator_that_repeats_ends_in_an_error(
    stub: StubServer, client: Client, tmp_path: Path
) -> None:
    serve(stub, [result_page(1, "1"), result_page(1, "1")], 9)
    with pytest.raises(TryLater) as raised:
        list(client.bulk_query("SELECT Id FROM X").pages(tmp_path))
    assert raised.value.code == "REPEATED_LOCATOR"


@pytest.mark.fault("C4")
def test_a_page_without_a_count_is_not_trusted(
    stub: StubServer, client: Client, tmp_path: Path
) -> None:
    serve(stub, [Reply(HEADER, 200, {"Content-Type": "text/csv"})], 0)
    with pytest.raises(TryLater) as raised:
        list(client.bulk_query("SELECT Id FROM X").pages(tmp_path))
    assert raised.value.code == "NO_RECORD_COUNT"


def test_a_page_that_is_cut_is_fetched_again(
    stub: StubServer, client: Client, tmp_path: Path
) -> None:
    whole = result_page(3, "null")
    serve(stub, [whole], 3)
    stub.routes[f"{JOB}/results"] = [
        Reply(whole.body, 200, whole.headers, cut_at=7),
        Reply(whole.body, 200, whole.headers, cut_at=7, chunked=True),
        whole,
    ]
    (page,) = client.bulk_query("SELECT Id FROM X").pages(tmp_path)
    assert page.path.read_bytes() == whole.body


def test_no_records_are_one_page_of_none(stub: StubServer, client: Client, tmp_path: Path) -> None:
    serve(stub, [result_page(0, "null")], 0)
    (page,) = client.bulk_query("SELECT Id FROM X").pages(tmp_path)
    assert (page.count, page.last) == (0, True)


@pytest.mark.fault("A3")
def test_a_token_that_expires_at_the_clean_up_costs_nothing(
    stub: StubServer, client: Client, tmp_path: Path, wallet: Wallet
) -> None:
    serve(stub, [result_page(1, "null")], 1)
    stub.routes[JOB] = [job("JobComplete", 1), expired_token()]
    assert len(list(client.bulk_query("SELECT Id FROM X").pages(tmp_path))) == 1
    assert wallet.renewals == 1


@pytest.mark.parametrize(
    ("refusal", "kind", "code"),
    [
        (fault("INVALIDENTITY", "Entity 'X' is not supported by the Bulk API."), NotAllowed,
         "INVALIDENTITY"),
        (fault("API_ERROR", "Implementation restriction: needs View All"), NotAllowed, "API_ERROR"),
        (fault("LIMIT_EXCEEDED", "Max bulk query jobs reached"), TryLater, "LIMIT_EXCEEDED"),
        (fault("MALFORMED_QUERY", "unexpected token"), Problem, "MALFORMED_QUERY"),
    ],
)  # fmt: skip
def test_a_job_that_is_refused_says_why(
    stub: StubServer, client: Client, refusal: Reply, kind: type[Problem], code: str
) -> None:
    stub.routes[JOBS] = refusal
    with pytest.raises(kind) as raised:
        client.bulk_query("SELECT Id FROM X")
    assert raised.value.code == code


@pytest.mark.fault("C7")
@pytest.mark.parametrize(
    ("state", "words", "kind", "code"),
    [
        ("Failed", "INVALIDENTITY: X is not supported", NotAllowed, "INVALIDENTITY"),
        ("Failed", "Too many things", Problem, "BULK_FAILED"),
        ("Aborted", None, TryLater, "BULK_ABORTED"),
    ],
)
def test_a_job_that_fails_says_why(
    stub: StubServer,
    client: Client,
    tmp_path: Path,
    state: str,
    words: str | None,
    kind: type[Problem],
    code: str,
) -> None:
    stub.routes |= {JOBS: job("UploadComplete"), JOB: job(state, None, words)}
    with pytest.raises(kind) as raised:
        list(client.bulk_query("SELECT Id FROM X").pages(tmp_path))
    assert raised.value.code == code


def test_a_job_whose_creation_got_no_answer_is_not_created_twice(
    stub: StubServer, client: Client
) -> None:
    stub.routes[JOBS] = Reply(silent=True)
    with pytest.raises(TryLater):
        client.bulk_query("SELECT Id FROM X")
    assert len(stub.asked) == 1
    stub.routes[JOBS] = [fault("SERVER_UNAVAILABLE", "", 503), job("UploadComplete")]
    assert client.bulk_query("SELECT Id FROM X").job_id
    assert len(stub.asked) == 3


def test_a_job_of_a_run_that_crashed_is_read_or_deleted_by_its_id(
    stub: StubServer, client: Client, tmp_path: Path
) -> None:
    serve(stub, [result_page(2, "null")], 2)
    resumed = client.bulk_resume("750000000000001")
    assert [p.count for p in resumed.pages(tmp_path)] == [2]
    client.bulk_resume("750000000000001").delete()
    assert [a.method for a in stub.asked].count("DELETE") == 2
    with pytest.raises(ValueError, match="not a job's id"):
        client.bulk_resume("../limits")
