"""The budget's rules as a table, and what must hold for every standing."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orgwarden.core.budget import PRIORITY, PROTECTED, Rules, Standing, decide, next_day

NOW = datetime(2026, 5, 10, 15, 30, tzinfo=UTC)
MORNING = datetime(2026, 5, 11, tzinfo=UTC)
RULES = Rules()


def standing(
    used: int | None = 0,
    *,
    own: int = 0,
    protected: int = 0,
    stopped: datetime | None = None,
    limit: int | None = 100_000,
) -> Standing:
    return Standing(used, limit, own, protected, stopped)


# used, lane, more about the standing → the rule that refuses, or None
TABLE: list[tuple[int, str, dict[str, object], str | None]] = [
    (0, "backfill", {}, None),
    (74_999, "backfill", {}, None),
    (75_000, "event_logs", {}, "stop"),
    (75_000, "sign_ins", {}, None),
    (75_000, "test", {}, None),
    (75_000, "act", {}, None),
    (89_999, "sign_ins", {}, None),
    (89_999, "act", {"protected": 10_000}, None),
    (90_000, "sign_ins", {}, "floor"),
    (90_000, "act", {}, "floor"),
    (90_000, "event_logs", {}, "floor"),
    (80_000, "sign_ins", {"protected": 96}, "stop"),
    (10_000, "event_logs", {"own": 20_000}, "own"),
    (10_000, "event_logs", {"own": 19_999}, None),
    (10_000, "sign_ins", {"own": 20_000}, None),
    (10_000, "sign_ins", {"own": 20_000, "protected": 96}, "own"),
    # after a stop: not before the next UTC day, and below 70 %
    (10_000, "event_logs", {"stopped": NOW - timedelta(hours=1)}, "stop"),
    (72_000, "event_logs", {"stopped": NOW - timedelta(days=1)}, "resume"),
    (69_999, "event_logs", {"stopped": NOW - timedelta(days=1)}, None),
    (76_000, "event_logs", {"stopped": NOW - timedelta(days=1)}, "resume"),
]


@pytest.mark.seed("M17", "D14")
@pytest.mark.parametrize(("used", "lane", "more", "rule"), TABLE)
def test_each_rule_refuses_what_it_should(
    used: int, lane: str, more: dict[str, object], rule: str | None
) -> None:
    refusal = decide(RULES, standing(used, **more), lane=lane, now=NOW)  # type: ignore[arg-type]
    assert (refusal.rule if refusal else None) == rule


@pytest.mark.seed("C8")
def test_a_stop_lasts_until_the_next_utc_day() -> None:
    refusal = decide(RULES, standing(80_000), lane="event_logs", now=NOW)
    assert refusal is not None
    assert (refusal.stop, refusal.until) == (True, MORNING)
    assert "75%" in refusal.reason
    later = decide(RULES, standing(1, stopped=NOW), lane="event_logs", now=NOW)
    assert later is not None
    assert (later.stop, later.until) == (False, MORNING)


def test_before_anything_is_known_the_first_call_is_allowed() -> None:
    assert decide(RULES, standing(None), lane="backfill", now=NOW) is None
    assert decide(RULES, standing(5, limit=None), lane="backfill", now=NOW) is None


def test_a_lane_nobody_knows_is_a_fault_of_ours() -> None:
    with pytest.raises(ValueError, match="lane"):
        decide(RULES, standing(), lane="fast", now=NOW)


standings = st.builds(
    Standing,
    used=st.none() | st.integers(0, 200_000),
    limit=st.none() | st.integers(1, 150_000),
    own=st.integers(0, 150_000),
    protected_own=st.integers(0, 200),
    stopped_at=st.none() | st.integers(0, 72).map(lambda h: NOW - timedelta(hours=h)),
)


@pytest.mark.seed("M19", "D14")
@given(standings, st.sampled_from(PRIORITY))
def test_the_last_tenth_is_never_taken_by_anybody(found: Standing, lane: str) -> None:
    if found.used is None or found.limit is None:
        return
    if found.used >= found.limit * 0.9:
        refusal = decide(RULES, found, lane=lane, now=NOW)
        assert refusal is not None
        assert refusal.rule == "floor"


@given(standings, st.sampled_from(PRIORITY))
def test_a_refusal_says_until_when_and_why(found: Standing, lane: str) -> None:
    refusal = decide(RULES, found, lane=lane, now=NOW)
    if refusal is not None:
        assert NOW < refusal.until <= NOW + timedelta(days=1)
        assert refusal.reason.endswith(".")


@given(standings, st.sampled_from(sorted(PROTECTED)), st.sampled_from(PRIORITY))
def test_the_protected_lane_is_never_worse_off(found: Standing, lane: str, other: str) -> None:
    if decide(RULES, found, lane=lane, now=NOW) is not None:
        assert other == "act" or decide(RULES, found, lane=other, now=NOW) is not None


@given(standings, st.sampled_from(PRIORITY), st.integers(0, 100_000))
def test_more_use_never_allows_what_less_use_forbids(found: Standing, lane: str, more: int) -> None:
    if found.used is None or decide(RULES, found, lane=lane, now=NOW) is None:
        return
    busier = Standing(
        found.used + more, found.limit, found.own, found.protected_own, found.stopped_at
    )
    assert decide(RULES, busier, lane=lane, now=NOW) is not None


def test_the_next_day_begins_at_midnight_utc() -> None:
    assert next_day(NOW) == MORNING
    assert next_day(MORNING) == MORNING + timedelta(days=1)
