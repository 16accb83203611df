"""When a backlog is worked off: the calls it still needs, and the calls a day that are free for it.

A forecast, not a promise: others' use of the org is taken to stay as it was last seen.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from math import ceil

from orgwarden.core.budget import Rules, allowance, share_of
from orgwarden.core.cost import PAGE, pages
from orgwarden.core.spans import Span, Spans

# As in flows.read_rows: from so many rows a gap is read by Bulk, a call a page of 100,000 and some
# for the job itself.
BULK_FROM, BULK_PAGE, BULK_JOB = 20_000, 100_000, 8


@dataclass(frozen=True, slots=True)
class Need:
    """What one source still needs. `calls` None: not known yet. `covered` of `wanted` time."""

    calls: int | None
    covered: timedelta = timedelta()
    wanted: timedelta = timedelta()


@dataclass(frozen=True, slots=True)
class Forecast:
    """`calls` None: not known. `free_a_day` None: Salesforce has not said what is free. `share` of
    the wanted time is covered, 0 to 1."""

    calls: int | None
    free_a_day: int | None
    done_at: datetime | None
    share: float
    words: str


def calls_for(rows: int) -> int:
    """Calls to read so many rows of a gap, the cheaper way."""
    return BULK_JOB + ceil(rows / BULK_PAGE) if rows >= BULK_FROM else pages(rows)


def need_of_rows(
    complete: Spans, start: datetime, end: datetime, *, fresh: timedelta, rows: int
) -> Need:
    """Of a stream that holds `rows` in what is complete. What is younger than `fresh` is no
    backlog: the next reading brings it."""
    whole = Span(start, max(end - fresh, start))
    gaps = complete.gaps(whole)
    wanted = whole.end - whole.start
    covered = wanted - sum((g.end - g.start for g in gaps), timedelta())
    if not gaps:
        return Need(0, covered, wanted)
    if covered <= timedelta():
        return Need(None, covered, wanted)
    density = rows / covered.total_seconds()
    calls = sum(calls_for(ceil(density * (g.end - g.start).total_seconds())) for g in gaps)
    return Need(calls, covered, wanted)


def need_whole(rows: int) -> Need:
    """Of what is read whole each time and is due."""
    return Need(max(1, ceil(rows / PAGE)))


def free_a_day(rules: Rules, *, used: int, own: int, limit: int, steady: int) -> int:
    """Calls a day that are left for a backlog, after what others use and our steady work."""
    others = 0 if rules.only_own else max(used - own, 0)
    most = allowance(rules, limit, "backfill") if rules.own < 100 else limit
    ceilings = [limit - share_of(limit, rules.floor) - others]
    if rules.stop < 100:
        ceilings.append(share_of(limit, rules.stop) - others)
    return max(0, min(most, *ceilings) - steady)


def forecast(
    needs: list[Need], *, free: int | None, now: datetime, waits_until: datetime | None
) -> Forecast:
    """The forecast of one org. `waits_until`: nothing is read before that."""
    wanted = sum((n.wanted for n in needs), timedelta())
    covered = sum((n.covered for n in needs), timedelta())
    share = covered / wanted if wanted else 1.0
    known = [n.calls for n in needs if n.calls is not None]
    calls = sum(known) if len(known) == len(needs) else None
    if calls == 0:
        return Forecast(0, free, None, 1.0, "There is no backlog: everything due is read.")
    if calls is None:
        words = "How much there is to read is not known before the first part of it is read."
        return Forecast(None, free, None, share, words)
    left = f"{calls:,} {'call is' if calls == 1 else 'calls are'} needed to work off the backlog"
    if free is None:
        words = f"{left}; Salesforce has not said how many the org has."
        return Forecast(calls, None, None, share, words)
    if not free:
        words = f"{left}, and none is free: at the present use it is never worked off."
        return Forecast(calls, 0, None, share, words)
    done = max(waits_until or now, now) + timedelta(days=1) * (calls / free)
    words = f"{left}; {free:,} a day are free for it: done by {done:%Y-%m-%d %H:%M} UTC."
    return Forecast(calls, free, done, share, words)
