"""The progress of the demo says what the status says, and no more."""

from __future__ import annotations

from datetime import UTC, datetime

from scripts.progress import Line, Rates, lines, troubles

NOW = datetime(2026, 5, 11, tzinfo=UTC)


def test_each_source_of_each_org_is_a_line() -> None:
    source = {"id": "login_history", "rows": 12, "calls": 3, "state": "reading", "reason": None}
    shown = list(lines({"orgs": [{"name": "demo", "sources": [source]}]}, NOW))
    assert shown == [Line("demo login_history", 12, 3, None, "reading")]


def test_a_reason_is_shown_beside_the_state() -> None:
    source = {"id": "users", "rows": None, "state": "dark", "reason": "no permission"}
    (line,) = lines({"orgs": [{"name": "demo", "sources": [source]}]}, NOW)
    assert line.state == "dark: no permission"
    assert line.rows == 0


def test_the_bar_is_how_far_the_complete_range_reaches() -> None:
    source = {
        "id": "users",
        "backfill_from": "2026-05-01T00:00:00Z",
        "complete_to": "2026-05-06T00:00:00+00:00",
    }
    (line,) = lines({"orgs": [{"name": "demo", "sources": [source]}]}, NOW)
    assert line.part == 0.5


def test_what_a_source_counts_itself_goes_before_its_range() -> None:
    source = {"id": "users", "progress": {"done": 1, "total": 4}}
    (line,) = lines({"orgs": [{"name": "demo", "sources": [source]}]}, NOW)
    assert line.part == 0.25


def test_all_types_of_event_logs_are_one_line() -> None:
    sources = [
        {"id": "event_log_file", "rows": 0, "calls": 7, "state": "running"},
        {"id": "event_log_login", "rows": 5, "calls": 0, "state": "never"},
        {"id": "event_log_report", "rows": 6, "calls": 0, "state": "never"},
    ]
    shown = list(lines({"orgs": [{"name": "demo", "sources": sources}]}, NOW))
    assert shown == [Line("demo event logs", 11, 7, None, "running")]


def test_what_is_current_has_all_there_is() -> None:
    source = {
        "id": "limits",
        "state": "current",
        "backfill_from": "2026-05-10T00:00:00Z",
        "complete_to": "2026-05-10T12:00:00Z",
    }
    (line,) = lines({"orgs": [{"name": "demo", "sources": [source]}]}, NOW)
    assert line.part == 1.0


def test_how_far_log_files_are_is_told_by_their_count_alone() -> None:
    """They arrive in any order, so a late end says nothing about how many are still to come."""
    family = {
        "id": "event_log_file",
        "state": "running",
        "backfill_from": "2026-04-11T00:00:00Z",
        "complete_to": "2026-05-08T00:00:00Z",
    }
    (line,) = lines({"orgs": [{"name": "demo", "sources": [family]}]}, NOW)
    assert line.part is None
    family["progress"] = {"done": 30, "total": 120}  # type: ignore[assignment]
    (line,) = lines({"orgs": [{"name": "demo", "sources": [family]}]}, NOW)
    assert line.part == 0.25


def test_one_is_not_called_several() -> None:
    assert Line("demo limits", 1, 1, None, "").counts == "1 row, 1 call"
    assert Line("demo users", 1200, 0, None, "").counts == "1,200 rows, 0 calls"


def test_a_tenant_that_is_not_collected_is_told_with_its_fix() -> None:
    locked = {"problem": "The connected user is locked.", "fix": "Unlock it."}
    orgs = [
        {"name": "demo", "status": "error", **locked},
        {"name": "quiet", "status": "success", "paused_at": "2026-05-10T00:00:00Z"},
        {"name": "well", "status": "success", "paused_at": None},
    ]
    assert troubles({"orgs": orgs}) == [
        "demo is in error: The connected user is locked. Unlock it.",
        "quiet is paused; `orgwarden org resume quiet` goes on.",
    ]


def test_a_status_without_orgs_shows_nothing() -> None:
    assert list(lines({}, NOW)) == []


def test_a_rate_is_rows_per_second_between_two_looks() -> None:
    rates = Rates()
    line = Line("demo users", 100, 1, None, "")
    assert rates.of(line, at=1.0) == 0.0
    assert rates.of(Line("demo users", 300, 2, None, ""), at=3.0) == 100.0
