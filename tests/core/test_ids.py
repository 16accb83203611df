"""Record ids: fifteen case-sensitive characters, and the three that make case safe to lose."""

from __future__ import annotations

import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orgwarden.core.ids import to_18

id15 = st.text(string.ascii_letters + string.digits, min_size=15, max_size=15)


@pytest.mark.parametrize(
    ("short", "long"),
    [
        ("00D000000000062", "00D000000000062EAA"),
        ("0015000000Gv7qJ", "0015000000Gv7qJAAR"),
        ("000000000000000", "000000000000000AAA"),
        ("AAAAAAAAAAAAAAA", "AAAAAAAAAAAAAAA555"),
    ],
)
def test_known_ids_have_known_suffixes(short: str, long: str) -> None:
    assert to_18(short) == long


@given(id15)
def test_the_long_form_is_stable_and_keeps_the_short_one(short: str) -> None:
    long = to_18(short)
    assert len(long) == 18
    assert long[:15] == short
    assert to_18(long) == long


@pytest.mark.fault("E10")
@given(id15, id15)
def test_ids_that_differ_only_in_case_differ_in_any_case(a: str, b: str) -> None:
    assert (to_18(a).lower() == to_18(b).lower()) == (a == b)


@pytest.mark.parametrize("wrong", ["", "0015", "0015000000Gv7qJA", "0015000000Gv7q!", "x" * 19])
def test_anything_else_is_refused(wrong: str) -> None:
    with pytest.raises(ValueError, match="Salesforce id"):
        to_18(wrong)
