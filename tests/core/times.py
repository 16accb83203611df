"""Times and spans for property tests: whole minutes of a few weeks, so that edges meet."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import strategies as st

from orgwarden.core.spans import Span, Spans

BEGIN = datetime(2026, 1, 1, tzinfo=UTC)
MINUTES = 60 * 24 * 21


def at(minute: int) -> datetime:
    return BEGIN + timedelta(minutes=minute)


instants = st.integers(0, MINUTES).map(at)
spans = st.tuples(instants, instants).map(lambda pair: Span(min(pair), max(pair)))
span_sets = st.lists(spans, max_size=6).map(Spans.of)
durations = st.integers(0, 60 * 24 * 3).map(lambda minutes: timedelta(minutes=minutes))
