"""The picture of failed sign-ins: every bar at its own time, empty steps left empty."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any, cast

import pytest

from orgwarden.lake import activity as lake
from orgwarden.web import failed_signins, frame

NOW = datetime(2026, 11, 22, 2, 10, 33, 123456, tzinfo=UTC)


def drawn(span: timedelta, *ago: timedelta) -> tuple[list[Any], float, datetime, datetime]:
    """Bars for one failure at each of these times before now."""
    asked = lake.Question(NOW - span, NOW, source=("login_history",))
    own = asked.step()
    held = [lake.Bar(failed_signins._floor(NOW - back, own), "login_history", 3, 1) for back in ago]
    what = cast(frame.Asked, SimpleNamespace(chosen=None))
    bars, width, (first, last) = failed_signins._bars(held, asked, what)
    return list(bars), float(width) + 2, first, last


@pytest.mark.parametrize("hours", [2, 24, 24 * 7, 24 * 60])
def test_a_bar_stands_where_its_time_is_whatever_lies_between(hours: int) -> None:
    span = timedelta(hours=hours)
    bars, width, first, last = drawn(span, span * 0.99, span * 0.5, span * 0.45, span * 0.01)
    for bar in bars:
        share = (bar.start - first) / (last - first)
        assert abs(float(bar.x) - 1000 * share) < 0.5
    assert first <= NOW - span
    assert last >= NOW
    assert float(bars[-1].x) + width <= 1000.5


def test_hours_without_a_failure_stay_empty() -> None:
    bars, width, *_ = drawn(timedelta(hours=24), timedelta(hours=20), timedelta(hours=3))
    assert len(bars) == 2
    apart = (float(bars[1].x) - float(bars[0].x)) / width
    assert round(apart) == round(timedelta(hours=17) / timedelta(minutes=30))


def test_the_picture_has_a_scale_and_the_lists_say_whom_they_leave_out() -> None:
    span = timedelta(hours=24)
    asked = lake.Question(NOW - span, NOW, source=("login_history",))
    bars, *_ = drawn(span, timedelta(hours=3))
    assert failed_signins._scale(tuple(bars), asked) == "highest bar: 1 in 30 minutes"
    values = [(name, 2) for name in "abcd"]
    assert failed_signins._left_out(values) == ""
    assert failed_signins._left_out([*values, ("e", 2)]) == "and 1 more, as often"
    assert failed_signins._left_out([*values, ("e", 1), ("f", 1)]) == "and 2 more"
    assert failed_signins._left_out([*values, *values, *values]) == "and more, as often"
