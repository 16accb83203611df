"""Bulk API 2.0 queries: jobs, polls, pages and their quirks."""

from __future__ import annotations

import csv
import io
from typing import Any

import pytest

from orgsim.server import OrgServer
from tests.orgsim import standin
from tests.orgsim.conftest import Caller

ALL = "SELECT Id, LoginTime, Status, Platform, OptionsIsGet, NetworkId FROM LoginHistory"


def job(anna: Caller, query: str = ALL, **more: Any) -> dict[str, Any]:
    """A job, polled until it is done."""
    made = anna.post("jobs/query", {"operation": "query", "query": query} | more).json()
    assert made["state"] == "UploadComplete", made
    assert made["id"].startswith("750")
    while made["state"] in ("UploadComplete", "InProgress"):
        made = anna.get(f"jobs/query/{made['id']}").json()
    assert isinstance(made, dict)
    return made


def pages(anna: Caller, id: str, most: int) -> list[tuple[str, list[list[str]]]]:
    """Locator and parsed rows (header first) of every page."""
    found, locator = [], ""
    while locator != "null":
        params = {"maxRecords": str(most)} | ({"locator": locator} if locator else {})
        answer = anna.get(f"jobs/query/{id}/results", params=params)
        locator = answer.headers["Sforce-Locator"]
        rows = list(csv.reader(io.StringIO(answer.text, newline="")))
        assert len(rows) - 1 == int(answer.headers["Sforce-NumberOfRecords"])
        found.append((locator, rows))
    return found


def test_every_page_repeats_the_header_and_the_last_locator_is_null(anna: Caller) -> None:
    done = job(anna)
    assert done["numberRecordsProcessed"] == standin.LOGINS
    assert (done["jobType"], done["apiVersion"]) == ("V2Query", 62.0)
    for most in (1000, 4096, 4499, 4500, 9000):
        found = pages(anna, done["id"], most)
        assert all(rows[0] == found[0][1][0] for _, rows in found)
        ids = [row[0] for _, rows in found for row in rows[1:]]
        assert len(set(ids)) == len(ids) == standin.LOGINS


def test_a_page_may_end_anywhere_also_beside_a_value_with_a_line_break(anna: Caller) -> None:
    done = job(anna, ALL + " ORDER BY LoginTime DESC LIMIT 12")
    for most in (1, 7, 8, 11):
        found = pages(anna, done["id"], most)
        platforms = [row[3] for _, rows in found for row in rows[1:]]
        assert len(platforms) == 12
        assert platforms[7] == "Linux\nUnknown"


def test_values_are_quoted_and_times_end_in_z(anna: Caller) -> None:
    done = job(anna, ALL + " ORDER BY LoginTime DESC LIMIT 1")
    text = anna.get(f"jobs/query/{done['id']}/results").text
    header, row = text.splitlines()
    assert header == '"Id","LoginTime","Status","Platform","OptionsIsGet","NetworkId"'
    assert row.endswith('"2026-03-18T12:00:00.000Z","Invalid ""Password""","Linux","false",""')


def test_relations_become_columns(anna: Caller) -> None:
    done = job(anna, "SELECT Name, Manager.Profile.Name FROM User WHERE ManagerId != null")
    text = anna.get(f"jobs/query/{done['id']}/results").text
    assert text == '"Name","Manager.Profile.Name"\n"Bert Example","Anna\'s profile"\n'


def test_delimiters_and_line_endings(anna: Caller) -> None:
    done = job(
        anna,
        "SELECT Name, FirstName FROM User WHERE FirstName = 'Anna'",
        columnDelimiter="PIPE",
        lineEnding="CRLF",
    )
    answer = anna.get(f"jobs/query/{done['id']}/results")
    assert answer.content == b'"Name"|"FirstName"\r\n"Anna Example"|"Anna"\r\n'
    assert answer.headers["Content-Type"] == "text/csv"


def test_an_empty_answer_is_a_header(anna: Caller) -> None:
    done = job(anna, "SELECT Id FROM User WHERE Name = 'Nobody'")
    answer = anna.get(f"jobs/query/{done['id']}/results")
    assert (answer.text, answer.headers["Sforce-Locator"]) == ('"Id"\n', "null")
    assert answer.headers["Sforce-NumberOfRecords"] == "0"


@pytest.mark.parametrize(
    "query",
    [
        "SELECT COUNT() FROM User",
        "SELECT COUNT(Id) FROM User",
        "SELECT Name FROM User GROUP BY Name",
        "SELECT Id FROM User LIMIT 5 OFFSET 2",
        "SELECT Id, (SELECT Id FROM PermissionSetAssignments) FROM User",
        "SELECT VersionData FROM ContentVersion",
    ],
)
def test_what_bulk_cannot_do_is_refused(anna: Caller, query: str) -> None:
    answer = anna.post("jobs/query", {"operation": "query", "query": query})
    assert (answer.status_code, answer.json()[0]["errorCode"]) == (400, "API_ERROR")


def test_results_come_only_when_the_job_is_complete(anna: Caller, server: OrgServer) -> None:
    made = anna.post("jobs/query", {"operation": "query", "query": ALL}).json()
    early = anna.get(f"jobs/query/{made['id']}/results")
    assert early.json()[0]["errorCode"] == "INVALIDJOBSTATE"
    assert anna.get(f"jobs/query/{made['id']}").json()["state"] == "InProgress"
    while anna.get(f"jobs/query/{made['id']}").json()["state"] == "InProgress":
        early = anna.get(f"jobs/query/{made['id']}/results")
        assert early.json()[0]["errorCode"] == "INVALIDJOBSTATE"
    assert anna.get(f"jobs/query/{made['id']}/results").status_code == 200
    assert len(anna.get("jobs/query").json()["records"]) == 1
    assert anna.call("DELETE", f"jobs/query/{made['id']}").status_code == 204
    assert anna.get(f"jobs/query/{made['id']}").status_code == 404


def test_a_job_is_aborted(anna: Caller) -> None:
    made = anna.post("jobs/query", {"operation": "query", "query": ALL}).json()
    aborted = anna.call("PATCH", f"jobs/query/{made['id']}", json={"state": "Aborted"})
    assert aborted.json()["state"] == "Aborted"
    assert anna.get(f"jobs/query/{made['id']}").json()["state"] == "Aborted"
    assert anna.get(f"jobs/query/{made['id']}/results").status_code == 400
