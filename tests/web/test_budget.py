"""The gauge and the calls per hour: measured, estimated, or unknown, and named so."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from orgwarden.web import budget

HOUR = timedelta(hours=1)
START = datetime(2026, 3, 20, tzinfo=UTC)


def measure(hour: int, used: int, limit: int = 100_000) -> budget.Measure:
    return budget.Measure(START + hour * HOUR, START + hour * HOUR, used, limit)


def test_without_a_measurement_the_use_is_unknown() -> None:
    gauge = budget.gauge(None, 12)
    assert not gauge.known
    assert gauge.level == "unknown"
    assert gauge.own == 12


def test_the_gauge_tells_us_from_others() -> None:
    gauge = budget.gauge(measure(0, 30_000), 1_000)
    assert (gauge.own, gauge.others, gauge.level) == (1_000, 29_000, "fine")
    assert gauge.own_width == "1.00"
    assert gauge.others_width == "29.00"


def test_each_limit_has_its_words() -> None:
    assert budget.gauge(measure(0, 70_000), 10).level == "near"
    assert budget.gauge(measure(0, 75_000), 10).level == "stop"
    assert budget.gauge(measure(0, 90_000), 10).level == "floor"
    assert budget.gauge(measure(0, 40_000), 20_000).level == "stop"


def test_own_calls_made_after_the_measurement_do_not_turn_others_negative() -> None:
    assert budget.gauge(measure(0, 5), 12).others == 0


def test_others_are_the_change_of_the_rolling_count_and_what_left_it() -> None:
    measures = [measure(h, 2400) for h in range(30)]
    own = {START + h * HOUR: 10 for h in range(30)}
    found = budget.hours(own, measures, START, START + 30 * HOUR)
    assert found[0].others is None  # nothing to compare with
    assert [u.others for u in found[1:]] == [90] * 29


def test_an_hour_without_a_measurement_is_not_zero() -> None:
    found = budget.hours({}, [measure(0, 100), measure(3, 200)], START, START + 4 * HOUR)
    assert [u.others for u in found] == [None] * 4
