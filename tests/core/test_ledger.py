"""The ledger survives its travel, its counts add up, and holes erode what is called complete."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orgwarden.core.ledger import Ledger, Missing, SourceLedger, event_coverage
from orgwarden.core.spans import Span, Spans
from tests.core.times import at, instants, span_sets, spans

numbers = st.integers(0, 10**12)
LATE = timedelta(days=3)
sources = st.builds(
    SourceLedger,
    backfill_from=st.none() | instants,
    complete=span_sets,
    missing=st.lists(st.builds(Missing, spans, st.text(max_size=20)), max_size=3).map(tuple),
    held_from=st.none() | instants,
    stored=numbers,
    duplicate=numbers,
    quarantined=numbers,
)
ledgers = st.builds(Ledger, numbers, st.dictionaries(st.text(max_size=12), sources, max_size=4))


@given(ledgers)
def test_a_ledger_survives_its_travel_in_a_commit(ledger: Ledger) -> None:
    assert Ledger.from_json(json.loads(json.dumps(ledger.to_json()))) == ledger


@given(ledgers, st.text(max_size=12), numbers, numbers, numbers)
def test_counting_adds_to_one_source_and_touches_no_other(
    ledger: Ledger, name: str, stored: int, duplicate: int, quarantined: int
) -> None:
    after = ledger.counted(name, stored=stored, duplicate=duplicate, quarantined=quarantined)
    was, now = ledger.of(name), after.of(name)
    assert now == replace(
        was,
        stored=was.stored + stored,
        duplicate=was.duplicate + duplicate,
        quarantined=was.quarantined + quarantined,
    )
    assert {k: v for k, v in after.sources.items() if k != name} == {
        k: v for k, v in ledger.sources.items() if k != name
    }
    assert after.seq == ledger.seq


def test_a_ledger_of_another_version_is_refused_not_misread() -> None:
    with pytest.raises(ValueError, match="version 2"):
        Ledger.from_json({"v": 2, "seq": 1, "sources": {}})


@pytest.mark.seed("M24")
@given(sources, instants)
def test_event_coverage_never_claims_more_than_the_files_allow(
    files: SourceLedger, t: datetime
) -> None:
    if not event_coverage(files, late=LATE).holds(t):
        return
    # Every file that may hold an event of then was made between then and LATE afterwards.
    assert files.complete.gaps(Span(t, t + LATE)) == ()
    assert files.held_from is not None
    assert files.backfill_from is not None
    assert not (files.backfill_from <= t < files.held_from)
    assert not any(m.span.holds(t) for m in files.missing)


@given(span_sets, spans, instants)
def test_a_missing_file_erodes_exactly_its_span(complete: Spans, hole: Span, t: datetime) -> None:
    whole = SourceLedger(backfill_from=at(0), held_from=at(0), complete=complete)
    holed = replace(whole, missing=(Missing(hole, "gone"),))
    before = event_coverage(whole, late=LATE).holds(t)
    assert event_coverage(holed, late=LATE).holds(t) == (before and not hole.holds(t))


def test_the_cursor_is_the_end_of_the_newest_complete_span() -> None:
    assert SourceLedger().cursor is None
    spans_ = Spans.of([Span(at(0), at(5)), Span(at(9), at(12))])
    assert SourceLedger(complete=spans_).cursor == at(12)
