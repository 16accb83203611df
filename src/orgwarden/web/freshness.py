"""How fresh a tenant is: N/A, excessive or fine; and which tenant stands for all of them.

Rules (the seeds'): a tenant that never synced shows the literal N/A; a last sync older than
`EXCESSIVE_AFTER` is excessive and is shown in red with words; over several tenants the worst is
shown, and never synced is worse than any age.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import pairwise

from orgwarden.records.models import Org, Run
from orgwarden.web import words

EXCESSIVE_AFTER = timedelta(hours=1)  # four times the shortest cadence
FIRST_SYNC_MAY_TAKE = timedelta(hours=24)
BARS = 48
_LONG_AGO = datetime(2000, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class LastSynced:
    """`at` None is never. `excessive` is said in words in `note`, not by colour alone."""

    at: datetime | None
    text: str  # N/A, or an age
    excessive: bool
    note: str


@dataclass(frozen=True)
class FreshBar:
    """One step of time: what the runs that ended in it came to."""

    state: str  # done, waiting, dark, failed, none, before
    words: str


def last_synced(org: Org, now: datetime) -> LastSynced:
    """The cell Last Synced of one tenant."""
    at = org.last_synced_at
    if at is None:
        begun = org.connected_at or org.first_connected_at
        late = begun is not None and now - begun > FIRST_SYNC_MAY_TAKE
        if org.status == Org.Status.ERROR:
            return LastSynced(None, "N/A", True, "Never synced: the connection is in error.")
        if late and begun is not None:
            return LastSynced(
                None, "N/A", True, f"Never synced, {words.span(now - begun)} after connecting."
            )
        return LastSynced(None, "N/A", False, "Not synced yet.")
    age = now - at
    if age > EXCESSIVE_AFTER:
        note = f"Excessive: due every 15 minutes, {words.span(age)} since the last complete sync."
        return LastSynced(at, words.ago(at, now), True, note)
    return LastSynced(at, words.ago(at, now), False, "")


def worst(orgs: Iterable[Org]) -> Org | None:
    """The tenant with the most excessive last sync; one that never synced comes first."""
    ranked = sorted(
        orgs,
        key=lambda o: (
            o.last_synced_at is not None,
            # Of those that never synced, the one that has tried the longest.
            (o.last_synced_at or o.first_connected_at or _LONG_AGO).timestamp(),
            o.name,
        ),
    )
    return ranked[0] if ranked else None


_RANK = {"none": 0, "done": 1, "dark": 2, "waiting": 3, "failed": 4}
_OUTCOMES = {
    Run.Outcome.DONE: "done",
    Run.Outcome.DARK: "dark",
    Run.Outcome.WAITING: "waiting",
    Run.Outcome.FAILED: "failed",
    Run.Outcome.LOST: "waiting",
}
_SAYS = {
    "done": "collected",
    "dark": "collected in part, some sources are dark",
    "waiting": "stopped by the budget or another worker",
    "failed": "a run failed",
    "none": "no run ended",
    "before": "before the tenant was connected",
}


def bars(
    runs: Sequence[tuple[datetime, str]],
    since: datetime,
    until: datetime,
    connected_at: datetime | None,
    count: int = BARS,
) -> tuple[FreshBar, ...]:
    """The range in `count` steps; each shows the worst outcome among its runs.

    `runs` are (ended_at, outcome). A run that could only see part is worse than none failing:
    a dark source must not hide behind its neighbours' success.
    """
    step = (until - since) / count
    states = ["none"] * count
    for ended_at, outcome in runs:
        place = int((ended_at - since) / step) if since <= ended_at < until else -1
        state = _OUTCOMES.get(Run.Outcome(outcome), "none")
        if 0 <= place < count and _RANK[state] > _RANK[states[place]]:
            states[place] = state
    edges = [since + step * i for i in range(count + 1)]
    found = []
    for (start, end), state in zip(pairwise(edges), states, strict=True):
        if connected_at is None or end <= connected_at:
            state = "before"
        found.append(FreshBar(state, f"{words.day(start)} {start:%H:%M} UTC: {_SAYS[state]}"))
    return tuple(found)


def bars_in_words(drawn: Sequence[FreshBar]) -> str:
    """The bars for a reader who does not see them."""
    held = {state: sum(b.state == state for b in drawn) for state in _SAYS}
    told = [f"{n} {_SAYS[state]}" for state, n in held.items() if n and state != "before"]
    return f"Of {len(drawn)} steps: {', '.join(told)}." if told else "No run yet."
