"""How everything stands, for the command line and for scripts: one value per org."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from django.utils.timezone import now as clock

from orgwarden.catalog.sources import BY_ID
from orgwarden.catalog.sources.event_log_file import FAMILY, PREFIX
from orgwarden.core.budget import Rules
from orgwarden.core.burning import told
from orgwarden.core.spans import text_of
from orgwarden.flows.backlog import forecast_of
from orgwarden.flows.kept import lost_after
from orgwarden.records import calls
from orgwarden.records.models import Org, Run, SourceState
from orgwarden.records.workers import workers_seen

MISSING = (SourceState.State.DARK, SourceState.State.OFF)


def of_org(org: Org, now: datetime | None = None) -> dict[str, Any]:
    """One org as `status --json` shows it. Times ISO 8601 UTC or null."""
    states = list(SourceState.objects.filter(org=org).order_by("source"))
    inherit(states)
    in_progress = Run.objects.filter(org=org, outcome=Run.Outcome.RUNNING)
    running = dict(in_progress.values_list("source", "calls"))
    usage = calls.usage_now(org)
    rules = Rules.of(org.budget)
    now = now or datetime.now(UTC)
    day_ago = now - timedelta(hours=24)
    waiting = None
    if org.waiting_until:
        waiting = {
            "reason": org.waiting_reason,
            "rule": org.waiting_rule,
            "until": _text(org.waiting_until),
        }
    return {
        "name": org.name,
        "key": org.key,
        "status": org.status,
        "status_since": _text(org.status_since),
        "problem": org.problem or None,
        "fix": org.problem_fix or None,
        "code": org.problem_code or None,
        "paused_at": _text(org.paused_at),
        "url": org.url,
        "organization_id": org.salesforce_id,
        "connected_user": org.connected_user,
        "last_synced": _text(org.last_synced_at),
        "clock_ahead": org.clock_ahead,  # seconds; 0 when this host and the org agree
        "waiting": waiting,
        "features": list(org.features),
        "tiers": list(org.tiers),
        # What is not seen, for a stated reason: dark, or off because its tier is not opted in to.
        "partial": [s.source for s in states if s.source in BY_ID and s.state in MISSING],
        "budget": {
            "used": usage.used if usage else None,
            "limit": usage.limit if usage else None,
            "as_of": _text(usage.at) if usage else None,
            "own_24h": calls.own_calls_since(org, day_ago),
            "own_by_source": calls.own_calls_by_source(org, day_ago),
            "floor": rules.floor / 100,
            "stop": rules.stop / 100,
            "resume": rules.resume / 100,
            "own": rules.own / 100,
            "protected_calls": rules.protected_calls,
            "protected_24h": calls.protected_calls_since(org, day_ago),
            "counts": "own" if rules.only_own else "org",
            "stopped_at": _text(org.stopped_at),
            "used_by": org.burners or None,
            "used_by_words": told(org.burners) or None,
        },
        "forecast": _forecast(org, now),
        "sources": [_source(s, org, running.get(s.source, 0)) for s in states],
    }


def _forecast(org: Org, now: datetime) -> dict[str, Any]:
    found = forecast_of(org, now)
    return {
        "calls": found.calls,
        "free_a_day": found.free_a_day,
        "done_at": _text(found.done_at),
        "share": round(found.share, 4),
        "words": found.words,
    }


def inherit(states: Sequence[SourceState]) -> None:
    """Log types have no runs of their own: one that no run was judged of yet stands as the list of
    log files stands."""
    family = next((s for s in states if s.source == FAMILY.id), None)
    for state in states:
        own = state.state != SourceState.State.NEVER or not state.source.startswith(PREFIX)
        if family is None or own:
            continue
        state.state, state.reason, state.fix = family.state, family.reason, family.fix
        state.since = family.since
        state.last_success_at, state.next_due_at = family.last_success_at, family.next_due_at


def _source(state: SourceState, org: Org, running: int) -> dict[str, Any]:
    """`running` are the calls of the run in progress, which the state does not count yet."""
    coverage = state.coverage or {}
    complete = coverage.get("complete", [])
    return {
        "id": state.source,
        "state": state.state,
        "since": _text(state.since),
        "reason": state.reason or None,
        "fix": state.fix or None,
        "rows": state.rows,
        # Every row that came is one of these: read = rows + duplicate + quarantined.
        "read": state.rows + state.duplicate + state.quarantined,
        "duplicate": state.duplicate,
        "quarantined": state.quarantined,
        "calls": state.calls + running,
        "cursor": (state.cursor or {}).get("complete_to"),
        "complete_to": complete[-1][1] if complete else None,
        "complete": complete,
        "missing": coverage.get("missing", []),
        "backfill_from": _text(state.backfill_from),
        # From when on Salesforce deletes what is not collected; null when nothing is left behind.
        "lost_after": _text(lost_after(state, org, clock())),
        "progress": {"done": state.progress_done, "total": state.progress_total},
        "last_run": _text(state.last_run_at),
        "last_success": _text(state.last_success_at),
        "next_due": _text(state.next_due_at),
    }


def everything() -> dict[str, Any]:
    now = clock()
    return {
        "as_of": text_of(now),
        "workers": len(workers_seen(now)),
        "orgs": [of_org(o) for o in Org.objects.all()],
    }


def _text(instant: datetime | None) -> str | None:
    return text_of(instant) if instant else None
