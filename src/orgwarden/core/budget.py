"""The API budget: may this call be made now?

Three limits, the strictest wins (architecture, rule 2): the last 10 % of the org's daily calls are
never taken; collecting stops when the org as a whole is at 75 % and resumes below 70 %, not before
the next UTC day; our own use is at most 20 % of the daily limit. A protected lane (sign-ins, job
lists, tokens, log files about to expire) may go on above 75 %, never above 90 %.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

PRIORITY = (
    "act",
    "test",
    "sign_ins",
    "audit_trail",
    "event_logs",
    "inventory",
    "backfill",
)
PROTECTED = frozenset({"act", "test", "sign_ins"})


@dataclass(frozen=True, slots=True)
class Rules:
    """Shares of the daily limit, 0 to 1; `protected_calls` a day for the protected lane."""

    floor: float = 0.10
    stop: float = 0.75
    resume: float = 0.70
    own: float = 0.20
    protected_calls: int = 96


@dataclass(frozen=True, slots=True)
class Standing:
    """What is known when a call is about to be made. Times aware UTC.

    `used` counts everybody's calls in the last 24 h, ours since the last answer included; None
    before the first answer. `stopped_at` is when the 75 % stop fell, None while collecting.
    """

    used: int | None
    limit: int | None
    own: int
    protected_own: int
    stopped_at: datetime | None


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a call may not be made, which rule says so, and until when at least."""

    rule: str
    reason: str
    until: datetime
    stop: bool = False  # this refusal starts the 75 % stop


def next_day(now: datetime) -> datetime:
    midnight = now.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    return midnight + timedelta(days=1)


def decide(rules: Rules, standing: Standing, *, lane: str, now: datetime) -> Refusal | None:
    """None if the call may be made. The first call of an org, before anything is known, may."""
    if lane not in PRIORITY:
        raise ValueError(f"unknown lane {lane!r}")
    used, limit = standing.used, standing.limit
    if used is None or limit is None or limit <= 0:
        return None
    if used >= limit * (1 - rules.floor):
        return Refusal(
            "floor",
            f"{used:,} of {limit:,} calls are used: the last {rules.floor:.0%} stay free.",
            now + timedelta(minutes=15),
        )
    if lane in PROTECTED and (lane == "act" or standing.protected_own < rules.protected_calls):
        return None
    if standing.stopped_at is not None:
        morning = next_day(standing.stopped_at)
        if now < morning:
            return Refusal("stop", f"The org was at {rules.stop:.0%} of its calls today.", morning)
        if used >= limit * rules.resume:
            return Refusal(
                "resume",
                f"The org is still at {used / limit:.0%} of its calls, above {rules.resume:.0%}.",
                now + timedelta(minutes=15),
            )
    if used >= limit * rules.stop:
        return Refusal(
            "stop",
            f"{used:,} of {limit:,} calls are used: collecting stops at {rules.stop:.0%}.",
            next_day(now),
            stop=True,
        )
    if standing.own >= limit * rules.own:
        return Refusal(
            "own",
            f"Orgwarden itself made {standing.own:,} calls in 24 hours, {rules.own:.0%} of"
            f" {limit:,}.",
            now + timedelta(minutes=15),
        )
    return None
