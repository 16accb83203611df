"""The audit page: everything that was changed or refused, filtered, and as a file."""

from __future__ import annotations

import csv
import io
import json

import pytest
from django.contrib.auth.models import User

from orgwarden.records import audit
from orgwarden.records.audit import Action
from orgwarden.records.models import AuditEntry
from tests.web.conftest import SignedIn


@pytest.fixture(autouse=True)
def _entries(people: dict[str, User]) -> None:
    audit.record("ann", Action.ORG_EDITED, "Acme", {"before": {"name": "A"}, "after": ["B"]})
    audit.record("=bob", Action.ACCESS_DENIED, "/people/", {"method": "GET"})
    audit.record("<script>alert(1)</script>", Action.SIGN_IN_FAILED, "203.0.113.9")


def test_entries_show_who_what_before_and_after(signed_in: SignedIn) -> None:
    page = signed_in("auditor").get("/audit/").content.decode()
    assert "Connection edited" in page
    assert "name: A" in page
    assert "Page denied" in page
    assert "org:<wbr>connection:<wbr>edited" in page
    assert "<script>alert" not in page
    assert "orgwarden audit verify" in page


@pytest.mark.parametrize(
    ("query", "has", "lacks"),
    [
        ("actor=ann", "Acme", "/people/"),
        ("action=console:page:denied", "/people/", "Acme"),
        ("text=203.0.113", "203.0.113.9", "Acme"),
        ("actor=nobody", "Nothing in this time", "Acme"),
        ("actor=%00&after=9999999999999999999999", "Acme", "Nothing in this time"),
    ],
)
def test_a_filter_narrows(query: str, has: str, lacks: str, signed_in: SignedIn) -> None:
    page = signed_in("auditor").get(f"/audit/?{query}").content.decode()
    main = page[page.index('aria-label="Entries"') :]
    assert has in main
    assert lacks not in main


def test_older_entries_are_a_page_further(signed_in: SignedIn) -> None:
    for n in range(120):
        audit.record("ann", Action.ORG_TESTED, f"Tenant {n}.")
    client = signed_in("auditor")
    first = client.get("/audit/")
    assert len(first.context["page"].lines) == 100
    second = client.get(first.context["page"].older)
    assert len(second.context["page"].lines) >= 23
    assert not {line.id for line in first.context["page"].lines} & {
        line.id for line in second.context["page"].lines
    }


def test_the_csv_file_runs_in_no_spreadsheet_and_the_export_is_recorded(
    signed_in: SignedIn,
) -> None:
    answer = signed_in("auditor").get("/audit/export.csv?range=30d")
    text = b"".join(answer.streaming_content).decode()  # type: ignore[arg-type]
    rows = list(csv.DictReader(io.StringIO(text)))
    assert {row["actor"] for row in rows} >= {"ann", "'=bob"}
    assert audit.verify() is None
    assert AuditEntry.objects.latest("id").action == Action.AUDIT_EXPORTED


def test_the_json_file_holds_what_the_digests_cover(signed_in: SignedIn) -> None:
    answer = signed_in("auditor").get("/audit/export.json?actor=ann")
    [entry] = json.loads(b"".join(answer.streaming_content))  # type: ignore[arg-type]
    assert entry["detail"] == {"before": {"name": "A"}, "after": ["B"]}
    assert len(entry["digest"]) == 64


def test_other_forms_are_not_there(signed_in: SignedIn) -> None:
    assert signed_in("auditor").get("/audit/export.xml").status_code == 404
