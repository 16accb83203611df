"""How fresh a tenant is: N/A, excessive or fine; and which tenant stands for all of them.

Rules (the seeds'): a tenant that never synced shows the literal N/A; a last sync is excessive when
it is older than a setting's multiple of the tenant's shortest cadence, and is then shown in red
with words; over several tenants the worst is shown, and never synced is worse than any age. A
tenant in its first 24 hours is new: it raises no alarm, outranks nothing and is counted apart, and
so is one that a person paused.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import pairwise

from orgwarden.catalog.features import sources_for
from orgwarden.core.source import cadence_of
from orgwarden.records.models import Org, Run
from orgwarden.records.preferences import EXCESSIVE_SYNC
from orgwarden.web import words

FIRST_SYNC_MAY_TAKE = timedelta(hours=24)
USUAL = timedelta(minutes=15)
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
    """One step of time: what the runs that ended in it came to. `shape` is its path, 5 wide and
    20 high: each state has its own, because colour alone tells not everybody."""

    state: str  # done, waiting, dark, failed, none, before
    shape: str
    words: str


def cadence(org: Org) -> timedelta:
    """How often the tenant's quickest source is due. The lists of Bulk jobs, looked at every few
    minutes for what is gone as quickly, do not make the rest late."""
    on = [s for s in sources_for(org.features, org.tiers) if s.lane != "job_lists"]
    return min((cadence_of(s, org.cadence_minutes) for s in on), default=USUAL)


def is_new(org: Org, now: datetime) -> bool:
    """Whether the first collection may still be under way: the first 24 hours."""
    begun = org.first_connected_at
    return begun is None or now - begun < FIRST_SYNC_MAY_TAKE


def last_synced(org: Org, now: datetime, multiple: int = EXCESSIVE_SYNC.default) -> LastSynced:
    """The cell Last Synced of one tenant. `multiple` of its cadence is too long."""
    at, every = org.last_synced_at, cadence(org)
    text = words.ago(at, now) if at else "N/A"
    if org.paused_at is not None:
        return LastSynced(at, text, False, f"Paused {words.ago(org.paused_at, now)}.")
    if is_new(org, now):
        if at is None:
            note = "New: the first sync may take up to 24 hours."
            return LastSynced(None, text, False, note)
        return LastSynced(at, text, False, "")
    if at is None:
        begun = org.first_connected_at or _LONG_AGO
        if org.status == Org.Status.ERROR:
            return LastSynced(None, text, True, "Never synced: the connection is in error.")
        note = f"Never synced, {words.span(now - begun)} after connecting."
        return LastSynced(None, text, True, note)
    if now - at > multiple * every:
        note = (
            f"Excessive: due {words.every(every)},"
            f" {words.span(now - at)} since the last complete sync."
        )
        return LastSynced(at, text, True, note)
    return LastSynced(at, text, False, "")


def worst(orgs: Iterable[Org], now: datetime) -> Org | None:
    """The tenant with the most excessive last sync; one that never synced comes first. Tenants
    that are new or paused have no rank."""
    ranked = sorted(
        (o for o in orgs if o.paused_at is None and not is_new(o, now)),
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
_SHAPES = {
    "done": "M0 0h5v20h-5z",
    "dark": "M0 0h5v7h-5zM0 13h5v7h-5z",  # a gap in the middle
    "waiting": "M0 10h5v10h-5z",  # half
    "failed": "M0 0h5l-2.5 20z",  # a wedge
    "none": "M0 16h5v4h-5z",
    "before": "M0 19h5v1h-5z",
}
_SAYS = {
    "done": "collected",
    "dark": "collected in part, some sources dark",
    "waiting": "stopped by the budget or another worker",
    "failed": "failed",
    "none": "without a run",
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
        found.append(
            FreshBar(state, _SHAPES[state], f"{words.day(start)} {start:%H:%M} UTC: {_SAYS[state]}")
        )
    return tuple(found)


def bars_in_words(drawn: Sequence[FreshBar]) -> str:
    """The bars for a reader who does not see them."""
    held = {state: sum(b.state == state for b in drawn) for state in _SAYS}
    told = [f"{n} {_SAYS[state]}" for state, n in held.items() if n and state != "before"]
    return f"Of {len(drawn)} steps: {', '.join(told)}." if told else "No run yet."
