"""What is being collected now: how far each source is, how fast, and how long it may still take."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from orgwarden.catalog.sources import BY_ID
from orgwarden.records.models import Run, SourceState
from orgwarden.web import words


@dataclass(frozen=True)
class Progress:
    """A source being collected now. `total` 0: not known."""

    name: str
    done: int
    total: int
    counted: str
    calls: str
    rate: str
    remaining: str
    started_at: datetime | None
    left: timedelta | None  # None: cannot be told


def of_sources(
    states: Sequence[SourceState], running: Sequence[Run], now: datetime
) -> tuple[Progress, ...]:
    """One value for each source that a run reads now."""
    runs = {r.source: r for r in running}
    found = []
    by_run = {*runs, *BY_ID}
    for state in states:
        run = runs.get(state.source)
        if state.state != SourceState.State.RUNNING or state.source not in by_run:
            continue  # log types are read by the run of their list
        seconds = max((now - run.started_at).total_seconds(), 1.0) if run else 0.0
        done = max(state.progress_done, run.rows_read if run else 0)
        rate = done / seconds if seconds else 0.0
        rows_left = state.progress_total - done
        left = timedelta(seconds=rows_left / rate) if rate >= 1 and rows_left > 0 else None
        told = f" of {state.progress_total:,}" if state.progress_total else ""
        found.append(
            Progress(
                name=words.source_name(state.source),
                done=min(done, state.progress_total) if state.progress_total else done,
                total=state.progress_total,
                counted=f"{done:,}{told} rows",
                calls=words.count_of(run.calls, "call") if run else "",
                rate=f"{rate:,.0f} rows/s" if rate >= 1 else "",
                remaining=f"about {words.span(left)} left" if left is not None else "",
                started_at=run.started_at if run else state.since,
                left=left,
            )
        )
    return tuple(found)


def estimate(going: Sequence[Progress], waiting: int) -> str:
    """How long until everything has finished once, as one sentence. `waiting` sources have not
    begun, so that what is known is a lower bound."""
    known = [p.left for p in going if p.left is not None]
    if not known:
        return "How long it takes is not known yet; the first sync may take up to 24 hours."
    longest = words.span(max(known))
    if waiting or len(known) < len(going):
        return f"At least {longest} left; the first sync may take up to 24 hours."
    return f"About {longest} left."
