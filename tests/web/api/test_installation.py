"""The installation through the API: health, audit trail, people, own tokens, destinations."""

from __future__ import annotations

from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from orgwarden.core.roles import Role
from orgwarden.records.holder import Holder
from orgwarden.records.models import (
    AuditEntry,
    ConnectionTest,
    Destination,
    Incident,
    Org,
    WorkerBeat,
)
from tests.web.api.callers import person, token
from tests.web.api.conftest import Ask


def test_health_counts_what_the_caller_may_see(ask: Ask, tenants: dict[str, Org]) -> None:
    told = ask("GET", "health").json()
    assert (told["status"], told["tenants"], told["in_error"]) == ("failing", 4, 1)
    assert told["oldest_sync_at"] is None, "one never synced, so there is no oldest"
    bob = token(person("bob", Role.ANALYST, tenants["fine"]))
    assert ask("GET", "health", as_=bob).json()["status"] == "failing", "no worker runs"
    now = timezone.now()
    WorkerBeat.objects.create(holder=str(Holder.here()), started_at=now, seen_at=now)
    told = ask("GET", "health", as_=bob).json()
    assert (told["status"], told["tenants"], told["never_synced"]) == ("ok", 1, 0)
    Incident.objects.create(org=tenants["fine"], kind="stale", words="W.", opened_at=now)
    assert ask("GET", "health", as_=bob).json()["status"] == "failing"


def test_the_audit_trail_comes_whole_in_pages(ask: Ask) -> None:
    ask("GET", "events?tenant=nothing")
    ids, cursor = [], ""
    while True:
        page = ask("GET", f"audit?limit=1&cursor={cursor}").json()
        ids += [e["id"] for e in page["items"]]
        if (cursor := page["next"]) is None:
            break
    assert ids == list(AuditEntry.objects.order_by("-id").values_list("id", flat=True))
    [made] = ask("GET", "audit?action=console:api-token:created").json()["items"]
    assert made["detail"]["name"] == "test"
    assert ask("GET", "audit?actor=nobody").json()["items"] == []


def test_people_and_destinations_hold_no_secret(ask: Ask) -> None:
    people = {p["username"]: p for p in ask("GET", "people").json()}
    assert people["ann"]["roles"] == ["administrator of all tenants"]
    assert not [k for p in people.values() for k in p if "password" in k]
    Destination.objects.create(
        name="chat", kind="slack", sealed=b"sealed", created_at=timezone.now(), created_by="ann"
    )
    [chat] = ask("GET", "destinations").json()
    assert chat["address"] == ""
    assert "sealed" not in chat


def test_a_list_asks_the_records_as_often_however_long_it_is(
    ask: Ask, tenants: dict[str, Org]
) -> None:
    def questions(address: str) -> int:
        with CaptureQueriesContext(connection) as asked:
            assert ask("GET", address).status_code == 200
        return len(asked)

    fine = tenants["fine"]
    tests = f"tenants/{fine.key}/tests"
    questions(tests)  # the first one notes that the token was used
    before = (0, 0)
    for n in range(6):
        if n == 1:
            before = questions("people"), questions(tests)
        person(f"person {n}", Role.VIEWER, fine)
        ConnectionTest.objects.create(
            org=fine, asked_by="ann", asked_at=timezone.now(), state=ConnectionTest.State.LOST
        )
    assert (questions("people"), questions(tests)) == before


def test_one_sees_ones_own_tokens_only_and_never_their_text(ask: Ask) -> None:
    text = token(person("bob", Role.ANALYST), "read")
    answer = ask("GET", "tokens", as_=text)
    [own] = answer.json()
    assert own["start"] == text[:9]
    assert (own["state"], own["scopes"]) == ("active", ["read"])
    assert own["last_used_from"] == "127.0.0.1"
    assert text not in answer.content.decode()
