"""Whatever a database answers becomes JSON, and JSON stays as it is."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, time, timedelta, timezone
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orgwarden.core.plain import plain

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text() | st.floats(allow_nan=False).filter(
        lambda f: f not in (float("inf"), float("-inf"))
    ),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=8,
)  # fmt: skip


@given(JSON)
def test_what_is_json_already_stays_as_it_is(value: Any) -> None:
    assert plain(value) == value


@pytest.mark.parametrize(
    ("value", "told"),
    [
        (float("nan"), None),
        (float("-inf"), None),
        (Decimal("NaN"), None),
        (Decimal("3.00"), 3),
        (Decimal("3.25"), 3.25),
        (b"\x00\xff", "00ff"),
        (date(2026, 11, 22), "2026-11-22"),
        (time(12, 30), "12:30:00"),
        (timedelta(hours=1), "1:00:00"),
        ((1, {2}), [1, [2]]),
        ({1: b"a"}, {"1": "61"}),
    ],
)
def test_everything_else_has_one_form(value: Any, told: Any) -> None:
    assert plain(value) == told
    json.dumps(plain(value), allow_nan=False)


def test_times_are_utc_whether_or_not_they_say_so() -> None:
    noon = datetime(2026, 11, 22, 12)  # noqa: DTZ001  one that does not say so
    east = noon.replace(hour=13, tzinfo=timezone(timedelta(hours=1)))
    assert plain(noon) == plain(noon.replace(tzinfo=UTC)) == plain(east)
