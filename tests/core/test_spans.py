"""Sets of spans obey the laws of sets, instant by instant."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orgwarden.core.spans import Span, Spans, instant_of, text_of
from tests.core.times import at, instants, span_sets, spans


def is_normal(found: Spans) -> bool:
    pairs = zip(found.items, found.items[1:], strict=False)
    return all(not s.empty for s in found.items) and all(a.end < b.start for a, b in pairs)


@given(span_sets, spans, instants)
def test_adding_is_union_and_removing_is_difference(had: Spans, span: Span, t: datetime) -> None:
    assert had.add(span).holds(t) == (had.holds(t) or span.holds(t))
    assert had.without(span).holds(t) == (had.holds(t) and not span.holds(t))
    assert had.within(span).holds(t) == (had.holds(t) and span.holds(t))
    for made in (had.add(span), had.without(span), had.within(span)):
        assert is_normal(made)


@given(span_sets, spans, instants)
def test_a_gap_is_what_the_set_lacks_of_a_span(had: Spans, span: Span, t: datetime) -> None:
    gaps = had.gaps(span)
    assert any(g.holds(t) for g in gaps) == (span.holds(t) and not had.holds(t))
    assert had.add(*gaps).gaps(span) == ()
    assert list(gaps) == sorted(gaps)


@given(st.lists(spans, max_size=6))
def test_the_order_of_adding_does_not_matter(given_spans: list[Span]) -> None:
    assert Spans.of(given_spans) == Spans.of(reversed(given_spans))
    assert Spans().add(*given_spans) == Spans.of(given_spans)


@given(span_sets)
def test_spans_survive_json(had: Spans) -> None:
    assert Spans.from_json(had.to_json()) == had


@given(instants)
def test_a_time_is_written_in_utc_whatever_its_zone(t: datetime) -> None:
    elsewhere = t.astimezone(timezone(timedelta(hours=-7)))
    assert text_of(elsewhere) == text_of(t)
    assert text_of(t).endswith("Z")
    assert instant_of(text_of(elsewhere)) == t
    assert instant_of(text_of(t)).tzinfo == UTC


def test_what_means_nothing_is_refused() -> None:
    with pytest.raises(ValueError, match="before it starts"):
        Span(at(1), at(0))
    with pytest.raises(ValueError, match="zone"):
        text_of(datetime(2026, 1, 1))  # noqa: DTZ001  that is the point
    with pytest.raises(ValueError, match="zone"):
        instant_of("2026-01-01T00:00:00")
