"""The API budget of one org as a picture: used by us and by others, against the three limits.

The org's own number is a rolling 24-hour count. Others' calls in an hour are therefore its change,
plus what fell out of the window at its other end, less our own: an estimate, and named so.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from orgwarden.core.budget import Rules, share_of
from orgwarden.web import words

HOUR = timedelta(hours=1)
NEAR = 10  # per cent below the stop from which the gauge warns
USUAL = Rules()


@dataclass(frozen=True)
class Measure:
    """What Salesforce said of the org's use: `used` of `limit` at `at`."""

    hour: datetime
    at: datetime
    used: int
    limit: int


@dataclass(frozen=True)
class Gauge:
    """Widths are per cent of the daily limit, ready to be drawn; lines are thousandths of it."""

    known: bool
    used: int
    limit: int
    own: int
    others: int
    own_width: str
    others_width: str
    share: str
    own_share: str
    own_of_allowance: str
    own_allowance: int
    at: datetime | None
    level: str  # fine, near, stop, floor, unknown
    verdict: str
    rules: Rules = USUAL

    @property
    def usual(self) -> bool:
        """Whether the marks stand where they usually do."""
        return (self.rules.own, self.rules.stop, self.rules.floor) == (
            USUAL.own, USUAL.stop, USUAL.floor,
        )  # fmt: skip

    @property
    def floor_line(self) -> int:
        """Where the last calls begin that are never taken."""
        return 1000 - 10 * self.rules.floor

    @property
    def floor_width(self) -> int:
        return 10 * self.rules.floor

    @property
    def stop_line(self) -> int:
        return 10 * self.rules.stop

    @property
    def own_line(self) -> int:
        return 10 * self.rules.own

    @property
    def floor_at(self) -> int:
        return 100 - self.rules.floor


def gauge(latest: Measure | None, own: int, rules: Rules = USUAL) -> Gauge:
    """The gauge from the last measurement and our calls of the last 24 hours."""
    if latest is None or latest.limit <= 0:
        verdict = "Salesforce has not said how many calls the org has used."
        return Gauge(False, 0, 0, own, 0, "0", "0", "", "", "0", 0, None, "unknown", verdict, rules)
    used = max(latest.used, own)  # our own calls since the last measurement are used as well
    share = used / latest.limit
    own_share = own / latest.limit
    level, verdict = _verdict(used, own, latest.limit, rules)
    allowance = share_of(latest.limit, rules.own)
    return Gauge(
        known=True,
        used=used,
        limit=latest.limit,
        own=own,
        others=used - own,
        own_width=f"{100 * own / latest.limit:.2f}",
        others_width=f"{min(100 * (used - own) / latest.limit, 100):.2f}",
        share=words.percent(share),
        own_share=words.percent(own_share),
        own_of_allowance=f"{min(100 * own / allowance, 100) if allowance else 100:.2f}",
        own_allowance=allowance,
        at=latest.at,
        level=level,
        verdict=verdict,
        rules=rules,
    )


def _verdict(used: int, own: int, limit: int, rules: Rules) -> tuple[str, str]:
    counted = own if rules.only_own else used
    if rules.floor and counted >= limit - share_of(limit, rules.floor):
        told = f"The last {rules.floor} % of the org's calls are left alone: nothing is collected."
        return "floor", told
    if rules.own < 100 and own >= share_of(limit, rules.own):
        told = f"Our own {rules.own} % are used: collection goes on when the count falls."
        return "stop", told
    if rules.stop < 100:
        if counted >= share_of(limit, rules.stop):
            protected = "only sign-ins and what would be lost is collected"
            what = protected if rules.protected_calls else "nothing is collected"
            return "stop", f"The org is over {rules.stop} %: {what}."
        if counted >= share_of(limit, max(rules.stop - NEAR, 0)):
            return "near", f"Close to the {rules.stop} % at which collection stops."
    return "fine", "Collection runs within all its limits."


@dataclass(frozen=True)
class HourUse:
    hour: datetime
    own: int
    others: int | None  # None: not measured


def hours(
    own: Mapping[datetime, int], measures: Sequence[Measure], since: datetime, until: datetime
) -> tuple[HourUse, ...]:
    """Calls per UTC hour, oldest first. Others are None where two measures do not meet."""
    used = {m.hour: m.used for m in measures}
    total: dict[datetime, int] = {}
    first = min(used, default=None)
    spread = used[first] // 24 if first is not None else 0
    found = []
    at = _hour(min([since, *used]) if used else since)
    while at < until:
        others: int | None = None
        if at in used and at - HOUR in used:
            left = total.get(at - 24 * HOUR, spread)
            total[at] = max(used[at] - used[at - HOUR] + left, own.get(at, 0))
            others = total[at] - own.get(at, 0)
        if at >= _hour(since):
            found.append(HourUse(at, own.get(at, 0), others))
        at += HOUR
    return tuple(found)


def _hour(at: datetime) -> datetime:
    return at.astimezone(UTC).replace(minute=0, second=0, microsecond=0)


def chart(use: Sequence[HourUse], limit: int, rules: Rules = USUAL) -> dict[str, Any]:
    """What the script draws; the template prints the same rows as a table behind it."""
    return {
        "kind": "calls",
        "label": "API calls per hour, by Orgwarden and by others",
        "hours": [int(u.hour.timestamp() * 1000) for u in use],
        "own": [u.own for u in use],
        "others": [u.others for u in use],
        "lines": [
            _line(f"{rules.stop} %", rules.stop, limit),
            _line(f"our {rules.own} %", rules.own, limit),
        ]
        if limit
        else [],
    }


def _line(name: str, share: int, limit: int) -> dict[str, Any]:
    """A limit of 24 hours as the calls per hour that would just use it up."""
    hourly = limit * share // 2400
    return {"label": f"{name} over 24 h: {words.count_of(hourly, 'call')}/h", "at": hourly}
