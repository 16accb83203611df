"""Standing: how a tenant as a whole stands, what it waits for, when to look at it again."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from django.db import transaction

from orgwarden.core.grants import labelled
from orgwarden.core.problems import Contained, NeedsPerson, Problem, TryLater
from orgwarden.core.spans import instant_of
from orgwarden.flows.enabled import enabled_sources, mark_off
from orgwarden.flows.tell import ready as tell_ready
from orgwarden.records.models import Org, SourceState

if TYPE_CHECKING:
    from orgwarden.flows.outcomes import Outcome

AGAIN = timedelta(minutes=5)  # after a passing trouble
HOURLY = timedelta(hours=1)  # probes of a grant that a person must mend
NEVER = datetime(9999, 1, 1, tzinfo=UTC)  # nothing happens here unless a person asks


def trouble(org: Org, problem: Problem, now: datetime | None = None) -> None:
    """No source could be asked: the tenant is in error, with the reason and what to do."""
    now = now or datetime.now(UTC)
    with transaction.atomic():
        row = Org.objects.select_for_update().get(pk=org.pk)
        if isinstance(problem, TryLater):
            # Nothing is broken; the status stays and the reason is shown beside it.
            row.waiting_reason, row.waiting_until = problem.what, now + (problem.after or AGAIN)
            row.waiting_rule = getattr(problem, "rule", "")
        else:
            if row.status != Org.Status.ERROR:
                row.status_since = now
            row.status = Org.Status.ERROR
            _in_error(row, labelled(problem), problem.fix, problem.code, now)
        if isinstance(problem, NeedsPerson):
            row.probed_at = now
        row.next_due_at = look_again(problem, now)
        row.save()


def look_again(problem: Problem, now: datetime) -> datetime:
    """When a worker looks again by itself after this; `NEVER` for a user that is contained."""
    if isinstance(problem, Contained):
        return NEVER
    if isinstance(problem, NeedsPerson):
        return now + HOURLY
    return now + ((problem.after if isinstance(problem, TryLater) else None) or AGAIN)


def _in_error(row: Org, what: str, fix: str, code: str, now: datetime) -> None:
    """Why; since when stays while the reason does."""
    if row.problem != what or row.problem_since is None:
        row.problem_since = now
    row.problem, row.problem_fix, row.problem_code = what, fix, code


def _mended(row: Org) -> None:
    row.problem = row.problem_fix = row.problem_code = ""
    row.problem_since = None


def waiting(org: Org, reason: str, rule: str, until: str) -> None:
    """What the tenant waits for and until when."""
    Org.objects.filter(pk=org.pk).update(
        waiting_reason=reason, waiting_rule=rule, waiting_until=instant_of(until)
    )


def after(org: Org, outcomes: Sequence[Outcome], now: datetime | None = None) -> None:
    """The tenant's status after a collection, from its sources. Success and last sync are one
    write (seed L15); a source that could not look for a stated reason does not hold it up, and one
    that is off has no say."""
    now = now or datetime.now(UTC)
    with transaction.atomic():
        # Read anew: a person may have edited features and tiers while it was collected.
        row = Org.objects.select_for_update().get(pk=org.pk)
        mark_off(row, now)
        on = [s.id for s in enabled_sources(row)]
        found = SourceState.objects.filter(org=row, source__in=on).order_by("source")
        states = {s.source: s for s in found}
        was = row.status
        failed = [s for s in states.values() if s.state == SourceState.State.FAILING]
        settled = {SourceState.State.CURRENT, SourceState.State.DARK}
        if failed:
            row.status = Org.Status.ERROR
            why = failed[0].reason
            code = next((o.code for o in outcomes if o.reason == why), "")
            _in_error(row, why, failed[0].fix, code, now)
        elif on and all(s in states and states[s].state in settled for s in on):
            row.status, row.last_synced_at = Org.Status.SUCCESS, now
            tell_ready.on_success(row, list(states.values()), now)
            _mended(row)
        elif row.status == Org.Status.ERROR:
            row.status = Org.Status.IN_PROGRESS
            _mended(row)
        if not any(s.state == SourceState.State.WAITING for s in states.values()):
            row.waiting_reason, row.waiting_rule, row.waiting_until = "", "", None
        if row.status != was or row.status_since is None:
            row.status_since = now
        due = [s.next_due_at for s in states.values() if s.next_due_at]
        row.next_due_at = min(due, default=now)
        row.probed_at = None  # it was asked and it answered
        row.save()
