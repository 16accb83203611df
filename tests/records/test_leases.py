"""Leases: one holder at a time, a new epoch every time, and nobody waits for the dead."""

from __future__ import annotations

import os
import signal
import time
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import OperationalError, connection
from django.utils import timezone

from orgwarden.core.problems import LostLease
from orgwarden.records import leases
from orgwarden.records.holder import _started
from orgwarden.records.leases import Busy, Heartbeat, Holder
from orgwarden.records.models import Lease
from tests.records.conftest import Database, InThreads

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
SHORT = timedelta(seconds=0.6)
LONGER = timedelta(seconds=3)  # where a busy machine must not let a lease run out


def elsewhere() -> Holder:
    """A holder on another machine: nobody here can see whether it runs."""
    return replace(Holder.here(), host="far", machine="another-boot:1")


def test_every_taking_has_a_new_epoch(database: Database) -> None:
    org = database.org()
    epochs = []
    for _ in range(3):
        held = leases.take(org, holder=Holder.here(), now=NOW)
        epochs.append(held.epoch)
        leases.release(held)
    assert epochs == [1, 2, 3]


def test_an_epoch_is_above_the_one_the_lake_knows(database: Database) -> None:
    org = database.org()
    assert leases.take(org, holder=Holder.here(), now=NOW, above=41).epoch == 42


def test_who_asks_for_a_held_lease_hears_who_has_it_and_until_when(database: Database) -> None:
    org = database.org()
    leases.take(org, holder=Holder.here(), now=NOW)
    with pytest.raises(Busy) as refused:
        leases.take(org, holder=Holder.here(), now=NOW + timedelta(seconds=10))
    assert refused.value.until == NOW + timedelta(seconds=30)
    assert refused.value.after is not None
    assert timedelta(seconds=19) < refused.value.after <= timedelta(seconds=20)
    assert f"process {os.getpid()}" in refused.value.sentence()


def test_a_holder_does_not_get_its_own_lease_twice(database: Database) -> None:
    org, holder = database.org(), Holder.here()
    leases.take(org, holder=holder, now=NOW)
    with pytest.raises(Busy):
        leases.take(org, holder=holder, now=NOW)


def test_orgs_have_leases_of_their_own(database: Database) -> None:
    one, two = database.org("One"), database.org("Two")
    leases.take(one, holder=Holder.here(), now=NOW)
    assert leases.take(two, holder=Holder.here(), now=NOW).epoch == 1


def test_a_lease_that_ran_out_is_taken(database: Database) -> None:
    org = database.org()
    old = leases.take(org, holder=elsewhere(), now=NOW)
    with pytest.raises(Busy):
        leases.take(org, holder=Holder.here(), now=NOW + timedelta(seconds=29))
    new = leases.take(org, holder=Holder.here(), now=NOW + timedelta(seconds=30))
    assert new.epoch == old.epoch + 1
    with pytest.raises(LostLease):
        leases.renew(old, now=NOW + timedelta(seconds=31))


def test_who_waits_gets_the_lease_when_it_ends(database: Database) -> None:
    org = database.org()
    began = time.monotonic()
    leases.take(org, holder=elsewhere(), length=SHORT)
    leases.take(org, holder=Holder.here(), wait=timedelta(seconds=20))
    # The lease ends by the wall clock, which is read a moment later than ours and rounded.
    assert time.monotonic() - began > SHORT.total_seconds() - 0.1


def test_the_loser_gives_back_nothing(database: Database) -> None:
    org = database.org()
    old = leases.take(org, holder=elsewhere(), now=NOW)
    new = leases.take(org, holder=Holder.here(), now=NOW + timedelta(minutes=1))
    leases.release(old)
    leases.renew(new, now=NOW + timedelta(minutes=1))
    assert Lease.objects.get(org=org).holder == new.holder


def test_a_renewed_lease_lasts_its_length_from_then(database: Database) -> None:
    org = database.org()
    held = leases.take(org, holder=elsewhere(), now=NOW)
    leases.renew(held, now=NOW + timedelta(seconds=25))
    with pytest.raises(Busy):
        leases.take(org, holder=Holder.here(), now=NOW + timedelta(seconds=54))


def test_a_lease_that_ran_out_and_nobody_took_is_renewed(database: Database) -> None:
    org = database.org()
    held = leases.take(org, holder=Holder.here(), now=NOW)
    leases.renew(held, now=NOW + timedelta(hours=1))
    assert Lease.objects.get(org=org).epoch == held.epoch


def test_a_deleted_org_s_lease_is_lost(database: Database) -> None:
    org = database.org()
    held = leases.take(org, holder=Holder.here(), now=NOW)
    org.delete()
    with pytest.raises(LostLease):
        leases.renew(held)


@pytest.mark.fault("E8")
def test_a_clock_that_jumps_ahead_makes_one_holder_and_a_loser(database: Database) -> None:
    org = database.org()
    old = leases.take(org, holder=elsewhere(), now=NOW)
    new = leases.take(org, holder=Holder.here(), now=NOW + timedelta(days=400))
    leases.renew(new, now=NOW)  # and back again
    with pytest.raises(LostLease):
        leases.renew(old, now=NOW)
    assert new.epoch > old.epoch


@pytest.mark.fault("E8")
def test_a_clock_set_back_keeps_nobody_waiting_longer_than_a_lease(database: Database) -> None:
    org = database.org()
    leases.take(org, holder=elsewhere(), now=NOW, length=SHORT)
    yesterday = NOW - timedelta(days=1)
    began = time.monotonic()
    new = leases.take(org, holder=Holder.here(), now=yesterday, wait=timedelta(seconds=20))
    assert new.epoch == 2
    assert SHORT.total_seconds() < time.monotonic() - began < 10


def test_a_lease_renewed_under_a_clock_set_back_stays_held(database: Database) -> None:
    org = database.org()
    held = leases.take(org, holder=elsewhere(), now=NOW, length=SHORT)
    yesterday = NOW - timedelta(days=1)
    until = time.monotonic() + 2 * SHORT.total_seconds()
    renewed = NOW
    while time.monotonic() < until:
        renewed += timedelta(milliseconds=50)
        leases.renew(held, now=renewed)
        with pytest.raises(Busy):
            leases.take(org, holder=Holder.here(), now=yesterday)
        time.sleep(0.05)


def test_a_pid_that_is_used_again_is_not_the_holder(database: Database) -> None:
    org = database.org()
    before = replace(Holder.here(), started="12345")  # our pid, somebody else's start
    leases.take(org, holder=before, now=NOW)
    assert leases.take(org, holder=Holder.here(), now=NOW).epoch == 2


def test_another_user_s_process_is_not_gone(database: Database) -> None:
    org = database.org()
    other = Holder.here()
    # Process 1 runs, whether or not this user may look at it or signal it.
    alive = replace(other, pid=1, started=_started(1) or "12345")
    leases.take(org, holder=alive, now=NOW)
    with pytest.raises(Busy):
        leases.take(org, holder=Holder.here(), now=NOW)


def test_the_same_pid_on_another_machine_is_not_judged(database: Database) -> None:
    org = database.org()
    for other in (
        replace(Holder.here(), started="1", host="far"),
        replace(Holder.here(), started="1", machine="another-boot:1"),
        replace(Holder.here(), started="", machine=""),  # a machine without /proc
    ):
        held = leases.take(org, holder=other, now=NOW)
        with pytest.raises(Busy):
            leases.take(org, holder=Holder.here(), now=NOW)
        leases.release(held)


def test_a_killed_process_is_taken_over_at_once(database: Database) -> None:
    org = database.org()
    [worker] = database.workers(1, "hold", org.key, 30)
    epoch = worker.hears()
    with pytest.raises(Busy):
        leases.take(org, holder=Holder.here())
    worker.process.send_signal(signal.SIGKILL)
    # Not reaped: as a zombie its pid is still there. It is gone all the same, and its 30 seconds
    # are not waited for.
    held = leases.take(org, holder=Holder.here(), wait=timedelta(seconds=10))
    assert held.epoch == epoch + 1


def test_a_stalled_process_finds_out_that_it_lost(database: Database) -> None:
    org = database.org()
    [worker] = database.workers(1, "hold", org.key, 3)  # long enough to be seen held
    epoch = worker.hears()
    worker.process.send_signal(signal.SIGSTOP)
    with pytest.raises(Busy):  # it runs still, as far as anybody can see
        leases.take(org, holder=Holder.here())
    held = leases.take(org, holder=Holder.here(), wait=timedelta(seconds=20))
    worker.process.send_signal(signal.SIGCONT)
    assert worker.hears() == "LEASE_LOST"
    assert held.epoch == epoch + 1
    worker.ends()
    leases.renew(held)


def test_a_heartbeat_keeps_a_lease_beyond_its_length(database: Database) -> None:
    org = database.org()
    held = leases.take(org, holder=elsewhere(), length=LONGER)
    with Heartbeat(held) as beat:
        until = time.monotonic() + 2 * LONGER.total_seconds()
        while time.monotonic() < until:
            with pytest.raises(Busy):
                leases.take(org, holder=Holder.here(), now=timezone.now())
            beat.check()
            time.sleep(0.1)
    leases.release(held)
    assert leases.take(org, holder=Holder.here()).epoch == 2


@pytest.mark.postgres
@pytest.mark.parametrize("database", ["postgres"], indirect=True)
def test_a_heartbeat_outlives_a_connection_that_is_cut(database: Database) -> None:
    org = database.org()
    held = leases.take(org, holder=elsewhere(), length=LONGER)
    with Heartbeat(held) as beat:
        until, cut = time.monotonic() + 9 * SHORT.total_seconds(), 0
        while time.monotonic() < until:
            with connection.cursor() as cursor:
                cursor.execute(
                    "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity "
                    "WHERE datname = current_database() AND pid <> pg_backend_pid()"
                )
                cut += cursor.fetchone()[0]
            beat.check()
            time.sleep(1.5)
    assert cut >= 2
    leases.renew(held)


def test_a_heartbeat_says_when_the_lease_is_lost(database: Database) -> None:
    org = database.org()
    held = leases.take(org, holder=elsewhere(), length=SHORT)
    with Heartbeat(held) as beat:
        leases.take(org, holder=Holder.here(), now=timezone.now() + timedelta(hours=1))
        assert beat.lost.wait(10)
        with pytest.raises(LostLease):
            beat.check()


def test_a_lease_that_cannot_be_renewed_for_its_length_counts_as_lost() -> None:
    class Away:
        """A table whose server does not answer."""

        def filter(self, **_: object) -> Away:
            return self

        def update(self, **_: object) -> int:
            raise OperationalError("server closed the connection unexpectedly")

    class NoTable:
        _default_manager = Away()

    table: Any = NoTable
    held = leases.LeaseHeld(1, "acme", 1, str(Holder.here()), SHORT, table)
    with Heartbeat(held) as beat:
        began = time.monotonic()
        beat.check()  # not yet: it lasts
        assert beat.lost.wait(10)
        assert time.monotonic() - began >= 0.5
        with pytest.raises(LostLease):
            beat.check()


def test_of_many_threads_one_is_inside(
    database: Database, in_threads: InThreads, tmp_path: Path
) -> None:
    org, inside = database.org(), tmp_path / "inside"

    def act(_: int) -> list[int]:
        epochs = []
        for _ in range(5):
            held = leases.take(org, holder=Holder.here(), wait=timedelta(seconds=60))
            with inside.open("x"):
                epochs.append(held.epoch)
            inside.unlink()
            leases.release(held)
        return epochs

    results = in_threads(8, act)
    assert not [r for r in results if isinstance(r, Exception)]
    epochs = [e for r in results if isinstance(r, list) for e in r]
    assert sorted(epochs) == list(range(1, 41))


def test_of_many_processes_one_is_inside(database: Database, tmp_path: Path) -> None:
    org = database.org()
    workers = database.workers(4, "take_turns", org.key, 8, str(tmp_path / "inside"))
    epochs = [e for worker in workers for e in worker.hears()]
    assert sorted(epochs) == list(range(1, 33))
