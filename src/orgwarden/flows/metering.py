"""The API budget at work: asked before every call, told after it.

Calls are reserved in the records a few at a time and given back when unused, so that a process
that is killed has counted what it used (and a few more), never less. Calls that only the protected
lane lets pass are counted one by one.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from orgwarden.core.budget import Refusal, Rules, Ruling, Standing, next_day, rule_on
from orgwarden.core.problems import OverBudget
from orgwarden.records import calls
from orgwarden.records.models import Org
from orgwarden.salesforce.usage import Usage

RESERVED = 20  # calls counted ahead
FRESH = timedelta(seconds=30)  # how long what other processes counted is taken as known
OLD = timedelta(hours=24)  # a word of Salesforce that is older says nothing any more


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
        self._org, self._given, self._now = org, rules, now
        self._rules = rules or Rules.of(org.budget)
        self._lock = threading.RLock()
        # By source and lane: calls counted and not made yet, and the hour they were counted for.
        self._reserved: dict[tuple[str, str], tuple[int, datetime]] = {}
        self._usage: Usage | None = None
        self._heard = False  # an answer has said so; what was loaded must not be made younger
        self._usage_noted: datetime | None = None
        self._in_flight = 0  # begun and not answered
        self._own = 0
        self._protected = 0
        self._known_at: datetime | None = None
        self._stopped_at = org.stopped_at

    def ruling(self, lane: str) -> Ruling:
        """What the rules say to a call in this lane now, without counting one."""
        with self._lock:
            now = self._now()
            self._look(now)
            standing = Standing(
                used=self._usage.used if self._usage else None,
                limit=self._usage.limit if self._usage else None,
                own=self._own,
                protected_own=self._protected,
                stopped_at=self._stopped_at,
            )
            return rule_on(self._rules, standing, lane=lane, now=now)

    def before(self, lane: str, endpoint: str) -> None:
        with self._lock:
            now = self._now()
            ruling = self.ruling(lane)
            if ruling.refusal is not None:
                self._refused(ruling.refusal, now)
            if not ruling.protected and lane != "probe" and self._usage and self._stopped_at:
                self._stop(None)  # the rules let it pass by itself: the stop is over
            self._count(lane, now, protected=ruling.protected)
            self._in_flight += 1
            self.made += 1
            self._own += 1
            if self._usage is not None:
                # The answer's own number lags; until then each call of ours is one more.
                self._usage = Usage(self._usage.used + 1, self._usage.limit)
            if endpoint == "bulk_create":
                calls.take(self._org, "DailyBulkV2QueryJobs")

    def after(self, endpoint: str, usage: Usage | None) -> None:
        with self._lock:
            self._in_flight = max(self._in_flight - 1, 0)
            if usage is None:
                return
            # Calls still under way may be missing in what this answer says.
            self._usage = Usage(usage.used + self._in_flight, usage.limit)
            self._heard, now = True, self._now()
            if self._usage_noted is None or now - self._usage_noted > FRESH:
                self._note(now)

    def settle(self) -> None:
        """Give back what was reserved and not used; note the last usage. Call it when done."""
        with self._lock:
            now = self._now()
            for (source, lane), (left, hour) in self._reserved.items():
                if left:
                    calls.count(self._org, source, hour, -left, lane=lane)
            self._reserved.clear()
            self._note(now)

    def _refused(self, refusal: Refusal, now: datetime) -> None:
        if refusal.stop and (self._stopped_at is None or now >= next_day(self._stopped_at)):
            self._stop(now)
        after = max(refusal.until - now, timedelta())
        raise OverBudget(refusal.reason, rule=refusal.rule, after=after)

    def _stop(self, at: datetime | None) -> None:
        self._stopped_at = at
        Org.objects.filter(pk=self._org.pk).update(stopped_at=at)

    def _count(self, lane: str, now: datetime, *, protected: bool) -> None:
        if protected:
            calls.count(self._org, self.source, now, lane=lane, protected=1)
            self._protected += 1
            if self._stopped_at is None:
                self._stop(now)  # past 75 %: the others will be refused
            return
        key = (self.source, lane)
        left, hour = self._reserved.get(key, (0, now))
        if not left:
            calls.count(self._org, self.source, now, RESERVED, lane=lane)
            left, hour = RESERVED, now
        self._reserved[key] = (left - 1, hour)

    def _look(self, now: datetime) -> None:
        if self._known_at is not None and now - self._known_at < FRESH:
            return
        reserved = sum(left for left, _ in self._reserved.values())
        self._own = calls.own_calls_since(self._org, now - OLD) - reserved
        self._protected = calls.protected_calls_since(self._org, now - OLD)
        if self._known_at is not None:
            row = Org.objects.filter(pk=self._org.pk).values_list("budget", "stopped_at").first()
            if row is not None:
                self._rules, self._stopped_at = self._given or Rules.of(row[0]), row[1]
        known = calls.usage_now(self._org) if self._usage is None else None
        if known is not None and now - known.at < OLD:
            self._usage = Usage(known.used, known.limit)
        self._known_at = now

    def _note(self, now: datetime) -> None:
        if self._usage is not None and self._heard:
            calls.note_usage(self._org, now, self._usage.used, self._usage.limit)
            self._usage_noted = now
