"""The API budget at work: asked before every call, told after it.

Calls are reserved in the records a few at a time and given back when unused, so that a process
that is killed has counted what it used (and a few more), never less.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from orgwarden.core.budget import PROTECTED, Rules, Standing, decide, next_day
from orgwarden.core.problems import OverBudget
from orgwarden.records import calls
from orgwarden.records.models import Org
from orgwarden.salesforce.usage import Usage

RESERVED = 20  # calls counted ahead
FRESH = timedelta(seconds=30)  # how long what other processes counted is taken as known


def _now() -> datetime:
    return datetime.now(UTC)


class OrgMeter:
    """The budget of one org for one process. Safe for several threads.

    `source` is set by the collector as it goes from source to source; calls are counted for it.
    """

    def __init__(
        self, org: Org, *, rules: Rules | None = None, now: Callable[[], datetime] = _now
    ) -> None:
        self.source = "connect"
        self.made = 0  # calls by this meter
        self._org, self._rules, self._now = org, rules or Rules(), now
        self._lock = threading.RLock()
        # By source: calls counted and not made yet, and the hour they were counted for.
        self._reserved: dict[str, tuple[int, datetime]] = {}
        self._usage: Usage | None = None
        self._usage_noted: datetime | None = None
        self._own = 0
        self._protected = 0
        self._known_at: datetime | None = None
        self._stopped_at = org.stopped_at

    def before(self, lane: str, endpoint: str) -> None:
        with self._lock:
            now = self._now()
            self._look(now)
            refusal = decide(
                self._rules,
                Standing(
                    used=self._usage.used if self._usage else None,
                    limit=self._usage.limit if self._usage else None,
                    own=self._own,
                    protected_own=self._protected,
                    stopped_at=self._stopped_at,
                ),
                lane=lane,
                now=now,
            )
            if refusal is not None:
                if refusal.stop and (self._stopped_at is None or now >= next_day(self._stopped_at)):
                    self._stopped_at = now
                    Org.objects.filter(pk=self._org.pk).update(stopped_at=now)
                raise OverBudget(
                    refusal.reason, rule=refusal.rule, after=max(refusal.until - now, timedelta())
                )
            if self._stopped_at is not None and lane not in PROTECTED:
                self._stopped_at = None  # the rules let an unprotected call pass: the stop is over
                Org.objects.filter(pk=self._org.pk).update(stopped_at=None)
            left, hour = self._reserved.get(self.source, (0, now))
            if not left:
                calls.count(self._org, self.source, now, RESERVED)
                left, hour = RESERVED, now
            self._reserved[self.source] = (left - 1, hour)
            self.made += 1
            self._own += 1
            if lane in PROTECTED:
                self._protected += 1
            if self._usage is not None:
                # The answer's own number lags; until then each call of ours is one more.
                self._usage = Usage(self._usage.used + 1, self._usage.limit)

    def after(self, endpoint: str, usage: Usage | None) -> None:
        if usage is None:
            return
        with self._lock:
            self._usage = usage
            now = self._now()
            if self._usage_noted is None or now - self._usage_noted > FRESH:
                self._note(now)

    def settle(self) -> None:
        """Give back what was reserved and not used; note the last usage. Call it when done."""
        with self._lock:
            now = self._now()
            for source, (left, hour) in self._reserved.items():
                if left:
                    calls.count(self._org, source, hour, -left)
            self._reserved.clear()
            self._note(now)

    def _look(self, now: datetime) -> None:
        if self._known_at is not None and now - self._known_at < FRESH:
            return
        day_ago = now - timedelta(hours=24)
        self._own = calls.own_calls_since(self._org, day_ago) - sum(
            left for left, _ in self._reserved.values()
        )
        by_source = calls.own_calls_by_source(self._org, day_ago)
        self._protected = by_source.get("login_history", 0) + by_source.get("test", 0)
        known = calls.usage_now(self._org) if self._usage is None else None
        if known is not None and now - known.at < timedelta(hours=24):
            self._usage = Usage(known.used, known.limit)
        self._known_at = now

    def _note(self, now: datetime) -> None:
        if self._usage is not None:
            calls.note_usage(self._org, now, self._usage.used, self._usage.limit)
            self._usage_noted = now
