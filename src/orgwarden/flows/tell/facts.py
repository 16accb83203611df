"""What is recorded of a tenant, as `core.incidents` wants it."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.conf import settings

from orgwarden.core.grants import CONTAINED, EXPIRED, state_of
from orgwarden.core.incidents import OrgFacts, SourceFacts
from orgwarden.core.retention import REMOVED
from orgwarden.core.source import cadence_of
from orgwarden.core.spans import instant_of
from orgwarden.flows.enabled import enabled_sources
from orgwarden.flows.tell.content import title_of
from orgwarden.records import calls
from orgwarden.records.models import Lease, Org, SourceState
from orgwarden.records.preferences import MESSAGE_GRACE, SILENCE, value

_MOVING = (SourceState.State.RUNNING, SourceState.State.NEVER)
_NO = timedelta()
_BUDGET = frozenset({"floor", "stop", "resume", "own", "salesforce"})


def of(org: Org, now: datetime) -> OrgFacts:
    """The facts of one tenant, from the records alone."""
    on = [s.id for s in enabled_sources(org)]
    states = list(SourceState.objects.filter(org=org, source__in=on))
    collected = [s.last_success_at for s in states if s.last_success_at]
    if org.connected_at:
        collected.append(org.connected_at)
    is_held = Lease.objects.filter(org=org, expires_at__gt=now).exclude(holder="").exists()
    # Somebody is at it and gets answers: a lease alone is also held by a run that hangs.
    if is_held and (usage := calls.usage_now(org)) is not None:
        collected.append(usage.at)
    stopped = org.waiting_rule in _BUDGET or org.stopped_at is not None
    grant = state_of(org.problem)
    return OrgFacts(
        in_error=org.status == Org.Status.ERROR,
        expired=grant == EXPIRED,
        contained=grant == CONTAINED,
        problem=org.problem or "The connection failed; no reason was recorded.",
        fix=org.problem_fix,
        paused=org.paused_at is not None,
        waiting=_waiting(org) if stopped else "",
        tried="" if stopped else org.waiting_reason,
        waiting_fix="It goes on by itself. Which source and which other program use the calls is"
        " on the tenant's page.",
        collected_at=max(collected, default=None),
        sources=[_source(s) for s in states],
    )


def _waiting(org: Org) -> str:
    reason = org.waiting_reason or "The org as a whole is at its share of daily API calls."
    until = f" It waits until {org.waiting_until:%Y-%m-%d %H:%M} UTC." if org.waiting_until else ""
    return f"Collecting stopped: {reason}{until}"


def _source(state: SourceState) -> SourceFacts:
    missing = (state.coverage or {}).get("missing", [])
    return SourceFacts(
        id=state.source,
        title=title_of(state.source),
        dark=state.state == SourceState.State.DARK,
        moving=state.state in _MOVING,
        ever_current=state.last_success_at is not None,
        reason=state.reason,
        fix=state.fix,
        missing=tuple(
            (instant_of(a), instant_of(b), str(why)) for a, b, why in missing if why != REMOVED
        ),
    )


def grace() -> timedelta:
    """How long what may pass has to last; ORGWARDEN_PACE hurries a demonstration."""
    return timedelta(minutes=value(MESSAGE_GRACE)) / float(settings.ORGWARDEN_PACE)


def stale_after(org: Org, now: datetime) -> timedelta:
    """How long nothing may be collected without a reason: never less than three of its cycles.
    ORGWARDEN_PACE hurries this too, but not while nothing is due: whoever collected last may have
    done so at another pace, and said when the next turn is."""
    shortest = min((cadence_of(s, org.cadence_minutes) for s in enabled_sources(org)), default=_NO)
    longest = max(timedelta(minutes=value(SILENCE)), 3 * shortest)
    if org.next_due_at is not None and org.next_due_at > now and not org.waiting_reason:
        return longest
    return longest / float(settings.ORGWARDEN_PACE)
