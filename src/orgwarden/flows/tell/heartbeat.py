"""Signs of life: the worker's in the records, and calls to the heartbeat addresses.

A heartbeat is called after each cycle in which every tenant that is not paused is collected, so
that what watches it elsewhere notices when that ends, whatever the reason.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from django.db.models import Q

from orgwarden.core.incidents import STOPPED
from orgwarden.core.problems import Problem
from orgwarden.flows.tell.send import opened, place_of
from orgwarden.notify import heartbeat
from orgwarden.records.holder import Holder
from orgwarden.records.models import Destination, Incident, WorkerBeat

_FORGOTTEN = timedelta(days=1)


def worker_lives(holder: Holder, started_at: datetime, now: datetime | None = None) -> None:
    """This worker is at work."""
    at = now or datetime.now(UTC)
    WorkerBeat.objects.update_or_create(
        holder=str(holder), defaults={"started_at": started_at, "seen_at": at}
    )
    WorkerBeat.objects.filter(seen_at__lt=at - _FORGOTTEN).delete()


def worker_ends(holder: Holder) -> None:
    """It ended in good order."""
    WorkerBeat.objects.filter(holder=str(holder)).delete()


def healthy() -> bool:
    """Whether nothing that stops collecting was seen at the last look, told or not."""
    stopped = [kind.value for kind in STOPPED]
    return not Incident.objects.filter(
        ended_at=None, quiet_since=None, kind__in=stopped, org__paused_at=None
    ).exists()


def call_all(*, least: timedelta, now: datetime | None = None) -> int:
    """Call every heartbeat address not called within `least`, if collecting is healthy; how many
    answered. Of several workers one calls."""
    at = now or datetime.now(UTC)
    if not healthy():
        return 0
    answered = 0
    on = Destination.objects.filter(kind=Destination.Kind.HEARTBEAT, enabled=True)
    for row in on.order_by("pk"):
        due = Q(called_at=None) | Q(called_at__lte=at - least)
        if not Destination.objects.filter(due, pk=row.pk).update(called_at=at):
            continue
        answered += call(row)
    return answered


def call(row: Destination) -> bool:
    """Call one; how it went stands in its row."""
    mine = Destination.objects.filter(pk=row.pk)
    try:
        value = opened(row)
        heartbeat.beat(place_of(value), value.method)
    except Problem as problem:
        mine.update(last_problem=problem.sentence(), last_problem_at=datetime.now(UTC))
        return False
    mine.update(last_ok_at=datetime.now(UTC), last_problem="", last_problem_at=None)
    return True
