"""Processes write leases, counters and the audit chain at once, without one error, and are killed
at any moment without one left-over."""

from __future__ import annotations

import random
import time
from datetime import UTC, datetime, timedelta

from orgwarden.records import audit, calls, leases
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


def test_writers_killed_at_any_moment_leave_nothing_half_done(database: Database) -> None:
    seed, org = random.Random(7), database.org()
    for _ in range(3):
        workers = database.workers(3, "write", org.key, 100_000)
        time.sleep(seed.uniform(0.05, 0.5))
        for worker in workers:
            worker.process.kill()
        began = time.monotonic()
        # A killed process takes a moment to end; a lease of 30 s is not waited for.
        holder, moment = leases.Holder.here(), timedelta(seconds=10)
        leases.release(leases.take(org, holder=holder, wait=moment))
        audit.record("ann", audit.Action.ORG_TESTED, org.name)
        assert time.monotonic() - began < 15
        assert audit.verify() is None
    counted = calls.own_calls_since(org, datetime(2026, 11, 21, tzinfo=UTC))
    assert counted > 0
    assert counted % 2 == 0  # every count was of two calls
