"""Six processes write leases, counters and the audit chain at once, without one error."""

from __future__ import annotations

from datetime import UTC, datetime

from orgwarden.records import audit, calls
from orgwarden.records.models import AuditEntry, Lease
from tests.records.conftest import Database

PROCESSES, EACH = 6, 150


def test_six_writer_processes_make_no_error_and_lose_nothing(database: Database) -> None:
    org = database.org()
    workers = database.workers(PROCESSES, "write", org.key, EACH)
    epochs = [epoch for worker in workers for epoch in worker.hears()]
    for worker in workers:
        assert worker.ends() == ""  # not one complaint on stderr either
    third = PROCESSES * EACH // 3
    assert sorted(epochs) == list(range(1, third + 1))
    assert Lease.objects.get(org=org).epoch == third
    assert calls.own_calls_since(org, datetime(2026, 11, 21, tzinfo=UTC)) == 2 * third
    assert AuditEntry.objects.count() == third
    assert audit.verify() is None
