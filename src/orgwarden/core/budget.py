"""The API budget: may this call be made now?

Three limits, the strictest wins (architecture, rule 2): the last 10 % of the org's daily calls are
never taken; collecting stops when the org as a whole is at 75 % and resumes below 70 %, not before
the next UTC day; our own use is at most 20 % of the daily limit. A protected lane (sign-ins,
tokens, job lists, log files about to expire, changes approved by people) may go on above 75 %,
never above 90 %.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Self

# In order of priority. `probe` is one look at the limits resource while the org is stopped.
PRIORITY = (
    "act",
    "test",
    "probe",
    "sign_ins",
    "tokens",
    "job_lists",
    "expiring",
    "audit_trail",
    "event_logs",
    "inventory",
    "backfill",
)
PROTECTED = frozenset({"act", "test", "sign_ins", "tokens", "job_lists", "expiring"})
PROBE_EVERY = timedelta(minutes=15)
# Persons who wait are not paced; what collecting may use of the protected lane grows by the hour,
# so that it lasts the whole day.
_AT_ONCE = ("act", "test")
_FIRST_HOURS = 4
# What the protected lane may need is kept free of the other lanes, up to this share of our own.
_KEPT_FOR_PROTECTED = 0.10


@dataclass(frozen=True, slots=True)
class Rules:
    """The switches of one org: whole per cent of the daily limit, 0 to 100.

    `floor` 0, `stop` 100 and `own` 100 switch a limit off. `protected_calls` a day for the
    protected lane; 0 stops everything but approved changes. `only_own`: the limits count our own
    calls and not those of other apps (seed M20).
    """

    floor: int = 10
    stop: int = 75
    resume: int = 70
    own: int = 20
    protected_calls: int = 96
    only_own: bool = False

    @classmethod
    def of(cls, stored: Mapping[str, Any]) -> Self:
        """The rules as stored: what is not there is the default, what is unknown is ignored."""
        known = {n: stored[n] for n in cls.__dataclass_fields__ if n in stored}
        return cls(**known)

    def stored(self) -> dict[str, Any]:
        """Only what differs from the default, so that a better default reaches everybody."""
        usual = asdict(Rules())
        return {name: value for name, value in asdict(self).items() if value != usual[name]}

    def wrong(self) -> dict[str, str]:
        """What cannot be meant, as a sentence by the name of the rule. Empty when all fits."""
        found = {}
        if not 0 <= self.floor <= 50:
            found["floor"] = "Between 0 (off) and 50 per cent can be left free."
        if not 10 <= self.stop <= 100:
            found["stop"] = "Collecting can stop at 10 to 100 (off) per cent."
        if not 5 <= self.resume <= 100 or (self.stop < 100 and self.resume > self.stop):
            found["resume"] = "Collecting can resume at 5 per cent up to where it stops."
        if not 1 <= self.own <= 100:
            found["own"] = "Orgwarden can take 1 to 100 (off) per cent."
        if not 0 <= self.protected_calls <= 5000:
            found["protected_calls"] = "Between 0 and 5,000 calls a day can be protected."
        return found


@dataclass(frozen=True, slots=True)
class Standing:
    """What is known when a call is about to be made. Times aware UTC.

    `used` counts everybody's calls in the last 24 h, ours since the last answer included; None
    before the first answer. `protected_own` are ours of the last 24 h that only the protected lane
    let pass. `stopped_at` is when the 75 % stop fell, None while collecting.
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


@dataclass(frozen=True, slots=True)
class Ruling:
    """The answer to one call. `protected`: it passes a stop, and counts against that lane."""

    refusal: Refusal | None = None
    protected: bool = False


def next_day(now: datetime) -> datetime:
    midnight = now.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    return midnight + timedelta(days=1)


def share_of(limit: int, per_cent: int) -> int:
    """Calls that are so many per cent of the limit, rounded up."""
    return -(-limit * per_cent // 100)


def allowance(rules: Rules, limit: int, lane: str) -> int:
    """Our own calls in 24 hours for this lane: others leave the protected lane what it needs."""
    whole = share_of(limit, rules.own)
    if lane in PROTECTED:
        return whole
    return whole - min(rules.protected_calls, int(whole * _KEPT_FOR_PROTECTED))


def protected_so_far(rules: Rules, lane: str, since: datetime | None, now: datetime) -> int:
    """How many calls of 24 hours this lane may make past a stop that fell at `since`."""
    if lane not in PROTECTED:
        return 0
    hours = _FIRST_HOURS + (max(now - since, timedelta()) / timedelta(hours=1) if since else 0)
    if lane in _AT_ONCE or hours >= 24:
        return rules.protected_calls
    return -(-rules.protected_calls * int(hours) // 24)


def rule_on(rules: Rules, standing: Standing, *, lane: str, now: datetime) -> Ruling:
    """Whether the call may be made. The first call of an org, before anything is known, may."""
    if lane not in PRIORITY:
        raise ValueError(f"unknown lane {lane!r}")
    limit = standing.limit
    if standing.used is None or limit is None or limit <= 0:
        return Ruling()
    used = standing.own if rules.only_own else standing.used
    whose = "of our own" if rules.only_own else "used"
    soon = now + PROBE_EVERY
    if rules.floor and used >= limit - share_of(limit, rules.floor):
        return Ruling(
            Refusal(
                "floor",
                f"{used:,} of {limit:,} calls are {whose}: the last {rules.floor} % stay free.",
                soon,
            )
        )
    if rules.own < 100 and lane != "act" and standing.own >= allowance(rules, limit, lane):
        return Ruling(
            Refusal(
                "own",
                f"Orgwarden itself made {standing.own:,} calls in 24 hours; its share is"
                f" {rules.own} % of {limit:,}.",
                soon,
            )
        )
    stopped = _stopped(rules, used, limit, whose, standing.stopped_at, now)
    if stopped is None or lane == "probe":
        return Ruling()
    if lane == "act" or standing.protected_own < protected_so_far(
        rules, lane, standing.stopped_at, now
    ):
        return Ruling(protected=True)
    return Ruling(stopped)


def _stopped(
    rules: Rules, used: int, limit: int, whose: str, since: datetime | None, now: datetime
) -> Refusal | None:
    if rules.stop >= 100:
        return None
    if since is not None:
        morning = next_day(since)
        if now < morning:
            why = f"The org was at {rules.stop} % of its calls today."
            return Refusal("stop", why, morning)
        if used >= share_of(limit, rules.resume):
            why = f"The org is still at {used / limit:.0%} of its calls, above {rules.resume} %."
            return Refusal("resume", why, now + PROBE_EVERY)
    if used >= share_of(limit, rules.stop):
        return Refusal(
            "stop",
            f"{used:,} of {limit:,} calls are {whose}: collecting stops at {rules.stop} %.",
            next_day(now),
            stop=True,
        )
    return None


def decide(rules: Rules, standing: Standing, *, lane: str, now: datetime) -> Refusal | None:
    """None if the call may be made, else why not."""
    return rule_on(rules, standing, lane=lane, now=now).refusal


# Limits of the Bulk API, each a ledger of its own, and what we do near one.
BULK_LIMITS = ("DailyBulkV2QueryJobs", "DailyBulkV2QueryFileStorageMB", "DailyBulkApiBatches")
REST_INSTEAD = 200_000  # rows that are read by REST when Bulk is short: 100 calls


def bulk_limit_near(limits: Mapping[str, tuple[int, int]], floor: int) -> str:
    """The Bulk limit of which no more than `floor` per cent remains, "" if none is. `limits` has
    the most and what remains by Salesforce's names; a name it lacks is not known, and not short."""
    for name in BULK_LIMITS:
        most, remaining = limits.get(name, (0, 0))
        if most > 0 and remaining <= share_of(most, floor):
            return name
    return ""
