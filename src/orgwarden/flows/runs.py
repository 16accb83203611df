"""Runs: one collection of one source, from its beginning to its judgement."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from django.conf import settings
from django.db import transaction

from orgwarden.catalog.sources import BY_ID
from orgwarden.catalog.sources.event_log_file import FAMILY, PREFIX
from orgwarden.core.jitter import next_due
from orgwarden.core.source import Source, cadence_of
from orgwarden.flows.metering import OrgMeter
from orgwarden.lake.landing import Counts
from orgwarden.records.models import Org, Run, SourceState

STATES = {
    Run.Outcome.DONE: SourceState.State.CURRENT,
    Run.Outcome.WAITING: SourceState.State.WAITING,
    Run.Outcome.DARK: SourceState.State.DARK,
    Run.Outcome.FAILED: SourceState.State.FAILING,
}


def left_behind(org: Org, now: datetime) -> None:
    """Runs that never ended: their process is gone, or another worker took over from it."""
    org.runs.filter(outcome=Run.Outcome.RUNNING).update(
        outcome=Run.Outcome.LOST,
        ended_at=now,
        reason="The process that collected ended before it had finished; nothing is lost.",
    )


def begin(org: Org, source: str, trigger: str, now: datetime | None = None) -> Run:
    """A run has begun."""
    now = now or datetime.now(UTC)
    told = {
        "state": SourceState.State.RUNNING,
        "since": now,
        "last_run_at": now,
        "progress_done": 0,
        "progress_total": 0,
    }
    if not SourceState.objects.filter(org=org, source=source).update(**told):
        SourceState.objects.create(org=org, source=source, **told)
    return Run.objects.create(org=org, source=source, trigger=trigger, started_at=now)


def count(run: Run, counts: Counts, meter: OrgMeter) -> None:
    """Add a commit's counts to its run."""
    run.rows_read += counts.read
    run.rows_stored += counts.stored
    run.rows_duplicate += counts.duplicate
    run.rows_quarantined += counts.quarantined
    run.calls = meter.made
    run.save(
        update_fields=[
            "rows_read", "rows_stored", "rows_duplicate", "rows_quarantined", "calls", "bytes",
        ]
    )  # fmt: skip
    SourceState.objects.filter(org=run.org, source=run.source).update(progress_done=run.rows_read)


def expect(run: Run | None, rows: int) -> None:
    """Say how many rows a run will read, where that is known."""
    if run is not None:
        states = SourceState.objects.filter(org=run.org, source=run.source)
        states.update(progress_total=run.rows_read + rows)


def pending(org: Org, source: str, files: int) -> None:
    """Say how many log files are listed and have not landed."""
    SourceState.objects.filter(org=org, source=source).update(pending=files)


def end(
    run: Run,
    outcome: str,
    *,
    reason: str = "",
    fix: str = "",
    calls: int = 0,
    now: datetime | None = None,
    rest: timedelta = timedelta(),
) -> None:
    """A run has ended: its outcome and the source's state, in one transaction. The next one is due
    after the source's cadence, `rest` at least."""
    now = now or datetime.now(UTC)
    source = BY_ID.get(run.source, FAMILY)
    with transaction.atomic():
        run.ended_at, run.outcome, run.reason, run.fix = now, outcome, reason, fix
        run.calls = calls
        run.save()
        row = SourceState.objects.select_for_update().get(org=run.org, source=run.source)
        if outcome == Run.Outcome.LOST:
            row.state, row.reason, row.fix = _as_judged_before(run)
        else:
            row.state, row.reason, row.fix = STATES[Run.Outcome(outcome)], reason, fix
        row.since = now
        row.calls += calls
        row.progress_done = row.progress_total = 0
        row.next_due_at = (
            now
            if outcome == Run.Outcome.LOST
            else next_due(
                run.started_at, max(rest, pause(source, run.org)), org=run.org.key, source=source.id
            )
        )
        if outcome == Run.Outcome.DONE:
            row.last_success_at = now
        row.save()
        if source is FAMILY:
            # Event types have no run of their own: they stand as the family does.
            types = SourceState.objects.filter(org=run.org, source__startswith=PREFIX)
            told = {"state": row.state, "reason": row.reason, "fix": row.fix, "since": now}
            told |= {"last_run_at": run.started_at, "next_due_at": row.next_due_at}
            if outcome == Run.Outcome.DONE:
                told["last_success_at"] = now
            types.exclude(source=FAMILY.id).update(**told)


def due_at_once(run: Run) -> None:
    """The source of a run that ended is due when other tenants had their turn."""
    states = SourceState.objects.filter(org=run.org, source=run.source)
    states.update(next_due_at=run.ended_at)


def pause(source: Source, org: Org) -> timedelta:
    """The interval between two runs. ORGWARDEN_PACE hurries a demonstration."""
    return cadence_of(source, org.cadence_minutes) / float(settings.ORGWARDEN_PACE)


def _as_judged_before(run: Run) -> tuple[str, str, str]:
    """A run that was stopped says nothing of its source, which stands as the last one left it."""
    judged = Run.objects.filter(org=run.org, source=run.source, outcome__in=list(STATES))
    last = judged.exclude(pk=run.pk).first()
    if last is None:
        return SourceState.State.NEVER, "", ""
    return STATES[Run.Outcome(last.outcome)], last.reason, last.fix
