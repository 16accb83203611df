"""The budget's rules as a table, and what must hold for every standing."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orgwarden.core.budget import (
    PRIORITY,
    PROTECTED,
    Rules,
    Standing,
    decide,
    next_day,
    rule_on,
    share_of,
)

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
    (80_000, "tokens", {}, None),
    (80_000, "job_lists", {}, None),
    (80_000, "expiring", {}, None),
    (80_000, "probe", {"protected": 96}, None),
    (90_000, "probe", {}, "floor"),
    (10_000, "event_logs", {"own": 20_000}, "own"),
    # the protected lane's calls are part of our share, and kept free for it
    (10_000, "event_logs", {"own": 19_903}, None),
    (10_000, "event_logs", {"own": 19_904}, "own"),
    (10_000, "sign_ins", {"own": 19_999}, None),
    (10_000, "sign_ins", {"own": 20_000}, "own"),
    (80_000, "sign_ins", {"own": 20_000}, "own"),
    (10_000, "act", {"own": 20_000}, None),
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
    assert "75 %" in refusal.reason
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
        assert (
            other in ("act", "test", "probe")
            or decide(RULES, found, lane=other, now=NOW) is not None
        )


@given(standings, st.sampled_from(PRIORITY), st.integers(0, 100_000))
def test_more_use_never_allows_what_less_use_forbids(found: Standing, lane: str, more: int) -> None:
    if found.used is None or decide(RULES, found, lane=lane, now=NOW) is None:
        return
    busier = Standing(
        found.used + more, found.limit, found.own, found.protected_own, found.stopped_at
    )
    assert decide(RULES, busier, lane=lane, now=NOW) is not None


def test_the_protected_lane_lasts_the_whole_day() -> None:
    """An intruder who burns the quota must not blind us after a few hours."""

    def left(hours: float, lane: str = "sign_ins") -> int:
        fell = NOW - timedelta(hours=hours)
        return next(
            n for n in range(1000)
            if decide(RULES, standing(80_000, protected=n, stopped=fell), lane=lane, now=NOW)
        )  # fmt: skip

    assert [left(0), left(1), left(8), left(15.4)] == [16, 20, 48, 76]
    assert left(0, "test") == 96  # a person waits for it


@pytest.mark.seed("C8")
def test_without_a_protected_lane_only_approved_changes_pass_a_stop() -> None:
    strict = Rules(protected_calls=0)
    allowed = [x for x in PRIORITY if not decide(strict, standing(80_000), lane=x, now=NOW)]
    assert allowed == ["act", "probe"]


def test_only_what_passes_a_stop_counts_against_the_protected_lane() -> None:
    assert rule_on(RULES, standing(80_000), lane="sign_ins", now=NOW).protected
    assert not rule_on(RULES, standing(10_000), lane="sign_ins", now=NOW).protected
    assert not rule_on(RULES, standing(80_000), lane="probe", now=NOW).protected


@pytest.mark.seed("M20")
@given(st.integers(0, 150_000), st.sampled_from(PRIORITY))
def test_counting_only_our_own_calls_leaves_those_of_others_aside(used: int, lane: str) -> None:
    rules = Rules(only_own=True)
    assert decide(rules, standing(used, own=15_000), lane=lane, now=NOW) is None
    theirs = Rules(only_own=True, own=100, stop=30, resume=25)
    refusal = decide(theirs, standing(used, own=30_000), lane="inventory", now=NOW)
    assert refusal is not None
    assert "of our own" in refusal.reason


def test_each_limit_can_be_switched_off() -> None:
    full = standing(99_999, own=99_999)
    off = Rules(floor=0, stop=100, resume=100, own=100)
    assert not off.wrong()
    assert all(decide(off, full, lane=lane, now=NOW) is None for lane in PRIORITY)
    only_floor = Rules(stop=100, own=100)
    refusal = decide(only_floor, full, lane="sign_ins", now=NOW)
    assert refusal is not None
    assert refusal.rule == "floor"


def test_rules_are_stored_as_what_differs_and_read_back() -> None:
    assert Rules().stored() == {}
    changed = Rules(own=10, protected_calls=0, only_own=True)
    assert changed.stored() == {"own": 10, "protected_calls": 0, "only_own": True}
    assert Rules.of(changed.stored() | {"of_a_later_version": 1}) == changed


@pytest.mark.parametrize(
    ("rules", "field"),
    [
        (Rules(floor=51), "floor"),
        (Rules(stop=9, resume=8), "stop"),
        (Rules(stop=60), "resume"),
        (Rules(own=0), "own"),
        (Rules(protected_calls=-1), "protected_calls"),
    ],
)
def test_rules_that_cannot_be_meant_are_named(rules: Rules, field: str) -> None:
    assert list(rules.wrong()) == [field]
    assert rules.wrong()[field].endswith(".")


@pytest.mark.seed("M19")
@given(st.integers(1, 2_000_000), st.integers(1, 50))
def test_a_call_that_is_allowed_leaves_the_floor_free(limit: int, floor: int) -> None:
    rules = Rules(floor=floor, stop=100, own=100)
    last = limit - share_of(limit, floor) - 1  # used, when the last call is allowed
    if last >= 0:
        assert decide(rules, standing(last, limit=limit), lane="backfill", now=NOW) is None
    after = standing(last + 1, limit=limit)
    assert decide(rules, after, lane="act", now=NOW) is not None
    assert (limit - (last + 1)) * 100 >= limit * floor


def test_the_next_day_begins_at_midnight_utc() -> None:
    assert next_day(NOW) == MORNING
    assert next_day(MORNING) == MORNING + timedelta(days=1)
