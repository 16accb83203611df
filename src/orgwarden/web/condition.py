"""The installation's condition in a few words: what `/health/` and `/metrics` both say.

Computed from the same incidents that are told, and from the workers' signs of life. Nothing here
names a tenant; what cannot be looked at is unknown, never ok.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from orgwarden.core.incidents import STOPPED, Kind
from orgwarden.records.models import Incident, Message, Org, WorkerBeat
from orgwarden.records.workers import workers_seen

STUCK = timedelta(minutes=30)  # a message that should have left by then
OK, DEGRADED, FAILING, UNKNOWN = "ok", "degraded", "failing", "unknown"


@dataclass(frozen=True)
class Condition:
    """Each check is ok, degraded, failing or unknown; `status` is what they come to."""

    status: str
    checks: dict[str, str]
    worker_seen_at: datetime | None
    workers: int


def condition(now: datetime) -> Condition:
    """Ask the records. Raises DatabaseError when they do not answer."""
    watched = Org.objects.filter(paused_at=None).count()
    seen = workers_seen(now)
    last = WorkerBeat.objects.order_by("-seen_at").values_list("seen_at", flat=True).first()
    open_now = list(
        Incident.objects.filter(ended_at=None, org__paused_at=None)
        .exclude(told_at=None)
        .values_list("kind", "org_id")
    )
    stopped = {org for kind, org in open_now if kind in STOPPED}
    kinds = {kind for kind, _ in open_now}
    calm = OK if seen or not watched else UNKNOWN  # nobody looks for incidents
    checks = {
        "records": OK,
        # One that was seen and is silent has failed; of one that was never seen nobody knows.
        "worker": OK if seen or not watched else FAILING if last else UNKNOWN,
        "collecting": _collecting(len(stopped), watched, bool(seen)),
        "sources": DEGRADED if Kind.SOURCE_DARK in kinds else calm,
        "coverage": DEGRADED if Kind.COVERAGE_GAP in kinds else calm,
        "budget": DEGRADED if Kind.BUDGET_STOP in kinds else calm,
        "messages": _messages(now),
    }
    values = set(checks.values())
    status = FAILING if FAILING in values else OK if values == {OK} else DEGRADED
    return Condition(status, checks, last, len(seen))


def _collecting(stopped: int, watched: int, has_worker: bool) -> str:
    if stopped and stopped >= watched:
        return FAILING
    if stopped:
        return DEGRADED
    return OK if has_worker or not watched else UNKNOWN


def _messages(now: datetime) -> str:
    states = (Message.State.WAITING, Message.State.SENDING)
    late = Message.objects.filter(state__in=states, created_at__lt=now - STUCK).exists()
    lost = (Message.State.GIVEN_UP, Message.State.UNCLEAR)
    recent = now - timedelta(days=1)
    lately = Message.objects.filter(state__in=lost, created_at__gt=recent).exclude(event="test")
    return DEGRADED if late or lately.exists() else OK
