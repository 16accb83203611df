"""The audit chain: appended to by many at once, and altered by nobody without it showing."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest
from django.db import DatabaseError, transaction

from orgwarden.records import audit, audit_guard
from orgwarden.records.audit import Action
from orgwarden.records.models import AuditEntry
from tests.records.conftest import Database, InThreads


def some(count: int) -> list[AuditEntry]:
    return [audit.record("ann", Action.ORG_TESTED, "Acme", {"n": n}) for n in range(count)]


def test_an_untouched_chain_verifies(database: Database) -> None:
    assert audit.verify() is None
    some(5)
    assert audit.verify() is None


def test_hostile_text_and_every_kind_of_detail_verify(database: Database) -> None:
    audit.record(
        "ann\x00\ud800" * 60,
        Action.ORG_EDITED,
        "Acme \u202e<img onerror>\r\n" * 40,
        {
            "b": [1, -(2**62), True, None, "é\x00\ud83d"],
            "a": {"z": "1.0", "y": {"later": datetime(2026, 1, 1, tzinfo=UTC)}},
            "features": {"sspm_scan", "app_governance"},
            "tokens": 3,
        },
        at=datetime(2026, 11, 21, 12, 0, 0, 123456, tzinfo=timezone(timedelta(hours=2))),
    )
    assert audit.verify() is None


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("actor", "bob"),
        ("action", Action.ORG_DELETED.value),
        ("subject", "Other"),
        ("detail", {"n": 7}),
        ("at", datetime(2020, 1, 1, tzinfo=UTC)),
        ("digest", "0" * 64),
        ("previous", "f" * 64),
    ],
)
def test_an_altered_entry_is_found(database: Database, column: str, value: object) -> None:
    audit_guard.remove()
    entries = some(5)
    AuditEntry.objects.filter(pk=entries[2].pk).update(**{column: value})
    assert audit.verify() == entries[2].pk


def test_the_database_itself_refuses_to_change_or_remove_an_entry(database: Database) -> None:
    entries = some(3)
    row = AuditEntry.objects.filter(pk=entries[1].pk)
    for deed in (lambda: row.update(actor="bob"), row.delete, AuditEntry.objects.all().delete):
        with pytest.raises(DatabaseError, match="never changed or removed"), transaction.atomic():
            deed()
    assert audit.verify() is None
    assert AuditEntry.objects.count() == 3


def test_an_altered_entry_with_a_new_digest_breaks_the_next(database: Database) -> None:
    audit_guard.remove()
    entries = some(4)
    row = AuditEntry.objects.get(pk=entries[1].pk)
    row.actor = "bob"
    told = {k: getattr(row, k) for k in ("at", "actor", "action", "subject", "detail")}
    row.digest = audit._digest(told, previous=row.previous)
    row.save()
    assert audit.verify() == entries[2].pk


def test_a_removed_entry_is_found(database: Database) -> None:
    audit_guard.remove()
    entries = some(5)
    AuditEntry.objects.filter(pk=entries[0].pk).delete()
    assert audit.verify() == entries[1].pk
    AuditEntry.objects.filter(pk=entries[1].pk).delete()
    assert audit.verify() == entries[2].pk


def test_a_chain_cut_off_at_its_end_is_found_by_a_noted_tip(database: Database) -> None:
    audit_guard.remove()
    some(2)
    entries = some(3)
    noted = audit.tip()
    assert noted == audit.Tip(entries[-1].pk, entries[-1].digest)
    assert audit.verify(noted) is None
    some(1)
    assert audit.verify(noted) is None
    AuditEntry.objects.filter(pk__gte=entries[1].pk).delete()
    assert audit.verify() is None  # a chain alone cannot know
    assert audit.verify(noted) == noted.id


@pytest.mark.parametrize(
    "detail",
    [
        {"refresh_token": "x"},
        {"changed": {"Client Secret": "x", "clientSecret": "y"}},
        {"list": [{"PASSWORD": "x"}]},
        {"tokens": ["x"]},
        {"Authorization": "Bearer x"},
        {"session_id": "x"},
    ],
)
def test_a_detail_that_could_hold_a_secret_is_refused(
    database: Database, detail: dict[str, object]
) -> None:
    with pytest.raises(ValueError, match="could hold a secret"):
        audit.record("ann", Action.ORG_EDITED, "Acme", detail)
    assert not AuditEntry.objects.exists()


def test_a_number_that_may_read_back_differently_is_refused(database: Database) -> None:
    with pytest.raises(ValueError, match="takes no float"):
        audit.record("ann", Action.ORG_EDITED, "Acme", {"x": 1e2})


def test_an_entry_of_a_transaction_that_fails_leaves_no_gap(database: Database) -> None:
    some(1)
    with transaction.atomic():
        some(1)
        transaction.set_rollback(True)
    some(1)
    assert audit.verify() is None
    assert AuditEntry.objects.count() == 2


def test_threads_that_append_at_once_make_one_chain(
    database: Database, in_threads: InThreads
) -> None:
    results = in_threads(8, lambda _: len(some(5)))
    assert results == [5] * 8
    assert audit.verify() is None
    assert AuditEntry.objects.count() == 40


def test_processes_that_append_at_once_make_one_chain(database: Database) -> None:
    for worker in database.workers(4, "append", 25):
        assert worker.hears() == "done"
        worker.ends()
    assert audit.verify() is None
    assert AuditEntry.objects.count() == 100


def test_actions_are_named_source_subject_action() -> None:
    for action in Action:
        assert len(action.value.split(":")) == 3
        assert len(action.value) <= 80
    assert len({a.value for a in Action}) == len(list(Action))
