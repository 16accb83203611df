"""Who may work on an org: one lease per org, by compare-and-set on one row.

Rules of this file:
- Every taking adds one to `epoch` in the same UPDATE that checks what was read, so two takers of
  one epoch cannot both succeed, on SQLite and PostgreSQL alike. Nothing else changes an epoch.
- A lease makes two workers at once unlikely; the epoch, which every commit to the lake checks,
  makes two workers' *commits* impossible. So a clock that jumps costs a change of holder and
  nothing else: the one who lost finds out at `renew`, `check` or its next commit.
- Not dependent on the database's clock. A lease ends when the wall clock passes `expires_at`
  (right after a night off), or when this process has watched it unchanged for its whole length by
  the monotonic clock (right after a clock was set back), or when its holder ran on this machine
  and its process is gone.
- Call these outside a transaction: what a taker writes must be seen by others at once.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Self

from django.db import DatabaseError, connections

from orgwarden.core.problems import LostLease, TryLater
from orgwarden.records.holder import Holder, is_gone
from orgwarden.records.models import Lease, LeaseRow, Org

__all__ = [
    "LENGTH",
    "Busy",
    "Heartbeat",
    "Holder",
    "LeaseHeld",
    "is_held",
    "release",
    "renew",
    "take",
]

LENGTH = timedelta(seconds=30)
_LOST_FIX = "Nothing is lost: the next run goes on from the last commit."
_POLL = 0.1  # seconds between two looks while waiting
_log = logging.getLogger(__name__)
# What this process saw of leases it could not take: (table, org) → (the row, since when).
_watched: dict[tuple[type[LeaseRow], int], tuple[tuple[object, ...], float]] = {}


def _wall() -> datetime:
    return datetime.now(UTC)


class Busy(TryLater):
    """Somebody else holds the lease. `until` is when it ends unless it is renewed."""

    def __init__(self, org: Org, row: LeaseRow, now: datetime) -> None:
        self.holder, self.until = row.holder, row.expires_at or now
        host, _, pid, *_ = f"{row.holder}////".split("/")
        super().__init__(
            f"{org.name} is being worked on by process {pid} on {host} "
            f"until {self.until:%H:%M:%S} UTC.",
            after=max(self.until - now, timedelta()),
            fix="Try again when it has finished.",
            code="LEASE_HELD",
        )


@dataclass(frozen=True)
class LeaseHeld:
    """A lease as its holder knows it."""

    org_id: int
    org_key: str
    epoch: int
    holder: str
    length: timedelta
    table: type[LeaseRow] = Lease


def take(
    org: Org,
    *,
    holder: Holder,
    now: datetime | None = None,
    length: timedelta = LENGTH,
    wait: timedelta = timedelta(),
    above: int = 0,
    table: type[LeaseRow] = Lease,
) -> LeaseHeld:
    """The org's lease for `holder`, with an epoch never used before, or `Busy` after `wait`.

    `above` is the newest epoch the lake knows: after a restored database the next one is higher
    all the same. A lease is not handed out twice, to its own holder neither.
    """
    rows = table._default_manager
    began, moment = time.monotonic(), now or datetime.now(UTC)
    rows.get_or_create(org=org)
    passed = timedelta()
    while True:
        at = moment + passed
        row = rows.get(org=org)
        if _is_over(row, org, at):
            epoch = max(row.epoch, above) + 1
            taken = rows.filter(
                org=org, epoch=row.epoch, holder=row.holder, expires_at=row.expires_at
            ).update(epoch=epoch, holder=str(holder), expires_at=at + length, length=length)
            if taken:
                _watched.pop((table, org.pk), None)
                return LeaseHeld(org.pk, org.key, epoch, str(holder), length, table)
        elif passed >= wait:
            raise Busy(org, row, at)
        else:
            time.sleep(_POLL)
        passed = timedelta(seconds=time.monotonic() - began)


def _is_over(row: LeaseRow, org: Org, at: datetime) -> bool:
    """Whether nobody can be relying on this lease any more, as far as can be told from here."""
    if not row.holder or row.expires_at is None or row.expires_at <= at or is_gone(row.holder):
        return True
    seen: tuple[object, ...] = (row.epoch, row.holder, row.expires_at)
    before, since = _watched.get((type(row), org.pk), (None, 0.0))
    if before != seen:
        _watched[type(row), org.pk] = (seen, time.monotonic())
        return False
    return time.monotonic() - since > row.length.total_seconds()


def is_held(org: Org) -> bool:
    """Whether somebody works on the org now, as far as can be told from here."""
    row = Lease.objects.filter(org=org).first()
    return row is not None and not _is_over(row, org, datetime.now(UTC))


def renew(held: LeaseHeld, *, now: datetime | None = None) -> None:
    """Hold the lease for its length from now; raises LostLease once somebody else has taken it.

    A lease that ran out unnoticed is renewed too: its epoch is still the newest.
    """
    mine = held.table._default_manager.filter(
        org_id=held.org_id, epoch=held.epoch, holder=held.holder
    )
    if not mine.update(expires_at=(now or datetime.now(UTC)) + held.length):
        raise LostLease("Another worker took this org over.", fix=_LOST_FIX, code="LEASE_LOST")


def release(held: LeaseHeld) -> None:
    """Give the lease back; nothing happens when somebody else has it by now."""
    held.table._default_manager.filter(
        org_id=held.org_id, epoch=held.epoch, holder=held.holder
    ).update(holder="", expires_at=None)


class Heartbeat:
    """Renews a lease from a thread of its own while the `with` block runs.

    `lost` is set when somebody else has the lease, or when it could not be renewed for its whole
    length. The block decides when to look: `check()` raises LostLease. The lease stays held at
    the end of the block; `release` gives it back. `clock` gives the time (aware UTC) that others
    will judge the lease by, `seconds` is a monotonic clock.
    """

    def __init__(
        self,
        held: LeaseHeld,
        *,
        clock: Callable[[], datetime] = _wall,
        seconds: Callable[[], float] = time.monotonic,
    ) -> None:
        self.held = held
        self._clock, self._seconds = clock, seconds
        self.lost = threading.Event()
        self._done = threading.Event()
        self._renewed = seconds()
        self._thread = threading.Thread(
            target=self._beat, name=f"lease of {held.org_key}", daemon=True
        )

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._done.set()
        self._thread.join()

    def check(self) -> None:
        """Raise LostLease unless the lease was ours within its length. After a stall of the whole
        process (the thread included) this asks the database."""
        if not self.lost.is_set() and self._overdue():
            self._renew()
        if self.lost.is_set():
            raise LostLease(
                "Another worker took this org over, or the lease could not be renewed.",
                fix=_LOST_FIX,
                code="LEASE_LOST",
            )

    def _overdue(self) -> bool:
        return self._seconds() - self._renewed >= self.held.length.total_seconds()

    def _renew(self) -> None:
        began = self._seconds()  # the lease counts from before the call, not from its answer
        try:
            renew(self.held, now=self._clock())
        except LostLease:
            self.lost.set()
        except DatabaseError as e:  # a restart of the server is no loss while the lease lasts
            _log.warning("The lease of org %s was not renewed: %s", self.held.org_key, e)
            if self._overdue():
                self.lost.set()
        else:
            self._renewed = began

    def _beat(self) -> None:
        try:
            while not self.lost.is_set() and not self._done.wait(
                self.held.length.total_seconds() / 3
            ):
                self._renew()
                for connection in connections.all(initialized_only=True):
                    connection.close_if_unusable_or_obsolete()
        finally:
            connections.close_all()  # this thread's own
