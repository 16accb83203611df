"""Spans of time, half open: [start, end). Sets of them are kept sorted, disjoint and merged."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Self


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """From `start` up to, not including, `end`; both aware UTC."""

    start: datetime
    end: datetime

    def __post_init__(self) -> None:
        if self.end < self.start:
            raise ValueError(f"a span cannot end before it starts: {self.start} … {self.end}")

    @property
    def empty(self) -> bool:
        return self.start == self.end

    def holds(self, instant: datetime) -> bool:
        return self.start <= instant < self.end


@dataclass(frozen=True, slots=True)
class Spans:
    """A set of spans. All operations return a new, normalised set."""

    items: tuple[Span, ...] = ()

    @classmethod
    def of(cls, spans: Iterable[Span]) -> Self:
        merged: list[Span] = []
        for span in sorted(s for s in spans if not s.empty):
            if merged and span.start <= merged[-1].end:
                last = merged.pop()
                span = Span(last.start, max(last.end, span.end))
            merged.append(span)
        return cls(tuple(merged))

    def add(self, *spans: Span) -> Spans:
        return Spans.of((*self.items, *spans))

    def within(self, span: Span) -> Spans:
        return Spans.of(
            Span(max(s.start, span.start), min(s.end, span.end))
            for s in self.items
            if s.start < span.end and s.end > span.start
        )

    def without(self, span: Span) -> Spans:
        left: list[Span] = []
        for s in self.items:
            if s.end <= span.start or s.start >= span.end:
                left.append(s)
                continue
            if s.start < span.start:
                left.append(Span(s.start, span.start))
            if s.end > span.end:
                left.append(Span(span.end, s.end))
        return Spans.of(left)

    def gaps(self, span: Span) -> tuple[Span, ...]:
        """What of `span` is not in the set, in order."""
        found: list[Span] = []
        at = span.start
        for s in self.within(span).items:
            if s.start > at:
                found.append(Span(at, s.start))
            at = s.end
        if at < span.end:
            found.append(Span(at, span.end))
        return tuple(found)

    def holds(self, instant: datetime) -> bool:
        return any(s.holds(instant) for s in self.items)

    def to_json(self) -> list[list[str]]:
        return [[text_of(s.start), text_of(s.end)] for s in self.items]

    @classmethod
    def from_json(cls, value: Iterable[Iterable[str]]) -> Spans:
        return cls.of(Span(*(instant_of(t) for t in pair)) for pair in value)


def text_of(instant: datetime) -> str:
    """ISO 8601, UTC, microseconds only if there are any: `2026-01-31T08:00:00Z`."""
    if instant.tzinfo is None:
        raise ValueError("a time without a zone means nothing here")
    return instant.astimezone(UTC).isoformat().replace("+00:00", "Z")


def instant_of(text: str) -> datetime:
    """The instant an ISO 8601 text with a zone names, in UTC. Raises ValueError without a zone."""
    instant = datetime.fromisoformat(text)
    if instant.tzinfo is None:
        raise ValueError(f"a time without a zone: {text!r}")
    return instant.astimezone(UTC)
