"""The heat strip never calls complete what is not, and unknown keeps its own look."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from orgwarden.records.models import SourceState
from orgwarden.web import coverage

NOW = datetime(2026, 3, 20, 12, tzinfo=UTC)
DAY = timedelta(days=1)
TODAY = NOW.replace(hour=0)


def state(**more: object) -> SourceState:
    values: dict[str, object] = {
        "source": "login_history",
        "state": "current",
        "backfill_from": TODAY - 5 * DAY,
        "coverage": {"complete": [], "missing": []},
    }
    return SourceState(**(values | more))


def spans(*pairs: tuple[datetime, datetime]) -> list[list[str]]:
    return [[a.isoformat(), b.isoformat()] for a, b in pairs]


def cells(of: SourceState, least: int = 8) -> list[str]:
    return [c.state for c in coverage.strip([of], NOW, least).rows[0].cells]


def test_complete_days_are_complete_and_days_never_asked_for_are_not() -> None:
    held = {"complete": spans((TODAY - 5 * DAY, NOW)), "missing": []}
    assert cells(state(coverage=held)) == ["before"] * 2 + ["complete"] * 6


def test_a_gap_is_missing_with_its_reason_or_partly() -> None:
    gap = (TODAY - 3 * DAY + timedelta(hours=6), TODAY - DAY)
    held = {
        "complete": spans((TODAY - 5 * DAY, gap[0]), (gap[1], NOW)),
        "missing": [[gap[0].isoformat(), gap[1].isoformat(), "The file was deleted"]],
    }
    found = coverage.strip([state(coverage=held)], NOW, 8).rows[0].cells
    assert [c.state for c in found][2:] == [
        "complete", "complete", "partly", "missing", "complete", "complete",
    ]  # fmt: skip
    assert found[5].words == "18 Mar: missing. The file was deleted."
    assert "25\N{NO-BREAK SPACE}% complete" in found[4].words


def test_a_source_that_was_never_collected_is_unknown_and_not_empty() -> None:
    assert set(cells(state(backfill_from=None, state="never"))) == {"unknown"}


def test_dark_days_say_why() -> None:
    dark = state(state="dark", reason="The user lacks View Event Log Files")
    last = coverage.strip([dark], NOW, 8).rows[0].cells[-1]
    assert last.state == "dark"
    assert "lacks View Event Log Files" in last.words


def test_after_the_frontier_events_may_still_arrive_but_a_failing_source_is_unknown() -> None:
    held = {"complete": spans((TODAY - 5 * DAY, TODAY - DAY)), "missing": []}
    assert cells(state(coverage=held))[-2:] == ["arriving", "arriving"]
    assert cells(state(coverage=held, state="failing"))[-2:] == ["unknown", "unknown"]


def test_what_the_backfill_has_not_reached_is_unknown() -> None:
    held = {"complete": spans((TODAY - DAY, NOW)), "missing": []}
    assert cells(state(coverage=held))[2:] == ["unknown"] * 4 + ["complete"] * 2


def test_overlapping_spans_are_counted_once() -> None:
    half = TODAY - DAY + timedelta(hours=12)
    held = {"complete": spans((TODAY - DAY, half), (TODAY - DAY, half)), "missing": []}
    found = coverage.strip([state(coverage=held)], NOW, 8).rows[0].cells[-2]
    assert found.state == "arriving"
    assert "50\N{NO-BREAK SPACE}% complete" in found.words


def test_snapshots_have_no_days() -> None:
    assert coverage.strip([state(source="users")], NOW).rows == ()


def test_every_cell_has_words() -> None:
    rows = coverage.strip([state(), state(source="event_log_api", state="failing")], NOW).rows
    assert all(c.words for row in rows for c in row.cells)
